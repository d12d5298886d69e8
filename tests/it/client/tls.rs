//! Gateways behind TLS.

use std::net::SocketAddr;

use bedrock_gateway::client::Cause;
use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::support::Gateway;
use crate::support::prompt;
use crate::support::soon;
use crate::support::tls::CA;
use crate::support::tls::CLIENT;
use crate::support::tls::CLIENT_KEY;
use crate::support::tls::acceptor;

/// Something in front of a gateway that ends TLS.
async fn in_front_of(gateway: &Gateway, wants_client: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let upstream = gateway.address();
    let acceptor = acceptor(wants_client);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut here = acceptor.accept(stream).await?;
                let mut there = TcpStream::connect(upstream).await?;
                copy_bidirectional(&mut here, &mut there).await
            });
        }
    });
    address
}

async fn ask(options: Options) -> Result<String, Error> {
    let client = Client::connect("https://gateway.test", options).await?;
    Ok(soon(client.invoke(prompt("Hi"))).await?.text)
}

#[tokio::test]
async fn gateway_with_a_certificate_of_a_trusted_ca_is_called() {
    let gateway = Gateway::start().await;
    let address = in_front_of(&gateway, false).await;

    let trusting = Options::new().addresses([address]).ca_certificates(CA);
    let text = ask(trusting).await.unwrap();

    assert!(!text.is_empty());
}

#[tokio::test]
async fn gateway_that_nobody_vouches_for_is_not_called() {
    let gateway = Gateway::start().await;
    let address = in_front_of(&gateway, false).await;

    let other = Options::new().addresses([address]).ca_certificates(CLIENT);
    let error = ask(other).await.unwrap_err();

    assert_eq!(error.cause(), Cause::Connection);
    assert!(error.message().contains("certificate"), "{error}");
    assert!(gateway.calls().is_empty());
}

#[tokio::test]
async fn client_that_must_prove_who_it_is_can_do_so() {
    let gateway = Gateway::start().await;
    let address = in_front_of(&gateway, true).await;
    let options = || Options::new().addresses([address]).ca_certificates(CA);

    let unknown = ask(options()).await.unwrap_err();
    let known = ask(options().client_certificate(CLIENT, CLIENT_KEY)).await;

    assert_eq!(unknown.cause(), Cause::Connection);
    assert!(!known.unwrap().is_empty());
    assert_eq!(gateway.calls().len(), 1);
}
