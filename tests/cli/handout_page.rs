//! The page of `handout` in a real browser: displayed, printed, scanned and read aloud.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::axe::broken_rules;
use crate::support::TestEnv;
use crate::webdriver::Browser;

/// A4 and Letter, in inches.
const PAPERS: [(f64, f64); 2] = [(8.27, 11.69), (8.5, 11.0)];

const LONG: &str = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren Hubert Blaine the Third of Philadelphia";

/// A page for this many people in two Spaces, some with names that are hard to lay out.
fn page(people: usize) -> (TestEnv, String) {
    let names = [LONG, "محمد عبد الله", "李小龍 🥋", "<b>Bobby</b> & Co", "Anna"];
    let mut roster = String::from("id,space name,user id,user name,leader\n");
    for number in 0..people {
        let space = number * 2 / people;
        let name = names[number % names.len()];
        let leads = if number % 10 == 3 { "yes" } else { "" };
        writeln!(roster, "s{space},Biology {space},p{number},{name},{leads}").unwrap();
    }
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write("roster.csv", roster);
    env.run("batch roster.csv -o links.csv --sandbox --rate 0").succeeded("");
    env.run("handout links.csv -o links.html --time-zone UTC").succeeded("");
    let url = file_url(&env.path("work/links.html"));
    (env, url)
}

/// The URL of a file.
pub(crate) fn file_url(path: &Path) -> String {
    url::Url::from_file_path(path).unwrap().into()
}

/// The links of a links file.
fn links(env: &TestEnv) -> BTreeSet<String> {
    let text = fs::read_to_string(env.path("work/links.csv")).unwrap();
    text.split(',').filter(|cell| cell.starts_with("https://")).map(str::to_owned).collect()
}

/// Whether a tool is installed; in CI it must be.
pub(crate) fn is_there(tool: &str, package: &str) -> bool {
    let found =
        Command::new(tool).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "no {tool}; install it: apt-get install {package}"
        );
        eprintln!("NOT TESTED, because there is no {tool}; install it: apt-get install {package}");
    }
    found
}

/// The contents of the codes in a picture.
pub(crate) fn scanned(env: &TestEnv, name: &str) -> BTreeSet<String> {
    let output = Command::new("zbarimg")
        // Part of a code or of a line of text may look like a bar code.
        .args(["-q", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(env.path(&format!("work/{name}")))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_page_loads_nothing_and_fits_every_screen_in_light_and_dark() {
    let (_env, url) = page(12);
    for width in [320, 390, 1280] {
        let Some(browser) = Browser::open(width) else { return };
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            browser.go(&url);
            assert_eq!(browser.console(), [""; 0], "{width} wide, {scheme}");
            let loaded = "return performance.getEntriesByType('resource').length";
            assert_eq!(browser.script(loaded), 0);
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(browser.script(overflow), 0, "{width} wide");
            // If the policy blocked the style sheet, there would be no grid.
            let display = "return getComputedStyle(document.querySelector('.cards')).display";
            assert_eq!(browser.script(display), "grid");
            if let Some(broken) = broken_rules(&browser) {
                assert_eq!(broken, [""; 0], "{width} wide, {scheme}");
            }
        }
    }
}

/// The parts of a card that are behind its code or outside the card.
const HIDDEN: &str = "return [...document.querySelectorAll('.card')].flatMap(card => {
    const [box, code] = [card, card.querySelector('.code')].map(e => e.getBoundingClientRect());
    const is_hidden = r => r.width > 0 && (r.right > box.right + 1 || r.right > code.left + 1
        && r.left < code.right && r.bottom > code.top && r.top < code.bottom);
    return [...card.querySelectorAll('h3, p, dt, dd, dd *')].filter(e => !e.closest('a'))
        .filter(e => [...e.getClientRects()].some(is_hidden)).map(e => e.innerText);
})";

#[test]
fn no_time_is_hidden_behind_the_code_in_any_language_on_screen_or_paper() {
    let env = crate::handout::handed_over(
        "id,user id,user name,leader,not before,valid for\n\
         a,1,Anna,yes,2098-12-01T14:00:00Z,90m\na,2,Ben,,2098-12-01T22:30:00Z,3h\n\
         a,3,Cem,,2098-09-24T02:30:00Z,3h\na,4,Dee,,2098-12-01T14:00:00Z,3d\n",
        "links.csv",
    );
    // The last width is A4 without its margins.
    for width in [390, 430, 880, 711] {
        let Some(browser) = Browser::open(width) else { return };
        if width == 711 {
            browser.show_as_printed();
        }
        for (lang, zone) in [
            ("de", "Europe/Berlin"),
            ("pt", "America/Sao_Paulo"),
            ("it", "Europe/Rome"),
            ("fr", "Asia/Kathmandu"),
            ("en", "America/Sao_Paulo"),
            ("pl", "Europe/Warsaw"),
        ] {
            env.run(&format!(
                "handout links.csv -o links.html --force --lang {lang} --time-zone {zone}"
            ))
            .succeeded("");
            browser.go(&file_url(&env.path("work/links.html")));
            let hidden = browser.script(HIDDEN);
            assert_eq!(hidden, serde_json::json!([]), "{lang}, {width} wide");
            let broken = "return [...document.querySelectorAll('.whole')]
                .filter(e => e.getClientRects().length > 1).length";
            assert_eq!(browser.script(broken), 0, "{lang}, {width} wide");
        }
    }
}

