//! `batch --resume`: only missing, failed or soon expiring links are requested again.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::roster::{assert_all_linked, count, links, people, statuses};
use crate::school::{Reply, School};
use crate::support::TestEnv;

pub(crate) const RUN: &str = "batch roster.csv -o links.csv --rate 0";
pub(crate) const RESUME: &str = "batch roster.csv -o links.csv --rate 0 --resume";

/// A response that rejects the row.
pub(crate) fn refusal() -> Reply {
    Reply::Status("400 Bad Request", &[], "{\"user\":{\"email\":[\"No.\"]}}".to_owned())
}

/// An environment after a finished run over this roster.
pub(crate) fn finished(school: &School, roster: &str) -> TestEnv {
    let env = school.env();
    env.write("roster.csv", roster);
    env.run(RUN).succeeded("");
    env
}

#[test]
fn only_failed_launches_are_sent_again() {
    let school = School::script(|call| match (call.earlier, call.person.as_str()) {
        (0, "p1" | "p4") => refusal(),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(6, 6));
    env.run(RUN).ended(7, "");
    let before = links(&env, "links.csv");
    env.run(RESUME).succeeded("").says(&[
        "2 links in 2 Spaces (2 to retry)\n4 links are still good\n",
        "sent 2: 2 new Spaces; 4 links were still good\nlinks saved to links.csv",
    ]);
    let after = links(&env, "links.csv");
    assert_all_linked(&after);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["link_status"] == "failed", before["client_url"] != after["client_url"]);
    }
    assert_eq!(school.count(), 8);
    // Now there is nothing left to do.
    let idle = env.run(RESUME);
    idle.succeeded("").says(&["nothing to send: all 6 links are still good\nlinks saved to"]);
    assert_eq!(idle.stderr.matches("nothing to send").count(), 1, "{idle}");
    assert_eq!((school.count(), links(&env, "links.csv")), (8, after));
}

#[test]
fn resume_without_a_previous_run_starts_one() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    env.run(RESUME).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    // A journal that a power cut left empty or torn in its first line starts over too.
    for torn in ["", "{\"lessonspace_jour", "{\"lessonspace_journal\":2,\"api_url\":\"http"] {
        env.write("torn.csv.journal", torn);
        env.run("batch roster.csv -o torn.csv --rate 0 --resume").succeeded("");
        fs::remove_file(env.path("work/torn.csv")).unwrap();
    }
    assert_eq!(school.count(), 12);
}

#[test]
fn links_can_be_rebuilt_from_the_journal_only() {
    let school = School::open();
    let env = finished(&school, &people(5, 2));
    let text = fs::read(env.path("work/links.csv")).unwrap();
    fs::remove_file(env.path("work/links.csv")).unwrap();
    env.run(RESUME).succeeded("");
    assert_eq!(fs::read(env.path("work/links.csv")).unwrap(), text);
    env.write("links.csv", "somebody's edit");
    env.run(RESUME).succeeded("");
    assert_eq!(fs::read(env.path("work/links.csv")).unwrap(), text);
    assert_eq!(school.count(), 5);
}

#[test]
fn a_torn_last_line_is_dropped_and_its_row_counts_as_in_flight() {
    let school = School::open();
    let env = finished(&school, &people(1, 1));
    let journal = env.path("work/links.csv.journal");
    let text = fs::read_to_string(&journal).unwrap();
    for torn in [text.len() - 1, text.len() - 30] {
        fs::write(&journal, &text[..torn]).unwrap();
        env.run(RESUME).succeeded("").does_not_say(&["could not be read"]);
        assert_eq!(statuses(&env, "links.csv"), ["unknown"]);
    }
    assert_eq!(school.count(), 3);
    // A damaged line in the middle is reported.
    fs::write(&journal, text.replace("\"answer\"", "\"ans")).unwrap();
    env.run(RESUME).succeeded("").says(&["warning", "could not read 1 line of the journal"]);
}

#[test]
fn a_row_in_flight_with_an_existing_space_is_unknown_after_resume() {
    let school = School::slow(Duration::from_millis(700));
    let env = school.env();
    env.write("roster.csv", people(20, 20));
    let run = env.cmd(RUN);
    let mut child = run.command().spawn().unwrap();
    school.wait_for(8);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!env.path("work/links.csv").exists());
    // The server finishes the requests anyway.
    school.wait_until(|school| school.seen().iter().all(|seen| seen.status == 201));
    let output = env.run(RESUME);
    output.succeeded("").says(&["sent 20: 12 new Spaces, 8 links to Spaces that may be new\n"]);
    assert_eq!((count(&env, "links.csv", "unknown"), count(&env, "links.csv", "created")), (8, 12));
    assert_all_linked(&links(&env, "links.csv"));
    assert_eq!(school.count(), 28);
}

