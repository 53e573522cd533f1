//! Certificates: trusted through `SSL_CERT_FILE`, or rejected with a hint of their own.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;

use crate::faults::{Act, Faults, good, http, json_answer};
use crate::mock::{ROOM, answer_with, link_line, link_with_claims};
use crate::support::TestEnv;

/// A certificate authority for one test.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "The School's own authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// A server that presents the authority's own certificate.
    fn itself(&self) -> Arc<ServerConfig> {
        serving(self.issuer.der().clone(), self.issuer.key())
    }

    /// A server certificate for this name; it expires at the start of `last_year`, if set.
    pub(crate) fn server(&self, name: &str, last_year: Option<i32>) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if let Some(year) = last_year {
            params.not_before = date_time_ymd(year - 1, 1, 1);
            params.not_after = date_time_ymd(year, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        serving(certificate.der().clone(), &key)
    }

    /// Makes programs in this environment trust the authority.
    pub(crate) fn trusted_in(&self, env: &TestEnv) {
        env.set("SSL_CERT_FILE", env.write("roots.pem", self.issuer.pem()));
    }
}

/// A server that presents this certificate.
fn serving(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    Arc::new(config)
}

#[test]
fn a_certificate_trusted_by_the_system_is_accepted() {
    let authority = Authority::new();
    let server = Faults::play_tls(vec![good("201 Created")], authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    env.run("launch --id x --guest").succeeded(&link_line());
    assert_eq!(server.requests()[0].line(), "POST /v2/spaces/launch/ HTTP/1.1");
}

#[test]
fn a_bad_certificate_exits_6_at_once_with_its_own_hint() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cases = [
        ("unknown", stranger.server("127.0.0.1", None)),
        ("expired", authority.server("127.0.0.1", Some(2020))),
        ("wrong name", authority.server("example.org", None)),
    ];
    let mut hints = Vec::new();
    for (name, config) in cases {
        let server = Faults::play_tls(vec![good("201 Created")], config);
        let env = server.env();
        authority.trusted_in(&env);
        let output = env.run("launch --id x --guest");
        hints.push(output.failed(6).says(&["certificate"]).hint().to_owned());
        assert_eq!((name, server.connections(), server.requests().len()), (name, 1, 0));
    }
    assert!(hints[0] != hints[1] && hints[1] != hints[2], "each its own hint: {hints:#?}");
}

