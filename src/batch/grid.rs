//! A table with a known header: finds the header, the rows below it and the text of cells.

use super::columns::Columns;
use super::recipe::Recipe;
use super::suggest_map;
use crate::escape::untrusted;
use crate::links::ResultColumns;
use crate::links::write::unguarded;
use crate::problem::{At, Findings, Problem};
use crate::roster::fields::{self, Field, Named, Target};
use crate::roster::template;
use crate::roster::{
    self, Cell, CellKind, Row, Shown, Source, Table, damage, is_failed, shown_text,
};
use std::collections::{HashMap, HashSet};
use unicode_normalization::UnicodeNormalization as _;

/// Number of rows searched for the header.
const ROWS_EXAMINED: usize = 20;

/// What a template's text is used for. Text uses the value that a sheet shows; times use the stored
/// value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An id or an email address; damaged cells are rejected.
    Identity,
    /// Any other text.
    Text,
    /// A time or a duration.
    Time,
}

impl Purpose {
    pub fn of(field: Option<Field>) -> Self {
        match field {
            Some(Field::Id | Field::UserId | Field::UserEmail) => Self::Identity,
            Some(Field::NotBefore | Field::NotAfter | Field::ValidFor | Field::LessonTime) => {
                Self::Time
            }
            _ => Self::Text,
        }
    }
}

/// A table with a known header.
#[derive(Debug)]
pub struct Grid {
    /// The column names: `A`, `B`, `C` without a header.
    pub header: Vec<String>,
    /// The line of the header; `None` with `--header 0` or several sheets.
    pub header_line: Option<u32>,
    /// Number of rows skipped above the header.
    pub skipped_above: usize,
    /// The lines of rows that repeat the header.
    pub repeated_headers: Vec<u32>,
    /// The rows below the header.
    pub table: Table,
    /// The result columns, if this is a links file.
    pub results: Option<ResultColumns>,
    /// The files of an export; places include their names.
    pub files: Vec<String>,
    /// With several sheets: for each sheet, its own column for each joined column.
    own_columns: Vec<Vec<Option<usize>>>,
    /// Replacements for the cells of a column, by the cell as written and in lower case.
    values: HashMap<usize, HashMap<String, String>>,
}

/// How the header is found.
pub struct HeaderRule<'a> {
    pub recipe: &'a Recipe,
    /// Whether the header's line comes from `--header` rather than a recipe.
    pub is_line_from_flag: bool,
    /// Whether every row has an id from `--file` or `--set`.
    pub has_own_id: bool,
}

/// A header found in the rows of one sheet.
struct Found {
    /// The index of its row; `None` if there is no header.
    index: Option<usize>,
    names: Vec<String>,
}

impl Grid {
    /// Finds the header and applies the recipe to the columns. Adds problems to `findings`.
    pub fn new(mut table: Table, rule: &HeaderRule, findings: &mut Findings) -> Option<Self> {
        let rows = std::mem::take(&mut table.rows);
        let grid = if let Source::AllSheets { names, .. } = &table.source {
            let names = names.clone();
            Self::of_sheets(table, rows, &names, rule, findings)?
        } else {
            Self::of_rows(table, rows, rule, findings)?
        };
        grid.finished(rule.recipe, findings)
    }

    fn of_rows(
        table: Table,
        mut rows: Vec<Row>,
        rule: &HeaderRule,
        findings: &mut Findings,
    ) -> Option<Self> {
        let Found { index, names } = find_header(&table, &rows, rule, findings)?;
        let header_line = index.map(|index| rows[index].line);
        let below = index.map_or(0, |index| index + 1);
        rows.drain(..below);
        let mut grid = Self {
            header: names,
            header_line,
            skipped_above: index.unwrap_or_default(),
            repeated_headers: Vec::new(),
            table,
            results: None,
            files: Vec::new(),
            own_columns: Vec::new(),
            values: HashMap::new(),
        };
        grid.take_rows(rows);
        Some(grid)
    }

