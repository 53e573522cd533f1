//! Lists in pages, as Django REST framework gives them: `{count, next, previous, results}`.
//! Pure.

use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;

/// How many entries a page has. The real number is not documented.
pub(super) const PAGE: usize = 20;

/// The query of a request for a list.
pub(super) struct Query(Vec<(String, String)>);

/// One page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    count: usize,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<Value>,
}

/// There is no page of this number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidPage;

impl Query {
    pub(super) fn of(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Whether `matches` holds for any of the values of `name`. Without one, or with a blank
    /// one alone, the list is not narrowed.
    pub(super) fn allows(&self, name: &str, matches: impl Fn(&str) -> bool) -> bool {
        let given = self.0.iter().filter(|(known, value)| known == name && !value.is_empty());
        let mut given = given.map(|(_, value)| value.as_str()).peekable();
        given.peek().is_none() || given.any(matches)
    }

    /// The page asked for, of all entries: `url` is the list's own without its query.
    pub(super) fn page<T>(
        &self,
        url: &str,
        all: &[T],
        entry: impl Fn(&T) -> Value,
    ) -> Result<Page, InvalidPage> {
        let last = all.len().div_ceil(PAGE).max(1);
        let asked = self.0.iter().rev().find(|(name, _)| name == "page");
        let number = match asked.map(|(_, number)| number.as_str()) {
            None => 1,
            Some("last") => last,
            Some(number) => number.trim().parse().map_err(|_| InvalidPage)?,
        };
        if !(1..=last).contains(&number) {
            return Err(InvalidPage);
        }
        let results = all.iter().skip((number - 1) * PAGE).take(PAGE).map(entry).collect();
        Ok(Page {
            count: all.len(),
            next: (number < last).then(|| self.link(url, number + 1)),
            previous: (number > 1).then(|| self.link(url, number - 1)),
            results,
        })
    }

    /// The same list at another page; the first needs no number.
    fn link(&self, url: &str, page: usize) -> String {
        let others = self.0.iter().filter(|(name, _)| name != "page");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others);
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { url.to_owned() } else { format!("{url}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const URL: &str = "http://127.0.0.1:1/v2/organisations/5/spaces/";

    fn page(query: &str, count: usize) -> Result<Value, InvalidPage> {
        let all: Vec<_> = (0..count).collect();
        let page = Query::of(Some(query)).page(URL, &all, |entry| json!(entry))?;
        Ok(serde_json::to_value(page).expect("is JSON"))
    }

    #[test]
    fn each_page_leads_to_its_neighbours_and_keeps_the_rest_of_the_query() {
        let first = page("search=a%26b&page=1", 41).expect("exists");
        assert_eq!(first["count"], 41);
        assert_eq!(first["next"], format!("{URL}?search=a%26b&page=2"));
        assert_eq!((&first["previous"], &first["results"][19]), (&Value::Null, &json!(19)));
        let second = page("page=2", 41).expect("exists");
        assert_eq!((&second["previous"], &second["results"][0]), (&json!(URL), &json!(20)));
        assert_eq!(second["next"], format!("{URL}?page=3"));
        let last = page("page=last", 41).expect("exists");
        assert_eq!((&last["next"], &last["results"]), (&Value::Null, &json!([40])));
        assert_eq!(last["previous"], format!("{URL}?page=2"));
    }

    #[test]
    fn an_empty_list_has_one_page() {
        let empty = json!({"count": 0, "next": null, "previous": null, "results": []});
        assert_eq!(page("", 0), Ok(empty));
        for number in ["0", "2", "-1", "x", "", "99999999999999999999"] {
            assert_eq!(page(&format!("page={number}"), 20), Err(InvalidPage), "{number}");
        }
    }

    #[test]
    fn a_parameter_given_twice_allows_either() {
        let query = Query::of(Some("space=a&space=b&search="));
        let allows = |name: &str, value: &str| query.allows(name, |given| given == value);
        assert!(allows("space", "a") && allows("space", "b") && !allows("space", "c"));
        assert!(allows("search", "x") && allows("launch_id", "x"), "not narrowed");
    }
}
