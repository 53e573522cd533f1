//! Calendars as exported by Google, Outlook, Apple, `WebUntis` and Pronote, and small ones for each
//! rule.

use super::*;
use std::path::PathBuf;

fn options(zone: &str) -> Options {
    Options {
        kind: crate::exports::Kind::Calendar,
        on: "2026-11-29".parse().expect("is a date"),
        days: 14,
        zone: TimeZone::get(zone).expect("is a zone"),
        is_zone_chosen: false,
        skip_broken: false,
    }
}

/// Lines of `uid | start - end | who`, with a star for an organiser.
fn lines(export: &Export) -> Vec<String> {
    let line = |row: &crate::roster::Row| {
        let star = if row.text(8) == "yes" { "*" } else { "" };
        let person = match (row.text(6), row.text(7)) {
            (name, "") => name.to_owned(),
            (name, email) => format!("{name} <{email}>"),
        };
        let end = row.text(3).split_once('T').map_or("", |(_, time)| time);
        format!("{} | {} | {}-{end} | {person}{star}", row.text(0), row.text(1), row.text(2))
    };
    export.table.rows[1..].iter().map(line).collect()
}

fn notes(export: &Export) -> Vec<String> {
    let crate::roster::Source::Export { left_out, warnings, .. } = &export.table.source else {
        panic!("is an export")
    };
    let left_out = left_out.iter().map(|(count, words)| format!("{count} {words}"));
    left_out.chain(warnings.iter().cloned()).collect()
}

fn sample(name: &str) -> Export {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/calendars");
    read(&folder.join(name), &options("Europe/London")).expect("is read")
}

/// Reads `text` as a calendar.
fn read_text(text: &str, change: impl FnOnce(&mut Options)) -> Result<Export> {
    let folder = tempfile::tempdir().expect("a folder");
    let path: PathBuf = folder.path().join("lessons.ics");
    std::fs::write(&path, text).expect("is written");
    let mut options = options("Europe/London");
    change(&mut options);
    read(&path, &options)
}

/// A calendar with these events. Events without attendees get default people.
fn calendar(events: &[&str]) -> String {
    let event = |event: &&str| {
        let people = if event.contains("ATTENDEE") {
            ""
        } else {
            "ORGANIZER:mailto:t@x.example\nATTENDEE;CN=Ada:mailto:ada@x.example\n"
        };
        let summary = if event.contains("SUMMARY") { "" } else { "SUMMARY:Lesson\n" };
        format!("BEGIN:VEVENT\n{summary}{people}{event}\nEND:VEVENT\n")
    };
    let events: String = events.iter().map(event).collect::<Vec<_>>().concat();
    format!("BEGIN:VCALENDAR\n{events}END:VCALENDAR\n")
}

/// The starts of all lessons.
fn starts(events: &[&str]) -> Vec<String> {
    let export = read_text(&calendar(events), |_| ()).expect("is read");
    let students = export.table.rows[1..].iter().filter(|row| row.text(5) == "student");
    students.map(|row| row.text(2).to_owned()).collect()
}

fn refusal(text: &str) -> String {
    let error = read_text(text, |_| ()).expect_err("is refused");
    let mut lines = vec![error.message.clone()];
    lines.extend(error.causes.iter().cloned());
    lines.join("\n")
}

#[test]
fn google_series_exceptions_moved_and_cancelled_lessons_are_read() {
    let export = sample("google.ics");
    let uid = "4k2v9c8mathsseven@google.com";
    let ada = "Ada Fenwick <ada.fenwick@students.lindenhill.example>";
    let marta = "Marta Quill <marta.quill@lindenhill.example>*";
    let elif = "elif@students.lindenhill.example <elif@students.lindenhill.example>";
    let monday = format!("{uid} | Mathematics 7A | 2026-11-30T14:00:00Z-14:45:00Z");
    let moved = format!("{uid} | Mathematics 7A | 2026-12-08T09:30:00Z-10:15:00Z");
    assert_eq!(
        lines(&export),
        [
            format!("{monday} | {marta}"),
            format!("{monday} | {ada}"),
            format!("{monday} | {elif}"),
            format!("shared@google.com | Reading club | 2026-12-03T10:00:00Z-10:30:00Z | {ada}"),
            format!("{moved} | {marta}"),
            format!("{moved} | {ada}"),
        ]
    );
    assert_eq!(
        notes(&export),
        [
            "1 cancelled lesson",
            "1 all-day event",
            "1 declined invitation",
            "1 room, device or group",
            "1 lesson without attendees",
            "some lessons have no leader: their organiser is not a person with a name or email (for example, a shared calendar)",
        ]
    );
    let row = &export.table.rows[1];
    assert_eq!(
        (row.line, row.text(4), export.file_names.as_slice()),
        (26, "Room 4", &["google.ics".to_owned()][..])
    );
}

