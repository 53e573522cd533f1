//! The environment variables. One that is empty counts as not set.

/// The value of a variable.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Whether this is a CI job: `CI` is set, and not to `false`.
pub fn is_ci() -> bool {
    variable("CI").is_some_and(|value| !value.eq_ignore_ascii_case("false"))
}
