//! Tests of the test servers themselves: they do what their names say, and the checks catch failures.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::faults::{Act, Faults, good};
use crate::mock::{Api, answer};

/// What a plain client receives: the bytes, and the error at their end.
fn visit(server: &Faults) -> (Vec<u8>, Option<ErrorKind>) {
    let address = server.origin().replace("http://", "");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let sent = stream.write_all(b"POST /v2/x/ HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    let mut bytes = Vec::new();
    let error = sent.and_then(|()| stream.read_to_end(&mut bytes)).err().map(|error| error.kind());
    (bytes, error)
}

#[test]
fn the_server_resets_closes_stalls_and_responds_as_scripted() {
    let lost = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
    let server = Faults::play(vec![Act::ReadThenReset]);
    assert!(visit(&server).1.is_some_and(|error| lost.contains(&error)));
    let server = Faults::play(vec![Act::Reset]);
    assert!(visit(&server).1.is_some_and(|error| lost.contains(&error)));
    let server = Faults::play(vec![Act::ReadThenClose]);
    assert_eq!(visit(&server), (Vec::new(), None));
    let server = Faults::play(vec![Act::AnswerThenStall(b"HTTP".to_vec())]);
    let (bytes, error) = visit(&server);
    assert_eq!(bytes, b"HTTP");
    assert!(matches!(error, Some(ErrorKind::WouldBlock | ErrorKind::TimedOut)));
    let server = Faults::play(vec![Act::ReadThenClose, good("201 Created")]);
    visit(&server);
    assert!(visit(&server).0.starts_with(b"HTTP/1.1 201 Created\r\n"));
    assert_eq!((server.connections(), server.requests().len()), (2, 2));
    assert_eq!(server.requests()[1].body, "{}");
}

#[test]
#[should_panic(expected = "")]
fn an_expected_request_that_never_arrives_fails_the_test() {
    let api = Api::start();
    drop(api.launch(json!({"id": "x"}), 201, &answer()));
}
