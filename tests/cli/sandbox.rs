//! `--sandbox`: the practice API inside the program, without key or network.

use std::fs;

use serde_json::Value;

use crate::faults::{Faults, good};
use crate::mock::Api;
use crate::support::{TestEnv, key};

/// An environment without any key.
fn keyless() -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env
}

#[test]
fn the_first_launch_creates_and_the_second_opens() {
    let env = keyless();
    let first = env.run("launch --id biology101_2023 --leader --sandbox");
    assert!(
        first.code == Some(0) && first.stdout.starts_with("https://sandbox.invalid/"),
        "{first}"
    );
    assert_eq!(first.stdout.lines().count(), 1, "{first}");
    first.says(&["created Space biology101_2023", "practice only: nothing is sent to Lessonspace"]);
    let second = env.run("launch --id biology101_2023 --sandbox");
    assert_eq!(second.code, Some(0), "{second}");
    second.says(&[
        "opened existing Space biology101_2023",
        "practice only: nothing is sent to Lessonspace",
    ]);
    let other = env.run("launch --id other --sandbox --field created");
    other.succeeded("true\n");
}

#[test]
fn the_variable_has_the_same_effect_as_the_flag() {
    let env = keyless();
    env.set("LESSONSPACE_SANDBOX", "1");
    env.run("launch --id x --guest").says(&["created Space x"]);
    let output = env.run("add-user --id x --user-name Miles");
    assert_eq!(output.code, Some(0), "{output}");
    output.says(&["opened existing Space x"]);
}

#[test]
fn hello_greets_without_a_key() {
    let output = keyless().run("hello --sandbox");
    assert!(output.code == Some(0) && output.stdout.lines().count() == 1, "{output}");
    output.says(&["practice only: nothing is sent to Lessonspace"]);
}

#[test]
fn the_warning_is_kept_with_quiet_and_is_json_with_json() {
    let env = keyless();
    env.run("launch --id x --guest --sandbox -q")
        .says(&["practice only: nothing is sent to Lessonspace"]);
    let output = env.run("launch --id x --guest --sandbox --json");
    output.says(&["{\"warning\"", "practice only: nothing is sent to Lessonspace"]);
    assert_eq!(output.json()["created"], false, "{output}");
}

#[test]
fn the_link_has_a_real_token_with_start_and_end() {
    let env = keyless();
    let answer = env
        .cmd("launch --id x --sandbox --json --user-id S_1 --user-name Miles --leader")
        .args(&["--not-before", "2040-12-01T14:00:00Z", "--valid-for", "90m"])
        .run()
        .json();
    assert_eq!(answer["expires_at"], "2040-12-01T15:30:00Z");
    let url = url::Url::parse(answer["client_url"].as_str().unwrap()).unwrap();
    let token = url.query_pairs().find(|(name, _)| name == "user").unwrap().1.into_owned();
    let [head, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}")
    };
    let decode = |part: &str| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
    };
    let header: Value = serde_json::from_slice(&decode(head)).unwrap();
    assert_eq!(header["alg"], "HS256");
    let secret = answer["secret"].as_str().unwrap();
    let mac = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let signed = format!("{head}.{claims}");
    ring::hmac::verify(&mac, signed.as_bytes(), &decode(signature)).unwrap();
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!(
        (&claims["nbf"], &claims["exp"]),
        (&2_237_983_200_u64.into(), &2_237_988_600_u64.into())
    );
}

#[test]
fn two_concurrent_launches_create_one_space() {
    let env = keyless();
    let runs: Vec<_> =
        (0..6).map(|_| env.cmd("launch --id x --guest --sandbox --field created")).collect();
    let children: Vec<_> = runs.iter().map(|run| run.command().spawn().unwrap()).collect();
    let outputs: Vec<_> = runs.iter().zip(children).map(|(run, child)| run.finish(child)).collect();
    assert!(outputs.iter().all(|output| output.code == Some(0)), "{}", outputs[0]);
    let created = outputs.iter().filter(|output| output.stdout == "true\n").count();
    assert_eq!(created, 1, "{} and others", outputs[0]);
}

#[test]
fn two_different_concurrent_spaces_are_both_saved() {
    let env = keyless();
    let lines: Vec<_> =
        (0..6).map(|n| format!("launch --id space{n} --guest --sandbox --field created")).collect();
    let runs: Vec<_> = lines.iter().map(|line| env.cmd(line)).collect();
    let children: Vec<_> = runs.iter().map(|run| run.command().spawn().unwrap()).collect();
    for (run, child) in runs.iter().zip(children) {
        run.finish(child).succeeded("true\n");
    }
    for line in &lines {
        env.run(line).succeeded("false\n");
    }
}

