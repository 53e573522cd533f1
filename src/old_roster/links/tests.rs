//! What LINKS files look like, and what keeps them from being written.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::old_roster::{
    outcome::Status,
    read::{Format, Reading},
};

const LINK: &str = "https://go.example/?user=a,b";

fn linked() -> Outcome {
    Outcome {
        status: Status::Created,
        client_url: Some(LINK.to_owned()),
        expires_at: Some("2026-12-01T14:00:00Z".parse().expect("a time")),
        room_id: Some("=r1".to_owned()),
        error: None,
    }
}

fn failed(words: &str) -> Outcome {
    Outcome { error: Some(words.to_owned()), ..Outcome::without_link(Status::Failed) }
}

fn read(text: &[u8], format: Format) -> Roster {
    Roster::read(text.to_vec(), &Reading::of(format)).expect("a roster")
}

fn target<'a>(path: &'a Path, roster: &'a Roster) -> Target<'a> {
    static ZONE: TimeZone = TimeZone::UTC;
    Target { path, roster, people: &[], zone: &ZONE, body_of: &|_| None }
}

/// The LINKS file of a roster whose rows all have this outcome.
fn links(roster: &Roster, outcome: &Outcome) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("links.csv");
    write(&target(&path, roster), |_| Ok::<_, LinksError>(vec![Some(outcome.clone())]))
        .expect("written");
    let names: Vec<_> = fs::read_dir(folder.path()).expect("listed").collect();
    assert_eq!(names.len(), 1, "nothing else is left");
    fs::read(&path).expect("read")
}

fn links_text(roster: &str, outcome: &Outcome) -> String {
    String::from_utf8(links(&read(roster.as_bytes(), Format::Csv), outcome)).expect("UTF-8")
}

#[test]
fn links_follow_the_rosters_dialect() {
    assert_eq!(
        links_text("sep=;\r\nid;note\r\n\r\na;\"x\r\ny\"\r\nb\r\n", &linked()),
        "sep=;\r\nid;note;link_status;client_url;expires_at;room_id;link_error\r\n\
         a;\"x\r\ny\";created;https://go.example/?user=a,b;2026-12-01T14:00:00Z;'=r1;\r\n\
         b;;created;https://go.example/?user=a,b;2026-12-01T14:00:00Z;'=r1;\r\n"
    );
    assert_eq!(
        links_text("id,=x\n-1,'@\n", &failed("+no")),
        "id,'=x,link_status,client_url,expires_at,room_id,link_error\n'-1,''@,failed,,,,'+no\n"
    );
}

#[test]
fn a_bom_is_written_when_there_was_one_or_when_excel_needs_it() {
    let bom = "\u{feff}";
    assert!(!links_text("id\na\n", &linked()).starts_with(bom));
    assert!(links_text("\u{feff}id\na\n", &linked()).starts_with("\u{feff}id,"));
    assert!(links_text("id\nä\n", &linked()).starts_with(bom));
    let late = links_text("id\na\n", &failed("kein Büro"));
    assert!(late.starts_with("\u{feff}id,") && late.ends_with("failed,,,,kein Büro\n"));
    let utf_16: Vec<u8> = "id\na\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(links(&read(&utf_16, Format::Csv), &linked()).starts_with(BOM));
}

#[test]
fn json_lines_get_a_result() {
    let roster =
        read(b"{\"id\": 1E5}\r\n\r\n{\"result\":1,\"id\":\"\xc3\xa4\"}", Format::JsonLines);
    let outcome = failed("größer");
    let result = "{\"link_status\":\"failed\",\"client_url\":null,\"expires_at\":null,\
                  \"room_id\":null,\"link_error\":\"größer\"}";
    assert_eq!(
        String::from_utf8(links(&roster, &outcome)).expect("UTF-8"),
        format!("{{\"id\": 1E5,\"result\":{result}}}\r\n{{\"result\":{result},\"id\":\"ä\"}}\r\n")
    );
}

fn read_back(roster: &str) -> Roster {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("links.xlsx");
    write(&target(&path, &read(roster.as_bytes(), Format::Csv)), |_| {
        Ok::<_, LinksError>(vec![Some(linked())])
    })
    .expect("written");
    read(&fs::read(&path).expect("read"), Format::Workbook)
}

#[test]
fn a_workbook_is_a_roster_of_the_same_rows_with_their_links() {
    let again = read_back("id\na0\na1\na2\n");
    assert_eq!((again.len(), again.is_links()), (3, true));
    for row in 0..3 {
        let Ok(Row::Cells(cells)) = again.row(row) else { panic!("no cells") };
        let texts = [0, 1, 2, 4].map(|column| cells.get(column).to_owned());
        assert_eq!(texts, [&*format!("a{row}"), "created", LINK, "=r1"]);
    }
}

