//! `batch` reads rosters in every kind of CSV that Excel and other programs write.

use crate::roster::table;
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// Two rows with non-ASCII text, and the bodies for them.
const ROSTER: &str = "id,user id,user name\na,1,Änne\nb,2,Bob\n";
const BODIES: &str = "{\"id\":\"a\",\"user\":{\"id\":\"1\",\"name\":\"Änne\"}}\n\
                      {\"id\":\"b\",\"user\":{\"id\":\"2\",\"name\":\"Bob\"}}\n";

/// The plan of a roster in these bytes; no key, no API, no `-o`.
fn plan(bytes: impl AsRef<[u8]>, flags: &str) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", bytes);
    env.run(&format!("batch roster.csv --dry-run {flags}"))
}

/// The bodies that would be sent for a roster in these bytes.
fn bodies(bytes: impl AsRef<[u8]>, flags: &str) -> Output {
    plan(bytes, &format!("{flags} --json"))
}

/// Exit code 2 and exactly this error.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, flags: &str, error: &str) {
    let output = plan(bytes, flags);
    output.failed(2);
    assert_eq!(output.stderr, error, "{output}");
}

/// A text as UTF-16, without adding a BOM.
pub(crate) fn utf_16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

#[test]
fn every_delimiter_and_line_ending_gives_the_same_bodies() {
    for delimiter in [",", ";", "\t"] {
        for end in ["\n", "\r\n", "\r"] {
            let roster = ROSTER.replace(',', delimiter).replace('\n', end);
            bodies(&roster, "").succeeded(BODIES);
            bodies(roster.trim_end(), "").succeeded(BODIES);
            bodies(format!("\u{feff}{roster}"), "").succeeded(BODIES);
        }
    }
}

#[test]
fn utf_16_is_read_with_and_without_a_bom() {
    for little in [true, false] {
        for text in [ROSTER.to_owned(), format!("\u{feff}{ROSTER}")] {
            bodies(utf_16(&text.replace(',', "\t"), little), "").succeeded(BODIES);
        }
    }
}

#[test]
fn a_sep_line_sets_the_delimiter() {
    for first in ["sep=;", "SEP=;", "\"sep=;\"", "\u{feff}sep=;"] {
        bodies(format!("{first}\r\n{}", ROSTER.replace(',', ";")), "").succeeded(BODIES);
    }
    // `sep=` may name any character.
    bodies(format!("sep=|\n{}", ROSTER.replace(',', "|")), "").succeeded(BODIES);
    // A header with one column contains no delimiter to detect.
    bodies("sep=;\nid\na;\n", "--guest").succeeded("{\"id\":\"a\"}\n");
}

#[test]
fn blank_lines_and_missing_or_surplus_empty_cells_are_ignored() {
    let roster = "\n\nid,user id,user name,role\n\na,1,Änne\n\n  \n,,,\nb,2,Bob,,,\n\n\n";
    bodies(roster, "").succeeded(BODIES);
    // No-break spaces count as whitespace.
    let roster = "id,user id,user name\na,1,Änne\n\u{a0},\u{2003}\u{a0}\n\"\u{a0}\",\nb,2,Bob\n";
    bodies(roster, "").succeeded(BODIES);
}

#[test]
fn quoted_cells_may_contain_delimiters_quotes_and_newlines() {
    let roster = "id,display name,\"user\nname\"\r\na,\"O\"\"Neill, Ann\",1a\r\n\"b\",\"two\r\nlines\",2b\r\n";
    let display = |name: &str| {
        format!("\"custom_jwt_parameters\":{{\"meta\":{{\"displayName\":\"{name}\"}}}}")
    };
    let (first, second) = (display("O\\\"Neill, Ann"), display("two\\r\\nlines"));
    bodies(roster, "").succeeded(&format!(
        "{{\"id\":\"a\",\"user\":{{{first},\"name\":\"1a\"}}}}\n\
         {{\"id\":\"b\",\"user\":{{{second},\"name\":\"2b\"}}}}\n"
    ));
}

