//! Turns flags into the parts of a body: assignments, a lesson time and a clock.

use crate::body::{
    self, Assignment, BodyFile, Clock, LessonTime, ValidFor, ValueClass, times, zone,
};
use crate::cli::{self, ConnectionArgs, LinkArgs, PersonArgs, SpaceArgs};
use crate::commands::connect::source_of_key;
use crate::escape::untrusted;
use crate::input;
use crate::problem::{Findings, Problem};
use crate::settings::Settings;
use jiff::Timestamp;
use std::path::Path;

/// Reads `--file`, unless the API key is read from the same source: an error would show the key.
pub async fn file(
    path: Option<&Path>,
    connection: &ConnectionArgs,
    findings: &mut Findings,
) -> Option<BodyFile> {
    let path = path?;
    let name = path.to_string_lossy();
    if let Some(problem) = also_read_for_key("--file", path, connection) {
        findings.problems.push(problem);
        return None;
    }
    let bytes = input::read_up_to(path, body::MAX_SIZE).await.map_err(|message| {
        let shown = untrusted(&name);
        Problem::about(format!("--file {shown}"), message).in_file(&shown, Some("--file"))
    });
    let file = bytes.and_then(|bytes| BodyFile::parse(&name, bytes));
    let mut file = findings.keep(file)?;
    findings.problems.append(&mut file.duplicates);
    Some(file)
}

/// The assignments from `--set`, `--id`, and the person and link flags (later ones take precedence), and the
/// time flags.
pub struct Flags {
    pub assignments: Vec<Assignment>,
    pub valid_for: Option<ValidFor>,
    pub lesson_time: Option<LessonTime>,
    pub time_zone: Option<String>,
    pub guest: bool,
}

/// Converts the flags that `launch`, `add-user` and `batch` share.
pub fn flags(
    id: Option<&str>,
    set: &[String],
    (person, link): (PersonArgs, LinkArgs),
    findings: &mut Findings,
) -> Flags {
    let PersonArgs { user_id, user_name, user_email, role, leader, display_name, guest } = person;
    let LinkArgs {
        feature,
        not_before,
        not_after,
        lesson_time,
        valid_for,
        time_zone,
        kick_on_expiry,
        invite_url,
    } = link;
    let mut assignments: Vec<Assignment> =
        set.iter().filter_map(|text| findings.keep(Assignment::parse_set(text))).collect();
    if let Some(word) = id.filter(|id| cli::is_flag(id)) {
        findings.problems.push(Problem::about("--id", cli::no_value(word)));
    }
    let simple = [
        ("--id", "id", id.map(str::to_owned)),
        ("--user-id", "user.id", user_id),
        ("--user-name", "user.name", user_name),
        ("--user-email", "user.email", user_email),
        ("--role", "user.role", role),
        ("--leader", "user.leader", leader),
        ("--display-name", "user.custom_jwt_parameters.meta.displayName", display_name),
        ("--kick-on-expiry", "user.custom_jwt_parameters.kickOnExp", kick_on_expiry),
        ("--not-before", "timeouts.not_before", not_before),
        ("--not-after", "timeouts.not_after", not_after),
        ("--invite-url", "invite_url", invite_url),
    ];
    let mut given = Vec::new();
    for (flag, path, value) in simple {
        // The id and the person are checked later, with a more specific message.
        let may_be_blank = matches!(flag, "--id" | "--user-id" | "--user-name" | "--user-email");
        if !may_be_blank && value.as_ref().is_some_and(|value| value.trim().is_empty()) {
            let message = "is blank; leave it out or give it a value";
            findings.problems.push(Problem::about(flag, message));
        } else {
            given.extend(assignment((flag, path, value)));
        }
    }
    assignments.extend(given);
    assignments
        .extend(feature.iter().filter_map(|text| findings.keep(Assignment::parse_feature(text))));
    let valid_for = valid_for.map(|text| ValidFor { label: "--valid-for".into(), text });
    let lesson_time = lesson_time.map(|text| LessonTime { label: "--lesson-time".into(), text });
    Flags { assignments, valid_for, lesson_time, time_zone, guest }
}

impl Flags {
    /// Adds a date to times such as `14:00`, `tomorrow 14:00` and `tue 14:00`. Only for commands that run
    /// once: on another day these mean something else.
    pub fn date_times(&mut self, clock: &Clock) {
        let is_time = |one: &&mut Assignment| Assignment::class(&one.path) == ValueClass::Time;
        for one in self.assignments.iter_mut().filter(is_time) {
            one.value = times::with_date(&one.value, clock).into_owned();
        }
        if let Some(lesson_time) = &mut self.lesson_time {
            lesson_time.text = times::with_date(&lesson_time.text, clock).into_owned();
        }
    }
}

/// The assignments from the Space's flags.
pub fn space_flags(space: SpaceArgs, findings: &mut Findings) -> Vec<Assignment> {
    let SpaceArgs {
        space_name,
        record_av,
        record_content,
        transcribe,
        summarise,
        allow_guests,
        webhook,
    } = space;
    let simple = [
        ("--space-name", "name", space_name),
        ("--record-av", "record_av", record_av),
        ("--record-content", "record_content", record_content),
        ("--transcribe", "transcribe", transcribe),
        ("--summarise", "summarise", summarise),
        ("--allow-guests", "allow_guests", allow_guests),
    ];
    let mut assignments: Vec<Assignment> = simple.into_iter().filter_map(assignment).collect();
    for text in &webhook {
        assignments.extend(findings.keep(Assignment::parse_webhook(text)).into_iter().flatten());
    }
    assignments
}

fn assignment((flag, path, value): (&str, &str, Option<String>)) -> Option<Assignment> {
    value.map(|value| Assignment::flag(flag, path, value))
}

/// The clock in the time zone of the flag, the profile or this computer, in that order.
pub fn clock(flag: Option<String>, settings: &Settings, findings: &mut Findings) -> Clock {
    let of_profile =
        || settings.profile.time_zone.clone().map(|name| (name, "time_zone in the profile"));
    let named = flag.map(|name| (name, "--time-zone")).or_else(of_profile);
    if let Some(caution) = named.as_ref().and_then(|(name, _)| zone::caution(name)) {
        findings.warnings.push(caution);
    }
    let zone = named.and_then(|(name, place)| {
        findings.keep(zone::zone(&name).map_err(|message| Problem::new(place, message)))
    });
    Clock { now: Timestamp::now(), zone: zone.unwrap_or_else(times::system_zone) }
}

/// The problem if the API key is read from the same source as the file of `flag`.
pub fn also_read_for_key(flag: &str, path: &Path, connection: &ConnectionArgs) -> Option<Problem> {
    let other = source_of_key(path, connection)?;
    let message = if input::is_stdin(path) {
        format!("cannot read standard input, because {other} does; use a file for one of them")
    } else {
        format!("cannot be the same file as {other}, which contains the API key")
    };
    Some(Problem::about(flag, message))
}
