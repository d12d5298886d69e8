//! A TCP proxy in front of Bedrock that is as bad as a test wants it: slow, narrow, silent, or
//! breaking off after so many bytes. What it does can be changed while it runs.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;
use tokio::net::tcp::WriteHalf;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Most bytes of one piece.
const PIECE: usize = 16 * 1024;
/// Pieces a second, if bandwidth is limited: small ones come steadily.
const PIECES_PER_SECOND: u64 = 20;

/// What the network does. The default does no harm.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conditions {
    /// To connections.
    pub(crate) accept: Accept,
    /// To what the gateway sends.
    pub(crate) up: Flow,
    /// To what Bedrock sends.
    pub(crate) down: Flow,
}

/// What happens to a new connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Accept {
    /// It is connected with Bedrock.
    #[default]
    AtOnce,
    /// The same, this much later.
    After(Duration),
    /// Nobody listens.
    Refused,
}

/// What happens to the bytes of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flow {
    /// Each piece is held up so long.
    pub(crate) latency: Duration,
    /// And up to so long in addition.
    pub(crate) jitter: Duration,
    /// Bytes that pass in a second.
    pub(crate) bytes_per_second: Option<u64>,
    /// How the connection ends, after so many bytes of it.
    pub(crate) ends: Option<(u64, Ending)>,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// Both sides get a TCP reset.
    Reset,
    /// This direction is closed properly; the other one stays.
    HalfClose,
    /// It stays open, and nothing passes any more.
    Blackhole,
}

impl Flow {
    /// One that ends.
    pub(crate) fn ending(after_bytes: u64, ending: Ending) -> Self {
        Self {
            ends: Some((after_bytes, ending)),
            ..Self::default()
        }
    }

    fn delay(&self, bytes: usize) -> Duration {
        let micros = |rate| 1_000_000 * bytes as u64 / rate;
        let transfer = self.bytes_per_second.map_or(0, micros);
        self.latency + self.jitter.mul_f64(fastrand::f64()) + Duration::from_micros(transfer)
    }

    fn piece(&self) -> usize {
        let steady = |rate| usize::try_from(rate / PIECES_PER_SECOND).unwrap().max(1);
        self.bytes_per_second.map_or(PIECE, steady).min(PIECE)
    }
}

/// What passed.
#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
}

/// A proxy that runs until it is dropped.
pub(crate) struct FaultProxy {
    address: SocketAddr,
    conditions: watch::Sender<Conditions>,
    counts: Arc<Counts>,
    _tasks: JoinSet<()>,
}

impl FaultProxy {
    /// Starts one in front of this address.
    pub(crate) async fn start(bedrock: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let conditions = watch::Sender::new(Conditions::default());
        let counts = Arc::<Counts>::default();
        let mut tasks = JoinSet::new();
        let seen = conditions.subscribe();
        tasks.spawn(serve(listener, bedrock, seen, Arc::clone(&counts)));
        Self {
            address,
            conditions,
            counts,
            _tasks: tasks,
        }
    }

    /// What the gateway takes for Bedrock.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, connections that are open included.
    pub(crate) fn set(&self, conditions: Conditions) {
        self.conditions.send_replace(conditions);
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// Bytes that reached Bedrock and the gateway so far.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.counts.up), read(&self.counts.down))
    }
}

async fn serve(
    listener: TcpListener,
    bedrock: SocketAddr,
    mut conditions: watch::Receiver<Conditions>,
    counts: Arc<Counts>,
) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        let accept = conditions.borrow_and_update().accept;
        if accept == Accept::Refused {
            listener = None;
            if conditions.changed().await.is_err() {
                return;
            }
            continue;
        }
        let open = listener.get_or_insert_with(|| listen(address, 128));
        tokio::select! {
            accepted = open.accept() => {
                let (gateway, _) = accepted.unwrap();
                counts.connections.fetch_add(1, Ordering::Relaxed);
                connections.spawn(relay(gateway, bedrock, conditions.clone(), Arc::clone(&counts)));
            }
            changed = conditions.changed() => if changed.is_err() { return },
        }
    }
}

fn listen(address: SocketAddr, backlog: u32) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket.listen(backlog).unwrap()
}

/// The connection was broken.
struct Reset;

async fn relay(
    mut gateway: TcpStream,
    bedrock: SocketAddr,
    conditions: watch::Receiver<Conditions>,
    counts: Arc<Counts>,
) {
    let accept = conditions.borrow().accept;
    if let Accept::After(pause) = accept {
        tokio::time::sleep(pause).await;
    }
    let Ok(mut bedrock) = TcpStream::connect(bedrock).await else {
        return;
    };
    let (from_gateway, to_gateway) = gateway.split();
    let (from_bedrock, to_bedrock) = bedrock.split();
    let up = pump(
        from_gateway,
        to_bedrock,
        || conditions.borrow().up,
        &counts.up,
    );
    let down = pump(
        from_bedrock,
        to_gateway,
        || conditions.borrow().down,
        &counts.down,
    );
    if tokio::try_join!(up, down).is_err() {
        // The close that follows is a reset.
        gateway.set_zero_linger().unwrap();
        bedrock.set_zero_linger().unwrap();
    }
}

/// Lets one direction pass, as far as it goes.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    flow: impl Fn() -> Flow,
    count: &AtomicU64,
) -> Result<(), Reset> {
    let mut buffer = vec![0; PIECE];
    let mut passed = 0;
    loop {
        if let Some((_, ending)) = flow().ends.filter(|(after, _)| passed >= *after) {
            match ending {
                Ending::Reset => return Err(Reset),
                Ending::HalfClose => break,
                Ending::Blackhole => std::future::pending().await,
            }
        }
        let room = flow().piece();
        let length = from
            .read(&mut buffer[..room])
            .await
            .map_err(|_gone| Reset)?;
        if length == 0 {
            break;
        }
        // What it is now, and not what it was when the wait for these bytes began.
        let flow = flow();
        let left = flow
            .ends
            .map_or(u64::MAX, |(after, _)| after - passed.min(after));
        let length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
        let delay = flow.delay(length);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let piece = &buffer[..length];
        to.write_all(piece).await.map_err(|_gone| Reset)?;
        passed += piece.len() as u64;
        count.fetch_add(piece.len() as u64, Ordering::Relaxed);
    }
    // The other side may be gone already.
    let _ = to.shutdown().await;
    Ok(())
}

/// A port whose host does not answer: its queue of connections is full, and the kernel drops
/// whatever asks for another one.
pub(crate) struct Unanswered {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl Unanswered {
    /// Takes a port, and fills its queue.
    pub(crate) async fn start() -> Self {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into(), 1);
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        let patience = Duration::from_millis(200);
        while let Ok(connected) = tokio::time::timeout(patience, TcpStream::connect(address)).await
        {
            queue.push(connected.unwrap());
        }
        Self {
            listener,
            _queue: queue,
        }
    }

    /// What the gateway takes for Bedrock.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }
}
