//! `--copy`, with stand-ins for a desktop's programs, and with a real one if it is installed.
#![cfg(target_os = "linux")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::mock::{Api, link, link_line};
use crate::output::launches;
use crate::support::TestEnv;
use crate::terminal::Terminal;

/// A program that saves its input and its arguments.
fn stand_in(env: &TestEnv, name: &str) {
    let place = env.path("work").display().to_string();
    env.program(
        name,
        // It must not see the key.
        &format!(
            "[ -z \"$LESSONSPACE_API_KEY\" ] || exit 9; \
             echo \"$*\" > '{place}/{name}.words'; /bin/cat > '{place}/{name}.text'"
        ),
    );
}

fn copy(env: &TestEnv, line: &str) -> crate::seen::Output {
    env.cmd(&format!("{line} --id x --guest --copy")).var("CI", "false").run()
}

#[test]
fn the_link_is_passed_to_the_desktops_program_on_standard_input() {
    for (variable, program, words) in [
        ("WAYLAND_DISPLAY", "wl-copy", "--type text/plain\n"),
        ("DISPLAY", "xclip", "-selection clipboard -in\n"),
        ("DISPLAY", "xsel", "--clipboard --input\n"),
    ] {
        for command in ["launch", "add-user"] {
            let api = Api::start();
            let _launch = launches(&api, 1);
            let env = api.env();
            env.set(variable, ":7");
            stand_in(&env, program);
            copy(&env, command).succeeded(&link_line()).says(&["link copied to the clipboard"]);
            let kept = |what: &str| {
                fs::read_to_string(env.path(&format!("work/{program}.{what}"))).unwrap()
            };
            assert_eq!((kept("text").as_str(), kept("words").as_str()), (link().as_str(), words));
        }
    }
}

#[test]
fn without_a_clipboard_there_is_one_warning_and_the_link_is_still_printed() {
    let no_clipboard = "warning: --copy: could not copy the link: no clipboard found; on Linux, install \
                        wl-copy, xclip or xsel\n";
    for (set_up, warning) in [
        ("", no_clipboard),
        ("/bin/cat > /dev/null; exit 1", "warning: --copy: could not copy the link: xclip failed"),
        ("exec /bin/sleep 60", "warning: --copy: could not copy the link: xclip failed"),
    ] {
        let api = Api::start();
        let _launch = launches(&api, 1);
        let env = api.env();
        if !set_up.is_empty() {
            env.set("DISPLAY", ":7");
            env.program("xclip", set_up);
        }
        let output = copy(&env, "launch");
        output.succeeded(&link_line()).says(&[warning]);
        assert_eq!(output.stderr.matches("--copy").count(), 1);
    }
}

#[test]
fn the_next_program_is_tried_if_one_fails() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    env.set("DISPLAY", ":7").set("WAYLAND_DISPLAY", "wayland-0");
    env.program("wl-copy", "exit 1");
    stand_in(&env, "xsel");
    copy(&env, "launch").succeeded(&link_line()).says(&["link copied to the clipboard"]);
    assert_eq!(fs::read_to_string(env.path("work/xsel.text")).unwrap(), link());
}

#[test]
fn without_a_desktop_the_copy_sequence_is_written_only_to_standard_error() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    let run = env.cmd("launch --id x --guest --copy --no-input").var("CI", "false");
    let session = Terminal::start_redirected(&run, "> out").end();
    let sequence = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(link()));
    assert!(session.screen.contains(&sequence), "{}", session.screen);
    // Terminals do not confirm that they copied it.
    session
        .ended(0, &["asked the terminal to copy the link"])
        .without(&["copied to the clipboard"]);
    assert_eq!(fs::read_to_string(env.path("work/out")).unwrap(), link_line());
}

#[test]
fn nothing_is_copied_in_ci() {
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    env.set("DISPLAY", ":7");
    stand_in(&env, "xclip");
    let output = env.cmd("launch --id x --guest --copy").var("CI", "true").run();
    output.succeeded(&link_line()).says(&["warning: --copy has no effect in CI\n"]);
    assert!(!env.path("work/xclip.text").exists());
}

/// An X server without a screen, stopped at the end of the test.
struct Screen {
    server: Child,
    name: String,
}

impl Screen {
    fn start() -> Option<Self> {
        for tool in ["Xvfb", "xclip"] {
            if Command::new(tool)
                .arg("-version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_err()
            {
                assert!(std::env::var_os("CI").is_none(), "install {tool}");
                eprintln!(
                    "NOT TESTED, because there is no {tool}; install it: apt-get install xvfb xclip"
                );
                return None;
            }
        }
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let stdout = server.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut number).unwrap();
        Some(Self { server, name: format!(":{}", number.trim()) })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_real_xclip_has_the_link_and_keeps_no_stream_open() {
    let Some(screen) = Screen::start() else { return };
    let api = Api::start();
    let _launch = launches(&api, 1);
    let env = api.env();
    env.set("DISPLAY", &screen.name);
    let path = std::env::var("PATH").unwrap();
    let start = Instant::now();
    let output = env.cmd("launch --id x --guest --copy").var("CI", "false").var("PATH", path).run();
    output.succeeded(&link_line()).says(&["link copied to the clipboard"]);
    assert!(start.elapsed() < Duration::from_secs(20), "standard output was held open");
    thread::sleep(Duration::from_millis(50));
    let pasted = Command::new("xclip")
        .args(["-selection", "clipboard", "-out"])
        .env("DISPLAY", &screen.name)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(pasted.stdout).unwrap(), link());
}
