use std::future::poll_fn;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.unwrap(), far.unwrap().0)
}

#[tokio::test]
async fn nothing_is_written_before_the_turn_ends() {
    let (near, far) = pair().await;
    let (mut socket, gathered) = gathering(near);

    socket.write_all(b"one ").await.unwrap();
    socket.flush().await.unwrap();
    socket.write_all(b"two").await.unwrap();

    assert_eq!(
        far.try_read(&mut [0; 8]).unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
    poll_fn(|cx| gathered.poll_write(cx)).await.unwrap();
    let mut received = [0; 7];
    let mut far = far;
    far.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"one two");
}

#[tokio::test]
async fn reader_that_does_not_read_stops_the_writer() {
    let (near, far) = pair().await;
    let (mut socket, gathered) = gathering(near);
    let chunk = [0; 16 * 1024];
    let mut taken = 0;

    let stopped = poll_fn(|cx| {
        // A generous bound: the kernel's buffers and ours are far smaller.
        while taken < 64 * 1024 * 1024 {
            match Pin::new(&mut socket).poll_write(cx, &chunk) {
                Poll::Ready(written) => taken += written.unwrap(),
                Poll::Pending => return Poll::Ready(true),
            }
        }
        Poll::Ready(false)
    })
    .await;

    assert!(stopped, "{taken} bytes were taken");
    drop(far);
    drop(gathered);
}

#[tokio::test]
async fn end_of_the_connection_writes_what_is_left() {
    let (near, mut far) = pair().await;
    let (mut socket, _gathered) = gathering(near);

    socket.write_all(b"last words").await.unwrap();
    socket.shutdown().await.unwrap();

    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"last words");
}
