//! `handout`: the links of a batch as a calendar.

use std::collections::BTreeSet;
use std::fs;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty,
};

use crate::handout::{ROSTER, handed_over, text};
use crate::support::TestEnv;

/// The events of a calendar, read by an independent parser.
fn events(text: &str) -> Vec<ICalendarComponent> {
    let calendar = ICalendar::parse(text).unwrap_or_else(|error| panic!("{error:?} in {text}"));
    let is_event =
        |part: &ICalendarComponent| part.component_type == ICalendarComponentType::VEvent;
    calendar.components.into_iter().filter(is_event).collect()
}

fn property(event: &ICalendarComponent, name: &ICalendarProperty) -> String {
    let entry = event.entries.iter().find(|entry| entry.name == *name).unwrap();
    let value = entry.values.first().unwrap();
    match value.as_text() {
        Some(text) => text.to_owned(),
        None => value
            .as_partial_date_time()
            .and_then(PartialDateTime::to_timestamp)
            .unwrap()
            .to_string(),
    }
}

#[test]
fn a_calendar_has_an_event_for_each_lesson_and_counts_the_other_links() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o lessons.ics").succeeded("").says(&[
        "2 events for 2 Spaces saved to lessons.ics",
        "warning: left out 1 link: longer than 24 hours, so not a single lesson",
    ]);
    let text = text(&env, "lessons.ics");
    assert!(
        text.split_inclusive("\r\n").all(|line| line.ends_with("\r\n") && line.len() <= 77),
        "{text}"
    );
    let events = events(&text);
    let printed: Vec<[String; 3]> = events
        .iter()
        .map(|event| {
            [ICalendarProperty::Summary, ICalendarProperty::Dtstart, ICalendarProperty::Dtend]
                .map(|name| property(event, &name))
        })
        .collect();
    let (marie, peter) = (4_068_279_900_i64, 4_068_280_800_i64);
    assert_eq!(
        printed[0],
        [
            "[Practice link] Biology 101 (Dr. Marie Curie)",
            &marie.to_string(),
            &(marie + 7200).to_string()
        ]
    );
    assert_eq!(
        printed[1],
        [
            "[Practice link] Biology 101 (Peter Parker)",
            &peter.to_string(),
            &(peter + 5400).to_string()
        ]
    );
    let links = fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert!(events.iter().all(|event| links.contains(&property(event, &ICalendarProperty::Url))));
}

/// The UIDs of a calendar's events.
pub(crate) fn uids(text: &str) -> BTreeSet<String> {
    events(text).iter().map(|event| property(event, &ICalendarProperty::Uid)).collect()
}

#[test]
fn a_later_file_updates_the_same_events() {
    // No one has a user id, so each launch's token contains a new id for the person.
    let roster = "id,user name,not before,valid for\nx,Anna,2098-12-01T14:00:00Z,1h\nx,Ben,2098-12-01T14:00:00Z,1h\n\
                  x,Anna,2098-12-08T14:00:00Z,1h\n";
    let env = handed_over(roster, "links.csv");
    env.run("handout links.csv -o one.ics").succeeded("");
    env.run("batch roster.csv -o links.csv --sandbox --rate 0 --force").succeeded("");
    env.run("handout links.csv -o two.ics").succeeded("");
    let (one, two) = (text(&env, "one.ics"), text(&env, "two.ics"));
    assert_eq!(uids(&one).len(), 3);
    assert_eq!(uids(&one), uids(&two));
    assert_ne!(hrefs_of(&one), hrefs_of(&two), "the links are new");
}

fn hrefs_of(text: &str) -> BTreeSet<String> {
    events(text).iter().map(|event| property(event, &ICalendarProperty::Url)).collect()
}

#[test]
fn links_that_are_not_lessons_make_no_calendar() {
    let env = handed_over("id,user name\nx,Anna\n", "links.csv");
    env.run("handout links.csv -o a.ics")
        .failed(2)
        .says(&["1 link but no lessons, so nothing to put in a calendar (a lesson has a start and an end, at most 24 hours apart)"]);
    assert!(!env.path("work/a.ics").exists());
}

