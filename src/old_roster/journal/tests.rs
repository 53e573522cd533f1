//! What the journal remembers, whatever happens to it.

use std::{fs, time::Duration};

use super::*;
use crate::old_roster::outcome::Status;

const REAL: Target<'_> =
    Target { api_url: "https://api.example/v2/", sandbox: false, time_zone: None };

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        path_for(&self.folder.path().join("links.csv"))
    }

    fn open(&self, start: Start) -> Result<Journal, JournalError> {
        Journal::open(&self.path(), REAL, start)
    }

    fn refusal(&self, target: Target<'_>, start: Start) -> String {
        let error = Journal::open(&self.path(), target, start).expect_err("refused").to_string();
        let folder = format!("{}{}", self.folder.path().display(), std::path::MAIN_SEPARATOR);
        error.replace(&folder, "")
    }
}

fn answer(status: Status, text: &str) -> Answer {
    let text = Some(text.to_owned());
    let outcome = if status.has_link() {
        let expires_at = Some("2026-12-01T14:00:00Z".parse().expect("a time"));
        Outcome { status, client_url: text, expires_at, room_id: None, error: None }
    } else {
        Outcome { error: text, ..Outcome::without_link(status) }
    };
    Answer { outcome, may_have_acted: false }
}

/// Records what each job does, one thing after the other.
async fn record(journal: Journal, steps: &[(&str, Option<Answer>)]) -> Journal {
    let recorder: Recorder = journal.record().expect("a thread");
    for (content, answer) in steps {
        let key = Key::of(content);
        match answer {
            None => recorder.mark(key).is_used().await,
            Some(answer) => recorder.answer(key, answer.clone()).await,
        }
        .expect("written");
    }
    recorder.finish().expect("finished")
}

#[tokio::test]
async fn what_was_recorded_is_known_at_once_and_after_opening_again() {
    let folder = Folder::new();
    let mut lost = answer(Status::Failed, "timed out");
    lost.may_have_acted = true;
    let steps = [
        ("linked", None),
        ("linked", Some(answer(Status::Created, "https://one"))),
        ("in flight", None),
        ("refused", None),
        ("refused", Some(answer(Status::Failed, "no\nway"))),
        ("lost", None),
        ("lost", Some(lost)),
        ("lost", None),
        ("lost", Some(answer(Status::Failed, "refused"))),
        ("renewing", None),
        ("renewing", Some(answer(Status::Existing, "https://two"))),
        ("renewing", None),
        ("renewing", Some(answer(Status::Failed, "busy"))),
    ];
    let mut journal = record(folder.open(Start::New).expect("new"), &steps).await;
    for _ in 0..2 {
        let entry = |content| journal.entry(Key::of(content));
        let expires_at = Some("2026-12-01T14:00:00Z".parse().expect("a time"));
        let none = Entry::default();
        let linked =
            Entry { link: Some(Link { status: Status::Created, ends_at: expires_at }), ..none };
        assert_eq!(entry("linked"), linked);
        assert_eq!(entry("in flight"), Entry { may_have_acted: true, ..none });
        assert_eq!(entry("refused"), Entry { has_failed: true, ..none });
        assert_eq!(entry("lost"), Entry { has_failed: true, may_have_acted: true, ..none });
        let link = Some(Link { status: Status::Existing, ends_at: expires_at });
        assert_eq!(entry("renewing"), Entry { link, has_failed: true, may_have_acted: false });
        assert_eq!(entry("never seen"), none);

        let read = |found: Result<Option<Outcome>, _>| found.expect("read").expect("there");
        let one = answer(Status::Created, "https://one").outcome;
        assert_eq!(read(journal.link(Key::of("linked"))), one);
        assert_eq!(read(journal.link(Key::of("renewing"))).status, Status::Existing);
        let failure = read(journal.failure(Key::of("refused")));
        assert_eq!(failure.error.as_deref(), Some("no\nway"));
        assert_eq!(journal.failure(Key::of("linked")).expect("read"), None);
        assert_eq!(journal.link(Key::of("never seen")).expect("read"), None);
        drop(journal);
        journal = folder.open(Start::Resume).expect("again");
    }
}

#[tokio::test]
async fn a_new_link_settles_everything_before_it() {
    let folder = Folder::new();
    let steps = [
        ("row", None),
        ("row", Some(answer(Status::Failed, "busy"))),
        ("row", None),
        ("row", None),
        ("row", Some(answer(Status::Unknown, "https://one"))),
    ];
    let journal = record(folder.open(Start::New).expect("new"), &steps).await;
    let entry = journal.entry(Key::of("row"));
    assert_eq!(entry.link.expect("a link").status, Status::Unknown);
    assert!(!entry.has_failed && !entry.may_have_acted);
}

