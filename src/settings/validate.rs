//! Raw settings to checked ones: values, then what must hold between them.

use std::num::NonZeroU32;
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

use super::BedrockSettings;
use super::CircuitSettings;
use super::LogSettings;
use super::RegistrySettings;
use super::RegistrySource;
use super::RetryBudgetSettings;
use super::RoutingSettings;
use super::ServerSettings;
use super::Settings;
use super::define::Definition;
use super::define::Kind;
use super::define::Setting;
use super::error::Problem;
use super::error::shown;
use super::quantity::Span;
use super::raw::RawSettings;
use super::raw::Written;
use super::table;

/// The registry that is used when none is named and the working directory has it.
const REGISTRY_FILE: &str = "config/aws-bedrock-models.json";

/// Checks every value. A value that is not allowed is replaced by its default and reported, so
/// that the others are checked too; what is returned counts only if no problem was added.
pub(super) fn validate(
    raw: &RawSettings,
    working_directory: &Path,
    problems: &mut Vec<Problem>,
) -> Settings {
    let mut reader = Reader { raw, problems };
    let mut settings = Settings {
        server: server(&mut reader),
        registry: registry(&mut reader, working_directory),
        bedrock: bedrock(&mut reader),
        routing: routing(&mut reader),
        log: LogSettings {
            format: reader.value(&table::LOG_FORMAT),
            every_call: reader.value(&table::LOG_EVERY_CALL),
            filter: reader.value(&table::LOG_FILTER),
        },
    };
    // Between defaults that stand in for refused values nothing needs to hold.
    if reader.problems.is_empty() {
        check_together(&mut settings, &mut reader);
    }
    settings
}

fn server(reader: &mut Reader<'_>) -> ServerSettings {
    let workers = reader.value(&table::WORKERS);
    let max_calls = reader.value(&table::MAX_CONCURRENT_CALLS);
    let max_calls_per_connection = reader.value(&table::MAX_CONCURRENT_CALLS_PER_CONNECTION);
    ServerSettings {
        listen: reader.value(&table::LISTEN),
        workers: workers
            .and_then(|count| NonZeroUsize::try_from(count).ok())
            // Knows the limits of the cgroup.
            .or_else(|| available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN),
        max_message_bytes: reader.value(&table::MAX_MESSAGE_SIZE),
        max_header_bytes: reader.value(&table::MAX_HEADER_SIZE),
        max_connections: reader.value(&table::MAX_CONNECTIONS),
        max_streams_per_connection: reader.value(&table::MAX_STREAMS_PER_CONNECTION),
        max_concurrent_calls: max_calls,
        max_concurrent_calls_per_connection: max_calls_per_connection
            .or_else(|| NonZeroU32::new(max_calls.get() / 2))
            .unwrap_or(NonZeroU32::MIN),
        reflection: reader.value(&table::REFLECTION),
        handshake_timeout: reader.value(&table::HANDSHAKE_TIMEOUT),
        stalled_stream_timeout: reader.value(&table::STALLED_STREAM_TIMEOUT),
        idle_connection_timeout: reader.value(&table::IDLE_CONNECTION_TIMEOUT),
        max_connection_age: reader.value(&table::MAX_CONNECTION_AGE),
        tcp_keepalive: reader.value(&table::TCP_KEEPALIVE),
        keepalive_interval: reader.value(&table::KEEPALIVE_INTERVAL),
        keepalive_timeout: reader.value(&table::KEEPALIVE_TIMEOUT),
        drain_delay: reader.value(&table::DRAIN_DELAY),
        drain_timeout: reader.value(&table::DRAIN_TIMEOUT),
    }
}

fn registry(reader: &mut Reader<'_>, working_directory: &Path) -> RegistrySettings {
    let file = match reader.value(&table::REGISTRY_FILE) {
        Some(file) => RegistrySource::File(file),
        None if working_directory.join(REGISTRY_FILE).is_file() => {
            RegistrySource::File(REGISTRY_FILE.into())
        }
        None => RegistrySource::Embedded,
    };
    RegistrySettings {
        file,
        default_model: reader.value(&table::DEFAULT_MODEL),
        profile_account: reader.value(&table::PROFILE_ACCOUNT),
        try_retired_models: reader.value(&table::TRY_RETIRED_MODELS),
    }
}

fn bedrock(reader: &mut Reader<'_>) -> BedrockSettings {
    BedrockSettings {
        region: reader.value(&table::REGION),
        endpoint: reader.value(&table::ENDPOINT),
        connect_timeout: reader.value(&table::CONNECT_TIMEOUT),
        emulator: reader.value(&table::EMULATOR),
    }
}

