//! Where the objects of a JSON roster are: one a line, one after another however they are laid out,
//! or in one array.

use super::{ReadError, RowStart};

/// The rows of a JSON text: where each begins, and where it ends.
pub(super) struct Found {
    pub(super) rows: Vec<RowStart>,
    pub(super) ends: Vec<u32>,
}

/// Finds the objects. A text whose brackets do not match is taken line by line, if its lines look
/// like objects, so that what is wrong is told of the line.
pub(super) fn objects(text: &str) -> Result<Found, ReadError> {
    match values(text) {
        Ok(found) => Ok(found),
        Err(line) => {
            let mut given = text.lines().filter(|line| !line.trim().is_empty());
            let is_array = text.trim_start().starts_with('[');
            let is_lines = given.clone().count() > 1 || line == 1;
            if !is_array && is_lines && given.all(|line| line.trim_start().starts_with(['{', '[']))
            {
                Ok(lines(text))
            } else {
                Err(ReadError::UnclosedJson { line })
            }
        }
    }
}

/// Each line that is not blank.
fn lines(text: &str) -> Found {
    let mut found = Found { rows: Vec::new(), ends: Vec::new() };
    let mut at = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        if !line.trim_ascii().is_empty() {
            found.push(at, number, at + line.trim_end_matches(['\r', '\n']).len());
        }
        at += line.len();
    }
    found
}

/// The values of the text, or of the one array that it is. The error is the line of a bracket or a
/// quote that is never closed, or of a comma too many.
fn values(text: &str) -> Result<Found, u32> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: 1 };
    let mut found = Found { rows: Vec::new(), ends: Vec::new() };
    scan.skip_blanks();
    let array = (scan.peek() == Some(b'[')).then_some(scan.line);
    if array.is_some() {
        scan.step();
    }
    loop {
        scan.skip_blanks();
        match (scan.peek(), array) {
            (None, None) => return Ok(found),
            (None, Some(line)) => return Err(line),
            (Some(b']'), Some(_)) => {
                scan.step();
                scan.skip_blanks();
                return if scan.peek().is_none() { Ok(found) } else { Err(scan.line) };
            }
            _ => {}
        }
        let (start, line) = (scan.at, scan.line);
        scan.value()?;
        if scan.at == start {
            // A comma where a value is due.
            return Err(line);
        }
        found.push(start, line, scan.at);
        if let Some(line) = array {
            scan.skip_blanks();
            match scan.peek() {
                Some(b',') => scan.step(),
                Some(b']') => {}
                None => return Err(line),
                _ => return Err(scan.line),
            }
        }
    }
}

impl Found {
    fn push(&mut self, start: usize, line: u32, end: usize) {
        // The caller has refused texts whose offsets do not fit.
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.rows.push(RowStart { offset: offset(start), line });
        self.ends.push(offset(end));
    }
}

/// A place in the text.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn step(&mut self) {
        self.line += u32::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.step();
        }
    }

    /// One value: what stands between matching brackets, or, outside any, up to a blank or a comma.
    fn value(&mut self) -> Result<(), u32> {
        let (start, first_line) = (self.at, self.line);
        let mut open = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.text()?;
                    if open.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                b'{' => open.push(b'}'),
                b'[' => open.push(b']'),
                b'}' | b']' => {
                    if open.pop() != Some(byte) {
                        return Err(first_line);
                    }
                    if open.is_empty() {
                        self.step();
                        return Ok(());
                    }
                }
                // A comma where a value should begin would never be passed.
                b',' if open.is_empty() && self.at == start => return Err(first_line),
                b',' if open.is_empty() => return Ok(()),
                byte if open.is_empty() && byte.is_ascii_whitespace() => return Ok(()),
                _ => {}
            }
            self.step();
        }
        if open.is_empty() { Ok(()) } else { Err(first_line) }
    }

    /// A text in quotes; JSON allows no line end in it.
    fn text(&mut self) -> Result<(), u32> {
        let line = self.line;
        self.step();
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.step();
                    return Ok(());
                }
                b'\\' => self.step(),
                b'\n' => return Err(line),
                _ => {}
            }
            if self.at < self.bytes.len() {
                self.step();
            }
        }
        Err(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(u32, &str)> {
        let found = objects(text).expect("objects");
        let rows = found.rows.iter().zip(&found.ends);
        rows.map(|(row, end)| (row.line, &text[row.offset as usize..*end as usize])).collect()
    }

    #[test]
    fn objects_are_found_however_they_are_laid_out() {
        let pretty = "{\n  \"a\": \"}{\",\n  \"b\": [1, {}]\n}";
        assert_eq!(found("{\"a\":1}\r\n\r\n{}\n"), [(1, "{\"a\":1}"), (3, "{}")]);
        assert_eq!(found("{} {}{}\n"), [(1, "{}"), (1, "{}"), (1, "{}")]);
        assert_eq!(found(&format!("{pretty}\n{pretty}")), [(1, pretty), (5, pretty)]);
        assert_eq!(found(&format!("[\n{pretty},\n{{}}\n]\n")), [(2, pretty), (6, "{}")]);
        assert_eq!(found("[{},]"), [(1, "{}")]);
        assert!(found("[]").is_empty() && found(" \n").is_empty());
        assert_eq!(found("{\"a\":\"\\\\\\\"\"}\n{}"), [(1, "{\"a\":\"\\\\\\\"\"}"), (2, "{}")]);
    }

    #[test]
    fn what_does_not_match_is_taken_line_by_line_or_named() {
        assert_eq!(found("{\"a\":1\n{}\n").len(), 2);
        assert_eq!(found("{}\n{\"a\":\"x\n").len(), 2);
        for (text, line) in [
            ("[{}", 1),
            ("[{} {}]", 1),
            ("[\n{\"a\":1\n]", 2),
            ("{\n\"a\":1\n\n", 1),
            ("[,]", 1),
            (",", 1),
            ("[{}] {}", 1),
            ("[,{}]", 1),
            (", {}", 1),
        ] {
            match objects(text) {
                Err(ReadError::UnclosedJson { line: found }) => assert_eq!(found, line, "{text}"),
                _ => panic!("{text}"),
            }
        }
    }
}
