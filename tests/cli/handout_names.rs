//! `handout`: names of people and Spaces, and what cards do not show.

use crate::handout::{handed_over, names, text};
use crate::mock::{ROOM, link_with_claims};
use crate::support::TestEnv;

/// The names of the Spaces on a page, in order.
pub(crate) fn spaces(page: &str) -> Vec<String> {
    let name = |piece: &str| {
        let (_, rest) = piece.split_once("<bdi>").unwrap();
        rest.split_once("</bdi></h2>").unwrap().0.to_owned()
    };
    page.split("<h2 id=\"space-").skip(1).map(name).collect()
}

/// Writes these maps into the journal of a links file.
pub(crate) fn keep_maps(env: &TestEnv, links: &str, maps: &[(&str, &str)]) {
    let name = format!("{links}.journal");
    let journal = text(env, &name);
    let (first, rest) = journal.split_once('\n').unwrap();
    let mut first: serde_json::Value = serde_json::from_str(first).unwrap();
    first["maps"] = serde_json::json!(maps);
    env.write(&name, format!("{first}\n{rest}"));
}

/// Removes the journal, as if LINKS had been moved without it.
fn lose_journal(env: &TestEnv) {
    let _ = std::fs::remove_file(env.path("work/links.csv.journal"));
}

/// The page with an example's links, made in the sandbox.
fn page_of(env: &TestEnv, batch: &str, maps: &[&str], links: &str) -> String {
    env.unset("LESSONSPACE_API_KEY");
    crate::examples::copy(env);
    env.cmd(&format!("batch {batch} -o {links} --sandbox --rate 0")).args(maps).run().succeeded("");
    let maps: Vec<_> = maps.iter().filter_map(|map| map.split_once('=')).collect();
    if !maps.is_empty() {
        keep_maps(env, links, &maps);
    }
    env.run(&format!("handout {links} -o {links}.html")).succeeded("");
    text(env, &format!("{links}.html"))
}

#[test]
fn a_recipes_links_make_a_card_for_each_person_in_a_row() {
    let env = TestEnv::new();
    let batch = "examples/lessons.csv --recipe examples/lesson.toml";
    for links in ["links.csv", "links.xlsx"] {
        let page = page_of(&env, batch, &[], links);
        assert_eq!(
            names(&page)[..4],
            ["Grace Okafor", "Anna Lind", "Grace Okafor", "Ben Ruiz"],
            "{links}"
        );
        // The journal records which columns make up the id.
        assert_eq!(spaces(&page), ["T1_S1", "T1_S2", "T2_S3"], "{links}");
        for private in ["grace@example.org", "first lesson", "works alone"] {
            assert!(!page.contains(private), "{private} is on a card");
        }
    }
    for (file, space) in [("id.ics", "T1_S1"), ("number.ics", "Space 1")] {
        env.run(&format!("handout links.csv -o {file}")).succeeded("");
        let calendar = text(&env, file);
        let summary = format!("SUMMARY:[Practice link] {space} (Anna Lind)\r\n");
        assert!(calendar.contains(&summary), "{calendar}");
        assert!(!calendar.contains("first lesson"), "{calendar}");
        lose_journal(&env);
    }
    env.run("handout links.csv -o number.html").succeeded("").says(&[
        "warning: links.csv.journal is missing, so 3 Spaces have numbers instead of names; \
         restore it, or add a \"space name\" column\n",
    ]);
    assert_eq!(spaces(&text(&env, "number.html")), ["Space 1", "Space 2", "Space 3"]);
    // A person's own file does not name the others.
    env.run("handout links.csv -o cards --each person").succeeded("");
    for entry in std::fs::read_dir(env.path("work/cards")).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.contains("Anna Lind") {
            assert!(name.starts_with("Space 1 - ") && !page.contains("Grace"), "{page}");
        }
    }
    let links = text(&env, "links.csv");
    env.cmd("handout - -o stdin.html").stdin(links).run().succeeded("").says(&[
        "warning: standard input has no journal, so 3 Spaces have numbers instead of names",
    ]);
}

