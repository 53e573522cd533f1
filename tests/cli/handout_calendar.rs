//! `handout`: the links of a batch as a calendar.

use std::collections::BTreeSet;
use std::fs;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty,
};

use crate::handout::{ROSTER, handed_over, text};

/// The events of a calendar, read by a parser that did not write it.
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
        "2 events for 2 Spaces in lessons.ics",
        "warning: 1 link left out: good for more than 24 hours, and so not a single lesson",
    ]);
    let text = text(&env, "lessons.ics");
    assert!(
        text.split_inclusive("\r\n").all(|line| line.ends_with("\r\n") && line.len() <= 77),
        "{text}"
    );
    let events = events(&text);
    let told: Vec<[String; 3]> = events
        .iter()
        .map(|event| {
            [ICalendarProperty::Summary, ICalendarProperty::Dtstart, ICalendarProperty::Dtend]
                .map(|name| property(event, &name))
        })
        .collect();
    let (marie, peter) = (4_068_279_900_i64, 4_068_280_800_i64);
    assert_eq!(
        told[0],
        ["Biology 101 (Dr. Marie Curie)", &marie.to_string(), &(marie + 7200).to_string()]
    );
    assert_eq!(
        told[1],
        ["Biology 101 (Peter Parker)", &peter.to_string(), &(peter + 5400).to_string()]
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
    // Nobody here has a user id, so that the token names each person anew in every launch.
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
fn links_that_are_no_lessons_make_no_calendar() {
    let env = handed_over("id,user name\nx,Anna\n", "links.csv");
    env.run("handout links.csv -o a.ics")
        .failed(2)
        .says(&["of 1 link, none is good for at most 24 hours"]);
    assert!(!env.path("work/a.ics").exists());
}

/// The Python with the package `icalendar` is named by `ICALENDAR_PYTHON`, which `.ci/run` makes.
#[test]
#[cfg(unix)]
fn pythons_icalendar_reads_the_same() {
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
        &ROSTER.replace("Peter Parker", "\"Zoë 🥋 李小龍, with; marks \\\\ and more\""),
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
        "Biology 101 (Dr. Marie Curie) 2098-12-01T13:45:00+00:00 2098-12-01T15:45:00+00:00 0\n\
         Biology 101 (Zoë 🥋 李小龍, with; marks \\\\ and more) 2098-12-01T14:00:00+00:00 2098-12-01T15:30:00+00:00 0\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
