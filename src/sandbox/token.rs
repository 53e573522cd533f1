//! The token in a join link: a JWT, HS256 with the Space's secret.
//!
//! Pure. Also carries what only the sandbox's own page needs: the link's features.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::check::{Launch, Person};

/// Claims that `custom_jwt_parameters` cannot replace: without them a link means nothing.
const FIXED: [&str; 7] = ["nbf", "exp", "iat", "id", "guest", "canLead", "features"];

/// What a genuine token says. Only the fixed claims are relied on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claims {
    /// Seconds since 1970.
    pub nbf: i64,
    /// Seconds since 1970.
    pub exp: i64,
    pub id: String,
    pub guest: bool,
    pub can_lead: bool,
    #[serde(default)]
    pub features: BTreeMap<String, bool>,
    #[serde(default)]
    meta: Value,
    #[serde(default)]
    read_only: Value,
    #[serde(default)]
    kick_on_exp: Value,
}

/// The token is not one that this Space has signed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// Makes the token of one link.
pub(super) fn issue(launch: &Launch, secret: Uuid, now: Timestamp) -> String {
    let claims = Value::Object(claims(launch, now)).to_string();
    let signed = format!("{}.{}", encode(br#"{"alg":"HS256","typ":"JWT"}"#), encode(claims));
    let signature = hmac::sign(&key(secret), signed.as_bytes());
    format!("{signed}.{}", encode(signature))
}

/// Reads a token, if `secret` has signed it. The window is for the caller to judge.
pub(super) fn read(token: &str, secret: Uuid) -> Result<Claims, Forged> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Forged)?;
    let (header, claims) = signed.split_once('.').ok_or(Forged)?;
    let signature = decode(signature)?;
    hmac::verify(&key(secret), signed.as_bytes(), &signature).map_err(|_| Forged)?;
    let header: Value = serde_json::from_slice(&decode(header)?).map_err(|_| Forged)?;
    if header["alg"] != "HS256" {
        return Err(Forged);
    }
    serde_json::from_slice(&decode(claims)?).map_err(|_| Forged)
}

impl Claims {
    /// The name to show: `meta.displayName`, else `meta.name`, else the id.
    pub(super) fn name(&self) -> &str {
        let text = |name: &str| self.meta[name].as_str().filter(|text| !text.trim().is_empty());
        text("displayName").or_else(|| text("name")).unwrap_or(&self.id)
    }

    pub(super) fn read_only(&self) -> bool {
        self.read_only == true
    }

    /// Whether the person is put out when the link ends.
    pub(super) fn kick_on_exp(&self) -> bool {
        self.kick_on_exp == true
    }
}

