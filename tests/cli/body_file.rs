//! `--file`: what it may contain, what it may not, and how errors are shown.

use std::fs;

use serde_json::json;

use crate::mock::{Api, answer, link_line};
use crate::support::{KEY, TestEnv};

/// Runs with this file, and expects exit code 2 and no request.
fn refused(content: impl AsRef<[u8]>) -> crate::seen::Output {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.write("body.json", content);
    let output = env.run("launch --id x --file body.json");
    output.failed(2);
    output
}

#[test]
fn comments_trailing_commas_and_a_bom_are_accepted() {
    let text = "\u{feff}// the documentation's example\n{\n  \"id\": \"x\", /* the Space */\n  \
                \"name\": \"Biology // 101\", // not a comment\n  \"tags\": {\"a\": \"b\",},\n}\n";
    let api = Api::start();
    let body = json!({"id": "x", "name": "Biology // 101", "tags": {"a": "b"}});
    let _launch = api.launch(body, 201, &answer());
    let env = api.env();
    env.write("body.json", text);
    env.run("launch --file body.json").succeeded(&link_line());
}

#[test]
fn the_file_may_come_from_stdin() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x", "name": "n"}), 201, &answer());
    api.env()
        .cmd("launch --file -")
        .stdin("{\"id\": \"x\", \"name\": \"n\"}")
        .run()
        .succeeded(&link_line());
}

#[test]
fn a_source_of_the_key_is_never_read_as_the_body() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    let stdin = |other: &str| {
        format!(
            "--file cannot read standard input, because {other} does; use a file for one of them"
        )
    };
    let same =
        |other: &str| format!("cannot be the same file as {other}, which contains the API key");
    env.unset("LESSONSPACE_API_KEY");
    env.write("my.key", KEY);
    env.write("r.csv", "id,user name\nx,Ann\n");
    let variable = "LESSONSPACE_API_KEY_FILE";
    for (flags, set, says) in [
        ("--file - --api-key-file -", "", stdin("--api-key-file")),
        ("--file -", "-", stdin(variable)),
        ("--file my.key --api-key-file my.key", "", format!("--file {}", same("--api-key-file"))),
        ("--file ./my.key", "my.key", format!("--file {}", same(variable))),
    ] {
        for line in ["launch --id x", "add-user --id x --guest", "batch r.csv -o links.csv"] {
            let run = |json: &str| {
                let line = format!("{line} {flags} {json}");
                env.cmd(&line).var(variable, set).stdin(KEY).run()
            };
            run("--json").json_error(2, "usage");
            let output = run("");
            output.failed(2);
            if !line.starts_with("batch") {
                assert_eq!(output.stderr, format!("error: {says}\n"), "{output}");
            }
        }
    }
    for (roster, flag) in [("my.key", ""), ("r.csv", "--recipe my.key")] {
        env.run(&format!("batch {roster} {flag} -o links.csv --api-key-file my.key"))
            .failed(2)
            .says(&[&same("--api-key-file")]);
    }
}

#[test]
fn a_key_in_place_of_the_body_is_not_shown() {
    for text in [KEY.to_owned(), format!(" Organisation {KEY}\n"), "short-key1".to_owned()] {
        let output = refused(text);
        assert_eq!(
            output.stderr,
            "error: body.json does not contain a JSON object; if it contains the API key, use \
             --api-key-file\n"
        );
    }
}

#[test]
fn stdin_is_read_only_with_a_dash() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x"}), 201, &answer());
    api.env().cmd("launch --id x --guest").silent_stdin().run().succeeded(&link_line());
}

#[test]
fn an_empty_stdin_is_an_empty_file() {
    let api = Api::start();
    let _never = api.anything().never();
    api.env().cmd("launch --id x --file -").run().failed(2);
}

#[test]
fn an_error_names_file_line_column_and_field_and_shows_the_line() {
    let text = "{\n  \"id\": \"x\",\n  \"user\": {\n    \"leader\": \"maybe\"\n  }\n}\n";
    refused(text).says(&["body.json, line 4, column 15", "user.leader", "\"leader\": \"maybe\""]);
}

