//! QR codes, as SVG for pages and as half blocks for terminals.

use qrcodegen::{Mask, QrCode as Encoded, QrCodeEcc, QrSegment, Version};

/// The light border that scanners need, in modules. Source: ISO/IEC 18004.
const QUIET: usize = 4;

/// Longest text that fits in a code, in bytes. Source: ISO/IEC 18004, version 40-L.
pub const MAX_LENGTH: usize = 2953;

/// A QR code with the lowest error correction: links are long, and larger modules scan better.
pub struct QrCode {
    /// Modules per side, without the border.
    size: usize,
    /// Whether each module is dark, row by row.
    dark: Vec<bool>,
}

impl QrCode {
    /// `None` if the text is longer than [`MAX_LENGTH`].
    pub fn of(text: &str) -> Option<Self> {
        // The standard requires the best of eight masks, which takes twenty times as long. Links
        // are varied enough for any mask.
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

    /// Modules per side, including the border.
    pub fn side(&self) -> usize {
        self.size + 2 * QUIET
    }

    /// SVG path data that fills the dark modules: the outlines of all dark areas, with dark on the
    /// right, so that holes stay light under both fill rules. Without strokes, every renderer draws
    /// it the same, and one outline around many modules is short. Coordinates include the border.
    pub fn path(&self) -> String {
        let mut path = String::with_capacity(2 * self.dark.len());
        let mut drawn = vec![false; self.dark.len()];
        let mut pen = None;
        for row in 0..self.size {
            for column in 0..self.size {
                let is_top_edge = self.is_dark(row, column) && !self.is_dark_above(row, column);
                if is_top_edge && !drawn[row * self.size + column] {
                    self.outline((row, column), &mut drawn, &mut pen, &mut path);
                }
            }
        }
        path
    }

    /// Appends one outline, starting at the left end of the top edge of a dark module. Its last
    /// side is omitted, because filling closes it. `pen` is where the last outline ended.
    fn outline(
        &self,
        start: (usize, usize),
        drawn: &mut [bool],
        pen: &mut Option<(usize, usize)>,
        path: &mut String,
    ) {
        // Corners of the grid. Dark is on the right of the direction: below it when going right.
        let ((mut y, mut x), mut way) = (start, Way::Right);
        if let Some((pen_y, pen_x)) = *pen {
            path.push('m');
            push_difference(path, pen_x, x);
            if y >= pen_y {
                path.push(' ');
            }
            push_difference(path, pen_y, y);
        } else {
            path.push('M');
            push(path, x + QUIET);
            path.push(' ');
            push(path, y + QUIET);
        }
        loop {
            let (from_y, from_x) = (y, x);
            let turned = loop {
                match way {
                    Way::Right => {
                        drawn[y * self.size + x] = true;
                        x += 1;
                    }
                    Way::Down => y += 1,
                    Way::Left => x -= 1,
                    Way::Up => y -= 1,
                }
                let turned = self.turned(way, y, x);
                if turned != way {
                    break turned;
                }
            };
            if (y, x) == start && turned == Way::Right {
                *pen = Some((from_y, from_x));
                return;
            }
            path.push(if y == from_y { 'h' } else { 'v' });
            push_difference(path, from_x + from_y, x + y);
            way = turned;
        }
    }

    /// The direction after a corner: right if the module ahead on the right is light, left if both modules
    /// ahead are dark, straight on otherwise.
    fn turned(&self, way: Way, y: usize, x: usize) -> Way {
        let dark = |is_down: bool, is_right: bool| {
            let row = if is_down { Some(y) } else { y.checked_sub(1) };
            let column = if is_right { Some(x) } else { x.checked_sub(1) };
            row.zip(column).is_some_and(|(row, column)| {
                row < self.size && column < self.size && self.is_dark(row, column)
            })
        };
        let (ahead_right, ahead_left) = match way {
            Way::Right => (dark(true, true), dark(false, true)),
            Way::Down => (dark(true, false), dark(true, true)),
            Way::Left => (dark(false, false), dark(true, false)),
            Way::Up => (dark(false, true), dark(false, false)),
        };
        match (ahead_right, ahead_left) {
            (false, _) => way.right(),
            (true, false) => way,
            (true, true) => way.left(),
        }
    }

    /// A complete SVG image, dark on white, on one line.
    pub fn svg(&self) -> String {
        let side = self.side();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{0}\" height=\"{0}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" stroke=\"none\" d=\"M0 0h{side}v{side}H0z\"/>\
             <path fill=\"#000\" stroke=\"none\" d=\"{1}\"/></svg>",
            side * 8,
            self.path()
        )
    }

