//! The API's address: strict, because the key goes there.

use crate::api::is_loopback;
use crate::escape::untrusted;
use url::Url;

/// Lessonspace's own.
pub const DEFAULT_API_URL: &str = "https://api.thelessonspace.com/v2/";

/// Reads an API address: `https`, or `http` to a loopback address; without user name, password,
/// query or fragment. A missing final `/` is added. The error says what is wrong, without the
/// place.
pub fn api_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
        return Err("contains a character not allowed in an address".to_owned());
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let Some("https" | "http") = scheme.as_deref() else {
        // What is before an @ may be a password.
        let is_secret = text.contains('@');
        let shown = if is_secret { "this".to_owned() } else { format!("{:?}", untrusted(text)) };
        return Err(format!(
            "{shown} is not an https address; expected one such as {DEFAULT_API_URL}"
        ));
    };
    let mut url = Url::parse(text)
        .ok()
        .filter(|url| url.has_host() && !text.contains(":///"))
        .ok_or_else(|| "is not a valid address".to_owned())?;
    // A password in it must not be shown.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not contain ? or #".to_owned());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(
            "must be https, because the API key is sent there (http is allowed only for this computer)"
                .to_owned(),
        );
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_get_a_final_slash() {
        for (text, expected) in [
            (DEFAULT_API_URL, DEFAULT_API_URL),
            ("https://api.thelessonspace.com/v2", DEFAULT_API_URL),
            ("https://e.org", "https://e.org/"),
            ("http://127.0.0.1:8000/v2", "http://127.0.0.1:8000/v2/"),
            ("http://127.8.9.1", "http://127.8.9.1/"),
            ("http://localhost:1/", "http://localhost:1/"),
            ("http://[::1]:1", "http://[::1]:1/"),
            (" HTTPS://E.org ", "https://e.org/"),
        ] {
            assert_eq!(api_url(text).map(String::from), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn look_alikes_are_refused() {
        for text in [
            "",
            "e.org",
            "http://api.thelessonspace.com/v2/",
            "http://localhost.evil.org/",
            "http://127.0.0.1.evil.org/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "http://localhost@evil.org/",
            "https://api.thelessonspace.com@evil.org/",
            "https://u:p@e.org/",
            "https://:p@e.org/",
            "ftp://e.org",
            "https:e.org",
            "https:\\\\e.org",
            "https://e.org\\@x",
            "https://",
            "https:///v2/",
            "https://e.org/?x",
            "https://e.org/#x",
            "https://аpi.thelessonspace.com/",
            "https://e .org",
            "javascript:alert(1)",
            "file:///x",
            "https://e.org/\u{202e}",
            "http://128.0.0.1/",
        ] {
            assert!(api_url(text).is_err(), "{text}");
        }
    }
}
