//! Turns the columns of a table into launches: which columns and maps fill which fields, and how the
//! cells of a row become the values of a launch.

use super::grid::Grid;
use super::grid::Purpose;
use super::recipe::{MapEntry, PersonRecipe, Recipe};
use super::suggest_map;
use crate::body::{Assignment, LessonTime, ValidFor};
use crate::escape::untrusted;
use crate::problem::{At, Findings, Problem};
use crate::roster::fields::{self, Field, Named, Target};
use crate::roster::template::{self, Bound, Filled, Slot as Placeholder, Template};
use crate::roster::{CellKind, Damage, Row, dates};
use crate::words::boolean;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// How the columns of a table are used.
#[derive(Debug)]
pub struct Columns {
    /// The people in a row; a single one without a name if each row is one launch.
    pub people: Vec<Person>,
    /// Columns that are sent or used by a map, in order, safe to show.
    pub sent: Vec<String>,
    /// The other columns, safe to show, each with the field that its name resembles, if any.
    pub kept: Vec<(String, Option<String>)>,
    /// Columns replaced by a map, safe to show.
    pub replaced: Vec<String>,
    /// For each column, whether it is sent or used by a map.
    pub is_used: Vec<bool>,
    dates: Option<dates::DateOrder>,
    week_of: Option<Date>,
}

/// One of the people in a row, or the only one.
#[derive(Debug)]
pub struct Person {
    pub name: Option<String>,
    /// Whether identical launches from several rows count as one.
    pub once: bool,
    each: Option<Each>,
    parts: Vec<Part>,
}

/// Several people in one cell.
#[derive(Debug)]
struct Each {
    label: String,
    template: Bound,
    separators: Vec<String>,
}

/// A field and the source of its text.
#[derive(Debug)]
struct Part {
    target: Target,
    /// The name used in messages.
    label: Arc<str>,
    source: Source,
    /// Whether it is for this person rather than everyone in the row.
    is_own: bool,
}

#[derive(Debug)]
enum Source {
    Column(usize),
    Template(Bound),
}

/// The values of a launch from the cells of its row.
#[derive(Debug, Default)]
pub struct Values {
    pub assignments: Vec<Assignment>,
    pub valid_for: Option<ValidFor>,
    pub lesson_time: Option<LessonTime>,
    pub time_zone: Option<String>,
    pub guest: Option<bool>,
    /// The texts joined to form the id, if there are several.
    pub id_parts: Vec<String>,
    /// Whether a cell that identifies the person has a problem.
    pub is_person_faulty: bool,
}

/// A person in a row: the index in `Columns::people`, and the entry in a cell with several people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub person: usize,
    pub entry: usize,
}

impl Columns {
    /// Finds the use of each column. Adds problems to `findings`.
    pub fn new(
        grid: &Grid,
        recipe: &Recipe,
        week_of: Option<Date>,
        findings: &mut Findings,
    ) -> Self {
        let header = &grid.header;
        let mut columns = Self {
            people: Vec::new(),
            sent: Vec::new(),
            kept: Vec::new(),
            replaced: Vec::new(),
            is_used: vec![false; header.len()],
            dates: recipe.dates,
            week_of,
        };
        let for_all = bind_all(&recipe.map, grid, false, findings);
        for (_, bound) in &for_all {
            columns.use_all(bound);
        }
        if recipe.people.is_empty() {
            let mut common = Vec::new();
            for (entry, bound) in for_all {
                common.push(part(entry, bound, true));
            }
            let own = columns.read_header(grid, &common, findings);
            common.extend(own);
            columns.people.push(Person { name: None, once: false, each: None, parts: common });
        } else {
            check_twice(header, grid, findings);
            for person in &recipe.people {
                let person = columns.person(person, &recipe.map, grid, findings);
                columns.people.push(person);
            }
        }
        for (index, name) in header.iter().enumerate() {
            let is_result = grid.results.as_ref().is_some_and(|results| results.contains(index));
            if is_result {
                continue;
            }
            let shown = if name.trim().is_empty() {
                format!("column {}", crate::roster::column_letters(index))
            } else {
                untrusted(name.trim())
            };
            if columns.is_used[index] {
                columns.sent.push(shown);
            } else {
                let suggestion = match fields::named(name) {
                    Named::Unknown { suggestion } if recipe.people.is_empty() => suggestion,
                    _ => None,
                };
                let parts = columns.people.iter().flat_map(|person| &person.parts);
                let filled: Vec<&str> = parts.map(|part| part.target.name()).collect();
                let suggestion = suggestion.filter(|name| !filled.contains(&name.as_str()));
                let is_empty_column = name.trim().is_empty()
                    && grid.table.rows.iter().all(|row| row.text(index).trim().is_empty());
                if !is_empty_column {
                    columns.kept.push((shown, suggestion));
                }
            }
        }
        columns
    }

