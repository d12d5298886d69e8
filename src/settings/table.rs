//! Every setting, each declared once: flags, variables, checks, the example file and the manual
//! page all follow from here.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::LogFormat;
use super::ProfileAccount;
use super::define::Definition;
use super::define::Section;
use super::define::Setting;
use super::define::SharedVariable;
use super::kinds::Account;
use super::kinds::Auto;
use super::kinds::Endpoint;
use super::kinds::FilePath;
use super::kinds::Filter;
use super::kinds::Format;
use super::kinds::ListenAddress;
use super::kinds::ModelName;
use super::kinds::Region;
use super::kinds::Switch;
use super::quantity::Count;
use super::quantity::Positive;
use super::quantity::Size;
use super::quantity::Span;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// A variable that other programs know, read as it stands.
const fn plain(name: &'static str) -> SharedVariable {
    SharedVariable { name, unit: "" }
}

/// A variable that other programs know, which counts milliseconds.
const fn milliseconds(name: &'static str) -> SharedVariable {
    SharedVariable { name, unit: "ms" }
}

const fn span(min_ms: u64, max_ms: u64) -> Span {
    Span { min_ms, max_ms }
}

macro_rules! settings {
    ($($section:ident $title:literal { $($name:ident: $kind:ty = $setting:expr;)* })*) => {
        $($(pub(super) static $name: Setting<$kind> = $setting;)*)*

        /// Every setting by section, in reading order.
        pub(crate) static SECTIONS: &[Section] = &[$(Section {
            name: stringify!($section),
            title: $title,
            settings: &[$(&$name),*],
        }),*];
    };
}

