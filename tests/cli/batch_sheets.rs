//! `batch` reads spreadsheets: values by their type, the right sheet, and messages that name the
//! cell.

use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

use crate::school::School;
use crate::seen::Output;
use crate::support::TestEnv;

/// A workbook with one sheet, filled by `fill` below these headers.
pub(crate) fn workbook(headers: &[&str], fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, headers.iter().copied()).unwrap();
    fill(sheet);
    workbook.save_to_buffer().unwrap()
}

/// The plan of a workbook.
fn plan(bytes: &[u8], flags: &str) -> Output {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.xlsx", bytes);
    env.run(&format!("batch roster.xlsx --dry-run {flags}"))
}

/// Writes a number in a format.
fn number(sheet: &mut Worksheet, (row, column): (u32, u16), value: f64, format: &str) {
    let format = Format::new().set_num_format(format);
    sheet.write_number_with_format(row, column, value, &format).unwrap();
}

#[test]
fn cells_are_read_by_their_type() {
    let headers = ["id", "user id", "leader", "not before", "valid for", "user name"];
    let bytes = workbook(&headers, |sheet| {
        number(sheet, (1, 0), 7.0, "0.00");
        sheet.write_string(1, 1, "007").unwrap();
        sheet.write_boolean(1, 2, true).unwrap();
        number(sheet, (1, 3), 72_654.583_333_333_33, "dd/mm/yyyy hh:mm");
        number(sheet, (1, 4), 1.5 / 24.0, "h:mm");
        sheet.write_formula(1, 5, Formula::new("=\"A\"&\"nn\"").set_result("Ann")).unwrap();
        sheet.write_string(2, 0, "\u{a0}8 ").unwrap();
        number(sheet, (2, 3), 72_655.0, "dd/mm/yyyy");
        sheet.write_string(2, 4, "90m").unwrap();
    });
    plan(&bytes, "--time-zone Europe/London").succeeded(
        "{\"id\":\"7\",\"user\":{\"id\":\"007\",\"leader\":true,\"name\":\"Ann\"},\
         \"timeouts\":{\"not_before\":\"2098-11-30T14:00:00Z\",\"not_after\":\"2098-11-30T15:30:00Z\"}}\n\
         {\"id\":\"8\",\"timeouts\":{\"not_before\":\"2098-12-01T00:00:00Z\",\"not_after\":\"2098-12-01T01:30:00Z\"}}\n",
    );
}

#[test]
fn messages_name_the_cell() {
    let bytes = workbook(&["id", "Leader", "email"], |sheet| {
        sheet.write_string(3, 0, "a").unwrap();
        sheet.write_string(3, 1, "maybe").unwrap();
        number(sheet, (6, 0), 1_234_567_890_123_456.0, "0");
        sheet.write_formula(7, 0, Formula::new("=A99").set_result("#REF!")).unwrap();
        sheet.write_string(9, 1, "yes").unwrap();
    });
    plan(&bytes, "").failed(2).says(&[
        "Sheet1!B4, Leader (id \"a\"): \"maybe\"",
        "Sheet1!A7, id",
        "shortened a long number",
        "Sheet1!A8, id",
        "Sheet1!A10, id: is missing",
    ]);
    let bytes = workbook(&["id", "user id"], |sheet| {
        for row in [1, 2] {
            sheet.write_string(row, 0, "a").unwrap();
            sheet.write_string(row, 1, "x").unwrap();
        }
    });
    plan(&bytes, "").failed(2).says(&["Sheet1, row 3 (id \"a\")", "in Sheet1, row 2 already"]);
    for (name, cell) in
        [("It's", "'It''s'!A2, id"), ("2026", "'2026'!A2, id"), ("Herbst", "Herbst!A2, id")]
    {
        let bytes = workbook(&["id", "email"], |sheet| {
            sheet.set_name(name).unwrap();
            sheet.write_string(1, 1, "ann@example.org").unwrap();
        });
        plan(&bytes, "").failed(2).says(&[cell]);
    }
}

#[test]
fn dates_and_times_in_columns_of_their_own_make_a_window() {
    let bytes = workbook(&["Class", "Date", "Start", "Minutes"], |sheet| {
        sheet.write_string(1, 0, "Biology").unwrap();
        number(sheet, (1, 1), 72_654.0, "d mmmm yyyy");
        number(sheet, (1, 2), 0.375, "h:mm AM/PM");
        number(sheet, (1, 3), 45.0, "0");
    });
    let env = TestEnv::new();
    env.write("lessons.xlsx", bytes);
    env.cmd("batch lessons.xlsx --dry-run --map id={Class} --map")
        .args(&["not before={Date} {Start}", "--map", "valid for={Minutes}m"])
        .run()
        .succeeded(
            "{\"id\":\"Biology\",\"timeouts\":{\"not_before\":\"2098-11-30T09:00:00Z\",\
             \"not_after\":\"2098-11-30T09:45:00Z\"}}\n",
        );
}

