//! `handout`: the links of a batch as a page.

use std::collections::BTreeSet;
use std::fs;

use rust_xlsxwriter::Workbook;

use crate::mock::{ROOM, link_with_claims};
use crate::support::TestEnv;

/// A leader, a pupil for a lesson, and a pupil for three days.
pub(crate) const ROSTER: &str = "id,space name,user id,user name,leader,not before,valid for,email\r\n\
    bio,Biology 101,p1,Peter Parker,,2098-12-01T14:00:00Z,90m,peter@example.org\r\n\
    bio,Biology 101,p2,Dr. Marie Curie,yes,2098-12-01T13:45:00Z,2h,marie@example.org\r\n\
    art,Art 7b,p3,Anna,,2098-12-01T14:00:00Z,3d,anna@example.org\r\n";

/// The links of a roster, made in the sandbox.
pub(crate) fn handed_over(roster: &str, links: &str) -> TestEnv {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.run(&format!("batch roster.csv -o {links} --sandbox --rate 0")).succeeded("");
    env
}

pub(crate) fn text(env: &TestEnv, name: &str) -> String {
    fs::read_to_string(env.path(&format!("work/{name}"))).unwrap()
}

/// The names on the cards of a page, in order.
pub(crate) fn names(page: &str) -> Vec<String> {
    let between = |piece: &str| piece.split_once("</bdi></h3>").unwrap().0.to_owned();
    page.split("<h3><bdi>").skip(1).map(between).collect()
}

fn hrefs(page: &str) -> BTreeSet<String> {
    let link = |piece: &str| piece.split_once('"').unwrap().0.replace("&amp;", "&");
    page.split("href=\"").skip(1).map(link).collect()
}

#[test]
fn a_page_has_a_card_for_each_person_leaders_first_space_by_space() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o links.html --time-zone Europe/London")
        .succeeded("")
        .says(&["3 cards for 2 Spaces saved to links.html", "; each link is personal"]);
    let page = text(&env, "links.html");
    assert_eq!(names(&page), ["Dr. Marie Curie", "Peter Parker", "Anna"]);
    for part in [
        "<title>Lesson links</title>",
        "3 links in 2 Spaces. Times are in Europe/London.",
        "<section aria-labelledby=\"space-0\">\n<h2 id=\"space-0\"><bdi>Biology 101</bdi></h2>",
        "<section class=\"new-page\" aria-labelledby=\"space-1\">\n<h2 id=\"space-1\"><bdi>Art 7b</bdi></h2>",
        "<p class=\"of\"><bdi>Biology 101</bdi></p>\n<p class=\"mark practice\">Practice link: it does not open a real lesson</p>\n\
         <p class=\"mark leader\">Leader link: keep it private</p>",
        "<dt>When</dt><dd>Mon 1 Dec 2098<br>\
         <time class=\"whole\" datetime=\"2098-12-01T13:45:00Z\">13:45</time> to \
         <time class=\"whole\" datetime=\"2098-12-01T15:45:00Z\">15:45 GMT</time></dd>",
        "<dt>Expires</dt><dd><time datetime=\"2098-12-04T14:00:00Z\">Thu 4 Dec 2098, \
         <span class=\"whole\">14:00 GMT</span></time></dd>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert_eq!(page.matches("Leader link").count(), 1);
    assert_eq!(page.matches("Practice link").count(), 3);
    let links = text(&env, "links.csv");
    assert_eq!(hrefs(&page).len(), 3);
    assert!(hrefs(&page).iter().all(|link| links.contains(link)));
}

#[test]
fn every_format_of_the_links_file_makes_the_same_cards() {
    let env = handed_over(ROSTER, "links.csv");
    for name in ["links.csv", "links.jsonl", "links.xlsx"] {
        if name != "links.csv" {
            env.run(&format!("batch roster.csv -o {name} --sandbox --rate 0")).succeeded("");
        }
        env.run(&format!("handout {name} -o {name}.html --compact --title Autumn"))
            .succeeded("")
            .says(&["3 cards for 2 Spaces"]);
        let page = text(&env, &format!("{name}.html"));
        assert_eq!(names(&page), ["Dr. Marie Curie", "Peter Parker", "Anna"], "{name}");
        assert!(page.contains("<h2 id=\"space-0\"><bdi>Biology 101</bdi></h2>"), "{name}");
        assert!(!page.contains("class=\"new-page\""), "{name} is compact");
        assert!(page.contains("<h1><bdi>Autumn</bdi></h1>"), "{name}");
    }
    for name in ["links.csv", "links.jsonl", "links.xlsx"] {
        let bytes = fs::read(env.path(&format!("work/{name}"))).unwrap();
        env.cmd("handout - -o stdin.html --force").stdin(&bytes).run().succeeded("");
        assert_eq!(names(&text(&env, "stdin.html")).len(), 3, "{name}");
    }
}

#[test]
fn a_link_copied_from_html_works() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o links.html").succeeded("");
    env.write("copied.csv", text(&env, "links.csv").replace("&room", "&amp;room"));
    env.run("handout copied.csv -o copied.html").succeeded("");
    assert_eq!(hrefs(&text(&env, "copied.html")), hrefs(&text(&env, "links.html")));
}

