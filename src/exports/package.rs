//! The files of an export: a folder or a zip archive of CSV files.
//!
//! File names are only compared with known names or shown. Nothing is written, and no path is built
//! from a name in an archive.

use crate::error::{Error, Result};
use crate::escape::{untrusted, untrusted_path};
use crate::input;
use crate::links::atomic_file::is_same_file;
use crate::words::folded;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::result::ZipError;

/// Largest total size of all files read, unpacked, in bytes; also the largest archive.
pub const MAX_SIZE: u64 = 64 << 20;

/// Maximum number of files in an archive or folder. Exports have about twenty.
const MAX_FILES: usize = 10_000;

/// The limits of a spreadsheet.
const MAX_ROWS: usize = 1_048_576;
const MAX_COLUMNS: usize = 16_384;

/// The largest cell, in bytes.
pub const MAX_CELL_SIZE: usize = 1 << 20;

/// Bytes to read from a file to find its header.
const HEADER_BYTES: u64 = 64 << 10;

/// The names of all files that are read, of any format.
const NAMES: [&str; 14] = [
    "manifest",
    "orgs",
    "academicSessions",
    "courses",
    "classes",
    "users",
    "roles",
    "enrollments",
    "School",
    "Section",
    "Student",
    "Teacher",
    "StudentEnrollment",
    "TeacherRoster",
];

/// Whether a path is a file that an export in this folder consists of.
pub fn is_part_of(folder: &Path, path: &Path) -> bool {
    let Ok(package) = Package::of_folder(folder) else { return false };
    let mut files = NAMES.iter().filter_map(|name| package.files.get(&key(name)));
    files.any(|file| is_same_file(path, &folder.join(&file.name)))
}

/// A folder or an archive with the files of an export.
pub struct Package {
    source: Source,
    /// The files by folded name, for example `studentenrollment.csv`.
    files: HashMap<String, Entry>,
    /// Bytes that may still be read.
    left: u64,
}

enum Source {
    Folder(PathBuf),
    Archive(Box<ZipArchive<Cursor<Vec<u8>>>>),
}

struct Entry {
    /// The name in the export, without folders.
    name: String,
    /// The position in an archive.
    index: usize,
    /// Whether another file has the same name, ignoring case and folder.
    is_double: bool,
}

