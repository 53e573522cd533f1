//! Number formats: how a spreadsheet shows a number.
//!
//! The crate ssfmt supports more of Excel's codes, but rounds 1.005 down, shows what `;;;` hides and
//! panics on codes such as `]General`. A file must not crash this program.

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan as _};

/// The code of a built-in format, which workbooks refer to by number only (ECMA-376, 18.8.30).
pub(super) fn built_in(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 | 6 => "\"$\"#,##0;(\"$\"#,##0)",
        7 | 8 => "\"$\"#,##0.00;(\"$\"#,##0.00)",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        // 27 to 36 and 50 to 58 are for Chinese, Japanese and Korean.
        14 | 30 => "m/d/yyyy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 | 32 | 34 | 55 => "h:mm",
        21 | 33 | 35 | 56 => "h:mm:ss",
        22 => "m/d/yyyy h:mm",
        27 | 36 | 50 | 52 | 57 => "yyyy\"\u{5e74}\"m\"\u{6708}\"",
        28 | 29 | 51 | 53 | 54 | 58 => "m\"\u{6708}\"d\"\u{65e5}\"",
        31 => "yyyy\"\u{5e74}\"m\"\u{6708}\"d\"\u{65e5}\"",
        37 | 38 => "#,##0 ;(#,##0)",
        39 | 40 => "#,##0.00;(#,##0.00)",
        41 => "_(* #,##0_);_(* (#,##0);_(* \"-\"_)",
        42 => "_($* #,##0_);_($* (#,##0);_($* \"-\"_)",
        43 => "_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"??_)",
        44 => "_($* #,##0.00_);_($* (#,##0.00);_($* \"-\"??_)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NumberFormat {
    /// Shows the number as is: `General`, or a format for text.
    General,
    /// A date, a time of day or a duration.
    Time(TimeFormat),
    /// A number with digits, signs and text.
    Number(Vec<Section>),
}

/// The parts of a date and time that are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a format may show")]
pub(super) struct TimeFormat {
    /// Whether year, month and day are all shown.
    pub(super) has_full_date: bool,
    /// Whether any part of a date is shown.
    pub(super) has_date: bool,
    /// Whether hours, minutes or seconds are shown.
    pub(super) has_time: bool,
    /// Whether it is a duration, which may exceed a day: `[h]:mm`.
    pub(super) is_length: bool,
    pub(super) tokens: Vec<Token>,
}

/// A part of a format between semicolons, for positive, negative or zero numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    tokens: Vec<Token>,
}

/// A token of a format code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A placeholder for a digit: `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    Slash,
    /// `E+` or `E-`.
    Exponent,
    /// A letter for a part of a date or time, and how often it is repeated: `yyyy`.
    Letters(char, usize),
    /// `[h]`, `[mm]`.
    Elapsed(char),
    /// `AM/PM`.
    HalfDay,
    Literal(String),
    /// `@`, the placeholder for text.
    Text,
    General,
}

impl NumberFormat {
    /// Parses a format code. An unknown one shows the number as is.
    pub(super) fn parse(code: &str) -> Self {
        // Spreadsheets do not accept longer codes.
        if code.len() > 1024 {
            return Self::General;
        }
        let sections: Vec<Vec<Token>> = sections(code).into_iter().take(4).collect();
        let first = sections.first().map(Vec::as_slice).unwrap_or_default();
        let has = |test: fn(&Token) -> bool| first.iter().any(test);
        if has(|token| matches!(token, Token::Letters(..) | Token::Elapsed(_))) {
            return Self::Time(TimeFormat::new(first.to_vec()));
        }
        if has(|token| matches!(token, Token::General | Token::Text)) || code.trim().is_empty() {
            return Self::General;
        }
        Self::Number(sections.into_iter().map(|tokens| Section { tokens }).collect())
    }

    /// The text that is shown for a number; `None` for the number as is, or for a date or time.
    pub(super) fn show(&self, number: f64) -> Option<String> {
        let Self::Number(sections) = self else { return None };
        let (positive, negative, zero) = (sections.first()?, sections.get(1), sections.get(2));
        let magnitude = number.abs();
        // A number that rounds to zero is shown without a sign.
        let (section, is_signed) = match (negative, zero) {
            (Some(negative), _) if number < 0.0 => (negative, false),
            (_, Some(zero)) if number == 0.0 => (zero, false),
            _ => (positive, number < 0.0),
        };
        let shown = section.show(magnitude)?;
        let is_zero = !shown.contains(|character: char| ('1'..='9').contains(&character));
        Some(if is_signed && !is_zero { format!("-{shown}") } else { shown })
    }
}