#[tokio::test]
async fn a_journal_torn_at_any_byte_loses_at_most_the_torn_line() {
    let folder = Folder::new();
    let steps = [
        ("a", None),
        ("a", Some(answer(Status::Created, "https://a?ä=\u{1f600}"))),
        ("b", None),
        ("b", Some(answer(Status::Failed, "no"))),
    ];
    drop(record(folder.open(Start::New).expect("new"), &steps).await);
    let whole = fs::read(folder.path()).expect("read");
    for cut in 0..=whole.len() {
        fs::write(folder.path(), &whole[..cut]).expect("cut");
        let journal = folder.open(Start::Resume).unwrap_or_else(|error| panic!("{cut}: {error}"));
        let lines = whole[..cut].split(|&byte| byte == b'\n').count() - 1;
        let [a, b] = ["a", "b"].map(|content| journal.entry(Key::of(content)));
        assert_eq!(a.link.is_some(), lines >= 3, "{cut}");
        assert_eq!(a.may_have_acted, lines == 2, "{cut}");
        assert_eq!(b.may_have_acted, lines == 4, "{cut}");
        assert_eq!(b.has_failed, lines >= 5, "{cut}");
        assert_eq!(journal.damaged_lines(), 0);
        // What is written next stands on a line of its own.
        drop(record(journal, &[("c", None)]).await);
        let journal = folder.open(Start::Resume).expect("again");
        assert!(journal.entry(Key::of("c")).may_have_acted);
        assert_eq!(journal.damaged_lines(), 0, "{cut}");
    }
}

#[tokio::test]
async fn damage_in_the_middle_costs_only_the_damaged_lines() {
    let folder = Folder::new();
    let steps = [("a", None), ("b", None), ("c", None)];
    drop(record(folder.open(Start::New).expect("new"), &steps).await);
    let mut lines: Vec<_> =
        fs::read_to_string(folder.path()).expect("read").lines().map(str::to_owned).collect();
    lines[2] = "\0\0\0".to_owned();
    fs::write(folder.path(), lines.join("\n") + "\n").expect("written");
    let journal = folder.open(Start::Resume).expect("again");
    assert_eq!(journal.damaged_lines(), 1);
    let seen = ["a", "b", "c"].map(|content| journal.entry(Key::of(content)).may_have_acted);
    assert_eq!(seen, [true, false, true]);
}

#[tokio::test]
async fn an_earlier_journal_is_refused_resumed_or_emptied() {
    let folder = Folder::new();
    drop(record(folder.open(Start::New).expect("new"), &[("a", None)]).await);
    assert_eq!(
        folder.refusal(REAL, Start::New),
        "links.csv.journal exists: links were made before; add --resume to go on with them, or \
         --force to start over"
    );
    assert!(folder.open(Start::Resume).expect("resumed").entry(Key::of("a")).may_have_acted);
    assert_eq!(folder.open(Start::Over).expect("over").entry(Key::of("a")), Entry::default());
    assert_eq!(fs::read_to_string(folder.path()).expect("read").lines().count(), 1);
}

#[test]
fn a_journal_of_another_api_is_refused() {
    let folder = Folder::new();
    drop(folder.open(Start::Resume).expect("nothing to resume starts"));
    let other = Target { api_url: "https://other.example/", ..REAL };
    let sandbox = Target { sandbox: true, ..REAL };
    assert_eq!(
        folder.refusal(other, Start::Resume),
        "links.csv.journal holds links of https://api.example/v2/, not of \
         https://other.example/; write these links to another file"
    );
    assert!(folder.refusal(sandbox, Start::Resume).contains("not of the sandbox"));
    let open = |target, start| drop(Journal::open(&folder.path(), target, start).expect("open"));
    open(sandbox, Start::Over);
    open(Target { api_url: "http://127.0.0.1:9/", sandbox: true, time_zone: None }, Start::Resume);
    assert!(folder.refusal(REAL, Start::Resume).contains("holds links of the sandbox, not of"));
}

