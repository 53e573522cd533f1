//! `batch` reads what it wrote: LINKS in every format and from every kind of roster, and a recipe's
//! empty roster.

use std::fs;

use rust_xlsxwriter::{ExcelDateTime, Format};

use crate::batch_sheets::workbook;
use crate::roster::{claims, links, table};
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

fn read(env: &TestEnv, name: &str) -> String {
    fs::read_to_string(env.path("work").join(name)).unwrap()
}

/// The bodies of a roster, as a dry run prints them.
fn bodies(env: &TestEnv, line: &str) -> Output {
    env.run(&format!("{line} --dry-run --json"))
}

/// The plan of a roster, in its readable form.
fn plan(env: &TestEnv, line: &str) -> Output {
    env.run(&format!("{line} --dry-run"))
}

#[test]
fn a_json_row_without_values_keeps_its_place_in_a_table() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let ann = "{\"user\":{\"id\":\"1\",\"name\":\"Ann\",\"leader\":true}}";
    for (rows, own) in [
        (format!("{{}}\n{ann}\n{{\"user\":{{\"name\":\"Ben\"}}}}\n"), ["", "Ann", "Ben"]),
        (
            format!("{ann}\n{{\"name\":\"\"}}\n{{\"user\":{{\"name\":\"Ben\"}}}}\n"),
            ["Ann", "", "Ben"],
        ),
    ] {
        env.write("roster.jsonl", rows);
        env.run("batch roster.jsonl --set id=x -o links.csv --rate 0 --force --sandbox")
            .succeeded("");
        let rows = links(&env, "links.csv");
        assert_eq!(rows.iter().map(|row| &*row["user.name"]).collect::<Vec<_>>(), own);
        for row in rows {
            let name = Some(row["user.name"].as_str()).filter(|name| !name.is_empty());
            assert_eq!(claims(&row["client_url"])["meta"]["name"], name.unwrap_or("Guest"));
        }
    }
    env.write("roster.jsonl", "{}\n");
    env.run("batch roster.jsonl --set id=y -o links.csv --rate 0 --force --sandbox").succeeded("");
    assert_eq!(links(&env, "links.csv")[0]["link_status"], "created");
}

#[test]
fn a_table_made_from_json_gives_the_same_bodies_for_any_field_names_and_values() {
    let school = School::open();
    let env = school.env();
    for body in [
        r#"{"id":"a","user":{"custom_jwt_parameters":{"y":"1","z":"true","n":"null","t":"x","q":"\"x\""}}}"#,
        r#"{"id":"a","user":{"custom_jwt_parameters":{"y":1.50,"z":true,"o":[1,"2"]," p":" pad\n"}}}"#,
        r#"{"id":"a","user":{"id":"007","name":"true"},"space_tags":{"x;y;z;w;v":"1"}}"#,
        r#"{"id":"a","space_tags":{"{a":"1","b\tc":"2","d,e":"3"}}"#,
        r#"{"id":"=1+1","features":{"chat.enabled":false,"x.y.z":true}}"#,
    ] {
        env.write("roster.jsonl", format!("{body}\n"));
        for name in ["links.csv", "links.xlsx"] {
            env.run(&format!("batch roster.jsonl -o {name} --rate 0 --force")).succeeded("");
            bodies(&env, &format!("batch {name} --guest")).succeeded(&format!("{body}\n"));
        }
    }
    env.write("roster.jsonl", "{\"{x\":\"1\",\"id\":\"a\"}\n");
    env.run("batch roster.jsonl -o links.csv --rate 0 --force").succeeded("");
    bodies(&env, "batch links.csv --guest").succeeded("{\"id\":\"a\"}\n");
    env.write("bom.jsonl", "\u{feff}{\"id\":\"a\"}\n");
    env.run("batch bom.jsonl -o bom.csv --rate 0").succeeded("");
    assert!(read(&env, "bom.csv").starts_with("\u{feff}id,"), "as the roster does");
}

#[test]
fn json_that_does_not_fit_a_table_is_refused_before_anything_is_sent() {
    let school = School::open();
    let env = school.env();
    for (body, words) in [
        (
            r#"{"id":"a","room_id":"x"}"#,
            "-o: the roster has a field \"room_id\", which is a result column of the links file; use a \
             .jsonl file",
        ),
        (
            r#"{"id":"a","user":{"custom_jwt_parameters":{"q.r":1}}}"#,
            "-o: the roster has a field \"q.r\", but a dot in a column name means a nested field; use a .jsonl file",
        ),
        (
            r#"{"id":"a","Notes":"1","notes":"2"}"#,
            "-o: the roster has the fields \"Notes\" and \"notes\", which would be the same column; use a \
             .jsonl file",
        ),
    ] {
        env.write("roster.jsonl", format!("{body}\n"));
        for name in ["links.csv", "links.xlsx"] {
            env.run(&format!("batch roster.jsonl -o {name}")).failed(2).says(&[words]);
            assert!(!env.path("work").join(name).exists());
        }
        env.run("batch roster.jsonl -o links.jsonl --rate 0 --force").succeeded("");
    }
    env.write("roster.jsonl", "{\"id\":\"a\"}\n");
    for name in [
        "links.ods",
        "links.xls",
        "links.XLSM",
        "links.numbers",
        "links.txt",
        "links.json",
        "links",
    ] {
        let output = env.run(&format!("batch roster.jsonl -o {name}"));
        output.failed(2);
        let error = format!("error: -o: {name} must end in .csv, .tsv, .xlsx or .jsonl\n");
        assert_eq!(output.stderr, error, "{output}");
    }
}

