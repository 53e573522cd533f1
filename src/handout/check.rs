//! Checks that each link is in the right row. The link is trusted, not the cells: sorting one
//! column of a spreadsheet without the others takes two clicks, and then Tina's row has Ben's link.

use super::cards::{Launch, Link};
use crate::links::Status;
use crate::links::run_facts::MadeFor;
use crate::problem::{At, Problem};
use jiff::SignedDuration;
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization as _;

/// The result of comparing links with rows.
#[derive(Debug, Default)]
pub struct Findings {
    /// Links in the wrong row.
    pub problems: Vec<Problem>,
    /// Lines of rows that differ from their link in the person or the time.
    pub differing: Vec<u32>,
}

/// Times closer than this are equal, because spreadsheets drop seconds.
const SAME_TIME: SignedDuration = SignedDuration::from_secs(60);

/// The person of a row, folded for comparison.
#[derive(Debug, Default, PartialEq, Eq)]
struct Person {
    id: Option<String>,
    email: Option<String>,
    names: Vec<String>,
}

/// The person of a token, folded for comparison.
#[derive(Debug, Default)]
struct Claims {
    id: Option<String>,
    /// An id that is an integer.
    number: Option<String>,
    email: Option<String>,
    names: Vec<String>,
}

/// Finds rows by person.
#[derive(Debug, Default)]
struct Index {
    ids: HashMap<String, Vec<usize>>,
    emails: HashMap<String, Vec<usize>>,
    names: HashMap<String, Vec<usize>>,
    /// Rows by the words in their cells, only for rows without a known person.
    words: HashMap<String, Vec<usize>>,
}

/// Compares every link with its row and with the other rows.
pub fn check(launches: &[Launch], is_zone_known: bool) -> Findings {
    let people: Vec<Person> = launches.iter().map(Person::of).collect();
    let mut claims: Vec<Option<Claims>> = launches.iter().map(Claims::of).collect();
    let index = Index::of(launches, &people);
    use_numbers_as_ids(&mut claims, &index);
    let ids_are_from_roster = ids_are_from_roster(&people, &claims, &index);
    let mut findings = Findings::default();
    let mut spaces = Spaces::default();
    for (row, launch) in launches.iter().enumerate() {
        let other_room = || {
            let rooms = launch.link.as_ref()?.room.as_ref().zip(launch.row.room_id.as_ref());
            let is_other = rooms.is_some_and(|(link, cell)| !link.eq_ignore_ascii_case(cell));
            is_other.then(|| "the link does not lead to the room in room_id".to_owned())
        };
        let other_person = || {
            let other = index.other_person(row, &people, &claims, ids_are_from_roster)?;
            Some(format!("the link is for the person on {}", launches[other].row.place))
        };
        let message = other_room()
            .or_else(other_person)
            .or_else(|| spaces.contradiction(row, launch, launches, &people))
            .or_else(|| spaces.other_name(row, launches));
        if let Some(message) = message {
            findings.add(launch, message);
            continue;
        }
        if !launch.is_skipped()
            && differs(launch, &people[row], claims[row].as_ref(), is_zone_known)
        {
            findings.differing.push(launch.row.line);
        }
    }
    findings
}

