//! `batch` writes LINKS as a workbook that people can work with and that is also a roster.

use std::fs;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use crate::batch_sheets::workbook;
use crate::school::School;
use crate::support::TestEnv;

/// The only sheet of a workbook in the current folder of the runs.
fn sheet(env: &TestEnv, name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(env.path("work").join(name)).unwrap();
    let range = workbook.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(range.start(), Some((0, 0)));
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The text of a part of a workbook.
fn part(env: &TestEnv, name: &str, part: &str) -> String {
    let bytes = fs::read(env.path("work").join(name)).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = archive.by_name(part).unwrap();
    std::io::read_to_string(&mut file).unwrap()
}

/// The font of a cell, as XML: a cell's `s` is the index of a format, and a format's `fontId` the
/// index of a font.
fn font<'a>(styles: &'a str, sheet: &str, cell: &str) -> &'a str {
    fn number(text: &str, name: &str) -> usize {
        let (_, after) = text.split_once(&format!(" {name}=\"")).unwrap();
        after.split_once('"').unwrap().0.parse().unwrap()
    }
    let (_, cell) = sheet.split_once(&format!("<c r=\"{cell}\"")).unwrap();
    let (_, formats) = styles.split_once("<cellXfs").unwrap();
    let format = formats.split("<xf ").nth(number(cell, "s") + 1).unwrap();
    styles.split("<font>").nth(number(&format!(" {format}"), "fontId") + 1).unwrap()
}

fn text(cell: &Data) -> String {
    cell.to_string()
}

const ROSTER: &str = "id,user id,user name,notes\na,007,Änne,=1+1\na,2,Bob,-1\n";

#[test]
fn a_links_workbook_can_be_used_as_a_roster() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", ROSTER);
    let run = "batch roster.csv -o links.xlsx --rate 0 --time-zone Asia/Tokyo";
    env.run(run).succeeded("");
    let rows = sheet(&env, "links.xlsx");
    let header: Vec<_> = rows[0].iter().map(text).collect();
    assert_eq!(
        header.join(","),
        "id,user id,user name,notes,link_status,client_url,expires_at,room_id,link_error"
    );
    let own: Vec<_> = rows[1][..4].iter().map(text).collect();
    assert_eq!(own, ["a", "007", "Änne", "=1+1"]);
    assert!(rows[1][..4].iter().all(|cell| matches!(cell, Data::String(_))), "{rows:?}");
    assert_eq!(text(&rows[1][4]), "created");
    assert!(text(&rows[1][5]).starts_with("https://"), "{rows:?}");
    // 2099-12-01T09:00:00Z is 18:00 in Tokyo.
    let Data::DateTime(end) = &rows[1][6] else { panic!("no date: {rows:?}") };
    assert_eq!(end.to_ymd_hms_milli(), (2099, 12, 1, 18, 0, 0, 0));

    let xml = part(&env, "links.xlsx", "xl/worksheets/sheet1.xml");
    assert_eq!(xml.matches("<hyperlink ").count(), 2, "{xml}");
    for word in ["<pane ySplit=\"1\"", "state=\"frozen\"", "<autoFilter ref=\"A1:I3\"", "<cols>"] {
        assert!(xml.contains(word), "{word} in {xml}");
    }
    assert!(!xml.contains("<f>"), "{xml}");
    let styles = part(&env, "links.xlsx", "xl/styles.xml");
    assert!(font(&styles, &xml, "A1").contains("<b/>"), "{styles}");
    assert!(font(&styles, &xml, "F2").contains("<u/>"), "{styles}");
    let links = part(&env, "links.xlsx", "xl/worksheets/_rels/sheet1.xml.rels");
    assert!(
        links.contains(&format!("Target=\"{}\"", text(&rows[1][5]).replace('&', "&amp;"))),
        "{links}"
    );

    // The same people, so the same keys.
    env.run("batch links.xlsx -o again.xlsx --dry-run --json").succeeded(
        "{\"id\":\"a\",\"user\":{\"id\":\"007\",\"name\":\"Änne\"}}\n{\"id\":\"a\",\"user\":{\"id\":\"2\",\"name\":\"Bob\"}}\n",
    );
    env.run(&format!("{run} --resume"))
        .succeeded("")
        .says(&["nothing to send: both links are still good\n"]);
    // A links file may be its own roster; the run then updates it.
    env.run("batch links.xlsx -o links.xlsx --resume --rate 0 --time-zone Asia/Tokyo")
        .succeeded("")
        .says(&["nothing to send: both links are still good\n"]);
    assert_eq!(school.count(), 2);
    let rows_again = sheet(&env, "links.xlsx");
    assert_eq!(rows_again, rows);
    assert_eq!(school.count(), 2);
    env.run("batch links.xlsx -o links.csv --rate 0").succeeded("");
    let again = crate::roster::links(&env, "links.csv");
    assert_eq!(again[0]["notes"], "'=1+1");
    assert_eq!(again[0].len(), 9, "the result columns were replaced: {again:?}");
    assert_eq!(school.count(), 4);
}

