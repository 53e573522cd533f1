//! A small API for whole rosters: each Space is new once, every response has its own link, and a
//! script may change the response to any launch. It records all launches and when they arrived.
//!
//! Loopback only, on a free port, with keep-alive connections. All threads end when it is dropped.

use std::collections::{BTreeMap, HashMap};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::mock::{ROOM, SECRET, link_with_claims};
use crate::request::Request;
use crate::support::{KEY, TestEnv};

/// `exp` of links if the script does not set one: 2099-12-01T09:00:00Z.
const FAR_AWAY: i64 = 4_099_798_800;

/// The longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// One launch, as passed to the script.
pub(crate) struct Call {
    /// The number of launches before it.
    pub(crate) number: usize,
    /// The number of those for the same Space and person.
    pub(crate) earlier: usize,
    pub(crate) id: String,
    /// `user.id`, or else the name, or else empty.
    pub(crate) person: String,
}

/// The script's response.
pub(crate) enum Reply {
    /// A link: 201 for a new Space, else 200.
    Link,
    /// A link that expires at this Unix time in seconds.
    LinkUntil(i64),
    /// This status line, these headers, this body; no link is made.
    Status(&'static str, &'static [&'static str], String),
    /// Closes without a response; no link is made.
    Close,
    /// Makes the link, and closes without a response.
    MakeThenClose,
    /// Makes the link, and closes in the middle of the response.
    Cut,
}

/// One launch that arrived, and how long the server took.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) body: Value,
    pub(crate) begin: Instant,
    pub(crate) end: Option<Instant>,
    /// 0 if the connection was closed instead.
    pub(crate) status: u16,
}

type Script = dyn Fn(&Call) -> Reply + Send + Sync;

struct Shared {
    script: Box<Script>,
    seen: Mutex<Vec<Seen>>,
    spaces: Mutex<HashMap<String, usize>>,
    hellos: AtomicUsize,
    greeting: Mutex<(&'static str, &'static str)>,
    links: AtomicUsize,
    stop: AtomicBool,
    away: AtomicBool,
}

/// The running server.
pub(crate) struct School {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl School {
    /// Every launch gets its link.
    pub(crate) fn open() -> Self {
        Self::script(|_| Reply::Link)
    }

    /// Every launch gets its link after this delay.
    pub(crate) fn slow(delay: Duration) -> Self {
        Self::script(move |_| {
            thread::sleep(delay);
            Reply::Link
        })
    }

    /// The script responds; it may sleep first.
    pub(crate) fn script(script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            seen: Mutex::default(),
            spaces: Mutex::default(),
            hellos: AtomicUsize::new(0),
            greeting: Mutex::new(("200 OK", "{\"response\":\"Hello\"}")),
            links: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            away: AtomicBool::new(false),
        });
        let stage = Arc::clone(&shared);
        let acceptor = thread::spawn(move || stage.accept(listener, address));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v2/", self.address.port())
    }

    /// An environment that talks to this server.
    pub(crate) fn env(&self) -> TestEnv {
        TestEnv::at(&self.url())
    }

    /// All launches so far, in order of arrival.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The number of launches so far.
    pub(crate) fn count(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    pub(crate) fn hellos(&self) -> usize {
        self.shared.hellos.load(Ordering::SeqCst)
    }

    /// Sets the response to `hello` from now on: a status line and a body.
    pub(crate) fn greet_with(&self, status: &'static str, body: &'static str) {
        *self.shared.greeting.lock().unwrap() = (status, body);
    }

    /// The number of launches for each Space and person.
    pub(crate) fn launch_counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for seen in self.seen() {
            *counts.entry((seen.id, seen.person)).or_default() += 1;
        }
        counts
    }

    /// Waits until this many launches have arrived.
    pub(crate) fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.count() < count {
            assert!(Instant::now() < deadline, "{} of {count} launches came", self.count());
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until this condition is true.
    pub(crate) fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            assert!(Instant::now() < deadline, "waited in vain");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes the listener and all connections.
    pub(crate) fn leave(&self) {
        self.shared.away.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }

    /// Listens again on the same port.
    pub(crate) fn restart(&self) {
        self.shared.away.store(false, Ordering::SeqCst);
    }
}

impl Drop for School {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

impl Shared {
    fn is_closed(&self) -> bool {
        self.stop.load(Ordering::SeqCst) || self.away.load(Ordering::SeqCst)
    }

