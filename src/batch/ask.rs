//! Prompts for the columns of a roster, with the best suggestion first. Suggestions are never used unless
//! accepted.

use super::columns::is_several;
use super::grid;
use super::job::Job;
use super::recipe::{MapEntry, PersonRecipe, Recipe};
use super::suggest_map::{self, Suggestion, placeholder};
use crate::body::check_id;
use crate::error::Result;
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use crate::links::atomic_file::Replacement;
use crate::roster::dates::flip_name;
use crate::roster::fields::{self, Field, Named, Target};
use crate::roster::template::Template;
use crate::roster::{self, Row, Table};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use crate::terminal::shell::Shell;
use crate::words::{self, shortened};
use std::path::Path;

const SPACE_ID: &str = "Space id (use the same id to open the same Space again)";

/// The choice that returns to the previous question.
const BACK: &str = "(back)";

/// Maximum width of the column names and cells shown.
const WIDEST: usize = 31;

/// Names of columns that mark leaders, without case, accents or punctuation.
const LEADERS: &str = "
    leads lead isleader host ishost moderator teacher isteacher tutor istutor staff
    lehrer lehrkraft leitung
    professeur enseignant
    profesor
    docente insegnante
    docent
    nauczyciel
    professor";

/// The questions, in the order they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Space,
    Name,
    Email,
    Leader,
    /// Asked if no column identifies the people.
    Guests,
}

/// The columns of a roster and the rows below the header.
struct Asking<'a> {
    names: Vec<String>,
    rows: &'a [Row],
    suggestion: Suggestion,
    printer: Printer,
}

/// A choice in a prompt and the answer it gives.
struct Choice {
    name: String,
    sample: String,
    /// The column, if the choice is a column.
    column: Option<usize>,
    answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// A map, written as for `--map`.
    Map(String),
    /// One Space for all rows; its id is asked for next.
    OneSpace,
    /// No column.
    None,
    /// Guest links for all rows.
    Guests,
    /// The column with the name of each row's teacher, who leads.
    Teacher(usize),
}

/// Prompts for the columns unless they are known, and adds the answers to the recipe. Returns the
/// equivalent flags.
///
/// # Errors
///
/// Terminal errors and Ctrl-C.
pub async fn columns(
    table: &Table,
    recipe: &mut Recipe,
    has_own_id: bool,
    guests: bool,
    printer: Printer,
) -> Result<Vec<String>> {
    if !recipe.people.is_empty() || recipe.all_sheets {
        return Ok(Vec::new());
    }
    let Some((index, mut names)) = grid::likely_header(table, recipe) else {
        return Ok(Vec::new());
    };
    // No map can use a column with braces in its name.
    for name in names.iter_mut().filter(|name| name.contains(['{', '}'])) {
        name.clear();
    }
    let has = |field: Field| {
        recipe.maps(field)
            || names.iter().any(|name| fields::named(name) == Named::Target(Target::Field(field)))
    };
    let has_id = has_own_id || has(Field::Id);
    let person = [Field::UserName, Field::UserEmail, Field::UserId];
    let has_person = guests || recipe.guest || person.into_iter().any(has);
    if has_id && has_person {
        return Ok(Vec::new());
    }
    let mut questions = Vec::new();
    if !has_id {
        questions.push(Question::Space);
    }
    if !has(Field::UserName) {
        questions.push(Question::Name);
    }
    if !has(Field::UserEmail) {
        questions.push(Question::Email);
    }
    if !has(Field::Leader) {
        questions.push(Question::Leader);
    }
    let rows = &table.rows[index + 1..];
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let suggestion = suggest_map::suggest(&names, rows);
    let asking = Asking { names, rows, suggestion, printer };
    let mut flags = Vec::new();
    let mut teacher = None;
    for answer in asking.ask(questions, !has_person).await? {
        match answer {
            Answer::Map(map) => {
                // The maps are built from the header's names.
                if let Ok(entry) = MapEntry::of_flag(&map) {
                    // The user did not type --map, so messages do not mention it.
                    let label = entry.target.name().to_owned();
                    recipe.map.push(MapEntry { label, ..entry });
                }
                flags.extend(["--map".to_owned(), map]);
            }
            Answer::Guests => {
                recipe.guest = true;
                flags.push("--guest".to_owned());
            }
            Answer::Teacher(column) => teacher = Some(column),
            Answer::OneSpace | Answer::None => {}
        }
    }
    let entries = asking.several(recipe).await?;
    if teacher.is_some() || entries.is_some() {
        asking.add_people(teacher, entries, recipe);
    }
    Ok(flags)
}

