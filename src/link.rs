//! What a join link says about itself, read offline and leniently. The signature is not checked:
//! only Lessonspace and the Space's secret can do that.

use crate::json::{self, Object, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use url::Url;

/// The claims of a join link's token.
#[derive(Debug)]
pub struct Ticket {
    /// All of them, as they came; untrusted.
    pub claims: Object,
    /// When the link begins to work.
    pub not_before: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Reads the token of a link: of its `user` parameter, else of any parameter that holds one.
/// `None` if there is no token that could be read.
pub fn read(link: &str) -> Option<Ticket> {
    let url = Url::parse(link).ok()?;
    let parameters = || url.query_pairs();
    let named = parameters().find(|(name, _)| name == "user").and_then(|(_, value)| claims(&value));
    let claims = named.or_else(|| parameters().find_map(|(_, value)| claims(&value)))?;
    Some(Ticket { not_before: time(&claims, "nbf"), expires_at: time(&claims, "exp"), claims })
}

/// The claims of a JSON Web Token: the middle one of three parts.
fn claims(token: &str) -> Option<Object> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims = json::parse_answer(std::str::from_utf8(&payload).ok()?).ok()?;
    claims.as_object().cloned()
}

/// A claim in seconds since 1970, with or without a fraction.
fn time(claims: &Object, name: &str) -> Option<Timestamp> {
    let json::Kind::Scalar(raw) = &claims.get(name)?.kind else { return None };
    let whole = raw.split('.').next().unwrap_or_default();
    Timestamp::from_second(whole.parse().ok()?).ok()
}

impl Ticket {
    /// Whether the link leads, if the token tells.
    pub fn can_lead(&self) -> Option<bool> {
        self.claims.get("canLead").and_then(Value::as_bool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(claims: &str) -> String {
        let payload = URL_SAFE_NO_PAD.encode(claims);
        format!("https://go.room.sh/?room=r&user=e30.{payload}.c2ln&server=s")
    }

    #[test]
    fn the_window_comes_from_the_token() {
        let ticket =
            read(&link(r#"{"nbf":1795860000,"exp":1796464800,"canLead":true}"#)).expect("a token");
        assert_eq!(ticket.not_before.map(Timestamp::as_second), Some(1_795_860_000));
        assert_eq!(ticket.expires_at.map(Timestamp::as_second), Some(1_796_464_800));
        assert_eq!(ticket.can_lead(), Some(true));
        let fraction = read(&link(r#"{"exp":1796464800.5}"#)).expect("a token");
        assert_eq!(fraction.expires_at.map(Timestamp::as_second), Some(1_796_464_800));
    }

    #[test]
    fn a_strange_token_says_nothing_and_breaks_nothing() {
        for claims in [
            r#"{"exp":"soon"}"#,
            r#"{"exp":1e400}"#,
            r#"{"exp":99999999999999999999}"#,
            r#"{"exp":null}"#,
            "{}",
            r#"{"exp":{}}"#,
            r#"{"exp":-99999999999999}"#,
        ] {
            assert_eq!(read(&link(claims)).expect(claims).expires_at, None, "{claims}");
        }
        for other in [
            "https://go.room.sh/",
            "https://go.room.sh/?user=a.b.c",
            "https://go.room.sh/?user=e30.W10.x",
            "no url",
            "https://e.org/?user=..",
            "https://e.org/?user=e30.\u{e9}.x",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_token_is_found_in_another_place() {
        let moved = link(r#"{"exp":1796464800}"#).replace("user=", "token=");
        assert!(read(&moved).expect("a token").expires_at.is_some());
    }
}
