//! `batch` reads rosters as schools have them: a title above the header, other column names, ids
//! that are too long.

use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// The plan of a roster with these flags, which may contain spaces.
fn plan(roster: &str, flags: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.cmd("batch roster.csv --dry-run").args(flags).run()
}

/// Checks the bodies; returns the output of the same run without `--json`.
#[track_caller]
fn planned(roster: &str, flags: &[&str], lines: &[&str]) -> Output {
    let bodies: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let json: Vec<&str> = flags.iter().copied().chain(["--json"]).collect();
    plan(roster, &json).succeeded(&bodies);
    plan(roster, flags)
}

/// Exit code 2 and exactly this error.
#[track_caller]
fn refused(roster: &str, flags: &[&str], error: &str) {
    let output = plan(roster, flags);
    output.failed(2);
    assert_eq!(output.stderr, format!("error: {error}\n"), "{output}");
}

/// `--map` before each of these.
fn maps<'a>(maps: &[&'a str]) -> Vec<&'a str> {
    maps.iter().flat_map(|map| ["--map", map]).collect()
}

const ANN: &str = r#"{"id":"a","user":{"name":"Ann"}}"#;

#[test]
fn titles_above_the_header_are_skipped() {
    for (roster, line) in [
        ("Autumn term\n\nid,user name\na,Ann\n", 3),
        ("Autumn term,,\nas of 1 December;still,\n\nid,user name\na,Ann\n", 4),
        ("Autumn term, week 3\nid;user name\na;Ann\n", 2),
        ("Autumn\r\n\r\n\"two\r\nlines\"\r\nUSER NAME\tSpace ID\r\nAnn\ta\r\n", 5),
        // The first row with the most known columns is the header.
        ("id,notes\nx,not this one\n\nid,user name\na,Ann\n", 4),
        ("email us,id\n\nid,user name\na,Ann\n", 3),
    ] {
        planned(roster, &[], &[ANN])
            .says(&[&format!("the header is line {line}; the rows above it are skipped\n")]);
    }
    planned("id,user name\na,Ann\n", &[], &[ANN]).does_not_say(&["the header is"]);
}

#[test]
fn the_header_is_found_in_the_first_20_rows() {
    let below = |titles: usize| {
        let titles = (0..titles).map(|row| format!("title {row}\n")).collect::<String>();
        format!("{titles}id,user name\na,Ann\n")
    };
    planned(&below(19), &[], &[ANN]);
    refused(
        &below(20),
        &[],
        "header: no column for the Space id in the first 20 rows; columns: title 0; add --map \
         'id=chem7' to use one Space for all rows",
    );
    planned(&below(20), &["--header", "21"], &[ANN]);
}

#[test]
fn a_roster_without_an_id_column_is_one_error_with_useful_maps() {
    let rows = |row: &str| row.repeat(30);
    for (roster, flags, error) in [
        (
            format!(
                "Class,First name,Surname,E-Mail\n{}",
                rows("Biology,Ann,Smith,ann@example.org\n")
            ),
            &[][..],
            "header: no column for the Space id in the first 20 rows; columns: Class, First name, \
             Surname, E-Mail; add --map 'id={Class}' --map 'user name={First name} {Surname}'",
        ),
        (
            format!("list of pupils\nPupil;Shoe size\n{}", rows("Ann;38\n")),
            &[],
            "header: no column for the Space id in the first 20 rows; columns: Pupil, Shoe size; add \
             --map 'id=chem7' --map 'user name={Pupil}' to use one Space for all rows",
        ),
        (
            "id,notes\nx,not this one\n\nid,user name\na,Ann\n".to_owned(),
            &["--header", "2"],
            "header: no column for the Space id; columns: x, not this one; add --map 'id=chem7' to use one Space for all rows",
        ),
        (
            rows("Ann,ann@example.org\n"),
            &[],
            "header: no column for the Space id in the first 20 rows, and line 1 looks like data; if \
             the roster has no header, add --header 0 and use the columns A, B, C in --map",
        ),
    ] {
        refused(&roster, flags, error);
    }
}

