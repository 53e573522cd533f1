//! What came of one row: the same words in the journal and in LINKS.

use jiff::Timestamp;

/// The word in `link_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// There is a link, and its Space was made for it.
    Created,
    /// There is a link, and its Space was there before.
    Existing,
    /// There is a link; whether its Space was there before an earlier, lost attempt is not
    /// known.
    Unknown,
    /// There is no link, and `link_error` says why.
    Failed,
    /// The row's own window has passed, so no link was asked for.
    Ended,
    /// Not tried yet.
    Pending,
}

impl Status {
    /// The word as it is written.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Existing => "existing",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Pending => "pending",
        }
    }

    /// Whether a link came with it.
    pub(crate) fn has_link(self) -> bool {
        matches!(self, Self::Created | Self::Existing | Self::Unknown)
    }
}

/// What came of one row, as LINKS shows it in its five columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// `link_status`
    pub(crate) status: Status,
    /// `client_url`: a credential of the person in that row.
    pub(crate) client_url: Option<String>,
    /// `expires_at`, written as RFC 3339 in UTC.
    pub(crate) expires_at: Option<Timestamp>,
    /// `room_id`
    pub(crate) room_id: Option<String>,
    /// `link_error`, one line.
    pub(crate) error: Option<String>,
}

impl Outcome {
    /// An outcome without link or error: `pending` or `ended`.
    pub(crate) fn without_link(status: Status) -> Self {
        Self { status, client_url: None, expires_at: None, room_id: None, error: None }
    }
}
