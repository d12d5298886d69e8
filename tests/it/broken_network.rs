//! What callers hear when the network between the gateway and Bedrock is at fault.

use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Options;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::InvokeStreamResponse;
use futures_util::future::join_all;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::Status;
use tonic::Streaming;

use crate::support::FIRST;
use crate::support::collect;
use crate::support::failure;
use crate::support::fault_proxy::Accept;
use crate::support::fault_proxy::Conditions;
use crate::support::fault_proxy::Ending;
use crate::support::fault_proxy::FaultProxy;
use crate::support::fault_proxy::Flow;
use crate::support::fault_proxy::Unanswered;
use crate::support::fault_rows::well;
use crate::support::only;
use crate::support::process::GatewayProcess;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::text;
use crate::support::tls;

fn streamed() -> InvokeStreamRequest {
    InvokeStreamRequest {
        model: FIRST.to_owned(),
        routing_config: only(FIRST).routing_config,
        ..stream_prompt("Hi")
    }
}

/// An emulator, a proxy in front of it, and a gateway in front of that.
struct Chain {
    emulator: Emulator,
    proxy: FaultProxy,
    gateway: GatewayProcess,
}

impl Chain {
    async fn start(arguments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let registry = include_str!("../../config/aws-bedrock-models.json").to_owned();
        let options = Options {
            registry: vec![registry],
            ..Options::default()
        };
        let emulator = Emulator::start(listener, options).unwrap();
        emulator.set_scenario(FIRST, well());
        let proxy = FaultProxy::start(emulator.address()).await;
        let gateway = gateway(&proxy.endpoint(), arguments).await;
        Self {
            emulator,
            proxy,
            gateway,
        }
    }

    /// A chain whose connections are new: no call was made before.
    async fn with(conditions: Conditions, arguments: &[&str]) -> Self {
        let chain = Self::start(arguments).await;
        chain.proxy.set(conditions);
        chain
    }

    async fn invoke(&self) -> Result<String, Status> {
        invoke(&self.gateway).await
    }

    /// The text that came, and how the stream ended.
    async fn invoke_stream(&self, request: InvokeStreamRequest) -> (String, Result<(), Status>) {
        let opened = soon(self.gateway.inference().invoke_stream(request)).await;
        match opened {
            Ok(stream) => {
                let (events, end) = soon(collect(stream.into_inner())).await;
                (text(&events), end)
            }
            Err(status) => (String::new(), Err(status)),
        }
    }

    /// Bytes that Bedrock sends up to this frame of a stream.
    async fn bytes_of(&self, after_events: usize) -> u64 {
        let hang = Fault::Hang {
            after_events: Some(after_events),
        };
        let scenario = Scenario {
            fault: Some(hang),
            ..well()
        };
        self.emulator.set_scenario(FIRST, scenario);
        let (_, end) = self.invoke_stream(streamed()).await;
        end.unwrap_err();
        self.emulator.set_scenario(FIRST, well());
        self.proxy.bytes().1
    }
}

async fn gateway(endpoint: &str, arguments: &[&str]) -> GatewayProcess {
    let quick = ["--routing-backoff-base", "1ms"];
    GatewayProcess::start(endpoint, &[&quick, arguments].concat()).await
}

async fn invoke(gateway: &GatewayProcess) -> Result<String, Status> {
    let answer = soon(gateway.inference().invoke(only(FIRST))).await?;
    Ok(answer.into_inner().text)
}

#[track_caller]
fn assert_failed<T: std::fmt::Debug>(
    what: &str,
    answer: Result<T, Status>,
    (code, expected_reason, calls): (Code, &str, usize),
) {
    let status = answer.unwrap_err();
    let attempts = failure(&status).metadata.unwrap().attempts;
    let actual = (status.code(), reason(&status), attempts.len());
    assert_eq!(actual, (code, expected_reason.to_owned(), calls), "{what}");
}

fn down(after_bytes: u64, ending: Ending) -> Conditions {
    Conditions {
        down: Flow::ending(after_bytes, ending),
        ..Conditions::default()
    }
}