    fn use_all(&mut self, bound: &Bound) {
        for column in bound.columns() {
            self.is_used[column] = true;
        }
    }

    /// The fields filled by columns with matching names.
    fn read_header(&mut self, grid: &Grid, mapped: &[Part], findings: &mut Findings) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut seen: HashMap<String, &str> = HashMap::new();
        for (index, name) in grid.header.iter().enumerate() {
            let name = name.trim();
            if grid.results.as_ref().is_some_and(|results| results.contains(index)) {
                continue;
            }
            let meaning = fields::named(name);
            let identity = match &meaning {
                Named::Target(target) => format!("field {}", target.name()),
                _ => format!("own {}", name.to_lowercase()),
            };
            if !name.is_empty()
                && let Some(first) = seen.insert(identity, name)
            {
                findings.problems.push(twice(first, name));
                continue;
            }
            match meaning {
                Named::Target(target) => {
                    if mapped.iter().any(|part| part.target == target) {
                        if !self.is_used[index] {
                            self.replaced.push(untrusted(name));
                        }
                        continue;
                    }
                    self.is_used[index] = true;
                    let label = untrusted(name).into();
                    parts.push(Part { target, label, source: Source::Column(index), is_own: true });
                }
                Named::BareName if !self.is_used[index] => {
                    let suggestion = suggest_map::suggest(&grid.header, &grid.table.rows).name;
                    // `Name` next to `Vorname` is the surname.
                    let columns =
                        if suggestion.contains(&index) { suggestion } else { vec![index] };
                    let parts =
                        columns.iter().map(|it| suggest_map::placeholder(&grid.header[*it]));
                    let map = format!("user name={}", parts.collect::<Vec<_>>().join(" "));
                    let message = format!(
                        "column {:?} is ambiguous; rename it to \"space name\" or \"user name\", or add {}",
                        untrusted(name),
                        suggest_map::flags(&[map])
                    );
                    findings.problem("header", message);
                }
                Named::BareName | Named::Unknown { .. } => {}
            }
        }
        parts
    }

    fn person(
        &mut self,
        person: &PersonRecipe,
        map: &[MapEntry],
        grid: &Grid,
        findings: &mut Findings,
    ) -> Person {
        let section = format!("[people.{}]", untrusted(&person.name));
        let each = person.each.as_ref().and_then(|(template, _)| {
            let label = format!("{section} each");
            if template.names().next().is_none() {
                let message =
                    "does not name a column; write the name in curly brackets, such as \"{Students}\"";
                findings.about(label, message);
                return None;
            }
            let template = bind(template, &label, grid, false, findings)?;
            self.use_all(&template);
            Some(Each { label, template, separators: person.separators.clone() })
        });
        let has_each = person.each.is_some();
        let mut parts: Vec<Part> = Vec::new();
        for (entry, bound) in bind_all(&person.fields, grid, has_each, findings) {
            self.use_all(&bound);
            parts.push(part(entry, bound, true));
        }
        // Problems with the shared maps have already been reported.
        for (entry, bound) in bind_all(map, grid, has_each, &mut Findings::default()) {
            if parts.iter().all(|part| part.target != entry.target) {
                parts.push(part(entry, bound, false));
            }
        }
        Person { name: Some(person.name.clone()), once: person.once, each, parts }
    }

    /// Whether a column or map fills a field for anyone.
    pub fn fills(&self, field: Field) -> bool {
        self.people.iter().any(|person| person.parts.iter().any(|part| part.target.is(field)))
    }

    /// The launches of a row: the values of each person who is present.
    pub fn launches(&self, grid: &Grid, row: &Row, findings: &mut Findings) -> Vec<(Slot, Values)> {
        let mut launches = Vec::new();
        for (index, person) in self.people.iter().enumerate() {
            let Some(each) = &person.each else {
                if is_present(person, grid, row, None) {
                    let slot = Slot { person: index, entry: 0 };
                    launches.push((slot, self.values(person, grid, row, None, findings)));
                }
                continue;
            };
            let entries = match each.entries(grid, row) {
                Ok(entries) => entries,
                Err(problem) => {
                    findings.problems.push(problem);
                    continue;
                }
            };
            for (entry, text) in entries.iter().enumerate() {
                let slot = Slot { person: index, entry };
                launches.push((slot, self.values(person, grid, row, Some(text), findings)));
            }
        }
        launches
    }

    fn values(
        &self,
        person: &Person,
        grid: &Grid,
        row: &Row,
        each: Option<&str>,
        findings: &mut Findings,
    ) -> Values {
        let mut values = Values::default();
        for part in &person.parts {
            let field = match part.target {
                Target::Field(field) => Some(field),
                Target::Path(_) => None,
            };
            let filled = part.fill(grid, row, each, Purpose::of(field));
            let text = match checked(part, filled, grid, &mut values) {
                Ok(Some(text)) => text,
                Ok(None) => continue,
                Err(problem) => {
                    findings.problems.push(problem);
                    values.is_person_faulty |= is_person(field);
                    values.stand_in(part);
                    continue;
                }
            };
            if let Err(problem) = self.put(part, text, &mut values) {
                findings.problems.push(problem);
                values.is_person_faulty |= is_person(field);
                values.stand_in(part);
            }
        }
        values
    }

    /// Adds the text of a part to the values.
    fn put(&self, part: &Part, text: String, values: &mut Values) -> Result<(), Problem> {
        let label = &part.label;
        let problem = |message: String| Problem::new(&**label, message);
        let field = match &part.target {
            Target::Path(path) => {
                let path = Assignment::parse_path(path).map_err(problem)?;
                let text = typed(Assignment::class(&path), text, part)?;
                values.assignments.push(Assignment { label: label.clone(), path, value: text });
                return Ok(());
            }
            Target::Field(field) => *field,
        };
        match field {
            Field::ValidFor => {
                let text = dates::length_text(&text)
                    .map_err(|it| problem(format!("{:?} {it}", untrusted(&text))))?
                    .into_owned();
                values.valid_for = Some(ValidFor { label: label.clone(), text });
            }
            Field::LessonTime => {
                let read = dates::range_text(&text, self.dates, self.week_of)
                    .map_err(|it| problem(format!("{:?}: {it}", untrusted(&text))))?;
                let label = label_of_time(label, &text, &read);
                values.lesson_time = Some(LessonTime { label, text: read.into_owned() });
            }
            Field::NotBefore | Field::NotAfter => {
                let read = dates::time_text(&text, self.dates, self.week_of)
                    .map_err(|it| problem(format!("{:?}: {it}", untrusted(&text))))?;
                let read = read.into_owned();
                let label = label_of_time(label, &text, &read);
                let path = field.path().unwrap_or_default().split('.').map(str::to_owned).collect();
                values.assignments.push(Assignment { label, path, value: read });
            }
            Field::TimeZone => values.time_zone = Some(text),
            Field::Guest => values.guest = Some(yes_or_no(&text).map_err(problem)?),
            Field::Feature => {
                let one = Assignment::parse_feature(&text).map_err(|it| at_column(label, it))?;
                values.assignments.push(Assignment { label: label.clone(), ..one });
            }
            Field::Webhook => {
                let all = Assignment::parse_webhook(&text).map_err(|it| at_column(label, it))?;
                let label = || label.clone();
                values
                    .assignments
                    .extend(all.into_iter().map(|it| Assignment { label: label(), ..it }));
            }
            field => {
                match field {
                    Field::Id => check_total(&text).map_err(problem)?,
                    Field::UserName => check_name(&text).map_err(problem)?,
                    Field::DisplayName => check_letters(&text).map_err(problem)?,
                    Field::SpaceName if text.eq_ignore_ascii_case("null") => {
                        return Err(problem(format!("{text:?}: {}", Damage::Nothing)));
                    }
                    _ => {}
                }
                let path = field.path().unwrap_or_default();
                let class =
                    Assignment::class(&path.split('.').map(str::to_owned).collect::<Vec<_>>());
                let text = typed(class, text, part)?;
                values.assignments.push(assignment(part, path, text));
            }
        }
        Ok(())
    }
}

