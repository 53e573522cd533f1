//! What the columns of a CSV roster mean.
//!
//! The caller says which columns it knows; this room matches headers with them as people
//! write headers, and finds what is ambiguous. What a cell holds is left to the caller.

use std::collections::HashMap;

use super::read::Roster;
use crate::words::{folded, nearest};

/// A column that the caller understands.
#[derive(Clone, Debug)]
pub(crate) struct KnownColumn<'a> {
    /// Its usual header, such as `user name`.
    pub(crate) name: &'a str,
    /// Other headers for the same, such as `email` or the body path for `user email`.
    pub(crate) aliases: Vec<&'a str>,
}

/// Everything that headers are matched with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vocabulary<'a> {
    /// The known columns; [`Meaning::Known`] counts in their order.
    pub(crate) columns: &'a [KnownColumn<'a>],
    /// The paths of the body's known fields that are not objects.
    pub(crate) fields: &'a [String],
    /// The paths of its known objects: what follows one of them and a dot is a path, too.
    pub(crate) objects: &'a [String],
}

/// What one column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The known column with this index into [`Vocabulary::columns`].
    Known(usize),
    /// A path into the body; what no field is known by, as the header has it.
    Path(String),
    /// One of a LINKS file's result columns, which are replaced.
    Result,
    /// Somebody's own column: kept, and not sent.
    Kept {
        /// The known column or field that the header nearly is.
        suggestion: Option<String>,
    },
}

/// Why a header is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ColumnError {
    /// `name` alone.
    #[error(
        "column {name:?} could be the Space's or the person's; say \"space name\" or \
             \"user name\""
    )]
    BareName {
        /// The header as written.
        name: String,
    },
    /// Two headers for one thing.
    #[error("columns {first:?} and {second:?} are the same; rename or remove one")]
    Twice {
        /// The header further left, as written.
        first: String,
        /// The other.
        second: String,
    },
}

/// Finds what each column of the roster means, in the roster's order.
///
/// Headers and paths of known fields match without regard to case, blanks, `-`, `_` and `.`;
/// so does the known beginning of another path, and its rest exactly; result columns match
/// by their very names. A header of blanks is a kept column without a name. A bare `name` is no
/// error where `is_used` says that a template takes the column.
///
/// # Errors
///
/// All that is wrong with the headers, in their order.
pub(crate) fn meanings(
    roster: &Roster,
    vocabulary: &Vocabulary<'_>,
    is_used: impl Fn(usize) -> bool,
) -> Result<Vec<Meaning>, Vec<ColumnError>> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let mut errors = Vec::new();
    let mut meanings = Vec::with_capacity(roster.header().len());
    for (index, header) in roster.header().iter().enumerate() {
        let name = header.trim();
        if is_bare_name(name) && !is_used(index) {
            errors.push(ColumnError::BareName { name: name.to_owned() });
        }
        let meaning = roster.is_result(index).then_some(Meaning::Result);
        let meaning = meaning.unwrap_or_else(|| {
            if is_bare_name(name) {
                Meaning::Kept { suggestion: None }
            } else {
                meaning_of(name, vocabulary)
            }
        });
        let identity = match &meaning {
            Meaning::Known(index) => format!("known {index}"),
            Meaning::Path(path) => format!("path {path}"),
            Meaning::Result | Meaning::Kept { .. } => format!("own {}", name.to_lowercase()),
        };
        if !name.is_empty()
            && let Some(first) = seen.insert(identity, name)
        {
            let (first, second) = (first.to_owned(), name.to_owned());
            errors.push(ColumnError::Twice { first, second });
        }
        meanings.push(meaning);
    }
    if errors.is_empty() { Ok(meanings) } else { Err(errors) }
}

/// The headers that are there twice, where no column is understood by its header.
pub(crate) fn twice(roster: &Roster) -> Vec<ColumnError> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    let names = roster.header().iter().map(|header| header.trim()).filter(|name| !name.is_empty());
    let twice = |name| {
        let first = seen.insert(str::to_lowercase(name), name)?.to_owned();
        Some(ColumnError::Twice { first, second: name.to_owned() })
    };
    names.filter_map(twice).collect()
}

/// Whether it is a name, but not said whose.
pub(crate) fn is_bare_name(header: &str) -> bool {
    folded(header) == "name"
}

/// What a header means by itself.
pub(crate) fn meaning_of(name: &str, vocabulary: &Vocabulary<'_>) -> Meaning {
    let wanted = folded(name);
    let known = vocabulary
        .columns
        .iter()
        .position(|column| column.names().any(|known| folded(known) == wanted));
    if let Some(index) = known {
        return Meaning::Known(index);
    }
    // Two features' names may differ in nothing but dots and case.
    let field = vocabulary.fields.iter().find(|field| *field == name);
    let field = field.or_else(|| vocabulary.fields.iter().find(|field| folded(field) == wanted));
    if let Some(field) = field {
        return Meaning::Path(field.clone());
    }
    path_below_object(name, vocabulary)
        .map_or_else(|| Meaning::Kept { suggestion: suggestion(name, vocabulary) }, Meaning::Path)
}

