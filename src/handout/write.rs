//! Writes a handout: a page, a calendar, or a folder of either.

use super::calendar::{self, Changes, LeftOut, Lessons};
use super::cards::{Card, Handout, Space};
use super::folder::{Folder, IndexLine};
use super::page::{Page, Section};
use super::words::Words;
use crate::error::{Error, Result};
use crate::escape::untrusted_path;
use crate::input;
use crate::input::decode;
use crate::links::atomic_file::Replacement;
use crate::words::count;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// What gets a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Each {
    /// Each person in each Space
    Person,
    /// Each Space
    Space,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Cards to print
    Html,
    /// A calendar
    Ics,
}

/// What to write, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
#[derive(Debug)]
pub struct Job {
    /// The name of the links file in messages.
    pub links: String,
    /// The file or folder to write.
    pub output: PathBuf,
    pub format: Format,
    pub each: Option<Each>,
    pub title: Option<String>,
    pub words: &'static Words,
    pub zone: TimeZone,
    pub now: Timestamp,
    pub is_compact: bool,
    pub has_lesson_ids: bool,
    pub is_update: bool,
    pub is_forced: bool,
}

impl Job {
    /// The word for what is made from each link.
    pub fn piece(&self) -> &'static str {
        if self.format == Format::Html { "card" } else { "event" }
    }
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Cards or events.
    pub pieces: usize,
    /// Files in the folder.
    pub files: Option<usize>,
    pub left_out: LeftOut,
    pub changes: Option<Changes>,
    /// People in the index without an email address, if others have one.
    pub without_email: usize,
}

/// Writes on a separate thread, so that Ctrl-C works at once. Dropping this future stops the work,
/// and partial files are deleted before the drop ends.
pub async fn on_a_thread(job: Job, handout: Handout) -> Result<(Job, Handout, Written)> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = oneshot::channel();
    let is_stopped = Arc::clone(&stop);
    let worker = thread::spawn(move || {
        let written = Making { job: &job, is_stopped: &is_stopped }.write(&handout);
        // After Ctrl-C, the receiver is gone.
        let _ = sender.send(written.map(|written| (job, handout, written)));
    });
    let _worker = Worker { stop, thread: Some(worker) };
    receiver.await.unwrap_or_else(|error| Err(anyhow::Error::new(error).into()))
}

/// The writing thread, stopped and joined on drop.
struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has written nothing.
            let _ = thread.join();
        }
    }
}

