//! The zip archive of a newer workbook, and the XML in it. A small file can unpack to more than a
//! computer's memory, so all unpacked bytes are counted.

use super::Fault;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::{self, BufReader, Cursor, Read};
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// Largest unpacked size of a workbook, in bytes.
pub(super) const MAX_SIZE: u64 = 256 << 20;

/// Largest tag, and largest text between two tags, in bytes: more than the largest cell needs in any
/// notation.
const MAX_PIECE_SIZE: u64 = 8 << 20;

/// Deepest nesting of XML elements. Workbooks need about 20 levels.
const DEEPEST: usize = 200;

/// A zip archive in memory.
pub(super) struct Archive {
    zip: ZipArchive<Cursor<Vec<u8>>>,
    names: Vec<String>,
    /// How many bytes may still be unpacked. Parts are read more than once.
    left: u64,
}

impl Archive {
    /// Opens an archive with an unpacked size, according to its directory, of at most [`MAX_SIZE`].
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Fault> {
        let mut zip = ZipArchive::new(Cursor::new(bytes))?;
        let mut promised: u64 = 0;
        for index in 0..zip.len() {
            promised = promised.saturating_add(zip.by_index_raw(index)?.size());
        }
        if promised > MAX_SIZE {
            return Err(Fault::UnpacksToTooMuch);
        }
        let names = zip.file_names().flatten().map(|name| name.replace('\\', "/"));
        let names = names.collect();
        Ok(Self { zip, names, left: 3 * MAX_SIZE })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The XML of a part; `None` if there is no such part. The case of the name is ignored.
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<Xml<'_>>, Fault> {
        let name = name.trim_start_matches('/');
        let index = self.names.iter().position(|one| one == name);
        let index =
            index.or_else(|| self.names.iter().position(|one| one.eq_ignore_ascii_case(name)));
        let Some(index) = index else { return Ok(None) };
        let inner = self.zip.by_index(index)?;
        let limited = Limited { inner, piece: 0, left: MAX_SIZE, left_of_all: &mut self.left };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, limited));
        reader.config_mut().expand_empty_elements = true;
        Ok(Some(Xml { reader, buffer: Vec::new(), depth: 0 }))
    }

    /// The XML of a part that every workbook must have.
    pub(super) fn required_xml(&mut self, name: &str) -> Result<Xml<'_>, Fault> {
        self.xml(name)?.ok_or_else(|| Fault::damaged(format!("{name} is missing")))
    }
}

pub(super) struct Xml<'a> {
    reader: Reader<BufReader<Limited<'a>>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl Xml<'_> {
    /// The next event. Empty elements give a start and an end event. The end of the file inside an
    /// element is an error.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Fault> {
        self.buffer.clear();
        self.reader.get_mut().get_mut().piece = 0;
        let event = self.reader.read_event_into(&mut self.buffer)?;
        match event {
            Event::Start(_) if self.depth == DEEPEST => {
                return Err(Fault::damaged("its XML is nested too deeply"));
            }
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            Event::Eof if self.depth > 0 => {
                return Err(Fault::damaged("the end of the file is missing"));
            }
            _ => {}
        }
        Ok(event)
    }

    /// Skips the rest of the element that has just started.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Adds the text of the element that has just started, without nested elements, and reads to its end.
    pub(super) fn push_text(&mut self, text: &mut String) -> Result<(), Fault> {
        let outside = self.depth - 1;
        loop {
            match self.next()? {
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(entity) => push_entity(text, &entity)?,
                Event::Start(_) => self.skip()?,
                _ => {}
            }
            if self.depth == outside {
                return Ok(());
            }
        }
    }
}

/// Enforces the size limits, whatever the archive's directory claims.
struct Limited<'a> {
    inner: ZipFile<'a, Cursor<Vec<u8>>>,
    /// Bytes read since the last event.
    piece: u64,
    left: u64,
    left_of_all: &'a mut u64,
}

/// The workbook unpacks to more than [`MAX_SIZE`].
#[derive(Debug, thiserror::Error)]
#[error("is too large when unpacked")]
struct TooMuch;

/// A piece of XML is longer than [`MAX_PIECE_SIZE`].
#[derive(Debug, thiserror::Error)]
#[error("is too long")]
struct TooLong;

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.piece += length as u64;
        if self.piece > MAX_PIECE_SIZE {
            return Err(io::Error::other(TooLong));
        }
        let less =
            |left: u64| left.checked_sub(length as u64).ok_or_else(|| io::Error::other(TooMuch));
        self.left = less(self.left)?;
        *self.left_of_all = less(*self.left_of_all)?;
        Ok(length)
    }
}

impl From<ZipError> for Fault {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::UnsupportedArchive(what) if what == ZipError::PASSWORD_REQUIRED => {
                Self::Password
            }
            error => Self::damaged(error.to_string()),
        }
    }
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        let inner = match &error {
            quick_xml::Error::Io(error) => error.get_ref(),
            _ => None,
        };
        match inner {
            Some(inner) if inner.is::<TooMuch>() => Self::UnpacksToTooMuch,
            Some(inner) if inner.is::<TooLong>() => Self::LargeCell,
            _ => Self::damaged(error.to_string()),
        }
    }
}

impl From<quick_xml::events::attributes::AttrError> for Fault {
    fn from(error: quick_xml::events::attributes::AttrError) -> Self {
        Self::damaged(error.to_string())
    }
}

/// The value of an attribute in any namespace.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(unescaped(&attribute)?));
        }
    }
    Ok(None)
}

pub(super) fn unescaped(
    attribute: &quick_xml::events::attributes::Attribute<'_>,
) -> Result<String, Fault> {
    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
    Ok(value?.into_owned())
}

/// A number in an attribute; `None` if the attribute is missing or not a number.
pub(super) fn number<T: std::str::FromStr>(
    element: &BytesStart<'_>,
    name: &str,
) -> Result<Option<T>, Fault> {
    Ok(attribute(element, name)?.and_then(|text| text.trim().parse().ok()))
}

/// Whether an attribute is true.
pub(super) fn is_true(element: &BytesStart<'_>, name: &str) -> Result<bool, Fault> {
    Ok(attribute(element, name)?.is_some_and(|text| matches!(text.trim(), "1" | "true" | "on")))
}

/// Adds the character of an entity such as `&amp;`.
pub(super) fn push_entity(text: &mut String, entity: &BytesRef<'_>) -> Result<(), Fault> {
    if let Some(character) = entity.resolve_char_ref()? {
        text.push(character);
    } else if let Some(known) = quick_xml::escape::resolve_xml_entity(entity.as_ref()) {
        text.push_str(known);
    } else {
        return Err(Fault::damaged(format!("the entity &{}; is unknown", entity.as_ref())));
    }
    Ok(())
}
