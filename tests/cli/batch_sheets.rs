//! `batch` reads spreadsheets: values by type, the right sheet, and messages that name the cell.

use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

use crate::roster::{links, statuses};
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// A workbook with one sheet: these headers, and rows written by `fill`.
pub(crate) fn workbook(headers: &[&str], fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, headers.iter().copied()).unwrap();
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// The plan of a workbook.
fn plan(bytes: &[u8], arguments: &[&str]) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.xlsx", bytes);
    env.cmd("batch roster.xlsx --dry-run").args(arguments).run()
}

/// The bodies that a workbook would send.
fn bodies(bytes: &[u8], arguments: &[&str]) -> Output {
    plan(bytes, &[&["--json"], arguments].concat())
}

/// Writes a number with a number format.
fn number(sheet: &mut Worksheet, (row, column): (u32, u16), value: f64, format: &str) {
    let format = Format::new().set_num_format(format);
    sheet.write_number_with_format(row, column, value, &format).unwrap();
}

/// A workbook with these sheets and rows.
fn sheets(sheets: &[(&str, &[&[&str]])]) -> Workbook {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in (0..).zip(*rows) {
            sheet.write_row(row, 0, cells.iter().copied()).unwrap();
        }
    }
    book
}

const ANN: &str = "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n";
const BOB: &str = "{\"id\":\"b\",\"user\":{\"name\":\"Bob\"}}\n";

#[test]
fn cells_are_read_by_their_type() {
    let headers = ["id", "user id", "leader", "not before", "valid for", "user name"];
    let bytes = workbook(&headers, |sheet| {
        sheet.write_number(1, 0, 7.0).unwrap();
        sheet.write_string(1, 1, "007").unwrap();
        sheet.write_boolean(1, 2, true).unwrap();
        number(sheet, (1, 3), 72_654.583_333_333_33, "dd/mm/yyyy hh:mm");
        number(sheet, (1, 4), 1.5 / 24.0, "h:mm");
        sheet.write_formula(1, 5, Formula::new("=\"A\"&\"nn\"").set_result("Ann")).unwrap();
        sheet.write_string(2, 0, "\u{a0}8 ").unwrap();
        number(sheet, (2, 3), 72_655.0, "dd/mm/yyyy hh:mm");
        sheet.write_string(2, 4, "90m").unwrap();
        sheet.write_string(2, 5, "Bob").unwrap();
    });
    bodies(&bytes, &["--time-zone", "Europe/London"]).succeeded(
        "{\"id\":\"7\",\"user\":{\"id\":\"007\",\"leader\":true,\"name\":\"Ann\"},\
         \"timeouts\":{\"not_before\":\"2098-11-30T14:00:00Z\",\"not_after\":\"2098-11-30T15:30:00Z\"}}\n\
         {\"id\":\"8\",\"timeouts\":{\"not_before\":\"2098-12-01T00:00:00Z\",\
         \"not_after\":\"2098-12-01T01:30:00Z\"},\"user\":{\"name\":\"Bob\"}}\n",
    );
}

#[test]
fn ids_and_texts_are_sent_as_displayed() {
    let headers = ["id", "user id", "user name", "space name"];
    let cells = |formats: [(f64, &str); 3]| {
        workbook(&headers, |sheet| {
            number(sheet, (1, 0), formats[0].0, formats[0].1);
            number(sheet, (1, 1), formats[1].0, formats[1].1);
            sheet.write_string(1, 2, "Ann").unwrap();
            number(sheet, (1, 3), formats[2].0, formats[2].1);
        })
    };
    for (formats, shown) in [
        ([(701.0, "0000"), (42.0, "0000000"), (7.0, "000")], ["0701", "0000042", "007"]),
        ([(7.0, "0.00"), (7.5, "0.00"), (1.0, "General")], ["7.00", "7.50", "1"]),
        ([(7.0, "0"), (1001.0, "General"), (46_357.0, "yyyy-mm-dd")], ["7", "1001", "2026-12-01"]),
        (
            [(46_357.0, "d/m/yyyy"), (2.0, "0_ "), (46_357.583_333_333_33, "d/m/yy h:mm")],
            ["2026-12-01", "2", "2026-12-01 14:00"],
        ),
        // A date or time that is shown only in part is sent in full.
        (
            [(7.0, "0"), (2.0, "0"), (46_357.583_333_333_33, "d mmm h:mm")],
            ["7", "2", "2026-12-01 14:00"],
        ),
    ] {
        let [id, user_id, name] = shown;
        bodies(&cells(formats), &[]).succeeded(&format!(
            "{{\"id\":\"{id}\",\"user\":{{\"id\":\"{user_id}\",\"name\":\"Ann\"}},\"name\":\"{name}\"}}\n"
        ));
    }
    // If the sheet shows something other than the stored value, either may be intended.
    for (value, format, shown, stored) in [
        (46_054.0, "d-m", "1-2", "2026-02-01"),
        (0.75, "0%", "75%", "0.75"),
        (1001.0, "#,##0", "1,001", "1001"),
        (12.0, "\"S\"000", "S012", "12"),
    ] {
        plan(&cells([(value, format), (1.0, "0"), (1.0, "0")]), &[]).refused(&format!(
            "error: Sheet1!A2, id: the cell shows \"{shown}\" but contains \"{stored}\"; format the \
             column as text and enter the value again\n"
        ));
    }
}

