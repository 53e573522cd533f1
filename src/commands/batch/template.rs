//! `batch --template`: an empty roster, for maps and a recipe with just the columns that they use.

use super::fields::{Fields, TEMPLATE};
use super::mapping::Mapping;
use super::source;
use crate::cli::ReadingArgs;
use crate::problem::Findings;
use crate::terminal::output::Printer;

/// Prints it.
pub async fn print(arguments: &ReadingArgs, printer: Printer) -> anyhow::Result<()> {
    let ReadingArgs { recipe, map, .. } = arguments;
    if recipe.is_none() && map.is_empty() {
        return Ok(printer.result_text(TEMPLATE)?);
    }
    let mut findings = Findings::default();
    let recipe = source::read_recipe(recipe.as_deref(), &mut findings).await;
    let mapping = Mapping::new(map, recipe.as_ref(), &Fields::all(), &mut findings);
    findings.finish(None)?;
    let cells: Vec<String> = mapping.template().iter().map(|name| quoted(name)).collect();
    Ok(printer.result_text(&format!("{}\r\n", cells.join(",")))?)
}

/// A cell of CSV, in quotes where it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', ';', '\n', '\r', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
