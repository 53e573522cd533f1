//! Excel workbooks before 2007: BIFF records in an OLE container ([MS-XLS]). Includes BIFF5, which some
//! programs still export.

use super::grid::{Grid, Merge};
use super::number_format::{NumberFormat, built_in};
use super::{Fault, Sheet, Workbook};
use crate::roster::{Cell, CellKind, MAX_TABLE_SIZE, TooLarge};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::collections::{HashMap, HashSet};
use std::io::{Cursor, Read as _};

/// An open workbook.
pub(super) struct Xls {
    stream: Vec<u8>,
    sheets: Vec<(Sheet, usize)>,
    shared: Shared,
}

/// Data shared by the cells of all sheets.
struct Shared {
    is_biff_8: bool,
    /// The encoding of texts in BIFF5.
    encoding: &'static Encoding,
    is_1904: bool,
    strings: Vec<Box<str>>,
    styles: Vec<NumberFormat>,
}

/// A record: its type, its data, and the data of the CONTINUE records after it.
struct Record<'a> {
    kind: u16,
    parts: Vec<&'a [u8]>,
}

/// The record types used here, with the names of the specification.
mod kind {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const EOF: u16 = 0x000a;
    pub(super) const DATE_MODE: u16 = 0x0022;
    pub(super) const FILE_PASS: u16 = 0x002f;
    pub(super) const CONTINUE: u16 = 0x003c;
    pub(super) const CODE_PAGE: u16 = 0x0042;
    pub(super) const COL_INFO: u16 = 0x007d;
    pub(super) const BOUND_SHEET: u16 = 0x0085;
    pub(super) const MUL_RK: u16 = 0x00bd;
    pub(super) const R_STRING: u16 = 0x00d6;
    pub(super) const XF: u16 = 0x00e0;
    pub(super) const MERGE_CELLS: u16 = 0x00e5;
    pub(super) const SST: u16 = 0x00fc;
    pub(super) const LABEL_SST: u16 = 0x00fd;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOL_ERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027e;
    pub(super) const FORMAT: u16 = 0x041e;
    pub(super) const BOF: u16 = 0x0809;
}

impl Xls {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, Fault> {
        let damaged = |error: std::io::Error| Fault::damaged(error.to_string());
        let mut container = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(damaged)?;
        if container.is_stream("/EncryptedPackage") {
            return Err(Fault::Password);
        }
        let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| container.is_stream(name))
        else {
            let message = "is an old Office file without a workbook, such as a Word document; save the \
                           list as .xlsx";
            return Err(Fault::Other(message.to_owned()));
        };
        let mut stream = Vec::new();
        let limit = bytes.len() as u64 + 1;
        let opened = container.open_stream(name).map_err(damaged)?;
        opened.take(limit).read_to_end(&mut stream).map_err(damaged)?;
        let (shared, sheets) = globals(&stream)?;
        Ok(Self { stream, sheets, shared })
    }

    fn cells(&self, index: usize) -> Result<Cells, Fault> {
        let start = self.sheets[index].1;
        let stream =
            self.stream.get(start..).ok_or_else(|| Fault::damaged("a sheet is missing"))?;
        Cells::read(Records { stream }, &self.shared)
    }
}

impl Workbook for Xls {
    fn sheets(&self) -> Vec<Sheet> {
        self.sheets.iter().map(|(sheet, _)| sheet.clone()).collect()
    }

    fn holds_anything(&mut self, index: usize) -> Result<bool, Fault> {
        Ok(!self.cells(index)?.values.is_empty())
    }

    fn read(&mut self, index: usize, grid: &mut Grid) -> Result<(), Fault> {
        let Cells { mut values, hidden_rows, hidden_columns, merges, .. } = self.cells(index)?;
        // Records are in blocks of rows. If a cell has two records, the last one counts.
        values.sort_by_key(|(place, _)| *place);
        for ((row, column), cell) in values {
            grid.start_row(u32::from(row) + 1, hidden_rows.contains(&row))?;
            grid.put(column.into(), cell)?;
        }
        for (first, last) in hidden_columns {
            grid.hide_columns(first.into(), last.into());
        }
        for merge in merges {
            grid.merge(merge);
        }
        Ok(())
    }
}

struct Records<'a> {
    stream: &'a [u8],
}