#[test]
fn columns_that_json_cannot_represent_are_listed() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user name,class,notes\na,Ann,7b,x\n");
    env.run("batch roster.csv -o links.jsonl --rate 0").succeeded("").says(&[
        "warning: a .jsonl file cannot contain columns that are not sent: class, notes; to keep them, use -o with a .csv or .xlsx file\n",
    ]);
}

const RECIPE: &str = "header = 3\nsheet = \"Autumn\"\n[map]\nid = \"{Pair}\"\n\
    [people.tutor]\n\"user name\" = \"{Tutor}\"\n[people.\"=x\"]\n\"user name\" = \"{Student}\"\n";

#[test]
fn a_recipes_header_and_sheet_do_not_apply_to_its_links_and_template() {
    let school = School::open();
    let env = school.env();
    env.write("recipe.toml", RECIPE);
    let book = workbook(&["Lessons"], |sheet| {
        sheet.set_name("Autumn").unwrap();
        sheet.write(1, 2, "as of today").unwrap();
        sheet.write_row(2, 0, ["Pair", "Tutor", "Student"]).unwrap();
        sheet.write_row(3, 0, ["p", "Tom", "Ann"]).unwrap();
    });
    env.write("lessons.xlsx", book);
    env.write("lessons.csv", "Lessons\n,as of today\nPair,Tutor,Student\np,Tom,Ann\n");
    let own =
        "{\"id\":\"p\",\"user\":{\"name\":\"Tom\"}}\n{\"id\":\"p\",\"user\":{\"name\":\"Ann\"}}\n";
    for roster in ["lessons.xlsx", "lessons.csv"] {
        for name in ["links.csv", "links.xlsx"] {
            env.run(&format!("batch {roster} --recipe recipe.toml -o {name} --rate 0 --force"))
                .succeeded("");
            bodies(&env, &format!("batch {name} --recipe recipe.toml")).succeeded(own);
        }
        env.run(&format!("batch {roster} --recipe recipe.toml -o links.jsonl --rate 0 --force"))
            .succeeded("");
        bodies(&env, "batch links.jsonl --recipe recipe.toml").succeeded(own);
        bodies(&env, "batch links.jsonl").succeeded(own);
        env.run("handout links.csv -o links.html --force").succeeded("").says(&["2 cards"]);
    }
    let template = env.run("batch --template --recipe recipe.toml").stdout;
    env.write("filled.csv", format!("{template}p,Tom,Ann\n"));
    bodies(&env, "batch filled.csv --recipe recipe.toml").succeeded(own);
    // Unlike the recipe's settings, flags apply to the links file.
    plan(&env, "batch links.csv --recipe recipe.toml --header 9").failed(2).says(&["line 9"]);
    plan(&env, "batch links.csv --recipe recipe.toml --sheet Autumn").failed(2).says(&["--sheet"]);
    plan(&env, "batch links.xlsx --recipe recipe.toml --sheet Spring").failed(2).says(&["Spring"]);
    // A workbook without the recipe's sheet is an error.
    env.write("other.xlsx", workbook(&["Pair", "Tutor", "Student"], |_| ()));
    plan(&env, "batch other.xlsx --recipe recipe.toml").failed(2).says(&["Autumn"]);
}

#[test]
fn a_duplicate_header_name_is_an_error_in_a_recipes_roster_too() {
    let env = TestEnv::new();
    env.write("recipe.toml", &RECIPE[RECIPE.find("[map]").unwrap()..]);
    env.write("lessons.csv", "Pair,Tutor,Student,student\np,Tom,Ann,Ben\n");
    plan(&env, "batch lessons.csv --recipe recipe.toml")
        .failed(2)
        .says(&["columns \"Student\" and \"student\" mean the same thing; rename or remove one"]);
}

