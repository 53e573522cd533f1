//! `GET hello/`: whether the key works.

use super::answer::Answer;
use super::client::{CallError, Called, Client, Event, Request};
use super::error::{Error, Stranger};
use crate::json::{Object, Value};
use reqwest::Method;
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
        let Called { value: Greeted { answer, text }, attempts, .. } =
            self.call(&self.hello_request(), time, watch).await?;
        Ok(Greeting { answer, text, attempts })
    }

    /// One attempt, within `limit` and 30 seconds.
    pub async fn hello_once(&self, limit: Duration) -> Result<(), Error> {
        self.attempt(&self.hello_request(), limit).await.map(drop)
    }

    fn hello_request(&self) -> Request<'_, Greeted> {
        let (method, url) = (&Method::GET, &self.hello_url);
        Request { method, url, body: None, read: |_, answer| Greeted::read(answer) }
    }
}

/// An answer with a greeting.
struct Greeted {
    answer: Object,
    text: String,
}

impl Greeted {
    fn read(Answer { status, body }: Answer) -> Result<Self, Error> {
        let stranger = |reason| Error::NotLessonspace { status, reason };
        if status != 200 {
            return Err(stranger(Stranger::Status { status }));
        }
        let answer = body.into_object().unwrap_or_default();
        let text = answer.get("response").and_then(Value::as_text);
        let text = text.ok_or_else(|| stranger(Stranger::NoGreeting))?.into_owned();
        Ok(Self { answer, text })
    }
}