#[test]
fn a_date_cell_without_a_time_of_day_is_an_error_in_a_time_field() {
    let bytes = workbook(&["id", "user name", "not before", "Date"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
        // The format decides whether a time is shown, not the number.
        number(sheet, (1, 2), 72_654.583_333_333_33, "dd/mm/yyyy");
        number(sheet, (1, 3), 72_654.0, "dd/mm/yyyy");
    });
    let message = |place: &str, field: &str| {
        format!(
            "error: Sheet1{place}, {field} (id \"a\"): \"2098-11-30\" has no time of day; add one, such \
             as 2098-11-30 14:00\n"
        )
    };
    plan(&bytes, &[]).refused(&message("!C2", "not before"));
    plan(&bytes, &["--map", "not before={Date}"]).refused(&message(", row 2", "--map not before"));
}

#[test]
fn messages_name_the_cell() {
    let bytes = workbook(&["id", "Leader", "email"], |sheet| {
        sheet.write_row(3, 0, ["a", "maybe", "ann@example.org"]).unwrap();
        number(sheet, (6, 0), 1_234_567_890_123_456.0, "0");
        sheet.write_string(6, 2, "bob@example.org").unwrap();
        sheet.write_formula(7, 0, Formula::new("=A99").set_result("#REF!")).unwrap();
        sheet.write_string(7, 2, "cy@example.org").unwrap();
        sheet.write_string(9, 1, "yes").unwrap();
        sheet.write_row(10, 0, ["a", "", "02-Jan"]).unwrap();
        sheet.write_string(11, 0, "b").unwrap();
        number(sheet, (11, 2), 46_054.0, "d-mmm");
    });
    plan(&bytes, &[]).refused(
        "error: 6 problems with the input; nothing was sent\n  \
         Sheet1!B4, Leader (id \"a\"): expected yes or no, not \"maybe\"\n  \
         Sheet1!A7, id: \"1.23456789012346E+15\": a number with more than 15 digits, of which Excel \
         keeps only 15; format the column as text, enter the number again and save\n  \
         Sheet1!A8, id: \"#REF!\": the formula failed; fix it in the spreadsheet, or type the value \
         instead, then save\n  \
         Sheet1!A10, id is required\n  \
         Sheet1!C11, email (id \"a\"): \"02-Jan\": a spreadsheet turned it into a date; format the column \
         as text and enter the value again\n  \
         Sheet1!C12, email (id \"b\"): the cell shows \"1-Feb\" but contains \"2026-02-01\"; format the \
         column as text and enter the value again\n",
    );
    let bytes = workbook(&["id", "user id"], |sheet| {
        for row in [1, 2] {
            sheet.write_row(row, 0, ["a", "x"]).unwrap();
        }
    });
    plan(&bytes, &[]).refused(
        "error: Sheet1, row 3 (id \"a\"): the same person with the same lesson time is already in \
         Sheet1, row 2\n",
    );
    // A problem with a whole row is not attributed to the column without a header.
    let bytes = workbook(&["", "id", "user id"], |sheet| {
        sheet.write_row(1, 0, ["x", "a", ""]).unwrap();
        sheet.write_row(2, 0, ["x", "a", "1", "surplus"]).unwrap();
    });
    plan(&bytes, &[]).refused(
        "error: 2 problems with the input; nothing was sent\n  \
         Sheet1, row 2 (id \"a\"): no person: the row has no user id, name or email; for a guest link, add --guest\n  \
         Sheet1, row 3 (id \"a\"): more cells than the header (3 columns); delete the extra cells, or give their column a header\n",
    );
    for (name, cell) in [
        ("It's", "'It''s'!B2"),
        ("2026", "'2026'!B2"),
        ("Herbst", "Herbst!B2"),
        ("A b", "'A b'!B2"),
    ] {
        let bytes = sheets(&[(name, &[&["id", "email"], &["a", "ann"]])]).save_to_buffer().unwrap();
        plan(&bytes, &[]).refused(&format!(
            "error: {cell}, email (id \"a\"): \"ann\" is not a valid email address; expected one such \
             as anna@example.org\n"
        ));
    }
}

