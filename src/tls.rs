//! Which certificates are trusted: those of the operating system, because schools inspect TLS
//! with certificates of their own. ring does the cryptography.

mod bundle;

use rustls::ClientConfig;
use rustls::client::WantsClientCert;
use rustls::{ConfigBuilder, RootCertStore};
use std::path::{Path, PathBuf};
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
/// replace its store on every platform, as they do for other programs.
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

fn system_trust(
    builder: Builder<rustls::WantsVerifier>,
) -> Result<Builder<WantsClientCert>, TrustError> {
    match Named::from_environment() {
        Some(named) => trust(builder, named.roots()?, "SSL_CERT_FILE and SSL_CERT_DIR"),
        None => platform_trust(builder),
    }
}

fn trust(
    builder: Builder<rustls::WantsVerifier>,
    roots: RootCertStore,
    place: &'static str,
) -> Result<Builder<WantsClientCert>, TrustError> {
    if roots.is_empty() {
        return Err(TrustError::NoRoots { place });
    }
    Ok(builder.with_root_certificates(roots))
}

/// Trusts the certificates of a file; those that cannot be parsed are left out.
fn add_file(roots: &mut RootCertStore, path: &Path) {
    bundle::each(path, |certificate| {
        // An error is one that cannot be parsed.
        let _ = roots.add(certificate);
    });
}

#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn platform_trust(
    builder: Builder<rustls::WantsVerifier>,
) -> Result<Builder<WantsClientCert>, TrustError> {
    let mut roots = RootCertStore::empty();
    if let Some(bundle) = openssl_probe::probe().cert_file {
        // The folder beside the bundle holds the same certificates once more.
        add_file(&mut roots, &bundle);
    }
    if roots.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    trust(builder, roots, "the system's store")
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn platform_trust(
    builder: Builder<rustls::WantsVerifier>,
) -> Result<Builder<WantsClientCert>, TrustError> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    Ok(builder.with_platform_verifier()?)
}

/// The certificates that the environment names in place of the system's.
struct Named {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Named {
    /// `None` if neither variable is set; one that is empty counts as not set.
    fn from_environment() -> Option<Self> {
        let value = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let file = value("SSL_CERT_FILE").map(PathBuf::from);
        let folders = value("SSL_CERT_DIR").map_or_else(Vec::new, |folders| {
            std::env::split_paths(&folders).filter(|path| !path.as_os_str().is_empty()).collect()
        });
        (file.is_some() || !folders.is_empty()).then_some(Self { file, folders })
    }

    /// A file without certificates is an error, even if folders hold some: whoever names it counts
    /// on it.
    fn roots(&self) -> Result<RootCertStore, TrustError> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = &self.file {
            add_file(&mut roots, file);
            if roots.is_empty() {
                return Err(TrustError::NoRoots { place: "SSL_CERT_FILE" });
            }
        }
        for folder in &self.folders {
            let found = rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs;
            roots.add_parsable_certificates(found);
        }
        Ok(roots)
    }
}
