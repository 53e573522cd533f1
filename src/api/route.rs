//! The way to the API: on this computer, through a proxy, or straight.

use crate::escape::untrusted;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// A proxy on the way.
pub struct Proxy {
    /// Host and port, safe to show.
    pub place: String,
    /// Whether it looks up names itself, so that only its own is looked up here. SOCKS proxies may
    /// or may not.
    pub is_http: bool,
}

/// The proxy on the way to an URL, as the HTTP library chooses it.
pub fn proxy_to(url: &Url) -> Option<Proxy> {
    if is_loopback(url) {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let is_http = matches!(proxy.uri().scheme_str(), Some("http" | "https"));
    // Of a password with an @ in it, the library leaves a part in the address.
    let place = proxy.uri().authority()?.as_str().rsplit('@').next()?;
    Some(Proxy { place: untrusted(place), is_http })
}

/// Whether an URL's host is this computer: `localhost`, 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