#[cfg(unix)]
#[test]
fn a_row_that_was_waiting_for_its_turn_was_not_in_flight() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(6, 2));
    let run = env.cmd("batch roster.csv -o links.csv --rate 0.1");
    let child = run.command().spawn().unwrap();
    school.wait_for(1);
    std::thread::sleep(Duration::from_millis(300));
    crate::signals::send("INT", &child);
    run.finish(child);
    env.run(RESUME).succeeded("");
    let mut statuses = statuses(&env, "links.csv");
    statuses.sort();
    assert_eq!(statuses, ["created", "created", "existing", "existing", "existing", "existing"]);
}

#[test]
fn a_lost_response_is_unknown_but_a_429_is_not() {
    let school = School::script(|call| match (call.earlier, call.person.as_str()) {
        (0, "p0") => Reply::MakeThenClose,
        (0, "p1") => Reply::Cut,
        // A 429 now does not mean that the earlier attempt was not carried out.
        (1, "p0") | (0, "p2") => Reply::Status("429 Too Many Requests", &[], String::new()),
        (0, "p3") => Reply::Status("502 Bad Gateway", &[], String::new()),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(8, 4));
    env.run(RUN).succeeded("");
    let statuses = statuses(&env, "links.csv");
    assert_eq!(statuses[..2], ["unknown", "unknown"]);
    assert!(statuses[2] == "created" && statuses[3] == "created", "{statuses:?}");
}

#[test]
fn after_a_stopped_run_only_launches_that_may_have_succeeded_are_unknown() {
    // The first row gets a web page as its response; the second is rejected while the run is
    // stopping. Both Spaces already exist.
    let stops = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stops);
    let school = School::script(move |call| match (call.earlier, call.person.as_str()) {
        (0, "p0") => {
            flag.store(true, Ordering::SeqCst);
            Reply::Status("200 OK", &[], "<html>Please log in</html>".to_owned())
        }
        (0, "p1") => {
            while !flag.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(200));
            refusal()
        }
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", "id,user id\nspace-0,x\nspace-1,x\n");
    env.run("batch roster.csv -o other.csv --rate 0").succeeded("");
    env.write("roster.csv", people(2, 2));
    env.run(RUN).failed(6);
    assert_eq!(statuses(&env, "links.csv"), ["pending", "pending"]);
    env.run(RESUME).succeeded("");
    assert_eq!(statuses(&env, "links.csv"), ["unknown", "existing"]);
}

#[cfg(unix)]
#[test]
fn a_lost_response_is_still_unknown_if_the_run_ends_before_the_next_attempt() {
    let school = School::script(|call| match call.number {
        0 => Reply::MakeThenClose,
        1 => Reply::Status("503 Service Unavailable", &["Retry-After: 30"], String::new()),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(1, 1));
    let run = env.cmd(RUN);
    let child = run.command().spawn().unwrap();
    school.wait_until(|school| school.seen().get(1).is_some_and(|seen| seen.status == 503));
    thread::sleep(Duration::from_millis(300));
    crate::signals::send("INT", &child);
    run.finish(child).failed(130);
    env.run(RESUME).succeeded("");
    assert_eq!(statuses(&env, "links.csv"), ["unknown"]);
}

#[test]
fn the_roster_may_be_edited_and_sorted_between_runs() {
    let school = School::open();
    let env = finished(&school, &people(6, 2));
    let before = links(&env, "links.csv");
    // Reversed, columns moved, a column added, one person gone and one new.
    let mut rows: Vec<String> =
        (0..5).map(|row| format!("n{row},Person {row},p{row},space-{}\r\n", row % 2)).collect();
    rows.push("new,Person 9,p9,space-1\r\n".to_owned());
    rows.reverse();
    env.write("roster.csv", format!("\u{feff}notes,User Name,USER_ID,Id\r\n{}", rows.concat()));
    env.run(RESUME).succeeded("").says(&[
        "\n1 link in 1 Space\n5 links are still good\n",
        "1 link still works for someone who is no longer in the roster\n",
    ]);
    let bytes = fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert!(bytes.starts_with("\u{feff}notes,User Name,USER_ID,Id,link_status,"));
    let after = links(&env, "links.csv");
    assert_eq!(after[0]["USER_ID"], "p9");
    for row in &after[1..] {
        let old = before.iter().find(|old| old["user id"] == row["USER_ID"]).unwrap();
        assert_eq!(old["client_url"], row["client_url"]);
    }
    assert_eq!(school.count(), 7);
    // A person who comes back already has a link.
    env.write("roster.csv", people(6, 2));
    env.run(RESUME).succeeded("");
    assert_eq!((school.count(), links(&env, "links.csv")), (7, before));
}

#[test]
fn a_changed_row_is_sent_again() {
    let school = School::open();
    let env = finished(&school, &people(3, 1));
    env.write("roster.csv", people(3, 1).replace("Person 1", "Renamed 1"));
    env.run(RESUME).succeeded("").says(&["1 link in 1 Space"]);
    assert_eq!(school.seen()[3].body["user"]["name"], "Renamed 1");
    // Changing a default changes every row.
    env.run(&format!("{RESUME} --role student")).succeeded("");
    assert_eq!(school.count(), 7);
}

#[test]
fn a_row_with_a_changed_time_zone_is_sent_again() {
    let school = School::open();
    let roster = "id,user id,not before,time zone\na,1,2099-07-01 14:00,Europe/London\n";
    let env = finished(&school, roster);
    env.write("roster.csv", roster.replace("Europe/London", "Asia/Tokyo"));
    env.run(RESUME).succeeded("").says(&["1 link in 1 Space"]);
    let starts: Vec<_> =
        school.seen().iter().map(|seen| seen.body["timeouts"]["not_before"].clone()).collect();
    assert_eq!(starts, ["2099-07-01T13:00:00Z", "2099-07-01T05:00:00Z"]);
}

#[test]
fn two_runs_cannot_share_a_journal() {
    // The first run must last while two more start, which takes longer under Wine.
    let school = School::slow(Duration::from_millis(if cfg!(windows) { 2500 } else { 400 }));
    let env = school.env();
    env.write("roster.csv", people(16, 16));
    let run = env.cmd(RUN);
    let child = run.command().spawn().unwrap();
    school.wait_for(8);
    for flags in ["--resume", "--force"] {
        env.run(&format!("{RUN} {flags}")).failed(1).says(&["another run", "links.csv.journal"]);
    }
    run.finish(child).succeeded("");
    assert_all_linked(&links(&env, "links.csv"));
    assert_eq!(school.count(), 16);
}

#[test]
fn rows_from_standard_input_are_recognised_too() {
    let school = School::open();
    let env = school.env();
    let line = "batch - -o links.csv --rate 0";
    env.cmd(line).stdin(people(3, 1)).run().succeeded("");
    env.cmd(line).arg("--resume").stdin(people(4, 1)).run().succeeded("");
    assert_eq!(school.count(), 4);
}

#[test]
fn the_command_for_the_rest_is_correct_after_two_dashes_too() {
    let school = School::script(|_| crate::batch_faults::status("400 Bad Request"));
    let env = school.env();
    env.write("-r.csv", people(1, 1));
    // PowerShell splits a word that starts with a dash at its dot.
    let roster = if cfg!(windows) { "'-r.csv'" } else { "-r.csv" };
    env.run("batch -o links.csv --rate 0 -- -r.csv").failed(7).says(&[&format!(
        "hint: to finish, run: lessonspace batch -o links.csv --rate 0 --resume -- {roster}\n"
    )]);
}

#[test]
fn a_dry_run_shows_what_is_left_to_do_and_changes_nothing() {
    let school = School::script(|call| match (call.earlier, call.person.as_str()) {
        (0, "p1") => refusal(),
        _ => Reply::Link,
    });
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    env.run(RUN).ended(7, "");
    let read = |name: &str| fs::read(env.path(&format!("work/{name}"))).unwrap();
    let before = (read("links.csv"), read("links.csv.journal"));
    let plan = env.run(&format!("{RESUME} --dry-run"));
    plan.succeeded(
        "1 link in 1 Space (1 to retry)\n2 links are still good\n\
         no leader in 1 Space: space-0\n  to make a leader link, run: \
         lessonspace launch --id space-0 --leader\n\nspace-0\n  Person 0  keep\n  \
         Person 1  retry\n  Person 2  keep\n",
    );
    let bodies = env.run(&format!("{RESUME} --dry-run --json"));
    bodies.succeeded("{\"id\":\"space-0\",\"user\":{\"id\":\"p1\",\"name\":\"Person 1\"}}\n");
    env.run(&format!("{RUN} --dry-run"))
        .failed(2)
        .says(&["links.csv already exists; add --resume"]);
    let anew = env.run(&format!("{RUN} --dry-run --force"));
    assert!(anew.code == Some(0) && anew.stdout.starts_with("3 links in 1 Space\n"), "{anew}");
    let elsewhere = env.cmd(&format!("{RESUME} --dry-run --sandbox")).run();
    elsewhere.failed(2).says(&["links.csv.journal contains links from http", "not practice links"]);
    env.run("batch roster.csv -o roster.csv --dry-run").failed(2).says(&["is the roster;"]);
    let new = env.run("batch roster.csv -o new.csv --dry-run --resume");
    assert!(
        new.code == Some(0) && new.stdout.starts_with("3 links in 1 Space, about 1 s\n"),
        "{new}"
    );
    assert!(!env.path("work/new.csv.journal").exists());
    assert_eq!(before, (read("links.csv"), read("links.csv.journal")));
    assert_eq!(school.count(), 3);
}

#[test]
fn a_different_time_zone_than_in_the_first_run_causes_one_warning() {
    let school = School::open();
    let env = school.env();
    let run = |roster: &str, zone: &str| {
        env.write("roster.csv", roster);
        let ran = env.run(&format!("{RESUME} --time-zone {zone}"));
        ran.succeeded("");
        ran
    };
    let soon = jiff::Zoned::now().saturating_add(jiff::SignedDuration::from_hours(48));
    let roster = format!(
        "id,user name,not before,valid for\na,A,{0},2h\nb,B,{0},2h\n",
        soon.strftime("%Y-%m-%d %H:%M")
    );
    let warning = "warning: lesson times are now in Asia/Tokyo, but earlier links used Europe/Berlin and stay unchanged; to keep Europe/Berlin, add --time-zone Europe/Berlin\n";
    run(&roster, "Europe/Berlin").does_not_say(&["lesson times are now in"]);
    run(&roster, "Europe/Berlin").does_not_say(&["lesson times are now in"]);
    let printed = run(&roster, "Asia/Tokyo");
    printed.says(&[warning]);
    assert_eq!(printed.stderr.matches("lesson times are now in").count(), 1);
    // Where the time zone does not matter, it is not mentioned.
    run("id,user name,not before,valid for\na,A,2036-12-01T14:00:00Z,2h\n", "Asia/Tokyo")
        .does_not_say(&["lesson times are now in"]);
}

#[test]
fn without_a_flag_lesson_times_are_read_in_the_time_zone_of_the_first_run() {
    let school = School::open();
    let env = school.env();
    let roster = "id,user name,not before,not after\na,Ann,2098-12-01 14:00,2098-12-01 14:45\n";
    env.write("roster.csv", roster);
    env.run(&format!("{RUN} --time-zone Europe/Berlin")).succeeded("");
    env.write("roster.csv", format!("{roster}a,Ben,2098-12-01 14:00,2098-12-01 14:45\n"));
    env.run(RESUME).succeeded("").says(&["lesson times are in Europe/Berlin\n"]);
    let times: Vec<_> = school.seen().iter().map(|seen| seen.body["timeouts"].clone()).collect();
    assert_eq!(times[0]["not_before"], "2098-12-01T13:00:00Z");
    assert_eq!(times[0], times[1]);
}

#[test]
fn leftovers_of_a_killed_run_are_removed_unless_another_run_is_writing_them() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(1, 1));
    for name in [".lessonspace-a1.tmp", ".lessonspace-b2.tmp", "lessonspace-c3.tmp"] {
        env.write(name, "half");
    }
    let held = fs::File::options().write(true).open(env.path("work/.lessonspace-b2.tmp")).unwrap();
    held.lock().unwrap();
    env.run(&format!("{RUN} --dry-run"));
    assert!(env.path("work/.lessonspace-a1.tmp").exists(), "a dry run changes nothing");
    env.run(RUN).succeeded("");
    let is_there = |name: &str| env.path(&format!("work/{name}")).exists();
    assert!(!is_there(".lessonspace-a1.tmp"));
    assert!(is_there(".lessonspace-b2.tmp") && is_there("lessonspace-c3.tmp"));
}

