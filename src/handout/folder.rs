//! A folder with a file for each person or Space, and `index.csv` for a mail merge. It is written
//! to a temporary folder and moved when complete, so it is never half-written.

use super::{calendar, page};
use crate::error::{Error, Kind, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::links::write::needs_guard;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use unicode_normalization::UnicodeNormalization as _;

/// The list of all files.
pub const INDEX: &str = "index.csv";

/// The columns of the index; mail merges use them as field names.
const INDEX_HEADER: [&str; 3] = ["name", "email", "file"];

/// Longest part of a file name, in characters and in bytes. Two parts, a number and the extension
/// stay below the 255 that file systems allow.
const MAX_PART_LENGTH: (usize, usize) = (50, 100);

/// A folder being written.
#[derive(Debug)]
pub struct Folder {
    /// The final path.
    target: PathBuf,
    /// Where the files are until then.
    stage: TempDir,
    /// Whether the target already exists.
    exists: bool,
    /// The files of an earlier run, to be replaced.
    earlier: Vec<String>,
    /// File names in use, in lower case, because some file systems ignore case.
    taken: HashSet<String>,
    /// The files written so far, in order.
    files: Vec<String>,
    index: csv::Writer<Vec<u8>>,
    is_ascii: bool,
}

/// One line of the index.
#[derive(Debug, Clone, Copy)]
pub struct IndexLine<'a> {
    pub name: &'a str,
    pub email: Option<&'a str>,
    pub file: &'a str,
}

impl Folder {
    /// Starts a folder; its parent must exist. If `allowed`, files of an earlier run are replaced.
    /// Other files stay.
    ///
    /// # Errors
    ///
    /// A folder with files that must not be replaced, and I/O errors.
    pub fn start(target: &Path, allowed: bool) -> Result<Self> {
        let shown = untrusted_path(target);
        let exists = target.symlink_metadata().is_ok();
        let mut earlier = Vec::new();
        if exists {
            let is_empty =
                fs::read_dir(target).map_err(|error| failed(target, error))?.next().is_none();
            if !is_empty && !allowed {
                let message = format!(
                    "{shown} already contains files; add --force to replace those that handout \
                     wrote"
                );
                return Err(Error::usage("-o", message));
            }
            earlier = files_of_earlier_run(target);
            let index = target.join(INDEX);
            if index.symlink_metadata().is_ok() && !is_own_index(&index) {
                let message =
                    format!("{INDEX} in {shown} was not written by handout; choose another folder");
                return Err(Error::usage("-o", message));
            }
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        let place = if exists { target } else { parent.unwrap_or(Path::new(".")) };
        let stage = private_folder(place).map_err(|error| failed(target, error))?;
        let mut index =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        index.write_record(INDEX_HEADER).map_err(|error| failed(target, error.into()))?;
        Ok(Self {
            target: target.to_owned(),
            stage,
            exists,
            earlier,
            taken: HashSet::from([INDEX.to_owned()]),
            files: Vec::new(),
            index,
            is_ascii: true,
        })
    }

    /// Writes a file named after `parts`, and returns its name. Names are unique on every file
    /// system.
    pub fn write(
        &mut self,
        parts: &[&str],
        extension: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<String> {
        let stem = stem(parts);
        let mut name = format!("{stem}.{extension}");
        let mut number = 1;
        while !self.taken.insert(name.to_lowercase()) {
            number += 1;
            name = format!("{stem} ({number}).{extension}");
        }
        self.is_ascii &= name.is_ascii();
        let written = private_file(&self.stage.path().join(&name)).and_then(|file| {
            let mut out = BufWriter::new(file);
            write(&mut out)?;
            out.flush()
        });
        written.map_err(|error| failed(&self.target, error))?;
        self.files.push(name.clone());
        Ok(name)
    }

    /// Adds a line to the index. Cells that a spreadsheet would run are prefixed with `'`.
    pub fn add(&mut self, line: IndexLine) -> Result<()> {
        let cells = [line.name, line.email.unwrap_or_default(), line.file];
        self.is_ascii &= cells.iter().all(|cell| cell.is_ascii());
        let guarded =
            cells.map(|cell| if needs_guard(cell) { format!("'{cell}") } else { cell.to_owned() });
        self.index.write_record(guarded).map_err(|error| failed(&self.target, error.into()))
    }

    /// Number of files, not counting the index.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Writes the index and moves everything to the target.
    pub fn finish(self) -> Result<()> {
        let Self { target, stage, exists, earlier, files, index, is_ascii, .. } = self;
        let failed = |error| failed(&target, error);
        let index = index.into_inner().map_err(|error| failed(error.into_error()))?;
        let write_index = |mut file: File| {
            // Without a BOM, Excel and Word assume a legacy code page.
            file.write_all(if is_ascii { b"" } else { "\u{feff}".as_bytes() })?;
            file.write_all(&index)
        };
        private_file(&stage.path().join(INDEX)).and_then(write_index).map_err(failed)?;
        if !exists {
            fs::rename(stage.path(), &target).map_err(failed)?;
            // The folder was moved, so nothing is left to remove.
            let _ = stage.keep();
            return Ok(());
        }
        let is_earlier = |name: &String| earlier.iter().any(|old| same_name(old, name));
        let in_the_way = files
            .iter()
            .find(|name| target.join(name).symlink_metadata().is_ok() && !is_earlier(name));
        if let Some(name) = in_the_way {
            let message = format!(
                "{} in {} was not written by handout; choose another folder",
                untrusted(name),
                untrusted_path(&target)
            );
            return Err(Error::usage("-o", message));
        }
        let backup = private_folder(&target).map_err(failed)?;
        // The index goes first: without it, no files are sent if the program is killed midway.
        let old = std::iter::once(INDEX).chain(earlier.iter().map(String::as_str));
        let old = old.filter(|name| target.join(name).symlink_metadata().is_ok());
        let mut moves = Moves::default();
        let result = old
            .map(|name| (target.join(name), backup.path().join(name)))
            .chain(
                files
                    .iter()
                    .map(String::as_str)
                    .chain([INDEX])
                    .map(|name| (stage.path().join(name), target.join(name))),
            )
            .collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|(from, to)| moves.make(from, to));
        if let Err(error) = result {
            moves.undo();
            return Err(failed(error));
        }
        Ok(())
    }
}

/// Moves that can be undone.
#[derive(Default)]
struct Moves(Vec<(PathBuf, PathBuf)>);

impl Moves {
    fn make(&mut self, from: PathBuf, to: PathBuf) -> io::Result<()> {
        fs::rename(&from, &to)?;
        self.0.push((from, to));
        Ok(())
    }

