//! Webhook signatures: the HMAC-SHA-256 of a delivery's raw body with the Space's `secret`.
//!
//! No I/O: `commands/` reads the body, secret and signature, and the sandbox signs its deliveries with the
//! same code. Lessonspace documents that the signature is in `x-webhook-signature` and covers the raw body;
//! hex is what existing receivers expect.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::hmac;

/// The length of a SHA-256 digest in bytes.
const DIGEST: usize = 32;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: [GeneralPurpose; 2] = [
    GeneralPurpose::new(&alphabet::STANDARD, LENIENT),
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT),
];

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The signature matches the body, byte for byte.
    Matches,
    /// It would match without the body's final newline, which shells and editors add.
    MatchesWithoutTrailingNewline,
    /// The body or the secret is different.
    Differs,
}

/// The text cannot be a signature, so nothing was compared. The message follows `--signature`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid signature; expected 64 hex digits, or 32 bytes in base64")]
pub(crate) struct MalformedSignature;

/// The signature of `body` in lower-case hex, as in the `x-webhook-signature` header. `secret` is used as
/// text (a UUID with its hyphens), not decoded.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    hex(hmac::sign(&key(secret), body).as_ref())
}

/// Compares in constant time. `signature` may be hex in either case or base64, with an optional `sha256=`
/// prefix and surrounding whitespace.
pub(crate) fn verify(
    secret: &str,
    body: &[u8],
    signature: &str,
) -> Result<Verdict, MalformedSignature> {
    let wanted = decode(signature)?;
    let key = key(secret);
    let matches = |body: &[u8]| hmac::verify(&key, body, &wanted).is_ok();
    if matches(body) {
        return Ok(Verdict::Matches);
    }
    let bare = body.strip_suffix(b"\n");
    let bare_of_both = body.strip_suffix(b"\r\n");
    if bare.is_some_and(matches) || bare_of_both.is_some_and(matches) {
        return Ok(Verdict::MatchesWithoutTrailingNewline);
    }
    Ok(Verdict::Differs)
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

fn decode(signature: &str) -> Result<[u8; DIGEST], MalformedSignature> {
    let text = signature.trim();
    let text = match text.get(..7) {
        Some(prefix) if prefix.eq_ignore_ascii_case("sha256=") => &text[7..],
        _ => text,
    };
    let bytes = unhex(text).or_else(|| BASE64.iter().find_map(|engine| engine.decode(text).ok()));
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(MalformedSignature)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `None` unless `text` is exactly one digest in hex.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * DIGEST)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const SECRET: &str = "0e2d6f4c-8a5b-4f0e-9d51-5f1a2b3c4d5e";

    #[test]
    fn the_signature_matches_rfc_4231() {
        let signature = sign("Jefe", b"what do ya want for nothing?");
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn prefix_case_and_base64_are_accepted() {
        let signature = sign(SECRET, b"{}");
        let raw = unhex(&signature).expect("is hex");
        for spelling in [
            signature.clone(),
            signature.to_uppercase(),
            format!("sha256={signature}"),
            format!(" SHA256={}\n", signature.to_uppercase()),
            STANDARD.encode(&raw),
            format!("sha256={}", URL_SAFE_NO_PAD.encode(&raw)),
        ] {
            assert_eq!(verify(SECRET, b"{}", &spelling), Ok(Verdict::Matches), "{spelling}");
        }
    }

    #[test]
    fn a_newline_added_by_the_shell_is_reported() {
        let signature = sign(SECRET, b"{}");
        let newline = Ok(Verdict::MatchesWithoutTrailingNewline);
        assert_eq!(verify(SECRET, b"{}\n", &signature), newline);
        assert_eq!(verify(SECRET, b"{}\r\n", &signature), newline);
        assert_eq!(verify(SECRET, b"{}\r\n", &sign(SECRET, b"{}\r")), newline);
        assert_eq!(verify(SECRET, b"{}\n\n", &signature), Ok(Verdict::Differs));
        assert_eq!(verify(SECRET, b"{}\n", &sign(SECRET, b"{}\n")), Ok(Verdict::Matches));
    }

    #[test]
    fn another_secret_or_a_changed_byte_does_not_match() {
        let signature = sign(SECRET, b"{}");
        assert_eq!(verify("another", b"{}", &signature), Ok(Verdict::Differs));
        assert_eq!(verify(SECRET, b"{ }", &signature), Ok(Verdict::Differs));
        assert_eq!(verify(SECRET, b"", &signature), Ok(Verdict::Differs));
    }

    #[test]
    fn text_that_cannot_be_a_signature_is_reported_as_such() {
        let signature = sign(SECRET, b"{}");
        let long = format!("{signature}00");
        for text in ["", "sha256=", "deadbeef", "not a signature", &signature[1..], &long, "ü"] {
            assert_eq!(verify(SECRET, b"{}", text), Err(MalformedSignature), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_signed_body_matches(secret in ".*", body: Vec<u8>) {
            prop_assert_eq!(verify(&secret, &body, &sign(&secret, &body)), Ok(Verdict::Matches));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,90}") {
            prop_assert_ne!(verify(SECRET, b"{}", &text), Ok(Verdict::Matches));
        }
    }
}
