//! What must not be shown of an error answer: join links and secrets, by their field names, and
//! tokens wherever they stand.

use crate::json::{Kind, Origin, Value};

/// What stands in the place of a credential.
const MASK: &str = "[hidden]";

/// Replaces the credentials in an error body.
pub fn hide_credentials(value: &mut Value) {
    match &mut value.kind {
        Kind::Object(object) => {
            for (name, value) in object.iter_mut() {
                if matches!(name, "client_url" | "secret") {
                    *value = Value::text(MASK, Origin::Unplaced);
                } else {
                    hide_credentials(value);
                }
            }
        }
        Kind::Array(items) => items.iter_mut().for_each(hide_credentials),
        Kind::Scalar(_) => {
            if let Some(text) = value.as_text() {
                let hidden = hide_tokens(&text);
                if hidden != text {
                    *value = Value::text(&hidden, Origin::Unplaced);
                }
            }
        }
    }
}

/// Replaces everything that looks like a JSON Web Token: `eyJ...`, then two dots.
pub fn hide_tokens(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.=".contains(character);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, token) = rest.split_at(start);
        let end = token.find(|character| !is_part(character)).unwrap_or(token.len());
        let (token, after) = token.split_at(end);
        shown.push_str(before);
        shown.push_str(if token.matches('.').count() >= 2 { MASK } else { token });
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_secrets_and_tokens_are_hidden_wherever_they_stand() {
        let mut value = crate::json::parse_answer(
            r#"{"detail":"see https://go.room.sh/?user=eyJh.eyJi.c-_d&room=r","data":[{"client_url":"https://x","secret":5}],"x":"eyJ"}"#,
        )
        .expect("is JSON");
        hide_credentials(&mut value);
        assert_eq!(
            value.to_json(),
            r#"{"detail":"see https://go.room.sh/?user=[hidden]&room=r","data":[{"client_url":"[hidden]","secret":"[hidden]"}],"x":"eyJ"}"#
        );
    }
}
