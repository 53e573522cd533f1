//! JSON as text: bodies are compared character by character, except for whitespace between tokens.

/// The text without whitespace outside strings; order, numbers and escapes are unchanged.
pub(crate) fn compact(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            if inside {
                (inside, escaped) = (escaped || c != '"', !escaped && c == '\\');
                true
            } else {
                inside = c == '"';
                !c.is_whitespace()
            }
        })
        .collect()
}

#[test]
fn whitespace_inside_strings_is_kept() {
    assert_eq!(
        compact("{ \"a b\" :\n 1.10, \"c\\\" d\": [ 1E5 ] }"),
        "{\"a b\":1.10,\"c\\\" d\":[1E5]}"
    );
}
