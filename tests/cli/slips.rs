//! Mistakes of people and scripts: a key in the wrong place, an empty variable, standard input used
//! twice.

use serde_json::json;

use crate::faults::{Act, Faults};
use crate::mock::{Api, answer, link_line};
use crate::support::TestEnv;

#[test]
fn a_key_on_the_command_line_is_not_repeated() {
    let env = TestEnv::new();
    let key = "0a1b2c3d-1111-2222-3333-444455556666";
    for line in
        ["login KEY", "hello KEY", "hello KEY --json", "launch --KEY", "hello --api-key-file KEY"]
    {
        let output = env.run(&line.replace("KEY", key));
        assert!(matches!(output.code, Some(2 | 3)), "{output}");
        output.does_not_say(&["0a1b2c3d", "4444555"]);
    }
    env.run("hello 0a1b2c3d-1111-2222-3333-444455556666").failed(2).says(&["LESSONSPACE_API_KEY"]);
}

#[test]
fn a_word_that_may_be_a_mistyped_key_is_not_repeated() {
    let env = TestEnv::new();
    for line in [
        "login SuperSecretKey123",
        "login supersecretkey",
        "login -- SuperSecretKey123",
        "login -SuperSecretKey123",
        "login --SuperSecretKey123",
        "login --json=SuperSecretKey123",
        "login --profile x SuperSecretKey123",
        "login SuperSecretKey123 --json",
        "hello SuperSecretKey123",
        "SuperSecretKey123",
    ] {
        let output = env.run(line);
        output.does_not_say(&["ecretKey", "supersecretkey"]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output}");
    }
    env.run("hello --api-key-file SuperSecretKey123")
        .failed(3)
        .says(&["if this is the key itself, set LESSONSPACE_API_KEY instead"])
        .does_not_say(&["ecretKey"]);
    env.run("login SuperSecretKey123").failed(2).says(&[
        "error: unexpected argument '...' found\n",
        "LESSONSPACE_API_KEY or --api-key-file\n",
    ]);
    env.run("login --profle x").failed(2).says(&["'--profle'", "--profile"]);
    env.run("hello world").failed(2).says(&["'world'"]);
}

#[test]
fn a_stray_word_gets_a_hint_about_where_it_belongs() {
    let env = TestEnv::new();
    env.run("launch biology101").failed(2).says(&["biology101", "hint: use --id for the Space id"]);
    env.run("launch --id x --leader yes").failed(2).says(&["--leader=yes"]);
    env.run("webhook")
        .failed(2)
        .says(&["error: no command given", "run: lessonspace webhook --help"]);
    for (line, help) in [
        ("webhook verify --nope", "hint: run: lessonspace webhook verify --help\n"),
        ("webhook --nope", "hint: run: lessonspace webhook --help\n"),
        ("--nope", "hint: run: lessonspace --help\n"),
    ] {
        env.run(line).failed(2).says(&[help]);
    }
    env.run("launch --expect maybe").failed(2).says(&["lessonspace launch --help"]);
}

#[test]
fn commands_that_never_send_do_not_say_that_nothing_was_sent() {
    let env = TestEnv::new();
    for line in ["handout", "sandbox --rate x --port y", "webhook verify --signature x"] {
        let output = env.run(line);
        output.failed(2).says(&["error: 2 problems with the input\n"]);
    }
    let batch = env.run("batch nowhere.csv -o links.csv --rate x");
    batch.failed(2).says(&["error: 2 problems with the input; nothing was sent\n"]);
}

#[test]
fn a_negative_number_is_reported_with_its_flag() {
    let env = TestEnv::new();
    env.run("sandbox --rate -1 --port -2").failed(2).says(&[
        "2 problems with the input\n",
        "--rate: expected a whole number from 0 to 4294967295, not \"-1\"",
        "--port: expected a whole number from 0 to 65535, not \"-2\"",
    ]);
    env.write("roster.csv", "id\nx\n");
    for flag in ["--rate", "--header", "--timeout"] {
        let output = env.run(&format!("batch roster.csv -o links.csv {flag} -1"));
        output.failed(2).says(&[flag, "\"-1\""]);
    }
}

