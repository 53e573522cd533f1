//! TLS that trusts the operating system's certificates, because schools inspect TLS with their own.
//! Cryptography is from ring.

use crate::error::{Error, Kind, Result};
use crate::escape::untrusted_path;
use crate::input;
use rustls::client::WantsClientCert;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A TLS client that trusts the operating system's certificates. `SSL_CERT_FILE` and `SSL_CERT_DIR`
/// replace them on every platform, as in other programs.
pub async fn client_config() -> Result<ClientConfig> {
    let builder = match Named::from_environment() {
        Some(named) => {
            let roots = named.roots().await?;
            trust(builder()?, roots, "SSL_CERT_FILE and SSL_CERT_DIR")?
        }
        None => platform_trust(builder()?)?,
    };
    Ok(builder.with_no_client_auth())
}

/// A TLS client that trusts no certificates, for connections without TLS: loading the system's
/// roots takes milliseconds.
pub fn no_trust() -> Result<ClientConfig> {
    Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

type Builder<State> = ConfigBuilder<ClientConfig, State>;

fn builder() -> Result<Builder<WantsVerifier>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(setup_error)
}

fn setup_error(error: rustls::Error) -> Error {
    Error::new(Kind::Unexpected, "could not set up TLS").with_source(error)
}

fn trust(
    builder: Builder<WantsVerifier>,
    roots: RootCertStore,
    place: &str,
) -> Result<Builder<WantsClientCert>> {
    if roots.is_empty() {
        return Err(Error::new(Kind::Usage, format!("no trusted certificates found in {place}"))
            .with_hint("check SSL_CERT_FILE and SSL_CERT_DIR, or install ca-certificates"));
    }
    Ok(builder.with_root_certificates(roots))
}

/// On Linux, the roots come only from the bundle file: the folder next to it contains the same
/// certificates, and reading both takes twice as long.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn platform_trust(builder: Builder<WantsVerifier>) -> Result<Builder<WantsClientCert>> {
    let mut roots = RootCertStore::empty();
    if let Some(bundle) = openssl_probe::probe().cert_file {
        let found = rustls_native_certs::load_certs_from_paths(Some(&bundle), None).certs;
        roots.add_parsable_certificates(found);
    }
    if roots.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    trust(builder, roots, "the system's certificate store")
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn platform_trust(builder: Builder<WantsVerifier>) -> Result<Builder<WantsClientCert>> {
    use rustls_platform_verifier::BuilderVerifierExt as _;
    builder.with_platform_verifier().map_err(setup_error)
}

/// Certificates from the environment, instead of the system's.
struct Named {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Named {
    /// `None` if neither variable is set. An empty variable counts as unset.
    fn from_environment() -> Option<Self> {
        let value = |name| env::var_os(name).filter(|value| !value.is_empty());
        let file = value("SSL_CERT_FILE").map(PathBuf::from);
        let folders = value("SSL_CERT_DIR").map_or_else(Vec::new, |folders| {
            env::split_paths(&folders).filter(|path| !path.as_os_str().is_empty()).collect()
        });
        (file.is_some() || !folders.is_empty()).then_some(Self { file, folders })
    }

    /// A file without certificates is an error even if folders contain some, because the user
    /// relies on the file.
    async fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = &self.file {
            // In the background, so that Ctrl-C works while a pipe is silent.
            let found = input::read(file).await.map_err(|message| unreadable(file, &message))?;
            let found = certificates(&found).map_err(|fault| fault.explain(file))?;
            roots.add_parsable_certificates(found);
            if roots.is_empty() {
                return Err(FileFault::NoCertificate.explain(file));
            }
        }
        for folder in &self.folders {
            let found = rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs;
            roots.add_parsable_certificates(found);
        }
        Ok(roots)
    }
}

/// The certificates in a PEM file. Damaged and other sections are skipped.
fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let found: Vec<_> = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok).collect();
    if found.is_empty() { Err(FileFault::of(bytes)) } else { Ok(found) }
}

/// Why a file contains no usable certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileFault {
    Utf16,
    Der,
    Pkcs7 { is_pem: bool },
    Pkcs12,
    NoCertificate,
}

impl FileFault {
    fn of(bytes: &[u8]) -> Self {
        let has_nuls = bytes.len() >= 4 && (bytes[..2].contains(&0) && bytes[2..4].contains(&0));
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || has_nuls {
            return Self::Utf16;
        }
        let text = String::from_utf8_lossy(bytes);
        if text.contains("-----BEGIN PKCS7-----") || text.contains("-----BEGIN CMS-----") {
            return Self::Pkcs7 { is_pem: true };
        }
        match first_der_tag(bytes) {
            Some(0x30) => Self::Der,
            // The content type comes first, as an object identifier.
            Some(0x06) => Self::Pkcs7 { is_pem: false },
            // Version 3; a private key has version 0 or 1.
            Some(0x02) if bytes.windows(3).take(16).any(|part| part == [2, 1, 3]) => Self::Pkcs12,
            _ => Self::NoCertificate,
        }
    }