impl Asking<'_> {
    async fn ask(&self, mut questions: Vec<Question>, needs_person: bool) -> Result<Vec<Answer>> {
        let mut answers: Vec<Answer> = Vec::new();
        loop {
            let Some(question) = questions.get(answers.len()).copied() else { return Ok(answers) };
            let mut choices = self.choices(question);
            if question == Question::Guests {
                choices = guest_choices();
            }
            let mut items: Vec<(String, String)> =
                choices.iter().map(|it| (it.name.clone(), it.sample.clone())).collect();
            if !answers.is_empty() && question != Question::Guests {
                items.push((BACK.to_owned(), String::new()));
            }
            let chosen = prompt::choose(question.text(), &items).await?;
            let chosen = choices.into_iter().nth(chosen);
            let answer = match chosen.map(|choice| (choice.answer, choice.column)) {
                Some((answer, Some(column))) if question == Question::Leader => {
                    let has_person = !needs_person || has_person(&questions, &answers);
                    match self.leaders(column, answer, has_person).await? {
                        Some(answer) => answer,
                        None => continue,
                    }
                }
                Some((Answer::OneSpace, _)) => {
                    let id = ask_id(self.printer).await?;
                    Answer::Map(format!("id={}", id.replace('{', "{{").replace('}', "}}")))
                }
                // The user declined guest links, so ask for the columns again.
                Some((Answer::None, _)) if question == Question::Guests => {
                    questions.pop();
                    let first = questions.iter().position(|it| *it != Question::Space);
                    answers.truncate(first.unwrap_or_default());
                    continue;
                }
                Some((answer, _)) => answer,
                None => {
                    answers.pop();
                    continue;
                }
            };
            answers.push(answer);
            if answers.len() == questions.len()
                && needs_person
                && !has_person(&questions, &answers)
                && question != Question::Guests
            {
                questions.push(Question::Guests);
            }
        }
    }

    /// The answer for a column that says who leads: `yes` in the leaders' rows, or the names of the leaders.
    /// `None` to ask again.
    async fn leaders(
        &self,
        column: usize,
        map: Answer,
        has_person: bool,
    ) -> Result<Option<Answer>> {
        let Some(cell) = self.cells(column).find(|cell| !is_yes_or_no(cell)) else {
            return Ok(Some(map));
        };
        let name = shortened(&untrusted(self.names[column].trim()), WIDEST);
        let cell = shortened(&untrusted(cell), WIDEST);
        if has_person {
            let question =
                format!("{name} has names, such as \"{cell}\". Make a leader link for each?");
            let is_teacher = prompt::yes_or_no(&question, true).await?;
            return Ok(is_teacher.then_some(Answer::Teacher(column)));
        }
        self.printer.warning(&format!(
            "column {name} contains values other than yes and no, such as {cell}; choose another column"
        ));
        Ok(None)
    }

    /// If cells contain several names, offers a link for each: the template of these cells.
    async fn several(&self, recipe: &Recipe) -> Result<Option<(Template, String)>> {
        let is_name = |entry: &&MapEntry| entry.target.is(Field::UserName);
        let Some(entry) = recipe.map.iter().find(is_name) else { return Ok(None) };
        // Joined or flipped names belong to one person.
        let column = (0..self.names.len()).find(|it| entry.text == placeholder(&self.names[*it]));
        let Some(column) = column else { return Ok(None) };
        let Some(cell) = self.cells(column).find(|cell| is_several(cell)) else { return Ok(None) };
        let shown = shortened(&untrusted(self.names[column].trim()), WIDEST);
        let cell = shortened(&untrusted(cell), WIDEST);
        let question = format!(
            "{shown} has several names in a cell, such as \"{cell}\". Make a link for each?"
        );
        let is_wanted = prompt::yes_or_no(&question, true).await?;
        Ok(is_wanted.then(|| (entry.template.clone(), entry.text.clone())))
    }

    /// Splits the maps between a teacher and students. Only a recipe can express this. A recipe with people
    /// ignores columns that it does not map, so columns with known names get maps too.
    fn add_people(
        &self,
        teacher: Option<usize>,
        each: Option<(Template, String)>,
        recipe: &mut Recipe,
    ) {
        let entry = |name: &str, text: &str| MapEntry::new(name.to_owned(), name, text).ok();
        for name in &self.names {
            if let Named::Target(target) = fields::named(name)
                && recipe.map.iter().all(|entry| entry.target != target)
            {
                recipe.map.extend(entry(target.name(), &placeholder(name)));
            }
        }
        let (mut own, shared): (Vec<MapEntry>, _) =
            recipe.map.drain(..).partition(|entry| is_of_person(&entry.target));
        recipe.map = shared;
        if let Some(column) = teacher {
            let cell = placeholder(&self.names[column]);
            let each = self.cells(column).any(is_several);
            let each =
                each.then(|| Template::parse(&cell).ok()).flatten().map(|it| (it, cell.clone()));
            let text = match each {
                Some(_) => "{each}".to_owned(),
                None if self.most_cells_match(column, is_flipped) => {
                    format!("{{{}|flip}}", self.names[column].trim())
                }
                None => cell,
            };
            let name = entry(Field::UserName.name(), &text);
            let leader = entry(Field::Leader.name(), "yes");
            recipe.people.push(PersonRecipe {
                name: "teacher".to_owned(),
                once: true,
                each,
                fields: name.into_iter().chain(leader).collect(),
                ..PersonRecipe::default()
            });
        }
        if each.is_some() {
            // The row's other cells do not belong to any one of them.
            own = entry(Field::UserName.name(), "{each}").into_iter().collect();
        }
        recipe.people.push(PersonRecipe {
            name: "student".to_owned(),
            each,
            fields: own,
            ..PersonRecipe::default()
        });
    }

    /// The choices for a question, best suggestion first.
    fn choices(&self, question: Question) -> Vec<Choice> {
        let field = question.field();
        let mut choices = Vec::new();
        for (column, name) in self.names.iter().enumerate() {
            if !name.trim().is_empty() {
                choices.push(Choice {
                    name: shortened(&untrusted(name.trim()), WIDEST),
                    sample: self.sample(column),
                    column: Some(column),
                    answer: Answer::Map(format!("{field}={}", placeholder(name))),
                });
            }
            if question == Question::Name && self.most_cells_match(column, is_flipped) {
                let map = format!("{field}={{{}|flip}}", name.trim());
                choices.push(Choice {
                    name: format!(
                        "{}, given name first",
                        shortened(&untrusted(name.trim()), WIDEST)
                    ),
                    sample: shortened(
                        &untrusted(&flip_name(self.cells(column).next().unwrap_or_default())),
                        WIDEST,
                    ),
                    column: Some(column),
                    answer: Answer::Map(map),
                });
            }
        }
        let none = Choice {
            name: question.none().to_owned(),
            sample: String::new(),
            column: None,
            answer: if question == Question::Space { Answer::OneSpace } else { Answer::None },
        };
        let suggested = match (question, self.suggestion.name.as_slice()) {
            (Question::Space, _) => self.suggestion.id,
            (Question::Name, [name]) => Some(*name),
            (Question::Name, columns @ [_, _, ..]) => {
                let join = |part: &dyn Fn(usize) -> String, between: &str| {
                    columns.iter().map(|it| part(*it)).collect::<Vec<_>>().join(between)
                };
                let shown =
                    |column: usize| shortened(&untrusted(self.names[column].trim()), WIDEST);
                let all = Choice {
                    name: join(&shown, " + "),
                    sample: join(&|column| self.sample(column), " ").trim().to_owned(),
                    column: None,
                    answer: Answer::Map(format!(
                        "{field}={}",
                        join(&|column| placeholder(&self.names[column]), " ")
                    )),
                };
                choices.insert(0, all);
                choices.push(none);
                return choices;
            }
            (Question::Email, _) => self.suggestion.email,
            (Question::Leader, _) => self.leader(),
            _ => None,
        };
        // The last choice for a column puts the given name first.
        let suggested = suggested.and_then(|column| {
            let is_of_column = |choice: &Choice| choice.column == Some(column);
            if question == Question::Name && !self.most_cells_match(column, is_family_name_first) {
                choices.iter().position(is_of_column)
            } else {
                choices.iter().rposition(is_of_column)
            }
        });
        if let Some(suggested) = suggested {
            let suggested = choices.remove(suggested);
            choices.insert(0, suggested);
            choices.push(none);
        } else {
            choices.insert(0, none);
        }
        choices
    }

    /// The column that probably marks leaders: its name matches, and its cells are yes or no.
    fn leader(&self) -> Option<usize> {
        (0..self.names.len()).find(|column| {
            let name = suggest_map::plain(&self.names[*column]);
            let mut cells = self.cells(*column).peekable();
            LEADERS.split_whitespace().any(|word| word == name)
                && cells.peek().is_some()
                && cells.all(is_yes_or_no)
        })
    }

    /// The first non-empty cell of a column, safe to show.
    fn sample(&self, column: usize) -> String {
        shortened(&untrusted(self.cells(column).next().unwrap_or_default()), WIDEST)
    }

    /// The non-empty cells of a column.
    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.text(column).trim()).filter(|cell| !cell.is_empty())
    }

    /// Whether most non-empty cells of a column match `predicate`; the last cell may be a total.
    fn most_cells_match(&self, column: usize, predicate: fn(&str) -> bool) -> bool {
        let (so, all) = self
            .cells(column)
            .fold((0, 0), |(so, all), cell| (so + usize::from(predicate(cell)), all + 1));
        so * 2 > all
    }
}

