//! One object of a JSON roster: the body that is sent, and the line with its new `result`.
//!
//! Both are cut from the line as it was written. What the members of the body mean, and
//! whether they are right, is for others to say.

use std::{borrow::Cow, fmt, ops::Range};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{RowError, error::RowProblem};

/// The member that holds what came of a row, and is never sent.
const RESULT: &str = "result";

/// A line that holds one JSON object.
#[derive(Debug)]
pub(crate) struct JsonLine<'a> {
    text: &'a str,
    /// Where each member is, from the start of its name to the end of its value.
    members: Vec<Range<usize>>,
    /// Which member is the result, and where its value starts.
    result: Option<(usize, usize)>,
}

impl<'a> JsonLine<'a> {
    /// Checks that the text, without its line end, is one JSON object.
    ///
    /// # Errors
    ///
    /// Anything else, and an object with two results. `line` goes into the error.
    pub(in crate::old_roster) fn parse(text: &'a str, line: u32) -> Result<Self, RowError> {
        let Members(found) = serde_json::from_str(text).map_err(|error| {
            let words = error.to_string();
            let reason = words.split(" at line ").next().unwrap_or_default().to_owned();
            let below = u32::try_from(error.line()).unwrap_or(1).saturating_sub(1);
            let problem = RowProblem::NotAnObject { below, column: error.column(), reason };
            RowError { line, problem }
        })?;
        let place = |raw: &str| raw.as_ptr().addr() - text.as_ptr().addr();
        let mut members = Vec::with_capacity(found.len());
        let mut result = None;
        for (name, value) in found {
            let (name, value) = (name.get(), value.get());
            let is_result = serde_json::from_str::<Cow<'_, str>>(name).is_ok_and(|it| it == RESULT);
            if is_result && result.replace((members.len(), place(value))).is_some() {
                return Err(RowError { line, problem: RowProblem::TwoResults });
            }
            members.push(place(name)..place(value) + value.len());
        }
        Ok(Self { text, members, result })
    }

    /// The object as written, but without an earlier `result`.
    pub(crate) fn body(&self) -> Cow<'a, str> {
        let Some((index, _)) = self.result else {
            return Cow::Borrowed(self.text);
        };
        let member = &self.members[index];
        // One comma goes too: the one before, or for the first member the one after.
        let gone = match (index.checked_sub(1), self.members.get(index + 1)) {
            (Some(before), _) => self.members[before].end..member.end,
            (None, Some(after)) => member.start..after.start,
            (None, None) => member.clone(),
        };
        Cow::Owned([&self.text[..gone.start], &self.text[gone.end..]].concat())
    }

    /// The earlier `result` as written.
    pub(crate) fn result(&self) -> Option<&'a str> {
        let (index, start) = self.result?;
        Some(&self.text[start..self.members[index].end])
    }

    /// The object as written, but on one line, and with this JSON value as its `result`: in the place
    /// of an earlier one, else last.
    pub(crate) fn with_result(&self, value: &str) -> String {
        let object = self.with_member(value);
        if object.contains(['\r', '\n']) { on_one_line(&object) } else { object }
    }

    fn with_member(&self, value: &str) -> String {
        if let Some((index, start)) = self.result {
            let end = self.members[index].end;
            return [&self.text[..start], value, &self.text[end..]].concat();
        }
        let (at, comma) = match self.members.last() {
            Some(last) => (last.end, ","),
            None => (self.text.find('{').map_or(0, |brace| brace + 1), ""),
        };
        format!("{}{comma}\"{RESULT}\":{value}{}", &self.text[..at], &self.text[at..])
    }
}

/// JSON without the line ends between its parts, and what is blank at the begin of a line; within
/// quotes there are none.
fn on_one_line(json: &str) -> String {
    json.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The members of an object, names and values as written.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("one JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<&RawValue>()? {
                    if !name.get().starts_with('"') {
                        return Err(A::Error::custom("a name must be text in quotes"));
                    }
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}
