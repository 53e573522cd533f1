//! Minimal templates for a handful of pages. Text is escaped by type, so nothing reaches a page
//! unescaped by accident. `{{name}}` is a placeholder. A crate would add a template language that
//! these pages do not need.

use crate::escape::untrusted;

/// Text that is already HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// HTML written in this program, not received.
    pub fn trusted(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// Escapes text for element content and quoted attributes. Invisible and bidi characters are
    /// made visible, and long text is cut.
    pub fn text(text: &str) -> Self {
        Self::escaped(&untrusted(text))
    }

    /// Like [`text`](Self::text), but keeps every character: for the value of a form field.
    pub fn escaped(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                _ => html.push(character),
            }
        }
        Self(html)
    }

    /// Concatenates all pieces.
    pub fn joined(pieces: impl IntoIterator<Item = Self>) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Replaces every `{{name}}` in `template`. Inserted values are not expanded again; a name without
/// a value becomes empty.
pub fn fill(template: &str, values: &[(&str, Html)]) -> Html {
    let mut html = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "the template has no value for {name}");
        html.push_str(before);
        html.push_str(value.map_or("", |(_, value)| &value.0));
        rest = after;
    }
    html.push_str(rest);
    Html(html)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_template_is_filled_in_once() {
        let values = [("a", Html::text("{{b}}")), ("b", Html::trusted("<b>"))];
        assert_eq!(fill("1 {{a}} 2 {{b}} 3", &values).into_string(), "1 {{b}} 2 <b> 3");
    }

    #[test]
    fn text_cannot_become_markup() {
        let html = Html::text("<script>'\"&\u{202e}").into_string();
        assert_eq!(html, "&lt;script&gt;&#39;&quot;&amp;\\u{202e}");
    }

    proptest! {
        #[test]
        fn no_special_character_is_left_unescaped(text in any::<String>()) {
            let html = Html::text(&text).into_string();
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }
    }
}
