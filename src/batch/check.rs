//! Compares the launches of a roster with each other before the first request.

use super::launches::{Launch, Rows, State};
use super::row_problems::{RowProblem, listed, rows};
use crate::body::schema;
use crate::escape::untrusted;
use crate::json::{Origin, Value};
use crate::problem::Problem;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use unicode_normalization::UnicodeNormalization as _;

#[derive(Default)]
pub struct Compared {
    pub problems: Vec<RowProblem>,
    pub warnings: Vec<String>,
}

/// The launches so far, indexed by what they may share.
struct Compare<'a> {
    rows: &'a Rows,
    found: Compared,
    /// By Space, person and lesson time.
    people: HashMap<String, &'a Launch>,
    keys: HashMap<super::journal::Key, &'a Launch>,
    /// The value of each Space setting, and the first launch with it.
    settings: HashMap<(&'a str, String), (String, &'a Launch)>,
    /// The leaders of each Space.
    leaders: BTreeMap<&'a str, HashSet<String>>,
    /// The id before shortening, by the id that is sent.
    long_ids: HashMap<&'a str, (&'a str, &'a Launch)>,
    id_parts: HashMap<&'a str, &'a Launch>,
    /// By user id or email address, and name.
    names: BTreeMap<(String, String), &'a Launch>,
    /// By Space, lesson time and folded name, for people with only a name.
    folded_names: HashMap<String, &'a Launch>,
    similar_names: Vec<String>,
}

/// The first launch with this key, if `launch` is not the first.
fn earlier<'a, K: Eq + Hash>(
    known: &mut HashMap<K, &'a Launch>,
    key: K,
    launch: &'a Launch,
) -> Option<&'a Launch> {
    match known.entry(key) {
        Entry::Occupied(first) => Some(first.get()),
        Entry::Vacant(place) => {
            place.insert(launch);
            None
        }
    }
}

/// Compares all launches that are ready to send.
pub fn compare(launches: &[Launch], rows: &Rows) -> Compared {
    let mut compare = Compare {
        rows,
        found: Compared::default(),
        people: HashMap::new(),
        keys: HashMap::new(),
        settings: HashMap::new(),
        leaders: BTreeMap::new(),
        long_ids: HashMap::new(),
        id_parts: HashMap::new(),
        names: BTreeMap::new(),
        folded_names: HashMap::new(),
        similar_names: Vec::new(),
    };
    for launch in launches.iter().filter(|launch| launch.state == State::Ready) {
        compare.id(launch);
        compare.person(launch);
        compare.space_settings(launch);
    }
    compare.spaces(launches);
    compare.leaders();
    compare.identities();
    compare.lesson_times(launches);
    compare.similar_names();
    compare.found
}

impl<'a> Compare<'a> {
    fn place(&self, launch: &Launch) -> String {
        self.rows.place(launch.row, None)
    }

    /// `on line 3`, `in Sheet1, row 3`.
    fn at(&self, launch: &Launch) -> String {
        let place = self.place(launch);
        let preposition = if place.starts_with("line ") { "on" } else { "in" };
        format!("{preposition} {place}")
    }

    fn problem(&mut self, launch: &Launch, problem: Problem) {
        self.found.problems.push(RowProblem {
            place: self.place(launch),
            line: launch.line,
            is_cell: false,
            id: launch.id.clone(),
            problem: Problem { at: Box::default(), ..problem },
        });
    }

    /// Reports different classes whose joined or shortened ids are the same.
    fn id(&mut self, launch: &'a Launch) {
        let whole = launch.draft.long_id().unwrap_or(&launch.id);
        match self.long_ids.entry(&launch.id) {
            Entry::Vacant(place) => {
                place.insert((whole, launch));
            }
            Entry::Occupied(first) => {
                let (first, other) = *first.get();
                if first != whole {
                    let at = self.at(other);
                    let message =
                        format!("has the same short form as another id, {at}; change one of them");
                    return self.problem(launch, Problem::about("id", message));
                }
            }
        }
        if launch.id_parts.len() < 2 {
            return;
        }
        if let Some(first) = self.id_parts.get(whole) {
            if first.id_parts != launch.id_parts {
                let shown = |parts: &[String]| {
                    let parts: Vec<String> =
                        parts.iter().map(|part| format!("{:?}", untrusted(part))).collect();
                    parts.join(" and ")
                };
                let message = format!(
                    "the parts {} make the same id as {} {}; separate them with a character no \
                     cell contains, as in {{A}}_{{B}}",
                    shown(&launch.id_parts),
                    shown(&first.id_parts),
                    self.at(first)
                );
                self.problem(launch, Problem::new("id", message));
            }
        } else {
            self.id_parts.insert(whole, launch);
        }
    }

