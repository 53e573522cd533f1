//! A recipe: a TOML file that says how a roster is read, and what is made from its columns. It is
//! read whole and strictly, so that a typo is found.
//!
//! What the fields mean is left to the caller.

use super::cell::date::DateOrder;
use crate::decode::decode;
use crate::escape::untrusted;
use crate::problem::{Findings, Position, Problem};
use crate::words::nearest;
use toml_edit::{Document, Item, TableLike};

const KEYS: [&str; 6] = ["header", "sheet", "dates", "shorten_ids", "map", "people"];

/// A recipe as it was written.
#[derive(Debug, Default)]
pub(crate) struct RecipeFile {
    /// The line of the header.
    pub(crate) header: Option<u32>,
    /// The sheet.
    pub(crate) sheet: Option<String>,
    /// The order of day and month.
    pub(crate) dates: Option<DateOrder>,
    /// Whether ids that are too long get a short form.
    pub(crate) shorten_ids: bool,
    /// The fields of everybody.
    pub(crate) map: Vec<RecipeField>,
    /// The people of a row, with their own fields.
    pub(crate) people: Vec<(String, Vec<RecipeField>)>,
}

/// A field, and what it is made from.
#[derive(Debug)]
pub(crate) struct RecipeField {
    /// The field, as written.
    pub(crate) name: String,
    /// The template.
    pub(crate) template: String,
    /// The file and the line, in words.
    pub(crate) place: String,
}

/// The text of a recipe, and what is wrong with it.
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    findings: &'a mut Findings,
}

impl RecipeFile {
    /// Reads a recipe. `name` is the file's name, safe to show; what is wrong goes into `findings`, and
    /// the rest is there all the same, to be checked as well.
    pub(crate) fn parse(name: &str, bytes: Vec<u8>, findings: &mut Findings) -> Option<Self> {
        let decoded = decode(bytes, None).map_err(|error| Problem::new(name, error.to_string()));
        let text = findings.keep(decoded)?.text;
        let text = text.as_str();
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start.min(text.len()));
                let line = Position::of(text, offset).line;
                let message = format!("is not valid TOML: {}", untrusted(error.message()));
                findings.problem(format!("{name}, line {line}"), message);
                return None;
            }
        };
        Some(Reader { name, text, findings }.recipe(document.as_table()))
    }
}