/// What a calendar program keeps of two imports, by UID: of two states of an event, the one with
/// the higher SEQUENCE or, if they are equal, the later DTSTAMP (RFC 5546, 2.1.5). Cancelled events
/// are removed; Google, Outlook and Apple differ in whether they still show them.
fn imported(files: &[&str]) -> Vec<(String, i64)> {
    let mut kept: Vec<(String, (i64, String), ICalendarComponent)> = Vec::new();
    for text in files {
        for event in events(text) {
            let uid = property(&event, &ICalendarProperty::Uid);
            let sequence = event
                .entries
                .iter()
                .find(|entry| entry.name == ICalendarProperty::Sequence)
                .and_then(|entry| entry.values.first()?.as_integer())
                .unwrap();
            let state = (sequence, property(&event, &ICalendarProperty::Dtstamp));
            match kept.iter_mut().find(|(known, ..)| *known == uid) {
                Some(known) if state > known.1 => *known = (uid, state, event),
                Some(_) => {}
                None => kept.push((uid, state, event)),
            }
        }
    }
    let is_there = |event: &ICalendarComponent| !format!("{event:?}").contains("Cancelled");
    let mut shown: Vec<_> = kept
        .iter()
        .filter(|(.., event)| is_there(event))
        .map(|(.., event)| {
            let start = property(event, &ICalendarProperty::Dtstart).parse().unwrap();
            (property(event, &ICalendarProperty::Summary), start)
        })
        .collect();
    shown.sort();
    shown
}

const BEFORE: &str = "booking,id,user name,user id,not before,valid for,role\n\
    B1,maths,\"Ada; \"\"the\"\" Byron, MSc\",S1,2098-03-29T14:00:00Z,45m,student\n\
    B1,maths,Bo,S2,2098-03-29T14:00:00Z,45m,student\n\
    B2,physics,Bo,S2,2098-03-30T23:30:00Z,1h,student\n";

const AFTER: &str = "booking,id,user name,user id,not before,valid for,role\n\
    B1,maths,\"Ada; \"\"the\"\" Byron, MSc\",S1,2098-03-29T15:00:00Z,45m,student\n\
    B1,maths,Bo,S2,2098-03-29T15:00:00Z,45m,student\n\
    B3,art,Bo,S2,2098-04-02T10:00:00Z,1h,student\n";

#[test]
fn an_updated_calendar_moves_cancels_and_adds_lessons_when_imported() {
    let env = handed_over(BEFORE, "links.csv");
    let handout = |more: &str| {
        env.run(&format!("handout links.csv -o lessons.ics --lesson-id {{Booking}}{more}"))
    };
    handout(" --update").succeeded("").says(&["3 events for 2 Spaces saved to lessons.ics"]);
    let before = text(&env, "lessons.ics");
    handout(" --update")
        .succeeded("")
        .says(&["0 new, 0 moved or changed, 0 cancelled, 3 unchanged"]);
    assert_eq!(text(&env, "lessons.ics"), before, "what did not change is the same, byte for byte");
    env.write("roster.csv", AFTER);
    env.run("batch roster.csv -o links.csv --sandbox --rate 0 --resume").succeeded("");
    let updated = handout(" --update --json");
    updated.succeeded(
        "{\"file\":\"lessons.ics\",\"events\":3,\"spaces\":2,\"left_out\":0,\"without_link\":0,\"expired\":0,\
         \"skipped\":0,\"practice\":3,\"differing\":0,\"new\":1,\"changed\":2,\"cancelled\":1,\"unchanged\":0}\n",
    );
    let after = text(&env, "lessons.ics");
    let (moved, art) = (4_046_943_600, 4_047_271_200);
    let shown = |name: &str, start: i64| (format!("[Practice link] {name}"), start);
    let expected = [
        shown("art (Bo)", art),
        shown("maths (Ada; \"the\" Byron, MSc)", moved),
        shown("maths (Bo)", moved),
    ];
    assert_eq!(imported(&[&before, &after]), expected);
    assert_eq!(imported(&[&after]), expected);
    assert_eq!(imported(&[&after, &before]), expected, "an old file changes nothing");
    // A lesson that returns to the roster is confirmed again.
    env.write("roster.csv", BEFORE);
    env.run("batch roster.csv -o links.csv --sandbox --rate 0 --resume").succeeded("");
    handout(" --update")
        .succeeded("")
        .says(&["0 new, 3 moved or changed, 1 cancelled, 0 unchanged"]);
    let again = text(&env, "lessons.ics");
    assert_eq!(imported(&[&before, &after, &again]), imported(&[&before]));
}