#[test]
fn titles_other_sheets_and_sheets_by_name() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Class 7b").unwrap();
    sheet.write_string(0, 1, "Autumn term").unwrap();
    sheet.write_row(3, 1, ["id", "user name"]).unwrap();
    sheet.write_row(4, 1, ["a", "Ann"]).unwrap();
    let sheet = book.add_worksheet().set_name("Class 8").unwrap();
    sheet.write_row(0, 0, ["id", "user name"]).unwrap();
    sheet.write_row(1, 0, ["b", "Bob"]).unwrap();
    book.add_worksheet();
    let bytes = book.save_to_buffer().unwrap();
    plan(&bytes, "").succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n").says(&[
        "reading the sheet Class 7b; other sheets with rows: Class 8;",
        "the header is in row 4;",
    ]);
    let env = TestEnv::new();
    env.write("roster.xlsx", &bytes);
    env.cmd("batch roster.xlsx --dry-run --sheet")
        .args(&["Class 8"])
        .run()
        .succeeded("{\"id\":\"b\",\"user\":{\"name\":\"Bob\"}}\n");
    plan(&bytes, "--sheet Class8").failed(2).says(&["Class8", "did you mean \"Class 8\"?"]);
    plan(&bytes, "--header 1").failed(2).says(&["the header", "Autumn term"]);
    env.write("roster.csv", "id\na\n");
    env.run("batch roster.csv --dry-run --sheet x").failed(2).says(&["--sheet", "workbooks"]);
    // Standard input tells by its bytes.
    let first = "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n";
    env.cmd("batch - --dry-run").stdin(&bytes).run().succeeded(first);
    env.write("roster.dat", &bytes);
    env.run("batch roster.dat --dry-run --format xlsx").succeeded(first);
}

#[test]
fn a_sheet_without_a_column_for_the_id_is_one_problem() {
    let bytes = workbook(&["Class", "First name", "Last name", "E-mail"], |sheet| {
        for row in 1..30 {
            sheet.write_row(row, 0, ["7b", "Ann", "Smith", "ann@example.org"]).unwrap();
        }
    });
    let output = plan(&bytes, "");
    output.failed(2).says(&["--map 'id={Class}' --map 'user name={First name} {Last name}'"]);
    output.does_not_say(&["problems", "--sheet"]);
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Cover").unwrap().write(0, 0, "Our school").unwrap();
    book.add_worksheet().set_name("7b").unwrap().write(0, 0, "id").unwrap();
    plan(&book.save_to_buffer().unwrap(), "")
        .failed(2)
        .says(&["; this is the sheet Cover, and --sheet chooses another: 7b"]);
}

#[test]
fn workbooks_that_cannot_be_read_are_named() {
    for (name, bytes, words) in [
        ("a.xlsx", b"id,user name\na,Ann\n".as_slice(), "--format csv"),
        ("a.xlsx", b"PK\x03\x04 and no more", "damaged"),
        ("a.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and no more", "damaged"),
        ("a.xls", b"<html><table></table></html>", "save it as .xlsx"),
    ] {
        let env = TestEnv::new();
        env.write(name, bytes);
        env.run(&format!("batch {name} --dry-run")).failed(2).says(&[name, words]);
    }
}

#[test]
fn an_ods_that_is_cut_off_anywhere_is_damaged() {
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
    env.run("batch a.ods --dry-run").succeeded("{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}\n");
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
        env.run("batch a.ods --dry-run").failed(2).says(&["the workbook is damaged"]);
    }
    env.write("a.ods", ods(&whole.replacen("</text:p>", "</text:q>", 1)));
    env.run("batch a.ods --dry-run").failed(2).says(&["the workbook is damaged"]);
}

#[test]
fn a_spreadsheet_is_sent_and_its_links_come_as_csv() {
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
    // The rows are the same wherever they are written.
    env.run("batch links.csv -o links2.csv --rate 0").succeeded("");
    env.run("batch roster.xlsx -o links.csv --resume").succeeded("");
    assert_eq!(school.count(), 4);
}

/// `data/class.xls` is of Excel 97's kind, which nothing here can write: a title, and two people with a
/// number for an id, a boolean and a date.
#[test]
fn an_old_xls_is_read_as_an_xlsx_is() {
    let env = TestEnv::new();
    env.write("class.xls", include_bytes!("data/class.xls"));
    env.run("batch class.xls --dry-run --time-zone UTC").succeeded(
        "{\"id\":\"101\",\"user\":{\"name\":\"Zoë 李\",\"leader\":true},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T15:30:00Z\"}}\n\
         {\"id\":\"101\",\"user\":{\"name\":\"Anna\",\"leader\":false},\"timeouts\":{\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T15:30:00Z\"}}\n",
    );
}
