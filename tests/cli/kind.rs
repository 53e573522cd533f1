//! Input as people type it (typographic quotes, flags under other names), and messages that help.

use std::io::Write as _;
use std::net::TcpListener;

use serde_json::json;

use crate::faults::{Act, Faults};
use crate::mock::{Api, answer, link_line};
use crate::support::TestEnv;

/// A usage error with this headline and this hint.
#[track_caller]
fn answered(words: &[&str], headline: &str, hint: &str) {
    let output = TestEnv::new().cmd("launch").args(words).run();
    output.failed(2);
    assert_eq!(output.stderr, format!("error: {headline}\nhint: {hint}\n"));
}

#[test]
fn typographic_dashes_and_quotes_are_identified() {
    let dash = |flag: &str| {
        format!("type plain hyphens: {flag} (word processors and web pages change them)")
    };
    let quote = "type plain quotes, which the shell understands: \"Peter Parker\"";
    for (words, says, flag) in [
        (&["–id", "x"][..], "starts with a typographic dash (–, U+2013)", "--id"),
        (&["--id", "x", "—leader"], "starts with a typographic dash (—, U+2014)", "--leader"),
        (&["--user–name", "A"], "contains a typographic dash (–, U+2013)", "--user-name"),
        (&["-–user-name=A"], "contains a typographic dash (–, U+2013)", "--user-name"),
    ] {
        answered(words, &format!("an argument {says}"), &dash(flag));
    }
    for words in [
        &["--id", "x", "--user-name", "“Peter", "Parker”"][..],
        &["--id", "“bio”"],
        &["--set", "user.name=“Peter”"],
        &["--set", "user.name=“Peter", "Parker”"],
        &["--webhook", "session=“https://a/”"],
        &["--feature", "chat.enabled=“off”"],
    ] {
        answered(words, "a value starts with a typographic quote (“, U+201C)", quote);
    }
    for (value, code) in [
        ("‚Peter‘", "‚, U+201A"),
        ("»Peter«", "», U+00BB"),
        ("«Peter»", "«, U+00AB"),
        ("’Peter’", "’, U+2019"),
        ("‟Peter”", "‟, U+201F"),
    ] {
        let headline = format!("a value starts with a typographic quote ({code})");
        answered(&["--user-name", value], &headline, quote);
    }
}

#[test]
fn apostrophes_in_and_around_names_are_sent() {
    let env = TestEnv::new();
    for name in ["O’Neill", "Jess’", "’n Sync", "‘t Hooft"] {
        let output = env.cmd("launch --id x --dry-run --user-name").arg(name).run();
        assert_eq!(output.json()["user"]["name"], name, "{output}");
    }
}

#[test]
fn dashes_in_a_time_are_shown_corrected_to_hyphens() {
    let env = TestEnv::new();
    for (time, says) in [
        ("2040–12–01 14:00", "(–, U+2013); use plain hyphens: 2040-12-01 14:00"),
        ("2040-12-01T14:00:00−05:00", "(−, U+2212); use plain hyphens: 2040-12-01T14:00:00-05:00"),
    ] {
        let run = env.cmd("launch --id x --guest --dry-run --not-before").arg(time).run();
        run.failed(2).says(&["contains a typographic dash", says]);
    }
}

#[test]
fn json_with_typographic_quotes_is_refused_with_the_quote() {
    let env = TestEnv::new();
    for body in ["{“id”: “bio”}", "{\"id\": “bio”}", "{\"id\": \"x\", \"name\": ‘bio’}"]
    {
        env.write("body.json", body);
        env.run("launch --guest --file body.json --dry-run")
            .failed(2)
            .says(&["body.json, line 1", "is a typographic quote; use a plain one: \""]);
    }
}

#[test]
fn flags_under_other_names_get_the_intended_flag_as_a_hint() {
    for (flag, meant) in [
        ("--name", "use --user-name for the person's name, --space-name for the Space's"),
        ("--email", "use --user-email for the person's email address"),
        ("--space", "use --id for the Space id"),
        ("--student", "for a student: --user-name NAME --role student"),
        ("--teacher", "for a teacher: --leader, plus --role teacher if you need the role"),
        ("--webhooks", "use --webhook EVENT=URL, once per webhook"),
    ] {
        answered(&["--id", "x", flag, "y"], &format!("unexpected argument '{flag}' found"), meant);
    }
    let key = TestEnv::new().run("hello --api-key x");
    key.failed(2).says(&["do not put the API key on the command line"]);
}

#[test]
fn an_invisible_character_in_an_id_is_refused_with_its_name_and_place() {
    let env = TestEnv::new();
    let says = "contains an invisible character (U+200B, zero width space) at position 4; remove it, or \
                you get a different Space";
    env.cmd("launch --guest --dry-run --id").arg("bio\u{200b}101").run().failed(2).says(&[says]);
    env.cmd("add-user --guest --dry-run --set").arg("id=bio\u{200b}").run().failed(2).says(&[says]);
    env.write("roster.csv", "id\nbio\u{200b}\n");
    env.run("batch roster.csv --dry-run").failed(2).says(&["line 2", says]);
}

