//! What a workbook is, told from its bytes, and whether it may be unpacked: a small file can
//! unpack to more than the memory of a computer.

use crate::old_roster::read::ReadError;
use quick_xml::events::Event;
use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read as _};
use zip::ZipArchive;
use zip::result::ZipError;

/// The most that a workbook may unpack to, in bytes.
pub(super) const LARGEST: u64 = 256 << 20;

/// A zip archive: the newer workbooks.
const ZIP: &[u8] = b"PK\x03\x04";

/// An OLE container: the older workbooks, and newer ones with a password.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// The sorts of workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Xlsx,
    Ods,
    Xls,
}

/// Whether these bytes are a workbook, of a sort that is read or not.
pub(in crate::old_roster::read) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) || bytes.starts_with(OLE)
}

/// Checks that a workbook does not unpack to more than `largest` bytes: first what its directory
/// promises, then, as directories may lie, what it really unpacks to.
pub(super) fn check(bytes: &[u8], largest: u64) -> Result<(), ReadError> {
    if !bytes.starts_with(ZIP) {
        return Ok(());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut promised: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|error| damaged(&error))?;
        promised = promised.saturating_add(entry.size());
    }
    if promised > largest {
        return Err(ReadError::WorkbookTooLarge);
    }
    let mut left = largest;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| damaged(&error))?;
        let unpacked = io::copy(&mut entry.take(left + 1), &mut io::sink())
            .map_err(|source| ReadError::DamagedWorkbook { reason: source.to_string() })?;
        left = left.checked_sub(unpacked).ok_or(ReadError::WorkbookTooLarge)?;
    }
    Ok(())
}

/// Checks that a part of a workbook is XML whose every element ends: in one that is cut off behind
/// a row of an `.ods`, the library would look for the next row for ever.
pub(super) fn check_whole(bytes: &[u8], part: &str) -> Result<(), ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let file = archive.by_name(part).map_err(|error| damaged(&error))?;
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(file));
    let (mut buffer, mut open) = (Vec::new(), 0_usize);
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(_)) => open += 1,
            Ok(Event::End(_)) => open = open.saturating_sub(1),
            Ok(Event::Eof) if open == 0 => return Ok(()),
            Ok(Event::Eof) => {
                return Err(ReadError::DamagedWorkbook { reason: "its end is missing".to_owned() });
            }
            Ok(_) => {}
            Err(error) => return Err(ReadError::DamagedWorkbook { reason: error.to_string() }),
        }
        buffer.clear();
    }
}

/// Tells workbooks apart, and names those that are not read.
pub(super) fn sort(bytes: &[u8]) -> Result<Sort, ReadError> {
    if bytes.starts_with(OLE) {
        let is_encrypted = holds_utf_16(bytes, "EncryptedPackage");
        return if is_encrypted { Err(ReadError::Password) } else { Ok(Sort::Xls) };
    }
    if !bytes.starts_with(ZIP) {
        return Err(ReadError::NotAWorkbook);
    }
    let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    let holds = |test: fn(&str) -> bool| names.iter().any(|name| test(name));
    if holds(|name| name == "xl/workbook.bin") {
        Err(ReadError::OtherWorkbook { kind: "an Excel binary workbook (.xlsb)" })
    } else if holds(|name| name.starts_with("xl/")) {
        Ok(Sort::Xlsx)
    } else if holds(|name| name == "content.xml") {
        Ok(Sort::Ods)
    } else if holds(|name| name.starts_with("Index/") || name == "Index.zip") {
        Err(ReadError::Numbers)
    } else {
        Err(ReadError::OtherWorkbook { kind: "a zip archive without a workbook in it" })
    }
}

fn holds_utf_16(bytes: &[u8], name: &str) -> bool {
    let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn damaged(error: &ZipError) -> ReadError {
    match error {
        ZipError::UnsupportedArchive(what) if what.to_lowercase().contains("password") => {
            ReadError::Password
        }
        error => ReadError::DamagedWorkbook { reason: error.to_string() },
    }
}
