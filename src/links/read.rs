//! Reads a links file in any of its formats.
//!
//! A column has a meaning only if `batch` would recognise its name, or a map of the run uses it. No
//! column is guessed.

use super::row_times::RowTimes;
use super::run_facts::RunFacts;
use super::write::unguarded;
use super::{LaunchColumns, ResultColumns, Status};
use crate::body::Window;
use crate::error::{Error, Result};
use crate::input;
use crate::input::{NotText, decode};
use crate::json::{Kind, Object, Value};
use crate::problem::Findings;
use crate::roster::fields::{self, Field, Named, Target};
use crate::roster::only::Only;
use crate::roster::template::{self, Bound, Slot, Template};
use crate::roster::{self, Bodies, Cell, Entry, Format, ReadOptions, Roster, Row, Source, Table};
use crate::words::boolean;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// Largest links file, in bytes.
pub(super) const MAX_SIZE: u64 = 64 << 20;

/// Maximum number of rows above the header.
const ROWS_ABOVE: usize = 20;

/// The contents of a links file that `handout` needs.
#[derive(Debug, Default)]
pub struct LinksFile {
    /// One entry per launch, in the order of the file.
    pub launches: Vec<LinkRow>,
    /// The number of rows that the spreadsheet hides.
    pub hidden_rows: usize,
    /// Other sheets that are not empty.
    pub other_sheets: Vec<String>,
    /// Whether the rows that the run's `--only` leaves out are unknown, because the file does not have
    /// its columns.
    pub is_only_unknown: bool,
}

/// One launch in a row. Nothing here is verified; the link itself may say otherwise.
#[derive(Debug, Clone, Default)]
pub struct LinkRow {
    /// The row's name in messages: `line 7`, or `Sheet1, row 7`.
    pub place: String,
    /// The line number in the file, or the row number in the sheet, from 1.
    pub line: u32,
    /// The person in a recipe, such as `tutor` or `student_1`.
    pub person: Option<String>,
    /// `Skipped` also if the row got a link before `--only` left it out.
    pub status: Option<Status>,
    pub client_url: Option<String>,
    pub expires_at: Option<Timestamp>,
    /// The lesson time in the row, as far as it is certain.
    pub window: Window,
    /// Whether `expires_at` has no zone in the file and was read in the batch's zone.
    pub is_local: bool,
    pub room_id: Option<String>,
    pub link_error: Option<String>,
    pub id: Option<String>,
    pub space_name: Option<String>,
    pub user_id: Option<String>,
    pub user_email: Option<String>,
    pub user_name: Option<String>,
    pub display_name: Option<String>,
    pub leads: Option<bool>,
    /// The lesson id from `--lesson-id`; `None` if a placeholder's cell is empty.
    pub lesson_id: Option<String>,
    /// The row's non-empty cells outside the result columns. They are compared with the link, never shown.
    pub cells: Arc<[String]>,
}

/// How to read a links file.
#[derive(Debug, Clone, Copy)]
pub struct ReadLinks<'a> {
    /// The sheet's name; by default the first visible sheet that is not empty.
    pub sheet: Option<&'a str>,
    /// The zone for times without one.
    pub zone: &'a TimeZone,
    /// Whether it is not only this computer's zone.
    pub is_zone_known: bool,
    /// The template for the lesson id.
    pub lesson_id: Option<&'a Template>,
}

impl ReadLinks<'_> {
    fn known_zone(&self) -> Option<&TimeZone> {
        Some(self.zone).filter(|_| self.is_zone_known)
    }
}

/// The fields that identify the person, the Space and the lesson, in the order of [`Columns`].
const FIELDS: [Field; 11] = [
    Field::Id,
    Field::SpaceName,
    Field::UserId,
    Field::UserEmail,
    Field::UserName,
    Field::DisplayName,
    Field::Leader,
    Field::LessonTime,
    Field::NotBefore,
    Field::NotAfter,
    Field::TimeZone,
];

