//! Reads the token of a join link, offline and leniently, and compares it with the request. The
//! signature is not checked: that takes Lessonspace or the Space's secret.

use crate::body::LaunchRequest;
use crate::body::times::utc;
use crate::escape::{has_blank_or_hostile, untrusted};
use crate::json::{self, Object, Value};
use crate::words::boolean;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// Longest link to read, in bytes. Browsers and servers accept less.
pub const MAX_LENGTH: usize = 64 << 10;

/// The contents of a join link.
#[derive(Debug)]
pub struct JoinToken {
    /// All claims of the token, unchanged. Untrusted, like all other fields.
    pub claims: Object,
    /// When the link starts to work.
    pub not_before: Option<Timestamp>,
    /// When the link expires.
    pub expires_at: Option<Timestamp>,
    /// Lessonspace's id of the Space.
    pub room: Option<String>,
}

/// Whether a link works at a given time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Works, according to the token.
    Valid,
    /// Works from this time.
    NotYet(Timestamp),
    /// Worked until this time.
    Expired(Timestamp),
}

/// Reads the token of a link from its `user` parameter, or else from any other part. `None` if the
/// link is not a web address, or has no readable token.
pub fn read(link: &str) -> Option<JoinToken> {
    if has_blank_or_hostile(link) {
        return None;
    }
    let url = Url::parse(link).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    token(&url)
}

/// Like [`read`], for a link that is known to be a web address.
pub fn token(url: &Url) -> Option<JoinToken> {
    if url.as_str().len() > MAX_LENGTH {
        return None;
    }
    let claims = parameter(url, "user").and_then(|token| claims(&token));
    let claims = claims.or_else(|| elsewhere(url))?;
    Some(JoinToken {
        not_before: time(&claims, "nbf"),
        expires_at: time(&claims, "exp"),
        room: room(url),
        claims,
    })
}

/// Lessonspace's id of the Space that a link leads to, if the link contains it.
pub fn room(url: &Url) -> Option<String> {
    parameter(url, "room").filter(|room| !room.is_empty()).map(Cow::into_owned)
}

/// Whether a link is from the practice API: it leads nowhere, or to this computer.
pub fn is_practice(url: &Url) -> bool {
    url.host_str() == Some("sandbox.invalid") || crate::api::is_loopback(url)
}

fn parameter<'a>(url: &'a Url, wanted: &str) -> Option<Cow<'a, str>> {
    url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

/// The place of the token is not documented, so this searches other parameters, the fragment and
/// the path.
fn elsewhere(url: &Url) -> Option<Object> {
    let fragment = url.fragment().unwrap_or_default();
    let in_fragment = url::form_urlencoded::parse(fragment.as_bytes());
    let mut values = url.query_pairs().chain(in_fragment).map(|(_, value)| value);
    let mut parts = url.path().split('/').chain([fragment]);
    values.find_map(|value| claims(&value)).or_else(|| parts.find_map(claims))
}

/// The claims of a JSON Web Token: the second of its three parts.
fn claims(token: &str) -> Option<Object> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    json::parse_answer(std::str::from_utf8(&payload).ok()?).ok()?.into_object()
}

/// A claim in seconds since 1970, with or without a fraction, as a number or as text. Times after
/// the year 9999 are in milliseconds.
fn time(claims: &Object, name: &str) -> Option<Timestamp> {
    let json::Kind::Scalar(raw) = &claims.get(name)?.kind else { return None };
    let number = raw.trim_matches('"').trim();
    let seconds = if number.contains(['e', 'E']) {
        SignedDuration::try_from_secs_f64(number.parse::<f64>().ok()?.trunc()).ok()?.as_secs()
    } else {
        number.split('.').next().unwrap_or_default().parse().ok()?
    };
    let in_milliseconds = || Timestamp::from_millisecond(seconds).ok().filter(|_| seconds > 0);
    Timestamp::from_second(seconds).ok().or_else(in_milliseconds)
}

