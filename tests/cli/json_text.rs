//! JSON as text: what was sent is compared letter by letter, but for the blanks between tokens.

/// The text without blanks outside of strings; order, numbers and escapes stay as written.
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
fn blanks_inside_strings_stay() {
    assert_eq!(
        compact("{ \"a b\" :\n 1.10, \"c\\\" d\": [ 1E5 ] }"),
        "{\"a b\":1.10,\"c\\\" d\":[1E5]}"
    );
}