#[test]
fn cells_of_a_workbook_keep_their_types_and_values() {
    let school = School::open();
    let env = school.env();
    let headers = ["id", "user name", "number", "date", "day", "time", "flag", "text", "padded"];
    let bytes = workbook(&headers, |sheet| {
        let shown = |text: &str| rust_xlsxwriter::Format::new().set_num_format(text);
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
        sheet.write_number(1, 2, 7.25).unwrap();
        sheet.write_number_with_format(1, 3, 46_357.583_333_333_33, &shown("d/m/yy h:mm")).unwrap();
        sheet.write_number_with_format(1, 4, 46_357, &shown("d/m/yy")).unwrap();
        sheet.write_number_with_format(1, 5, 0.0625, &shown("h:mm")).unwrap();
        sheet.write_boolean(1, 6, false).unwrap();
        sheet.write_string(1, 7, "01/02").unwrap();
        sheet.write_number_with_format(1, 8, 701, &shown("0000")).unwrap();
    });
    env.write("roster.xlsx", bytes);
    env.run("batch roster.xlsx -o links.xlsx --rate 0").succeeded("");
    env.run("batch links.xlsx -o again.xlsx --rate 0").succeeded("");
    for name in ["links.xlsx", "again.xlsx"] {
        let rows = sheet(&env, name);
        let row = &rows[1];
        assert_eq!(row[2], Data::Float(7.25));
        let Data::DateTime(date) = &row[3] else { panic!("no date: {row:?}") };
        assert_eq!(date.to_ymd_hms_milli(), (2026, 12, 1, 14, 0, 0, 0));
        let Data::DateTime(day) = &row[4] else { panic!("no date: {row:?}") };
        assert!((day.as_f64() - 46_357.0).abs() < 1e-9);
        let Data::DateTime(time) = &row[5] else { panic!("no time: {row:?}") };
        assert!((time.as_f64() - 0.0625).abs() < 1e-9);
        assert_eq!((&row[6], text(&row[7])), (&Data::Bool(false), "01/02".to_owned()));
        // The displayed value is kept, as text or in the same format.
        assert!(matches!(&row[8], Data::String(text) if text == "0701"), "{row:?}");
    }
    // In CSV the same cells are text.
    env.run("batch roster.xlsx -o links.csv --rate 0").succeeded("");
    let links = crate::roster::links(&env, "links.csv");
    let cells =
        ["number", "date", "day", "time", "flag", "padded"].map(|name| links[0][name].as_str());
    assert_eq!(cells, ["7.25", "2026-12-01 14:00", "2026-12-01", "01:30", "FALSE", "0701"]);
}

