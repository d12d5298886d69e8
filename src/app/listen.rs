//! How the program listens.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::net::TcpSocket;

/// Connections that may wait to be accepted; Linux allows `net.core.somaxconn`, 4096 since 5.4, at
/// most. Beyond it, a client is not heard and asks again after a second, which happens when a
/// restart makes all of them come at once. Rust's default is 128.
const BACKLOG: u32 = 4_096;

/// Listens, even while connections of an earlier process on this address are coming to their end.
///
/// # Errors
/// The address is in use, is not this machine's, or needs rights that the process does not have.
///
/// # Panics
/// Outside a Tokio runtime.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use super::*;

    const CLIENTS: usize = 500;
    /// Far more than it takes. A client that is not heard asks again and again, for two minutes.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn many_connections_wait_to_be_accepted() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();

        let clients = join_all((0..CLIENTS).map(|_| TcpStream::connect(address)));
        let connected = timeout(PATIENCE, clients).await;

        let connected = connected.expect("all are heard although none is accepted");
        assert!(connected.iter().all(Result::is_ok));
    }
}