/// A writer that fails once the work is stopped.
struct Stoppable<'a> {
    out: &'a mut dyn Write,
    is_stopped: &'a AtomicBool,
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(io::Error::other("interrupted"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A job in progress.
#[derive(Clone, Copy)]
struct Making<'a> {
    job: &'a Job,
    is_stopped: &'a AtomicBool,
}

impl Making<'_> {
    fn write(&self, handout: &Handout) -> Result<Written> {
        let job = self.job;
        match (job.each, job.format) {
            (None, Format::Html) => self.write_page(handout),
            (None, Format::Ics) => self.write_calendar(handout),
            (Some(each), Format::Html) => self.write_pages(handout, each),
            (Some(each), Format::Ics) => self.write_calendars(handout, each),
        }
    }

    fn stoppable<'w>(&'w self, out: &'w mut dyn Write) -> Stoppable<'w> {
        Stoppable { out, is_stopped: self.is_stopped }
    }

    /// The title of a page or calendar with these Spaces.
    fn title<'a>(&'a self, spaces: &'a [Space]) -> &'a str {
        match (&self.job.title, spaces) {
            (Some(title), _) => title,
            (None, [space]) => &space.title,
            (None, _) => self.job.words.lesson_links,
        }
    }

    fn page<'a>(&'a self, title: &'a str) -> Page<'a> {
        let Job { words, zone, is_compact, now, .. } = self.job;
        Page { title, words, zone, is_compact: *is_compact, now: *now }
    }

    fn calendar_options<'a>(&self, title: &'a str) -> calendar::Options<'a> {
        calendar::Options {
            title,
            words: self.job.words,
            now: self.job.now,
            has_lesson_ids: self.job.has_lesson_ids,
        }
    }

    fn write_page(&self, handout: &Handout) -> Result<Written> {
        let page = self.page(self.title(&handout.spaces));
        let mut file = Replacement::start(&self.job.output)?;
        file.write(|out| page.write_all(handout, &mut self.stoppable(out)))?;
        file.finish()?;
        Ok(Written { pieces: handout.cards().count(), ..Written::default() })
    }

    fn lessons<'h>(
        &self,
        handout: &'h Handout,
        options: &calendar::Options<'_>,
    ) -> Result<Lessons<'h>> {
        calendar::lessons(handout, options).map_err(|problems| {
            let shown = self.job.links.clone();
            let mut error = Error::of_problems(problems);
            error.message =
                format!("{shown}: some lessons have no id, or the same id as another lesson");
            error.causes = error.problems.iter().take(20).map(ToString::to_string).collect();
            error
        })
    }

    fn write_calendar(&self, handout: &Handout) -> Result<Written> {
        let output = &self.job.output;
        let options = self.calendar_options(self.title(&handout.spaces));
        let lessons = self.lessons(handout, &options)?;
        let is_there = self.job.is_update && output.symlink_metadata().is_ok();
        let earlier = if is_there { Some(read_calendar(output)?) } else { None };
        if lessons.events.is_empty() && earlier.is_none() {
            return Err(self.no_lessons(lessons.left_out));
        }
        let (text, changes) = match earlier {
            None => (calendar::calendar(lessons.events.iter().map(|it| &it.2), &options), None),
            Some(earlier) => {
                let others =
                    calendar::lessons_of_another_handout(&earlier, &lessons, handout, &options);
                if others > 0 && !self.job.is_forced {
                    return Err(self.another_calendar(others));
                }
                let (events, changes) = calendar::updated(earlier, &lessons, handout, &options);
                (calendar::calendar(&events, &options), Some(changes))
            }
        };
        let mut file = Replacement::start(output)?;
        file.write(|out| out.write_all(text.as_bytes()))?;
        file.finish()?;
        let Lessons { events, left_out, .. } = lessons;
        Ok(Written { pieces: events.len(), left_out, changes, ..Written::default() })
    }

    /// The calendar does not match the links: it is for another class, or its lessons have other
    /// ids.
    fn another_calendar(&self, lessons: usize) -> Error {
        let Job { links, output, has_lesson_ids, .. } = self.job;
        let would = match lessons {
            1 => "its upcoming lesson would be cancelled".to_owned(),
            _ => format!("all {lessons} of its upcoming lessons would be cancelled"),
        };
        let how = if *has_lesson_ids {
            "without --lesson-id, with a different one"
        } else {
            "with --lesson-id"
        };
        let shown = untrusted_path(output);
        Error::about(shown, format!("has no upcoming lesson in common with {links}; {would}"))
            .with_causes([format!("it may have been made {how}, or from another links file")])
            .with_hint(
                "use the same --lesson-id as before, choose another file, or add --force to cancel them",
            )
    }

    fn no_lessons(&self, left_out: LeftOut) -> Error {
        let links = count(left_out.total(), "link");
        let instead = if self.job.each.is_some() { "--format html" } else { "-o links.html" };
        let message = format!(
            "{links} but no lessons, so nothing to put in a calendar (a lesson has a start and an end, at most 24 hours apart); to make a page instead, use {instead}"
        );
        Error::usage(self.job.links.clone(), message)
    }

    fn write_pages(&self, handout: &Handout, each: Each) -> Result<Written> {
        let mut folder = Folder::start(&self.job.output, self.job.is_forced)?;
        let mut index = Index::default();
        for space in &handout.spaces {
            let page = self.page(self.job.title.as_deref().unwrap_or(&space.title));
            if each == Each::Space {
                let without = handout.without_in(space);
                let file = folder.write(&[&space.title], "html", |out| {
                    page.write_space(Section::whole(space), &without, &mut self.stoppable(out))
                })?;
                for person in people(space.cards.iter()) {
                    index.add(&mut folder, person[0], &file)?;
                }
                continue;
            }
            for cards in people(space.cards.iter()) {
                let person = cards[0];
                let file = folder.write(&[&space.title, &person.name], "html", |out| {
                    page.write_person(Section { space, cards }, &mut self.stoppable(out))
                })?;
                index.add(&mut folder, person, &file)?;
            }
        }
        let written = Written { pieces: handout.cards().count(), ..index.written(&folder) };
        folder.finish()?;
        Ok(written)
    }

    fn write_calendars(&self, handout: &Handout, each: Each) -> Result<Written> {
        let options = self.calendar_options("");
        let Lessons { events, left_out, .. } = self.lessons(handout, &options)?;
        if events.is_empty() {
            return Err(self.no_lessons(left_out));
        }
        let mut folder = Folder::start(&self.job.output, self.job.is_forced)?;
        let mut index = Index::default();
        for space in &handout.spaces {
            let own: Vec<_> = events.iter().filter(|(of, ..)| std::ptr::eq(*of, space)).collect();
            let title = self.job.title.as_deref().unwrap_or(&space.title);
            let options = self.calendar_options(title);
            let all = people(own.iter().map(|(_, card, _)| *card));
            let mut write = |cards: &[&Card], parts: &[&str]| {
                let is_of = |card: &Card| cards.iter().any(|of| std::ptr::eq(*of, card));
                let events = own.iter().filter(|(_, card, _)| is_of(card)).map(|it| &it.2);
                let text = calendar::calendar(events, &options);
                folder.write(parts, "ics", |out| self.stoppable(out).write_all(text.as_bytes()))
            };
            if each == Each::Space {
                if all.is_empty() {
                    continue;
                }
                let file = write(&all.concat(), &[&space.title])?;
                for person in all {
                    index.add(&mut folder, person[0], &file)?;
                }
                continue;
            }
            let mut lines = Vec::with_capacity(all.len());
            for cards in all {
                let file = write(&cards, &[&space.title, &cards[0].name])?;
                lines.push((cards[0], file));
            }
            for (person, file) in lines {
                index.add(&mut folder, person, &file)?;
            }
        }
        let written = Written { pieces: events.len(), left_out, ..index.written(&folder) };
        folder.finish()?;
        Ok(written)
    }
}

