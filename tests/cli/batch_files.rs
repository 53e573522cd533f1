//! File checks of `batch` before the first request: it can write LINKS and its journal, and read an
//! earlier LINKS.

use std::fs;

use serde_json::json;

use crate::batch_rules::{refused, sent};
use crate::roster::{links, people, statuses};
use crate::school::School;
use crate::support::TestEnv;

#[test]
fn links_must_be_a_file_other_than_the_roster_not_a_folder_or_stdout() {
    let env = TestEnv::new();
    let roster = people(1, 1);
    env.write("roster.csv", &roster);
    env.write("base.json", "{}");
    env.write("recipe.toml", "[map]\nid = \"{id}\"\n");
    fs::create_dir(env.path("work/folder.csv")).unwrap();
    let not_resumed = "--resume: the journal roster.csv.journal is missing, so earlier links are unknown; \
         restore it, or add --force to create all links again";
    for (flags, message) in [
        ("-o roster.csv", "-o: roster.csv is the roster; choose another file"),
        ("-o ../work/roster.csv", "-o: ../work/roster.csv is the roster; choose another file"),
        ("-o roster.csv --force", "-o: roster.csv is the roster; choose another file"),
        ("-o roster.csv --resume", not_resumed),
        ("-o -", "-o must be a file: links are credentials, and standard output may be logged"),
        ("-o folder.csv", "-o: folder.csv is a folder, not a file"),
        ("-o ../work", "-o: ../work is a folder, not a file"),
        ("-o new/", "-o: new/ is a folder, not a file"),
        ("-o links.ods", "-o: links.ods must end in .csv, .tsv, .xlsx or .jsonl"),
        ("-o links", "-o: links must end in .csv, .tsv, .xlsx or .jsonl"),
        ("-o nowhere/links.csv", "error: nowhere/links.csv: the folder nowhere does not exist"),
        ("--resume --force", "--force cannot be used with --resume, because it starts over"),
    ] {
        env.run(&format!("batch roster.csv {flags}")).failed(2).says(&[message]);
    }
    for flags in ["--file base.json -o base.json", "--recipe recipe.toml -o recipe.toml"] {
        let name = flags.rsplit(' ').next().unwrap();
        env.run(&format!("batch roster.csv {flags} --force")).failed(2).says(&[name]);
    }
    assert_eq!(fs::read_to_string(env.path("work/roster.csv")).unwrap(), roster);
    assert_eq!(fs::read_to_string(env.path("work/base.json")).unwrap(), "{}");
}

#[test]
fn without_o_the_links_are_written_beside_the_roster_in_its_format() {
    let school = School::open();
    let env = school.env();
    fs::create_dir(env.path("work/7b")).unwrap();
    let book = crate::batch_sheets::workbook(&["id", "user name"], |sheet| {
        sheet.write_row(1, 0, ["a", "Ann"]).unwrap();
    });
    let body = "{\"id\":\"a\",\"user\":{\"name\":\"Ann\"}}";
    for (roster, content, links) in [
        ("7b/class.csv", people(1, 1).into_bytes(), "7b/class-links.csv"),
        ("class.txt", people(1, 1).into_bytes(), "class-links.csv"),
        ("export.dat", people(1, 1).into_bytes(), "export-links.csv"),
        ("plain", people(1, 1).into_bytes(), "plain-links.csv"),
        ("class.tsv", people(1, 1).replace(',', "\t").into_bytes(), "class-links.tsv"),
        ("class.xlsx", book, "class-links.xlsx"),
        ("lines.jsonl", body.into(), "lines-links.jsonl"),
        ("list.json", format!("[{body}]").into_bytes(), "list-links.jsonl"),
    ] {
        env.write(roster, content);
        let output = env.run(&format!("batch {roster} --rate 0"));
        output.succeeded("");
        let first = format!("links file: {}\n", links.replace('/', std::path::MAIN_SEPARATOR_STR));
        assert!(output.stderr.starts_with(&first), "{output}");
        assert!(env.path(&format!("work/{links}")).is_file());
        assert!(env.path(&format!("work/{links}.journal")).is_file());
    }
    env.cmd("batch -").stdin(people(1, 1)).run().failed(2).says(&["-o LINKS is required"]);
    assert_eq!(school.count(), 8);
}

