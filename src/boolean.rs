//! Yes or no, as people write them in flags, variables and cells.

/// The meaning of a word such as `yes`, `off` or `1`; `None` for anything else.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" => Some(true),
        "false" | "no" | "off" | "0" | "n" => Some(false),
        _ => None,
    }
}