#[test]
fn dates_and_times_in_separate_columns_make_a_lesson() {
    let bytes = workbook(&["Class", "Pupil", "Date", "Start", "Minutes"], |sheet| {
        sheet.write_row(1, 0, ["Biology", "Ann"]).unwrap();
        number(sheet, (1, 2), 72_654.0, "d mmmm yyyy");
        number(sheet, (1, 3), 0.375, "h:mm AM/PM");
        number(sheet, (1, 4), 45.0, "0");
    });
    let maps = [
        "--map",
        "id={Class}",
        "--map",
        "user name={Pupil}",
        "--map",
        "not before={Date} {Start}",
        "--map",
        "valid for={Minutes}m",
    ];
    plan(&bytes, &maps).showed(
        0,
        "1 link in 1 Space, about 1 s\nlesson times are in UTC\n\
         no leader in 1 Space: Biology\n  to make a leader link, run: \
         lessonspace launch --id Biology --leader\n\n\
         Biology\n  Ann  Sun 30 Nov 2098, 09:00 to 09:45 UTC  new\n",
        "columns sent: Class, Pupil, Date, Start, Minutes\n",
    );
}

#[test]
fn the_first_visible_sheet_is_read_and_the_others_are_listed() {
    let mut book = Workbook::new();
    book.add_worksheet();
    book.add_worksheet().set_name("Old").unwrap().set_hidden(true).write(0, 0, "id").unwrap();
    let sheet = book.add_worksheet().set_name("Class 7b").unwrap();
    sheet.write_string(0, 1, "Autumn term").unwrap();
    sheet.write_row(3, 1, ["id", "user name"]).unwrap();
    sheet.write_row(4, 1, ["a", "Ann"]).unwrap();
    let sheet = book.add_worksheet().set_name("Class 8").unwrap();
    sheet.write_row(0, 0, ["id", "user name"]).unwrap();
    sheet.write_row(1, 0, ["b", "Bob"]).unwrap();
    book.add_worksheet();
    let bytes = book.save_to_buffer().unwrap();
    let others = |name: &str, others: &str| {
        format!(
            "only the sheet {name} is read; other sheets with content: {others} (choose one with \
             --sheet, or add --all-sheets)"
        )
    };
    let of_7b = others("Class 7b", "Old (hidden), Class 8");
    plan(&bytes, &[]).showed(
        0,
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  Ann  new\n",
        &format!(
            "the header is row 4; the rows above it are skipped\n\
             columns sent: id, user name\n\
             warning: {of_7b}\n"
        ),
    );
    let of_8 = others("Class 8", "Old (hidden), Class 7b");
    bodies(&bytes, &["--sheet", "Class 8"]).showed(
        0,
        BOB,
        &format!("{{\"warning\":\"{of_8}\"}}\n"),
    );
    plan(&bytes, &["--sheet", "Class8"]).refused(
        "error: roster.xlsx has no sheet named \"Class8\" (did you mean \"Class 8\"?); available sheets: \
         Sheet1, Old, Class 7b, Class 8, Sheet5\n",
    );
    plan(&bytes, &["--sheet", "Class 8", "--all-sheets"])
        .failed(2)
        .says(&["error: the argument '--sheet <NAME>' cannot be used with '--all-sheets'"]);
    let env = TestEnv::new();
    env.write("roster.csv", "id,user name\na,Ann\n");
    for flag in ["--sheet x", "--all-sheets"] {
        let output = env.run(&format!("batch roster.csv --dry-run {flag}"));
        let flag = flag.split(' ').next().unwrap();
        output.failed(2).says(&[&format!("error: {flag} works only with workbooks")]);
    }
    // Standard input is recognised by its bytes.
    env.cmd("batch - --dry-run --json").stdin(&bytes).run().succeeded(ANN);
    env.write("roster.dat", &bytes);
    env.run("batch roster.dat --dry-run --json --format xlsx").succeeded(ANN);
}

