//! The progress of a long run: a bar on a terminal, otherwise a line at intervals.

use super::output::Printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

/// Period over which the shown rate is measured.
const RATE_WINDOW: Duration = Duration::from_secs(30);

/// The progress of a run with a known number of steps.
pub struct Progress {
    printer: Printer,
    bar: ProgressBar,
    total: usize,
    done: Cell<usize>,
    failed: Cell<usize>,
    start: Instant,
    /// Times of the latest steps.
    recent: RefCell<VecDeque<Instant>>,
    /// When the current wait ends, and whether it may end earlier.
    waiting: Cell<Option<(Instant, bool)>>,
}

impl Progress {
    /// Time between lines if there is no terminal.
    pub const INTERVAL: Duration = Duration::from_secs(10);

    /// Starts with no steps done. Shows nothing with `--quiet` or `--json`.
    pub fn new(printer: Printer, total: usize) -> Self {
        let shows_bar = !printer.quiet && !printer.json && io::stderr().is_terminal();
        let target =
            if shows_bar { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}{msg}") {
            bar.set_style(style);
        }
        Self {
            printer,
            bar,
            total,
            done: Cell::new(0),
            failed: Cell::new(0),
            start: Instant::now(),
            recent: RefCell::default(),
            waiting: Cell::new(None),
        }
    }

    /// Counts a finished step.
    pub fn done(&self, has_failed: bool) {
        self.done.set(self.done.get() + 1);
        if has_failed {
            self.failed.set(self.failed.get() + 1);
        }
        self.recent.borrow_mut().push_back(Instant::now());
        if !self.bar.is_hidden() {
            self.bar.set_message(self.details());
        }
        self.bar.inc(1);
    }

    /// Shows that nothing is sent for this time.
    pub fn waiting(&self, time: Duration) {
        self.wait(time, false);
    }

    /// Shows that nothing is sent for at most this time.
    pub fn waiting_up_to(&self, time: Duration) {
        self.wait(time, true);
    }

    /// Shows that the wait is over.
    pub fn continues(&self) {
        self.wait(Duration::ZERO, false);
    }

    fn wait(&self, time: Duration, is_limit: bool) {
        let until = Instant::now().checked_add(time).filter(|_| time > Duration::from_secs(1));
        self.waiting.set(until.map(|until| (until, is_limit)));
        if !self.bar.is_hidden() {
            self.bar.set_message(self.details());
        }
    }

    /// Updates the bar, or writes a line if there is none. Call this every [`Progress::INTERVAL`].
    pub fn tick(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.details());
            self.bar.tick();
            return;
        }
        self.printer.message(&format!(
            "{} of {} done{}",
            self.done.get(),
            self.total,
            self.details()
        ));
    }

    /// The rate and the time left, or when the wait ends, followed by the number of failures.
    fn details(&self) -> String {
        let now = Instant::now();
        let failed = match self.failed.get() {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        if let Some((until, is_limit)) = self.waiting.get().filter(|(until, _)| *until > now) {
            let clock = clock_after(until - now);
            let most = if is_limit { " at the latest" } else { "" };
            return format!(", waiting until {clock}{most}{failed}");
        }
        let mut recent = self.recent.borrow_mut();
        while recent.front().is_some_and(|time| now - *time > RATE_WINDOW) {
            recent.pop_front();
        }
        let seconds = (now - self.start).min(RATE_WINDOW).as_secs_f64().max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "for display only")]
        let rate = recent.len() as f64 / seconds;
        let left = if rate > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "for display only")]
            let left = (self.total - self.done.get().min(self.total)) as f64 / rate;
            format!(", about {} left", in_words(left))
        } else {
            String::new()
        };
        format!(", {rate:.1} per second{left}{failed}")
    }

    /// Writes a line above the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| self.printer.message(line));
    }

    /// Writes a warning above the bar.
    pub fn warn(&self, line: &str) {
        self.bar.suspend(|| self.printer.warning(line));
    }

    /// Writes a line above the bar, with `--verbose`.
    pub fn detail(&self, line: &str) {
        self.bar.suspend(|| self.printer.detail(line));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The time of day after a wait.
fn clock_after(wait: Duration) -> String {
    let end = jiff::Zoned::now().checked_add(wait);
    end.map_or_else(|_| "later".to_owned(), |end| end.strftime("%H:%M:%S").to_string())
}

fn in_words(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for display only")]
    let seconds = seconds.min(1e9).ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}
