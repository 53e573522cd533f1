//! `install.sh` and the script of the GitHub action, run against a release on a local server. The
//! program in the release is a script.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use httpmock::{Mock, MockServer};

use crate::faults::{Act, Faults, http};
use crate::readme::documents;
use crate::support::TestEnv;
use crate::tls::Authority;

const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// The error in a clone of the repository.
const NO_RELEASE: &str = "error: this install.sh is not from a release, so it has no download URL\n\
    hint: to build from this clone, run: cargo install --path .; for a release, set \
    LESSONSPACE_RELEASES to its URL\n";

/// A release on a server, and an empty home.
struct Scene {
    server: MockServer,
    env: TestEnv,
}

impl Scene {
    fn new(version: &str) -> Self {
        Self::changed(version, "", |sums| sums)
    }

    /// A release below `path`; `change` edits its SHA256SUMS.
    fn changed(version: &str, path: &str, change: impl Fn(String) -> String) -> Self {
        let scene = Self { server: MockServer::start(), env: TestEnv::new() };
        let mut sums = String::from("not a sum\n");
        for target in TARGETS {
            let (name, bytes, sum) = scene.archive(version, target);
            writeln!(sums, "{sum}  {name}").unwrap();
            scene.serve(&format!("{path}/{name}"), bytes);
        }
        scene.serve(&format!("{path}/SHA256SUMS"), change(sums).into_bytes());
        scene
    }

    /// An archive with a program: its name, its bytes and its checksum.
    fn archive(&self, version: &str, target: &str) -> (String, Vec<u8>, String) {
        let program = format!("#!/bin/sh\necho lessonspace {version}\n");
        self.pack(version, target, |place| fs::write(place, program).unwrap())
    }

    /// An archive with the output of `create` in place of the program.
    fn pack(
        &self,
        version: &str,
        target: &str,
        create: impl FnOnce(PathBuf),
    ) -> (String, Vec<u8>, String) {
        let name = format!("lessonspace-{version}-{target}");
        let work = self.env.path("work");
        fs::create_dir_all(work.join(&name)).unwrap();
        create(work.join(&name).join("lessonspace"));
        run(Command::new("tar").current_dir(&work).args(["-czf", "archive", &name]));
        let output = run(Command::new("sha256sum").arg(work.join("archive")));
        let sum = String::from_utf8(output.stdout).unwrap();
        let bytes = fs::read(work.join("archive")).unwrap();
        (format!("{name}.tar.gz"), bytes, sum.split(' ').next().unwrap().to_owned())
    }

    fn serve(&self, path: &str, bytes: Vec<u8>) -> Mock<'_> {
        self.server.mock(|when, then| {
            when.method("GET").path(path);
            then.status(200).body(bytes);
        })
    }

    fn install(&self, variables: &[(&str, &str)]) -> Output {
        install(&self.env, &self.server.base_url(), variables)
    }

    fn program(&self) -> PathBuf {
        self.env.path("home/.local/bin/lessonspace")
    }

    fn folder(&self) -> PathBuf {
        self.env.path("home/.local/bin")
    }
}

