//! The kinds of roster and LINKS for the tests of kills, resumed runs and failed writes.
#![cfg(unix)]

use std::fs;

use serde_json::{Value, json};

use crate::batch_sheets::workbook;
use crate::roster::{LinkRow, links, people};
use crate::school::room;
use crate::support::TestEnv;

/// A tutor and one or two students per row; every tenth row has no tutor.
const RECIPE: &str = "[map]\nid = \"{Lesson}\"\n\
    [people.tutor]\n\"user name\" = \"{Tutor}\"\nleader = true\n\
    [people.student]\neach = \"{Students}\"\n\"user name\" = \"{each}\"\n";

/// A roster and the links file for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) roster: &'static str,
    pub(crate) links: &'static str,
    has_recipe: bool,
}

const fn kind(roster: &'static str, links: &'static str, has_recipe: bool) -> Kind {
    Kind { roster, links, has_recipe }
}

pub(crate) const KINDS: [Kind; 7] = [
    kind("roster.csv", "links.csv", false),
    kind("roster.csv", "links.csv", true),
    kind("roster.xlsx", "links.csv", false),
    kind("roster.csv", "links.xlsx", false),
    kind("roster.xlsx", "links.xlsx", true),
    kind("roster.jsonl", "links.jsonl", false),
    kind("roster.csv", "links.jsonl", false),
];

/// One launch, as recorded in LINKS.
#[derive(Clone, Debug)]
pub(crate) struct LaunchResult {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) status: String,
    pub(crate) url: String,
    error: String,
    room: String,
}

impl Kind {
    /// Writes a roster with this many rows, and the recipe if it uses one.
    pub(crate) fn write(self, env: &TestEnv, rows: usize, spaces: usize) {
        let text = if self.has_recipe { lessons(rows) } else { people(rows, spaces) };
        if self.has_recipe {
            env.write("recipe.toml", RECIPE);
        }
        let bytes = match self.roster {
            "roster.xlsx" => as_workbook(&text),
            "roster.jsonl" => as_json_lines(&text).into(),
            _ => text.into(),
        };
        env.write(self.roster, bytes);
    }

    /// The command, without `--resume`.
    pub(crate) fn run(self) -> String {
        let recipe = if self.has_recipe { " --recipe recipe.toml" } else { "" };
        format!("batch {} -o {} --rate 0{recipe}", self.roster, self.links)
    }

    /// The number of launches for this many rows.
    pub(crate) fn launches(self, rows: usize) -> usize {
        if !self.has_recipe {
            return rows;
        }
        // A tutor in nine of ten rows, one student in each row, and a second one in every third.
        rows - rows.div_ceil(10) + rows + rows.div_ceil(3)
    }

    pub(crate) fn has_links(self, env: &TestEnv) -> bool {
        env.path("work").join(self.links).exists()
    }

    pub(crate) fn journal(self, env: &TestEnv) -> String {
        let path = env.path("work").join(format!("{}.journal", self.links));
        fs::read_to_string(path).unwrap_or_default()
    }

    /// The launches recorded in LINKS, in order.
    pub(crate) fn results(self, env: &TestEnv) -> Vec<LaunchResult> {
        if self.links == "links.jsonl" {
            let text = fs::read_to_string(env.path("work").join(self.links)).unwrap();
            return text.lines().map(told_by_line).collect();
        }
        links(env, self.links).iter().flat_map(|row| self.results_of(row)).collect()
    }

    fn results_of(self, row: &LinkRow) -> Vec<LaunchResult> {
        let launch = |prefix: &str, id: &str, person: Option<&str>| {
            let result = |column: &str| row[&format!("{prefix}{column}")].clone();
            let printed = LaunchResult {
                id: row[id].clone(),
                person: person.unwrap_or_default().to_owned(),
                status: result("link_status"),
                url: result("client_url"),
                error: result("link_error"),
                room: row["room_id"].clone(),
            };
            assert_eq!(
                printed.person.is_empty(),
                printed.status.is_empty(),
                "nobody's cells: {row:?}"
            );
            (!printed.person.is_empty()).then_some(printed)
        };
        if !self.has_recipe {
            return launch("", "id", Some(&row["user id"])).into_iter().collect();
        }
        let mut students = row["Students"].split("; ");
        let (first, second) = (students.next(), students.next());
        let people = [
            ("tutor_", Some(row["Tutor"].as_str())),
            ("student_1_", first),
            ("student_2_", second),
        ];
        people.iter().filter_map(|(prefix, person)| launch(prefix, "Lesson", *person)).collect()
    }

    /// The folder contains only the roster, the recipe, LINKS and its journal.
    #[track_caller]
    pub(crate) fn assert_tidy(self, env: &TestEnv) {
        let mut expected = vec![self.links.to_owned(), format!("{}.journal", self.links)];
        if self.has_recipe {
            expected.push("recipe.toml".to_owned());
        }
        expected.push(self.roster.to_owned());
        assert_eq!(names(env), expected, "{self:?}");
    }
}

/// The files in the current folder of the runs.
pub(crate) fn names(env: &TestEnv) -> Vec<String> {
    let entries = fs::read_dir(env.path("work")).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every launch has its own link, made for the right person.
#[track_caller]
pub(crate) fn assert_linked(printed: &[LaunchResult]) {
    let mut urls = std::collections::HashSet::new();
    for launch in printed {
        let id = crate::roster::claims(&launch.url)["id"].clone();
        assert_eq!(id, launch.person.as_str(), "the wrong person's link: {launch:?}");
        assert_eq!((launch.room.as_str(), launch.error.as_str()), (&*room(&launch.id), ""));
        assert!(urls.insert(&launch.url), "one link twice: {launch:?}");
    }
}

/// Lessons with a tutor and one or two students; every tenth has no tutor.
fn lessons(rows: usize) -> String {
    let row = |row: usize| {
        let tutor = if row.is_multiple_of(10) { String::new() } else { format!("Tutor {row}") };
        let second = if row.is_multiple_of(3) { format!("; Second {row}") } else { String::new() };
        format!("lesson-{row},{tutor},Student {row}{second}\n")
    };
    format!("Lesson,Tutor,Students\n{}", (0..rows).map(row).collect::<String>())
}

/// One line of LINKS as JSON.
fn told_by_line(line: &str) -> LaunchResult {
    let body: Value = serde_json::from_str(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let result = &body["result"];
    LaunchResult {
        id: text(&body["id"]),
        person: text(&body["user"]["id"]),
        status: text(&result["link_status"]),
        url: text(&result["client_url"]),
        error: text(&result["link_error"]),
        room: text(&result["room_id"]),
    }
}

/// A CSV table of people as Launch bodies.
fn as_json_lines(csv: &str) -> String {
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let body = json!({"id": cells[0], "user": {"id": cells[1], "name": cells[2]}});
        format!("{body}\n")
    };
    csv.lines().skip(1).map(line).collect()
}

/// Plain CSV as a workbook.
pub(crate) fn as_workbook(csv: &str) -> Vec<u8> {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    workbook(&header, |sheet| {
        for (row, cells) in (1..).zip(lines) {
            sheet.write_row(row, 0, cells).unwrap();
        }
    })
}