#[test]
fn an_update_that_shares_no_lesson_cancels_nothing_without_force() {
    let env = handed_over(BEFORE, "links.csv");
    env.run("handout links.csv -o lessons.ics --lesson-id {Booking}").succeeded("");
    let before = text(&env, "lessons.ics");
    let forgotten = env.run("handout links.csv -o lessons.ics --update");
    forgotten.failed(2);
    assert_eq!(
        forgotten.stderr,
        "error: lessons.ics has no upcoming lesson in common with links.csv; all 3 of its upcoming lessons would be \
         cancelled\n  it may have been made with --lesson-id, or from another links file\n\
         hint: use the same --lesson-id as before, choose another file, or add --force to cancel them\n"
    );
    env.write("other.csv", BEFORE.replace("B1", "X1").replace("B2", "X2").replace("maths", "art"));
    env.run("batch other.csv -o others.csv --sandbox --rate 0").succeeded("");
    let other = "handout others.csv -o lessons.ics --update --lesson-id {Booking}";
    env.run(other).failed(2).says(&[
        "lessons.ics has no upcoming lesson in common with others.csv",
        "it may have been made without --lesson-id, with a different one, or from another links file",
    ]);
    assert_eq!(text(&env, "lessons.ics"), before);
    env.run(&format!("{other} --force"))
        .succeeded("")
        .says(&["3 new, 0 moved or changed, 3 cancelled, 0 unchanged"]);
    // A calendar with only cancelled or past lessons has nothing to lose.
    env.run("handout others.csv -o lessons.ics --force --lesson-id {Booking}").succeeded("");
    let calendar = text(&env, "lessons.ics");
    let cancelled = calendar.replace("STATUS:CONFIRMED", "STATUS:CANCELLED");
    let over = calendar.replace("DTSTART:2098", "DTSTART:2020").replace("DTEND:2098", "DTEND:2020");
    let empty = calendar.split("BEGIN:VEVENT").next().unwrap().to_owned() + "END:VCALENDAR\r\n";
    for calendar in [cancelled, over, empty] {
        env.write("lessons.ics", calendar);
        env.run("handout links.csv -o lessons.ics --update")
            .succeeded("")
            .says(&["3 new, 0 moved or changed, 0 cancelled,"]);
    }
}

