//! Advice for files that are not rosters, and the decoding of texts in older encodings.

use crate::escape::untrusted;
use crate::input::{self, Decoded, NotText};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::path::Path;

/// A problem that is known without reading the file, as a predicate about its path.
pub(super) fn by_name(path: &Path) -> Option<String> {
    let text = path.to_string_lossy();
    let scheme = text.get(..8).unwrap_or(&text).to_ascii_lowercase();
    if scheme.starts_with("http://") || scheme.starts_with("https://") {
        return Some(if text.contains("docs.google.com/") {
            "is a web address; in Google Sheets, choose File > Download > Microsoft Excel (.xlsx) \
             and use that file"
                .to_owned()
        } else {
            "is a web address; download the file and use the download".to_owned()
        });
    }
    let metadata = std::fs::metadata(path).ok()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let excel = name.strip_prefix("~$").map(|name| ("Excel", name));
    let libre_office = name.strip_prefix(".~lock.").and_then(|name| name.strip_suffix('#'));
    if let Some((program, name)) = excel.or(libre_office.map(|name| ("LibreOffice", name))) {
        let name = untrusted(name);
        return Some(format!(
            "is the lock file that {program} keeps while {name} is open; use {name} instead"
        ));
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let message = match extension.to_str().unwrap_or_default() {
        "gsheet" => {
            "is only a shortcut to a Google Sheet; open it, choose File > Download > Microsoft Excel \
             (.xlsx) and use that file"
        }
        "numbers" => NUMBERS,
        "xlsb" => XLSB,
        "fods" => FODS,
        _ if metadata.is_dir() => {
            "is a folder, but not a OneRoster or School Data Sync export; choose a file"
        }
        _ => return None,
    };
    Some(message.to_owned())
}

pub(super) const NUMBERS: &str = "is a Numbers workbook; in Numbers, choose File > Export To > Excel \
                                  and use the exported file";

pub(super) const XLSB: &str =
    "is an Excel binary workbook (.xlsb); open it in Excel and save it as .xlsx";

pub(super) const FODS: &str =
    "is a flat OpenDocument file (.fods); open it in LibreOffice and save it as .ods or .xlsx";

/// What a file with a workbook's extension really is, as a predicate about it.
pub(super) fn describe_non_workbook(shown: &str, bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let start = start.trim_start_matches('\u{fffd}').trim_start_matches('\u{feff}').trim_start();
    // Excel saves web pages as UTF-16.
    let start = start.replace('\0', "");
    let extension = Path::new(shown).extension().and_then(|text| text.to_str()).unwrap_or("xlsx");
    let has = |mark: &str| start.contains(mark);
    if bytes.is_empty() {
        "is empty; save the roster again".to_owned()
    } else if has("office:document") {
        FODS.to_owned()
    } else if has("urn:schemas-microsoft-com:office:spreadsheet") {
        format!("is an XML file saved as .{extension}; open it in Excel and save it as .xlsx")
    } else if has("<html") || has("<!doctype html") || has("<table") || has("mime-version:") {
        format!("is a web page saved as .{extension}; open it in Excel and save it as .xlsx")
    } else if start.starts_with("<?xml") {
        format!("is an XML file saved as .{extension}; open it in Excel and save it as .xlsx")
    } else if start.starts_with("%pdf-") {
        "is a PDF, despite its name; export the list as .xlsx instead".to_owned()
    } else if start.starts_with("id;p") && bytes.starts_with(b"ID;P") {
        "is a SYLK file, despite its name; open it in Excel and save it as .xlsx".to_owned()
    } else if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
        "is text, not a workbook, despite its name; add --format csv, or open it in Excel and save \
         it as .xlsx"
            .to_owned()
    } else {
        "is not a workbook, despite its name; open it in Excel and save it as .xlsx".to_owned()
    }
}

/// The program that has the roster open, according to the lock file beside it. Changes not yet saved
/// there are not read.
pub fn open_in(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let exists = |name: String| path.with_file_name(name).exists();
    if exists(format!("~${name}")) {
        Some("Excel")
    } else if exists(format!(".~lock.{name}#")) {
        Some("LibreOffice")
    } else {
        None
    }
}