#[test]
fn outlooks_windows_zones_and_own_zones_are_read() {
    let export = sample("outlook.ics");
    let owen = "Owen Brackley <owen.brackley@lindenhill.example>*";
    let dimitri = "Volkov, Dimitri <dimitri.volkov@students.lindenhill.example>";
    let grace = "grace@students.lindenhill.example <grace@students.lindenhill.example>";
    let uid = "040000008200E00074C5B7101A82E00800000000A0B1C2D3E4F5DC01000000000000000010000000\
               ABCDEF0123456789ABCDEF0123456789";
    let first = format!("{uid} | English 7A | 2026-12-01T14:00:00Z-15:00:00Z");
    let second = format!("{uid} | English 7A | 2026-12-08T14:00:00Z-15:00:00Z");
    let custom = "custom-zone | Far away | 2026-12-02T14:00:00Z-14:45:00Z";
    assert_eq!(
        lines(&export),
        [
            format!("{first} | {owen}"),
            format!("{first} | {dimitri}"),
            format!("{first} | {grace}"),
            format!("{custom} | {owen}"),
            format!("{custom} | {dimitri}"),
            format!("{second} | {owen}"),
            format!("{second} | {dimitri}"),
            format!("{second} | {grace}"),
        ]
    );
    assert_eq!(
        notes(&export),
        ["1 cancelled lesson", "1 all-day event", "2 rooms, devices and groups"]
    );
}

#[test]
fn apples_people_without_mailto_and_single_dates_are_read() {
    let export = sample("apple.ics");
    let start = "7A0E6D9C-1111-2222-3333-444455556666 | Physik, Übung";
    let first = format!("{start} | 2026-11-30T15:00:00Z-16:00:00Z");
    let second = format!("{start} | 2026-12-02T17:00:00Z-18:00:00Z");
    let people = [
        "Marta Quill <marta.quill@lindenhill.example>*",
        "Björn Åkesson <bjorn@students.lindenhill.example>",
        "Chloé d'Aubray",
    ];
    let expected: Vec<String> = [first, second]
        .iter()
        .flat_map(|lesson| people.map(|person| format!("{lesson} | {person}")))
        .collect();
    assert_eq!(lines(&export), expected);
    assert!(notes(&export).is_empty(), "{:?}", notes(&export));
}

#[test]
fn webuntis_lessons_without_a_uid_each_get_one() {
    let export = sample("webuntis.ics");
    let ada = "Ada Fenwick <ada@students.lindenhill.example>";
    assert_eq!(
        lines(&export),
        [
            format!(
                "M 7a QuM 2026-11-30T07:00:00Z | M 7a QuM | 2026-11-30T07:00:00Z-07:45:00Z | {ada}"
            ),
            format!(
                "E 7a BrO 2026-11-30T08:00:00Z | E 7a BrO | 2026-11-30T08:00:00Z-08:45:00Z | {ada}"
            ),
        ]
    );
    assert_eq!(
        notes(&export),
        [
            "1 cancelled lesson",
            "3 events without a UID; their Space id is made from the summary and the start, so a lesson that \
             moves gets a new Space",
        ]
    );
}

#[test]
fn pronote_lessons_keep_their_uid_in_the_next_export() {
    let export = sample("pronote.ics");
    assert_eq!(
        lines(&export),
        [
            "Cours-40048-1-Index-Education | MATHEMATIQUES - 5B | 2026-11-30T08:15:00Z-09:10:00Z | Ada \
          Fenwick <ada@students.lindenhill.example>"
        ]
    );
    assert_eq!(
        notes(&export),
        ["1 cancelled lesson", "1 all-day event", "1 lesson without attendees"]
    );
    for (uid, expected) in [
        ("Cours-243-1-20191111T151814Z-Index-Education", Some("Cours-243-1-Index-Education")),
        ("Cours-243-1-Index-Education", None),
        ("Cours-243-20191111-Index-Education", None),
        ("Cours-243-1-20191111T151814Z", None),
    ] {
        assert_eq!(without_export_time(uid).as_deref(), expected);
    }
}