#[test]
fn lines_are_numbered_as_in_an_editor() {
    let roster =
        "\nid,user name,display name,leader\n\na,Ann,\"two\nlines\",maybe\n\nb,Bob,,perhaps\n";
    refused(roster, "", "error: leader: expected yes or no: lines 4 and 7\n");
}

#[test]
fn windows_1252_is_suggested_and_is_read_on_request() {
    let bytes: Vec<u8> =
        ROSTER.chars().map(|c| if c == 'Ä' { 0xc4 } else { c.try_into().unwrap() }).collect();
    refused(
        &bytes,
        "",
        "error: roster.csv is not UTF-8 (line 2); if Excel wrote the roster, add --encoding \
         windows-1252, or save it as \"CSV UTF-8 (comma delimited)\"\n",
    );
    bodies(&bytes, "--encoding windows-1252").succeeded(BODIES);
    bodies(&bytes, "--encoding WINDOWS-1252").succeeded(BODIES);
    refused(
        &bytes,
        "--encoding klingon",
        "error: roster.csv cannot be read: unknown encoding \"klingon\"; common encodings are utf-8, utf-16le and \
         windows-1252\n",
    );
    // A BOM takes precedence.
    bodies(format!("\u{feff}{ROSTER}"), "--encoding windows-1252").succeeded(BODIES);
}

#[test]
fn a_workbook_named_like_a_text_file_is_reported_with_advice() {
    for (bytes, words) in [
        (b"PK\x03\x04\x14\0\x06\0".as_slice(), "is a workbook, not text; rename the file to .xlsx"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "is not text but an older Office file"),
    ] {
        plan(bytes, "").failed(2).says(&[words]);
    }
}

#[test]
fn errors_in_quotes_and_cells_are_reported_with_their_line() {
    for (roster, error) in [
        (
            "id,user name\na,Ann\nb,\"Bob\nc,Cem\n",
            "error: roster.csv: unclosed quote (\") on line 3; to use a quote inside a cell, write it \
             twice\n",
        ),
        (
            "id,user name\na,\"Ann\" B\n",
            "error: roster.csv: text after a closing quote (\") on line 2, in the cell that starts on \
             line 2; to use a quote inside a cell, write it twice\n",
        ),
        (
            "id,user name\na,Ann\nb,Bob, Cem\n",
            "error: line 3 (id \"b\"): more cells than the header (2 columns); put double quotes around any \
             cell that contains a comma\n",
        ),
        (
            "id;user name\na;Ann\nb;Bob;;x\n",
            "error: line 3 (id \"b\"): more cells than the header (2 columns); put double quotes around any \
             cell that contains a semicolon\n",
        ),
    ] {
        refused(roster, "", error);
    }
}

#[test]
fn a_duplicate_header_name_is_refused() {
    for (header, twice) in [
        ("id,user name,User-Name", "columns \"user name\" and \"User-Name\" mean the same thing"),
        ("id,user name,user.name", "columns \"user name\" and \"user.name\" mean the same thing"),
        ("id,user name,notes,Notes", "columns \"notes\" and \"Notes\" mean the same thing"),
        ("id,user name,notes,notes", "column \"notes\" appears twice"),
        ("id,user id,role,user role", "columns \"role\" and \"user role\" mean the same thing"),
    ] {
        let cells = ["a", "b", "student", "student"];
        let row = cells[..header.split(',').count()].join(",");
        let error = format!("error: header: {twice}; rename or remove one\n");
        refused(format!("{header}\n{row}\n"), "", &error);
    }
}

#[test]
fn rows_that_repeat_the_header_are_skipped() {
    let roster =
        "id,user id,user name\na,1,Änne\nid,user id,user name\nID,User ID,User Name\nb,2,Bob\n";
    bodies(roster, "").succeeded(BODIES);
    let output = plan(roster, "");
    output.says(&["2 rows repeat the header and are skipped\n"]);
    // A row with more text than the header is data.
    plan("id,user name\na,Ann\nid,user name x\n", "")
        .says(&["columns sent"])
        .does_not_say(&["repeat"]);
}

