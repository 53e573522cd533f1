//! An outcome that is not the one required: exit code 8.

/// Done, but not what was required.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OutcomeError {
    /// What happened instead.
    pub message: String,
    /// What to do next.
    pub hint: String,
}
