//! `link`: shows what a join link contains, without key or network, and never the link itself.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::mock::{ROOM, link, link_with_claims};
use crate::support::TestEnv;

fn offline() -> TestEnv {
    let env = TestEnv::at("http://127.0.0.1:1/");
    env.unset("LESSONSPACE_API_KEY").config("this is no TOML");
    env
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn room_person_leader_and_times_are_shown() {
    let env = offline();
    let link = link_with_claims(
        "{\"nbf\":1767225600,\"exp\":4099798800,\"id\":\"Teacher_1\",\"canLead\":true,\
         \"meta\":{\"name\":\"Peter Parker\"}}",
    );
    let output = env.cmd("link").arg(link).run();
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(lines[0], format!("room:         {ROOM}"));
    assert_eq!(lines[1], "person:       Peter Parker (id Teacher_1)");
    assert!(lines[2].starts_with("leader:       yes"), "{output}");
    assert_eq!(lines[3], "valid from:   Thu 1 Jan 2026, 00:00 UTC");
    assert_eq!(lines[4], "valid until:  Tue 1 Dec 2099, 09:00 UTC");
    assert!(
        lines[5].starts_with("time left:    ") && lines[5].contains("more than 10 years"),
        "{output}"
    );
    assert!(lines.len() == 6 && output.stderr.is_empty(), "{output}");
}

#[test]
fn times_are_shown_in_local_time() {
    let env = offline();
    env.set("TZ", "America/New_York");
    let output = env.cmd("link -").stdin(link()).run();
    assert!(output.stdout.contains("Tue 1 Dec 2099, 04:00 EST"), "{output}");
}

#[test]
fn a_link_from_standard_input_may_be_inside_other_text() {
    let env = offline();
    let link = link();
    let expected = env.cmd("link").arg(&link).run().stdout;
    for text in [
        format!("{link}\n"),
        format!("\u{feff}  {link}\r\n\r\n"),
        format!("{link}\n{link}\n"),
        format!("{link} {link}"),
        format!(
            "Join: {link}\r\nHelp: https://help.example/?a=b\r\n-- \r\nhttps://school.example/"
        ),
        format!("https://school.example/\n\n{link}\nhttp://help.example"),
    ] {
        env.cmd("link -").stdin(text).run().succeeded(&expected);
    }
}

#[test]
fn json_shows_the_claims_unchanged() {
    let claims = "{\"x\":1E5,\"exp\":4099798800,\"a\":{\"b\":[null,\"\u{e9}\"]},\"x2\":1.10}";
    let output = offline().cmd("link --json -").stdin(link_with_claims(claims)).run();
    output.succeeded(&format!("{claims}\n"));
}

#[test]
fn an_expired_or_early_link_is_reported_and_exits_8() {
    let env = offline();
    let run = |flags: &str, claims: String| {
        env.cmd(&format!("link {flags} -")).stdin(link_with_claims(&claims)).run()
    };
    let expired = || format!("{{\"nbf\":{},\"exp\":{}}}", now() - 7200, now() - 3600);
    let early = || format!("{{\"nbf\":{},\"exp\":{}}}", now() + 7260, now() + 9000);
    let output = run("", expired());
    assert!(output.stdout.contains("time left:    expired 1 h"), "{output}");
    assert_eq!(output.code, Some(8), "{output}");
    output.error_form().says(&["the link expired on", "lessonspace add-user"]);
    let output = run("", early());
    assert!(output.stdout.contains("time left:    starts in 2 h"), "{output}");
    assert_eq!(output.code, Some(8), "{output}");
    output.error_form().says(&["the link is not valid until"]);
    for claims in [expired(), early()] {
        let output = run("--json", claims.clone());
        assert_eq!(output.stdout, format!("{claims}\n"));
        output.json_error(8, "outcome");
    }
}

#[test]
fn an_argument_that_is_not_a_join_link_exits_2_and_is_not_repeated() {
    let env = offline();
    let good = link();
    for bad in [
        String::new(),
        "hello".to_owned(),
        "https://go.room.sh/".to_owned(),
        "https://go.room.sh/?user=LnkCnry.x.y".to_owned(),
        good.replace("https", "javascript"),
        good.replace("https://", "https://user:pass@"),
        good.replace("&room", "& room"),
        good.split("?user=").nth(1).unwrap().to_owned(),
        good.replace("&room=", "&room=%0A"),
        format!("{good}\nPassword=1234"),
    ] {
        let output = env.cmd("link -").stdin(&bad).run();
        output.failed(2).does_not_say(&["shell", "Cnry"]).says(&[
            "error: not a join link",
            "hint: paste only the link, from https:// to its end",
        ]);
        if !bad.is_empty() {
            let output = env.cmd("link").arg(&bad).run();
            output.failed(2).does_not_say(&["Cnry"]).says(&["without them, the shell"]);
        }
    }
    let other = good.replace("&room=", "&room=2");
    for two in [format!("{good}\n{other}"), format!("{good},{other}"), format!("{good}{good}")] {
        for flags in ["", " --qr"] {
            let output = env.cmd(&format!("link -{flags}")).stdin(&two).run();
            output.failed(2).says(&["found 2 links; use only one"]);
        }
        env.cmd("link").arg(&two).run().failed(2).says(&["found 2 links; use only one"]);
    }
    env.cmd("link -").stdin([0x68, 0xff]).run().failed(2).says(&["is not UTF-8"]);
    env.run("link").failed(2).says(&["LINK"]);
}

#[test]
fn a_link_in_the_wrong_place_is_not_repeated() {
    let env = offline();
    for line in ["", "hello", "link x", "launch", "webhook verify"] {
        let output = env.cmd(line).arg(link()).run();
        output.failed(2).does_not_say(&["go.room.sh", "eyJ"]);
    }
}

#[test]
fn hostile_claims_are_escaped() {
    let claims = "{\"meta\":{\"name\":\"\\u001b[31m\\n::error::x\\u202e\"},\"id\":\"##[error]\"}";
    let mut address = link_with_claims(claims);
    address = address.replace("server=", "server=%0A::error::x%1B");
    let output = offline().cmd("link -").stdin(&address).run();
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.contains("\\u{1b}[31m\\n::error::x\\u{202e}"), "{output}");
    assert!(!output.stdout.contains("##["), "{output}");
    let lines = output.stdout.lines();
    assert!(lines.clone().count() == 6 && lines.clone().all(|line| !line.starts_with(':')));
    let output = offline().cmd("link --json -").stdin(&address).run();
    assert_eq!(output.stdout.lines().count(), 1, "{output}");
}

