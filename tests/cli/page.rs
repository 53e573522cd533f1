//! The page behind a link of `lessonspace sandbox`, in a real browser.

use serde_json::{Value, json};

use crate::faults::{Act, Faults, http};
use crate::sandbox_serve::Serving;
use crate::support::TestEnv;
use crate::webdriver::Browser;

const JOIN: &str = "form[action=\"/join\"] button";
const LEAVE: &str = "form[action=\"/leave\"] button";
const DESKTOP: u32 = 1280;
const PHONE: u32 = 360;

fn receiver() -> Faults {
    Faults::play(vec![Act::Answer(http("204 No Content", &["Connection: close"], ""))])
}

#[test]
fn joining_and_leaving_send_the_spaces_webhooks_with_valid_signatures() {
    let (receiver, home) = (receiver(), TestEnv::new());
    let serving = Serving::start(&home, "");
    let env = serving.client();
    let hooks = format!("--webhook session={0}/hook --webhook user={0}/hook", receiver.origin());
    let launch =
        env.run(&format!("launch --json --id bio --user-id T1 --user-name Anna --leader {hooks}"));
    let answer = launch.json();
    let Some(browser) = Browser::open(DESKTOP) else { return };
    browser.go(answer["client_url"].as_str().unwrap());
    let text = browser.text();
    for part in ["Practice room", "This link is valid", "bio", "Anna", "Leader", "in 7 days"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(receiver.requests().len(), 0, "opening a page is not joining");
    browser.press(JOIN);
    receiver.wait_for_requests(2);
    assert!(browser.text().contains("You are in the room"), "{}", browser.text());
    browser.press(LEAVE);
    receiver.wait_for_requests(4);
    assert!(browser.text().contains("Nobody is in the room"), "{}", browser.text());
    let requests = receiver.requests();
    let events: Vec<_> =
        requests.iter().map(|request| request.header("x-webhook-event").unwrap()).collect();
    assert_eq!(events, ["session.start", "user.join", "user.leave", "session.end"]);
    env.set("LESSONSPACE_WEBHOOK_SECRET", answer["secret"].as_str().unwrap());
    for request in &requests {
        assert_eq!(request.line(), "POST /hook HTTP/1.1");
        let signature = request.header("x-webhook-signature").unwrap();
        let verify = env.cmd("webhook verify --signature").arg(signature).stdin(&request.body);
        verify.run().succeeded("").says(&["the signature matches"]);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["room"]["id"], answer["room_id"]);
        assert_eq!(body["session"]["id"], answer["session_id"]);
    }
    let person: Value = serde_json::from_str(&requests[1].body).unwrap();
    assert_eq!(person["user"], json!({"id": "T1", "name": "Anna", "guest": false}));
    serving.wait_for("page: POST /join: 303, Anna joined Space bio");
    serving
        .wait_for(&format!("webhook: session.end to {}/hook: delivered (204)", receiver.origin()));
}

#[test]
fn the_page_fits_a_phone_and_a_desktop_and_loads_nothing_from_elsewhere() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let env = serving.client();
    let flags = "--feature chat.enabled=off --feature whiteboard.infiniteToggle --record-av";
    let name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter";
    let run = env.cmd(&format!("launch --id {} {flags} --user-name", "x".repeat(64)));
    let link = run.arg(name).run().stdout;
    for width in [PHONE, DESKTOP] {
        let Some(browser) = Browser::open(width) else { return };
        browser.go(link.trim());
        let widths = browser.script("return [document.documentElement.scrollWidth, innerWidth]");
        assert_eq!(widths, json!([width, width]), "nothing sticks out");
        assert_eq!(browser.script("return document.scripts.length"), 0);
        let loaded =
            "return performance.getEntriesByType('resource').map(e => new URL(e.name).origin)";
        let origin = serving.url.replace("/v2/", "");
        let elsewhere = browser.script(loaded);
        assert!(elsewhere.as_array().unwrap().iter().all(|one| *one == origin), "{elsewhere}");
        let styled = "return getComputedStyle(document.querySelector('button')).borderRadius";
        assert_eq!(browser.script(styled), "12px", "the style is applied");
        let high = "return document.querySelector('button').getBoundingClientRect().height >= 44";
        assert_eq!(browser.script(high), true, "a finger finds the button");
    }
}

#[test]
fn hostile_names_are_shown_and_have_no_effect() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let env = serving.client();
    let hostile =
        "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
    let run = env.cmd("launch --id x --set").arg(format!("name={hostile}"));
    let link = run.arg("--user-name").arg(hostile).run().stdout;
    let Some(browser) = Browser::open(DESKTOP) else { return };
    browser.go(link.trim());
    assert_eq!(browser.text().matches("<img src=x onerror=").count(), 2, "{}", browser.text());
    assert_eq!(browser.script("return document.images.length + document.scripts.length"), 0);
    let title = browser.script("return document.title");
    assert!(title.as_str().unwrap().ends_with("· practice room"), "{title}");
}

#[test]
fn early_and_expired_links_have_no_join_button() {
    let home = TestEnv::new();
    let serving = Serving::start(&home, "");
    let env = serving.client();
    let early = env.run("launch --id x --not-before 2099-01-01T00:00:00Z --valid-for 1h").stdout;
    let brief = env.run("launch --id x --guest --valid-for 3s").stdout;
    assert!(!brief.is_empty());
    let Some(browser) = Browser::open(PHONE) else { return };
    browser.go(early.trim());
    assert!(browser.text().contains("Not open yet"), "{}", browser.text());
    assert_eq!(browser.script(&format!("return document.querySelectorAll('{JOIN}').length")), 0);
    std::thread::sleep(std::time::Duration::from_millis(3100));
    browser.go(brief.trim());
    assert!(browser.text().contains("This link has expired"), "{}", browser.text());
    assert_eq!(browser.script(&format!("return document.querySelectorAll('{JOIN}').length")), 0);
}