    fn accept(self: Arc<Self>, mut listener: TcpListener, address: SocketAddr) {
        let mut connections = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            if self.away.load(Ordering::SeqCst) {
                drop(listener);
                while self.away.load(Ordering::SeqCst) && !self.stop.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(5));
                }
                if self.stop.load(Ordering::SeqCst) {
                    break;
                }
                listener = bind_again(address);
            }
            let Ok((stream, _)) = listener.accept() else { break };
            if !self.is_closed() {
                let shared = Arc::clone(&self);
                connections.push(thread::spawn(move || shared.serve(stream)));
            }
        }
        for connection in connections {
            drop(connection.join());
        }
    }

    /// Responds to the requests of one connection until either side closes it.
    fn serve(&self, mut stream: TcpStream) {
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        while let Some(request) = self.read(&mut stream) {
            let Some((answer, goes_on)) = self.answer(&request) else { break };
            if stream.write_all(&answer).is_err() || !goes_on {
                break;
            }
        }
        drop(stream.shutdown(Shutdown::Both));
    }

    fn read(&self, stream: &mut TcpStream) -> Option<Request> {
        let (mut bytes, mut block) = (Vec::new(), [0; 16_384]);
        while !self.is_closed() {
            match stream.read(&mut block) {
                Ok(0) => return None,
                Ok(count) => bytes.extend_from_slice(&block[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return None,
            }
            if let Some(request) = Request::parse(&bytes) {
                return Some(request);
            }
        }
        None
    }

    /// The bytes of the response, and whether the connection stays open.
    fn answer(&self, request: &Request) -> Option<(Vec<u8>, bool)> {
        let key = format!("Organisation {KEY}");
        assert_eq!(request.header("authorization"), Some(key.as_str()), "the key");
        if request.line().starts_with("GET /v2/hello/ ") {
            self.hellos.fetch_add(1, Ordering::SeqCst);
            let (status, body) = *self.greeting.lock().unwrap();
            return Some((http(status, &[], body), true));
        }
        assert_eq!(request.line(), "POST /v2/spaces/launch/ HTTP/1.1");
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let (call, place) = self.note(body);
        let reply = (self.script)(&call);
        if self.is_closed() {
            return None;
        }
        let (status, answer) = match reply {
            Reply::Link => self.link(&call, FAR_AWAY, false),
            Reply::LinkUntil(end) => self.link(&call, end, false),
            Reply::Status(status, headers, body) => {
                (status, Some((http(status, headers, &body), true)))
            }
            Reply::Close => ("0", None),
            Reply::MakeThenClose => {
                self.link(&call, FAR_AWAY, false);
                ("0", None)
            }
            Reply::Cut => self.link(&call, FAR_AWAY, true),
        };
        let mut all = self.seen.lock().unwrap();
        if let Some(seen) = all.get_mut(place) {
            seen.end = Some(Instant::now());
            seen.status = status.split(' ').next().unwrap().parse().unwrap();
        }
        answer
    }

    fn note(&self, body: Value) -> (Call, usize) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&body["id"]);
        let user = &body["user"];
        let person = [&user["id"], &user["name"]].map(text).into_iter().find(|p| !p.is_empty());
        let person = person.unwrap_or_default();
        let mut all = self.seen.lock().unwrap();
        let earlier = all.iter().filter(|seen| seen.id == id && seen.person == person).count();
        let place = all.len();
        let call = Call { number: place, earlier, id: id.clone(), person: person.clone() };
        all.push(Seen { id, person, body, begin: Instant::now(), end: None, status: 0 });
        (call, place)
    }

    fn link(&self, call: &Call, end: i64, cut: bool) -> (&'static str, Option<(Vec<u8>, bool)>) {
        let mut spaces = self.spaces.lock().unwrap();
        let launches = spaces.entry(call.id.clone()).or_default();
        *launches += 1;
        let status = if *launches == 1 { "201 Created" } else { "200 OK" };
        drop(spaces);
        let serial = self.links.fetch_add(1, Ordering::SeqCst);
        let claims = json!({"nbf": 1_767_225_600, "exp": end, "id": call.person, "serial": serial});
        let answer = json!({
            "client_url": link_with_claims(&claims.to_string()).replace(ROOM, &room(&call.id)),
            "room_id": room(&call.id),
            "secret": SECRET,
            "room_settings": {},
        });
        let mut bytes = http(status, &[], &answer.to_string());
        if cut {
            bytes.truncate(bytes.len() - 40);
        }
        (status, Some((bytes, !cut)))
    }
}

/// Listens on a port that another connection may still occupy for a moment.
fn bind_again(address: SocketAddr) -> TcpListener {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match TcpListener::bind(address) {
            Ok(listener) => return listener,
            Err(error) => assert!(Instant::now() < deadline, "the port is gone: {error}"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The room of a Space, safe to use in a URL.
pub(crate) fn room(id: &str) -> String {
    format!("room-of-{id}").replace([' ', '{', '}'], "-")
}

fn http(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}
