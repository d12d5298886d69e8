//! The upstream: Converse and ConverseStream over HTTP/1.1 from prepared bytes, on one thread.
//!
//! Much faster than anything measured with it. It reads no request body, verifies no signature and
//! knows nothing of Bedrock's rules: that is the emulator's work.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::{Buf, BytesMut};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, interval_at};

use crate::content::{DELTAS, Mode, answer, deltas};

/// Bedrock pads every event's payload with a random prefix of this.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const END_OF_CHUNKS: &[u8] = b"0\r\n\r\n";
/// `messageStart` and the first text.
const OPENING_EVENTS: usize = 2;
const MAX_HEADERS: usize = 32;

/// Everything the stub ever sends, rendered once.
struct Answers {
    unary: Vec<u8>,
    /// One HTTP chunk per event.
    chunks: Vec<Vec<u8>>,
    /// Head and first text, before any silence.
    opening: Vec<u8>,
    burst: Vec<u8>,
    pace: Duration,
}

/// Serves until killed; prints the address first.
///
/// # Errors
/// The listener cannot be opened or the answers cannot be rendered.
pub(crate) async fn serve(pace: Duration) -> anyhow::Result<()> {
    let answers = Arc::new(Answers::render(pace)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("stub listening on {}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            if let Err(error) = serve_connection(socket, &answers).await {
                eprintln!("stub: {error:#}");
            }
        });
    }
}

async fn serve_connection(mut socket: TcpStream, answers: &Answers) -> anyhow::Result<()> {
    socket.set_nodelay(true)?;
    let mut buffer = BytesMut::with_capacity(8 * 1024);
    loop {
        let (mode, length) = loop {
            if let Some(request) = parse(&buffer)? {
                break request;
            }
            match socket.read_buf(&mut buffer).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if is_gone(&error) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        };
        while buffer.len() < length {
            if socket.read_buf(&mut buffer).await? == 0 {
                bail!("the connection closed inside a request");
            }
        }
        buffer.advance(length);
        match answer_request(&mut socket, mode, answers).await {
            Ok(()) => {}
            Err(error) if is_gone(&error) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The mode that a request asks for and its whole length, once its head is there.
fn parse(buffer: &[u8]) -> anyhow::Result<Option<(Mode, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head_length) = request.parse(buffer)? else {
        return Ok(None);
    };
    let path = request.path.context("a request has no path")?;
    let mode = match path.rsplit('/').next() {
        Some("converse") => Mode::Unary,
        Some("converse-stream") => {
            Mode::named_in(path).with_context(|| format!("no mode in {path}"))?
        }
        _ => bail!("unknown path {path}"),
    };
    let body_length: usize = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .context("a request has no length")
        .and_then(|header| Ok(std::str::from_utf8(header.value)?.parse()?))?;
    Ok(Some((mode, head_length + body_length)))
}

async fn answer_request(socket: &mut TcpStream, mode: Mode, answers: &Answers) -> io::Result<()> {
    match mode {
        Mode::Unary => socket.write_all(&answers.unary).await,
        Mode::Burst => socket.write_all(&answers.burst).await,
        Mode::Paced => {
            socket.write_all(&answers.opening).await?;
            let mut ticks = interval_at(Instant::now() + answers.pace, answers.pace);
            for chunk in answers.chunks.iter().skip(OPENING_EVENTS) {
                ticks.tick().await;
                socket.write_all(chunk).await?;
            }
            socket.write_all(END_OF_CHUNKS).await
        }
        Mode::Idle => {
            socket.write_all(&answers.opening).await?;
            while socket.read(&mut [0; 64]).await? > 0 {}
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
}

/// The client went away, as it does at the end of a measurement.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset
    )
}

impl Answers {
    fn render(pace: Duration) -> anyhow::Result<Self> {
        let stream_head = head(
            "application/vnd.amazon.eventstream",
            "transfer-encoding: chunked",
        );
        let chunks = events()
            .into_iter()
            .map(|(kind, payload)| chunk(kind, payload))
            .collect::<Result<Vec<_>, _>>()?;
        let opening = chunks.iter().take(OPENING_EVENTS);
        let opening = opening.fold(stream_head.clone(), |bytes, chunk| {
            [bytes.as_slice(), chunk].concat()
        });
        let burst = [
            stream_head.as_slice(),
            chunks.concat().as_slice(),
            END_OF_CHUNKS,
        ]
        .concat();
        Ok(Self {
            unary: unary(),
            chunks,
            opening,
            burst,
            pace,
        })
    }
}

fn unary() -> Vec<u8> {
    let body = json!({
        "metrics": {"latencyMs": 412},
        "output": {"message": {"content": [{"text": answer()}], "role": "assistant"}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 96, "outputTokens": 201, "totalTokens": 297},
    })
    .to_string();
    let length = format!("content-length: {}", body.len());
    [
        head("application/json", &length).as_slice(),
        body.as_bytes(),
    ]
    .concat()
}

fn head(content_type: &str, body_header: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\n\
         date: Sun, 22 Nov 2026 12:00:00 GMT\r\n\
         content-type: {content_type}\r\n\
         {body_header}\r\n\
         x-amzn-requestid: 6f0e8f5c-6c1c-4c0a-9d53-0c9f4a1b7e21\r\n\
         \r\n"
    )
    .into_bytes()
}

/// The events of one stream, in Bedrock's order.
fn events() -> Vec<(&'static str, Value)> {
    let mut events = vec![("messageStart", json!({"role": "assistant"}))];
    events.extend(deltas().map(|text| {
        (
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": {"text": text}}),
        )
    }));
    events.push(("contentBlockStop", json!({"contentBlockIndex": 0})));
    events.push(("messageStop", json!({"stopReason": "end_turn"})));
    events.push((
        "metadata",
        json!({
            "metrics": {"latencyMs": 412},
            "usage": {"inputTokens": 96, "outputTokens": DELTAS, "totalTokens": 96 + DELTAS},
        }),
    ));
    for (number, (_, payload)) in events.iter_mut().enumerate() {
        let padding: String = PADDING.chars().take(number * 7 % PADDING.len()).collect();
        if let Value::Object(members) = payload {
            members.insert("p".to_owned(), padding.into());
        }
    }
    events
}

/// One event as an event-stream frame in an HTTP chunk of its own.
fn chunk(kind: &'static str, payload: Value) -> anyhow::Result<Vec<u8>> {
    let header = |name: &'static str, value: &'static str| {
        Header::new(name, HeaderValue::String(value.into()))
    };
    let message = Message::new(payload.to_string())
        .add_header(header(":event-type", kind))
        .add_header(header(":content-type", "application/json"))
        .add_header(header(":message-type", "event"));
    let mut frame = Vec::new();
    write_message_to(&message, &mut frame)?;
    let length = format!("{:x}\r\n", frame.len());
    Ok([length.as_bytes(), &frame, b"\r\n"].concat())
}