/// Decodes a roster. The error is a predicate about it.
pub(super) fn decode(bytes: Vec<u8>, label: Option<&str>) -> Result<Decoded, String> {
    if super::workbook::is_workbook(&bytes) {
        return Err(super::workbook::describe_workbook(bytes));
    }
    if bytes.starts_with(b"%PDF-") {
        return Err("is a PDF; export the list as .xlsx or .csv instead".to_owned());
    }
    if bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff") {
        return Err("is a picture; export the list as .xlsx or .csv instead".to_owned());
    }
    if is_utf_32(&bytes) {
        return Err("is UTF-32, which is not supported; save it as UTF-8".to_owned());
    }
    let encoding = match label {
        None => None,
        Some(label) => Some(Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            format!(
                "cannot be read: unknown encoding {:?}; common encodings are utf-8, utf-16le and \
                 windows-1252",
                untrusted(label)
            )
        })?),
    };
    if let Some(encoding) = encoding.filter(|encoding| encoding.is_single_byte())
        && !bytes.is_ascii()
        && !bytes.starts_with(b"\xef\xbb\xbf")
        && std::str::from_utf8(&bytes).is_ok()
    {
        let encoding = encoding.name();
        return Err(format!("is UTF-8, not {encoding}; use --encoding utf-8"));
    }
    let doubtful = std::str::from_utf8(&bytes).is_err().then(|| bytes.clone());
    let decoded = input::decode(bytes, encoding).map_err(|error| match error {
        NotText::Utf8 { line } if doubtful.is_some_and(|bytes| is_windows_1252(&bytes)) => format!(
            "is not UTF-8 (line {line}); if Excel wrote the roster, add --encoding windows-1252, or \
             save it as \"CSV UTF-8 (comma delimited)\""
        ),
        NotText::Utf8 { line } => other_encoding(line),
        NotText::Encoding { encoding } => {
            format!("looks like {encoding} but is not valid; save it as UTF-8")
        }
    })?;
    let is_control = |character: &char| ('\u{80}'..='\u{9f}').contains(character);
    if encoding == Some(WINDOWS_1252)
        && let Some(at) = decoded.text.find(|character| is_control(&character))
    {
        let line = decoded.text[..at].matches('\n').count() + 1;
        return Err(other_encoding(line));
    }
    Ok(decoded)
}

/// The message for a line in an encoding that cannot be identified.
fn other_encoding(line: impl std::fmt::Display) -> String {
    format!(
        "is in an encoding other than UTF-8 and windows-1252, such as Mac Roman or a DOS code page (line \
         {line}); in Excel, save it as \"CSV UTF-8 (comma delimited)\""
    )
}

/// Whether a text is plausible in windows-1252, the encoding that Excel uses in Western countries.
fn is_windows_1252(bytes: &[u8]) -> bool {
    // These five bytes would become control characters.
    !bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d))
        && !bytes.windows(3).any(|three| {
            let is_letter = |byte: u8| byte.is_ascii_alphabetic();
            // In Mac Roman, these bytes are letters. In windows-1252, they are signs, which are not inside a
            // word, or capitals, which do not follow a letter unless all letters are capitals.
            let is_sign = matches!(three[1], 0x80 | 0x82 | 0x84..=0x89 | 0x8b | 0x94 | 0x99 | 0x9b);
            let is_capital = matches!(three[1], 0x8a | 0x8c | 0x8e | 0x9f);
            (is_letter(three[0]) && is_sign && is_letter(three[2]))
                || (is_letter(three[0]) && is_capital && !three[2].is_ascii_uppercase())
        })
}

/// The first line that is not UTF-8, if the text is plausible in windows-1252.
pub(super) fn windows_1252_line(bytes: &[u8]) -> Option<String> {
    if super::workbook::is_workbook(bytes) || bytes.contains(&0) || !is_windows_1252(bytes) {
        return None;
    }
    let line =
        bytes.split(|byte| *byte == b'\n').find(|line| std::str::from_utf8(line).is_err())?;
    Some(WINDOWS_1252.decode(line).0.trim().to_owned())
}

