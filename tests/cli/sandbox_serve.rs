//! `lessonspace sandbox`: the practice API, served until a signal arrives.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::faults::{Act, Faults, http};
use crate::support::TestEnv;

pub(crate) const KEY: &str = "5a4db0c5-0000-4000-8000-000000000000";

/// The longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `lessonspace sandbox`, and its output.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Serving {
    /// Starts `lessonspace sandbox` with more flags, and waits for its two lines.
    pub(crate) fn start(env: &TestEnv, flags: &str) -> Self {
        let run = env.cmd(&format!("sandbox {flags}"));
        let mut child = run.command().stdin(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (mut first, mut second) = (String::new(), String::new());
        stdout.read_line(&mut first).unwrap();
        stdout.read_line(&mut second).unwrap();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let (stderr, printed) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&lines));
        let reader = thread::spawn(move || {
            for line in stderr.lines() {
                printed.lock().unwrap().push(line.unwrap());
            }
        });
        let url = value(&first, "LESSONSPACE_API_URL");
        assert_eq!(value(&second, "LESSONSPACE_API_KEY"), KEY);
        Self { child, url, lines, reader: Some(reader) }
    }

    /// An environment for scripts that use this sandbox, as set by its two lines.
    pub(crate) fn client(&self) -> TestEnv {
        let env = TestEnv::at(&self.url);
        env.set("LESSONSPACE_API_KEY", KEY);
        env
    }

    /// Waits for a line that contains this text.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.printed().iter().any(|line| line.contains(text)) {
            assert!(
                Instant::now() < deadline,
                "waited for {text:?}, printed: {:#?}",
                self.printed()
            );
            thread::sleep(Duration::from_millis(3));
        }
    }

    pub(crate) fn printed(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Sends a signal; returns the exit code and all lines.
    #[cfg(unix)]
    fn end(mut self, signal: &str) -> (Option<i32>, Vec<String>) {
        let line = format!("kill -{signal} {}", self.child.id());
        let kill = std::process::Command::new("/bin/sh").arg("-c").arg(line).status();
        assert!(kill.unwrap().success());
        let code = self.child.wait().unwrap().code();
        self.reader.take().unwrap().join().unwrap();
        (code, self.printed())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(self.reader.take().map(JoinHandle::join));
    }
}

/// The value that a line sets, in the syntax of this system's shell.
fn value(line: &str, name: &str) -> String {
    let (before, after) = if cfg!(windows) {
        (format!("$env:{name} = '"), "'")
    } else {
        (format!("export {name}="), "")
    };
    let value = line.trim_end().strip_prefix(&before).and_then(|rest| rest.strip_suffix(after));
    value.unwrap_or_else(|| panic!("{line:?} does not set {name}")).to_owned()
}

#[test]
fn scripts_work_with_the_sandbox_and_each_request_prints_a_line() {
    let serving = Serving::start(&TestEnv::new(), "");
    let env = serving.client();
    env.run("hello").succeeded("Hello from the practice API! 👋\n");
    let output = env.run("launch --id bio --user-name Anna");
    assert!(output.stdout.starts_with(&serving.url.replace("/v2/", "/?user=")), "{output}");
    output.says(&["created Space bio"]).does_not_say(&["warning"]);
    env.run("launch --id bio").says(&["opened existing Space bio"]);
    env.run("launch --id bio --transcribe").failed(4);
    serving.wait_for("request 4: POST /v2/spaces/launch/: 400");
    let printed = serving.printed();
    assert!(printed[0].starts_with("the sandbox is running"), "{printed:#?}");
    let requests = &printed[2..];
    let expected = [
        "request 1: GET /v2/hello/: 200",
        "request 2: POST /v2/spaces/launch/: 201, created Space bio",
        "request 3: POST /v2/spaces/launch/: 200, opened existing Space bio",
        "request 4: POST /v2/spaces/launch/: 400",
    ];
    assert_eq!(requests, expected);
}

#[test]
fn rate_and_failures_take_effect() {
    let serving = Serving::start(&TestEnv::new(), "--rate 0 --fail 500@1,drop@3");
    let env = serving.client();
    let output = env.run("launch --id a --json");
    assert_eq!(output.json()["attempts"], 2, "{output}");
    let output = env.run("launch --id b --json");
    assert_eq!(output.json()["created"], serde_json::Value::Null, "{output}");
    serving.wait_for("request 1: POST /v2/spaces/launch/: 500 (from --fail)");
    serving.wait_for("response dropped (from --fail)");
    let serving = Serving::start(&TestEnv::new(), "--rate 1");
    let env = serving.client();
    env.run("hello");
    let output = env.run("hello --json");
    assert_eq!(output.json()["attempts"], 2, "{output}");
    serving.wait_for("GET /v2/hello/: 429");
}

#[test]
fn the_next_sandbox_has_the_saved_spaces() {
    let home = TestEnv::new();
    for outcome in ["created", "opened existing"] {
        let serving = Serving::start(&home, "");
        serving.client().run("launch --id a").says(&[&format!("{outcome} Space a")]);
    }
    home.unset("LESSONSPACE_API_KEY");
    home.run("launch --id a --sandbox").says(&["opened existing Space a"]);
}