/// Compares every row with the person in the journal that its link was made for. This also finds
/// swaps of values that are not in a token, such as an email address or the id of a Space.
pub fn check_journal(
    launches: &[Launch],
    made: &HashMap<String, MadeFor>,
    findings: &mut Findings,
) {
    let of_links: Vec<Option<&MadeFor>> =
        launches.iter().map(|launch| made.get(launch.link.as_ref()?.url.as_str())).collect();
    let all = || of_links.iter().flatten();
    let emails: HashSet<String> =
        all().filter_map(|made| made.email.as_deref().map(folded)).collect();
    let ids: HashSet<&str> = all().map(|made| made.id.as_str()).collect();
    let people: HashSet<String> = all().map(|made| folded(&made.person)).collect();
    for (launch, made) in launches.iter().zip(&of_links) {
        let (Some(made), Some(link)) = (made, &launch.link) else { continue };
        let row = &launch.row;
        // A recipe may have changed the id, so only the id of another link is proof.
        let is_other_id = |id: &&str| *id != made.id && ids.contains(*id);
        let id = row.id.as_deref().filter(is_other_id);
        let email = row.user_email.as_deref().map(folded);
        let own = made.email.as_deref().map(folded);
        let is_other = |email: &String| own.as_ref().is_some_and(|own| own != email);
        let other_email = email.filter(is_other);
        let has_other_email = other_email.as_ref().is_some_and(|it| emails.contains(it));
        let name = row.user_name.as_deref().map(folded);
        let names: Vec<String> = link.token.names().iter().map(|name| folded(name)).collect();
        let has_other_name = name
            .as_ref()
            .is_some_and(|name| *name != folded(&made.person) && !names.contains(name));
        let name = name.filter(|_| names.is_empty());
        let is_other = |name: &String| *name != folded(&made.person) && people.contains(name);
        let message = if id.is_some() {
            "the link was made for another Space"
        } else if name.is_some_and(|name| is_other(&name)) {
            "the link was made for another person in this file"
        } else if has_other_email {
            "the email address belongs to another person in this file"
        } else if other_email.is_some() && has_other_name {
            "the link was made for another person"
        } else {
            let is_known = findings.differing.contains(&row.line);
            if other_email.is_some() && !is_known && !launch.is_skipped() {
                findings.differing.push(row.line);
            }
            continue;
        };
        findings.add(launch, message.to_owned());
    }
}

impl Findings {
    fn add(&mut self, launch: &Launch, message: String) {
        self.problems.push(Problem {
            at: Box::new(At {
                line: Some(launch.row.line),
                field: Some("client_url".to_owned()),
                ..At::default()
            }),
            ..Problem::new(launch.row.place.clone(), message)
        });
    }
}

impl Person {
    fn of(launch: &Launch) -> Self {
        let row = &launch.row;
        let names = [&row.user_name, &row.display_name];
        Self {
            id: row.user_id.as_deref().map(folded),
            email: row.user_email.as_deref().map(folded),
            names: names.into_iter().flatten().map(|name| folded(name)).collect(),
        }
    }

    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Whether two rows may be about one person, judged by the strongest value that both have.
    fn may_be(&self, other: &Self) -> bool {
        match (&self.id, &other.id, &self.email, &other.email) {
            (Some(own), Some(other), ..) => own == other,
            (.., Some(own), Some(other)) if own != other => false,
            _ => self.names.iter().any(|name| other.names.contains(name)),
        }
    }
}

impl Claims {
    fn of(launch: &Launch) -> Option<Self> {
        let token = &launch.link.as_ref()?.token;
        let id = token.id().map(|id| folded(&id));
        // The practice API uses the email address as the id if there is none.
        let address = id.clone().filter(|id| id.contains('@'));
        Some(Self {
            email: token.email().map(|email| folded(&email)).or(address),
            names: token.names().iter().map(|name| folded(name)).collect(),
            number: token.id_number(),
            id,
        })
    }
}

impl Index {
    fn of(launches: &[Launch], people: &[Person]) -> Self {
        let mut index = Self::default();
        let add = |map: &mut HashMap<String, Vec<usize>>, key: &String, row: usize| {
            let rows = map.entry(key.clone()).or_default();
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        };
        for (row, person) in people.iter().enumerate() {
            person.id.iter().for_each(|id| add(&mut index.ids, id, row));
            person.email.iter().for_each(|email| add(&mut index.emails, email, row));
            person.names.iter().for_each(|name| add(&mut index.names, name, row));
            if person.is_unknown() {
                let cells = launches[row].row.cells.iter();
                cells.flat_map(|cell| words(cell)).for_each(|word| {
                    add(&mut index.words, &word, row);
                });
            }
        }
        index
    }

