//! A real browser: headless Chromium, driven over `WebDriver` in plain HTTP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The longest that a page may take to show something.
const PATIENCE: Duration = Duration::from_secs(20);

/// One tab of a browser with its own profile.
pub(crate) struct Browser {
    /// Dropped before the profile, because the browser writes to it until it ends.
    driver: Driver,
    session: String,
    profile: TempDir,
}

impl Browser {
    /// Opens a browser of this width in pixels, as of a desktop or a phone.
    ///
    /// `None` if no browser is installed: the other tests require only Rust. In CI that is a failure.
    ///
    /// # Panics
    /// If the browser does not start, or if there is none in CI.
    pub(crate) fn open(width: u32) -> Option<Self> {
        if Command::new("chromedriver").arg("--version").output().is_err() {
            let advice = "install it: apt-get install chromium chromium-driver";
            assert!(std::env::var_os("CI").is_none(), "no chromedriver; {advice}");
            eprintln!("NOT TESTED, because there is no chromedriver; {advice}");
            return None;
        }
        // Several drivers that start at once now and then take each other's port.
        let (driver, port) = try_often(5, || {
            let mut driver = Driver::start();
            port(&mut driver.0).map(|port| (driver, port))
        });
        let profile = TempDir::new().unwrap();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Self { driver, session, profile };
        let folder = browser.profile.path().display();
        let arguments = json!([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            format!("--user-data-dir={folder}"),
        ]);
        let mobile = json!({"deviceMetrics": {"width": width, "height": 800, "pixelRatio": 1}});
        let options = json!({"args": arguments, "mobileEmulation": mobile});
        let always =
            json!({"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let wanted = json!({"capabilities": {"alwaysMatch": always}});
        let opened = browser.call("POST", "", &wanted);
        let id = opened["sessionId"].as_str().unwrap_or_else(|| {
            panic!("chromium does not start; install it: apt-get install chromium chromium-driver\n{opened}")
        });
        browser.session = format!("{}/{id}", browser.session);
        Some(browser)
    }

    pub(crate) fn go(&self, url: &str) {
        self.call("POST", "/url", &json!({"url": url}));
    }

    /// Switches to the page in the first frame.
    pub(crate) fn enter_frame(&self) {
        self.call("POST", "/frame", &json!({"id": 0}));
    }

    /// Sets the preferred colour scheme to `light` or `dark`.
    pub(crate) fn prefer(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        let command =
            json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": [feature]}});
        self.call("POST", "/goog/cdp/execute", &command);
    }

    /// Shows pages as they are printed from now on.
    pub(crate) fn show_as_printed(&self) {
        let command = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"media": "print"}});
        self.call("POST", "/goog/cdp/execute", &command);
    }

    /// Presses a key in the focused element.
    pub(crate) fn key(&self, key: char) {
        let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.call("POST", "/actions", &json!({"actions": [keyboard]}));
    }

    /// Clicks the element for a CSS selector, and waits for the page that follows.
    #[track_caller]
    pub(crate) fn press(&self, selector: &str) {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.call("POST", "/element", &wanted);
        let id = found.as_object().and_then(|found| found.values().next()?.as_str());
        let id = id.filter(|_| found.get("error").is_none());
        let id = id.unwrap_or_else(|| panic!("no {selector} on the page: {}", self.text()));
        self.call("POST", &format!("/element/{id}/click"), &json!({}));
    }

    /// Waits until this text is visible: the page behind a button may take a moment.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(&format!("return document.body.innerText.includes({})", json!(text)));
    }

    /// Waits until a script returns true.
    #[track_caller]
    pub(crate) fn wait_until(&self, script: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.script(script) != true {
            assert!(Instant::now() < deadline, "waited for {script}, saw {}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All visible text.
    pub(crate) fn text(&self) -> String {
        self.script("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// The result of a script; the page itself has none.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({"script": script, "args": []}))
    }

    /// New messages on the browser's console, such as violations of the page's Content-Security-Policy.
    pub(crate) fn console(&self) -> Vec<String> {
        let printed = self.call("POST", "/se/log", &json!({"type": "browser"}));
        let printed = printed.as_array().unwrap_or_else(|| panic!("no log: {printed}"));
        printed.iter().map(|entry| entry["message"].to_string()).collect()
    }

    /// A screenshot, as PNG.
    pub(crate) fn screenshot(&self) -> Vec<u8> {
        self.developer_tool("Page.captureScreenshot", &json!({}))
    }

    /// The page as it is printed, as PDF; sizes in inches.
    pub(crate) fn print(&self, width: f64, height: f64) -> Vec<u8> {
        let paper = json!({"paperWidth": width, "paperHeight": height, "printBackground": true});
        self.developer_tool("Page.printToPDF", &paper)
    }

    /// The data from one of the browser's developer tools.
    fn developer_tool(&self, name: &str, parameters: &Value) -> Vec<u8> {
        let command = json!({"cmd": name, "params": parameters});
        let given = self.call("POST", "/goog/cdp/execute", &command);
        let data = given["data"].as_str().unwrap_or_else(|| panic!("{name}: {given}"));
        STANDARD.decode(data).unwrap()
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = request(
            method,
            &format!("{}{path}", self.session),
            "application/json",
            &body.to_string(),
        );
        let mut answer: Value = serde_json::from_str(&answer).unwrap_or_default();
        answer["value"].take()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Lets the browser end cleanly. A driver that is gone must not cause a panic, which would
        // abort a test that is already panicking.
        let _ = try_request("DELETE", &self.session, "application/json", "{}");
        self.driver.end();
    }
}

/// A chromedriver that ends together with its browsers: when it is dropped, and when the tests end
/// in any way, including `kill -9`.
struct Driver(Child);

impl Driver {
    #[cfg(unix)]
    fn command() -> Command {
        use std::os::unix::process::CommandExt as _;
        // A browser outlives its driver, but is in the same process group. The shell waits until
        // its standard input closes, then kills the group, itself included. The group is also
        // killed when the driver ends, for example because another one took its port.
        let script =
            "{ chromedriver --port=0 </dev/null; kill -KILL 0; } & read -r end; kill -KILL 0";
        let mut command = Command::new("sh");
        command.args(["-c", script]).process_group(0);
        command
    }

    #[cfg(not(unix))]
    fn command() -> Command {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        command
    }

    fn start() -> Self {
        let mut command = Self::command();
        let started =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Self(started.unwrap())
    }

    fn end(&mut self) {
        drop(self.0.stdin.take());
        if cfg!(not(unix)) {
            drop(self.0.kill());
        }
        drop(self.0.wait());
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.end();
    }
}

/// The free port that the driver chose, from its output.
fn port(driver: &mut Child) -> Option<u16> {
    let mut said = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = said.by_ref().find_map(|line| {
        let line = line.ok()?;
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    });
    // The rest must be read too, or the driver would block.
    std::thread::spawn(move || said.for_each(drop));
    port
}

/// Tries something up to this many times.
fn try_often<T>(times: usize, mut attempt: impl FnMut() -> Option<T>) -> T {
    (0..times).find_map(|_| attempt()).expect("chromedriver tells its port")
}

/// Posts a form, as a browser does.
pub(crate) fn post(url: &str, form: &str) -> String {
    request("POST", url, "application/x-www-form-urlencoded", form)
}

/// Sends one HTTP request; returns the body of the response.
fn request(method: &str, url: &str, kind: &str, body: &str) -> String {
    try_request(method, url, kind, body).unwrap()
}

fn try_request(method: &str, url: &str, kind: &str, body: &str) -> io::Result<String> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    // A browser that hangs must not hang the tests.
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = BufReader::new(stream);
    let mut length = None;
    for line in answer.by_ref().lines() {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        length =
            line.strip_prefix("content-length:").and_then(|n| n.trim().parse().ok()).or(length);
    }
    let mut text = String::new();
    answer.take(length.unwrap_or(u64::MAX)).read_to_string(&mut text)?;
    Ok(text)
}