impl<'a> Records<'a> {
    /// The next record; `None` at the end.
    fn next(&mut self) -> Result<Option<Record<'a>>, Fault> {
        let Some((kind, data)) = self.take()? else { return Ok(None) };
        let mut parts = vec![data];
        while self
            .stream
            .first_chunk()
            .is_some_and(|kind| u16::from_le_bytes(*kind) == kind::CONTINUE)
        {
            parts.extend(self.take()?.map(|(_, data)| data));
        }
        Ok(Some(Record { kind, parts }))
    }

    fn take(&mut self) -> Result<Option<(u16, &'a [u8])>, Fault> {
        let Some((head, rest)) = self.stream.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let [kind_low, kind_high, low, high] = *head;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let (data, rest) = rest.split_at_checked(length).ok_or_else(too_short)?;
        self.stream = rest;
        Ok(Some((u16::from_le_bytes([kind_low, kind_high]), data)))
    }
}

fn too_short() -> Fault {
    Fault::damaged("a record is too short")
}

/// Reads the global records: where the sheets start, and the data their cells share.
fn globals(stream: &[u8]) -> Result<(Shared, Vec<(Sheet, usize)>), Fault> {
    let mut shared = Shared {
        is_biff_8: true,
        encoding: WINDOWS_1252,
        is_1904: false,
        strings: Vec::new(),
        styles: Vec::new(),
    };
    let (mut sheets, mut codes, mut format_ids) = (Vec::new(), HashMap::new(), Vec::new());
    let mut records = Records { stream };
    while let Some(record) = records.next()? {
        let mut data = Data::of(&record);
        match record.kind {
            kind::BOF => {
                let version = data.u16()?;
                if version != 0x0600 && version != 0x0500 {
                    let message = "is older than Excel 5; open it in Excel and save it as .xlsx";
                    return Err(Fault::Other(message.to_owned()));
                }
                shared.is_biff_8 = version == 0x0600;
            }
            kind::FILE_PASS => return Err(Fault::Password),
            kind::CODE_PAGE => shared.encoding = encoding_of(data.u16()?),
            kind::DATE_MODE => shared.is_1904 = data.u16()? == 1,
            kind::FORMAT => {
                let id = data.u16()?;
                let length = if shared.is_biff_8 { data.u16()? } else { data.u8()?.into() };
                codes.insert(id, data.text(length, &shared)?);
            }
            kind::XF => {
                data.u16()?;
                format_ids.push(data.u16()?);
            }
            kind::BOUND_SHEET => {
                let start = data.u32()? as usize;
                let (state, sort) = (data.u8()?, data.u8()?);
                let length = data.u8()?.into();
                let name = data.text(length, &shared)?;
                if sort == 0 {
                    sheets.push((Sheet { name, is_hidden: state & 3 != 0 }, start));
                }
            }
            kind::SST => shared.strings = strings(&mut data)?,
            kind::EOF => break,
            _ => {}
        }
    }
    if sheets.is_empty() {
        return Err(Fault::damaged("it has no sheets"));
    }
    let mut parsed: HashMap<u16, NumberFormat> = HashMap::new();
    for id in format_ids {
        let code = || codes.get(&id).map_or(built_in(id.into()), String::as_str);
        let format = parsed.entry(id).or_insert_with(|| NumberFormat::parse(code()));
        shared.styles.push(format.clone());
    }
    Ok((shared, sheets))
}

/// The shared strings.
fn strings(data: &mut Data<'_>) -> Result<Vec<Box<str>>, Fault> {
    data.u32()?;
    let count = data.u32()?;
    let (mut strings, mut size) = (Vec::new(), 0_usize);
    for _ in 0..count {
        let length = data.u16()?;
        let flags = data.u8()?;
        let runs = if flags & 8 == 0 { 0 } else { usize::from(data.u16()?) };
        let phonetic = if flags & 4 == 0 { 0 } else { data.u32()? as usize };
        let text = data.characters(length, flags & 1 != 0)?;
        data.skip(4 * runs)?;
        data.skip(phonetic)?;
        size += text.len() + 32;
        if size > MAX_TABLE_SIZE / 2 {
            return Err(TooLarge.into());
        }
        strings.push(text.into());
    }
    Ok(strings)
}

/// The encoding of a Windows code page.
fn encoding_of(code_page: u16) -> &'static Encoding {
    let label = match code_page {
        874 | 1250..=1258 => format!("windows-{code_page}"),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        866 => "ibm866".to_owned(),
        10_000 | 32_768 => "macintosh".to_owned(),
        _ => return WINDOWS_1252,
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

/// Reads the data of a record from start to end.
struct Data<'a> {
    current: &'a [u8],
    rest: std::vec::IntoIter<&'a [u8]>,
}

