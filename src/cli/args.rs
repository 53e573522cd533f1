//! Command-line flags. Values stay text here, so that all problems with them are reported together.
//!
//! The first paragraph of a flag's comment is its `-h` text, the whole comment its `--help` text.
#![expect(rustdoc::bare_urls, reason = "the comments are help text")]
#![expect(clippy::doc_markdown, reason = "the comments are help text, which shows no backticks")]

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(mut_args(|argument| super::brief(argument, super::help::LAUNCH_FLAGS)))]
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

#[derive(Debug, Args)]
#[command(mut_args(|argument| super::brief(argument, super::help::LAUNCH_FLAGS)))]
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

/// Help for `--timeout` in commands that launch nothing.
pub const REQUEST_TIMEOUT: &str = "Time limit for each request, retries included [default: 60s]";

#[derive(Debug, Args)]
#[command(
    mut_arg("field", |field| {
        field.help("Print one field of the response: response or attempts (repeatable)").long_help(None::<&str>)
    }),
    mut_arg("timeout", |timeout| timeout.help(REQUEST_TIMEOUT))
)]
pub struct HelloArgs {
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// What to send, as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Space and request")]
pub struct BodyArgs {
    /// Id of the Space: you choose it, up to 64 characters
    ///
    /// The same id always opens the same Space. It is sent unchanged
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub id: Option<String>,
    /// Read the request from a JSON file (- for standard input)
    ///
    /// The file can contain any field of the Launch endpoint. Comments and trailing commas are allowed.
    /// --set and other flags override the file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Set any field, such as --set user.role=student
    ///
    /// Known fields are converted to the right type. For other fields, the value is read as JSON if
    /// possible, otherwise as text. Another example: --set features.chat.enabled=false
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// Fail on unknown fields instead of sending them with a warning
    #[arg(long)]
    pub strict: bool,
    /// Print the request without sending it (needs no API key)
    #[arg(long)]
    pub dry_run: bool,
}

/// Who the link is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Person")]
pub struct PersonArgs {
    /// Your id for this person, such as a student number
    #[arg(long, value_name = "ID")]
    pub user_id: Option<String>,
    /// Name of the person
    #[arg(long, value_name = "NAME")]
    pub user_name: Option<String>,
    /// Email address of the person
    ///
    /// Links the person to the Lessonspace account with that address
    #[arg(long, value_name = "EMAIL")]
    pub user_email: Option<String>,
    /// Role: teacher, student or admin
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Make this person a leader
    ///
    /// A leader can invite people, end the session and control other people's audio and video
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub leader: Option<String>,
    /// Name shown in the Space, if different
    #[arg(long, value_name = "NAME")]
    pub display_name: Option<String>,
    /// Create a guest link, not tied to a person
    #[arg(long)]
    pub guest: bool,
}

/// What the link allows, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Link")]
pub struct LinkArgs {
    /// Turn a feature on or off for this link, such as --feature chat.enabled=off
    #[arg(long, value_name = "FEATURE[=on|off]")]
    pub feature: Vec<String>,
    /// Start and end of the lesson, such as "2026-12-01 14:00-14:45"
    ///
    /// Also takes "14:00-14:45" (today), "tomorrow 14:00-14:45" and "tue 14:00-14:45" (the next Tuesday).
    /// Use it instead of --not-before and --not-after
    #[arg(long, value_name = "RANGE")]
    pub lesson_time: Option<String>,
    /// Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now
    ///
    /// Also takes 14:00 (today), "tomorrow 14:00" and "tue 14:00" (the next Tuesday)
    #[arg(long, value_name = "TIME")]
    pub not_before: Option<String>,
    /// End of the lesson time, at most 7 days after the start
    #[arg(long, value_name = "TIME")]
    pub not_after: Option<String>,
    /// Length of the lesson time, such as 90m, 2h or 7d
    ///
    /// Counted from --not-before, or from now; 1h30m also works
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub valid_for: Option<String>,
    /// Time zone for the lesson time, such as Europe/London
    ///
    /// Used for times that do not name a zone [default: from the profile, then this computer]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Remove the person from the Space when the link expires
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub kick_on_expiry: Option<String>,
    /// Address that the "invite others" button shows
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub invite_url: Option<String>,
}

/// Settings of the Space, which stay in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Space settings (kept until you change them)")]
pub struct SpaceArgs {
    /// Name of the Space, shown to everyone in it [default: the id]
    #[arg(long, value_name = "NAME")]
    pub space_name: Option<String>,
    /// Record audio and video
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub record_av: Option<String>,
    /// Record the whiteboards
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub record_content: Option<String>,
    /// Transcribe the audio (requires --record-av)
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub transcribe: Option<String>,
    /// Write a summary (requires --record-av and --transcribe)
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub summarise: Option<String>,
    /// Let guests in through the invite page
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_guests: Option<String>,
    /// Call a URL when an event happens, such as session.start=https://example.org/hook
    ///
    /// A group, such as session, sets the URL for all of its events. An empty URL removes the webhook. Sending any
    /// webhook replaces all webhooks of the Space, so include every one you want to keep
    #[arg(long, value_name = "EVENT=URL")]
    pub webhook: Vec<String>,
}

/// What to do with the link.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Using the link")]
pub struct ResultArgs {
    /// Exit 8 if the result differs; the link is still printed
    #[arg(long, value_name = "RESULT")]
    pub expect: Option<Expect>,
    /// Open the link in your browser (not in CI)
    ///
    /// The link is briefly visible to other users of this computer in the process list
    #[arg(long)]
    pub open: bool,
    /// Copy the link to the clipboard (not in CI)
    ///
    /// Other programs can read the link from the clipboard
    #[arg(long)]
    pub copy: bool,
    /// For GitHub Actions: mask the link in the log and set outputs
    ///
    /// The outputs client_url, room_id and created go to the file in $GITHUB_OUTPUT
    #[arg(long)]
    pub github_output: bool,
}

/// What `--expect` can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Expect {
    /// A new Space was created
    Created,
    /// The Space already existed
    Existing,
}

#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print the full response as JSON; messages go to standard error as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print one field of the response, such as room_id or created (repeatable)
    ///
    /// Several fields are printed one per line, in the order given. Use a dot for a nested field, such as
    /// room_settings.transcribe
    #[arg(long, value_name = "FIELD")]
    pub field: Vec<String>,
    /// Print only warnings and errors
    #[arg(short, long, overrides_with = "quiet")]
    pub quiet: bool,
    /// Show the key's source, the settings in use and every attempt
    ///
    /// These messages never contain a key or a link
    #[arg(short, long, overrides_with = "verbose", conflicts_with = "quiet")]
    pub verbose: bool,
    /// Never prompt (the default in CI and without a terminal)
    #[arg(long)]
    pub no_input: bool,
}

/// Which API, with which key.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Account and connection")]
pub struct ConnectionArgs {
    /// Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    ///
    /// A profile belongs to one organisation [default: default]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub api_key_file: Option<PathBuf>,
    /// URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub api_url: Option<String>,
    /// Practise without an API key [env: LESSONSPACE_SANDBOX=1]
    ///
    /// Uses the built-in practice API: nothing leaves this computer, and links do not open a real lesson
    #[arg(long)]
    pub sandbox: bool,
    /// Time limit for each launch, retries included [default: 60s]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub timeout: Option<String>,
}