#[test]
fn a_roster_that_shares_no_space_or_person_with_the_links_is_refused() {
    let school = School::open();
    let env = finished(&school, &people(3, 1));
    let before = fs::read(env.path("work/links.csv")).unwrap();
    env.write("roster.csv", "id,user id,user name\nchem,x1,Xenia\nchem,x2,Yusuf\n");
    for flags in ["", " --dry-run"] {
        let output = env.run(&format!("{RESUME}{flags}"));
        output.failed(2);
        assert!(
            output.stderr.ends_with(
                "error: this roster has no Space or person in common with the links file\n  \
                 the links file has links for: space-0\nhint: check the roster and -o; to make links \
                 for this roster, choose another file with -o, or add --force to replace the earlier \
                 links\n"
            ),
            "{output}"
        );
    }
    assert_eq!(before, fs::read(env.path("work/links.csv")).unwrap());
    assert_eq!(school.count(), 3);
    // One shared Space or person is enough.
    for shared in ["space-0,x1,Xenia", "chem,p0,Ann"] {
        env.write("roster.csv", format!("id,user id,user name\nchem,x2,Yusuf\n{shared}\n"));
        env.run(RESUME).succeeded("");
    }
    // A journal without links has nothing to lose.
    env.run("batch roster.csv -o new.csv --rate 0").succeeded("");
    let journal = env.path("work/new.csv.journal");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.lines().next().unwrap().to_owned() + "\n").unwrap();
    env.write("roster.csv", people(1, 1));
    env.run("batch roster.csv -o new.csv --rate 0 --resume").succeeded("");
}

