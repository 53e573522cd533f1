//! Connections that fail: before sending, after sending, in the middle of the response.
//!
//! Nothing here asserts speed; `--timeout` keeps each run short.

use crate::faults::{Act, Faults, good, http, json_answer, refused_url};
use crate::mock::{answer, link_line};
use crate::support::TestEnv;

/// One launch against this script with a short timeout; returns the number of connections.
fn unavailable(name: &str, act: Act) -> usize {
    let server = Faults::play(vec![act]);
    let output = server.env().run("launch --id x --guest --timeout 900ms");
    assert_eq!(output.code, Some(5), "{name}\n{output}");
    output.failed(5).hint();
    server.connections()
}

/// A good response, cut to this many bytes of its body.
fn cut(head: &str, keep: usize) -> Vec<u8> {
    let body = answer().to_string();
    let mut bytes = head.replace("LENGTH", &body.len().to_string()).into_bytes();
    bytes.extend_from_slice(&body.as_bytes()[..keep]);
    bytes
}

const SIZED: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: LENGTH\r\n\r\n";
const UNSIZED: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn a_refused_connection_exits_5() {
    let env = TestEnv::at(&refused_url());
    env.run("launch --id x --guest --timeout 600ms").failed(5).hint();
    let error =
        env.run("launch --id x --guest --timeout 600ms --json").json_error(5, "unavailable");
    assert!(error["http_status"].is_null() && error["details"].is_null(), "{error}");
}

#[test]
fn an_unknown_host_name_exits_5() {
    let env = TestEnv::at("https://lessonspace.invalid/v2/");
    env.run("launch --id x --guest --timeout 600ms").failed(5).says(&["lessonspace.invalid"]);
}

#[test]
fn a_lost_connection_is_retried_until_the_timeout() {
    for (name, act) in [
        ("closed before reading", Act::Close),
        ("reset before reading", Act::Reset),
        ("closed after reading", Act::ReadThenClose),
        ("reset after reading", Act::ReadThenReset),
        ("cut with Content-Length", Act::Answer(cut(SIZED, 40))),
        ("cut without Content-Length", Act::Answer(cut(UNSIZED, 40))),
        ("cut before the last brace", Act::Answer(cut(UNSIZED, answer().to_string().len() - 1))),
        ("no body without Content-Length", Act::Answer(cut(UNSIZED, 0))),
        ("cut in a chunk", Act::Answer(cut(&format!("{CHUNKED}FFFF\r\n"), 40))),
        ("cut in the head", Act::Answer(b"HTTP/1.1 200 OK\r\nContent-Ty".to_vec())),
    ] {
        assert!((1..=5).contains(&unavailable(name, act)), "{name}");
    }
}