impl Values {
    /// Replaces an invalid value with a placeholder, so that it does not count as missing.
    fn stand_in(&mut self, part: &Part) {
        match part.target {
            Target::Field(Field::Id) => {
                self.assignments.push(assignment(part, "id", "?".to_owned()));
            }
            Target::Field(Field::NotAfter | Field::ValidFor) if self.valid_for.is_none() => {
                let text = "1m".to_owned();
                self.valid_for = Some(ValidFor { label: part.label.clone(), text });
            }
            _ => {}
        }
    }
}

impl Person {
    /// Whether there is a person for each entry of a cell.
    pub fn has_each(&self) -> bool {
        self.each.is_some()
    }
}

impl Part {
    fn fill(&self, grid: &Grid, row: &Row, each: Option<&str>, purpose: Purpose) -> Filled {
        match &self.source {
            Source::Template(template) => fill(template, grid, row, each, purpose),
            Source::Column(column) => match grid.text(row, *column, purpose) {
                Ok(text) => {
                    Filled { text: Some(text.clone()), parts: vec![text], ..Filled::default() }
                }
                Err(problem) => Filled { problem: Some(problem), ..Filled::default() },
            },
        }
    }
}

impl Each {
    /// The entries of the cell, one per person.
    fn entries(&self, grid: &Grid, row: &Row) -> Result<Vec<String>, Problem> {
        let filled = fill(&self.template, grid, row, None, Purpose::Text);
        if let Some(problem) = filled.problem {
            return Err(Problem { place: format!("{}, {}", self.label, problem.place), ..problem });
        }
        let text = filled.text.unwrap_or_default();
        let separators: Vec<&str> = if self.separators.is_empty() {
            let has_lines = text.contains(['\n', '\r']);
            let kinds = [(text.contains(';'), ";"), (has_lines, "\\n"), (text.contains(','), ",")];
            let kinds: Vec<&str> =
                kinds.into_iter().filter(|(is_there, _)| *is_there).map(|(_, it)| it).collect();
            if kinds.len() > 1 {
                let kinds: Vec<String> = kinds.iter().map(|kind| format!("\"{kind}\"")).collect();
                let message = format!(
                    "{:?} contains {} kinds of separator; in the recipe, list those that separate \
                     people, such as separator = [{}]",
                    untrusted(&text),
                    if kinds.len() == 2 { "two" } else { "three" },
                    kinds.join(", ")
                );
                return Err(Problem::new(self.label.as_str(), message));
            }
            match kinds.first() {
                Some(&"\\n") => vec!["\n", "\r"],
                Some(kind) => vec![*kind],
                None => Vec::new(),
            }
        } else {
            self.separators.iter().map(String::as_str).collect()
        };
        let mut entries = vec![text.as_str()];
        for separator in separators {
            entries = entries.into_iter().flat_map(|it| it.split(separator)).collect();
        }
        Ok(entries
            .into_iter()
            .map(|entry| entry.trim().to_owned())
            .filter(|entry| !entry.is_empty())
            .collect())
    }
}