/// The tokens between the semicolons of a code.
fn sections(code: &str) -> Vec<Vec<Token>> {
    let (mut sections, mut section) = (Vec::new(), Vec::new());
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let tail = &rest[first.len_utf8()..];
        rest = match first {
            ';' => {
                sections.push(std::mem::take(&mut section));
                tail
            }
            '"' => {
                let (text, after) = tail.split_once('"').unwrap_or((tail, ""));
                section.push(Token::Literal(text.to_owned()));
                after
            }
            '\\' | '!' | '_' | '*' => {
                let next = tail.chars().next();
                match (first, next) {
                    ('_', Some(_)) => section.push(Token::Literal(" ".to_owned())),
                    ('\\' | '!', Some(next)) => section.push(Token::Literal(next.to_string())),
                    _ => {}
                }
                &tail[next.map_or(0, char::len_utf8)..]
            }
            '[' => {
                let (inside, after) = tail.split_once(']').unwrap_or((tail, ""));
                section.extend(bracketed(inside));
                after
            }
            _ => plain_token(rest, first, &mut section),
        };
    }
    sections.push(section);
    sections
}

/// The token for brackets: a duration or a currency. Colours, conditions and languages show nothing.
fn bracketed(inside: &str) -> Option<Token> {
    if let Some(currency) = inside.strip_prefix('$') {
        let sign = currency.split('-').next().unwrap_or_default();
        return (!sign.is_empty()).then(|| Token::Literal(sign.to_owned()));
    }
    let first = inside.chars().next()?.to_ascii_lowercase();
    let is_elapsed = matches!(first, 'h' | 'm' | 's')
        && inside.chars().all(|letter| letter.to_ascii_lowercase() == first);
    is_elapsed.then_some(Token::Elapsed(first))
}

/// Reads a token outside quotes and brackets, and returns the rest of the code.
fn plain_token<'a>(rest: &'a str, first: char, section: &mut Vec<Token>) -> &'a str {
    let starts =
        |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let (token, length) = if starts("General") || starts("Standard") {
        (Token::General, if starts("General") { 7 } else { 8 })
    } else if starts("AM/PM") {
        (Token::HalfDay, 5)
    } else if starts("A/P") {
        (Token::HalfDay, 3)
    } else if starts("E+") || starts("E-") {
        (Token::Exponent, 2)
    } else {
        let length = first.len_utf8();
        match first {
            '0' | '#' | '?' => (Token::Digit(first), length),
            '.' => (Token::Point, length),
            ',' => (Token::Comma, length),
            '%' => (Token::Percent, length),
            '/' => (Token::Slash, length),
            '@' => (Token::Text, length),
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'e' | 'a' | 'g' => {
                let same = rest.chars().take_while(|next| next.eq_ignore_ascii_case(&first));
                let count = same.count();
                (Token::Letters(first.to_ascii_lowercase(), count), count)
            }
            _ => (Token::Literal(first.to_string()), length),
        }
    };
    section.push(token);
    &rest[length..]
}

impl Section {
    fn show(&self, magnitude: f64) -> Option<String> {
        let tokens = &self.tokens;
        let is = |wanted: &Token| tokens.contains(wanted);
        if is(&Token::General) || is(&Token::Text) {
            return None;
        }
        if tokens.iter().any(|token| matches!(token, Token::Letters(..) | Token::Elapsed(_))) {
            return None;
        }
        if is(&Token::Exponent) {
            return Some(self.scientific(magnitude));
        }
        if is(&Token::Slash) && tokens.iter().any(|token| matches!(token, Token::Digit(_))) {
            return Some(self.fraction(magnitude));
        }
        let percents = tokens.iter().filter(|token| **token == Token::Percent).count();
        let thousands = tokens
            .iter()
            .rev()
            .skip_while(|token| !matches!(token, Token::Digit(_) | Token::Comma))
            .take_while(|token| **token == Token::Comma)
            .count();
        let shift = 2 * i32::try_from(percents).ok()? - 3 * i32::try_from(thousands).ok()?;
        Some(self.plain(&Decimal::of(magnitude).shifted(shift)))
    }

