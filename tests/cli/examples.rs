//! The rosters in `examples/`, with invented people: each works as the README says.
//!
//! `UPDATE_GENERATED=1 cargo test` regenerates the workbook. `example_recipes` tests the recipes.

use std::fs;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};

use crate::support::TestEnv;

const PEOPLE: [(&str, &str, &str, &str, bool); 5] = [
    ("Biology 101", "Peter", "Parker", "peter@example.org", true),
    ("Biology 101", "Anna", "Lind", "anna@example.org", false),
    ("Biology 101", "Ben", "Ruiz", "ben@example.org", false),
    ("Art 7b", "Chidi", "Obi", "chidi@example.org", true),
    ("Art 7b", "Dana", "Novak", "dana@example.org", false),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// Copies the examples into the current folder of the runs.
pub(crate) fn copy(env: &TestEnv) {
    for part in ["", "recipes"] {
        let target = env.path("work/examples").join(part);
        fs::create_dir_all(&target).unwrap();
        for entry in fs::read_dir(folder().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, target.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

/// The class list, as a school office keeps it.
fn class_list() -> Vec<u8> {
    let mut workbook = Workbook::new();
    // Without a fixed date, each regeneration would change the file.
    let created = ExcelDateTime::from_ymd(2026, 9, 1).unwrap();
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = workbook.add_worksheet().set_name("Classes").unwrap();
    let bold = Format::new().set_bold();
    sheet
        .write_string_with_format(0, 0, "Linden School, classes of the autumn term", &bold)
        .unwrap();
    let headers = ["Class", "First name", "Last name", "E-mail", "Leader"];
    sheet.write_row_with_format(2, 0, headers, &bold).unwrap();
    for (row, (class, first, last, email, leads)) in (3..).zip(PEOPLE) {
        sheet.write_row(row, 0, [class, first, last, email]).unwrap();
        if leads {
            sheet.write_string(row, 4, "yes").unwrap();
        }
    }
    sheet.autofit();
    workbook.save_to_buffer().unwrap()
}

/// The bodies that a command with an example would send.
fn bodies(line: &str, maps: &[&str], warnings: &[&str]) -> Vec<Value> {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    copy(&env);
    let output = env.cmd(line).arg("--json").args(maps).run();
    assert_eq!(output.code, Some(0), "{output}");
    let expected: String =
        warnings.iter().map(|text| format!("{}\n", json!({ "warning": text }))).collect();
    assert_eq!(output.stderr, expected, "{output}");
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_class_list_is_a_workbook_with_a_title() {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(folder().join("class.xlsx"), class_list()).unwrap();
    }
    let maps = ["--map", "id={Class}", "--map", "user name={First name} {Last name}"];
    let bodies = bodies("batch examples/class.xlsx --dry-run", &maps, &[]);
    let seen: Vec<_> = bodies
        .iter()
        .map(|body| (body["id"].as_str(), body["user"]["name"].as_str(), &body["user"]["leader"]))
        .collect();
    let expected: Vec<_> = PEOPLE
        .iter()
        .map(|(class, first, last, _, leads)| {
            (
                *class,
                format!("{first} {last}"),
                if *leads { Value::from(true) } else { Value::Null },
            )
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(class, name, leads)| (Some(*class), Some(name.as_str()), leads))
        .collect();
    assert_eq!(seen, expected, "UPDATE_GENERATED=1 cargo test regenerates it");
}

#[test]
fn the_program_contains_its_examples() {
    let env = TestEnv::new();
    let written = env.run("batch --example made/here");
    written.succeeded("");
    for entry in fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name();
        let copy = fs::read(env.path("work/made/here").join(&name)).unwrap();
        assert!(copy == fs::read(folder().join(&name)).unwrap(), "{}", name.display());
    }
    env.run("batch --example made/here").failed(2).says(&[
        "error: --example: made/here already contains class.xlsx; choose another folder\n",
    ]);
}

#[test]
fn the_lesson_sheet_works_with_its_recipe() {
    let bodies =
        bodies("batch examples/lessons.csv --recipe examples/lesson.toml --dry-run", &[], &[]);
    let people: Vec<_> = bodies.iter().map(|body| body["user"]["name"].as_str().unwrap()).collect();
    assert_eq!(
        people,
        [
            "Grace Okafor",
            "Anna Lind",
            "Grace Okafor",
            "Ben Ruiz",
            "Tomás Vega",
            "Chidi Obi",
            "Chidi Obi"
        ]
    );
    assert_eq!(bodies[0]["timeouts"]["not_after"], "2099-12-01T15:00:00Z");
}

#[test]
fn a_list_in_oneroster_format_requires_only_its_maps() {
    let maps = [
        "--map",
        "id={orgSourcedIds}",
        "--map",
        "user id={sourcedId}",
        "--map",
        "display name={givenName} {familyName}",
    ];
    let bodies = bodies("batch examples/users.csv --dry-run", &maps, &[]);
    assert_eq!(bodies.len(), 3);
    assert_eq!(bodies[0]["id"], "lindenschool");
    assert_eq!(bodies[0]["user"]["id"], "u-1001");
    assert_eq!(bodies[0]["user"]["role"], "teacher");
    assert_eq!(bodies[0]["user"]["email"], "mrivera@example.org");
    let name = &bodies[0]["user"]["custom_jwt_parameters"]["meta"]["displayName"];
    assert_eq!(name, "Marta Rivera");
}
