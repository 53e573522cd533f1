//! The trusted certificates of one file. `rustls-native-certs` takes them in byte by byte, which costs
//! several times as much as taking them in line by line, which is done here. Whatever is
//! out of the ordinary in a file is still left to it, so that both find the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// Every line that begins or ends a section holds these, and base64 does not.
const DASHES: &[u8] = b"-----";

/// All certificates of the file; none if it cannot be read.
pub fn read(path: &Path) -> Vec<CertificateDer<'static>> {
    open(path)
        .and_then(certificates)
        .filter(|found| !found.is_empty())
        .unwrap_or_else(|| rustls_native_certs::load_certs_from_paths(Some(path), None).certs)
}

/// `None` for a pipe too, as the shell's `<(...)` is: it could not be read a second time.
fn open(path: &Path) -> Option<BufReader<File>> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    File::open(path).ok().map(BufReader::new)
}

/// `None` if anything is not understood, even if other certificates are.
fn certificates(mut file: impl BufRead) -> Option<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    let mut line = Vec::new();
    while append_line(&mut file, &mut line)? {
        if line == BEGIN {
            found.push(section(&mut file)?);
        } else if line.windows(DASHES.len()).any(|part| part == DASHES) {
            return None;
        }
        // Anything else between the certificates is a remark.
        line.clear();
    }
    Some(found)
}

/// The certificate whose first line has been read.
fn section(file: &mut impl BufRead) -> Option<CertificateDer<'static>> {
    let mut text = Vec::with_capacity(2048);
    loop {
        let start = text.len();
        if !append_line(file, &mut text)? {
            return None;
        }
        if &text[start..] == END {
            return STANDARD.decode(&text[..start]).ok().map(CertificateDer::from);
        }
    }
}

/// Appends the next line without its end, LF or CRLF; `Some(false)` if there is none.
fn append_line(file: &mut impl BufRead, text: &mut Vec<u8>) -> Option<bool> {
    let start = text.len();
    if file.read_until(b'\n', text).ok()? == 0 {
        return Some(false);
    }
    let line = &text[start..];
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let length = line.strip_suffix(b"\r").unwrap_or(line).len();
    text.truncate(start + length);
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The certificate of a new authority, with LF at the ends of lines on every platform.
    fn pem() -> String {
        let made = rcgen::generate_simple_self_signed(["example.org".to_owned()]);
        made.expect("makes a certificate").cert.pem().replace("\r\n", "\n")
    }

    fn set(certificates: &[CertificateDer<'static>]) -> BTreeSet<Vec<u8>> {
        certificates.iter().map(|certificate| certificate.to_vec()).collect()
    }

    /// Panics unless `read` finds what `rustls-native-certs` finds; returns how many.
    #[track_caller]
    fn compare(path: &Path, name: &str) -> usize {
        let expected = rustls_native_certs::load_certs_from_paths(Some(path), None).certs;
        assert!(set(&read(path)) == set(&expected), "{name}: other certificates");
        expected.len()
    }

    /// How many certificates are found without any help; `None` if help is asked for.
    fn unaided(text: &[u8]) -> Option<usize> {
        certificates(text).map(|found| found.len())
    }

    /// Name, contents, how many certificates are found unaided, and how many in all.
    type Case = (&'static str, String, Option<usize>, usize);

    #[track_caller]
    fn check(cases: Vec<Case>) {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("roots.pem");
        for (name, text, alone, in_all) in cases {
            fs::write(&path, &text).expect("writes");
            assert_eq!(unaided(text.as_bytes()), alone, "{name}");
            assert_eq!(compare(&path, name), in_all, "{name}");
        }
    }

    #[test]
    fn ordinary_files_are_read_without_help() {
        let (a, b) = (pem(), pem());
        let plain = format!("{a}{b}");
        check(vec![
            ("CRLF", plain.replace('\n', "\r\n"), Some(2), 2),
            ("no newline at the end", plain.trim_end().to_owned(), Some(2), 2),
            ("remarks", format!("# One\n====\n\n{a}\nTwo - ü\r\n{b}the end"), Some(2), 2),
            ("the same one twice", format!("{a}{b}{a}"), Some(3), 2),
            ("plain", plain, Some(2), 2),
        ]);
    }

    #[test]
    fn odd_files_hold_what_they_always_held() {
        let (a, b) = (pem(), pem());
        let of_b = |from: &str, to: &str| format!("{a}{}", b.replace(from, to));
        let (cut, _) = b.split_at(b.len() / 2);
        let unpadded = "-----BEGIN CERTIFICATE-----\nMA\n-----END CERTIFICATE-----\n";
        check(vec![
            ("empty", String::new(), Some(0), 0),
            ("no certificate", "nothing to see here\n".to_owned(), Some(0), 0),
            ("truncated", format!("{a}{cut}"), None, 1),
            ("begun, no more", format!("{a}-----BEGIN CERTIFICATE-----"), None, 1),
            ("begun twice", format!("-----BEGIN CERTIFICATE-----\n{a}"), None, 1),
            ("trusted", of_b("CERTIFICATE", "TRUSTED CERTIFICATE"), None, 1),
            ("old name", of_b("CERTIFICATE", "X509 CERTIFICATE"), None, 1),
            ("key", of_b("CERTIFICATE", "PRIVATE KEY"), None, 1),
            ("leading blanks", format!("{a}{b}").replace('\n', "\n  "), None, 0),
            ("leading blanks at the beginning", of_b("-----BEGIN", " -----BEGIN"), None, 1),
            ("leading blanks in base64", of_b("-----\nM", "-----\n \tM"), None, 2),
            ("blank after base64", of_b("\n-----END", " \n-----END"), None, 2),
            ("blank after the first line", of_b("-----\nM", "----- \nM"), None, 2),
            ("text after the last line", format!("{} x\n{b}", a.trim_end()), None, 2),
            ("two in one line", format!("{}{b}", a.trim_end()), None, 1),
            ("CR alone", of_b("\n", "\r"), None, 2),
            ("byte order mark", format!("\u{feff}{a}{b}"), None, 1),
            ("header in a section", of_b("-----\nM", "-----\nName: value\n\nM"), None, 1),
            ("no base64", of_b("-----\nM", "-----\n*M"), None, 1),
            ("no padding", format!("{a}{unpadded}"), None, 2),
        ]);
    }

    #[test]
    fn what_cannot_be_read_holds_nothing() {
        let folder = tempfile::tempdir().expect("makes a folder");
        assert!(read(folder.path()).is_empty());
        assert!(read(&folder.path().join("missing.pem")).is_empty());
    }

    #[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
    #[test]
    fn the_systems_bundle_holds_the_same_certificates_either_way() {
        if let Some(bundle) = openssl_probe::probe().cert_file {
            compare(&bundle, "the system's bundle");
        }
    }
}
