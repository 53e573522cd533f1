//! A raw server for what a mock cannot do: cut, reset, stall, drip or flood a response, or break TLS.
//!
//! Loopback only, on a free port. Each connection plays the next act of the script; the last act
//! repeats. All threads end when the server is dropped.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::request::Request;
use crate::support::TestEnv;

/// The maximum duration of an act.
const LIFETIME: Duration = Duration::from_secs(30);

/// What the server does with one connection.
#[derive(Clone)]
pub(crate) enum Act {
    /// Reads the request, sends these bytes, and closes cleanly.
    Answer(Vec<u8>),
    /// Closes before reading anything.
    Close,
    /// Resets before reading anything.
    Reset,
    /// Reads the whole request, then closes without a response.
    ReadThenClose,
    /// Reads the whole request, then resets.
    ReadThenReset,
    /// Sends these bytes at once without reading anything, and closes.
    Say(Vec<u8>),
    /// Accepts, but neither reads nor responds (with TLS: no handshake).
    Stall,
    /// Reads the request, sends these bytes, and stalls.
    AnswerThenStall(Vec<u8>),
    /// Reads the request, and sends one of these bytes every 50 ms.
    Drip(Vec<u8>),
    /// Reads the request, and sends a head and this many bytes of body without storing them.
    Flood(u64),
    /// As a proxy: responds to CONNECT with 200, then speaks TLS and sends these bytes.
    Tunnel(Vec<u8>),
}

#[derive(Default)]
struct Record {
    connections: usize,
    requests: Vec<Request>,
}

/// The running server.
pub(crate) struct Faults {
    address: SocketAddr,
    scheme: &'static str,
    stop: Arc<AtomicBool>,
    record: Arc<Mutex<Record>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Faults {
    /// Plain HTTP.
    pub(crate) fn play(script: Vec<Act>) -> Self {
        Self::start(script, None, "http")
    }

    /// HTTPS with this configuration.
    pub(crate) fn play_tls(script: Vec<Act>, config: Arc<ServerConfig>) -> Self {
        Self::start(script, Some(config), "https")
    }

    /// A plain proxy; its tunnels use TLS with this configuration.
    pub(crate) fn play_proxy(script: Vec<Act>, config: Option<Arc<ServerConfig>>) -> Self {
        Self::start(script, config, "http")
    }