fn up(after_bytes: u64, ending: Ending) -> Conditions {
    Conditions {
        up: Flow::ending(after_bytes, ending),
        ..Conditions::default()
    }
}

/// Long enough for what is quick on a machine that has much to do.
const LIMIT: [&str; 2] = ["--routing-attempt-timeout", "2s"];
const UNREACHABLE: (Code, &str, usize) = (Code::Unavailable, "UPSTREAM_UNREACHABLE", 4);
const UNREADABLE: (Code, &str, usize) = (Code::Unavailable, "UPSTREAM_PROTOCOL_ERROR", 2);
const SILENT: (Code, &str, usize) = (Code::DeadlineExceeded, "ATTEMPT_TIMEOUT", 1);

#[tokio::test]
async fn broken_connections_fail_calls_until_they_are_whole_again() {
    let accept = |accept| Conditions {
        accept,
        ..Conditions::default()
    };
    let late = Accept::After(Duration::from_secs(3600));
    let rows = [
        ("refused", accept(Accept::Refused), UNREACHABLE),
        ("accepted and never served", accept(late), SILENT),
        ("reset at once", down(0, Ending::Reset), UNREACHABLE),
        ("reset in the request", up(100, Ending::Reset), UNREACHABLE),
        ("reset in the headers", down(20, Ending::Reset), UNREACHABLE),
        ("closed at once", down(0, Ending::HalfClose), UNREACHABLE),
        (
            "closed in the headers",
            down(20, Ending::HalfClose),
            UNREACHABLE,
        ),
        (
            "closed in the request",
            up(100, Ending::HalfClose),
            UNREACHABLE,
        ),
        (
            "silent before the headers",
            down(0, Ending::Blackhole),
            SILENT,
        ),
        ("silent in the request", up(100, Ending::Blackhole), SILENT),
    ];

    let running = rows.map(async |(what, conditions, expected)| {
        let chain = Chain::with(conditions, &LIMIT).await;

        let answer = chain.invoke().await;
        let (text, end) = chain.invoke_stream(streamed()).await;
        chain.proxy.set(Conditions::default());
        let afterwards = chain.invoke().await;

        assert_failed(what, answer, expected);
        assert_failed(what, end, expected);
        assert_eq!(text, "", "{what}");
        assert!(afterwards.is_ok(), "{what}: {afterwards:?}");
    });
    join_all(running).await;
}

#[tokio::test]
async fn broken_body_of_a_whole_answer_is_unreadable() {
    let chain = Chain::start(&LIMIT).await;
    chain.invoke().await.unwrap();
    let (_, whole) = chain.proxy.bytes();

    for (what, ending, expected) in [
        ("reset", Ending::Reset, UNREADABLE),
        ("closed", Ending::HalfClose, UNREADABLE),
        ("silent", Ending::Blackhole, SILENT),
    ] {
        let chain = Chain::with(down(whole - 20, ending), &LIMIT).await;

        let answer = chain.invoke().await;

        assert_failed(what, answer, expected);
    }
}

#[tokio::test]
async fn stream_that_breaks_before_content_is_tried_again_and_later_never() {
    let truncated = (Code::Unavailable, "UPSTREAM_STREAM_TRUNCATED", 2);
    let interrupted = (Code::Aborted, "STREAM_INTERRUPTED", 1);
    for (after_events, is_committed) in [(1, false), (6, true)] {
        let bytes = Chain::start(&LIMIT).await.bytes_of(after_events).await;
        for (what, ending, expected) in [
            ("reset", Ending::Reset, truncated),
            ("closed", Ending::HalfClose, truncated),
            ("silent", Ending::Blackhole, SILENT),
        ] {
            let chain = Chain::with(down(bytes, ending), &LIMIT).await;

            let (text, end) = chain.invoke_stream(streamed()).await;

            let expected = if is_committed { interrupted } else { expected };
            assert_failed(what, end, expected);
            assert_eq!(text.is_empty(), !is_committed, "{what}");
        }
    }
}