#[test]
fn a_roster_only_on_a_hidden_sheet_must_be_named() {
    let mut book = Workbook::new();
    book.add_worksheet();
    let sheet = book.add_worksheet().set_name("Old").unwrap().set_hidden(true);
    sheet.write_row(0, 0, ["id", "user name"]).unwrap();
    sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    plan(&bytes, &[]).refused(
        "error: roster.xlsx has data only in hidden sheets; to read one, add --sheet \"Old\"\n",
    );
    bodies(&bytes, &["--sheet", "Old"]).succeeded(ANN);
}

#[test]
fn a_heading_across_the_table_is_not_a_person() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let format = rust_xlsxwriter::Format::new();
    sheet.write_row(0, 0, ["Pupil", "E-mail", "Note"]).unwrap();
    sheet.merge_range(1, 0, 1, 2, "GCSE English", &format).unwrap();
    sheet.write_row(2, 0, ["Ann", "ann@example.org"]).unwrap();
    sheet.write_row(3, 0, ["Bob"]).unwrap();
    plan(&book.save_to_buffer().unwrap(), &["--map", "id=chem7", "--map", "user name={Pupil}"]).refused(
        "error: Sheet1, row 2 is a heading, not a person (its cell is merged across the columns); delete \
         the row\n",
    );
}

#[test]
fn all_sheets_are_one_roster_with_each_rows_sheet_first() {
    let school = School::open();
    let env = school.env();
    let mut book = sheets(&[
        ("7A", &[&["Class list"], &["user name", "Note"], &["Ann", "x"], &["Bob"]]),
        ("7B", &[&["E-Mail", "USER NAME", "Fee"], &["cy@example.org", "Cy", "12"]]),
        ("empty", &[]),
    ]);
    let sheet = book.add_worksheet().set_name("Old").unwrap().set_hidden(true);
    sheet.write_row(0, 0, ["user name"]).unwrap();
    sheet.write_row(1, 0, ["Del"]).unwrap();
    env.write("roster.xlsx", book.save_to_buffer().unwrap());
    let run = "batch roster.xlsx --all-sheets --map id={sheet} --rate 0";
    env.run(&format!("{run} --dry-run")).showed(
        0,
        "3 links in 2 Spaces\n\
         no leader in 2 Spaces: 7A and 7B\n  to make a leader link, run: \
         lessonspace launch --id 7A --leader\n\n7A\n  Ann  new\n  Bob  new\n\n7B\n  Cy   new\n",
        "columns sent: sheet, user name, E-Mail\n\
         columns kept but not sent: Note, Fee\n\
         warning: hidden sheets are not read: Old (read one with --sheet)\n",
    );
    env.run(&format!("{run} -o links.csv")).succeeded("");
    // The links file is one sheet, with or without the flags.
    env.run(&format!("{run} -o links.xlsx")).succeeded("");
    for name in ["links.csv", "links.xlsx"] {
        for flags in ["", " --all-sheets --map id={sheet}"] {
            let again = env.run(&format!("batch {name} -o {name} --rate 0 --resume{flags}"));
            again.succeeded("").says(&["all 3 links are still good"]);
        }
    }
    let text = std::fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert_eq!(
        text.lines().next(),
        Some(
            "sheet,user name,Note,E-Mail,Fee,link_status,client_url,expires_at,room_id,link_error"
        )
    );
    let links = crate::roster::links(&env, "links.csv");
    let cells: Vec<_> = links
        .iter()
        .map(|row| {
            ["sheet", "user name", "Note", "E-Mail", "Fee", "link_status"].map(|it| &*row[it])
        })
        .collect();
    assert_eq!(
        cells,
        [
            ["7A", "Ann", "x", "", "", "created"],
            ["7A", "Bob", "", "", "", "existing"],
            ["7B", "Cy", "", "cy@example.org", "12", "created"],
        ]
    );
    // An error names the cell in its own sheet.
    let bytes = sheets(&[
        ("7A", &[&["user name"], &["Ann"]]),
        ("7 B", &[&["Note", "email"], &["x", "cy"]]),
    ]);
    env.write("roster.xlsx", { bytes }.save_to_buffer().unwrap());
    env.run(&format!("{run} --dry-run")).refused(
        "error: '7 B'!B2, email (id \"7 B\"): \"cy\" is not a valid email address; expected one such as \
         anna@example.org\n",
    );
    assert_eq!(school.count(), 6);
}