#[test]
fn anything_but_a_json_object_is_refused_with_its_place() {
    for (text, place) in [
        ("{\"id\": \"x\",\n  \"name\" \"n\"}", "body.json, line 2, column "),
        ("{\"id\": \"x\",\n  \"name\": nope}", "body.json, line 2, column "),
        ("{\"id\": \"x\"}\n{\"id\": \"y\"}", "body.json, line 2, column "),
        ("{\"id\": \"x\"\n", "body.json, line "),
        ("{\"id\": \"x", "body.json, line "),
        ("{'id': 'x'}", "body.json, line 1, column "),
        ("{id: 1}", "body.json, line 1, column "),
        ("{\"n\": 01}", "body.json, line 1, column "),
        ("{\"n\": +1}", "body.json, line 1, column "),
        ("{\"n\": 0x1F}", "body.json, line 1, column "),
        ("{\"n\": .5}", "body.json, line 1, column "),
        ("{\"n\": NaN}", "body.json, line 1, column "),
        ("{\"n\": \"a\\qb\"}", "body.json, line 1, column "),
        ("{\"n\": \"\\ud800\"}", "body.json, line 1, column "),
        ("{\"id\": \"x\" /* open", "body.json, line "),
        ("{,}", "body.json, line 1, column "),
        ("[{\"id\": \"x\"}]", "body.json"),
        ("\"x\"", "body.json"),
        ("null", "body.json"),
        ("42", "body.json"),
        ("", "body.json"),
        ("  \n\n", "body.json"),
        ("\u{feff}", "body.json"),
        ("// nothing\n", "body.json"),
    ] {
        refused(text).says(&[place]);
    }
}

#[test]
fn duplicate_keys_are_refused_at_any_depth() {
    for (text, place, key) in [
        ("{\"id\": \"x\",\n \"id\": \"y\"}", "body.json, line 2, column ", "id"),
        ("{\"user\": {\"id\": \"a\",\n \"id\": \"a\"}}", "body.json, line 2, column ", "user.id"),
        ("{\"new\": {\"a\": [{\"k\": 1,\n \"k\": 2}]}}", "body.json, line 2, column ", "k"),
        ("{\"id\": \"x\",\n \"\\u0069d\": \"y\"}", "body.json, line 2, column ", "id"),
    ] {
        refused(text).says(&[place, key]);
    }
    let all = "{\"id\": \"x\",\n \"id\": 5,\n \"a\": {\"b\": [{\"c\": 1, \"c\": 2}]},\n \"record_av\": 1,\n \
               \"id\": \"z\"}";
    refused(all).says(&[
        "error: 5 problems with the input",
        "body.json, line 2, column 2, id: duplicate field",
        "body.json, line 3, column 23, a.b.c: duplicate field",
        "body.json, line 5, column 2, id: duplicate field",
        "body.json, line 2, column 8, id: expected text in quotes, not a number",
        "body.json, line 4, column 15, record_av: expected true or false",
    ]);
    let many = format!("{{{}\"name\": 1}}", "\"record_av\": 1,".repeat(1000));
    let output = refused(many);
    output.says(&["record_av: duplicate field, and 899 more\n", "name: expected text"]);
    assert_eq!(output.stderr.matches("duplicate field").count(), 100);
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    refused(b"{\"id\": \"caf\xe9\"}").says(&["body.json", "UTF-8"]);
    refused(b"\xff\xfe{\0}").says(&["body.json", "is not valid UTF-16LE; save it as UTF-8"]);
    refused([0, 159, 146, 150]).says(&["body.json"]);
}

#[test]
fn a_file_that_cannot_be_read_is_reported_by_name() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    fs::create_dir(env.path("work/folder")).unwrap();
    env.run("launch --id x --guest --file folder").failed(2).says(&["folder"]);
    env.run("launch --id x --guest --file missing.json").failed(2).says(&["missing.json"]);
    for (name, content, problem) in [
        (
            "gone.json",
            None,
            json!({"path": "gone.json", "field": "--file", "message": "does not exist"}),
        ),
        (
            "empty.json",
            Some(""),
            json!({
                "path": "empty.json",
                "message": "is empty; expected a JSON object, such as {\"id\": \"room1\"}"
            }),
        ),
    ] {
        content.map(|content| env.write(name, content));
        let error = env.run(&format!("launch --id x --json --file {name}")).json_error(2, "usage");
        assert_eq!(error["problems"], json!([problem]));
    }
}