#[test]
fn an_existing_links_file_is_refused_without_resume_or_force() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    let run = |flags: &str| env.run(&format!("batch roster.csv -o links.csv --rate 0 {flags}"));
    run("").succeeded("");
    let before = fs::read(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&[
        "error: -o: links.csv already exists; add --resume to continue, or --force to start over\n",
    ]);
    assert_eq!((school.count(), fs::read(env.path("work/links.csv")).unwrap()), (3, before));
    run("--resume --force").failed(2).says(&["--force", "--resume"]);
    fs::remove_file(env.path("work/links.csv")).unwrap();
    run("").failed(2).says(&[
        "error: links.csv.journal already exists; add --resume to continue, or --force to start over\n",
    ]);
    assert_eq!(school.count(), 3);
    run("--resume").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (3, 3));
    run("--force").succeeded("");
    assert_eq!((school.count(), statuses(&env, "links.csv").len()), (6, 3));
    fs::remove_file(env.path("work/links.csv.journal")).unwrap();
    run("").failed(2).says(&["links.csv already exists"]);
}

#[test]
fn a_links_file_without_its_journal_cannot_be_resumed() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    let bytes = crate::batch_sheets::workbook(&["Term", "client"], |_| {});
    for (name, own) in [
        ("marks.csv", b"pupil;mark\nAnn;1\n".to_vec()),
        ("roster.jsonl", b"{\"id\":\"a\"}\n".to_vec()),
        ("term.xlsx", bytes),
    ] {
        env.write(name, &own);
        env.run(&format!("batch roster.csv -o {name} --resume --rate 0")).failed(2).says(&[
            &format!(
                "error: --resume: the journal {name}.journal is missing, so earlier links are unknown; \
                 restore it, or add --force to create all links again\n"
            ),
        ]);
        assert_eq!(fs::read(env.path("work").join(name)).unwrap(), own, "{name}");
    }
    assert_eq!(school.count(), 0);
    for name in ["a.csv", "b.jsonl", "c.xlsx"] {
        env.run(&format!("batch roster.csv -o {name} --rate 0")).succeeded("");
        let journal = env.path("work").join(format!("{name}.journal"));
        let kept = fs::read(&journal).unwrap();
        fs::remove_file(&journal).unwrap();
        let before = school.count();
        let links = fs::read(env.path("work").join(name)).unwrap();
        for flags in ["--resume", "--resume --dry-run"] {
            env.run(&format!("batch roster.csv -o {name} --rate 0 {flags}"))
                .failed(2)
                .says(&["so earlier links are unknown; restore it"]);
        }
        assert_eq!(fs::read(env.path("work").join(name)).unwrap(), links);
        fs::write(&journal, kept).unwrap();
        env.run(&format!("batch roster.csv -o {name} --rate 0 --resume")).succeeded("");
        assert_eq!(school.count(), before, "nothing is sent again");
    }
    // An empty file has no links to lose.
    env.write("empty.csv", "");
    env.run("batch roster.csv -o empty.csv --rate 0 --resume").succeeded("");
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
    env.cmd(resume).arg("--sandbox").run().failed(2).says(&["practice links"]);
    assert_eq!((school.count(), other.count()), (2, 0));
    env.run("batch roster.csv -o practice.csv --rate 0 --sandbox").succeeded("");
    env.run("batch roster.csv -o practice.csv --rate 0 --resume")
        .failed(2)
        .says(&["practice links"]);
    env.run("batch roster.csv -o practice.csv --rate 0 --resume --sandbox").succeeded("");
    // Starting over is allowed.
    env.cmd("batch roster.csv -o links.csv --rate 0 --force")
        .var("LESSONSPACE_API_URL", other.url())
        .run()
        .succeeded("");
    assert_eq!((school.count(), other.count()), (2, 2));
}

