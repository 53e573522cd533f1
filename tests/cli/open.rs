//! `--open`, with a stand-in for the program that starts the browser, which Linux looks up in `PATH`.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::mock::{Api, link_line};
use crate::output::launches;
use crate::support::TestEnv;

/// A browser that saves its last argument.
fn fake_browser(env: &TestEnv) -> PathBuf {
    let opened = env.path("work/opened");
    let target = opened.display();
    for name in ["xdg-open", "gio", "wslview"] {
        env.program(name, &format!("[ -z \"$LESSONSPACE_API_KEY\" ] || exit 9; for last; do :; done; echo \"$last\" > '{target}.part'; /bin/mv '{target}.part' '{target}'"));
    }
    opened
}

#[test]
fn open_opens_the_link_and_prints_it_too() {
    for command in ["launch", "add-user"] {
        let api = Api::start();
        let _launch = launches(&api, 1);
        let env = api.env();
        let opened = fake_browser(&env);
        env.cmd(&format!("{command} --id x --guest --open"))
            .var("CI", "false")
            .run()
            .succeeded(&link_line());
        let deadline = Instant::now() + Duration::from_secs(10);
        while !opened.exists() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(fs::read_to_string(opened).unwrap(), link_line());
    }
}

#[test]
fn open_does_nothing_in_ci() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    let opened = fake_browser(&env);
    env.cmd("launch --id x --guest --open").var("CI", "true").run().succeeded(&link_line());
    thread::sleep(Duration::from_millis(200));
    assert!(!opened.exists(), "a browser was opened in CI");
}

#[test]
fn the_next_program_is_tried_if_one_fails_and_a_running_browser_is_not_waited_for() {
    let api = Api::start();
    let _launch = launches(&api, 2);
    let env = api.env();
    let opened = fake_browser(&env);
    env.program("xdg-open", "exit 3");
    env.run("launch --id x --guest --open").succeeded(&link_line()).does_not_say(&["--open"]);
    assert_eq!(fs::read_to_string(opened).unwrap(), link_line());
    for name in ["xdg-open", "gio", "wslview"] {
        env.program(name, "exec /bin/sleep 30");
    }
    let start = Instant::now();
    env.run("launch --id x --guest --open").succeeded(&link_line()).does_not_say(&["--open"]);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