#[test]
fn known_fields_keep_their_documented_types() {
    for (text, field) in [
        ("{\"name\": 5}", "name"),
        ("{\"user\": \"Peter\"}", "user"),
        ("{\"user\": []}", "user"),
        ("{\"user\": {\"id\": 1001}}", "user.id"),
        ("{\"user\": {\"name\": true}}", "user.name"),
        ("{\"user\": {\"email\": {}}}", "user.email"),
        ("{\"user\": {\"leader\": 1}}", "user.leader"),
        ("{\"user\": {\"custom_jwt_parameters\": \"x\"}}", "user.custom_jwt_parameters"),
        ("{\"features\": [\"chat\"]}", "features"),
        ("{\"features\": {\"chat.enabled\": \"yes\"}}", "chat.enabled"),
        ("{\"webhooks\": \"https://a.example/\"}", "webhooks"),
        ("{\"webhooks\": {\"session\": {\"start\": 5}}}", "webhooks.session.start"),
        ("{\"webhooks\": {\"session\": {\"start\": \"example.org\"}}}", "webhooks.session.start"),
        ("{\"timeouts\": 7}", "timeouts"),
        ("{\"timeouts\": {\"not_after\": 7}}", "timeouts.not_after"),
        ("{\"timeouts\": {\"not_after\": \"soon\"}}", "timeouts.not_after"),
        ("{\"record_av\": \"true\"}", "record_av"),
        ("{\"allow_guests\": 0}", "allow_guests"),
    ] {
        refused(text).says(&[field, "body.json, line 1, column "]);
    }
}

#[test]
fn fields_without_a_documented_type_are_passed_through() {
    let env = TestEnv::new();
    let text = "{\"id\":\"x\",\"locale\":1,\"tags\":\"a\",\"theme\":5,\"auth_external\":[]}";
    env.write("body.json", text);
    env.run("launch --guest --dry-run --file body.json").succeeded(&format!("{text}\n"));
}

#[test]
fn an_id_that_is_not_text_is_refused() {
    let env = TestEnv::new();
    for id in ["5", "null", "true", "[]", "{}"] {
        env.write("body.json", format!("{{\"id\": {id}}}"));
        env.run("launch --guest --dry-run --file body.json")
            .failed(2)
            .says(&["body.json, line 1, column ", "id"]);
    }
}

#[test]
#[cfg(unix)]
fn an_endless_file_is_not_read_to_its_end() {
    let env = TestEnv::new();
    env.run("launch --id x --guest --dry-run --file /dev/zero").failed(2).says(&["/dev/zero"]);
}

#[test]
fn several_wrong_fields_are_reported_together() {
    let output = refused("{\n \"name\": 5,\n \"record_av\": \"x\",\n \"user\": {\"leader\": 1}\n}");
    output.says(&[
        "body.json, line 2, column ",
        "body.json, line 3, column ",
        "body.json, line 4, column ",
    ]);
}

#[test]
fn an_unknown_field_is_sent_with_one_warning_and_a_suggestion() {
    let api = Api::start();
    let body = json!({"id": "x", "webhook": {"a": 1}, "brand_new": 1});
    let _launch = api.launch(body, 201, &answer()).times(2);
    let env = api.env();
    env.write("body.json", "{\"webhook\": {\"a\": 1}, \"brand_new\": 1}");
    let output = env.run("launch --id x --guest --file body.json");
    output.succeeded(&link_line()).says(&["did you mean `webhooks`?", "brand_new"]);
    for name in ["`webhooks`", "brand_new"] {
        let lines = output.stderr.lines().filter(|line| line.contains(name)).count();
        assert_eq!(lines, 1, "one warning for {name}\n{output}");
    }
    let output = env.run("launch --id x --guest --file body.json -q");
    output.succeeded(&link_line()).says(&["did you mean `webhooks`?"]);
}

#[test]
fn unknown_fields_inside_known_objects_cause_warnings_too() {
    let env = TestEnv::new();
    for (text, words) in [
        ("{\"user\": {\"id\": \"a\", \"nmae\": \"b\"}}", ["user.nmae", "name"]),
        ("{\"features\": {\"chat.enabeld\": true}}", ["chat.enabeld", "chat.enabled"]),
        ("{\"timeouts\": {\"not_befor\": \"2040-12-01T00:00:00Z\"}}", ["not_befor", "not_before"]),
        (
            "{\"webhooks\": {\"sesion\": {\"start\": \"https://a.example/\"}}}",
            ["sesion", "session"],
        ),
    ] {
        env.write("body.json", text);
        let output = env.run("launch --id x --dry-run --file body.json");
        assert_eq!(output.code, Some(0), "{output}");
        output.says(&words).says(&["did you mean"]);
    }
}