#[test]
fn a_links_file_with_ids_changed_by_a_program_is_refused() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", "id,user name\n007,Ann\n007,Ben\n008,Cleo\nx,Dan\n");
    env.run(RUN).succeeded("");
    let text = fs::read_to_string(env.path("work/links.csv")).unwrap();
    env.write("saved.csv", text.replace("\n007,", "\n7,").replace("\n008,", "\n8,"));
    env.write("room.csv", text.replace("room-of-x", ""));
    for flags in ["", " --dry-run"] {
        let output = env.run(&format!("batch saved.csv -o links.csv --rate 0 --resume{flags}"));
        output.failed(2);
        assert!(
            output.stderr.ends_with(
                "error: the id in 3 rows changed since the links were made\n  \
                 line 2: the id is \"7\", but its room_id belongs to \"007\"\n  \
                 line 3: the id is \"7\", but its room_id belongs to \"007\"\n  \
                 line 4: the id is \"8\", but its room_id belongs to \"008\"\n\
                 hint: restore the ids (a spreadsheet may have changed 007 to 7), or clear room_id in these rows to use new Spaces\n"
            ),
            "{output}"
        );
    }
    assert_eq!(school.count(), 4);
    // Unchanged rows continue, and so do rows without a room.
    for roster in ["links.csv", "room.csv"] {
        env.run(&format!("batch {roster} -o links.csv --rate 0 --resume")).succeeded("");
    }
    // JSON Lines have room ids too. Without a room id, a new Space is created.
    env.run("batch roster.csv -o links.jsonl --rate 0").succeeded("");
    let text = fs::read_to_string(env.path("work/links.jsonl")).unwrap();
    env.write("saved.jsonl", text.replace("\"id\":\"x\"", "\"id\":\"y\""));
    env.run("batch saved.jsonl -o links.jsonl --rate 0 --resume")
        .failed(2)
        .says(&["error: the id in 1 row changed since the links were made\n  \
         line 4: the id is \"y\", but its room_id belongs to \"x\"\n"]);
    env.write(
        "saved.csv",
        fs::read_to_string(env.path("work/room.csv")).unwrap().replace("\nx,", "\ny,"),
    );
    env.run("batch saved.csv -o links.csv --rate 0 --resume")
        .succeeded("")
        .says(&["sent 1: 1 new"]);
    assert_eq!(school.seen().last().unwrap().id, "y");
}

