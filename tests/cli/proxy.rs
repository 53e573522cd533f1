//! Proxies: which one is used, how its failures are reported, and that it never leaves a Space in doubt.

use std::sync::Arc;

use crate::faults::{Act, Faults, good, http, refused_url};
use crate::mock::link_line;
use crate::support::TestEnv;
use crate::tls::Authority;

/// A proxy that plays these acts and then always connects to the API, and an environment that uses it.
fn proxied(mut script: Vec<Act>, status: &str) -> (Faults, TestEnv) {
    let authority = Authority::new();
    let Act::Answer(answer) = good(status) else { unreachable!() };
    script.push(Act::Tunnel(answer));
    let config = authority.server("api.thelessonspace.com", None);
    let proxy = Faults::play_proxy(script, Some(config));
    let env = TestEnv::new();
    authority.trusted_in(&env);
    env.set("HTTPS_PROXY", proxy.origin());
    (proxy, env)
}

#[test]
fn the_default_url_is_reached_through_the_proxy_with_the_key_only_inside_tls() {
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
fn a_proxy_that_requires_a_password_exits_6_at_once() {
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
fn a_proxy_that_forbids_the_connection_gives_no_link() {
    for (status, hint) in [
        ("403 Forbidden", "hint: ask your network administrator to allow this host"),
        ("302 Found", "hint: open any web page in a browser, log in to the network"),
        ("404 Not Found", "hint: ask your network administrator to allow this host"),
        ("501 Not Implemented", "hint: ask your network administrator to allow this host"),
        ("511 Network Authentication Required", "hint: open any web page in a browser"),
    ] {
        let page = http(status, &["Location: http://login.example/"], "<html>blocked</html>");
        let proxy = Faults::play_proxy(vec![Act::Answer(page)], None);
        let env = TestEnv::new();
        env.set("HTTPS_PROXY", proxy.origin());
        let place = proxy.origin().replace("http://", "");
        let code = &status[..3];
        let headline =
            format!("error: proxy {place} refused to connect to api.thelessonspace.com ({code})\n");
        env.run("launch --id x --guest")
            .failed(6)
            .says(&[&headline, hint])
            .does_not_say(&["tried", "may have"]);
        let error = env.run("hello --json").json_error(6, "not_the_api");
        assert_eq!(error["http_status"].to_string(), code);
        assert_eq!(proxy.connections(), 2, "{status}");
        assert!(proxy.requests().iter().all(|request| request.header("authorization").is_none()));
    }
}

#[test]
fn the_hint_for_a_proxy_depends_on_its_sign_in_method() {
    let cases = [
        ("Basic realm=\"school\"", "", "requires a user name and password", "hint: add them to"),
        ("Basic", "pupil:hunter2@", "rejected the user name and password", "hint: check the user"),
        ("NTLM", "pupil:hunter2@", "requires NTLM sign-in", "hint: ask your network admin"),
        ("Negotiate, NTLM", "", "requires Negotiate or NTLM sign-in", "hint: ask your network"),
    ];
    for (scheme, user, message, hint) in cases {
        let header = format!("Proxy-Authenticate: {scheme}");
        let answer = http("407 Proxy Authentication Required", &[&header], "");
        let proxy = Faults::play_proxy(vec![Act::Answer(answer)], None);
        let env = TestEnv::new();
        env.set("HTTPS_PROXY", proxy.origin().replace("http://", &format!("http://{user}")));
        let output = env.run("launch --id x --guest");
        output.failed(6).says(&[message, "(407)", hint]).does_not_say(&["hunter2"]);
        assert_eq!(output.stderr.contains("NAME:PASSWORD"), hint.contains("add them"), "{output}");
        let sent = proxy.requests()[0].header("proxy-authorization").is_some();
        assert_eq!((sent, proxy.connections()), (!user.is_empty(), 1), "{scheme}");
    }
}

#[test]
fn a_server_that_is_not_a_proxy_is_reported_as_such() {
    let server =
        Faults::play_proxy(vec![Act::Say(b"220 mail.example.org ESMTP\r\n".to_vec())], None);
    let env = TestEnv::new();
    env.set("HTTPS_PROXY", server.origin());
    let place = server.origin().replace("http://", "");
    env.run("launch --id x --guest").failed(6).says(&[
        &format!("error: {place} is not a proxy: it does not support HTTP\n"),
        "hint: check the proxy address (HTTPS_PROXY)",
    ]);
    assert_eq!(server.connections(), 1);
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
fn requests_to_loopback_never_use_a_proxy() {
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
fn an_unreachable_proxy_exits_5_and_is_named() {
    let env = TestEnv::new();
    let proxy = refused_url().replace("http://", "").replace("/v2/", "");
    for password in ["hunter2", "hun@hunter2"] {
        env.set("HTTPS_PROXY", format!("http://pupil:{password}@{proxy}"));
        env.run("launch --id x --guest --timeout 1s")
            .failed(5)
            .says(&[
                &format!("error: could not reach api.thelessonspace.com through proxy {proxy}"),
                "hint: check the network and the proxy address",
            ])
            .does_not_say(&["hunter2"]);
    }
    env.set("HTTPS_PROXY", "http://nowhere.invalid:3128");
    env.run("launch --id x --guest --timeout 1s")
        .failed(5)
        .says(&["through proxy nowhere.invalid:3128", "could not resolve the proxy's host name"]);
}

#[test]
fn a_retry_after_a_proxy_fails_to_connect_leaves_the_result_certain() {
    for (name, act) in [
        ("503", Act::Answer(http("503 Service Unavailable", &[], ""))),
        ("504", Act::Answer(http("504 Gateway Timeout", &[], ""))),
        ("closed", Act::ReadThenClose),
        ("closed before reading", Act::Close),
        ("reset", Act::ReadThenReset),
    ] {
        let (proxy, env) = proxied(vec![act.clone(), act], "200 OK");
        env.run("launch --id x --guest --field created").succeeded("false\n");
        assert_eq!(proxy.connections(), 3, "{name}");
    }
}

#[test]
fn a_proxy_that_never_connects_cannot_have_created_the_space() {
    for (name, act, cause) in [
        (
            "502",
            Act::Answer(http("502 Bad Gateway", &[], "")),
            "did not open a connection\nit responded with status 502",
        ),
        (
            "closed",
            Act::ReadThenClose,
            "it closed the connection before sending a complete response",
        ),
    ] {
        let proxy = Faults::play_proxy(vec![act], None);
        let env = TestEnv::new();
        env.set("HTTPS_PROXY", proxy.origin());
        let output = env.run("launch --id x --guest --json");
        let error = output.json_error(5, "unavailable");
        assert!(error["message"].as_str().unwrap().contains(cause), "{name}\n{output}");
        output.says(&["tried 5 times"]).does_not_say(&["may have been created"]);
        assert_eq!(proxy.connections(), 5, "{name}");
    }
}

#[test]
fn a_row_rejected_by_the_proxy_is_not_in_doubt_after_resume() {
    let refusal = Act::Answer(http("503 Service Unavailable", &[], ""));
    let (_proxy, env) = proxied(vec![refusal; 5], "200 OK");
    env.write("roster.csv", "id,user name\na,Ann\n");
    env.run("batch roster.csv -o links.csv").failed(5);
    env.run("batch roster.csv -o links.csv --resume")
        .says(&["sent 1: 1 link to an existing Space\n"]);
    let links = std::fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert!(links.contains("Ann,existing,"), "{links}");
}

#[test]
fn a_variable_with_an_invalid_proxy_exits_2_and_is_never_ignored() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        for value in
            ["htp://pupil:hunter2@127.0.0.1:9", "http//127.0.0.1:9", "\"http://a:9\"", "http://"]
        {
            let env = TestEnv::new();
            env.set(name, value);
            // On Windows both are the same variable.
            let name = if cfg!(windows) { name.to_uppercase() } else { name.to_owned() };
            env.run("launch --id x --guest")
                .failed(2)
                .says(&[&format!("error: {name} is not a valid proxy address")])
                .does_not_say(&["hunter2"])
                .hint();
        }
    }
    let env = TestEnv::new();
    env.set("HTTPS_PROXY", "http://exa mple:9");
    env.run("hello --json").json_error(2, "usage");
}

#[test]
fn whitespace_around_a_proxy_is_ignored() {
    let (proxy, env) = proxied(Vec::new(), "201 Created");
    for value in [format!(" {}", proxy.origin()), format!("{} \n", proxy.origin())] {
        env.set("HTTPS_PROXY", value).set("ALL_PROXY", "htp://a");
        env.run("launch --id x --guest").succeeded(&link_line());
    }
    env.set("HTTPS_PROXY", "").set("https_proxy", proxy.origin());
    let place = proxy.origin().replace("http://", "");
    env.run("launch --id x --guest -v")
        .succeeded(&link_line())
        .says(&[&format!("note: proxy: {place}\n")]);
    assert_eq!(proxy.connections(), 3);
}

#[test]
fn a_variable_that_does_not_apply_may_contain_anything() {
    let server = Faults::play(vec![good("201 Created")]);
    let env = server.env();
    env.set("HTTPS_PROXY", "htp://a").set("HTTP_PROXY", "://");
    env.run("launch --id x --guest").succeeded(&link_line());
    let env = TestEnv::at("https://lessonspace.invalid/v2/");
    env.set("HTTPS_PROXY", "htp://a").set("NO_PROXY", "lessonspace.invalid");
    env.run("launch --id x --guest --timeout 600ms").failed(5).says(&["lessonspace.invalid"]);
}