#[test]
fn free_objects_take_any_key_without_a_warning() {
    let env = TestEnv::new();
    env.write(
        "body.json",
        "{\"id\": \"x\", \"user\": {\"id\": \"a\", \"custom_jwt_parameters\": {\"anything\": {\"b\": 1}}},\n\
         \"space_tags\": {\"zzz\": \"1\"}, \"tags\": {\"yyy\": \"2\"}}",
    );
    let output = env.run("launch --dry-run --file body.json");
    assert_eq!(output.code, Some(0), "{output}");
    output.does_not_say(&["anything", "zzz", "yyy"]);
}

#[test]
fn strict_turns_the_warnings_into_errors() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.write("body.json", "{\"webhook\": {},\n \"brand_new\": 1}");
    env.run("launch --id x --guest --strict --file body.json").failed(2).says(&[
        "webhook",
        "brand_new",
        "did you mean `webhooks`?",
        "body.json, line 2, column ",
    ]);
    env.run("launch --id x --guest --strict --set brand_new=1").failed(2).says(&["brand_new"]);
}

#[test]
fn with_json_warnings_are_json_lines() {
    let api = Api::start();
    let _launch = api.launch(json!({"id": "x", "webhook": 1}), 201, &answer());
    let output = api.env().run("launch --id x --guest --set webhook=1 --json");
    assert_eq!(output.code, Some(0), "{output}");
    output.says(&["{\"warning\"", "did you mean `webhooks`?"]);
}

#[test]
fn the_caret_for_an_unknown_field_is_under_its_name() {
    let env = TestEnv::new();
    env.write("body.json", "{\"id\": \"x\",\n  \"recrod_av\": true}\n");
    env.run("launch --guest --file body.json --dry-run --strict").failed(2).says(&[
        "error: body.json, line 2, column 3, recrod_av: unknown field (not allowed with --strict); did you mean `record_av`?\n  \
         2 |   \"recrod_av\": true}\n    |   ^\n",
    ]);
}

#[test]
fn null_webhooks_get_a_suitable_hint() {
    refused("{\"id\": \"x\", \"webhooks\": null}").says(&[
        "webhooks: expected an object {...}, not null; leave it out to keep the webhooks, or set an \
         event to null to remove it",
    ]);
}

#[test]
fn a_file_with_very_many_unknown_fields_is_read_quickly() {
    let env = TestEnv::new();
    let fields: String = (0..20_000).map(|field| format!(",\n\"k{field}\":{field}")).collect();
    let body = format!(
        "{{\"id\":\"x\",\"user\":{{\"name\":\"Ann\"}}{fields},\"own\":{{\"a\":1{fields}}}}}"
    );
    env.write("body.json", &body);
    let output = env.run("launch --file body.json --dry-run");
    assert_eq!(output.code, Some(0));
    assert_eq!(output.stdout.len(), body.replace('\n', "").len() + 1);
    assert_eq!(output.stderr.lines().count(), 20_001, "one warning each");
}

#[test]
fn very_many_problems_on_one_line_are_reported_quickly() {
    let env = TestEnv::new();
    let name = "n".repeat(100_000);
    let fields: Vec<String> = (0..8000).map(|field| format!("\"k{field}\":5")).collect();
    let fields = fields.join(",");
    for (text, last) in [
        (format!("{{\"features\":{{{fields}}}}}"), "features.k7999: expected true or false"),
        (format!("{{\"webhooks\":{{\"{name}\":{{{fields}}}}}}}"), "expected an absolute http"),
    ] {
        env.write("body.json", text);
        let output = env.cmd("launch --id x --guest --dry-run --file body.json").run();
        output.failed(2).says(&["error: 8000 problems with the input", last]);
    }
    let fields: Vec<String> = (0..12_000).map(|field| format!("\"k{field}\":5")).collect();
    env.write("body.json", format!("{{\"features\":{{{}}}}}", fields.join(",")));
    env.run("launch --id x --guest --dry-run --file body.json")
        .failed(2)
        .says(&["error: 10000 problems with the input", ", and 2000 more problems\n"]);
    env.write("body.json", " ".repeat((1 << 20) + 1));
    env.run("launch --id x --guest --dry-run --file body.json")
        .failed(2)
        .says(&["error: --file body.json is larger than 1 MiB\n"]);
}