fn routing(reader: &mut Reader<'_>) -> RoutingSettings {
    let attempt_timeout = reader.value(&table::ATTEMPT_TIMEOUT);
    let first_event_timeout = reader.value(&table::FIRST_EVENT_TIMEOUT);
    let idle_timeout = reader.value(&table::IDLE_TIMEOUT);
    RoutingSettings {
        fallback: reader.value(&table::FALLBACK),
        max_retries: reader.value(&table::MAX_RETRIES),
        max_attempts: reader.value(&table::MAX_ATTEMPTS),
        attempt_timeout,
        first_event_timeout: first_event_timeout.unwrap_or(attempt_timeout),
        idle_timeout: idle_timeout.unwrap_or(attempt_timeout),
        invoke_stream_threshold_tokens: reader.value(&table::INVOKE_STREAM_THRESHOLD),
        default_invoke_deadline: reader.value(&table::DEFAULT_INVOKE_DEADLINE),
        default_stream_deadline: reader.value(&table::DEFAULT_STREAM_DEADLINE),
        max_deadline: reader.value(&table::MAX_DEADLINE),
        reply_reserve: reader.value(&table::REPLY_RESERVE),
        min_attempt_time: reader.value(&table::MIN_ATTEMPT_TIME),
        backoff_base: reader.value(&table::BACKOFF_BASE),
        backoff_cap: reader.value(&table::BACKOFF_CAP),
        retry_budget: RetryBudgetSettings {
            percent: reader.value(&table::RETRY_BUDGET_PERCENT),
            min_per_second: reader.value(&table::RETRY_BUDGET_MIN),
        },
        circuit: CircuitSettings {
            opens_after: reader.value(&table::CIRCUIT_OPENS_AFTER),
            open_time: reader.value(&table::CIRCUIT_OPEN_TIME),
            open_time_cap: reader.value(&table::CIRCUIT_OPEN_TIME_CAP),
        },
    }
}

fn check_together(settings: &mut Settings, reader: &mut Reader<'_>) {
    let routing = &mut settings.routing;
    let max_deadline = (&table::MAX_DEADLINE, routing.max_deadline);
    reader.at_most(
        (
            &table::DEFAULT_INVOKE_DEADLINE,
            &mut routing.default_invoke_deadline,
        ),
        max_deadline,
    );
    reader.at_most(
        (
            &table::DEFAULT_STREAM_DEADLINE,
            &mut routing.default_stream_deadline,
        ),
        max_deadline,
    );
    reader.at_most(
        (&table::MIN_ATTEMPT_TIME, &mut routing.min_attempt_time),
        max_deadline,
    );
    reader.at_most(
        (&table::BACKOFF_BASE, &mut routing.backoff_base),
        (&table::BACKOFF_CAP, routing.backoff_cap),
    );
    reader.at_most(
        (&table::CIRCUIT_OPEN_TIME, &mut routing.circuit.open_time),
        (&table::CIRCUIT_OPEN_TIME_CAP, routing.circuit.open_time_cap),
    );
    if settings.bedrock.emulator && !cfg!(feature = "emulator") {
        reader.problems.push(Problem::Conflict {
            key: table::EMULATOR.key,
            origin: reader.origin(&table::EMULATOR),
            why: "this program was built without the emulator".to_owned(),
        });
    }
    if settings.bedrock.emulator && settings.bedrock.endpoint.is_some() {
        let other = reader.origin(&table::EMULATOR);
        reader.problems.push(Problem::Conflict {
            key: table::ENDPOINT.key,
            origin: reader.origin(&table::ENDPOINT),
            why: format!(
                "does not go together with bedrock.emulator = true ({other}); set one of them"
            ),
        });
    }
}

/// Takes values out of raw settings and notes what is wrong with them.
struct Reader<'a> {
    raw: &'a RawSettings,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn value<K: Kind>(&mut self, setting: &Setting<K>) -> K::Value {
        let Some(written) = self.raw.written(setting.key) else {
            return (setting.default)();
        };
        match parse(&setting.kind, written) {
            Ok(value) => value,
            Err(why) => {
                self.problems.push(Problem::Value {
                    origin: written.origin.clone(),
                    key: setting.key,
                    shown: shown(&written.text),
                    why,
                    allowed: allowed(setting, written),
                });
                (setting.default)()
            }
        }
    }

    /// Where a value comes from, for messages.
    fn origin(&self, setting: &dyn Definition) -> String {
        self.raw.written(setting.key()).map_or_else(
            || "default".to_owned(),
            |written| written.origin.to_string(),
        )
    }

    /// Sees to it that one span is not above another: a default follows the limit, a span that
    /// somebody wrote is a problem.
    fn at_most(
        &mut self,
        (setting, value): (&Setting<Span>, &mut Duration),
        (limit, limit_value): (&Setting<Span>, Duration),
    ) {
        if *value <= limit_value {
            return;
        }
        if self.raw.written(setting.key).is_none() {
            *value = limit_value;
            return;
        }
        self.problems.push(Problem::Conflict {
            key: setting.key,
            origin: self.origin(setting),
            why: format!(
                "{} is more than {} = {} ({})",
                setting.kind.render(value),
                limit.key,
                limit.kind.render(&limit_value),
                self.origin(limit),
            ),
        });
    }
}

/// Reads a text, with the unit its source implies.
fn parse<K: Kind>(kind: &K, written: &Written) -> Result<K::Value, String> {
    let text = &written.text;
    if written.unit.is_empty() {
        return kind.parse(text).map_err(String::from);
    }
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("is not a whole number".to_owned());
    }
    kind.parse(&written.with_unit()).map_err(String::from)
}

fn allowed<K: Kind>(setting: &Setting<K>, written: &Written) -> String {
    if written.unit.is_empty() {
        setting.kind.allowed()
    } else {
        // Only durations have shared variables with a unit, and all of them count milliseconds.
        format!(
            "a plain number of milliseconds such as 30000 ({} takes {})",
            setting.variable(),
            setting.kind.allowed(),
        )
    }
}