/// The path of something that is not known in an object that is.
fn path_below_object(name: &str, vocabulary: &Vocabulary<'_>) -> Option<String> {
    name.rmatch_indices('.').find_map(|(dot, _)| {
        let (beginning, rest) = (folded(&name[..dot]), &name[dot + 1..]);
        let object = vocabulary.objects.iter().find(|object| folded(object) == beginning)?;
        (!rest.is_empty()).then(|| format!("{object}.{rest}"))
    })
}

impl<'a> KnownColumn<'a> {
    fn names(&self) -> impl Iterator<Item = &'a str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// The known column, or the path with a known field, that the header is nearest to.
fn suggestion(name: &str, vocabulary: &Vocabulary<'_>) -> Option<String> {
    let columns = vocabulary.columns.iter().flat_map(KnownColumn::names);
    if let Some(near) = nearest(name, columns) {
        let column = vocabulary.columns.iter().find(|column| column.names().any(|it| it == near));
        return column.map(|column| column.name.to_owned());
    }
    let (first, rest) = name.split_once('.').filter(|(_, rest)| !rest.is_empty())?;
    let object = nearest(first, vocabulary.objects.iter().map(String::as_str))?;
    Some(format!("{object}.{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::old_roster::read::{Format, Reading};

    fn of(header: &str) -> Result<Vec<Meaning>, Vec<ColumnError>> {
        let roster = Roster::read(header.into(), &Reading::of(Format::Csv)).expect("a header");
        let columns = [
            KnownColumn { name: "id", aliases: Vec::new() },
            KnownColumn { name: "user name", aliases: Vec::new() },
            KnownColumn { name: "user email", aliases: vec!["email", "e-mail address"] },
            KnownColumn { name: "not before", aliases: vec!["timeouts.not_before"] },
        ];
        let fields = ["features.import.zip", "features.importZip", "user.custom_jwt_parameters.k"];
        let objects = ["user", "features", "timeouts", "user.custom_jwt_parameters"];
        let (fields, objects) = (fields.map(str::to_owned), objects.map(str::to_owned));
        let vocabulary = Vocabulary { columns: &columns, fields: &fields, objects: &objects };
        meanings(&roster, &vocabulary, |_| false)
    }

    fn kept(suggestion: &str) -> Meaning {
        let suggestion = (!suggestion.is_empty()).then(|| suggestion.to_owned());
        Meaning::Kept { suggestion }
    }

    #[test]
    fn headers_match_as_people_write_them() {
        for (header, index) in [
            (" ID ", 0),
            ("User-Name", 1),
            ("user_name", 1),
            ("user.name", 1),
            ("USERNAME", 1),
            ("E-Mail", 2),
            ("email", 2),
            ("Timeouts.not_before", 3),
        ] {
            assert_eq!(of(header), Ok(vec![Meaning::Known(index)]), "{header:?}");
        }
    }

    #[test]
    fn paths_match_as_people_write_them_as_far_as_they_are_known() {
        let path = |path: &str| Ok(vec![Meaning::Path(path.to_owned())]);
        assert_eq!(of("features.chat.enabled"), path("features.chat.enabled"));
        assert_eq!(of("User.custom_jwt_parameters.x"), path("user.custom_jwt_parameters.x"));
        assert_eq!(of("USER custom jwt-parameters.X.y"), path("user.custom_jwt_parameters.X.y"));
        assert_eq!(of("User Custom_JWT parameters K"), path("user.custom_jwt_parameters.k"));
        assert_eq!(of("features.importZip"), path("features.importZip"));
        assert_eq!(of("Features Import Zip"), path("features.import.zip"));
        assert_eq!(of("features."), Ok(vec![kept("")]));
        assert_eq!(of("feature.chat.enabled"), Ok(vec![kept("features.chat.enabled")]));
    }

    #[test]
    fn other_columns_are_kept_and_near_misses_get_a_suggestion() {
        assert_eq!(
            of("Klasse,usr name,mail,emial,,"),
            Ok(vec![
                kept(""),
                kept("user name"),
                kept("user email"),
                kept("user email"),
                kept(""),
                kept("")
            ])
        );
        assert_eq!(of("Room ID"), Ok(vec![kept("")]));
    }

    #[test]
    fn everything_wrong_with_the_headers_is_told_at_once() {
        let twice = |first: &str, second: &str| ColumnError::Twice {
            first: first.to_owned(),
            second: second.to_owned(),
        };
        assert_eq!(
            of("Name,email,User E-Mail,notes,Notes,features.x,features.x"),
            Err(vec![
                ColumnError::BareName { name: "Name".to_owned() },
                twice("email", "User E-Mail"),
                twice("notes", "Notes"),
                twice("features.x", "features.x"),
            ])
        );
    }

    #[test]
    fn the_five_columns_of_a_links_file_are_results() {
        let meanings =
            of(&format!("id,{},notes", crate::old_roster::results::names(&[]).join(",")));
        let meanings = meanings.expect("a LINKS file");
        assert_eq!(meanings[0], Meaning::Known(0));
        assert!(meanings[1..6].iter().all(|meaning| *meaning == Meaning::Result));
        assert_eq!(meanings[6], kept(""));
    }
}
