//! Recipes: TOML files that define how a roster is read and what its columns mean. Parsing is strict, so
//! that typos are found. Command-line flags take precedence.

use crate::escape::untrusted;
use crate::input::decode;
use crate::problem::{Findings, Position, Problem};
use crate::roster::dates::DateOrder;
use crate::roster::fields::{self, Field, Target};
use crate::roster::template::Template;
use crate::words::nearest;
use jiff::civil::Date;
use toml_edit::{Array, Document, DocumentMut, Item, Table, TableLike, value};

const KEYS: [&str; 15] = [
    "header",
    "encoding",
    "sheet",
    "all_sheets",
    "dates",
    "week_of",
    "hidden",
    "shorten_ids",
    "guest",
    "only",
    "time_zone",
    "fill_down",
    "values",
    "map",
    "people",
];

/// How a roster is read and what its columns mean.
#[derive(Debug, Clone, Default)]
pub struct Recipe {
    /// The line of the header; 0 if there is none.
    pub header: Option<u32>,
    /// The encoding of a text file, such as `windows-1252`.
    pub encoding: Option<String>,
    pub sheet: Option<String>,
    pub all_sheets: bool,
    pub dates: Option<DateOrder>,
    /// The week for weekdays: a date, `this` or `next`.
    pub week_of: Option<String>,
    pub hidden: Option<Hidden>,
    pub shorten_ids: bool,
    /// Whether rows without a person are guest links.
    pub guest: bool,
    /// Conditions for rows to launch, such as `Status!=cancelled`.
    pub only: Vec<String>,
    pub time_zone: Option<String>,
    /// Columns whose empty cells repeat the cell above.
    pub fill_down: Vec<String>,
    /// Replacements for the cells of columns.
    pub values: Vec<Values>,
    /// Maps for everyone in a row.
    pub map: Vec<MapEntry>,
    /// The people in a row; empty if each row is one launch.
    pub people: Vec<PersonRecipe>,
}

/// What happens to rows that the spreadsheet hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Hidden {
    /// Include hidden rows
    Include,
    /// Leave hidden rows out
    Skip,
}

/// Replacements for the cells of a column.
#[derive(Debug, Clone)]
pub struct Values {
    pub column: String,
    /// The cell and its replacement.
    pub pairs: Vec<(String, String)>,
}

/// A field and its template.
#[derive(Debug, Clone)]
pub struct MapEntry {
    /// The name used in messages: `--map id`, `[map] id`.
    pub label: String,
    pub target: Target,
    pub template: Template,
    /// The template as written.
    pub text: String,
}

/// One of the people in a row.
#[derive(Debug, Clone, Default)]
pub struct PersonRecipe {
    pub name: String,
    /// One launch for each entry of this text.
    pub each: Option<(Template, String)>,
    /// Separators of the entries; if empty, whichever of `;`, line breaks and commas the cell contains.
    pub separators: Vec<String>,
    /// Whether identical launches from several rows count as one, as for the teacher in each student's row.
    pub once: bool,
    pub fields: Vec<MapEntry>,
}

impl MapEntry {
    /// Parses `COLUMN=TEMPLATE` from `--map`.
    ///
    /// # Errors
    ///
    /// An unknown field or an invalid template.
    pub fn of_flag(text: &str) -> Result<Self, Problem> {
        let Some((name, template)) = text.split_once('=') else {
            return Err(Problem::new(
                format!("--map {}", untrusted(text)),
                "expected COLUMN=TEMPLATE, such as 'user name={First name} {Last name}'",
            ));
        };
        Self::new(format!("--map {}", untrusted(name.trim())), name, template)
    }

    /// Parses the name of a field and the text of its template.
    ///
    /// # Errors
    ///
    /// An unknown field or an invalid template.
    pub fn new(label: String, name: &str, text: &str) -> Result<Self, Problem> {
        let target = fields::target(name).map_err(|it| Problem::about(label.as_str(), it))?;
        let template = Template::parse(text).map_err(|it| Problem::about(label.as_str(), it))?;
        Ok(Self { label, target, template, text: text.to_owned() })
    }
}

impl Recipe {
    /// All maps, including those of people.
    pub fn entries(&self) -> impl Iterator<Item = &MapEntry> {
        self.map.iter().chain(self.people.iter().flat_map(|person| &person.fields))
    }

    /// Whether a map fills this field for everyone in a row.
    pub fn maps(&self, field: Field) -> bool {
        self.map.iter().any(|entry| entry.target.is(field))
    }

