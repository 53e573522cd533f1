//! Which certificates are trusted: those of the operating system, because schools inspect TLS
//! with certificates of their own. ring does the cryptography.

use rustls::ClientConfig;
use rustls::client::WantsClientCert;
use rustls::{ConfigBuilder, RootCertStore};
use std::sync::Arc;

/// The trusted certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The store that is configured holds none.
    #[error("no trusted certificates were found in {place}")]
    NoRoots {
        /// The variables or the store that was read.
        place: &'static str,
    },
    /// The TLS library refused its own configuration.
    #[error("TLS could not be set up")]
    Setup(#[from] rustls::Error),
}

/// A TLS client that trusts what the operating system trusts; `SSL_CERT_FILE` and `SSL_CERT_DIR`
/// replace its store, as they do for other programs.
pub fn client_config() -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(system_trust(builder)?.with_no_client_auth())
}

/// A TLS client that trusts nobody, for connections that are not going to use TLS: loading the
/// system's roots takes milliseconds.
pub fn no_trust() -> Result<ClientConfig, TrustError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}

type Builder<State> = ConfigBuilder<ClientConfig, State>;

#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn system_trust(
    builder: Builder<rustls::WantsVerifier>,
) -> Result<Builder<WantsClientCert>, TrustError> {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    let place = if named { "SSL_CERT_FILE and SSL_CERT_DIR" } else { "the system's store" };
    let mut roots = RootCertStore::empty();
    if !named && let Some(bundle) = openssl_probe::probe().cert_file {
        // The folder beside the bundle holds the same certificates once more.
        let found = rustls_native_certs::load_certs_from_paths(Some(&bundle), None);
        roots.add_parsable_certificates(found.certs);
    }
    if roots.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if roots.is_empty() {
        return Err(TrustError::NoRoots { place });
    }
    Ok(builder.with_root_certificates(roots))
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn system_trust(
    builder: Builder<rustls::WantsVerifier>,
) -> Result<Builder<WantsClientCert>, TrustError> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    Ok(builder.with_platform_verifier()?)
}