#[test]
fn a_new_sheet_every_week_is_the_same_roster() {
    let school = School::open();
    let env = school.env();
    let week = |date: &str| {
        format!("id,user name,lesson time\na,Ann,{date} 10:00-10:45\nb,Ben,{date} 11:00-11:45\n")
    };
    env.write("roster.csv", week("2099-06-01"));
    env.run(RUN).succeeded("");
    // New dates are new launches for the same people, who are still in the roster.
    env.write("roster.csv", week("2099-06-08"));
    env.run(RESUME)
        .succeeded("")
        .says(&["sent 2: 2 links to existing Spaces\n"])
        .does_not_say(&["no longer"]);
    // The same weekdays in another week.
    env.write(
        "roster.csv",
        "id,user name,lesson time\na,Ann,Tue 14:00-14:45\nb,Ben,Wed 14:00-14:45\n",
    );
    for week in ["2099-06-16", "2099-06-23"] {
        env.run(&format!("{RESUME} --week-of {week}")).succeeded("").says(&["sent 2: "]);
        env.run(&format!("{RESUME} --week-of {week}")).succeeded("").says(&["nothing to send"]);
    }
    assert_eq!(school.count(), 8);
    let starts: Vec<_> = school.seen()[4..]
        .iter()
        .map(|seen| seen.body["timeouts"]["not_before"].as_str().unwrap().to_owned())
        .collect();
    let mut sorted = starts.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "2099-06-16T14:00:00Z",
            "2099-06-17T14:00:00Z",
            "2099-06-23T14:00:00Z",
            "2099-06-24T14:00:00Z"
        ]
    );
    // Changing defaults changes every row, and all people are still in the roster.
    env.run(&format!("{RESUME} --week-of 2099-06-23 --role student"))
        .succeeded("")
        .says(&["sent 2: "])
        .does_not_say(&["no longer"]);
}

