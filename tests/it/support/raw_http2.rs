//! An HTTP/2 client that does what it is told, right or wrong: frames written by hand.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;

/// What a client sends first, before its SETTINGS.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// A frame.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// A connection.
pub(crate) struct RawHttp2 {
    socket: TcpStream,
}

impl RawHttp2 {
    /// Connects, and says nothing.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).await.unwrap();
        Self { socket }
    }

    /// Connects with little room for what is not read, and says nothing.
    pub(crate) async fn connect_with_small_buffer(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let socket = socket.connect(address).await.unwrap();
        Self { socket }
    }

    /// Connects and begins with these settings, as identifiers and values.
    pub(crate) async fn begin(address: SocketAddr, settings: &[(u16, u32)]) -> Self {
        let mut client = Self::connect(address).await;
        client.begin_with(settings).await;
        client
    }

    /// Sends preface and settings.
    pub(crate) async fn begin_with(&mut self, settings: &[(u16, u32)]) {
        let mut payload = Vec::new();
        for (identifier, value) in settings {
            payload.extend(identifier.to_be_bytes());
            payload.extend(value.to_be_bytes());
        }
        let mut bytes = PREFACE.to_vec();
        bytes.extend(frame(SETTINGS, 0, 0, &payload));
        self.send(&bytes).await;
    }

    /// Sends bytes. That the peer has closed shows when reading.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.socket.write_all(bytes).await;
    }

    /// Sends the same bytes again and again until the peer closes, which must come soon.
    pub(crate) async fn flood(&mut self, bytes: &[u8]) {
        let mut answers = vec![0; 16 * 1024];
        for _ in 0..200_000 {
            if self.socket.write_all(bytes).await.is_err() {
                return;
            }
            // Answers that nobody reads would stop the peer from reading.
            while matches!(self.socket.try_read(&mut answers), Ok(1..)) {}
        }
        panic!("nobody stops a flood");
    }

    /// The next frame; `None` if the peer has closed.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.socket.read_exact(&mut head).await.ok()?;
        let [high, middle, low, kind, flags, stream @ ..] = head;
        let length = u32::from_be_bytes([0, high, middle, low]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.socket.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes(stream),
            payload,
        })
    }

    /// The next frame of a kind; `None` if the peer closes before.
    pub(crate) async fn next_of(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }

    /// The error of the last GOAWAY before the peer closes.
    pub(crate) async fn goaway(&mut self) -> Option<u32> {
        let mut error = None;
        while let Some(frame) = self.next_of(GOAWAY).await {
            error = Some(frame.error());
        }
        error
    }

    /// Reads what there is to the end, and says whether that is a close and not a reset.
    pub(crate) async fn is_closed_in_order(&mut self) -> bool {
        self.socket.read_to_end(&mut Vec::new()).await.is_ok()
    }

    /// Waits until the peer closes.
    pub(crate) async fn closed(&mut self) {
        while self.next().await.is_some() {}
    }
}

impl Frame {
    /// The error of a GOAWAY or RST_STREAM.
    pub(crate) fn error(&self) -> u32 {
        let start = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[start..start + 4].try_into().unwrap())
    }
}

/// A frame as bytes.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The headers of a gRPC call, and more.
pub(crate) fn call_headers(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let usual = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "gateway"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    header_block(usual.iter().chain(more))
}

/// A header block, every field spelled out.
///
/// Source: RFC 7541, 6.2.2: literal without indexing, new name.
fn header_block<'a>(fields: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            assert!(text.len() < 127);
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// A gRPC message in a frame that ends the request.
pub(crate) fn message(stream: u32, message: &impl prost::Message) -> Vec<u8> {
    let encoded = message.encode_to_vec();
    let mut payload = vec![0];
    payload.extend(u32::try_from(encoded.len()).unwrap().to_be_bytes());
    payload.extend(encoded);
    frame(DATA, END_STREAM, stream, &payload)
}

/// A whole call of a method of InferenceService.
pub(crate) fn call(stream: u32, method: &str, request: &impl prost::Message) -> Vec<u8> {
    call_with(stream, method, request, &[])
}

/// The same with more headers.
pub(crate) fn call_with(
    stream: u32,
    method: &str,
    request: &impl prost::Message,
    more: &[(&str, &str)],
) -> Vec<u8> {
    let path = format!("/bedrock.gateway.v1.InferenceService/{method}");
    let mut bytes = frame(HEADERS, END_HEADERS, stream, &call_headers(&path, more));
    bytes.extend(message(stream, request));
    bytes
}