    /// Lines of half blocks, with two rows of modules each. Light modules are drawn and dark ones
    /// left empty, for dark terminals.
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

    fn is_dark_above(&self, row: usize, column: usize) -> bool {
        row.checked_sub(1).is_some_and(|row| self.is_dark(row, column))
    }
}

/// The direction of an outline.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Right,
    Down,
    Left,
    Up,
}

impl Way {
    fn right(self) -> Self {
        match self {
            Self::Right => Self::Down,
            Self::Down => Self::Left,
            Self::Left => Self::Up,
            Self::Up => Self::Right,
        }
    }

    fn left(self) -> Self {
        self.right().right().right()
    }
}

/// Appends the difference between two numbers.
fn push_difference(path: &mut String, from: usize, to: usize) {
    if to < from {
        path.push('-');
    }
    push(path, to.abs_diff(from));
}

/// Appends a number. A code has thousands, and formatting them would take most of a handout's time.
fn push(path: &mut String, number: usize) {
    if number >= 10 {
        push(path, number / 10);
    }
    path.push(char::from(b"0123456789"[number % 10]));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that a path fills, as rows of `#` and `.`. Counts the outlines that a ray to the
    /// left of each module crosses; both fill rules must agree.
    fn drawn(code: &QrCode) -> Vec<String> {
        let side = code.side();
        let path = code.path();
        assert!(path.chars().all(|c| "Mmhv -0123456789".contains(c)), "{path}");
        // Vertical sides by row and column: +1 if going down, -1 if going up.
        let mut crossings = vec![vec![0_i32; side + 1]; side];
        let (mut x, mut y) = (0_i32, 0_i32);
        let mut start = (0, 0);
        let mut side_to = |from: (i32, i32), to: (i32, i32)| {
            assert!(from.0 == to.0 || from.1 == to.1, "a slanted side");
            for row in from.1.min(to.1)..from.1.max(to.1) {
                let place = (usize::try_from(row), usize::try_from(from.0));
                let (Ok(row), Ok(column)) = place else { panic!("outside") };
                crossings[row][column] += (to.1 - from.1).signum();
            }
        };
        let mut rest = path.as_str();
        while let Some(step) = rest.chars().next() {
            let end =
                rest[1..].find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
            let spaced = rest[1..end].replace('-', " -");
            let numbers: Vec<i32> =
                spaced.split_whitespace().map(|number| number.parse().expect("a number")).collect();
            let before = (x, y);
            match step {
                'M' | 'm' => {
                    side_to(before, start);
                    (x, y) = (x + numbers[0], y + numbers[1]);
                    start = (x, y);
                }
                'h' => x += numbers[0],
                _ => y += numbers[0],
            }
            if !"Mm".contains(step) {
                side_to(before, (x, y));
            }
            rest = &rest[end..];
        }
        side_to((x, y), start);
        let row = |row: &Vec<i32>| {
            let (mut winding, mut parity) = (0, 0);
            let module = |crossing: &i32| {
                winding += crossing;
                parity += crossing.abs();
                assert_eq!(winding != 0, parity % 2 == 1, "the fill rules differ");
                if winding == 0 { '.' } else { '#' }
            };
            row[..side].iter().map(module).collect()
        };
        crossings.iter().map(row).collect()
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
    fn the_path_and_the_half_blocks_show_the_same_code_with_its_border() {
        for text in
            ["x", "https://go.room.sh/?user=a.b.c&room=1", &"long".repeat(200), &"7q".repeat(900)]
        {
            let code = QrCode::of(text).expect("fits");
            let drawn = drawn(&code);
            assert_eq!(drawn, shown(&code));
            assert!(drawn[..QUIET].iter().all(|row| row.chars().all(|module| module == '.')));
            assert_eq!(&drawn[QUIET][QUIET..QUIET + 8], "#######.", "the corner of a code");
        }
    }

    #[test]
    fn text_that_does_not_fit_has_no_code() {
        assert!(QrCode::of(&"x".repeat(MAX_LENGTH)).is_some());
        assert!(QrCode::of(&"x".repeat(2954)).is_none());
    }
}
