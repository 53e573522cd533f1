//! Mutated input of every kind, each run in its own process with limited memory and CPU time.
//! Whatever a file contains, the program must end within the limits with a result or an error,
//! never with a panic.
//!
//! ```sh
//! cargo bench --bench fuzz -- --inputs 1000000 --seed 7
//! ```
//!
//! It requires a Unix shell and is not part of CI: a million inputs take hours.

#![expect(clippy::print_stdout, reason = "a benchmark's results go to stdout")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Limits for reading any file.
const MEMORY_MIB: u64 = 512;
const CPU_SECONDS: u64 = 20;

/// The documented exit codes. 1 is an internal error or a failure of this computer.
const EXPECTED: [i32; 9] = [0, 2, 3, 4, 5, 6, 7, 8, 1];

/// Short texts that mean something in at least one format.
const TOKENS: [&[u8]; 28] = [
    b"\"",
    b"'",
    b",",
    b";",
    b"\t",
    b"\r",
    b"\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"=1+1",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{each}",
    b"<",
    b">",
    b"&amp;",
    b"PK\x03\x04",
    b"99999999999999999999",
    b"1e999",
    b"-1",
    b"2026-12-01 14:00-14:45",
    b"BEGIN:VEVENT\r\n",
    b"RRULE:FREQ=DAILY\r\n",
    b"\xe2\x80\xae",
    b"::error::",
];

/// One kind of input: its examples and how the program reads it.
struct Kind {
    name: &'static str,
    examples: Vec<(PathBuf, Vec<u8>)>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (inputs, seed) = (number("--inputs", 1000), number("--seed", 1));
    let kinds = kinds();
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let faults = Mutex::new(Vec::new());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (kinds, faults) = (&kinds, &faults);
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(seed * 1000 + thread);
                let folder = tempfile::tempdir().expect("a folder");
                for _ in 0..inputs / threads {
                    let kind = &kinds[random.usize(..kinds.len())];
                    if let Some(fault) = try_one(kind, folder.path(), &mut random) {
                        println!("{fault}");
                        faults.lock().expect("not poisoned").push(fault);
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("not poisoned");
    println!("{inputs} inputs in {:.0?}, {} faults", start.elapsed(), faults.len());
    std::process::exit(i32::from(!faults.is_empty()));
}

/// The examples in the repository, by kind.
fn kinds() -> Vec<Kind> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("tests/cli/data"), &mut files);
    collect(&root.join("examples"), &mut files);
    let of = |extensions: &[&str]| {
        let fits = |path: &PathBuf| {
            path.extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it))
        };
        files
            .iter()
            .filter(|path| fits(path))
            .filter_map(|path| Some((path.clone(), std::fs::read(path).ok()?)))
            .collect()
    };
    let text = |name: &str, text: &str| vec![(PathBuf::from(name), text.as_bytes().to_vec())];
    vec![
        Kind { name: "roster", examples: of(&["csv", "tsv", "txt", "xlsx", "ods", "xls"]) },
        Kind { name: "export", examples: of(&["zip", "ics"]) },
        Kind { name: "recipe", examples: of(&["toml"]) },
        Kind {
            name: "body",
            examples: text(
                "body.json",
                "{\"id\": \"a\", // comment\n\"user\": {\"name\": \"Ada\", \"leader\": true}, \"timeouts\": {\"not_after\": \"2030-01-01T00:00:00Z\"}, \"features\": {\"chat.enabled\": false}}",
            ),
        },
        Kind {
            name: "bodies",
            examples: text("bodies.jsonl", "{\"id\":\"a\",\"user\":{\"name\":\"Ada\"}}\n[{\"id\":\"b\"}]\n"),
        },
        Kind {
            name: "links",
            examples: text(
                "links.csv",
                "id,user name,link_status,client_url,expires_at,room_id,link_error\r\na,Ada,created,https://go.room.sh/?user=e30.eyJtZXRhIjp7Im5hbWUiOiJBZGEifX0.c2ln&room=r,2030-01-01T00:00:00Z,r,\r\n",
            ),
        },
        Kind {
            name: "settings",
            examples: text(
                "config.toml",
                "[profiles.default]\napi_key = \"abcdefgh\"\nuser_name = \"Peter\"\ntime_zone = \"Europe/London\"\n",
            ),
        },
        Kind {
            name: "answer",
            examples: text(
                "answer",
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 92\r\n\r\n{\"client_url\": \"https://go.room.sh/?user=a.b.c&room=r\", \"room_id\": \"r\", \"secret\": \"s\" }     ",
            ),
        },
    ]
    .into_iter()
    .filter(|kind| !kind.examples.is_empty())
    .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Runs the program on one mutated input; describes a failure and where its input is.
fn try_one(kind: &Kind, folder: &Path, random: &mut fastrand::Rng) -> Option<String> {
    let (name, example) = &kind.examples[random.usize(..kind.examples.len())];
    let other = &kind.examples[random.usize(..kind.examples.len())].1;
    let input = mutated(example, other, random);
    let file = folder.join(name.file_name().unwrap_or_default());
    std::fs::write(&file, &input).expect("can write");
    let file = file.to_string_lossy().into_owned();
    let output = match kind.name {
        "roster" | "export" => run(
            folder,
            &["batch", &file, "--dry-run", "--on", "2026-11-29", "--dates", "dmy"],
            None,
        ),
        "recipe" => {
            let roster = folder.join("r.csv");
            std::fs::write(&roster, "Tutor,Student,Date\nKim,Ada,2030-01-01 14:00\n")
                .expect("can write");
            let roster = roster.to_string_lossy().into_owned();
            run(folder, &["batch", &roster, "--recipe", &file, "--dry-run"], None)
        }
        "body" => run(folder, &["launch", "--file", &file, "--dry-run"], None),
        "bodies" => run(folder, &["batch", &file, "--dry-run", "--json"], None),
        "links" => {
            let page = folder.join("page.html").to_string_lossy().into_owned();
            run(folder, &["handout", &file, "-o", &page, "--force"], None)
        }
        "settings" => {
            run(folder, &["launch", "--id", "a", "--dry-run"], Some(("LESSONSPACE_CONFIG", &file)))
        }
        _ => answered(folder, &input),
    };
    let code = output.status.code();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let is_sound = code.is_some_and(|code| EXPECTED.contains(&code))
        && !stderr.contains("panicked")
        && !stderr.contains("memory allocation");
    if is_sound {
        return None;
    }
    let kept = std::env::temp_dir().join(format!("lessonspace-fuzz-{}", random.u64(..)));
    std::fs::write(&kept, &input).expect("can write");
    let line = stderr.lines().next_back().unwrap_or_default();
    Some(format!("{}: {:?}, {line} (input kept in {})", kind.name, output.status, kept.display()))
}

/// A launch to a server that responds with these bytes.
fn answered(folder: &Path, answer: &[u8]) -> Output {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/v2/", server.local_addr().expect("an address"));
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (server, is_over) = (&server, &is_over);
        server.set_nonblocking(true).expect("can be set");
        scope.spawn(move || {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                match server.accept() {
                    Ok((stream, _)) => serve(stream, answer),
                    Err(_) => std::thread::sleep(Duration::from_millis(1)),
                }
            }
        });
        let arguments = ["launch", "--id", "a", "--api-url", &url, "--timeout", "1s"];
        let output = run(folder, &arguments, Some(("LESSONSPACE_API_KEY", "abcdefgh")));
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        output
    })
}