/// Replaces line breaks, other control characters and repeated spaces with single spaces.
pub fn on_one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_control() || character == ' ');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Reads a links file; `-` is standard input. The format depends on the first bytes, not on the name.
///
/// # Errors
///
/// A file that cannot be read, or is not a links file.
pub async fn read(
    path: &Path,
    shown: &str,
    run: &RunFacts,
    options: &ReadLinks<'_>,
) -> Result<LinksFile> {
    let bytes =
        input::read_up_to(path, MAX_SIZE).await.map_err(|message| Error::about(shown, message))?;
    let format = Format::of_bytes(&bytes);
    if format != Format::Workbook
        && let Err(NotText::Utf8 { line }) = decode(bytes.clone(), None)
    {
        let message = format!(
            "is not UTF-8 (line {line}); if Excel wrote the file, save it as \"CSV UTF-8 (comma \
             delimited)\" or .xlsx"
        );
        return Err(Error::about(shown, message));
    }
    let name = path.to_string_lossy().into_owned();
    let sheet = options.sheet.map(str::to_owned);
    // Parse on another thread, so that Ctrl-C takes effect at once.
    let parse = tokio::task::spawn_blocking(move || {
        let format = Some(format);
        let read = ReadOptions { format, sheet: sheet.as_deref(), ..ReadOptions::default() };
        roster::parse(&name, bytes, &read)
    });
    let roster = parse.await.map_err(|error| Error::from(anyhow::Error::new(error)))??;
    of_roster(&roster, shown, run, options)
}

/// All launches of a links file, in the order of the file. People of a recipe who are not in a row are
/// left out. `shown` is the file's name in messages.
///
/// # Errors
///
/// A file that cannot be read, or is not a links file.
pub fn of_roster(
    roster: &Roster,
    shown: &str,
    run: &RunFacts,
    options: &ReadLinks<'_>,
) -> Result<LinksFile> {
    match roster {
        Roster::Table(table) => of_table(table, shown, run, options),
        Roster::Bodies(bodies) => Ok(of_bodies(bodies, run, options)),
    }
}

fn of_table(
    table: &Table,
    shown: &str,
    run: &RunFacts,
    options: &ReadLinks<'_>,
) -> Result<LinksFile> {
    let mut found = None;
    for (index, row) in table.rows.iter().take(ROWS_ABOVE).enumerate() {
        let names = row.cells.iter().map(|cell| &*cell.text);
        if let Some(results) = ResultColumns::find(names).map_err(|error| of_file(error, shown))? {
            found = Some((index, results));
            break;
        }
    }
    let Some((header, results)) = found else {
        let message = "has no client_url column; use the links file that batch wrote";
        return Err(Error::about(shown, message));
    };
    let names: Vec<String> = table.rows[header].cells.iter().map(text_of).collect();
    let columns = Columns::of(&names, &results, run);
    let lesson_id = options.lesson_id.map(|template| {
        template.bind(&names, false).map_err(|unknown| {
            Error::usage("--lesson-id", format!("{} in {shown}", unknown.join("; ")))
        })
    });
    let lesson_id = lesson_id.transpose()?;
    let mut file = LinksFile::default();
    if let Source::Sheet { others, .. } = &table.source {
        file.other_sheets.clone_from(others);
    }
    let mut unknown = Findings::default();
    let only = Only::new("only", &run.only, &names, &mut unknown);
    file.is_only_unknown = !unknown.problems.is_empty();
    for row in &table.rows[header + 1..] {
        file.hidden_rows += usize::from(row.is_hidden);
        let get = |column: usize| row.cell(column).map(text_of).unwrap_or_default();
        let lesson_id = lesson_id.as_ref().and_then(|template| filled(template, true, get));
        let cells: Arc<[String]> = (0..row.cells.len())
            .filter(|column| !results.contains(*column))
            .map(get)
            .filter(|cell| !cell.is_empty())
            .collect();
        let place = table.place(row, None);
        let is_left_out = !run.only.is_empty() && only.leaves_out(&as_in_roster(row));
        for (index, launch) in results.launches.iter().enumerate() {
            let mut link_row = columns.row(index, launch, results.room_id, row, (run, options));
            let is_absent = link_row.client_url.is_none() && link_row.status.is_none();
            if launch.person.is_some() && is_absent {
                continue;
            }
            let made = link_row.client_url.as_ref().and_then(|link| run.made.get(link));
            if is_left_out && !made.is_some_and(|made| made.outside_filter) {
                link_row.status = Some(Status::Skipped);
            }
            link_row.place.clone_from(&place);
            link_row.line = row.line;
            link_row.lesson_id.clone_from(&lesson_id);
            link_row.cells = Arc::clone(&cells);
            file.launches.push(link_row);
        }
    }
    Ok(file)
}