#[tokio::test]
async fn trickle_is_no_silence_and_holds_the_limit_of_the_attempt() {
    let slow = Conditions {
        down: Flow {
            bytes_per_second: Some(4_000),
            ..Flow::default()
        },
        ..Conditions::default()
    };
    let chain = Chain::with(slow, &["--routing-idle-timeout", "1s"]).await;
    let started = tokio::time::Instant::now();

    let (text, end) = chain.invoke_stream(streamed()).await;
    let took = started.elapsed();
    let mut hasty = streamed();
    let limits = hasty.routing_config.as_mut().unwrap();
    limits.attempt_timeout = Some(Duration::from_secs(1).try_into().unwrap());
    let (_, hasty) = chain.invoke_stream(hasty).await;

    end.unwrap();
    assert!(text.starts_with("[1]"), "{text}");
    assert!(took > Duration::from_secs(1), "{took:?}: no trickle");
    assert_failed("limited", hasty, (Code::Aborted, "STREAM_INTERRUPTED", 1));
}

#[tokio::test]
async fn slow_network_with_jitter_breaks_nothing() {
    let slow = Flow {
        latency: Duration::from_millis(20),
        jitter: Duration::from_millis(20),
        ..Flow::default()
    };
    let conditions = Conditions {
        accept: Accept::After(Duration::from_millis(100)),
        up: slow,
        down: slow,
    };
    let chain = Chain::with(conditions, &[]).await;

    let answer = chain.invoke().await;
    let (text, end) = chain.invoke_stream(streamed()).await;

    assert!(answer.unwrap().starts_with("[1]"));
    end.unwrap();
    assert!(text.starts_with("[2]"));
    assert_eq!(chain.proxy.connections(), 1);
}

#[tokio::test]
async fn connection_that_went_dark_while_idle_is_given_up() {
    let chain = Chain::start(&LIMIT).await;
    let before = chain.invoke().await;
    chain.proxy.set(down(0, Ending::Blackhole));

    let dark = chain.invoke().await;
    chain.proxy.set(Conditions::default());
    let afterwards = chain.invoke().await;

    before.unwrap();
    assert_failed("dark", dark, SILENT);
    afterwards.unwrap();
    assert_eq!(chain.proxy.connections(), 2);
}

#[tokio::test]
async fn caller_who_stops_reading_holds_up_the_network_and_fills_no_memory() {
    const PIECES: usize = 4_000;
    let piece = "x".repeat(8 * 1024);
    let delta = json!({"contentBlockIndex": 0, "delta": {"text": piece}});
    let mut events = vec![json!({"messageStart": {"role": "assistant"}})];
    events.extend(vec![json!({"contentBlockDelta": delta}); PIECES]);
    events.extend(end_of_message());
    let chain = Chain::start(&[]).await;
    chain.invoke().await.unwrap();
    chain.emulator.set_scenario(FIRST, Scenario::events(events));
    let before = chain.gateway.resident_bytes();

    let mut stream = open(&chain).await;
    let first = stream.message().await;
    let (mut passed, mut steady) = (0, 0);
    // Nothing says when buffers are full but that nothing passes any more.
    while steady < 10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (_, now) = chain.proxy.bytes();
        steady = if now == passed { steady + 1 } else { 0 };
        passed = now;
    }
    let grown = chain.gateway.resident_bytes().saturating_sub(before);
    let (events, end) = soon(collect(stream)).await;

    assert!(first.unwrap().is_some());
    assert!(passed < 24 * 1024 * 1024, "{passed} of 32 MiB passed");
    assert!(grown < 16 * 1024 * 1024, "{grown} bytes of memory");
    end.unwrap();
    assert_eq!(text(&events).len(), PIECES * piece.len());
}

async fn open(chain: &Chain) -> Streaming<InvokeStreamResponse> {
    let opened = soon(chain.gateway.inference().invoke_stream(streamed())).await;
    opened.unwrap().into_inner()
}