    /// Shows a number in decimal notation.
    fn plain(&self, number: &Decimal) -> String {
        let point = self.tokens.iter().position(|token| *token == Token::Point);
        let (whole, decimals) = self.tokens.split_at(point.unwrap_or(self.tokens.len()));
        let places = |tokens: &[Token]| {
            tokens.iter().filter(|token| matches!(token, Token::Digit(_))).count()
        };
        let (whole_digits, decimal_digits) = number.rounded(places(decimals));
        let is_grouped = whole
            .windows(2)
            .any(|pair| pair[0] == Token::Comma && matches!(pair[1], Token::Digit(_)));
        let mut shown =
            Whole { digits: &whole_digits, left: places(whole), is_grouped, shown: String::new() };
        for token in whole {
            match token {
                Token::Digit(place) => shown.place(*place),
                token => shown.shown.push_str(token.literal()),
            }
        }
        let mut shown = shown.shown;
        let mut digits = decimal_digits.iter().copied();
        // `#` drops zeros at the end.
        let mut last =
            decimal_digits.iter().rposition(|digit| *digit != b'0').map_or(0, |at| at + 1);
        let places: Vec<char> = decimals.iter().filter_map(Token::place).collect();
        let required = places.iter().rposition(|place| *place != '#').map_or(0, |at| at + 1);
        last = last.max(required);
        for token in decimals {
            match token {
                Token::Digit(_) => {
                    let digit = digits.next();
                    if last > 0 {
                        shown.extend(digit.map(char::from));
                        last -= 1;
                    }
                }
                Token::Point => shown.push('.'),
                token => shown.push_str(token.literal()),
            }
        }
        shown
    }

    fn scientific(&self, magnitude: f64) -> String {
        let is_exponent = |token: &Token| *token == Token::Exponent;
        let at = self.tokens.iter().position(is_exponent).unwrap_or_default();
        let is_digit = |token: &&Token| matches!(token, Token::Digit(_));
        let decimals = self.tokens[..at].iter().skip_while(|token| **token != Token::Point);
        let (decimals, width) = (
            decimals.filter(is_digit).count().min(15),
            self.tokens[at..].iter().filter(is_digit).count(),
        );
        let text = format!("{:.decimals$e}", rounded(magnitude, decimals));
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) =
            exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        format!("{digits}E{sign}{exponent:0>width$}", width = width.min(9))
    }

    /// The nearest fraction with at most as many digits in the denominator as the format has.
    fn fraction(&self, magnitude: f64) -> String {
        let slash = self.tokens.iter().position(|token| *token == Token::Slash).unwrap_or_default();
        let places = self.tokens[slash..].iter().filter_map(Token::place).count().clamp(1, 3);
        let most = 10_u32.pow(u32::try_from(places).unwrap_or(1)) - 1;
        let (whole, rest) = (magnitude.trunc(), magnitude.fract());
        let error = |below: u32| {
            let below = f64::from(below);
            ((rest * below).round() / below - rest).abs()
        };
        let below =
            (1..=most).min_by(|one, other| error(*one).total_cmp(&error(*other))).unwrap_or(1);
        let above = (rest * f64::from(below)).round();
        match (whole > 0.0, above > 0.0, below) {
            (_, true, 1) => format!("{}", whole + 1.0),
            (true, true, _) => format!("{whole} {above}/{below}"),
            (false, true, _) => format!("{above}/{below}"),
            _ => format!("{whole}"),
        }
    }
}

/// A number rounded to `decimals` digits after its first, half up in decimal notation.
fn rounded(magnitude: f64, decimals: usize) -> f64 {
    let text = format!("{magnitude:.14e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (before, after) = Decimal::of(digits.parse().unwrap_or_default()).rounded(decimals);
    let [before, after] =
        [before, after].map(|digits| String::from_utf8(digits).unwrap_or_default());
    format!("{before}.{after}e{exponent}").parse().unwrap_or(magnitude)
}

/// Fills the placeholders before the decimal point.
struct Whole<'a> {
    digits: &'a [u8],
    /// The number of unfilled placeholders.
    left: usize,
    is_grouped: bool,
    shown: String,
}