fn serve(mut stream: TcpStream, answer: &[u8]) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
    let _ = stream.read(&mut [0; 8192]);
    let _ = stream.write_all(answer);
}

/// Runs the program within the limits.
fn run(folder: &Path, arguments: &[&str], variable: Option<(&str, &str)>) -> Output {
    let bounds = format!(
        "ulimit -v {}; ulimit -t {CPU_SECONDS}; exec \"$0\" \"$@\"",
        (MEMORY_MIB + 512) << 10
    );
    let mut command = Command::new("sh");
    command.args(["-c", &bounds, env!("CARGO_BIN_EXE_lessonspace")]).args(arguments);
    command.env_clear().env("HOME", folder).env("TZ", "UTC").env("PATH", "/usr/bin:/bin");
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    command.stdin(Stdio::null()).output().expect("the program runs")
}

/// An example with a few changes.
fn mutated(example: &[u8], other: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut input = example.to_vec();
    for _ in 0..random.usize(1..8) {
        let at = random.usize(..=input.len());
        match random.u8(..7) {
            0 => input.truncate(at),
            1 => {
                let token = TOKENS[random.usize(..TOKENS.len())];
                input.splice(at..at, token.iter().copied());
            }
            2 if at < input.len() => input[at] ^= 1 << random.u8(..8),
            3 if at < input.len() => input[at] = random.u8(..),
            4 => {
                let end = (at + random.usize(1..64)).min(input.len());
                input.drain(at..end);
            }
            5 => {
                let end = (at + random.usize(1..256)).min(input.len());
                let part = input[at..end].to_vec();
                for _ in 0..random.usize(1..20) {
                    input.splice(at..at, part.iter().copied());
                }
            }
            _ => {
                let from = random.usize(..=other.len());
                let end = (from + random.usize(1..512)).min(other.len());
                input.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    input
}
