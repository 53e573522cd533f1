//! The text on cards, pages and calendars, and dates as people write them: one block per language.
//!
//! To translate, change the text between the quotes and keep `{...}`. To add a language, add a
//! block and list it in [`ALL`]. `Space` is Lessonspace's own term and is not translated.
//! Abbreviations of days and months, and the order of a date, follow the Unicode CLDR (`format`,
//! `abbreviated`, `yMMMEd`). The first of a month is `1er` in French, `1º` in Italian and
//! Portuguese.

use jiff::civil::{Date, Weekday};

/// All text in one language.
#[derive(Debug)]
pub struct Words {
    /// The value of `--lang`.
    pub code: &'static str,
    /// The value of `lang` in HTML.
    pub html: &'static str,
    /// The default title.
    pub lesson_links: &'static str,
    /// The number of links and Spaces.
    pub counts: &'static str,
    /// One link, several links.
    pub links: [&'static str; 2],
    /// One Space, several Spaces.
    pub spaces: [&'static str; 2],
    /// The zone of the times.
    pub times_in: &'static str,
    /// The same for a zone without a name.
    pub times_here: &'static str,
    /// The instructions on a page of cards.
    pub cards_are_personal: &'static str,
    /// The instructions on a page for one person.
    pub link_is_personal: &'static str,
    /// The mark on a leader's card.
    pub leader: &'static str,
    /// The mark on an expired link.
    pub expired: &'static str,
    /// The mark on a practice link.
    pub practice: &'static str,
    /// In square brackets before the title of an event with a practice link.
    pub practice_event: &'static str,
    /// The label of a lesson's day and time.
    pub when: &'static str,
    /// Start and end on the same day.
    pub from_to: &'static str,
    /// Start and end on different days.
    pub from_to_day: &'static str,
    /// A time of day with its zone.
    pub time_in_zone: &'static str,
    /// Abbreviations of zones, and their translations.
    pub zones: &'static [(&'static str, &'static str)],
    pub valid_from: &'static str,
    pub expires: &'static str,
    pub expired_on: &'static str,
    /// The label of `not_stated`.
    pub validity: &'static str,
    /// Shown if the link has neither start nor end.
    pub not_stated: &'static str,
    /// The button's text.
    pub join: &'static str,
    /// Printed instead of the button.
    pub scan: &'static str,
    pub too_long: &'static str,
    /// The heading of the list at the end.
    pub without_link: &'static str,
    pub no_name: &'static str,
    pub guest: &'static str,
    /// A line of the links file.
    pub line: &'static str,
    /// Why there is no link.
    pub not_a_link: &'static str,
    pub not_requested: &'static str,
    pub over: &'static str,
    pub no_link: &'static str,
    /// A colon, with the whitespace before it that some languages need.
    pub colon: &'static str,
    /// In an event, before the link.
    pub link_for: &'static str,
    /// In an event.
    pub leader_event: &'static str,
    pub date: &'static str,
    pub first_of_month: &'static str,
    /// Monday to Sunday.
    pub days: [&'static str; 7],
    pub months: [&'static str; 12],
}

/// All languages, English first.
pub const ALL: [&Words; 8] =
    [&ENGLISH, &GERMAN, &SPANISH, &FRENCH, &ITALIAN, &DUTCH, &POLISH, &PORTUGUESE];

const ENGLISH: Words = Words {
    code: "en",
    html: "en-GB",
    lesson_links: "Lesson links",
    counts: "{links} in {spaces}.",
    links: ["1 link", "{number} links"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Times are in {zone}.",
    times_here: "Times are in the time zone of the computer that made this page.",
    cards_are_personal: "Each card is personal. Cut along the lines and give each card only to the person named on it. Anyone who has a link can use it.",
    link_is_personal: "This link is personal. Do not share it: anyone who has it can use it.",
    leader: "Leader link: keep it private",
    expired: "This link has expired",
    practice: "Practice link: it does not open a real lesson",
    practice_event: "Practice link",
    when: "When",
    from_to: "{start} to {end}",
    from_to_day: "{start} to {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Valid from",
    expires: "Expires",
    expired_on: "Expired",
    validity: "Validity",
    not_stated: "not stated in the link",
    join: "Join",
    scan: "Scan the code to join.",
    too_long: "This link is too long for a QR code.",
    without_link: "People without a link",
    no_name: "No name given",
    guest: "Guest",
    line: "line {number}",
    not_a_link: "client_url is not a join link",
    not_requested: "link not requested yet",
    over: "the lesson is already over",
    no_link: "no link",
    colon: ":",
    link_for: "Join link for {name}:",
    leader_event: "Leader link: keep it private.",
    date: "{day_name} {day} {month} {year}",
    first_of_month: "1",
    days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};

const GERMAN: Words = Words {
    code: "de",
    html: "de",
    lesson_links: "Links zum Unterricht",
    counts: "{links} in {spaces}.",
    links: ["1 Link", "{number} Links"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Alle Zeiten gelten für die Zeitzone {zone}.",
    times_here: "Alle Zeiten gelten für die Zeitzone des Computers, auf dem diese Seite erstellt wurde.",
    cards_are_personal: "Jede Karte ist persönlich. Bitte an den Linien ausschneiden und jede Karte nur der Person geben, deren Name darauf steht. Wer einen Link hat, kann ihn benutzen.",
    link_is_personal: "Dieser Link ist persönlich. Bitte nicht weitergeben: Wer ihn hat, kann ihn benutzen.",
    leader: "Link für die Unterrichtsleitung: nicht weitergeben",
    expired: "Dieser Link ist abgelaufen",
    practice: "Testlink: führt in keinen echten Unterricht",
    practice_event: "Testlink",
    when: "Wann",
    from_to: "{start} bis {end}",
    from_to_day: "{start} bis {end}",
    time_in_zone: "{time} Uhr {zone}",
    zones: &[("CET", "MEZ"), ("CEST", "MESZ")],
    valid_from: "Gültig ab",
    expires: "Gültig bis",
    expired_on: "Abgelaufen am",
    validity: "Gültigkeit",
    not_stated: "im Link nicht angegeben",
    join: "Beitreten",
    scan: "Zum Beitreten den Code scannen.",
    too_long: "Dieser Link ist zu lang für einen QR-Code.",
    without_link: "Personen ohne Link",
    no_name: "Ohne Namen",
    guest: "Gast",
    line: "Zeile {number}",
    not_a_link: "client_url enthält keinen Zugangslink",
    not_requested: "Link noch nicht angefordert",
    over: "der Unterricht ist schon vorbei",
    no_link: "kein Link",
    colon: ":",
    link_for: "Zugangslink für {name}:",
    leader_event: "Link für die Unterrichtsleitung: bitte nicht weitergeben.",
    date: "{day_name}, {day}. {month} {year}",
    first_of_month: "1",
    days: ["Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."],
    months: [
        "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
        "Dez.",
    ],
};

const SPANISH: Words = Words {
    code: "es",
    html: "es",
    lesson_links: "Enlaces de las clases",
    counts: "{links} en {spaces}.",
    links: ["1 enlace", "{number} enlaces"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Las horas corresponden a la zona horaria {zone}.",
    times_here: "Las horas corresponden a la zona horaria del equipo en el que se creó esta página.",
    cards_are_personal: "Cada tarjeta es personal. Recorta por las líneas y entrega cada tarjeta solo a la persona cuyo nombre figura en ella. Cualquiera que tenga un enlace puede usarlo.",
    link_is_personal: "Este enlace es personal. No lo compartas: cualquiera que lo tenga puede usarlo.",
    leader: "Enlace para dirigir la clase: no lo compartas",
    expired: "Este enlace ha caducado",
    practice: "Enlace de prueba: no abre ninguna clase real",
    practice_event: "Enlace de prueba",
    when: "Cuándo",
    from_to: "de {start} a {end}",
    from_to_day: "del {start} al {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Válido desde",
    expires: "Válido hasta",
    expired_on: "Caducó el",
    validity: "Validez",
    not_stated: "no figura en el enlace",
    join: "Entrar",
    scan: "Escanea el código para entrar.",
    too_long: "Este enlace es demasiado largo para un código QR.",
    without_link: "Personas sin enlace",
    no_name: "Sin nombre",
    guest: "Invitado",
    line: "línea {number}",
    not_a_link: "client_url no contiene un enlace de acceso",
    not_requested: "aún no se ha solicitado el enlace",
    over: "la clase ya ha terminado",
    no_link: "sin enlace",
    colon: ":",
    link_for: "Enlace de acceso para {name}:",
    leader_event: "Enlace para dirigir la clase: no lo compartas.",
    date: "{day_name}, {day} {month} {year}",
    first_of_month: "1",
    days: ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    months: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
};

const FRENCH: Words = Words {
    code: "fr",
    html: "fr",
    lesson_links: "Liens vers les cours",
    counts: "{links} dans {spaces}.",
    links: ["1 lien", "{number} liens"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Les heures sont celles du fuseau horaire {zone}.",
    times_here: "Les heures sont celles du fuseau horaire de l’ordinateur sur lequel cette page a été créée.",
    cards_are_personal: "Chaque carte est personnelle. Découpez le long des pointillés et remettez chaque carte uniquement à la personne dont elle porte le nom. Toute personne disposant d’un lien peut l’utiliser.",
    link_is_personal: "Ce lien est personnel. Ne le transmettez pas\u{a0}: toute personne qui en dispose peut l’utiliser.",
    leader: "Lien pour animer le cours\u{a0}: ne le partagez pas",
    expired: "Ce lien a expiré",
    practice: "Lien d’essai\u{a0}: il n’ouvre aucun cours réel",
    practice_event: "Lien d’essai",
    when: "Date et heure",
    from_to: "de {start} à {end}",
    from_to_day: "du {start} au {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Valable à partir du",
    expires: "Valable jusqu’au",
    expired_on: "Expiré le",
    validity: "Validité",
    not_stated: "non indiquée dans le lien",
    join: "Rejoindre",
    scan: "Scannez le code pour rejoindre le cours.",
    too_long: "Ce lien est trop long pour un code QR.",
    without_link: "Personnes sans lien",
    no_name: "Nom non indiqué",
    guest: "Invité",
    line: "ligne {number}",
    not_a_link: "client_url ne contient pas de lien d’accès",
    not_requested: "lien pas encore demandé",
    over: "le cours est déjà terminé",
    no_link: "pas de lien",
    colon: "\u{a0}:",
    link_for: "Lien d’accès pour {name}\u{a0}:",
    leader_event: "Lien pour animer le cours\u{a0}: ne le partagez pas.",
    date: "{day_name} {day} {month} {year}",
    first_of_month: "1er",
    days: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
    months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ],
};

const ITALIAN: Words = Words {
    code: "it",
    html: "it",
    lesson_links: "Link delle lezioni",
    counts: "{links} in {spaces}.",
    links: ["1 link", "{number} link"],
    spaces: ["1 Space", "{number} Space"],
    times_in: "Gli orari si riferiscono al fuso orario {zone}.",
    times_here: "Gli orari si riferiscono al fuso orario del computer su cui è stata creata questa pagina.",
    cards_are_personal: "Ogni scheda è personale. Ritagliare lungo le linee e consegnare ogni scheda solo alla persona indicata. Chiunque abbia un link può usarlo.",
    link_is_personal: "Questo link è personale e non va condiviso: chiunque lo abbia può usarlo.",
    leader: "Link per chi conduce la lezione: da non condividere",
    expired: "Questo link è scaduto",
    practice: "Link di prova: non apre una vera lezione",
    practice_event: "Link di prova",
    when: "Quando",
    from_to: "dalle {start} alle {end}",
    from_to_day: "da {start} a {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Valido dal",
    expires: "Valido fino al",
    expired_on: "Scaduto il",
    validity: "Validità",
    not_stated: "non indicata nel link",
    join: "Entra",
    scan: "Inquadrare il codice per entrare.",
    too_long: "Questo link è troppo lungo per un codice QR.",
    without_link: "Persone senza link",
    no_name: "Senza nome",
    guest: "Ospite",
    line: "riga {number}",
    not_a_link: "client_url non contiene un link di accesso",
    not_requested: "link non ancora richiesto",
    over: "la lezione è già finita",
    no_link: "nessun link",
    colon: ":",
    link_for: "Link di accesso per {name}:",
    leader_event: "Link per chi conduce la lezione: da non condividere.",
    date: "{day_name} {day} {month} {year}",
    first_of_month: "1º",
    days: ["lun", "mar", "mer", "gio", "ven", "sab", "dom"],
    months: ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
};

const DUTCH: Words = Words {
    code: "nl",
    html: "nl",
    lesson_links: "Links naar de lessen",
    counts: "{links} in {spaces}.",
    links: ["1 link", "{number} links"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Alle tijden zijn in de tijdzone {zone}.",
    times_here: "Alle tijden zijn in de tijdzone van de computer waarop deze pagina is gemaakt.",
    cards_are_personal: "Elke kaart is persoonlijk. Knip langs de lijnen en geef elke kaart alleen aan de persoon van wie de naam erop staat. Iedereen die een link heeft, kan hem gebruiken.",
    link_is_personal: "Deze link is persoonlijk. Deel hem niet: iedereen die hem heeft, kan hem gebruiken.",
    leader: "Link voor de lesgever: niet delen",
    expired: "Deze link is verlopen",
    practice: "Testlink: opent geen echte les",
    practice_event: "Testlink",
    when: "Wanneer",
    from_to: "{start} tot {end}",
    from_to_day: "{start} tot {end}",
    time_in_zone: "{time} uur {zone}",
    zones: &[],
    valid_from: "Geldig vanaf",
    expires: "Geldig tot",
    expired_on: "Verlopen op",
    validity: "Geldigheid",
    not_stated: "niet vermeld in de link",
    join: "Deelnemen",
    scan: "Scan de code om deel te nemen.",
    too_long: "Deze link is te lang voor een QR-code.",
    without_link: "Personen zonder link",
    no_name: "Geen naam",
    guest: "Gast",
    line: "regel {number}",
    not_a_link: "client_url bevat geen deelnamelink",
    not_requested: "link nog niet aangevraagd",
    over: "de les is al voorbij",
    no_link: "geen link",
    colon: ":",
    link_for: "Deelnamelink voor {name}:",
    leader_event: "Link voor de lesgever: niet delen.",
    date: "{day_name} {day} {month} {year}",
    first_of_month: "1",
    days: ["ma", "di", "wo", "do", "vr", "za", "zo"],
    months: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
};

const POLISH: Words = Words {
    code: "pl",
    html: "pl",
    lesson_links: "Linki do lekcji",
    // Numbers after a colon need no plural.
    counts: "Liczba linków: {links}. Liczba Space’ów: {spaces}.",
    links: ["1", "{number}"],
    spaces: ["1", "{number}"],
    times_in: "Godziny podano w strefie czasowej {zone}.",
    times_here: "Godziny podano w strefie czasowej komputera, na którym utworzono tę stronę.",
    cards_are_personal: "Każda karta jest imienna. Proszę wyciąć karty wzdłuż linii i przekazać każdą tylko osobie, której nazwisko na niej widnieje. Każdy, kto ma link, może z niego skorzystać.",
    link_is_personal: "Ten link jest imienny. Proszę go nie udostępniać: każdy, kto go ma, może z niego skorzystać.",
    leader: "Link osoby prowadzącej: proszę nie udostępniać",
    expired: "Ten link wygasł",
    practice: "Link testowy: nie otwiera prawdziwej lekcji",
    practice_event: "Link testowy",
    when: "Termin",
    from_to: "od {start} do {end}",
    from_to_day: "od {start} do {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Ważny od",
    expires: "Ważny do",
    expired_on: "Wygasł",
    validity: "Ważność",
    not_stated: "nie podano w linku",
    join: "Dołącz",
    scan: "Zeskanuj kod, aby dołączyć.",
    too_long: "Ten link jest za długi na kod QR.",
    without_link: "Osoby bez linku",
    no_name: "Nie podano imienia i nazwiska",
    guest: "Gość",
    line: "wiersz {number}",
    not_a_link: "client_url nie zawiera linku do lekcji",
    not_requested: "link nie został jeszcze utworzony",
    over: "lekcja już się skończyła",
    no_link: "brak linku",
    colon: ":",
    link_for: "Link do lekcji ({name}):",
    leader_event: "Link osoby prowadzącej: proszę nie udostępniać.",
    date: "{day_name}, {day} {month} {year}",
    first_of_month: "1",
    days: ["pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."],
    months: ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
};

const PORTUGUESE: Words = Words {
    code: "pt",
    html: "pt",
    lesson_links: "Links das aulas",
    counts: "{links} em {spaces}.",
    links: ["1 link", "{number} links"],
    spaces: ["1 Space", "{number} Spaces"],
    times_in: "Os horários estão no fuso horário {zone}.",
    times_here: "Os horários estão no fuso horário do computador em que esta página foi criada.",
    cards_are_personal: "Cada cartão é pessoal. Recorte pelas linhas e entregue cada cartão apenas à pessoa cujo nome está nele. Qualquer pessoa que tenha um link pode usá-lo.",
    link_is_personal: "Este link é pessoal. Não o divulgue: qualquer pessoa que o tenha pode usá-lo.",
    leader: "Link para conduzir a aula: não o divulgue",
    expired: "Este link expirou",
    practice: "Link de teste: não abre uma aula real",
    practice_event: "Link de teste",
    when: "Quando",
    from_to: "das {start} às {end}",
    from_to_day: "de {start} a {end}",
    time_in_zone: "{time} {zone}",
    zones: &[],
    valid_from: "Válido a partir de",
    expires: "Válido até",
    expired_on: "Expirou em",
    validity: "Validade",
    not_stated: "não indicada no link",
    join: "Entrar",
    scan: "Leia o código para entrar.",
    too_long: "Este link é longo demais para um código QR.",
    without_link: "Pessoas sem link",
    no_name: "Sem nome",
    guest: "Convidado",
    line: "linha {number}",
    not_a_link: "client_url não contém um link de acesso",
    not_requested: "link ainda não solicitado",
    over: "a aula já terminou",
    no_link: "sem link",
    colon: ":",
    link_for: "Link de acesso para {name}:",
    leader_event: "Link para conduzir a aula: não o divulgue.",
    date: "{day_name}, {day} de {month} de {year}",
    first_of_month: "1º",
    days: ["seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."],
    months: [
        "jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.",
        "dez.",
    ],
};

impl Words {
    /// The text of a language by its code, with or without a region: `de`, `de-AT`, `pt_BR.UTF-8`.
    pub fn named(code: &str) -> Option<&'static Self> {
        let language = code.trim().split(['-', '_', '.', '@']).next().unwrap_or_default();
        ALL.into_iter().find(|words| words.code.eq_ignore_ascii_case(language))
    }

    /// The text of the system's language if available, otherwise English.
    pub fn of_system() -> &'static Self {
        let system = sys_locale::get_locale();
        system.and_then(|code| Self::named(&code)).unwrap_or(&ENGLISH)
    }

    /// A day: `Tue 1 Dec 2026`.
    pub fn day(&self, date: Date) -> String {
        let index = |number: i8| usize::try_from(number).unwrap_or_default();
        let weekday: Weekday = date.weekday();
        let day = match date.day() {
            1 => self.first_of_month.to_owned(),
            day => day.to_string(),
        };
        let day_name = self.days[index(weekday.to_monday_zero_offset()) % 7];
        let month = self.months[(index(date.month()) + 11) % 12];
        let parts = [
            ("day_name", day_name),
            ("day", &*day),
            ("month", month),
            ("year", &*date.year().to_string()),
        ];
        filled(self.date, &parts)
    }

    /// `3 links in 2 Spaces.`
    pub fn counted(&self, links: usize, spaces: usize) -> String {
        let of = |forms: [&str; 2], number: usize| {
            filled(forms[usize::from(number != 1)], &[("number", &number.to_string())])
        };
        let parts = [("links", &*of(self.links, links)), ("spaces", &*of(self.spaces, spaces))];
        filled(self.counts, &parts)
    }

    /// The title of a Space without a known name. `Space` is the same in every language.
    pub fn numbered_space(number: usize) -> String {
        format!("Space {number}")
    }
}

/// Replaces each `{...}` in a text. Inserted text is not expanded again.
pub fn filled(text: &str, parts: &[(&str, &str)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let part = parts.iter().find(|(known, _)| *known == name);
        result.push_str(before);
        result.push_str(part.map_or("", |(_, part)| part));
        rest = after;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Each text with its required placeholders.
    fn texts(words: &Words) -> Vec<(&'static str, &'static [&'static str])> {
        vec![
            (words.counts, &["links", "spaces"]),
            (words.links[1], &["number"]),
            (words.spaces[1], &["number"]),
            (words.times_in, &["zone"]),
            (words.from_to, &["start", "end"]),
            (words.from_to_day, &["start", "end"]),
            (words.time_in_zone, &["time", "zone"]),
            (words.line, &["number"]),
            (words.link_for, &["name"]),
            (words.date, &["day_name", "day", "month", "year"]),
            (words.cards_are_personal, &[]),
            (words.link_is_personal, &[]),
            (words.join, &[]),
            (words.without_link, &[]),
        ]
    }

    #[test]
    fn every_text_has_exactly_its_placeholders() {
        for words in ALL {
            for (text, placeholders) in texts(words) {
                assert_eq!(text.matches('{').count(), placeholders.len(), "{text}");
                for placeholder in placeholders {
                    assert!(text.contains(&format!("{{{placeholder}}}")), "{text}");
                }
            }
            assert!(words.days.iter().chain(&words.months).all(|name| !name.is_empty()));
        }
    }

    #[test]
    fn dates_are_written_as_is_usual_in_each_language() {
        let first = date(2026, 12, 1);
        for (code, day) in [
            ("en", "Tue 1 Dec 2026"),
            ("de", "Di., 1. Dez. 2026"),
            ("es", "mar, 1 dic 2026"),
            ("fr", "mar. 1er déc. 2026"),
            ("it", "mar 1º dic 2026"),
            ("nl", "di 1 dec 2026"),
            ("pl", "wt., 1 gru 2026"),
            ("pt", "ter., 1º de dez. de 2026"),
        ] {
            assert_eq!(Words::named(code).expect("is known").day(first), day);
        }
        assert_eq!(FRENCH.day(date(2027, 2, 28)), "dim. 28 févr. 2027");
        assert_eq!(ENGLISH.day(date(2027, 1, 4)), "Mon 4 Jan 2027");
    }

    #[test]
    fn a_language_is_recognised_with_any_region() {
        for (code, known) in [
            ("de-AT", Some("de")),
            ("pt_BR.UTF-8", Some("pt")),
            ("EN", Some("en")),
            ("C", None),
            ("eng", None),
            ("", None),
            ("ru-RU", None),
        ] {
            assert_eq!(Words::named(code).map(|words| words.code), known, "{code}");
        }
    }

    #[test]
    fn french_has_a_no_break_space_before_each_colon() {
        let texts = [
            FRENCH.cards_are_personal,
            FRENCH.link_is_personal,
            FRENCH.leader,
            FRENCH.leader_event,
            FRENCH.practice,
            FRENCH.link_for,
            FRENCH.colon,
        ];
        for text in texts {
            assert_eq!(text.matches(':').count(), text.matches("\u{a0}:").count(), "{text}");
        }
    }

    #[test]
    fn counts_of_links_and_spaces_use_the_right_plural() {
        assert_eq!(ENGLISH.counted(1, 1), "1 link in 1 Space.");
        assert_eq!(POLISH.counted(3, 2), "Liczba linków: 3. Liczba Space’ów: 2.");
    }

    #[test]
    fn filled_in_text_is_not_filled_in_again() {
        let parts = [("start", "{end}"), ("end", "{start}")];
        assert_eq!(filled(ENGLISH.from_to, &parts), "{end} to {start}");
    }
}
