//! Successful responses: usable links, `--json`, `--field`, and requested versus actual results.

use serde_json::{Value, json};

use crate::faults::{Faults, json_answer};
use crate::json_text::compact;
use crate::mock::{Api, LINK_MARK, ROOM, SECRET, answer, answer_with, link, link_line};
use crate::support::KEY;

#[test]
fn a_link_that_is_not_a_plain_https_url_exits_6_and_is_not_shown() {
    let mark = LINK_MARK;
    let links = [
        json!(null),
        json!(""),
        json!(5),
        json!(true),
        json!({"url": format!("https://go.room.sh/?user={mark}")}),
        json!([format!("https://go.room.sh/?user={mark}")]),
        json!(format!("javascript:alert('{mark}')")),
        json!(format!("JavaScript:alert('{mark}')")),
        json!(format!("data:text/html,{mark}")),
        json!(format!("http://go.room.sh/?user={mark}")),
        json!(format!("ftp://go.room.sh/?user={mark}")),
        json!(format!("file:///tmp/{mark}")),
        json!(format!("/?user={mark}")),
        json!(format!("//go.room.sh/?user={mark}")),
        json!(format!("go.room.sh/?user={mark}")),
        json!(format!("https:///?user={mark}")),
        json!(format!("https://?user={mark}")),
        json!(format!("https://pupil@go.room.sh/?user={mark}")),
        json!(format!("https://pupil:pw@go.room.sh/?user={mark}")),
        json!(format!("https://:pw@go.room.sh/?user={mark}")),
        json!(format!("https://go.room.sh/?user={mark}\n::error::x")),
        json!(format!("https://go.room.sh/?user={mark}\u{1b}[31m")),
        json!(format!("https://go.room.sh/?user={mark}\u{0}")),
        json!(format!("https://go.room.sh/?user={mark}\u{85}")),
        json!(format!("https://go.room.sh/?user={mark} x")),
        json!(format!("https://go.room.sh/?user={mark}\tx")),
        json!(format!(" https://go.room.sh/?user={mark}")),
        json!(format!("https://go.room.sh/?user={mark}\n")),
        json!(format!("https://go.room.sh/?user={mark}\u{a0}x")),
        json!(format!("https://go.room .sh/?user={mark}")),
    ];
    for client_url in links {
        let api = Api::start();
        let answer = answer_with(&json!({"client_url": client_url}));
        let _launch = api.launch(json!({"id": "x"}), 201, &answer).times(3);
        let env = api.env();
        env.run("launch --id x --guest").failed(6).hint();
        let output = env.run("launch --id x --guest --json");
        output.json_error(6, "not_the_api");
        assert_eq!(output.stdout, "");
        env.run("launch --id x --guest --field room_id").failed(6);
    }
}

#[test]
fn a_response_that_is_not_a_json_object_with_a_link_exits_6_at_once() {
    for text in [
        "{}",
        "[]",
        "null",
        "\"x\"",
        "5",
        "{\"room_id\": \"a\"}",
        "nonsense",
        "{\"client_url\": }",
        "{} {}",
        "OK",
    ] {
        let server = Faults::play(vec![json_answer("200 OK", text)]);
        let output = server.env().run("launch --id x --guest");
        output.failed(6);
        assert_eq!(server.requests().len(), 1, "{text}");
    }
}

#[test]
fn other_usable_links_are_printed_exactly() {
    for url in [
        "https://go.room.sh/?user=a.b.c&room=1#frag",
        "https://eu.example.org:8443/join/%E2%9C%93?x=%20",
        "https://go.room.sh",
        "https://xn--bcher-kva.example/?q=a+b",
    ] {
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 200, &json!({"client_url": url}));
        api.env().run("launch --id x --guest").succeeded(&format!("{url}\n"));
    }
}

/// stdout of `--json` for a response with this text.
fn json_line(status: u16, text: &str) -> String {
    let api = Api::start();
    let _launch = api.launch_text(KEY, json!({"id": "x"}), status, text);
    let output = api.env().run("launch --id x --guest --json");
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output}");
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
    compact(&output.stdout)
}

#[test]
fn json_keeps_the_order_of_the_response_and_appends_the_programs_fields() {
    let url = link();
    let text = format!(
        "{{\"zeta\": 1.10, \"client_url\": \"{url}\",\n \"user_id\": 123456789012345678901234567890,\n \
         \"new\": {{\"b\": 1E5, \"a\": [null]}}, \"secret\": \"{SECRET}\", \"room_settings\": null}}"
    );
    let line = format!(
        "{{\"zeta\":1.10,\"client_url\":\"{url}\",\"user_id\":123456789012345678901234567890,\
         \"new\":{{\"b\":1E5,\"a\":[null]}},\"secret\":\"{SECRET}\",\"room_settings\":null,\
         \"created\":true,\"attempts\":1,\"expires_at\":\"2099-12-01T09:00:00Z\"}}"
    );
    assert_eq!(json_line(201, &text), line);
}