settings! {
    server "The gRPC listener and its limits." {
        LISTEN: ListenAddress = Setting::new(
            "server.listen",
            ListenAddress,
            || SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50051),
            "Address of the gRPC listener; port 0 takes a free one. Callers are not authenticated \
             and can spend your money: listen on 0.0.0.0 only where the network is trusted, as in \
             a container.",
        ).flag("listen");
        WORKERS: Auto<Positive> = Setting::new(
            "server.workers",
            Auto(Positive { max: 1024 }),
            || None,
            "Worker threads, each with its own runtime and its own connections to Bedrock. auto: \
             as many as the cores this process may use, container limits included.",
        );
        MAX_MESSAGE_SIZE: Size = Setting::new(
            "server.max_message_size",
            Size { min: 64 << 10, max: 256 << 20 },
            || 32 << 20,
            "Largest message a client may send.",
        );
        MAX_HEADER_SIZE: Size = Setting::new(
            "server.max_header_size",
            Size { min: 4 << 10, max: 1 << 20 },
            || 16 << 10,
            "Largest metadata a client may send with a call, names and values together.",
        );
        MAX_CONNECTIONS: Positive = Setting::new(
            "server.max_connections",
            Positive { max: 1_000_000 },
            || NonZeroU32::MIN.saturating_add(4_095),
            "Most connections at one time; further ones are closed at once. Never more than 80% of \
             the files that this process may have open.",
        );
        MAX_STREAMS_PER_CONNECTION: Positive = Setting::new(
            "server.max_streams_per_connection",
            Positive { max: 10_000 },
            || NonZeroU32::MIN.saturating_add(99),
            "Most calls at one time on one connection; further ones wait at the client.",
        );
        MAX_CONCURRENT_CALLS: Positive = Setting::new(
            "server.max_concurrent_calls",
            Positive { max: 1_000_000 },
            || NonZeroU32::MIN.saturating_add(2_047),
            "Most calls of models at one time, streams included; further ones are refused at once \
             with UNAVAILABLE and a hint when to try again. Health, reflection and the list of \
             models are never refused.",
        ).live();
        MAX_CONCURRENT_CALLS_PER_CONNECTION: Auto<Positive> = Setting::new(
            "server.max_concurrent_calls_per_connection",
            Auto(Positive { max: 1_000_000 }),
            || None,
            "Most of them on one connection. auto: half of server.max_concurrent_calls, so that no \
             client can take all.",
        ).live();
        REFLECTION: Switch = Setting::new(
            "server.reflection",
            Switch,
            || true,
            "Whether clients such as grpcurl may ask for the API's description.",
        );
        HANDSHAKE_TIMEOUT: Span = Setting::new(
            "server.handshake_timeout",
            span(100, 5 * MINUTE_MS),
            || Duration::from_secs(10),
            "How long a client may take to begin to speak HTTP/2 before its connection is closed.",
        );
        STALLED_STREAM_TIMEOUT: Span = Setting::new(
            "server.stalled_stream_timeout",
            span(SECOND_MS, HOUR_MS),
            || Duration::from_secs(60),
            "How long a client may take nothing of an answer that waits for it before the call is \
             ended; a connection that takes nothing at all is closed.",
        );
        IDLE_CONNECTION_TIMEOUT: Span = Setting::new(
            "server.idle_connection_timeout",
            span(SECOND_MS, 24 * HOUR_MS),
            || Duration::from_secs(15 * 60),
            "How long a connection may have no call before it is closed.",
        );
        MAX_CONNECTION_AGE: Span = Setting::new(
            "server.max_connection_age",
            span(SECOND_MS, 24 * HOUR_MS),
            || Duration::from_secs(10 * 60),
            "Age, give or take 10%, at which a client is asked to connect anew, so that calls \
             spread over new replicas. Calls under way finish.",
        );
        TCP_KEEPALIVE: Span = Setting::new(
            "server.tcp_keepalive",
            span(SECOND_MS, HOUR_MS),
            || Duration::from_secs(60),
            "Silence after which TCP itself asks whether a client is still there.",
        );
        KEEPALIVE_INTERVAL: Span = Setting::new(
            "server.keepalive_interval",
            span(SECOND_MS, HOUR_MS),
            || Duration::from_secs(30),
            "Time between HTTP/2 pings to clients.",
        );
        KEEPALIVE_TIMEOUT: Span = Setting::new(
            "server.keepalive_timeout",
            span(SECOND_MS, 5 * MINUTE_MS),
            || Duration::from_secs(10),
            "How long a ping may stay unanswered before the connection is closed.",
        );
        DRAIN_DELAY: Span = Setting::new(
            "server.drain_delay",
            span(0, 5 * MINUTE_MS),
            || Duration::from_secs(5),
            "After SIGTERM: how long new calls are still taken, so that load balancers notice that \
             the health service says NOT_SERVING.",
        );
        DRAIN_TIMEOUT: Span = Setting::new(
            "server.drain_timeout",
            span(0, HOUR_MS),
            || Duration::from_secs(60),
            "After the drain delay: how long calls under way may go on. The rest end with \
             UNAVAILABLE. Give the orchestrator's grace period at least 2s more than both together.",
        );
    }

    registry "Which models there are." {
        REGISTRY_FILE: Auto<FilePath> = Setting::new(
            "registry.file",
            Auto(FilePath),
            || None,
            "The file with the models. auto: config/aws-bedrock-models.json if the working \
             directory has it, otherwise the copy inside the program.",
        ).flag("registry").live();
        DEFAULT_MODEL: Auto<ModelName> = Setting::new(
            "registry.default_model",
            Auto(ModelName),
            || None,
            "Model to try first when a request names none. auto: the one with the best priority.",
        ).also(&[plain("BEDROCK_DEFAULT_MODEL")]).live();
        PROFILE_ACCOUNT: Account = Setting::new(
            "registry.profile_account",
            Account,
            || ProfileAccount::AsWritten,
            "The account in inference profile ARNs, which must be your own. as-written: the ARN of \
             the registry is called unchanged. plain-id: the profile is called by its id, which \
             needs no account. 12 digits: this account is put into the ARN.",
        ).live();
        TRY_RETIRED_MODELS: Switch = Setting::new(
            "registry.try_retired_models",
            Switch,
            || false,
            "Whether models past their end of life are tried all the same.",
        ).live();
    }

    bedrock "How Bedrock is called. AWS credentials are not settings: the AWS SDK finds them by \
             itself, in the environment, in profiles or in the role of the machine." {
        REGION: Region = Setting::new(
            "bedrock.region",
            Region,
            || "us-east-1".to_owned(),
            "AWS region.",
        ).also(&[plain("AWS_REGION"), plain("AWS_DEFAULT_REGION")]);
        ENDPOINT: Auto<Endpoint> = Setting::new(
            "bedrock.endpoint",
            Auto(Endpoint),
            || None,
            "Where Bedrock is, for VPC endpoints and emulators. auto: the region's own endpoint.",
        );
        CONNECT_TIMEOUT: Span = Setting::new(
            "bedrock.connect_timeout",
            span(10, MINUTE_MS),
            || Duration::from_secs(1),
            "Longest time for setting up a connection to Bedrock, TLS included.",
        );
        EMULATOR: Switch = Setting::new(
            "bedrock.emulator",
            Switch,
            || false,
            "Whether to start the built-in emulator and call it instead of AWS. Needs no account \
             and no network; its answers are synthetic.",
        ).flag("emulator");
    }

    routing "Failure, fallback and time." {
        FALLBACK: Switch = Setting::new(
            "routing.fallback",
            Switch,
            || true,
            "Whether other models may answer when the request does not say.",
        ).live();
        MAX_RETRIES: Count = Setting::new(
            "routing.max_retries",
            Count { min: 0, max: 15 },
            || 3,
            "Most repeated calls of the same model in one request, summed over all models. \
             Falling back to another model is not a retry.",
        ).also(&[plain("BEDROCK_MAX_RETRIES")]).live();
        MAX_ATTEMPTS: Positive = Setting::new(
            "routing.max_attempts",
            Positive { max: 16 },
            || NonZeroU32::MIN.saturating_add(9),
            "Most calls of Bedrock for one request, retries and fallbacks together. A request may \
             ask for fewer.",
        ).live();
        ATTEMPT_TIMEOUT: Span = Setting::new(
            "routing.attempt_timeout",
            span(1, HOUR_MS),
            || Duration::from_secs(30),
            "Longest time for one call of Bedrock that does not stream.",
        ).also(&[milliseconds("BEDROCK_TIMEOUT")]).live();
        FIRST_EVENT_TIMEOUT: Auto<Span> = Setting::new(
            "routing.first_event_timeout",
            Auto(span(1, HOUR_MS)),
            || None,
            "Longest wait for the first event of a stream. auto: as routing.attempt_timeout.",
        ).live();
        IDLE_TIMEOUT: Auto<Span> = Setting::new(
            "routing.idle_timeout",
            Auto(span(1, HOUR_MS)),
            || None,
            "Longest silence between two events of a stream. auto: as routing.attempt_timeout.",
        ).live();
        INVOKE_STREAM_THRESHOLD: Count = Setting::new(
            "routing.invoke_stream_threshold_tokens",
            Count { min: 0, max: u32::MAX },
            || 1024,
            "Invoke calls Bedrock's streaming operation and gathers the answer when the request \
             asks for more tokens than this, so that long answers are not cut by \
             routing.attempt_timeout.",
        ).live();
        DEFAULT_INVOKE_DEADLINE: Span = Setting::new(
            "routing.default_invoke_deadline",
            span(SECOND_MS, 24 * HOUR_MS),
            || Duration::from_secs(120),
            "Deadline of Invoke when the caller sets none; never more than routing.max_deadline.",
        ).live();
        DEFAULT_STREAM_DEADLINE: Span = Setting::new(
            "routing.default_stream_deadline",
            span(SECOND_MS, 24 * HOUR_MS),
            || Duration::from_secs(600),
            "Deadline of InvokeStream when the caller sets none; never more than routing.max_deadline.",
        ).live();
        MAX_DEADLINE: Span = Setting::new(
            "routing.max_deadline",
            span(SECOND_MS, 24 * HOUR_MS),
            || Duration::from_secs(3600),
            "Longest deadline of any call; longer ones are shortened to it.",
        ).live();
        REPLY_RESERVE: Span = Setting::new(
            "routing.reply_reserve",
            span(0, 5 * SECOND_MS),
            || Duration::from_millis(20),
            "Part of the deadline kept for sending the reply, so that the caller hears why a call \
             failed before it gives up itself.",
        ).live();
        MIN_ATTEMPT_TIME: Span = Setting::new(
            "routing.min_attempt_time",
            span(1, MINUTE_MS),
            || Duration::from_millis(250),
            "Least time left before the deadline to start another call of Bedrock.",
        ).live();
        BACKOFF_BASE: Span = Setting::new(
            "routing.backoff_base",
            span(1, MINUTE_MS),
            || Duration::from_millis(100),
            "Upper limit of the first random pause before the same model is called again; it \
             doubles each time.",
        ).live();
        BACKOFF_CAP: Span = Setting::new(
            "routing.backoff_cap",
            span(1, 5 * MINUTE_MS),
            || Duration::from_secs(2),
            "Longest such pause.",
        ).live();
        RETRY_BUDGET_PERCENT: Count = Setting::new(
            "routing.retry_budget_percent",
            Count { min: 0, max: 1000 },
            || 10,
            "How many of 100 calls of a model may be repeated, over all requests of the last 10 \
             seconds, so that retries do not multiply the load of a model in trouble. When that is \
             used up, a failed call falls back or ends with its own failure.",
        ).live();
        RETRY_BUDGET_MIN: Count = Setting::new(
            "routing.retry_budget_min_per_second",
            Count { min: 0, max: 10_000 },
            || 1,
            "Repeated calls of a model for each of these 10 seconds that are allowed on top of \
             routing.retry_budget_percent.",
        ).live();
        CIRCUIT_OPENS_AFTER: Count = Setting::new(
            "routing.circuit_opens_after",
            Count { min: 0, max: 1_000_000 },
            || 5,
            "Failures in a row after which a model is left alone for a while and others answer at \
             once; half of at least 20 calls in 10 seconds have the same effect. 0: never. \
             Throttling, missing rights and failures that the request caused do not count.",
        ).live();
        CIRCUIT_OPEN_TIME: Span = Setting::new(
            "routing.circuit_open_time",
            span(100, HOUR_MS),
            || Duration::from_secs(2),
            "How long a model is left alone before one call probes whether it is back; it doubles \
             with each probe that fails. A random part of up to a half is taken off.",
        ).live();
        CIRCUIT_OPEN_TIME_CAP: Span = Setting::new(
            "routing.circuit_open_time_cap",
            span(100, HOUR_MS),
            || Duration::from_secs(60),
            "Longest such time.",
        ).live();
    }

    log "Logs, which go to standard error and never hold prompts or answers." {
        LOG_FORMAT: Format = Setting::new(
            "log.format",
            Format,
            || LogFormat::Text,
            "Form of a line: text for people, json for machines.",
        );
        LOG_EVERY_CALL: Switch = Setting::new(
            "log.every_call",
            Switch,
            || false,
            "Whether a line is logged for every call, or only for those that failed or that the \
             first model did not answer at once.",
        ).live();
        LOG_FILTER: Filter = Setting::new(
            "log.filter",
            Filter,
            || "info".to_owned(),
            "What is logged. Libraries are never logged below warn, because their debug lines can \
             hold prompts; release builds hold nothing below info.",
        ).live();
    }
}

/// Every setting, in reading order.
pub(crate) fn definitions() -> impl Iterator<Item = &'static dyn Definition> {
    SECTIONS
        .iter()
        .flat_map(|section| section.settings.iter().copied())
}
