//! The page: a card for each person, to print and cut out, or to open on a phone.

use super::cards::{Card, Handout, Space, Without};
use crate::html::{Html, fill};
use crate::qr::QrCode;
use crate::words::count;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::io::{self, Write};
use std::num::NonZero;
use std::thread;

const PAGE: &str = include_str!("page.html");
const CARD: &str = include_str!("card.html");
const CODE: &str = include_str!("code.html");
const STYLE: &str = include_str!("page.css");

/// How many cards each thread makes at a time: many enough to be worth it, few enough for memory.
const CARDS_AT_ONCE: usize = 256;

/// How the page is to be.
pub struct Page<'a> {
    /// Its title.
    pub title: &'a str,
    /// The zone of its times.
    pub zone: &'a TimeZone,
    /// Whether a Space begins where the one before ends, and not on a new page.
    pub is_compact: bool,
    /// When it is made.
    pub now: Timestamp,
}

impl Page<'_> {
    /// Writes the page, card by card.
    pub fn write(&self, handout: &Handout, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.head(handout).as_bytes())?;
        for (index, space) in handout.spaces.iter().enumerate() {
            self.write_space(index, space, out)?;
        }
        out.write_all(self.without(&handout.without).as_bytes())?;
        out.write_all(b"</main>\n</body>\n</html>\n")
    }

    fn head(&self, handout: &Handout) -> String {
        let hash = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
        let links = handout.cards().count();
        let spaces = handout.spaces.len();
        let zone = self.zone.iana_name().unwrap_or("this computer's time zone");
        let values = [
            ("style_hash", Html::trusted(format!("sha256-{}", STANDARD.encode(hash)))),
            ("title", Html::text(self.title)),
            ("style", Html::trusted(STYLE)),
            (
                "count",
                Html::trusted(format!("{} in {}", count(links, "link"), count(spaces, "Space"))),
            ),
            ("zone", Html::text(zone)),
        ];
        fill(PAGE, &values).into_string()
    }

    fn write_space(&self, index: usize, space: &Space, out: &mut dyn Write) -> io::Result<()> {
        let class = if index > 0 && !self.is_compact { " class=\"new-page\"" } else { "" };
        let title = Html::text(&space.title).into_string();
        write!(
            out,
            "<section{class} aria-labelledby=\"space-{index}\">\n<h2 id=\"space-{index}\"><bdi>{title}</bdi></h2>\n\
             <ul class=\"cards\">\n"
        )?;
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        for batch in space.cards.chunks(CARDS_AT_ONCE * threads) {
            for html in self.cards(space, batch, threads) {
                out.write_all(html.as_bytes())?;
            }
        }
        out.write_all(b"</ul>\n</section>\n")
    }

    /// The cards as HTML, in pieces in their order. Codes take nearly all of the time.
    fn cards(&self, space: &Space, cards: &[Card], threads: usize) -> Vec<String> {
        let of = |cards: &[Card]| -> String {
            cards.iter().map(|card| self.card(space, card).into_string()).collect()
        };
        let share = cards.len().div_ceil(threads).max(1);
        if cards.len() < 2 * threads {
            return vec![of(cards)];
        }
        thread::scope(|scope| {
            let workers: Vec<_> =
                cards.chunks(share).map(|cards| (cards, scope.spawn(move || of(cards)))).collect();
            // A worker that died is one whose cards are made here.
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
            ("label", Html::text(&label(space, card))),
            ("marks", self.marks(card)),
            ("window", self.window(card)),
            ("link", Html::escaped(card.link.as_str())),
            ("code", code(card)),
        ];
        fill(CARD, &values)
    }

    fn marks(&self, card: &Card) -> Html {
        let mut marks = String::new();
        if card.leads {
            marks.push_str("<p class=\"mark leader\">Leader’s link: keep it private</p>\n");
        }
        if card.has_expired(self.now) {
            marks.push_str("<p class=\"mark expired\">This link has expired</p>\n");
        }
        Html::trusted(marks)
    }

    fn window(&self, card: &Card) -> Html {
        let until = if card.has_expired(self.now) { "Worked until" } else { "Works until" };
        let rows = match (card.not_before, card.not_after) {
            (None, None) => vec![("Works", "the link does not say when".to_owned())],
            (Some(start), None) => vec![("Works from", self.moment(start))],
            (None, Some(end)) => vec![(until, self.moment(end))],
            (Some(start), Some(end)) if self.is_same_day(start, end) => {
                // Where the clock changes in between, the two hours are not of the same zone.
                let zone = |time: Timestamp| time.to_zoned(self.zone.clone()).offset();
                let is_same_zone = zone(start) == zone(end);
                let times = format!(
                    "{}<br><span class=\"whole\">{} to {}</span>",
                    self.day(start),
                    self.time(start, if is_same_zone { "%H:%M" } else { "%H:%M %Z" }),
                    self.time(end, "%H:%M %Z")
                );
                vec![("When", times)]
            }
            (Some(start), Some(end)) => {
                vec![("Works from", self.moment(start)), (until, self.moment(end))]
            }
        };
        let row = |(label, value)| format!("<div><dt>{label}</dt><dd>{value}</dd></div>");
        Html::trusted(rows.into_iter().map(row).collect::<String>())
    }

    fn is_same_day(&self, start: Timestamp, end: Timestamp) -> bool {
        let day = |time: Timestamp| time.to_zoned(self.zone.clone()).date();
        day(start) == day(end)
    }

    fn moment(&self, time: Timestamp) -> String {
        let machine = time.strftime("%Y-%m-%dT%H:%M:%SZ");
        let clock = time.to_zoned(self.zone.clone()).strftime("%H:%M %Z");
        format!(
            "<time datetime=\"{machine}\">{}, <span class=\"whole\">{clock}</span></time>",
            self.day(time)
        )
    }

    /// A day, which stays on one line.
    fn day(&self, time: Timestamp) -> String {
        let day = time.to_zoned(self.zone.clone()).strftime("%a %-d %b %Y");
        format!("<span class=\"whole\">{day}</span>")
    }

    /// HTML for people and for machines.
    fn time(&self, time: Timestamp, format: &str) -> String {
        format!(
            "<time datetime=\"{}\">{}</time>",
            time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            time.to_zoned(self.zone.clone()).strftime(format)
        )
    }

    fn without(&self, people: &[Without]) -> String {
        if people.is_empty() {
            return String::new();
        }
        let class = if self.is_compact { "" } else { " class=\"new-page\"" };
        let one = |without: &Without| {
            let [name, space, reason] = [&without.name, &without.space, &without.reason]
                .map(|text| Html::text(text).into_string());
            format!(
                "<li><strong><bdi>{name}</bdi></strong>, <bdi>{space}</bdi>: <bdi>{reason}</bdi></li>\n"
            )
        };
        let all: Vec<String> = people.iter().map(one).collect();
        format!(
            "<section{class} aria-labelledby=\"without\">\n<h2 id=\"without\">Without a link</h2>\n\
             <ul class=\"without\">\n{}</ul>\n</section>\n",
            all.concat()
        )
    }
}

/// The Space below the name, unless it is called by that name itself.
fn of(space: &Space, card: &Card) -> Html {
    if space.title == card.name {
        return Html::trusted("");
    }
    fill("<p class=\"of\"><bdi>{{space}}</bdi></p>\n", &[("space", Html::text(&space.title))])
}

/// What a screen reader says of the button.
fn label(space: &Space, card: &Card) -> String {
    let [name, title] = [&card.name, &space.title];
    if name == title { format!("Join: {name}") } else { format!("Join: {name}, {title}") }
}

/// The code of a link, or words where it is too long for one. It can be clicked too, in a PDF; who
/// cannot see it has the link beside it.
fn code(card: &Card) -> Html {
    let Some(code) = QrCode::of(card.link.as_str()) else {
        return Html::trusted("<p class=\"soft\">This link is too long for a QR code.</p>");
    };
    let values = [
        ("link", Html::escaped(card.link.as_str())),
        ("side", Html::trusted(code.side().to_string())),
        ("path", Html::trusted(code.path())),
    ];
    fill(CODE, &values)
}
