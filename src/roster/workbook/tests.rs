//! Workbooks as Excel and `LibreOffice` write them, and damaged ones.

use super::*;
use crate::roster::CellKind::{self, Boolean, Date, DateTime, Error, NoValue, Number, Text, Time};
use crate::roster::cell::Damage;
use crate::roster::{Cell, Roster, Shown, damage, parse as read, shown_text};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook as Writer};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

fn with(bytes: &[u8], options: &ReadOptions<'_>) -> Result<Table, String> {
    match read("class.xlsx", bytes.to_vec(), options) {
        Ok(Roster::Table(table)) => Ok(table),
        Ok(Roster::Bodies(_)) => panic!("a table"),
        Err(error) => Err(error.to_string()),
    }
}

fn table(bytes: &[u8]) -> Table {
    with(bytes, &ReadOptions::default()).expect("a table")
}

fn refusal(bytes: &[u8]) -> String {
    with(bytes, &ReadOptions::default()).expect_err("no workbook")
}

fn texts(table: &Table) -> Vec<Vec<&str>> {
    table.rows.iter().map(|row| row.cells.iter().map(|cell| &*cell.text).collect()).collect()
}

/// The texts that an id column would send, without the header.
fn sent(table: &Table, column: usize) -> Vec<&str> {
    let cells = table.rows[1..].iter().filter_map(|row| row.cell(column));
    cells
        .map(|cell| match shown_text(cell) {
            Shown::Text(text) => text,
            Shown::Differs { shown, .. } => panic!("{shown}"),
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

/// A workbook with one sheet in Excel's XML, with the styles General, a date with a time, and 0000.
fn excel(sheet: &str, properties: &str, strings: &str) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let relations =
        |inside: &str| format!("<Relationships xmlns=\"{PACKAGE}\">{inside}</Relationships>");
    archive(&[
        ("_rels/.rels", &relations(&relation("r1", "officeDocument", "/xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            &format!(
                "<x:workbook xmlns:x=\"{MAIN}\" xmlns:r=\"{OFFICE}\">{properties}<x:sheets><x:sheet \
                 name=\"Class &amp; 7b\" sheetId=\"1\" r:id=\"r1\"/></x:sheets></x:workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(
                &[
                    relation("r1", "worksheet", "worksheets/sheet1.xml"),
                    relation("r2", "styles", "../xl/styles.xml"),
                    relation("r3", "sharedStrings", "SharedStrings.xml"),
                ]
                .concat(),
            ),
        ),
        (
            "xl/styles.xml",
            &format!(
                "<styleSheet xmlns=\"{MAIN}\"><numFmts><numFmt numFmtId=\"164\" formatCode=\"0000\"/>\
                 </numFmts><cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs><cellXfs>\
                 <xf numFmtId=\"0\"/><xf numFmtId=\"22\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            ),
        ),
        ("xl/sharedStrings.xml", &format!("<sst xmlns=\"{MAIN}\">{strings}</sst>")),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet xmlns=\"{MAIN}\">{sheet}</worksheet>")),
    ])
}

fn rows(rows: &str) -> Vec<u8> {
    excel(&format!("<sheetData>{rows}</sheetData>"), "", "")
}

#[test]
fn values_become_the_text_that_people_would_type() {
    let mut workbook = Writer::new();
    let sheet = workbook.add_worksheet();
    let format = |text: &str| Format::new().set_num_format(text);
    let at = |text: &str| ExcelDateTime::parse_from_str(text).expect("a time");
    sheet
        .write_row(0, 0, ["id", "leader", "not before", "valid for", "sum", "phone"])
        .expect("a header");
    sheet.write_number(2, 0, 1001).expect("a number");
    sheet.write_boolean(2, 1, true).expect("a boolean");
    let date = at("2026-12-01T14:00:00");
    sheet.write_datetime_with_format(2, 2, date, &format("d.m.yyyy h:mm")).expect("a date");
    sheet.write_number_with_format(2, 3, 1.5 / 24.0, &format("h:mm")).expect("a time");
    sheet.write_formula(2, 4, Formula::new("=1+1").set_result("2")).expect("a formula");
    sheet.write_string(2, 5, "007").expect("a text");
    sheet.write_string(2, 7, " =1+1\u{a0}_x0041_").expect("a text");
    sheet.write_string(3, 0, " \u{a0}").expect("blanks");
    let table = table(&workbook.save_to_buffer().expect("a workbook"));
    assert_eq!(
        texts(&table)[1],
        ["1001", "TRUE", "2026-12-01 14:00", "01:30", "2", "007", "", " =1+1\u{a0}_x0041_"]
    );
    let kinds: Vec<_> = table.rows[1].cells.iter().map(|cell| cell.kind).collect();
    assert_eq!(kinds, [Number, Boolean, DateTime, Time, Number, Text, Text, Text]);
    assert_eq!(table.place(&table.rows[1], Some(7)), "Sheet1!H3");
    assert_eq!((table.rows.len(), table.rows[1].line), (2, 3));
}

#[test]
fn visible_sheets_are_read() {
    let mut workbook = Writer::new();
    for (name, cell, hidden) in [
        ("Empty", "", false),
        ("Lists", "x", true),
        ("Autumn", "id", false),
        ("Spring", "key", false),
    ] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a name").set_hidden(hidden);
        sheet.write_string(0, 0, cell).expect("a text");
        sheet.write_string(1, 0, if cell.is_empty() { "" } else { name }).expect("a text");
    }
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let source = |name: &str, others: &[&str]| Source::Sheet {
        name: name.to_owned(),
        others: others.iter().map(|other| (*other).to_owned()).collect(),
    };
    assert_eq!(table(&bytes).source, source("Autumn", &["Lists (hidden)", "Spring"]));
    let named = |sheet| with(&bytes, &ReadOptions { sheet: Some(sheet), ..ReadOptions::default() });
    for name in ["Spring", "spring "] {
        assert_eq!(texts(&named(name).expect("a sheet")), [["key"], ["Spring"]]);
    }
    let hidden = named("Lists").expect("a sheet");
    assert_eq!(hidden.source, source("Lists", &["Autumn", "Spring"]));
    assert_eq!(
        named("Autum").expect_err("no such sheet"),
        "class.xlsx has no sheet named \"Autum\" (did you mean \"Autumn\"?); available sheets: Empty, \
         Lists, Autumn, Spring"
    );
    assert_eq!(named("Empty").expect_err("empty"), "class.xlsx has no data in sheet \"Empty\"");
    let all = with(&bytes, &ReadOptions { all_sheets: true, ..ReadOptions::default() });
    let all = all.expect("a table");
    let names = vec!["Autumn".into(), "Spring".into()];
    assert_eq!(all.source, Source::AllSheets { names, hidden: vec!["Lists".into()] });
    assert_eq!(texts(&all), [["id"], ["Autumn"], ["key"], ["Spring"]]);
    assert_eq!(
        all.rows.iter().map(|row| (row.sheet, row.line)).collect::<Vec<_>>(),
        [(0, 1), (0, 2), (1, 1), (1, 2)]
    );
    assert_eq!(all.place(&all.rows[3], Some(0)), "Spring!A2");
}

#[test]
fn a_roster_on_a_hidden_sheet_must_be_named() {
    let mut workbook = Writer::new();
    workbook.add_worksheet().set_name("Cover").expect("a name");
    let hidden = workbook.add_worksheet().set_name("Roster").expect("a name").set_hidden(true);
    hidden.write_string(0, 0, "id").expect("a text");
    let bytes = workbook.save_to_buffer().expect("a workbook");
    let words = "class.xlsx has data only in hidden sheets; to read one, add --sheet \"Roster\"";
    assert_eq!(refusal(&bytes), words);
    let all = ReadOptions { all_sheets: true, ..ReadOptions::default() };
    assert_eq!(with(&bytes, &all).expect_err("hidden"), words);
    let sheet = ReadOptions { sheet: Some("Roster"), ..ReadOptions::default() };
    assert_eq!(texts(&with(&bytes, &sheet).expect("a table")), [["id"]]);
    let empty = Writer::new().add_worksheet().name();
    let mut workbook = Writer::new();
    workbook.add_worksheet().set_name(empty).expect("a name");
    assert!(refusal(&workbook.save_to_buffer().expect("a workbook")).contains("is empty"));
}

#[test]
fn errors_and_formulas_without_a_value_differ_from_empty_cells() {
    let table = table(&rows(
        "<row><c t=\"inlineStr\"><is><t>id</t></is></c></row>\
         <row><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c><c><f>A1</f></c><c t=\"str\"><f>\"\"</f><v/></c>\
         <c r=\"D2\"><f>A1</f><v></v></c><c t=\"str\"><v>Err:502</v></c><c s=\"2\"/><c><v>7</v></c></row>",
    ));
    let cells: Vec<_> = table.rows[1].cells.iter().map(|cell| (&*cell.text, cell.kind)).collect();
    assert_eq!(
        cells,
        [
            ("#DIV/0!", CellKind::Error),
            ("", CellKind::NoValue),
            ("", CellKind::Text),
            ("", CellKind::NoValue),
            ("Err:502", CellKind::Error),
            ("", CellKind::Text),
            ("7", CellKind::Number),
        ]
    );
    assert_eq!(table.place(&table.rows[1], Some(0)), "'Class & 7b'!A2");
}

#[test]
fn dates_from_1904_long_numbers_and_rich_text_are_read() {
    let strings = "<si><r><t>Ad</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">a </t></r></si>\
        <si><t>\u{5c71}\u{7530}</t><rPh sb=\"0\" eb=\"1\"><t>\u{30e4}\u{30de}\u{30c0}</t></rPh></si>\
        <si><t>a_x000D_b _x005F_x0041_ &lt;&#x41;</t></si><si/>";
    let sheet = "<sheetData><row r=\"1\"><c r=\"A1\" s=\"1\"><v>44895.5</v></c><c r=\"B1\">\
        <v>1234567890123456789</v></c><c r=\"C1\" t=\"s\"><v>0</v></c><c r=\"D1\" t=\"s\"><v>1</v></c>\
        <c r=\"E1\" t=\"s\"><v>2</v></c><c r=\"F1\" t=\"s\"><v>3</v></c><c r=\"G1\" t=\"d\">\
        <v>2026-12-01T14:00:00Z</v></c><c r=\"H1\" t=\"d\"><v>2026-12-01</v></c><c r=\"I1\" t=\"d\">\
        <v>14:00:00</v></c></row></sheetData>";
    let table = table(&excel(sheet, "<workbookPr date1904=\"1\"/>", strings));
    assert_eq!(
        texts(&table),
        [[
            "2026-12-01 12:00",
            "1.23456789012346E+18",
            "Ada ",
            "\u{5c71}\u{7530}",
            "a\rb _x0041_ <A",
            "",
            "2026-12-01 14:00",
            "2026-12-01",
            "14:00",
        ]]
    );
    assert_eq!(damage(&table.rows[0].cells[1]), Some(Damage::LongNumber));
}

#[test]
fn hidden_rows_and_columns_are_recorded_and_merged_cells_are_filled() {
    let sheet = "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/><col min=\"4\" max=\"4\" width=\"0\"/>\
        <col min=\"9\" max=\"16384\" hidden=\"1\"/></cols><sheetData>\
        <row r=\"1\"><c r=\"A1\" s=\"2\"><v>7</v></c><c r=\"E1\"><v>1</v></c></row>\
        <row r=\"2\" hidden=\"true\"><c r=\"E2\"><v>2</v></c></row>\
        <row r=\"4\" ht=\"0\"><c r=\"E4\"><v>3</v></c></row></sheetData>\
        <mergeCells><mergeCell ref=\"A1:A4\"/></mergeCells>";
    let table = table(&excel(sheet, "", ""));
    assert_eq!(table.hidden_columns, [1, 2, 3]);
    let rows: Vec<_> = table.rows.iter().map(|row| (row.line, row.is_hidden)).collect();
    assert_eq!(rows, [(1, false), (2, true), (4, true)]);
    let seven = |is_merged| Cell {
        kind: CellKind::Number,
        shown: Some("0007".into()),
        is_merged,
        ..Cell::of_text("7")
    };
    let first: Vec<_> = table.rows.iter().map(|row| row.cells[0].clone()).collect();
    assert_eq!(first, [seven(false), seven(true), seven(true)]);
}

#[test]
fn distant_cells_are_reported_as_damage_at_once() {
    for (cell, words) in [
        ("ZZZZ2", "cell ZZZZ2 is beyond the limit of 16,384 columns and 1,048,576 rows"),
        ("ZZZZZZZZ2", "cell ZZZZZZZZ2 is beyond"),
        ("ZZZZZZZZZZZZZZZZZ2", "is not a cell"),
        ("A1048577", "(cell A1048577 is beyond"),
        ("A4294967296", "is not a cell"),
        ("A0", "is not a cell"),
        ("7", "is not a cell"),
    ] {
        let message = refusal(&rows(&format!("<row r=\"2\"><c r=\"{cell}\"><v>1</v></c></row>")));
        assert!(
            message.contains("class.xlsx is damaged (") && message.contains(words),
            "{message}"
        );
    }
    let edge = table(&rows("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"));
    assert_eq!((edge.rows[0].line, edge.width()), (1_048_576, 16_384));
}

/// A workbook with one sheet in `OpenDocument` XML.
fn open_document(styles: &str, sheet: &str, manifest: &str) -> Vec<u8> {
    let namespaces = ["office", "table", "text", "style", "draw"]
        .map(|name| format!(" xmlns:{name}=\"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0\""));
    let content = format!(
        "<office:document-content{} xmlns:number=\"n\" xmlns:calcext=\"c\"><office:automatic-styles>\
         {styles}</office:automatic-styles><office:body><office:spreadsheet><table:tracked-changes>\
         <table:table table:name=\"old\"/></table:tracked-changes><table:table \
         table:name=\"'file:///x.ods'#S\"/><table:table \
         table:name=\"Klasse\">{sheet}</table:table></office:spreadsheet></office:body>\
         </office:document-content>",
        namespaces.concat()
    );
    archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", &format!("<manifest>{manifest}</manifest>")),
        ("content.xml", &content),
    ])
}

