//! Where programs run: against the server, without the caller's environment. They trust the
//! server's certificate, alone or with as many others as on a real system.

use super::server::Server;
use anyhow::Context as _;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where systems keep all their trusted certificates in one file.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The program: the path in the variable `PROGRAM`, such as that of a release, or else this build.
/// The tests' dependencies enable features of shared crates, so this build is slightly larger than
/// one from `cargo build --release` and uses slightly more memory.
pub fn program() -> OsString {
    std::env::var_os("PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_lessonspace").into())
}

/// A server, and a home folder for programs.
pub struct Scene {
    server: Server,
    home: tempfile::TempDir,
    roots: PathBuf,
    /// The number of trusted authorities.
    pub trusted: usize,
}

impl Scene {
    /// Starts the server with this many threads, and writes the trusted certificates: its own
    /// authority and, if `trusts_system`, everything this system trusts.
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

    /// The URL that launches are sent to.
    pub fn launch_url(&self) -> String {
        format!("{}spaces/launch/", self.server.url())
    }

    /// curl, ready to send this body with a launch's headers to the URLs that follow.
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

    /// A program with this scene's environment.
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

/// Runs a program that must succeed, and returns its output.
pub fn run(command: &mut Command) -> anyhow::Result<Output> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().with_context(|| format!("{name} cannot be run"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{name} failed: {}", complaint.trim_end());
    Ok(output)
}

pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}
