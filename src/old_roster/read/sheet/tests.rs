//! Workbooks as Excel and `LibreOffice` write them, and as nobody should.

use super::super::{Format, Kind, Reading, Roster, Row};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn read(bytes: Vec<u8>, sheet: Option<&str>) -> Result<Roster, String> {
    Roster::read(bytes, &Reading { sheet, ..Reading::of(Format::Workbook) })
        .map_err(|error| error.to_string())
}

/// All cells as text, short rows filled up.
fn table(roster: &Roster) -> Vec<Vec<String>> {
    (0..roster.len())
        .map(|index| match roster.row(index).expect("a row") {
            Row::Cells(cells) => {
                (0..roster.header().len()).map(|column| cells.get(column).to_owned()).collect()
            }
            Row::Json(_) => panic!("cells"),
        })
        .collect()
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(*name, options).expect("a file");
        archive.write_all(content.as_bytes()).expect("its content");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A workbook with one sheet, whose rows are written in Excel's own XML.
fn excel_xml(rows: &str, properties: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    archive(&[
        (
            "_rels/.rels",
            &format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">{properties}<sheets>\
                 <sheet name=\"Class 7b\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/styles\" \
                 Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            &format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ])
}

#[test]
fn values_are_read_and_not_their_formats() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let format = |text: &str| CellFormat::new().set_num_format(text);
    let at = |text: &str| ExcelDateTime::parse_from_str(text).expect("a time");
    sheet
        .write_row(0, 0, ["id", "leader", "not before", "valid for", "sum", "phone", "", "note"])
        .expect("a header");
    sheet.write_number_with_format(2, 0, 1001, &format("#,##0.00")).expect("a number");
    sheet.write_boolean(2, 1, true).expect("a boolean");
    sheet
        .write_datetime_with_format(2, 2, at("2026-12-01T14:00:00"), &format("d mmm"))
        .expect("a date");
    sheet.write_number_with_format(2, 3, 1.5 / 24.0, &format("h:mm")).expect("a time");
    sheet.write_formula(2, 4, Formula::new("=1+1").set_result("2")).expect("a formula");
    sheet.write_string(2, 5, "007").expect("a text");
    sheet.write_string(2, 7, " =1+1\u{a0}").expect("a text");
    sheet.write_string(3, 0, " \u{a0}").expect("blanks");
    let roster = read(workbook.save_to_buffer().expect("a workbook"), None).expect("a roster");
    assert_eq!(roster.header().len(), 8);
    assert_eq!(
        table(&roster),
        [["1001", "TRUE", "2026-12-01 14:00", "01:30", "2", "007", "", " =1+1\u{a0}"]]
    );
    assert_eq!((roster.line(0), roster.sheet()), (3, Some(("Sheet1", &[][..]))));
    assert_eq!(roster.place(7, Some(27)), "Sheet1!AB7");
    let Row::Cells(cells) = roster.row(0).expect("a row") else { panic!("cells") };
    let kinds: Vec<_> = (0..6).map(|column| cells.kind(column)).collect();
    let (number, text) = (Kind::Number, Kind::Text);
    assert_eq!(kinds, [number, Kind::Boolean, Kind::Date, Kind::Time, number, text]);
}

#[test]
fn the_first_sheet_that_people_see_and_that_holds_something_is_read() {
    let mut workbook = Workbook::new();
    for (name, cell, hidden) in [
        ("Empty", "", false),
        ("Lists", "x", true),
        ("Autumn", "id", false),
        ("Spring", "id", false),
    ] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a name").set_hidden(hidden);
        sheet.write_string(0, 0, cell).expect("a text");
        sheet.write_string(1, 0, if cell.is_empty() { "" } else { name }).expect("a text");
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let roster = read(bytes.clone(), None).expect("a roster");
    let others = ["Lists (hidden)".to_owned(), "Spring".to_owned()];
    assert_eq!(roster.sheet(), Some(("Autumn", &others[..])));
    for name in ["Spring", "spring "] {
        assert_eq!(table(&read(bytes.clone(), Some(name)).expect("a roster")), [["Spring"]]);
    }
    assert_eq!(table(&read(bytes.clone(), Some("Lists")).expect("a roster")), [["Lists"]]);
    let error = read(bytes.clone(), Some("Autum")).expect_err("no such sheet");
    assert!(error.contains("did you mean \"Autumn\"") && error.contains("Spring"), "{error}");
    assert!(read(bytes, Some("Empty")).expect_err("nothing in it").contains("is empty"));
}

#[test]
fn errors_and_formulas_without_a_value_are_told_apart_from_empty_cells() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>id</t></is></c><c r=\"D1\" t=\"str\"><v>x</v></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c><c r=\"B2\"><f>A1</f></c>\
        <c r=\"C2\" t=\"str\"><f>\"\"</f><v></v></c><c r=\"D2\"><f>A1</f><v></v></c></row>";
    let roster = read(excel_xml(rows, ""), None).expect("a roster");
    let Row::Cells(cells) = roster.row(0).expect("a row") else { panic!("cells") };
    assert_eq!((cells.get(0), cells.kind(0)), ("#DIV/0!", Kind::Error));
    assert_eq!((cells.get(1), cells.kind(1)), ("", Kind::Unknown));
    assert_eq!((cells.get(2), cells.kind(2)), ("", Kind::Text));
    assert_eq!((cells.get(3), cells.kind(3)), ("", Kind::Unknown));
    assert!(cells.has_value(2).is_ok() && cells.has_value(3).is_err());
    assert_eq!(roster.place(2, Some(0)), "'Class 7b'!A2");
}

#[test]
fn dates_of_1904_and_long_numbers() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>id</v></c></row>\
        <row r=\"2\"><c r=\"A2\" s=\"1\"><v>44895.5</v></c><c r=\"B2\"><v>1234567890123456789</v></c></row>";
    let roster = read(excel_xml(rows, "<workbookPr date1904=\"1\"/>"), None).expect("a roster");
    assert_eq!(table(&roster), [["2026-12-01 12:00", "1.23456789012346E+18"]]);
    let roster = read(excel_xml(rows, ""), None).expect("a roster");
    assert_eq!(table(&roster)[0][0], "2022-11-30 12:00");
}

#[test]
fn open_document_is_read() {
    let cell = |attributes: &str, text: &str| {
        format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
    };
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Klasse\"><table:table-row>{}{}{}</table:table-row>\
         <table:table-row>{}{}{}{}</table:table-row></table:table>\
         </office:spreadsheet></office:body></office:document-content>",
        cell("office:value-type=\"string\"", "id"),
        cell("office:value-type=\"string\"", "not before"),
        cell("office:value-type=\"string\"", "valid for"),
        cell("office:value-type=\"float\" office:value=\"7\"", "7,00"),
        cell("office:value-type=\"date\" office:date-value=\"2026-12-01T14:00:00\"", "1.12."),
        cell("office:value-type=\"time\" office:time-value=\"PT01H30M00S\"", "1:30"),
        cell(
            "table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"",
            "#DIV/0!"
        ),
    );
    let bytes = archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
        ),
        ("content.xml", &content),
    ]);
    let roster = read(bytes, None).expect("a roster");
    assert_eq!(roster.sheet().map(|(name, _)| name), Some("Klasse"));
    assert_eq!(table(&roster), [["7", "2026-12-01 14:00", "01:30", "#DIV/0!"]]);
}

