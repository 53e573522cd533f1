//! Why an attempt failed, and what the user can do about it.

use super::proxy::{ConnectAnswer, ProxyInUse};
use crate::error::Kind;
use crate::escape::untrusted;
use crate::json::{self, Value};
use crate::words::first_of;
use std::borrow::Cow;
use std::error::Error as _;
use std::time::Duration;
use url::Url;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No connection: the request was certainly not sent.
    #[error("could not reach {host}{}", through(proxy.as_deref()))]
    Unreachable {
        host: String,
        /// The proxy in use, safe to show.
        proxy: Option<String>,
        /// What went wrong, safe to show.
        cause: String,
    },
    /// The proxy cannot connect to the API at the moment: the request was certainly not sent.
    #[error("could not reach {host}: proxy {proxy} did not open a connection")]
    ProxyFailed {
        host: String,
        /// The proxy's address, safe to show.
        proxy: String,
        cause: String,
    },
    /// The proxy does not allow connections to the API: the request was certainly not sent.
    #[error("proxy {proxy} refused to connect to {host} ({status})")]
    ProxyRefused {
        host: String,
        /// The proxy's address, safe to show.
        proxy: String,
        status: u16,
    },
    /// The proxy requires sign-in.
    #[error("{0}")]
    ProxySignIn(SignIn),
    /// The connection was made, but no complete response arrived in time.
    #[error("{host} did not respond in time")]
    TimedOut { host: String },
    /// The connection broke, or the response was cut short.
    #[error("lost the connection to {host} before the response was complete")]
    Broken {
        host: String,
        /// What went wrong, safe to show.
        cause: String,
    },
    /// 408, 425, 429 and 5xx.
    #[error("{}", unavailable_headline(*.status))]
    Unavailable {
        status: u16,
        /// The wait the server asked for.
        retry_after: Option<Duration>,
        details: Details,
    },
    /// 401 and 403.
    #[error("Lessonspace refused the API key ({status})")]
    KeyRefused { status: u16, details: Details },
    /// Any other 4xx.
    #[error("Lessonspace refused the request ({status})")]
    Refused { status: u16, details: Details },
    /// The certificate cannot be trusted.
    #[error("the TLS certificate of {host} {problem}")]
    Certificate {
        host: String,
        /// Why it is not trusted.
        problem: CertificateProblem,
    },
    /// The server has no TLS version (or cipher) in common with this program.
    #[error("{host} uses a TLS version this program does not support")]
    TlsVersion { host: String },
    /// The server does not speak HTTP, or does not speak TLS at an `https` address: a mail or SSH
    /// server, or another program on that port.
    #[error("{host} is not a {}: it does not support {}", if *.is_proxy { "proxy" } else { "web server" }, if *.tls { "TLS" } else { "HTTP" })]
    NotHttp {
        /// The host or proxy, safe to show.
        host: String,
        /// Whether TLS was expected.
        tls: bool,
        /// Whether a proxy was expected.
        is_proxy: bool,
    },
    /// Something other than the API responded.
    #[error("{reason}")]
    NotLessonspace {
        /// The HTTP status, if any.
        status: Option<u16>,
        /// How this was detected.
        reason: UnexpectedAnswer,
    },
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through proxy {proxy}"))
}

/// The sign-in that a proxy requires.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignIn {
    /// A user name and password; the proxy's address has none.
    #[error("the proxy requires a user name and password (407)")]
    Password,
    /// A different user name and password from those in the proxy's address.
    #[error("the proxy rejected the user name and password in its address (407)")]
    OtherPassword,
    /// A scheme that only Windows and browsers support; its names, safe to show.
    #[error("the proxy requires {0} sign-in, which this program does not support (407)")]
    Unsupported(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    /// Signed by an authority that is not in the store.
    #[error("is signed by an authority this computer does not trust")]
    UnknownIssuer,
    #[error("has expired")]
    Expired,
    #[error("is not valid yet")]
    NotYet,
    /// A CA certificate used as a server certificate.
    #[error("is a CA certificate, not a server certificate")]
    Authority,
    /// Issued for another host name.
    #[error("is for a different host name")]
    WrongName,
    /// Any other problem.
    #[error("is not valid")]
    Invalid,
}