#[test]
fn what_is_no_journal_is_never_touched() {
    for text in
        ["id,name\n", "{\"id\":1}\n", "{\"lessonspace", "\n", "{\"lessonspace_journal\":x}\n"]
    {
        let folder = Folder::new();
        fs::write(folder.path(), text).expect("written");
        if text == "{\"lessonspace" {
            folder.open(Start::Resume).expect("a torn header");
            continue;
        }
        for start in [Start::Resume, Start::Over] {
            assert!(
                folder
                    .refusal(REAL, start)
                    .ends_with("is not a lessonspace journal; move it somewhere else")
            );
        }
        assert_eq!(fs::read_to_string(folder.path()).expect("read"), text);
    }
    let folder = Folder::new();
    fs::create_dir(folder.path()).expect("made");
    assert!(folder.refusal(REAL, Start::Resume).contains("is not a lessonspace journal"));
    let newer = Folder::new();
    let header = "{\"lessonspace_journal\":2,\"api_url\":\"x\",\"sandbox\":false}\n";
    fs::write(newer.path(), header).expect("written");
    assert!(newer.refusal(REAL, Start::Resume).contains("a newer lessonspace"));
}

#[tokio::test]
async fn a_second_run_is_refused_while_the_first_goes_on() {
    let folder = Folder::new();
    let recorder = folder.open(Start::New).expect("new").record().expect("a thread");
    for start in [Start::New, Start::Resume, Start::Over] {
        assert_eq!(
            folder.refusal(REAL, start),
            "another run is writing to links.csv.journal; wait until it has ended"
        );
    }
    drop(recorder.finish().expect("finished"));
    folder.open(Start::Resume).expect("free again");
}

#[tokio::test]
async fn a_failed_write_is_told_to_everybody_and_counts_for_nobody() {
    let folder = Folder::new();
    let mut journal = record(folder.open(Start::New).expect("new"), &[("a", None)]).await;
    let before = fs::read(folder.path()).expect("read");
    journal.file = File::open(folder.path()).expect("read-only");
    let recorder = journal.record().expect("a thread");
    let linked = answer(Status::Created, "https://one");
    let first = recorder.answer(Key::of("a"), linked.clone());
    let mut second = recorder.mark(Key::of("b"));
    assert!(matches!(first.await, Err(JournalError::Write { .. })));
    assert!(matches!(second.is_used().await, Err(JournalError::Write { .. })));
    drop(second);
    assert!(matches!(recorder.mark(Key::of("c")).is_used().await, Err(JournalError::Write { .. })));
    let journal = recorder.finish().expect("finished");
    assert_eq!(journal.entry(Key::of("a")), Entry { may_have_acted: true, ..Entry::default() });
    assert_eq!(journal.entry(Key::of("b")), Entry::default());
    assert_eq!(fs::read(folder.path()).expect("read"), before);
}

#[tokio::test]
async fn records_handed_over_are_written_though_nobody_waits() {
    let folder = Folder::new();
    let recorder = folder.open(Start::New).expect("new").record().expect("a thread");
    for number in 0..5000 {
        let linked = answer(Status::Created, "https://one");
        drop(recorder.answer(Key::of(&number.to_string()), linked.clone()));
    }
    let journal = recorder.finish().expect("finished");
    assert!((0..5000).all(|number| journal.entry(Key::of(&number.to_string())).link.is_some()));
}

#[tokio::test]
async fn a_mark_whose_request_did_not_go_is_taken_back() {
    let folder = Folder::new();
    let mut journal = folder.open(Start::New).expect("new");
    let linked = answer(Status::Created, "https://one");
    journal = record(journal, &[("linked", Some(linked)), ("lost", None)]).await;
    let before = ["new", "linked", "lost"].map(|content| journal.entry(Key::of(content)));
    let recorder = journal.record().expect("a thread");
    for content in ["new", "linked", "lost"] {
        recorder.mark(Key::of(content)).is_written().await.expect("written");
    }
    drop(recorder.finish().expect("finished"));
    let journal = folder.open(Start::Resume).expect("again");
    assert_eq!(["new", "linked", "lost"].map(|content| journal.entry(Key::of(content))), before);
}

#[tokio::test]
async fn a_dropped_recorder_frees_the_journal() {
    let folder = Folder::new();
    let recorder = folder.open(Start::New).expect("new").record().expect("a thread");
    recorder.mark(Key::of("a")).is_used().await.expect("written");
    drop(recorder);
    let mut opened = folder.open(Start::Resume);
    while matches!(opened, Err(JournalError::InUse { .. })) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        opened = folder.open(Start::Resume);
    }
    assert!(opened.expect("free").entry(Key::of("a")).may_have_acted);
}

#[cfg(unix)]
#[test]
fn the_journal_is_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    drop(folder.open(Start::New).expect("new"));
    let mode = || fs::metadata(folder.path()).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o644)).expect("set");
    drop(folder.open(Start::Resume).expect("again"));
    assert_eq!(mode(), 0o600);
}
