//! The state file: shared, torn, emptied, full of rubbish.

use super::*;
use std::fs;
use std::thread;

fn room_id(id: &str) -> Uuid {
    Uuid::from_u128(id.bytes().fold(1, |all, byte| (all << 8) | u128::from(byte)))
}

fn store(folder: &Path) -> Store {
    Store::open(folder).expect("opens")
}

/// Makes the Space unless it exists, and says whether it was made.
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

#[test]
fn spaces_outlive_the_process_and_their_secrets_stay() {
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
fn a_torn_last_line_is_skipped_and_loses_nothing_else() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let path = folder.path().join(FILE);
    launch(&mut store(folder.path()), "a");
    let whole = fs::read(&path).expect("reads");
    fs::write(&path, [&whole[..], &whole[..40]].concat()).expect("writes");
    let mut after = store(folder.path());
    assert!(!launch(&mut after, "a"));
    assert!(launch(&mut after, "b"));
    let mut later = store(folder.path());
    assert!(!launch(&mut later, "a") && !launch(&mut later, "b"));
}

#[test]
fn a_file_full_of_rubbish_is_no_obstacle() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let room = room_id("a");
    let rubbish = format!("\n\0\u{1}\nnull\n{{\"room_id\": \"{room}\"}}\n\n");
    fs::write(folder.path().join(FILE), rubbish).expect("writes");
    let mut store = store(folder.path());
    assert!(launch(&mut store, "a"));
    assert!(!launch(&mut store, "a"));
}

#[test]
fn the_newest_space_comes_first_however_often_another_changes() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut store = store(folder.path());
    for id in ["a", "b", "c"] {
        launch(&mut store, id);
    }
    let renamed = |before: Option<&Space>| {
        let space = before.cloned().ok_or(())?;
        Ok::<_, ()>(Space { name: "renamed".to_owned(), ..space })
    };
    store.update(room_id("a"), renamed).expect("writes").expect("exists");
    let ids = |spaces: Vec<Space>| spaces.into_iter().map(|space| space.id).collect::<Vec<_>>();
    assert_eq!(ids(store.choose(|_| true).expect("reads")), ["c", "b", "a"]);
    assert_eq!(ids(store.choose(|space| space.name == "renamed").expect("reads")), ["a"]);
}

#[test]
fn an_emptied_file_is_noticed() {
    let folder = tempfile::tempdir().expect("makes a folder");
    let mut store = store(folder.path());
    launch(&mut store, "a");
    fs::write(folder.path().join(FILE), "").expect("empties");
    assert!(launch(&mut store, "a"));
}

#[test]
fn of_many_at_once_exactly_one_creates_each_space() {
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
fn file_and_folder_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("makes a folder");
    let state = folder.path().join("deep/state");
    launch(&mut store(&state), "a");
    let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join(FILE))), (0o700, 0o600));
}