/// Yes or no as leniently as the API reads it: `true`, `"true"`, `"yes"`, 1. Any other text or number is
/// unclear.
fn truth(claim: &Value) -> Option<bool> {
    let json::Kind::Scalar(raw) = &claim.kind else { return None };
    boolean(&claim.as_text().unwrap_or(Cow::Borrowed(raw)))
}

impl JoinToken {
    /// Whether it is a leader link, if the token shows it.
    pub fn can_lead(&self) -> Option<bool> {
        truth(self.claims.get("canLead")?)
    }

    /// Whether the token says something about leading that is neither yes nor no.
    pub fn may_lead(&self) -> bool {
        self.can_lead().is_none() && self.claims.get("canLead").is_some_and(|it| !it.is_null())
    }

    /// Whether it is a guest link, if the token shows it.
    pub fn is_guest(&self) -> Option<bool> {
        truth(self.claims.get("guest")?)
    }

    /// The name shown in the Space, if the token has one.
    pub fn name(&self) -> Option<String> {
        self.display_name().or_else(|| self.own_name())
    }

    /// All names of the person in the token, starting with the one shown.
    pub fn names(&self) -> Vec<String> {
        self.display_name().into_iter().chain(self.own_name()).collect()
    }

    /// The person's email address, if the token has one.
    pub fn email(&self) -> Option<String> {
        [&["meta", "email"][..], &["email"]].iter().find_map(|path| self.text(path))
    }

    fn display_name(&self) -> Option<String> {
        self.text(&["meta", "displayName"])
    }

    fn own_name(&self) -> Option<String> {
        self.text(&["meta", "name"]).or_else(|| self.text(&["name"]))
    }

    /// The caller's id for the person, if the token has one.
    pub fn id(&self) -> Option<String> {
        self.text(&["id"])
    }

    /// An id that is an integer: the caller's id for the person, or Lessonspace's own number.
    pub fn id_number(&self) -> Option<String> {
        let json::Kind::Scalar(raw) = &self.claims.get("id")?.kind else { return None };
        raw.bytes().all(|byte| byte.is_ascii_digit()).then(|| raw.clone())
    }

    fn text(&self, path: &[&str]) -> Option<String> {
        let text = self.claims.at(path)?.as_text()?;
        (!text.trim().is_empty()).then(|| text.into_owned())
    }

    /// Whether the link works at `now`. A link without an end never expires.
    pub fn validity(&self, now: Timestamp) -> Validity {
        match (self.not_before, self.expires_at) {
            (_, Some(end)) if now >= end => Validity::Expired(end),
            (Some(start), _) if now < start => Validity::NotYet(start),
            _ => Validity::Valid,
        }
    }
}

/// The parts of a launch request that the response can contradict.
#[derive(Debug, Clone, Default)]
pub struct Requested {
    /// The person's name.
    pub name: Option<String>,
    /// The name shown instead.
    pub display_name: Option<String>,
    /// Whether a leader link was requested.
    pub leader: bool,
    /// Whether a guest link was requested.
    pub guest: bool,
    /// The boolean settings of the Space.
    pub settings: Vec<(String, bool)>,
    /// When the link should start and stop working.
    pub not_before: Option<Timestamp>,
    pub not_after: Option<Timestamp>,
}

impl Requested {
    /// Reads the body of a launch. `custom_jwt_parameters` are merged into the token, so they count
    /// as requested.
    pub fn of(request: &LaunchRequest) -> Self {
        let body = request.body();
        let text = |path: &[&str]| {
            let text = body.at(path)?.as_text()?;
            (!text.trim().is_empty()).then(|| text.into_owned())
        };
        let time = |name| body.at(&["timeouts", name])?.as_text()?.parse().ok();
        let custom_lead = body.at(&["user", "custom_jwt_parameters", "canLead"]);
        Self {
            name: text(&["user", "custom_jwt_parameters", "meta", "name"])
                .or_else(|| text(&["user", "name"])),
            display_name: text(&["user", "custom_jwt_parameters", "meta", "displayName"]),
            leader: custom_lead.and_then(Value::as_bool).unwrap_or_else(|| request.is_leader()),
            guest: request.is_guest(),
            settings: request.settings().map(|(name, value)| (name.to_owned(), value)).collect(),
            not_before: time("not_before"),
            not_after: time("not_after"),
        }
    }
}