/// Whether a column for names or email addresses was chosen.
fn has_person(questions: &[Question], answers: &[Answer]) -> bool {
    questions.iter().zip(answers).any(|(question, answer)| {
        matches!(question, Question::Name | Question::Email) && *answer != Answer::None
    })
}

/// Whether a field describes a person, not the Space or the lesson.
fn is_of_person(target: &Target) -> bool {
    match target {
        Target::Field(field) => target.is_person() || *field == Field::Role,
        Target::Path(path) => path.starts_with("user."),
    }
}

/// True for `Byron, Ada` and `De la Cruz, Ana Maria`.
fn is_flipped(name: &str) -> bool {
    flip_name(name) != name
}

/// Whether a name is certainly one person's: `Ada Byron, Bo Li` could be two people.
fn is_family_name_first(name: &str) -> bool {
    is_flipped(name) && !is_several(name)
}

fn is_yes_or_no(cell: &str) -> bool {
    words::boolean(cell).is_some() || cell.eq_ignore_ascii_case("x")
}

fn guest_choices() -> Vec<Choice> {
    [("no, choose the columns again", Answer::None), ("yes, guest links", Answer::Guests)]
        .map(|(name, answer)| Choice {
            name: name.to_owned(),
            sample: String::new(),
            column: None,
            answer,
        })
        .into()
}

