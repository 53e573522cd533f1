//! What happened, told to a person: created or existing, whose link, until when, and what the
//! Space does that was not asked for. Never the link itself.

use crate::api::Launch;
use crate::body::{Clock, LaunchRequest, Window, times};
use crate::join_link;
use crate::terminal::output::Printer;
use jiff::Timestamp;

/// When the link ends: from its own token, else from the window that was asked for.
pub fn expires_at(launch: &Launch, request: &LaunchRequest) -> Option<Timestamp> {
    join_link::token(&launch.url).and_then(|token| token.expires_at).or(request.window.not_after)
}

/// Before anything is sent: the lesson time, and with `--verbose` the zone of local times.
pub fn window(window: Window, clock: &Clock, printer: Printer) {
    let shown = |time| times::shown(time, &clock.zone);
    printer.detail(&format!("time zone: {}", times::zone_name(&clock.zone)));
    match (window.not_before, window.not_after) {
        (None, None) => {}
        (Some(start), None) => printer.story(&format!("lesson time: from {}", shown(start))),
        (None, Some(end)) => printer.story(&format!("lesson time: until {}", shown(end))),
        (Some(start), Some(end)) => {
            printer.story(&format!("lesson time: {} to {}", shown(start), shown(end)));
        }
    }
}

/// After a launch: the outcome, the person, the end, and what is to be kept private.
pub fn launched(
    launch: &Launch,
    request: &LaunchRequest,
    expires_at: Option<Timestamp>,
    clock: &Clock,
    printer: Printer,
) {
    let id = request.shown_id();
    printer.story(&match launch.created {
        Some(true) => format!("created Space {id}"),
        Some(false) => format!("opened existing Space {id}"),
        None => format!(
            "Space {id} exists now; an earlier attempt, whose answer was lost, may have created it"
        ),
    });
    printer.story(&whose(request));
    match expires_at.map(|end| (end, end.duration_since(Timestamp::now()))) {
        Some((end, left)) if left.is_positive() => printer.story(&format!(
            "it works until {} ({} left)",
            times::shown(end, &clock.zone),
            times::length_left(left)
        )),
        Some((end, _)) => printer.warning(&format!(
            "by this computer's clock, the link expired {}; check the clock",
            times::shown(end, &clock.zone)
        )),
        None => printer.story("the link does not say when it expires; usually after 7 days"),
    }
    for (name, asked) in contradictions(launch, request) {
        let in_force = !asked;
        printer.warning(&format!("{name}: {asked} was asked for, but {in_force} is in force"));
    }
}

fn whose(request: &LaunchRequest) -> String {
    let leads = request.is_leader();
    let role = if leads { "a leader's link" } else { "not a leader's link" };
    let private = if leads {
        "it is personal: keep it private, whoever has it leads the Space"
    } else {
        "it is personal: give it to that person only"
    };
    match request.shown_person() {
        _ if request.is_guest() => {
            "this is a guest link, not a leader's: nobody is named, and everybody who uses it is \"Guest\"".to_owned()
        }
        Some(person) => format!("this link is for {person}, {role}; {private}"),
        None => format!("this is {role}, for a person without a name; {private}"),
    }
}

/// Asked and got: settings in force that contradict those that were sent, with what was asked.
pub fn contradictions<'a>(
    launch: &'a Launch,
    request: &'a LaunchRequest,
) -> impl Iterator<Item = (&'a str, bool)> {
    let is_other = |&(name, asked): &(&'a str, bool)| launch.setting(name) == Some(!asked);
    request.settings().filter(is_other)
}