#[test]
fn the_days_to_read_are_counted_in_the_chosen_time_zone() {
    let text = calendar(&[
        "UID:a\nDTSTART:20261128T235959Z\nDURATION:PT1H",
        "UID:b\nDTSTART:20261129T000000Z\nDURATION:PT1H",
        "UID:c\nDTSTART:20261212T235900Z\nDURATION:PT1H",
        "UID:d\nDTSTART:20261213T000000Z\nDURATION:PT1H",
    ]);
    let uids = |change: fn(&mut Options)| {
        let export = read_text(&text, change).expect("is read");
        let mut uids: Vec<String> =
            export.table.rows[1..].iter().map(|row| row.text(0).to_owned()).collect();
        uids.dedup();
        uids.concat()
    };
    assert_eq!(uids(|_| ()), "bc");
    assert_eq!(uids(|options| options.days = 1), "b");
    assert_eq!(uids(|options| options.days = 15), "bcd");
    assert_eq!(uids(|options| options.on = "2026-11-28".parse().expect("a date")), "ab");
    let berlin =
        |options: &mut Options| options.zone = TimeZone::get("Europe/Berlin").expect("a zone");
    assert_eq!(uids(berlin), "ab");
}

#[test]
fn a_weekly_lesson_keeps_its_local_time_when_the_clocks_change() {
    let text = calendar(&[
        "UID:a\nDTSTART;TZID=Europe/London:20261018T140000\nDTEND;TZID=Europe/London:20261018T150000\n\
         RRULE:FREQ=WEEKLY",
        "UID:b\nDTSTART:20261018T160000\nDTEND:20261018T170000\nRRULE:FREQ=WEEKLY",
    ]);
    let export = read_text(&text, |options| options.on = "2026-10-18".parse().expect("a date"));
    let export = export.expect("is read");
    let starts: Vec<&str> = export.table.rows[1..].iter().map(|row| row.text(2)).collect();
    assert_eq!(
        starts,
        [
            "2026-10-18T13:00:00Z",
            "2026-10-18T13:00:00Z",
            "2026-10-18T15:00:00Z",
            "2026-10-18T15:00:00Z",
            "2026-10-25T14:00:00Z",
            "2026-10-25T14:00:00Z",
            "2026-10-25T16:00:00Z",
            "2026-10-25T16:00:00Z",
        ]
    );
    assert_eq!(
        notes(&export),
        ["2 lessons without a time zone; their times are read as Europe/London"]
    );
    let unknown = read_text(&text, |options| options.zone = TimeZone::unknown());
    assert_eq!(
        unknown.expect_err("is refused").to_string(),
        "some times in the calendar have no time zone, and this computer's time zone is unknown"
    );
}

#[test]
fn times_without_a_zone_are_in_the_calendars_own_zone_unless_the_user_chose_one() {
    let floating = "UID:1\nDTSTART:20261201T140000\nDTEND:20261201T144500";
    let with = |name: &str| {
        let zone = format!("BEGIN:VCALENDAR\nX-WR-TIMEZONE:{name}\n");
        calendar(&[floating]).replace("BEGIN:VCALENDAR\n", &zone)
    };
    let two = with("Europe/Berlin") + &with("Asia/Tokyo").replace("UID:1", "UID:2");
    for (text, is_zone_chosen, start, zone) in [
        (with("Europe/Berlin"), false, "2026-12-01T13:00:00Z", "Europe/Berlin"),
        (with("W. Europe Standard Time"), false, "2026-12-01T13:00:00Z", "Europe/Berlin"),
        (with("Europe/Berlin"), true, "2026-12-01T14:00:00Z", "Europe/London"),
        (with("Here"), false, "2026-12-01T14:00:00Z", "Europe/London"),
        (with(""), false, "2026-12-01T14:00:00Z", "Europe/London"),
        (two, false, "2026-12-01T14:00:00Z", "Europe/London"),
    ] {
        let export = read_text(&text, |options| options.is_zone_chosen = is_zone_chosen);
        let export = export.expect("is read");
        assert_eq!(export.table.rows[1].text(2), start, "{text}");
        let notes = notes(&export).join("\n");
        assert!(notes.ends_with(&format!("their times are read as {zone}")), "{notes}");
    }
}

