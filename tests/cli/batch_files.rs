//! What `batch` demands of files before the first request: LINKS and its journal may be written, and
//! an earlier LINKS may be read.

use std::fs;

use serde_json::json;

use crate::batch_rules::{refused, sent};
use crate::roster::{links, people, statuses};
use crate::school::School;
use crate::support::TestEnv;

#[test]
fn links_must_be_another_file_than_the_roster_and_no_folder_or_stdout() {
    let env = TestEnv::new();
    let roster = people(1, 1);
    env.write("roster.csv", &roster);
    for flags in ["", "--force", "--resume"] {
        env.run(&format!("batch roster.csv -o roster.csv {flags}"))
            .failed(2)
            .says(&["roster itself"]);
        env.run(&format!("batch roster.csv -o ../work/roster.csv {flags}"))
            .failed(2)
            .says(&["roster itself"]);
        env.run(&format!("batch roster.csv -o - {flags}")).failed(2).says(&["-o"]);
        env.run(&format!("batch roster.csv -o ../work {flags}")).failed(2).says(&["regular file"]);
    }
    assert_eq!(fs::read_to_string(env.path("work/roster.csv")).unwrap(), roster);
    env.write("base.json", "{}");
    env.run("batch roster.csv --file base.json -o base.json --force")
        .failed(2)
        .says(&["base.json is also read by this run"]);
    env.run("batch roster.csv").failed(2).says(&["-o"]);
    env.run("batch roster.csv -o nowhere/links.csv").failed(1).says(&["folder does not exist"]);
}

#[test]
fn what_exists_is_refused_without_resume_or_force() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    let run = |flags: &str| env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"));
    run("").succeeded("");
    let before = fs::read(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&["links.csv exists", "--resume", "--force"]);
    assert_eq!((school.count(), fs::read(env.path("work/links.csv")).unwrap()), (3, before));
    run("--resume --force").failed(2).says(&["--force", "--resume"]);
    fs::remove_file(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&["links.csv.journal exists", "--resume", "--force"]);
    assert_eq!(school.count(), 3);
    run("--resume").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (3, 3));
    run("--force").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (6, 3));
    fs::remove_file(env.path("work/links.csv.journal")).unwrap();
    run("").failed(2).says(&["links.csv exists"]);
}

#[test]
fn resuming_replaces_no_file_that_is_somebodys_own() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    let bytes = crate::batch_sheets::workbook(&["Term", "client"], |_| {});
    for (name, own) in [
        ("marks.csv", b"pupil;mark\nAnn;1\n".to_vec()),
        ("roster.jsonl", b"{\"id\":\"a\"}\n".to_vec()),
        ("term.xlsx", bytes),
        ("notes.txt", b"buy milk".to_vec()),
        ("rooms.csv", b"room_id,seats\n12,30\n".to_vec()),
    ] {
        env.write(name, &own);
        env.run(&format!("batch roster.csv -o {name} --resume --rate 0")).failed(2).says(&[&format!(
            "-o: {name} is not a links file, so there is nothing to resume; name another file, or add \
             --force to replace this one"
        )]);
        assert_eq!(fs::read(env.path("work").join(name)).unwrap(), own, "{name}");
    }
    assert_eq!(school.count(), 0);
    // One whose journal is lost is made anew, a recipe's too.
    env.write(
        "recipe.toml",
        "[map]\nid = \"{id}\"\n[people.pupil]\n\"user name\" = \"{user name}\"\n",
    );
    let run = "batch roster.csv --recipe recipe.toml -o pupils.csv --rate 0";
    env.run(run).succeeded("");
    fs::remove_file(env.path("work/pupils.csv.journal")).unwrap();
    env.run(&format!("{run} --resume")).succeeded("");
    env.write("empty.csv", "");
    for name in ["a.csv", "b.jsonl", "c.xlsx", "empty.csv"] {
        if name != "empty.csv" {
            env.run(&format!("batch roster.csv -o {name} --rate 0")).succeeded("");
            fs::remove_file(env.path("work").join(format!("{name}.journal"))).unwrap();
        }
        env.run(&format!("batch roster.csv -o {name} --rate 0 --resume")).succeeded("");
    }
}