#[test]
fn a_calendar_after_the_holidays_is_still_the_same_roster() {
    let school = School::open();
    let env = school.env();
    let lesson = |uid: &str, day: &str, pupil: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20990101T000000Z\r\nDTSTART:{day}T140000Z\r\n\
             DTEND:{day}T144500Z\r\nSUMMARY:Piano\r\nORGANIZER;CN=Ada:mailto:ada@example.org\r\n\
             ATTENDEE;CN={pupil}:mailto:{pupil}@example.org\r\nEND:VEVENT\r\n"
        )
    };
    let calendar = |lessons: &[String]| {
        let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n";
        format!("{head}{}END:VCALENDAR\r\n", lessons.concat())
    };
    let run = |on: &str| format!("batch lessons.ics -o links.csv --rate 0 --resume --on {on}");
    env.write(
        "lessons.ics",
        calendar(&[lesson("autumn-1", "20991201", "ann"), lesson("autumn-2", "20991202", "ben")]),
    );
    env.run(&run("2099-12-01")).succeeded("");
    assert_eq!(school.count(), 4);
    // All UIDs differ, and most pupils are new.
    env.write(
        "lessons.ics",
        calendar(&[lesson("spring-1", "21000111", "cleo"), lesson("spring-2", "21000112", "ann")]),
    );
    let output = env.run(&run("2100-01-10"));
    output.succeeded("").says(&["sent 4: "]);
    assert_eq!(school.count(), 8);
}

#[test]
fn people_who_left_while_their_links_still_work_are_listed_in_the_plan() {
    let school = School::script(|call| {
        let now = jiff::Timestamp::now().as_second();
        Reply::LinkUntil(if call.person == "p3" { now - 60 } else { now + 86_400 })
    });
    let env = finished(&school, &people(4, 2));
    env.write("roster.csv", people(1, 1));
    let plan = env.run(&format!("{RESUME} --dry-run"));
    for part in [
        "people no longer in the roster whose links still work (until ",
        " at the latest): Person 1 (space-1) and Person 2 (space-0)\n",
    ] {
        assert!(plan.stdout.contains(part), "{plan}");
    }
    // Output that may end up in public logs contains no names.
    env.run(RESUME)
        .succeeded("")
        .says(&["2 links still work for people who are no longer in the roster\n"])
        .does_not_say(&["Person"]);
    // A filter does not make people count as gone.
    env.write("roster.csv", people(4, 2));
    env.cmd(RESUME)
        .args(&["--only", "user id=p0"])
        .run()
        .succeeded("")
        .does_not_say(&["no longer"]);
    assert_eq!(school.count(), 4);
}

#[test]
fn a_links_file_in_json_lines_used_as_a_roster_sends_nothing_again() {
    let school = School::open();
    let env = school.env();
    env.write(
        "roster.csv",
        "id,user id,user name,not before,valid for\na,1,Ann,now,5d\nb,2,Ben,,\nc,3,Cleo,2099-12-01 14:00,45m\n",
    );
    env.run("batch roster.csv -o links.jsonl --rate 0").succeeded("");
    let before = fs::read_to_string(env.path("work/links.jsonl")).unwrap();
    for _ in 0..2 {
        env.run("batch links.jsonl -o links.jsonl --rate 0 --resume")
            .succeeded("")
            .says(&["nothing to send: all 3 links are still good\n"]);
        assert_eq!(fs::read_to_string(env.path("work/links.jsonl")).unwrap(), before);
    }
    // The CSV roster continues with the same journal.
    env.run("batch roster.csv -o links.jsonl --rate 0 --resume")
        .succeeded("")
        .says(&["nothing to send"]);
    assert_eq!(school.count(), 3);
}