    /// Joins all sheets into one table: `sheet`, then all columns in order of appearance.
    fn of_sheets(
        table: Table,
        rows: Vec<Row>,
        names: &[String],
        rule: &HeaderRule,
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut header = vec!["sheet".to_owned()];
        let mut joined = Vec::new();
        let mut own_columns = vec![Vec::new(); names.len()];
        let mut repeated_headers = Vec::new();
        let mut is_sound = true;
        let mut rows = rows.into_iter().peekable();
        while let Some(sheet) = rows.peek().map(|row| row.sheet) {
            let mut of_sheet = Vec::new();
            while let Some(row) = rows.next_if(|row| row.sheet == sheet) {
                of_sheet.push(row);
            }
            let known = findings.problems.len();
            let Some(found) = find_header(&table, &of_sheet, rule, findings) else {
                let name = names.get(sheet).map_or("", String::as_str);
                for problem in &mut findings.problems[known..] {
                    problem.message.insert_str(0, &format!("sheet {}: ", untrusted(name)));
                }
                is_sound = false;
                continue;
            };
            if found.names.iter().any(|name| crate::words::folded(name) == "sheet") {
                let sheet = untrusted(names.get(sheet).map_or("", String::as_str));
                let message = format!(
                    "sheet {sheet} has a column named sheet, but --all-sheets uses that name \
                     for the sheet names; rename the column"
                );
                findings.problem("header", message);
                is_sound = false;
                continue;
            }
            let mut places = Vec::new();
            for name in &found.names {
                let is_same =
                    |other: &String| crate::words::folded(other) == crate::words::folded(name);
                let place = (!name.trim().is_empty())
                    .then(|| header.iter().position(is_same))
                    .flatten()
                    .unwrap_or_else(|| {
                        header.push(name.clone());
                        header.len() - 1
                    });
                places.push(place);
            }
            let below = found.index.map_or(0, |index| index + 1);
            for mut row in of_sheet.into_iter().skip(below) {
                if found.index.is_some() && repeats(&row, &found.names) {
                    repeated_headers.push(row.line);
                    continue;
                }
                let mut cells = vec![Cell::default(); header.len()];
                cells[0] = Cell::of_text(names.get(sheet).map_or("", String::as_str));
                for (own, cell) in row.cells.drain(..).enumerate() {
                    match places.get(own) {
                        Some(place) => cells[*place] = cell,
                        // Keep a cell beyond the header's last column there, so that it is reported.
                        None if !cell.is_blank() => cells.push(cell),
                        None => {}
                    }
                }
                row.cells = cells;
                joined.push(row);
            }
            if let Some(own) = own_columns.get_mut(sheet) {
                *own = invert_positions(&places);
            }
        }
        is_sound.then(|| Self {
            header,
            header_line: None,
            skipped_above: 0,
            repeated_headers,
            table: Table { rows: joined, ..table },
            results: None,
            files: Vec::new(),
            own_columns,
            values: HashMap::new(),
        })
    }

    fn take_rows(&mut self, rows: Vec<Row>) {
        for row in rows {
            if self.header_line.is_some() && repeats(&row, &self.header) {
                self.repeated_headers.push(row.line);
            } else {
                self.table.rows.push(row);
            }
        }
    }

    /// Reports rows that look like another header, because the rows below would be read under the wrong
    /// names, and headings in a cell merged across the table.
    fn check_other_headers(&self, findings: &mut Findings) {
        let names: HashSet<String> =
            self.header.iter().map(|name| crate::words::folded(name)).collect();
        let is_name = |cell: &Cell| {
            let is_known =
                || matches!(fields::named(&cell.text), Named::Target(_) | Named::BareName);
            names.contains(&crate::words::folded(&cell.text)) || is_known()
        };
        let named = self.header.iter().filter(|name| !name.trim().is_empty()).count().max(2);
        for row in &self.table.rows {
            let mut filled = row.cells.iter().filter(|cell| !cell.is_blank()).peekable();
            let is_wide = filled.clone().nth(1).is_some();
            if !is_wide && filled.peek().is_some() && row.merged_across >= named {
                let message = "is a heading, not a person (its cell is merged across the columns); delete \
                               the row";
                findings.about(self.place(row, None), message);
                continue;
            }
            if is_wide && filled.all(is_name) {
                let message =
                    "looks like another header; move the rows below it to a separate file";
                findings.about(self.place(row, None), message);
            }
        }
    }