/// Adds the file's name to an error about the header.
fn of_file(mut error: Error, shown: &str) -> Error {
    error.message = format!("{shown}: {}", error.message);
    error
}

/// The source of a field's text.
enum Filler {
    Column(usize),
    Template(Bound),
}

/// The text of a template; `None` if all its cells are empty or, with `is_required`, if any is.
fn filled(template: &Bound, is_required: bool, cell: impl Fn(usize) -> String) -> Option<String> {
    let filled = template.fill(|slot| match slot {
        Slot::Column(column) => Ok(cell(column)),
        Slot::Each => Ok(String::new()),
    });
    if is_required && !filled.empty.is_empty() {
        return None;
    }
    filled.text.map(|text| on_one_line(&text)).filter(|text| !text.is_empty())
}

/// The sources of all fields, one entry per launch of a row.
struct Columns<'a> {
    launches: Vec<[Option<Filler>; FIELDS.len()]>,
    /// Replacements for the cells of columns.
    values: HashMap<usize, &'a HashMap<String, String>>,
}

impl<'a> Columns<'a> {
    fn of(names: &[String], results: &ResultColumns, run: &'a RunFacts) -> Self {
        let of_launch = |launch: &LaunchColumns| {
            FIELDS.map(|field| {
                if let Some(map) = run.map(field, launch.person.as_deref()) {
                    return map.bind(names, false).ok().map(Filler::Template);
                }
                // In a row with several people, a column could belong to any of them.
                let is_own = |column: &usize| {
                    launch.person.is_none()
                        && !results.contains(*column)
                        && fields::named(&names[*column]) == Named::Target(Target::Field(field))
                };
                (0..names.len()).find(is_own).map(Filler::Column)
            })
        };
        let values = run.values.iter();
        let values =
            values.filter_map(|(name, words)| Some((template::position(names, name)?, words)));
        Self {
            launches: results.launches.iter().map(of_launch).collect(),
            values: values.collect(),
        }
    }

