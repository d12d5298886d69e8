//! TLS as a client: rustls with aws-lc, the system's certificates or those that are given.

use std::fmt::Display;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::error::Error;
use super::options::Tls;

/// What makes TLS connections.
///
/// # Errors
/// [`Cause::Input`](super::Cause::Input) if certificates or key are not what they should be; keys
/// are not repeated.
pub(super) fn connector(tls: &Tls) -> Result<TlsConnector, Error> {
    let unusable = |error: tokio_rustls::rustls::Error| Error::input(format!("TLS: {error}"));
    let roots = match &tls.ca_certificates {
        Some(pem) => given_roots(pem)?,
        None => system_roots()?,
    };
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_root_certificates(roots);
    let mut config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => {
            let chain = certificates("client certificate", chain)?;
            let key = PrivateKeyDer::from_pem_slice(key)
                .map_err(|error| wrong("key of the client certificate", error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(unusable)?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config).into())
}

fn given_roots(pem: &[u8]) -> Result<RootCertStore, Error> {
    let what = "CA certificate";
    let mut roots = RootCertStore::empty();
    for certificate in certificates(what, pem)? {
        roots.add(certificate).map_err(|error| wrong(what, error))?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _unreadable) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let problem = "this machine has no CA certificates that can be read; give some";
        return Err(Error::input(problem));
    }
    Ok(roots)
}

/// At least one.
fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| wrong(what, error))?;
    if found.is_empty() {
        return Err(wrong(what, "holds no certificate"));
    }
    Ok(found)
}

fn wrong(what: &str, why: impl Display) -> Error {
    Error::input(format!("the PEM text of the {what} cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_certificates_are_refused_by_name() {
        for pem in ["", "canary", "-----BEGIN CERTIFICATE-----\ncanary\n"] {
            let tls = Tls {
                ca_certificates: Some(pem.into()),
                identity: None,
            };

            let error = connector(&tls).err().unwrap().to_string();

            assert!(error.contains("CA certificate"), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
