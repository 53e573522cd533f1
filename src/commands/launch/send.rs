//! Everything that one launch needs, checked before anything is sent, and the launch itself.

use super::messages;
use super::result_action::ResultAction;
use crate::body::{Clock, LaunchRequest, Purpose};
use crate::commands::connect::{Connection, watch};
use crate::error::Result;
use crate::settings::Settings;
use crate::terminal::output::Printer;
use std::time::Duration;

pub struct CheckedLaunch {
    /// Which command this is.
    pub purpose: Purpose,
    pub request: LaunchRequest,
    /// What to do with the link.
    pub action: ResultAction,
    pub settings: Settings,
    /// Time limit of the call.
    pub time: Duration,
    pub clock: Clock,
    pub dry_run: bool,
}

impl CheckedLaunch {
    /// Sends the body and delivers the link; with `--dry-run`, prints the body instead.
    pub async fn send(self, may_ask: bool, printer: Printer) -> Result<()> {
        let Self { purpose, request, action, settings, time, clock, dry_run } = self;
        let body = request.to_json();
        if dry_run {
            printer.json_result(&body)?;
            messages::window(request.window, &clock, printer);
            return Ok(());
        }
        let connection = Connection::open(&settings, may_ask.then_some(time), printer).await?;
        messages::window(request.window, &clock, printer);
        let launch = match connection.client.launch(&body, time, &watch(printer)).await {
            Ok(launch) => launch,
            Err(call) => return Err(connection.failure(&call, time, true)),
        };
        let expires_at = messages::expires_at(&launch, &request);
        let is_reported = action.refuses_new_space();
        // The link comes first: it exists, and no later step may lose it.
        let delivered = action.deliver(&request, &launch, expires_at, printer);
        match (purpose, launch.created) {
            // The error of `--expect` already reports the new Space.
            (Purpose::AddUser, Some(true)) if is_reported => {}
            (Purpose::AddUser, Some(true)) => printer.warning(&format!(
                "created a new Space: {} did not exist; check the spelling of --id",
                request.shown_id()
            )),
            _ => messages::space(&launch, &request, printer),
        }
        messages::link(&launch, &request, expires_at, &clock, printer);
        delivered
    }
}