#[test]
fn the_practice_api_rejects_what_the_real_one_rejects() {
    // The program checks first, so these never reach the practice API.
    let env = keyless();
    env.cmd("launch --guest --sandbox --id").arg("k".repeat(65)).run().failed(2);
    env.run("launch --guest --sandbox --id x --valid-for 8d").failed(2);
    // This check is left to the API.
    let output = env.run("launch --guest --sandbox --id x --summarise --record-av");
    assert!(matches!(output.code, Some(2 | 4)), "{output}");
    output.failed(output.code.unwrap()).says(&["summarise"]);
}

#[test]
fn a_real_url_or_key_file_with_the_sandbox_exits_2() {
    let env = keyless();
    for flags in [
        "--api-url https://api.thelessonspace.com/v2/",
        "--api-key-file some.key",
        "--api-key-file -",
    ] {
        let output = env.run(&format!("launch --id x --guest --sandbox {flags}"));
        output.failed(2).says(&["--sandbox", flags.split(' ').next().unwrap()]);
    }
}

#[test]
fn the_real_key_and_url_are_not_even_read() {
    let api = Api::start();
    let _never = api.anything().never();
    let env = api.env();
    env.set("LESSONSPACE_API_KEY", "unusable key\u{7f}");
    env.set("LESSONSPACE_API_KEY_FILE", "/nonexistent/key");
    env.set("LESSONSPACE_API_URL", "http://example.org/refused/");
    let marker = env.path("work/was-run");
    env.program("key-tool", &format!("echo > '{}'", marker.display()));
    env.config(&format!(
        "[profiles.default]\napi_key_command = [\"key-tool\"]\napi_key = \"{}\"\n",
        key("real")
    ));
    let output = env.run("launch --id x --guest --sandbox -v");
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!marker.exists(), "the key's command was run");
}

#[test]
fn a_proxy_is_not_used() {
    let proxy = Faults::play_proxy(vec![good("201 Created")], None);
    let env = keyless();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        env.set(name, proxy.origin());
    }
    let output = env.run("launch --id x --guest --sandbox");
    assert!(
        output.code == Some(0) && output.stdout.starts_with("https://sandbox.invalid/"),
        "{output}"
    );
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_dry_run_in_the_sandbox_creates_nothing() {
    let env = keyless();
    assert_eq!(env.run("launch --id x --guest --sandbox --dry-run").code, Some(0));
    env.run("launch --id x --guest --sandbox --field created").succeeded("true\n");
}

#[test]
fn the_profiles_person_is_used_in_the_sandbox_too() {
    let env = keyless();
    env.config("[profiles.default]\nuser_name = \"Peter Parker\"\n");
    env.run("launch --id x --sandbox").says(&["Peter Parker"]);
}

#[test]
fn a_damaged_practice_file_is_reported_and_nothing_changes() {
    let env = keyless();
    env.run("launch --id x --guest --sandbox");
    let file = env.path("state/lessonspace/spaces.jsonl");
    let whole = fs::read_to_string(&file).unwrap();
    let path = file.display().to_string();
    for damaged in ["{\"cut", "nonsense\n", &format!("{whole}{{}}\n"), &format!("{{}}\n{whole}")] {
        fs::write(&file, damaged).unwrap();
        for command in ["launch --id x --guest", "hello"] {
            let output = env.run(&format!("{command} --sandbox"));
            output.failed(1).says(&[
                "error: cannot read the practice Spaces in ",
                &path,
                "is damaged on line",
            ]);
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), damaged);
    }
}

#[test]
fn a_torn_last_line_is_dropped_with_a_warning() {
    let env = keyless();
    env.run("launch --id x --guest --sandbox");
    env.run("launch --id y --guest --sandbox");
    let file = env.path("state/lessonspace/spaces.jsonl");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    let warning = "warning: dropped the incomplete last line of the practice Spaces file";
    let output = env.run("launch --id x --guest --sandbox --field created");
    output.succeeded("false\n").says(&[warning]);
    let output = env.run("launch --id y --guest --sandbox --field created");
    output.succeeded("true\n").does_not_say(&[warning]);
}

#[test]
#[cfg(unix)]
fn only_the_owner_can_read_the_saved_spaces_with_their_secrets() {
    use std::os::unix::fs::PermissionsExt;
    let env = keyless();
    env.run("launch --id x --guest --sandbox");
    for entry in fs::read_dir(env.path("state/lessonspace")).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert!(path.is_dir() || mode | 0o700 == 0o700, "{} has mode {mode:o}", path.display());
    }
}

/// On Windows no one else can read a locked file, not even to check that it contains no secret.
#[cfg(unix)]
#[test]
fn a_practice_file_locked_by_another_program_delays_nothing_beyond_the_timeout() {
    let env = keyless();
    env.run("launch --id a --sandbox --field created").succeeded("true\n");
    let file = fs::File::open(env.path("state/lessonspace/spaces.jsonl")).unwrap();
    file.lock().unwrap();
    env.run("launch --id a --sandbox --timeout 1s").failed(5).says(&["did not respond in time"]);
    file.unlock().unwrap();
    env.run("launch --id a --sandbox --field created").succeeded("false\n");
}
