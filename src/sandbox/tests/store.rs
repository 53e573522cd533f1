//! The state file (shared, cut off, emptied or damaged), and what a launch changes in a Space.

use super::*;
use std::fs;
use std::thread;

fn room_id(id: &str) -> Uuid {
    Uuid::from_u128(id.bytes().fold(1, |all, byte| (all << 8) | u128::from(byte)))
}

fn store(folder: &Path) -> Store {
    Store::open(folder).expect("opens")
}

/// Creates the Space unless it exists, and returns whether it is new.
fn launch(store: &mut Store, id: &str) -> bool {
    let room = room_id(id);
    let mut created = false;
    let change = |before: Option<&Space>| {
        created = before.is_none();
        Ok::<_, ()>(before.cloned().unwrap_or_else(|| Space::new(room, id)))
    };
    store.update(room, change).expect("writes").expect("is not refused");
    created
}

/// A folder with a state file that contains the Spaces a and b.
fn folder() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut store = store(folder.path());
    assert!(launch(&mut store, "a") && launch(&mut store, "b"));
    let path = folder.path().join(FILE);
    let whole = fs::read(&path).expect("reads");
    (folder, path, whole)
}

#[test]
fn spaces_outlive_the_process_and_keep_their_secrets() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut first = store(folder.path());
    assert!(launch(&mut first, "a"));
    assert!(!launch(&mut first, "a"));
    let mut second = store(folder.path());
    assert!(!launch(&mut second, "a"));
    assert!(launch(&mut second, "b"));
    assert!(!launch(&mut first, "b"), "what another process added is seen");
    let room = room_id("a");
    let secret = |store: &mut Store| store.get(room).expect("reads").map(|space| space.secret);
    assert!(secret(&mut first).is_some());
    assert_eq!(secret(&mut first), secret(&mut second));
    let lines = fs::read_to_string(folder.path().join(FILE)).expect("reads");
    assert_eq!(lines.lines().count(), 2, "what did not change is not written again");
}

#[test]
fn a_torn_last_line_is_dropped_with_a_warning_and_loses_nothing_else() {
    let (folder, path, whole) = folder();
    let first = whole.iter().position(|byte| *byte == b'\n').expect("has lines") + 1;
    for cut in 1..whole.len() - first {
        fs::write(&path, &whole[..whole.len() - cut]).expect("writes");
        let mut after = store(folder.path());
        let warning = after.refresh().expect("reads");
        if cut == 1 {
            assert_eq!(warning, None, "the line is complete");
            assert_eq!(fs::read(&path).expect("reads"), whole);
            continue;
        }
        let warning = warning.expect("is warned of");
        assert!(warning.starts_with("dropped the incomplete last line of the practice Spaces"));
        assert_eq!(after.refresh().expect("reads"), None, "once");
        assert_eq!(fs::read(&path).expect("reads"), whole[..first]);
        assert!(!launch(&mut after, "a") && launch(&mut after, "b"));
        let mut later = store(folder.path());
        assert_eq!(later.refresh().expect("reads"), None);
        assert!(!launch(&mut later, "a") && !launch(&mut later, "b"));
    }
}

#[test]
fn a_damaged_file_is_reported_and_left_unchanged() {
    let (folder, path, whole) = folder();
    for (damaged, place) in [
        (b"nonsense".to_vec(), "line 1"),
        (b"{\"cut".to_vec(), "line 1"),
        (b"\0\0\0\0\n".to_vec(), "line 1"),
        (b"null\n".to_vec(), "line 1"),
        ([&whole[..], b"\n{}\n"].concat(), "line 4"),
        ([&whole[..], b"nonsense"].concat(), "line 3"),
        (whole[1..].to_vec(), "line 1"),
    ] {
        fs::write(&path, &damaged).expect("writes");
        let mut store = store(folder.path());
        let error = store.get(room_id("a")).expect_err("is refused");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let message = error.to_string();
        assert!(message.contains(&*path.to_string_lossy()), "{message}");
        assert!(message.contains(&format!("is damaged on {place}; delete it")), "{message}");
        let refused = store.update(room_id("a"), |_| Ok::<_, ()>(Space::new(room_id("a"), "a")));
        assert!(refused.is_err());
        assert_eq!(fs::read(&path).expect("reads"), damaged);
    }
}

#[test]
fn an_emptied_file_is_detected() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut store = store(folder.path());
    launch(&mut store, "a");
    fs::write(folder.path().join(FILE), "").expect("empties");
    assert!(launch(&mut store, "a"));
}

#[test]
fn exactly_one_of_many_concurrent_launches_creates_each_space() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let created: usize = thread::scope(|scope| {
        let run = || {
            let mut store = store(folder.path());
            (0..100).filter(|n| launch(&mut store, &n.to_string())).count()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().expect("runs")).sum()
    });
    assert_eq!(created, 100);
}

#[cfg(unix)]
#[test]
fn only_this_user_can_read_the_file_and_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("makes a folder");
    let state = folder.path().join("deep/state");
    launch(&mut store(&state), "a");
    let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join(FILE))), (0o700, 0o600));
}

fn asked(body: &str) -> Launch {
    Launch::read(body.as_bytes(), jiff::Timestamp::UNIX_EPOCH).expect("is valid")
}

#[test]
fn settings_last_until_a_launch_changes_them() {
    let mut space = Space::new(Uuid::nil(), "a");
    space.apply(&asked(r#"{"id": "a", "record_av": true, "transcribe": true}"#)).expect("ok");
    space.apply(&asked(r#"{"id": "a", "name": "Biology", "allow_guests": false}"#)).expect("ok");
    space.apply(&asked(r#"{"id": "a", "summarise": true}"#)).expect("both are on already");
    assert!(space.settings.record_av && space.settings.transcribe && !space.allow_guests);
    let refused = space.apply(&asked(r#"{"id": "a", "record_av": false}"#));
    assert_eq!(refused, Err("transcribe requires record_av."));
    let mut blank = Space::new(Uuid::nil(), "a");
    blank.apply(&asked(r#"{"id": "a", "name": null}"#)).expect("ok");
    assert_eq!((&*blank.name, blank.title()), ("", "a"));
}

#[test]
fn webhooks_are_either_replaced_completely_or_unchanged() {
    let mut space = Space::new(Uuid::nil(), "a");
    let both = r#"{"id": "a", "webhooks": {"session": {"start": "http://h/1"}, "user": {"join": "http://h/2"}}}"#;
    space.apply(&asked(both)).expect("ok");
    space.apply(&asked(r#"{"id": "a"}"#)).expect("ok");
    assert_eq!(space.webhooks.len(), 2);
    let one =
        r#"{"id": "a", "webhooks": {"session": {"start": ""}, "user": {"leave": "http://h/3"}}}"#;
    space.apply(&asked(one)).expect("ok");
    assert_eq!(space.webhooks, [("user.leave".to_owned(), "http://h/3".to_owned())].into());
    space.apply(&asked(r#"{"id": "a", "webhooks": null}"#)).expect("ok");
    assert!(space.webhooks.is_empty());
}