    /// Removes guards against formulas if this is a links file, and applies the recipe to the columns.
    fn finished(mut self, recipe: &Recipe, findings: &mut Findings) -> Option<Self> {
        if self.header_line.is_some() && recipe.header.is_none() {
            self.check_other_headers(findings);
        }
        let found = ResultColumns::find(self.header.iter().map(String::as_str));
        match found {
            Ok(results) => self.results = results,
            Err(error) => {
                findings.problems.extend(error.problems.iter().cloned());
                return None;
            }
        }
        if self.results.is_some() {
            for name in &mut self.header {
                *name = unguarded(name).to_owned();
            }
            for cell in self.table.rows.iter_mut().flat_map(|row| &mut row.cells) {
                let plain = unguarded(&cell.text);
                if plain.len() < cell.text.len() {
                    cell.text = plain.into();
                }
            }
        }
        for name in &recipe.fill_down {
            match template::position(&self.header, name) {
                Some(column) => self.fill_down(column),
                None => findings.problem("fill_down", template::unknown_column(&self.header, name)),
            }
        }
        for values in &recipe.values {
            let Some(column) = template::position(&self.header, &values.column) else {
                let message = template::unknown_column(&self.header, &values.column);
                findings.problem(format!("[values.{}]", untrusted(&values.column)), message);
                continue;
            };
            let words = self.values.entry(column).or_default();
            for (cell, word) in &values.pairs {
                words.entry(composed(cell).to_lowercase()).or_insert_with(|| word.clone());
            }
            words.extend(values.pairs.iter().map(|(cell, word)| (composed(cell), word.clone())));
        }
        Some(self)
    }

    /// Reports cells that the recipe does not list, in columns that are not sent.
    pub fn check_listed(&self, row: &Row, columns: &Columns, findings: &mut Findings) {
        for column in self.values.keys().filter(|column| !columns.is_used[**column]) {
            findings.keep(self.text(row, *column, Purpose::Text));
        }
    }

    fn fill_down(&mut self, column: usize) {
        let mut above: Option<Cell> = None;
        let mut sheet = 0;
        for row in &mut self.table.rows {
            if row.sheet != sheet {
                (above, sheet) = (None, row.sheet);
            }
            match row.cells.get(column).filter(|cell| !cell.is_blank()) {
                Some(cell) => above = Some(cell.clone()),
                None => {
                    if let Some(above) = &above {
                        if row.cells.len() <= column {
                            row.cells.resize(column + 1, Cell::default());
                        }
                        row.cells[column] = above.clone();
                    }
                }
            }
        }
    }

    /// The text of a cell for a purpose, after the recipe's replacements; empty if the cell is blank.
    ///
    /// # Errors
    ///
    /// A damaged cell, a cell that shows a different value than it stores, and a cell that the recipe
    /// does not list.
    pub fn text(&self, row: &Row, column: usize, purpose: Purpose) -> Result<String, Problem> {
        let name = || self.header.get(column).map_or("", |name| name.trim());
        let problem = |message: String| Problem {
            at: Box::new(At { column: u32::try_from(column + 1).ok(), ..At::default() }),
            ..Problem::new(untrusted(name()), message)
        };
        let Some(cell) = row.cell(column).filter(|cell| !cell.is_blank()) else {
            return Ok(String::new());
        };
        let text = cell_text(cell, purpose).map_err(problem)?;
        match self.values.get(&column) {
            None => Ok(text),
            Some(words) => listed(words, &text).cloned().ok_or_else(|| {
                let message = format!(
                    "{:?} is not listed in [values.{}]; add it to the recipe",
                    untrusted(&text),
                    untrusted(name())
                );
                problem(message)
            }),
        }
    }

    /// The place of a row or one of its cells for messages, safe to show.
    pub fn place(&self, row: &Row, column: Option<usize>) -> String {
        let column = match self.own_columns.get(row.sheet) {
            Some(own) if !own.is_empty() => {
                column.and_then(|column| own.get(column).copied().flatten())
            }
            _ => column,
        };
        let place = self.table.place(row, column);
        match self.files.get(row.sheet) {
            Some(file) => format!("{}, {place}", untrusted(file)),
            None => place,
        }
    }

    /// Whether a row of a links file was left out by the run that wrote it.
    pub fn was_skipped(&self, row: &Row) -> bool {
        let columns = self.results.iter().flat_map(|results| &results.launches);
        columns.into_iter().any(|it| row.text(it.link_status).trim() == "skipped")
    }

    /// Whether places are cells of a spreadsheet rather than lines.
    pub fn is_spreadsheet(&self) -> bool {
        matches!(self.table.source, Source::Sheet { .. } | Source::AllSheets { .. })
    }
}

/// The replacement for a cell; an exact match wins over one that ignores case.
fn listed<'a>(words: &'a HashMap<String, String>, text: &str) -> Option<&'a String> {
    let text = composed(text);
    words.get(&text).or_else(|| words.get(&text.to_lowercase()))
}

/// The trimmed text, with each letter and its accents as one character.
fn composed(text: &str) -> String {
    text.trim().nfc().collect()
}

/// The sheet's own column for each joined column.
fn invert_positions(places: &[usize]) -> Vec<Option<usize>> {
    let width = places.iter().max().map_or(0, |last| last + 1);
    let mut own = vec![None; width];
    for (column, place) in places.iter().enumerate() {
        own[*place] = Some(column);
    }
    own
}