impl Question {
    fn text(self) -> &'static str {
        match self {
            Self::Space => "Which column is the class (one Space for each)?",
            Self::Name => "Which column has the names?",
            Self::Email => "Which column has each person's own email address?",
            Self::Leader => "Which column shows who leads?",
            Self::Guests => "No names or email addresses chosen. Create guest links?",
        }
    }

    fn none(self) -> &'static str {
        match self {
            Self::Space => "(one Space for all rows)",
            Self::Name => "(no names)",
            Self::Email => "(no email addresses)",
            Self::Leader => "(no one in this roster leads)",
            Self::Guests => "",
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Space => Field::Id.name(),
            Self::Name => Field::UserName.name(),
            Self::Email => Field::UserEmail.name(),
            Self::Leader => Field::Leader.name(),
            Self::Guests => "",
        }
    }
}

/// Asks for the id of the single Space.
async fn ask_id(printer: Printer) -> Result<String> {
    loop {
        let id = prompt::text(SPACE_ID, None).await?;
        let id = id.trim();
        match check_id(id) {
            Ok(()) => return Ok(id.to_owned()),
            Err(_) if id.is_empty() => printer.warning("a Space id is required, such as chem7"),
            Err(fault) => printer.warning(&format!("the Space id {fault}")),
        }
    }
}

/// Shows a line of a file that is not UTF-8 and asks whether it is windows-1252, Excel's Western
/// encoding.
///
/// # Errors
///
/// Terminal errors and Ctrl-C.
pub async fn encoding(path: &Path) -> Result<Option<String>> {
    if input::is_stdin(path) {
        return Ok(None);
    }
    let Some(line) = roster::windows_1252_line(path).await else { return Ok(None) };
    let line = shortened(&untrusted(&line), WIDEST);
    let path = untrusted_path(path);
    let question = format!("{path} is not UTF-8. Does this line look right: \"{line}\"?");
    let is_right = prompt::yes_or_no(&question, true).await?;
    Ok(is_right.then(|| "windows-1252".to_owned()))
}

/// After a run with prompts for columns, shows the command to repeat it and offers to save a recipe.
///
/// # Errors
///
/// Terminal errors, Ctrl-C, and a recipe that cannot be written.
pub async fn offer_recipe(job: &Job, printer: Printer) -> Result<()> {
    if job.answers.is_empty() {
        return Ok(());
    }
    // No flag can express several people in a row, but the next run reads them from the journal.
    let answers = if job.recipe.people.is_empty() { &*job.answers } else { &[] };
    if let Some(line) = super::report::resume_command(answers) {
        printer.message("to repeat this without prompts:");
        printer.message(&format!("  {line}"));
    }
    let Some(path) = &job.path else { return Ok(()) };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let recipe = path.with_file_name(format!("{name}-recipe.toml"));
    if recipe.exists() {
        return Ok(());
    }
    let shown = untrusted_path(&recipe);
    if !prompt::yes_or_no(
        &format!("Save these answers as {shown} for other lists like this one?"),
        false,
    )
    .await?
    {
        return Ok(());
    }
    let mut file = Replacement::start(&recipe)?;
    file.write(|out| out.write_all(job.recipe.to_toml().as_bytes()))?;
    file.finish()?;
    let flag = Shell::in_use().quote(&shown);
    printer.message(&format!("recipe saved to {shown}; to use it, add: --recipe {flag}"));
    Ok(())
}