#[test]
fn errors_are_json_even_if_json_became_the_value_of_a_flag() {
    let error = TestEnv::new().run("launch --id --json").json_error(2, "usage");
    assert!(error["message"].as_str().unwrap().contains("--json"), "{error}");
}

#[test]
fn an_empty_name_is_not_a_person() {
    let api = Api::start();
    let nothing = api.anything().never();
    let env = api.env();
    for flag in ["--user-name", "--user-id", "--user-email"] {
        for blank in ["", "   "] {
            for command in ["add-user", "launch"] {
                let run = env.cmd(command).args(&["--id", "x", flag, blank]).run();
                run.failed(2).says(&[flag, "is blank"]);
            }
        }
    }
    drop(nothing);
}

#[test]
fn a_link_without_a_name_is_reported_as_one() {
    let api = Api::start();
    let body = json!({"id": "x", "user": {"custom_jwt_parameters": {"kickOnExp": true}}});
    let _launch = api.launch(body, 201, &answer());
    api.env().run("launch --id x --kick-on-expiry").succeeded(&link_line()).says(&["guest link"]);
    let body =
        json!({"id": "x", "user": {"custom_jwt_parameters": {"meta": {"displayName": "Ms-X"}}}});
    let _launch = api.launch(body, 201, &answer());
    api.env().run("launch --id x --display-name Ms-X").succeeded(&link_line()).says(&["for Ms-X"]);
}

#[test]
fn reading_standard_input_twice_is_refused_even_if_a_variable_requests_it() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").set("LESSONSPACE_API_KEY_FILE", "-");
    env.cmd("launch --file -").stdin("{\"id\": \"x\"}").run().failed(2).says(&["standard input"]);
    env.cmd("batch - -o links.csv").stdin("id\nx\n").run().failed(2).says(&["standard input"]);
}

#[test]
fn an_unknown_profile_is_reported_with_all_other_errors() {
    let env = TestEnv::new();
    let output = env.run("launch --id x --timeout abc --profile nope");
    output.failed(2).says(&["2 problems", "--timeout", "--profile: no profile nope"]);
    env.set("LESSONSPACE_PROFILE", "nope");
    env.run("hello").failed(2).says(&["LESSONSPACE_PROFILE: no profile nope"]);
}

