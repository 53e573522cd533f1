//! Finds the one join link in pasted text: an email with greeting and signature, a spreadsheet row,
//! a piece of HTML or Markdown.
//!
//! A link that is too long or too short is still a valid address, but opens nothing. So a link
//! without a certain end is not accepted.

use crate::join_link;
use std::ops::ControlFlow;
use url::Url;

/// Why a text does not contain exactly one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOne {
    /// No link, or none with a certain end.
    NoLink,
    /// This many links.
    Several(usize),
}

/// Characters that enclose a link. The second ends it.
const PAIRS: [(char, char); 11] = [
    ('<', '>'),
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
    ('«', '»'),
    ('»', '«'),
    ('(', ')'),
    ('[', ']'),
];

/// Maximum number of nested Safe Links. Forwarding an email can add one.
const MAX_LAYERS: usize = 5;

/// More lines than any broken link has.
const MAX_LINES: usize = 1000;

/// Finds the link in a text, and undoes what mail programs, chats and mail filters did to it.
///
/// # Errors
///
/// There is no link, or more than one.
pub fn find(text: &str) -> Result<String, NotOne> {
    let link = in_text(&plain(text), MAX_LAYERS)?;
    if has_odd_room(&link) { Err(NotOne::NoLink) } else { Ok(link) }
}

/// The link inside a Safe Link, or the link itself. `None` if there is no single link inside.
fn unwrapped(link: String, layers: usize) -> Option<String> {
    match inside_safe_link(&link) {
        Some(inner) => in_text(&plain(&inner), layers.checked_sub(1)?).ok(),
        None => Some(link),
    }
}

/// Whether the room cannot be one that Lessonspace assigns, usually because other text is attached to it.
fn has_odd_room(link: &str) -> bool {
    let Ok(url) = Url::parse(link) else { return true };
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_odd = |room: &str| room.is_empty() || !room.bytes().all(is_of_id);
    url.query_pairs().any(|(name, room)| name == "room" && is_odd(&room))
}