    fn explain(self, path: &Path) -> Error {
        let path = untrusted_path(path);
        let (what, hint) = match self {
            Self::Utf16 => (
                "is UTF-16 text, not plain PEM",
                "save it again as plain text, in PowerShell with -Encoding ascii".to_owned(),
            ),
            Self::Der => (
                "is a certificate in DER form, not PEM",
                format!("convert it: openssl x509 -inform der -in {path} -out roots.pem"),
            ),
            Self::Pkcs7 { is_pem } => (
                "is a PKCS #7 file, not PEM certificates",
                format!(
                    "convert it: openssl pkcs7 {}-print_certs -in {path} -out roots.pem",
                    if is_pem { "" } else { "-inform der " }
                ),
            ),
            Self::Pkcs12 => (
                "is a PKCS #12 file, not PEM certificates",
                format!("convert it: openssl pkcs12 -nokeys -in {path} -out roots.pem"),
            ),
            Self::NoCertificate => ("contains no PEM certificates", UNSET.to_owned()),
        };
        Error::usage("SSL_CERT_FILE", format!("{path} {what}")).with_hint(hint)
    }
}

const UNSET: &str = "fix SSL_CERT_FILE, or unset it to use the system's certificates";

fn unreadable(path: &Path, message: &str) -> Error {
    let path = untrusted_path(path);
    Error::usage("SSL_CERT_FILE", format!("{path} {message}")).with_hint(UNSET)
}

/// The tag of the first element in a DER sequence that fills the file.
fn first_der_tag(bytes: &[u8]) -> Option<u8> {
    let (&[0x30, length], rest) = bytes.split_first_chunk()? else { return None };
    let more = usize::from(length & 0x7f);
    match length {
        0..0x80 => rest.first().copied(),
        // 0x80 means that an end marker follows, as some programs write PKCS #7.
        _ if more <= 4 => rest.get(more).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new self-signed certificate in PEM and DER, with LF line endings on every platform.
    fn made() -> (String, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed(["example.org".to_owned()]);
        let certificate = made.expect("makes a certificate").cert;
        (certificate.pem().replace("\r\n", "\n"), certificate.der().to_vec())
    }

    #[test]
    fn certificates_are_found_among_comments_and_damage() {
        let ((a, _), (b, _)) = (made(), made());
        for (name, text, count) in [
            ("plain", format!("{a}{b}"), 2),
            ("CRLF", format!("{a}{b}").replace('\n', "\r\n"), 2),
            ("a BOM", format!("\u{feff}{a}"), 1),
            ("remarks", format!("# One\n\n{a}\nTwo - ü\n{b}the end"), 2),
            ("no newline at the end", a.trim_end().to_owned(), 1),
            ("a key beside it", format!("{a}{}", b.replace("CERTIFICATE", "PRIVATE KEY")), 1),
            ("cut short", format!("{a}{}", &b[..b.len() / 2]), 1),
        ] {
            assert_eq!(certificates(text.as_bytes()).map(|all| all.len()), Ok(count), "{name}");
        }
    }

    #[test]
    fn a_file_in_another_format_is_identified() {
        let (pem, der) = made();
        let utf16 = |start: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [start, &pem.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
        };
        let signed_data = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        let pkcs7 = |length: &[u8]| [&[0x30], length, &signed_data, &[0xa0, 0x80]].concat();
        for (bytes, fault) in [
            (utf16(&[0xff, 0xfe], u16::to_le_bytes), FileFault::Utf16),
            (utf16(&[0xfe, 0xff], u16::to_be_bytes), FileFault::Utf16),
            (utf16(&[], u16::to_le_bytes), FileFault::Utf16),
            (der, FileFault::Der),
            (pkcs7(&[0x80]), FileFault::Pkcs7 { is_pem: false }),
            (pkcs7(&[0x82, 4, 0]), FileFault::Pkcs7 { is_pem: false }),
            (pem.replace("CERTIFICATE", "PKCS7").into_bytes(), FileFault::Pkcs7 { is_pem: true }),
            (vec![0x30, 0x82, 9, 0, 2, 1, 3, 0x30, 0x82], FileFault::Pkcs12),
            (vec![0x30, 0x82, 4, 0, 2, 1, 0, 2, 0x82], FileFault::NoCertificate),
            (pem.replace("CERTIFICATE", "PRIVATE KEY").into_bytes(), FileFault::NoCertificate),
            (b"0".to_vec(), FileFault::NoCertificate),
            (b"0\x85".to_vec(), FileFault::NoCertificate),
            (Vec::new(), FileFault::NoCertificate),
        ] {
            assert_eq!(certificates(&bytes), Err(fault), "{bytes:x?}");
        }
    }
}