#[test]
fn exceptions_and_replacements_match_in_any_zone_and_format() {
    let series = "UID:a\nDTSTART;TZID=Europe/London:20261201T140000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3";
    let with = |line: &str| starts(&[&format!("{series}\n{line}")]);
    let all = ["2026-12-01T14:00:00Z", "2026-12-02T14:00:00Z", "2026-12-03T14:00:00Z"];
    assert_eq!(with("X:1"), all);
    for exception in [
        "EXDATE:20261202T140000Z",
        "EXDATE:20261202T140000",
        "EXDATE;TZID=America/New_York:20261202T090000",
        "EXDATE;VALUE=DATE:20261202",
    ] {
        assert_eq!(with(exception), [all[0], all[2]], "{exception}");
    }
    assert_eq!(with("EXDATE:20261201T140000Z,20261203T140000Z"), [all[1]]);
    assert_eq!(
        with("RDATE:20261205T100000Z").last().map(String::as_str),
        Some("2026-12-05T10:00:00Z")
    );
    for id in [
        "RECURRENCE-ID:20261202T140000Z",
        "RECURRENCE-ID:20261202T140000",
        "RECURRENCE-ID;VALUE=DATE:20261202",
    ] {
        let moved = format!("UID:a\n{id}\nDTSTART:20261204T080000Z\nDURATION:PT1H");
        assert_eq!(starts(&[series, &moved]), [all[0], all[2], "2026-12-04T08:00:00Z"], "{id}");
        let away = format!("UID:a\n{id}\nDTSTART:20270104T080000Z\nDURATION:PT1H");
        assert_eq!(starts(&[series, &away]), [all[0], all[2]], "{id}");
    }
    let alone = "UID:a\nRECURRENCE-ID:20261202T140000Z\nDTSTART:20261204T080000Z\nDURATION:PT1H";
    assert_eq!(starts(&[alone]), ["2026-12-04T08:00:00Z"]);
}

#[test]
fn a_cancelled_series_or_calendar_has_no_lessons() {
    let event = "UID:a\nDTSTART:20261201T140000Z\nDURATION:PT1H";
    for text in [
        calendar(&[&format!("{event}\nSTATUS:CANCELLED")]),
        calendar(&[&format!("{event}\nSUMMARY:Annulé : Maths")]),
        calendar(&[&format!("{event}\nCATEGORIES:X,Cours annulé")]),
        calendar(&[event]).replace("END:VCALENDAR", "METHOD:CANCEL\nEND:VCALENDAR"),
        calendar(&[event]) + &calendar(&[event]).replacen('\n', "\nMETHOD:CANCEL\n", 1),
    ] {
        let export = read_text(&text, |_| ()).expect("is read");
        assert_eq!(
            (export.table.rows.len(), notes(&export)),
            (1, vec!["1 cancelled lesson".to_owned()]),
            "{text}"
        );
    }
}

#[test]
fn different_lessons_never_share_a_uid() {
    let one = "UID:a\nDTSTART:20261201T140000Z\nDURATION:PT1H";
    let other_day = "UID:a\nDTSTART:20261202T140000Z\nDURATION:PT1H";
    assert_eq!(starts(&[one, other_day]), ["2026-12-01T14:00:00Z", "2026-12-02T14:00:00Z"]);
    assert_eq!(starts(&[one, one]), ["2026-12-01T14:00:00Z"]);
    let newer = format!("{other_day}\nSEQUENCE:1");
    assert_eq!(starts(&[one, &newer]), ["2026-12-02T14:00:00Z"]);
    for different in ["SUMMARY:Another", "ATTENDEE:mailto:bo@x.example"] {
        let text = calendar(&[one, &format!("{other_day}\n{different}")]);
        assert_eq!(
            refusal(&text),
            "lessons.ics: same UID as a different event: line 2 (\"a\"), line 10 (\"a\")"
        );
        let export = read_text(&text, |options| options.skip_broken = true).expect("is read");
        assert_eq!(
            notes(&export),
            ["2 broken rows in lessons.ics (same UID as a different event)"]
        );
        assert_eq!(export.table.rows.len(), 1);
    }
    let nameless =
        |people: &str| format!("UID:none\nDTSTART:20261201T140000Z\nDURATION:PT1H\n{people}");
    let text = calendar(&[
        &nameless("ATTENDEE:mailto:bo@x.example"),
        &nameless("ATTENDEE:mailto:cy@x.example"),
    ]);
    assert!(refusal(&text).contains("same UID as a different event"));
    let past = calendar(&["UID:a\nDTSTART:20250101T140000Z\nDURATION:PT1H\nSUMMARY:Old", one]);
    assert!(read_text(&past, |_| ()).is_ok());
}

