//! QR codes: as SVG for pages, and in half blocks for terminals.

use qrcodegen::{Mask, QrCode as Encoded, QrCodeEcc, QrSegment, Version};

/// The light border that scanners need, in modules. Source: ISO/IEC 18004.
const QUIET: usize = 4;

/// A QR code with the lowest error correction: a link is long, and large modules scan better.
pub struct QrCode {
    /// Modules on each side, without the border.
    size: usize,
    /// Row by row, whether each is dark.
    dark: Vec<bool>,
}

impl QrCode {
    /// None if the text is longer than a code can hold, which is 2953 bytes.
    pub fn of(text: &str) -> Option<Self> {
        // The standard would have the best of eight masks, which takes twenty times as long. A link is
        // so mixed that each of them is good.
        let mask = Some(Mask::new(0));
        let segments = [QrSegment::make_bytes(text.as_bytes())];
        let (least, most) = (Version::MIN, Version::MAX);
        let code =
            Encoded::encode_segments_advanced(&segments, QrCodeEcc::Low, least, most, mask, false);
        let code = code.ok()?;
        let side = code.size();
        let dark = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let dark = dark.map(|(x, y)| code.get_module(x, y)).collect();
        Some(Self { size: usize::try_from(side).ok()?, dark })
    }

    /// Modules on each side, with the border.
    pub fn side(&self) -> usize {
        self.size + 2 * QUIET
    }

    /// The dark modules as the data of an SVG path, drawn with a stroke one module wide; the border
    /// is part of its coordinates.
    pub fn path(&self) -> String {
        let mut path = String::with_capacity(self.dark.len());
        for row in 0..self.size {
            let mut at = None;
            let mut column = 0;
            while column < self.size {
                let start = column;
                while column < self.size && self.is_dark(row, column) {
                    column += 1;
                }
                if column > start {
                    match at {
                        None => {
                            path.push('M');
                            push(&mut path, start + QUIET);
                            path.push(' ');
                            push(&mut path, row + QUIET);
                            path.push_str(".5");
                        }
                        Some(at) => {
                            path.push('m');
                            push(&mut path, start - at);
                            path.push_str(" 0");
                        }
                    }
                    path.push('h');
                    push(&mut path, column - start);
                    at = Some(column);
                }
                column += 1;
            }
        }
        path
    }

    /// A whole SVG image, dark on white, one line.
    pub fn svg(&self) -> String {
        let side = self.side();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{0}\" height=\"{0}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path stroke=\"#000\" d=\"{1}\"/></svg>",
            side * 4,
            self.path()
        )
    }

    /// Lines of half blocks, two rows of modules each: light is drawn, dark is left out, as it shows
    /// on a dark terminal.
    pub fn half_blocks(&self) -> Vec<String> {
        let is_light = |row: usize, column: usize| {
            let inside = row.checked_sub(QUIET).zip(column.checked_sub(QUIET));
            !inside.is_some_and(|(row, column)| {
                row < self.size && column < self.size && self.is_dark(row, column)
            })
        };
        let line = |row: usize| {
            let block = |column| match (is_light(row, column), is_light(row + 1, column)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            };
            (0..self.side()).map(block).collect()
        };
        (0..self.side()).step_by(2).map(line).collect()
    }

    fn is_dark(&self, row: usize, column: usize) -> bool {
        self.dark[row * self.size + column]
    }
}

/// Appends a number. Formatting would take most of the time of a handout: a code has thousands.
fn push(path: &mut String, number: usize) {
    if number >= 10 {
        push(path, number / 10);
    }
    path.push(char::from(b"0123456789"[number % 10]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a path draws, as rows of `#` and `.`.
    fn drawn(code: &QrCode) -> Vec<String> {
        let side = code.side();
        let mut rows = vec![vec!['.'; side]; side];
        let (mut x, mut y) = (0, 0);
        let path = code.path();
        let mut rest = path.as_str();
        while let Some(step) = rest.chars().next() {
            let end =
                rest[1..].find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
            let (numbers, after) = (&rest[1..end], &rest[end..]);
            let number = |index: usize| -> usize {
                let part = numbers.split(' ').nth(index).expect("a number");
                part.trim_end_matches(".5").parse().expect("a number")
            };
            match step {
                'M' => (x, y) = (number(0), number(1)),
                'm' => x += number(0),
                _ => {
                    rows[y][x..x + number(0)].fill('#');
                    x += number(0);
                }
            }
            rest = after;
        }
        rows.into_iter().map(|row| row.into_iter().collect()).collect()
    }

    /// The same, read from half blocks.
    fn shown(code: &QrCode) -> Vec<String> {
        let mut rows = Vec::new();
        for line in code.half_blocks() {
            let half = |light: [char; 2]| -> String {
                line.chars().map(|c| if light.contains(&c) { '.' } else { '#' }).collect()
            };
            rows.extend([half(['█', '▀']), half(['█', '▄'])]);
        }
        rows.truncate(code.side());
        rows
    }

    #[test]
    fn path_and_half_blocks_show_the_same_code_with_its_border() {
        for text in ["x", "https://go.room.sh/?user=a.b.c&room=1", &"long".repeat(200)] {
            let code = QrCode::of(text).expect("fits");
            let drawn = drawn(&code);
            assert_eq!(drawn, shown(&code));
            assert!(drawn[..QUIET].iter().all(|row| row.chars().all(|module| module == '.')));
            assert_eq!(&drawn[QUIET][QUIET..QUIET + 8], "#######.", "the corner of a code");
        }
    }

    #[test]
    fn what_does_not_fit_has_no_code() {
        assert!(QrCode::of(&"x".repeat(2953)).is_some());
        assert!(QrCode::of(&"x".repeat(2954)).is_none());
    }
}