#[test]
fn a_status_without_a_body_and_without_a_length_is_final() {
    for (status, code) in [
        ("401 Unauthorized", 3),
        ("403 Forbidden", 3),
        ("400 Bad Request", 4),
        ("404 Not Found", 4),
    ] {
        let bytes = format!("HTTP/1.0 {status}\r\nServer: x\r\n\r\n");
        let server = Faults::play(vec![Act::Answer(bytes.into_bytes())]);
        server.env().run("launch --id x --guest").failed(code);
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn an_unfinished_handshake_has_sent_nothing() {
    let server = Faults::play(vec![Act::Stall]);
    let env = server.env();
    env.set("LESSONSPACE_API_URL", server.url().replace("http://", "https://"));
    let output = env.run("launch --id x --guest --timeout 1s");
    output.failed(5).says(&["could not reach", "connection timed out"]);
    output.does_not_say(&["may have been created"]);
}

#[test]
fn an_output_file_without_a_final_newline_gets_one() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    let env = api.env();
    let file = env.write("output", "a=b");
    env.set("GITHUB_OUTPUT", &file);
    let output = env.run("launch --id x --guest --github-output -q");
    assert_eq!(output.code, Some(0), "{output}");
    assert!(std::fs::read_to_string(file).unwrap().starts_with("a=b\nclient_url=https://"));
}

#[test]
fn json_that_cannot_be_sent_is_not_sent_as_text() {
    let env = TestEnv::new();
    let twice = env.cmd("launch --id x --dry-run --set").arg("new={\"a\":1,\"a\":2}").run();
    twice.failed(2).says(&["--set new", "duplicate field"]);
}

#[test]
fn an_id_without_a_value_is_reported() {
    let env = TestEnv::new();
    let says = |flag: &str| {
        format!(
            "error: --id has no value; {flag} is a flag (if it is the id, write --set id={flag})\n"
        )
    };
    for command in ["launch", "add-user"] {
        let unset = env.run(&format!("{command} --id --user-name Anna --no-input"));
        unset.failed(2).says(&[&says("--user-name")]).does_not_say(&["unexpected argument"]);
    }
    env.run("launch --id --leader").failed(2).says(&[&says("--leader")]);
    env.run("launch --set id=--leader --guest --dry-run").succeeded("{\"id\":\"--leader\"}\n");
}

#[test]
fn an_empty_value_is_refused_but_a_space_may_have_a_blank_name() {
    let env = TestEnv::new();
    for flag in [
        "--role",
        "--display-name",
        "--user-name",
        "--user-id",
        "--user-email",
        "--invite-url",
        "--not-before",
        "--not-after",
    ] {
        for blank in ["", " "] {
            let run = env.cmd("launch --id x --dry-run").args(&[flag, blank]).run();
            run.failed(2).says(&[&format!("error: {flag} is blank; leave it out")]);
        }
    }
    for flag in ["--id", "--valid-for", "--lesson-time", "--time-zone", "--feature"] {
        let run = env.cmd("launch --set id=x --guest --dry-run").args(&[flag, ""]).run();
        run.failed(2).says(&[flag]);
    }
    let blank = env.cmd("launch --id x --guest --dry-run --space-name").arg("").run();
    blank.succeeded("{\"id\":\"x\",\"name\":\"\"}\n");
    let blank = "is blank; leave it out or give it a value\n";
    for field in ["user.role", "invite_url", "user.custom_jwt_parameters.meta.displayName"] {
        let set = env.run(&format!("launch --id x --dry-run --set {field}="));
        set.failed(2).says(&[&format!("error: --set {field} {blank}")]);
    }
    env.run("launch --id x --dry-run --guest --set name=")
        .succeeded("{\"id\":\"x\",\"name\":\"\"}\n");
}

#[test]
fn only_similar_names_are_suggested() {
    let env = TestEnv::new();
    env.run("launch --id x --insecure")
        .failed(2)
        .says(&["hint: run: lessonspace launch --help\n"])
        .does_not_say(&["--transcribe"]);
    for (typed, meant) in [("--leder", "--leader"), ("--valid", "--valid-for")] {
        env.run(&format!("launch --id x {typed}")).failed(2).says(&[&format!("'{meant}'")]);
    }
    env.run("lunch").failed(2).says(&["'launch'"]);
}

#[test]
fn single_quotes_in_cmd_are_identified() {
    let env = TestEnv::new();
    env.run("launch --guest --dry-run --id 'chem7'").failed(2).says(&[
        "error: --id has quotation marks around it: 'chem7'; write chem7 (cmd.exe removes \", but not ')\n",
    ]);
    env.run("launch --guest --dry-run --id 'chem 7'").failed(2).says(&["use double quotes"]);
}

#[test]
fn json_without_its_quotes_is_identified() {
    let env = TestEnv::new();
    let value = "webhooks={session:{end:https://example.org/}}";
    let output = env.cmd("launch --id x --guest --dry-run --set").arg(value).run();
    output
        .failed(2)
        .says(&["error: --set webhooks: the shell removed the quotes from this JSON; "]);
}

#[test]
fn an_invalid_yes_or_no_value_shows_the_expected_ones() {
    let env = TestEnv::new();
    let refused = env.run("launch --id x --user-name A --leader=maybe");
    refused.failed(2).says(&["error: --leader: expected yes or no, not \"maybe\"\n"]);
    for (word, value) in [
        ("yes", true),
        ("Y", true),
        ("TRUE", true),
        ("on", true),
        ("1", true),
        ("no", false),
        ("n", false),
        ("false", false),
        ("OFF", false),
        ("0", false),
    ] {
        let output = env.run(&format!("launch --id x --guest --dry-run --record-av={word}"));
        assert_eq!(output.json()["record_av"], value, "{output}");
    }
}