#[test]
fn a_day_from_a_workbook_stays_a_day_in_text_links_files() {
    let school = School::open();
    let env = school.env();
    let book = workbook(&["id", "user name", "day", "clock"], |sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
        let date = ExcelDateTime::from_ymd(2098, 12, 1).unwrap();
        sheet.write_with_format(1, 2, &date, &day).unwrap();
        sheet.write(1, 3, "2:05 PM").unwrap();
    });
    env.write("roster.xlsx", book);
    let body = "{\"id\":\"a\",\"timeouts\":{\"not_before\":\"2098-12-01T14:05:00Z\",\"not_after\":\
                \"2098-12-01T14:50:00Z\"},\"user\":{\"name\":\"Ann\"}}\n";
    let map = ["--map", "not before={day} {clock}", "--valid-for", "45m", "--time-zone", "UTC"];
    env.cmd("batch roster.xlsx -o links.csv --rate 0").args(&map).run().succeeded("");
    for name in ["roster.xlsx", "links.csv"] {
        env.cmd(&format!("batch {name} --dry-run --json")).args(&map).run().succeeded(body);
        env.cmd(&format!("batch {name} --dry-run --map"))
            .args(&["not before={day}"])
            .run()
            .failed(2)
            .says(&["\"2098-12-01\" has no time of day; add one, such as 2098-12-01 14:00"]);
    }
}

#[test]
fn a_title_is_not_taken_for_the_header_if_the_id_comes_from_elsewhere() {
    let env = TestEnv::new();
    env.write("base.json", "{\"id\":\"base\"}");
    let own = "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n";
    let base = "{\"id\":\"base\",\"user\":{\"name\":\"Ann\"}}\n";
    for (roster, flags, bodies_of) in [
        ("My list,,\n\nid,user name,note\na,Ann,x\n", "--set id=base", own),
        ("My list,,\n\nuser name,note\nAnn,x\n", "--file base.json", base),
        ("My list\nWho,note\nAnn,x\n", "--set id=base --map user-name={Who}", base),
        ("note\nx\n", "--set id=base --user-name Ann", base),
    ] {
        env.write("roster.csv", roster);
        bodies(&env, &format!("batch roster.csv {flags}")).succeeded(bodies_of);
    }
}

#[test]
fn a_links_file_saved_by_excel_as_a_workbook_loses_only_its_guards() {
    let school = School::open();
    let env = school.env();
    let people = [("-b", "Ann"), ("=c", "+Ben"), ("@d", "O'Neill"), ("e", "'Cem"), ("f", "'=Dan")];
    let rows: String = people.iter().map(|(id, name)| format!("{id},{name}\n")).collect();
    env.write("roster.csv", format!("id,user name\n{rows}"));
    let own = env.run("batch roster.csv --dry-run --json").stdout;
    for name in ["links.csv", "links.xlsx"] {
        env.run(&format!("batch roster.csv -o {name} --rate 0")).succeeded("");
        bodies(&env, &format!("batch {name}")).succeeded(&own);
    }
    // Excel shows the text of a CSV file unchanged.
    let (header, rows) = table(&env.path("work/links.csv"));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let saved = workbook(&header, |sheet| {
        for (index, row) in (1..).zip(rows) {
            sheet.write_row(index, 0, row).unwrap();
        }
    });
    env.write("saved.xlsx", saved);
    bodies(&env, "batch saved.xlsx").succeeded(&own);
}

#[test]
fn a_template_with_maps_has_only_their_columns() {
    let env = TestEnv::new();
    env.cmd("batch --template --map")
        .args(&["id={Class}", "--map", "user name={First} {Last}"])
        .run()
        .succeeded("Class,First,Last\r\n");
    env.run("batch --template --map id={Class").failed(2).says(&["--map"]);
}

#[test]
fn no_message_shows_a_link_from_a_disordered_links_file() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user name,notes\na,Ann,\nb,Ben,\n");
    env.run("batch roster.csv -o links.csv --rate 0").succeeded("");
    let whole = read(&env, "links.csv");
    let (_, headless) = whole.split_once('\n').unwrap();
    for (name, disorder) in [
        ("headless.csv", headless.to_owned()),
        ("slipped.csv", whole.replace(",created,", "\n")),
        (
            "moved.csv",
            whole.replace("user name,notes", "notes,not before").replace(",created,", ","),
        ),
        (
            "header.csv",
            format!(
                "id,{}\na,x\n",
                &headless[headless.find("http").unwrap()..].split(',').next().unwrap()
            ),
        ),
    ] {
        env.write(name, &disorder);
        let output = bodies(&env, &format!("batch {name}"));
        assert!(!output.stderr.contains("eyJ"), "{name}: {output}");
        assert!(!output.stderr.is_empty(), "{name}: {output}");
    }
    plan(&env, "batch headless.csv").failed(2).says(&[
        "columns: a, Ann, created, https://go.room.sh/[hidden], 2099-12-01T09:00:00Z, room-of-a; add",
    ]);
}

#[test]
fn a_header_in_square_brackets_is_not_taken_for_json() {
    let env = TestEnv::new();
    env.write("roster.csv", "[Class],id,user name\n5b,a,Ann\n");
    bodies(&env, "batch roster.csv").succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n");
    for json in ["[{\"id\":\"a\"}]", "{ \"id\":\"a\"}", "[\n  [", "{}", "["] {
        env.write("roster.csv", json);
        plan(&env, "batch roster.csv").failed(2).says(&["looks like JSON, not CSV"]);
    }
}
