//! The trusted certificates of one file. `rustls-native-certs` takes them in byte by byte, which costs
//! several times as much as taking them in line by line, which is done here. Whatever is
//! out of the ordinary in a file is still left to it, so that both find the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use std::fs;
use std::path::Path;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// Every line that begins or ends a section holds these, and base64 does not.
const DASHES: &[u8] = b"-----";

/// Hands over each certificate of the file; none if it cannot be read. Of an odd file some come
/// twice, which is all the same to those who trust them.
pub fn each(path: &Path, mut take: impl FnMut(CertificateDer<'_>)) {
    let is_understood =
        read(path).is_some_and(|text| unaided(&text, &mut take).is_some_and(|n| n > 0));
    if !is_understood {
        rustls_native_certs::load_certs_from_paths(Some(path), None)
            .certs
            .into_iter()
            .for_each(take);
    }
}

/// `None` for a pipe too, as the shell's `<(...)` is: it could not be read a second time.
fn read(path: &Path) -> Option<Vec<u8>> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    fs::read(path).ok()
}

/// How many certificates were handed over; `None` as soon as anything is not understood.
fn unaided(text: &[u8], take: &mut impl FnMut(CertificateDer<'_>)) -> Option<usize> {
    let mut count = 0;
    let (mut base64, mut der) = (Vec::with_capacity(4096), vec![0; 4096]);
    let mut lines = Lines(text);
    while let Some(line) = lines.next() {
        if line == BEGIN {
            base64.clear();
            loop {
                match lines.next()? {
                    END => break,
                    line => base64.extend_from_slice(line),
                }
            }
            if der.len() < base64.len() {
                der.resize(base64.len(), 0);
            }
            let length = STANDARD.decode_slice(&base64, &mut der).ok()?;
            take(CertificateDer::from(&der[..length]));
            count += 1;
        } else if line.windows(DASHES.len()).any(|part| part == DASHES) {
            return None;
        }
        // Anything else between the certificates is a remark.
    }
    Some(count)
}

/// Lines without their ends, LF or CRLF.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.0);
        let (line, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
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

    fn all(path: &Path) -> BTreeSet<Vec<u8>> {
        let mut found = BTreeSet::new();
        each(path, |certificate| {
            found.insert(certificate.to_vec());
        });
        found
    }

    /// Panics unless `read` finds what `rustls-native-certs` finds; returns how many.
    #[track_caller]
    fn compare(path: &Path, name: &str) -> usize {
        let expected = rustls_native_certs::load_certs_from_paths(Some(path), None).certs;
        let expected: BTreeSet<_> =
            expected.iter().map(|certificate| certificate.to_vec()).collect();
        assert!(all(path) == expected, "{name}: other certificates");
        expected.len()
    }

    /// Name, contents, how many certificates are found unaided, and how many in all.
    type Case = (&'static str, String, Option<usize>, usize);

    #[track_caller]
    fn check(cases: Vec<Case>) {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("roots.pem");
        for (name, text, alone, in_all) in cases {
            fs::write(&path, &text).expect("writes");
            assert_eq!(unaided(text.as_bytes(), &mut |_| ()), alone, "{name}");
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
        assert!(all(folder.path()).is_empty());
        assert!(all(&folder.path().join("missing.pem")).is_empty());
    }

    #[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
    #[test]
    fn the_systems_bundle_holds_the_same_certificates_either_way() {
        if let Some(bundle) = openssl_probe::probe().cert_file {
            compare(&bundle, "the system's bundle");
        }
    }
}