/// The text of a part, if it is present and valid.
fn checked(
    part: &Part,
    filled: Filled,
    grid: &Grid,
    values: &mut Values,
) -> Result<Option<String>, Problem> {
    let is_template = matches!(part.source, Source::Template(_));
    if let Some(problem) = filled.problem {
        let place = if is_template {
            format!("{}, {}", part.label, problem.place)
        } else {
            part.label.to_string()
        };
        return Err(Problem { place, ..problem });
    }
    let is_time = matches!(
        part.target,
        Target::Field(Field::NotBefore | Field::NotAfter | Field::LessonTime)
    );
    let name = |column: &usize| untrusted(grid.header[*column].trim());
    if let Some(column) = filled.empty.first().filter(|_| is_template) {
        let problem = |message: String| Problem {
            at: Box::new(At { column: u32::try_from(column + 1).ok(), ..At::default() }),
            ..Problem::new(&*part.label, message)
        };
        if part.target.is(Field::Id) {
            let why = if filled.parts.len() > 1 {
                ", but the Space id needs it; fill it in"
            } else {
                "; each row needs a Space id"
            };
            let message = format!("{{{}}} is empty{why}", name(column));
            return Err(problem(message));
        }
        if is_time && filled.text.is_some() {
            return Err(problem(format!("{{{}}} is empty", name(column))));
        }
    }
    if part.target.is(Field::Id) {
        values.id_parts = filled.parts;
    }
    Ok(filled.text.filter(|text| !text.is_empty()))
}