#[test]
fn the_maps_of_the_run_give_the_name_of_a_space() {
    let env = TestEnv::new();
    let maps = ["--map", "id={Class}", "--map", "user name={First name} {Last name}"];
    let page = page_of(&env, "examples/class.xlsx", &maps, "links.xlsx");
    assert_eq!(spaces(&page), ["Biology 101", "Art 7b"]);
    assert!(!page.contains("@example.org"), "{page}");
}

#[test]
fn a_single_space_is_named_by_its_id_then_the_title_then_its_number() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", "First,Notes\nAnna,slow\nBen,quick\nCem,\nDee,\n");
    env.cmd("batch roster.csv -o links.csv --sandbox --rate 0")
        .args(&["--map", "user name={First}", "--map", "id=bio"])
        .run()
        .succeeded("");
    env.run("handout links.csv -o id.html --title Biology").succeeded("");
    assert_eq!(spaces(&text(&env, "id.html")), ["bio"]);
    lose_journal(&env);
    env.run("handout links.csv -o number.html")
        .succeeded("")
        .says(&["so 1 Space has a number instead of a name"]);
    assert_eq!(spaces(&text(&env, "number.html")), ["Space 1"]);
    env.run("handout links.csv -o title.html --title Biology")
        .succeeded("")
        .does_not_say(&["numbered"]);
    assert_eq!(spaces(&text(&env, "title.html")), ["Biology"]);
}

#[test]
fn people_without_a_name_are_shown_with_other_known_data() {
    for (roster, name) in [
        ("id,email,user id\nx,anna@example.org,7\n", "anna@example.org"),
        ("id,user id\nx,7\n", "7"),
        ("id,guest\nx,yes\n", "Guest"),
    ] {
        let env = handed_over(roster, "links.csv");
        env.run("handout links.csv -o links.html").succeeded("");
        assert_eq!(names(&text(&env, "links.html")), [name]);
    }
}

#[test]
fn a_space_with_the_name_of_its_person_is_named_once() {
    let env = handed_over("id,space name,user name\nx,Anna,Anna\n", "links.csv");
    env.run("handout links.csv -o links.html").succeeded("");
    let page = text(&env, "links.html");
    assert!(page.contains("aria-label=\"Join: Anna\"") && !page.contains("class=\"of\""), "{page}");
}

#[test]
fn only_links_that_a_launch_could_have_returned_are_handed_out() {
    let good = link_with_claims("{\"meta\":{\"name\":\"Good\"}}");
    let local = good.replace("https://go.room.sh/", "http://127.0.0.1:8080/");
    let others = [
        good.replace("https:", "http:"),
        good.replace("https://", "https://anna:secret@"),
        good.replace("https:", "javascript:"),
        "see the office".to_owned(),
        "https://example.org/x2".to_owned(),
        "https://go.room.sh/?user=e30.bm8.c2ln".to_owned(),
    ];
    let header = "id,user name,link_status,client_url,expires_at,room_id,link_error";
    let row = |link: &String| format!("x,Anna,existing,{link},,{ROOM},\n");
    let rows: String = [&good, &local].into_iter().chain(&others).map(row).collect();
    let env = TestEnv::new();
    env.write("links.csv", format!("{header}\n{rows}"));
    env.run("handout links.csv -o links.html")
        .succeeded("")
        .says(&["2 cards for 1 Space saved to links.html", "warning: 6 people have no link"]);
    let page = text(&env, "links.html");
    assert_eq!(page.matches("client_url is not a join link").count(), 6);
    assert_eq!(page.matches("href=\"http").count(), 4, "two cards, each with a button and a code");
    assert!(!page.contains("secret") && !page.contains("javascript:"), "{page}");
}

#[test]
fn a_links_file_saved_in_excels_own_encoding_is_reported_with_advice() {
    let env = handed_over("id,user name\nx,Zoe\n", "links.csv");
    let bytes = text(&env, "links.csv").into_bytes();
    let zoe = bytes.windows(3).position(|part| part == b"Zoe").unwrap();
    let mut saved = bytes;
    saved[zoe + 2] = 0xEB;
    env.write("links.csv", saved);
    env.run("handout links.csv -o links.html").failed(2).says(&[
        "links.csv is not UTF-8 (line 2); if Excel wrote the file, save it as \"CSV UTF-8 \
         (comma delimited)\" or .xlsx",
    ]);
}