/// How a response shows that it is not from the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnexpectedAnswer {
    /// A login or block page. The docs quote "your network answered", so keep it.
    #[error("your network answered instead of Lessonspace, with a login or block page")]
    Page,
    /// A redirect, which is never followed.
    #[error("something on the network redirected the request ({status})")]
    Redirect { status: u16 },
    /// More than 1 MiB.
    #[error("the response is larger than 1 MiB, so it is not from Lessonspace")]
    TooLarge,
    /// Headers of more than about 400 kB or 100 lines.
    #[error(
        "the response has too many headers, or headers that are too long, so it is not from Lessonspace"
    )]
    HeadersTooLarge,
    /// A status the API does not use.
    #[error("unexpected response status {status}")]
    Status { status: u16 },
    /// Not valid JSON.
    #[error("the response is not valid Lessonspace JSON")]
    NotJson,
    /// No usable link, and why.
    #[error("no usable join link in the response: {0}")]
    NoLink(&'static str),
    /// A `hello` response without a greeting.
    #[error("no greeting in the response")]
    NoGreeting,
}

/// The body of an error response, with the API key in it replaced.
#[derive(Debug, Clone, Default)]
pub enum Details {
    #[default]
    None,
    Json(Value),
    /// Anything else, shown as text.
    Text(String),
}

fn unavailable_headline(status: u16) -> String {
    match status {
        429 => "too many requests (429)".to_owned(),
        408 => "Lessonspace timed out waiting for the request (408)".to_owned(),
        _ => format!("Lessonspace is temporarily unavailable ({status})"),
    }
}

/// Whether the same request may soon get a different status.
fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

impl Failure {
    /// Whether the request may have been carried out despite the failure.
    pub fn may_have_acted(&self) -> bool {
        match self {
            // A refusal means that nothing was done.
            Self::Unreachable { .. }
            | Self::ProxyFailed { .. }
            | Self::ProxyRefused { .. }
            | Self::ProxySignIn(_)
            | Self::Certificate { .. }
            | Self::TlsVersion { .. }
            | Self::NotHttp { tls: true, .. }
            | Self::NotHttp { is_proxy: true, .. }
            | Self::KeyRefused { .. }
            | Self::Refused { .. } => false,
            Self::Unavailable { status, .. } => !matches!(status, 425 | 429),
            Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::NotHttp { .. }
            | Self::NotLessonspace { .. } => true,
        }
    }

