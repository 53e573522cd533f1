//! Asking at a terminal what the columns of a roster are, with the best guess first. A guess is
//! never used without being accepted.

use super::grid;
use super::job::Job;
use super::recipe::{MapEntry, Recipe};
use super::suggest_map::{self, Guess, placeholder};
use crate::error::Result;
use crate::escape::untrusted;
use crate::links::atomic_file::Replacement;
use crate::roster::fields::{self, Field, Named, Target};
use crate::roster::{Row, Table};
use crate::terminal::output::Printer;
use crate::terminal::prompt;
use crate::terminal::shell::Shell;
use std::ffi::OsString;

/// The choice that returns to the question before.
const BACK: &str = "(back)";

/// The longest sample cell that is shown, in characters.
const SAMPLE: usize = 30;

/// What is asked for, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Space,
    Name,
    Email,
    Leader,
}

/// The columns of a roster, with the rows below their header.
struct Asking<'a> {
    names: Vec<String>,
    rows: &'a [Row],
    guess: Guess,
}

/// One choice: what is shown, and the maps that it stands for.
struct Choice {
    shown: String,
    maps: Vec<String>,
}

/// Asks what the columns are, if that is not known, and adds the answers to the recipe. Returns the
/// maps that were chosen.
///
/// # Errors
///
/// The terminal's, and Ctrl-C.
pub async fn columns(
    table: &Table,
    recipe: &mut Recipe,
    has_own_id: bool,
    guests: bool,
) -> Result<Vec<String>> {
    if !recipe.people.is_empty() || recipe.header.is_some() || recipe.all_sheets {
        return Ok(Vec::new());
    }
    let Some((index, names)) = grid::likely_header(table, recipe) else { return Ok(Vec::new()) };
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
    let guess = suggest_map::guess(&names, rows);
    let asking = Asking { names, rows, guess };
    let answers = asking.ask(&questions).await?;
    for map in &answers {
        // The maps are made of the header's own names.
        if let Ok(entry) = MapEntry::of_flag(map) {
            recipe.map.push(entry);
        }
    }
    Ok(answers)
}

impl Asking<'_> {
    async fn ask(&self, questions: &[Question]) -> Result<Vec<String>> {
        let mut answers: Vec<Vec<String>> = Vec::new();
        while let Some(question) = questions.get(answers.len()) {
            let (choices, default) = self.choices(*question);
            let mut shown: Vec<String> =
                choices.iter().map(|choice| choice.shown.clone()).collect();
            if !answers.is_empty() {
                shown.push(BACK.to_owned());
            }
            let chosen = prompt::choose(question.text(), &shown, default).await?;
            let Some(choice) = choices.get(chosen) else {
                answers.pop();
                continue;
            };
            let mut maps = choice.maps.clone();
            if *question == Question::Space && maps.is_empty() {
                let id = ask_id().await?;
                maps.push(format!("id={}", id.replace('{', "{{").replace('}', "}}")));
            }
            answers.push(maps);
        }
        Ok(answers.concat())
    }

    /// The choices of a question, and the one that is offered first.
    fn choices(&self, question: Question) -> (Vec<Choice>, usize) {
        let field = question.field();
        let mut choices = Vec::new();
        if question == Question::Name
            && let [first, last] = self.guess.name.as_slice()
        {
            let sample = format!("{} {}", self.sample(*first), self.sample(*last));
            choices.push(Choice {
                shown: format!(
                    "{} + {}  ({})",
                    untrusted(self.names[*first].trim()),
                    untrusted(self.names[*last].trim()),
                    sample.trim()
                ),
                maps: vec![format!(
                    "{field}={} {}",
                    placeholder(&self.names[*first]),
                    placeholder(&self.names[*last])
                )],
            });
        }
        let guessed = match question {
            Question::Space => self.guess.id,
            Question::Name if choices.is_empty() => self.guess.name.first().copied(),
            Question::Email => self.guess.email,
            Question::Name | Question::Leader => None,
        };
        let mut default = None;
        if !choices.is_empty() {
            default = Some(0);
        }
        for (column, name) in self.names.iter().enumerate() {
            if name.trim().is_empty() {
                continue;
            }
            if guessed == Some(column) {
                default = Some(choices.len());
            }
            let sample = self.sample(column);
            let sample = if sample.is_empty() { String::new() } else { format!("  ({sample})") };
            choices.push(Choice {
                shown: format!("{}{sample}", untrusted(name.trim())),
                maps: vec![format!("{field}={}", placeholder(name))],
            });
        }
        let none = Choice { shown: question.none().to_owned(), maps: Vec::new() };
        if question == Question::Space && default.is_none() {
            choices.insert(0, none);
            return (choices, 0);
        }
        choices.push(none);
        let default = default.unwrap_or(choices.len() - 1);
        (choices, default)
    }

    /// The first cell of a column that is filled; safe to show.
    fn sample(&self, column: usize) -> String {
        let cell = self.rows.iter().map(|row| row.text(column).trim()).find(|it| !it.is_empty());
        let cell = cell.unwrap_or_default();
        let mut sample: String = cell.chars().take(SAMPLE).collect();
        if sample.len() < cell.len() {
            sample.push('…');
        }
        untrusted(&sample)
    }
}

impl Question {
    fn text(self) -> &'static str {
        match self {
            Self::Space => "Which column is the class (one Space each)?",
            Self::Name => "Which column is the person's name?",
            Self::Email => "Which column is the email address?",
            Self::Leader => "Which column says who leads (yes or no)?",
        }
    }

    fn none(self) -> &'static str {
        match self {
            Self::Space => "none: one Space for all rows",
            Self::Name => "none: no names",
            Self::Email => "none: no email addresses",
            Self::Leader => "none: no one in this roster leads",
        }
    }

    fn field(self) -> &'static str {
        match self {
            Self::Space => Field::Id.name(),
            Self::Name => Field::UserName.name(),
            Self::Email => Field::UserEmail.name(),
            Self::Leader => Field::Leader.name(),
        }
    }
}

/// Asks for the id of the one Space.
async fn ask_id() -> Result<String> {
    loop {
        let id = prompt::text("Space id (the same id is the same Space)", None).await?;
        if !id.trim().is_empty() {
            return Ok(id.trim().to_owned());
        }
    }
}

/// After a run whose columns were asked for: the command for next time, and a recipe if wanted.
///
/// # Errors
///
/// The terminal's, Ctrl-C, and a file that cannot be written.
pub async fn offer_recipe(job: &Job, printer: Printer) -> Result<()> {
    if job.answers.is_empty() {
        return Ok(());
    }
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if let Some(program) = words.first_mut() {
        *program = "lessonspace".into();
    }
    for map in &job.answers {
        words.push("--map".into());
        words.push(map.into());
    }
    if let Some(line) = Shell::in_use().command_line(&words) {
        printer.story("to repeat this without prompts:");
        printer.story(&format!("  {line}"));
    }
    let Some(path) = &job.path else { return Ok(()) };
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let recipe = path.with_file_name(format!("{name}-recipe.toml"));
    if recipe.exists() {
        return Ok(());
    }
    let shown = super::report::shown(&recipe);
    if !prompt::yes_or_no(&format!("Save these answers as {shown}?"), false).await? {
        return Ok(());
    }
    let mut file = Replacement::start(&recipe)?;
    file.write(|out| out.write_all(job.recipe.to_toml().as_bytes()))?;
    file.finish()?;
    printer.story(&format!("recipe saved to {shown}; use it with --recipe"));
    Ok(())
}
