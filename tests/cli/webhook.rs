//! `webhook verify`: exits 0 if the signature matches the bytes, else 8.

use crate::mock::SECRET;
use crate::support::TestEnv;

/// For `{"a": 1}` with the secret in `SECRET`, as computed by `openssl dgst -sha256 -hmac`.
pub(crate) const HEX: &str = "9de94ff85201e611bb1699034e587588f7a12a68d737ae4eeef96f952e60bada";
const BASE64: &str = "nelP+FIB5hG7FpkDTlh1iPehKmjXN65O7vlvlS5guto=";
pub(crate) const BODY: &str = "{\"a\": 1}";

/// An environment with the secret.
fn env() -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY").set("LESSONSPACE_WEBHOOK_SECRET", SECRET);
    env
}

#[test]
fn a_signature_in_any_spelling_matches() {
    let env = env();
    env.write("body.json", BODY);
    for signature in [
        HEX.to_owned(),
        HEX.to_uppercase(),
        format!("sha256={HEX}"),
        BASE64.to_owned(),
        format!(" {HEX}\n"),
    ] {
        let run = env.cmd("webhook verify --body-file body.json --signature").arg(signature);
        run.run().succeeded("").says(&["the signature matches"]);
    }
    let quiet = format!("webhook verify -q --signature {HEX}");
    env.cmd(&quiet).stdin(BODY).run().succeeded("").does_not_say(&["signature"]);
    env.cmd(&format!("{quiet} --body-file -")).stdin(BODY).run().succeeded("");
}

#[test]
fn another_body_or_secret_exits_8() {
    let env = env();
    let verify =
        |body: &str| env.cmd(&format!("webhook verify --signature {HEX}")).stdin(body).run();
    verify("{\"a\": 2}").failed(8).says(&["the signature does not match this body and secret"]);
    verify("").failed(8);
    env.set("LESSONSPACE_WEBHOOK_SECRET", "another");
    verify(BODY).failed(8);
}

#[test]
fn an_added_newline_is_reported() {
    for end in ["\n", "\r\n"] {
        let run = env()
            .cmd(&format!("webhook verify --signature {HEX}"))
            .stdin(format!("{BODY}{end}"))
            .run();
        run.failed(8).says(&["but would without the body's final newline"]);
    }
}

#[test]
fn json_reports_the_result() {
    let env = env();
    let verify = |body: String| {
        env.cmd(&format!("webhook verify --json --signature {HEX}")).stdin(body).run()
    };
    let line = |matches: bool, without: bool| {
        format!("{{\"matches\":{matches},\"matches_without_trailing_newline\":{without}}}\n")
    };
    verify(BODY.to_owned()).succeeded(&line(true, false));
    let newline = verify(format!("{BODY}\n"));
    newline.ended(8, &line(false, true)).json_error(8, "outcome");
    verify("x".to_owned()).ended(8, &line(false, false));
}

#[test]
fn a_secret_file_takes_precedence_and_its_final_newline_is_ignored() {
    let env = env();
    env.set("LESSONSPACE_WEBHOOK_SECRET", "another");
    env.write("secret.txt", format!("\u{feff}{SECRET}\r\n"));
    env.write("empty.txt", "\n");
    let verify = |file: &str| {
        let line = format!("webhook verify --signature {HEX} --secret-file {file}");
        env.cmd(&line).stdin(BODY).run()
    };
    verify("secret.txt").succeeded("");
    env.write("latin1.txt", b"secr\xe8t");
    verify("empty.txt").failed(2).says(&["--secret-file empty.txt is empty"]);
    verify("latin1.txt").failed(2).says(&["--secret-file latin1.txt is not UTF-8"]);
    verify("nowhere.txt").failed(2).says(&["--secret-file nowhere.txt does not exist"]);
    env.write("body.json", BODY);
    let line = format!("webhook verify --signature {HEX} --secret-file - --body-file body.json");
    env.cmd(&line).stdin(SECRET).run().succeeded("");
}

#[test]
fn everything_missing_or_invalid_is_reported_at_once() {
    let env = env();
    env.run("webhook verify --signature deadbeef")
        .failed(2)
        .says(&["--signature is not a valid signature; expected 64 hex digits"]);
    let twice = format!("webhook verify --signature {HEX} --secret-file - --body-file -");
    env.run(&twice).failed(2).says(&["both read standard input"]);
    let gone = format!("webhook verify --signature {HEX} --body-file nowhere.json");
    env.run(&gone).failed(2).says(&["--body-file nowhere.json does not exist"]);
    let both =
        env.run("webhook verify --signature x --secret-file nowhere.txt --body-file nowhere.json");
    both.failed(2).says(&[
        "error: 3 problems with the input\n",
        "--signature is not a valid signature",
        "--secret-file nowhere.txt does not exist",
        "--body-file nowhere.json does not exist",
    ]);
    env.unset("LESSONSPACE_WEBHOOK_SECRET");
    let output = env.run("webhook verify");
    output.failed(2).says(&["--signature is required", "--secret-file is required"]);
    assert!(output.hint().starts_with("for example: lessonspace webhook verify"));
    env.set("LESSONSPACE_WEBHOOK_SECRET", "");
    env.run(&format!("webhook verify --signature {HEX}")).failed(2).says(&["--secret-file"]);
    env.run("webhook").failed(2);
}

#[cfg(unix)]
#[test]
fn a_body_is_never_read_from_the_terminal() {
    let env = env();
    let run = env.cmd(&format!("webhook verify --signature {HEX}"));
    let session = crate::terminal::Terminal::start(&run).end();
    session.ended(2, &["--body-file is required"]);
}

#[test]
fn the_help_says_signatures_do_not_expire_and_how_to_detect_a_replay() {
    let help = env().run("webhook verify --help").stdout.replace('\n', " ");
    for words in ["A signature does not expire", "To detect replays, keep the signature"] {
        assert!(help.contains(words), "{help}");
    }
}