    /// Whether the same request may soon succeed.
    pub fn is_worth_repeating(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::ProxyFailed { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. } => true,
            Self::Unavailable { status, .. } => is_temporary(*status),
            _ => false,
        }
    }

    /// Whether every other launch would fail the same way: the key is refused, or something between
    /// this computer and the API interferes.
    pub fn is_for_every_launch(&self) -> bool {
        matches!(self.kind(), Kind::Key | Kind::NotTheApi)
    }

    /// Whether the API may be down, rather than busy or refusing the request.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable { status, .. } => *status >= 500,
            _ => self.kind() == Kind::Unavailable,
        }
    }

    /// The wait the server asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The HTTP status, if there was a response.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unavailable { status, .. }
            | Self::KeyRefused { status, .. }
            | Self::Refused { status, .. }
            | Self::ProxyRefused { status, .. } => Some(*status),
            Self::NotLessonspace { status, .. } => *status,
            Self::ProxySignIn(_) => Some(407),
            _ => None,
        }
    }

    /// The body of the error response.
    pub fn details(&self) -> Option<&Details> {
        match self {
            Self::Unavailable { details, .. }
            | Self::KeyRefused { details, .. }
            | Self::Refused { details, .. } => Some(details),
            _ => None,
        }
    }

    /// Details beyond the headline, one per line, safe to show.
    pub fn causes(&self) -> Vec<String> {
        match self {
            Self::Unreachable { cause, .. }
            | Self::ProxyFailed { cause, .. }
            | Self::Broken { cause, .. } => vec![cause.clone()],
            _ => self.details().map(Details::lines).unwrap_or_default(),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. }
            | Self::ProxyFailed { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::Unavailable { .. } => Kind::Unavailable,
            Self::KeyRefused { .. } => Kind::Key,
            Self::Refused { .. } => Kind::Refused,
            Self::Certificate { .. }
            | Self::TlsVersion { .. }
            | Self::NotHttp { .. }
            | Self::ProxyRefused { .. }
            | Self::ProxySignIn(_)
            | Self::NotLessonspace { .. } => Kind::NotTheApi,
        }
    }

    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable { proxy: Some(_), .. } => {
                "check the network and the proxy address (HTTPS_PROXY or the system settings), then try again"
            }
            Self::Unreachable { proxy: None, .. } => {
                "check the network and, at a school, the proxy (HTTPS_PROXY), then try again"
            }
            Self::ProxyFailed { .. } => {
                "try again later; if it keeps failing, ask your network administrator to allow \
                 this host"
            }
            Self::ProxyRefused { status: 300..400 | 511, .. } => LOG_IN,
            Self::ProxyRefused { .. } => {
                "ask your network administrator to allow this host, or check the proxy (HTTPS_PROXY)"
            }
            Self::ProxySignIn(SignIn::Password) => {
                "add them to the proxy address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT"
            }
            Self::ProxySignIn(SignIn::OtherPassword) => {
                "check the user name and password; special characters must be percent-encoded, such as %40 for @"
            }
            Self::ProxySignIn(SignIn::Unsupported(_)) => {
                "ask your network administrator for access without this sign-in, or run a local \
                 proxy that signs in for you, such as Px"
            }
            Self::TimedOut { .. } => "try again later, or use a longer --timeout",
            Self::Broken { .. } => "run it again; this is safe to repeat",
            Self::Unavailable { .. } => "run it again later; this is safe to repeat",
            Self::KeyRefused { .. } => {
                "check it under Settings > Developer, or run: lessonspace login"
            }
            Self::Refused { status: 404, .. } => "check --api-url",
            Self::Refused { .. } => "fix the request; --dry-run shows what would be sent",
            Self::Certificate { problem, .. } => problem.hint(),
            Self::TlsVersion { .. } => {
                "the server must offer TLS 1.2 or 1.3; check --api-url, or ask your network administrator"
            }
            Self::NotHttp { is_proxy: true, .. } => "check the proxy address (HTTPS_PROXY)",
            Self::NotHttp { .. } => "check the host and port in --api-url, and the proxy",
            Self::NotLessonspace { reason, .. } => reason.hint(),
        }
    }
}

const LOG_IN: &str = "open any web page in a browser, log in to the network, then try again";

impl CertificateProblem {
    fn hint(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "if your school inspects TLS traffic, install its certificate on this computer, \
                 or set SSL_CERT_FILE to the path of the certificate"
            }
            Self::Expired | Self::NotYet => {
                "check this computer's date and time; if they are right, ask your network administrator"
            }
            Self::Authority => {
                "check --api-url; if it is right, the server needs a certificate signed by this CA, not the CA certificate itself"
            }
            Self::WrongName | Self::Invalid => {
                "check --api-url; if it is right, ask your network administrator"
            }
        }
    }
}

impl UnexpectedAnswer {
    fn hint(&self) -> &'static str {
        match self {
            Self::Page => LOG_IN,
            Self::Redirect { .. } => {
                "check --api-url and the proxy; redirects are never followed, to protect the API key"
            }
            Self::Status { .. } | Self::TooLarge | Self::HeadersTooLarge | Self::NotJson => {
                "check --api-url and the proxy"
            }
            Self::NoLink(_) | Self::NoGreeting => {
                "check --api-url; if it is right, contact Lessonspace support"
            }
        }
    }
}

