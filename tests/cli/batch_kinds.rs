//! The kinds of roster and of LINKS for which everything of killing, resuming and failing writes
//! holds alike.
#![cfg(unix)]

use std::fs;

use crate::batch_sheets::workbook;
use crate::roster::{LinkRow, links, people};
use crate::school::room;
use crate::support::TestEnv;

/// Two people a row, and one alone in every tenth.
const RECIPE: &str = "[map]\nid = \"{Lesson}\"\n\
    [people.tutor]\n\"user name\" = \"{Tutor}\"\nleader = true\n\
    [people.student]\n\"user name\" = \"{Student}\"\n";

/// A roster and where its links go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) roster: &'static str,
    pub(crate) links: &'static str,
    /// What comes before the result columns of each person.
    people: &'static [&'static str],
}

const ALONE: &[&str] = &[""];
const PAIRS: &[&str] = &["tutor_", "student_"];

pub(crate) const KINDS: [Kind; 5] = [
    Kind { roster: "roster.csv", links: "links.csv", people: ALONE },
    Kind { roster: "roster.csv", links: "links.csv", people: PAIRS },
    Kind { roster: "roster.xlsx", links: "links.csv", people: ALONE },
    Kind { roster: "roster.csv", links: "links.xlsx", people: ALONE },
    Kind { roster: "roster.xlsx", links: "links.xlsx", people: PAIRS },
];

/// One launch as LINKS tells it.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) status: String,
    pub(crate) url: String,
    error: String,
    room: String,
}

impl Kind {
    /// Writes a roster with so many rows, and the recipe if it takes one.
    pub(crate) fn write(self, env: &TestEnv, rows: usize, spaces: usize) {
        let text = if self.has_pairs() { lessons(rows) } else { people(rows, spaces) };
        if self.has_pairs() {
            env.write("recipe.toml", RECIPE);
        }
        let bytes = if self.roster == "roster.xlsx" { as_workbook(&text) } else { text.into() };
        env.write(self.roster, bytes);
    }

    fn has_pairs(self) -> bool {
        self.people.len() > 1
    }

    /// The run, without `--resume`.
    pub(crate) fn run(self) -> String {
        let recipe = if self.has_pairs() { " --recipe recipe.toml" } else { "" };
        format!("batch {} -o {} --rate 0{recipe}", self.roster, self.links)
    }

    /// How many launches so many rows are.
    pub(crate) fn launches(self, rows: usize) -> usize {
        if self.has_pairs() { rows * 2 - rows.div_ceil(10) } else { rows }
    }

    pub(crate) fn has_links(self, env: &TestEnv) -> bool {
        env.path("work").join(self.links).exists()
    }

    pub(crate) fn journal(self, env: &TestEnv) -> String {
        let path = env.path("work").join(format!("{}.journal", self.links));
        fs::read_to_string(path).unwrap_or_default()
    }

    /// The launches that LINKS tells of, in their order.
    pub(crate) fn told(self, env: &TestEnv) -> Vec<Told> {
        links(env, self.links).iter().flat_map(|row| self.told_by(row)).collect()
    }

    fn told_by(self, row: &LinkRow) -> Vec<Told> {
        let names: &[&str] =
            if self.has_pairs() { &["Lesson", "Tutor", "Student"] } else { &["id", "user id"] };
        let launch = |(prefix, name): (&&str, &&str)| {
            let result = |column: &str| row[&format!("{prefix}{column}")].clone();
            let told = Told {
                id: row[names[0]].clone(),
                person: row[*name].clone(),
                status: result("link_status"),
                url: result("client_url"),
                error: result("link_error"),
                room: row["room_id"].clone(),
            };
            assert_eq!(told.person.is_empty(), told.status.is_empty(), "nobody's cells: {row:?}");
            (!told.person.is_empty()).then_some(told)
        };
        self.people.iter().zip(&names[1..]).filter_map(launch).collect()
    }

    /// Nothing is beside the roster, the recipe, LINKS and its journal.
    #[track_caller]
    pub(crate) fn assert_tidy(self, env: &TestEnv) {
        let mut expected = vec![self.links.to_owned(), format!("{}.journal", self.links)];
        if self.has_pairs() {
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

/// Every launch has a link of its own, made for its very person.
#[track_caller]
pub(crate) fn assert_linked(told: &[Told]) {
    let mut urls = std::collections::HashSet::new();
    for launch in told {
        let id = crate::roster::claims(&launch.url)["id"].clone();
        assert_eq!(id, launch.person.as_str(), "the wrong person's link: {launch:?}");
        assert_eq!((launch.room.as_str(), launch.error.as_str()), (&*room(&launch.id), ""));
        assert!(urls.insert(&launch.url), "one link twice: {launch:?}");
    }
}

/// Lessons of a tutor and a student; in every tenth there is no tutor.
fn lessons(rows: usize) -> String {
    let row = |row: usize| {
        let tutor = if row.is_multiple_of(10) { String::new() } else { format!("Tutor {row}") };
        format!("lesson-{row},{tutor},Student {row}\n")
    };
    format!("Lesson,Tutor,Student\n{}", (0..rows).map(row).collect::<String>())
}

/// Plain CSV as a workbook.
fn as_workbook(csv: &str) -> Vec<u8> {
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    workbook(&header, |sheet| {
        for (row, cells) in (1..).zip(lines) {
            sheet.write_row(row, 0, cells).unwrap();
        }
    })
}