impl Package {
    /// Opens a folder or a `.zip` file. `None` for anything else.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        if path.is_dir() {
            Self::of_folder(path).map(Some)
        } else if path.extension().is_some_and(|it| it.eq_ignore_ascii_case("zip")) {
            Self::of_archive(path).map(Some)
        } else {
            Ok(None)
        }
    }

    fn of_folder(path: &Path) -> Result<Self> {
        let failed =
            |error: &std::io::Error| Error::about(untrusted_path(path), input::explain(error));
        let source = Source::Folder(path.to_owned());
        let mut package = Self { source, files: HashMap::new(), left: MAX_SIZE };
        for (index, entry) in std::fs::read_dir(path).map_err(|error| failed(&error))?.enumerate() {
            if index == MAX_FILES {
                return Err(too_many_files(path));
            }
            let entry = entry.map_err(|error| failed(&error))?;
            if let Some(name) = entry.file_name().to_str()
                && !entry.path().is_dir()
            {
                package.add(name, index);
            }
        }
        Ok(package)
    }

    fn of_archive(path: &Path) -> Result<Self> {
        let bytes =
            read_file(path, MAX_SIZE).map_err(|why| Error::about(untrusted_path(path), why))?;
        // The library allocates some hundred bytes per entry before it returns their number.
        if memchr::memmem::find_iter(&bytes, b"PK\x01\x02").nth(MAX_FILES).is_some() {
            return Err(too_many_files(path));
        }
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| Error::about(untrusted_path(path), explain_zip(&error)))?;
        let names: Vec<String> = (0..archive.len())
            .map(|index| match archive.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                _ => String::new(),
            })
            .collect();
        let source = Source::Archive(Box::new(archive));
        let mut package = Self { source, files: HashMap::new(), left: MAX_SIZE };
        for (index, name) in names.iter().enumerate() {
            // macOS adds this folder with a companion to every file.
            if !name.starts_with("__MACOSX/") {
                package.add(name.rsplit(['/', '\\']).next().unwrap_or_default(), index);
            }
        }
        Ok(package)
    }

    fn add(&mut self, name: &str, index: usize) {
        if let Some((stem, end)) = name.rsplit_once('.')
            && !stem.starts_with('.')
        {
            let key = format!("{}.{}", folded(stem), end.to_ascii_lowercase());
            let entry = Entry { name: name.to_owned(), index, is_double: false };
            self.files.entry(key).and_modify(|entry| entry.is_double = true).or_insert(entry);
        }
    }

    /// Whether a CSV file with this name exists, ignoring case.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains_key(&key(name))
    }

    /// The first file name with this extension, for example `ics`.
    pub fn name_ending(&self, end: &str) -> Option<&str> {
        let found = self.files.iter().filter(|(key, _)| key.rsplit('.').next() == Some(end));
        found.map(|(_, entry)| entry.name.as_str()).min()
    }

    /// The folded column names of a file; empty if it does not exist or cannot be read.
    pub fn columns(&mut self, name: &str) -> Vec<String> {
        let Ok(Some((_, bytes))) = self.bytes(name, HEADER_BYTES, false) else {
            return Vec::new();
        };
        let text = input::decode(bytes, None).map(|decoded| decoded.text);
        let first = text.unwrap_or_default();
        let first = first.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        Sheet::parse(name, first).map(|sheet| sheet.columns).unwrap_or_default()
    }

    /// Reads a CSV file, if it exists.
    pub fn sheet(&mut self, name: &str) -> Result<Option<Sheet>> {
        let limit = self.left;
        let Some((file, bytes)) = self.bytes(name, limit, true)? else { return Ok(None) };
        self.left = self.left.saturating_sub(bytes.len() as u64);
        let shown = untrusted(&file);
        let decoded =
            input::decode(bytes, None).map_err(|why| Error::about(&*shown, why.to_string()))?;
        Sheet::parse(&file, &decoded.text).map(Some)
    }

    /// A file's name and content. More than `limit` bytes are an error if `whole`, otherwise cut
    /// off.
    fn bytes(&mut self, name: &str, limit: u64, whole: bool) -> Result<Option<(String, Vec<u8>)>> {
        let Some(entry) = self.files.get(&key(name)) else { return Ok(None) };
        let file = untrusted(&entry.name);
        if entry.is_double {
            let message = "appears twice in this export (in two folders, or in upper and lower \
                           case); remove one";
            return Err(Error::about(file, message));
        }
        let mut bytes = Vec::new();
        let read = match &mut self.source {
            Source::Folder(folder) => open_regular(&folder.join(&entry.name))
                .and_then(|opened| opened.take(limit + 1).read_to_end(&mut bytes))
                .map_err(|error| input::explain(&error)),
            Source::Archive(archive) => archive
                .by_index(entry.index)
                .map_err(|error| explain_zip(&error))
                .and_then(|opened| {
                    opened.take(limit + 1).read_to_end(&mut bytes).map_err(|error| {
                        format!("is damaged in the archive ({})", untrusted(&error.to_string()))
                    })
                }),
        };
        read.map_err(|why| Error::about(&*file, why))?;
        if bytes.len() as u64 > limit {
            if whole {
                let message = format!("makes this export larger than {} MiB", MAX_SIZE >> 20);
                return Err(Error::about(file, message)
                    .with_hint("export fewer classes at a time, such as one school"));
            }
            bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            // Drops an incomplete last line.
            let end = bytes.iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
            bytes.truncate(end);
        }
        Ok(Some((entry.name.clone(), bytes)))
    }
}