impl Details {
    /// Maximum number of lines shown of an error body.
    const SHOWN_LINES: usize = 20;

    /// One line per field: `user.email: Enter a valid email address.`, safe to show.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self {
            Self::None => {}
            Self::Text(text) => lines.push(untrusted(text)),
            Self::Json(value) => collect(value, "", &mut lines),
        }
        first_of(lines, Self::SHOWN_LINES)
    }
}

/// Django REST framework's format: `detail` and `non_field_errors` are about the whole request.
fn collect(value: &Value, path: &str, lines: &mut Vec<String>) {
    match &value.kind {
        json::Kind::Object(object) => {
            for member in object.members() {
                let path = match member.name() {
                    "detail" | "non_field_errors" => path.to_owned(),
                    name if path.is_empty() => name.to_owned(),
                    name => format!("{path}.{name}"),
                };
                collect(&member.value, &path, lines);
            }
        }
        json::Kind::Array(items) => items.iter().for_each(|item| collect(item, path, lines)),
        json::Kind::Scalar(raw) => {
            let text = value.as_text().unwrap_or(Cow::Borrowed(raw));
            let line = if path.is_empty() { text } else { format!("{path}: {text}").into() };
            lines.push(untrusted(&line));
        }
    }
}

/// What an HTTP library error means for a request to `base`. `may_be_sent` is true if any
/// of the request may have been sent.
pub fn meaning(
    error: &reqwest::Error,
    base: &Url,
    proxy: Option<&ProxyInUse>,
    may_be_sent: bool,
) -> Failure {
    let host = || base.host_str().unwrap_or_default().to_owned();
    let unreachable = |cause: String| {
        let proxy = proxy.map(|proxy| proxy.place.clone());
        Failure::Unreachable { host: host(), proxy, cause }
    };
    if let Some(fault) = tls_fault(error) {
        return match fault {
            TlsFault::Certificate(problem) => Failure::Certificate { host: host(), problem },
            TlsFault::Version => Failure::TlsVersion { host: host() },
            TlsFault::NotTls => Failure::NotHttp { host: host(), tls: true, is_proxy: false },
        };
    }
    match http_fault(error) {
        Some(HttpFault::NotHttp) => {
            return Failure::NotHttp { host: host(), tls: false, is_proxy: false };
        }
        Some(HttpFault::HeadersTooLarge) => {
            let reason = UnexpectedAnswer::HeadersTooLarge;
            return Failure::NotLessonspace { status: None, reason };
        }
        None => {}
    }
    let took_too_long = || unreachable("connection timed out".to_owned());
    if error.is_connect() {
        if let Some(proxy) = proxy
            && let Some(failure) = proxy_failure(error, host(), proxy)
        {
            return failure;
        }
        return match () {
            () if error.is_timeout() => took_too_long(),
            () if error.is_dns() => {
                let asked_for_proxy = proxy.is_some_and(|proxy| proxy.looks_up_names);
                let whose = if asked_for_proxy { "the proxy's host name" } else { "the host name" };
                unreachable(format!("could not resolve {whose}"))
            }
            () => unreachable(innermost(error)),
        };
    }
    match (error.is_timeout(), may_be_sent) {
        (true, false) => took_too_long(),
        (true, true) => Failure::TimedOut { host: host() },
        (false, _) => Failure::Broken { host: host(), cause: innermost(error) },
    }
}