#[test]
fn a_lesson_left_out_by_only_is_cancelled_and_has_no_card() {
    const LINKS: &str = "links.csv --sandbox --rate 0 --only Status!=cancelled";
    let roster = BEFORE.replace(",role", ",status").replace("student", "booked");
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let batch = |roster: &str, more: &str| {
        env.write("roster.csv", roster);
        env.run(&format!("batch roster.csv -o {LINKS}{more}")).succeeded("");
    };
    let calendar = "handout links.csv -o lessons.ics --lesson-id {Booking} --update";
    batch(&roster, "");
    env.run(calendar).succeeded("").says(&["3 events for 2 Spaces"]);
    // A one-off filter hides no cards, and --map does not make it permanent.
    for more in ["", " --map id={id}"] {
        env.run(&format!("batch roster.csv -o {LINKS} --only Booking=B1 --resume{more}"))
            .succeeded("");
        env.run(calendar).succeeded("").says(&["0 cancelled, 3 unchanged"]);
    }
    let cancelled = roster.replacen("booked", "Cancelled", 1);
    batch(&cancelled, " --resume");
    env.run("handout links.csv -o cards.html")
        .succeeded("")
        .says(&["2 cards for 2 Spaces", "left out 1 row that batch skipped\n"]);
    assert!(!text(&env, "cards.html").contains("Ada"));
    env.run(calendar).succeeded("").says(&["0 new, 0 moved or changed, 1 cancelled, 2 unchanged"]);
    let lessons = text(&env, "lessons.ics");
    let ada = lessons.split("BEGIN:VEVENT").find(|event| event.contains("Ada")).unwrap();
    assert!(ada.contains("STATUS:CANCELLED") && !ada.contains("URL:"), "{ada}");
    // The last lessons too.
    env.write("links.csv", text(&env, "links.csv").replace("booked", "cancelled"));
    env.run(calendar).succeeded("").says(&["0 events for 0 Spaces", "2 cancelled"]);
    env.run("handout links.csv -o none.html")
        .failed(2)
        .says(&["links.csv has links only in rows that batch skipped"]);
    // Without the column, nobody knows which rows are left out.
    env.write("links.csv", text(&env, "links.csv").replace(",status,", ",note,"));
    env.run("handout links.csv -o all.html").succeeded("").says(&[
        "3 cards for 2 Spaces",
        "warning: links.csv does not have the columns of --only Status!=cancelled, so rows that this filter leaves out may have cards\n",
    ]);
}

#[test]
fn links_made_outside_the_first_runs_filter_have_cards() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("class.csv", "id,user name,Group\na,Ada,x\na,Bo,y\nb,Cy,x\n");
    let batch = "batch class.csv -o links.csv --sandbox --rate 0";
    env.run(&format!("{batch} --only Group=y")).succeeded("");
    env.run(&format!("{batch} --only Group=x --resume")).succeeded("").says(&["sent 2: "]);
    env.run("handout links.csv -o cards.html").succeeded("").says(&["3 cards for 2 Spaces"]);
}

#[test]
fn a_calendar_still_matches_if_all_its_lessons_are_skipped_or_lack_links() {
    let env = handed_over(BEFORE, "links.csv");
    let art = "B3,art,Bo,S2,2098-04-02T10:00:00Z,1h,student\n";
    env.write("roster.csv", format!("{BEFORE}{art}"));
    env.run("batch roster.csv -o all.csv --sandbox --rate 0").succeeded("");
    let links = text(&env, "all.csv");
    for (status, printed) in [
        ("skipped", "1 new, 0 moved or changed, 3 cancelled,"),
        ("failed", "1 new, 0 moved or changed, 0 cancelled,"),
    ] {
        let row = |line: &str| {
            if line.starts_with("B3") || line.starts_with("booking") {
                return format!("{line}\n");
            }
            let is_known = |status: &&str| line.contains(*status);
            let known = [",created,", ",existing,"].into_iter().find(is_known).unwrap();
            let (cells, results) = line.split_once(known).unwrap();
            format!("{cells},{status},,,{},\n", results.split(',').nth(2).unwrap())
        };
        env.write(&format!("{status}.csv"), links.lines().map(row).collect::<String>());
        for flag in ["", " --lesson-id {Booking}"] {
            env.run(&format!("handout links.csv -o lessons.ics --force{flag}")).succeeded("");
            env.run(&format!("handout {status}.csv -o lessons.ics --update{flag}"))
                .succeeded("")
                .says(&[printed]);
        }
    }
}