/// Number of people in the index with and without an email address.
#[derive(Default)]
struct Index {
    with_email: usize,
    without_email: usize,
}

impl Index {
    fn add(&mut self, folder: &mut Folder, person: &Card, file: &str) -> Result<()> {
        match person.email {
            Some(_) => self.with_email += 1,
            None => self.without_email += 1,
        }
        folder.add(IndexLine { name: &person.name, email: person.email.as_deref(), file })
    }

    fn written(&self, folder: &Folder) -> Written {
        // Printed cards need no addresses.
        let without_email = if self.with_email > 0 { self.without_email } else { 0 };
        Written { files: Some(folder.len()), without_email, ..Written::default() }
    }
}

/// Groups cards by person, in order. Cards are for the same person only if both the name and the id
/// or email address are equal, so two people with the same name never share a file.
fn people<'a>(cards: impl Iterator<Item = &'a Card>) -> Vec<Vec<&'a Card>> {
    let mut people: Vec<Vec<&Card>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for card in cards {
        let known = card.is_key_certain.then_some((card.key.as_str(), card.name.as_str()));
        let place = known.and_then(|known| places.get(&known).copied());
        if let Some(place) = place {
            people[place].push(card);
            continue;
        }
        if let Some(known) = known {
            places.insert(known, people.len());
        }
        people.push(vec![card]);
    }
    people
}

fn read_calendar(path: &Path) -> Result<Vec<calendar::Event>> {
    let shown = untrusted_path(path);
    let problem = |message: String| Error::about(&*shown, message);
    let bytes = input::read_regular(path).map_err(|error| problem(input::explain(&error)))?;
    let text = decode(bytes, None).map_err(|error| problem(error.to_string()))?.text;
    calendar::read(&text).map_err(problem)
}