#[test]
fn each_kind_of_unreadable_entry_is_one_error_if_it_matters() {
    let text = calendar(&[
        "UID:a\nDTSTART;TZID=Nowhere:20261201T140000\nDURATION:PT1H",
        "UID:b\nDTSTART:soon\nDURATION:PT1H",
        "UID:c\nDTSTART:20261201T140000Z",
        "UID:d\nDTSTART:20261201T140000Z\nDTEND:20261201T130000Z",
        "UID:e\nDTSTART:20261101T140000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY",
        "UID:f\nDURATION:PT1H",
        "UID:g\nDTSTART;TZID=Nowhere:20260901T140000\nDURATION:PT1H",
        "UID:h\nDTSTART:20261201T140000Z\nDURATION:PT1H\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261201T140000Z",
    ]);
    assert_eq!(
        refusal(&text),
        "6 problems with the input; nothing was sent\n\
         lessons.ics: unknown time zone: line 2 (\"Nowhere\")\n\
         lessons.ics: not a date and time: line 10 (\"soon\")\n\
         lessons.ics: unsupported recurrence: line 33 (\"FREQ=HOURLY\")\n\
         lessons.ics: no start (DTSTART): line 42 (\"Lesson\")\n\
         lessons.ics: unsupported change to all later lessons (RANGE): line 57 (\"Lesson\")\n\
         lessons.ics: no end (DTEND or DURATION) after the start: line 18 (\"Lesson\"), line 25 (\"Lesson\")"
    );
}

#[test]
fn a_zone_that_contradicts_its_known_name_is_reported() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Europe/London\nBEGIN:STANDARD\nDTSTART:19700101T000000\n\
                TZOFFSETFROM:+0500\nTZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE\n";
    let text = calendar(&["UID:a\nDTSTART;TZID=Europe/London:20261201T140000\nDURATION:PT1H"]);
    let text = text.replacen("BEGIN:VEVENT", &format!("{zone}BEGIN:VEVENT"), 1);
    let export = read_text(&text, |_| ()).expect("is read");
    assert_eq!(export.table.rows[1].text(2), "2026-12-01T14:00:00Z");
    assert_eq!(
        notes(&export),
        ["this calendar defines time zone \"Europe/London\" differently from Europe/London; \
             its times are read as Europe/London"]
    );
}

#[test]
fn people_are_listed_once_and_always_have_a_name() {
    let people = "ORGANIZER:/principal/\nATTENDEE:urn:uuid:1\nATTENDEE:urn:uuid:2\n\
                  ATTENDEE;CN=Ada:mailto:ada@x.example\nATTENDEE;CN=A:MAILTO:ADA@x.example\n\
                  ATTENDEE;CN=\"'bo@x.example'\":mailto:bo@x.example\nATTENDEE;CN=Smith: Cy:mailto:cy@x.example";
    let event = format!("UID:a\nDTSTART:20261201T140000Z\nDURATION:PT1H\n{people}");
    let export = read_text(&calendar(&[&event]), |_| ()).expect("is read");
    let lesson = "a | Lesson | 2026-12-01T14:00:00Z-15:00:00Z |";
    assert_eq!(
        lines(&export),
        [
            format!("{lesson} Ada <ada@x.example>"),
            format!("{lesson} bo@x.example <bo@x.example>"),
            format!("{lesson} Smith <cy@x.example>"),
        ]
    );
    assert_eq!(
        notes(&export),
        [
            "2 attendees without a name or email",
            "some lessons have no leader: their organiser is not a person with a name or email (for example, a shared calendar)",
        ]
    );
}

#[test]
fn siblings_with_one_address_are_two_people_and_an_organiser_who_declined_does_not_lead() {
    let people = "ORGANIZER;CN=Office:mailto:o@x.example\n\
                  ATTENDEE;CN=Marta Quill;PARTSTAT=DECLINED:mailto:o@x.example\n\
                  ATTENDEE;CN=Ada Byron:mailto:family@x.example\n\
                  ATTENDEE;CN=\"Byron, Ada\":mailto:family@x.example\n\
                  ATTENDEE;CN=Ben Byron:mailto:family@x.example\n\
                  ATTENDEE;CN=Ben Byron:mailto:family@x.example";
    let event = format!("UID:a\nDTSTART:20261201T140000Z\nDURATION:PT1H\n{people}");
    let export = read_text(&calendar(&[&event]), |_| ()).expect("is read");
    let lesson = "a | Lesson | 2026-12-01T14:00:00Z-15:00:00Z |";
    assert_eq!(
        lines(&export),
        [format!("{lesson} Ada Byron <family@x.example>"), format!("{lesson} Ben Byron")]
    );
    assert_eq!(
        notes(&export),
        [
            "1 declined invitation",
            "family@x.example belongs to several attendees; it is sent only for the first, and the others are sent by name",
        ]
    );
}