impl Whole<'_> {
    /// Fills a placeholder; the first also takes all surplus digits.
    fn place(&mut self, place: char) {
        let surplus = self.digits.len().saturating_sub(self.left);
        if self.digits.len() >= self.left {
            for _ in 0..=surplus {
                let Some((digit, rest)) = self.digits.split_first() else { break };
                self.shown.push(char::from(*digit));
                self.digits = rest;
                self.group(self.digits.len());
            }
        } else {
            match place {
                '0' => self.shown.push('0'),
                '?' => self.shown.push(' '),
                _ => {}
            }
            if place == '0' {
                self.group(self.left - 1);
            }
        }
        self.left = self.left.saturating_sub(1);
    }

    fn group(&mut self, left: usize) {
        if self.is_grouped && left > 0 && left.is_multiple_of(3) {
            self.shown.push(',');
        }
    }
}

impl Token {
    fn literal(&self) -> &str {
        match self {
            Self::Literal(text) => text,
            Self::Percent => "%",
            Self::Slash => "/",
            _ => "",
        }
    }

    fn place(&self) -> Option<char> {
        if let Self::Digit(place) = self { Some(*place) } else { None }
    }
}

/// A number in decimal, with the 15 digits that spreadsheets keep.
struct Decimal {
    /// The digits, without leading zeros.
    digits: Vec<u8>,
    /// The number of digits before the decimal point; may be negative or more than there are digits.
    point: i32,
}

impl Decimal {
    fn of(magnitude: f64) -> Self {
        let text = format!("{magnitude:.14e}");
        let (digits, exponent) = text.split_once('e').unwrap_or(("0", "0"));
        let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_digit).collect();
        Self { digits, point: exponent.parse::<i32>().unwrap_or_default() + 1 }
    }

    fn shifted(self, by: i32) -> Self {
        Self { point: self.point + by, ..self }
    }

    /// The digits before and after the decimal point, rounded half up to `places` decimals; no digits
    /// before it for a number less than 1.
    fn rounded(&self, places: usize) -> (Vec<u8>, Vec<u8>) {
        let places = i32::try_from(places.min(330)).unwrap_or_default();
        let digit = |at: i32| {
            usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(b'0')
        };
        let start = self.point.min(0);
        let end = (self.point + places).max(start);
        let mut digits: Vec<u8> = (start..end).map(digit).collect();
        let mut before = usize::try_from(self.point - start).unwrap_or_default();
        if digit(end) >= b'5' && self.point + places >= 0 {
            let nines = digits.iter().rev().take_while(|digit| **digit == b'9').count();
            let kept = digits.len() - nines;
            digits[kept..].fill(b'0');
            if kept > 0 {
                digits[kept - 1] += 1;
            } else {
                digits.insert(0, b'1');
                before += 1;
            }
        }
        // The digits of 0.05 start at the 5; add the zeros before it.
        let missing = usize::try_from(places).unwrap_or_default();
        let mut after = digits.split_off(before.min(digits.len()));
        if after.len() > missing {
            let surplus = after.len() - missing;
            digits.extend(after.drain(..surplus));
        }
        let zeros = missing - after.len();
        after.splice(0..0, std::iter::repeat_n(b'0', zeros));
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        (digits, after)
    }
}

impl TimeFormat {
    fn new(tokens: Vec<Token>) -> Self {
        let has = |wanted: char| {
            tokens
                .iter()
                .any(|token| matches!(token, Token::Letters(letter, _) if *letter == wanted))
        };
        let is_minutes = |at: usize| is_minutes(&tokens, at);
        let months = (0..tokens.len())
            .filter(|at| matches!(tokens[*at], Token::Letters('m', _)) && !is_minutes(*at));
        let has_month = months.count() > 0;
        let is_length = tokens.iter().any(|token| matches!(token, Token::Elapsed(_)));
        let has_minutes = (0..tokens.len()).any(is_minutes);
        let has_year = has('y') || has('e');
        Self {
            has_full_date: has_year && has_month && has('d'),
            has_date: has_year || has_month || has('d'),
            has_time: has('h') || has('s') || has_minutes || is_length,
            is_length,
            tokens,
        }
    }

