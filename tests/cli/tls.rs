//! Certificates and proxies: trusted through `SSL_CERT_FILE`, or refused with a hint of their own.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::faults::{Act, Faults, good, http, refused_url};
use crate::mock::link_line;
use crate::support::TestEnv;

/// A certificate authority for one test.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "The School's own authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    /// A server certificate for this name; `last_year` is its end, when it has one.
    fn server(&self, name: &str, last_year: Option<i32>) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if let Some(year) = last_year {
            params.not_before = date_time_ymd(year - 1, 1, 1);
            params.not_after = date_time_ymd(year, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
                )
                .unwrap();
        Arc::new(config)
    }

    /// Makes the system of this environment trust the authority.
    fn trusted_in(&self, env: &TestEnv) {
        env.set("SSL_CERT_FILE", env.write("roots.pem", self.issuer.pem()));
    }
}

#[test]
fn a_certificate_that_the_system_trusts_is_good() {
    let authority = Authority::new();
    let server = Faults::play_tls(vec![good("201 Created")], authority.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    env.run("launch --id x --guest").succeeded(&link_line());
    assert_eq!(server.requests()[0].line(), "POST /v2/spaces/launch/ HTTP/1.1");
}

#[test]
fn a_bad_certificate_is_exit_6_at_once_with_a_hint_of_its_own() {
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
fn a_bad_certificate_in_json_is_not_the_api() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let server = Faults::play_tls(vec![good("201 Created")], stranger.server("127.0.0.1", None));
    let env = server.env();
    authority.trusted_in(&env);
    let error = env.run("launch --id x --guest --json").json_error(6, "not_the_api");
    assert!(error["http_status"].is_null() && error["details"].is_null(), "{error}");
}

#[test]
fn a_handshake_that_never_comes_is_a_timeout() {
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
fn plain_http_on_a_tls_port_is_refused_without_a_link() {
    let authority = Authority::new();
    let server = Faults::play(vec![good("201 Created")]);
    let env = TestEnv::at(&server.url().replace("http:", "https:"));
    authority.trusted_in(&env);
    let output = env.run("launch --id x --guest --timeout 2s");
    assert!(matches!(output.code, Some(5 | 6)), "{output}");
    output.failed(output.code.unwrap());
}

#[test]
fn the_default_url_is_reached_through_the_proxy_with_the_key_inside_tls_only() {
    let authority = Authority::new();
    let config = authority.server("api.thelessonspace.com", None);
    let Act::Answer(answer) = good("201 Created") else { unreachable!() };
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy =
            Faults::play_proxy(vec![Act::Tunnel(answer.clone())], Some(Arc::clone(&config)));
        let env = TestEnv::new();
        authority.trusted_in(&env);
        env.set(name, proxy.origin());
        env.run("launch --id x --guest").succeeded(&link_line());
        let requests = proxy.requests();
        assert_eq!(requests[0].line(), "CONNECT api.thelessonspace.com:443 HTTP/1.1", "{name}");
        assert_eq!(requests[0].header("authorization"), None, "{name}");
        assert_eq!(requests[1].line(), "POST /v2/spaces/launch/ HTTP/1.1", "{name}");
        assert_eq!(requests[1].header("host"), Some("api.thelessonspace.com"), "{name}");
    }
}

#[test]
fn a_proxy_that_wants_a_password_is_exit_6_at_once() {
    let answer = http(
        "407 Proxy Authentication Required",
        &["Proxy-Authenticate: Basic realm=\"school\""],
        "",
    );
    let proxy = Faults::play_proxy(vec![Act::Answer(answer)], None);
    let env = TestEnv::new();
    env.set("HTTPS_PROXY", proxy.origin());
    env.run("launch --id x --guest").failed(6).says(&["proxy"]).hint();
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn a_proxy_that_forbids_the_way_gives_no_link() {
    let proxy = Faults::play_proxy(vec![Act::Answer(http("403 Forbidden", &[], "blocked"))], None);
    let env = TestEnv::new();
    env.set("HTTPS_PROXY", proxy.origin());
    env.run("launch --id x --guest --timeout 1s")
        .failed(5)
        .says(&["did not connect to api.thelessonspace.com", "whoever runs the proxy"]);
    assert!(proxy.requests().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_proxy_password_in_the_environment_is_never_shown() {
    let answer = http("407 Proxy Authentication Required", &[], "");
    let proxy = Faults::play_proxy(vec![Act::Answer(answer)], None);
    let env = TestEnv::new();
    env.set("HTTPS_PROXY", proxy.origin().replace("http://", "http://pupil:hunter2@"));
    env.run("launch --id x --guest -v").failed(6).does_not_say(&["hunter2"]);
}

#[test]
fn loopback_never_goes_through_a_proxy() {
    let proxy = Faults::play_proxy(vec![good("201 Created")], None);
    let server = Faults::play(vec![good("201 Created")]);
    for host in ["127.0.0.1", "localhost"] {
        let env = TestEnv::at(&server.url().replace("127.0.0.1", host));
        for name in
            ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        {
            env.set(name, proxy.origin());
        }
        env.run("launch --id x --guest").succeeded(&link_line());
    }
    assert_eq!((proxy.connections(), server.requests().len()), (0, 2));
}

#[test]
fn a_proxy_that_is_not_there_is_exit_5_and_is_named() {
    let env = TestEnv::new();
    let proxy = refused_url().replace("http://", "").replace("/v2/", "");
    for password in ["hunter2", "hun@hunter2"] {
        env.set("HTTPS_PROXY", format!("http://pupil:{password}@{proxy}"));
        env.run("launch --id x --guest --timeout 1s")
            .failed(5)
            .says(&[
                &format!("error: could not reach api.thelessonspace.com through the proxy {proxy}"),
                "hint: check the network and the proxy's address",
            ])
            .does_not_say(&["hunter2"]);
    }
    env.set("HTTPS_PROXY", "http://nowhere.invalid:3128");
    env.run("launch --id x --guest --timeout 1s")
        .failed(5)
        .says(&["through the proxy nowhere.invalid:3128", "the name of the proxy could not be"]);
}