    fn start(script: Vec<Act>, tls: Option<Arc<ServerConfig>>, scheme: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, record) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Record>>::default());
        let stage = Stage { stop: Arc::clone(&stop), record: Arc::clone(&record), tls, scheme };
        let acceptor = thread::spawn(move || {
            let mut actors = Vec::new();
            for (index, stream) in listener.incoming().enumerate() {
                if stage.stop.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { break };
                stage.record.lock().unwrap().connections += 1;
                let act = script[index.min(script.len() - 1)].clone();
                let stage = stage.clone();
                actors.push(thread::spawn(move || stage.serve(stream, &act)));
            }
            for actor in actors {
                drop(actor.join());
            }
        });
        Self { address, scheme, stop, record, acceptor: Some(acceptor) }
    }

    /// The API's URL on this server.
    pub(crate) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}/v2/", self.scheme, self.address.port())
    }

    /// The server's address, without a path.
    pub(crate) fn origin(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.address.port())
    }

    /// An environment that talks to this server.
    pub(crate) fn env(&self) -> TestEnv {
        TestEnv::at(&self.url())
    }

    pub(crate) fn connections(&self) -> usize {
        self.record.lock().unwrap().connections
    }

    /// All requests read so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.record.lock().unwrap().requests.clone()
    }

    /// Waits until this many requests have arrived.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let deadline = Instant::now() + LIFETIME;
        while self.requests().len() < count {
            assert!(Instant::now() < deadline, "no request came");
            thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Unblocks the acceptor.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

/// Shared by the threads of all connections.
#[derive(Clone)]
struct Stage {
    stop: Arc<AtomicBool>,
    record: Arc<Mutex<Record>>,
    tls: Option<Arc<ServerConfig>>,
    scheme: &'static str,
}

impl Stage {
    fn serve(&self, mut stream: TcpStream, act: &Act) {
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
        let raw = stream.try_clone().unwrap();
        match act {
            Act::Close => return,
            Act::Reset => return reset(&raw),
            Act::Stall => return self.stall(),
            Act::Say(bytes) => drop(stream.write_all(bytes)),
            Act::Tunnel(bytes) => {
                if self.read_request(&mut stream).is_some()
                    && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok()
                {
                    self.perform(&mut self.encrypt(stream), &raw, &Act::Answer(bytes.clone()));
                }
            }
            _ if self.scheme == "https" => self.perform(&mut self.encrypt(stream), &raw, act),
            _ => self.perform(&mut stream, &raw, act),
        }
        // A FIN now would precede the RST.
        if !matches!(act, Act::ReadThenReset) {
            self.close(&raw);
        }
    }

    fn encrypt(&self, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
        let config = Arc::clone(self.tls.as_ref().unwrap());
        StreamOwned::new(ServerConnection::new(config).unwrap(), stream)
    }

    fn perform(&self, stream: &mut (impl Read + Write), raw: &TcpStream, act: &Act) {
        if self.read_request(stream).is_none() {
            return;
        }
        // Errors are ignored: the client may disconnect at any time.
        match act {
            Act::Answer(bytes) => drop(stream.write_all(bytes).and_then(|()| stream.flush())),
            Act::ReadThenReset => reset(raw),
            Act::AnswerThenStall(bytes) => {
                drop(stream.write_all(bytes).and_then(|()| stream.flush()));
                self.stall();
            }
            Act::Drip(bytes) => {
                for byte in bytes {
                    if self.ended()
                        || stream.write_all(&[*byte]).and_then(|()| stream.flush()).is_err()
                    {
                        break;
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
            Act::Flood(length) => self.flood(stream, *length),
            Act::Close
            | Act::Reset
            | Act::ReadThenClose
            | Act::Say(_)
            | Act::Stall
            | Act::Tunnel(_) => {}
        }
    }

    fn flood(&self, stream: &mut impl Write, length: u64) {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        let block = vec![b' '; 65_536];
        let mut left = if stream.write_all(head.as_bytes()).is_ok() { length } else { 0 };
        while left > 0 && !self.ended() {
            let part = usize::try_from(left.min(65_536)).unwrap();
            if stream.write_all(&block[..part]).is_err() {
                break;
            }
            left -= part as u64;
        }
    }

    /// Reads one whole request and records it; `None` if it is incomplete.
    fn read_request(&self, stream: &mut impl Read) -> Option<Request> {
        let deadline = Instant::now() + LIFETIME;
        let (mut bytes, mut block) = (Vec::new(), [0; 16_384]);
        loop {
            if let Some(request) = Request::parse(&bytes) {
                self.record.lock().unwrap().requests.push(request.clone());
                return Some(request);
            }
            if self.ended() || Instant::now() > deadline {
                return None;
            }
            match stream.read(&mut block) {
                Ok(0) => return None,
                Ok(count) => bytes.extend_from_slice(&block[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return None,
            }
        }
    }

    fn ended(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    fn stall(&self) {
        let deadline = Instant::now() + LIFETIME;
        while !self.ended() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends FIN, and lets the client read everything before the socket closes.
    fn close(&self, raw: &TcpStream) {
        drop(raw.shutdown(Shutdown::Write));
        let deadline = Instant::now() + Duration::from_secs(1);
        let (mut raw, mut block) = (raw, [0; 4096]);
        while !self.ended() && Instant::now() < deadline {
            match raw.read(&mut block) {
                Ok(count) if count > 0 => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => break,
            }
        }
    }
}

/// Closes with RST instead of FIN when the last handle is dropped.
fn reset(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// A response with its `Content-Length` and any further header lines.
pub(crate) fn http(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// A JSON response.
pub(crate) fn json_answer(status: &str, body: &str) -> Act {
    Act::Answer(http(status, &["Content-Type: application/json"], body))
}

/// A successful launch.
pub(crate) fn good(status: &str) -> Act {
    json_answer(status, &crate::mock::answer().to_string())
}

/// The URL of a port that nothing listens on.
pub(crate) fn refused_url() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://127.0.0.1:{}/v2/", listener.local_addr().unwrap().port())
}