#[test]
#[cfg(unix)]
fn ctrl_c_exits_0_and_sigterm_exits_with_its_own_code() {
    for (signal, code, last) in [
        ("INT", 0, "nothing is sent to Lessonspace; press Ctrl-C to stop"),
        ("TERM", 143, "error: interrupted"),
    ] {
        let serving = Serving::start(&TestEnv::new(), "");
        serving.wait_for("press Ctrl-C to stop");
        let (ended, printed) = serving.end(signal);
        assert_eq!(ended, Some(code));
        assert_eq!(printed.last().map(String::as_str), Some(last));
    }
}

#[test]
#[cfg(unix)]
fn quiet_prints_no_requests() {
    let serving = Serving::start(&TestEnv::new(), "-q");
    serving.client().run("hello");
    assert_eq!(serving.end("INT"), (Some(0), vec![]));
}

#[test]
fn json_prints_url_and_key() {
    let env = TestEnv::new();
    let run = env.cmd("sandbox --json");
    let mut child = run.command().spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let address: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(address["api_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{line}");
    assert_eq!(address["api_key"], KEY);
}

#[test]
fn invalid_flags_are_reported_together() {
    let env = TestEnv::new();
    let output =
        env.run("sandbox --port 65536 --rate fast --fail 200@1 --webhook-url example.org/hook");
    output.failed(2).says(&[
        "--port: expected a whole number from 0 to 65535, not \"65536\"",
        "--rate: expected a whole number from 0 to 4294967295, not \"fast\"",
        "--fail: `200` is not a valid failure",
    ]);
    output.says(&["--webhook-url: `example.org/hook` is not a valid web address"]);
    env.run("sandbox --json --port x").json_error(2, "usage");
}

#[test]
fn a_damaged_practice_file_is_reported_and_nothing_is_served() {
    let env = TestEnv::new();
    std::fs::create_dir_all(env.path("state/lessonspace")).unwrap();
    let file = env.path("state/lessonspace/spaces.jsonl");
    std::fs::write(&file, "not a Space\n").unwrap();
    let path = file.display().to_string();
    let damaged = format!("the practice Spaces file {path} is damaged on line 1; delete it");
    env.run("sandbox").failed(1).says(&["error: cannot start the sandbox on port 0", &damaged]);
    let error = env.run("sandbox --json");
    error.json_error(1, "unexpected");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a Space\n");
}

#[test]
fn a_port_in_use_exits_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = TestEnv::new().run(&format!("sandbox --port {port}"));
    output
        .failed(2)
        .says(&[&format!("--port: {port} is already in use"), "hint: choose another port"]);
}

#[test]
fn every_event_is_also_sent_to_the_webhook_url() {
    let receiver =
        Faults::play(vec![Act::Answer(http("204 No Content", &["Connection: close"], ""))]);
    let flags = format!("--webhook-url {}/all?token=hidden", receiver.origin());
    let serving = Serving::start(&TestEnv::new(), &flags);
    let link = serving.client().run("launch --id a").stdout;
    let form = link.trim().split_once('?').unwrap().1;
    for button in ["join", "idle", "leave"] {
        crate::webdriver::post(&serving.url.replace("v2/", button), form);
    }
    receiver.wait_for_requests(6);
    let requests = receiver.requests();
    let events: Vec<_> =
        requests.iter().map(|request| request.header("x-webhook-event").unwrap()).collect();
    let all =
        ["session.start", "user.join", "user.idle", "session.idle", "user.leave", "session.end"];
    assert_eq!(events, all);
    assert!(requests.iter().all(|request| request.line() == "POST /all?token=hidden HTTP/1.1"));
    serving
        .wait_for(&format!("webhook: session.end to {}/all: delivered (204)", receiver.origin()));
    assert!(!serving.printed().join("\n").contains("hidden"));
}

#[test]
fn a_failed_delivery_is_reported_and_retried() {
    let refused = Act::Answer(http("503 Service Unavailable", &["Connection: close"], ""));
    let accepted = Act::Answer(http("204 No Content", &["Connection: close"], ""));
    let receiver = Faults::play(vec![refused, accepted]);
    let serving = Serving::start(&TestEnv::new(), "");
    let hook = format!("{}/hook?token=hidden", receiver.origin());
    let link = serving.client().run(&format!("launch --id a --webhook user.join={hook}")).stdout;
    crate::webdriver::post(
        &serving.url.replace("v2/", "join"),
        link.trim().split_once('?').unwrap().1,
    );
    let shown = format!("webhook: user.join to {}/hook", receiver.origin());
    serving.wait_for(&format!("{shown}: 503, attempt 1 of 5"));
    serving.wait_for(&format!("{shown}: delivered (204)"));
    let printed = serving.printed().join("\n");
    assert!(!printed.contains("hidden") && !printed.contains("eyJ"), "{printed}");
    assert_eq!(receiver.requests().len(), 2);
}
