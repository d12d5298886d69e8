//! A server's side of TLS.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::server::WebPkiClientVerifier;

/// The authority that only tests trust.
pub(crate) const CA: &[u8] = include_bytes!("../../fixtures/tls/ca.pem");
const SERVER: &[u8] = include_bytes!("../../fixtures/tls/server.pem");
const SERVER_KEY: &[u8] = include_bytes!("../../fixtures/tls/server.key");
/// The certificate of a client.
pub(crate) const CLIENT: &[u8] = include_bytes!("../../fixtures/tls/client.pem");
/// Its key.
pub(crate) const CLIENT_KEY: &[u8] = include_bytes!("../../fixtures/tls/client.key");

/// Accepts TLS as `gateway.test`, from clients with a certificate of their own if it wants one.
pub(crate) fn acceptor(wants_client: bool) -> TlsAcceptor {
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