    /// Whether it has maps or people.
    pub fn has_maps(&self) -> bool {
        !self.map.is_empty() || !self.people.is_empty()
    }

    /// The columns that templates use, without duplicates.
    pub fn columns(&self) -> Vec<&str> {
        let of_each = self.people.iter().filter_map(|person| person.each.as_ref());
        let templates = self
            .entries()
            .map(|entry| &entry.template)
            .chain(of_each.map(|(template, _)| template));
        let mut columns: Vec<&str> = Vec::new();
        for name in templates.flat_map(Template::names) {
            let is_each = self.people.iter().any(|person| person.each.is_some()) && name == "each";
            if !is_each && !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }

    /// Adds maps from the command line. They replace the recipe's maps for the same field.
    pub fn add_flags(&mut self, map: &[String], findings: &mut Findings) {
        let mut entries = Vec::new();
        for text in map {
            add(&mut entries, findings.keep(MapEntry::of_flag(text)), findings);
        }
        // For several people, a flag does not show which of them it is for.
        if let [_, _, ..] = self.people.as_slice() {
            for entry in entries.iter().filter(|entry| entry.target.is_person()) {
                let message =
                    "cannot be used with a recipe that has several people; change the recipe";
                findings.about(entry.label.clone(), message);
            }
        }
        let is_free = |entry: &MapEntry| entries.iter().all(|flag| flag.target != entry.target);
        self.map.retain(is_free);
        for person in &mut self.people {
            person.fields.retain(is_free);
        }
        entries.append(&mut self.map);
        self.map = entries;
    }

    /// Adds maps that apply unless another map fills their field.
    pub fn add_defaults(&mut self, maps: &[(&'static str, String)]) {
        for (name, text) in maps {
            if let Ok(entry) = MapEntry::new((*name).to_owned(), name, text)
                && self.entries().all(|other| other.target != entry.target)
            {
                self.map.push(entry);
            }
        }
    }

    /// Parses a recipe. `name` is the file name, safe to show. Adds problems to `findings`.
    pub fn parse(name: &str, bytes: Vec<u8>, findings: &mut Findings) -> Option<Self> {
        let decoded = decode(bytes, None).map_err(|it| Problem::about(name, it.to_string()));
        let text = findings.keep(decoded)?.text;
        let text = text.as_str();
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start.min(text.len()));
                let line = Position::of(text, offset).line;
                let message = format!("invalid TOML: {}", untrusted(error.message()));
                findings.problem(format!("{name}, line {line}"), message);
                return None;
            }
        };
        let recipe = Reader { name, text, findings }.recipe(document.as_table());
        if recipe.all_sheets && recipe.sheet.is_some() {
            findings.about(name, "`sheet` cannot be used with `all_sheets`; remove one");
        }
        Some(recipe)
    }

    pub fn to_toml(&self) -> String {
        let mut document = DocumentMut::new();
        let mut put = |key: &str, item: Option<Item>| {
            if let Some(item) = item {
                document.insert(key, item);
            }
        };
        put("header", self.header.map(|line| value(i64::from(line))));
        put("encoding", self.encoding.as_ref().map(value));
        put("sheet", self.sheet.as_ref().map(value));
        put("all_sheets", self.all_sheets.then(|| value(true)));
        put("dates", self.dates.map(|dates| value(dates.word())));
        put("week_of", self.week_of.as_ref().map(value));
        let hidden = |hidden| match hidden {
            Hidden::Include => "include",
            Hidden::Skip => "skip",
        };
        put("hidden", self.hidden.map(|it| value(hidden(it))));
        put("shorten_ids", self.shorten_ids.then(|| value(true)));
        put("guest", self.guest.then(|| value(true)));
        let list = |texts: &[String]| value(texts.iter().collect::<Array>());
        put("only", (!self.only.is_empty()).then(|| list(&self.only)));
        put("time_zone", self.time_zone.as_ref().map(value));
        put("fill_down", (!self.fill_down.is_empty()).then(|| list(&self.fill_down)));
        let fields = |entries: &[MapEntry]| {
            let mut table = Table::new();
            for entry in entries {
                table.insert(entry.target.name(), value(&entry.text));
            }
            table
        };
        if !self.values.is_empty() {
            let mut all = Table::new();
            all.set_implicit(true);
            for Values { column, pairs } in &self.values {
                let mut table = Table::new();
                for (cell, word) in pairs {
                    table.insert(cell, value(word));
                }
                all.insert(column, Item::Table(table));
            }
            put("values", Some(Item::Table(all)));
        }
        put("map", (!self.map.is_empty()).then(|| Item::Table(fields(&self.map))));
        if !self.people.is_empty() {
            let mut all = Table::new();
            all.set_implicit(true);
            for person in &self.people {
                let mut table = Table::new();
                if let Some((_, text)) = &person.each {
                    table.insert("each", value(text));
                }
                if !person.separators.is_empty() {
                    table.insert("separator", list(&person.separators));
                }
                if person.once {
                    table.insert("once", value(true));
                }
                for (key, item) in fields(&person.fields) {
                    table.insert(&key, item);
                }
                all.insert(&person.name, Item::Table(table));
            }
            put("people", Some(Item::Table(all)));
        }
        document.to_string()
    }
}