    fn person(&mut self, launch: &'a Launch) {
        let same_person = launch.who.key().and_then(|person| {
            let person = format!("{} {:?} {person}", launch.id, launch.window);
            earlier(&mut self.people, person, launch)
        });
        // Identical rows, such as two guests, would share one key in the journal.
        let first = earlier(&mut self.keys, launch.key, launch).or(same_person);
        if let Some(first) = first {
            let (who, remedy) = if launch.who.is_guest {
                ("a guest", "; several guests can share one link")
            } else if first.who.id.is_none() && first.who.name != launch.who.name {
                let remedy = "; if two people share this email address, give each a user id or \
                              remove the address";
                ("the same person", remedy)
            } else {
                ("the same person", "")
            };
            let message = if first.row == launch.row {
                format!("{who} is in this row twice{remedy}")
            } else {
                let once = match self.rows.person_name(launch.slot) {
                    Some(name) if first.key == launch.key => format!(
                        "; to make one link for all these rows, add once = true to [people.{}]",
                        untrusted(name)
                    ),
                    _ => String::new(),
                };
                format!(
                    "{who} with the same lesson time is already {}{remedy}{once}",
                    self.at(first)
                )
            };
            self.problem(launch, Problem::new("", message));
        } else if launch.who.id.is_none()
            && launch.who.email.is_none()
            && let Some(name) = launch.who.name.as_deref()
        {
            let key = format!("{} {:?} {}", launch.id, launch.window, plain(name, true));
            if let Some(first) = earlier(&mut self.folded_names, key, launch) {
                let (place, at) = (self.place(launch), self.at(first));
                self.similar_names.push(format!(
                    "{place}: the name looks like the one {at}; if it is the same person, delete one of the rows"
                ));
            }
        }
        if launch.who.leads {
            let person = launch.who.key().unwrap_or_default();
            self.leaders.entry(&launch.id).or_default().insert(person);
        }
        let Some(name) = launch.who.name.as_deref() else { return };
        let id = launch.who.id.as_ref().map(|id| format!("user id {}", untrusted(id)));
        let email =
            launch.who.email.as_ref().map(|it| format!("email {}", untrusted(&it.to_lowercase())));
        for identity in [id, email].into_iter().flatten() {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            self.names.entry((identity, name)).or_insert(launch);
        }
    }

    /// Settings belong to the Space, so its rows must not set different values.
    fn space_settings(&mut self, launch: &'a Launch) {
        for member in launch.draft.body().members() {
            if !schema::is_space_setting(member.name()) {
                continue;
            }
            let value = Value::to_json(&member.value);
            let key = (launch.id.as_str(), member.name().to_owned());
            let (first_value, first) =
                self.settings.entry(key).or_insert_with(|| (value.clone(), launch)).clone();
            if first_value != value {
                let message = format!("differs from {} in the same Space", self.place(first));
                let problem = match &member.value.origin {
                    // A flag is the same in every row, so the problem is about the row.
                    Origin::Label(label) if label.starts_with("--") => {
                        Problem::new("", format!("{label} {message}"))
                    }
                    Origin::Label(label) => Problem::about(label.to_string(), message),
                    _ => Problem::about(untrusted(member.name()), message),
                };
                self.problem(launch, problem);
            }
        }
    }

    /// Warns about ids that look alike.
    fn spaces(&mut self, launches: &[Launch]) {
        let mut spaces: Vec<Space> = Vec::new();
        let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
        for launch in launches.iter().filter(|launch| launch.state == State::Ready) {
            let id = launch.draft.long_id().unwrap_or(&launch.id);
            if let Some((index, row)) = places.get_mut(id) {
                if *row != launch.row {
                    spaces[*index].rows += 1;
                    *row = launch.row;
                }
            } else {
                places.insert(id, (spaces.len(), launch.row));
                spaces.push(Space { id, rows: 1, place: self.place(launch) });
            }
        }
        let is_label = |space: &&Space| space.rows == 1 && space.id.trim_end().ends_with(':');
        for label in spaces.iter().filter(is_label) {
            let (place, id) = (&label.place, untrusted(label.id));
            self.found.warnings.push(format!(
                "{place}: the id {id} ends with a colon; if it is a label below the list, delete the row"
            ));
        }
        let similar = confusable_ids(&spaces);
        self.warn(similar, "similar ids");
    }

