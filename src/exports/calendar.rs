//! Calendars.
use super::{Export, Options};
use crate::error::{Error, Result};
use std::path::Path;
pub fn read(_path: &Path, _options: &Options) -> Result<Export> {
    Err(Error::usage("", ""))
}
