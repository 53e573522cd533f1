//! `batch --template`: an empty roster, for a recipe with just the columns that it uses.

use super::fields::{Fields, TEMPLATE};
use super::mapping::Mapping;
use super::source;
use crate::problem::Findings;
use crate::terminal::output::Printer;
use std::path::Path;

/// Prints it.
pub async fn print(recipe: Option<&Path>, printer: Printer) -> anyhow::Result<()> {
    let Some(path) = recipe else {
        return Ok(printer.result_text(TEMPLATE)?);
    };
    let mut findings = Findings::default();
    let recipe = source::read_recipe(Some(path), &mut findings).await;
    let mapping = Mapping::new(&[], recipe.as_ref(), &Fields::all(), &mut findings);
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
