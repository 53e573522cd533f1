//! `handout --each`: a file for each person or Space, and the index for a mail merge.

use std::fs;

use crate::handout::{ROSTER, handed_over, names, text};
use crate::handout_calendar::uids;
use crate::mock::link_with_claims;
use crate::support::TestEnv;

/// The files in a folder below the current folder of the runs, sorted.
fn files(env: &TestEnv, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(env.path(&format!("work/{folder}"))).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_person_gets_a_file_with_only_their_own_link() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o cards --each person")
        .succeeded("")
        .says(&["3 cards for 2 Spaces saved to cards (3 files and index.csv"]);
    assert_eq!(
        files(&env, "cards"),
        [
            "Art 7b - Anna.html",
            "Biology 101 - Dr. Marie Curie.html",
            "Biology 101 - Peter Parker.html",
            "index.csv"
        ]
    );
    assert_eq!(
        text(&env, "cards/index.csv"),
        "name,email,file\r\n\
         Dr. Marie Curie,marie@example.org,Biology 101 - Dr. Marie Curie.html\r\n\
         Peter Parker,peter@example.org,Biology 101 - Peter Parker.html\r\n\
         Anna,anna@example.org,Art 7b - Anna.html\r\n"
    );
    let page = text(&env, "cards/Biology 101 - Peter Parker.html");
    assert_eq!(names(&page), ["Peter Parker"]);
    assert!(page.contains("This link is personal. Do not share it") && !page.contains("Marie"));
    assert_eq!(page.matches("href=\"https").count(), 2, "a button and a code");
}

#[test]
fn each_space_gets_a_file_and_everyone_a_line_in_the_index() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o cards --each space").succeeded("");
    assert_eq!(files(&env, "cards"), ["Art 7b.html", "Biology 101.html", "index.csv"]);
    assert_eq!(names(&text(&env, "cards/Biology 101.html")), ["Dr. Marie Curie", "Peter Parker"]);
    let index = text(&env, "cards/index.csv");
    assert_eq!(index.lines().count(), 4);
    assert!(index.contains("Peter Parker,peter@example.org,Biology 101.html\r\n"), "{index}");
    env.run("handout links.csv -o lessons --each space --format ics")
        .succeeded("")
        .says(&["2 events for 2 Spaces saved to lessons (1 file and index.csv", "left out 1 link"]);
    assert_eq!(files(&env, "lessons"), ["Biology 101.ics", "index.csv"]);
    assert_eq!(uids(&text(&env, "lessons/Biology 101.ics")).len(), 2);
    env.run("handout links.csv -o own --each person --format ics").succeeded("");
    assert_eq!(uids(&text(&env, "own/Biology 101 - Peter Parker.ics")).len(), 1);
}

#[test]
fn a_spaces_page_lists_its_people_without_a_link() {
    let env = handed_over(ROSTER, "links.csv");
    let failed = |id: &str, name: &str| format!("{id},,f,{name},,,,,failed,,,,no such user\r\n");
    let links = text(&env, "links.csv");
    env.write("links.csv", format!("{links}{}", failed("bio", "Fay")));
    env.run("handout links.csv -o cards --each space").succeeded("").says(&[
        "warning: 1 person has no link; that person is listed at the end of their Space's page\n",
    ]);
    let line = "<li><strong><bdi>Fay</bdi></strong>, <bdi>bio</bdi>: <bdi>no such user</bdi></li>";
    assert!(text(&env, "cards/Biology 101.html").contains(line));
    assert!(!text(&env, "cards/Art 7b.html").contains("Fay"));
    // There is no file to send to Fay.
    assert!(!text(&env, "cards/index.csv").contains("Fay"));
    env.run("handout links.csv -o own --each person")
        .succeeded("")
        .says(&["warning: 1 person has no link\n"]);
    // A Space without links has no page.
    env.write("links.csv", format!("{links}{}{}", failed("bio", "Fay"), failed("new", "Gus")));
    env.run("handout links.csv -o cards --each space --force")
        .succeeded("")
        .says(&["warning: 2 people have no link\n"]);
}

