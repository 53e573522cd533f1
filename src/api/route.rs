//! The way to the API: on this computer, through a proxy, or straight.

use crate::escape::untrusted;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// The variables that name the proxy for https, first come first served. There is none for http: it
/// goes to this computer alone, and never through a proxy.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// How to get to an URL.
#[derive(Debug, PartialEq, Eq)]
pub enum Way {
    /// Without a proxy.
    Straight,
    /// Through the proxy that a variable names.
    Through(Url),
    /// As the system's settings say, which the HTTP library reads itself.
    System,
}

/// A variable that would name the proxy holds something else. The value may hold a password, so it
/// is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{name} does not hold the address of a proxy")]
pub struct UnusableProxy {
    /// The variable.
    pub name: &'static str,
}

/// A proxy on the way.
pub struct Proxy {
    /// Host and port, safe to show.
    pub place: String,
    /// Whether it looks up names itself, so that only its own is looked up here. SOCKS proxies may
    /// or may not.
    pub is_http: bool,
}

/// How to get to an URL, by the environment. The HTTP library would pass over a variable that it
/// cannot read, and send straight what was to go through a proxy.
pub fn way_to(url: &Url) -> Result<Way, UnusableProxy> {
    choose(url, |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
}

fn choose(url: &Url, variable: impl Fn(&str) -> Option<String>) -> Result<Way, UnusableProxy> {
    let given = |name: &str| {
        let value = variable(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    // In a CGI program a stranger's header `Proxy:` becomes the variable HTTP_PROXY.
    if is_loopback(url) || variable("REQUEST_METHOD").is_some() {
        return Ok(Way::Straight);
    }
    let Some((name, value)) = PROXY_VARIABLES.iter().find_map(|name| Some((*name, given(name)?)))
    else {
        return Ok(Way::System);
    };
    let exceptions = given("NO_PROXY").or_else(|| given("no_proxy")).unwrap_or_default();
    let any = Matcher::builder().all("http://proxy.invalid").no(exceptions).build();
    if url.as_str().parse().is_ok_and(|uri| any.intercept(&uri).is_none()) {
        return Ok(Way::Straight);
    }
    proxy_address(&value).map(Way::Through).ok_or(UnusableProxy { name })
}

/// The address of a proxy; without a scheme it is one for HTTP.
fn proxy_address(text: &str) -> Option<Url> {
    let has_scheme = text.contains("://");
    let url = if has_scheme { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.ok()?;
    let is_known =
        matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let has_host =
        url.host_str().is_some_and(|host| !host.is_empty() && host.bytes().all(is_host_byte));
    // `http//proxy` is a host named http, and a path.
    let is_whole = has_scheme || matches!(url.path(), "" | "/");
    let is_plain =
        !text.contains(":///") && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_known && has_host && is_whole && is_plain).then_some(url)
}

/// The proxy on the way to an URL.
pub fn proxy_to(url: &Url) -> Option<Proxy> {
    match way_to(url) {
        Ok(Way::Through(proxy)) => {
            let port = proxy.port().map_or_else(String::new, |port| format!(":{port}"));
            let place = untrusted(&format!("{}{port}", proxy.host_str()?));
            Some(Proxy { place, is_http: matches!(proxy.scheme(), "http" | "https") })
        }
        Ok(Way::System) => {
            let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
            let is_http = matches!(proxy.uri().scheme_str(), Some("http" | "https"));
            let place = proxy.uri().authority()?.as_str().rsplit('@').next()?;
            Some(Proxy { place: untrusted(place), is_http })
        }
        Ok(Way::Straight) | Err(_) => None,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str, variables: &[(&str, &str)]) -> Result<Way, UnusableProxy> {
        let value = |name: &str| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        };
        choose(&Url::parse(url).expect("an URL"), value)
    }

    fn through(proxy: &str) -> Way {
        Way::Through(Url::parse(proxy).expect("an URL"))
    }

    #[test]
    fn the_first_variable_that_is_not_empty_names_the_proxy() {
        let a = ("HTTPS_PROXY", "http://a:1");
        for (variables, expected) in [
            (&[][..], Way::System),
            (&[("HTTP_PROXY", "nonsense"), ("http_proxy", "://")], Way::System),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", " \n")], Way::System),
            (&[a, ("https_proxy", "http://b:2"), ("ALL_PROXY", "htp://c")], through("http://a:1")),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "http://b:2")], through("http://b:2")),
            (&[("all_proxy", "http://c:3")], through("http://c:3")),
            (&[a, ("NO_PROXY", "x.org, e.org")], Way::Straight),
            (&[a, ("NO_PROXY", ""), ("no_proxy", "*")], Way::Straight),
            (&[a, ("NO_PROXY", "x.org")], through("http://a:1")),
            (&[("HTTPS_PROXY", "htp://a"), ("NO_PROXY", "e.org")], Way::Straight),
            (&[a, ("REQUEST_METHOD", "GET")], Way::Straight),
        ] {
            assert_eq!(way("https://api.e.org/v2/", variables), Ok(expected), "{variables:?}");
        }
        for loopback in ["https://127.0.0.1/", "http://localhost:8000/", "https://[::1]/"] {
            assert_eq!(way(loopback, &[("HTTPS_PROXY", "htp://a")]), Ok(Way::Straight));
        }
    }

    #[test]
    fn a_proxy_is_an_address_with_or_without_a_scheme() {
        for (text, expected) in [
            ("http://a:1 ", "http://a:1"),
            ("\t http://a:1\r\n", "http://a:1"),
            ("HTTP://a:1", "http://a:1"),
            ("http://a:1/", "http://a:1"),
            ("a:1", "http://a:1"),
            ("a", "http://a"),
            ("127.0.0.1:3128", "http://127.0.0.1:3128"),
            ("[::1]:3128", "http://[::1]:3128"),
            ("pupil:hunter2@a:1", "http://pupil:hunter2@a:1"),
            ("http://pupil:hun@hunter2@a:1", "http://pupil:hun%40hunter2@a:1"),
            ("https://a:1", "https://a:1"),
            ("socks5h://a:1", "socks5h://a:1"),
        ] {
            let seen = way("https://e.org/", &[("HTTPS_PROXY", text)]);
            assert_eq!(seen, Ok(through(expected)), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_the_address_of_a_proxy_is_never_passed_over() {
        for text in [
            "htp://127.0.0.1:9",
            "http//127.0.0.1:9",
            "http:/127.0.0.1:9",
            "http:127.0.0.1:9",
            "http:///a:1",
            "\"http://127.0.0.1:9\"",
            "'http://127.0.0.1:9'",
            "\"a\"",
            "http://exa mple:9",
            "http://a:99999",
            "http://a:port",
            "http://",
            "://",
            "http://a:1\nb",
            "ftp://a:1",
            "file:///a",
        ] {
            for name in PROXY_VARIABLES {
                let unusable = Err(UnusableProxy { name });
                assert_eq!(way("https://e.org/", &[(name, text)]), unusable, "{text:?}");
            }
        }
    }
}