#[test]
fn what_is_no_readable_workbook_is_named() {
    let mut locked = ole();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let mut torn = Workbook::new();
    torn.add_worksheet().write_string(0, 0, "id").expect("a text");
    let mut torn = torn.save_to_buffer().expect("a workbook");
    torn.truncate(torn.len() / 2);
    for (bytes, words) in [
        (locked, "has a password"),
        (ole(), "is damaged"),
        (torn, "is damaged"),
        (archive(&[("Index/Document.iwa", "x")]), "Numbers"),
        (archive(&[("xl/workbook.bin", "x")]), ".xlsb"),
        (archive(&[("photo.jpg", "x")]), "without a workbook"),
        (archive(&[("xl/workbook.xml", "x")]), "is damaged"),
        (b"id,user name\n".to_vec(), "--format csv"),
        (b"<html><table>".to_vec(), "save it as .xlsx"),
    ] {
        let error = read(bytes, None).expect_err("no workbook");
        assert!(error.contains(words), "{error}");
    }
}

fn ole() -> Vec<u8> {
    let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    bytes.resize(1024, 0);
    bytes
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused_whatever_its_directory_says() {
    const LIMIT: u64 = 3 << 20;
    let megabytes = |count: usize| archive(&[("xl/workbook.xml", &"0".repeat(count << 20))]);
    let checked = |bytes: &[u8]| {
        super::size::check(bytes, LIMIT)
            .map_err(|error| error.to_string())
            .err()
            .unwrap_or_default()
    };
    assert_eq!(checked(&megabytes(3)), "");
    let mut bytes = megabytes(4);
    assert!(checked(&bytes).contains("more than 256 MiB"), "{}", checked(&bytes));
    let halves = "0".repeat(2 << 20);
    let parts = archive(&[("xl/workbook.xml", &halves), ("xl/styles.xml", &halves)]);
    assert!(checked(&parts).contains("more than 256 MiB"), "{}", checked(&parts));
    // The directory says 1 KiB. It begins with PK 1 2; the size is 24 bytes further.
    let entry = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("an entry");
    bytes[entry + 24..entry + 28].copy_from_slice(&1024_u32.to_le_bytes());
    let words = checked(&bytes);
    assert!(words.contains("more than 256 MiB") || words.contains("is damaged"), "{words}");
}

#[test]
fn the_limit_of_a_workbook_is_what_its_message_says() {
    assert_eq!(super::size::LARGEST, 256 * 1024 * 1024);
}

#[test]
fn a_directory_that_promises_too_much_is_enough_to_be_refused() {
    let mut bytes = archive(&[("xl/workbook.xml", "0")]);
    let entry = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("an entry");
    bytes[entry + 24..entry + 28].copy_from_slice(&(257_u32 << 20).to_le_bytes());
    let words = read(bytes, None).expect_err("too large");
    assert!(words.contains("more than 256 MiB"), "{words}");
}
