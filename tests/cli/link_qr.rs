//! `link --qr`: codes that a scanner can read, in the terminal and as an image.

use crate::mock::link;
use crate::support::TestEnv;

/// The width of a module in pixels, for a scanner.
const SCALE: usize = 4;

/// The half blocks of a code, as rows of modules; true is light.
fn modules(shown: &str) -> Vec<Vec<bool>> {
    let half =
        |line: &str, light: [char; 2]| line.chars().map(|block| light.contains(&block)).collect();
    shown.lines().flat_map(|line| [half(line, ['█', '▀']), half(line, ['█', '▄'])]).collect()
}

#[test]
fn a_code_is_light_blocks_with_a_border_and_keeps_the_exit_code_of_the_link() {
    let env = TestEnv::new();
    let output = env.cmd("link - --qr").stdin(link()).run();
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output}");
    let rows = modules(&output.stdout);
    assert!(rows.iter().all(|row| row.len() == rows[0].len() && row[..4] == [true; 4]), "{output}");
    assert!(rows[..4].iter().flatten().all(|module| *module), "the border above is light");
    let expired = crate::mock::link_with_claims("{\"nbf\":1,\"exp\":2}");
    let output = env.cmd("link - --qr").stdin(expired).run();
    assert_eq!(output.code, Some(8));
    assert!(
        output.stdout.contains('█') && output.stderr.contains("the link expired on"),
        "{output}"
    );
    env.cmd("link - --qr").stdin("not a link").run().failed(2);
    let long = crate::mock::link_with_claims(&format!("{{\"note\":\"{}\"}}", "é".repeat(1500)));
    let long = env.cmd("link - --qr").stdin(long).run();
    long.failed(2).says(&["--qr: this link is too long for a QR code (more than 2953 bytes)"]);
    env.cmd("link - --qr --json").stdin(link()).run().json_error(2, "usage");
    env.cmd("link - --qr=png").stdin(link()).run().failed(2).says(&["png", "terminal, svg"]);
}

#[test]
#[cfg(unix)]
fn on_a_terminal_the_code_is_white_on_black_in_any_colour_scheme() {
    let env = TestEnv::new();
    env.write("link.txt", link());
    let run = env.cmd("link - --qr");
    let session = crate::terminal::Terminal::start_redirected(&run, "< link.txt").end();
    assert!(session.screen.contains("\u{1b}[97;40m█"), "{}", session.screen);
    assert!(session.screen.contains("█\u{1b}[0m"), "{}", session.screen);
}

#[test]
fn a_scanner_reads_the_link_from_both_formats() {
    use crate::handout_page::{file_url, is_there, scanned};
    use crate::webdriver::Browser;
    let env = TestEnv::new();
    let shown = env.cmd("link - --qr").stdin(link()).run().stdout;
    let svg = env.cmd("link - --qr=svg").stdin(link()).run().stdout;
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" ") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    if !is_there("zbarimg", "zbar-tools") {
        return;
    }
    let rows = modules(&shown);
    let mut picture = format!("P2\n{} {}\n1\n", rows[0].len() * SCALE, rows.len() * SCALE);
    for row in &rows {
        let line: String =
            row.iter().map(|light| if *light { "1 " } else { "0 " }.repeat(SCALE)).collect();
        picture.push_str(&format!("{line}\n").repeat(SCALE));
    }
    env.write("terminal.pgm", picture);
    assert_eq!(scanned(&env, "terminal.pgm").into_iter().collect::<Vec<_>>(), [link()]);
    let Some(browser) = Browser::open(1280) else { return };
    browser.go(&file_url(&env.write("code.svg", svg)));
    env.write("code.png", browser.screenshot());
    assert_eq!(scanned(&env, "code.png").into_iter().collect::<Vec<_>>(), [link()]);
}

/// `ImageMagick` draws strokes with round ends, even over the border; librsvg draws them like a
/// browser. An image of filled areas looks the same in both.
#[test]
fn every_renderer_draws_the_same_code() {
    use crate::handout_page::{is_there, scanned};
    use std::process::Command;
    let env = TestEnv::new();
    let svg = env.cmd("link - --qr=svg").stdin(link()).run().stdout;
    assert!(!svg.contains("stroke=\"#") && svg.matches("stroke=\"none\"").count() == 2, "{svg}");
    let image = env.write("code.svg", &svg);
    if !is_there("zbarimg", "zbar-tools") {
        return;
    }
    let magick = ["magick", "convert-im6.q16"].into_iter().find(|name| {
        Command::new(name).arg("-version").output().is_ok_and(|output| output.status.success())
    });
    if is_there("rsvg-convert", "librsvg2-bin") {
        let png = env.path("work/librsvg.png");
        assert!(
            Command::new("rsvg-convert").arg(&image).arg("-o").arg(png).status().unwrap().success()
        );
        assert_eq!(scanned(&env, "librsvg.png").into_iter().collect::<Vec<_>>(), [link()]);
    }
    if let Some(magick) = magick {
        let png = env.path("work/magick.png");
        assert!(Command::new(magick).arg(&image).arg(png).status().unwrap().success());
        assert_eq!(scanned(&env, "magick.png").into_iter().collect::<Vec<_>>(), [link()]);
    } else {
        eprintln!(
            "NOT TESTED, because there is no ImageMagick; install it: apt-get install imagemagick"
        );
    }
}