impl<'a> Data<'a> {
    fn of(record: &Record<'a>) -> Self {
        let mut rest = record.parts.clone().into_iter();
        Self { current: rest.next().unwrap_or_default(), rest }
    }

    fn bytes<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Fault> {
        let mut bytes = [0; LENGTH];
        for byte in &mut bytes {
            while self.current.is_empty() {
                self.current = self.rest.next().ok_or_else(too_short)?;
            }
            (*byte, self.current) = self
                .current
                .split_first()
                .map(|(first, rest)| (*first, rest))
                .ok_or_else(too_short)?;
        }
        Ok(bytes)
    }

    fn u8(&mut self) -> Result<u8, Fault> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, Fault> {
        self.bytes().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn f64(&mut self) -> Result<f64, Fault> {
        self.bytes().map(f64::from_le_bytes)
    }

    fn skip(&mut self, mut length: usize) -> Result<(), Fault> {
        while length > self.current.len() {
            length -= self.current.len();
            self.current = self.rest.next().ok_or_else(too_short)?;
        }
        self.current = &self.current[length..];
        Ok(())
    }

    /// Text of `length` characters. In BIFF8 a flag before it gives their width.
    fn text(&mut self, length: u16, shared: &Shared) -> Result<String, Fault> {
        if shared.is_biff_8 {
            let flags = self.u8()?;
            return self.characters(length, flags & 1 != 0);
        }
        let length = usize::from(length).min(self.current.len());
        let (bytes, rest) = self.current.split_at(length);
        self.current = rest;
        Ok(shared.encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// Reads `length` characters of one or two bytes each. If the text continues in the next record, a
    /// flag there gives the width again.
    fn characters(&mut self, length: u16, is_wide: bool) -> Result<String, Fault> {
        let (mut units, mut is_wide) = (Vec::with_capacity(length.into()), is_wide);
        while units.len() < length.into() {
            if self.current.is_empty() {
                self.current = self.rest.next().ok_or_else(too_short)?;
                is_wide = self.u8()? & 1 != 0;
            }
            let left = usize::from(length) - units.len();
            if is_wide {
                let (pairs, rest) = self.current.as_chunks::<2>();
                let taken = pairs.len().min(left);
                units.extend(pairs[..taken].iter().map(|pair| u16::from_le_bytes(*pair)));
                // Half a character at the end of a record means damage.
                if taken == pairs.len() && taken < left && !rest.is_empty() {
                    return Err(too_short());
                }
                self.current = &self.current[2 * taken..];
            } else {
                let taken = self.current.len().min(left);
                units.extend(self.current[..taken].iter().map(|byte| u16::from(*byte)));
                self.current = &self.current[taken..];
            }
        }
        Ok(String::from_utf16_lossy(&units))
    }
}

/// The row and the column of a cell, counted from 0.
type Place = (u16, u16);

/// The contents of a sheet.
#[derive(Default)]
struct Cells {
    values: Vec<(Place, Cell)>,
    hidden_rows: HashSet<u16>,
    hidden_columns: Vec<(u16, u16)>,
    merges: Vec<Merge>,
    /// Memory of the cells, in bytes.
    size: usize,
}

impl Cells {
    fn read(mut records: Records<'_>, shared: &Shared) -> Result<Self, Fault> {
        let mut found = Self::default();
        // Charts in the sheet are nested streams.
        let mut depth = 0_usize;
        let mut formula: Option<Place> = None;
        while let Some(record) = records.next()? {
            match record.kind {
                kind::BOF => depth += 1,
                kind::EOF if depth <= 1 => break,
                kind::EOF => depth -= 1,
                kind if depth <= 1 => {
                    found.record(kind, &mut Data::of(&record), shared, &mut formula)?;
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn record(
        &mut self,
        kind: u16,
        data: &mut Data<'_>,
        shared: &Shared,
        formula: &mut Option<Place>,
    ) -> Result<(), Fault> {
        match kind {
            kind::ROW => {
                let row = data.u16()?;
                data.skip(10)?;
                if data.u16()? & 0x20 != 0 {
                    self.hidden_rows.insert(row);
                }
            }
            kind::COL_INFO => {
                let (first, last) = (data.u16()?, data.u16()?);
                let width = data.u16()?;
                data.u16()?;
                if data.u16()? & 1 != 0 || width == 0 {
                    self.hidden_columns.push((first, last));
                }
            }
            kind::MERGE_CELLS => {
                for _ in 0..data.u16()? {
                    let (first_row, last_row) = (data.u16()?, data.u16()?);
                    let (first_column, last_column) = (data.u16()?, data.u16()?);
                    self.merges.push(Merge {
                        first_row: u32::from(first_row) + 1,
                        last_row: u32::from(last_row) + 1,
                        first_column: first_column.into(),
                        last_column: last_column.into(),
                    });
                }
            }
            kind::STRING => {
                if let Some(place) = formula.take() {
                    let length = data.u16()?;
                    self.push(place, Cell::of_sheet_text(data.text(length, shared)?))?;
                }
            }
            kind::MUL_RK => {
                let (row, mut column) = (data.u16()?, data.u16()?);
                // The last column follows the numbers.
                while data.current.len() >= 8 {
                    let cell = shared.number(data.u16()?, |data| rk(data), data)?;
                    self.push((row, column), cell)?;
                    column = column.saturating_add(1);
                }
            }
            kind::FORMULA
            | kind::NUMBER
            | kind::RK
            | kind::LABEL
            | kind::R_STRING
            | kind::LABEL_SST
            | kind::BOOL_ERR => {
                let place = (data.u16()?, data.u16()?);
                let style = data.u16()?;
                let cell = match kind {
                    kind::NUMBER => shared.number(style, Data::f64, data)?,
                    kind::RK => shared.number(style, rk, data)?,
                    kind::LABEL_SST => {
                        let text = shared.strings.get(data.u32()? as usize);
                        let text =
                            text.ok_or_else(|| Fault::damaged("the text of a cell is missing"))?;
                        Cell::of_sheet_text(text.clone())
                    }
                    kind::BOOL_ERR => {
                        let value = data.u8()?;
                        if data.u8()? == 0 { Cell::of_boolean(value != 0) } else { of_error(value) }
                    }
                    kind::FORMULA => {
                        let Some(cell) = shared.formula(style, data)? else {
                            *formula = Some(place);
                            return Ok(());
                        };
                        cell
                    }
                    _ => {
                        let length = data.u16()?;
                        Cell::of_sheet_text(data.text(length, shared)?)
                    }
                };
                self.push(place, cell)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, place: Place, cell: Cell) -> Result<(), Fault> {
        if cell.is_blank() {
            return Ok(());
        }
        self.size += 2 * size_of::<(Place, Cell)>() + cell.text.len();
        if self.size > MAX_TABLE_SIZE {
            return Err(TooLarge.into());
        }
        self.values.push((place, cell));
        Ok(())
    }
}

impl Shared {
    fn number<'a>(
        &self,
        style: u16,
        read: impl FnOnce(&mut Data<'a>) -> Result<f64, Fault>,
        data: &mut Data<'a>,
    ) -> Result<Cell, Fault> {
        Ok(self.of_number(read(data)?, style))
    }

    fn of_number(&self, number: f64, style: u16) -> Cell {
        let format = self.styles.get(usize::from(style)).unwrap_or(&NumberFormat::General);
        Cell::of_number(number, format, self.is_1904)
    }

    /// The saved value of a formula; `None` for text, which is in the next record. Programs that do not
    /// calculate save a 0.
    fn formula(&self, style: u16, data: &mut Data<'_>) -> Result<Option<Cell>, Fault> {
        let bytes: [u8; 8] = data.bytes()?;
        if bytes[6..] != [0xff, 0xff] {
            let number = f64::from_le_bytes(bytes);
            let cell = self.of_number(number, style);
            let kind = if number == 0.0 { CellKind::NoValue } else { cell.kind };
            return Ok(Some(Cell { kind, ..cell }));
        }
        Ok(match bytes[0] {
            0 => None,
            1 => Some(Cell::of_boolean(bytes[2] != 0)),
            2 => Some(of_error(bytes[2])),
            _ => Some(Cell::default()),
        })
    }
}

/// A number in 30 bits: an integer or the top bits of a float, optionally in hundredths.
fn rk(data: &mut Data<'_>) -> Result<f64, Fault> {
    let bits = data.u32()?;
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    Ok(if bits & 1 == 0 { number } else { number / 100.0 })
}

fn of_error(code: u8) -> Cell {
    let text = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "#VALUE!",
    };
    Cell::of_kind(CellKind::Error, text)
}