/// Runs `install.sh` for the release at `url`.
fn install(env: &TestEnv, url: &str, variables: &[(&str, &str)]) -> Output {
    Command::new("/bin/sh")
        .arg(repository("install.sh"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", env.path("home"))
        .env("TMPDIR", env.path("tmp"))
        .env("LESSONSPACE_RELEASES", url)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The names in a folder, including hidden ones; empty if there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn ended(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let seen = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        (output.status.code(), seen.0.as_ref(), seen.1.as_ref()),
        (Some(code), stdout, stderr)
    );
}

/// Checks that it failed with this error, printed nothing on stdout, and left nothing in the home
/// folder.
#[track_caller]
fn refused(env: &TestEnv, output: &Output, error: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.lines().any(|line| line == format!("error: {error}")), "{stderr}");
    assert!(output.stdout.is_empty());
    assert_eq!(names(&env.path("home/.local/bin")), [] as [&str; 0]);
    assert_eq!(names(&env.path("tmp")), [] as [&str; 0]);
}

/// A `PATH` with all of the system's programs except these.
fn path_without(env: &TestEnv, hidden: &[&str]) -> String {
    for folder in ["/bin", "/usr/bin"] {
        for name in names(Path::new(folder)) {
            drop(symlink(Path::new(folder).join(&name), env.path("bin").join(&name)));
        }
    }
    for name in hidden {
        fs::remove_file(env.path("bin").join(name)).unwrap();
    }
    env.path("bin").display().to_string()
}

#[test]
fn the_script_installs_the_program_and_explains_path_and_attestation() {
    let scene = Scene::new("1.0.0");
    let folder = scene.folder().display().to_string();
    let installed = format!("installed lessonspace 1.0.0 in {folder}\n");
    let path = format!(
        "hint: to add it to PATH, put this line in ~/.profile and open a new terminal:\n  \
         export PATH=\"{folder}:$PATH\"\n"
    );
    let origin = format!(
        "hint: to check where it came from, run:\n  \
         gh attestation verify \"{folder}/lessonspace\" --repo OWNER/REPO\n"
    );
    ended(&scene.install(&[]), 0, &[&*installed, &path, &origin].concat(), "");
    // Installing again is safe. If the folder is in PATH, there is nothing to add.
    let variables = [("PATH", &*format!("/usr/bin:{folder}:/bin"))];
    ended(&scene.install(&variables), 0, &[&*installed, &origin].concat(), "");
    assert_eq!(names(&scene.folder()), ["lessonspace"]);
    assert_eq!(names(&scene.env.path("tmp")), [] as [&str; 0]);
    assert_eq!(run(&mut Command::new(scene.program())).stdout, b"lessonspace 1.0.0\n");
    assert_eq!(fs::metadata(scene.program()).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn each_shell_gets_its_own_command_to_add_to_path() {
    let scene = Scene::new("1.0.0");
    let folder = scene.folder().display().to_string();
    for (shell, hint) in [
        ("/bin/zsh", "put this line in ~/.zprofile and open"),
        ("/bin/bash", "put this line in ~/.profile and open"),
        ("/usr/bin/fish", &format!("run:\n  fish_add_path \"{folder}\"\n")),
    ] {
        let output = scene.install(&[("SHELL", shell)]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(stdout.contains(&format!("hint: to add it to PATH, {hint}")), "{stdout}");
    }
}

#[test]
fn the_script_replaces_an_earlier_program_and_accepts_another_folder() {
    let scene = Scene::new("1.2.0");
    fs::create_dir_all(scene.folder()).unwrap();
    fs::write(scene.program(), "old").unwrap();
    assert!(scene.install(&[]).status.success());
    assert_eq!(run(&mut Command::new(scene.program())).stdout, b"lessonspace 1.2.0\n");
    let other = scene.env.path("my tools");
    let variables = [("LESSONSPACE_INSTALL_DIR", other.to_str().unwrap())];
    assert!(scene.install(&variables).status.success());
    assert_eq!(names(&other), ["lessonspace"]);
}

#[test]
fn a_symbolic_link_in_place_of_the_program_is_replaced_not_followed() {
    for (target, content) in [("victim", Some("precious")), ("victims", None), ("nothing", None)] {
        let scene = Scene::new("1.0.0");
        fs::create_dir_all(scene.folder()).unwrap();
        fs::write(scene.env.path("victim"), "precious").unwrap();
        fs::create_dir(scene.env.path("victims")).unwrap();
        symlink(scene.env.path(target), scene.program()).unwrap();
        let output = scene.install(&[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(scene.program().symlink_metadata().unwrap().is_file(), "{target}");
        assert_eq!(names(&scene.folder()), ["lessonspace"]);
        assert_eq!(names(&scene.env.path("victims")), [] as [&str; 0]);
        assert!(!scene.env.path("nothing").exists());
        if let Some(content) = content {
            assert_eq!(fs::read_to_string(scene.env.path(target)).unwrap(), content);
        }
    }
}

#[test]
fn a_folder_in_place_of_the_program_is_an_error() {
    let scene = Scene::new("1.0.0");
    fs::create_dir_all(scene.program()).unwrap();
    let error =
        format!("error: {} is a folder; nothing was installed\n", scene.program().display());
    ended(&scene.install(&[]), 1, "", &error);
    assert_eq!(names(&scene.folder()), ["lessonspace"]);
    assert_eq!(names(&scene.program()), [] as [&str; 0]);
}

#[test]
fn planted_links_in_temporary_folders_are_not_followed() {
    let scene = Scene::new("1.0.0");
    fs::create_dir_all(scene.folder()).unwrap();
    fs::write(scene.env.path("victim"), "precious").unwrap();
    // Names that can be guessed: those of the files, and names with the script's process id.
    let planting =
        "for name in SHA256SUMS lessonspace .lessonspace-$$ .lessonspace lessonspace.$$; do
        ln -s \"$VICTIM\" \"$TMPDIR/$name\" && ln -s \"$VICTIM\" \"$HOME/.local/bin/$name\"
        done; exec /bin/sh \"$SCRIPT\"";
    let output = Command::new("/bin/sh")
        .args(["-c", planting])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", scene.env.path("home"))
        .env("TMPDIR", scene.env.path("tmp"))
        .env("VICTIM", scene.env.path("victim"))
        .env("SCRIPT", repository("install.sh"))
        .env("LESSONSPACE_RELEASES", scene.server.base_url())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_to_string(scene.env.path("victim")).unwrap(), "precious");
    assert!(scene.program().symlink_metadata().unwrap().is_file());
}

#[test]
fn an_archive_with_a_link_in_place_of_the_program_installs_nothing() {
    let scene = Scene { server: MockServer::start(), env: TestEnv::new() };
    let (name, bytes, sum) =
        scene.pack("1.0.0", this_target(), |place| symlink("/bin/true", place).unwrap());
    scene.serve(&format!("/{name}"), bytes);
    scene.serve("/SHA256SUMS", format!("{sum}  {name}\n").into_bytes());
    let error = format!("could not unpack {name}; nothing was installed");
    refused(&scene.env, &scene.install(&[]), &error);
}

#[test]
fn a_wrong_checksum_installs_nothing() {
    let scene = Scene::changed("1.0.0", "", |sums| {
        let wrong = |line: &str| match line.split_once("  ") {
            Some((sum, name)) => format!("{}  {name}\n", "0".repeat(sum.len())),
            None => format!("{line}\n"),
        };
        sums.lines().map(wrong).collect()
    });
    let archive = format!("lessonspace-1.0.0-{}.tar.gz", this_target());
    let error =
        format!("the checksum of {archive} does not match SHA256SUMS; nothing was installed");
    refused(&scene.env, &scene.install(&[]), &error);
}

fn this_target() -> &'static str {
    TARGETS[usize::from(cfg!(target_arch = "aarch64"))]
}

#[test]
fn a_failed_download_is_an_error() {
    let scene = Scene::changed("1.0.0", "", |sums| sums.replace("linux", "plan9"));
    let error = format!("this release has no binary for {}", this_target());
    refused(&scene.env, &scene.install(&[]), &error);
    let nowhere = format!("{}/none/", scene.server.base_url());
    let output = scene.install(&[("LESSONSPACE_RELEASES", &nowhere)]);
    refused(&scene.env, &output, &format!("could not download {nowhere}SHA256SUMS"));
}

#[test]
fn in_a_clone_the_script_says_what_to_do_instead() {
    let env = TestEnv::new();
    ended(&install(&env, "", &[]), 1, "", NO_RELEASE);
}

#[test]
fn only_https_is_allowed_except_for_this_computer() {
    let env = TestEnv::new();
    for url in [
        "http://example.org/v1",
        "ftp://example.org/v1",
        "file:///srv/v1",
        "example.org/v1",
        "HTTP://example.org/v1",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "http://127.0.0.1:80@example.org/",
        "http://localhost\\@example.org/",
        "http://localhost:x/",
        "http://localhost#@example.org/",
        "http://example.org/\nhttp://localhost/",
        "https://",
        "https:///v1",
    ] {
        let output = install(&env, url, &[]);
        refused(&env, &output, "LESSONSPACE_RELEASES must be an https URL");
    }
}

/// A redirect to this URL.
fn redirect(url: &str) -> Act {
    Act::Answer(http("302 Found", &[&format!("Location: {url}")], ""))
}

#[test]
fn a_redirect_from_https_to_http_is_not_followed() {
    let (scene, authority) = (Scene::new("1.0.0"), Authority::new());
    authority.trusted_in(&scene.env);
    let roots = scene.env.path("work/roots.pem").display().to_string();
    fs::write(scene.env.path("home/.wgetrc"), format!("ca_certificate={roots}\n")).unwrap();
    let wget = run(Command::new("sh").args(["-c", "wget --version || true"]));
    let mut without = vec![&["wget"][..]];
    if wget.stdout.starts_with(b"GNU Wget ") {
        without.push(&["curl"]);
    } else {
        assert!(std::env::var_os("CI").is_none(), "install GNU wget");
        eprintln!("NOT TESTED, because there is no GNU wget");
    }
    for hidden in without {
        let path = path_without(&scene.env, hidden);
        let secure = Faults::play_tls(
            vec![redirect(&scene.server.url("/SHA256SUMS"))],
            authority.server("127.0.0.1", None),
        );
        let variables = [("CURL_CA_BUNDLE", &*roots), ("PATH", &path)];
        let output = install(&scene.env, &secure.origin(), &variables);
        let error = format!("could not download {}/SHA256SUMS", secure.origin());
        refused(&scene.env, &output, &error);
        // The request arrived, so the certificate was accepted.
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((hidden, secure.requests().len()), (hidden, 1), "{stderr}");
        fs::remove_dir_all(scene.env.path("bin")).unwrap();
        fs::create_dir(scene.env.path("bin")).unwrap();
    }
}

#[test]
fn without_curl_a_wget_that_follows_every_redirect_is_refused() {
    let scene = Scene::new("1.0.0");
    let path = path_without(&scene.env, &["curl"]);
    drop(fs::remove_file(scene.env.path("bin/wget")));
    let error = "curl or wget is required";
    refused(&scene.env, &scene.install(&[("PATH", &path)]), error);
    for version in ["exit 1", "echo 'GNU Wget2 2.1.0 - multithreaded'"] {
        scene.env.program("wget", version);
        let error = "this wget cannot be limited to https";
        refused(&scene.env, &scene.install(&[("PATH", &path)]), error);
    }
}

/// A GitHub Actions runner; its `gh` exits with this code.
struct Runner {
    scene: Scene,
}

const RELEASE: &str = "/school/lessonspace/releases/download/v1.0.0";

impl Runner {
    fn new(scene: Scene, gh: i32) -> Self {
        let calls = scene.env.path("gh").display().to_string();
        scene.env.program("gh", &format!("echo \"$*\" >> '{calls}'; exit {gh}"));
        fs::create_dir(scene.env.path("action")).unwrap();
        let fields = "repository = \"https://github.invalid/OWNER/REPO\"\nversion = \"1.0.0\"\n";
        fs::write(scene.env.path("action/Cargo.toml"), fields).unwrap();
        Self { scene }
    }

    fn run(&self, step: &str, variables: &[(&str, &str)]) -> Output {
        let env = &self.scene.env;
        let runner = if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" };
        Command::new("bash")
            .arg(repository("packaging/action.sh"))
            .arg(step)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", env.path("bin").display()))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", runner)
            .env("RUNNER_TEMP", env.path("tmp"))
            .env("GITHUB_PATH", env.path("paths"))
            .env("GITHUB_OUTPUT", env.path("outputs"))
            .env("GITHUB_ACTION_PATH", env.path("action"))
            .env("GITHUB_SERVER_URL", self.scene.server.base_url())
            .env("ACTION_REPOSITORY", "school/lessonspace")
            .env("VERSION", "")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    /// The contents of a file that the runner reads; empty if there is none.
    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.scene.env.path(name)).unwrap_or_default()
    }

    /// Checks that it stopped with this error, and that later steps cannot find the program.
    #[track_caller]
    fn refused(&self, output: &Output, error: &str) {
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{stdout}");
        assert!(stdout.lines().any(|line| line == format!("::error::{error}")), "{stdout}");
        assert_eq!(self.file("paths"), "");
    }
}

#[test]
fn the_action_uses_the_version_of_its_own_commit_or_another() {
    let runner = Runner::new(Scene::new("1.0.0"), 0);
    let folder = runner.scene.env.path("tmp/lessonspace").display().to_string();
    for (version, planned) in [("", "1.0.0"), ("1.2.3", "1.2.3"), ("v1.2.3", "1.2.3")] {
        ended(&runner.run("plan", &[("VERSION", version)]), 0, "", "");
        let archive = format!("lessonspace-{planned}-{}.tar.gz", this_target());
        let expected = format!(
            "repository=school/lessonspace\nversion={planned}\narchive={archive}\n\
             cached={folder}/{planned}/download\n"
        );
        assert_eq!(runner.file("outputs"), expected);
        fs::remove_file(runner.scene.env.path("outputs")).unwrap();
    }
    let windows = [("RUNNER_OS", "Windows")];
    assert!(runner.run("plan", &windows).status.success());
    let archive = "archive=lessonspace-1.0.0-x86_64-pc-windows-msvc.zip\n";
    assert!(runner.file("outputs").contains(archive));
}

#[test]
fn the_action_refuses_an_invalid_version_and_an_unknown_repository() {
    let runner = Runner::new(Scene::new("1.0.0"), 0);
    for version in ["latest", "1", "1.2.3/../..", "1.2.3\nx=y"] {
        let error = "version: expected a version such as 1.2.3";
        runner.refused(&runner.run("plan", &[("VERSION", version)]), error);
    }
    // `uses: ./`, while Cargo.toml has a placeholder.
    for repository in ["", "school", "school/lessonspace\nx=y"] {
        let error =
            "the repository of this action is not known; use the action as OWNER/REPO@VERSION";
        runner.refused(&runner.run("plan", &[("ACTION_REPOSITORY", repository)]), error);
    }
    assert_eq!(runner.file("outputs"), "");
}

#[test]
fn the_action_installs_attested_archives_and_downloads_them_once() {
    let scene = Scene { server: MockServer::start(), env: TestEnv::new() };
    let (name, bytes, sum) = scene.archive("1.0.0", this_target());
    let runner = Runner::new(scene, 0);
    let archive = runner.scene.serve(&format!("{RELEASE}/{name}"), bytes);
    let sums = format!("{sum}  {name}\n").into_bytes();
    let sums = runner.scene.serve(&format!("{RELEASE}/SHA256SUMS"), sums);
    let folder = runner.scene.env.path("tmp/lessonspace/1.0.0");
    let (bin, file) = (folder.join("bin"), folder.join("download").join(&name));
    for _ in 0..2 {
        ended(&runner.run("install", &[]), 0, "installed lessonspace 1.0.0\n", "");
        assert_eq!(runner.file("paths"), format!("{}\n", bin.display()));
        let call = format!(
            "attestation verify {} --repo school/lessonspace --source-ref refs/tags/v1.0.0 \
             --signer-workflow school/lessonspace/.github/workflows/release.yml \
             --deny-self-hosted-runners\n",
            file.display()
        );
        assert_eq!(runner.file("gh"), call);
        for name in ["paths", "gh"] {
            fs::remove_file(runner.scene.env.path(name)).unwrap();
        }
    }
    archive.assert_calls(1);
    sums.assert_calls(2);
    // An archive cached by another workflow is not trusted.
    fs::write(&file, "another archive").unwrap();
    ended(&runner.run("install", &[]), 0, "installed lessonspace 1.0.0\n", "");
    archive.assert_calls(2);
}

#[test]
fn the_action_refuses_archives_without_attestation_or_with_another_checksum() {
    let runner = Runner::new(Scene::changed("1.0.0", RELEASE, |sums| sums), 1);
    let archive = format!("lessonspace-1.0.0-{}.tar.gz", this_target());
    let error =
        format!("could not verify that {archive} was built by school/lessonspace at v1.0.0");
    runner.refused(&runner.run("install", &[]), &error);

    let wrong = |sums: String| {
        let lines = sums.lines().filter_map(|line| line.split_once("  "));
        lines.map(|(sum, name)| format!("{}  {name}\n", "0".repeat(sum.len()))).collect()
    };
    let runner = Runner::new(Scene::changed("1.0.0", RELEASE, wrong), 0);
    let error = format!("the checksum of {archive} does not match SHA256SUMS");
    runner.refused(&runner.run("install", &[]), &error);
    assert_eq!(runner.file("gh"), "");

    let error = format!("release v1.0.0 of school/lessonspace has no {archive}");
    let runner = Runner::new(Scene::changed("1.0.0", RELEASE, |_| String::new()), 0);
    runner.refused(&runner.run("install", &[]), &error);

    let error = format!(
        "could not download {}/school/lessonspace/releases/download/v1.2.3/SHA256SUMS",
        runner.scene.server.base_url()
    );
    runner.refused(&runner.run("install", &[("VERSION", "1.2.3")]), &error);
}

/// If the repository's address or the version changes, this test names what to update.
#[test]
fn documents_use_the_repository_and_version_of_cargo_toml() {
    let (_, place) = env!("CARGO_PKG_REPOSITORY").split_once("https://github.").unwrap();
    let (_, wanted) = place.split_once('/').unwrap();
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let mut texts = documents();
    texts.push(("SECURITY.md".to_owned(), fs::read_to_string(repository("SECURITY.md")).unwrap()));
    let mut seen = 0;
    for (name, text) in texts {
        let after =
            |word| text.split(word).skip(1).filter_map(|rest: &str| rest.split_whitespace().next());
        let repositories =
            after("--repo ").map(|named| (named.trim_end_matches(['`', '.', ',']), version));
        let actions = after("uses: ").filter_map(|named| named.split_once('@'));
        let downloads = after("https://github.com/").filter_map(|named| {
            let (named, file) = named.split_once("/releases/download/")?;
            Some((named, file.split('/').next()?))
        });
        for named in repositories.chain(actions).chain(downloads) {
            if !named.0.starts_with("actions/") {
                assert_eq!(named, (wanted, version), "in {name}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 3, "only {seen} addresses were found");
}
