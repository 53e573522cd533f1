//! `GET hello/`: whether the key works.

use super::client::{CallError, Client, Event, Request};
use super::error::{Error, Stranger};
use crate::json::{Object, Value};
use reqwest::Method;
use std::borrow::Cow;
use std::time::Duration;

/// The API accepted the key.
#[derive(Debug)]
pub struct Greeting {
    /// The API's answer.
    pub answer: Object,
    /// The friendly sentence in it; untrusted text.
    pub text: String,
    /// How many attempts were made.
    pub attempts: u32,
}

impl Client {
    /// Asks for the greeting, trying again within `time`.
    pub async fn hello(
        &self,
        time: Duration,
        watch: &dyn Fn(Event),
    ) -> Result<Greeting, CallError> {
        let called = self.call(REQUEST, time, watch).await?;
        Ok(Greeting {
            text: greeting(&called.answer.body).unwrap_or_default().into_owned(),
            answer: called.answer.body.into_object().unwrap_or_default(),
            attempts: called.attempts,
        })
    }

    /// One attempt, within `limit` and 30 seconds.
    pub async fn hello_once(&self, limit: Duration) -> Result<(), Error> {
        self.attempt(REQUEST, limit).await.map(drop)
    }
}

const REQUEST: Request = Request {
    method: &Method::GET,
    path: "hello/",
    body: None,
    check: |_, answer| {
        let stranger = |reason| Error::NotLessonspace { status: answer.status, reason };
        match greeting(&answer.body) {
            _ if answer.status != 200 => Err(stranger(Stranger::Status { status: answer.status })),
            None => Err(stranger(Stranger::NoGreeting)),
            Some(_) => Ok(()),
        }
    },
};

fn greeting(answer: &Value) -> Option<Cow<'_, str>> {
    answer.as_object()?.get("response")?.as_text()
}