/// Allowed difference between requested times and those of the link.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

/// Allowed difference between this computer's clock and the API's.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_mins(5);

/// How a response differs from the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// The link is for someone else.
    Name {
        /// The requested name.
        asked: String,
        /// The name in the link.
        got: String,
    },
    /// The link is for a person, but a guest link was requested.
    Person {
        /// The name in the link.
        got: String,
    },
    /// The link is for a guest.
    Guest {
        /// The requested name.
        asked: String,
    },
    /// A leader link that was not requested, or the reverse.
    Leader {
        /// Whether a leader link was requested.
        asked: bool,
    },
    /// The link does not work yet, although no start was requested.
    NotYet {
        /// When it starts to work.
        start: Timestamp,
    },
    /// The link starts to work after the start of the lesson.
    StartsLate,
    /// The link expires before the end of the lesson.
    EndsEarly,
    /// The link leads to a different room from the one in the response.
    Room,
    /// A setting of the Space has the opposite value.
    Setting {
        /// The setting's name in the API.
        name: String,
        /// The requested value.
        asked: bool,
    },
}

/// A warning, safe to show.
impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Name { asked, got } => write!(
                formatter,
                "requested a link for {}, but got one for {}; do not share it",
                untrusted(asked),
                untrusted(got)
            ),
            Self::Person { got } => write!(
                formatter,
                "requested a guest link, but got one for {}; do not share it",
                untrusted(got)
            ),
            Self::Guest { asked } => {
                write!(formatter, "requested a link for {}, but got a guest link", untrusted(asked))
            }
            Self::Leader { asked: true } => {
                formatter.write_str("requested a leader link, but got one that is not for a leader")
            }
            Self::Leader { asked: false } => {
                formatter.write_str("did not request a leader link, but got one; keep it private")
            }
            Self::NotYet { start } => {
                write!(formatter, "the link is not valid yet; it becomes valid {}", utc(*start))
            }
            Self::StartsLate => {
                formatter.write_str("the link becomes valid only after the lesson starts")
            }
            Self::EndsEarly => formatter.write_str("the link expires before the lesson ends"),
            Self::Room => formatter
                .write_str("the link leads to a different room from the one in the response"),
            Self::Setting { name, asked } => {
                write!(formatter, "{name}: requested {asked}, but it is {}", !asked)
            }
        }
    }
}

/// Compares a request with the token of its link and the current settings of its Space. Missing
/// values contradict nothing.
pub fn contradictions(
    asked: &Requested,
    token: Option<&JoinToken>,
    in_force: impl Fn(&str) -> Option<bool>,
) -> Vec<Contradiction> {
    let mut found = Vec::new();
    if let Some(token) = token {
        found.extend(other_name(asked, token).or_else(|| guest(asked, token)));
        if token.can_lead().is_some_and(|leads| leads != asked.leader) {
            found.push(Contradiction::Leader { asked: asked.leader });
        }
        found.extend(not_yet(asked, token));
        let late =
            token.not_before.filter(|start| asked.not_before.is_some_and(|it| *start > it + SLACK));
        let early =
            token.expires_at.filter(|end| asked.not_after.is_some_and(|it| *end + SLACK < it));
        found.extend(late.map(|_| Contradiction::StartsLate));
        found.extend(early.map(|_| Contradiction::EndsEarly));
    }
    for (name, asked) in &asked.settings {
        if in_force(name) == Some(!asked) {
            found.push(Contradiction::Setting { name: name.clone(), asked: *asked });
        }
    }
    found
}

/// Whether a link leads to the room in its response.
pub fn is_of_room(link: &Url, room_id: Option<&str>) -> bool {
    let is_same = |room: String, room_id: &str| match [&room, room_id].map(uuid::Uuid::parse_str) {
        [Ok(room), Ok(room_id)] => room == room_id,
        _ => room == room_id,
    };
    room(link).is_none_or(|room| room_id.is_none_or(|room_id| is_same(room, room_id)))
}