/// Whether a row only repeats the header.
fn repeats(row: &Row, header: &[String]) -> bool {
    let mut is_same = false;
    for (column, cell) in row.cells.iter().enumerate().filter(|(_, cell)| !cell.is_blank()) {
        let name = header.get(column).map_or("", |name| name.trim());
        if !name.eq_ignore_ascii_case(cell.text.trim()) {
            return false;
        }
        is_same = true;
    }
    is_same
        && header
            .iter()
            .enumerate()
            .all(|(column, name)| name.trim().is_empty() || !row.text(column).trim().is_empty())
}

fn names_of(row: &Row) -> Vec<String> {
    row.cells.iter().map(|cell| cell.text.trim().to_owned()).collect()
}

/// The message if no row can be the header; `widest` is the most likely one.
fn no_header(table: &Table, rows: &[Row], widest: usize) -> String {
    let names = names_of(&rows[widest]);
    let others = match &table.source {
        Source::Sheet { name, others } if !others.is_empty() => format!(
            " (read from sheet {}; other sheets: {}; choose one with --sheet)",
            untrusted(name),
            untrusted(&others.join(", "))
        ),
        _ => String::new(),
    };
    let place = table.place(&rows[widest], None);
    if let Some(export) = suggest_map::export_of(&names) {
        return format!("this file is part of {export}; use the whole folder or .zip instead");
    }
    if looks_like_data(&names) {
        format!(
            "no column for the Space id in the first {ROWS_EXAMINED} rows, and {place} looks \
             like data; if the roster has no header, add --header 0 and use the columns \
             A, B, C in --map{others}"
        )
    } else {
        let advice = suggest_map::advice(&names, &rows[widest + 1..]);
        format!("no column for the Space id in the first {ROWS_EXAMINED} rows; {advice}{others}")
    }
}

/// Finds the header: the row with the most known or mapped columns among the first rows.
fn find_header(
    table: &Table,
    rows: &[Row],
    rule: &HeaderRule,
    findings: &mut Findings,
) -> Option<Found> {
    let recipe = rule.recipe;
    let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    let Some(first) = rows.first() else {
        findings.about("the roster", "has no rows");
        return None;
    };
    if let Some(line) = recipe.header {
        return header_at(line, (first, width), rows, rule, findings);
    }
    let mapped = recipe.columns();
    let reads_columns = recipe.people.is_empty();
    let score = |row: &Row| {
        let names = names_of(row);
        let is_mapped = |name: &str| {
            mapped.iter().any(|mapped| template::position(&[name.to_owned()], mapped).is_some())
        };
        let is_known = |name: &str| matches!(fields::named(name), Named::Target(_));
        let counts = |name: &&String| is_mapped(name) || (reads_columns && is_known(name));
        let has_id = rule.has_own_id
            || recipe.maps(Field::Id)
            || (reads_columns && names.iter().any(|name| is_id(name)));
        (names.iter().filter(|name| !name.is_empty()).filter(counts).count(), has_id)
    };
    let scored: Vec<(usize, bool)> = rows.iter().take(ROWS_EXAMINED).map(score).collect();
    let best = scored
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, (count, has_id))| *count > 0 && *has_id)
        .max_by_key(|(index, (count, _))| (*count, std::cmp::Reverse(*index)));
    let filled = |row: &Row| row.cells.iter().filter(|cell| !cell.is_blank()).count();
    let widest = rows
        .iter()
        .take(ROWS_EXAMINED)
        .enumerate()
        .max_by_key(|(index, row)| (filled(row), std::cmp::Reverse(*index)))
        .map_or(0, |(index, _)| index);
    let index = match best {
        Some((index, _)) => index,
        // The maps define all fields; their missing columns are reported later.
        None if rule.has_own_id || recipe.maps(Field::Id) => widest,
        None if !reads_columns => {
            findings.about("[map]", suggest_map::missing_id(&names_of(&rows[widest]), rows));
            return None;
        }
        None => {
            findings.problem("header", no_header(table, rows, widest));
            return None;
        }
    };
    // An earlier header with rows of its own is another table, whose people would be skipped.
    let is_header = |(count, has_id): &(usize, bool)| *count > 1 && *has_id;
    if let Some(earlier) = scored[..index.min(scored.len())].iter().position(is_header)
        && rows[earlier + 1..index].iter().any(|row| filled(row) > 0)
    {
        let (one, other) = (table.place(&rows[earlier], None), table.place(&rows[index], None));
        let message = format!(
            "{one} and {other} both look like headers; move each table to a separate file, or \
             choose one with --header"
        );
        findings.problem("header", message);
        return None;
    }
    let names = names_of(&rows[index]);
    let used = names.iter().filter(|name| {
        mapped.iter().any(|mapped| template::position(&[(*name).clone()], mapped).is_some())
    });
    let used: Vec<String> = used.cloned().collect();
    if best.is_none() && looks_like_data(&names) || looks_like_data(&used) {
        let place = table.place(&rows[index], None);
        let message = format!(
            "{place} would be the header, but looks like data; if the roster has no header, add \
             --header 0 and use the columns A, B, C in --map"
        );
        findings.problem("header", message);
        return None;
    }
    if best.is_none() && recipe.all_sheets {
        let message = "no known or mapped columns; add a header row, or hide the sheet";
        findings.problem("header", message);
        return None;
    }
    Some(Found { index: Some(index), names })
}

