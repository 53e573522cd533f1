//! The columns that LINKS has besides the roster's own: five for each row, or four for each of the
//! people of a row and the room that they share.

use super::outcome::Outcome;
use jiff::Timestamp;

/// The result columns of a roster with one person a row, in the order written.
const OF_ROWS: [&str; 5] = ["link_status", "client_url", "expires_at", "room_id", "link_error"];

/// Those that each of several people has.
const OF_PEOPLE: [&str; 4] = ["link_status", "client_url", "expires_at", "link_error"];

/// The one that people share.
const SHARED: &str = "room_id";

/// The names of the result columns, in the order written; `people` are those of a row, none for
/// one without a name.
pub(crate) fn names(people: &[String]) -> Vec<String> {
    if people.is_empty() {
        return OF_ROWS.map(str::to_owned).into();
    }
    let own = people.iter().flat_map(|person| OF_PEOPLE.map(|name| format!("{person}_{name}")));
    own.chain([SHARED.to_owned()]).collect()
}

/// One cell of a result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ResultCell<'a> {
    /// Nothing.
    Empty,
    /// A word or a message.
    Text(&'a str),
    /// A join link.
    Link(&'a str),
    /// A point in time.
    Time(Timestamp),
}

/// The result cells of one row, in the order of [`names`]: an outcome for each person, none for one
/// who is not in the row.
pub(super) fn cells(outcomes: &[Option<Outcome>], has_people: bool) -> Vec<ResultCell<'_>> {
    let mut cells = Vec::with_capacity(outcomes.len() * OF_PEOPLE.len() + 1);
    for outcome in outcomes {
        let Some(outcome) = outcome else {
            cells.extend(OF_PEOPLE.map(|_| ResultCell::Empty));
            continue;
        };
        cells.push(ResultCell::Text(outcome.status.word()));
        cells.push(outcome.client_url.as_deref().map_or(ResultCell::Empty, ResultCell::Link));
        cells.push(outcome.expires_at.map_or(ResultCell::Empty, ResultCell::Time));
        if !has_people {
            cells.push(text(outcome.room_id.as_deref()));
        }
        cells.push(text(outcome.error.as_deref()));
    }
    if has_people {
        let room = outcomes.iter().flatten().find_map(|outcome| outcome.room_id.as_deref());
        cells.push(text(room));
    }
    cells
}

fn text(text: Option<&str>) -> ResultCell<'_> {
    text.map_or(ResultCell::Empty, ResultCell::Text)
}