    /// Another row with the person of this row's token, by id, email address or name. Values that
    /// match the token's own row are skipped.
    fn other_person(
        &self,
        row: usize,
        people: &[Person],
        all_claims: &[Option<Claims>],
        ids_are_from_roster: bool,
    ) -> Option<usize> {
        let (own, claims) = (&people[row], all_claims[row].as_ref()?);
        let other = |rows: Option<&Vec<usize>>| {
            let is_other = |other: &&usize| **other != row && !own.may_be(&people[**other]);
            let rows = rows?;
            // One row that may be the same person is enough to explain the claim.
            let is_own = rows.iter().any(|other| *other == row || own.may_be(&people[*other]));
            rows.iter().find(is_other).copied().filter(|_| !is_own)
        };
        let by_id = || {
            let id = claims.id.as_ref().filter(|_| ids_are_from_roster)?;
            other(self.ids.get(id).filter(|_| own.id.as_ref() != Some(id)))
        };
        let by_email = || {
            let email = claims.email.as_ref()?;
            other(self.emails.get(email).filter(|_| own.email.as_ref() != Some(email)))
        };
        let by_name = || {
            let is_own = claims.names.iter().any(|name| own.names.contains(name));
            let mut names = claims.names.iter().filter(|_| !is_own);
            names.find_map(|name| other(self.names.get(name)))
        };
        let found = by_id().or_else(by_email).or_else(by_name);
        found.or_else(|| self.other_by_words(row, own, claims.names.first()?, all_claims))
    }

    /// For rows without a known person: another row that has all words of the token's name, unless
    /// the token's own row has them too. The other row's link must be for someone else.
    fn other_by_words(
        &self,
        row: usize,
        own: &Person,
        name: &str,
        claims: &[Option<Claims>],
    ) -> Option<usize> {
        /// Maximum number of rows to search. A name with more matches is not a real one.
        const MAX_ROWS: usize = 1000;
        let rows: Option<Vec<&Vec<usize>>> =
            words(name).iter().map(|it| self.words.get(it)).collect();
        let rows = rows.filter(|rows| !rows.is_empty() && own.is_unknown())?;
        let has_all = |row: usize| rows.iter().all(|rows| rows.binary_search(&row).is_ok());
        if has_all(row) {
            return None;
        }
        let is_for_another = |other: usize| {
            claims[other].as_ref().is_some_and(|other| {
                !other.names.is_empty() && !other.names.iter().any(|it| it == name)
            })
        };
        let rarest = rows.iter().min_by_key(|rows| rows.len())?;
        let mut others = rarest.iter().copied().take(MAX_ROWS);
        others.find(|other| *other != row && has_all(*other) && is_for_another(*other))
    }
}

/// Integers are ids if each of them is a user id in the file. Otherwise they may be Lessonspace's own
/// numbers (API.md).
fn use_numbers_as_ids(claims: &mut [Option<Claims>], index: &Index) {
    let mut numbers = claims.iter().flatten().filter_map(|claims| claims.number.as_ref());
    if numbers.all(|number| index.ids.contains_key(number)) {
        for claims in claims.iter_mut().flatten().filter(|claims| claims.id.is_none()) {
            claims.id = claims.number.take();
        }
    }
}

/// Whether the ids in tokens come from the roster, not from Lessonspace: more than half of them are
/// in the file, in any row.
fn ids_are_from_roster(people: &[Person], claims: &[Option<Claims>], index: &Index) -> bool {
    let ids = people.iter().zip(claims).filter_map(|(person, claims)| {
        person.id.as_ref()?;
        claims.as_ref()?.id.as_ref()
    });
    let (mut known, mut all) = (0, 0);
    for id in ids {
        all += 1;
        known += usize::from(index.ids.contains_key(id));
    }
    known * 2 > all
}

/// The first row with each id, room and link, and of each Space with a name.
#[derive(Default)]
struct Spaces<'a> {
    named: HashMap<&'a str, usize>,
    rooms: HashMap<&'a str, usize>,
    ids: HashMap<String, usize>,
    links: HashMap<&'a str, usize>,
}