fn claims(launch: &Launch, now: Timestamp) -> Map<String, Value> {
    let nobody = Person { name: Some("Guest".to_owned()), ..Person::default() };
    let person = launch.person.as_ref().unwrap_or(&nobody);
    let id = person.id.clone().or_else(|| person.email.clone());
    let name = person.name.as_deref().unwrap_or_default();
    let claims = json!({
        "nbf": launch.window.from.as_second(),
        "exp": launch.window.until.as_second(),
        "iat": now.as_second(),
        "id": id.unwrap_or_else(|| Uuid::new_v4().to_string()),
        "guest": launch.person.is_none(),
        "readOnly": false,
        "allowInvite": person.leader,
        "canLead": person.leader,
        "meta": {"name": name, "displayName": name},
        "features": launch.features,
    });
    let Value::Object(mut claims) = claims else {
        return Map::new();
    };
    for (name, value) in &person.custom {
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
mod tests {
    use super::*;
    use crate::sandbox::check;
    use proptest::prelude::*;

    const SECRET: Uuid = Uuid::from_u128(0x0e2d_6f4c_8a5b_4f0e_9d51_5f1a_2b3c_4d5e);

    fn token(body: &str) -> String {
        let launch = check::read(body.as_bytes(), Timestamp::UNIX_EPOCH).expect("is valid");
        issue(&launch, SECRET, Timestamp::UNIX_EPOCH)
    }

    fn payload(token: &str) -> Value {
        let part = token.split('.').nth(1).expect("has three parts");
        serde_json::from_slice(&decode(part).expect("is base64")).expect("is JSON")
    }

    #[test]
    fn the_claims_are_those_of_the_person() {
        let token = token(
            r#"{"id": "a", "features": {"chat.enabled": false}, "user": {"id": "Teacher_1",
            "name": "Peter Parker", "leader": true, "custom_jwt_parameters":
            {"meta": {"displayName": "Spiderman"}, "kickOnExp": true, "exp": 9, "canLead": 7}}}"#,
        );
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
        let expected = json!({
            "nbf": 0, "exp": 604_800, "iat": 0, "id": "Teacher_1", "guest": false,
            "readOnly": false, "allowInvite": true, "canLead": true, "kickOnExp": true,
            "meta": {"name": "Peter Parker", "displayName": "Spiderman"},
            "features": {"chat.enabled": false},
        });
        assert_eq!(payload(&token), expected);
        let claims = read(&token, SECRET).expect("is genuine");
        assert_eq!((claims.name(), claims.kick_on_exp()), ("Spiderman", true));
    }

    #[test]
    fn a_link_without_a_person_is_a_guest_s() {
        let claims = read(&token(r#"{"id": "a"}"#), SECRET).expect("is genuine");
        assert!(claims.guest && !claims.can_lead);
        assert_eq!(claims.name(), "Guest");
    }

    #[test]
    fn nonsense_in_custom_parameters_does_not_break_the_link() {
        let body = r#"{"id": "a", "user": {"id": "x", "custom_jwt_parameters":
            {"meta": 5, "readOnly": "maybe", "nbf": "x", "features": 3}}}"#;
        let claims = read(&token(body), SECRET).expect("is genuine");
        assert_eq!((claims.name(), claims.read_only()), ("x", false));
    }

    #[test]
    fn forged_tokens_are_not_read() {
        let genuine = token(r#"{"id": "a", "user": {"id": "x"}}"#);
        let (signed, signature) = genuine.rsplit_once('.').expect("has three parts");
        let leader = payload(&genuine).to_string().replace("\"canLead\":false", "\"canLead\":true");
        let header = signed.split('.').next().expect("has a header");
        let none = encode(br#"{"alg":"none","typ":"JWT"}"#);
        for forged in [
            format!("{header}.{}.{signature}", encode(leader)),
            format!("{signed}."),
            format!("{signed}.{}", encode([0; 32])),
            format!("{none}.{}.", encode(payload(&genuine).to_string())),
            format!("{genuine}="),
            signed.to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&forged, SECRET), Err(Forged), "{forged}");
        }
        assert_eq!(read(&genuine, Uuid::nil()), Err(Forged));
        assert!(read(&genuine, SECRET).is_ok());
    }

    #[test]
    fn another_algorithm_is_refused_even_when_well_signed() {
        let signed = format!("{}.{}", encode(br#"{"alg":"HS512"}"#), encode("{}"));
        let signature = hmac::sign(&key(SECRET), signed.as_bytes());
        assert_eq!(read(&format!("{signed}.{}", encode(signature)), SECRET), Err(Forged));
    }

    proptest! {
        #[test]
        fn a_changed_token_is_never_read(at in 0usize..400, to in "[A-Za-z0-9._-]") {
            let mut text = token(r#"{"id": "a", "user": {"id": "x"}}"#);
            let at = at % text.len();
            prop_assume!(text[at..=at] != to);
            text.replace_range(at..=at, &to);
            prop_assert_eq!(read(&text, SECRET), Err(Forged));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            prop_assert_eq!(read(&text, SECRET), Err(Forged));
        }
    }
}
