//! Where the rows come from: the roster, read as the flags and the recipe say.

use super::columns::Columns;
use super::fields::Fields;
use super::guess;
use super::mapping::Mapping;
use crate::cli::{Dates, ReadingArgs, RosterFormat};
use crate::escape::untrusted;
use crate::input;
use crate::old_roster::cell::date::DateOrder;
use crate::old_roster::links;
use crate::old_roster::read::{Format, ReadError, Reading, Roster};
use crate::old_roster::recipe::RecipeFile;
use crate::problem::{Findings, Missing, Problem};
use std::path::{Path, PathBuf};

/// Largest roster that is read, in bytes.
const LARGEST: u64 = 4 << 30;

/// A roster that is not read yet.
pub struct Source {
    path: Option<PathBuf>,
    arguments: ReadingArgs,
    recipe: RecipeFile,
    mapping: Mapping,
    fields: Fields,
    /// Whether recipe and maps are without fault. What a recipe with a fault would have made of the
    /// roster is not known.
    is_mapped: bool,
}

impl Source {
    /// Reads the recipe.
    pub async fn new(
        path: Option<PathBuf>,
        arguments: ReadingArgs,
        findings: &mut Findings,
    ) -> Self {
        let known = findings.problems.len();
        let recipe = read_recipe(arguments.recipe.as_deref(), findings).await;
        let fields = Fields::all();
        let mapping = Mapping::new(&arguments.map, recipe.as_ref(), &fields, findings);
        let is_mapped = findings.problems.len() == known;
        let recipe = recipe.unwrap_or_default();
        Self { path, arguments, recipe, mapping, fields, is_mapped }
    }

    /// Whether ids that are too long get a short form.
    pub fn shorten_ids(&self) -> bool {
        self.arguments.shorten_ids || self.recipe.shorten_ids
    }

    /// The people of a row; none where a row is one person without a name.
    pub fn people(&self) -> Vec<String> {
        self.mapping.people.iter().map(|person| person.name.clone()).collect()
    }