impl<'a> Spaces<'a> {
    /// Checks that each id has one room, each room one id, and each link one person.
    fn contradiction(
        &mut self,
        row: usize,
        launch: &'a Launch,
        launches: &[Launch],
        people: &[Person],
    ) -> Option<String> {
        let link = launch.link.as_ref()?;
        let place = |row: usize| &launches[row].row.place;
        let first = *self.links.entry(link.url.as_str()).or_insert(row);
        let are_known = !people[row].is_unknown() && !people[first].is_unknown();
        if first != row && are_known && !people[row].may_be(&people[first]) {
            return Some(format!("the same link as on {}, for another person", place(first)));
        }
        let (id, room) = launch.row.id.as_deref().zip(link.room.as_deref())?;
        let room = room.to_lowercase();
        let room_of =
            |row: usize| launches[row].link.as_ref()?.room.as_ref().map(|it| it.to_lowercase());
        let same_id = *self.rooms.entry(id).or_insert(row);
        if room_of(same_id).as_ref() != Some(&room) {
            let message = "the link does not lead to the same room as this Space's link on";
            return Some(format!("{message} {}", place(same_id)));
        }
        let same_room = *self.ids.entry(room).or_insert(row);
        if launches[same_room].row.id.as_deref() != Some(id) {
            let message = "the link leads to the room of a different Space on";
            return Some(format!("{message} {}", place(same_room)));
        }
        None
    }

    /// Checks that the rows of a Space have one name. Like `batch`, ignores skipped rows and past lessons.
    fn other_name(&mut self, row: usize, launches: &'a [Launch]) -> Option<String> {
        let launch = &launches[row];
        // The people in a row share the name, so it is reported once.
        let is_known = row > 0 && launches[row - 1].row.line == launch.row.line;
        if is_known || matches!(launch.row.status, Some(Status::Skipped | Status::Ended)) {
            return None;
        }
        let (id, name) = launch.row.id.as_deref().zip(launch.row.space_name.as_deref())?;
        let first = &launches[*self.named.entry(id).or_insert(row)].row;
        let is_other = first.space_name.as_deref().map(folded) != Some(folded(name));
        is_other.then(|| format!("the Space name differs from {} in the same Space", first.place))
    }
}

/// Whether the row and its link differ in name, leader or time.
fn differs(launch: &Launch, person: &Person, claims: Option<&Claims>, is_zone_known: bool) -> bool {
    let Launch { row, link: Some(Link { token, .. }) } = launch else { return false };
    let names = claims.map(|claims| &claims.names).filter(|names| !names.is_empty());
    let has_other_name = !person.names.is_empty()
        && names.is_some_and(|names| !names.iter().any(|name| person.names.contains(name)));
    let is_guest = token.is_guest() == Some(true) && !person.names.is_empty();
    let leads = row.leads.zip(token.can_lead()).is_some_and(|(row, token)| row != token);
    let end = row.expires_at.filter(|_| !row.is_local || is_zone_known);
    let mut times = [
        (end, token.expires_at),
        (row.window.not_before, token.not_before),
        (row.window.not_after, token.expires_at),
    ]
    .into_iter()
    .filter_map(|(row, token)| row.zip(token));
    let has_other_time = times.any(|(row, token)| row.duration_since(token).abs() >= SAME_TIME);
    has_other_name || is_guest || leads || has_other_time
}

