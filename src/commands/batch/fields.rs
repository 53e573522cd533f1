//! The fields of a row by their names in headers and templates, and where each goes in the body.

use crate::body::schema;
use crate::old_roster::columns::{self, KnownColumn, Meaning, Vocabulary};

/// Where the cells of a known column go.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    /// To this place in the body.
    Path(&'static str),
    /// The length of the window.
    ValidFor,
    /// The zone of the row's times.
    TimeZone,
    /// No person at all.
    Guest,
    /// One feature, `chat.enabled=off`.
    Feature,
    /// One webhook, `session.start=https://example.org/`.
    Webhook,
}

/// The known columns with their other names.
pub const KNOWN: [(&str, &[&str], Known); 24] = [
    ("id", &["space id"], Known::Path("id")),
    ("space name", &[], Known::Path("name")),
    ("user id", &[], Known::Path("user.id")),
    ("user name", &[], Known::Path("user.name")),
    ("user email", &["email", "e-mail"], Known::Path("user.email")),
    ("role", &[], Known::Path("user.role")),
    ("leader", &[], Known::Path("user.leader")),
    ("display name", &[], Known::Path("user.custom_jwt_parameters.meta.displayName")),
    ("kick on expiry", &[], Known::Path("user.custom_jwt_parameters.kickOnExp")),
    ("guest", &[], Known::Guest),
    ("not before", &[], Known::Path("timeouts.not_before")),
    ("not after", &[], Known::Path("timeouts.not_after")),
    ("valid for", &[], Known::ValidFor),
    ("time zone", &[], Known::TimeZone),
    ("feature", &[], Known::Feature),
    ("invite url", &[], Known::Path("invite_url")),
    ("record av", &[], Known::Path("record_av")),
    ("record content", &[], Known::Path("record_content")),
    ("transcribe", &[], Known::Path("transcribe")),
    ("summarise", &[], Known::Path("summarise")),
    ("allow guests", &[], Known::Path("allow_guests")),
    ("webhook", &[], Known::Webhook),
    ("locale", &[], Known::Path("locale")),
    ("server", &[], Known::Path("server")),
];

/// The place of `id` among the known columns.
pub const ID: usize = 0;

/// The columns of `--template`, those that most rosters need.
pub const TEMPLATE: &str =
    "id,space name,user id,user name,user email,role,leader,not before,not after,valid for\r\n";

/// All that a column or a template may be for.
pub struct Fields {
    known: Vec<KnownColumn<'static>>,
    paths: Vec<String>,
    objects: Vec<String>,
}

impl Fields {
    /// What this version knows.
    pub fn all() -> Self {
        let known = KNOWN.map(|(name, aliases, known)| {
            let mut aliases = aliases.to_vec();
            if let Known::Path(path) = known
                && path != "name"
            {
                aliases.push(path);
            }
            KnownColumn { name, aliases }
        });
        let (paths, objects) = schema::paths();
        Self { known: known.into(), paths, objects }
    }

    /// What headers are matched with.
    pub fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary { columns: &self.known, fields: &self.paths, objects: &self.objects }
    }

    /// What a name means, if it is a field's. The error says what is wrong with it, in words that
    /// follow the name.
    pub fn named(&self, name: &str) -> Result<Meaning, String> {
        if columns::is_bare_name(name) {
            return Err(
                "could be the Space's or the person's; say `space name` or `user name`".into()
            );
        }
        match columns::meaning_of(name, &self.vocabulary()) {
            Meaning::Kept { suggestion } => {
                let near =
                    suggestion.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                Err(format!("is not the name of a field{near}"))
            }
            meaning => Ok(meaning),
        }
    }

    /// Whether a header is that of the Space's id.
    pub fn is_id(&self, header: &str) -> bool {
        columns::meaning_of(header.trim(), &self.vocabulary()) == Meaning::Known(ID)
    }
}
