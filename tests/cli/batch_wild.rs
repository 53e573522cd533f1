//! LINKS has every cell of the roster unchanged except for guards, whatever program wrote the roster
//! and whatever characters the cell contains.

use crate::batch_roster::utf_16;
use crate::roster::records;
use crate::school::School;

/// Cells that are hard to quote: every special character, and non-ASCII text.
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
        if column < 2 {
            return format!("{}{row}", ["space-", "Person "][column]);
        }
        (0..random.usize(0..5)).map(|_| pieces[random.usize(0..pieces.len())]).collect::<String>()
    };
    (0..rows).map(|row| (0..columns).map(|column| cell(column, row)).collect()).collect()
}

/// Runs the roster, and compares LINKS with it cell for cell, without guards.
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
    // LINKS is a roster too, and its own LINKS differs only in the links.
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
    let header = ["id", "user name", "note", "Klasse", "ünï"].map(str::to_owned).to_vec();
    let mut table = vec![header];
    table.extend(wild_rows(seed, 25, 5));
    table
}

/// CSV as Excel writes it: quotes only where required, CRLF, a BOM.
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
fn every_cell_of_an_excel_file_is_unchanged() {
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
fn every_cell_of_a_file_written_by_python_is_unchanged() {
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

/// The output of `python3` for this script and input; `None` without Python.
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

/// The same dialects, as written by the csv crate.
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
