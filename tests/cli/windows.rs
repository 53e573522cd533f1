//! What differs on Windows: programs that print the key, files held open by other programs, device
//! names, long paths, and the program's own resource.
#![cfg(windows)]

use std::fs::{self, File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::mock::Api;
use crate::roster::{people, statuses};
use crate::school::School;
use crate::support::{TestEnv, key};

/// Opens a file as Excel does: no one else can open it meanwhile.
fn hold(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).share_mode(0).open(path).unwrap()
}

/// An environment with a profile that runs a command for the key.
fn commanded(api: &Api, command: &str) -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    // cmd.exe runs .cmd files; ComSpec is its path.
    if let Some(value) = std::env::var_os("ComSpec") {
        env.set("ComSpec", value);
    }
    env.config(&format!(
        "[profiles.default]\r\napi_key_command = {command}\r\napi_url = \"{}\"\r\n",
        api.url()
    ));
    env
}

#[test]
fn a_cmd_file_can_provide_the_key() {
    let api = Api::start();
    let _hello = api.hello(&key("helper"), 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "['key-tool.cmd', 'read', 'op://School/key']");
    fs::write(
        env.path("bin/key-tool.cmd"),
        format!("@echo off\r\nif \"%~1 %~2\"==\"read op://School/key\" echo {}\r\n", key("helper")),
    )
    .unwrap();
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn an_exe_can_provide_the_key() {
    let api = Api::start();
    let _hello = api.hello(&key("helper"), 200, "{\"response\": \"Hi\"}");
    let env = commanded(&api, "['cmd.exe', '/d', '/c', 'type key.txt']");
    env.write("key.txt", format!("{}\r\n", key("helper")));
    env.run("hello").succeeded("Hi\n");
}

#[test]
fn a_failing_or_missing_command_exits_3_and_shows_no_key() {
    for (command, script, says) in [
        ("['key-tool.cmd']", "@echo cannot unlock the safe 1>&2\r\n@exit /b 5\r\n", "unlock"),
        ("['key-tool.cmd']", "@exit /b 0\r\n", "empty"),
        ("['no-such-tool.exe']", "", "does not exist"),
    ] {
        let api = Api::start();
        let _never = api.anything().never();
        let env = commanded(&api, command);
        fs::write(env.path("bin/key-tool.cmd"), script).unwrap();
        env.run("hello").failed(3).says(&["api_key_command", says]);
    }
}

#[test]
fn links_open_in_excel_are_reported_before_the_first_request() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let path = env.write("links.csv", "");
    let held = hold(&path);
    env.run("batch roster.csv -o links.csv --force")
        .failed(1)
        .says(&["links.csv", "close it if it is open in Excel"]);
    assert_eq!(school.count(), 0);
    drop(held);
    env.run("batch roster.csv -o links.csv --rate 0 --force").succeeded("");
    assert_eq!(statuses(&env, "links.csv").len(), 2);
}

#[test]
fn an_open_roster_body_or_settings_file_is_reported_as_open() {
    let env = TestEnv::new();
    let says = ["is open in another program; close it there and try again"];
    let roster = hold(&env.write("roster.csv", people(2, 1)));
    env.run("batch roster.csv --dry-run").failed(2).says(&says);
    drop(roster);
    let body = hold(&env.write("body.json", "{\"id\": \"x\"}"));
    env.run("launch --guest --file body.json --dry-run").failed(2).says(&says);
    drop(body);
    let config = hold(&env.config("[profiles.default]\n"));
    env.run("hello").failed(2).says(&says);
    drop(config);
}

#[test]
fn device_and_folder_names_are_refused_for_links() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    for name in ["nul.csv", "CON.csv", "aux.csv"] {
        env.run(&format!("batch roster.csv -o {name}")).failed(2).says(&["regular file"]);
    }
    env.run("batch roster.csv -o .").failed(2).says(&["-o: . is a folder, not a file"]);
    for name in ["nul", "..\\links", "../links"] {
        env.run(&format!("batch roster.csv -o {name}"))
            .failed(2)
            .says(&["must end in .csv, .tsv, .xlsx or .jsonl"]);
    }
    assert_eq!(school.count(), 0);
}

#[test]
fn paths_over_260_characters_and_verbatim_paths_work() {
    let school = School::open();
    let env = school.env();
    let mut folder = env.path("work");
    for _ in 0..12 {
        folder.push("a-folder-with-a-long-name-1234567");
    }
    fs::create_dir_all(&folder).unwrap();
    let (roster, links) = (folder.join("roster.csv"), folder.join("links.csv"));
    assert!(links.as_os_str().len() > 260);
    fs::write(&roster, people(3, 1)).unwrap();
    let run = |links: &Path| {
        let command = env.cmd("batch --rate 0 --force");
        command.arg(&roster).arg("-o").arg(links).run().succeeded("");
        assert_eq!(fs::read_to_string(links).unwrap().matches("https://").count(), 3);
    };
    run(&links);
    run(Path::new(&format!(r"\\?\{}", links.display())));
}

#[test]
fn settings_are_in_appdata_and_practice_spaces_in_localappdata() {
    let env = TestEnv::new();
    env.set("APPDATA", env.path("home/Roaming")).set("LOCALAPPDATA", env.path("home/Local"));
    fs::create_dir_all(env.path("home/Roaming/lessonspace")).unwrap();
    fs::write(env.path("home/Roaming/lessonspace/config.toml"), "[profiles.x]\r\nuser = 1\r\n")
        .unwrap();
    let config = env.path("home/Roaming/lessonspace/config.toml");
    env.run("hello --profile x").failed(2).says(&[&config.display().to_string(), "user"]);
    fs::remove_file(config).unwrap();
    env.run("launch --id a --guest --sandbox --field created").succeeded("true\n");
    assert!(env.path("home/Local/lessonspace/spaces.jsonl").is_file());
}

#[test]
fn the_program_has_a_version_a_manifest_and_one_name() {
    let program = fs::read(env!("CARGO_BIN_EXE_lessonspace")).unwrap();
    let holds = |part: &[u8]| program.windows(part.len()).any(|window| window == part);
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for text in ["FileDescription", env!("CARGO_PKG_DESCRIPTION"), env!("CARGO_PKG_VERSION")] {
        assert!(holds(&wide(text)), "the resource lacks {text}");
    }
    for setting in [">true</longPathAware>", ">UTF-8</activeCodePage>"] {
        assert!(holds(setting.as_bytes()), "the manifest lacks {setting}");
    }
    let env = TestEnv::new();
    for line in ["--help", "launch --help", "launch", "nonsense"] {
        env.run(line).does_not_say(&["lessonspace.exe"]);
    }
}
