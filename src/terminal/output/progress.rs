//! The progress of a long run: a bar on a terminal, else a line now and then.

use super::Printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

/// A run with a known number of steps.
pub struct Progress {
    printer: Printer,
    bar: ProgressBar,
    total: usize,
    done: Cell<usize>,
    failed: Cell<usize>,
    start: Instant,
    last_line: Cell<usize>,
}

impl Progress {
    /// How often a line is written where there is no terminal.
    pub const INTERVAL: Duration = Duration::from_secs(10);

    /// A run that has not started. Nothing is shown with `--quiet` or `--json`.
    pub fn new(printer: Printer, total: usize) -> Self {
        let shows_bar = !printer.quiet && !printer.json && io::stderr().is_terminal();
        let target =
            if shows_bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        let style = "{bar:30} {pos} of {len}, {per_sec:0}, {eta} left{msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let (done, failed, last_line) = (Cell::new(0), Cell::new(0), Cell::new(0));
        Self { printer, bar, total, done, failed, start: Instant::now(), last_line }
    }

    /// One more step is done.
    pub fn done(&self, has_failed: bool) {
        self.done.set(self.done.get() + 1);
        if has_failed {
            self.failed.set(self.failed.get() + 1);
            self.bar.set_message(format!(", {} failed", self.failed.get()));
        }
        self.bar.inc(1);
    }

    /// Writes the line, if there is no bar and anything was done; to be called every
    /// [`Progress::INTERVAL`].
    pub fn tick(&self) {
        let (done, failed) = (self.done.get(), self.failed.get());
        if !self.bar.is_hidden() {
            self.bar.tick();
        } else if done > self.last_line.get() || self.start.elapsed() > Self::INTERVAL {
            self.last_line.set(done);
            let seconds = self.start.elapsed().as_secs_f64().max(0.001);
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = done as f64 / seconds;
            let total = self.total;
            self.printer
                .story(&format!("{done} of {total} done, {rate:.1} per second, {failed} failed"));
        }
    }

    /// What happened, above the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| self.printer.story(line));
    }

    /// A detail, with `--verbose`, above the bar.
    pub fn detail(&self, line: &str) {
        self.bar.suspend(|| self.printer.detail(line));
    }

    /// The run is over; the bar goes.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