#[test]
fn cards_and_calendars_are_in_the_requested_language() {
    let roster = "id,space name,user name,leader,not before,valid for\n\
                  a,Bio,Anna,yes,2098-12-01T14:00:00Z,90m\nb,Art,Ben,,2098-12-02T14:00:00Z,90m\n";
    let env = handed_over(roster, "links.csv");
    for (code, html, parts) in [
        (
            "de",
            "de",
            ["Links zum Unterricht", "Mo., 1. Dez. 2098", "14:00</time> bis", ">Beitreten<"],
        ),
        ("es", "es", ["Enlaces de las clases", "lun, 1 dic 2098", "de <time", ">Entrar<"]),
        (
            "fr",
            "fr",
            [
                "Liens vers les cours",
                "lun. 1er d\u{e9}c. 2098",
                "</time> \u{e0} <time",
                ">Rejoindre<",
            ],
        ),
        ("it", "it", ["Link delle lezioni", "lun 1º dic 2098", "dalle <time", ">Entra<"]),
        ("NL", "nl", ["Links naar de lessen", "ma 1 dec 2098", "</time> tot <time", ">Deelnemen<"]),
        (
            "pl-PL",
            "pl",
            ["Linki do lekcji", "pon., 1 gru 2098", "od <time", ">Do\u{142}\u{105}cz<"],
        ),
        ("pt", "pt", ["Links das aulas", "seg., 1º de dez. de 2098", "das <time", ">Entrar<"]),
        ("en", "en-GB", ["Lesson links", "Mon 1 Dec 2098", "</time> to <time", ">Join<"]),
    ] {
        env.run(&format!("handout links.csv -o links.html --force --lang {code}")).succeeded("");
        let page = text(&env, "links.html");
        assert!(page.contains(&format!("<html lang=\"{html}\" dir=\"ltr\">")), "{code}");
        for part in parts {
            assert!(page.contains(part), "{part} is not in {page}");
        }
    }
    let links = text(&env, "links.csv");
    env.write("odd.csv", format!("{links}c,Chor,Cem,,,,failed,,,,\n"));
    env.run("handout odd.csv -o odd.html --lang fr").succeeded("");
    let page = text(&env, "odd.html");
    for part in [
        "aria-label=\"Rejoindre\u{a0}: Anna, Bio\"",
        "<bdi>Chor</bdi>\u{a0}: <bdi>pas de lien</bdi>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    env.run("handout links.csv -o lessons.ics --lang de").succeeded("");
    let calendar = text(&env, "lessons.ics").replace("\r\n ", "");
    for part in [
        "SUMMARY:[Testlink] Bio (Anna)",
        "DESCRIPTION:Zugangslink f\u{fc}r Anna:\\n",
        "bitte nicht weitergeben",
    ] {
        assert!(calendar.contains(part), "{part} is not in {calendar}");
    }
    env.run("handout links.csv -o a.html --lang ru")
        .failed(2)
        .says(&["--lang: expected en, de, es, fr, it, nl, pl or pt, not \"ru\""]);
}

/// Windows has a setting for this that a test cannot change.
#[test]
#[cfg(unix)]
fn without_a_flag_the_systems_language_is_used() {
    let env = handed_over("id,user name\nx,Anna\n", "links.csv");
    for (variable, value, join) in [
        ("LANG", "de_AT.UTF-8", "Beitreten"),
        ("LANG", "ru_RU.UTF-8", "Join"),
        ("LANG", "C", "Join"),
        ("LC_ALL", "fr_CA.UTF-8", "Rejoindre"),
    ] {
        env.cmd("handout links.csv -o links.html --force").var(variable, value).run().succeeded("");
        assert!(text(&env, "links.html").contains(&format!(">{join}</a>")), "{variable}={value}");
    }
}