#[test]
fn json_has_null_if_the_end_of_the_link_is_unknown() {
    let line = json_line(200, "{\"client_url\":\"https://go.room.sh/?room=1\"}");
    assert_eq!(
        line,
        "{\"client_url\":\"https://go.room.sh/?room=1\",\"created\":false,\"attempts\":1,\"expires_at\":null}"
    );
}

#[test]
fn api_fields_with_the_programs_names_are_renamed() {
    let line = json_line(
        200,
        "{\"created\":\"2020\",\"client_url\":\"https://go.room.sh/\",\"attempts\":[9],\"expires_at\":1}",
    );
    assert_eq!(
        line,
        "{\"api_created\":\"2020\",\"client_url\":\"https://go.room.sh/\",\"api_attempts\":[9],\
         \"api_expires_at\":1,\"created\":false,\"attempts\":1,\"expires_at\":null}"
    );
}

#[test]
fn a_duplicate_field_is_kept_twice_in_place() {
    let line = json_line(
        200,
        "{\"created\":1,\"client_url\":\"https://go.room.sh/\",\"attempts\":7,\"x\":1,\"attempts\":8,\
         \"x\":2,\"created\":null,\"client_url\":\"https://go.room.sh/\"}",
    );
    assert_eq!(
        line,
        "{\"api_created\":1,\"client_url\":\"https://go.room.sh/\",\"api_attempts\":7,\"x\":1,\
         \"api_attempts\":8,\"x\":2,\"api_created\":null,\"client_url\":\"https://go.room.sh/\",\
         \"created\":false,\"attempts\":1,\"expires_at\":null}"
    );
}

#[test]
fn two_different_links_count_as_none() {
    for other in ["\"https://go.room.sh/b\"", "null", "5"] {
        let text = format!("{{\"client_url\":\"https://go.room.sh/a\",\"client_url\":{other}}}");
        let api = Api::start();
        let _launch = api.launch_text(crate::support::KEY, json!({"id": "x"}), 200, &text);
        api.env().run("launch --id x --guest").failed(6).says(&["no usable join link", "twice"]);
    }
}

#[test]
fn a_link_with_an_invalid_token_is_still_printed() {
    for user in ["", "a", "a.b.c", "..", "e30.e30.e30", "%00", "eyJhbGciOiJub25lIn0.W10.x", "💥"]
    {
        let url = format!("https://go.room.sh/?user={user}");
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 201, &json!({"client_url": url})).times(2);
        let env = api.env();
        env.run("launch --id x --guest").succeeded(&format!("{url}\n")).says(&["created Space x"]);
        env.run("launch --id x --guest --field expires_at").succeeded("null\n");
    }
    for exp in [
        "\"soon\"",
        "-1e400",
        "1e18",
        "99999999999999999999999",
        "null",
        "[]",
        "-62135596801",
        "253402300800",
    ] {
        let url = crate::mock::link_with_claims(&format!("{{\"exp\":{exp},\"nbf\":{exp}}}"));
        let api = Api::start();
        let _launch = api.launch(json!({"id": "x"}), 201, &json!({"client_url": url}));
        api.env().run("launch --id x --guest").succeeded(&format!("{url}\n"));
    }
}

#[test]
fn one_field_is_printed_raw() {
    let api = Api::start();
    let fields = json!({"n": "a \"b\"", "none": null, "o": {"b": [1, "x"]}, "flat.key": 1});
    let rows = [
        ("client_url", link()),
        ("room_id", ROOM.to_owned()),
        ("secret", SECRET.to_owned()),
        ("user_id", "4711".to_owned()),
        ("room_settings.transcribe", "false".to_owned()),
        ("room_settings.record_content", "true".to_owned()),
        ("created", "false".to_owned()),
        ("attempts", "1".to_owned()),
        ("expires_at", "2099-12-01T09:00:00Z".to_owned()),
        ("n", "a \"b\"".to_owned()),
        ("none", "null".to_owned()),
    ];
    let _launch = api.launch(json!({"id": "x"}), 200, &answer_with(&fields)).times(rows.len() + 1);
    let env = api.env();
    for (name, value) in rows {
        env.run(&format!("launch --id x --guest --field {name}")).succeeded(&format!("{value}\n"));
    }
    let output = env.run("launch --id x --guest --field o");
    assert_eq!(
        (output.code, compact(&output.stdout).as_str()),
        (Some(0), "{\"b\":[1,\"x\"]}"),
        "{output}"
    );
}

