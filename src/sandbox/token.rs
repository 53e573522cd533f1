//! The token in a join link: a JWT, HS256 with the Space's secret.
//!
//! Tokens that other programs sign with the secret are also genuine, so claims are read leniently.

use super::launch::{Launch, Person};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Claims that `custom_jwt_parameters` cannot replace: a link is meaningless without them.
const FIXED: [&str; 7] = ["nbf", "exp", "iat", "id", "guest", "canLead", "features"];

/// The claims of a genuine token. All of them are optional.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "these are the token's own claims")]
pub(super) struct Claims {
    /// Seconds since 1970; a fraction is allowed.
    pub nbf: Option<f64>,
    /// Seconds since 1970; a fraction is allowed.
    pub exp: Option<f64>,
    pub id: String,
    /// `meta.displayName`, else `meta.name`, else the id.
    pub name: String,
    pub guest: bool,
    pub can_lead: bool,
    pub read_only: bool,
    /// Whether the person is removed from the room when the link expires.
    pub kick_on_exp: bool,
    pub features: BTreeMap<String, bool>,
}

/// The token was not signed with the Space's secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// Whether a link is valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Early,
    Open,
    Over,
}

/// Creates the token of a link.
pub(super) fn issue(launch: &Launch, secret: Uuid, now: Timestamp) -> String {
    sign(&Value::Object(claims(launch, now)), secret)
}

/// The token of a guest who came through the invite page.
pub(super) fn invite(secret: Uuid, now: Timestamp) -> String {
    let body = br#"{"id": "-"}"#;
    Launch::read(body, now).map(|guest| issue(&guest, secret, now)).unwrap_or_default()
}

fn sign(claims: &Value, secret: Uuid) -> String {
    let header = encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", encode(claims.to_string()));
    let signature = hmac::sign(&key(secret), signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

/// Reads a token that was signed with `secret`. The caller must check whether it is valid now.
pub(super) fn read(token: &str, secret: Uuid) -> Result<Claims, Forged> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Forged)?;
    let (header, claims) = signed.split_once('.').ok_or(Forged)?;
    let signature = decode(signature)?;
    hmac::verify(&key(secret), signed.as_bytes(), &signature).map_err(|_| Forged)?;
    let header: Value = serde_json::from_slice(&decode(header)?).map_err(|_| Forged)?;
    if header["alg"] != "HS256" {
        return Err(Forged);
    }
    let claims: Value = serde_json::from_slice(&decode(claims)?).map_err(|_| Forged)?;
    Ok(Claims::of(&claims))
}

impl Claims {
    pub(super) fn phase(&self, now: Timestamp) -> Phase {
        let now = now.as_duration().as_secs_f64();
        match (self.nbf, self.exp) {
            (Some(nbf), _) if now < nbf => Phase::Early,
            (_, Some(exp)) if now >= exp => Phase::Over,
            _ => Phase::Open,
        }
    }

    /// Time until the person is removed from the room. `None` if they are not removed.
    pub(super) fn time_until_removal(&self, now: Timestamp) -> Option<Duration> {
        let exp = self.exp.filter(|_| self.kick_on_exp)?;
        Duration::try_from_secs_f64((exp - now.as_duration().as_secs_f64()).max(0.0)).ok()
    }

    fn of(claims: &Value) -> Self {
        let yes = |name: &str| claims[name] == true;
        let id = match &claims["id"] {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => String::new(),
        };
        let meta = |name: &str| {
            claims["meta"][name].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
        };
        let features = claims["features"].as_object().into_iter().flatten();
        Self {
            nbf: claims["nbf"].as_f64(),
            exp: claims["exp"].as_f64(),
            name: meta("displayName").or_else(|| meta("name")).unwrap_or_else(|| id.clone()),
            id,
            guest: yes("guest"),
            can_lead: yes("canLead"),
            read_only: yes("readOnly"),
            kick_on_exp: yes("kickOnExp"),
            features: features.filter_map(|(key, on)| Some((key.clone(), on.as_bool()?))).collect(),
        }
    }
}

fn claims(launch: &Launch, now: Timestamp) -> Map<String, Value> {
    let guest = Person { name: "Guest".to_owned(), ..Person::default() };
    let person = launch.user.as_ref().unwrap_or(&guest);
    let id = [&person.id, &person.email].into_iter().find(|text| !text.is_empty());
    let claims = json!({
        "nbf": launch.window.from.as_second(),
        "exp": launch.window.until.as_second(),
        "iat": now.as_second(),
        "id": id.cloned().unwrap_or_else(|| Uuid::new_v4().to_string()),
        "guest": launch.user.is_none(),
        "readOnly": false,
        "allowInvite": person.leader,
        "canLead": person.leader,
        "meta": {"name": person.name, "displayName": person.name},
        "features": launch.features,
    });
    let Value::Object(mut claims) = claims else {
        return Map::new();
    };
    for (name, value) in &person.custom_jwt_parameters {
        match (claims.get_mut(name), value) {
            _ if FIXED.contains(&name.as_str()) => {}
            (Some(Value::Object(meta)), Value::Object(more)) => {
                meta.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => {
                claims.insert(name.clone(), value.clone());
            }
        }
    }
    claims
}

fn key(secret: Uuid) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.to_string().as_bytes())
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, Forged> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Forged)
}

#[cfg(test)]
#[path = "tests/token.rs"]
mod tests;