/// Whether any cell in a person's own templates is filled; a person made of constants is always present.
fn is_present(person: &Person, grid: &Grid, row: &Row, each: Option<&str>) -> bool {
    if person.name.is_none() {
        return true;
    }
    let mut needs_cells = false;
    for part in person.parts.iter().filter(|part| part.is_own) {
        if let Source::Template(template) = &part.source
            && !template.is_constant()
        {
            needs_cells = true;
            let filled = fill(template, grid, row, each, Purpose::Text);
            if filled.problem.is_some() || filled.parts.iter().any(|it| !it.is_empty()) {
                return true;
            }
        }
    }
    !needs_cells
}

/// The label of a time, with the text of the cell if it was converted.
fn label_of_time(label: &Arc<str>, cell: &str, read: &str) -> Arc<str> {
    if cell == read { label.clone() } else { format!("{label} {:?}", untrusted(cell)).into() }
}

/// Fills a template from the cells of a row.
fn fill(template: &Bound, grid: &Grid, row: &Row, each: Option<&str>, purpose: Purpose) -> Filled {
    template.fill(|slot| match slot {
        Placeholder::Each => Ok(each.unwrap_or_default().to_owned()),
        Placeholder::Column(column) => grid.text(row, column, purpose),
    })
}

fn is_person(field: Option<Field>) -> bool {
    use Field::{Guest, Leader, UserEmail, UserId, UserName};
    matches!(field, Some(UserId | UserName | UserEmail | Leader | Guest))
}

fn part(entry: &MapEntry, template: Bound, is_own: bool) -> Part {
    Part {
        target: entry.target.clone(),
        label: entry.label.as_str().into(),
        source: Source::Template(template),
        is_own,
    }
}

