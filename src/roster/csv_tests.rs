//! CSV as Excel and others write it, and what is refused.

use super::*;
use crate::roster::{ReadOptions, Roster, parse as read};
use proptest::prelude::*;

fn table(text: impl AsRef<[u8]>) -> Table {
    match read("class.csv", text.as_ref().to_vec(), &ReadOptions::default()) {
        Ok(Roster::Table(table)) => table,
        other => panic!("{other:?}"),
    }
}

fn refusal(text: impl AsRef<[u8]>) -> String {
    let read = read("class.csv", text.as_ref().to_vec(), &ReadOptions::default());
    read.expect_err("a bad roster").to_string()
}

fn texts(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(|cell| &*cell.text).collect()).collect()
}

fn lines(table: &Table) -> Vec<u32> {
    table.rows.iter().map(|row| row.line).collect()
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn every_encoding_of_excel_gives_the_same_cells() {
    let text = "id;user name\r\nbiology;Zo\u{eb}\r\n";
    let with_bom = format!("\u{feff}{text}");
    for (bytes, has_bom) in [
        (text.as_bytes().to_vec(), false),
        (with_bom.as_bytes().to_vec(), true),
        (utf_16(&with_bom, u16::to_le_bytes), true),
        (utf_16(&with_bom, u16::to_be_bytes), true),
        (utf_16(text, u16::to_le_bytes), true),
        (utf_16(text, u16::to_be_bytes), true),
    ] {
        let table = table(bytes);
        assert_eq!(texts(&table), [["id", "user name"], ["biology", "Zo\u{eb}"]]);
        let dialect =
            Dialect { delimiter: b';', has_separator_line: false, has_bom, line_end: "\r\n" };
        assert_eq!(table.dialect, dialect);
    }
}

#[test]
fn the_delimiter_is_the_one_that_most_rows_have() {
    for (text, delimiter) in [
        ("id;user name\nx;y", b';'),
        ("id,user name\nx;,y", b','),
        ("id\tuser name\nx\ty", b'\t'),
        ("id|user name\nx|y", b'|'),
        ("\"id,a,b\";user name\nx;y", b';'),
        ("id\nx", b','),
        // Titles above the header.
        ("Class list, autumn, 2026\n\nid;user name\nx;Ada\ny;Bo", b';'),
        ("Class list; autumn; 2026\nid,user name\nx,Ada\ny,Bo", b','),
        ("Class list, 2026\n\nid\tuser name\nx\tAda", b'\t'),
        // Within a column.
        ("Group,Students\nchem7,Ada Byron; Bo Li\nphys8,Del; Eve", b','),
        ("id;name;points\nx;Ada;1,5\ny;Bo;2,5", b';'),
        ("id,name,note\nx,Ada,a|b\ny,Bo,c|d", b','),
        // A tie: prose has a space after its commas, delimiters have none.
        ("Name, first;Class\nByron, Ada;7b\nLi, Bo;7c", b';'),
        ("Class,Name; first\n7b,Byron; Ada\n7c,Li; Bo", b','),
        ("Class,Name; first\n7b,Byron;Ada", b','),
        ("id,name;x\na,b;c", b';'),
        // Only one of them closes its quotes.
        ("Maths,7b\nroom,3\nfloor,2\nid;note\nx;6,\"", b';'),
    ] {
        assert_eq!(table(text).dialect.delimiter, delimiter, "{text:?}");
    }
}

#[test]
fn the_first_line_may_tell_the_delimiter() {
    for text in ["sep=|\r\nid|a,b\r\nx|y", "\"sep=|\"\nid|a,b\nx|y", "\n\nSEP=|\nid|a,b\nx|y"] {
        let table = table(text);
        assert!(table.dialect.has_separator_line);
        assert_eq!(texts(&table), [["id", "a,b"], ["x", "y"]]);
    }
    assert_eq!(texts(&table("sep=\t\nid\tname\nx\ty"))[0], ["id", "name"]);
    assert_eq!(texts(&table("sep=ab;c\nx;y"))[0], ["sep=ab", "c"]);
}

#[test]
fn blank_lines_vanish_and_cells_stay_as_many_as_they_are() {
    let table = table("\r\nid,a,b\r\n\r\n1\r\n,,\r\n\" \",,\r\n2,x\r\n3,x,y,,,\r\n4,5,6,7\r\n\r\n");
    assert_eq!(
        texts(&table),
        [
            &["id", "a", "b"][..],
            &["1"],
            &["2", "x"],
            &["3", "x", "y", "", "", ""],
            &["4", "5", "6", "7"],
        ]
    );
    assert_eq!(lines(&table), [2, 4, 7, 8, 9]);
}

#[test]
fn lines_are_counted_as_an_editor_counts() {
    let table = table("id,note\n\n1,\"two\nlines\"\n\n\n2,\"a\r\n\r\nb\"\r\n3,x\r4,y\r\n5,z");
    assert_eq!(lines(&table), [1, 3, 7, 10, 11, 12]);
    assert_eq!(texts(&table)[2], ["2", "a\r\n\r\nb"]);
}

#[test]
fn a_stray_quote_is_found_where_it_is() {
    assert_eq!(
        refusal("id,name\n1,\"Ann\n2,Bob\n"),
        "class.csv: unclosed quote (\") on line 2; to use a quote inside a cell, write it twice"
    );
    assert_eq!(
        refusal("id,name\n1,\"Ann\n2,\"Bob\",x\n"),
        "class.csv: text after a closing quote (\") on line 3, in the cell that starts on line 2; to \
         use a quote inside a cell, write it twice"
    );
    assert_eq!(
        texts(&table("id\n6\" ruler\n\"a \"\"b\"\"\" \n")),
        [["id"], ["6\" ruler"], ["a \"b\""]]
    );
}

#[test]
fn what_is_not_csv_is_named() {
    for (text, words) in [
        ("PK\u{3}\u{4}rest", "is a workbook, not text"),
        ("\n{\"id\": \"x\"}", "looks like JSON"),
        ("<!DOCTYPE html>\n<html>", "is a web page"),
        ("<?xml version=\"1.0\"?>", "is XML"),
        ("%PDF-1.7", "is a PDF"),
        ("id,name\n\0\0,x", "is not a text file"),
        ("", "is empty"),
        ("\r\n \r\n;;\r\n", "is empty"),
    ] {
        let message = refusal(text);
        assert!(message.contains(words) && message.starts_with("class.csv: "), "{message}");
    }
    assert_eq!(texts(&table("[Class],x\n")), [["[Class]", "x"]]);
    let sheet = ReadOptions { sheet: Some("A"), ..ReadOptions::default() };
    let error = read("class.csv", b"id,x".to_vec(), &sheet).expect_err("no sheets");
    assert_eq!(error.to_string(), "--sheet: works only with workbooks, not with class.csv");
}

#[test]
fn sizes_beyond_reason_are_refused() {
    let wide = |columns: usize| format!("id{}\n", ",".repeat(columns - 1));
    assert_eq!(table(wide(16_384)).width(), 16_384);
    assert!(refusal(wide(16_385)).contains("line 1 has more than 16,384 columns"));
    let large = |bytes: usize| format!("id,note\n1,{}\n", "x".repeat(bytes));
    assert_eq!(table(large(1 << 20)).rows.len(), 2);
    assert!(refusal(large((1 << 20) + 1)).contains("line 2 has a cell larger than 1 MiB"));
}

/// Cells that are hard on a reader: quotes, delimiters, newlines, other alphabets, BOMs.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{0,6}",
        "[\"';,\t\n\r a|\u{df}\u{e9}\u{6f22}\u{feff}=]{0,8}",
        proptest::string::string_regex("[^\u{0}]{0,6}").expect("a pattern"),
    ]
}

