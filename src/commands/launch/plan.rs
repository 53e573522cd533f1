//! Turns flags into a checked launch. A plan can be examined repeatedly with different flags, so that answers
//! to prompts are checked exactly like flags.

use super::flags::{self, Flags};
use super::result_action::ResultAction;
use super::send::CheckedLaunch;
use crate::body::{self, BodyFile, BodyLayers, Purpose, zone};
use crate::cli::{
    BodyArgs, ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, ResultArgs, SpaceArgs,
};
use crate::commands::connect::connection_flags;
use crate::problem::Findings;
use crate::settings::Settings;

/// The flags of a launch, by topic.
#[derive(Clone)]
pub struct Arguments {
    pub body: BodyArgs,
    pub person: PersonArgs,
    pub link: LinkArgs,
    /// Space settings; `None` for `add-user`.
    pub space: Option<SpaceArgs>,
    pub result: ResultArgs,
    pub output: OutputArgs,
    pub connection: ConnectionArgs,
}

/// The parts that are the same in every examination.
pub struct Plan {
    purpose: Purpose,
    file: Option<BodyFile>,
    findings: Findings,
}

impl Plan {
    /// Reads `--file`, once.
    pub async fn read(purpose: Purpose, arguments: &Arguments) -> Self {
        let mut findings = Findings::default();
        let Arguments { body, connection, .. } = arguments;
        let file = flags::file(body.file.as_deref(), connection, &mut findings).await;
        Self { purpose, file, findings }
    }

    /// Checks everything. The launch can be sent if no problems are found.
    pub fn examine(&self, arguments: Arguments) -> (CheckedLaunch, Findings) {
        let Arguments { body, person, link, space, result, output, connection } = arguments;
        let mut findings = self.findings.clone();
        let mut flags = flags::flags(body.id.as_deref(), &body.set, (person, link), &mut findings);
        flags
            .assignments
            .extend(space.map_or_else(Vec::new, |space| flags::space_flags(space, &mut findings)));
        let action = ResultAction::new(&result, output, &mut findings);
        let (connection, time) = connection_flags(connection, &mut findings);
        let settings = Settings::load(connection, &mut findings);
        let is_zone_named = flags.time_zone.is_some() || settings.profile.time_zone.is_some();
        let clock = flags::clock(flags.time_zone.take(), &settings, &mut findings);
        flags.date_times(&clock);
        let Flags { assignments, valid_for, lesson_time, time_zone: _, guest } = flags;
        let BodyArgs { id: _, file: path, set: _, strict, dry_run } = body;
        let file = self.file.as_ref();
        let layers = BodyLayers {
            purpose: self.purpose,
            person: Some(&settings.profile.person),
            base: file.map(|file| file.body.clone()).unwrap_or_default(),
            file,
            assignments: &assignments,
            valid_for,
            lesson_time,
            guest,
            strict,
            id_place: "--id",
            shorten_ids: false,
        };
        let draft = body::compose(layers, &mut findings);
        if !is_zone_named && draft.has_local_times() {
            findings.warnings.extend(clock.zone.iana_name().and_then(zone::caution));
        }
        let request = draft.resolve(file, &clock, &mut findings);
        if path.is_some() && file.is_none() {
            // Values that seem to be missing may be in the file that could not be read.
            findings.problems.retain(|problem| !problem.is_missing());
        }
        let purpose = self.purpose;
        (CheckedLaunch { purpose, request, action, settings, time, clock, dry_run }, findings)
    }
}
