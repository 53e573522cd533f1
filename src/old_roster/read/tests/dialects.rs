//! CSV as Excel and others write it, and what is refused.

use super::*;
use std::path::Path;

const ROSTER: &str = "id;user name\r\nbiology;Zoë\r\n";

#[test]
fn every_encoding_of_excel_gives_the_same_cells() {
    let with_bom = format!("\u{feff}{ROSTER}");
    let spellings = [
        (ROSTER.as_bytes().to_vec(), true),
        (with_bom.as_bytes().to_vec(), true),
        (utf_16(&with_bom, u16::to_le_bytes), true),
        (utf_16(&with_bom, u16::to_be_bytes), true),
        (utf_16(ROSTER, u16::to_le_bytes), true),
        (utf_16(ROSTER, u16::to_be_bytes), true),
    ];
    for (bytes, wants_bom) in spellings {
        let roster = csv(bytes);
        assert_eq!(roster.header(), ["id", "user name"]);
        assert_eq!(table(&roster), [["biology", "Zoë"]]);
        assert_eq!((roster.wants_bom(), roster.line_end()), (wants_bom, LineEnd::CrLf));
    }
    assert!(!csv("id\nx\n").wants_bom());
    assert!(csv("\u{feff}id\nx\n").wants_bom());
    assert!(csv(utf_16("id\nx\n", u16::to_le_bytes)).wants_bom());
}

#[test]
fn windows_1252_is_named_and_read_when_asked_for() {
    let bytes = b"id,user name\nbiology,Zo\xeb\n".to_vec();
    assert_eq!(
        refusal(&bytes),
        "line 2 is not UTF-8; if Excel wrote the roster, add --encoding windows-1252, or save \
         it again as \"CSV UTF-8 (comma delimited)\""
    );
    let roster = Roster::read(
        bytes.clone(),
        &Reading { encoding: Some("windows-1252"), ..Reading::of(Format::Csv) },
    )
    .expect("read");
    assert_eq!(table(&roster), [["biology", "Zoë"]]);
    let unknown =
        Roster::read(bytes, &Reading { encoding: Some("latin-9000"), ..Reading::of(Format::Csv) })
            .expect_err("unknown");
    assert!(unknown.to_string().starts_with("unknown encoding \"latin-9000\""));
    let bom_wins = Roster::read(
        "\u{feff}id\nZoë".into(),
        &Reading { encoding: Some("windows-1252"), ..Reading::of(Format::Csv) },
    );
    assert_eq!(table(&bom_wins.expect("read")), [["Zoë"]]);
}

#[test]
fn workbooks_and_json_are_recognised() {
    assert!(refusal(b"PK\x03\x04rest").contains("is a workbook, not text"));
    assert!(refusal(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").contains("is a workbook, not text"));
    assert!(refusal("\n{\"id\": \"x\"}").contains("looks like JSON"));
    assert!(refusal("").contains("is empty"));
    assert!(refusal("\r\n \r\n;;\r\n").contains("is empty"));
    assert!(refusal([0xff, 0xfe, 0x00, 0xd8, b'x', 0]).contains("not UTF-16LE"));
}

#[test]
fn the_delimiter_is_what_the_header_has_most_of() {
    for (text, delimiter) in [
        ("id;user name\nx;y", b';'),
        ("id,user name\nx;,y", b','),
        ("id\tuser name\nx\ty", b'\t'),
        ("\"id,a,b\";user name\nx;y", b';'),
        ("id\nx;y", b','),
    ] {
        assert_eq!(csv(text).dialect().expect("csv").delimiter, delimiter, "{text:?}");
    }
    for text in ["sep=|\r\nid|a,b\r\nx|y", "\"sep=|\"\nid|a,b\nx|y", "\n\nSEP=|\nid|a,b\nx|y"] {
        let roster = csv(text);
        assert!(roster.dialect().expect("csv").separator_line);
        assert_eq!(roster.header(), ["id", "a,b"]);
        assert_eq!(table(&roster), [["x", "y"]]);
    }
    assert_eq!(csv("sep=\t\nid\tname\nx\ty").header(), ["id", "name"]);
    assert_eq!(csv("sep=ab;c\nx;y").header(), ["sep=ab", "c"]);
}

#[test]
fn blank_lines_vanish_and_missing_trailing_cells_are_empty() {
    let roster = csv("\r\nid,a,b\r\n\r\n1\r\n,,\r\n\" \",,\r\n2,x\r\n\r\n");
    assert_eq!(table(&roster), [["1", "", ""], ["2", "x", ""]]);
    assert_eq!(lines(&roster), [4, 7]);
    assert!(csv("id,name\n\n").is_empty());
}

#[test]
fn lines_are_counted_as_an_editor_counts() {
    let roster = csv("id,note\n\n1,\"two\nlines\"\n\n\n2,\"a\r\n\r\nb\"\r\n3,x\r4,y\r\n5,z");
    assert_eq!(lines(&roster), [3, 7, 10, 11, 12]);
    assert_eq!(table(&roster)[1], ["2", "a\r\n\r\nb"]);
}

#[test]
fn a_stray_quote_is_found_where_it_is() {
    assert_eq!(
        refusal("id,name\n1,\"Ann\n2,Bob\n"),
        "line 2 opens a quote (\") that is never closed; a quote inside a cell is written twice"
    );
    assert_eq!(
        refusal("id,name\n1,\"Ann\n2,\"Bob\",x\n"),
        "line 3 has text after a closing quote (\"); a quote inside a cell is written twice, \
         and the cell starts on line 2"
    );
    assert_eq!(table(&csv("id\n6\" ruler\n\"a \"\"b\"\"\" \n")), [["6\" ruler"], ["a \"b\" "]]);
}

#[test]
fn a_row_with_too_many_cells_is_an_error_of_that_row_only() {
    let roster = csv("id,name\n1,Smith, Ann\n2,Bob\n");
    let error = roster.row(0).expect_err("too many");
    assert_eq!(
        (error.line, error.to_string().as_str()),
        (2, "3 cells, but only 2 columns; is a comma inside a cell?")
    );
    assert!(roster.row(1).is_ok());
}

#[test]
fn a_links_file_has_all_five_columns_and_loses_its_guards() {
    let text = "id,link_status,client_url,expires_at,room_id,link_error,'=x\n\
                '=1,created,,,,,''-2\n";
    let roster = csv(text);
    assert!(roster.is_links());
    assert_eq!(roster.header()[6], "=x");
    assert_eq!(table(&roster)[0][0], "=1");
    assert_eq!(table(&roster)[0][6], "'-2");
    assert_eq!(table(&csv("id\n'=1\n")), [["'=1"]]);
    assert_eq!(
        refusal("id,client_url,room_id\nx,,\n"),
        "some of the columns that hold links are there, but not link_status, expires_at, \
         link_error; remove them all, or bring them all back"
    );
    assert!(!csv("id,Room ID\nx,\n").is_links());
}

#[test]
fn names_tell_formats() {
    for (name, format) in [
        ("class.csv", Format::Csv),
        ("class.txt", Format::Csv),
        ("class", Format::Csv),
        ("class.JSONL", Format::JsonLines),
        ("class.ndjson", Format::JsonLines),
        ("class.XLSX", Format::Workbook),
        ("class.ods", Format::Workbook),
        ("class.xls", Format::Workbook),
    ] {
        assert_eq!(Format::of_path(Path::new(name)), format);
    }
}
