//! Gateways behind TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use bedrock_gateway::client::Cause;
use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

use crate::support::Gateway;
use crate::support::prompt;
use crate::support::soon;

const CA: &[u8] = include_bytes!("../../fixtures/tls/ca.pem");
const SERVER: &[u8] = include_bytes!("../../fixtures/tls/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../../fixtures/tls/server.key");
const CLIENT: &[u8] = include_bytes!("../../fixtures/tls/client.pem");
const CLIENT_KEY: &[u8] = include_bytes!("../../fixtures/tls/client.key");

fn acceptor(wants_client: bool) -> TlsAcceptor {
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = if wants_client {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(CA).unwrap())
            .unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let chain = vec![CertificateDer::from_pem_slice(SERVER).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(SERVER_KEY).unwrap();
    let mut config = builder.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config).into()
}

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
