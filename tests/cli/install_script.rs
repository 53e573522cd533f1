//! `install.sh`, against a release on a server of this computer, with a program that is a script.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use httpmock::MockServer;
use tempfile::TempDir;

const NAMES: [(&str, &str); 2] =
    [("x86_64", "x86_64-unknown-linux-musl"), ("aarch64", "aarch64-unknown-linux-musl")];

/// A release and an empty home.
struct Scene {
    server: MockServer,
    home: TempDir,
}

impl Scene {
    /// A release of this version; `change` changes what SHA256SUMS says.
    fn new(version: &str, change: impl Fn(String) -> String) -> Self {
        let scene = Self { server: MockServer::start(), home: TempDir::new().unwrap() };
        let mut sums = String::from("not a sum\n");
        for (_, target) in NAMES {
            let name = format!("lessonspace-{version}-{target}");
            let folder = scene.home.path().join("made").join(&name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(
                folder.join("lessonspace"),
                format!("#!/bin/sh\necho lessonspace {version}\n"),
            )
            .unwrap();
            run(Command::new("tar")
                .current_dir(folder.parent().unwrap())
                .args(["-czf", "archive", &name]));
            let archive = folder.parent().unwrap().join("archive");
            let output = run(Command::new("sha256sum").arg(&archive));
            let sum = String::from_utf8(output.stdout).unwrap();
            let sum = sum.split(' ').next().unwrap();
            writeln!(sums, "{sum}  {name}.tar.gz").unwrap();
            let bytes = fs::read(&archive).unwrap();
            scene.serve(&format!("/{name}.tar.gz"), bytes);
        }
        scene.serve("/SHA256SUMS", change(sums).into_bytes());
        scene
    }

    fn serve(&self, path: &str, bytes: Vec<u8>) {
        self.server.mock(|when, then| {
            when.method("GET").path(path);
            then.status(200).body(bytes);
        });
    }

    fn install(&self, variables: &[(&str, &str)]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
        Command::new("/bin/sh")
            .arg(script)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.home.path())
            .env("LESSONSPACE_RELEASES", self.server.base_url())
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn program(&self) -> PathBuf {
        self.home.path().join(".local/bin/lessonspace")
    }

    /// What the folder of the program holds.
    fn installed(&self) -> Vec<String> {
        let folder = fs::read_dir(self.program().parent().unwrap());
        let names = folder.into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).collect()
    }
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[track_caller]
fn ended(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let seen = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        (output.status.code(), seen.0.as_ref(), seen.1.as_ref()),
        (Some(code), stdout, stderr)
    );
}

#[test]
fn it_installs_the_program_and_says_what_to_do_about_path() {
    let scene = Scene::new("1.0.0", |sums| sums);
    let folder = scene.program().parent().unwrap().display().to_string();
    let told = format!("installed lessonspace 1.0.0 in {folder}\n");
    let hint = format!(
        "hint: add it to PATH; put this line into ~/.profile, then open a new terminal:\n  \
         export PATH=\"{folder}:$PATH\"\n"
    );
    ended(&scene.install(&[]), 0, &(told.clone() + &hint), "");
    // Once more is harmless, and where the folder is in PATH there is nothing to do.
    let path = format!("/usr/bin:{folder}:/bin");
    ended(&scene.install(&[("PATH", &path)]), 0, &told, "");
    assert_eq!(scene.installed(), ["lessonspace"]);
    let output = run(&mut Command::new(scene.program()));
    assert_eq!(output.stdout, b"lessonspace 1.0.0\n");
}

#[test]
fn each_shell_is_told_its_own_way_to_add_to_path() {
    let scene = Scene::new("1.0.0", |sums| sums);
    let folder = scene.program().parent().unwrap().display().to_string();
    for (shell, told) in [
        ("/bin/zsh", "put this line into ~/.zprofile, then"),
        ("/bin/bash", "put this line into ~/.profile, then"),
        ("/usr/bin/fish", &format!("run this line:\n  fish_add_path \"{folder}\"\n")),
    ] {
        let output = scene.install(&[("SHELL", shell)]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains(&format!("hint: add it to PATH; {told}")), "{stdout}");
    }
}

#[test]
fn it_replaces_an_earlier_program_and_takes_another_folder() {
    let scene = Scene::new("1.2.0", |sums| sums);
    fs::create_dir_all(scene.program().parent().unwrap()).unwrap();
    fs::write(scene.program(), "old").unwrap();
    assert!(scene.install(&[]).status.success());
    assert_eq!(run(&mut Command::new(scene.program())).stdout, b"lessonspace 1.2.0\n");
    let other = scene.home.path().join("my tools");
    assert!(
        scene.install(&[("LESSONSPACE_INSTALL_DIR", other.to_str().unwrap())]).status.success()
    );
    assert!(other.join("lessonspace").exists());
}

#[test]
fn a_wrong_checksum_installs_nothing() {
    let scene = Scene::new("1.0.0", |sums| {
        let wrong = |line: &str| match line.split_once("  ") {
            Some((sum, name)) => format!("{}  {name}\n", "0".repeat(sum.len())),
            None => format!("{line}\n"),
        };
        sums.lines().map(wrong).collect()
    });
    let output = scene.install(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains(".tar.gz is not what SHA256SUMS says; nothing was installed"),
        "{stderr}"
    );
    assert!(output.stdout.is_empty() && scene.installed().is_empty());
}

#[test]
fn what_cannot_be_fetched_or_is_not_there_is_said() {
    let scene = Scene::new("1.0.0", |sums| sums.replace("linux", "plan9"));
    let output = scene.install(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("error: the release has no archive for "), "{stderr}");
    let nowhere = format!("{}/none/", scene.server.base_url());
    let output = scene.install(&[("LESSONSPACE_RELEASES", &nowhere)]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains(&format!("error: cannot fetch {nowhere}SHA256SUMS\n")), "{stderr}");
    let output = scene.install(&[("LESSONSPACE_RELEASES", "")]);
    let hint = "hint: set it to the address of a release, the folder that holds SHA256SUMS\n";
    ended(&output, 1, "", &format!("error: LESSONSPACE_RELEASES is not set\n{hint}"));
    assert!(scene.installed().is_empty());
}
