//! Suggests columns for the class, the person's name and the email address. A suggestion is only shown,
//! or offered as the first choice of a prompt; it is never used unless accepted.
//!
//! The words are column names from school exports in eight languages.

use crate::escape::untrusted;
use crate::roster::Row;
use crate::roster::fields::{self, Field, Named, Target};
use crate::terminal::shell::Shell;
use crate::words::first_of;
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization as _;

/// Maximum number of columns in a message.
const LISTED: usize = 30;

/// Number of rows checked for the contents of a column.
const ROWS_EXAMINED: usize = 50;

// Column names as returned by `plain`. One line per language, most certain names first: English, German,
// French, Spanish, Italian, Dutch, Polish, Portuguese, then less certain names in any language.

/// Names for the class column.
const CLASSES: &str = "
    classid sectionid groupid courseid classcode class classname group groupname section teachinggroup
    klasse gruppe lerngruppe
    classe groupe
    clase grupo unidad
    gruppo sezione
    klas groep stamgroep lesgroep cluster
    klasa oddzial grupa
    turma
    reggroup registrationform form homeroom set course
    kurs cours curso corso unterricht division room lessonid";

const FULL_NAMES: &str = "
    fullname name studentname pupilname student pupil learner participant displayname inviteename clientname
    schueler schuler schulername schuelername teilnehmer
    nomcomplet nom eleve eleves nometprenom
    nombrecompleto nombre alumno apellidosynombre
    nominativo alunno cognomeenome
    volledigenaam naam leerling
    imieinazwisko nazwiskoiimie uczen
    nomecompleto nome aluno
    studente
    client invitee attendee
    sus schulerin schuelerin lernende lernender teilnehmerin
    etudiant etudiante apprenant participante
    estudiante alumnado alumna
    studentessa allievo allieva alunna
    deelnemer cursist
    uczennica kursant
    estudante formando aluna
    names pupils students learners participants attendees clients invitees
    teilnehmende teilnehmerinnen schuelerinnen alumnos alunni studenti leerlingen uczniowie alunos";

const FIRST_NAMES: &str = "
    firstname forename givenname preferredname preferredfirstname knownas
    studentfirstname studentforename inviteefirstname first
    vorname rufname
    prenom
    nombre
    nome
    voornaam roepnaam
    imie
    nomeproprio primeironome
    legalforename legalfirstname";

/// Names for the column between first and last name in Dutch sheets, such as `van der`.
const INFIXES: &str = "tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels";

const LAST_NAMES: &str = "
    lastname surname familyname studentlastname studentsurname inviteelastname last
    nachname familienname zuname
    nomdefamille
    apellidos primerapellido apellido
    cognome
    achternaam
    nazwisko
    apelido sobrenome ultimonome
    nom name legalsurname";

const ADDRESSES: &str = "
    email emailaddress schoolemail studentemail mail mailaddress inviteeemail
    emailadresse emailschule emaildienstlich
    courriel adresseemail mel
    correo correoelectronico
    postaelettronica indirizzoemail
    emailadres
    adresemail poczta
    correioeletronico correioeletronic
    emailaddr workemail email1 username";

const PERSON_IDS: &str = "
    userid studentid pupilid personid studentnumber admissionnumber admissionno sourcedid upn
    schuelerid schulernummer numeroeleve matricula matricola leerlingnummer
    usersourcedid";

const TIMES: &str = "
    date time start starttime startdate startdatetime starts begin lessondate lessontime when
    datum uhrzeit zeit beginn termin tag
    creneau horaire heure debut jour
    fecha hora inicio horario dia
    data ora orario inizio giorno
    tijd aanvang dag
    godzina termin dzien
    inicio horario";

/// Words in the names of columns about a pupil's parents.
const PARENTS: &str = "parent guardian eltern responsable tutor tutore ouder opiekun encarregado";

/// The columns that probably fill the fields, counted from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestion {
    pub id: Option<usize>,
    /// One column, or first and last name, with the infix between them in Dutch.
    pub name: Vec<usize>,
    pub email: Option<usize>,
    pub user_id: Option<usize>,
}