    /// The roster's name, as given.
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(String::new, |path| path.to_string_lossy().into_owned())
    }

    /// Reads the roster; none if it or its header cannot be understood. `has_own_id` says that the
    /// Space's id need not come from a column.
    pub async fn read(&mut self, has_own_id: bool, findings: &mut Findings) -> Option<Roster> {
        let ReadingArgs { format, encoding, sheet, header, .. } = &self.arguments;
        let header = header.as_deref().and_then(|text| findings.keep(header_line(text)));
        let reading = Reading {
            format: roster_format(*format, self.path.as_deref()),
            encoding: encoding.as_deref(),
            sheet: sheet.as_deref(),
            people: &self.people(),
            header_line: header,
            is_header: &|cells| self.mapping.is_header(cells, has_own_id, &self.fields),
        };
        let roster = self.read_roster(format.is_some(), &reading, findings).await?;
        if links::has_results(&roster) {
            // The bodies are whole: what the maps and the recipe made is in them.
            self.mapping = Mapping::default();
        }
        (self.is_mapped && self.is_understood(&roster, has_own_id, findings)).then_some(roster)
    }

    /// Understands the roster's columns.
    pub fn columns(&self, roster: &Roster, findings: &mut Findings) -> Columns {
        let dates = self.arguments.dates.map(|order| match order {
            Dates::Dmy => DateOrder::DayMonthYear,
            Dates::Mdy => DateOrder::MonthDayYear,
        });
        let dates = dates.or(self.recipe.dates);
        Columns::new(roster, (&self.mapping, &self.fields), dates, findings)
    }

    /// Whether the roster has a header, and what is said of columns is about it. That there is none is
    /// one problem, not one a row.
    fn is_understood(&self, roster: &Roster, has_own_id: bool, findings: &mut Findings) -> bool {
        let mapping = &self.mapping;
        let Some(header) = roster.header_line() else {
            if !mapping.is_empty() {
                let place = mapping.all().next().map_or("--recipe", |entry| entry.label.as_str());
                findings.problem(place, "is for rosters with columns; a JSON roster has none");
            }
            return mapping.is_empty();
        };
        if !mapping.people.is_empty() && !mapping.makes_id() && !has_own_id {
            findings.problem(
                "--recipe",
                "does not say what the Space's id is made from; add id = \"...\" to its [map]",
            );
            return false;
        }
        // Which column of a map is missing is said when the columns are understood.
        let has_header = header.is_found || mapping.makes_id() || has_own_id;
        if !has_header {
            let others = roster.sheet().filter(|(_, others)| !others.is_empty());
            let sheets = others.map_or_else(String::new, |(name, others)| {
                let (name, others) = (untrusted(name), untrusted(&others.join(", ")));
                format!("; this is the sheet {name}, and --sheet chooses another: {others}")
            });
            let advice = guess::advice(roster.header(), &self.fields);
            findings.problem("the header", format!("{advice}{sheets}"));
        } else if roster.is_empty() {
            findings.problem("the roster", "has no rows");
        }
        has_header && !roster.is_empty()
    }

    async fn read_roster(
        &self,
        is_format_given: bool,
        reading: &Reading<'_>,
        findings: &mut Findings,
    ) -> Option<Roster> {
        let Some(path) = &self.path else {
            findings.missing(
                Missing::File,
                "ROSTER",
                "it is a spreadsheet, a CSV or JSON file, or - for standard input",
            );
            return None;
        };
        let shown = if input::is_stdin(path) {
            "standard input".to_owned()
        } else {
            untrusted(&path.to_string_lossy())
        };
        let problem = |message: String| Problem::new(shown.as_str(), message);
        let bytes = findings.keep(input::read_up_to(path, LARGEST).await.map_err(problem))?;
        // Standard input has no name that tells.
        let is_named = is_format_given || !input::is_stdin(path);
        let format = if is_named { reading.format } else { Format::of_bytes(&bytes) };
        if reading.sheet.is_some() && format != Format::Workbook {
            findings.problem("--sheet", "is for workbooks; this roster has no sheets");
            return None;
        }
        let roster = self
            .read_bytes(bytes, &Reading { format, ..*reading })
            .map_err(|error| problem(untrusted(&error.to_string())));
        let roster = findings.keep(roster)?;
        if roster.is_empty() && roster.header_line().is_none_or(|header| header.is_found) {
            findings.problem(shown, "has no rows");
            return None;
        }
        Some(roster)
    }

    /// Reads the roster as the flags and the recipe say. What the recipe says of sheet and header is
    /// of the school's own sheet: in a links file and in a filled template both are the first.
    fn read_bytes(&self, bytes: Vec<u8>, reading: &Reading<'_>) -> Result<Roster, ReadError> {
        let is_workbook = reading.format == Format::Workbook;
        let as_recipe_says = Reading {
            sheet: reading.sheet.or(self.recipe.sheet.as_deref().filter(|_| is_workbook)),
            header_line: reading.header_line.or(self.recipe.header),
            ..*reading
        };
        let is_the_same = as_recipe_says.sheet == reading.sheet
            && as_recipe_says.header_line == reading.header_line;
        if !is_the_same
            && let Ok(roster) = Roster::read(bytes.clone(), reading)
            && (roster.is_links() || roster.header() == self.mapping.template())
        {
            return Ok(roster);
        }
        Roster::read(bytes, &as_recipe_says)
    }
}

fn roster_format(format: Option<RosterFormat>, path: Option<&Path>) -> Format {
    match format {
        Some(RosterFormat::Csv) => Format::Csv,
        Some(RosterFormat::Jsonl) => Format::JsonLines,
        Some(RosterFormat::Xlsx) => Format::Workbook,
        None => path.map_or(Format::Csv, Format::of_path),
    }
}

fn header_line(text: &str) -> Result<u32, Problem> {
    text.trim().parse().ok().filter(|line| *line > 0).ok_or_else(|| {
        let message =
            format!("{:?} is not the number of a line; the first line is 1", untrusted(text));
        Problem::new("--header", message)
    })
}

/// Reads `--recipe`.
pub async fn read_recipe(path: Option<&Path>, findings: &mut Findings) -> Option<RecipeFile> {
    let path = path?;
    let shown = untrusted(&path.to_string_lossy());
    let bytes = input::read(path).await.map_err(|message| Problem::new(shown.as_str(), message));
    RecipeFile::parse(&shown, findings.keep(bytes)?, findings)
}