fn other_name(asked: &Requested, token: &JoinToken) -> Option<Contradiction> {
    let shown = asked.display_name.as_ref().or(asked.name.as_ref());
    [(shown, token.display_name()), (asked.name.as_ref(), token.own_name())]
        .into_iter()
        .filter_map(|(asked, got)| Some((asked?, got?)))
        .find(|(asked, got)| !is_same_name(asked, got))
        .map(|(asked, got)| Contradiction::Name { asked: asked.clone(), got })
}

/// A person's link in place of a guest's, or the reverse. Guests are called "Guest".
fn guest(asked: &Requested, token: &JoinToken) -> Option<Contradiction> {
    let name = token.name();
    match (token.is_guest()?, asked.display_name.as_ref().or(asked.name.as_ref())) {
        (false, _) if asked.guest => {
            let is_person = |name: &String| !name.trim().eq_ignore_ascii_case("Guest");
            name.filter(is_person).map(|got| Contradiction::Person { got })
        }
        (true, Some(asked)) if name.is_none() => {
            Some(Contradiction::Guest { asked: asked.clone() })
        }
        _ => None,
    }
}

fn not_yet(asked: &Requested, token: &JoinToken) -> Option<Contradiction> {
    let start = token.not_before.filter(|_| asked.not_before.is_none())?;
    (start > Timestamp::now() + CLOCK_SLACK).then_some(Contradiction::NotYet { start })
}