/// Removes differences that people do not see: case, whitespace and Unicode forms.
pub fn folded(text: &str) -> String {
    let text: String = text.nfkc().flat_map(char::to_lowercase).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> Vec<String> {
    let text = folded(text);
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::usable_link;
    use crate::links::read::LinkRow;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    /// A row from `key=value` pairs, separated by `;`: name, id, mail, space, title, room, cells, leads,
    /// status and end. The pairs after `->` are for its link: room, copy, and the claims name, id, number (an
    /// id that is an integer), mail, leads and exp.
    fn launch((line, text): (usize, &&str)) -> Launch {
        let (row, claims_text) = text.split_once("->").unwrap_or((text, ""));
        let get = |part: &str, key: &str| {
            let mut pairs = part.split(';').filter_map(|pair| pair.trim().split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| value.to_owned())
        };
        let row = LinkRow {
            place: format!("line {}", line + 2),
            line: u32::try_from(line + 2).unwrap_or_default(),
            user_name: get(row, "name"),
            user_id: get(row, "id"),
            user_email: get(row, "mail"),
            id: get(row, "space"),
            space_name: get(row, "title"),
            status: get(row, "status").and_then(|word| Status::of_word(&word)),
            room_id: get(row, "room"),
            leads: get(row, "leads").map(|text| text == "yes"),
            expires_at: get(row, "end").and_then(|text| text.parse().ok()),
            cells: get(row, "cells").unwrap_or_default().split(',').map(str::to_owned).collect(),
            ..LinkRow::default()
        };
        let claim = |key: &str, value: Option<String>| {
            value.map(|value| format!("\"{key}\":{}", crate::json::quote(&value)))
        };
        let name = get(claims_text, "name").map(|name| format!("\"meta\":{{\"name\":\"{name}\"}}"));
        let leads = get(claims_text, "leads").map(|text| format!("\"canLead\":{}", text == "yes"));
        let claims = [
            get(claims_text, "exp").map(|seconds| format!("\"exp\":{seconds}")),
            claim("id", get(claims_text, "id")),
            get(claims_text, "number").map(|number| format!("\"id\":{number}")),
            claim("email", get(claims_text, "mail")),
            name,
            leads,
        ];
        let claims: Vec<String> = claims.into_iter().flatten().collect();
        let token = URL_SAFE_NO_PAD.encode(format!("{{{}}}", claims.join(",")));
        let room = get(claims_text, "room").unwrap_or_else(|| "r1".to_owned());
        let copy = get(claims_text, "copy").unwrap_or_else(|| line.to_string());
        let url = format!("https://go.room.sh/?user=e30.{token}.x&room={room}&n={copy}");
        let url = usable_link(&url, false).expect("a link");
        Launch::of(LinkRow { client_url: Some(url.into()), ..row })
    }

    fn problems(rows: &[&str]) -> Vec<String> {
        let launches: Vec<Launch> = rows.iter().enumerate().map(launch).collect();
        check(&launches, true).problems.iter().map(ToString::to_string).collect()
    }

    fn lines(rows: &[&str]) -> Vec<u32> {
        let launches: Vec<Launch> = rows.iter().enumerate().map(launch).collect();
        check(&launches, true).problems.iter().filter_map(|problem| problem.at.line).collect()
    }

    #[test]
    fn every_swap_of_links_between_people_in_the_file_is_detected() {
        let swapped = [
            // Only the links.
            ["name=Tina -> name=Ben", "name=Ben -> name=Tina"],
            ["name=TINA -> name= ben ", "name=Ben -> name=tina"],
            // People with the same name.
            ["name=Ann;id=1 -> name=Ann;id=2", "name=Ann;id=2 -> name=Ann;id=1"],
            ["name=Ann;mail=a@x -> name=Ann;mail=b@x", "name=Ann;mail=b@x -> name=Ann;mail=A@X"],
            ["name=Ann;id=2 -> name=Ann;number=3", "name=Ann;id=3 -> name=Ann;number=2"],
            // The practice API's id of a person with only an email address.
            ["name=Ann;mail=a@x -> name=Ann;id=b@x", "name=Ann;mail=b@x -> name=Ann;id=a@x"],
            // Only the names, or only the ids.
            ["name=Ben;id=1 -> name=Ann;id=1", "name=Ann;id=2 -> name=Ben;id=2"],
            ["name=Ann;id=2 -> name=Ann;id=1", "name=Ben;id=1 -> name=Ben;id=2"],
            // No known name columns.
            ["cells=Lind,Tina,7b -> name=Ben Ruiz", "cells=Ruiz,Ben,7b -> name=Tina Lind"],
            // Rooms.
            ["room=r1;name=Ann -> room=r2;name=Ann", "room=r2;name=Ann -> room=r1;name=Ann"],
        ];
        for rows in swapped {
            assert_eq!(lines(&rows), [2, 3], "{rows:?}");
        }
        let copied = ["name=Tina -> name=Ben", "name=Ben -> name=Ben;id=2"];
        assert_eq!(problems(&copied), ["line 2: the link is for the person on line 3"]);
        // Only a column of results was sorted: each person has a link to another Space.
        let results = [
            "name=Ann;space=a;room=r2 -> name=Ann;room=r2",
            "name=Ann;space=b;room=r1 -> name=Ann;room=r1",
            "name=Bo;space=b;room=r2 -> name=Bo;room=r2",
        ];
        assert_eq!(lines(&results), [4]);
        let other_room = "the link leads to the room of a different Space on line 2";
        let rooms = ["name=Ann;space=a -> name=Ann", "name=Bo;space=b -> name=Bo"];
        assert_eq!(problems(&rooms), [format!("line 3: {other_room}")]);
        let same = ["name=Ann -> copy=1;name=Teacher", "name=Bo -> copy=1;name=Teacher"];
        assert_eq!(problems(&same), ["line 3: the same link as on line 2, for another person"]);
    }

    #[test]
    fn a_space_has_one_name() {
        let sorted = [
            "space=a;title=Art -> name=Ann",
            "space=a;title=Maths -> name=Bo",
            "space=a -> name=Cy",
            "space=a;title=ART -> name=Del",
            "space=a;title=Old;status=ended -> name=Eve",
            "space=a;title=Old;status=skipped -> name=Fay",
            "space=b;title=Maths -> name=Gus;room=r2",
        ];
        let message = "line 3: the Space name differs from line 2 in the same Space";
        assert_eq!(problems(&sorted), [message]);
    }

    #[test]
    fn people_are_not_confused_with_their_namesakes() {
        for rows in [
            // Two people with the same name, but different ids, different addresses, or neither.
            ["name=Ann;id=1 -> name=Ann;id=1", "name=Ann;id=2 -> name=Ann;id=2"],
            ["name=Ann;mail=a@x -> name=Ann", "name=Ann;mail=b@x -> name=Ann"],
            ["name=Ann -> name=Ann", "name=Ann -> name=Ann"],
            // One person in two Spaces.
            [
                "name=Ann;id=1;space=a -> name=Ann;id=1;room=r1",
                "name=Ann;id=1;space=b -> name=Ann;id=1;room=r2",
            ],
            // Lessonspace's own ids, one of them equal to a pupil's number by chance.
            ["name=Ann;id=7 -> name=Ann;id=4711", "name=Bo;id=12 -> name=Bo;id=7"],
            ["name=Ann;id=7 -> name=Ann;number=12", "name=Ann;id=12 -> name=Ann;number=4711"],
            // The same person under two names.
            ["name=Ann Lee;id=1 -> name=Ann Lee;id=1", "name=Annie;id=1 -> name=Ann Lee;id=1"],
            // A name that no other row has, and tokens without a name.
            ["name=Ann -> name=Anna", "name=Bo -> "],
            ["name=Ann -> ", "name=Bo -> room=R1"],
            // One link for everyone, in rows without a known person.
            ["cells=Lind,Tina -> copy=1;name=7b", "cells=Ruiz,Ben -> copy=1;name=7b"],
            // A constant as the name.
            ["cells=Lind,Tina -> name=Student", "cells=Student,Ben -> name=Student"],
            // Cells in a different order from the name.
            ["cells=Lind,Tina -> name=Tina Lind", "cells=Tina,Lindqvist -> name=Tina Lindqvist"],
        ] {
            assert_eq!(problems(&rows), [""; 0], "{rows:?}");
        }
        // The link has another name of the same person, which is also that of a namesake.
        let nickname = [
            "name=Annie;id=1 -> name=Ann Lee",
            "name=Ann Lee;id=1 -> name=Ann Lee",
            "name=Ann Lee;id=2 -> name=Ann Lee",
        ];
        assert_eq!(problems(&nickname), [""; 0]);
    }

    #[test]
    fn other_differences_are_counted() {
        let rows = [
            "name=Ann -> name=Anna",
            "name=Bo;leads=no -> name=Bo;leads=yes",
            "name=Cy;leads=yes -> name=Cy;leads=yes",
            "name=Del -> ",
            // Spreadsheet times have no seconds.
            "name=Eve;end=2026-12-01T10:00:00Z -> name=Eve;exp=1796119259",
            "name=Fay;end=2026-12-01T10:00:00Z -> name=Fay;exp=1796119260",
            "name=Gus;end=2026-12-01T10:00:00Z -> name=Gus;exp=1796119140",
        ];
        let launches: Vec<Launch> = rows.iter().enumerate().map(launch).collect();
        assert_eq!(check(&launches, true).differing, [2, 3, 7, 8]);
    }
}
