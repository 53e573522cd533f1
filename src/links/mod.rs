//! The links file, LINKS: the roster's columns and the result of each launch. All code that reads or
//! writes it uses the columns defined here.

pub mod atomic_file;
pub mod read;
mod row_times;
pub mod run_facts;
pub mod write;

use crate::error::Error;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// The journal of a links file: the same path with `.journal` appended. Symbolic links are resolved, so
/// that two runs cannot write the same file under two names.
pub fn journal_path(links: &Path) -> PathBuf {
    let target = links.is_symlink().then(|| std::fs::canonicalize(links).ok()).flatten();
    let mut path = target.map_or_else(|| links.as_os_str().to_owned(), PathBuf::into_os_string);
    path.push(".journal");
    path.into()
}

/// The status of a launch, as in LINKS and the journal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The launch created the Space.
    Created,
    /// The Space existed before.
    Existing,
    /// The launch returned a link; whether it created the Space is unknown.
    Unknown,
    /// No link; see the error.
    Failed,
    /// The lesson is over, so nothing was launched.
    Ended,
    Pending,
    /// Left out by `--only`, or because the row is hidden; never launched.
    Skipped,
}

impl Status {
    /// All statuses, in the order of the counts in reports.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Existing,
        Self::Unknown,
        Self::Failed,
        Self::Ended,
        Self::Pending,
        Self::Skipped,
    ];

    /// The word in LINKS.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Existing => "existing",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
        }
    }

    /// The status for a word; case is ignored.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word().eq_ignore_ascii_case(word.trim()))
    }
}

/// The result of one launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub status: Status,
    pub client_url: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub room_id: Option<String>,
    /// Why there is no link, or no newer link; on one line.
    pub error: Option<String>,
}

impl Outcome {
    /// An outcome with only a status.
    pub fn without_link(status: Status) -> Self {
        Self { status, client_url: None, expires_at: None, room_id: None, error: None }
    }
}

/// The result columns of a row with one launch, in the order of the file.
pub const COLUMNS: [&str; 5] = ["link_status", "client_url", "expires_at", ROOM, "link_error"];

/// The column for the Space's room, shared by all people in a row.
const ROOM: &str = "room_id";

/// The names of all result columns, in the order of the file. `people` are the people in a row of a
/// recipe, such as `tutor` and `student_1`; empty for one launch per row.
pub fn column_names(people: &[String]) -> Vec<String> {
    if people.is_empty() {
        return COLUMNS.map(str::to_owned).into();
    }
    let own = COLUMNS.into_iter().filter(|name| *name != ROOM);
    let of_people =
        people.iter().flat_map(|person| own.clone().map(move |name| format!("{person}_{name}")));
    of_people.chain([ROOM.to_owned()]).collect()
}

/// The positions of the result columns in a links file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumns {
    /// One entry per launch of a row, from left to right.
    pub launches: Vec<LaunchColumns>,
    pub room_id: usize,
}

/// The positions of the result columns of one launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchColumns {
    /// The person in a recipe, such as `tutor` or `student_1`; `None` for one launch per row.
    pub person: Option<String>,
    pub link_status: usize,
    pub client_url: usize,
    pub expires_at: usize,
    pub link_error: usize,
}

impl ResultColumns {
    /// Finds the result columns in a header; `None` if it is not the header of a links file. Case,
    /// whitespace at the ends and the guard removed by [`write::unguarded`] are ignored.
    ///
    /// # Errors
    ///
    /// A header with only some of the columns, or with one of them twice.
    pub fn find<'a>(header: impl IntoIterator<Item = &'a str>) -> Result<Option<Self>, Error> {
        let names: Vec<String> =
            header.into_iter().map(|name| write::unguarded(name.trim()).to_lowercase()).collect();
        let mut missing = Vec::new();
        let mut place = |name: &str| {
            let mut places = names.iter().enumerate().filter(|(_, other)| *other == name);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => Err(Error::usage(
                    "header",
                    format!("column {name:?} appears twice; remove one"),
                )),
                (None, _) => {
                    missing.push(name.to_owned());
                    Ok(0)
                }
            }
        };
        let mut people: Vec<Option<String>> = Vec::new();
        for name in &names {
            for column in COLUMNS {
                let person = if name == column {
                    if column == ROOM {
                        continue;
                    }
                    None
                } else {
                    let prefix = name.strip_suffix(column).and_then(|it| it.strip_suffix('_'));
                    let Some(prefix) = prefix.filter(|it| !it.is_empty() && column != ROOM) else {
                        continue;
                    };
                    // A prefix is a person only if it also has a `client_url` column.
                    if !names.contains(&format!("{prefix}_client_url")) {
                        continue;
                    }
                    Some(prefix.to_owned())
                };
                if !people.contains(&person) {
                    people.push(person);
                }
            }
        }
        if people.is_empty() && !names.iter().any(|name| name == ROOM) {
            return Ok(None);
        }
        if people.is_empty() {
            people.push(None);
        }
        let mut launches = Vec::new();
        for person in people {
            let mut of = |column: &str| match &person {
                Some(person) => place(&format!("{person}_{column}")),
                None => place(column),
            };
            launches.push(LaunchColumns {
                link_status: of("link_status")?,
                client_url: of("client_url")?,
                expires_at: of("expires_at")?,
                link_error: of("link_error")?,
                person,
            });
        }
        let room_id = place(ROOM)?;
        if !missing.is_empty() {
            let message = format!(
                "result columns of the links file are missing: {}; restore them, or remove all \
                 result columns",
                missing.join(", ")
            );
            return Err(Error::usage("header", crate::escape::untrusted(&message)));
        }
        Ok(Some(Self { launches, room_id }))
    }

    /// Whether a column, counted from 0, is one of the result columns.
    pub fn contains(&self, column: usize) -> bool {
        column == self.room_id
            || self.launches.iter().any(|launch| {
                [launch.link_status, launch.client_url, launch.expires_at, launch.link_error]
                    .contains(&column)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str) -> Result<Option<ResultColumns>, String> {
        ResultColumns::find(header.split(',')).map_err(|error| error.to_string())
    }

    #[test]
    fn result_columns_are_found_in_any_case_and_position() {
        let one = find("id, Link_Status ,CLIENT_URL,expires_at,room_id,link_error,note");
        let one = one.expect("is a header").expect("is a links file");
        assert_eq!((one.room_id, one.launches.len()), (4, 1));
        assert_eq!(one.launches[0].person, None);
        assert!((1..=5).all(|column| one.contains(column)) && !one.contains(0) && !one.contains(6));
        assert_eq!(find("id,user name,link"), Ok(None));
        assert_eq!(find("parent_link_error,id"), Ok(None));
    }

    #[test]
    fn each_person_of_a_recipe_has_separate_columns() {
        let people = ["tutor".to_owned(), "student_1".to_owned()];
        let header = format!("Class,{}", column_names(&people).join(","));
        let found = find(&header).expect("is a header").expect("is a links file");
        let names: Vec<_> = found.launches.iter().map(|it| it.person.as_deref()).collect();
        assert_eq!(names, [Some("tutor"), Some("student_1")]);
        assert_eq!((found.launches[1].client_url, found.room_id), (6, 9));
    }

    #[test]
    fn a_header_with_only_some_result_columns_is_refused() {
        for header in ["id,client_url", "id,room_id", "a_client_url,a_link_status,room_id"] {
            assert!(find(header).is_err(), "{header}");
        }
        let all = COLUMNS.join(",");
        let twice = find(&format!("{all},client_url")).expect_err("twice");
        assert!(twice.contains("column \"client_url\" appears twice"), "{twice}");
    }
}