    fn undo(self) {
        for (from, to) in self.0.into_iter().rev() {
            // Nothing can be done about a failure here; the first error is reported.
            let _ = fs::rename(to, from);
        }
    }
}

/// The files of an earlier run: listed in its index and marked as made by this program.
fn files_of_earlier_run(folder: &Path) -> Vec<String> {
    let path = folder.join(INDEX);
    if !is_own_index(&path) {
        return Vec::new();
    }
    let Ok(bytes) = crate::input::read_regular(&path) else { return Vec::new() };
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut files: Vec<String> = Vec::new();
    for record in csv::Reader::from_reader(text).records().flatten() {
        let Some(name) = record.get(2) else { continue };
        let is_plain = !name.contains(['/', '\\', ':']) && !name.starts_with('.');
        if is_plain && !files.iter().any(|known| known == name) && is_own(&folder.join(name)) {
            files.push(name.to_owned());
        }
    }
    files
}

/// Whether a file is an index made by this program, even if a spreadsheet saved it again.
fn is_own_index(path: &Path) -> bool {
    let start = start_of(path).unwrap_or_default();
    let header = start.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    header.split(',').map(|cell| cell.trim_matches('"')).eq(INDEX_HEADER)
}

/// Whether a file is a page or calendar made by this program.
fn is_own(path: &Path) -> bool {
    start_of(path).is_some_and(|start| start.contains(page::MARK) || start.contains(calendar::MARK))
}

fn start_of(path: &Path) -> Option<String> {
    const BYTES_EXAMINED: u64 = 1024;
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(BYTES_EXAMINED).read_to_end(&mut start).ok()?;
    Some(String::from_utf8_lossy(&start).into_owned())
}

fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Creates a temporary folder that only its owner can read. It is deleted when dropped.
fn private_folder(place: &Path) -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lessonspace-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir_in(place)
}

