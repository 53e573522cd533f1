//! The same work for both programs: a roster of rows, and as many equivalent requests.

use super::support::scene::{Scene, program};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

/// Added to every number in an id, so that all ids have the same length.
const LAST: u32 = 10_000_000;

pub struct Work<'a> {
    /// The server and the programs' environment. They trust only one authority: curl reads all of
    /// them for each of its 100 connections, and the system's would make it four times slower.
    pub scene: Scene,
    /// Rosters and journals, on a real disk.
    pub folder: &'a Path,
}

impl Work<'_> {
    /// `lessonspace batch --rate 0` with a roster of this many people, 20 per Space, sorted by class.
    pub fn batch(&self, rows: u32) -> anyhow::Result<Command> {
        let roster = self.folder.join(format!("{rows}.csv"));
        let mut file = BufWriter::new(File::create(&roster)?);
        writeln!(file, "id,user id,user name,leader")?;
        for row in 0..rows {
            let (space, person) = (LAST + row / 20, LAST + row);
            let leader = if row % 20 == 0 { "yes" } else { "no" };
            writeln!(file, "class-{space},person-{person},Person {person},{leader}")?;
        }
        file.into_inner()?;
        let mut command = self.scene.command(program());
        command.args(["batch", "--rate", "0", "--force", "--quiet", "-o"]);
        command.arg(self.folder.join(format!("{rows}.links.csv"))).arg(&roster);
        Ok(command)
    }

    /// curl sending this many requests of the same size, 100 at a time.
    pub fn curl(&self, requests: u32) -> anyhow::Result<Command> {
        let config = self.folder.join("curl.conf");
        let mut file = BufWriter::new(File::create(&config)?);
        for _ in 0..requests {
            writeln!(file, "url = \"{}\"", self.scene.launch_url())?;
        }
        file.into_inner()?;
        let body = format!(
            r#"{{"id":"class-{LAST}","user":{{"id":"person-{LAST}","name":"Person {LAST}","leader":false}}}}"#
        );
        let mut command = self.scene.curl(&body);
        command.args(["--parallel", "--parallel-max", "100", "--config"]).arg(&config);
        Ok(command)
    }
}