#[test]
fn the_policy_blocks_everything_that_is_not_the_pages_own() {
    let (env, _) = page(2);
    let text = fs::read_to_string(env.path("work/links.html")).unwrap();
    env.write(
        "changed.html",
        text.replace(
            "<main>",
            "<main><script>document.title = 'run'</script><img src=\"https://example.org/x.png\">",
        ),
    );
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&file_url(&env.path("work/changed.html")));
    assert_ne!(browser.script("return document.title"), "run");
    assert_eq!(browser.console().len(), 2);
}

#[test]
fn every_code_on_screen_and_paper_scans_to_its_link() {
    let (env, url) = page(6);
    if !is_there("zbarimg", "zbar-tools") || !is_there("pdftoppm", "poppler-utils") {
        return;
    }
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&url);
    for (number, (width, height)) in PAPERS.into_iter().enumerate() {
        let pdf = env.write(&format!("{number}.pdf"), browser.print(width, height));
        let target = env.path(&format!("work/paper-{number}"));
        let status =
            Command::new("pdftoppm").args(["-r", "150", "-png"]).arg(pdf).arg(target).status();
        assert!(status.unwrap().success());
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(env.path("work")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with(&format!("paper-{number}")) {
                found.extend(scanned(&env, &name));
            }
        }
        assert_eq!(found, links(&env), "paper {number}");
    }
    let Some(phone) = Browser::open(390) else { return };
    phone.prefer("dark");
    phone.go(&url);
    let link = phone.script("return document.querySelector('.join').href");
    phone.script("document.querySelector('.code').scrollIntoView()");
    env.write("phone.png", phone.screenshot());
    assert!(scanned(&env, "phone.png").contains(link.as_str().unwrap()), "scans on a dark phone");
}

#[test]
fn no_card_is_split_by_a_page_break_and_each_space_starts_a_page() {
    let (env, url) = page(30);
    if !is_there("pdftotext", "poppler-utils") {
        return;
    }
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&url);
    for (width, height) in PAPERS {
        let pdf = env.write("links.pdf", browser.print(width, height));
        let output = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
        assert!(pages.len() >= 4, "{} pages", pages.len());
        let (mut cards, mut spaces) = (0, 0);
        for page in &pages {
            let starts = page.matches("Valid from").count();
            let ends = page.matches("Scan the code to join.").count();
            assert_eq!(starts, ends, "a card is cut: {page}");
            cards += ends;
            let heads = page.lines().take(6).any(|line| line == "Biology 0" || line == "Biology 1");
            spaces += usize::from(heads && !page.lines().next().unwrap_or_default().is_empty());
        }
        assert_eq!(cards, 30);
        assert!(spaces >= 2, "each Space begins a page");
        let is_mixed = |page: &&&str| page.contains("Biology 0") && page.contains("Biology 1");
        assert_eq!(pages.iter().filter(is_mixed).count(), 0);
    }
}

#[test]
fn a_screen_reader_finds_the_spaces_the_people_and_their_links() {
    let (_env, url) = page(4);
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&url);
    let outline = browser.script(
        "return [...document.querySelectorAll('h1, h2, h3')].map(e => e.tagName + ' ' + e.innerText)",
    );
    let expected = [
        "H1 Lesson links",
        "H2 Biology 0",
        &format!("H3 {LONG}"),
        "H3 محمد عبد الله",
        "H2 Biology 1",
        "H3 <b>Bobby</b> & Co",
        "H3 李小龍 🥋",
    ];
    assert_eq!(outline, serde_json::json!(expected));
    let links = browser.script(
        "return [...document.querySelectorAll('a:not([aria-hidden])')].map(e => e.getAttribute('aria-label'))",
    );
    assert_eq!(links[2], "Join: <b>Bobby</b> & Co, Biology 1");
    assert_eq!(links.as_array().unwrap().len(), 4);
}
