//! HTTP as third-party clients write it, with every header and body byte as given, and the sandbox
//! for them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::faults::{Act, Faults, http};
use crate::sandbox_serve::{KEY, Serving};
use crate::support::TestEnv;

/// A client that sends the same headers with every request.
pub(crate) struct Wire {
    /// The API's base URL, with the final slash.
    base: String,
    headers: Vec<String>,
}

/// The response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Wire {
    pub(crate) fn new(base: &str, headers: &[&str]) -> Self {
        Self { base: base.to_owned(), headers: headers.iter().map(|&one| one.to_owned()).collect() }
    }

    /// Gets a path of the API, or a URL from a response.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", "")
    }

    /// Posts a body with its `Content-Length`.
    pub(crate) fn post(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &format!("Content-Length: {}\r\n", body.len()), body)
    }

    /// Posts a body in chunks, as streaming clients do.
    pub(crate) fn post_chunked(&self, path: &str, body: &str) -> Reply {
        let (first, second) = body.split_at(body.len() / 2);
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let chunks = format!("{}{}0\r\n\r\n", chunk(first), chunk(second));
        self.send("POST", path, "Transfer-Encoding: chunked\r\n", &chunks)
    }

    fn send(&self, method: &str, path: &str, length: &str, body: &str) -> Reply {
        let url = if path.starts_with("http") { path.to_owned() } else { self.base.clone() + path };
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let headers: String = self.headers.iter().map(|header| format!("{header}\r\n")).collect();
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}");
        write!(stream, "{head}Connection: close\r\n\r\n{body}").unwrap();
        let mut answer = BufReader::new(stream);
        let status = loop {
            let status = head_of(&mut answer);
            if status != 100 {
                break status;
            }
        };
        let mut body = String::new();
        answer.read_to_string(&mut body).unwrap();
        Reply { status, body }
    }
}

/// Reads a status line and the headers after it; returns the status.
fn head_of(answer: &mut impl BufRead) -> u16 {
    let mut lines = answer.by_ref().lines().map(Result::unwrap);
    let status = lines.next().unwrap();
    assert!(lines.any(|line| line.is_empty()), "{status}: the head has an end");
    status.split(' ').nth(1).unwrap().parse().unwrap()
}

impl Reply {
    /// The body of a response with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A sandbox without a rate limit, and its state folder.
pub(crate) fn serve() -> (TestEnv, Serving) {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "--rate 0");
    (home, serving)
}

pub(crate) fn receiver() -> Faults {
    Faults::play(vec![Act::Answer(http("204 No Content", &["Connection: close"], ""))])
}

pub(crate) fn authorization() -> String {
    format!("Authorization: Organisation {KEY}")
}

/// Presses a button on a link's page.
pub(crate) fn press(serving: &Serving, button: &str, link: &str) {
    let form = link.split_once('?').unwrap().1;
    crate::webdriver::post(&serving.url.replace("v2/", button), form);
}

pub(crate) fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("{field} is not text in {answer}"))
}

/// The name on a link's page.
pub(crate) fn name_on_page_of(link: &str) -> String {
    let page = Wire::new("", &[]).get(link);
    let (_, rest) = page.body.split_once("<p class=\"name\"><bdi>").unwrap();
    rest.split_once("</bdi>").unwrap().0.to_owned()
}