#[test]
fn several_fields_are_printed_one_per_line_in_the_given_order() {
    let api = Api::start();
    let answer = answer_with(&json!({"n": "a\nb", "none": null}));
    let _launch = api.launch(json!({"id": "x"}), 201, &answer).times(2);
    let env = api.env();
    let line = "launch --id x --guest";
    env.run(&format!(
        "{line} --field created --field room_id --field none --field n --field created"
    ))
    .succeeded(&format!("true\n{ROOM}\nnull\na\\nb\ntrue\n"));
    env.run(&format!("{line} --field a.b --field room_id --field c")).failed(6).says(&[
        "error: no field a.b, c in the response; the request succeeded\n",
        "hint: fields in the response: ",
        ", room_id, ",
        ", created, attempts, expires_at\n",
    ]);
}

#[test]
fn a_missing_field_exits_6() {
    let api = Api::start();
    let names = ["nothing", "room_settings.nothing", "client_url.x", "user_id.0", "api_created"];
    let _launch = api.launch(json!({"id": "x"}), 201, &answer()).times(names.len());
    for name in names {
        api.env().run(&format!("launch --id x --guest --field {name}")).failed(6).says(&[name]);
    }
}

#[test]
fn a_link_that_contradicts_the_request_causes_a_warning_with_both_values() {
    let body = json!({"id": "x", "user": {"name": "Anna"}});
    let leading = json!({"id": "x", "user": {"name": "Anna", "leader": true}});
    for (flags, body, claims, line, warnings) in [
        (
            "",
            &body,
            "{\"meta\":{\"name\":\"Bob\"},\"canLead\":false}",
            "link for Bob (not a leader); share it only with them",
            &["requested a link for Anna, but got one for Bob; do not share it"][..],
        ),
        (
            "",
            &body,
            "{\"meta\":{\"name\":\"Anna\"},\"canLead\":true}",
            "link for Anna (leader); keep it private: anyone with this link can lead the Space",
            &["did not request a leader link, but got one; keep it private"],
        ),
        (
            "--leader",
            &leading,
            "{\"meta\":{\"name\":\"Anna\"},\"canLead\":false}",
            "link for Anna (not a leader); share it only with them",
            &["requested a leader link, but got one that is not for a leader"],
        ),
        (
            "--leader",
            &leading,
            "{\"id\":5,\"exp\":4099798800.5}",
            "link for Anna (leader); keep it private: anyone with this link can lead the Space",
            &[],
        ),
    ] {
        let client_url = crate::mock::link_with_claims(claims);
        let api = Api::start();
        let answer = json!({"client_url": client_url});
        let _launch = api.launch(body.clone(), 200, &answer).times(3);
        let env = api.env();
        let command = format!("launch --id x --user-name Anna {flags}");
        let output = env.run(&command);
        output.succeeded(&format!("{client_url}\n")).says(&[&format!("\n{line}\n")]);
        let quiet: String =
            warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
        assert_eq!(env.run(&format!("{command} -q")).stderr, quiet);
        let json: String =
            warnings.iter().map(|warning| format!("{}\n", json!({"warning": warning}))).collect();
        assert_eq!(env.run(&format!("{command} --json")).stderr, json);
    }
}

#[test]
fn a_guest_link_and_a_persons_link_are_not_confused() {
    let anna = json!({"id": "x", "user": {"name": "Anna"}});
    for (flags, body, claims, warning) in [
        (
            "--guest",
            json!({"id": "x"}),
            "{\"guest\":false,\"meta\":{\"name\":\"Bob\"}}",
            "requested a guest link, but got one for Bob; do not share it",
        ),
        (
            "--user-name Anna",
            anna,
            "{\"guest\":true}",
            "requested a link for Anna, but got a guest link",
        ),
    ] {
        let api = Api::start();
        let answer = json!({"client_url": crate::mock::link_with_claims(claims)});
        let _launch = api.launch(body, 200, &answer).times(2);
        for command in ["launch", "add-user"] {
            let output = api.env().run(&format!("{command} --id x {flags} -q"));
            assert_eq!(output.stderr, format!("warning: {warning}\n"));
        }
    }
}

#[test]
fn a_link_that_is_not_valid_yet_is_reported_if_no_start_was_requested() {
    let late = "{\"nbf\":4099798800,\"exp\":4099885200}";
    let answer = json!({"client_url": crate::mock::link_with_claims(late)});
    let not_yet =
        "warning: the link is not valid yet; it becomes valid Tue 1 Dec 2099, 09:00 UTC\n";
    let early = "warning: the link becomes valid only after the lesson starts\n";
    let times = json!({"not_before": "2040-12-01T14:00:00Z", "not_after": "2040-12-01T15:00:00Z"});
    for (flags, body, warning) in [
        ("", json!({"id": "x"}), not_yet),
        (
            "--not-before 2040-12-01T14:00:00Z --valid-for 1h",
            json!({"id": "x", "timeouts": times}),
            early,
        ),
    ] {
        let api = Api::start();
        let _launch = api.launch(body, 200, &answer);
        let output = api.env().run(&format!("launch --id x --guest -q {flags}"));
        assert_eq!(output.stderr, warning);
    }
}