/// Without its time a link is valid for the default week, but the lesson still takes place.
#[test]
fn a_lesson_is_unchanged_if_its_link_now_lasts_longer_than_a_day() {
    let env = handed_over(BEFORE, "links.csv");
    for (number, flag) in [" --lesson-id {Booking}", ""].into_iter().enumerate() {
        let file = format!("{number}.ics");
        env.run(&format!("handout links.csv -o {file}{flag}")).succeeded("");
        let before = text(&env, &file);
        env.write("longer.csv", BEFORE.replace("2098-03-30T23:30:00Z,1h", ",7d"));
        env.run("batch longer.csv -o longer-links.csv --sandbox --rate 0 --force").succeeded("");
        env.run(&format!("handout longer-links.csv -o {file} --update{flag}"))
            .succeeded("")
            .says(&[" 0 cancelled, ", "left out 1 link: longer than 24 hours"]);
        let event = |text: &str| {
            let bo = text.split("BEGIN:VEVENT").find(|event| event.contains("physics")).unwrap();
            bo.to_owned()
        };
        let after = text(&env, &file);
        assert_eq!(event(&before).split("END:").next(), event(&after).split("END:").next());
    }
}

#[test]
fn lessons_require_unique_ids_and_updates_require_a_calendar_from_handout() {
    let env = handed_over(BEFORE, "links.csv");
    for (line, words) in [
        ("handout links.csv -o a.ics --lesson-id {Bookin}", "did you mean {booking}?"),
        ("handout links.csv -o a.ics --lesson-id {Booking", "--lesson-id has an unclosed {"),
        (
            "handout links.csv -o a.ics --lesson-id {role}",
            "line 4: the same person has the same lesson id on line 3",
        ),
        (
            "handout links.csv -o a.html --lesson-id {Booking}",
            "--lesson-id works only with a calendar",
        ),
        ("handout links.csv -o a.html --update", "--update works only with a calendar"),
    ] {
        env.run(line).failed(2).says(&[words]);
    }
    env.write("other.ics", "BEGIN:VCALENDAR\r\nPRODID:-//Other//EN\r\nEND:VCALENDAR\r\n");
    env.run("handout links.csv -o other.ics --update")
        .failed(2)
        .says(&["other.ics is not a calendar that handout made"]);
    env.run("handout links.csv -o other.ics").failed(2).says(&[
        "-o: other.ics already exists; add --force to replace it, or --update to bring it up to date",
    ]);
    env.write("links.csv", text(&env, "links.csv").replace("B2,", ","));
    env.run("handout links.csv -o a.ics --lesson-id {Booking}")
        .failed(2)
        .says(&["line 4: a column in --lesson-id is empty"]);
    assert!(!env.path("work/a.ics").exists());
}

/// `ICALENDAR_PYTHON` is the path of a Python with the package `icalendar`; `.ci/run` sets it.
#[test]
#[cfg(unix)]
fn pythons_icalendar_reads_the_same_events() {
    use std::process::Command;
    let Some(python) = std::env::var_os("ICALENDAR_PYTHON") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "ICALENDAR_PYTHON must name a Python with icalendar"
        );
        eprintln!("NOT TESTED, because ICALENDAR_PYTHON does not name a Python with icalendar");
        return;
    };
    let env = handed_over(
        &ROSTER
            .replace("Peter Parker", "\"Zoë 🥋 李小龍, marks \\\\\"")
            .replace("Biology 101", "Biology; 101"),
        "links.csv",
    );
    env.run("handout links.csv -o lessons.ics").succeeded("");
    let script = "import sys, icalendar\n\
                  calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n\
                  for e in calendar.walk('VEVENT'):\n    print(e['SUMMARY'], e.start.isoformat(), e.end.isoformat(), len(e.errors))\n";
    let output = Command::new(python)
        .args(["-c", script])
        .arg(env.path("work/lessons.ics"))
        .env("PYTHONIOENCODING", "utf-8")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "[Practice link] Biology; 101 (Dr. Marie Curie) 2098-12-01T13:45:00+00:00 2098-12-01T15:45:00+00:00 0\n\
         [Practice link] Biology; 101 (Zoë 🥋 李小龍, marks \\\\) 2098-12-01T14:00:00+00:00 2098-12-01T15:30:00+00:00 0\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
