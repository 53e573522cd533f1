//! How to reach the API, directly or through a proxy, and what the proxy does.

use crate::error::{Error, Kind, Result};
use crate::escape::untrusted;
use hyper_util::client::proxy::matcher::Matcher;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::task::JoinHandle;
use url::Url;

/// Variables that set the proxy for https, in order of precedence. There is none for http, which is
/// used only for this computer and never through a proxy.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// How to reach a URL.
#[derive(Debug, PartialEq, Eq)]
pub enum Proxy {
    None,
    At(Url),
}

/// A proxy variable has an invalid value. The value may contain a password, so it is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnusableProxy {
    pub name: &'static str,
}

impl From<UnusableProxy> for Error {
    fn from(UnusableProxy { name }: UnusableProxy) -> Self {
        Self::new(Kind::Usage, format!("{name} is not a valid proxy address"))
            .with_hint("set it to http://HOST:PORT, or unset it to use no proxy")
    }
}

/// How to reach a URL, from the environment or else the system settings. The HTTP library would
/// ignore a variable it cannot parse and send directly what should go through a proxy.
pub fn proxy_for(url: &Url) -> Result<Proxy, UnusableProxy> {
    let variable =
        |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    choose(url, variable, system_proxy)
}

fn choose(
    url: &Url,
    variable: impl Fn(&str) -> Option<String>,
    of_system: impl Fn(&Url) -> Option<Url>,
) -> Result<Proxy, UnusableProxy> {
    let given = |name: &str| {
        let value = variable(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    };
    // In a CGI program, a client's `Proxy:` header becomes the variable HTTP_PROXY.
    if is_loopback(url) || variable("REQUEST_METHOD").is_some() {
        return Ok(Proxy::None);
    }
    let Some((name, value)) = PROXY_VARIABLES.iter().find_map(|name| Some((*name, given(name)?)))
    else {
        return Ok(of_system(url).map_or(Proxy::None, Proxy::At));
    };
    let exceptions = given("NO_PROXY").or_else(|| given("no_proxy")).unwrap_or_default();
    let any = Matcher::builder().all("http://proxy.invalid").no(exceptions).build();
    if url.as_str().parse().is_ok_and(|uri| any.intercept(&uri).is_none()) {
        return Ok(Proxy::None);
    }
    proxy_address(&value).map(Proxy::At).ok_or(UnusableProxy { name })
}

/// The proxy from the system settings, which include no password.
fn system_proxy(url: &Url) -> Option<Url> {
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    Url::parse(&proxy.uri().to_string()).ok()
}

/// The address of a proxy. Without a scheme, it is an HTTP proxy.
fn proxy_address(text: &str) -> Option<Url> {
    let has_scheme = text.contains("://");
    let url = if has_scheme { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.ok()?;
    let is_known =
        matches!(url.scheme(), "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h");
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let has_host =
        url.host_str().is_some_and(|host| !host.is_empty() && host.bytes().all(is_host_byte));
    // `http//proxy` is a host named http and a path.
    let is_whole = has_scheme || matches!(url.path(), "" | "/");
    let is_plain =
        !text.contains(":///") && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_known && has_host && is_whole && is_plain).then_some(url)
}

/// Whether a URL's host is this computer: `localhost`, 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The proxy that requests go through.
pub struct ProxyInUse {
    /// Host and port, safe to show.
    pub place: String,
    /// Whether it resolves the API's host name.
    pub looks_up_names: bool,
    /// Whether its address contains a user name or password.
    pub has_password: bool,
    /// The address for the HTTP library.
    pub address: Url,
    relay: Option<Relay>,
}

impl ProxyInUse {
    /// Prepares the proxy at this address. Must be called within a runtime.
    pub fn new(address: Url) -> io::Result<Self> {
        let port = address.port().map_or_else(String::new, |port| format!(":{port}"));
        let host = address.host_str().unwrap_or_default();
        let mut proxy = Self {
            place: untrusted(&format!("{host}{port}")),
            looks_up_names: matches!(address.scheme(), "http" | "https" | "socks4a" | "socks5h"),
            has_password: !address.username().is_empty() || address.password().is_some(),
            relay: None,
            address,
        };
        if proxy.address.scheme() == "http" {
            let relay = Relay::start(&proxy.address)?;
            // Neither call fails for an http URL.
            let _ = proxy.address.set_ip_host(relay.address.ip());
            let _ = proxy.address.set_port(Some(relay.address.port()));
            proxy.relay = Some(relay);
        }
        Ok(proxy)
    }

    /// What the proxy did when last asked for a connection, if known.
    pub fn last_answer(&self) -> Option<ConnectAnswer> {
        let relay = self.relay.as_ref()?;
        relay.last_answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a proxy does when asked for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectAnswer {
    /// No connection to the proxy itself; the cause, safe to show.
    Unreachable(String),
    /// It closed the connection.
    Closed,
    /// It sent more than 16 KiB of headers.
    TooLong,
    /// It sent something other than HTTP.
    NotHttp,
    /// It responded.
    Status {
        status: u16,
        /// The authentication schemes it offers.
        schemes: Vec<String>,
    },
    /// It did not open a connection, for an unknown reason.
    Unknown,
}

/// hyper-util does not expose a proxy's response to CONNECT, but 403, 407 and 503 need different
/// retries and messages. So the HTTP library talks to a relay in this process, which forwards
/// everything and reads the head of the response on the way. The relay listens on loopback only and
/// adds nothing, so another program that finds it can reach only the proxy.
struct Relay {
    address: SocketAddr,
    last_answer: Arc<Mutex<Option<ConnectAnswer>>>,
    task: JoinHandle<()>,
}

/// Longest response head that is examined, in bytes.
const MAX_HEAD_SIZE: usize = 16 << 10;

/// How long the client may take to read the remaining data after the proxy closes the connection.
const LINGER: Duration = Duration::from_secs(5);

impl Relay {
    fn start(proxy: &Url) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let host = proxy.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let target = (host, proxy.port_or_known_default().unwrap_or(80));
        let last_answer = Arc::default();
        let answers = Arc::clone(&last_answer);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(relay(client, target.clone(), Arc::clone(&answers)));
            }
        });
        Ok(Self { address, last_answer, task })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(
    client: TcpStream,
    target: (String, u16),
    last_answer: Arc<Mutex<Option<ConnectAnswer>>>,
) {
    let set = |answer| *last_answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    let note = |answer| set(Some(answer));
    set(None);
    let server = match connect(target).await {
        Ok(server) => server,
        Err(cause) => return note(ConnectAnswer::Unreachable(cause)),
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async move {
        let _ = copy(&mut from_client, &mut to_server).await;
    };
    let down = async move {
        let head = read_head(&mut from_server).await;
        note(meaning_of(&head));
        if to_client.write_all(&head).await.is_ok() {
            let _ = copy(&mut from_server, &mut to_client).await;
        }
    };
    tokio::pin!(up);
    tokio::select! {
        () = &mut up => {}
        () = down => {
            let _ = tokio::time::timeout(LINGER, up).await;
        }
    }
}

async fn connect(target: (String, u16)) -> Result<TcpStream, String> {
    let unknown = |_| "could not resolve the proxy's host name".to_owned();
    let addresses: Vec<SocketAddr> = lookup_host(target).await.map_err(unknown)?.collect();
    TcpStream::connect(addresses.as_slice()).await.map_err(|error| untrusted(&error.to_string()))
}

/// Reads the start of a proxy's response, up to the end of the head or of the response.
async fn read_head(server: &mut OwnedReadHalf) -> Vec<u8> {
    let mut head = Vec::new();
    while head.len() <= MAX_HEAD_SIZE && !head.windows(4).any(|part| part == b"\r\n\r\n") {
        match server.read_buf(&mut head).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    head
}

fn meaning_of(head: &[u8]) -> ConnectAnswer {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split_ascii_whitespace().nth(1))
        .and_then(|status| status.parse().ok());
    let is_whole = text.contains("\r\n\r\n");
    match status {
        _ if head.is_empty() => ConnectAnswer::Closed,
        None if "HTTP/1.".starts_with(first) => ConnectAnswer::Closed,
        None => ConnectAnswer::NotHttp,
        Some(200) if !is_whole && head.len() > MAX_HEAD_SIZE => ConnectAnswer::TooLong,
        Some(_) if !is_whole && head.len() <= MAX_HEAD_SIZE => ConnectAnswer::Closed,
        Some(status) => ConnectAnswer::Status {
            status,
            schemes: lines
                .take_while(|line| !line.is_empty())
                .filter_map(|line| line.split_once(':'))
                .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"))
                .flat_map(|(_, value)| schemes(value))
                .collect(),
        },
    }
}

/// Names of the schemes in a `Proxy-Authenticate` header: `NTLM`, `Basic realm="x"`, or several
/// separated by commas.
pub fn schemes(value: &str) -> Vec<String> {
    let starts = value.split(',').filter_map(|part| part.split_ascii_whitespace().next());
    starts.filter(|word| !word.contains(['=', '"'])).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxy in the system settings.
    const SYSTEM: &str = "http://system:8080";

    fn way(url: &str, variables: &[(&str, &str)]) -> Result<Proxy, UnusableProxy> {
        let value = |name: &str| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        };
        let system = |_: &Url| Some(Url::parse(SYSTEM).expect("a URL"));
        choose(&Url::parse(url).expect("a URL"), value, system)
    }

    fn through(proxy: &str) -> Proxy {
        Proxy::At(Url::parse(proxy).expect("a URL"))
    }

    #[test]
    fn the_first_non_empty_variable_sets_the_proxy() {
        let a = ("HTTPS_PROXY", "http://a:1");
        for (variables, expected) in [
            (&[][..], through(SYSTEM)),
            (&[("HTTP_PROXY", "nonsense"), ("http_proxy", "://")], through(SYSTEM)),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", " \n")], through(SYSTEM)),
            (&[a, ("https_proxy", "http://b:2"), ("ALL_PROXY", "htp://c")], through("http://a:1")),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "http://b:2")], through("http://b:2")),
            (&[("all_proxy", "http://c:3")], through("http://c:3")),
            (&[a, ("NO_PROXY", "x.org, e.org")], Proxy::None),
            (&[a, ("NO_PROXY", ""), ("no_proxy", "*")], Proxy::None),
            (&[a, ("NO_PROXY", "x.org")], through("http://a:1")),
            (&[("HTTPS_PROXY", "htp://a"), ("NO_PROXY", "e.org")], Proxy::None),
            (&[a, ("REQUEST_METHOD", "GET")], Proxy::None),
        ] {
            assert_eq!(way("https://api.e.org/v2/", variables), Ok(expected), "{variables:?}");
        }
        for loopback in ["https://127.0.0.1/", "http://localhost:8000/", "https://[::1]/"] {
            assert_eq!(way(loopback, &[("HTTPS_PROXY", "htp://a")]), Ok(Proxy::None));
        }
    }

    #[test]
    fn a_proxy_address_may_omit_its_scheme() {
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
    fn an_invalid_proxy_address_is_never_ignored() {
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

    #[test]
    fn the_head_of_a_proxys_response_is_parsed() {
        let status = |status, schemes: &[&str]| ConnectAnswer::Status {
            status,
            schemes: schemes.iter().map(|&scheme| scheme.to_owned()).collect(),
        };
        let long = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD_SIZE));
        let refused = format!("HTTP/1.1 403 No\r\nX: {}", "x".repeat(MAX_HEAD_SIZE));
        for (head, expected) in [
            ("HTTP/1.1 200 OK\r\n\r\n", status(200, &[])),
            ("HTTP/1.0 403 Forbidden\r\nA: b\r\n\r\n<html>", status(403, &[])),
            ("HTTP/1.1 407\r\nProxy-Authenticate: NTLM\r\n\r\n", status(407, &["NTLM"])),
            (
                "HTTP/1.1 407 x\r\nproxy-authenticate: Negotiate\r\nPROXY-AUTHENTICATE: Basic realm=\"a, b\"\r\n\r\n",
                status(407, &["Negotiate", "Basic"]),
            ),
            ("", ConnectAnswer::Closed),
            ("HTT", ConnectAnswer::Closed),
            ("HTTP/1.1 200 OK\r\n", ConnectAnswer::Closed),
            (&long, ConnectAnswer::TooLong),
            (&refused, status(403, &[])),
            ("SSH-2.0-OpenSSH_9.6\r\n", ConnectAnswer::NotHttp),
            ("220 mail.example.org ESMTP\r\n", ConnectAnswer::NotHttp),
            ("HTTP/1.1 abc\r\n\r\n", ConnectAnswer::NotHttp),
        ] {
            assert_eq!(meaning_of(head.as_bytes()), expected, "{head:.60}");
        }
    }

    #[test]
    fn one_header_may_list_several_schemes() {
        assert_eq!(schemes("NTLM, Basic realm=\"x\", charset=\"UTF-8\""), ["NTLM", "Basic"]);
        assert!(schemes("").is_empty());
    }
}