/// The header at the line given by the recipe or `--header`; 0 means no header.
fn header_at(
    line: u32,
    (first, width): (&Row, usize),
    rows: &[Row],
    rule: &HeaderRule,
    findings: &mut Findings,
) -> Option<Found> {
    // The line is for the school's sheet. In a links file, and in the empty roster printed for a recipe, the
    // header is the first row.
    let names = names_of(first);
    let is_links = matches!(ResultColumns::find(names.iter().map(String::as_str)), Ok(Some(_)));
    let wanted = rule.recipe.columns();
    let has_columns =
        !wanted.is_empty() && wanted.iter().all(|it| template::position(&names, it).is_some());
    let is_of_recipe = !rule.is_line_from_flag;
    if (is_links && (is_of_recipe || line == 0)) || (has_columns && is_of_recipe) {
        return Some(Found { index: Some(0), names });
    }
    if line == 0 {
        let names = (0..width).map(roster::column_letters).collect();
        return Some(Found { index: None, names });
    }
    let Some(index) = rows.iter().position(|row| row.line == line) else {
        findings.problem("--header", format!("line {line} is not the start of a row"));
        return None;
    };
    Some(Found { index: Some(index), names: names_of(&rows[index]) })
}

/// The likely header, for prompts: the row with the most known columns, else the widest row unless it
/// looks like data. `None` for a file of an export, or if there is no header.
pub fn likely_header(table: &Table, recipe: &Recipe) -> Option<(usize, Vec<String>)> {
    let rule = HeaderRule { recipe, is_line_from_flag: false, has_own_id: true };
    let found = find_header(table, &table.rows, &rule, &mut Findings::default())?;
    if suggest_map::export_of(&found.names).is_some() {
        return None;
    }
    Some((found.index?, found.names))
}

/// Whether a column with this name has the Space id.
pub fn is_id(name: &str) -> bool {
    fields::named(name) == Named::Target(Target::Field(Field::Id))
}

/// Whether any of these names is data rather than a header: an email address, a number or a date.
fn looks_like_data(names: &[String]) -> bool {
    let is_address = |name: &str| {
        name.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    let is_number = |name: &str| {
        name.bytes().any(|byte| byte.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_digit() || b".,-/:".contains(&byte))
    };
    names.iter().any(|name| is_address(name.trim()) || is_number(name.trim()))
}

/// The text of a cell for a purpose, or what is wrong with it. Ids and texts use the sheet's number
/// format, because that is what people see.
fn cell_text(cell: &Cell, purpose: Purpose) -> Result<String, String> {
    let quoted = |text: &str| {
        let text = text.trim();
        if text.is_empty() { String::new() } else { format!("{:?}: ", untrusted(text)) }
    };
    let damaged = match purpose {
        Purpose::Identity => damage(cell),
        Purpose::Text | Purpose::Time => is_failed(cell),
    };
    if let Some(damage) = damaged {
        return Err(format!("{}{damage}", quoted(&cell.text)));
    }
    if cell.kind == CellKind::DateTime {
        return Ok(cell.text.trim().to_owned());
    }
    if purpose == Purpose::Time {
        // 7.50 is the time 07:50.
        return Ok(match shown_text(cell) {
            Shown::Text(text) => text.to_owned(),
            Shown::Differs { stored, .. } => stored.to_owned(),
        });
    }
    match shown_text(cell) {
        Shown::Text(text) => Ok(text.to_owned()),
        Shown::Differs { shown, stored } => Err(format!(
            "the cell shows {:?} but contains {:?}; format the column as text and enter the value \
             again",
            untrusted(shown),
            untrusted(stored)
        )),
    }
}