    /// The text that is shown for a date and time.
    pub(super) fn show(&self, time: DateTime) -> String {
        let is_half = self.tokens.contains(&Token::HalfDay);
        let mut shown = String::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let format = match token {
                Token::Letters('m', 1 | 2) if is_minutes(&self.tokens, at) => "%M",
                Token::Letters('m', 1) => "%-m",
                Token::Letters('m', 2) => "%m",
                Token::Letters('m', 3) => "%b",
                Token::Letters('m', _) => "%B",
                Token::Letters('d', 1) => "%-d",
                Token::Letters('d', 2) => "%d",
                Token::Letters('d' | 'a', 3) => "%a",
                Token::Letters('d' | 'a', _) => "%A",
                Token::Letters('y', 1 | 2) => "%y",
                Token::Letters('y' | 'e', _) => "%Y",
                Token::Letters('h', 1) if is_half => "%-I",
                Token::Letters('h', _) if is_half => "%I",
                Token::Letters('h', 1) => "%-H",
                Token::Letters('h', _) => "%H",
                Token::Letters('s', 1) => "%-S",
                Token::Letters('s', _) => "%S",
                Token::HalfDay => "%p",
                Token::Point => ".",
                Token::Comma => ",",
                token => {
                    shown.push_str(token.literal());
                    continue;
                }
            };
            shown.push_str(&time.strftime(format).to_string());
        }
        shown
    }
}

/// Whether the `m` at this index means minutes: after hours or before seconds.
fn is_minutes(tokens: &[Token], at: usize) -> bool {
    if !matches!(tokens[at], Token::Letters('m', 1 | 2)) {
        return false;
    }
    let is_part = |token: &&Token| matches!(token, Token::Letters(..) | Token::Elapsed(_));
    let before = tokens[..at].iter().rev().find(is_part);
    let after = tokens[at + 1..].iter().find(is_part);
    matches!(before, Some(Token::Letters('h', _) | Token::Elapsed('h')))
        || matches!(after, Some(Token::Letters('s', _)))
}

