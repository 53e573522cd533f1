//! Where programs are run: against the server, with nothing from the caller's environment, and
//! with the server's certificates trusted, by themselves or besides as many as in real life.

use super::server::Server;
use anyhow::Context as _;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where systems keep their trusted certificates in one file.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The program: the one that the variable `PROGRAM` names, such as that of a release, else this build.
/// For this build the tests' dependencies switch on features of shared crates, so it is a little
/// larger than what `cargo build --release` makes, and takes a little more memory.
pub fn program() -> OsString {
    std::env::var_os("PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_lessonspace").into())
}

/// A server, and a folder that programs may call their home.
pub struct Scene {
    server: Server,
    home: tempfile::TempDir,
    roots: PathBuf,
    /// How many authorities are trusted.
    pub trusted: usize,
}

impl Scene {
    /// Starts the server, in so many threads, and writes down whom to trust: its own authority,
    /// and besides it all that this system trusts, if that is wanted.
    pub fn set(threads: usize, trusts_system: bool) -> anyhow::Result<Self> {
        let server = Server::start(threads)?;
        let home = tempfile::tempdir()?;
        let mut trusted = server.authority.clone();
        if trusts_system {
            trusted += &BUNDLES
                .iter()
                .find_map(|path| fs::read_to_string(path).ok())
                .context("this system's trusted certificates are in no file that is known here")?;
        }
        let roots = home.path().join("roots.pem");
        fs::write(&roots, &trusted)?;
        Ok(Self { server, home, roots, trusted: trusted.matches("-----BEGIN CERT").count() })
    }

    /// Where launches are sent.
    pub fn launch_url(&self) -> String {
        format!("{}spaces/launch/", self.server.url())
    }

    /// curl, about to send this body with the headers of a launch to whichever URLs follow.
    pub fn curl(&self, body: &str) -> Command {
        let agent = concat!("User-Agent: lessonspace-cli/", env!("CARGO_PKG_VERSION"));
        let mut command = self.command("curl");
        command.args(["--disable", "--silent", "--show-error", "--fail", "--cacert"]);
        command.arg(&self.roots).args(["--data", body]);
        let key = "Authorization: Organisation benchmark-key";
        for header in [agent, "Accept: application/json", "Content-Type: application/json", key] {
            command.args(["--header", header]);
        }
        command
    }

    /// A program in this scene.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.home.path())
            .env("SSL_CERT_FILE", &self.roots)
            .env("LESSONSPACE_API_URL", self.server.url())
            .env("LESSONSPACE_API_KEY", "benchmark-key")
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }
}

/// Runs a program that must succeed, and returns what it says.
pub fn run(command: &mut Command) -> anyhow::Result<Output> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("{name} cannot be run"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{name} failed: {}", complaint.trim_end());
    Ok(output)
}

/// Whether there is such a program here.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}