/// Reads a regular file of at most `limit` bytes. The error message follows the file's name.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    open_regular(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|error| input::explain(&error))?;
    if bytes.len() as u64 > limit {
        return Err(format!("is larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// Rejects pipes, which could block the program forever.
fn open_regular(path: &Path) -> std::io::Result<File> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(std::io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    File::open(path)
}

fn key(name: &str) -> String {
    format!("{}.csv", folded(name))
}

fn too_many_files(path: &Path) -> Error {
    Error::about(untrusted_path(path), format!("contains more than {MAX_FILES} files"))
}

fn explain_zip(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(what) if what.to_lowercase().contains("password") => {
            "is password-protected; unpack it yourself and use the folder".to_owned()
        }
        ZipError::CompressionMethodNotSupported(_) => {
            "uses an unsupported compression method; unpack it yourself and use the folder"
                .to_owned()
        }
        error => {
            let reason = untrusted(&error.to_string());
            format!("is not a readable zip archive ({reason}); export it again")
        }
    }
}

/// A CSV file with a header. All cells share one string.
#[derive(Debug)]
pub struct Sheet {
    /// The file's name, for messages.
    pub file: String,
    /// The column names, folded by [`column_key`].
    columns: Vec<String>,
    text: String,
    /// The end of each cell in `text`; each starts where the previous one ends.
    ends: Vec<u32>,
    rows: Vec<RowStart>,
}

#[derive(Debug, Clone, Copy)]
struct RowStart {
    /// The line in the file, from 1.
    line: u32,
    /// The index of the row's first cell in `ends`.
    cell: u32,
}

/// One row of a [`Sheet`].
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    sheet: &'a Sheet,
    row: usize,
}

/// A column of a sheet. If `None`, every cell is empty.
pub type Column = Option<usize>;

/// Normalises a column name for comparison: vendors differ in case, spaces, `-`, `_` and a final s,
/// and some write `sourceId` for `sourcedId`.
fn column_key(name: &str) -> String {
    let name = folded(name).replace("sourceid", "sourcedid");
    match name.strip_suffix('s') {
        Some(singular) => singular.to_owned(),
        None => name,
    }
}

impl Sheet {
    /// The first of these columns that exists. A column that appears twice is an error.
    pub fn column(&self, names: &[&str]) -> Result<Column> {
        for name in names {
            let key = column_key(name);
            let mut found = (0..self.columns.len()).filter(|&index| self.columns[index] == key);
            let Some(first) = found.next() else { continue };
            if found.next().is_some() {
                let message = format!("column {name:?} appears twice; rename one of them");
                return Err(Error::usage(&*self.file, message));
            }
            return Ok(Some(first));
        }
        Ok(None)
    }

    /// The non-empty rows below the header.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.rows.len()).map(|row| Record { sheet: self, row })
    }

    /// Parses CSV (RFC 4180), also with the semicolons that Excel writes in most of Europe.
    fn parse(file: &str, text: &str) -> Result<Self> {
        let mut sheet = Self {
            file: untrusted(file),
            columns: Vec::new(),
            text: String::with_capacity(text.len()),
            ends: Vec::new(),
            rows: Vec::new(),
        };
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let delimiter = [',', ';', '\t'].into_iter().find(|it| first.contains(*it)).unwrap_or(',');
        let (mut line, mut rest) = (1, text);
        while !rest.is_empty() {
            let start = RowStart { line, cell: sheet.cells() };
            loop {
                rest = sheet.cell(rest, delimiter, &mut line)?;
                match rest.strip_prefix(delimiter) {
                    Some(next) => rest = next,
                    None => break,
                }
            }
            rest =
                rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or("");
            line += 1;
            sheet.end_row(start)?;
        }
        Ok(sheet)
    }

    /// Reads one cell and returns the text after it.
    fn cell<'t>(&mut self, text: &'t str, delimiter: char, line: &mut u32) -> Result<&'t str> {
        let (start, opened) = (self.text.len(), *line);
        let mut rest = text;
        let is_quoted = text.starts_with('"');
        while let Some(quoted) = rest.strip_prefix('"').filter(|_| is_quoted) {
            if rest.len() < text.len() {
                self.text.push('"');
            }
            let Some((part, after)) = quoted.split_once('"') else {
                let message = format!(
                    "unclosed quote (\") on line {opened}; to use a quote inside a cell, write it twice"
                );
                return Err(Error::usage(&*self.file, message));
            };
            self.text.push_str(part);
            *line += line_ends(part);
            rest = after;
        }
        let end = rest.find([delimiter, '\r', '\n']).unwrap_or(rest.len());
        let (plain, rest) = rest.split_at(end);
        if !is_quoted {
            self.text.push_str(plain);
        } else if !plain.trim().is_empty() {
            let message = format!(
                "text after a closing quote (\") on line {line}; to use a quote inside a cell, write \
                 it twice"
            );
            return Err(Error::usage(&*self.file, message));
        }
        if self.text.len() - start > MAX_CELL_SIZE {
            let message = format!("a cell on line {opened} is larger than 1 MiB");
            return Err(Error::usage(&*self.file, message));
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(rest)
    }

    /// Stores the cells since `start` as the header or a row. Empty rows are dropped.
    fn end_row(&mut self, start: RowStart) -> Result<()> {
        let (first, count) = (start.cell as usize, (self.cells() - start.cell) as usize);
        let width = self.columns.len();
        let filled = (0..count).rev().find(|&index| !self.text_of(first + index).trim().is_empty());
        let Some(last) = filled else {
            self.ends.truncate(first);
            return Ok(());
        };
        if width == 0 {
            if count > MAX_COLUMNS {
                let message = format!("has more than {MAX_COLUMNS} columns");
                return Err(Error::about(&*self.file, message));
            }
            self.columns =
                (first..=first + last).map(|index| column_key(self.text_of(index))).collect();
            return Ok(());
        }
        if last >= width {
            let message = format!(
                "line {}: {} cells but only {width} columns; does a cell contain an unquoted comma?",
                start.line,
                last + 1
            );
            return Err(Error::usage(&*self.file, message));
        }
        self.ends.truncate(first + last + 1);
        if self.rows.len() == MAX_ROWS {
            let message = format!("has more than {MAX_ROWS} rows");
            return Err(Error::about(&*self.file, message));
        }
        self.rows.push(start);
        Ok(())
    }

    fn cells(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    fn text_of(&self, cell: usize) -> &str {
        let start = cell.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[cell] as usize]
    }
}

