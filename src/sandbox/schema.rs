//! What a launch may hold: the one table of fields, what each of them takes, and which may be
//! null, blank or too long. How a kind of field takes a value is in `fields` and `kinds`.
//!
//! Sources: the documentation for the fields and for the nulls of `name` and `webhooks`; other
//! people's integrations for the rest. Where nothing is known the sandbox is strict: what works
//! here should work there. Fields that are not listed are ignored, as the framework does.

use super::fields::{Field, Kind};

/// The longest `id`, in Unicode scalar values.
const LONGEST_ID: usize = 64;

const FLAG: Field = Field::of("", Kind::Flag);
const TEXT: Field = Field::of("", Kind::Text).blank();

/// The body of `POST spaces/launch/`.
pub(super) const LAUNCH: &[Field] = &[
    Field::of("id", Kind::Text).required().at_most(LONGEST_ID),
    Field::of("name", Kind::Text).null().blank(),
    Field::of("user", Kind::Object(USER)),
    Field::of("features", Kind::Each(&FLAG)),
    Field::of("timeouts", Kind::Object(TIMEOUTS)),
    Field::of("webhooks", Kind::Object(WEBHOOKS)).null(),
    Field::of("record_av", Kind::Flag),
    Field::of("record_content", Kind::Flag),
    Field::of("transcribe", Kind::Flag),
    Field::of("summarise", Kind::Flag),
    Field::of("waiting_room", Kind::Flag),
    Field::of("allow_guests", Kind::Flag),
    Field::of("locale", Kind::Text).blank(),
    Field::of("server", Kind::Text).blank(),
    // The documentation's own example has no scheme, so this is not a URL field.
    Field::of("invite_url", Kind::Text).blank(),
    Field::of("resource_url", Kind::Text).blank(),
    Field::of("video_layout_mode", Kind::Text).blank(),
    Field::of("theme", Kind::Anything),
    Field::of("holodeck_parameters", Kind::Anything),
    Field::of("auth_external", Kind::Object(&[Field::of("url", Kind::Url).blank()])),
    Field::of("space_tags", Kind::Each(&TEXT)),
    Field::of("session_tags", Kind::Each(&TEXT)),
    Field::of("tags", Kind::Each(&TEXT)),
];

const USER: &[Field] = &[
    Field::of("id", Kind::Text).blank(),
    Field::of("name", Kind::Text).blank(),
    Field::of("email", Kind::Email).blank(),
    Field::of("role", Kind::Text).blank(),
    Field::of("leader", Kind::Flag),
    Field::of("single_use", Kind::Flag),
    Field::of("profile_picture", Kind::Url).blank(),
    Field::of("custom_jwt_parameters", Kind::Anything),
];

const TIMEOUTS: &[Field] =
    &[Field::of("not_before", Kind::Time), Field::of("not_after", Kind::Time)];

/// A null or an empty text removes an entry.
const WEBHOOKS: &[Field] = &[
    Field::of("session", Kind::Object(&hooks(["start", "end", "idle"]))).null(),
    Field::of("user", Kind::Object(&hooks(["join", "leave", "idle"]))).null(),
    Field::of("chat", Kind::Object(&hooks(["message"]))).null(),
    Field::of("cobrowser", Kind::Object(&hooks(["start", "stop"]))).null(),
    Field::of("transcription", Kind::Object(&hooks(["finish"]))).null(),
    Field::of("summary", Kind::Object(&hooks(["finish"]))).null(),
    Field::of("knock", Kind::Object(&hooks(["request", "admit", "deny"]))).null(),
];

const fn hooks<const N: usize>(names: [&'static str; N]) -> [Field; N] {
    let mut fields = [Field::of("", Kind::Url).null().blank(); N];
    let mut at = 0;
    while at < N {
        fields[at].name = names[at];
        at += 1;
    }
    fields
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