impl Reader<'_> {
    fn recipe(&mut self, table: &dyn TableLike) -> RecipeFile {
        let mut recipe = RecipeFile::default();
        for (key, item) in table.iter() {
            let place = self.place(table, key);
            match key {
                "header" => {
                    let line = item.as_integer().and_then(|line| u32::try_from(line).ok());
                    recipe.header = line.filter(|line| *line > 0);
                    self.needs(
                        recipe.header.is_some(),
                        &place,
                        key,
                        "the number of a line, such as 3",
                    );
                }
                "sheet" => {
                    recipe.sheet = item.as_str().map(str::to_owned);
                    self.needs(
                        recipe.sheet.is_some(),
                        &place,
                        key,
                        "the name of a sheet in quotes",
                    );
                }
                "dates" => {
                    recipe.dates = match item.as_str() {
                        Some("dmy") => Some(DateOrder::DayMonthYear),
                        Some("mdy") => Some(DateOrder::MonthDayYear),
                        _ => None,
                    };
                    self.needs(recipe.dates.is_some(), &place, key, "\"dmy\" or \"mdy\"");
                }
                "shorten_ids" => {
                    recipe.shorten_ids = item.as_bool().unwrap_or_default();
                    self.needs(item.as_bool().is_some(), &place, key, "true or false");
                }
                "map" => recipe.map = self.section(item, &place, "[map]"),
                "people" => recipe.people = self.people(item, &place),
                unknown => {
                    let near = nearest(unknown, KEYS);
                    let near =
                        near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    let message =
                        format!("`{}` is not a key of a recipe{near}", untrusted(unknown));
                    self.findings.problem(place, message);
                }
            }
        }
        recipe
    }

    fn people(&mut self, item: &Item, place: &str) -> Vec<(String, Vec<RecipeField>)> {
        let Some(table) = item.as_table_like() else {
            self.needs(false, place, "people", "tables, such as [people.tutor]");
            return Vec::new();
        };
        let mut people: Vec<(String, Vec<RecipeField>)> = Vec::new();
        for (name, item) in table.iter() {
            let place = self.place(table, name);
            let is_there = people.iter().any(|(earlier, _)| earlier.eq_ignore_ascii_case(name));
            if name.trim().is_empty() || name.trim() != name || is_there {
                let message = format!(
                    "[people.{}] needs a name of its own, without blanks at its ends",
                    untrusted(name)
                );
                self.findings.problem(place.as_str(), message);
            }
            let fields = self.section(item, &place, &format!("[people.{}]", untrusted(name)));
            people.push((name.to_owned(), fields));
        }
        if people.is_empty() {
            self.needs(false, place, "people", "somebody, such as [people.tutor]");
        }
        people
    }

    /// The fields of a table; `user.name = ...` without quotes is a table within it to TOML.
    fn section(&mut self, item: &Item, place: &str, name: &str) -> Vec<RecipeField> {
        let mut fields = Vec::new();
        match item.as_table_like() {
            Some(table) => self.fields(table, "", name, &mut fields),
            None => self.needs(false, place, name, "to be a table of fields"),
        }
        fields
    }

    fn fields(
        &mut self,
        table: &dyn TableLike,
        prefix: &str,
        section: &str,
        fields: &mut Vec<RecipeField>,
    ) {
        for (key, item) in table.iter() {
            let place = self.place(table, key);
            let name = format!("{prefix}{key}");
            if let Some(inner) = item.as_table_like() {
                self.fields(inner, &format!("{name}."), section, fields);
                continue;
            }
            let template = item
                .as_str()
                .map(str::to_owned)
                .or_else(|| item.as_bool().map(|value| value.to_string()))
                .or_else(|| item.as_integer().map(|value| value.to_string()));
            if let Some(template) = template {
                fields.push(RecipeField { name, template, place });
            } else {
                let what = format!("{section} {}", untrusted(&name));
                self.needs(false, &place, &what, "text in quotes, such as \"{Student}\"");
            }
        }
    }

    fn place(&self, table: &dyn TableLike, key: &str) -> String {
        let span = table.get_key_value(key).and_then(|(key, item)| key.span().or(item.span()));
        match span {
            Some(span) => {
                let line = Position::of(self.text, span.start.min(self.text.len())).line;
                format!("{}, line {line}", self.name)
            }
            None => self.name.to_owned(),
        }
    }

    fn needs(&mut self, is_so: bool, place: &str, key: &str, what: &str) {
        if !is_so {
            self.findings.problems.push(Problem::new(place, format!("{key} needs {what}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        let _ = RecipeFile::parse("r.toml", text.as_bytes().to_vec(), &mut findings);
        findings.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_recipe_keeps_the_order_in_which_it_was_written() {
        let text = "header = 3\nsheet = \"Autumn\"\ndates = \"dmy\"\nshorten_ids = true\n[map]\n\
                    id = \"{a}\"\nuser.role = \"x\"\n[people.tutor]\nleader = true\n[people.b]\n\"user name\" = \"{B}\"\n";
        let mut findings = Findings::default();
        let recipe = RecipeFile::parse("r.toml", text.as_bytes().to_vec(), &mut findings);
        let recipe = recipe.expect("a recipe");
        assert_eq!((recipe.header, recipe.sheet.as_deref()), (Some(3), Some("Autumn")));
        assert_eq!((recipe.dates, recipe.shorten_ids), (Some(DateOrder::DayMonthYear), true));
        let shown = |fields: &[RecipeField]| {
            let shown = |field: &RecipeField| format!("{}={} ", field.name, field.template);
            fields.iter().map(shown).collect::<Vec<_>>().concat()
        };
        assert_eq!(shown(&recipe.map), "id={a} user.role=x ");
        assert_eq!(recipe.map[1].place, "r.toml, line 7");
        let people: Vec<_> =
            recipe.people.iter().map(|(name, fields)| (name.as_str(), shown(fields))).collect();
        let expected = [("tutor", "leader=true "), ("b", "user name={B} ")];
        assert_eq!(people, expected.map(|(name, fields)| (name, fields.to_owned())));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line() {
        let text = "headr = 3\ndates = \"ymd\"\nheader = 0\nshorten_ids = 1\nsheet = 1\n\
                    [map]\nid = [1]\n[people.A]\n[people.a]\n";
        assert_eq!(
            problems(text),
            [
                "r.toml, line 1: `headr` is not a key of a recipe; did you mean `header`?",
                "r.toml, line 2: dates needs \"dmy\" or \"mdy\"",
                "r.toml, line 3: header needs the number of a line, such as 3",
                "r.toml, line 4: shorten_ids needs true or false",
                "r.toml, line 5: sheet needs the name of a sheet in quotes",
                "r.toml, line 7: [map] id needs text in quotes, such as \"{Student}\"",
                "r.toml, line 9: [people.a] needs a name of its own, without blanks at its ends",
            ]
        );
        assert!(problems("[map\n")[0].starts_with("r.toml, line 1: is not valid TOML"));
        assert_eq!(problems("people = 1\n").len(), 1);
    }
}