fn bind_all<'a>(
    entries: &'a [MapEntry],
    grid: &Grid,
    has_each: bool,
    findings: &mut Findings,
) -> Vec<(&'a MapEntry, Bound)> {
    for entry in entries {
        check_braces(entry, grid, findings);
    }
    let bound = entries
        .iter()
        .map(|entry| Some((entry, bind(&entry.template, &entry.label, grid, has_each, findings)?)));
    bound.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Rejects `--map id=Class` if `{Class}` is a column: it would put everyone in the Space `Class`, or give
/// everyone the same name.
fn check_braces(entry: &MapEntry, grid: &Grid, findings: &mut Findings) {
    use Field::{Id, SpaceName, UserEmail, UserId, UserName};
    if ![Id, SpaceName, UserId, UserName, UserEmail].iter().any(|it| entry.target.is(*it)) {
        return;
    }
    let Some(text) = entry.template.constant() else { return };
    let name = text.trim_matches(|character: char| "()[]<>%$\"' ".contains(character));
    if let Some(column) = template::position(&grid.header, name) {
        let column = untrusted(grid.header[column].trim());
        let message = format!(
            "{:?} is the name of a column; to use its cells, write {{{column}}}",
            untrusted(text)
        );
        findings.problem(&entry.label, message);
    }
}

fn bind(
    template: &Template,
    label: &str,
    grid: &Grid,
    has_each: bool,
    findings: &mut Findings,
) -> Option<Bound> {
    match template.bind(&grid.header, has_each) {
        Ok(bound) => Some(bound),
        Err(unknown) => {
            for message in unknown {
                findings.problem(label, message);
            }
            None
        }
    }
}

fn assignment(part: &Part, path: &str, value: String) -> Assignment {
    let path = path.split('.').map(str::to_owned).collect();
    Assignment { label: part.label.clone(), path, value }
}

fn typed(class: crate::body::ValueClass, text: String, part: &Part) -> Result<String, Problem> {
    match class {
        crate::body::ValueClass::Boolean => yes_or_no(&text)
            .map(|it| it.to_string())
            .map_err(|message| Problem::new(&*part.label, message)),
        _ => Ok(text),
    }
}

/// Accepts yes or no as flags do, and `x` for yes.
fn yes_or_no(text: &str) -> Result<bool, String> {
    if text.trim().eq_ignore_ascii_case("x") {
        return Ok(true);
    }
    boolean(text).ok_or_else(|| format!("expected yes or no, not {:?}", untrusted(text)))
}

fn at_column(label: &Arc<str>, problem: Problem) -> Problem {
    Problem { place: label.to_string(), ..problem }
}

fn twice(first: &str, second: &str) -> Problem {
    let message = if first == second {
        format!("column {:?} appears twice; rename or remove one", untrusted(first))
    } else {
        format!(
            "columns {:?} and {:?} mean the same thing; rename or remove one",
            untrusted(first),
            untrusted(second)
        )
    };
    Problem::new("header", message)
}

/// Reports duplicate headers when only the recipe's columns are used.
fn check_twice(header: &[String], grid: &Grid, findings: &mut Findings) {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (index, name) in header.iter().enumerate() {
        let name = name.trim();
        let is_result = grid.results.as_ref().is_some_and(|results| results.contains(index));
        if name.is_empty() || is_result {
            continue;
        }
        if let Some(first) = seen.insert(name.to_lowercase(), name) {
            findings.problems.push(twice(first, name));
        }
    }
}

fn check_letters(name: &str) -> Result<(), String> {
    if name.chars().any(char::is_alphabetic) {
        return Ok(());
    }
    let name = untrusted(name);
    Err(format!(
        "{name:?} contains no letters, so it is not a name; delete the row if it is a total"
    ))
}

fn label(text: &str) -> String {
    format!(
        "{:?} looks like a label below or above the list; delete the row or leave it out with --only",
        untrusted(text.trim())
    )
}

/// Rejects the id of a totals row. Other labels could be ids.
fn check_total(id: &str) -> Result<(), String> {
    let is_total = ["total", "totals", "subtotal"].contains(&id.trim().to_lowercase().as_str());
    if is_total { Err(label(id)) } else { Ok(()) }
}

/// A name must contain a letter and belong to one person.
fn check_name(name: &str) -> Result<(), String> {
    check_letters(name)?;
    if name.trim_end().ends_with(':') {
        return Err(label(name));
    }
    if is_total(name) {
        return Err(format!(
            "{:?} looks like a total, not a person; delete the row or leave it out with --only",
            untrusted(name)
        ));
    }
    if is_several(name) {
        return Err(format!(
            "{:?} looks like several people; to give each a link, use a recipe with each = \
             \"{{...}}\" under [people.student]",
            untrusted(name)
        ));
    }
    Ok(())
}

/// Whether a name is several people: words separated by `;` or line breaks, parts of at least two words
/// separated by commas, or three or more parts, none of them an initial, a title or a suffix such as `Jr.`
pub fn is_several(name: &str) -> bool {
    // A part that starts with a nickname in quotes belongs to the name before it.
    let has_words = |part: &str, count: usize| {
        let words = part.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
        words.count() >= count && !part.starts_with('"')
    };
    let several = |separators: &[char], words: usize| {
        let parts: Vec<&str> =
            name.split(separators).map(str::trim).filter(|it| !it.is_empty()).collect();
        parts.len() > 1 && parts.iter().all(|part| has_words(part, words))
    };
    let is_title = |part: &str| {
        const TITLES: [&str; 14] = [
            "jr", "sr", "ii", "iii", "iv", "phd", "md", "dr", "prof", "esq", "mr", "mrs", "ms",
            "miss",
        ];
        let letters: String = part.chars().filter(|it| it.is_alphanumeric()).collect();
        letters.chars().count() == 1 || TITLES.contains(&letters.to_lowercase().as_str())
    };
    let parts = || name.split(',').map(str::trim);
    let is_list = parts().count() > 2 && !parts().any(is_title) && several(&[','], 1);
    several(&[';', '\n', '\r'], 1) || several(&[','], 2) || is_list
}

/// `Total`, `Total: 12`, `Summe (24)`: labels of totals rows.
fn is_total(name: &str) -> bool {
    const TOTALS: [&str; 14] = [
        "total", "totals", "subtotal", "sum", "count", "summe", "gesamt", "anzahl", "somme",
        "totale", "totaal", "suma", "razem", "soma",
    ];
    /// Words that are never part of a name: `Total students`, `Class total`.
    const SURE: [&str; 6] = ["total", "totals", "subtotal", "gesamt", "totale", "totaal"];
    let words: Vec<String> = name
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    // The words in `TOTALS` can be surnames, but names contain no digits.
    let is_alone = words.len() == 1 || name.contains(|it: char| it.is_ascii_digit());
    [first, last].into_iter().any(|word| SURE.contains(&word.as_str()))
        || (is_alone && TOTALS.contains(&first.as_str()))
}

/// Whether any cell that is sent or used by a map has a value.
pub fn has_sent_value(columns: &Columns, row: &Row) -> bool {
    row.cells.iter().enumerate().any(|(index, cell)| {
        let is_used = columns.is_used.get(index).copied().unwrap_or(false);
        is_used && (!cell.is_blank() || cell.kind == CellKind::NoValue)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_people_in_a_cell_do_not_count_as_one() {
        for name in [
            "Ada \"Addy\" Byron; Bo Li",
            "Ada \"Addy\" Byron, Bo Li",
            "Ada Byron, Bo Li; Cy Twombly",
            "Ada; Bo",
            "Ada Byron\nBo Li",
            "Ada Byron, Bo Li",
            "Del Ito\nEve Fox",
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in [
            "Byron, Ada",
            "Ada Byron, MSc",
            "Ada; \"the\" Byron, MSc",
            "Ada Byron",
            "Lee, Ann Marie",
            "Ada;",
            "李",
        ] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
        assert!(check_name("1234").is_err() && check_name("--").is_err());
    }
}