/// Only the letters and digits of a name, in lower case, without accents or an ending such as `/a` or
/// `(e)`.
pub fn plain(name: &str) -> String {
    let name = name.trim();
    let cut = name.find(['/', '(']).filter(|at| {
        let ending = name[at + 1..].trim_end_matches(')');
        *at > 0 && ending.chars().count() <= 3 && ending.chars().all(char::is_alphabetic)
    });
    let name = cut.map_or(name, |at| &name[..at]);
    name.nfkd()
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'ł' { 'l' } else { letter })
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// Suggests columns from their names and cells.
pub fn suggest(names: &[String], rows: &[Row]) -> Suggestion {
    let plain_names: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let column = |words: &str| {
        words.split_whitespace().find_map(|word| plain_names.iter().position(|name| name == word))
    };
    let cells = |column: usize| {
        rows.iter()
            .take(ROWS_EXAMINED)
            .map(move |row| row.text(column).trim())
            .filter(|it| !it.is_empty())
    };
    let is_about_parents =
        |column: usize| PARENTS.split_whitespace().any(|word| plain_names[column].contains(word));
    let (mut first, mut last) = (column(FIRST_NAMES), column(LAST_NAMES));
    if first == last {
        // `Nome` or `Nom` on its own is the full name.
        (first, last) = (None, None);
    }
    let name = match (first, last) {
        (Some(first), Some(last)) => {
            [Some(first), column(INFIXES), Some(last)].into_iter().flatten().collect()
        }
        (Some(first), None) if column(FULL_NAMES).is_none_or(|full| full == first) => vec![first],
        (_, last) => column(FULL_NAMES).or(last).into_iter().collect(),
    };
    let holds_addresses = |column: &usize| {
        let mut given = cells(*column).peekable();
        given.peek().is_some() && given.all(|cell| cell.contains('@'))
    };
    let holds_names = |column: &usize| {
        fields::named(&names[*column]) == Named::Unknown { suggestion: None }
            && !is_about_parents(*column)
            && are_names(cells(*column))
    };
    let name = if name.is_empty() {
        (0..names.len()).find(holds_names).into_iter().collect()
    } else {
        name
    };
    let email = column(ADDRESSES)
        .filter(|column| plain_names[*column] != "username" || holds_addresses(column))
        .or_else(|| (0..names.len()).find(holds_addresses))
        .filter(|column| !is_about_parents(*column));
    let taken = |column: &usize| name.contains(column) || email == Some(*column);
    let user_id = column(PERSON_IDS).filter(|column| !taken(column));
    let id = column(CLASSES).filter(|column| !taken(column) && user_id != Some(*column));
    Suggestion { id, name, email, user_id }
}

/// Whether cells are probably people's full names: different, and at least two capitalised words each.
fn are_names<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = HashSet::new();
    let mut is_all = true;
    for cell in cells {
        let is_word = |word: &str| {
            word.starts_with(char::is_uppercase)
                && word
                    .chars()
                    .all(|it| it.is_alphabetic() || matches!(it, '-' | '\'' | '’' | '.' | ','))
        };
        let words = cell.split_whitespace().count();
        is_all &= (2..=5).contains(&words) && cell.split_whitespace().all(is_word);
        is_all &= seen.insert(cell);
    }
    is_all && seen.len() > 1
}

/// Whether a column with this name probably has lesson dates or times.
pub fn is_time(name: &str) -> bool {
    let name = plain(name);
    TIMES.split_whitespace().any(|word| word == name)
}

/// Advice for a table without a column for the Space id.
pub fn advice(names: &[String], rows: &[Row]) -> String {
    let named: Vec<&String> = names.iter().filter(|name| !name.trim().is_empty()).collect();
    let listed = named.iter().map(|name| untrusted(name.trim())).collect();
    let listed = first_of(listed, LISTED);
    let suggestion = suggest(names, rows);
    let id = suggestion.id.map(|column| placeholder(&names[column]));
    let what = if id.is_some() { "" } else { " to use one Space for all rows" };
    let mut maps = vec![format!("id={}", id.unwrap_or_else(|| "chem7".to_owned()))];
    maps.extend(person_maps(&suggestion, names));
    format!("columns: {}; add {}{what}", listed.join(", "), flags(&maps))
}

/// The predicate for a recipe with people but without an id.
pub fn missing_id(names: &[String], rows: &[Row]) -> String {
    let is_id = |name: &&String| fields::named(name) == Named::Target(Target::Field(Field::Id));
    let suggested = suggest(names, rows).id.map(|column| &names[column]);
    let column = names.iter().find(is_id).or(suggested);
    let template = column.map_or("{Class}".to_owned(), |name| untrusted(&placeholder(name)));
    format!("has no id; add one, such as id = \"{template}\"")
}

/// The kind of export that a file with this header is from.
pub fn export_of(names: &[String]) -> Option<&'static str> {
    let has = |name: &str| names.iter().any(|it| crate::words::folded(it) == name);
    if has("sourcedid") || (has("classsourcedid") && has("usersourcedid")) {
        Some("a OneRoster or School Data Sync export")
    } else if has("sisid") && (has("sectionsisid") || has("schoolsisid")) {
        Some("a School Data Sync export")
    } else {
        None
    }
}

/// Maps that read a person from the suggested columns, for fields that no column fills.
pub fn person_maps(suggestion: &Suggestion, names: &[String]) -> Vec<String> {
    let has = |field: Field| {
        names.iter().any(|name| fields::named(name) == Named::Target(Target::Field(field)))
    };
    let mut maps = Vec::new();
    if !suggestion.name.is_empty() && !has(Field::UserName) {
        let parts: Vec<String> =
            suggestion.name.iter().map(|it| placeholder(&names[*it])).collect();
        maps.push(format!("user name={}", parts.join(" ")));
    }
    if let Some(email) = suggestion.email.filter(|_| !has(Field::UserEmail)) {
        maps.push(format!("user email={}", placeholder(&names[email])));
    }
    if let Some(id) = suggestion.user_id.filter(|_| !has(Field::UserId)) {
        maps.push(format!("user id={}", placeholder(&names[id])));
    }
    maps
}

