//! A roster without a column for the Space's id: what its columns are called, and the `--map`
//! that would help, guessed from their names.

use super::fields::Fields;
use crate::escape::untrusted;
use crate::old_roster::columns::Meaning;
use crate::terminal::shell::Shell;
use crate::words::folded;

/// Most columns that a message lists.
const LISTED: usize = 30;

/// What columns that could make the id are called, the likeliest first.
const GROUPS: [&str; 22] = [
    "classid",
    "class",
    "classname",
    "groupid",
    "group",
    "courseid",
    "course",
    "sectionid",
    "section",
    "roomid",
    "room",
    "spaceid",
    "space",
    "lessonid",
    "lesson",
    "subject",
    "klasse",
    "gruppe",
    "kurs",
    "classe",
    "clase",
    "grupo",
];
const FIRST_NAMES: [&str; 7] =
    ["firstname", "givenname", "forename", "first", "vorname", "prénom", "nombre"];
const LAST_NAMES: [&str; 8] =
    ["lastname", "familyname", "surname", "last", "nachname", "name", "nom", "apellido"];
const FULL_NAMES: [&str; 7] =
    ["fullname", "studentname", "student", "pupil", "pupilname", "name", "participant"];
const ADDRESSES: [&str; 5] = ["mail", "emailaddress", "studentemail", "email1", "mailaddress"];
const PEOPLE_IDS: [&str; 6] =
    ["studentid", "pupilid", "studentnumber", "sourcedid", "admissionno", "personid"];

/// What is wrong with a roster whose columns are these, and what to do about it.
pub fn advice(header: &[String], fields: &Fields) -> String {
    let names: Vec<&str> =
        header.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    let mut listed: Vec<String> = names.iter().take(LISTED).map(|name| untrusted(name)).collect();
    if names.len() > LISTED {
        listed.push(format!("and {} more", names.len() - LISTED));
    }
    let maps = maps(&names, fields);
    let made = if maps.is_empty() {
        String::new()
    } else {
        format!(", or say what the fields are made from: {maps}")
    };
    format!(
        "no column of the first 20 rows is for the Space's id; these columns were found: {}; name \
         one `id`{made}",
        listed.join(", ")
    )
}

/// The flags that would make the fields from these columns.
fn maps(names: &[&str], fields: &Fields) -> String {
    let with_name = |wanted: &[&str]| {
        wanted.iter().find_map(|wanted| names.iter().find(|name| folded(name) == *wanted).copied())
    };
    let is_field = |name: &str| matches!(fields.named(name), Ok(Meaning::Known(_)));
    let own = |field: &str| {
        names.iter().any(|name| is_field(name) && fields.named(name) == fields.named(field))
    };
    let id = with_name(&GROUPS).or_else(|| names.iter().find(|name| !is_field(name)).copied());
    let mut maps: Vec<String> = Vec::new();
    maps.extend(id.map(|id| format!("id={}", placeholder(id))));
    if !own("user name") {
        let full = with_name(&FULL_NAMES).map(placeholder);
        let parts = with_name(&FIRST_NAMES).zip(with_name(&LAST_NAMES));
        let parts =
            parts.map(|(first, last)| format!("{} {}", placeholder(first), placeholder(last)));
        maps.extend(parts.or(full).map(|template| format!("user name={template}")));
    }
    for (field, known) in [("user email", &ADDRESSES[..]), ("user id", &PEOPLE_IDS[..])] {
        let name = with_name(known).filter(|_| !own(field));
        maps.extend(name.map(|name| format!("{field}={}", placeholder(name))));
    }
    let shell = Shell::in_use();
    let flags = maps.iter().map(|map| format!("--map {}", shell.quote(&untrusted(map))));
    flags.collect::<Vec<_>>().join(" ")
}

fn placeholder(name: &str) -> String {
    format!("{{{name}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps_for(header: &str) -> String {
        let names: Vec<&str> = header.split(',').collect();
        maps(&names, &Fields::all()).replace('\'', "")
    }

    #[test]
    fn the_flags_that_would_help_are_guessed_from_names() {
        for (header, flags) in [
            (
                "Class,First name,Last name,E-Mail",
                "--map id={Class} --map user name={First name} {Last name}",
            ),
            ("Vorname,Name,Klasse", "--map id={Klasse} --map user name={Vorname} {Name}"),
            (
                "Student,Mail",
                "--map id={Student} --map user name={Student} --map user email={Mail}",
            ),
            ("user name,leader,Team", "--map id={Team}"),
            ("role,leader", ""),
            (
                "sourcedId,role,givenName,familyName",
                "--map id={sourcedId} --map user name={givenName} {familyName} --map user id={sourcedId}",
            ),
        ] {
            assert_eq!(maps_for(header), flags, "{header}");
        }
    }
}