#[test]
fn people_without_a_link_are_listed_with_a_reason_and_expired_links_marked() {
    let env = TestEnv::new();
    let old =
        link_with_claims("{\"nbf\":1600000000,\"exp\":1600003600,\"meta\":{\"name\":\"Old\"}}");
    let rows = [
        format!("a,Old,existing,{old},2020-09-13T13:26:40Z,{ROOM},"),
        "a,Failing,failed,,,r1,user.email: Enter a valid email address.".to_owned(),
        "a,Waiting,pending,,,,".to_owned(),
        "b,Late,ended,,,,".to_owned(),
        "b,Odd,existing,not a link,,r2,".to_owned(),
    ];
    let header = "id,user name,link_status,client_url,expires_at,room_id,link_error";
    env.write("links.csv", format!("{header}\n{}\n", rows.join("\n")));
    env.run("handout links.csv -o links.html").succeeded("").says(&[
        "1 card for 1 Space saved to links.html",
        "warning: 4 people have no link; they are listed at the end of the page",
        "warning: 1 link has expired; to renew, run batch with --resume",
    ]);
    let page = text(&env, "links.html");
    assert_eq!(names(&page), ["Old"]);
    assert!(page.contains("<p class=\"mark expired\">This link has expired</p>"), "{page}");
    assert!(page.contains("<dt>When</dt>"), "{page}");
    for (name, space, reason) in [
        ("Failing", "a", "user.email: Enter a valid email address."),
        ("Waiting", "a", "link not requested yet"),
        ("Late", "b", "the lesson is already over"),
        ("Odd", "b", "client_url is not a join link"),
    ] {
        let line = format!(
            "<li><strong><bdi>{name}</bdi></strong>, <bdi>{space}</bdi>: <bdi>{reason}</bdi></li>"
        );
        assert!(page.contains(&line), "{line} is not in {page}");
    }
}

#[test]
fn a_card_has_no_code_for_an_unusable_link() {
    let env = TestEnv::new();
    let link = |name: &str, exp: u32, more: &str| {
        let claims = format!(
            "{{\"nbf\":1600000000,\"exp\":{exp},\"meta\":{{\"name\":\"{name}\"}},\"more\":\"{more}\"}}"
        );
        format!("a,{name},existing,{},,{ROOM},\n", link_with_claims(&claims))
    };
    let rows = [
        link("Good", 4_068_279_600, ""),
        link("Old", 1_600_003_600, ""),
        link("Long", 4_068_279_600, &"x".repeat(2953)),
    ];
    let header = "id,user name,link_status,client_url,expires_at,room_id,link_error";
    env.write("links.csv", format!("{header}\n{}", rows.concat()));
    env.run("handout links.csv -o links.html").succeeded("").says(&[
        "warning: 1 link is too long for a QR code; send it instead of printing it\n",
        "warning: 1 link has expired",
    ]);
    let page = text(&env, "links.html");
    let (good, others) = page.split_once("<bdi>Old</bdi>").unwrap();
    assert_eq!(good.matches("Scan the code to join.").count(), 1);
    assert!(!others.contains("Scan the code"), "{others}");
    assert_eq!(page.matches("This link is too long for a QR code.").count(), 1);
    env.run("handout links.csv -o cards --each person").succeeded("").says(&["too long"]);
}

#[test]
fn a_lesson_across_midnight_is_one_lesson() {
    let env = TestEnv::new();
    let link =
        link_with_claims("{\"nbf\":1796164200,\"exp\":1796171400,\"meta\":{\"name\":\"Ann\"}}");
    let header = "id,user name,link_status,client_url,expires_at,room_id,link_error";
    env.write("links.csv", format!("{header}\na,Ann,existing,{link},,{ROOM},\n"));
    let when = |lang: &str, zone: &str| {
        env.run(&format!("handout links.csv -o a.html --force --lang {lang} --time-zone {zone}"))
            .succeeded("");
        let page = text(&env, "a.html");
        let (_, window) = page.split_once("<dl>").unwrap();
        let window =
            window.split_once("</dl>").unwrap().0.replace("</dt>", " / ").replace("<br>", " ");
        let text = window.split('<').filter_map(|piece| piece.split_once('>').map(|it| it.1));
        text.collect::<String>()
    };
    for (lang, zone, expected) in [
        ("en", "Europe/Paris", "When / Tue 1 Dec 2026, 23:30 to Wed 2 Dec 2026, 01:30 CET"),
        (
            "de",
            "Europe/Paris",
            "Wann / Di., 1. Dez. 2026, 23:30 bis Mi., 2. Dez. 2026, 01:30 Uhr MEZ",
        ),
        (
            "es",
            "Europe/Paris",
            "Cu\u{e1}ndo / del mar, 1 dic 2026, 23:30 al mi\u{e9}, 2 dic 2026, 01:30 CET",
        ),
        (
            "it",
            "Europe/Paris",
            "Quando / da mar 1\u{ba} dic 2026, 23:30 a mer 2 dic 2026, 01:30 CET",
        ),
        ("nl", "Europe/Paris", "Wanneer / di 1 dec 2026, 23:30 tot wo 2 dec 2026, 01:30 uur CET"),
        ("nl", "Asia/Kathmandu", "Wanneer / wo 2 dec 2026 04:15 tot 06:15 uur UTC+5:45"),
        ("en", "America/Sao_Paulo", "When / Tue 1 Dec 2026 19:30 to 21:30 UTC\u{2212}3"),
    ] {
        assert_eq!(when(lang, zone), expected);
    }
}