#[test]
fn damage_is_reported_with_its_line() {
    for (text, message) in [
        ("", " is not a calendar (expected BEGIN:VCALENDAR)"),
        ("<html>", " is not a calendar (expected BEGIN:VCALENDAR)"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\n", ": VCALENDAR on line 1 has no END"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
            ": line 3 ends VCALENDAR, but VEVENT of line 2 is still open",
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTENDEE;CN=Ada\nByron:mailto:a@x.example\nEND:VEVENT\nEND:VCALENDAR\n",
            ": line 3 is not a calendar property",
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:One\nand two\nEND:VEVENT\nEND:VCALENDAR\n",
            ": line 4 is not a calendar property",
        ),
    ] {
        assert_eq!(refusal(text), format!("lessons.ics{message}"), "{text}");
    }
    let free_text =
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDESCRIPTION:One\nand two\nEND:VEVENT\nEND:VCALENDAR\n";
    assert!(read_text(free_text, |_| ()).is_ok());
}

#[test]
fn hostile_recurrences_terminate() {
    let often = "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;\
                 BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29";
    let event = format!("UID:a\nDTSTART:00010101T000000Z\nDURATION:PT1M\n{often};COUNT=4000000000");
    assert_eq!(refusal(&calendar(&[&event])), "lessons.ics has too many recurring events");
    let never =
        "UID:a\nDTSTART:00010101T000000Z\nDURATION:PT1M\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    assert!(starts(&[never]).is_empty());
    let same: Vec<String> =
        (0..2001).map(|it| format!("UID:a\nDTSTART:20260101T000000Z\nSEQUENCE:{it}")).collect();
    let same: Vec<&str> = same.iter().map(String::as_str).collect();
    assert_eq!(
        refusal(&calendar(&same)),
        "lessons.ics has more than 2000 events with the UID \"a\""
    );
    let long =
        format!("UID:a\nDTSTART:20261201T000000Z\nDURATION:PT1H\nSUMMARY:{}", "x".repeat(1 << 20));
    assert_eq!(refusal(&calendar(&[&long])), "lessons.ics: line 8 is larger than 1 MiB");
    let picture = long.replace("SUMMARY:", "SUMMARY:x\nATTACH:");
    assert_eq!(starts(&[&picture]), ["2026-12-01T00:00:00Z"]);
    let dates = format!(
        "UID:a\nDTSTART:20261201T000000Z\nDURATION:PT1H\n{}",
        "RDATE:1,1\n".repeat(500_000)
    );
    assert_eq!(refusal(&calendar(&[&dates])), "lessons.ics: more than 1000000 attendees and dates");
    let people: String = (0..20_000)
        .map(|it| format!("ATTENDEE:mailto:{it}@x.example\n"))
        .collect::<Vec<_>>()
        .concat();
    let many = format!("UID:a\nDTSTART:20261129T000000Z\nDURATION:PT1M\n{people}{often}");
    let message = refusal(&calendar(&[&many]));
    assert!(message.ends_with("rows to send"), "{message}");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(40))]

    #[test]
    fn a_damaged_calendar_gives_rows_or_an_error(
        name in proptest::sample::select(vec!["google.ics", "outlook.ics", "apple.ics"]),
        changes in proptest::collection::vec((0_usize..4000, proptest::prelude::any::<u8>()), 1..12),
        cut in 0_usize..8000,
    ) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/calendars");
        let mut bytes = std::fs::read(folder.join(name)).expect("is there");
        for (at, byte) in changes {
            let at = at % bytes.len();
            // Digits and delimiters do the most harm.
            bytes[at] = if byte < 128 { b"0123456789;:,\n-"[usize::from(byte) % 15] } else { byte };
        }
        if cut < bytes.len() {
            bytes.remove(cut);
        }
        let options = options("Europe/London");
        if let Ok(Calendar { events, zones, .. }) = Calendar::parse(&utf_8(bytes), "x.ics") {
            let mut reader = Reader::new("x.ics", &options).expect("is made");
            let _ = reader.define(&zones).and_then(|()| reader.into_export(events));
        }
    }
}