    fn row(
        &self,
        index: usize,
        launch: &LaunchColumns,
        room: usize,
        row: &Row,
        (run, options): (&RunFacts, &ReadLinks<'_>),
    ) -> LinkRow {
        let get = |column: usize| {
            let text = row.cell(column).map(text_of).unwrap_or_default();
            let word = self.values.get(&column).and_then(|words| words.get(&text.to_lowercase()));
            word.cloned().unwrap_or(text)
        };
        let given = |column: usize| Some(get(column)).filter(|text| !text.is_empty());
        let field = |field: Field| {
            let place = FIELDS.iter().position(|other| *other == field)?;
            match self.launches[index][place].as_ref()? {
                Filler::Column(column) => given(*column),
                Filler::Template(template) => filled(template, false, get),
            }
        };
        let zone = options.known_zone();
        let status = given(launch.link_status);
        let (expires_at, is_local) = time(row.text(launch.expires_at).trim(), options.zone);
        LinkRow {
            person: launch.person.clone(),
            // An unknown word still shows that the person is in the row.
            status: status.map(|word| Status::of_word(&word).unwrap_or(Status::Unknown)),
            client_url: given(launch.client_url),
            expires_at,
            is_local,
            room_id: given(room),
            link_error: given(launch.link_error),
            id: field(Field::Id),
            space_name: field(Field::SpaceName),
            user_id: field(Field::UserId),
            user_email: field(Field::UserEmail),
            user_name: field(Field::UserName),
            display_name: field(Field::DisplayName),
            leads: field(Field::Leader).and_then(|text| yes_or_no(&text)),
            window: self.times(index, row, field(Field::TimeZone)).window(run, zone),
            ..LinkRow::default()
        }
    }

    /// The times in a row.
    fn times(&self, index: usize, row: &Row, time_zone: Option<String>) -> RowTimes {
        // A sheet may show a time without its date, but stores both.
        let stored = |column: usize| unguarded(row.text(column)).trim().to_owned();
        let field = |field: Field| {
            let place = FIELDS.iter().position(|other| *other == field)?;
            match self.launches[index][place].as_ref()? {
                Filler::Column(column) => Some(stored(*column)).filter(|text| !text.is_empty()),
                Filler::Template(template) => filled(template, true, stored),
            }
        };
        RowTimes {
            lesson_time: field(Field::LessonTime),
            not_before: field(Field::NotBefore),
            not_after: field(Field::NotAfter),
            time_zone,
        }
    }
}

/// A cell as the sheet shows it, without the guard of a links file and without whitespace at the ends.
fn text_of(cell: &Cell) -> String {
    let text = cell.shown.as_deref().unwrap_or(&cell.text);
    // Remove the guard before trimming: it may precede a tab.
    unguarded(text).trim().to_owned()
}

/// A row with its cells as `batch` compared them with `--only`.
fn as_in_roster(row: &Row) -> Row {
    let cells = row.cells.iter().map(|cell| Cell::of_text(text_of(cell))).collect();
    Row { cells, ..Row::default() }
}

fn yes_or_no(text: &str) -> Option<bool> {
    boolean(text).or_else(|| text.eq_ignore_ascii_case("x").then_some(true))
}

fn of_bodies(bodies: &Bodies, run: &RunFacts, options: &ReadLinks<'_>) -> LinksFile {
    let launches = bodies.entries.iter().map(|entry| of_entry(entry, run, options));
    LinksFile { launches: launches.collect(), ..LinksFile::default() }
}

fn of_entry(entry: &Entry, run: &RunFacts, options: &ReadLinks<'_>) -> LinkRow {
    let empty = Object::default();
    let (body, result) = (&entry.body, entry.result.as_ref().unwrap_or(&empty));
    let text = |object: &Object, path: &[&str]| {
        let text = object.at(path)?.as_text()?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    let path = |field: Field| field.path().unwrap_or_default().split('.').collect::<Vec<_>>();
    let field = |field: Field| text(body, &path(field));
    let end = text(result, &["expires_at"]).unwrap_or_default();
    let (expires_at, is_local) = time(&end, options.zone);
    let status = text(result, &["link_status"]);
    let lesson_id = options.lesson_id.and_then(|template| {
        let names: Vec<String> = template.names().map(str::to_owned).collect();
        let at = |name: usize| {
            text(body, &names[name].split('.').collect::<Vec<_>>()).unwrap_or_default()
        };
        filled(&template.bind(&names, false).ok()?, true, at)
    });
    let times = RowTimes {
        not_before: field(Field::NotBefore),
        not_after: field(Field::NotAfter),
        ..RowTimes::default()
    };
    let mut cells = Vec::new();
    texts(body, &mut cells);
    LinkRow {
        place: format!("line {}", entry.line),
        line: entry.line,
        person: None,
        status: status.map(|word| Status::of_word(&word).unwrap_or(Status::Unknown)),
        client_url: text(result, &["client_url"]),
        expires_at,
        is_local,
        room_id: text(result, &["room_id"]),
        link_error: text(result, &["link_error"]),
        id: field(Field::Id),
        space_name: field(Field::SpaceName),
        user_id: field(Field::UserId),
        user_email: field(Field::UserEmail),
        user_name: field(Field::UserName),
        display_name: field(Field::DisplayName),
        leads: body.at(&path(Field::Leader)).and_then(Value::as_bool),
        window: times.window(run, options.known_zone()),
        lesson_id,
        cells: cells.into(),
    }
}

/// Collects all texts in a body, at any depth.
fn texts(object: &Object, found: &mut Vec<String>) {
    for member in object.members() {
        match &member.value.kind {
            Kind::Object(inner) => texts(inner, found),
            _ => found.extend(member.value.as_text().map(|text| text.trim().to_owned())),
        }
    }
}

/// Parses a time as `batch` writes it, and returns whether it had no zone. Only times in a workbook have
/// none.
fn time(text: &str, zone: &TimeZone) -> (Option<Timestamp>, bool) {
    if let Ok(time) = text.parse() {
        return (Some(time), false);
    }
    let local = text.parse::<DateTime>().ok().and_then(|time| zone.to_timestamp(time).ok());
    (local, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &[&str]) -> Roster {
        let row = |(index, line): (usize, &&str)| Row {
            line: u32::try_from(index + 1).unwrap_or_default(),
            cells: line.split(',').map(Cell::of_text).collect(),
            ..Row::default()
        };
        let rows = lines.iter().enumerate().map(row).collect();
        Roster::Table(Table { rows, ..Table::default() })
    }

    fn read(lines: &[&str], journal: &str, lesson_id: Option<&str>) -> Result<Vec<LinkRow>, Error> {
        let lesson_id = lesson_id.map(|text| Template::parse(text).expect("a template"));
        let options = ReadLinks {
            sheet: None,
            zone: &TimeZone::UTC,
            is_zone_known: false,
            lesson_id: lesson_id.as_ref(),
        };
        of_roster(&table(lines), "l.csv", &RunFacts::of_line(journal), &options)
            .map(|file| file.launches)
    }

    const RESULTS: &str = "link_status,client_url,expires_at,room_id,link_error";

    #[test]
    fn columns_are_read_as_batch_reads_them_and_no_others() {
        let header = format!("Space ID,User-Name,E-Mail,Class,Leader,{RESULTS}");
        let row = "bio,'=Ada,a@b.org,7b,x,EXISTING,https://x,2026-12-01T10:00:00Z,r1,";
        let rows = read(&[&header, row], "", None).expect("a links file");
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.id.as_deref(), row.user_name.as_deref()), (Some("bio"), Some("=Ada")));
        assert_eq!((row.user_email.as_deref(), row.leads), (Some("a@b.org"), Some(true)));
        assert_eq!((row.space_name.as_deref(), row.status), (None, Some(Status::Existing)));
        assert_eq!((row.place.as_str(), row.room_id.as_deref()), ("line 2", Some("r1")));
        assert!(row.expires_at.is_some() && !row.is_local);
    }