#[test]
fn filling_down_stops_at_the_end_of_the_sheet() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let recipe = "all_sheets = true\nfill_down = [\"Group\"]\n[map]\nid = \"{Group}\"\n";
    env.write("fill.toml", recipe);
    let run = "batch roster.xlsx --recipe fill.toml --dry-run";
    let header = ["Group", "user name"];
    let book = |group| {
        sheets(&[
            ("7A", &[&header, &["g1", "Ann"], &["", "Bob"]]),
            ("7B", &[&header, &[group, "Cy"]]),
        ])
    };
    let body =
        |id: &str, name: &str| format!("{{\"id\":\"{id}\",\"user\":{{\"name\":\"{name}\"}}}}\n");
    env.write("roster.xlsx", book("g2").save_to_buffer().unwrap());
    let all = [body("g1", "Ann"), body("g1", "Bob"), body("g2", "Cy")];
    env.run(&format!("{run} --json")).succeeded(&all.concat());
    env.write("roster.xlsx", book("").save_to_buffer().unwrap());
    env.run(run).refused("error: '7B'!A2, [map] id: {Group} is empty; each row needs a Space id\n");
}

#[test]
fn merged_cells_apply_to_all_their_rows() {
    let bytes = workbook(&["id", "user name", "space name"], |sheet| {
        let format = Format::new();
        sheet.merge_range(1, 0, 2, 0, "chem7", &format).unwrap();
        sheet.merge_range(1, 2, 3, 2, "Chemistry", &format).unwrap();
        for (row, name) in (1..).zip(["Ann", "Bob", "Cy"]) {
            sheet.write_string(row, 1, name).unwrap();
        }
        sheet.write_string(3, 0, "chem8").unwrap();
    });
    bodies(&bytes, &[]).succeeded(
        "{\"id\":\"chem7\",\"user\":{\"name\":\"Ann\"},\"name\":\"Chemistry\"}\n\
         {\"id\":\"chem7\",\"user\":{\"name\":\"Bob\"},\"name\":\"Chemistry\"}\n\
         {\"id\":\"chem8\",\"user\":{\"name\":\"Cy\"},\"name\":\"Chemistry\"}\n",
    );
}

#[test]
fn a_hidden_column_is_mentioned_only_if_it_is_sent() {
    let bytes = workbook(&["id", "user name", "role", "Need"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann", "student", "SEN"]).unwrap();
        sheet.set_column_hidden(2).unwrap();
        sheet.set_column_hidden(3).unwrap();
    });
    plan(&bytes, &[]).showed(
        0,
        "1 link in 1 Space, about 1 s\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  Ann  new\n",
        "columns sent: id, user name, role\n\
         columns kept but not sent: Need\n\
         warning: a hidden column is sent: role\n",
    );
}

#[test]
fn skipped_hidden_rows_keep_their_links_and_have_their_own_status() {
    let school = School::open();
    let env = school.env();
    let roster = |rows: &[[&str; 3]], hidden: &[u32]| {
        workbook(&["id", "user id", "Note"], |sheet| {
            for (row, cells) in (1..).zip(rows) {
                sheet.write_row(row, 0, *cells).unwrap();
            }
            for row in hidden {
                sheet.set_row_hidden(*row).unwrap();
            }
        })
    };
    let people = [["a", "1", ""], ["a", "2", ""]];
    let run = "batch roster.xlsx -o links.csv --rate 0";
    // A hidden row with nothing to send needs no decision.
    env.write("roster.xlsx", roster(&[people[0], people[1], ["", "", "x"]], &[2, 3]));
    env.run(run).refused(
        "error: 1 row is hidden (by hand or by a filter) and would be sent: Sheet1, row 3; add \
         --hidden skip to leave it out, or --hidden include to send it\n",
    );
    env.run(&format!("{run} --hidden skip")).showed(
        0,
        "",
        "columns sent: id, user id\n\
         columns kept but not sent: Note\n\
         1 link in 1 Space\n\
         left out: 1 hidden row\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\
         sent 1: 1 new Space; 2 skipped\n\
         links saved to links.csv (only you can read it); each link is personal\n",
    );
    assert_eq!(statuses(&env, "links.csv"), ["created", "skipped", "skipped"]);
    // The links file does not hide the row, but still leaves it out.
    for flags in ["", " --hidden skip"] {
        let again = env.run(&format!("batch links.csv -o links.csv --rate 0 --resume{flags}"));
        again.succeeded("").says(&["the link is still good; 2 skipped"]);
    }
    env.write("roster.xlsx", roster(&people, &[2]));
    env.run(&format!("{run} --hidden include --resume")).succeeded("");
    let all = links(&env, "links.csv");
    assert_eq!(statuses(&env, "links.csv"), ["created", "existing"]);
    env.run(&format!("{run} --hidden skip --resume")).succeeded("");
    assert_eq!(links(&env, "links.csv"), all);
    assert_eq!(school.count(), 2);
    // Rows excluded by `--only` need no decision either.
    env.run("batch roster.xlsx --only user-id=1 --rate 0 --dry-run").succeeded(
        "1 link in 1 Space\nleft out: 1 row (--only)\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  1  new\n",
    );
    env.write("roster.xlsx", roster(&people, &[1, 2]));
    env.run("batch roster.xlsx -o other.csv --hidden skip")
        .refused("error: --hidden skip excludes every row\n");
}

