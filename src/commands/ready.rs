//! Everything that one launch needs, checked before anything is sent; and the launch itself.
//! `launch` and `add-user` differ only in what they let into the body.

use super::connect::{Connection, watch};
use super::plan::Plan;
use super::result::ResultForm;
use super::{guide, story};
use crate::body::{Clock, LaunchRequest, Purpose};
use crate::cli::{
    BodyArgs, ConnectionArgs, LinkArgs, OutputArgs, PersonArgs, ResultArgs, SpaceArgs,
};
use crate::config::Settings;
use crate::output::Printer;
use std::time::Duration;

/// The flags of a launch, by what they are about.
#[derive(Clone)]
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
    /// Which command asks.
    pub purpose: Purpose,
    /// What is sent.
    pub request: LaunchRequest,
    /// What becomes of the link.
    pub form: ResultForm,
    /// Whom to talk to, with which key.
    pub settings: Settings,
    /// The longest that the call may take.
    pub time: Duration,
    /// When and where this is.
    pub clock: Clock,
    /// Whether nothing is sent.
    pub dry_run: bool,
}

/// Checks everything, asks for what is missing if anybody may be asked, and launches. `example` is
/// shown when something is missing.
pub async fn launch(
    purpose: Purpose,
    arguments: Arguments,
    example: &str,
    printer: Printer,
) -> anyhow::Result<()> {
    let plan = Plan::read(purpose, &arguments).await;
    let may_ask = guide::may_ask(&arguments);
    let (ready, findings, answers) = guide::complete(&plan, purpose, arguments, printer).await?;
    let hint = findings.is_something_missing().then(|| example.to_owned());
    findings.warnings.iter().for_each(|warning| printer.warning(warning));
    findings.finish(hint)?;
    let done = ready.go(may_ask, printer).await;
    guide::tell_command(&answers, printer);
    done
}

impl Ready {
    /// Sends the body and delivers the link; with `--dry-run` prints the body instead.
    async fn go(self, may_ask: bool, printer: Printer) -> anyhow::Result<()> {
        let Self { purpose, request, form, settings, time, clock, dry_run } = self;
        let body = request.to_json();
        if dry_run {
            printer.json_result(&body)?;
            story::window(request.window, &clock, printer);
            return Ok(());
        }
        let connection = Connection::open(&settings, may_ask.then_some(time), printer).await?;
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