#[cfg(unix)]
#[test]
fn a_row_that_could_not_be_sent_was_not_in_flight() {
    // The server stops after the first row's link and before the next requests.
    let school = School::slow(Duration::from_millis(50));
    let env = school.env();
    env.write("roster.csv", people(2, 2));
    let run = env.cmd("batch roster.csv -o links.csv --rate 2");
    let child = run.command().spawn().unwrap();
    school.wait_until(|school| school.seen().first().is_some_and(|seen| seen.status == 201));
    school.leave();
    std::thread::sleep(Duration::from_millis(1200));
    crate::signals::send("KILL", &child);
    let mut child = child;
    child.wait().unwrap();
    school.restart();
    env.run(RESUME).succeeded("");
    assert_eq!(statuses(&env, "links.csv"), ["created", "created"]);
    assert_eq!(school.count(), 2);
    let journal = fs::read_to_string(env.path("work/links.csv.journal")).unwrap();
    assert!(journal.contains("\"status\":\"pending\""), "the mark was not taken back:\n{journal}");
}

#[test]
fn corrected_maps_apply_to_later_runs_and_to_cards() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "Class,Old group,Pupil\n7A,G1,Ann\n8B,G1,Ben\n");
    let map = |class: &str| format!("--map id={{{class}}} --map user-name={{Pupil}}");
    env.cmd("batch class.csv --rate 0 --map")
        .arg("id={Old group}")
        .args(&["--map", "user name={Pupil}"])
        .run()
        .succeeded("");
    env.run(&format!("batch class.csv --rate 0 --resume {}", map("Class")))
        .succeeded("")
        .says(&["sent 2: 2 new Spaces\n"]);
    // Without flags the corrected maps apply.
    env.write("class.csv", "Class,Old group,Pupil\n7A,G1,Ann\n8B,G1,Ben\n8B,G1,Cem\n");
    env.run("batch class.csv --rate 0 --resume").succeeded("").says(&[
        "columns sent: Class, Pupil\n",
        "sent 1: 1 link to an existing Space; 2 links were still good",
    ]);
    let rooms: Vec<String> =
        links(&env, "class-links.csv").iter().map(|row| row["room_id"].clone()).collect();
    assert_eq!(rooms, ["room-of-7A", "room-of-8B", "room-of-8B"]);
    env.run("handout class-links.csv -o cards.html").succeeded("");
    let page = fs::read_to_string(env.path("work/cards.html")).unwrap();
    assert!(page.contains("8B") && !page.contains("G1"), "{page}");
    // A dry run does not change them.
    let other = env.run(&format!("batch class.csv --resume --dry-run {}", map("Pupil")));
    assert_eq!(other.code, Some(0), "{other}");
    env.run("batch class.csv --rate 0 --resume")
        .succeeded("")
        .says(&["nothing to send: all 3 links are still good"]);
}

#[test]
fn the_encoding_and_week_of_the_last_run_apply_to_the_next() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", b"id,user name,lesson time\na,J\xfcrgen,Tue 14:00-14:45\n");
    env.run("batch class.csv --rate 0 --encoding windows-1252 --week-of 2098-12-01").succeeded("");
    env.run("batch class.csv --rate 0 --resume --week-of 2098-12-08")
        .succeeded("")
        .says(&["sent 1: "]);
    env.run("batch class.csv --rate 0 --resume")
        .succeeded("")
        .says(&["nothing to send: the link is still good"]);
    assert_eq!(school.count(), 2);
}

#[test]
fn flags_omitted_the_next_time_cause_a_warning() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\na,Ann\n");
    env.run("batch class.csv --rate 0 --leader=no").succeeded("");
    let warning = "warning: the defaults set by flags have changed since the last run, so links will be created again\n";
    env.run("batch class.csv --rate 0 --leader=no --resume")
        .succeeded("")
        .does_not_say(&["warning"]);
    env.run("batch class.csv --rate 0 --resume").succeeded("").says(&[warning, "sent 1: "]);
    env.run("batch class.csv --rate 0 --resume").succeeded("").does_not_say(&["warning"]);
    assert_eq!(school.count(), 2);
}

#[test]
fn an_emptied_journal_counts_as_missing() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\na,Ann\n");
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class-links.csv.journal", "");
    env.run("batch class.csv --rate 0 --resume")
        .failed(2)
        .says(&["class-links.csv.journal is missing"]);
    assert_eq!(school.count(), 1);
}

