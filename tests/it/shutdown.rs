//! How the gateway ends.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway::emulator::Delay;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use tokio::process::Command;
use tokio::time::Instant;
use tonic::Code;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::collect;
use crate::support::failure;
use crate::support::process::Process;
use crate::support::process::serving;
use crate::support::raw_http2::*;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::text;

fn slow(words: &str, between_events_ms: u64) -> Scenario {
    Scenario {
        delay: Delay {
            between_events_ms,
            ..Delay::default()
        },
        ..Scenario::reply(words)
    }
}

#[tokio::test]
async fn stream_under_way_survives_the_drain() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, slow("one two three four", 50));
    let stream = gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap();
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::pending()));
    let (events, end) = soon(collect(stream.into_inner())).await;

    end.unwrap();
    assert_eq!(text(&events), "one two three four");
    soon(drained).await.unwrap();
}

#[tokio::test]
async fn stream_that_outlives_the_drain_ends_with_unavailable() {
    let gateway = Gateway::with(&[("server.drain_timeout", "100ms")]).await;
    let stream = gateway.silent_stream().await;
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::pending()));
    let (_events, end) = soon(collect(stream)).await;

    let status = end.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "NOT_SERVING");
    soon(drained).await.unwrap();
}

#[tokio::test]
async fn silent_connection_does_not_delay_the_end() {
    let gateway = Gateway::start().await;
    let (running, channel) = gateway.into_running();
    let _silent = tokio::net::TcpStream::connect(running.address())
        .await
        .unwrap();
    drop(channel);

    soon(running.drain(std::future::pending())).await;
}

#[tokio::test]
async fn told_again_to_stop_calls_end_at_once_with_a_status() {
    let gateway = Gateway::start().await;
    let stream = gateway.silent_stream().await;
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::ready(())));
    let (_events, end) = soon(collect(stream)).await;

    let status = end.unwrap_err();
    assert_eq!(reason(&status), "NOT_SERVING");
    let failure = failure(&status);
    assert!(failure.output_started);
    assert_eq!(failure.metadata.unwrap().attempts[0].model, FIRST);
    soon(drained).await.unwrap();
}

/// What the gateway allows itself once calls under way were told to end, and what a loaded machine
/// may add.
const CUT: Duration = Duration::from_secs(2);
const SLACK: Duration = Duration::from_secs(2);

/// A stream that never ends by itself: a health watch, or a reflection stream.
fn endless(path: &str) -> Vec<u8> {
    let headers = call_headers(path, &[]);
    let mut bytes = frame(HEADERS, END_HEADERS, 1, &headers);
    if path.contains("Watch") {
        bytes.extend(frame(DATA, END_STREAM, 1, &[0; 5]));
    }
    bytes
}

/// Clients that hold a connection and no call of a model.
async fn idlers(address: SocketAddr) -> Vec<RawHttp2> {
    let silent = RawHttp2::connect(address).await;
    let mut half = RawHttp2::connect(address).await;
    half.send(&PREFACE[..12]).await;
    let mut deaf = RawHttp2::begin(address, &[]).await;
    let mut watch = RawHttp2::begin(address, &[]).await;
    watch.send(&endless("/grpc.health.v1.Health/Watch")).await;
    let mut reflection = RawHttp2::begin(address, &[]).await;
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    reflection.send(&endless(path)).await;
    for client in [&mut watch, &mut reflection] {
        soon(client.next_of(HEADERS)).await.unwrap();
    }
    soon(deaf.next_of(SETTINGS)).await.unwrap();
    vec![silent, half, deaf, watch, reflection]
}

/// A process in front of models that begin to answer and then fall silent.
async fn process(upstream: &Gateway, drain_timeout: &str) -> (Process, SocketAddr) {
    let hang = Fault::Hang {
        after_events: Some(3),
    };
    upstream.emulator().set_scenario("*", Scenario::fault(hang));
    let arguments = ["--server-drain-timeout", drain_timeout];
    let mut process = Process::start(serving(&upstream.emulator().endpoint_url(), &arguments));
    let address = process.line("gateway listening on ").await;
    (process, address.parse().unwrap())
}