/// The API trims names, and a letter may have two encodings.
fn is_same_name(asked: &str, got: &str) -> bool {
    asked.trim().nfc().eq(got.trim().nfc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(claims: &str) -> String {
        let payload = URL_SAFE_NO_PAD.encode(claims);
        format!("https://go.room.sh/?room=r&user=e30.{payload}.c2ln&server=s")
    }

    #[test]
    fn the_start_and_end_come_from_the_token() {
        let token =
            read(&link(r#"{"nbf":1795860000,"exp":1796464800,"canLead":true}"#)).expect("a token");
        assert_eq!(token.not_before.map(Timestamp::as_second), Some(1_795_860_000));
        assert_eq!(token.expires_at.map(Timestamp::as_second), Some(1_796_464_800));
        assert_eq!(token.can_lead(), Some(true));
        for exp in ["1796464800.5", "\"1796464800\"", "1796464800000", "1.7964648e9"] {
            let token = read(&link(&format!("{{\"exp\":{exp}}}"))).expect("a token");
            let end = token.expires_at.map(Timestamp::as_second);
            assert_eq!(end, Some(1_796_464_800), "{exp}");
        }
    }

    #[test]
    fn an_unreadable_token_gives_no_claims_and_no_error() {
        for claims in [
            r#"{"exp":"soon"}"#,
            r#"{"exp":1e400}"#,
            r#"{"exp":99999999999999999999}"#,
            r#"{"exp":null}"#,
            "{}",
            r#"{"exp":{}}"#,
            r#"{"exp":-99999999999999}"#,
        ] {
            assert_eq!(read(&link(claims)).expect(claims).expires_at, None, "{claims}");
        }
        for other in [
            "https://go.room.sh/",
            "https://go.room.sh/?user=a.b.c",
            "https://go.room.sh/?user=e30.W10.x",
            "no url",
            "https://e.org/?user=..",
            "https://e.org/?user=e30.\u{e9}.x",
        ] {
            assert!(read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_token_is_found_in_other_places() {
        let link = link(r#"{"exp":1796464800}"#);
        let token = link.split("user=").nth(1).and_then(|rest| rest.split('&').next());
        let token = token.expect("is there");
        for moved in [
            link.replace("user=", "token="),
            link.replace("user=", "user=x&t="),
            format!("https://e.org/{token}"),
            format!("https://e.org/join/{token}/?room=r"),
            format!("https://e.org/#{token}"),
            format!("https://e.org/#a=b&user={token}"),
            format!("http://127.0.0.1:8000/?user={token}"),
        ] {
            assert!(read(&moved).expect(&moved).expires_at.is_some(), "{moved}");
        }
    }

    #[test]
    fn hostile_links_are_not_accepted() {
        let good = link("{}");
        for bad in [
            good.replace("https", "javascript"),
            good.replace("https", "file"),
            good.replace("https://", "https://peter:secret@"),
            good.replace("room=r", "room=\u{202e}r"),
            good.replace("room=r", "room= r"),
            good.replace('?', "\n?"),
            format!("{good}{}", "x".repeat(MAX_LENGTH)),
        ] {
            assert!(read(&bad).is_none(), "{bad}");
        }
        let deep = "[".repeat(30_000);
        assert!(read(&link(&format!("{{\"a\":{deep}"))).is_none());
    }

    #[test]
    fn the_person_has_the_name_that_the_space_shows() {
        let token = |claims: &str| read(&link(claims)).expect(claims);
        let both = token(r#"{"id":"t","meta":{"name":"Peter","displayName":"Spider"}}"#);
        assert_eq!((both.name().as_deref(), both.id().as_deref()), (Some("Spider"), Some("t")));
        let blank = token(r#"{"meta":{"name":"Peter","displayName":" "},"guest":true}"#);
        assert_eq!(blank.name().as_deref(), Some("Peter"));
        assert_eq!((blank.is_guest(), blank.room.as_deref()), (Some(true), Some("r")));
        let odd = token(r#"{"meta":[],"name":5,"id":null,"guest":"odd","canLead":2}"#);
        assert_eq!((odd.name(), odd.id(), odd.is_guest()), (None, None, None));
        assert_eq!((odd.can_lead(), odd.may_lead()), (None, true));
        for (claim, leads) in [("true", true), ("\"True\"", true), ("1", true), ("\"no\"", false)] {
            let lenient = token(&format!("{{\"canLead\":{claim}}}"));
            assert_eq!((lenient.can_lead(), lenient.may_lead()), (Some(leads), false), "{claim}");
        }
    }

    #[test]
    fn a_link_is_valid_from_its_start_until_just_before_its_end() {
        let token = read(&link(r#"{"nbf":100,"exp":200}"#)).expect("a token");
        let at = |second| {
            let now = Timestamp::from_second(second).expect("a time");
            match token.validity(now) {
                Validity::Valid => 'v',
                Validity::NotYet(_) => 'n',
                Validity::Expired(_) => 'e',
            }
        };
        assert_eq!([99, 100, 199, 200].map(at), ['n', 'v', 'v', 'e']);
    }

    #[test]
    fn only_a_different_claim_contradicts_the_request() {
        let asked = |name: &str, display_name: &str, leader| {
            let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let (name, display_name) = (given(name), given(display_name));
            Requested { name, display_name, leader, ..Requested::default() }
        };
        let name = |asked: &str, got: &str| {
            vec![Contradiction::Name { asked: asked.to_owned(), got: got.to_owned() }]
        };
        let (anna, nobody, peter) =
            (asked("Anna", "", false), asked("", "", false), asked("Peter", "Spider", true));
        let guest = Requested { guest: true, ..Requested::default() };
        let person = |got: &str| vec![Contradiction::Person { got: got.to_owned() }];
        let for_guest = |asked: &str| vec![Contradiction::Guest { asked: asked.to_owned() }];
        for (asked, claims, expected) in [
            (&anna, "{}", vec![]),
            (&anna, r#"{"meta":{"name":"Anna"},"canLead":false}"#, vec![]),
            (&anna, r#"{"meta":{"name":" Anna "},"id":4711,"guest":true}"#, vec![]),
            (&anna, r#"{"meta":{"name":"Bob"}}"#, name("Anna", "Bob")),
            (&anna, r#"{"name":"Bob"}"#, name("Anna", "Bob")),
            (&anna, r#"{"meta":{"name":"anna"}}"#, name("Anna", "anna")),
            (&anna, r#"{"meta":{"name":"Anna","displayName":"Bob"}}"#, name("Anna", "Bob")),
            (&anna, r#"{"meta":{"name":"","displayName":5}}"#, vec![]),
            (&anna, r#"{"canLead":true}"#, vec![Contradiction::Leader { asked: false }]),
            (&anna, r#"{"canLead":"odd"}"#, vec![]),
            (&nobody, r#"{"meta":{"name":"Account Name"}}"#, vec![]),
            (&nobody, r#"{"canLead":true}"#, vec![Contradiction::Leader { asked: false }]),
            (&peter, r#"{"meta":{"name":"Peter"},"canLead":true}"#, vec![]),
            (&peter, r#"{"meta":{"name":"Peter","displayName":"Spider"}}"#, vec![]),
            (&peter, r#"{"meta":{"displayName":"Peter"}}"#, name("Spider", "Peter")),
            (&peter, r#"{"meta":{"name":"Bob","displayName":"Spider"}}"#, name("Peter", "Bob")),
            (&peter, r#"{"canLead":false}"#, vec![Contradiction::Leader { asked: true }]),
            (&guest, r#"{"guest":false,"meta":{"name":"Bob"}}"#, person("Bob")),
            (&guest, r#"{"guest":false,"meta":{"name":"Guest"}}"#, vec![]),
            (&guest, r#"{"guest":true,"meta":{"name":"Bob"}}"#, vec![]),
            (&guest, r#"{"meta":{"name":"Bob"}}"#, vec![]),
            (&guest, r#"{"guest":false}"#, vec![]),
            (&anna, r#"{"guest":true}"#, for_guest("Anna")),
            (&anna, r#"{"guest":true,"meta":{"name":"Bob"}}"#, name("Anna", "Bob")),
            (&peter, r#"{"guest":"yes","canLead":true}"#, for_guest("Spider")),
            (&nobody, r#"{"guest":true}"#, vec![]),
            (&asked("Zoe\u{308}", "", false), r#"{"meta":{"name":"Zo\u00eb"}}"#, vec![]),
        ] {
            let token = read(&link(claims)).expect(claims);
            assert_eq!(contradictions(asked, Some(&token), |_| None), expected, "{claims}");
        }
        assert_eq!(contradictions(&anna, None, |_| None), []);
    }

    #[test]
    fn a_link_that_expires_before_the_lesson_ends_contradicts_it() {
        let at = |second| Timestamp::from_second(second).ok();
        let lesson =
            Requested { not_before: at(10_000), not_after: at(20_000), ..Requested::default() };
        for (claims, expected) in [
            (r#"{"nbf":10060,"exp":19940}"#, vec![]),
            (r#"{"nbf":10061,"exp":20000}"#, vec![Contradiction::StartsLate]),
            (r#"{"nbf":9000,"exp":19939}"#, vec![Contradiction::EndsEarly]),
            (r#"{"exp":30000}"#, vec![]),
            ("{}", vec![]),
        ] {
            let token = read(&link(claims)).expect(claims);
            assert_eq!(contradictions(&lesson, Some(&token), |_| None), expected, "{claims}");
            assert_eq!(
                contradictions(&Requested::default(), Some(&token), |_| None),
                [],
                "{claims}"
            );
        }
        let url = Url::parse(&link("{}")).expect("an address");
        assert!(
            is_of_room(&url, Some("r")) && is_of_room(&url, None) && !is_of_room(&url, Some("s"))
        );
    }

    #[test]
    fn a_setting_can_contradict_only_one_that_was_sent() {
        let settings = vec![("record_av".to_owned(), true), ("transcribe".to_owned(), false)];
        let asked = Requested { settings, ..Requested::default() };
        for (in_force, expected) in [
            (&[][..], vec![]),
            (&[("record_av", true), ("transcribe", false), ("summarise", true)], vec![]),
            (&[("record_av", false), ("transcribe", true)], vec!["record_av", "transcribe"]),
        ] {
            let setting = |name: &str| in_force.iter().find(|one| one.0 == name).map(|one| one.1);
            let found = contradictions(&asked, None, setting);
            let names: Vec<&str> = found
                .iter()
                .map(|one| match one {
                    Contradiction::Setting { name, .. } => name.as_str(),
                    other => panic!("{other}"),
                })
                .collect();
            assert_eq!(names, expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), claims in any::<String>()) {
            let _ = read(&text);
            let _ = read(&link(&claims));
        }
    }
}
