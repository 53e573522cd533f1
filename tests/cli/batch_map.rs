//! `batch` takes rosters as schools have them: a title above the header, columns under other
//! names, ids that are too long.

use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// The plan of a roster with these flags, which may hold blanks.
fn plan(roster: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.cmd("batch roster.csv --dry-run").args(flags).run()
}

/// The bodies that are planned, as they stand on stdout.
fn bodies(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn titles_above_the_header_are_left_out() {
    let body = bodies(&[r#"{"id":"a","user":{"name":"Ann"}}"#]);
    for roster in [
        "Autumn term\n\nid,user name\na,Ann\n",
        "Autumn term,,\nas of 1 December;still,\n\nid,user name\na,Ann\n",
        "Autumn term, week 3\nid;user name\na;Ann\n",
        "Autumn\r\n\r\n\"two\r\nlines\"\r\nUSER NAME\tSpace ID\r\nAnn\ta\r\n",
    ] {
        let header = roster.replace("\r\n", "\n");
        let line =
            1 + header.lines().position(|line| line.to_lowercase().contains("user name")).unwrap();
        let output = plan(roster, &[]);
        output.succeeded(&body).says(&[&format!("the header is in line {line}")]);
    }
    plan("id,user name\na,Ann\n", &[]).succeeded(&body).does_not_say(&["the header is in"]);
}

#[test]
fn the_header_is_among_the_first_20_rows() {
    let below = |titles: usize| {
        let titles = (0..titles).map(|row| format!("title {row}\n")).collect::<String>();
        format!("{titles}id,user name\na,Ann\n")
    };
    plan(&below(19), &[]).succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n");
    plan(&below(20), &[]).failed(2).says(&["the header", "first 20 rows"]);
    plan(&below(20), &["--header", "21"]).succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n");
}

#[test]
fn a_roster_without_a_column_for_the_id_is_one_problem() {
    let rows = "Biology,Ann,Smith,ann@example.org\n".repeat(30);
    let output = plan(&format!("Class,First name,Surname,E-Mail\n{rows}"), &[]);
    output.failed(2).says(&[
        "error: the header: no column",
        "Class, First name, Surname, E-Mail",
        "--map 'id={Class}' --map 'user name={First name} {Surname}'",
    ]);
    output.does_not_say(&["problems", "line 2", "user email="]);
}

#[test]
fn the_header_may_be_named_by_its_line() {
    let roster = "id,notes\nx,not this one\n\nid,user name\na,Ann\n";
    plan(roster, &["--header", "4"]).succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n");
    plan(roster, &["--header", "3"]).failed(2).says(&["line 3", "--header"]);
    plan(roster, &["--header", "99"]).failed(2).says(&["line 99", "--header"]);
    plan(roster, &["--header", "2"]).failed(2).says(&["x, not this one", "--map"]);
    for line in ["0", "-1", "first"] {
        plan(roster, &[&format!("--header={line}")]).failed(2).says(&["--header", "line"]);
    }
}

#[test]
fn fields_are_made_from_columns_under_other_names() {
    let roster = "Term,Tutor ID,Student ID,First,Last,Minutes,Room\n\
                  A,T1,S1,Ann,O'Neill,45,x\nA,T1,S2,Bob,,,\n";
    let flags = [
        "--map",
        "id={Tutor ID}_{student-id}",
        "--map",
        "user-name={First} {Last}",
        "--map",
        "valid for={Minutes}m",
        "--map",
        "role=student",
        "--map",
        "user.custom_jwt_parameters.x={{{Room}}}",
        "--not-before",
        "2099-01-01T10:00:00Z",
    ];
    let output = plan(roster, &flags);
    output.succeeded(&bodies(&[
        r#"{"id":"T1_S1","timeouts":{"not_before":"2099-01-01T10:00:00Z","not_after":"2099-01-01T10:45:00Z"},"user":{"name":"Ann O'Neill","role":"student","custom_jwt_parameters":{"x":"{x}"}}}"#,
        r#"{"id":"T1_S2","timeouts":{"not_before":"2099-01-01T10:00:00Z"},"user":{"name":"Bob","role":"student"}}"#,
    ]));
    output.says(&[
        "columns sent: Tutor ID, Student ID, First, Last, Minutes, Room\n",
        "columns kept but not sent: Term\n",
    ]);
}

#[test]
fn the_header_is_the_row_that_has_the_columns_of_the_id() {
    let roster = "id,of the file\n\nGroup,Pupil\nb,Ann\n";
    plan(roster, &["--map", "id={Group}", "--map", "user name={Pupil}"])
        .succeeded("{\"id\":\"b\",\"user\":{\"name\":\"Ann\"}}\n")
        .says(&["the header is in line 3"]);
}

#[test]
fn an_id_with_an_empty_part_is_an_error() {
    let roster = "Tutor,Student\nT,S\nT,\n,\u{a0}S\n";
    plan(roster, &["--map", "id={Tutor}_{Student}"]).failed(2).says(&[
        "2 problems",
        "line 3, --map id (id \"T_\"): {Student} is empty",
        "line 4, --map id (id \"_S\"): {Tutor} is empty",
    ]);
}

#[test]
fn maps_that_cannot_be_are_refused() {
    let roster = "id,Class,user name,Group\na,b,Ann,Bob\n";
    for (maps, words) in [
        (
            &["user email={Clas}"][..],
            &["--map user email", "no column is named \"Clas\"", "{Class}"][..],
        ),
        (&["id={Clas}"], &["--map id", "\"Clas\"", "did you mean {Class}?"]),
        (&["id={Class}"], &["--map id", "the column id", "rename"]),
        (&["user.name={Class}"], &["--map user.name", "user name"]),
        (&["usr-name={Class}"], &["--map usr-name", "did you mean `user name`?"]),
        (&["name={Class}"], &["--map name", "space name", "user name"]),
        (&["role={Class"], &["--map role", "never closed"]),
        (&["role"], &["--map role", "FIELD=TEMPLATE"]),
        (&["role={Class}", "role=x"], &["--map role", "mapped twice"]),
    ] {
        let flags: Vec<&str> = maps.iter().flat_map(|map| ["--map", map]).collect();
        plan(roster, &flags).failed(2).says(words);
    }
    let env = TestEnv::new();
    env.write("roster.jsonl", "{\"id\":\"a\"}\n");
    env.run("batch roster.jsonl --dry-run --map role={x}").failed(2).says(&["--map", "JSON"]);
}

#[test]
fn a_column_may_be_a_part_of_its_own_field() {
    let roster = "ID,Name\n7,Ann\n";
    plan(roster, &["--map", "id=group-{id}", "--map", "user name={Name}"])
        .succeeded("{\"id\":\"group-7\",\"user\":{\"name\":\"Ann\"}}\n");
}

#[test]
fn damaged_cells_are_found_in_templates_too() {
    plan("Tutor,Student\n1.23E+15,S\n#REF!,S\n", &["--map", "id={Tutor}_{Student}"])
        .failed(2)
        .says(&["2 problems", "line 2, --map id", "line 3, --map id", "Excel"]);
}

#[test]
fn long_ids_get_a_short_form_that_never_changes() {
    let long = "x".repeat(65);
    let roster = format!("id,user name\n{long},Ann\n{long},Bob\nshort,Cem\n");
    plan(&roster, &[]).failed(2).says(&["line 2", "65 characters", "--shorten-ids"]);
    // printf 'x%.0s' {1..65} | sha256sum
    let short = format!("{}-9537c5fdf120", "x".repeat(51));
    plan(&roster, &["--shorten-ids"]).succeeded(&bodies(&[
        &format!(r#"{{"id":"{short}","user":{{"name":"Ann"}}}}"#),
        &format!(r#"{{"id":"{short}","user":{{"name":"Bob"}}}}"#),
        r#"{"id":"short","user":{"name":"Cem"}}"#,
    ]));
    let clash = format!("id,user name\n{long},Ann\n{short},Bob\n");
    plan(&clash, &["--shorten-ids"]).failed(2).says(&["line 3", "line 2", "same short form"]);
}

#[test]
fn a_mapped_roster_is_sent_and_its_links_are_a_roster_for_the_same_flags() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "Autumn,\n\nGroup,Pupil\na,Ann\na,Bob\n");
    let flags = ["--rate", "0", "--map", "id={Group}", "--map", "user name={Pupil}"];
    env.cmd("batch roster.csv -o links.csv").args(&flags).run().succeeded("");
    let links = crate::roster::links(&env, "links.csv");
    assert_eq!(links.iter().map(|row| row["Pupil"].as_str()).collect::<Vec<_>>(), ["Ann", "Bob"]);
    assert!(links.iter().all(|row| row["client_url"].starts_with("https://")), "{links:?}");
    env.cmd("batch links.csv -o again.csv").args(&flags).run().succeeded("");
    env.cmd("batch roster.csv -o links.csv --resume").args(&flags).run().succeeded("");
    assert_eq!(school.count(), 4);
}
