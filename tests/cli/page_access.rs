//! The page behind a link for people who use a screen reader, the keyboard, zoom or high contrast.

use serde_json::{Value, json};

use crate::axe::broken_rules;
use crate::sandbox_serve::Serving;
use crate::support::TestEnv;
use crate::webdriver::Browser;

/// A desktop's width at 200 % and 400 % zoom, in CSS pixels.
const ZOOMED: [u32; 2] = [640, 320];

/// Keys as `WebDriver` encodes them.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// All visible text, with its contrast to the background.
const CONTRASTS: &str = "
    const rgb = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = rgb(getComputedStyle(at).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll('body *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => {
            const two = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => a - b);
            return [e.innerText, (two[1] + 0.05) / (two[0] + 0.05)];
        });";

fn link(serving: &Serving) -> String {
    let flags = "--feature chat.enabled=off --feature av.screenShare --record-av --leader \
                 --webhook chat.message=http://127.0.0.1:9/hook \
                 --webhook transcription.finish=http://127.0.0.1:9/hook";
    let output = serving.client().run(&format!("launch --id biology --user-name Anna {flags}"));
    output.stdout.trim().to_owned()
}

fn title(browser: &Browser) -> String {
    browser.script("return document.title").as_str().unwrap().to_owned()
}

#[test]
fn a_screen_reader_finds_a_title_an_outline_and_a_name_for_everything() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&link(&serving));
    assert_eq!(title(&browser), "biology: This link is valid · practice room");
    let headings = "return [...document.querySelectorAll('h1, h2, h3, h4')]
        .map(e => e.tagName + ' ' + e.innerText)";
    let outline = [
        "H1 biology",
        "H2 When this link works",
        "H2 Inviting others",
        "H2 Link features",
        "H2 Space settings",
        "H2 Webhooks",
    ];
    assert_eq!(browser.script(headings), json!(outline));
    let landmarks = "return ['header', 'main', 'footer']
        .map(name => document.querySelectorAll('body > ' + name).length)";
    assert_eq!(browser.script(landmarks), json!([1, 1, 1]));
    assert_eq!(browser.script("return document.documentElement.lang"), "en-GB");
    browser.press("form[action=\"/join\"] button");
    browser.wait_for("You are in the room");
    assert_eq!(title(&browser), "biology: You are in the room · practice room");
    let names = "return [...document.querySelectorAll('button')].map(e => e.innerText)";
    assert_eq!(
        browser.script(names),
        json!(["Leave", "Idle", "Send chat.message", "Send transcription.finish"])
    );
    assert!(browser.text().contains("Idle simulates a period of inactivity"));
    let switches = "return [...document.querySelectorAll('.switches li')].map(e => e.textContent)";
    let switches = browser.script(switches);
    assert_eq!(
        switches[1].as_str().unwrap().trim(),
        "chat.enabled off",
        "colour is not all that tells: {switches}"
    );
}

#[test]
fn the_page_can_be_used_with_only_the_keyboard_and_the_focus_is_visible() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&link(&serving));
    let press = |tabs: usize, expected: &str| {
        (0..tabs).for_each(|_| browser.key(TAB));
        let focused = "const e = document.activeElement;
            return [e.innerText, getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]";
        assert_eq!(browser.script(focused), json!([expected, "solid", "3px"]));
        browser.key(ENTER);
    };
    press(1, "Join");
    serving.wait_for("page: POST /join: 303");
    browser.wait_for("You are in the room");
    browser.script("window.before = true");
    press(2, "Idle");
    serving.wait_for("page: POST /idle: 303");
    browser.wait_until("return window.before === undefined");
    press(1, "Leave");
    serving.wait_for("page: POST /leave: 303");
    browser.wait_for("Nobody is in the room");
}

#[test]
fn all_text_has_the_contrast_of_wcag_aa_in_light_and_dark() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let link = link(&serving);
    let early = serving.client().run("launch --id x --not-before 2099-01-01T00:00:00Z").stdout;
    let Some(browser) = Browser::open(1280) else { return };
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        let forged = link.replace("user=", "user=x");
        for (page, says) in [
            (link.as_str(), "This link is valid"),
            (early.trim(), "Not open yet"),
            (&forged, "Invalid link"),
        ] {
            browser.go(page);
            assert!(browser.text().contains(says), "{}", browser.text());
            let texts = browser.script(CONTRASTS);
            let texts = texts.as_array().unwrap();
            assert!(texts.len() > 4, "{texts:?}");
            let weak: Vec<&Value> =
                texts.iter().filter(|text| text[1].as_f64().unwrap() < 4.5).collect();
            assert!(weak.is_empty(), "{scheme}: {weak:?}");
        }
    }
    let dark = browser.script("return getComputedStyle(document.body).backgroundColor");
    assert_eq!(dark, "rgb(18, 25, 24)", "the dark scheme was looked at");
}

#[test]
fn nothing_is_cut_off_at_200_and_400_percent_zoom() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    for width in ZOOMED {
        let Some(browser) = Browser::open(width) else { return };
        browser.go(&link(&serving));
        browser.press("form[action=\"/join\"] button");
        browser.wait_for("You are in the room");
        let width_of = "return [document.documentElement.scrollWidth, innerWidth]";
        assert_eq!(browser.script(width_of), json!([width, width]));
        let cut = "return [...document.querySelectorAll('body *')]
            .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden'
                || e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.className + ' ' + e.innerText)";
        assert_eq!(browser.script(cut), json!([]));
    }
}

#[test]
fn axe_finds_no_violation_in_any_state_of_the_page() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let link = link(&serving);
    for width in [1280, 320] {
        let Some(browser) = Browser::open(width) else { return };
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            let find_nothing = |state: &str| {
                let broken = broken_rules(&browser).unwrap_or_default();
                assert_eq!(broken, [""; 0], "{state}, {scheme}, {width} wide");
            };
            browser.go(&link);
            find_nothing("a valid link");
            browser.press("form[action=\"/join\"] button");
            browser.wait_for("You are in the room");
            find_nothing("in the room");
            browser.press("form[action=\"/idle\"] button");
            browser.wait_for("Everyone is idle");
            find_nothing("idle");
            browser.press("form[action=\"/leave\"] button");
            browser.wait_for("This link is valid");
            browser.go(&serving.url.replace("/v2/", "/"));
            find_nothing("no link");
            let room = link.split_once("&room=").unwrap().1.split('&').next().unwrap();
            browser.go(&serving.url.replace("/v2/", &format!("/invite?room={room}")));
            find_nothing("the invite page");
        }
    }
}
