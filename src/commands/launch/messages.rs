//! Messages about a launch: whether the Space is new, whose link it is, when it expires, and what differs
//! from the request. They never contain the link.

use crate::api::Launch;
use crate::body::{Clock, LaunchRequest, Window, times};
use crate::escape::untrusted;
use crate::join_link::{self, Contradiction, JoinToken, Requested, contradictions};
use crate::terminal::output::Printer;
use jiff::Timestamp;

/// When the link expires, from its token, otherwise from the request.
pub fn expires_at(launch: &Launch, request: &LaunchRequest) -> Option<Timestamp> {
    join_link::token(&launch.url).and_then(|token| token.expires_at).or(request.window.not_after)
}

/// Shows the lesson time before anything is sent, and with `--verbose` the time zone.
pub fn window(window: Window, clock: &Clock, printer: Printer) {
    let shown = |time| times::shown(time, &clock.zone);
    printer.detail(&format!("time zone: {}", times::zone_name(&clock.zone)));
    match (window.not_before, window.not_after) {
        (None, None) => {}
        (Some(start), None) => printer.message(&format!("lesson time: from {}", shown(start))),
        (None, Some(end)) => printer.message(&format!("lesson time: until {}", shown(end))),
        (Some(start), Some(end)) => {
            printer.message(&format!("lesson time: {}", times::span(start, end, &clock.zone)));
        }
    }
}

/// Shows whether the Space was created or already existed.
pub fn space(launch: &Launch, request: &LaunchRequest, printer: Printer) {
    let id = request.shown_id();
    printer.message(&match launch.created {
        Some(true) => format!("created Space {id}"),
        Some(false) => format!("opened existing Space {id}"),
        None => format!(
            "Space {id} exists now; an earlier attempt, whose answer was lost, may have created it"
        ),
    });
}

/// Shows whose link it is and when it expires, and warns about differences from the request.
pub fn link(
    launch: &Launch,
    request: &LaunchRequest,
    expires_at: Option<Timestamp>,
    clock: &Clock,
    printer: Printer,
) {
    let token = join_link::token(&launch.url);
    printer.message(&whose(token.as_ref(), request));
    match expires_at.map(|end| (end, end.duration_since(Timestamp::now()))) {
        Some((end, left)) if left.is_positive() => printer.message(&format!(
            "expires {} (in {})",
            times::shown(end, &clock.zone),
            times::length_left(left)
        )),
        Some((end, _)) => printer.warning(&format!(
            "this computer's clock says the link expired on {}; check the clock",
            times::shown(end, &clock.zone)
        )),
        None => printer.message("the link does not show when it expires (usually after 7 days)"),
    }
    if !join_link::is_of_room(&launch.url, launch.room_id().as_deref()) {
        printer.warning(&Contradiction::Room.to_string());
    }
    let in_force = |name: &str| launch.setting(name);
    for contradiction in contradictions(&Requested::of(request), token.as_ref(), in_force) {
        printer.warning(&match contradiction {
            Contradiction::NotYet { start } => format!(
                "the link is not valid yet; it becomes valid {}",
                times::shown(start, &clock.zone)
            ),
            other => other.to_string(),
        });
    }
}

/// Whose link it is. The link's token takes precedence over the request.
fn whose(token: Option<&JoinToken>, request: &LaunchRequest) -> String {
    let is_unclear = token.is_some_and(JoinToken::may_lead);
    let leads = token
        .and_then(JoinToken::can_lead)
        .unwrap_or_else(|| Requested::of(request).leader || is_unclear);
    let name = token.and_then(JoinToken::name).map(|name| untrusted(&name));
    let is_guest = match token.and_then(JoinToken::is_guest) {
        Some(is_guest) => is_guest,
        None => request.is_guest() && name.is_none(),
    };
    let (role, private) = if leads {
        ("leader", "keep it private: anyone with this link can lead the Space")
    } else {
        ("not a leader", "share it only with them")
    };
    match name.or_else(|| request.shown_person()) {
        _ if is_guest && leads => {
            format!("guest link (leader): everyone who uses it appears as \"Guest\"; {private}")
        }
        _ if is_guest => {
            "guest link (not a leader): everyone who uses it appears as \"Guest\"".to_owned()
        }
        Some(person) => format!("link for {person} ({role}); {private}"),
        None if leads => format!("leader link, no name given; {private}"),
        None => format!("link for one person, no name given ({role}); {private}"),
    }
}