/// The text of a recipe and the problems found so far.
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn recipe(&mut self, table: &dyn TableLike) -> Recipe {
        let mut recipe = Recipe::default();
        for (key, item) in table.iter() {
            let place = self.place(table, key);
            match key {
                "header" => {
                    recipe.header = item.as_integer().and_then(|line| u32::try_from(line).ok());
                    self.expect(recipe.header.is_some(), &place, key, "a line number, such as 3");
                }
                "encoding" => {
                    let what = "an encoding in quotes, such as \"windows-1252\"";
                    recipe.encoding = self.string(item, &place, key, what);
                }
                "sheet" => recipe.sheet = self.string(item, &place, key, "a sheet name in quotes"),
                "all_sheets" => recipe.all_sheets = self.boolean(item, &place, key),
                "dates" => {
                    recipe.dates = item.as_str().and_then(DateOrder::of_word);
                    self.expect(recipe.dates.is_some(), &place, key, "\"dmy\" or \"mdy\"");
                }
                "week_of" => {
                    let what = "\"this\", \"next\" or a date, such as \"2026-12-07\"";
                    // TOML parses a date without quotes as a date.
                    recipe.week_of = match item.as_datetime() {
                        Some(date) => Some(date.to_string()),
                        None => item.as_str().filter(|text| is_week(text)).map(str::to_owned),
                    };
                    self.expect(recipe.week_of.is_some(), &place, key, what);
                }
                "hidden" => {
                    recipe.hidden = match item.as_str() {
                        Some("include") => Some(Hidden::Include),
                        Some("skip") => Some(Hidden::Skip),
                        _ => None,
                    };
                    let is_known = recipe.hidden.is_some();
                    self.expect(is_known, &place, key, "\"include\" or \"skip\"");
                }
                "shorten_ids" => recipe.shorten_ids = self.boolean(item, &place, key),
                "guest" => recipe.guest = self.boolean(item, &place, key),
                "only" => recipe.only = self.list(item, &place, key, "[\"Status!=cancelled\"]"),
                "time_zone" => {
                    let what = "a time zone in quotes, such as \"Europe/London\"";
                    recipe.time_zone = self.string(item, &place, key, what);
                }
                "fill_down" => recipe.fill_down = self.list(item, &place, key, "[\"Class\"]"),
                "values" => recipe.values = self.values(item, &place),
                "map" => {
                    let mut person = PersonRecipe::default();
                    self.section(item, &place, "[map]", &mut person, false);
                    recipe.map = person.fields;
                }
                "people" => recipe.people = self.people(item, &place),
                unknown => {
                    let near = nearest(unknown, KEYS);
                    let near =
                        near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    self.findings
                        .problem(place, format!("unknown key `{}`{near}", untrusted(unknown)));
                }
            }
        }
        recipe
    }

    fn values(&mut self, item: &Item, place: &str) -> Vec<Values> {
        let Some(table) = item.as_table_like() else {
            self.expect(false, place, "values", "tables, such as [values.Role]");
            return Vec::new();
        };
        let mut all = Vec::new();
        for (column, item) in table.iter() {
            let place = self.place(table, column);
            let name = format!("[values.{}]", untrusted(column));
            let Some(table) = item.as_table_like() else {
                self.expect(false, &place, &name, "a table, such as Lehrer = \"teacher\"");
                continue;
            };
            let mut pairs = Vec::new();
            for (cell, item) in table.iter() {
                let place = self.place(table, cell);
                let what = format!("{name} {}", untrusted(cell));
                match text(item) {
                    Some(word) => pairs.push((cell.to_owned(), word)),
                    None => self.expect(false, &place, &what, "text in quotes"),
                }
            }
            all.push(Values { column: column.to_owned(), pairs });
        }
        all
    }

    fn people(&mut self, item: &Item, place: &str) -> Vec<PersonRecipe> {
        let Some(table) = item.as_table_like() else {
            self.expect(false, place, "people", "tables, such as [people.tutor]");
            return Vec::new();
        };
        let mut people: Vec<PersonRecipe> = Vec::new();
        for (name, item) in table.iter() {
            let place = self.place(table, name);
            let section = format!("[people.{}]", untrusted(name));
            let is_there = people.iter().any(|other| other.name.eq_ignore_ascii_case(name));
            if name.trim().is_empty() || name.trim() != name || is_there {
                let message =
                    format!("{section} must have a unique name without spaces before or after it");
                self.findings.problem(place.as_str(), message);
            }
            let mut person = PersonRecipe { name: name.to_owned(), ..PersonRecipe::default() };
            self.section(item, &place, &section, &mut person, true);
            people.push(person);
        }
        if people.is_empty() {
            self.expect(false, place, "people", "at least one person, such as [people.tutor]");
        }
        people
    }

    fn section(
        &mut self,
        item: &Item,
        place: &str,
        name: &str,
        person: &mut PersonRecipe,
        is_person: bool,
    ) {
        match item.as_table_like() {
            Some(table) => self.fields(table, "", name, person, is_person),
            None => self.expect(false, place, name, "a table, such as \"user name\" = \"{Name}\""),
        }
    }

    /// Reads the fields of a table. TOML parses `user.name = ...` without quotes as a nested table.
    fn fields(
        &mut self,
        table: &dyn TableLike,
        prefix: &str,
        section: &str,
        person: &mut PersonRecipe,
        is_person: bool,
    ) {
        for (key, item) in table.iter() {
            let place = self.place(table, key);
            let name = format!("{prefix}{key}");
            let label = format!("{section} {}", untrusted(&name));
            if is_person && name == "separator" {
                let single = item.as_str().map(|text| vec![text.to_owned()]);
                person.separators =
                    single.unwrap_or_else(|| self.list(item, &place, &label, "[\";\", \",\"]"));
                if person.separators.iter().any(String::is_empty) {
                    self.expect(false, &place, &label, "non-empty text");
                }
                continue;
            }
            if is_person && name == "once" {
                person.once = self.boolean(item, &place, &label);
                continue;
            }
            if let Some(inner) = item.as_table_like() {
                self.fields(inner, &format!("{name}."), section, person, is_person);
                continue;
            }
            let Some(template) = text(item) else {
                self.expect(false, &place, &label, "text in quotes, such as \"{Student}\"");
                continue;
            };
            let at = |problem: Problem| Problem {
                place: format!("{place}, {}", problem.place),
                ..problem
            };
            if is_person && name == "each" {
                let parsed = Template::parse(&template)
                    .map_err(|message| at(Problem::about(label.as_str(), message)));
                person.each = self.findings.keep(parsed).map(|it| (it, template));
                continue;
            }
            let entry = MapEntry::new(label.clone(), &name, &template).map_err(at);
            let Some(entry) = self.findings.keep(entry) else { continue };
            if is_person && entry.target.is(Field::Id) {
                let message = "is not allowed: a row is one Space; put id under [map]";
                self.findings.about(format!("{place}, {label}"), message);
                continue;
            }
            add(&mut person.fields, Some(entry), self.findings);
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

    fn string(&mut self, item: &Item, place: &str, key: &str, what: &str) -> Option<String> {
        let text = item.as_str().map(str::to_owned);
        self.expect(text.is_some(), place, key, what);
        text
    }

    fn boolean(&mut self, item: &Item, place: &str, key: &str) -> bool {
        self.expect(item.as_bool().is_some(), place, key, "true or false");
        item.as_bool().unwrap_or_default()
    }

    fn list(&mut self, item: &Item, place: &str, key: &str, example: &str) -> Vec<String> {
        if let Some(text) = item.as_str() {
            return vec![text.to_owned()];
        }
        let list = item.as_array().map(|array| {
            array.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        let list = list.flatten();
        self.expect(list.is_some(), place, key, &format!("a list, such as {example}"));
        list.unwrap_or_default()
    }

    fn expect(&mut self, is_so: bool, place: &str, key: &str, what: &str) {
        if !is_so {
            self.findings.problem(place, format!("{key}: expected {what}"));
        }
    }
}

/// Whether a text names a week: `this`, `next` or a date.
fn is_week(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "this" | "next")
        || text.trim().parse::<Date>().is_ok()
}

fn text(item: &Item) -> Option<String> {
    let text = item.as_str().map(str::to_owned);
    text.or_else(|| item.as_bool().map(|it| it.to_string()))
        .or_else(|| item.as_integer().map(|it| it.to_string()))
}

fn add(entries: &mut Vec<MapEntry>, entry: Option<MapEntry>, findings: &mut Findings) {
    let Some(entry) = entry else { return };
    match entries.iter().find(|earlier| earlier.target == entry.target) {
        Some(earlier) => {
            let message = if earlier.label == entry.label {
                "appears twice".to_owned()
            } else {
                format!("is mapped twice; {} is the same column", earlier.label)
            };
            findings.about(entry.label, message);
        }
        None => entries.push(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"header = 3
all_sheets = true
dates = "dmy"
week_of = "next"
hidden = "skip"
shorten_ids = true
guest = true
only = ["Status!=cancelled"]
time_zone = "Europe/London"
fill_down = ["Class"]

[values.Role]
Lehrer = "teacher"
"Schüler" = "student"

[map]
id = "{Tutor ID}_{Student ID}"
"not before" = "{Date} {Start|time}"

[people.tutor]
once = true
"user name" = "{Tutor|flip}"
leader = "yes"

[people.student]
each = "{Students}"
separator = [";", ","]
"user name" = "{each}"
"#;

    fn parse(text: &str) -> (Option<Recipe>, Vec<String>) {
        let mut findings = Findings::default();
        let recipe = Recipe::parse("r.toml", text.into(), &mut findings);
        (recipe, findings.problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_recipe_survives_writing_and_reading() {
        let (recipe, problems) = parse(WHOLE);
        assert_eq!(problems, Vec::<String>::new());
        let recipe = recipe.expect("is a recipe");
        assert_eq!(recipe.to_toml(), WHOLE);
        assert_eq!(
            recipe.columns(),
            ["Tutor ID", "Student ID", "Date", "Start", "Tutor", "Students"]
        );
    }

    #[test]
    fn errors_in_a_recipe_are_reported_with_their_line() {
        for (text, problem) in [
            ("headr = 3", "r.toml, line 1: unknown key `headr`; did you mean `header`?"),
            ("header = -1", "r.toml, line 1: header: expected a line number, such as 3"),
            ("\nhidden = true", "r.toml, line 2: hidden: expected \"include\" or \"skip\""),
            (
                "only = [1]",
                "r.toml, line 1: only: expected a list, such as [\"Status!=cancelled\"]",
            ),
            (
                "[map]\nidd = \"x\"",
                "r.toml, line 2, [map] idd is not a known field; did you mean `id`?",
            ),
            ("[people.a]\nonce = 1", "r.toml, line 2: [people.a] once: expected true or false"),
            (
                "[people.a]\nid = \"x\"",
                "r.toml, line 2, [people.a] id is not allowed: a row is one Space; put id under [map]",
            ),
            (
                "[map]\nname = \"x\"",
                "r.toml, line 2, [map] name is ambiguous; use \"space name\" or \"user name\"",
            ),
            (
                "[map]\nid = \"{x\"",
                "r.toml, line 2, [map] id has an unclosed { before \"x\"; for a literal {, write {{",
            ),
        ] {
            assert_eq!(parse(text).1, [problem], "{text}");
        }
    }

    #[test]
    fn flags_take_precedence_over_a_recipe() {
        let mut recipe = parse(WHOLE).0.expect("is a recipe");
        let mut findings = Findings::default();
        let flags = ["id=x".to_owned(), "user name={A}".to_owned()];
        recipe.people.truncate(1);
        recipe.add_flags(&flags, &mut findings);
        assert!(findings.problems.is_empty());
        let ids: Vec<_> = recipe.entries().filter(|it| it.target.is(Field::Id)).collect();
        assert_eq!((ids.len(), ids[0].label.as_str()), (1, "--map id"));
        assert!(
            recipe
                .people
                .iter()
                .all(|it| it.fields.iter().all(|it| !it.target.is(Field::UserName)))
        );
    }
}
