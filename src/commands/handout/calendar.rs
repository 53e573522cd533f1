//! The calendar: an event for each lesson, that is, for each link that is good for at most a day by
//! its own token.

use super::cards::{Card, Handout, Space};
use crate::escape::untrusted;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use icalendar::{Calendar, Component as _, Event, Property};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// The longest window that is a lesson; a link without a window lasts 7 days.
const LONGEST_LESSON: SignedDuration = SignedDuration::from_hours(24);

/// The calendar as text, its events, and how many links were left out.
pub struct Made {
    /// RFC 5545, lines folded and ended by CRLF.
    pub text: String,
    /// How many events it has.
    pub events: usize,
    /// The links that have none.
    pub left_out: LeftOut,
}

/// Links that are not good for a single lesson, as far as they tell.
#[derive(Default)]
pub struct LeftOut {
    /// How many are good for more than a day.
    pub longer: usize,
    /// How many do not say from when until when.
    pub silent: usize,
}

impl LeftOut {
    /// All of them.
    pub fn total(&self) -> usize {
        self.longer + self.silent
    }
}

/// Makes the calendar of all lessons.
pub fn make(handout: &Handout, title: &str, now: Timestamp) -> Made {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property((
        "PRODID",
        concat!("-//lessonspace//lessonspace ", env!("CARGO_PKG_VERSION"), "//EN"),
    ));
    calendar.append_property(("METHOD", "PUBLISH"));
    let title = untrusted(title);
    calendar.append_property(("X-WR-CALNAME", title.as_str()));
    // The library escapes only what it knows to be text.
    calendar.append_property(Property::new("NAME", title).add_parameter("VALUE", "TEXT").done());
    let mut uids = HashMap::new();
    let mut made = Made { text: String::new(), events: 0, left_out: LeftOut::default() };
    for (space, card) in handout.cards() {
        match window(card) {
            None => made.left_out.silent += 1,
            Some((start, end)) if end.duration_since(start) > LONGEST_LESSON => {
                made.left_out.longer += 1;
            }
            Some((start, end)) => {
                let uid = uid(space, card, start, &mut uids);
                calendar.push(event((space, card), &uid, (start, end), now));
                made.events += 1;
            }
        }
    }
    made.text = calendar.to_string();
    made
}

/// From when until when a link is good, if that is certain.
fn window(card: &Card) -> Option<(Timestamp, Timestamp)> {
    let window = card.not_before.zip(card.not_after).filter(|(start, end)| start < end);
    window.filter(|_| card.is_window_certain)
}

fn event(
    (space, card): (&Space, &Card),
    uid: &str,
    (start, end): (Timestamp, Timestamp),
    now: Timestamp,
) -> Event {
    let [name, title] = [&card.name, &space.title].map(|text| untrusted(text));
    let summary = if name == title { title.clone() } else { format!("{title} ({name})") };
    let leads = if card.leads { "\nThis is a leader's link: keep it private." } else { "" };
    let mut event = Event::new();
    event
        .uid(uid)
        .summary(&summary)
        .description(&format!("Join link for {name}:\n{}{leads}", card.link))
        .add_property("DTSTAMP", utc(now))
        .add_property("DTSTART", utc(start))
        .add_property("DTEND", utc(end))
        // The later of two files with the same event counts.
        .add_property("SEQUENCE", (now.as_second() / 60).to_string())
        .url(card.link.as_str());
    event.done()
}

/// The same for the same person, Space and start, in every file. Namesakes are told apart by their
/// order.
fn uid(space: &Space, card: &Card, start: Timestamp, known: &mut HashMap<String, u32>) -> String {
    let text = format!("{}\n{}\n{}", space.key, card.key, start.as_second());
    let namesakes = known.entry(text.clone()).and_modify(|number| *number += 1).or_insert(0);
    let text = if *namesakes == 0 { text } else { format!("{text}\n{namesakes}") };
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("{}@lessonspace", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]))
}

fn utc(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}