/// Creates a file that only its owner can read.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn failed(target: &Path, error: io::Error) -> Error {
    let shown = untrusted_path(target);
    let message = format!("cannot write to {shown}; nothing was changed");
    Error::new(Kind::Unexpected, message).with_source(error)
}

/// A file name without extension that is valid on every system: `Biology 101 - Anna Lind`.
fn stem(parts: &[&str]) -> String {
    let mut parts: Vec<String> = parts.iter().map(|part| file_part(part)).collect();
    parts.dedup();
    let stem = parts.join(" - ");
    if is_device(&stem) { format!("_{stem}") } else { stem }
}

/// A part of a file name. Windows rejects some characters, and spaces and dots at the end. Mail
/// programs separate files with commas and semicolons. Characters that start a formula are removed
/// as well.
fn file_part(text: &str) -> String {
    let (max_characters, max_bytes) = MAX_PART_LENGTH;
    let character = |character: char| match character {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '%' => Some('-'),
        ',' | ';' => Some(' '),
        _ if character.is_whitespace() => Some(' '),
        _ if character.is_control() || is_invisible(character) => None,
        _ => Some(character),
    };
    let text: String = text.nfc().filter_map(character).collect();
    let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let text = text.trim_start_matches(['=', '+', '-', '@', '.', ' ', '\'', '~']);
    let mut part = String::new();
    for character in text.chars().take(max_characters) {
        if part.len() + character.len_utf8() > max_bytes {
            break;
        }
        part.push(character);
    }
    let part = part.trim_end_matches(['.', ' ', '-']);
    if part.is_empty() { "_".to_owned() } else { part.to_owned() }
}

fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

/// Whether Windows treats a name as a device, whatever its extension.
/// Source: Microsoft Learn, "Naming Files, Paths, and Namespaces".
fn is_device(stem: &str) -> bool {
    let name = stem.split('.').next().unwrap_or_default().trim().to_uppercase();
    let is_numbered = |kind| {
        name.strip_prefix(kind).is_some_and(|number: &str| {
            let mut digits = number.chars();
            let is_digit = |digit: char| "0123456789¹²³".contains(digit);
            digits.next().is_some_and(is_digit) && digits.next().is_none()
        })
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&name.as_str())
        || is_numbered("COM")
        || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_on_every_system() {
        for (parts, name) in [
            (&["Biology 101", "Anna Lind"][..], "Biology 101 - Anna Lind"),
            (&["Bio/7b: a<b>", "Byron, Ada; MSc."], "Bio-7b- a-b - Byron Ada MSc"),
            (&["..\\..\\etc", "/passwd"], "etc - passwd"),
            (&["con"], "_con"),
            (&["NUL.txt"], "_NUL.txt"),
            (&["com1"], "_com1"),
            (&["LPT¹"], "_LPT¹"),
            (&["console"], "console"),
            (&["=1+1", "@x"], "1+1 - x"),
            (&["", "..."], "_"),
            (&["a\u{202e}b\u{200b}\u{0}\nc"], "ab c"),
            (&["  trailing. . "], "trailing"),
            (&["Anna", "Anna"], "Anna"),
            (&["Zoe\u{308}"], "Zoë"),
        ] {
            assert_eq!(stem(parts), name, "{parts:?}");
        }
        let long = stem(&["x".repeat(300).as_str(), "李".repeat(300).as_str()]);
        assert_eq!((long.chars().count(), long.len()), (50 + 3 + 33, 50 + 3 + 99));
    }

    #[test]
    fn no_two_files_have_the_same_name() {
        let place = TempDir::new().expect("a folder");
        let mut folder = Folder::start(&place.path().join("out"), false).expect("starts");
        let mut names = Vec::new();
        for person in ["Anna", "anna", "ANNA", "Anna (2)", "An\u{200b}na"] {
            names.push(folder.write(&[person], "html", |_| Ok(())).expect("is written"));
        }
        assert_eq!(
            names,
            ["Anna.html", "anna (2).html", "ANNA (3).html", "Anna (2) (2).html", "Anna (4).html"]
        );
        folder.finish().expect("is moved");
        assert_eq!(fs::read_dir(place.path().join("out")).expect("is there").count(), 6);
        assert_eq!(
            fs::read_dir(place.path()).expect("is there").count(),
            1,
            "nothing is left beside"
        );
    }
}