/// A header and rows that are not blank, of the same width.
fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..5).prop_flat_map(|width| {
        let row = proptest::collection::vec(cell(), width)
            .prop_filter("not blank", |row| row.iter().any(|cell| !cell.trim().is_empty()));
        proptest::collection::vec(row, 0..8).prop_map(move |mut rows| {
            rows.insert(0, (0..width).map(|column| format!("column {column}")).collect());
            rows
        })
    })
}

/// The number of the line at the end of the text, counted the slow way.
fn editor_lines(text: &str) -> u32 {
    let ends = text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count();
    u32::try_from(ends).expect("few") + 1
}

proptest! {
    #[test]
    fn what_was_written_comes_back_on_its_line(
        rows in rows(),
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        is_crlf: bool,
        always_quoted: bool,
        blank_lines: bool,
        spelling in 0..4,
    ) {
        let ending = if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let quotes = if always_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let (mut text, mut expected_lines) = (format!("sep={}\n", char::from(delimiter)), Vec::new());
        for row in &rows {
            expected_lines.push(editor_lines(&text));
            let mut writer = csv::WriterBuilder::new()
                .delimiter(delimiter)
                .terminator(ending)
                .quote_style(quotes)
                .from_writer(Vec::new());
            writer.write_record(row).expect("written");
            let bytes = writer.into_inner().expect("flushed");
            text.push_str(std::str::from_utf8(&bytes).expect("utf-8"));
            if blank_lines {
                text.push_str(if is_crlf { "\r\n" } else { "\n" });
            }
        }
        let bytes = match spelling {
            0 => text.clone().into_bytes(),
            1 => format!("\u{feff}{text}").into_bytes(),
            2 => utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes),
            _ => utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes),
        };
        let table = table(bytes);
        prop_assert_eq!(texts(&table), rows);
        prop_assert_eq!(lines(&table), expected_lines);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes: Vec<u8>, text in "[a\",;\r\n{}:\\[ ]{0,40}") {
        for bytes in [bytes, text.into_bytes()] {
            for name in ["a.csv", "a.jsonl", "a.xlsx", "a.xls", "-"] {
                let _ = read(name, bytes.clone(), &ReadOptions::default());
            }
        }
    }
}