#[test]
fn values_missing_from_the_link_are_shown_as_missing() {
    let output = offline().cmd("link -").stdin(link_with_claims("{}")).run();
    assert_eq!(output.stdout.matches("not in the link").count(), 5, "{output}");
    assert_eq!(output.code, Some(0), "{output}");
    let guest = link_with_claims("{\"guest\":true,\"canLead\":false}");
    let output = offline().cmd("link -").stdin(guest).run();
    assert!(
        output.stdout.contains("person:       guest link: everyone who uses it is a guest"),
        "{output}"
    );
    assert!(output.stdout.contains("leader:       no\n"), "{output}");
}

#[test]
fn a_link_of_the_sandbox_can_be_read() {
    let env = TestEnv::new();
    let output = env.run("launch --sandbox --id x --user-name Anna --valid-for 2h");
    let read = env.cmd("link -").stdin(&output.stdout).run();
    assert!(read.stdout.contains("person:       Anna (id "), "{read}");
    assert!(read.stdout.contains("leader:       no\n"), "{read}");
    assert!(read.stdout.contains("time left:    2 h\n"), "{read}");
}

#[test]
fn pasted_links_are_restored() {
    let env = offline();
    let expected = env.cmd("link").arg(link()).run().stdout;
    let encoded: String = url::form_urlencoded::byte_serialize(link().as_bytes()).collect();
    let safe = format!(
        "https://eur02.safelinks.protection.outlook.com/?url={encoded}&data=05%7C02&reserved=0"
    );
    for text in [
        format!("\"{}\"", link()),
        format!("<{}>\r\n", link().replace('&', "&amp;")),
        link().replace("&room", "\r\n&room"),
        safe.clone(),
        format!("<{}>", safe.replace('&', "&amp;")),
        format!("Hello,\n\nhere is your link: {}\n\nRegards\nGrace", link()),
        format!("{}\nRegards\nGrace", link()),
        format!("bio\tAnna\texisting\t{}\t2099-12-01T10:00:00Z", link()),
    ] {
        env.cmd("link -").stdin(&text).run().succeeded(&expected);
        env.cmd("link").arg(&text).run().succeeded(&expected);
    }
    let plain = env.cmd("link - --qr=svg").stdin(link()).run().stdout;
    env.cmd("link - --qr=svg").stdin(safe).run().succeeded(&plain);
}

#[test]
fn a_practice_link_is_reported_as_one() {
    let env = TestEnv::new();
    let made = env.run("launch --sandbox --id x --user-name Anna").stdout;
    let output = env.cmd("link -").stdin(&made).run();
    assert!(
        output.stdout.ends_with("practice:     yes; this link does not open a real lesson\n"),
        "{output}"
    );
    env.cmd("link - --json").stdin(&made).run().says(&["{\"warning\":\"this is a practice link"]);
    let here = made.replace("https://sandbox.invalid/", "http://127.0.0.1:8080/");
    let output = env.cmd("link -").stdin(here).run();
    assert!(output.stdout.contains("\npractice:"), "{output}");
}