fn ods_cell(attributes: &str, text: &str) -> String {
    format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>")
}

#[test]
fn open_document_sheets_are_read() {
    let styles = "<number:date-style style:name=\"N1\"><number:day/><number:text>-</number:text>\
        <number:month/></number:date-style><number:time-style style:name=\"N2\" \
        number:truncate-on-overflow=\"false\"><number:hours/><number:minutes/></number:time-style>\
        <style:style style:name=\"ce1\" style:family=\"table-cell\" style:data-style-name=\"N1\"/>\
        <style:style style:name=\"ce2\" style:parent-style-name=\"ce1\"/>\
        <style:style style:name=\"ce3\" style:data-style-name=\"N2\"/>";
    let cells = [
        ods_cell("office:value-type=\"float\" office:value=\"7\"", "7,00"),
        ods_cell("office:value-type=\"date\" office:date-value=\"2026-12-01T14:00:00\"", "1.12.26 14:00"),
        ods_cell("office:value-type=\"time\" office:time-value=\"PT01H30M00S\"", "1:30"),
        ods_cell(
            "table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" \
             calcext:value-type=\"error\"",
            "#DIV/0!",
        ),
        ods_cell("table:style-name=\"ce2\" office:value-type=\"date\" office:date-value=\"2026-02-01\"", "1-2"),
        ods_cell("table:style-name=\"ce3\" office:value-type=\"time\" office:time-value=\"PT25H30M00S\"", "25:30"),
        ods_cell("office:value-type=\"percentage\" office:value=\"0.75\"", "75 %"),
        ods_cell("office:value-type=\"boolean\" office:boolean-value=\"true\"", "WAHR"),
        ods_cell("office:value-type=\"float\" office:value=\"0\"", "FALSCH"),
        "<table:table-cell table:formula=\"of:=A1\"/>".to_owned(),
        "<table:table-cell table:formula=\"of:=&quot;&quot;\"><text:p/></table:table-cell>".to_owned(),
        ods_cell(
            "office:value-type=\"string\"",
            "A<text:s text:c=\"2\"/>b\n  <text:span>c</text:span><text:line-break/><text:ruby><text:ruby-base>\
             \u{5c71}</text:ruby-base><text:ruby-text>yama</text:ruby-text></text:ruby>&amp;</text:p><text:p>d",
        ),
        "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>a comment</text:p>\
         </office:annotation><text:p>own</text:p></table:table-cell>"
            .to_owned(),
        ods_cell("table:number-columns-repeated=\"2\" office:value-type=\"string\"", "twice"),
    ];
    let table = table(&open_document(
        styles,
        &format!("<table:table-row>{}</table:table-row>", cells.concat()),
        "",
    ));
    let found: Vec<_> = table.rows[0]
        .cells
        .iter()
        .map(|cell| (cell.kind, &*cell.text, cell.shown.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        found,
        [
            (Number, "7", "7,00"),
            (DateTime, "2026-12-01 14:00", ""),
            (Time, "01:30", ""),
            (Error, "#DIV/0!", ""),
            (Date, "2026-02-01", "1-2"),
            (Time, "25:30", ""),
            (Number, "0.75", "75 %"),
            (Boolean, "TRUE", ""),
            (Boolean, "FALSE", ""),
            (NoValue, "", ""),
            (Text, "", ""),
            (Text, "A  b c\n\u{5c71}&\nd", ""),
            (Text, "own", ""),
            (Text, "twice", ""),
            (Text, "twice", ""),
        ]
    );
    assert_eq!(table.source, Source::Sheet { name: "Klasse".into(), others: Vec::new() });
    assert_eq!(shown_text(&table.rows[0].cells[0]), Shown::Text("7,00"));
}

#[test]
fn repeated_hidden_and_merged_cells_of_open_document_are_read() {
    let text = |text: &str| ods_cell("office:value-type=\"string\"", text);
    let sheet = format!(
        "<table:table-column/><table:table-column table:visibility=\"collapse\" \
         table:number-columns-repeated=\"2\"/><table:shapes><draw:frame><text:p>x</text:p></draw:frame>\
         </table:shapes><table:table-header-rows><table:table-row>{}</table:table-row>\
         </table:table-header-rows><table:table-row table:number-rows-repeated=\"2\"><table:table-cell \
         table:number-columns-repeated=\"16384\"/></table:table-row><table:table-row \
         table:number-rows-repeated=\"2\" table:visibility=\"filter\">{}</table:table-row>\
         <table:table-row-group table:display=\"false\"><table:table-row>{}{}</table:table-row>\
         </table:table-row-group><table:table-row><table:covered-table-cell><text:p>gone</text:p>\
         </table:covered-table-cell>{}</table:table-row><table:table-row \
         table:number-rows-repeated=\"1048570\"><table:table-cell/></table:table-row>",
        text("id"),
        text("a"),
        ods_cell("table:number-rows-spanned=\"2\" office:value-type=\"string\"", "b"),
        text("Ada"),
        text("Bo"),
    );
    let table = table(&open_document("", &sheet, ""));
    let rows: Vec<_> = table.rows.iter().map(|row| (row.line, row.is_hidden)).collect();
    assert_eq!(rows, [(1, false), (4, true), (5, true), (6, true), (7, false)]);
    assert_eq!(texts(&table), [&["id"][..], &["a"], &["a"], &["b", "Ada"], &["b", "Bo"]]);
    assert_eq!(table.hidden_columns, [1]);
    for (row, words) in [
        ("table:number-rows-repeated=\"1048577\"", "beyond"),
        ("table:number-rows-repeated=\"1048576\"", ""),
    ] {
        let sheet = format!("<table:table-row {row}>{}</table:table-row>", text("x"));
        let read = with(&open_document("", &sheet, ""), &ReadOptions::default());
        assert_eq!(read.err().is_some_and(|error| error.contains("beyond")), !words.is_empty());
    }
    let wide =
        ods_cell("table:number-columns-repeated=\"16385\" office:value-type=\"string\"", "x");
    let wide = open_document("", &format!("<table:table-row>{wide}</table:table-row>"), "");
    assert!(refusal(&wide).contains("cell XFE1 is beyond"));
    let locked = open_document("", "", "<file-entry><encryption-data/></file-entry>");
    assert!(refusal(&locked).starts_with("class.xlsx has a password"));
}

/// Records of an old workbook in an OLE container.
fn old_workbook(records: &[(u16, &[u8])]) -> Vec<u8> {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    let mut stream = container.create_stream("/Workbook").expect("a stream");
    for (kind, data) in records {
        stream.write_all(&kind.to_le_bytes()).expect("a kind");
        let length = u16::try_from(data.len()).expect("a short record");
        stream.write_all(&length.to_le_bytes()).expect("a length");
        stream.write_all(data).expect("data");
    }
    stream.flush().expect("written");
    drop(stream);
    container.into_inner().into_inner()
}

/// The data of a cell record: row, column, style and the rest.
fn old_cell(place: [u16; 3], rest: &[u8]) -> Vec<u8> {
    place.iter().flat_map(|number| number.to_le_bytes()).chain(rest.iter().copied()).collect()
}

#[test]
fn old_workbooks_are_read_record_by_record() {
    let globals_end = |sheet: u32| {
        let mut bound = sheet.to_le_bytes().to_vec();
        bound.extend(*b"\0\0\x02\0S1");
        bound
    };
    // A text that continues in the next record, first in narrow characters, then in wide ones.
    let strings = [&b"\x01\0\0\0\x01\0\0\0\x04\0\0Ad"[..]].concat();
    let more = b"\x01\xe9\0!\0".to_vec();
    let xf = |format: u16| [&0_u16.to_le_bytes()[..], &format.to_le_bytes(), &[0; 16]].concat();
    let format = b"\xa4\0\x04\0\x000000".to_vec();
    let bof = [0, 6, 5, 0, 0, 0, 0, 0];
    let globals: Vec<(u16, Vec<u8>)> = vec![
        (0x0809, bof.to_vec()),
        (0x041e, format),
        (0x00e0, xf(0)),
        (0x00e0, xf(0xa4)),
        (0x00e0, xf(16)),
        (0x00fc, strings),
        (0x003c, more),
    ];
    let length: usize = globals.iter().map(|(_, data)| data.len() + 4).sum();
    let start = u32::try_from(length + 4 + globals_end(0).len() + 4).expect("short");
    let formula = |value: [u8; 8]| [&value[..], &[0; 8]].concat();
    let mut records = globals;
    records.push((0x0085, globals_end(start)));
    records.push((0x000a, Vec::new()));
    let rk = |number: u32| number.to_le_bytes();
    records.extend([
        (0x0809, bof.to_vec()),
        (0x007d, b"\x05\0\x06\0\0\x10\0\0\x01\0".to_vec()),
        (0x0208, [&[1, 0][..], &[0; 10], &[0x20, 0, 0, 0]].concat()),
        (0x00fd, old_cell([0, 0, 0], &[0, 0, 0, 0])),
        (0x0204, old_cell([0, 1, 0], b"\x02\0\0ab")),
        (0x0203, old_cell([1, 0, 1], &701_f64.to_le_bytes())),
        (0x027e, old_cell([1, 1, 0], &rk(7 << 2 | 2))),
        (0x027e, old_cell([1, 2, 0], &rk(750 << 2 | 3))),
        (
            0x00bd,
            [&old_cell([1, 3, 0], &rk(1 << 2 | 2))[..], &[0, 0], &rk(2 << 2 | 2), &[4, 0]].concat(),
        ),
        (0x0205, old_cell([1, 5, 0], &[1, 0])),
        (0x0205, old_cell([1, 6, 0], &[0x17, 1])),
        (0x0006, old_cell([2, 0, 0], &formula(0_f64.to_le_bytes()))),
        (0x0006, old_cell([2, 1, 0], &formula(2.5_f64.to_le_bytes()))),
        (0x0006, old_cell([2, 2, 0], &formula([0, 0, 0, 0, 0, 0, 0xff, 0xff]))),
        (0x0207, b"\x02\0\0xy".to_vec()),
        (0x0006, old_cell([2, 3, 0], &formula([1, 0, 1, 0, 0, 0, 0xff, 0xff]))),
        (0x0006, old_cell([2, 4, 0], &formula([2, 0, 0x2a, 0, 0, 0, 0xff, 0xff]))),
        (0x0203, old_cell([2, 5, 2], &46_054_f64.to_le_bytes())),
        (0x00e5, b"\x01\0\x01\0\x02\0\x06\0\x06\0".to_vec()),
        (0x000a, Vec::new()),
    ]);
    let records: Vec<(u16, &[u8])> =
        records.iter().map(|(kind, data)| (*kind, data.as_slice())).collect();
    let table = table(&old_workbook(&records));
    assert_eq!(
        texts(&table),
        [
            &["Ad\u{e9}!", "ab"][..],
            &["701", "7", "7.5", "1", "2", "TRUE", "#REF!"],
            &["0", "2.5", "xy", "TRUE", "#N/A", "2026-02-01", "#REF!"],
        ]
    );
    let kinds: Vec<_> = table.rows[2].cells.iter().map(|cell| cell.kind).collect();
    assert_eq!(kinds, [NoValue, Number, Text, Boolean, Error, Date, Error]);
    assert_eq!(table.rows[1].cells[0].shown.as_deref(), Some("0701"));
    assert_eq!(table.rows[2].cells[5].shown.as_deref(), Some("1-Feb"));
    assert_eq!(table.hidden_columns, [5, 6]);
    let hidden: Vec<_> = table.rows.iter().map(|row| row.is_hidden).collect();
    assert_eq!(hidden, [false, true, false]);
    let locked = old_workbook(&[(0x0809, &bof), (0x002f, &[0, 0])]);
    assert!(refusal(&locked).contains("has a password"));
    let ancient = old_workbook(&[(0x0809, &[0, 4, 0, 0])]);
    assert!(refusal(&ancient).contains("is older than Excel 5"));
}

/// Kinds of files that earlier versions read incorrectly; `LibreOffice` wrote some of them.
#[test]
fn school_rosters_are_read_as_displayed() {
    macro_rules! file {
        ($name:literal) => {
            table(include_bytes!(concat!("../../../tests/cli/data/cases/", $name)))
        };
    }
    for padded in [file!("padded-ids.xlsx"), file!("padded-ids.ods")] {
        assert_eq!(sent(&padded, 0), ["0701", "0701", "0012"]);
        assert_eq!(sent(&padded, 1), ["0000042", "1234567", "0000007"]);
    }
    for filtered in [file!("filtered.xlsx"), file!("filtered.ods")] {
        let hidden = filtered.rows.iter().filter(|row| row.is_hidden).map(|row| row.line);
        assert_eq!(hidden.collect::<Vec<_>>(), [3, 5]);
    }
    let merged = file!("merged.xlsx");
    assert_eq!(sent(&merged, 0), ["chem7", "chem7", "chem7", "phys8", "phys8"]);
    let date = file!("class-became-a-date.xlsx");
    assert_eq!(
        shown_text(&date.rows[1].cells[0]),
        Shown::Differs { shown: "1-2", stored: "2026-02-01" }
    );
    let dates = file!("date-without-time.xlsx");
    let kinds: Vec<_> = dates.rows[1..].iter().map(|row| row.cells[2].kind).collect();
    assert_eq!(kinds, [CellKind::Date, CellKind::DateTime]);
    let zeros = file!("formula-zero.xls");
    let damages: Vec<_> = zeros.rows[1..].iter().map(|row| damage(&row.cells[2])).collect();
    assert_eq!(damages, [Some(Damage::NoValue); 3]);
    let locked = include_bytes!("../../../tests/cli/data/cases/locked.ods");
    assert!(refusal(locked).contains("has a password"));
}

#[test]
fn unreadable_workbooks_are_reported() {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    container.create_stream("/EncryptedPackage").expect("a stream");
    let locked = container.into_inner().into_inner();
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    container.create_stream("/WordDocument").expect("a stream");
    let letter = container.into_inner().into_inner();
    let mut torn = Writer::new();
    torn.add_worksheet().write_string(0, 0, "id").expect("a text");
    let mut torn = torn.save_to_buffer().expect("a workbook");
    torn.truncate(torn.len() / 2);
    for (bytes, words) in [
        (locked, "has a password"),
        (letter, "is an old Office file without a workbook"),
        ([OLE, &[0; 1024]].concat(), "is damaged"),
        (torn, "is damaged"),
        (archive(&[("Index/Document.iwa", "x")]), "Numbers"),
        (archive(&[("xl/workbook.bin", "x")]), ".xlsb"),
        (archive(&[("word/document.xml", "x")]), "Word document"),
        (archive(&[("photo.jpg", "x")]), "without a workbook"),
        (archive(&[("xl/workbook.xml", "x")]), "is damaged"),
        (archive(&[("content.xml", "<a><b></b>")]), "the end of the file is missing"),
        (archive(&[("content.xml", &"<a>".repeat(500))]), "nested too deep"),
        (rows("<row><c t=\"s\"><v>9</v></c></row>"), "the text of a cell is missing"),
        (rows("<row><c><v>&what;</v></c></row>"), "the entity &what; is unknown"),
        (b"id,user name\n".to_vec(), "--format csv"),
        (
            b"<html><table>".to_vec(),
            "a web page saved as .xlsx; open it in Excel and save it as .xlsx",
        ),
    ] {
        let message = refusal(&bytes);
        assert!(message.contains(words) && message.starts_with("class.xlsx "), "{message}");
    }
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let mut bytes = archive(&[("xl/workbook.xml", "0")]);
    let entry = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").expect("an entry");
    bytes[entry + 24..entry + 28].copy_from_slice(&(257_u32 << 20).to_le_bytes());
    assert_eq!(
        refusal(&bytes),
        "class.xlsx is larger than 256 MiB unpacked; keep only the sheet with the roster"
    );
    assert_eq!(archive::MAX_SIZE, 256 * 1024 * 1024);
}

#[test]
fn a_large_cell_is_refused_wherever_it_is() {
    let (large, huge) = ("x".repeat((1 << 20) + 1), "x".repeat(9 << 20));
    let inline = |text: &str| rows(&format!("<row><c t=\"str\"><v>{text}</v></c></row>"));
    assert!(refusal(&inline(&large)).contains("has a cell larger than 1 MiB (A1)"));
    let cell = "<sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData>";
    let shared = |text: &str| excel(cell, "", &format!("<si><t>{text}</t></si>"));
    assert!(refusal(&shared(&large)).contains("has a cell larger than 1 MiB (A1)"));
    let open = |text: &str| {
        let cell = ods_cell("office:value-type=\"string\"", text);
        open_document("", &format!("<table:table-row>{cell}</table:table-row>"), "")
    };
    for bytes in [inline(&huge), shared(&huge), open(&large), open(&huge)] {
        let message = refusal(&bytes);
        assert!(message.contains("larger than 1 MiB"), "{message}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn damaged_files_never_make_it_panic(seed: u64, count in 1_usize..20) {
        let files: [&[u8]; 3] = [
            include_bytes!("../../../tests/cli/data/cases/padded-ids.xlsx"),
            include_bytes!("../../../tests/cli/data/cases/filtered.ods"),
            include_bytes!("../../../tests/cli/data/cases/formula-zero.xls"),
        ];
        for file in files {
            let (mut bytes, mut random) = (file.to_vec(), seed | 1);
            for _ in 0..count {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(random >> 33).expect("small") % bytes.len();
                bytes[at] = random.to_le_bytes()[3];
            }
            let _ = with(&bytes, &ReadOptions { all_sheets: true, ..ReadOptions::default() });
        }
    }
}
