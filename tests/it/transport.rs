//! What the transport does by default and must not do here, and what its peers may cost.

use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use http_body_util::Full;
use tokio::time::Instant;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic_prost::ProstCodec;
use tower::Service as _;
use tower::ServiceExt as _;

use crate::support::Gateway;
use crate::support::process::Process;
use crate::support::process::serving;
use crate::support::process::with_descriptors;
use crate::support::prompt;
use crate::support::raw_http2::*;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::until;

const INVOKE: &str = "/bedrock.gateway.v1.InferenceService/Invoke";

/// The identifier of a setting.
///
/// Source: RFC 9113, 6.5.2.
const MAX_CONCURRENT_STREAMS: u16 = 3;

#[tokio::test]
async fn clients_are_told_how_many_streams_they_may_open() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;

    let settings = soon(client.next_of(SETTINGS)).await.unwrap();

    let mut limits = settings.payload.chunks(6);
    let limit = limits
        .find(|setting| setting[..2] == MAX_CONCURRENT_STREAMS.to_be_bytes())
        .unwrap();
    assert_eq!(limit[2..], 100_u32.to_be_bytes());
}

#[tokio::test]
async fn streams_beyond_the_limit_are_refused() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let headers = call_headers(INVOKE, &[]);

    for stream in 0..101 {
        let bytes = frame(HEADERS, END_HEADERS, 2 * stream + 1, &headers);
        client.send(&bytes).await;
    }

    let refused = soon(client.next_of(RST_STREAM)).await.unwrap();
    assert_eq!((refused.stream, refused.error()), (201, REFUSED_STREAM));
    until(|| gateway.metrics().calls_in_flight.value() == 100).await;
}

#[tokio::test]
async fn client_that_does_not_speak_http2_is_closed_and_not_reset() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::connect(gateway.address()).await;
    client
        .send(b"GET / HTTP/1.1\r\nhost: gateway\r\naccept: text/html\r\n\r\n")
        .await;

    assert!(soon(client.is_closed_in_order()).await);
}

#[tokio::test]
async fn malformed_streams_end_in_goaway() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    // They end without the body that they promise.
    let malformed = call_headers(INVOKE, &[("content-length", "5")]);

    for stream in 0..1_200 {
        let bytes = frame(
            HEADERS,
            END_HEADERS | END_STREAM,
            2 * stream + 1,
            &malformed,
        );
        client.send(&bytes).await;
    }

    assert_eq!(soon(client.goaway()).await, Some(ENHANCE_YOUR_CALM));
    assert!(gateway.answers_others().await);
}

#[tokio::test]
async fn streams_that_are_reset_at_once_end_in_goaway() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let headers = call_headers(INVOKE, &[]);

    for stream in 0..1_200 {
        let mut bytes = frame(HEADERS, END_HEADERS, 2 * stream + 1, &headers);
        let cancel = CANCEL.to_be_bytes();
        bytes.extend(frame(RST_STREAM, 0, 2 * stream + 1, &cancel));
        client.send(&bytes).await;
    }

    assert_eq!(soon(client.goaway()).await, Some(ENHANCE_YOUR_CALM));
    assert!(gateway.answers_others().await);
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
}

#[tokio::test]
async fn headers_without_end_end_in_goaway() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    client
        .send(&frame(HEADERS, 0, 1, &call_headers(INVOKE, &[])))
        .await;

    soon(client.flood(&frame(CONTINUATION, 0, 1, &[]))).await;

    assert!(gateway.answers_others().await);
}

#[tokio::test]
async fn floods_of_control_frames_end_the_connection() {
    let gateway = Gateway::start().await;
    for (name, flood) in [
        ("PING", frame(PING, 0, 0, &[0; 8])),
        ("PING ACK", frame(PING, ACK, 0, &[0; 8])),
        ("SETTINGS", frame(SETTINGS, 0, 0, &[])),
        ("PRIORITY", frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 0])),
        ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("unknown", frame(99, 0, 0, &[])),
    ] {
        let before = gateway.metrics().connections_flooded.value();
        let mut client = RawHttp2::begin(gateway.address(), &[]).await;

        soon(client.flood(&flood)).await;

        until(|| gateway.metrics().connections_flooded.value() == before + 1).await;
        assert!(gateway.answers_others().await, "{name}");
    }
}

#[tokio::test]
async fn flood_of_empty_data_ends_the_connection() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let headers = call_headers(INVOKE, &[]);
    client.send(&frame(HEADERS, END_HEADERS, 1, &headers)).await;

    soon(client.flood(&frame(DATA, 0, 1, &[]))).await;

    assert!(gateway.answers_others().await);
}

