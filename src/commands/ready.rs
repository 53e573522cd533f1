//! Everything that one launch needs, checked before anything is sent; and the launch itself.
//! `launch` and `add-user` differ only in what they let into the body.

use super::connect::{Connection, watch};
use super::prepare::{self, Flags};
use super::result::ResultForm;
use super::story;
use crate::body::{self, Clock, LaunchRequest, Purpose, Recipe};
use crate::cli::{
    BodyArgs, ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, ResultArgs, SpaceArgs,
};
use crate::config::Settings;
use crate::output::Printer;
use crate::problem::{Findings, Sort};
use std::time::Duration;

/// The flags of a launch, by what they are about.
pub struct Arguments {
    /// What to send.
    pub body: BodyArgs,
    /// For whom.
    pub person: PersonArgs,
    /// What the link allows, and when.
    pub link: LinkArgs,
    /// The Space's settings; none for `add-user`.
    pub space: Option<SpaceArgs>,
    /// What to do with the link.
    pub result: ResultArgs,
    /// How to say it.
    pub output: OutputArgs,
    /// Which API.
    pub connection: ConnectionArgs,
}

/// A checked launch.
pub struct Ready {
    purpose: Purpose,
    request: LaunchRequest,
    form: ResultForm,
    settings: Settings,
    time: Duration,
    clock: Clock,
    dry_run: bool,
}

impl Ready {
    /// Checks everything. `example` is shown when something is missing.
    pub async fn check(
        purpose: Purpose,
        arguments: Arguments,
        example: &str,
        printer: Printer,
    ) -> anyhow::Result<Self> {
        let Arguments { body, person, link, space, result, output, connection } = arguments;
        let mut findings = Findings::default();
        prepare::check_stdin(&body, &connection, &mut findings);
        let file = prepare::file(body.file.as_deref(), &mut findings).await;
        let Flags { mut assignments, valid_for, time_zone, guest } =
            prepare::flags(&body, person, link, &mut findings);
        assignments.extend(
            space.map_or_else(Vec::new, |space| prepare::space_flags(space, &mut findings)),
        );
        let form = ResultForm::new(&result, output, &mut findings);
        let (flags, time) = prepare::connection(connection, &mut findings);
        let settings = Settings::load(flags, &mut findings);
        let clock = prepare::clock(time_zone, &settings, &mut findings);
        let BodyArgs { id: _, file: ref path, set: _, strict, dry_run } = body;
        let recipe = Recipe {
            purpose,
            person: Some(&settings.profile.person),
            base: file.as_ref().map(|file| file.body.clone()).unwrap_or_default(),
            file: file.as_ref(),
            assignments: &assignments,
            valid_for,
            guest,
            strict,
            id_place: "--id",
        };
        let draft = body::compose(recipe, &mut findings);
        let request = draft.resolve(file.as_ref(), &clock, &mut findings);
        if path.is_some() && file.is_none() {
            // What seems to be missing may stand in the file that could not be read.
            findings.problems.retain(|problem| problem.sort != Sort::Missing);
        }
        findings.warnings.iter().for_each(|warning| printer.warning(warning));
        let hint = findings.is_something_missing().then(|| example.to_owned());
        findings.finish(hint)?;
        Ok(Self { purpose, request, form, settings, time, clock, dry_run })
    }

    /// Sends the body and delivers the link; with `--dry-run` prints the body instead.
    pub async fn go(self, printer: Printer) -> anyhow::Result<()> {
        let Self { purpose, request, form, settings, time, clock, dry_run } = self;
        let body = request.to_json();
        if dry_run {
            printer.json_result(&body)?;
            story::window(request.window, &clock, printer);
            return Ok(());
        }
        let connection = Connection::open(&settings, printer).await?;
        story::window(request.window, &clock, printer);
        let launch = match connection.client.launch(&body, time, &watch(printer)).await {
            Ok(launch) => launch,
            Err(call) => return Err(connection.failure(call, time, true).into()),
        };
        let expires_at = story::expires_at(&launch, &request);
        // The link first: it exists, and nothing that follows may lose it.
        let delivered = form.deliver(&request, &launch, expires_at, printer);
        story::launched(&launch, &request, expires_at, &clock, printer);
        if purpose == Purpose::AddUser && launch.created == Some(true) {
            printer.warning(&format!(
                "a new Space was made: {} did not exist before; check --id, this is often a typo",
                request.shown_id()
            ));
        }
        delivered
    }
}