#[test]
fn the_header_may_be_set_by_its_line_and_0_means_none() {
    let roster = "id,notes\nx,not this one\n\nid,user name\na,Ann\n";
    planned(roster, &["--header", "4"], &[ANN]);
    for (line, error) in [
        ("3", "--header: line 3 is not the start of a row"),
        ("99", "--header: line 99 is not the start of a row"),
        ("-1", "--header: expected a line number (0 if there is no header), not \"-1\""),
        ("first", "--header: expected a line number (0 if there is no header), not \"first\""),
    ] {
        refused(roster, &[&format!("--header={line}")], error);
    }
    let flags = ["--header", "0", "--map", "id={a}", "--map", "user name={B}"];
    planned("a,Ann\nb,Ben,x\n", &flags, &[ANN, r#"{"id":"b","user":{"name":"Ben"}}"#])
        .says(&["columns sent: A, B\ncolumns kept but not sent: C\n"]);
}

#[test]
fn the_links_file_of_a_roster_without_a_header_has_one() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "a,Ann\nb,Ben\n");
    let flags = ["--rate", "0", "--map", "id={A}", "--map", "user name={B}"];
    env.cmd("batch roster.csv -o links.csv --header 0").args(&flags).run().succeeded("");
    let (header, rows) = crate::roster::table(&env.path("work/links.csv"));
    assert_eq!(header[..3], ["A", "B", "link_status"]);
    assert_eq!(rows.len(), 2);
    for header in ["", " --header 0"] {
        let again =
            env.cmd(&format!("batch links.csv -o links.csv --resume{header}")).args(&flags).run();
        again.succeeded("").says(&["both links are still good"]);
    }
    assert_eq!(school.count(), 2);
}

#[test]
fn fields_can_be_built_from_columns_with_other_names() {
    let roster = "Term,Tutor ID,Student ID,First,Last,Minutes,Room\n\
                  A,T1,S1,Ann,O'Neill,45,x\nA,T1,S2,Bob,,,\n";
    let flags = maps(&[
        "id={Tutor ID}_{student-id}",
        "user-name={First} {Last}",
        "valid for={Minutes}m",
        "role=student",
        "user.custom_jwt_parameters.x={{{Room}}}",
    ]);
    let flags: Vec<&str> =
        flags.into_iter().chain(["--not-before", "2099-01-01T10:00:00Z"]).collect();
    planned(
        roster,
        &flags,
        &[
            r#"{"id":"T1_S1","timeouts":{"not_before":"2099-01-01T10:00:00Z","not_after":"2099-01-01T10:45:00Z"},"user":{"name":"Ann O'Neill","role":"student","custom_jwt_parameters":{"x":"{x}"}}}"#,
            r#"{"id":"T1_S2","timeouts":{"not_before":"2099-01-01T10:00:00Z"},"user":{"name":"Bob","role":"student"}}"#,
        ],
    )
    .says(&[
        "columns sent: Tutor ID, Student ID, First, Last, Minutes, Room\n\
         columns kept but not sent: Term\n",
    ]);
}

#[test]
fn maps_can_flip_names_and_read_times_of_day() {
    let roster = "id,Pupil,Day,Start\na,\"Byron, Ada\",2098-12-01,755\nb,Bo Li,2098-12-01,2pm\n\
                  c,Cem,2098-12-01,7.55\nd,Dan,,\n";
    let flags = maps(&["user name={Pupil|flip}", "not before={Day} {Start|time}"]);
    let flags: Vec<&str> = flags.into_iter().chain(["--valid-for", "1h"]).collect();
    let body = |id: &str, name: &str, start: &str, end: &str| {
        format!(
            r#"{{"id":"{id}","user":{{"name":"{name}"}},"timeouts":{{"not_before":"2098-12-01T{start}:00Z","not_after":"2098-12-01T{end}:00Z"}}}}"#
        )
    };
    let output = plan(roster, &flags.iter().copied().chain(["--json"]).collect::<Vec<_>>());
    let lines: Vec<&str> = output.stdout.lines().take(3).collect();
    let expected = [
        body("a", "Ada Byron", "07:55", "08:55"),
        body("b", "Bo Li", "14:00", "15:00"),
        body("c", "Cem", "07:55", "08:55"),
    ];
    assert_eq!(lines, expected, "{output}");
    let roster =
        "id,user name,Day,Start\na,Ann,2098-12-01,\nb,Ben,,9:00\nc,Cem,,\nd,Dan,2098-12-01,0.25\n";
    refused(
        roster,
        &maps(&["not before={Day} {Start|time}"]),
        "3 problems with the input; nothing was sent\n  \
         line 2, --map not before (id \"a\"): {Start} is empty\n  \
         line 3, --map not before (id \"b\"): {Day} is empty\n  \
         line 5, --map not before, {Start} (id \"d\"): \"0.25\" is not a valid time of day",
    );
}