#[tokio::test]
async fn pings_are_answered() {
    let gateway = Gateway::start().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;

    for ping in 0..100 {
        client.send(&frame(PING, 0, 0, &[ping; 8])).await;
        let answer = soon(client.next_of(PING)).await.unwrap();

        assert_eq!((answer.flags, answer.payload), (ACK, vec![ping; 8]));
    }
}

#[tokio::test]
async fn client_that_does_not_finish_its_preface_is_closed() {
    let gateway = Gateway::with(&[("server.handshake_timeout", "300ms")]).await;
    let (half, _) = PREFACE.split_at(12);
    for said in [&[][..], &PREFACE[..1], half, PREFACE] {
        let mut client = RawHttp2::connect(gateway.address()).await;
        client.send(said).await;

        soon(client.closed()).await;
    }
    assert!(gateway.answers_others().await);
}

#[tokio::test]
async fn client_that_finishes_its_preface_may_stay() {
    let gateway = Gateway::with(&[("server.handshake_timeout", "300ms")]).await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let silent = RawHttp2::connect(gateway.address()).await;

    soon({
        let mut silent = silent;
        async move { silent.closed().await }
    })
    .await;
    client.send(&frame(PING, 0, 0, &[7; 8])).await;

    assert!(soon(client.next_of(PING)).await.is_some());
}

#[tokio::test]
async fn old_connection_is_asked_to_leave_and_its_calls_finish() {
    let gateway = Gateway::with(&[("server.max_connection_age", "1s")]).await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let stream = gateway.silent_stream().await;
    client
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;

    let goaway = soon(client.next_of(GOAWAY)).await.unwrap();
    let shutdown = soon(client.next_of(PING)).await.unwrap();
    client.send(&frame(PING, ACK, 0, &shutdown.payload)).await;
    let last = soon(client.next_of(GOAWAY)).await.unwrap();

    assert_eq!(goaway.error(), NO_ERROR);
    assert_eq!(last.error(), NO_ERROR);
    assert_eq!(gateway.metrics().calls_in_flight.value(), 2);
    let cancel = CANCEL.to_be_bytes();
    client.send(&frame(RST_STREAM, 0, 1, &cancel)).await;
    soon(client.closed()).await;
    drop(stream);
}

#[tokio::test]
async fn idle_connection_is_asked_to_leave() {
    let gateway = Gateway::with(&[("server.idle_connection_timeout", "1s")]).await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let begun = Instant::now();

    let goaway = soon(client.next_of(GOAWAY)).await.unwrap();
    let idle = begun.elapsed();
    soon(client.closed()).await;

    assert_eq!(goaway.error(), NO_ERROR);
    assert!(idle >= Duration::from_millis(900), "{idle:?}");
}

#[tokio::test]
async fn connection_with_a_call_is_not_idle() {
    let gateway = Gateway::with(&[("server.idle_connection_timeout", "1s")]).await;
    let mut idle = RawHttp2::begin(gateway.address(), &[]).await;
    let _stream = gateway.silent_stream().await;

    soon(idle.closed()).await;

    assert_eq!(gateway.metrics().calls_in_flight.value(), 1);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_at_once() {
    let gateway = Gateway::with(&[("server.max_connections", "2")]).await;
    let second = RawHttp2::begin(gateway.address(), &[]).await;

    let mut third = RawHttp2::begin(gateway.address(), &[]).await;
    soon(third.closed()).await;
    drop(second);
    let accepted = async {
        loop {
            let mut client = RawHttp2::begin(gateway.address(), &[]).await;
            if client.next_of(SETTINGS).await.is_some() {
                break;
            }
        }
    };

    soon(accepted).await;
    assert!(gateway.metrics().connections_refused.value() >= 1);
}

#[tokio::test]
async fn request_that_does_not_come_is_answered_at_its_deadline() {
    let gateway = Gateway::with(&[("routing.reply_reserve", "1s")]).await;
    let channel = Endpoint::from_shared(format!("http://{}", gateway.address())).unwrap();
    let mut client = Grpc::new(channel.connect().await.unwrap());
    client.ready().await.unwrap();
    let nothing = tokio_stream::pending::<bedrock_gateway::proto::InvokeRequest>();
    let mut request = Request::new(nothing);
    request.set_timeout(Duration::from_secs(2));

    let path = PathAndQuery::from_static(INVOKE);
    let codec = ProstCodec::default();
    let answer = client.client_streaming::<_, _, InvokeResponse, _>(request, path, codec);
    let status = soon(answer).await.unwrap_err();

    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "DEADLINE_EXCEEDED");
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
}

