//! The token in a join link: a JWT, HS256 with the Space's secret.
//!
//! Tokens that other programs sign with the secret are genuine, too, and their claims are read
//! leniently.

use super::launch::{Launch, Person};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Claims that `custom_jwt_parameters` cannot replace: without them a link means nothing.
const FIXED: [&str; 7] = ["nbf", "exp", "iat", "id", "guest", "canLead", "features"];

/// What a genuine token says. Everything may be missing.
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
    /// The person is removed from the room when the link expires.
    pub kick_on_exp: bool,
    pub features: BTreeMap<String, bool>,
}

/// The Space's secret has not signed this token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// Makes the token of one link.
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

/// Reads a token that `secret` has signed. Whether it is valid now is for the caller to check.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: Uuid = Uuid::from_u128(0x0e2d_6f4c_8a5b_4f0e_9d51_5f1a_2b3c_4d5e);

    fn token(body: &str) -> String {
        let launch = Launch::read(body.as_bytes(), Timestamp::UNIX_EPOCH).expect("is valid");
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
        assert_eq!((claims.name.as_str(), claims.kick_on_exp), ("Spiderman", true));
    }

    #[test]
    fn a_link_without_a_person_is_a_guest_link() {
        let claims = read(&token(r#"{"id": "a"}"#), SECRET).expect("is genuine");
        assert!(claims.guest && !claims.can_lead);
        assert_eq!(claims.name, "Guest");
    }

    #[test]
    fn nonsense_in_custom_parameters_does_not_break_the_link() {
        let body = r#"{"id": "a", "user": {"id": "x", "custom_jwt_parameters":
            {"meta": 5, "readOnly": "maybe", "nbf": "x", "features": 3}}}"#;
        let claims = read(&token(body), SECRET).expect("is genuine");
        assert_eq!((claims.name.as_str(), claims.read_only), ("x", false));
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
    fn a_token_that_another_program_has_signed_is_genuine() {
        for (claims, expected) in [
            (json!({"id": 7, "exp": 99.5}), Claims { exp: Some(99.5), ..named("7") }),
            (
                json!({"id": "x", "nbf": 1, "canLead": true}),
                Claims { nbf: Some(1.0), can_lead: true, ..named("x") },
            ),
            (json!({"exp": "soon", "meta": [], "features": 3}), named("")),
            (json!([]), named("")),
        ] {
            assert_eq!(read(&sign(&claims, SECRET), SECRET), Ok(expected), "{claims}");
        }
        let signed = format!("{}.{}", encode(br#"{"alg":"HS256"}"#), encode("{}"));
        let signature = hmac::sign(&key(SECRET), signed.as_bytes());
        assert_eq!(read(&format!("{signed}.{}", encode(signature)), SECRET), Ok(named("")));
    }

    fn named(id: &str) -> Claims {
        Claims { id: id.to_owned(), name: id.to_owned(), ..Claims::default() }
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
