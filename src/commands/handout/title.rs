//! What a Space is called where the links file has neither its name nor its id, because a map or a
//! recipe made both: by the columns that tell all Spaces apart, such as a class, else by the people in
//! it. No other cell is shown: cards are given away, and a roster holds what is not for everybody.

use super::facts::Facts;
use std::collections::HashSet;

/// How many people are named, where there are more.
const NAMED: usize = 2;

/// The headers of the columns that tell the Spaces apart: each is the same in all rows of a Space, and
/// together they differ from Space to Space. None if that is not to be seen, as where each Space has
/// but one row.
pub fn telling_columns<'a>(spaces: &[Vec<&'a Facts>]) -> Vec<&'a str> {
    let has_people = spaces.iter().flatten().any(|facts| facts.person.is_some());
    let is_seen = spaces.len() > 1 && spaces.iter().any(|rows| rows.len() > 1);
    let Some(first) = spaces.first().and_then(|rows| rows.first()) else { return Vec::new() };
    if has_people || !is_seen {
        return Vec::new();
    }
    let mut found: Vec<&str> = Vec::new();
    for (header, _) in &first.other {
        if !is_same_in_each(spaces, header) {
            continue;
        }
        found.push(header);
        let titles: HashSet<String> = spaces.iter().map(|rows| of_row(rows[0], &found)).collect();
        if titles.len() == spaces.len() {
            return found;
        }
    }
    Vec::new()
}

/// Whether a column is filled and the same within each Space, not the same in all of them, and not
/// an address.
fn is_same_in_each(spaces: &[Vec<&Facts>], header: &str) -> bool {
    let mut texts = HashSet::new();
    let is_same = spaces.iter().all(|rows| {
        let Some(text) = rows.first().and_then(|facts| cell(facts, header)) else { return false };
        texts.insert(text);
        !text.contains('@') && rows.iter().all(|facts| cell(facts, header) == Some(text))
    });
    is_same && texts.len() > 1
}

/// What the columns hold in one row.
pub fn of_row(facts: &Facts, columns: &[&str]) -> String {
    let cells: Vec<&str> = columns.iter().filter_map(|header| cell(facts, header)).collect();
    cells.join(" · ")
}

fn cell<'a>(facts: &'a Facts, header: &str) -> Option<&'a str> {
    facts.other.iter().find(|(name, _)| name == header).map(|(_, text)| text.as_str())
}

/// `Anna`, `Anna and Ben`, `Anna, Ben and Cem`, `Anna, Ben and 28 more`.
pub fn of_people<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    if distinct.len() > NAMED + 1 {
        let more = distinct.len() - NAMED;
        return format!("{} and {more} more", distinct[..NAMED].join(", "));
    }
    match distinct.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &[&str]) -> Vec<Facts> {
        let pairs = |row: &&str| {
            let cells = row.split(',').enumerate().filter(|(_, text)| !text.is_empty());
            cells.map(|(column, text)| (format!("c{column}"), text.to_owned())).collect()
        };
        table.iter().map(|row| Facts { other: pairs(row), ..Facts::default() }).collect()
    }

    fn titles(spaces: &[&[&str]]) -> Vec<String> {
        let facts: Vec<Vec<Facts>> = spaces.iter().map(|space| rows(space)).collect();
        let spaces: Vec<Vec<&Facts>> = facts.iter().map(|rows| rows.iter().collect()).collect();
        let columns = telling_columns(&spaces);
        spaces.iter().map(|rows| of_row(rows[0], &columns)).collect()
    }

    #[test]
    fn the_columns_that_tell_spaces_apart_name_them() {
        let class = [&["Ann,Linden,7b", "Ben,Linden,7b"][..], &["Cem,Linden,8c"]];
        assert_eq!(titles(&class), ["7b", "8c"]);
        let terms = [&["Ann,Bio,1", "Ben,Bio,1"][..], &["Ann,Bio,2"], &["Ann,Art,2"]];
        assert_eq!(titles(&terms), ["Bio · 1", "Bio · 2", "Art · 2"]);
    }

    #[test]
    fn what_may_be_a_persons_own_names_no_space() {
        let each_one = [&["Ann,first lesson"][..], &["Ben,slow reader"]];
        assert_eq!(titles(&each_one), ["", ""]);
        let addresses = [&["a@x.org,Ann", "a@x.org,Ben"][..], &["b@x.org,Cem"]];
        assert_eq!(titles(&addresses), ["", ""]);
        assert_eq!(titles(&[&["Ann,7b", "Ben,7b"][..]]), [""]);
    }

    #[test]
    fn people_are_named_and_the_rest_is_counted() {
        for (names, title) in [
            (&["Ann"][..], "Ann"),
            (&["Ann", "Ben", "Ann"], "Ann and Ben"),
            (&["Ann", "Ben", "Cem"], "Ann, Ben and Cem"),
            (&["Ann", "Ben", "Cem", "Dee"], "Ann, Ben and 2 more"),
        ] {
            assert_eq!(of_people(names.iter().copied()), title);
        }
    }
}
