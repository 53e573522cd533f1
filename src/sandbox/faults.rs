//! `--fail`: which API requests fail, and how.

use crate::escape::untrusted;
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::str::FromStr;

/// How one request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Answered with this status and not processed.
    Status(StatusCode),
    /// Processed, and then the connection is closed without an answer: the caller cannot know
    /// whether its Space exists.
    Drop,
}

/// Which API requests fail: `429@7,500@12,drop@20` means the 7th, the 12th and the 20th
/// request since the start, retries counted. The default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(BTreeMap<u64, Fault>);

impl Faults {
    /// The fault of the `number`th request, counted from 1.
    pub(super) fn at(&self, number: u64) -> Option<Fault> {
        self.0.get(&number).copied()
    }
}

impl FromStr for Faults {
    /// One line that says what is wrong.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = BTreeMap::new();
        for item in text.split(',').map(str::trim) {
            let (kind, number) = item.split_once('@').ok_or_else(|| {
                let item = untrusted(item);
                format!(
                    "`{item}` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"
                )
            })?;
            let fault = kind_of(kind.trim())?;
            let number = number_of(number.trim())?;
            if faults.insert(number, fault).is_some() {
                return Err(format!("request {number} has two failures"));
            }
        }
        Ok(Self(faults))
    }
}

fn kind_of(text: &str) -> Result<Fault, String> {
    if text.eq_ignore_ascii_case("drop") {
        return Ok(Fault::Drop);
    }
    let status = StatusCode::from_bytes(text.as_bytes()).ok();
    let status = status.filter(|status| status.is_client_error() || status.is_server_error());
    status.map(Fault::Status).ok_or_else(|| {
        let text = untrusted(text);
        format!("`{text}` is not a valid failure; use drop, or a status from 400 to 599")
    })
}

fn number_of(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|&number| number > 0 && !text.starts_with('+'));
    number.ok_or_else(|| {
        let text = untrusted(text);
        format!("`{text}` is not a valid request number; the first request is 1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_of_faults_is_read() {
        let faults: Faults = "429@7, 500@12,drop@20".parse().expect("is a list");
        assert_eq!(faults.at(7), Some(Fault::Status(StatusCode::TOO_MANY_REQUESTS)));
        assert_eq!(faults.at(12), Some(Fault::Status(StatusCode::INTERNAL_SERVER_ERROR)));
        assert_eq!(faults.at(20), Some(Fault::Drop));
        assert_eq!(faults.at(1), None);
    }

    #[test]
    fn each_mistake_is_named_on_one_line() {
        let said = |text: &str| text.parse::<Faults>().err();
        let expected = [
            ("", "`` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"),
            ("429", "`429` is not a valid failure; use, for example, 429@7, 500@12 or drop@20"),
            ("200@1", "`200` is not a valid failure; use drop, or a status from 400 to 599"),
            ("600@1", "`600` is not a valid failure; use drop, or a status from 400 to 599"),
            ("slow@1", "`slow` is not a valid failure; use drop, or a status from 400 to 599"),
            ("500@0", "`0` is not a valid request number; the first request is 1"),
            ("500@x\ny", "`x\\ny` is not a valid request number; the first request is 1"),
            ("500@3,drop@3", "request 3 has two failures"),
        ];
        for (text, error) in expected {
            assert_eq!(said(text).as_deref(), Some(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            if let Err(error) = text.parse::<Faults>() {
                prop_assert!(!error.contains('\n'));
            }
        }
    }
}
