//! The accessibility rules of axe-core, run in the browser. The variable `AXE_CORE` has the path of
//! its script, which `.ci/run` downloads.

use std::fs;

use serde_json::{Value, json};

use crate::webdriver::Browser;

/// The rules that the page in the browser breaks, each with the elements that break it. `None` if
/// there is no script; in CI that is a failure.
pub(crate) fn broken_rules(browser: &Browser) -> Option<Vec<String>> {
    let Some(path) = std::env::var_os("AXE_CORE") else {
        assert!(std::env::var_os("CI").is_none(), "AXE_CORE must name axe.min.js");
        eprintln!("NOT TESTED, because AXE_CORE does not name axe.min.js");
        return None;
    };
    let axe =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    browser.script(&format!(
        "{axe}; window.axe = axe; window.printed = null;
        axe.run(document, {{resultTypes: ['violations']}}).then(result => window.printed = result,
            error => window.printed = {{error: String(error)}});"
    ));
    browser.wait_until("return window.printed !== null");
    let printed = browser.script("return window.printed");
    assert_eq!(printed["error"], Value::Null);
    assert!(printed["testEngine"]["name"] == json!("axe-core"), "axe has run: {printed}");
    let rule = |rule: &Value| {
        let nodes = rule["nodes"].as_array().into_iter().flatten();
        let elements: Vec<String> = nodes.map(|node| node["html"].to_string()).collect();
        format!("{}: {}: {}", rule["id"], rule["help"], elements.join(", "))
    };
    Some(printed["violations"].as_array().unwrap().iter().map(rule).collect())
}

#[test]
fn the_rules_detect_a_page_that_breaks_them() {
    let Some(browser) = Browser::open(1280) else { return };
    browser.go("data:text/html,<title>x</title><img src=y>");
    let Some(broken) = broken_rules(&browser) else { return };
    assert!(broken.iter().any(|rule| rule.contains("image-alt")), "{broken:?}");
    assert!(broken.iter().any(|rule| rule.contains("html-has-lang")), "{broken:?}");
}