#[test]
fn two_people_never_share_a_file_and_formulas_are_guarded() {
    let env = TestEnv::new();
    let link = |id: &str, name: &str| {
        let claims =
            format!("{{\"id\":\"{id}\",\"exp\":4068283200,\"meta\":{{\"name\":\"{name}\"}}}}");
        link_with_claims(&claims)
    };
    let people = [
        ("1", "Ann", "a@x.org"),
        ("2", "ANN", "=cmd()"),
        ("3", "=Ann", ""),
        ("4", "con", ""),
        ("1", "Ann", "a@x.org"),
        ("5", "Zo\u{eb}", "z@x.org"),
    ];
    let row = |(id, name, email): &(&str, &str, &str)| {
        let guard = if name.starts_with('=') { "'" } else { "" };
        let mail_guard = if email.starts_with('=') { "'" } else { "" };
        format!("x,{id},{guard}{name},{mail_guard}{email},existing,{},,,\n", link(id, name))
    };
    // A person's second link is different.
    let mut rows: Vec<String> = people.iter().map(row).collect();
    rows[4] = rows[4].replace("&room", "&second=1&room");
    env.write(
        "links.csv",
        format!(
            "id,user id,user name,email,link_status,client_url,expires_at,room_id,link_error\n{}",
            rows.concat()
        ),
    );
    env.run("handout links.csv -o cards --each person").succeeded("").says(&[
        "6 cards for 1 Space saved to cards (5 files",
        "2 people have no email address in index.csv",
    ]);
    assert_eq!(
        text(&env, "cards/index.csv"),
        "\u{feff}name,email,file\r\nAnn,a@x.org,x - Ann.html\r\nANN,'=cmd(),x - ANN (2).html\r\n\
         '=Ann,,x - Ann (3).html\r\ncon,,x - con.html\r\nZo\u{eb},z@x.org,x - Zo\u{eb}.html\r\n"
    );
    assert_eq!(names(&text(&env, "cards/x - Ann.html")), ["Ann", "Ann"]);
    assert_eq!(names(&text(&env, "cards/x - ANN (2).html")), ["ANN"]);
}

#[test]
fn force_replaces_only_what_handout_wrote() {
    let env = handed_over(ROSTER, "links.csv");
    fs::create_dir(env.path("work/cards")).unwrap();
    env.run("handout links.csv -o cards --each person").succeeded("");
    env.write("cards/mine.html", "mine");
    env.run("handout links.csv -o cards --each space").failed(2).says(&[
        "-o: cards already contains files; add --force to replace those that handout wrote",
    ]);
    env.run("handout links.csv -o cards --each space --force").succeeded("");
    assert_eq!(files(&env, "cards"), ["Art 7b.html", "Biology 101.html", "index.csv", "mine.html"]);
    assert_eq!(text(&env, "cards/mine.html"), "mine");
    // Another person's file is in the way: nothing changes.
    env.write("cards/Art 7b - Anna.html", "hers");
    env.run("handout links.csv -o cards --each person --force")
        .failed(2)
        .says(&["Art 7b - Anna.html in cards was not written by handout"]);
    assert_eq!(text(&env, "cards/Art 7b - Anna.html"), "hers");
    assert_eq!(files(&env, "cards").len(), 5);
    // A listed file that handout did not write stays too.
    env.write("cards/Art 7b.html", "edited");
    env.run("handout links.csv -o cards --each space --force")
        .failed(2)
        .says(&["Art 7b.html in cards"]);
    fs::create_dir(env.path("work/other")).unwrap();
    env.write("other/index.csv", "a,b\n");
    env.run("handout links.csv -o other --each space --force")
        .failed(2)
        .says(&["index.csv in other was not written by handout"]);
    assert_eq!(files(&env, "other"), ["index.csv"]);
}

#[test]
fn an_unusable_folder_exits_2() {
    let env = handed_over(ROSTER, "links.csv");
    env.write("there.html", "mine");
    for (line, words) in [
        (
            "handout links.csv -o there.html --each person",
            "-o: there.html is a file; --each requires a folder",
        ),
        ("handout links.csv -o none/cards --each person", "-o: the folder none does not exist"),
        ("handout links.csv -o - --each person", "-o must be a folder with --each"),
        ("handout links.csv --each person", "-o FILE is required (the folder to write)"),
        ("handout links.csv -o a.html --format html", "--format works only with --each"),
        (
            "handout links.csv -o a --each space --format ics --update",
            "--update cannot be used with --each",
        ),
        ("handout links.csv -o a --each class", "class"),
        ("handout links.csv -o a --each person --format pdf", "pdf"),
    ] {
        env.run(line).failed(2).says(&[words]);
    }
    assert_eq!(text(&env, "there.html"), "mine");
    assert!(!env.path("work/a").exists());
}

#[test]
#[cfg(unix)]
fn only_the_owner_can_read_the_folder_and_no_other_file_is_left() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = handed_over(ROSTER, "links.csv");
    let before = fs::read_dir(env.path("work")).unwrap().count();
    env.run("handout links.csv -o cards --each person").succeeded("");
    let mode = |path: &str| fs::metadata(env.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("work/cards"), 0o700);
    for name in files(&env, "cards") {
        assert_eq!(mode(&format!("work/cards/{name}")), 0o600, "{name}");
    }
    assert_eq!(fs::read_dir(env.path("work")).unwrap().count(), before + 1);
    // A folder that cannot be written stays unchanged.
    let read_only = env.path("work/full");
    fs::create_dir(&read_only).unwrap();
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(read_only.join("probe"), "").is_err() {
        env.run("handout links.csv -o full --each person")
            .failed(1)
            .says(&["cannot write to full"]);
        assert_eq!(files(&env, "full"), [""; 0]);
    }
}

#[test]
fn a_folder_may_not_have_the_extension_of_a_file() {
    let env = TestEnv::new();
    env.write("links.csv", "id\n");
    env.run("handout links.csv -o cards.html --each person")
        .failed(2)
        .says(&["-o: cards.html looks like a file; --each requires a folder, such as -o cards"]);
}
