//! `batch` reads a roster: every kind of CSV that Excel and other programs write.

use crate::roster::{records, table};
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

fn utf_16(text: &str, little: bool) -> Vec<u8> {
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
fn a_workbook_is_named_with_what_to_do() {
    for (bytes, name) in [
        (b"PK\x03\x04\x14\0\x06\0".as_slice(), ".xlsx"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xls"),
    ] {
        plan(bytes, "").failed(2).says(&[name, "CSV UTF-8"]);
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

/// Cells that are hard to write: every special character, and text beyond ASCII.
fn wild_rows(seed: u64, rows: usize, columns: usize) -> Vec<Vec<String>> {
    let pieces = [
        "",
        "a",
        "B c",
        ",",
        ";",
        "\t",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "'",
        "=",
        "+1",
        "-",
        "@",
        "ä",
        "日本",
        "🎓",
        " ",
        "\u{a0}",
        "\\",
        "x\u{feff}",
        "0012",
        "#",
    ];
    let mut random = fastrand::Rng::with_seed(seed);
    let mut cell = |column: usize, row: usize| {
        if column == 0 {
            return format!("space {row}");
        }
        (0..random.usize(0..5)).map(|_| pieces[random.usize(0..pieces.len())]).collect::<String>()
    };
    (0..rows).map(|row| (0..columns).map(|column| cell(column, row)).collect()).collect()
}

/// Runs the roster, and compares LINKS with it cell for cell, guards taken away.
fn comes_back(bytes: &[u8], expected: &[Vec<String>], delimiter: u8, flags: &str) {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", bytes);
    let output = env.run(&format!("batch roster.csv -o links.csv --rate 0 -q {flags}"));
    output.succeeded("");
    let links = std::fs::read(env.path("work/links.csv")).unwrap();
    let text = links.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&links);
    let (header, rows) = records(text, delimiter);
    let width = expected[0].len();
    assert_eq!(header[..width], expected[0]);
    assert_eq!(rows.len(), expected.len() - 1);
    for (row, expected) in rows.iter().zip(&expected[1..]) {
        for (cell, expected) in row.iter().zip(expected) {
            let starts_so =
                expected.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
            let guard = if starts_so { "'" } else { "" };
            assert_eq!(cell, &format!("{guard}{expected}"), "in {expected:?}");
        }
        assert_eq!(row[width], "created");
    }
    // LINKS is a roster: nothing is asked for again, and its own LINKS is the same but for links.
    env.run("batch links.csv -o again.csv --rate 0 -q").succeeded("");
    let again = std::fs::read(env.path("work/again.csv")).unwrap();
    let again = again.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&again);
    let (header_again, rows_again) = records(again, delimiter);
    assert_eq!(header_again, header);
    for (row, again) in rows.iter().zip(&rows_again) {
        assert_eq!(row[..width], again[..width]);
    }
}

fn wild_table(seed: u64) -> Vec<Vec<String>> {
    let header = ["id", "note", "Klasse", "ünï"].map(str::to_owned).to_vec();
    let mut table = vec![header];
    table.extend(wild_rows(seed, 25, 4));
    table
}

/// As Excel writes: quotes only where they must be, CRLF, a BOM.
fn as_excel(table: &[Vec<String>], delimiter: char) -> String {
    let cell = |cell: &String| {
        if cell.contains([delimiter, '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line =
        |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(&delimiter.to_string());
    table.iter().map(|row| format!("{}\r\n", line(row))).collect()
}

#[test]
fn what_excel_writes_comes_back_cell_for_cell() {
    for seed in 0..4 {
        let table = wild_table(seed);
        comes_back(format!("\u{feff}{}", as_excel(&table, ',')).as_bytes(), &table, b',', "");
        comes_back(format!("\u{feff}{}", as_excel(&table, ';')).as_bytes(), &table, b';', "");
        // "Unicode text" is UTF-16 with tabs.
        let text = format!("\u{feff}{}", as_excel(&table, '\t'));
        comes_back(&utf_16(&text, true), &table, b'\t', "");
    }
}

#[test]
fn what_python_writes_comes_back_cell_for_cell() {
    let script = "import csv, json, sys\n\
        rows, kind = json.load(sys.stdin)\n\
        quoting = {'minimal': csv.QUOTE_MINIMAL, 'all': csv.QUOTE_ALL, 'unix': csv.QUOTE_ALL}[kind]\n\
        end = '\\n' if kind == 'unix' else '\\r\\n'\n\
        sys.stdout.reconfigure(encoding='utf-8', newline='')\n\
        csv.writer(sys.stdout, quoting=quoting, lineterminator=end).writerows(rows)\n";
    for (seed, kind) in [(10, "minimal"), (11, "all"), (12, "unix"), (13, "minimal")] {
        let table = wild_table(seed);
        let bytes = python(script, &serde_json::json!([table, kind]).to_string())
            .unwrap_or_else(|| in_the_crates_dialect(&table, kind));
        comes_back(&bytes, &table, b',', "");
    }
}

/// What `python3` prints for this script and input; nothing if there is no Python.
fn python(script: &str, input: &str) -> Option<Vec<u8>> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// The same dialects, as the csv crate writes them.
fn in_the_crates_dialect(table: &[Vec<String>], kind: &str) -> Vec<u8> {
    let quoting =
        if kind == "minimal" { csv::QuoteStyle::Necessary } else { csv::QuoteStyle::Always };
    let end = if kind == "unix" { csv::Terminator::Any(b'\n') } else { csv::Terminator::CRLF };
    let mut writer =
        csv::WriterBuilder::new().quote_style(quoting).terminator(end).from_writer(Vec::new());
    for row in table {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
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