#[test]
fn ids_that_moved_to_other_names_cause_a_warning() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user id,user name\na,s1,Ann\na,s2,Ben\na,s3,Cem\n");
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class.csv", "id,user id,user name\na,s2,Ann\na,s1,Ben\na,s3,CEM\n");
    env.run("batch class.csv --rate 0 --resume --dry-run").says(&[
        "warning: the name or email address on line 2 and line 3 belonged to someone else when the links were made; check that no column was sorted on its own\n",
    ]);
}

#[test]
fn emails_that_moved_to_other_people_cause_a_warning_too() {
    let school = School::open();
    let env = school.env();
    let roster = |one: &str, two: &str| {
        format!("id,user id,user name,email\na,s1,Ann,{one}\na,s2,Ben,{two}\n")
    };
    env.write("class.csv", roster("ann@x.example", "ben@x.example"));
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class.csv", roster("ben@x.example", "ann@x.example"));
    env.run("batch class.csv --rate 0 --resume --dry-run").says(&[
        "warning: the name or email address on line 2 and line 3 belonged to someone else when the links were made; check that no column was sorted on its own\n",
    ]);
    // A corrected address belongs to no other person.
    env.write("class.csv", roster("ada@x.example", "ben@x.example"));
    env.run("batch class.csv --rate 0 --resume --dry-run").does_not_say(&["warning"]);
}

#[test]
fn next_week_is_fixed_at_the_first_run() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name,lesson time\na,Ann,Tue 14:00-14:45\n");
    env.run("batch class.csv --rate 0 --week-of next").succeeded("");
    let journal = fs::read_to_string(env.path("work/class-links.csv.journal")).unwrap();
    assert!(journal.contains("week_of = \\\"20") && !journal.contains("next"), "{journal}");
}

#[test]
fn a_roster_whose_ids_lost_their_zeros_is_refused() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\n007,Ann\n008,Ben\n");
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class.csv", "id,user name\n7,Ann\n8,Ben\n");
    assert_eq!(
        env.run("batch class.csv --rate 0 --resume").failed(2).stderr,
        "error: the id in 2 rows changed since the links were made\n  \
         line 2: the id is \"7\", but the earlier links are for \"007\"\n  \
         line 3: the id is \"8\", but the earlier links are for \"008\"\n\
         hint: restore the ids (a spreadsheet may have changed 007 to 7); to use new Spaces, choose \
         another file with -o\n"
    );
    assert_eq!(school.count(), 2);
}

#[test]
fn leader_links_of_people_who_no_longer_lead_are_counted_in_the_plan() {
    let env = TestEnv::new();
    env.set("LESSONSPACE_SANDBOX", "1");
    env.write("class.csv", "id,user name,leader\n7a,Tea,x\n7a,Ann,\n");
    env.run("batch class.csv").succeeded("");
    env.write("class.csv", "id,user name,leader\n7a,Tea,\n7a,Ann,x\n");
    let plan = env.run("batch class.csv -o class-links.csv --resume --dry-run");
    assert!(
        plan.stdout.contains("people who no longer lead but whose leader links still work (until ")
            && plan.stdout.contains(" at the latest): Tea (7a)\n"),
        "{plan}"
    );
    env.run("batch class.csv --resume")
        .says(&["1 leader link still works for someone who no longer leads\n"]);
}

#[test]
fn someone_who_left_is_listed_although_a_namesake_stays() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user id,user name\n7a,1,Ann\n7a,2,Ann\n");
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class.csv", "id,user id,user name\n7a,2,Ann\n");
    env.run("batch class.csv --rate 0 --resume")
        .says(&["1 link still works for someone who is no longer in the roster\n"]);
}

#[test]
fn someone_whose_email_is_added_later_is_not_listed_as_gone() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name\n7a,Ann\n");
    env.run("batch class.csv --rate 0").succeeded("");
    env.write("class.csv", "id,user name,user email\n7a,Ann,ann@x.org\n");
    env.run("batch class.csv --rate 0 --resume").succeeded("").does_not_say(&["no longer"]);
}

#[test]
fn a_renamed_column_is_reported_with_where_its_name_came_from() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "Set,Pupil\n7a,Ann\n");
    let maps = ["--map", "id={Set}", "--map", "user name={Pupil}"];
    env.cmd("batch class.csv --rate 0").args(&maps).run().succeeded("");
    env.write("class.csv", "Course,Pupil\n7a,Ann\n");
    assert_eq!(
        env.run("batch class.csv --rate 0 --resume").failed(2).stderr,
        "error: [map] id: no column named \"Set\"; columns: Course, Pupil\n\
         hint: using the columns from the last run; to use others, add --map or --recipe\n"
    );
}