#[test]
fn a_roster_without_rows_is_refused() {
    let empty = "error: roster.csv is empty; the first line must contain the column names\n";
    refused("", "", empty);
    refused("\n \n", "", empty);
    for roster in ["id,user name\n", "id,user name\n,\n\n", "\u{feff}id\r\n"] {
        refused(roster, "", "error: the roster has no rows\n");
    }
    let env = TestEnv::new();
    env.write("none.jsonl", "\n\n");
    let output = env.run("batch none.jsonl --dry-run");
    output.failed(2).says(&["error: none.jsonl is empty; it must contain JSON objects"]);
    env.run("batch not-there.csv --dry-run")
        .failed(2)
        .says(&["error: not-there.csv does not exist\n"]);
}

#[test]
fn a_roster_may_come_from_standard_input() {
    let env = TestEnv::new();
    env.cmd("batch - --dry-run --json").stdin(ROSTER).run().succeeded(BODIES);
    env.cmd("batch - --dry-run --json --format jsonl").stdin(BODIES).run().succeeded(BODIES);
    for flags in ["--file -", "--recipe -", "--api-key-file - -o links.csv"] {
        let output = env.cmd(&format!("batch - {flags} --dry-run")).stdin(ROSTER).run();
        output.failed(2);
        let error = "error: -: standard input can be read only once; use - for one input and files for the others\n";
        assert_eq!(output.stderr, error, "{output}");
    }
    let output = env.cmd("batch --dry-run").silent_stdin().run();
    output.failed(2);
    assert_eq!(
        output.stderr,
        "error: ROSTER is required (a spreadsheet, a CSV or JSON file, an export, a calendar, or - for \
         standard input)\nhint: for example: lessonspace batch roster.csv -o links.csv\n"
    );
}

#[test]
fn only_blank_rows_are_omitted_from_links() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,notes\n\na,x\n,\nb\n");
    env.run("batch roster.csv -o links.csv --rate 0 -q --guest").succeeded("");
    let (_, rows) = table(&env.path("work/links.csv"));
    let own: Vec<_> = rows.iter().map(|row| row[..2].to_vec()).collect();
    assert_eq!(own, [["a", "x"], ["b", ""]]);
}

#[test]
fn links_without_o_are_written_beside_the_roster_in_its_format() {
    let school = School::open();
    let env = school.env();
    std::fs::create_dir(env.path("work/sub")).unwrap();
    let book = crate::batch_sheets::workbook(&["id", "user name"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
    });
    for (roster, name) in [
        ("class.csv", "class-links.csv"),
        ("sub/class.tsv", "sub/class-links.tsv"),
        ("list.txt", "list-links.csv"),
        ("bodies.json", "bodies-links.jsonl"),
        ("class.XLSX", "class-links.xlsx"),
    ] {
        match roster.rsplit('.').next() {
            Some("XLSX") => env.write(roster, &book),
            Some("json") => env.write(roster, "[{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}]"),
            _ => env.write(roster, "id\tuser name\na\tAnn\n"),
        };
        let output = env.run(&format!("batch {roster} --rate 0"));
        output.succeeded("");
        let shown = if cfg!(windows) { name.replace('/', "\\") } else { name.to_owned() };
        let first = output.stderr.lines().next();
        assert!(first.is_some_and(|it| it.replace('\\', "/").ends_with(name)), "{shown}: {output}");
        assert!(env.path("work").join(name).is_file(), "{output}");
    }
    // A dry run does not require -o, and shows what an update would do.
    env.run("batch class.csv --dry-run").succeeded(
        "nothing to send: the link is still good\n\
         no leader in 1 Space: a\n  to make a leader link, run: \
         lessonspace launch --id a --leader\n\na\n  Ann  keep\n",
    );
    env.cmd("batch -")
        .stdin("id,user name\na,Ann\n")
        .run()
        .failed(2)
        .says(&["-o LINKS is required"]);
    for (links, error) in [
        (
            "none/links.csv",
            "none/links.csv: the folder none does not exist\n\
             hint: create the folder, or choose another place with -o",
        ),
        ("sub", "-o: sub is a folder, not a file"),
    ] {
        let output = env.run(&format!("batch class.csv -o {links}"));
        output.failed(2);
        assert_eq!(output.stderr, format!("error: {error}\n"), "{output}");
    }
}