#[tokio::test]
async fn connections_without_calls_do_not_delay_the_exit() {
    let upstream = Gateway::start().await;
    let (process, address) = process(&upstream, "1h").await;
    let idlers = idlers(address).await;

    let (exit, log) = process.terminate().await;

    assert_eq!(exit, Some(0), "{log}");
    assert!(
        log.contains("draining: waiting for calls under way"),
        "{log}"
    );
    drop(idlers);
}

#[tokio::test]
async fn whatever_clients_do_the_process_exits_in_time() {
    let upstream = Gateway::start().await;
    let (process, address) = process(&upstream, "1s").await;
    let idlers = idlers(address).await;
    let mut endless = RawHttp2::begin(address, &[]).await;
    endless
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;
    soon(endless.next_of(DATA)).await.unwrap();
    let mut incomplete = RawHttp2::begin(address, &[]).await;
    let invoke = "/bedrock.gateway.v1.InferenceService/Invoke";
    let headers = frame(HEADERS, END_HEADERS, 1, &call_headers(invoke, &[]));
    incomplete.send(&headers).await;
    incomplete.send(&frame(PING, 0, 0, &[1; 8])).await;
    soon(incomplete.next_of(PING)).await.unwrap();

    let told = Instant::now();
    let (exit, log) = process.terminate().await;

    let took = told.elapsed();
    assert_eq!(exit, Some(0), "{log}");
    assert!(took >= Duration::from_secs(1), "{took:?}");
    assert!(took <= Duration::from_secs(1) + CUT + SLACK, "{took:?}");
    assert!(log.contains("calls=2"), "{log}");
    soon(endless.next_of(HEADERS)).await.unwrap();
    soon(incomplete.next_of(HEADERS)).await.unwrap();
    drop(idlers);
}

#[tokio::test]
async fn second_signal_ends_calls_at_once() {
    let upstream = Gateway::start().await;
    let (process, address) = process(&upstream, "1h").await;
    let mut client = RawHttp2::begin(address, &[]).await;
    client
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;
    soon(client.next_of(DATA)).await.unwrap();
    process.signal("TERM").await;
    soon(client.next_of(GOAWAY)).await.unwrap();

    let told = Instant::now();
    let (exit, log) = process.terminate().await;

    let took = told.elapsed();
    assert_eq!(exit, Some(0), "{log}");
    assert!(took <= CUT + SLACK, "{took:?}");
    assert!(log.contains("told again to stop"), "{log}");
    let ended = soon(client.next_of(HEADERS)).await.unwrap();
    assert_eq!(ended.flags & END_STREAM, END_STREAM);
}

#[tokio::test]
async fn log_that_nobody_reads_does_not_keep_the_process() {
    let upstream = Gateway::start().await;
    let endpoint = upstream.emulator().endpoint_url();
    let mut command = serving(&endpoint, &["--server-drain-timeout", "1s"]);
    // A pipe that is full from the start.
    let (unread, mut full) = std::io::pipe().unwrap();
    full.write_all(&[b'\n'; 64 * 1024]).unwrap();
    command.stderr(full);
    let mut child = command.spawn().unwrap();
    drop(command);

    // Its first line of output stands behind its first line of log.
    until_signals_are_caught(child.id().unwrap()).await;
    let kill = format!("kill -TERM {}", child.id().unwrap());
    let kill = Command::new("sh").args(["-c", &kill]).status();
    soon(kill).await.unwrap();

    let status = soon(child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(70));
    drop(unread);
}

/// Waits until a process catches SIGTERM.
async fn until_signals_are_caught(process: u32) {
    const SIGTERM: u32 = 15;
    let caught = async {
        loop {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
            let mask = status
                .lines()
                .find_map(|line| line.strip_prefix("SigCgt:"))
                .unwrap();
            let mask = u64::from_str_radix(mask.trim(), 16).unwrap();
            if mask & (1 << (SIGTERM - 1)) != 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(caught).await;
}
