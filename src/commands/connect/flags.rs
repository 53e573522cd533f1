//! The flags that say which API, with which key, and for how long.

use crate::body::times;
use crate::cli::ConnectionArgs;
use crate::input;
use crate::problem::{Findings, Problem};
use crate::settings::{self, ConnectionFlags};
use std::time::Duration;

/// The longest that one call may take if `--timeout` does not say otherwise.
pub const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// The connection's flags, and the time that one call may take.
pub fn connection_flags(
    arguments: ConnectionArgs,
    findings: &mut Findings,
) -> (ConnectionFlags, Duration) {
    let ConnectionArgs { profile, api_key_file, api_url, sandbox, timeout } = arguments;
    let time = timeout.and_then(|text| {
        let time = times::waiting_time(&text).map_err(|message| Problem::new("--timeout", message));
        findings.keep(time)
    });
    let time = time.unwrap_or(DEFAULT_TIME);
    (ConnectionFlags { profile, api_key_file, api_url, sandbox, time }, time)
}

/// Whether the API key would come from standard input, by the flag or by the variable.
pub fn reads_key_from_stdin(connection: &ConnectionArgs) -> bool {
    let ConnectionArgs { api_key_file, sandbox, .. } = connection;
    let of_variable = || {
        let has_key =
            settings::is_practice(*sandbox) || settings::variable("LESSONSPACE_API_KEY").is_some();
        !has_key && settings::variable("LESSONSPACE_API_KEY_FILE").is_some_and(|path| path == "-")
    };
    api_key_file.as_deref().map_or_else(of_variable, input::is_stdin)
}
