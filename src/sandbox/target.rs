//! A URL that webhooks go to. Pure.

use std::str::FromStr;

use url::{Host, Url};

use super::kinds::is_web_address;
use crate::escape::untrusted;

/// Where every event goes, whatever the Spaces' own webhooks are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookUrl(Url);

/// Why a text is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a web address: write it like http://127.0.0.1:8000/hook")]
pub(crate) struct NotAWebAddress(String);

impl FromStr for WebhookUrl {
    type Err = NotAWebAddress;

    fn from_str(text: &str) -> Result<Self, NotAWebAddress> {
        let text = text.trim();
        let url = Url::parse(text).ok().filter(|_| is_web_address(text));
        url.map(Self).ok_or_else(|| NotAWebAddress(untrusted(text)))
    }
}

impl WebhookUrl {
    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Without user name, password and query, which may hold secrets.
    pub(super) fn shown(&self) -> String {
        untrusted(&format!("{}{}", self.0.origin().ascii_serialization(), self.0.path()))
    }

    /// Whether it is on this computer, where no proxy has a part in it.
    pub(super) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> WebhookUrl {
        url.parse().expect("is a web address")
    }

    #[test]
    fn this_computer_is_known_by_all_its_names() {
        for here in ["http://localhost:8000/", "http://127.9.9.9/", "http://[::1]/"] {
            assert!(target(here).is_loopback(), "{here}");
        }
        for elsewhere in ["https://example.org/", "http://10.0.0.1/", "http://localhost.x/"] {
            assert!(!target(elsewhere).is_loopback(), "{elsewhere}");
        }
    }

    #[test]
    fn secrets_in_a_url_are_not_shown() {
        let url = "https://user:pass@example.org:8443/hook?token=x#y";
        assert_eq!(target(url).shown(), "https://example.org:8443/hook");
    }

    #[test]
    fn what_is_not_a_web_address_is_named() {
        for text in ["", "example.org/hook", "ftp://example.org/", "http://", "mailto:a@b.org"] {
            let error = text.parse::<WebhookUrl>().expect_err("is refused");
            assert!(error.to_string().starts_with(&format!("`{text}` is not")), "{error}");
        }
    }
}