#[test]
fn a_sheet_without_an_id_column_is_one_problem() {
    let bytes = workbook(&["Class", "First name", "Last name", "E-mail"], |sheet| {
        for row in 1..30 {
            sheet.write_row(row, 0, ["7b", "Ann", "Smith", "ann@example.org"]).unwrap();
        }
    });
    plan(&bytes, &[]).refused("error: header: no column for the Space id in the first 20 rows; columns: Class, First name, \
         Last name, E-mail; add --map 'id={Class}' --map 'user name={First name} {Last name}'\n",);
    let bytes = sheets(&[("Cover", &[&["Our school"]]), ("7b", &[&["id"]])]);
    plan(&{ bytes }.save_to_buffer().unwrap(), &[]).refused(
        "error: header: no column for the Space id in the first 20 rows; columns: Our school; add --map \
         'id=chem7' to use one Space for all rows (read from sheet Cover; other sheets: 7b; \
         choose one with --sheet)\n",
    );
}

#[test]
fn unreadable_files_are_reported_with_advice() {
    let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and no more".as_slice();
    for (name, bytes, message) in [
        (
            "a.xlsx",
            b"id,user name\na,Ann\n".as_slice(),
            "is text, not a workbook, despite its name; add --format csv, or open it in Excel and save \
             it as .xlsx",
        ),
        ("a.xlsx", b"", "is empty; save the roster again"),
        (
            "a.xls",
            b"<html><table></table></html>",
            "is a web page saved as .xls; open it in Excel and save it as .xlsx",
        ),
        (
            "a.xls",
            b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>",
            "is an XML file saved as .xls; open it in Excel and save it as .xlsx",
        ),
        (
            "a.numbers",
            b"PK",
            "is a Numbers workbook; in Numbers, choose File > Export To > Excel and use the exported \
             file",
        ),
        (
            "a.gsheet",
            b"{}",
            "is only a shortcut to a Google Sheet; open it, choose File > Download > Microsoft Excel \
             (.xlsx) and use that file",
        ),
        (
            "a.xlsb",
            b"PK",
            "is an Excel binary workbook (.xlsb); open it in Excel and save it as .xlsx",
        ),
        (
            "a.fods",
            b"<x/>",
            "is a flat OpenDocument file (.fods); open it in LibreOffice and save it as .ods or .xlsx",
        ),
        (
            "~$a.xlsx",
            b"x",
            "is the lock file that Excel keeps while a.xlsx is open; use a.xlsx instead",
        ),
        (
            "a.csv",
            ole,
            "is not text but an older Office file (.xls or .doc); open it and save the table as .xlsx",
        ),
        ("b.csv", b"%PDF-1.7", "is a PDF; export the list as .xlsx or .csv instead"),
        ("c.csv", b"\x89PNG\r\n", "is a picture; export the list as .xlsx or .csv instead"),
    ] {
        let env = TestEnv::new();
        env.write(name, bytes);
        env.run(&format!("batch {name} --dry-run")).refused(&format!("error: {name} {message}\n"));
    }
    for (name, bytes) in [("a.xlsx", b"PK\x03\x04 and no more".as_slice()), ("a.xls", ole)] {
        let env = TestEnv::new();
        env.write(name, bytes);
        env.run(&format!("batch {name} --dry-run")).failed(2).says(&[
            &format!("error: {name} is damaged ("),
            "); open it in Excel and save it again\n",
        ]);
    }
    TestEnv::new().run("batch https://example.org/a.xlsx --dry-run").refused(
        "error: https://example.org/a.xlsx is a web address; download the file and use the download\n",
    );
}