    fn leaders(&mut self) {
        let several: Vec<String> = self
            .leaders
            .iter()
            .filter(|(_, leaders)| leaders.len() > 1)
            .map(|(id, _)| untrusted(id))
            .collect();
        if several.is_empty() {
            return;
        }
        let ids: Vec<&str> = several.iter().map(String::as_str).collect();
        self.found.warnings.push(format!(
            "more than one leader in {}: {}; Lessonspace recommends one leader per Space",
            crate::words::count(ids.len(), "Space"),
            listed(&ids)
        ));
    }

    /// Warns about rows without a start or an end if others have one: their links work at other times.
    fn lesson_times(&mut self, launches: &[Launch]) {
        let ready = || launches.iter().filter(|launch| launch.state == State::Ready);
        let is_start_usual = ready().any(|launch| launch.window.not_before.is_some());
        let is_end_usual = ready().any(|launch| launch.window.not_after.is_some());
        for (what, lacks) in [
            ("no lesson time, so the link lasts 7 days", (true, true)),
            ("no lesson start, so the link is valid immediately", (true, false)),
            ("no lesson end, so the link expires in 7 days", (false, true)),
        ] {
            let is_so = |launch: &&Launch| {
                let lacks_start = is_start_usual && launch.window.not_before.is_none();
                let lacks_end = is_end_usual && launch.window.not_after.is_none();
                (lacks_start, lacks_end) == lacks
            };
            let mut places: Vec<String> =
                ready().filter(is_so).map(|launch| self.place(launch)).collect();
            places.dedup();
            if !places.is_empty() {
                self.found.warnings.push(format!("{what}: {}", rows(&places)));
            }
        }
    }

    /// Warns about names in a Space that differ only in case, whitespace or encoding.
    fn similar_names(&mut self) {
        let found = std::mem::take(&mut self.similar_names);
        self.warn(found, "similar names");
    }

    /// Warns about a user id or email address used with different names.
    fn identities(&mut self) {
        let mut found = Vec::new();
        let named: Vec<(&str, &Launch)> =
            self.names.iter().map(|((identity, _), launch)| (&**identity, *launch)).collect();
        for named in named.chunk_by(|one, next| one.0 == next.0).filter(|named| named.len() > 1) {
            let identity = named[0].0;
            let mut launches: Vec<&Launch> = named.iter().map(|(_, launch)| *launch).collect();
            launches.sort_by_key(|launch| launch.row);
            let places = launches.iter().map(|launch| self.place(launch));
            // Children's names do not belong in logs, so show only the rows.
            let places: Vec<String> = places.collect();
            found.push((
                launches[0].row,
                format!("{identity} is used with different names: {}", rows(&places)),
            ));
        }
        found.sort();
        let found = found.into_iter().map(|(_, warning)| warning).collect();
        self.warn(found, "user ids or emails with different names");
    }

    /// Adds the first warnings of a kind, and a count of the rest.
    fn warn(&mut self, mut warnings: Vec<String>, what: &str) {
        const SHOWN: usize = 20;
        let more = warnings.len().saturating_sub(SHOWN);
        warnings.truncate(SHOWN);
        self.found.warnings.append(&mut warnings);
        if more > 0 {
            self.found.warnings.push(format!("and {more} more {what}"));
        }
    }
}

/// A single row with a similar id looks like a typo if the Space has at least this many rows.
const MANY: usize = 5;

/// With more single-row Spaces than this, a single row is normal and not a typo.
const MAX_SINGLE: usize = 500;

#[derive(Debug, Clone)]
struct Space<'a> {
    /// The id before shortening.
    id: &'a str,
    rows: usize,
    /// The place of the first row, safe to show.
    pub place: String,
}