#[test]
fn a_journal_of_another_api_or_of_the_sandbox_is_refused() {
    let (school, other) = (School::open(), School::open());
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let resume = "batch roster.csv -o links.csv --rate 0 --resume";
    env.run(resume).succeeded("");
    env.cmd(resume).var("LESSONSPACE_API_URL", other.url()).run().failed(2).says(&[
        "links.csv.journal",
        &school.url(),
        &other.url(),
    ]);
    env.cmd(resume).arg("--sandbox").run().failed(2).says(&["the sandbox"]);
    assert_eq!((school.count(), other.count()), (2, 0));
    env.run("batch roster.csv -o practice.csv --rate 0 --sandbox").succeeded("");
    env.run("batch roster.csv -o practice.csv --rate 0 --resume").failed(2).says(&["the sandbox"]);
    env.run("batch roster.csv -o practice.csv --rate 0 --resume --sandbox").succeeded("");
    // Starting over is another thing.
    env.cmd("batch roster.csv -o links.csv --rate 0 --force")
        .var("LESSONSPACE_API_URL", other.url())
        .run()
        .succeeded("");
    assert_eq!((school.count(), other.count()), (2, 2));
}

#[test]
fn a_file_that_is_no_journal_is_left_alone() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    for flags in ["--resume", "--force"] {
        let path = env.write("links.csv.journal", "Dear diary,\n");
        env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"))
            .failed(2)
            .says(&["not a lessonspace journal"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "Dear diary,\n");
    }
    fs::create_dir(env.path("work/other.csv.journal")).unwrap();
    for flags in ["", "--resume", "--force"] {
        env.run(&format!("batch roster.csv -o other.csv --rate 0 {flags}"))
            .failed(2)
            .says(&["other.csv.journal is not a lessonspace journal; move it somewhere else"]);
    }
    assert_eq!(school.count(), 0);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_found_before_the_first_request() {
    use std::process::Command;

    use crate::support::set_mode;

    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    let folder = env.path("work/locked");
    fs::create_dir(&folder).unwrap();
    set_mode(&folder, 0o555);
    let run = env.cmd("batch roster.csv -o locked/links.csv --rate 0");
    // Where the binary is, another user may not look.
    let binary = env.path("bin/lessonspace");
    fs::copy(env!("CARGO_BIN_EXE_lessonspace"), &binary).unwrap();
    let mut command = run.command_of(binary);
    // To root no folder is read-only.
    if Command::new("/usr/bin/id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
        use std::os::unix::process::CommandExt as _;
        set_mode(&env.path(""), 0o777);
        command.uid(65534).gid(65534);
    }
    let output = run.finish(command.spawn().unwrap());
    output.failed(1).says(&["locked/links.csv"]);
    assert_eq!(school.count(), 0);
    assert_eq!(crate::roster::mode(&folder), 0o555);
}

#[test]
fn some_of_the_five_result_columns_are_refused() {
    for header in ["client_url", "link_status,client_url,expires_at,room_id", "Link_Error"] {
        refused(&format!("id,{header}\na\n"), "").says(&[
            "link_error"
                .replace(
                    "link_error",
                    if header == "Link_Error" { "client_url" } else { "link_error" },
                )
                .as_str(),
            "remove them all",
        ]);
    }
    // Somebody's own column is none of them.
    let (bodies, _) = sent("id,Room ID\na,12\n", &[]);
    assert_eq!(bodies, [json!({"id": "a"})]);
}

#[test]
fn a_links_file_is_a_roster_whose_five_columns_are_replaced() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user id,user name,notes\na,1,'quoted',=SUM(A1)\nb,2,-Bob,'=x\n");
    env.run("batch roster.csv -o links.csv --rate 0").succeeded("");
    let first = links(&env, "links.csv");
    assert_eq!((first[0]["notes"].as_str(), first[1]["notes"].as_str()), ("'=SUM(A1)", "''=x"));
    assert_eq!(
        (first[0]["user name"].as_str(), first[1]["user name"].as_str()),
        ("'quoted'", "'-Bob")
    );
    env.run("batch links.csv -o next.csv --rate 0")
        .succeeded("")
        .does_not_say(&["warning", "link_status"]);
    let next = links(&env, "next.csv");
    let bodies: Vec<_> = school.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies.len(), 4);
    assert!(
        bodies
            .iter()
            .all(|body| *body == json!({"id": "a", "user": {"id": "1", "name": "'quoted'"}})
                || *body == json!({"id": "b", "user": {"id": "2", "name": "-Bob"}})),
        "{bodies:?}"
    );
    for (first, next) in first.iter().zip(&next) {
        assert_eq!(first["notes"], next["notes"]);
        assert_ne!(first["client_url"], next["client_url"]);
        assert_eq!(
            (first["link_status"].as_str(), next["link_status"].as_str()),
            ("created", "existing")
        );
        assert_eq!(next.len(), 9);
    }
    // Its rows are the roster's own, so it goes on with the same journal.
    env.run("batch next.csv -o links.csv --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 4);
}