/// What a proxy's response to CONNECT means; `None` if it is not why there is no connection.
fn proxy_failure(error: &reqwest::Error, host: String, proxy: &ProxyInUse) -> Option<Failure> {
    let place = proxy.place.clone();
    let failed = |cause: &str| {
        Some(Failure::ProxyFailed { host: host.clone(), proxy: place.clone(), cause: cause.into() })
    };
    let answer = match proxy.last_answer() {
        Some(answer) => answer,
        None => tunnel_error(error)?,
    };
    match answer {
        ConnectAnswer::Unreachable(cause) => {
            Some(Failure::Unreachable { host, proxy: Some(place), cause })
        }
        ConnectAnswer::Closed => {
            failed("it closed the connection before sending a complete response")
        }
        ConnectAnswer::TooLong => failed("its response is too long"),
        ConnectAnswer::Unknown => failed("unknown reason"),
        ConnectAnswer::NotHttp => {
            Some(Failure::NotHttp { host: place, tls: false, is_proxy: true })
        }
        ConnectAnswer::Status { status: 200, .. } => None,
        ConnectAnswer::Status { status: 407, schemes } => {
            Some(Failure::ProxySignIn(SignIn::of(&schemes, proxy.has_password)))
        }
        ConnectAnswer::Status { status, .. } if is_temporary(status) => {
            failed(&format!("it responded with status {status}"))
        }
        ConnectAnswer::Status { status, .. } => {
            Some(Failure::ProxyRefused { host, proxy: place, status })
        }
    }
}

impl SignIn {
    /// The sign-in required by a 407 that offers these schemes.
    pub fn of(schemes: &[String], has_password: bool) -> Self {
        let is_basic = |scheme: &String| scheme.eq_ignore_ascii_case("basic");
        if !schemes.is_empty() && !schemes.iter().any(is_basic) {
            return Self::Unsupported(untrusted(&schemes.join(" or ")));
        }
        if has_password { Self::OtherPassword } else { Self::Password }
    }
}

/// If the proxy itself is reached over TLS, only hyper-util sees what happened. Its error type is
/// private, so its `Debug` names are matched.
fn tunnel_error(error: &reqwest::Error) -> Option<ConnectAnswer> {
    chain(error).find_map(|error| match format!("{error:?}").as_str() {
        "ProxyAuthRequired" => Some(ConnectAnswer::Status { status: 407, schemes: Vec::new() }),
        "TunnelUnsuccessful" => Some(ConnectAnswer::Unknown),
        "TunnelUnexpectedEof" => Some(ConnectAnswer::Closed),
        "ProxyHeadersTooLong" => Some(ConnectAnswer::TooLong),
        _ => None,
    })
}

/// All errors below `error`. The `source` of an I/O error skips the error it wraps.
fn chain<'a>(
    error: &'a reqwest::Error,
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let current = next?;
        let wrapped = current.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref());
        next = match wrapped {
            Some(inner) => Some(inner),
            None => current.source(),
        };
        Some(current)
    })
}

enum TlsFault {
    Certificate(CertificateProblem),
    Version,
    NotTls,
}

fn tls_fault(error: &reqwest::Error) -> Option<TlsFault> {
    use rustls::AlertDescription as Alert;
    chain(error).find_map(|error| match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(fault) => {
            Some(TlsFault::Certificate(certificate_problem(fault)))
        }
        rustls::Error::NoCertificatesPresented => {
            Some(TlsFault::Certificate(CertificateProblem::Invalid))
        }
        rustls::Error::AlertReceived(
            Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity,
        )
        | rustls::Error::PeerIncompatible(_) => Some(TlsFault::Version),
        rustls::Error::InvalidMessage(_) => Some(TlsFault::NotTls),
        _ => None,
    })
}

fn certificate_problem(fault: &rustls::CertificateError) -> CertificateProblem {
    use rustls::CertificateError as Fault;
    match fault {
        Fault::UnknownIssuer => CertificateProblem::UnknownIssuer,
        Fault::Expired | Fault::ExpiredContext { .. } => CertificateProblem::Expired,
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => CertificateProblem::NotYet,
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            CertificateProblem::WrongName
        }
        // rustls has no variant for this webpki error: a self-signed certificate, as made by
        // routers. Trusting it would not help.
        Fault::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            CertificateProblem::Authority
        }
        _ => CertificateProblem::Invalid,
    }
}