#[test]
fn an_authority_serving_its_own_certificate_is_not_reported_as_unknown() {
    let authority = Authority::new();
    let server = Faults::play_tls(vec![good("201 Created")], authority.itself());
    let env = server.env();
    authority.trusted_in(&env);
    env.run("launch --id x --guest")
        .failed(6)
        .says(&["is a CA certificate, not a server certificate", "a certificate signed by this CA"])
        .does_not_say(&["SSL_CERT_FILE"]);
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_without_certificates_exits_2_regardless_of_the_folders() {
    let authority = Authority::new();
    let server = Faults::play_tls(vec![good("201 Created")], authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    std::fs::create_dir(env.path("work/roots")).unwrap();
    std::fs::rename(env.path("work/roots.pem"), env.path("work/roots/roots.pem")).unwrap();
    let key = KeyPair::generate().unwrap().serialize_pem();
    env.write("key.pem", key);
    let folder = if cfg!(windows) { "roots" } else { "roots is a folder, not a file" };
    for (file, message) in [
        ("missing.pem", "missing.pem does not exist"),
        ("roots", folder),
        ("key.pem", "key.pem contains no PEM certificates"),
    ] {
        for folder in ["", "roots"] {
            env.set("SSL_CERT_FILE", file).set("SSL_CERT_DIR", folder);
            let output = env.run("launch --id x --guest");
            output.failed(2).says(&[&format!("error: SSL_CERT_FILE: {message}")]).hint();
        }
    }
    env.unset("SSL_CERT_FILE").set("SSL_CERT_DIR", "missing");
    env.run("launch --id x --guest")
        .failed(2)
        .says(&["no trusted certificates found in SSL_CERT_FILE and SSL_CERT_DIR"]);
    assert_eq!(server.connections(), 0);
    env.set("SSL_CERT_FILE", "roots/roots.pem").set("SSL_CERT_DIR", "missing");
    env.run("launch --id x --guest").succeeded(&link_line());
}

#[test]
fn a_bad_certificate_has_the_json_kind_not_the_api() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Faults::play_tls(vec![good("201 Created")], stranger.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    let error = env.run("launch --id x --guest --json").json_error(6, "not_the_api");
    assert!(error["http_status"].is_null() && error["details"].is_null(), "{error}");
}

#[test]
fn a_missing_handshake_is_a_timeout() {
    let authority = Authority::new();
    let server = Faults::play_tls(vec![Act::Stall], authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    env.run("launch --id x --guest --timeout 700ms").failed(5);
    assert!(server.requests().is_empty());
}

#[test]
fn a_lost_handshake_cannot_have_created_the_space() {
    let authority = Authority::new();
    let script = vec![Act::Close, Act::Reset, good("200 OK")];
    let server = Faults::play_tls(script, authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    env.run("launch --id x --guest --field created").succeeded("false\n");
    assert_eq!(server.connections(), 3);
}

#[test]
fn a_hanging_handshake_after_a_response_cannot_have_created_the_space() {
    let authority = Authority::new();
    for (first, doubt) in [("429 Too Many Requests", false), ("503 Service Unavailable", true)] {
        let busy = Act::Answer(http(first, &["Retry-After: 0"], ""));
        let config = authority.server("127.0.0.1", None);
        let server = Faults::play_tls(vec![busy, Act::Stall], config);
        let env = server.env();
        authority.trusted_in(&env);
        let output = env.run("launch --id x --guest --timeout 2s");
        output.failed(5).says(&["could not reach 127.0.0.1", "connection timed out"]);
        let says_so = output.stderr.contains("an earlier attempt may have created the Space");
        assert_eq!((says_so, server.requests().len()), (doubt, 1), "{first}\n{output}");
    }
}

#[test]
fn a_row_with_a_hanging_handshake_cannot_have_created_its_space() {
    let authority = Authority::new();
    // The second row's launch hangs, then the greeting; then the row gets its own link.
    let own = json!({
        "client_url": link_with_claims("{\"name\":\"Bob\"}").replace(ROOM, "b"), "room_id": "b"
    });
    let own = json_answer("200 OK", &answer_with(&own).to_string());
    let script = vec![good("201 Created"), Act::Stall, Act::Stall, own];
    let server = Faults::play_tls(script, authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    env.write("roster.csv", "id,user name\na,Ann\nb,Bob\n");
    let line = "batch roster.csv -o links.csv --rate 1 --timeout 500ms --max-wait 1s";
    let output = env.run(line);
    output.failed(5).says(&["sent 1: 1 new Space; 1 pending\n"]);
    assert_eq!(server.requests().len(), 1, "{output}");
    let output = env.run(&format!("{line} --resume"));
    output.succeeded("").says(&["sent 1: 1 link to an existing Space; 1 link was still good\n"]);
    let links = std::fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert!(links.contains("Bob,existing,") && !links.contains("unknown"), "{links}");
}

#[test]
fn plain_http_on_a_tls_port_is_refused_without_a_link() {
    let authority = Authority::new();
    let server = Faults::play(vec![Act::Say(http("400 Bad Request", &[], "TLS?"))]);
    let env = TestEnv::at(&server.url().replace("http:", "https:"));
    authority.trusted_in(&env);
    env.run("launch --id x --guest")
        .failed(6)
        .says(&["error: 127.0.0.1 is not a web server: it does not support TLS\n"]);
}

#[test]
fn an_old_tls_version_is_identified_at_once() {
    // The response of a server that supports only TLS 1.1: a fatal alert, protocol_version.
    let server = Faults::play(vec![Act::Say(vec![0x15, 3, 2, 0, 2, 2, 70])]);
    let env = TestEnv::at(&server.url().replace("http:", "https:"));
    Authority::new().trusted_in(&env);
    env.run("launch --id x --guest")
        .failed(6)
        .says(&[
            "error: 127.0.0.1 uses a TLS version this program does not support\n",
            "hint: the server must offer TLS 1.2 or 1.3",
        ])
        .does_not_say(&["may have"]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_certificate_file_in_another_format_is_identified() {
    let authority = Authority::new();
    let env = TestEnv::at("https://127.0.0.1:9/v2/");
    let pem = authority.issuer.pem();
    env.write("utf16.pem", pem.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    env.write("roots.der", authority.issuer.der());
    env.write("roots.p7b", pem.replace("CERTIFICATE", "PKCS7"));
    for (file, message, hint) in [
        ("utf16.pem", "is UTF-16 text, not plain PEM", "in PowerShell with -Encoding ascii"),
        ("roots.der", "is a certificate in DER form, not PEM", "openssl x509 -inform der"),
        ("roots.p7b", "is a PKCS #7 file, not PEM certificates", "openssl pkcs7 -print_certs"),
    ] {
        env.set("SSL_CERT_FILE", file);
        let headline = format!("error: SSL_CERT_FILE: {file} {message}\n");
        env.run("launch --id x --guest").failed(2).says(&[&headline, hint]);
        env.run("hello --json").json_error(2, "usage");
    }
}

#[test]
#[cfg(unix)]
fn a_signal_ends_a_run_that_waits_for_a_certificate_pipe() {
    let env = TestEnv::at("https://127.0.0.1:9/v2/");
    let pipe = env.path("work/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    env.set("SSL_CERT_FILE", "pipe");
    let run = env.cmd("launch --id x --guest");
    let child = run.command().spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(run.finish(child).code, Some(143));
}