#[test]
fn silence_is_a_timeout() {
    for (name, act) in [
        ("before the head", Act::Stall),
        ("after the request", Act::AnswerThenStall(Vec::new())),
        ("in the head", Act::AnswerThenStall(b"HTTP/1.1 200 OK\r\nContent-".to_vec())),
        ("in the body", Act::AnswerThenStall(cut(SIZED, 40))),
        ("in a chunk", Act::AnswerThenStall(cut(&format!("{CHUNKED}FFFF\r\n"), 40))),
        ("a slow drip", Act::Drip(cut(SIZED, answer().to_string().len()))),
    ] {
        unavailable(name, act);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_port_that_never_accepts_is_a_timeout() {
    // The backlog has room for one connection, and it is taken: further ones get no response.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _taken = std::net::TcpStream::connect(address).unwrap();
    let env = TestEnv::at(&format!("http://{address}/v2/"));
    env.run("launch --id x --guest --timeout 700ms").failed(5).hint();
}

#[test]
fn a_lost_response_is_retried_successfully() {
    let server = Faults::play(vec![Act::Answer(cut(SIZED, 40)), good("201 Created")]);
    server.env().run("launch --id x --guest").succeeded(&link_line());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_response_cut_in_a_number_or_its_byte_order_mark_is_retried() {
    let head = UNSIZED.as_bytes();
    for cut in
        [&b"{\"n\":-"[..], b"{\"n\":-12.", b"{\"n\":1.5e", b"{\"n\":1.5e+", b"\xef", b"\xef\xbb"]
    {
        let first = Act::Answer([head, cut].concat());
        let server = Faults::play(vec![first, good("201 Created")]);
        server.env().run("launch --id x --guest --field attempts").succeeded("2\n");
    }
}

#[test]
fn every_attempt_sends_the_same_whole_request() {
    let busy = || Act::Answer(http("503 Service Unavailable", &["Retry-After: 0"], ""));
    let server = Faults::play(vec![busy(), Act::ReadThenClose, good("200 OK")]);
    server.env().run("launch --id x --user-name Zoë").succeeded(&link_line());
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!((&request.head, &request.body), (&requests[0].head, &requests[0].body));
        assert_eq!(request.header("accept-encoding"), None);
        assert!(request.header("user-agent").is_some_and(|agent| agent.contains("lessonspace")));
    }
}

#[test]
fn invalid_chunks_give_no_link() {
    for rubbish in ["ZZ\r\nnonsense", "-5\r\n", "FFFFFFFFFFFFFFFFF\r\n{}", "5\r\n{}\r\n0\r\n\r\n"] {
        let bytes = format!("{CHUNKED}{rubbish}").into_bytes();
        let server = Faults::play(vec![Act::Answer(bytes)]);
        let output = server.env().run("launch --id x --guest --timeout 500ms");
        assert!(matches!(output.code, Some(5 | 6)), "{rubbish:?}\n{output}");
        output.failed(output.code.unwrap());
    }
}

#[test]
fn a_response_that_is_not_http_gives_no_link() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"HTTP/1.1 abc\r\n\r\n",
        b"\0\0\0\0",
    ] {
        let server = Faults::play(vec![Act::Answer(bytes.to_vec())]);
        let output = server.env().run("launch --id x --guest --timeout 500ms");
        output.failed(6).says(&[
            "error: 127.0.0.1 is not a web server: it does not support HTTP\n",
            "hint: check the host and port in --api-url, and the proxy\n",
        ]);
    }
}

#[test]
fn an_oversized_response_head_is_reported() {
    let endless = "X-Long: 0123456789\r\n".repeat(40_000);
    let wide = format!("X-Wide: {}\r\n\r\n", "x".repeat(700_000));
    for rest in [endless, wide] {
        let server = Faults::play(vec![Act::Answer(format!("HTTP/1.1 200 OK\r\n{rest}").into())]);
        let output = server.env().run("launch --id x --guest");
        output.failed(6).says(&["the response has too many headers, or headers that are too long"]);
        output.does_not_say(&["does not speak HTTP", "tried"]);
    }
}

#[test]
fn a_response_of_256_mib_is_not_read_to_its_end() {
    let server = Faults::play(vec![Act::Flood(256 << 20)]);
    server
        .env()
        .run("launch --id x --guest")
        .failed(6)
        .says(&["larger than 1 MiB", "hint: check --api-url and the proxy\n"]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_response_may_have_up_to_1_mib_but_not_more() {
    for (length, fits) in [(1_000_000, true), (1_060_000, false)] {
        let mut big = answer();
        big["padding"] = "p".repeat(length).into();
        let server = Faults::play(vec![json_answer("200 OK", &big.to_string())]);
        let output = server.env().run("launch --id x --guest");
        if fits {
            output.succeeded(&link_line());
        } else {
            output.failed(6);
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[test]
fn a_compressed_response_is_not_decompressed() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend([0x1f, 0x8b, 8, 0]);
    let server = Faults::play(vec![Act::Answer(bytes)]);
    let output = server.env().run("launch --id x --guest --timeout 500ms");
    assert!(matches!(output.code, Some(5 | 6)), "{output}");
    output.failed(output.code.unwrap());
}

#[test]
fn a_response_in_many_pieces_is_reassembled() {
    let mut bytes = CHUNKED.as_bytes().to_vec();
    for piece in answer().to_string().as_bytes().chunks(7) {
        bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    let server = Faults::play(vec![Act::Answer(bytes)]);
    server.env().run("launch --id x --guest").succeeded(&link_line());
}

#[test]
fn a_complete_response_without_a_length_is_accepted() {
    let server = Faults::play(vec![Act::Answer(cut(UNSIZED, answer().to_string().len()))]);
    server.env().run("launch --id x --guest").succeeded(&link_line());
}
