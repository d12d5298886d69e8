//! Clients that do not take what they asked for: their calls end, and others do not notice.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::copy;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tonic::transport::Endpoint;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::collect;
use crate::support::process::Process;
use crate::support::process::serving;
use crate::support::prompt;
use crate::support::raw_http2::*;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::text;
use crate::support::until;

/// The identifier of a setting.
///
/// Source: RFC 9113, 6.5.2.
const INITIAL_WINDOW_SIZE: u16 = 4;

/// A text that no window holds.
fn long_reply() -> Scenario {
    reply_of(400_000)
}

fn reply_of(words: usize) -> Scenario {
    let text = "word ".repeat(words);
    Scenario {
        reply: Reply {
            content: Some(vec![serde_json::json!({ "text": text })]),
            ..Reply::default()
        },
        ..Scenario::default()
    }
}

async fn upstream_closed(gateway: &Gateway) {
    let emulator = gateway.emulator();
    soon(emulator.wait_until(|entries| entries.iter().any(|entry| entry.client_closed))).await;
}

#[tokio::test]
async fn stream_whose_reader_takes_nothing_is_ended() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let begun = Instant::now();
    client
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;

    let reset = soon(client.next_of(RST_STREAM)).await.unwrap();

    assert_eq!(reset.stream, 1);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    upstream_closed(&gateway).await;
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
    client.send(&frame(PING, 0, 0, &[7; 8])).await;
    assert!(soon(client.next_of(PING)).await.is_some());
}

#[tokio::test]
async fn whole_answer_that_nobody_takes_is_ended() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    client.send(&call(1, "Invoke", &prompt("Hi"))).await;

    let reset = soon(client.next_of(RST_STREAM)).await.unwrap();

    assert_eq!(reset.stream, 1);
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
}

#[tokio::test]
async fn stream_that_waits_for_its_model_has_not_stalled() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    let _waiting = gateway.silent_stream().await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    client.send(&call(1, "Invoke", &prompt("Hi"))).await;

    soon(client.next_of(RST_STREAM)).await.unwrap();

    until(|| gateway.metrics().calls_in_flight.value() == 1).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
}

#[tokio::test]
async fn connection_that_takes_nothing_at_all_is_closed() {
    let settings = [
        ("server.stalled_stream_timeout", "1s"),
        ("server.keepalive_interval", "1h"),
    ];
    let gateway = Gateway::with(&settings).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::connect_with_small_buffer(gateway.address()).await;
    client
        .begin_with(&[(INITIAL_WINDOW_SIZE, i32::MAX as u32)])
        .await;
    let wide = (i32::MAX - 65_535).to_be_bytes();
    client.send(&frame(WINDOW_UPDATE, 0, 0, &wide)).await;
    for stream in [1, 3, 5, 7] {
        client.send(&call(stream, "Invoke", &prompt("Hi"))).await;
    }

    until(|| gateway.metrics().clients_stalled.value() > 0).await;

    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert!(gateway.answers_others().await);
    soon(client.closed()).await;
}

#[tokio::test]
async fn reader_that_lags_far_behind_gets_everything() {
    let gateway = Gateway::start().await;
    gateway.emulator().set_scenario(FIRST, reply_of(5_000));
    let endpoint = Endpoint::from_shared(format!("http://{}", gateway.address())).unwrap();
    let endpoint = endpoint
        .initial_stream_window_size(8 << 20)
        .initial_connection_window_size(8 << 20);
    let mut client = InferenceServiceClient::new(endpoint.connect().await.unwrap());

    let stream = client.invoke_stream(stream_prompt("Hi")).await.unwrap();
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    let (events, end) = soon(collect(stream.into_inner())).await;

    end.unwrap();
    assert_eq!(text(&events).len(), 5_000 * "word ".len());
}

/// Passes connections on to `address`, and counts the bytes that come back.
fn counting_proxy(address: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let socket = TcpSocket::new_v4().unwrap();
    // Accepted sockets inherit it. Without, the system would hold megabytes.
    socket.set_send_buffer_size(16 * 1024).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(16).unwrap();
    let own = listener.local_addr().unwrap();
    let received = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&received);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let upstream = TcpStream::connect(&address).await.unwrap();
            let (mut requests, mut answers) = client.into_split();
            let (mut from_upstream, mut to_upstream) = upstream.into_split();
            tokio::spawn(async move { copy(&mut requests, &mut to_upstream).await });
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut bytes = vec![0; 16 * 1024];
                while let Ok(read @ 1..) = from_upstream.read(&mut bytes).await {
                    count.fetch_add(read, Ordering::Relaxed);
                    if answers.write_all(&bytes[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    (own, received)
}

#[tokio::test]
async fn reader_that_stops_also_stops_the_reading_from_bedrock() {
    let upstream = Gateway::start().await;
    let emulator = upstream.emulator().endpoint_url();
    upstream.emulator().set_scenario("*", reply_of(100_000));
    let emulator = emulator.trim_start_matches("http://").trim_end_matches('/');
    let (proxy, received) = counting_proxy(emulator.to_owned());
    let mut process = Process::start(serving(&format!("http://{proxy}"), &[]));
    let address = process.line("gateway listening on ").await;
    let mut client = RawHttp2::begin(address.parse().unwrap(), &[]).await;
    client
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;

    soon(client.next_of(DATA)).await.unwrap();
    let settled = async {
        let mut before = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = received.load(Ordering::Relaxed);
            if now == before {
                return now;
            }
            before = now;
        }
    };

    let stopped_at = soon(settled).await;

    let wide = (1_u32 << 30).to_be_bytes();
    for place in [0, 1] {
        client.send(&frame(WINDOW_UPDATE, 0, place, &wide)).await;
    }
    soon(client.next_of(HEADERS)).await.unwrap();
    let all = received.load(Ordering::Relaxed);

    // The gateway holds some hundred KiB, the system up to 6 MiB.
    assert!(stopped_at < all / 4 * 3, "{stopped_at} of {all}");
}
