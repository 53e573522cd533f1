//! The page: a card for each person, to print and cut out, or to open on a phone.

use super::calendar::MAX_LESSON;
use super::cards::{Card, Handout, Space, Without};
use super::words::{Words, filled};
use crate::html::{Html, fill};
use crate::qr::QrCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::io::{self, Write};
use std::num::NonZero;
use std::thread;

const PAGE: &str = include_str!("page.html");
const CARD: &str = include_str!("card.html");
const CODE: &str = include_str!("code.html");
const STYLE: &str = include_str!("page.css");

/// In the first lines of every page. Only files with this mark are replaced.
pub const MARK: &str = "<meta name=\"generator\" content=\"lessonspace handout\">";

/// Cards per thread at a time: enough to be worth a thread, few enough for memory.
const CARDS_AT_ONCE: usize = 256;

/// How to make a page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    pub title: &'a str,
    /// Its language.
    pub words: &'static Words,
    /// The zone of its times.
    pub zone: &'a TimeZone,
    /// Whether a Space starts right after the previous one, not on a new page.
    pub is_compact: bool,
    pub now: Timestamp,
}

/// The cards of a Space that are on a page.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    pub space: &'a Space,
    pub cards: Vec<&'a Card>,
}

impl<'a> Section<'a> {
    /// All cards of a Space.
    pub fn whole(space: &'a Space) -> Self {
        Self { space, cards: space.cards.iter().collect() }
    }
}