#[test]
fn a_text_too_long_for_a_workbook_is_refused_before_anything_is_sent() {
    let school = School::open();
    let env = school.env();
    for (length, is_kept) in [(32_767, true), (32_768, false)] {
        env.write("roster.csv", format!("id,user name,notes\na,A,b\nb,B,{}\n", "é".repeat(length)));
        let output = env.run("batch roster.csv -o links.xlsx --rate 0 --force");
        if is_kept {
            output.succeeded("");
            assert_eq!(text(&sheet(&env, "links.xlsx")[2][2]).chars().count(), length);
        } else {
            output.refused(
                "error: -o: the text in line 3 is longer than 32767 characters, the limit for a cell in an .xlsx file; use a .csv file\n",
            );
        }
    }
    env.write("roster.jsonl", format!("{{\"id\":\"a\",\"name\":\"{}\"}}\n", "é".repeat(32_768)));
    env.run("batch roster.jsonl -o json.xlsx --rate 0").refused(
        "error: -o: the text in line 1 is longer than 32767 characters, the limit for a cell in an .xlsx file; use a .csv file\n",
    );
    assert_eq!(school.count(), 2);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_links_workbook_and_no_other_file_is_left() {
    use std::os::unix::fs::PermissionsExt as _;
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", ROSTER);
    env.run("batch roster.csv -o links.xlsx --rate 0").succeeded("");
    let mode = fs::metadata(env.path("work/links.xlsx")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut names: Vec<_> = fs::read_dir(env.path("work"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["links.xlsx", "links.xlsx.journal", "roster.csv"]);
}

#[test]
fn the_links_of_a_json_roster_may_be_a_table_with_the_same_bodies() {
    let school = School::open();
    let env = school.env();
    let bodies = "{\"id\":\"a\",\"name\":\"Art, 7b\",\"user\":{\"name\":\"=Ann\",\"leader\":true}}\n\
                  {\"id\":\"b\",\"user\":{\"name\":\"Ben\"},\"features\":{\"chat.enabled\":false}}\n";
    env.write("roster.jsonl", bodies);
    for name in ["links.csv", "links.xlsx"] {
        env.run(&format!("batch roster.jsonl -o {name} --rate 0")).succeeded("");
        env.run(&format!("batch {name} --dry-run --json")).succeeded(bodies);
        // It can be written again from its journal, like every links file.
        let before = fs::read(env.path(&format!("work/{name}"))).unwrap();
        env.run(&format!("batch roster.jsonl -o {name} --rate 0 --resume")).succeeded("");
        if name == "links.csv" {
            assert_eq!(fs::read(env.path(&format!("work/{name}"))).unwrap(), before);
        }
    }
    let csv = fs::read_to_string(env.path("work/links.csv")).unwrap();
    let header = "id,space name,user.name,user.leader,features.chat.enabled,link_status,client_url,expires_at,room_id,link_error\r\n";
    assert!(csv.starts_with(header), "{csv}");
    assert!(csv.contains("\r\na,\"Art, 7b\",'=Ann,true,,created,https://"), "{csv}");
    assert_eq!(school.count(), 4);
}

#[test]
fn the_links_of_a_roster_with_columns_may_be_json() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", ROSTER);
    env.run("batch roster.csv -o links.jsonl --rate 0").succeeded("");
    let links = fs::read_to_string(env.path("work/links.jsonl")).unwrap();
    let written: Vec<serde_json::Value> =
        links.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(written.len(), 2, "{links}");
    assert_eq!(written[0]["user"], serde_json::json!({"id": "007", "name": "Änne"}));
    assert_eq!(written[0]["result"]["link_status"], "created");
    assert!(written[1]["result"]["client_url"].as_str().unwrap().starts_with("https://"));
    // The same bodies, so the same people.
    let bodies = env.run("batch roster.csv --dry-run --json").stdout;
    env.run("batch links.jsonl --dry-run --json").succeeded(&bodies);
    env.run("batch roster.csv -o links.jsonl --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 2);
}