/// The original text, without quotation marks, encodings or invisible characters.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|character| !is_invisible(*character)).collect();
    let mut text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
    if text.contains("=3D") && text.contains('\n') {
        text = without_quoted_printable(&text);
    }
    let text = without_entities(&text);
    let line =
        |line: &'_ str| line.trim_start_matches(['>', ' ', '\t', '\u{a0}']).trim_end().to_owned();
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Zero-width characters, soft hyphens and direction marks.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// In a raw email, `=` ends a broken line and `=3D` means `=` (RFC 2045, 6.7).
fn without_quoted_printable(text: &str) -> String {
    let escaped = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        u8::from_str_radix(digits, 16).ok()
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = after.get(..2).and_then(escaped).filter(|_| *first == b'=');
        let is_broken = *first == b'=' && after.starts_with(b"\n");
        rest = &after[if byte.is_some() { 2 } else { usize::from(is_broken) }..];
        if !is_broken {
            bytes.push(byte.unwrap_or(*first));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A link escaped for HTML more than once has `&amp;amp;` for `&`.
pub fn without_entities(text: &str) -> String {
    const AMPERSANDS: [&str; 3] = ["amp;", "#38;", "#x26;"];
    const OTHERS: [(&str, &str); 5] =
        [("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("#39;", "'"), ("nbsp;", " ")];
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        result.push_str(before);
        rest = after;
        while let Some(after) = AMPERSANDS.iter().find_map(|entity| rest.strip_prefix(entity)) {
            rest = after;
        }
        let other = OTHERS
            .iter()
            .find_map(|(entity, meant)| rest.strip_prefix(entity).map(|after| (*meant, after)));
        let (meant, after) = other.unwrap_or(("&", rest));
        result.push_str(meant);
        rest = after;
    }
    result + rest
}

/// The only join link in a text, or its only other link. Other web addresses beside a join link, as in
/// an email's signature, do not count.
fn in_text(text: &str, layers: usize) -> Result<String, NotOne> {
    let starts = starts(text);
    let nexts = starts.iter().skip(1).copied().chain([text.len()]);
    let found: Vec<Found> =
        starts.iter().zip(nexts).map(|(start, next)| Found::at(text, *start, next)).collect();
    let (mut links, mut count) = (Vec::new(), 0);
    let has_join_link = found.iter().any(|found| found.may_be_join_link);
    for found in found.into_iter().filter(|found| found.may_be_join_link || !has_join_link) {
        count += 1;
        // HTML may contain a link twice, as the target and as the text, and Outlook a link and its Safe Link.
        let link = found.link.and_then(|link| unwrapped(link, layers));
        if links.len() < 2 && !links.contains(&link) {
            links.push(link);
        }
    }
    match links.as_slice() {
        [Some(link)] => Ok(link.clone()),
        [] => Err(NotOne::NoLink),
        [None] if count == 1 => Err(NotOne::NoLink),
        _ => Err(NotOne::Several(count)),
    }
}

/// An address in a text.
struct Found {
    /// The address, if its end is certain.
    link: Option<String>,
    /// Whether it is a join link, even if damaged or with an uncertain end.
    may_be_join_link: bool,
}

impl Found {
    /// The address at `start`; the one after it is at `next`.
    fn at(text: &str, start: usize, next: usize) -> Self {
        let link = link_at(if is_apart(text, next) { &text[..next] } else { text }, start);
        let until_next = || text[start..next].replace('\n', "");
        let mentioned = link.clone().unwrap_or_else(until_next).to_ascii_lowercase();
        // `user%3D` is inside the link of a mail filter.
        let may_be_join_link = mentioned.split("user=").skip(1).any(may_be_token)
            || mentioned.contains("user%")
            || link.as_deref().is_some_and(has_token);
        Self { link, may_be_join_link }
    }
}

/// Whether the value of a parameter, in lower case, is a token or its start. Tokens start with `{` in
/// base64url, and have dots.
fn may_be_token(value: &str) -> bool {
    let value = value.split('&').next().unwrap_or_default();
    ["ey", "e3", "ew"].iter().any(|start| value.starts_with(start)) || value.contains('.')
}

/// Whether the text before a link cannot be part of the same link, broken before a parameter's value.
fn is_apart(text: &str, start: usize) -> bool {
    let before = &text[..start];
    !before.ends_with(is_of_link) && !before.trim_end().ends_with('=')
}

/// Where links start. A link inside another, as the value of a parameter, does not count.
fn starts(text: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<usize> = Vec::new();
    let mut last = None;
    for (at, _) in lower.match_indices("http") {
        let rest = &lower[at..];
        if !rest.starts_with("http://") && !rest.starts_with("https://") {
            continue;
        }
        let is_inside = last.is_some_and(|last: usize| {
            let before = &lower[last..at];
            before.ends_with('=') && before.chars().all(is_of_link)
        });
        last = Some(at);
        if !is_inside {
            starts.push(at);
        }
    }
    starts
}

/// The link at `start`, if its end is certain.
fn link_at(text: &str, start: usize) -> Option<String> {
    let before = &text[..start];
    // RFC 3986, appendix C: <URL:https://...>
    let before = before.strip_suffix("URL:").unwrap_or(before);
    let link = enclosed(before, &text[start..]).or_else(|| open_ended(before, &text[start..]))?;
    let link = trimmed(&link);
    (!link.ends_with(['&', '%'])).then(|| link.to_owned())
}

/// The link up to the character that closes the bracket or quote before it.
fn enclosed(before: &str, text: &str) -> Option<String> {
    let open = before.chars().next_back()?;
    let (_, close) = PAIRS.iter().find(|(known, _)| *known == open)?;
    let (inner, _) = text.split_once(*close)?;
    let is_whole = |line: &str| !line.is_empty() && line.chars().all(is_of_link);
    let is_nested = inner.contains(open);
    (!is_nested && inner.split('\n').all(is_whole)).then(|| inner.replace('\n', ""))
}

/// The link up to the first character that no link contains. Includes the lines below that a mail
/// program may have broken off.
fn open_ended(before: &str, text: &str) -> Option<String> {
    let mut link = String::new();
    let mut widths: Vec<usize> = Vec::new();
    let indent = before.rsplit('\n').next().unwrap_or_default().chars().count();
    for (index, line) in text.split('\n').take(MAX_LINES).enumerate() {
        let end = line.find(|character| !is_of_link(character));
        let (part, after) = line.split_at(end.unwrap_or(line.len()));
        if index > 0 {
            match next(&link, part, after, &widths) {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(End::Certain) => break,
                ControlFlow::Break(End::Unclear) => return None,
            }
        }
        link.push_str(part);
        if is_cut(after) || link.len() > join_link::MAX_LENGTH {
            return None;
        }
        if !after.is_empty() {
            break;
        }
        widths.push(line.chars().count() + if index == 0 { indent } else { 0 });
    }
    Some(link)
}

/// Whether the end of a link is certain.
enum End {
    Certain,
    Unclear,
}

/// Whether a line continues the link above it. `part` is the text that could belong to the link,
/// `after` the rest of the line.
fn next(link: &str, part: &str, after: &str, widths: &[usize]) -> ControlFlow<End> {
    /// Maximum width at which programs break lines.
    const WIDEST: usize = 100;
    if part.is_empty() {
        return ControlFlow::Break(End::Certain);
    }
    if part.starts_with(['&', '%']) || link.ends_with(['=', '&', '%']) || !has_token(link) {
        return ControlFlow::Continue(());
    }
    let is_query = part.contains('=') || has_escape(part);
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_line = !part.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let is_text = !after.is_empty() || is_line || !part.bytes().all(is_of_word);
    let is_name = part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let ends = ControlFlow::Break(if is_query { End::Unclear } else { End::Certain });
    let unclear = ControlFlow::Break(End::Unclear);
    match widths {
        [width] if *width > WIDEST => ends,
        [width] if part.len() == *width => ControlFlow::Continue(()),
        [_] if is_query => ControlFlow::Continue(()),
        [_] if is_text || is_name => ends,
        [first, middle @ .., last] if middle.iter().all(|width| width == first) => {
            // A shorter line is the last.
            match last.cmp(first) {
                std::cmp::Ordering::Equal => ControlFlow::Continue(()),
                std::cmp::Ordering::Less => ends,
                std::cmp::Ordering::Greater if is_query => ControlFlow::Continue(()),
                std::cmp::Ordering::Greater => unclear,
            }
        }
        _ if is_query => ControlFlow::Continue(()),
        _ if is_text => ends,
        _ => unclear,
    }
}

/// Whether the text after a link on its line is part of it: after a space or comma, or because a
/// program cut it off.
fn is_cut(after: &str) -> bool {
    let is_rest = |word: &str| word.starts_with('&') || word.contains('=') || has_escape(word);
    let rest = after.strip_prefix([' ', '\u{a0}', ',', ';']);
    let word = rest.and_then(|rest| rest.split_whitespace().next());
    after.starts_with('…') || after.starts_with(char::is_alphanumeric) || word.is_some_and(is_rest)
}

/// Removes punctuation, and the marks of bold text, at the end.
fn trimmed(mut link: &str) -> &str {
    let opened = link.matches('(').count();
    let mut closing = link.matches(')').count();
    loop {
        link = match link.chars().next_back() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '*') => &link[..link.len() - 1],
            Some(')') if closing > opened => {
                closing -= 1;
                &link[..link.len() - 1]
            }
            _ => return link,
        };
    }
}

fn has_escape(text: &str) -> bool {
    text.split('%').skip(1).any(|rest| {
        let mut digits = rest.bytes();
        (0..2).all(|_| digits.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
    })
}

/// Characters of a join link. Commas and semicolons are escaped in it, and end it in a list.
fn is_of_link(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~%:/?#@!$&*+=()".contains(character)
}

/// Whether a link has a token, even inside the links of mail filters.
fn has_token(link: &str) -> bool {
    let mut link = link.to_owned();
    for _ in 0..MAX_LAYERS {
        match inside_safe_link(&link) {
            Some(inner) => link = inner,
            None => break,
        }
    }
    join_link::read(&link).is_some()
}

/// The address in the `url` parameter of one of Outlook's Safe Links.
/// Source: Microsoft Learn, "Safe Links in Microsoft Defender for Office 365".
fn inside_safe_link(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let host = url.host_str()?;
    let is_safe_link = url.scheme() == "https"
        && (host.ends_with(".safelinks.protection.outlook.com")
            || host.ends_with(".safelinks.protection.outlook.us"));
    let inner = url.query_pairs().find(|(name, _)| name == "url");
    inner.filter(|_| is_safe_link).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINK: &str = "https://go.room.sh/?user=e30.e30.c2ln&room=r1&server=https%3A%2F%2Fa.b";

    /// A link of realistic length.
    fn long() -> String {
        let signature = "aB3_-".repeat(60);
        format!(
            "https://go.room.sh/?user=e30.e30.{signature}&room=1b671a64-40d5-491e-99b0-da01ff1f3341"
        )
    }

    fn encoded(link: &str) -> String {
        url::form_urlencoded::byte_serialize(link.as_bytes()).collect()
    }

    fn safe(link: &str) -> String {
        format!(
            "https://eur02.safelinks.protection.outlook.com/?url={}&data=05%7C01&reserved=0",
            encoded(link)
        )
    }

    #[test]
    fn a_pasted_link_is_restored() {
        let entities = LINK.replace('&', "&amp;");
        let broken = LINK.replace("&room", "\r\n&room").replace("server=", "server=\n   ");
        let quoted = format!("> {}", LINK.replace("&room", "\n> &room"));
        let printable = LINK.replace('=', "=3D").replace("&room", "&=\r\nroom");
        let safe_link = safe(LINK);
        for text in [
            LINK.to_owned(),
            format!(" \"{LINK}\" "),
            format!("'{LINK}'\n"),
            format!("<{LINK}>"),
            format!("<URL:{LINK}>"),
            format!("“{LINK}”"),
            format!("„{LINK}“"),
            format!("\u{feff}\"<{LINK}>\"\r\n"),
            format!("<{entities}>"),
            entities.replace("&amp;", "&amp;amp;amp;"),
            format!("&lt;{entities}&gt;"),
            quoted,
            format!(">> Anna wrote:\n>> {LINK}\n>> Thanks"),
            broken.clone(),
            format!("<{broken}>"),
            printable.clone(),
            format!("<a href=3D\"{printable}\">=20\r\nJoin"),
            safe_link.clone(),
            format!("<{}>", safe_link.replace('&', "&amp;")),
            safe_link.replace("%26room", "\n%26room"),
            safe(&safe_link).replace("eur02", "nam1"),
            format!("\u{200b}{}\u{202c}", LINK.replace("room", "ro\u{200b}om\u{2060}")),
        ] {
            assert_eq!(find(&text).as_deref(), Ok(LINK), "{text}");
        }
    }

    #[test]
    fn a_link_is_extracted_from_surrounding_text() {
        for text in [
            format!("Hello, here is your link: {LINK}"),
            format!("see {LINK}."),
            format!("Open {LINK}, please!"),
            format!("Can you open {LINK}?\nThanks"),
            format!("(or {LINK})."),
            format!("**{LINK}**"),
            format!("Join<{LINK}>"),
            format!("Join <{LINK}> at 10=11"),
            format!("<a href=\"{LINK}\">Join</a>"),
            format!("<a href='{LINK}' target=_blank>Join</a>"),
            format!("<a target=_blank href={LINK}>Join</a>"),
            format!("[Join]({LINK})"),
            format!("[Join]({LINK} \"Biology\")"),
            format!("bio\tAnna\texisting\t{LINK}\t2026-12-01T10:00:00Z\tr1\t"),
            format!("bio,Anna,existing,{LINK},2026-12-01T10:00:00Z,r1,"),
            format!("=HYPERLINK(\"{LINK}\",\"Join\")"),
            format!("{LINK}\n\nRegards\nAnna"),
            format!("{LINK}\nRegards\nAnna"),
            format!("{LINK}\nSee you there!"),
            format!("{LINK}\n+49 30 123456"),
            format!("{LINK}\n-- \nAnna"),
            format!("{LINK}\n* Anna"),
            format!("Hi\n\n{LINK}\n\nroom=5"),
            format!("Link：{LINK}。"),
        ] {
            assert_eq!(find(&text).as_deref(), Ok(LINK), "{text}");
        }
    }

    #[test]
    fn lines_are_joined_only_where_a_mail_program_broke_them() {
        let long = long();
        for width in [40, 72, 76, 78] {
            let chunks: Vec<&str> = (0..long.len())
                .step_by(width)
                .map(|start| &long[start..long.len().min(start + width)])
                .collect();
            let broken = chunks.join("\r\n");
            assert!(chunks.len() > 4 && chunks.last().is_some_and(|last| last.len() < width));
            for after in ["", "\n", "\n\nThanks", "\nThanks", "\nThanks Anna", "\n\nroom=5"] {
                assert_eq!(
                    find(&format!("{broken}{after}")).as_ref(),
                    Ok(&long),
                    "{width} {after}"
                );
            }
            let quoted = format!("> {}", chunks.join("\n> "));
            assert_eq!(find(&quoted).as_ref(), Ok(&long));
        }
        for after in
            ["\nThanks", "\nAnna Lind", "\n12", "\nschool.example.org", "\nanna@example.org"]
        {
            assert_eq!(find(&format!("{long}{after}")).as_ref(), Ok(&long), "{after}");
        }
    }

    #[test]
    fn a_link_with_an_uncertain_end_is_not_accepted() {
        let long = long();
        for text in [
            String::new(),
            "hello".to_owned(),
            LINK.replace("&room", "& room"),
            LINK.replace("&room", " &room"),
            format!("{LINK}\n1234-56"),
            format!("{long}\nPassword=1234"),
            format!("{LINK}…"),
            format!("{LINK}&"),
            format!("{LINK}\u{e9}"),
            LINK.replace("&room=r1", "&room=r1,r2"),
            LINK.replace("room=r1", "room=r1.Thanks"),
            LINK.replace("room=r1", "room="),
            LINK.replace("room=r1", "room=%1b"),
        ] {
            assert!(find(&text).is_err_and(|error| error == NotOne::NoLink), "{text}");
        }
        let elsewhere =
            "https://safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fgo.room.sh";
        assert_eq!(find(elsewhere).as_deref(), Ok(elsewhere));
    }

    #[test]
    fn several_links_are_counted() {
        let other = LINK.replace("room=r1", "room=r2");
        let (safe, safe_other) = (safe(LINK), safe(&other));
        for (text, number) in [
            (format!("{LINK}\n{other}"), 2),
            (format!("{LINK}, {other}"), 2),
            (format!("{LINK},{other}"), 2),
            (format!("{LINK}{LINK}"), 2),
            (format!("{safe}\n{safe_other}"), 2),
            (format!("{safe}{safe} {safe_other}"), 3),
            (format!("{LINK}\n{LINK}\n{other}"), 3),
            (format!("{LINK}\n{}", other.replace("e30.e30", "e30")), 2),
            (format!("{LINK}\n{}\n\n1234-56", other.replace("&room", " &room")), 2),
            ("https://one.example and https://two.example".to_owned(), 2),
        ] {
            assert_eq!(find(&text), Err(NotOne::Several(number)), "{text}");
        }
        for twice in [
            format!("<a href=\"{LINK}\">{LINK}</a>"),
            format!("{LINK}\n\n{LINK}"),
            format!("{LINK}\n{LINK}"),
            format!("{LINK} {LINK}"),
            format!("{safe}\n{safe}"),
        ] {
            assert_eq!(find(&twice).as_deref(), Ok(LINK), "{twice}");
        }
        let invited = format!("{LINK}&inviteUrl=https://go.room.sh/invite/1");
        for text in [&invited, &invited.replace("Url=", "Url=\n")] {
            assert_eq!(find(text).as_ref(), Ok(&invited), "a link in a link is a part of it");
        }
    }

    #[test]
    fn other_addresses_beside_a_join_link_do_not_count() {
        let long = long();
        let broken = long.replace("&room", "\n&room");
        for (text, link) in [
            (format!("{LINK} and HTTP://example.org"), LINK),
            (format!("{LINK}\n\n\nhttps://school.example.org"), LINK),
            (format!("{LINK}\nhttps://school.example.org/"), LINK),
            (format!("https://school.example.org/\n{LINK}"), LINK),
            (format!("https://school.example.org/?q=1\nJoin: {LINK}\nhttp://b.example"), LINK),
            (
                format!("<a href=\"https://school.example.org\">School</a> <a href=\"{LINK}\">"),
                LINK,
            ),
            (format!("https://school.example.org… {LINK}"), LINK),
            (format!("{broken}\nhttps://school.example.org"), &long),
            (format!("https://school.example.org\n{broken}\nThanks"), &long),
            (format!("{broken}\n{long}"), &long),
            (format!("https://school.example.org\n{}", safe(LINK)), LINK),
            (format!("{LINK}<{}>", safe(LINK)), LINK),
            (format!("{}\n\n{LINK}", safe(LINK)), LINK),
            (format!("{LINK}\n\nhttps://moodle.example/message/index.php?user=5"), LINK),
            (format!("https://x.example/profile?user=anna\n{LINK}"), LINK),
        ] {
            assert_eq!(find(&text).as_deref(), Ok(link), "{text}");
        }
        let uncertain = format!("https://school.example.org\n{LINK}…");
        assert_eq!(find(&uncertain), Err(NotOne::NoLink));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), more in "[*&;=%h\n>_!$A-C-]{0,40}") {
            let _ = find(&text);
            let _ = find(&format!("{LINK}{more}{text}"));
        }
    }
}