fn end_of_message() -> [Value; 3] {
    let usage = json!({"inputTokens": 1, "outputTokens": 1, "totalTokens": 2});
    [
        json!({"contentBlockStop": {"contentBlockIndex": 0}}),
        json!({"messageStop": {"stopReason": "end_turn"}}),
        json!({"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}}),
    ]
}

#[tokio::test]
async fn host_that_does_not_answer_is_given_up_after_a_second() {
    let host = Unanswered::start().await;
    let gateway = gateway(&host.endpoint(), &["--routing-max-retries", "0"]).await;
    let started = tokio::time::Instant::now();

    let answer = invoke(&gateway).await;
    let took = started.elapsed();

    let (code, reason, _) = UNREACHABLE;
    assert_failed("no answer", answer, (code, reason, 1));
    assert!(took >= Duration::from_secs(1), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn name_that_does_not_resolve_is_unreachable() {
    let gateway = gateway("https://bedrock.invalid", &[]).await;

    let answer = invoke(&gateway).await;

    assert_failed("DNS", answer, UNREACHABLE);
}

#[tokio::test]
async fn port_that_speaks_no_tls_is_unreachable() {
    let address = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
    let gateway = gateway(&format!("https://{address}"), &[]).await;

    let answer = invoke(&gateway).await;

    assert_failed("TLS", answer, UNREACHABLE);
}

#[tokio::test]
async fn certificate_of_an_unknown_authority_is_named_in_the_log() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tls::acceptor(false).accept(stream));
        }
    });
    let mut gateway = gateway(&format!("https://{address}"), &[]).await;

    let answer = invoke(&gateway).await;

    assert_failed("certificate", answer, UNREACHABLE);
    gateway
        .says("invalid peer certificate: UnknownIssuer")
        .await;
}

#[tokio::test]
async fn what_is_no_http_is_no_answer() {
    let mut endless = b"HTTP/1.1 200 OK\r\nx-filler: ".to_vec();
    endless.resize(1024 * 1024, b'x');
    for (what, bytes) in [
        ("garbage", b"\x15\x03\x01 this is no HTTP\r\n\r\n".to_vec()),
        ("1 MiB of headers", endless),
    ] {
        let address = answering(bytes).await;
        let gateway = gateway(&format!("http://{address}"), &[]).await;

        let answer = invoke(&gateway).await;

        assert_failed(what, answer, UNREACHABLE);
    }
}

#[tokio::test]
async fn answer_that_says_nothing_is_unreadable() {
    for body in [
        "",
        "{}",
        "null",
        "[]",
        r#"{"output":null}"#,
        r#"{"output":{}}"#,
    ] {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
        let address = answering((head + body).into_bytes()).await;
        let gateway = gateway(&format!("http://{address}"), &[]).await;

        let answer = invoke(&gateway).await;

        assert_failed(body, answer, UNREADABLE);
    }
}

#[tokio::test]
async fn error_of_10_mib_is_known_by_its_name() {
    let mut bytes =
        b"HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: AccessDeniedException:http://x/\r\n\
        content-type: application/json\r\ncontent-length: 10485760\r\n\r\n{\"message\":\""
            .to_vec();
    bytes.resize(bytes.len() + 10 * 1024 * 1024, b'x');
    let address = answering(bytes).await;
    let gateway = gateway(&format!("http://{address}"), &[]).await;

    let answer = invoke(&gateway).await;

    let expected = (Code::FailedPrecondition, "UPSTREAM_ACCESS_DENIED", 1);
    assert_failed("long error", answer, expected);
}

/// A port that answers each connection with these bytes, whatever is asked.
async fn answering(bytes: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let bytes = bytes.clone();
            tokio::spawn(async move {
                let mut request = [0; 16 * 1024];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(&bytes).await;
                let _ = connection.shutdown().await;
                while let Ok(1..) = connection.read(&mut request).await {}
            });
        }
    });
    address
}