/// The date and time of a serial number, to the second; `None` for a negative number or after the year 9999.
pub(super) fn date_time(serial: f64, is_1904: bool) -> Option<DateTime> {
    /// The day after the last day, 31 December 9999.
    const END: f64 = 2_958_466.0;
    if !(0.0..END).contains(&serial) {
        return None;
    }
    // Excel counts 29 February 1900, which did not exist.
    let first = match is_1904 {
        true => Date::new(1904, 1, 1),
        false if serial < 60.0 => Date::new(1899, 12, 31),
        false => Date::new(1899, 12, 30),
    };
    #[expect(clippy::cast_possible_truncation, reason = "the serial is below three million days")]
    let seconds = (serial * 86_400.0).round() as i64;
    let span: Span = (seconds / 86_400).days().seconds(seconds % 86_400);
    first.ok()?.at(0, 0, 0, 0).checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(code: &str, number: f64) -> Option<String> {
        NumberFormat::parse(code).show(number)
    }

    #[test]
    fn numbers_are_shown_as_spreadsheets_do() {
        for (code, number, text) in [
            ("0", 701.0, "701"),
            ("0", 2.5, "3"),
            ("0", 0.0, "0"),
            ("0", 0.4, "0"),
            ("0", 9.5, "10"),
            ("0", -0.4, "0"),
            ("0000", 701.0, "0701"),
            ("0000", 12.0, "0012"),
            ("0000", -7.0, "-0007"),
            ("0000", 12345.0, "12345"),
            ("0000000", 42.0, "0000042"),
            ("0.00", 7.0, "7.00"),
            ("0.00", 1.005, "1.01"),
            ("0.00", 0.05, "0.05"),
            ("0.00", 0.995, "1.00"),
            ("0.0", 0.04, "0.0"),
            ("0.0##", 7.0, "7.0"),
            ("0.0##", 7.1234, "7.123"),
            ("#.##", 0.5, ".5"),
            ("#", 0.0, ""),
            ("#", 7.0, "7"),
            ("?0", 7.0, " 7"),
            ("#,##0", 1001.0, "1,001"),
            ("#,##0", 7.0, "7"),
            ("#,##0", 1_234_567.0, "1,234,567"),
            ("#,##0.00", 1001.5, "1,001.50"),
            ("0,000", 7.0, "0,007"),
            ("0,", 12_345.0, "12"),
            ("0%", 0.75, "75%"),
            ("0.00%", 0.755, "75.50%"),
            ("0.00E+00", 123_456.0, "1.23E+05"),
            ("0.00E+00", 1.005, "1.01E+00"),
            ("0.00E+00", 0.0, "0.00E+00"),
            ("0.0E+0", 9.96, "1.0E+1"),
            ("##0.0E+0", 7e-5, "7.0E-5"),
            ("# ?/?", 1.5, "1 1/2"),
            ("# ??/??", 0.25, "1/4"),
            ("# ?/?", 7.0, "7"),
            ("#,##0 ;(#,##0)", -1001.0, "(1,001)"),
            ("#,##0 ;[Red](#,##0)", 7.0, "7 "),
            ("\"$\"#,##0.00", 12.5, "$12.50"),
            ("#,##0.00 [$\u{20ac}-407]", 12.5, "12.50 \u{20ac}"),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"_)", 701.0, " 701 "),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"_)", 0.0, " - "),
            ("\"S\"000", 12.0, "S012"),
            ("000-000", 12.0, "000-012"),
            ("\\K0", 7.0, "K7"),
            ("0000;-0000;0000;@", 701.0, "0701"),
            (";;;", 5.0, ""),
            ("0;-0;;@", 0.0, ""),
            ("[Red]0000", 701.0, "0701"),
            ("0", 1e15, "1000000000000000"),
        ] {
            assert_eq!(shown(code, number).as_deref(), Some(text), "{code} {number}");
        }
        for code in ["General", "@", "", "Standard", "[$-409]General"] {
            assert_eq!(shown(code, 701.0), None, "{code}");
        }
    }

    #[test]
    fn dates_and_times_are_distinguished_by_what_is_shown() {
        for (code, full, date, time, length) in [
            ("yyyy\\-mm\\-dd", true, true, false, false),
            ("dd.mm.yyyy", true, true, false, false),
            ("m/d/yy h:mm", true, true, true, false),
            ("d-mmm", false, true, false, false),
            ("mmm-yy", false, true, false, false),
            ("[$-407]d. mmm", false, true, false, false),
            ("dddd", false, true, false, false),
            ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", true, true, false, false),
            ("h:mm", false, false, true, false),
            ("h:mm AM/PM", false, false, true, false),
            ("mm:ss", false, false, true, false),
            ("[h]:mm", false, false, true, true),
            ("[mm]:ss", false, false, true, true),
            ("yyyy\"\u{5e74}\"m\"\u{6708}\"d\"\u{65e5}\"", true, true, false, false),
        ] {
            let NumberFormat::Time(format) = NumberFormat::parse(code) else { panic!("{code}") };
            let found = (format.has_full_date, format.has_date, format.has_time, format.is_length);
            assert_eq!(found, (full, date, time, length), "{code}");
        }
        for code in ["0", "\"day\" 0", "0 \\d", "[Red]0", "General"] {
            assert!(!matches!(NumberFormat::parse(code), NumberFormat::Time(_)), "{code}");
        }
    }

    #[test]
    fn dates_are_shown_as_spreadsheets_do() {
        let time = date_time(46_357.583_333_333_33, false).expect("a date");
        for (code, text) in [
            ("d-mmm", "1-Dec"),
            ("d-m", "1-12"),
            ("mm-dd", "12-01"),
            ("mmm-yy", "Dec-26"),
            ("[$-407]d. mmmm", "1. December"),
            ("ddd h:mm AM/PM", "Tue 2:00 PM"),
            ("d/m", "1/12"),
        ] {
            let NumberFormat::Time(format) = NumberFormat::parse(code) else { panic!("{code}") };
            assert_eq!(format.show(time), text, "{code}");
        }
    }

    #[test]
    fn serial_numbers_are_dates_in_both_date_systems() {
        for (serial, is_1904, text) in [
            (46_357.0, false, "2026-12-01T00:00:00"),
            (46_357.583_333_333_33, false, "2026-12-01T14:00:00"),
            (46_357.999_999_9, false, "2026-12-02T00:00:00"),
            (44_895.5, true, "2026-12-01T12:00:00"),
            (1.0, false, "1900-01-01T00:00:00"),
            (59.0, false, "1900-02-28T00:00:00"),
            (61.0, false, "1900-03-01T00:00:00"),
        ] {
            let time = date_time(serial, is_1904).expect("a date");
            assert_eq!(time.to_string(), text);
        }
        for serial in [-1.0, 2_958_466.0, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(date_time(serial, false), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_format_makes_it_panic(code in "[0#?.,%/;@ymdhse\\[\\]$\"\\\\_*E+General\u{20ac}-]{0,12}", number: f64) {
            match NumberFormat::parse(&code) {
                NumberFormat::Time(format) => {
                    let time = date_time(number.abs() % 3e6, false);
                    time.map(|time| format.show(time));
                }
                format => drop(format.show(number)),
            }
        }
    }
}
