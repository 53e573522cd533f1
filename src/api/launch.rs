//! `POST spaces/launch/`: creates or opens a Space and makes one join link.

use super::client::{CallError, Called, Client, Event, Request};
use super::failure::{Failure, UnexpectedAnswer};
use super::proxy::is_loopback;
use super::response::Answer;
use crate::escape::has_blank_or_hostile;
use crate::json::Object;
use crate::redact::KEY_MASK;
use reqwest::Method;
use std::borrow::Cow;
use std::time::Duration;
use url::Url;

/// A successful launch.
#[derive(Debug)]
pub struct Launch {
    /// The API's response: every field as received, in order.
    pub answer: Object,
    /// The person's join link, as received: a live credential.
    pub client_url: String,
    /// The same link, parsed.
    pub url: Url,
    /// Whether this call created the Space; `None` if an earlier, failed attempt may have created
    /// it.
    pub created: Option<bool>,
    pub attempts: u32,
}

impl Client {
    /// Launches with a JSON body, with retries within `time`.
    ///
    /// # Errors
    /// If no attempt returned a usable link. The error shows whether the Space may exist anyway.
    pub async fn launch(
        &self,
        body: &str,
        time: Duration,
        watch: &dyn Fn(Event),
    ) -> Result<Launch, CallError> {
        let Called { value, attempts, may_have_acted_before } =
            self.call(&self.launch_request(body), time, watch).await?;
        Ok(Launch::new(value, may_have_acted_before, attempts))
    }

    /// Makes one attempt, within `limit` and 30 seconds. `may_have_acted` is true if an earlier
    /// attempt may have been carried out. `attempts` includes this one.
    pub async fn launch_once(
        &self,
        body: &str,
        limit: Duration,
        may_have_acted: bool,
        attempts: u32,
    ) -> Result<Launch, Failure> {
        let linked = self.attempt(&self.launch_request(body), limit).await?;
        Ok(Launch::new(linked, may_have_acted, attempts))
    }

    fn launch_request<'a>(&'a self, body: &'a str) -> Request<'a, Linked> {
        let (method, url, body) = (&Method::POST, &self.launch_url, Some(body));
        Request { method, url, body, read: Linked::read }
    }
}

/// A response with a usable link.
struct Linked {
    status: u16,
    answer: Object,
    client_url: String,
    url: Url,
}

impl Linked {
    fn read(client: &Client, Answer { status, body }: Answer) -> Result<Self, Failure> {
        let no_link = |fault| Failure::NotLessonspace {
            status: Some(status),
            reason: UnexpectedAnswer::NoLink(fault),
        };
        let answer = body.into_object().unwrap_or_default();
        let named = answer.members().iter().filter(|member| member.name() == "client_url");
        let mut links = named.map(|member| member.value.as_text());
        let client_url = links.next().flatten().ok_or_else(|| no_link("client_url is missing"))?;
        if links.any(|other| other.as_ref() != Some(&client_url)) {
            return Err(no_link("client_url appears twice with different values"));
        }
        if client_url.contains(KEY_MASK) {
            return Err(no_link("client_url contains the API key"));
        }
        let client_url = client_url.into_owned();
        let url = usable_link(&client_url, client.is_local()).map_err(no_link)?;
        Ok(Self { status, answer, client_url, url })
    }
}

impl Launch {
    fn new(linked: Linked, may_have_acted_before: bool, attempts: u32) -> Self {
        let Linked { status, answer, client_url, url } = linked;
        let created = match status {
            201 => Some(true),
            _ if may_have_acted_before => None,
            _ => Some(false),
        };
        Self { answer, client_url, url, created, attempts }
    }

    /// Lessonspace's own id for the Space, if the response has it as text, as in links.
    pub fn room_id(&self) -> Option<Cow<'_, str>> {
        self.answer.get("room_id")?.as_text().filter(|room_id| !room_id.trim().is_empty())
    }

    /// The same id in any form, such as a number.
    pub fn room_id_as_sent(&self) -> Option<Cow<'_, str>> {
        let number = || {
            let room_id = self.answer.get("room_id")?;
            (room_id.kind_name() == "a number").then(|| room_id.to_json().into())
        };
        self.room_id().or_else(number)
    }

    /// A setting now in effect for the Space, if the response includes it.
    pub fn setting(&self, name: &str) -> Option<bool> {
        self.answer.at(&["room_settings", name])?.as_bool()
    }
}

/// A usable link is an absolute `https` URL without user name, control characters or whitespace;
/// `http` requires link and API to be on this computer. The error describes the problem.
pub fn usable_link(link: &str, local: bool) -> Result<Url, &'static str> {
    if has_blank_or_hostile(link) {
        return Err("client_url contains whitespace or control characters");
    }
    // Programs that read \ as / would open a different URL.
    if link.contains('\\') {
        return Err("client_url contains a backslash");
    }
    let Ok(url) = Url::parse(link) else {
        return Err("client_url is not an absolute URL");
    };
    let written_plainly = ["https://", "http://"].iter().any(|start| {
        link.get(..start.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(start))
            && !link[start.len()..].starts_with('/')
    });
    if !written_plainly || !url.has_host() {
        return Err("client_url is not an https URL");
    }
    // `url` does not contain an empty user name.
    let authority = link.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err("client_url contains a user name");
    }
    if url.scheme() != "https" && !(local && is_loopback(&url)) {
        return Err("client_url is not https");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_absolute_links_are_usable() {
        for link in
            ["https://go.room.sh/?user=a.b.c&room=x", "HTTPS://e.org", "https://e.org:8443/x#@y//"]
        {
            assert!(usable_link(link, false).is_ok(), "{link}");
        }
        for link in [
            "",
            "javascript:alert(1)",
            "http://go.room.sh/",
            "/relative",
            "go.room.sh/?x",
            "//e.org/x",
            "https:e.org",
            "https:/e.org",
            "https:///e.org",
            "https:\\\\e.org",
            "https://",
            "https://u@e.org/",
            "https://u:p@e.org/",
            "https://@go.room.sh/",
            "https://:@go.room.sh/",
            "https://@go.room.sh?x",
            "https://go.room.sh\\@evil.org/",
            "https://go.room.sh/\\evil.org",
            "https://e.org/a b",
            "https://e.org/\n",
            " https://e.org",
            "https://e.org/\u{9b}",
            "https://e.org/\u{202e}",
            "https://e.org/\u{a0}",
            "data:text/html,x",
            "file:///x",
            "http://127.0.0.1/x",
        ] {
            assert!(usable_link(link, false).is_err(), "{link}");
        }
        assert!(usable_link("http://127.0.0.1:8000/x", true).is_ok());
        assert!(usable_link("http://e.org/x", true).is_err());
    }
}