enum HttpFault {
    NotHttp,
    HeadersTooLarge,
}

fn http_fault(error: &reqwest::Error) -> Option<HttpFault> {
    let error = chain(error).find_map(|error| error.downcast_ref::<hyper::Error>())?;
    if error.is_parse_too_large() {
        return Some(HttpFault::HeadersTooLarge);
    }
    // A single invalid header comes from an HTTP server and may not recur. Only its `Debug` name
    // identifies it.
    let is_header = || format!("{error:?}").contains("Parse(Header");
    (error.is_parse() && !is_header()).then_some(HttpFault::NotHttp)
}

fn innermost(error: &reqwest::Error) -> String {
    let cause =
        chain(error).last().map_or_else(|| "unknown reason".to_owned(), ToString::to_string);
    untrusted(&cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(json: &str) -> Vec<String> {
        Details::Json(json::parse_answer(json).expect("is JSON")).lines()
    }

    #[test]
    fn every_documented_error_shape_becomes_one_line_per_field() {
        for (json, expected) in [
            (r#"{"detail": "Not found."}"#, vec!["Not found."]),
            (r#"{"non_field_errors": ["a", "b"]}"#, vec!["a", "b"]),
            (r#"{"id": ["Too long."], "name": ["Bad."]}"#, vec!["id: Too long.", "name: Bad."]),
            (
                r#"{"user": {"email": ["Enter a valid email address."]}}"#,
                vec!["user.email: Enter a valid email address."],
            ),
            (r#"{"user": {"non_field_errors": ["No."]}}"#, vec!["user: No."]),
            (r#"["Bad."]"#, vec!["Bad."]),
            (r#"{"code": 5, "x": null}"#, vec!["code: 5", "x: null"]),
            (r#"{"detail": "::error::x\u001b[31m"}"#, vec!["\\u{3a}:error::x\\u{1b}[31m"]),
        ] {
            assert_eq!(lines(json), expected);
        }
        let many = lines(&format!("[{}1]", "1,".repeat(100)));
        assert_eq!((many.len(), many.last().map(String::as_str)), (21, Some("and 81 more")));
    }

    /// The status, and whether it may be retried, may have been carried out and may be an outage.
    #[test]
    fn each_status_decides_whether_to_retry_and_whether_it_is_an_outage() {
        for (status, is_worth_repeating, may_have_acted, is_outage) in [
            (408, true, true, false),
            (425, true, false, false),
            (429, true, false, false),
            (500, true, true, true),
            (501, false, true, true),
            (502, true, true, true),
            (503, true, true, true),
            (504, true, true, true),
            (505, false, true, true),
        ] {
            let failure =
                Failure::Unavailable { status, retry_after: None, details: Details::None };
            let found =
                (failure.is_worth_repeating(), failure.may_have_acted(), failure.is_outage());
            assert_eq!(found, (is_worth_repeating, may_have_acted, is_outage), "{status}");
            assert!(!failure.is_for_every_launch());
        }
    }

    #[test]
    fn a_proxys_sign_in_methods_are_recognised() {
        let schemes =
            |offers: &[&str]| offers.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        for (offers, has_password, expected) in [
            (&[][..], false, SignIn::Password),
            (&[], true, SignIn::OtherPassword),
            (&["Basic"], false, SignIn::Password),
            (&["NTLM", "BASIC"], true, SignIn::OtherPassword),
            (&["NTLM"], true, SignIn::Unsupported("NTLM".to_owned())),
            (&["Negotiate", "NTLM"], false, SignIn::Unsupported("Negotiate or NTLM".to_owned())),
        ] {
            assert_eq!(SignIn::of(&schemes(offers), has_password), expected, "{offers:?}");
        }
    }
}