#[test]
fn the_header_is_the_row_with_the_columns_of_the_id() {
    let roster = "id,of the file\n\nGroup,Pupil\nb,Ann\n";
    planned(
        roster,
        &maps(&["id={Group}", "user name={Pupil}"]),
        &[r#"{"id":"b","user":{"name":"Ann"}}"#],
    )
    .says(&["the header is line 3; the rows above it are skipped\n"]);
}

#[test]
fn an_id_with_an_empty_part_is_an_error() {
    let roster = "Tutor,Student\nT,S\nT,\n,\u{a0}S\n";
    refused(
        roster,
        &maps(&["id={Tutor}_{Student}", "user name=Somebody"]),
        "2 problems with the input; nothing was sent\n  \
         line 3, --map id: {Student} is empty, but the Space id needs it; fill it in\n  \
         line 4, --map id: {Tutor} is empty, but the Space id needs it; fill it in",
    );
}

#[test]
fn different_cells_that_join_into_the_same_id_are_an_error() {
    let roster = "Class,Group,Pupil\n1,11,Ann\n11,1,Ben\n1,11,Cem\n";
    refused(
        roster,
        &maps(&["id={Class}{Group}", "user name={Pupil}"]),
        "line 3, id (id \"111\"): the parts \"11\" and \"1\" make the same id as \"1\" and \"11\" on line 2; separate them with a character no cell contains, as in {A}_{B}",
    );
    let output = plan(roster, &maps(&["id={Class}_{Group}", "user name={Pupil}"]));
    assert_eq!(output.code, Some(0), "{output}");
    let both = "Class,Group,Pupil\na_b,c,Ann\na,b_c,Ben\n";
    plan(both, &maps(&["id={Class}_{Group}", "user name={Pupil}"])).failed(2);
    // Short forms of the same long id do not hide the conflict.
    let long = "x".repeat(65);
    let roster = format!("Class,Group,Pupil\n{long},11,Ann\n{long}1,1,Ben\n");
    let flags =
        [&maps(&["id={Class}{Group}", "user name={Pupil}"])[..], &["--shorten-ids"]].concat();
    plan(&roster, &flags).failed(2).says(&["make the same id as"]);
}

#[test]
fn invalid_maps_are_refused() {
    let roster = "id,Class,user name,Group\na,b,Ann,Bob\n";
    let example = "expected COLUMN=TEMPLATE, such as 'user name={First name} {Last name}'";
    for (map, error) in [
        (
            &["user email={Clas}"][..],
            "--map user email: no column named \"Clas\"; did you mean {Class}?",
        ),
        (&["id={Clas}"], "--map id: no column named \"Clas\"; did you mean {Class}?"),
        (
            &["role={Wxyz}"],
            "--map role: no column named \"Wxyz\"; columns: id, Class, user name, Group",
        ),
        (
            &["id={Clas}", "user id={Grup}"],
            "2 problems with the input; nothing was sent\n  \
             --map id: no column named \"Clas\"; did you mean {Class}?\n  \
             --map user id: no column named \"Grup\"; did you mean {Group}?",
        ),
        (&["usr-name={Class}"], "--map usr-name is not a known field; did you mean `user name`?"),
        (&["name={Class}"], "--map name is ambiguous; use \"space name\" or \"user name\""),
        (
            &["role={Class"],
            "--map role has an unclosed { before \"Class\"; for a literal {, write {{",
        ),
        (&["role=x}"], "--map role has a } without a {; for a literal }, write }}"),
        (&["role={}"], "--map role has an empty {}; put a column name in it, such as {Student}"),
        (&["role={Class}", "role=x"], "--map role appears twice"),
        (
            &["role={Class}", "user.role=x"],
            "--map user.role is mapped twice; --map role is the same column",
        ),
    ] {
        refused(roster, &maps(map), error);
    }
    let output = plan(roster, &["--map", "role"]);
    output.failed(2).says(&[&format!("error: --map role: {example}\n")]);
    let env = TestEnv::new();
    env.write("roster.jsonl", "{\"id\":\"a\"}\n");
    for flag in ["--map role={x}", "--only a=b"] {
        env.run(&format!("batch roster.jsonl --dry-run {flag}"))
            .failed(2)
            .says(&["cannot be used with a JSON roster\n"]);
    }
}

#[test]
fn a_map_takes_precedence_over_a_column_and_the_plan_says_so() {
    let roster = "id,Class,user name,Group\na,b,Ann,Bob\n";
    planned(roster, &maps(&["id={Class}"]), &[r#"{"id":"b","user":{"name":"Ann"}}"#])
        .says(&["--map is used instead of column \"id\"\ncolumns sent: Class, user name\n\
         columns kept but not sent: id, Group\n"]);
    planned(roster, &maps(&["user.name={Group}"]), &[r#"{"id":"a","user":{"name":"Bob"}}"#])
        .says(&["--map is used instead of column \"user name\"\n"]);
    // A column may be part of the value for its own field.
    planned(
        "ID,Name\n7,Ann\n",
        &maps(&["id=group-{id}", "user name={Name}"]),
        &[r#"{"id":"group-7","user":{"name":"Ann"}}"#],
    )
    .does_not_say(&["takes the place"]);
}

#[test]
fn columns_that_are_not_sent_are_listed_with_near_matches() {
    let output = plan("id,user name,,emial,Shoe size\na,Ann,x,a@example.org,38\n", &[]);
    output.says(&[
        "columns sent: id, user name\ncolumns kept but not sent: column C, emial, Shoe size\n\
         warning: column \"emial\" is not sent; did you mean `user email`?\n",
    ]);
}

#[test]
fn damaged_cells_are_detected_in_templates_too() {
    refused(
        "Tutor,Student\n1.23E+15,S\n#REF!,S\n1.5E+15,S\n",
        &maps(&["id={Tutor}_{Student}", "user name={Student}"]),
        "2 problems with the input; nothing was sent\n  \
         --map id, {Tutor}: a spreadsheet shortened a long number; format the column as text, enter \
         the number again and save: lines 2 and 4\n  \
         line 3, --map id, {Tutor}: \"#REF!\": the formula failed; fix it in the spreadsheet, or type \
         the value instead, then save",
    );
}

#[test]
fn long_ids_get_a_short_form_that_never_changes() {
    let long = "x".repeat(65);
    let roster = format!("id,user name\n{long},Ann\n{long},Bob\nshort,Cem\n");
    refused(
        &roster,
        &[],
        "id has 65 characters; the maximum is 64; to shorten long ids, add --shorten-ids: lines 2 and 3",
    );
    // printf 'x%.0s' {1..65} | sha256sum
    let short = format!("{}-9537c5fdf120", "x".repeat(51));
    planned(
        &roster,
        &["--shorten-ids"],
        &[
            &format!(r#"{{"id":"{short}","user":{{"name":"Ann"}}}}"#),
            &format!(r#"{{"id":"{short}","user":{{"name":"Bob"}}}}"#),
            r#"{"id":"short","user":{"name":"Cem"}}"#,
        ],
    );
    refused(
        &format!("id,user name\n{long},Ann\n{short},Bob\n"),
        &["--shorten-ids"],
        &format!(
            "line 3, id (id \"{short}\") has the same short form as another id, on line 2; change one \
             of them"
        ),
    );
}

#[test]
fn a_mapped_roster_is_sent_and_its_links_file_works_with_the_same_flags() {
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

#[test]
fn a_map_that_is_only_a_column_name_is_refused() {
    let roster = "Class,Pupil\n7A,Ann\n8B,Ben\n";
    for (id, written) in [("Class", "Class"), ("(class)", "(class)"), ("<Class>", "<Class>")] {
        refused(
            roster,
            &maps(&[&format!("id={id}"), "user name={Pupil}"]),
            &format!(
                "--map id: \"{written}\" is the name of a column; to use its cells, write {{Class}}"
            ),
        );
    }
    // A fixed id is one Space for all rows, and a fixed role may match the name of a column.
    let output =
        plan("Student,Role\nAnn,x\n", &maps(&["id=chem7", "user name={Student}", "role=student"]));
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn one_file_of_an_export_is_not_a_roster() {
    let error = "header: this file is part of a OneRoster or School Data Sync export; use the whole folder or .zip instead";
    refused("sourcedId,classSourcedId,userSourcedId,role\ne-1,c-1,s-1,student\n", &[], error);
    refused("sourcedId,status,title\nc-1,active,Maths\n", &[], error);
    let error = "header: this file is part of a School Data Sync export; use the whole folder or .zip instead";
    refused("Section SIS ID,SIS ID\nc-1,s-1\n", &[], error);
}

#[test]
fn totals_rows_are_not_people() {
    for name in ["Total", "Total students", "Class total", "TOTAL 3", "Summe (24)", "7"] {
        let output = plan(&format!("id,user name\na,Ann\na,{name}\n"), &[]);
        output.failed(2).says(&["delete the row"]);
    }
    for name in ["Suma Patel", "Sum Wong", "Totalis"] {
        let output = plan(&format!("id,user name\na,Ann\na,{name}\n"), &[]);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

#[test]
fn a_second_header_below_the_first_is_refused() {
    for row in ["id,user name,user id", "ID,Name,E-Mail", "user name,,id"] {
        let roster = format!("id,user id,user name\na,s1,Ann\n{row}\nb,Ben,s2\n");
        let error = "line 3 looks like another header; move the rows below it to a separate file";
        refused(&roster, &[], error);
    }
    let output = plan("id,user name,role\nid,Role,teacher\na,Guest,student\n", &[]);
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn two_tables_one_above_the_other_are_refused() {
    refused(
        "id,user name\n7a,Anna\n\nid,user name,leader\n7a,Tea,x\n",
        &[],
        "header: line 1 and line 4 both look like headers; move each table to a separate file, or \
         choose one with --header",
    );
}
