//! `batch` reads a roster: every kind of CSV that Excel and other programs write.

use crate::roster::table;
use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// Two rows with text beyond ASCII, and what is sent for them.
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

/// A text as UTF-16, without a BOM that is not in it.
pub(crate) fn utf_16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
        .collect()
}

#[test]
fn every_delimiter_and_line_end_gives_the_same_bodies() {
    for delimiter in [",", ";", "\t"] {
        for end in ["\n", "\r\n", "\r"] {
            let roster = ROSTER.replace(',', delimiter).replace('\n', end);
            plan(&roster, "").succeeded(BODIES);
            plan(roster.trim_end(), "").succeeded(BODIES);
            plan(format!("\u{feff}{roster}"), "").succeeded(BODIES);
        }
    }
}

#[test]
fn utf_16_is_read_with_and_without_a_bom() {
    for little in [true, false] {
        for text in [ROSTER.to_owned(), format!("\u{feff}{ROSTER}")] {
            plan(utf_16(&text.replace(',', "\t"), little), "").succeeded(BODIES);
        }
    }
}

#[test]
fn a_sep_line_names_the_delimiter() {
    for first in ["sep=;", "SEP=;", "\"sep=;\"", "\u{feff}sep=;"] {
        plan(format!("{first}\r\n{}", ROSTER.replace(',', ";")), "").succeeded(BODIES);
    }
    // Any character may be named.
    plan(format!("sep=|\n{}", ROSTER.replace(',', "|")), "").succeeded(BODIES);
    // The header of one column has no delimiter to count.
    plan("sep=;\nid\na;\n", "").failed(2).says(&["line 3", "2 cells", "1 column"]);
}

#[test]
fn blank_lines_and_missing_trailing_cells_are_nothing() {
    let roster = "\n\nid,user id,user name,role\n\na,1,Änne\n\n  \n,,,\nb,2,Bob,\n\n\n";
    plan(roster, "").succeeded(BODIES);
}

#[test]
fn quoted_cells_hold_delimiters_quotes_and_newlines() {
    let roster =
        "id,user name,\"user\nid\"\r\na,\"O\"\"Neill, Ann\",1\r\n\"b\",\"two\r\nlines\",2\r\n";
    plan(roster, "").succeeded(
        "{\"id\":\"a\",\"user\":{\"name\":\"O\\\"Neill, Ann\",\"id\":\"1\"}}\n\
         {\"id\":\"b\",\"user\":{\"name\":\"two\\r\\nlines\",\"id\":\"2\"}}\n",
    );
}

#[test]
fn lines_are_numbered_as_an_editor_shows_them() {
    let roster = "\nid,user name,leader\n\na,\"two\nlines\",maybe\n\nb,Bob,perhaps\n";
    plan(roster, "").failed(2).says(&[
        "line 4, leader (id \"a\"): \"maybe\"",
        "line 7, leader (id \"b\"): \"perhaps\"",
        "2 problems",
    ]);
}

#[test]
fn windows_1252_is_named_and_read_when_it_is_asked_for() {
    let bytes: Vec<u8> =
        ROSTER.chars().map(|c| if c == 'Ä' { 0xc4 } else { c.try_into().unwrap() }).collect();
    plan(&bytes, "").failed(2).says(&["roster.csv", "line 2", "--encoding windows-1252"]);
    plan(&bytes, "--encoding windows-1252").succeeded(BODIES);
    plan(&bytes, "--encoding WINDOWS-1252").succeeded(BODIES);
    plan(&bytes, "--encoding klingon").failed(2).says(&["klingon", "windows-1252"]);
    // A BOM knows better.
    plan(format!("\u{feff}{ROSTER}"), "--encoding windows-1252").succeeded(BODIES);
}

#[test]
fn a_workbook_under_the_name_of_text_is_named_with_what_to_do() {
    for bytes in [b"PK\x03\x04\x14\0\x06\0".as_slice(), b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"] {
        plan(bytes, "").failed(2).says(&["is a workbook", "--format xlsx"]);
    }
}

#[test]
fn an_unclosed_quote_is_found_where_it_opens() {
    plan("id,user name\na,Ann\nb,\"Bob\nc,Cem\n", "").failed(2).says(&[
        "line 3",
        "quote",
        "never closed",
    ]);
    plan("id,user name\na,\"Ann\" B\n", "").failed(2).says(&["line 2", "after a closing quote"]);
}

#[test]
fn a_row_with_too_many_cells_is_refused() {
    plan("id,user name\na,Ann\nb,Bob, Cem\n", "").failed(2).says(&[
        "line 3",
        "3 cells",
        "2 columns",
        "comma",
    ]);
    // Without text in them, too: whose cells these are is anybody's guess.
    plan("id;user name\nb;Bob;;\n", "").failed(2).says(&["line 2", "4 cells", "semicolon"]);
}

#[test]
fn a_header_that_is_there_twice_is_refused() {
    for header in [
        "id,user name,User-Name",
        "id,user name,user.name",
        "id,email,user email",
        "id,notes,Notes",
        "id,features.chat.enabled,features.chat.enabled",
    ] {
        plan(format!("{header}\na,b,c\n"), "").failed(2).says(&["the header", "same"]);
    }
}

#[test]
fn a_roster_without_rows_is_refused() {
    for roster in ["", "\n \n", "id,user name\n", "id,user name\n,\n\n", "\u{feff}id\r\n"] {
        plan(roster, "").failed(2).says(&["roster.csv"]);
    }
    let env = TestEnv::new();
    env.write("none.jsonl", "\n\n");
    env.run("batch none.jsonl --dry-run").failed(2).says(&["none.jsonl", "no rows"]);
    env.run("batch not-there.csv --dry-run").failed(2).says(&["not-there.csv"]);
}

#[test]
fn standard_input_is_a_roster_too() {
    let env = TestEnv::new();
    env.cmd("batch - --dry-run").stdin(ROSTER).run().succeeded(BODIES);
    env.cmd("batch - --dry-run --format jsonl").stdin(BODIES).run().succeeded(BODIES);
    env.cmd("batch - --file - --dry-run")
        .stdin(ROSTER)
        .run()
        .failed(2)
        .says(&["standard input", "once"]);
    env.cmd("batch --dry-run").silent_stdin().run().failed(2).says(&["ROSTER"]);
}

#[test]
fn blank_rows_are_left_out_of_links_and_nothing_else_is() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,notes\n\na,x\n,\nb\n");
    env.run("batch roster.csv -o links.csv --rate 0 -q").succeeded("");
    let (_, rows) = table(&env.path("work/links.csv"));
    let own: Vec<_> = rows.iter().map(|row| row[..2].to_vec()).collect();
    assert_eq!(own, [["a", "x"], ["b", ""]]);
}