#[tokio::test]
async fn timeout_that_is_no_timeout_is_refused() {
    let gateway = Gateway::start().await;
    let mut request = Request::new(prompt("Hi"));
    let metadata = request.metadata_mut();
    metadata.insert("grpc-timeout", "soon".parse().unwrap());

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason(&status), "INVALID_REQUEST");
}

#[tokio::test]
async fn message_may_be_as_large_as_the_limit_and_no_larger() {
    let gateway = Gateway::with(&[("server.max_message_size", "64KiB")]).await;
    let fits = |bytes: usize| {
        let mut request = prompt("");
        let empty = prost::Message::encoded_len(&request);
        // The tag of the prompt and three bytes of its length.
        request.prompt = "x".repeat(bytes - empty - 4);
        assert_eq!(prost::Message::encoded_len(&request), bytes);
        request
    };

    let at = gateway.inference().invoke(fits(64 << 10)).await;
    let past = gateway.inference().invoke(fits((64 << 10) + 1)).await;

    at.unwrap();
    assert_eq!(past.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn metadata_may_be_as_large_as_the_limit_and_not_much_larger() {
    let gateway = Gateway::with(&[("server.max_header_size", "4KiB")]).await;
    let with = |bytes: usize| {
        let mut request = Request::new(prompt("Hi"));
        let value = "x".repeat(bytes).parse().unwrap();
        request.metadata_mut().insert("x-long", value);
        request
    };

    let below = gateway.inference().invoke(with(3 << 10)).await;
    let past = gateway.inference().invoke(with(4 << 10)).await;

    below.unwrap();
    past.unwrap_err();
    assert!(gateway.answers_others().await);
}

#[tokio::test]
async fn compressed_message_is_refused_and_never_unpacked() {
    let gateway = Gateway::start().await;
    let endpoint = Endpoint::from_shared(format!("http://{}", gateway.address())).unwrap();
    let mut channel = endpoint.connect().await.unwrap();
    // The beginning of a file of gzip, marked as compressed.
    let message = b"\x01\0\0\0\x0a\x1f\x8b\x08\0\0\0\0\0\x02\x03";
    let request = http::Request::post(format!("http://{}{INVOKE}", gateway.address()))
        .header("content-type", "application/grpc")
        .header("grpc-encoding", "gzip")
        .body(Body::new(Full::from(&message[..])))
        .unwrap();

    let ready = soon(channel.ready()).await.unwrap();
    let answer = soon(ready.call(request)).await.unwrap();

    let status = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!(status.code(), Code::Unimplemented, "{status:?}");
    assert_eq!(gateway.calls(), [""; 0]);
    assert!(gateway.answers_others().await);
}

/// Ticks of the CPU that a process has used: a hundredth of a second each, on every Linux.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_name, rest) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = rest.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[tokio::test]
async fn without_descriptors_calls_go_on_and_the_process_rests() {
    const DESCRIPTORS: usize = 48;
    let upstream = Gateway::start().await;
    let arguments = ["--server-workers", "1", "--log-filter", "warn"];
    let serve = serving(&upstream.emulator().endpoint_url(), &arguments);
    let mut process = Process::start(with_descriptors(&serve, DESCRIPTORS));
    let address: SocketAddr = process.line("gateway listening on ").await.parse().unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let mut client = InferenceServiceClient::new(endpoint.connect().await.unwrap());
    client.invoke(prompt("Hi")).await.unwrap();

    let mut waiting = Vec::new();
    for _ in 0..2 * DESCRIPTORS {
        waiting.push(RawHttp2::begin(address, &[]).await);
    }
    let before = ticks(process.id());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = ticks(process.id()) - before;
    let meanwhile = client.invoke(prompt("Hi")).await;
    drop(waiting);
    let after = async {
        let mut client = InferenceServiceClient::new(endpoint.connect().await.unwrap());
        client.invoke(prompt("Hi")).await
    };
    soon(after).await.unwrap();

    meanwhile.unwrap();
    assert!(used < 20, "{used} ticks in 2 s");
    let (_, log) = process.terminate().await;
    let refusals = log.matches("cannot accept connections").count();
    assert!((1..=3).contains(&refusals), "{log}");
}

#[test]
fn release_builds_unwind_so_that_a_panic_ends_one_call() {
    let manifest = include_str!("../../Cargo.toml");

    assert!(!manifest.contains("panic = \"abort\""));
}
