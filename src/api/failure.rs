//! What a failure of the HTTP library means: who could not be reached, and why.

use super::error::{CertificateProblem, Error};
use super::route::proxy_to;
use crate::escape::untrusted;
use std::error::Error as _;
use url::Url;

/// What it means that an attempt at `base` failed so; `may_be_sent` says whether anything of it can
/// have been sent.
pub fn meaning(error: &reqwest::Error, base: &Url, may_be_sent: bool) -> Error {
    let host = || base.host_str().unwrap_or_default().to_owned();
    let unreachable = |cause: String| {
        let proxy = proxy_to(base).map(|proxy| proxy.place);
        Error::Unreachable { host: host(), proxy, cause }
    };
    if let Some(problem) = certificate_problem(error) {
        return Error::Certificate { host: host(), problem };
    }
    if let Some(tls) = stranger(error) {
        return Error::NotHttp { host: host(), tls };
    }
    let took_too_long = || unreachable("connecting took too long".to_owned());
    if error.is_connect() {
        return match proxy_refusal(error) {
            Some(ProxyRefusal::Password) => Error::ProxyPassword,
            Some(ProxyRefusal::Other(cause)) => {
                let proxy = proxy_to(base).map(|proxy| proxy.place).unwrap_or_default();
                Error::ProxyRefused { host: host(), proxy, cause }
            }
            None if error.is_timeout() => took_too_long(),
            None if error.is_dns() => {
                let asked_for_proxy = proxy_to(base).is_some_and(|proxy| proxy.is_http);
                let whose = if asked_for_proxy { "the name of the proxy" } else { "the name" };
                unreachable(format!("{whose} could not be looked up"))
            }
            None => unreachable(innermost(error)),
        };
    }
    match (error.is_timeout(), may_be_sent) {
        (true, false) => took_too_long(),
        (true, true) => Error::TimedOut { host: host() },
        (false, _) => Error::Broken { host: host(), cause: innermost(error) },
    }
}

/// All errors below `error`. An I/O error that wraps another one passes over it in `source`.
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

fn certificate_problem(error: &reqwest::Error) -> Option<CertificateProblem> {
    use rustls::CertificateError as Fault;
    chain(error).find_map(|error| match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(fault) => Some(match fault {
            Fault::UnknownIssuer => CertificateProblem::UnknownIssuer,
            Fault::Expired | Fault::ExpiredContext { .. } => CertificateProblem::Expired,
            Fault::NotValidYet | Fault::NotValidYetContext { .. } => CertificateProblem::NotYet,
            Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
                CertificateProblem::WrongName
            }
            // webpki keeps this kind to itself: a self-signed certificate, as routers make them.
            // To trust it would not help.
            Fault::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                CertificateProblem::Authority
            }
            _ => CertificateProblem::Invalid,
        }),
        rustls::Error::NoCertificatesPresented => Some(CertificateProblem::Invalid),
        _ => None,
    })
}

/// Whether what answered speaks something else than HTTP, or (`true`) than TLS.
fn stranger(error: &reqwest::Error) -> Option<bool> {
    chain(error).find_map(|error| {
        if let Some(rustls::Error::InvalidMessage(_)) = error.downcast_ref() {
            return Some(true);
        }
        let error = error.downcast_ref::<hyper::Error>().filter(|error| error.is_parse())?;
        // One header that cannot be read is a fault of an HTTP server, and may not come again; its
        // `Debug` name is all there is to tell it by.
        (!format!("{error:?}").contains("Parse(Header")).then_some(false)
    })
}

enum ProxyRefusal {
    Password,
    /// What it did, where that is known.
    Other(Option<&'static str>),
}

/// hyper-util keeps the type of its tunnel's errors to itself; their `Debug` names are all there
/// is to tell them by. It keeps the status and the headers of the answer to itself, too.
fn proxy_refusal(error: &reqwest::Error) -> Option<ProxyRefusal> {
    chain(error).find_map(|error| match format!("{error:?}").as_str() {
        "ProxyAuthRequired" => Some(ProxyRefusal::Password),
        "TunnelUnsuccessful" => Some(ProxyRefusal::Other(None)),
        "TunnelUnexpectedEof" => {
            Some(ProxyRefusal::Other(Some("it closed the connection without a whole answer")))
        }
        "ProxyHeadersTooLong" => Some(ProxyRefusal::Other(Some("its answer is too long"))),
        _ => None,
    })
}

fn innermost(error: &reqwest::Error) -> String {
    let cause =
        chain(error).last().map_or_else(|| "no reason is known".to_owned(), ToString::to_string);
    untrusted(&cause)
}