#[test]
fn a_bare_number_for_timeout_is_seconds() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer()).times(3);
    for time in ["30", "1.5", "30s"] {
        let output = api.env().run(&format!("launch --id x --guest --timeout {time}"));
        output.succeeded(&link_line());
    }
}

#[test]
fn an_invalid_duration_gets_examples_that_fit_the_flag() {
    let env = TestEnv::new();
    env.write("roster.csv", "id\na\n");
    for (line, says) in [
        (
            "launch --id x --guest --timeout soon",
            "\"soon\" is not a valid duration; use 30 (seconds), 90s or 2m",
        ),
        (
            "launch --id x --guest --timeout 0",
            "\"0\" must be greater than zero; use 30 (seconds), 90s or 2m",
        ),
        (
            "launch --id x --guest --valid-for 30",
            "\"30\" is not a valid duration; use 90m, 2h, 1h30m or 7d",
        ),
        (
            "launch --id x --guest --valid-for 0s",
            "\"0s\" must be greater than zero; use 90m, 2h, 1h30m or 7d",
        ),
        (
            "batch roster.csv -o links.csv --resume --min-valid 2",
            "\"2\" is not a valid duration; use 12h, 2d or 6d",
        ),
    ] {
        env.run(line).failed(2).says(&[says]);
    }
}

#[test]
fn hints_never_suggest_a_flag_that_the_command_lacks() {
    let env = TestEnv::new();
    for (flag, launch) in [
        ("--webhooks", "--webhook"),
        ("--webhook", "--webhook"),
        ("--record", "--record-av and --record-content"),
        ("--record-av", "--record-av"),
        ("--transcribe", "--transcribe"),
        ("--summary", "--summarise"),
        ("--space-name", "--space-name"),
    ] {
        let hint = format!("add-user does not change the Space; use launch with {launch}\n");
        let output = env.run(&format!("add-user --id x --user-name A {flag} y"));
        output.failed(2).says(&[&hint]);
    }
    for line in ["hello --name x", "hello --tz x", "login --email x", "logout --name x"] {
        let output = env.run(line);
        output.failed(2).does_not_say(&[
            "--user-name",
            "--space-name",
            "--time-zone",
            "--user-email",
        ]);
    }
}

#[test]
fn windows_time_zones_work_and_cities_and_offsets_get_a_hint() {
    let env = TestEnv::new();
    let window = |zone: &str| {
        env.cmd("launch --id x --guest --dry-run --valid-for 2h")
            .args(&["--not-before", "2098-12-01 09:00", "--time-zone", zone])
            .run()
    };
    let line = |times: &str| format!("{{\"id\":\"x\",\"timeouts\":{{{times}}}}}\n");
    let new_york = "\"not_before\":\"2098-12-01T14:00:00Z\",\"not_after\":\"2098-12-01T16:00:00Z\"";
    window("Eastern Standard Time").succeeded(&line(new_york));
    window("London").failed(2).says(&["unknown time zone \"London\"; did you mean Europe/London?"]);
    window("eastern standard time").succeeded(&line(new_york));
    for (misspelt, meant) in [
        ("Europe/Lodnon", "Europe/London"),
        ("Europe/New York", "America/New_York"),
        ("Coordinated Universal Time", "UTC"),
    ] {
        window(misspelt).failed(2).says(&[&format!("did you mean {meant}?")]);
    }
    window("GMT+2").failed(2).says(&["\"GMT+2\" is an offset", "such as Europe/London"]);
    env.config("[profiles.default]\ntime_zone = \"W. Europe Standard Time\"\n");
    let profile = env
        .cmd("launch --id x --guest --dry-run --valid-for 2h --not-before")
        .arg("2098-12-01 09:00")
        .run();
    profile.succeeded(&line(&new_york.replace("T14", "T08").replace("T16", "T10")));
}

#[test]
fn a_server_that_does_not_speak_http_exits_6_at_once() {
    for noise in [
        &b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"[..],
        b"220 mail.example.org ESMTP Postfix\r\n",
        b"\x00\x01\x02\xff\xfe\x15\x03\r\n\r\n",
    ] {
        let server = Faults::play(vec![Act::Answer(noise.to_vec())]);
        let output = server.env().run("launch --id x --guest");
        output.failed(6).says(&["127.0.0.1 is not a web server: it does not support HTTP"]);
        assert_eq!(server.connections(), 1, "{output}");
    }
}

#[test]
fn a_server_that_does_not_speak_tls_exits_6_at_once() {
    // SSH servers speak first.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let env = TestEnv::at(&format!("https://{}/v2/", listener.local_addr().unwrap()));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").unwrap();
        std::io::copy(&mut stream, &mut std::io::sink())
    });
    let output = env.run("launch --id x --guest --timeout 5s");
    output.failed(6).says(&["127.0.0.1 is not a web server: it does not support TLS"]);
    drop(server.join().unwrap());
}