#[test]
fn an_ods_truncated_anywhere_is_damaged() {
    let row = |cells: &[&str]| {
        let cell = |text: &&str| {
            format!(
                "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
            )
        };
        let cells: String = cells.iter().map(cell).collect();
        format!("<table:table-row>{cells}</table:table-row>")
    };
    let (id, ann) = (row(&["id", "user name"]), row(&["a", "Ann"]));
    let whole = format!(
        "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"ta\"><office:body>\
         <office:spreadsheet><table:table table:name=\"S\">{id}{ann}</table:table></office:spreadsheet>\
         </office:body></office:document-content>"
    );
    let ods = |content: &str| {
        use std::io::Write as _;
        let mut file = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", "<m/>"),
            ("content.xml", content),
        ] {
            file.start_file(name, options).unwrap();
            file.write_all(content.as_bytes()).unwrap();
        }
        file.finish().unwrap().into_inner()
    };
    let env = TestEnv::new();
    env.write("a.ods", ods(&whole));
    env.run("batch a.ods --dry-run --json").succeeded(ANN);
    for end in [
        "</table:table-row>",
        "</text:p>",
        "</table:table>",
        "</office:body>",
        "user name",
        "<table:ta",
    ] {
        let cut = whole.find(end).unwrap() + end.len();
        env.write("a.ods", ods(&whole[..cut]));
        env.run("batch a.ods --dry-run")
            .failed(2)
            .says(&["error: a.ods is damaged (", "); open it in Excel and save it again\n"]);
    }
    env.write("a.ods", ods(&whole.replacen("</text:p>", "</text:q>", 1)));
    env.run("batch a.ods --dry-run").failed(2).says(&["error: a.ods is damaged ("]);
}

#[test]
fn a_spreadsheet_can_be_sent_and_its_links_written_as_csv() {
    let school = School::open();
    let env = school.env();
    let bytes = workbook(&["id", "user id", "user name", "notes"], |sheet| {
        sheet.write_row(1, 0, ["a", "1", "Änne", "=1+1"]).unwrap();
        sheet.write_row(3, 0, ["a", "2", "Bob", ""]).unwrap();
    });
    env.write("roster.xlsx", bytes);
    env.run("batch roster.xlsx -o links.csv --rate 0").succeeded("");
    let links = crate::roster::links(&env, "links.csv");
    crate::roster::assert_all_linked(&links);
    assert_eq!(links[0]["notes"], "'=1+1");
    assert_eq!(links[0]["user name"], "Änne");
    // The rows are the same in every format.
    env.run("batch links.csv -o links2.csv --rate 0").succeeded("");
    env.run("batch roster.xlsx -o links.csv --resume").succeeded("");
    assert_eq!(school.count(), 4);
}

/// `data/class.xls` is an Excel 97 workbook, which nothing here can write: a title and two people,
/// with a numeric id, a boolean and a date.
#[test]
fn an_old_xls_is_read_like_an_xlsx() {
    let env = TestEnv::new();
    env.write("class.xls", include_bytes!("data/class.xls"));
    env.run("batch class.xls --dry-run --json").succeeded(
        "{\"id\":\"101\",\"user\":{\"name\":\"Zoë 李\",\"leader\":true},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T15:30:00Z\"}}\n\
         {\"id\":\"101\",\"user\":{\"name\":\"Anna\",\"leader\":false},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T15:30:00Z\"}}\n",
    );
}

#[test]
fn a_sheet_without_a_header_is_refused_with_all_sheets() {
    let book = sheets(&[
        ("7a", &[&["user name", "leader"], &["Anna", "x"]]),
        ("7b", &[&["Cy", ""], &["Di", ""], &["Eve", "x"]]),
    ]);
    let bytes = { book }.save_to_buffer().unwrap();
    plan(&bytes, &["--all-sheets", "--map", "id={sheet}"]).refused(
        "error: header: sheet 7b: no known or mapped columns; add a header row, or hide the sheet\n",
    );
}