    #[test]
    fn the_maps_in_the_journal_give_ids_and_names() {
        let journal = "{\"version\":2,\"zone\":\"Europe/London\",\"maps\":[[\"id\",\"{Class}\"],\
                       [\"user name\",\"{First} {Last|flip}\"],[\"odd\",\"{\"]]}";
        let header = format!("Need,Class,First,Last,id,{RESULTS}");
        let rows = ["SEN,7b,Ada,,own,,,,,", "none,,,,own,,,,,"];
        let rows = read(&[&header, rows[0], rows[1]], journal, None).expect("a links file");
        let printed: Vec<_> =
            rows.iter().map(|row| (row.id.as_deref(), row.user_name.as_deref())).collect();
        assert_eq!(printed, [(Some("7b"), Some("Ada")), (None, None)]);
        assert_eq!(RunFacts::of_line(journal).zone.as_deref(), Some("Europe/London"));
        for line in ["", "x", "[]", "{\"maps\":7,\"zone\":null}", "{\"recipe\":\"[\"}"] {
            let header = format!("id,{RESULTS}");
            assert!(read(&[&header, "x,,,,,"], line, None).is_ok(), "{line}");
        }
    }

    #[test]
    fn each_person_of_a_recipe_has_separate_maps() {
        let journal = "{\"recipe\":\"[map]\\nid = \\\"{Class}\\\"\\n[people.student]\\n\
                       \\\"user name\\\" = \\\"{Pupil}\\\"\\nrole = \\\"student\\\"\\n\"}";
        let header = "Class,Pupil,user name,student_1_link_status,student_1_client_url,\
                      student_1_expires_at,student_1_link_error,tutor_link_status,tutor_client_url,\
                      tutor_expires_at,tutor_link_error,room_id";
        let rows = read(&[header, "7b,Ada,Own,existing,u,,,,,,,r"], journal, None);
        let rows = rows.expect("a links file");
        assert_eq!(rows.len(), 1, "the tutor is not in the row");
        assert_eq!(
            (rows[0].id.as_deref(), rows[0].user_name.as_deref()),
            (Some("7b"), Some("Ada"))
        );
    }

    #[test]
    fn a_lesson_id_requires_all_its_cells() {
        let header = format!("Booking,Part,{RESULTS}");
        let rows = [header.as_str(), "B1,2,,,,,", "B1,,,,,,"];
        let rows_of = |template| read(&rows, "", Some(template));
        let ids: Vec<_> = rows_of("{booking}/{Part}")
            .expect("ids")
            .into_iter()
            .map(|row| row.lesson_id)
            .collect();
        assert_eq!(ids, [Some("B1/2".to_owned()), None]);
        let error = rows_of("{Bookin}").expect_err("no such column");
        assert!(error.message.contains("did you mean {Booking}?"), "{error}");
        for template in ["{", "}", "{}", "{a{b}"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }

    #[test]
    fn files_that_are_not_links_files_are_reported() {
        let error = read(&["id,user name", "x,Ada"], "", None).expect_err("no links");
        assert!(error.message.starts_with("l.csv has no client_url column"), "{error}");
        let error = read(&["id,client_url", "x,Ada"], "", None).expect_err("torn");
        assert!(error.message.contains("link_status"), "{error}");
    }
}
