//! Tokens: their claims, and which ones are genuine.

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
fn the_claims_describe_the_person() {
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
fn forged_tokens_are_rejected() {
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
fn a_token_signed_by_another_program_is_valid() {
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
fn another_algorithm_is_rejected_even_with_a_valid_signature() {
    let signed = format!("{}.{}", encode(br#"{"alg":"HS512"}"#), encode("{}"));
    let signature = hmac::sign(&key(SECRET), signed.as_bytes());
    assert_eq!(read(&format!("{signed}.{}", encode(signature)), SECRET), Err(Forged));
}

proptest! {
    #[test]
    fn a_changed_token_is_never_accepted(at in 0usize..400, to in "[A-Za-z0-9._-]") {
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
