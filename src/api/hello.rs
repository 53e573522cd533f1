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
        let Called { value: (answer, text), attempts, .. } =
            self.call(&REQUEST, time, watch).await?;
        Ok(Greeting { answer, text, attempts })
    }

    /// One attempt, within `limit` and 30 seconds.
    pub async fn hello_once(&self, limit: Duration) -> Result<(), Error> {
        self.attempt(&REQUEST, limit).await.map(drop)
    }
}

const REQUEST: Request<(Object, String)> = Request {
    method: &Method::GET,
    url: |client| &client.hello_url,
    body: None,
    read: |_, Answer { status, body }| {
        let stranger = |reason| Error::NotLessonspace { status, reason };
        if status != 200 {
            return Err(stranger(Stranger::Status { status }));
        }
        greeting(body).ok_or_else(|| stranger(Stranger::NoGreeting))
    },
};

fn greeting(answer: Value) -> Option<(Object, String)> {
    let answer = answer.into_object()?;
    let text = answer.get("response")?.as_text()?.into_owned();
    Some((answer, text))
}