impl<'a> Record<'a> {
    /// The line that the row starts on.
    pub fn line(self) -> u32 {
        self.sheet.rows[self.row].line
    }

    /// A trimmed cell; empty if it does not exist.
    pub fn get(self, column: Column) -> &'a str {
        let rows = &self.sheet.rows;
        let end = rows.get(self.row + 1).map_or(self.sheet.ends.len(), |next| next.cell as usize);
        column
            .map(|column| rows[self.row].cell as usize + column)
            .filter(|&cell| cell < end)
            .map_or("", |cell| self.sheet.text_of(cell).trim())
    }
}

fn line_ends(text: &str) -> u32 {
    let ends = text.matches('\n').count() + text.matches('\r').count();
    u32::try_from(ends - text.matches("\r\n").count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Result<Vec<(u32, Vec<String>)>, String> {
        let sheet = Sheet::parse("users.csv", text).map_err(|error| error.to_string())?;
        let columns = 0..sheet.columns.len();
        let row = |record: Record| {
            (record.line(), columns.clone().map(|it| record.get(Some(it)).to_owned()).collect())
        };
        Ok(sheet.records().map(row).collect())
    }

    #[test]
    fn cells_and_line_numbers_match_a_spreadsheet() {
        let rows = |rows: &[(u32, [&str; 2])]| {
            Ok(rows
                .iter()
                .map(|(line, cells)| (*line, cells.map(str::to_owned).to_vec()))
                .collect())
        };
        for (text, expected) in [
            ("a,b\n1,2\n3,4", rows(&[(2, ["1", "2"]), (3, ["3", "4"])])),
            ("a;b\r\n1;2,5\r\n", rows(&[(2, ["1", "2,5"])])),
            ("a\tb\r1\t2\r", rows(&[(2, ["1", "2"])])),
            ("\n\na,b\n,,,\n1,2,,\n", rows(&[(5, ["1", "2"])])),
            ("a,b\n\"x\r\ny\",\"1\"\"2\"\n3,4", rows(&[(2, ["x\r\ny", "1\"2"]), (4, ["3", "4"])])),
            ("a,b\n1\n \u{a0},\n\"\",2", rows(&[(2, ["1", ""]), (4, ["", "2"])])),
            ("a,b\n1,b\"c", rows(&[(2, ["1", "b\"c"])])),
            ("a,b\n", rows(&[])),
            ("", rows(&[])),
            (
                "a,b\n1,2,3",
                Err(
                    "users.csv: line 2: 3 cells but only 2 columns; does a cell contain an unquoted \
                     comma?",
                ),
            ),
            (
                "a,b\n1,\"2\n3,4\n",
                Err(
                    "users.csv: unclosed quote (\") on line 2; to use a quote inside a cell, write it \
                     twice",
                ),
            ),
            (
                "a,b\n1,\"2\"3\n",
                Err(
                    "users.csv: text after a closing quote (\") on line 2; to use a quote inside a \
                     cell, write it twice",
                ),
            ),
        ] {
            let expected: Result<Vec<(u32, Vec<String>)>, &str> = expected;
            assert_eq!(cells(text), expected.map_err(str::to_owned), "{text:?}");
        }
    }

    #[test]
    fn columns_are_found_in_any_spelling() {
        let sheet =
            Sheet::parse("f", "SourceID,Class Sourced Ids,term_sourced_id,SIS ID,Grades,x,X");
        let sheet = sheet.expect("is a sheet");
        let column = |name| sheet.column(&[name]).ok().flatten();
        assert_eq!(column("sourcedId"), Some(0));
        assert_eq!(column("classSourcedId"), Some(1));
        assert_eq!(column("termSourcedIds"), Some(2));
        assert_eq!(sheet.column(&["none", "SIS ID"]).ok().flatten(), Some(3));
        assert_eq!(column("grade"), Some(4));
        assert_eq!(column("none"), None);
        let error = sheet.column(&["x"]).expect_err("is refused").to_string();
        assert_eq!(error, "f: column \"x\" appears twice; rename one of them");
    }
}