#[test]
fn links_beyond_what_excel_takes_are_text() {
    let mut links = sheet::Links::default();
    let long = format!("{LINK}{}", "x".repeat(2_000));
    assert!(!links.add("A1", &long).expect("written"), "too long");
    assert!(!links.add("A1", "no link").expect("written"));
    for _ in 0..sheet::MOST_LINKS {
        assert!(links.add("A1", LINK).expect("written"));
    }
    assert!(!links.add("A1", LINK).expect("written"), "too many");
}

proptest! {
    #[test]
    fn a_workbook_holds_a_text_as_it_is(
        text in "[a-c<>&\"'=_x0-9\\x01-\\x1f\u{7f}-\u{9f}\u{fffe}\u{ffff}é😀 ]{0,9}z|_x00[0-9a-f]{2}_?",
    ) {
        let again = read_back(&format!("id,notes\na,\"{}\"\n", text.replace('"', "\"\"")));
        let Ok(Row::Cells(cells)) = again.row(0) else { panic!("no cells") };
        prop_assert_eq!(cells.get(1), text);
    }
}

proptest! {
    #[test]
    fn a_links_file_is_a_roster_of_the_same_cells(
        rows in proptest::collection::vec(
            proptest::collection::vec("'{0,2}[=+@\t\rab\";-]?[a-c\",;\n]{0,3}", 3), 1..5),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        writer.write_record(["one", "=two", "'-three"]).expect("written");
        for row in &rows {
            writer.write_record(row).expect("written");
        }
        let roster = read(&writer.into_inner().expect("flushed"), Format::Csv);
        let once = links(&roster, &linked());
        let again = read(&once, Format::Csv);
        prop_assert!(again.is_links() && !roster.is_links());
        prop_assert_eq!(&again.header()[..3], roster.header());
        prop_assert_eq!(roster.len(), again.len());
        for index in 0..roster.len() {
            let (Ok(Row::Cells(before)), Ok(Row::Cells(after))) =
                (roster.row(index), again.row(index))
            else {
                return Err(TestCaseError::fail("not cells"));
            };
            for column in 0..3 {
                prop_assert_eq!(before.get(column), after.get(column));
            }
        }
        prop_assert_eq!(links(&again, &linked()), once);
    }
}

#[test]
fn a_failure_leaves_the_earlier_file_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("links.csv");
    fs::write(&path, "earlier").expect("written");
    let roster = read(b"id\na\nb\n", Format::Csv);
    let written = write(&target(&path, &roster), |index| {
        if index == 0 {
            return Ok(vec![Some(linked())]);
        }
        Err(LinksError::NotAFile { path: "any".into() })
    });
    assert!(written.is_err());
    assert!(matches!(check(&path, None, &[], false), Err(LinksError::Exists { .. })));
    check(&path, None, &[], true).expect("may be replaced");
    assert_eq!(fs::read_to_string(&path).expect("read"), "earlier");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
}

#[test]
fn a_folder_that_is_missing_is_said_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("missing").join("links.csv");
    let error = check(&path, None, &[], true).expect_err("no folder");
    assert!(error.to_string().ends_with("links.csv; its folder does not exist"));
    assert!(matches!(check(folder.path(), None, &[], true), Err(LinksError::NotAFile { .. })));
    check(&folder.path().join("links.csv"), None, &[], true).expect("writable");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 0);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_roster_itself_is_recognised_by_any_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let [roster, soft, hard, copy] =
            ["roster.csv", "soft.csv", "hard.csv", "copy.csv"].map(|name| folder.path().join(name));
        fs::write(&roster, "id\n").expect("written");
        fs::write(&copy, "id\n").expect("written");
        symlink(&roster, &soft).expect("linked");
        fs::hard_link(&roster, &hard).expect("linked");
        for path in [&roster, &soft, &hard, &folder.path().join(".").join("roster.csv")] {
            let checked = check(path, Some(&roster), &[], true);
            assert!(matches!(checked, Err(LinksError::IsTheRoster { .. })), "{path:?}");
        }
        check(&copy, Some(&roster), &[], true).expect("another file");
    }

    #[test]
    fn links_are_private_and_a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, soft] = ["links.csv", "soft.csv"].map(|name| folder.path().join(name));
        fs::write(&file, "earlier").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        symlink(&file, &soft).expect("linked");
        let roster = read(b"id\na\n", Format::Csv);
        write(&target(&soft, &roster), |_| Ok::<_, LinksError>(vec![Some(linked())]))
            .expect("written");
        assert!(fs::symlink_metadata(&soft).expect("there").is_symlink());
        let metadata = fs::metadata(&file).expect("there");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        assert!(matches!(
            check(Path::new("/dev/null"), None, &[], true),
            Err(LinksError::NotAFile { .. })
        ));
    }
}