#[test]
fn a_numeric_room_id_is_passed_to_github() {
    let api = Api::start();
    let link = "https://go.room.sh/?room=42";
    let answer = json!({"client_url": link, "room_id": 42});
    let _launch = api.launch(json!({"id": "x"}), 201, &answer);
    let env = api.env();
    let file = env.write("github", "");
    env.set("GITHUB_OUTPUT", &file);
    let output = env.run("launch --id x --guest --github-output");
    assert_eq!(output.code, Some(0), "{output}");
    let written = std::fs::read_to_string(file).unwrap();
    assert_eq!(written, format!("client_url={link}\nroom_id=42\ncreated=true\n"));
    // A number, or a UUID written differently, is the same room's id in another form.
    let room = "1b671a64-40d5-491e-99b0-da01ff1f3341";
    for room_id in [json!(77), json!(room.to_uppercase()), json!(room.replace('-', "")), json!("")]
    {
        let api = Api::start();
        let answer =
            json!({"client_url": format!("https://go.room.sh/?room={room}"), "room_id": room_id});
        let _launch = api.launch(json!({"id": "x"}), 201, &answer);
        let output = api.env().run("launch --id x --guest -q");
        assert_eq!((output.code, &*output.stderr), (Some(0), ""), "{room_id}");
    }
}

#[test]
fn a_guest_link_that_leads_is_not_called_a_non_leader_link() {
    for (claims, line) in [
        (
            "{\"guest\":true,\"canLead\":true}",
            "guest link (leader): everyone who uses it appears as \"Guest\"; keep it private",
        ),
        ("{\"canLead\":true,\"guest\":false}", "leader link, no name given; keep it private"),
        ("{\"canLead\":\"1\",\"guest\":0}", "leader link, no name given; keep it private"),
        ("{\"canLead\":{},\"guest\":0}", "leader link, no name given; keep it private"),
        (
            "{\"canLead\":true,\"name\":\"\\u001b[31mBob\"}",
            "link for \\u{1b}[31mBob (leader); keep",
        ),
        ("{}", "guest link (not a leader): everyone who uses it appears as \"Guest\"\n"),
    ] {
        let api = Api::start();
        let answer = json!({"client_url": crate::mock::link_with_claims(claims)});
        let _launch = api.launch(json!({"id": "x"}), 200, &answer);
        let output = api.env().run("launch --id x --guest");
        output.says(&[&format!("\n{line}")]);
        assert_eq!(output.stderr.contains("not a leader"), claims == "{}", "{output}");
    }
}

#[test]
fn a_setting_that_was_not_applied_causes_a_warning_with_both_values() {
    let rows: Vec<(&str, Value, Value, bool)> = vec![
        (
            "--record-av --transcribe",
            json!({"record_av": true, "transcribe": true}),
            json!({"record_av": true, "transcribe": false}),
            true,
        ),
        (
            "--record-content=false",
            json!({"record_content": false}),
            json!({"record_content": true}),
            true,
        ),
        (
            "--record-av --transcribe",
            json!({"record_av": true, "transcribe": true}),
            json!({"record_av": true, "transcribe": true}),
            false,
        ),
        ("--record-content=false", json!({"record_content": false}), json!({}), false),
        ("--record-content=false", json!({"record_content": false}), json!(null), false),
        ("", json!({}), json!({"transcribe": true}), false),
    ];
    for (flags, mut body, settings, warned) in rows {
        body["id"] = json!("x");
        let api = Api::start();
        let answer = answer_with(&json!({"room_settings": settings}));
        let _launch = api.launch(body, 200, &answer).times(2);
        let env = api.env();
        let output = env.run(&format!("launch --id x --guest -q {flags}"));
        output.succeeded(&link_line());
        assert_eq!(!output.stderr.is_empty(), warned, "{output}");
        if warned {
            output.says(&["true", "false"]);
        }
        let output = env.run(&format!("launch --id x --guest --json {flags}"));
        assert_eq!(output.stderr.contains("{\"warning\""), warned, "{output}");
    }
}

#[test]
fn the_warning_names_the_setting() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x", "record_content": false}), 200, &answer());
    api.env()
        .run("launch --id x --guest --record-content=false")
        .says(&["warning: record_content: requested false, but it is true\n"]);
}