#[test]
fn a_file_that_is_not_a_journal_is_left_unchanged() {
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
fn an_unwritable_folder_for_the_links_is_reported_before_the_first_request() {
    use std::process::Command;

    use crate::support::set_mode;

    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    // Another user has no access to the folder of the binary.
    let binary = env.path("bin/lessonspace");
    fs::copy(env!("CARGO_BIN_EXE_lessonspace"), &binary).unwrap();
    let run = |flags: &str| {
        let run = env.cmd(&format!("batch roster.csv -o locked/links.csv --rate 0 {flags}"));
        let mut command = run.command_of(&binary);
        // Folders are never read-only for root.
        if Command::new("/usr/bin/id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
            use std::os::unix::process::CommandExt as _;
            set_mode(&env.path(""), 0o777);
            command.uid(65534).gid(65534);
        }
        run.finish(command.spawn().unwrap())
    };
    let folder = env.path("work/locked");
    for (mode, message) in [
        (0o555, "error: cannot write locked/links.csv\n  Permission denied"),
        // Files can be created here, but the folder cannot be synced, so they may not survive a
        // power cut.
        (0o333, "error: cannot write the journal locked/links.csv.journal\n  Permission denied"),
    ] {
        fs::create_dir(&folder).unwrap();
        set_mode(&folder, mode);
        run("").failed(1).says(&[message]).does_not_say(&["disk space"]);
        assert_eq!(school.count(), 0);
        assert_eq!(crate::roster::mode(&folder), mode);
        set_mode(&folder, 0o777);
        fs::remove_dir_all(&folder).unwrap();
    }
    // The same for LINKS, after all links were made.
    fs::create_dir(&folder).unwrap();
    set_mode(&folder, 0o777);
    run("").succeeded("");
    set_mode(&folder, 0o333);
    run("--resume").failed(1).says(&["error: cannot write locked/links.csv\n  Permission denied"]);
    assert_eq!(school.count(), 2);
    set_mode(&folder, 0o777);
}

#[test]
fn a_roster_with_only_some_result_columns_is_refused() {
    for header in ["client_url", "link_status,client_url,expires_at,room_id", "Link_Error"] {
        refused(&format!("id,{header}\na\n"), "").says(&[
            "link_error"
                .replace(
                    "link_error",
                    if header == "Link_Error" { "client_url" } else { "link_error" },
                )
                .as_str(),
            "or remove all result columns",
        ]);
    }
    // A column with a similar name is not a result column.
    let (bodies, _) = sent("id,user id,Room ID\na,1,12\n", &[]);
    assert_eq!(bodies, [json!({"id": "a", "user": {"id": "1"}})]);
}

#[test]
fn a_links_file_used_as_a_roster_gets_new_result_columns() {
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
        .does_not_say(&["warning: column", "link_status"]);
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
    // The rows are the roster's, so the run continues with the same journal.
    env.run("batch next.csv -o links.csv --rate 0 --resume").succeeded("");
    assert_eq!(school.count(), 4);
}

#[test]
fn a_links_file_that_is_open_in_a_spreadsheet_causes_a_warning() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\na,Ann\n");
    for (lock, program) in [("~$links.xlsx", "Excel"), (".~lock.links.xlsx#", "LibreOffice")] {
        let lock = env.write(lock, "");
        env.run("batch class.csv -o links.xlsx --rate 0 --force").succeeded("").says(&[&format!(
            "warning: links.xlsx is open in {program}; close it there, or it will not show the new links\n"
        )]);
        std::fs::remove_file(lock).unwrap();
    }
}

#[test]
fn an_existing_links_file_is_the_only_error_reported() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "Class,Pupil\n7A,Ann\n");
    let maps = ["--map", "id={Class}", "--map", "user name={Pupil}"];
    env.cmd("batch class.csv --rate 0").args(&maps).run().succeeded("");
    env.run("batch class.csv --rate 0").refused(
        "error: -o: class-links.csv already exists; add --resume to continue, or --force to start over\n",
    );
}