/// Whether every group of four bytes has one zero half, as in UTF-32 with or without a BOM.
fn is_utf_32(bytes: &[u8]) -> bool {
    let (fours, _) = bytes[..bytes.len().min(1024)].as_chunks::<4>();
    let all = |test: fn(&[u8; 4]) -> bool| !fours.is_empty() && fours.iter().all(test);
    all(|four| four[2..] == [0, 0] && four[..2] != [0, 0])
        || all(|four| four[..2] == [0, 0] && four[2..] != [0, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_recognised_and_other_encodings_are_not() {
        let refusal = |bytes: &[u8], label| decode(bytes.to_vec(), label).expect_err("is refused");
        assert_eq!(
            refusal(b"id,name\nx,Zo\xeb\n", None),
            "is not UTF-8 (line 2); if Excel wrote the roster, add --encoding windows-1252, or save it \
             as \"CSV UTF-8 (comma delimited)\""
        );
        // Mac Roman: Andr\u{e9}, Fran\u{e7}ois, M\u{fc}ller, J\u{e4}ger; code page 850: M\u{fc}ller, J\u{e4}ger, R\u{e9}mi.
        for name in [
            &b"Andr\x8e"[..],
            b"Fran\x8dois",
            b"M\x9fller",
            b"J\x8ager",
            b"M\x81ller",
            b"J\x84ger",
            b"R\x82mi",
        ] {
            let bytes = [b"id,name\n1,", name, b"\n"].concat();
            let message = refusal(&bytes, None);
            assert!(message.starts_with("is in an encoding other than UTF-8"), "{message}");
        }
        assert!(refusal(b"M\x81ller", Some("latin1")).contains("an encoding other than"));
        for name in [&b"O\x92Neill"[..], b"Ma\x9aa", b"\x8eeljko", b"\x84Kim\x93", b"\x80 5"] {
            let decoded = decode(name.to_vec(), Some("windows-1252"));
            assert!(decoded.is_ok() && is_windows_1252(name), "{name:?}");
        }
        assert_eq!(
            decode(b"Andr\x8e".to_vec(), Some("macintosh")).expect("read").text,
            "Andr\u{e9}"
        );
        assert!(
            refusal(b"x", Some("latin-9000"))
                .starts_with("cannot be read: unknown encoding \"latin-9000\"")
        );
        assert!(refusal(&[0xff, 0xfe, 0x00, 0xd8, b'x', 0], None).contains("UTF-16LE"));
        for bytes in [
            [&b"\xff\xfe\0\0i\0\0\0d\0\0\0"[..], b""].concat(),
            b"\0\0\xfe\xff\0\0\0i".to_vec(),
            b"i\0\0\0d\0\0\0".to_vec(),
        ] {
            assert!(refusal(&bytes, None).contains("is UTF-32"));
        }
        let bom_wins = decode("\u{feff}Zo\u{eb}".into(), Some("windows-1252")).expect("read");
        assert_eq!(bom_wins.text, "Zo\u{eb}");
    }

    #[test]
    fn other_file_types_get_advice_by_their_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let message = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "x").expect("written");
            by_name(&path)
        };
        for (name, words) in [
            ("~$class.xlsx", "lock file that Excel keeps while class.xlsx is open; use class.xlsx"),
            (".~lock.class.ods#", "lock file that LibreOffice keeps while class.ods is open"),
            ("class.gsheet", "shortcut to a Google Sheet"),
            ("class.Numbers", "File > Export To > Excel"),
            ("class.xlsb", "save it as .xlsx"),
            ("class.fods", "save it as .ods or .xlsx"),
        ] {
            let message = message(name).expect(name);
            assert!(message.contains(words), "{message}");
        }
        assert_eq!(message("class.xlsx"), None);
        assert_eq!(open_in(&folder.path().join("class.xlsx")), Some("Excel"));
        assert_eq!(open_in(&folder.path().join("class.ods")), Some("LibreOffice"));
        assert_eq!(open_in(&folder.path().join("other.xlsx")), None);
        assert!(by_name(folder.path()).expect("a folder").starts_with("is a folder"));
        let google = by_name(Path::new("https://docs.google.com/spreadsheets/d/1/edit"));
        assert!(google.expect("an address").contains("File > Download"));
        assert!(by_name(Path::new("HTTP://example.org/class.csv")).is_some());
        assert_eq!(by_name(&folder.path().join("missing.numbers")), None);
    }

    #[test]
    fn files_with_only_the_extension_of_a_workbook_are_reported() {
        for (bytes, words) in [
            (&b"<html xmlns:x=\"urn\"><body><table>"[..], "a web page saved as .xls; open it in Excel and save it as .xlsx"),
            (b"\xff\xfe<\0h\0t\0m\0l\0>\0", "a web page saved as .xls"),
            (b"MIME-Version: 1.0\n", "a web page saved as .xls"),
            (b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "an XML file saved as .xls"),
            (b"<?xml version=\"1.0\"?><office:document office:version=\"1.3\">", ".fods"),
            (b"%PDF-1.7", "is a PDF"),
            (b"ID;PWXL;N;E\n", "SYLK"),
            (b"id;name\n", "--format csv"),
            (b"\xff\x00\x01", "is not a workbook"),
            (b"", "is empty"),
        ] {
            let message = describe_non_workbook("html.xls", bytes);
            assert!(message.contains(words), "{message}");
        }
    }
}