#[test]
fn invalid_input_exits_2_and_writes_nothing() {
    let env = handed_over(ROSTER, "links.csv");
    env.write(
        "no-links.csv",
        "id,user name,link_status,client_url,expires_at,room_id,link_error\na,Ann,pending,,,,\n",
    );
    env.write("there.html", "mine");
    env.write("torn.xlsx", "PK\u{3}\u{4}");
    for (line, words) in [
        ("handout", "LINKS is required (the links file that batch wrote)"),
        ("handout links.csv", "-o FILE is required (the page (.html) or calendar (.ics) to write)"),
        ("handout no-links.csv -o a.html", "no-links.csv contains no links"),
        ("handout roster.csv -o a.html", "roster.csv has no client_url column"),
        ("handout gone.csv -o a.html", "gone.csv does not exist"),
        ("handout torn.xlsx -o a.html", "torn.xlsx is damaged"),
        ("handout links.csv -o there.html", "there.html already exists; add --force to replace it"),
        (
            "handout links.csv -o links.csv --force",
            "links.csv is the links file; choose another file",
        ),
        ("handout links.csv -o .", ". is a folder; choose a file name in it"),
        ("handout links.csv -o a.html/", "a.html/ is a folder; choose a file name in it"),
        (
            "handout links.csv -o a.html --title=",
            "--title is empty; leave it out to use the default title",
        ),
        ("handout links.csv -o -", "-o must be a file: links are credentials"),
        ("handout links.csv -o a.pdf", "a.pdf must end in .html (page) or .ics (calendar)"),
        ("handout links.csv -o a.ics --compact", "--compact works only with a page"),
        ("handout links.csv -o a.html --time-zone Mars", "--time-zone: unknown time zone \"Mars\""),
    ] {
        env.run(line).failed(2).says(&[words]);
    }
    env.run("handout links.csv -o none/a.html")
        .failed(2)
        .says(&["-o: the folder none does not exist; create it first"]);
    assert_eq!(text(&env, "there.html"), "mine");
    assert!(!env.path("work/a.html").exists() && !env.path("work/a.ics").exists());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("gone.html", env.path("work/dangling.html")).unwrap();
        env.run("handout links.csv -o dangling.html")
            .failed(2)
            .says(&["dangling.html already exists; add --force to replace it"]);
    }
    env.run("handout links.csv -o there.html --force").succeeded("");
    assert_eq!(names(&text(&env, "there.html")).len(), 3);
}

#[test]
#[cfg(unix)]
fn only_the_owner_can_read_the_page_and_no_other_file_is_left() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = handed_over(ROSTER, "links.csv");
    let before = fs::read_dir(env.path("work")).unwrap().count();
    for name in ["links.html", "links.ics"] {
        env.run(&format!("handout links.csv -o {name}")).succeeded("");
        let mode = fs::metadata(env.path(&format!("work/{name}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(env.path("work")).unwrap().count(), before + 2);
}

#[test]
fn names_with_any_characters_are_escaped() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["id", "space name", "user name"]).unwrap();
    sheet
        .write_row(1, 0, ["x", "</title><script>alert(1)</script>", "\"><img src=x> & \u{202e}moc"])
        .unwrap();
    env.write("roster.xlsx", book.save_to_buffer().unwrap());
    env.run("batch roster.xlsx -o links.csv --sandbox --rate 0").succeeded("");
    env.run("handout links.csv -o links.html").succeeded("");
    let page = text(&env, "links.html");
    assert!(
        !page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'),
        "{page}"
    );
    assert!(
        page.contains("<h3><bdi>&quot;&gt;&lt;img src=x&gt; &amp; \\u{202e}moc</bdi></h3>"),
        "{page}"
    );
}

#[test]
fn json_reports_what_was_written() {
    let env = handed_over(ROSTER, "links.csv");
    env.run("handout links.csv -o links.html --json").succeeded(
        "{\"file\":\"links.html\",\"cards\":3,\"spaces\":2,\"left_out\":0,\"without_link\":0,\"expired\":0,\
         \"skipped\":0,\"practice\":3,\"differing\":0}\n",
    );
    let output = env.run("handout links.csv -o links.ics --json");
    output.succeeded(
        "{\"file\":\"links.ics\",\"events\":2,\"spaces\":2,\"left_out\":1,\"without_link\":0,\"expired\":0,\
         \"skipped\":0,\"practice\":3,\"differing\":0}\n",
    );
    assert_eq!(
        output.stderr,
        "{\"warning\":\"3 practice links do not open real lessons; each event says so\"}\n\
         {\"warning\":\"left out 1 link: longer than 24 hours, so not a single lesson\"}\n"
    );
}