/// `--map` flags, quoted for the shell in use.
pub fn flags(maps: &[String]) -> String {
    let shell = Shell::in_use();
    let flags = maps.iter().map(|map| format!("--map {}", shell.quote(&untrusted(map))));
    flags.collect::<Vec<_>>().join(" ")
}

pub fn placeholder(name: &str) -> String {
    format!("{{{}}}", name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::Cell;

    fn suggested(header: &str, row: &str) -> String {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        let cells = row.split(',').map(Cell::of_text).collect();
        let suggestion = suggest(&names, &[Row { cells, ..Row::default() }]);
        let name = |column: usize| names[column].clone();
        let of = |column: Option<usize>| column.map_or("-".to_owned(), name);
        let person: Vec<String> = suggestion.name.iter().map(|it| name(*it)).collect();
        format!(
            "{}|{}|{}|{}",
            of(suggestion.id),
            person.join("+"),
            of(suggestion.email),
            of(suggestion.user_id)
        )
    }

    #[test]
    fn columns_are_suggested_in_eight_languages() {
        for (header, expected) in [
            ("Class,First name,Last name,E-Mail", "Class|First name+Last name|E-Mail|-"),
            ("Vorname,Name,Klasse", "Klasse|Vorname+Name|-|-"),
            ("Schüler/in,Klasse,E-Mail-Adresse", "Klasse|Schüler/in|E-Mail-Adresse|-"),
            ("Nom,Prénom,Classe,Courriel", "Classe|Prénom+Nom|Courriel|-"),
            ("Nom,Groupe", "Groupe|Nom|-|-"),
            ("Nombre,Apellidos,Grupo", "Grupo|Nombre+Apellidos|-|-"),
            ("Nombre,Clase", "Clase|Nombre|-|-"),
            ("Cognome,Nome,Classe", "Classe|Nome+Cognome|-|-"),
            ("Naam,Klas,E-mailadres", "Klas|Naam|E-mailadres|-"),
            (
                "Achternaam,Tussenvoegsel,Roepnaam,Klas",
                "Klas|Roepnaam+Tussenvoegsel+Achternaam|-|-",
            ),
            ("Teacher,Pupils,Instrument", "-|Pupils|-|-"),
            ("Nazwisko,Imię,Oddział", "Oddział|Imię+Nazwisko|-|-"),
            ("Nome,Turma,Correio eletrónico", "Turma|Nome|Correio eletrónico|-"),
            ("Student ID,Pupil,Set", "Set|Pupil|-|Student ID"),
            ("Parent email,Pupil", "-|Pupil|-|-"),
            ("Shoe size,Colour", "-||-|-"),
            ("Étudiant(e),Gruppe", "Gruppe|Étudiant(e)|-|-"),
            ("SchülerIn,Klasse", "Klasse|SchülerIn|-|-"),
            ("Achternaam,Klas", "Klas|Achternaam|-|-"),
        ] {
            assert_eq!(suggested(header, ""), expected, "{header}");
        }
    }

    #[test]
    fn a_column_of_different_full_names_is_suggested_under_any_name() {
        for (cells, is_suggested) in [
            (["Ada Byron", "Bo Li"], true),
            (["Byron, Ada", "De la Cruz, Ana"], false),
            (["O'Neill, Éva-Maria", "Li, Bo"], true),
            (["Ada", "Bo"], false),
            (["Room 7", "Room 8"], false),
            (["Ada Byron", "Ada Byron"], false),
            (["Ada Byron", "not known"], false),
        ] {
            let names = ["Space", "Who"].map(str::to_owned);
            let rows = cells
                .map(|cell| Row { cells: ["x", cell].map(Cell::of_text).into(), ..Row::default() });
            assert_eq!(suggest(&names, &rows).name, if is_suggested { vec![1] } else { vec![] });
        }
    }

    #[test]
    fn a_column_of_email_addresses_is_suggested_as_email_under_any_name() {
        assert_eq!(suggested("Pupil,Contact", "Ada,ada@example.org"), "-|Pupil|Contact|-");
        assert_eq!(suggested("Pupil,Username", "Ada,ada1"), "-|Pupil|-|-");
        assert_eq!(suggested("Pupil,Username", "Ada,ada@example.org"), "-|Pupil|Username|-");
    }

    #[test]
    fn the_advice_shows_useful_flags() {
        let advice = |header: &str| {
            let names: Vec<String> = header.split(',').map(str::to_owned).collect();
            advice(&names, &[]).replace(['\'', '"'], "")
        };
        assert_eq!(
            advice("Klasse,Schüler"),
            "columns: Klasse, Schüler; add --map id={Klasse} --map user name={Schüler}"
        );
        assert_eq!(
            advice("user name,Team colour"),
            "columns: user name, Team colour; add --map id=chem7 to use one Space for all rows"
        );
    }
}
