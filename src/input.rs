//! Reads files, or standard input for `-`, and decodes them. A read never blocks the rest of the
//! program, so that Ctrl-C works while a pipe is silent.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest input, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// Reads a file, or standard input for `-`, of at most 16 MiB. The error message follows the file's
/// name.
pub async fn read(path: &Path) -> Result<Vec<u8>, String> {
    read_up_to(path, MAX_SIZE).await
}

/// Like [`read`], with another limit in bytes.
pub async fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || read_now(&path, limit))
        .await
        .unwrap_or_else(|_| Err("cannot be read".to_owned()))
}

fn read_now(path: &PathBuf, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if is_stdin(path) {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| explain(&error))?;
    if bytes.len() as u64 > limit {
        return Err(format!("is larger than {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// Reads a regular file without a background thread. Anything else is rejected, because a pipe or
/// device could block the whole program.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, NotAFile));
    }
    std::fs::read(path)
}

/// The path is a pipe, device or socket, not a file.
#[derive(Debug, thiserror::Error)]
#[error("is not a file")]
struct NotAFile;

/// Whether a path means standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The path with a file's name for standard input, where the system has one.
pub fn as_file(path: &Path) -> &Path {
    if is_stdin(path) { Path::new("/dev/stdin") } else { path }
}

/// Describes an I/O error in words that follow the file's name.
pub fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::PermissionDenied => "is not accessible (permission denied)".to_owned(),
        ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        ErrorKind::StorageFull => "cannot be written: the disk is full".to_owned(),
        _ if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<NotAFile>) => {
            NotAFile.to_string()
        }
        _ if is_held(error) => {
            "is open in another program; close it there and try again".to_owned()
        }
        _ => format!("cannot be used: {error}"),
    }
}

/// Whether another program has locked the file, as Excel does on Windows.
pub fn is_held(error: &io::Error) -> bool {
    /// `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION`.
    const HELD: [i32; 2] = [32, 33];
    cfg!(windows) && error.raw_os_error().is_some_and(|code| HELD.contains(&code))
}

/// Bytes to examine in a file without a BOM to tell UTF-16 from UTF-8.
const BYTES_EXAMINED: usize = 1024;

/// The text of a file, without its BOM.
#[derive(Debug)]
pub struct Decoded {
    pub text: String,
    /// Whether the file had a BOM or was UTF-16, which becomes UTF-8 with a BOM.
    pub wants_bom: bool,
}

/// The bytes are not text in the expected encoding. The message follows the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Neither UTF-8 nor UTF-16.
    #[error("is not UTF-8 (line {line}); save it as UTF-8")]
    Utf8 {
        /// The first invalid line.
        line: u32,
    },
    /// Not valid in the requested encoding, or in the one of its BOM.
    #[error("is not valid {encoding}; save it as UTF-8")]
    Encoding {
        /// The encoding's name.
        encoding: &'static str,
    },
}

/// Decodes a file. A BOM takes precedence over the requested encoding, as in browsers.
pub fn decode(bytes: Vec<u8>, asked: Option<&'static Encoding>) -> Result<Decoded, NotText> {
    let (encoding, bom_length) = Encoding::for_bom(&bytes)
        .or_else(|| asked.map(|encoding| (encoding, 0)))
        .or_else(|| utf_16_without_bom(&bytes).map(|encoding| (encoding, 0)))
        .unwrap_or((UTF_8, 0));
    let wants_bom = bom_length > 0 || encoding == UTF_16LE || encoding == UTF_16BE;
    let text = if encoding == UTF_8 {
        utf_8(bytes, bom_length)?
    } else {
        let text = encoding
            .decode_without_bom_handling_and_without_replacement(&bytes[bom_length..])
            .ok_or(NotText::Encoding { encoding: encoding.name() })?;
        let mut text = text.into_owned();
        text.shrink_to_fit();
        text
    };
    Ok(Decoded { text, wants_bom })
}

/// Converts UTF-8 in place, without copying a large file.
fn utf_8(bytes: Vec<u8>, bom_length: usize) -> Result<String, NotText> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        NotText::Utf8 { line: line_at_end_of(valid) }
    })?;
    text.drain(..bom_length);
    Ok(text)
}

/// The line number at the end of the text.
fn line_at_end_of(text: &[u8]) -> u32 {
    let ends = text.iter().enumerate().filter(|&(at, &byte)| {
        byte == b'\n' || (byte == b'\r' && text.get(at + 1) != Some(&b'\n'))
    });
    u32::try_from(ends.count() + 1).unwrap_or(u32::MAX)
}

/// Detects UTF-16 by the zero bytes on one side of its ASCII characters.
fn utf_16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes[..bytes.len().min(BYTES_EXAMINED)].as_chunks::<2>();
    let zeros_first = pairs.iter().filter(|pair| pair[0] == 0).count();
    let zeros_second = pairs.iter().filter(|pair| pair[1] == 0).count();
    let many = |zeros: usize| zeros * 3 > pairs.len();
    match (many(zeros_first), many(zeros_second)) {
        (false, true) => Some(UTF_16LE),
        (true, false) => Some(UTF_16BE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf_8_and_utf_16_are_read_with_and_without_a_bom() {
        let text = "{\"id\": \"Zoë \u{1f98b}\"}";
        let with_bom = format!("\u{feff}{text}");
        for (bytes, wants_bom) in [
            (text.as_bytes().to_vec(), false),
            (with_bom.as_bytes().to_vec(), true),
            (utf_16(text, u16::to_le_bytes), true),
            (utf_16(text, u16::to_be_bytes), true),
            (utf_16(&with_bom, u16::to_le_bytes), true),
            (utf_16(&with_bom, u16::to_be_bytes), true),
        ] {
            let decoded = decode(bytes.clone(), None).expect("is text");
            assert_eq!((decoded.text.as_str(), decoded.wants_bom), (text, wants_bom), "{bytes:?}");
        }
    }

    #[test]
    fn undecodable_text_is_reported_with_its_line_or_encoding() {
        for (bytes, message) in [
            (&b"a\r\nb\rc\nd\xff"[..], "is not UTF-8 (line 4); save it as UTF-8"),
            (b"\xff\xfea\0b", "is not valid UTF-16LE; save it as UTF-8"),
            (b"\xfe\xff\xd8\0\0a", "is not valid UTF-16BE; save it as UTF-8"),
        ] {
            let error = decode(bytes.to_vec(), None).expect_err("is refused");
            assert_eq!(error.to_string(), message);
        }
    }
}