impl Page<'_> {
    /// Writes a page with all cards, and the people without a link at the end.
    pub fn write_all(&self, handout: &Handout, out: &mut dyn Write) -> io::Result<()> {
        let sections: Vec<Section> = handout.spaces.iter().map(Section::whole).collect();
        let without: Vec<&Without> = handout.without.iter().collect();
        self.write(&sections, self.words.cards_are_personal, &without, out)
    }

    /// Writes a page with the cards of a Space, and its people without a link at the end.
    pub fn write_space(
        &self,
        section: Section,
        without: &[&Without],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.write(&[section], self.words.cards_are_personal, without, out)
    }

    pub fn write_person(&self, section: Section, out: &mut dyn Write) -> io::Result<()> {
        self.write(&[section], self.words.link_is_personal, &[], out)
    }

    fn write(
        &self,
        sections: &[Section],
        what_to_do: &str,
        without: &[&Without],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(self.head(sections, what_to_do).as_bytes())?;
        for (index, section) in sections.iter().enumerate() {
            self.write_section(index, section, out)?;
        }
        out.write_all(self.without(without).as_bytes())?;
        out.write_all(b"</main>\n</body>\n</html>\n")
    }

    fn head(&self, sections: &[Section], what_to_do: &str) -> String {
        let hash = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
        let links = sections.iter().map(|section| section.cards.len()).sum();
        let times = match self.zone.iana_name() {
            Some(name) => filled(self.words.times_in, &[("zone", name)]),
            None => self.words.times_here.to_owned(),
        };
        let values = [
            ("language", Html::trusted(self.words.html)),
            ("mark", Html::trusted(MARK)),
            ("style_hash", Html::trusted(format!("sha256-{}", STANDARD.encode(hash)))),
            ("title", Html::text(self.title)),
            ("style", Html::trusted(STYLE)),
            ("count", Html::escaped(&self.words.counted(links, sections.len()))),
            ("times", Html::escaped(&times)),
            ("what_to_do", Html::escaped(what_to_do)),
        ];
        fill(PAGE, &values).into_string()
    }

    fn write_section(
        &self,
        index: usize,
        section: &Section,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let class = if index > 0 && !self.is_compact { " class=\"new-page\"" } else { "" };
        let title = Html::text(&section.space.title).into_string();
        write!(
            out,
            "<section{class} aria-labelledby=\"space-{index}\">\n<h2 id=\"space-{index}\"><bdi>{title}</bdi></h2>\n\
             <ul class=\"cards\">\n"
        )?;
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        for batch in section.cards.chunks(CARDS_AT_ONCE * threads) {
            for html in self.cards(section.space, batch, threads) {
                out.write_all(html.as_bytes())?;
            }
        }
        out.write_all(b"</ul>\n</section>\n")
    }

    /// The cards as pieces of HTML, in order. QR codes take nearly all of the time.
    fn cards(&self, space: &Space, cards: &[&Card], threads: usize) -> Vec<String> {
        let of = |cards: &[&Card]| -> String {
            cards.iter().map(|card| self.card(space, card).into_string()).collect()
        };
        let share = cards.len().div_ceil(threads).max(1);
        if cards.len() < 2 * threads {
            return vec![of(cards)];
        }
        thread::scope(|scope| {
            let workers: Vec<_> =
                cards.chunks(share).map(|cards| (cards, scope.spawn(move || of(cards)))).collect();
            // If a worker panicked, its cards are made here.
            workers
                .into_iter()
                .map(|(cards, worker)| worker.join().unwrap_or_else(|_| of(cards)))
                .collect()
        })
    }

    fn card(&self, space: &Space, card: &Card) -> Html {
        let values = [
            ("name", Html::text(&card.name)),
            ("of", of(space, card)),
            ("label", Html::text(&self.label(space, card))),
            ("marks", self.marks(card)),
            ("window", self.window(card)),
            ("link", Html::escaped(card.link.as_str())),
            ("join", Html::escaped(self.words.join)),
            ("scan", self.scan(card)),
            ("code", self.code(card)),
        ];
        fill(CARD, &values)
    }

    /// The instruction to scan the code, unless there is none or the link has expired.
    fn scan(&self, card: &Card) -> Html {
        if card.has_expired(self.now) || !card.has_code() {
            return Html::trusted("");
        }
        let words = Html::escaped(self.words.scan).into_string();
        Html::trusted(format!("<p class=\"scan\">{words}</p>\n"))
    }

    fn marks(&self, card: &Card) -> Html {
        let marks = [
            (card.is_practice, "practice", self.words.practice),
            (card.leads, "leader", self.words.leader),
            (card.has_expired(self.now), "expired", self.words.expired),
        ];
        let mark = |(_, class, words): (bool, &str, &str)| {
            let words = Html::escaped(words).into_string();
            Html::trusted(format!("<p class=\"mark {class}\">{words}</p>\n"))
        };
        Html::joined(marks.into_iter().filter(|(applies, ..)| *applies).map(mark))
    }

    fn window(&self, card: &Card) -> Html {
        let words = self.words;
        let end_label = if card.has_expired(self.now) { words.expired_on } else { words.expires };
        let rows = match (card.not_before, card.not_after) {
            (None, None) => {
                vec![(words.validity, Html::escaped(words.not_stated).into_string())]
            }
            (Some(start), None) => vec![(words.valid_from, self.moment(start, true))],
            (None, Some(end)) => vec![(end_label, self.moment(end, true))],
            (Some(start), Some(end)) if self.is_same_day(start, end) => {
                let [start_time, end_time] =
                    [self.time(start, self.has_zone(start, end)), self.time(end, true)];
                let times = filled(words.from_to, &[("start", &start_time), ("end", &end_time)]);
                vec![(words.when, format!("{}<br>{times}", self.day(start)))]
            }
            // A lesson that runs past midnight.
            (Some(start), Some(end)) if end.duration_since(start) <= MAX_LESSON => {
                let [start_time, end_time] =
                    [self.moment(start, self.has_zone(start, end)), self.moment(end, true)];
                let parts = [("start", &*start_time), ("end", &*end_time)];
                vec![(words.when, filled(words.from_to_day, &parts))]
            }
            (Some(start), Some(end)) => {
                vec![
                    (words.valid_from, self.moment(start, true)),
                    (end_label, self.moment(end, true)),
                ]
            }
        };
        let row = |(label, value)| {
            let label = Html::escaped(label).into_string();
            Html::trusted(format!("<div><dt>{label}</dt><dd>{value}</dd></div>"))
        };
        Html::joined(rows.into_iter().map(row))
    }

    fn is_same_day(&self, start: Timestamp, end: Timestamp) -> bool {
        let day = |time: Timestamp| time.to_zoned(self.zone.clone()).date();
        day(start) == day(end)
    }

    /// Whether the start needs its own zone: if the clocks change in between, the two times have
    /// different zones.
    fn has_zone(&self, start: Timestamp, end: Timestamp) -> bool {
        let offset = |time: Timestamp| time.to_zoned(self.zone.clone()).offset();
        offset(start) != offset(end)
    }

    fn moment(&self, time: Timestamp, has_zone: bool) -> String {
        format!(
            "<time datetime=\"{}\">{}, <span class=\"whole\">{}</span></time>",
            machine(time),
            self.day(time),
            self.clock(time, has_zone)
        )
    }

    fn day(&self, time: Timestamp) -> String {
        let day = self.words.day(time.to_zoned(self.zone.clone()).date());
        Html::escaped(&day).into_string()
    }

    /// A time of day for people and machines, on one line.
    fn time(&self, time: Timestamp, has_zone: bool) -> String {
        let clock = self.clock(time, has_zone);
        format!("<time class=\"whole\" datetime=\"{}\">{clock}</time>", machine(time))
    }

    /// `14:00`, or `14:00 GMT`.
    fn clock(&self, time: Timestamp, has_zone: bool) -> String {
        let time = time.to_zoned(self.zone.clone());
        let clock = time.strftime("%H:%M").to_string();
        if !has_zone {
            return clock;
        }
        let zone = Html::escaped(&self.zone_name(&time)).into_string();
        filled(self.words.time_in_zone, &[("time", &clock), ("zone", &zone)])
    }

    /// The abbreviation of a zone in the page's language. A zone that is only a number becomes an
    /// offset from UTC with a true minus sign: `UTC−3`, `UTC+5:30`.
    fn zone_name(&self, time: &Zoned) -> String {
        let zone = time.strftime("%Z").to_string();
        if zone.starts_with(['+', '-']) {
            let minutes = time.offset().seconds() / 60;
            let sign = if minutes < 0 { '\u{2212}' } else { '+' };
            let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
            let minutes = if minutes == 0 { String::new() } else { format!(":{minutes:02}") };
            return format!("UTC{sign}{hours}{minutes}");
        }
        let known = self.words.zones.iter().find(|(abbreviation, _)| *abbreviation == zone);
        known.map_or(zone, |(_, name)| (*name).to_owned())
    }

    fn without(&self, people: &[&Without]) -> String {
        if people.is_empty() {
            return String::new();
        }
        let class = if self.is_compact { "" } else { " class=\"new-page\"" };
        let one = |without: &Without| {
            let [name, reason] =
                [&without.name, &without.reason].map(|text| Html::text(text).into_string());
            let space = without.space.as_ref().map_or_else(String::new, |space| {
                format!(", <bdi>{}</bdi>", Html::text(space).into_string())
            });
            let colon = self.words.colon;
            format!(
                "<li><strong><bdi>{name}</bdi></strong>{space}{colon} <bdi>{reason}</bdi></li>\n"
            )
        };
        let all: Vec<String> = people.iter().copied().map(one).collect();
        let heading = Html::escaped(self.words.without_link).into_string();
        format!(
            "<section{class} aria-labelledby=\"without\">\n<h2 id=\"without\">{heading}</h2>\n\
             <ul class=\"without\">\n{}</ul>\n</section>\n",
            all.concat()
        )
    }

    /// The button's label for screen readers.
    fn label(&self, space: &Space, card: &Card) -> String {
        let (join, name, title) = (self.words.join, &card.name, &space.title);
        let colon = self.words.colon;
        if name == title {
            format!("{join}{colon} {name}")
        } else {
            format!("{join}{colon} {name}, {title}")
        }
    }

    /// The QR code of a link, or a note if the link is too long for one. The code is also clickable
    /// in a PDF. People who cannot see it have the link beside it.
    fn code(&self, card: &Card) -> Html {
        let Some(code) = QrCode::of(card.link.as_str()) else {
            let words = Html::escaped(self.words.too_long).into_string();
            return Html::trusted(format!("<p class=\"soft\">{words}</p>"));
        };
        let values = [
            ("link", Html::escaped(card.link.as_str())),
            ("side", Html::trusted(code.side().to_string())),
            ("path", Html::trusted(code.path())),
        ];
        fill(CODE, &values)
    }
}

/// The Space's title below the name, unless they are the same.
fn of(space: &Space, card: &Card) -> Html {
    if space.title == card.name {
        return Html::trusted("");
    }
    fill("<p class=\"of\"><bdi>{{space}}</bdi></p>\n", &[("space", Html::text(&space.title))])
}

/// A time in ISO 8601.
fn machine(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
