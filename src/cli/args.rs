//! The flags. Values stay text here, so that everything wrong with them can be told at once.
#![expect(rustdoc::bare_urls, reason = "the comments are help text")]
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `launch`
#[derive(Debug, Args)]
pub struct LaunchArgs {
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub person: PersonArgs,
    #[command(flatten)]
    pub link: LinkArgs,
    #[command(flatten)]
    pub space: SpaceArgs,
    #[command(flatten)]
    pub result: ResultArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `add-user`
#[derive(Debug, Args)]
pub struct AddUserArgs {
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub person: PersonArgs,
    #[command(flatten)]
    pub link: LinkArgs,
    #[command(flatten)]
    pub result: ResultArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// `hello`
#[derive(Debug, Args)]
#[command(mut_arg("field", |field| {
    field.help("Print only this field of the answer, raw: response or attempts; repeat it for both, one per line")
}))]
pub struct HelloArgs {
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to send, as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "What to send")]
pub struct BodyArgs {
    /// The Space's id: 1 to 64 characters of your choosing, never cut or changed; the same id is
    /// the same Space
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub id: Option<String>,
    /// A JSON object with any fields of a Launch body; - is standard input. Comments and trailing
    /// commas are fine; --set and flags win over it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Refuse unknown fields, instead of sending them with a warning
    #[arg(long)]
    pub strict: bool,
    /// Print the body that would be sent and send nothing; needs no key
    #[arg(long)]
    pub dry_run: bool,
}

/// Who the link is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Who the link is for")]
pub struct PersonArgs {
    /// Your own id for the person
    #[arg(long, value_name = "ID")]
    pub user_id: Option<String>,
    /// The person's name
    #[arg(long, value_name = "NAME")]
    pub user_name: Option<String>,
    /// The person's e-mail address; ties the link to the Lessonspace account of that address
    #[arg(long, value_name = "EMAIL")]
    pub user_email: Option<String>,
    /// The person's role: teacher, student or admin
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// The person leads: invites, ends the session, controls others' audio and video
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub leader: Option<String>,
    /// Shown in the Space instead of the name
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// Make a guest link, for nobody in particular
    #[arg(long)]
    pub guest: bool,
}

/// What the link allows, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "What the link allows, and when")]
pub struct LinkArgs {
    /// Turn a feature on or off for this link, such as --feature chat.enabled=off
    #[arg(long, value_name = "KEY[=on|off]")]
    pub feature: Vec<String>,
    /// Start and end of the lesson time in one: "2026-12-01 14:00-14:45"; launch and add-user also
    /// take "14:00-14:45", "tomorrow 14:00-14:45" and "tue 14:00-14:45"
    #[arg(long, value_name = "RANGE")]
    pub lesson_time: Option<String>,
    /// Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now; launch and add-user
    /// also take 14:00, "tomorrow 14:00" and "tue 14:00"
    #[arg(long, value_name = "TIME")]
    pub not_before: Option<String>,
    /// End of the lesson time, at most 7 days after the start
    #[arg(long, value_name = "TIME")]
    pub not_after: Option<String>,
    /// Length of the lesson time, such as 90m, 2h, 1h30m or 7d, counted from --not-before or now
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub valid_for: Option<String>,
    /// The time zone of times that name none, such as Europe/London [default: the profile's, else this
    /// computer's]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Also remove the person from the Space when the link ends
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub kick_on_expiry: Option<String>,
    /// What the "invite others" button shows
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub invite_url: Option<String>,
}

/// Settings of the Space, which stay in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Settings of the Space, which stay in force")]
pub struct SpaceArgs {
    /// The name that people see [default: the id]
    #[arg(long, value_name = "NAME")]
    pub space_name: Option<String>,
    /// Record audio and video
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub record_av: Option<String>,
    /// Record the boards' content
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub record_content: Option<String>,
    /// Transcribe; needs --record-av
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transcribe: Option<String>,
    /// Summarise; needs --record-av and --transcribe
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub summarise: Option<String>,
    /// Let guests in through the invite page
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_guests: Option<String>,
    /// Call a URL on an event, such as session.start=https://example.org/hook; a group such as
    /// session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent
    #[arg(long, value_name = "EVENT=URL")]
    pub webhook: Vec<String>,
}

/// What to do with the link.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What to do with the link")]
pub struct ResultArgs {
    /// Exit 8 if the result differs; the link is still printed
    #[arg(long, value_name = "OUTCOME")]
    pub expect: Option<Expect>,
    /// Also open the link in the browser, never in CI. The link, a credential, is then visible
    /// in the list of processes for a moment
    #[arg(long)]
    pub open: bool,
    /// Also put the link on the clipboard, never in CI
    #[arg(long)]
    pub copy: bool,
    /// For GitHub Actions: mask the link in the log, and write client_url, room_id and created to
    /// the file named by $GITHUB_OUTPUT
    #[arg(long)]
    pub github_output: bool,
}

/// What `--expect` can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Expect {
    /// The Space is new
    Created,
    /// The Space existed before
    Existing,
}

/// Output.
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print the full answer as JSON; messages become JSON lines on standard error
    #[arg(long)]
    pub json: bool,
    /// Print only this field of the answer, raw, such as room_id, room_settings.transcribe or
    /// created; repeat it for more fields, one per line
    #[arg(long, value_name = "NAME")]
    pub field: Vec<String>,
    /// Show warnings and errors only
    #[arg(short, long, overrides_with = "quiet")]
    pub quiet: bool,
    /// Show which key and settings are used, and each attempt and wait; never a key or a link
    #[arg(short, long, overrides_with = "verbose", conflicts_with = "quiet")]
    pub verbose: bool,
    /// Never ask questions; implied when CI is set or there is no terminal
    #[arg(long)]
    pub no_input: bool,
}

/// Which API, with which key.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which organisation, and how to reach it")]
pub struct ConnectionArgs {
    /// Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub api_key_file: Option<PathBuf>,
    /// The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub api_url: Option<String>,
    /// Talk to the built-in practice API: no key needed, nothing leaves this computer
    /// [env: LESSONSPACE_SANDBOX=1]
    #[arg(long)]
    pub sandbox: bool,
    /// The longest that one call may take, retries included [default: 60s]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub timeout: Option<String>,
}