/// Ids that are easily confused: two Spaces where one was meant.
fn confusable_ids(spaces: &[Space]) -> Vec<String> {
    let mut warnings = look_alikes(spaces);
    let single: Vec<&Space> = spaces.iter().filter(|space| space.rows == 1).collect();
    if single.len() > MAX_SINGLE {
        return warnings;
    }
    let many: Vec<(Vec<char>, &Space)> = spaces
        .iter()
        .filter(|space| space.rows >= MANY)
        .map(|space| (space.id.chars().collect(), space))
        .collect();
    for space in single {
        let id: Vec<char> = space.id.chars().collect();
        if let Some((_, near)) = many.iter().find(|(near, _)| is_one_typo(&id, near)) {
            warnings.push(format!(
                "{}: only this row has the id {}, but {} has {} rows; is it a typo?",
                space.place,
                untrusted(space.id),
                untrusted(near.id),
                near.rows
            ));
        }
    }
    warnings
}

/// The text without differences in case, width and encoding; if `is_loose`, also in whitespace and dashes.
fn plain(text: &str, is_loose: bool) -> String {
    let plain = text.nfkc().flat_map(char::to_lowercase).nfkc();
    let is_dash = |character| matches!(character, '\u{2010}'..='\u{2015}' | '\u{2212}');
    plain
        .filter(|character| !is_loose || !(character.is_whitespace() || *character == '\u{200b}'))
        .map(|character| if is_loose && is_dash(character) { '-' } else { character })
        .collect()
}

/// Ids that differ only in case, whitespace, dashes, width or the encoding of the same letters.
fn look_alikes(spaces: &[Space]) -> Vec<String> {
    let mut first: HashMap<String, &Space> = HashMap::new();
    let mut warnings = Vec::new();
    for space in spaces {
        let Some(earlier) = first.insert(plain(space.id, true), space) else { continue };
        let how = if earlier.id.to_lowercase() == space.id.to_lowercase() {
            "differ only in case"
        } else if plain(earlier.id, false) != plain(space.id, false) {
            "differ only in case, blanks or dashes"
        } else {
            "look alike, but their letters are encoded differently"
        };
        warnings.push(format!(
            "the ids {} ({}) and {} ({}) {how}: they are two Spaces",
            untrusted(earlier.id),
            earlier.place,
            untrusted(space.id),
            space.place
        ));
    }
    warnings
}

/// Whether two ids differ by one extra, missing or different character, or two swapped ones.
fn is_one_typo(one: &[char], other: &[char]) -> bool {
    if one.len().abs_diff(other.len()) > 1 || one == other {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&one[..one.len() - end], &other[..other.len() - end]) {
        ([a, b], [c, d]) => (a, b) == (d, c),
        (one, other) => one.len() <= 1 && other.len() <= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_similar_with_one_typo_but_not_with_two() {
        let is_slip = |one: &str, other: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            is_one_typo(&letters(one), &letters(other))
        };
        for (one, other) in [
            ("biology101_2032", "biology101_2023"),
            ("maths", "math"),
            ("art", "arts"),
            ("7a", "7b"),
        ] {
            assert!(is_slip(one, other) && is_slip(other, one), "{one} {other}");
        }
        for (one, other) in [("maths", "maths"), ("7a", "8b"), ("abc", "cba"), ("art", "party")] {
            assert!(!is_slip(one, other), "{one} {other}");
        }
    }

    #[test]
    fn likely_typos_and_lookalike_ids_cause_warnings() {
        let of = |spaces: &[(&'static str, usize)]| {
            let spaces: Vec<Space> = spaces
                .iter()
                .enumerate()
                .map(|(line, (id, rows))| Space { id, rows: *rows, place: format!("line {line}") })
                .collect();
            confusable_ids(&spaces)
        };
        assert_eq!(
            of(&[("maths_2023", 24), ("maths_2032", 1)]),
            [
                "line 1: only this row has the id maths_2032, but maths_2023 has 24 rows; is it a typo?"
            ]
        );
        assert!(of(&[("lesson1", 2), ("lesson2", 1), ("lesson3", 1)]).is_empty());
        let found = of(&[("Caf\u{e9}", 2), ("Cafe\u{301}", 2), ("\u{ff21}1", 2), ("A1", 2)]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|it| it.contains("look alike")), "{found:?}");
        assert_eq!(
            of(&[("7A", 2), ("7a", 2)]),
            ["the ids 7A (line 0) and 7a (line 1) differ only in case: they are two Spaces"]
        );
        assert_eq!(
            of(&[("Art 7b", 2), ("Art7b", 2)]),
            [
                "the ids Art 7b (line 0) and Art7b (line 1) differ only in case, blanks or dashes: they are two Spaces"
            ]
        );
        assert!(of(&[("Caf\u{e9}", 2), ("Cafe", 2)]).is_empty());
    }
}
