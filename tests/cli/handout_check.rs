//! `handout` trusts the link, not the cells beside it.

use std::fs;

use crate::handout::{names, text};
use crate::handout_names::{keep_maps, spaces};
use crate::mock::link_with_claims;
use crate::school::School;
use crate::support::TestEnv;

const RESULT: &str = "link_status,client_url,expires_at,room_id,link_error";

/// A link to a room for one person, valid for an hour.
fn link(room: &str, id: &str, name: &str) -> String {
    let claims = format!(
        "{{\"id\":\"{id}\",\"nbf\":4068279600,\"exp\":4068283200,\"canLead\":false,\"meta\":{{\"name\":\"{name}\"}}}}"
    );
    link_with_claims(&claims).replace("room=", &format!("room={room}&was="))
}

#[test]
fn a_link_column_sorted_separately_makes_no_cards() {
    let env = TestEnv::new();
    let row = |name: &str, link: &str| format!("bio,{name},existing,{link},,r1,\n");
    let [ben, tina] = [link("r1", "1", "Ben"), link("r1", "2", "Tina")];
    let rows = [row("Tina", &ben), row("ben ", &tina)].concat();
    env.write("links.csv", format!("id,user name,{RESULT}\n{rows}"));
    let output = env.run("handout links.csv -o links.html");
    output.failed(2).does_not_say(&["Tina", "Ben"]);
    assert_eq!(
        output.stderr,
        "error: links.csv: 2 links are on the wrong row\n  \
         line 2: the link is for the person on line 3\n  \
         line 3: the link is for the person on line 2\n\
         hint: one column was probably sorted on its own; undo that, or run batch again with --resume to restore the file from its journal\n"
    );
    assert!(!env.path("work/links.html").exists());
    for more in ["-o links.ics", "-o cards --each person"] {
        env.run(&format!("handout links.csv {more}"))
            .failed(2)
            .says(&["2 links are on the wrong row"]);
    }
    assert!(!env.path("work/cards").exists() && !env.path("work/links.ics").exists());
}

#[test]
fn a_link_to_a_room_other_than_its_rows_makes_no_card() {
    let env = TestEnv::new();
    let [maths, art] = [link("r1", "1", "Ann"), link("r2", "1", "Ann")];
    let rows = format!("maths,Ann,existing,{art},,r1,\nart,Ann,existing,{maths},,r2,\n");
    env.write("links.csv", format!("id,user name,{RESULT}\n{rows}"));
    env.run("handout links.csv -o links.html").failed(2).says(&[
        "links.csv: 2 links are on the wrong row",
        "line 2: the link does not lead to the room in room_id",
    ]);
    let json = env.run("handout links.csv -o links.html --json");
    let line: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    let problems = &line["error"]["problems"];
    assert_eq!((&problems[1]["line"], &problems[1]["field"]), (&3.into(), &"client_url".into()));
}

#[test]
fn a_space_name_column_sorted_separately_is_refused() {
    let env = TestEnv::new();
    let row = |id: &str, space: &str, name: &str| {
        format!("{id},{space},{name},existing,{},,{id},\n", link(id, name, name))
    };
    let rows = [row("r1", "Art", "Ann"), row("r1", "Maths", "Ben"), row("r2", "Maths", "Cem")];
    env.write("links.csv", format!("id,space name,user name,{RESULT}\n{}", rows.concat()));
    env.run("handout links.csv -o links.html").failed(2).says(&[
        "links.csv: 1 link is on the wrong row\n",
        "line 3: the Space name differs from line 2 in the same Space\n",
    ]);
}

#[test]
fn other_differences_are_counted_and_the_links_value_is_printed() {
    let env = TestEnv::new();
    let row = |name: &str, leader: &str, end: &str, link: &str| {
        format!("bio,{name},{leader},existing,{link},{end},r1,\n")
    };
    let end = "2098-12-01T14:40:00Z";
    let rows = [
        row("Ann", "no", end, &link("r1", "1", "Anna")),
        row("Ben", "yes", end, &link("r1", "2", "Ben")),
        row("Cem", "", "2098-12-02T14:40:00Z", &link("r1", "3", "Cem")),
        row("Dee", "no", end, &link("r1", "4", "dee")),
    ];
    env.write("links.csv", format!("id,user name,leader,{RESULT}\n{}", rows.concat()));
    env.run("handout links.csv -o links.html").succeeded("").says(&[
        "warning: 3 links differ from their rows in name, email, leader or time (lines 2, 3 and 4); the cards \
         show what the links say\n",
    ]);
    let page = text(&env, "links.html");
    assert_eq!(names(&page), ["Anna", "Ben", "Cem", "dee"]);
    assert!(!page.contains("Leader link") && !page.contains("2 Dec"), "{page}");
}

#[test]
fn a_lesson_time_that_was_changed_in_the_row_is_counted() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write(
        "roster.csv",
        "Class,Pupil,Date,Start\n7b,Ada,01/07/2098,14:00\n7b,Bo,02/07/2098,9.30\n",
    );
    let maps = ["id={Class}", "user name={Pupil}", "not before={Date} {Start}", "valid for=45m"];
    let flags: Vec<&str> = maps.iter().flat_map(|map| ["--map", map]).collect();
    for links in ["links.csv", "links.xlsx", "links.jsonl"] {
        env.cmd(&format!("batch roster.csv -o {links} --sandbox --rate 0 --dates dmy"))
            .args(&["--time-zone", "Europe/London"])
            .args(&flags)
            .run()
            .succeeded("");
        // The cells keep their meaning in another zone.
        env.run(&format!("handout {links} -o {links}.html --time-zone Asia/Tokyo"))
            .succeeded("")
            .does_not_say(&["differ"]);
    }
    env.write("links.csv", text(&env, "links.csv").replace("14:00", "15:00"));
    env.run("handout links.csv -o links.html").succeeded("").says(&[
        "warning: 1 link differs from its row in name, email, leader or time (line 2); the cards show \
         what the link says\n",
    ]);
    // The order of day and month is in the journal.
    fs::remove_file(env.path("work/links.csv.journal")).unwrap();
    env.run("handout links.csv -o links.html --force").succeeded("").does_not_say(&["differ"]);
}

#[test]
fn a_row_that_appears_twice_has_one_card_and_one_event() {
    let env = TestEnv::new();
    let row = |name: &str| format!("bio,{name},existing,{},,r1,\n", link("r1", name, name));
    let rows = [row("Ann"), row("Ben"), row("Ann")].concat();
    env.write("links.csv", format!("id,user name,{RESULT}\n{rows}"));
    env.run("handout links.csv -o links.html").succeeded("").says(&[
        "2 cards for 1 Space",
        "warning: 1 row repeats an earlier one (line 4), so there is no second card for it\n",
    ]);
    assert_eq!(names(&text(&env, "links.html")), ["Ann", "Ben"]);
    env.run("handout links.csv -o links.ics").succeeded("").says(&["2 events for 1 Space"]);
}

#[test]
fn skipped_rows_are_omitted_and_counted() {
    let env = TestEnv::new();
    let rows = format!(
        "bio,Ann,existing,{},,r1,\nbio,Ben,skipped,,,,\nart,Cem,Skipped,{},,r2,\n",
        link("r1", "1", "Ann"),
        link("r2", "2", "Cem")
    );
    env.write("links.csv", format!("id,user name,{RESULT}\n{rows}"));
    let output = env.run("handout links.csv -o links.html");
    output.succeeded("").says(&["left out 2 rows that batch skipped"]).does_not_say(&["no link"]);
    let page = text(&env, "links.html");
    assert!(!page.contains("Ben") && !page.contains("Cem"), "{page}");
    let rows = "bio,Ben,skipped,,,,\n";
    env.write("skipped.csv", format!("id,user name,{RESULT}\n{rows}"));
    env.run("handout skipped.csv -o a.html").failed(2).says(&["skipped.csv contains no links"]);
}

#[test]
fn only_the_name_and_the_space_of_the_roster_are_printed() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write(
        "roster.csv",
        "Need,Fee paid,Class,Pupil\nSEN,no,7b,Ada\nSEN,no,7b,Bo\nnone,yes,8c,Cy\nnone,yes,8c,Del\n",
    );
    let maps = [("id", "{Class}"), ("user name", "{Pupil}"), ("valid for", "45m")];
    let flags: Vec<String> = maps
        .iter()
        .flat_map(|(field, map)| ["--map".to_owned(), format!("{field}={map}")])
        .collect();
    env.cmd("batch roster.csv -o links.csv --sandbox --rate 0").args(&flags).run().succeeded("");
    keep_maps(&env, "links.csv", &maps);
    env.run("handout links.csv -o links.html").succeeded("");
    env.run("handout links.csv -o lessons.ics").succeeded("");
    let page = text(&env, "links.html");
    assert_eq!(
        (spaces(&page), names(&page)),
        (
            ["7b", "8c"].map(String::from).into(),
            ["Ada", "Bo", "Cy", "Del"].map(String::from).into()
        )
    );
    let calendar = text(&env, "lessons.ics");
    for private in ["SEN", "none</", "Fee", ">yes", ">no<", "(SEN", "none ("] {
        assert!(!page.contains(private) && !calendar.contains(private), "{private}");
    }
}

#[test]
fn times_are_in_the_batchs_zone_unless_another_is_given() {
    let env = TestEnv::new();
    let rows = format!("bio,Ann,existing,{},,r1,\n", link("r1", "1", "Ann"));
    env.write("links.csv", format!("id,user name,{RESULT}\n{rows}"));
    let mut seen = Vec::new();
    for (journal, flag) in [
        ("", ""),
        ("{\"zone\":\"America/New_York\"}\n{\"mark\"", ""),
        ("{\"zone\":\"America/New_York\"}", " --time-zone Europe/Paris"),
        ("{\"zone\":\"Mars\"}", ""),
    ] {
        env.write("links.csv.journal", journal);
        env.run(&format!("handout links.csv -o links.html --force{flag}")).succeeded("");
        let page = text(&env, "links.html");
        let (_, zone) = page.split_once("Times are in ").unwrap();
        seen.push(zone.split_once(".</p>").unwrap().0.to_owned());
    }
    assert_eq!(seen, ["UTC", "America/New_York", "Europe/Paris", "UTC"]);
}

#[test]
fn a_sheet_can_be_chosen_by_name() {
    let env = TestEnv::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, person) in [("Old", "Ann"), ("New", "Ben")] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        let header = format!("id,user name,{RESULT}");
        sheet.write_row(0, 0, header.split(',')).unwrap();
        sheet
            .write_row(1, 0, ["bio", person, "existing", &link("r1", "1", person), "", "r1"])
            .unwrap();
    }
    env.write("links.xlsx", book.save_to_buffer().unwrap());
    env.run("handout links.xlsx -o links.html")
        .succeeded("")
        .says(&["warning: other sheets of links.xlsx not read: New; choose one with --sheet"]);
    assert_eq!(names(&text(&env, "links.html")), ["Ann"]);
    env.run("handout links.xlsx -o links.html --force --sheet new")
        .succeeded("")
        .does_not_say(&["warning"]);
    assert_eq!(names(&text(&env, "links.html")), ["Ben"]);
    env.run("handout links.xlsx -o links.html --force --sheet X").failed(2).says(&["links.xlsx"]);
    env.write("links.csv", format!("id,{RESULT}\nx,,,,,\n"));
    env.run("handout links.csv -o a.html --sheet X").failed(2).says(&["--sheet"]);
}

#[test]
fn a_guard_is_removed_from_a_links_file_that_was_saved_as_a_workbook() {
    let env = TestEnv::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let header = format!("id,user name,{RESULT}");
    sheet.write_row(0, 0, header.split(',')).unwrap();
    sheet.write_row(1, 0, ["bio", "'=Ann", "existing", &link("r1", "1", ""), "", "r1"]).unwrap();
    env.write("links.xlsx", book.save_to_buffer().unwrap());
    env.run("handout links.xlsx -o links.html").succeeded("");
    assert_eq!(names(&text(&env, "links.html")), ["=Ann"]);
}

#[test]
fn values_missing_from_a_token_are_compared_with_the_journal() {
    let school = School::open();
    let env = school.env();
    env.write(
        "class.csv",
        "id,space name,user id,user name,email\nchem7,Chemistry,s1,Ann,ann@x.example\n\
         bio8,Biology,s2,Ben,ben@x.example\nbio8,Biology,s3,Cem,cem@x.example\n",
    );
    env.run("batch class.csv -o links.csv --rate 0").succeeded("");
    let whole = fs::read_to_string(env.path("work/links.csv")).unwrap();
    let exchanged = |one: &str, other: &str| {
        whole.replace(one, "\u{1}").replace(other, one).replace('\u{1}', other)
    };
    for (text, number, message) in [
        (exchanged("ann@x.example", "cem@x.example"), 2, "the email address belongs to another"),
        (
            exchanged("\nchem7,Chemistry", "\nbio8,Biology"),
            3,
            "the link was made for another Space",
        ),
        (exchanged(",s1,Ann", ",s2,Ben"), 2, "the link "),
    ] {
        env.write("links.csv", text);
        let output = env.run("handout links.csv -o cards.html");
        output.failed(2).says(&[message, " on the wrong row"]);
        assert!(output.stderr.lines().count() >= number, "{output}");
    }
    // A corrected address belongs to no other person.
    env.write("links.csv", whole.replace("ann@x.example", "ada@x.example"));
    env.run("handout links.csv -o cards.html").succeeded("");
}

#[test]
fn an_id_that_the_run_changed_is_not_taken_for_another_space() {
    let school = School::open();
    let env = school.env();
    // A recipe's values, and repeated spaces that are sent as one.
    env.write("codes.csv", "Class,user name\n7a,Ann\n8b,Ben\n");
    env.write(
        "codes.toml",
        "[map]\nid = \"{Class}\"\n\n[values.Class]\n\"7a\" = \"chem7\"\n\"8b\" = \"bio8\"\n",
    );
    env.write("blanks.csv", "id,user name\n7  a,Ann\n8  b,Ben\n");
    for (roster, recipe) in [("codes", "--recipe codes.toml"), ("blanks", "")] {
        env.run(&format!("batch {roster}.csv -o {roster}-links.csv --rate 0 {recipe}"))
            .succeeded("");
        env.run(&format!("handout {roster}-links.csv -o {roster}.html")).succeeded("");
    }
    assert_eq!(spaces(&text(&env, "codes.html")), ["chem7", "bio8"]);
}

#[test]
fn a_row_with_a_new_name_and_email_is_for_another_person() {
    let school = School::open();
    let env = school.env();
    env.write("class.csv", "id,user name,email\nchem7,Ann,ann@x.example\n");
    env.run("batch class.csv -o links.csv --rate 0").succeeded("");
    let whole = fs::read_to_string(env.path("work/links.csv")).unwrap();
    env.write("links.csv", whole.replace("Ann,ann@", "Ada,ada@"));
    env.run("handout links.csv -o cards.html")
        .failed(2)
        .says(&["line 2: the link was made for another person\n"]);
    // Without the journal, this cannot be detected.
    fs::remove_file(env.path("work/links.csv.journal")).unwrap();
    env.run("handout links.csv -o cards --each person").says(&[
        "warning: links.csv.journal is missing, so the email addresses in index.csv were not checked; \
         check them before you send anything\n",
    ]);
}

#[cfg(unix)]
#[test]
fn a_links_file_under_another_name_is_compared_with_the_same_journal() {
    let school = School::open();
    let env = school.env();
    env.write(
        "class.csv",
        "id,user name,email\nchem7,Ann,ann@x.example\nchem7,Ben,ben@x.example\n",
    );
    env.run("batch class.csv -o links.csv --rate 0").succeeded("");
    let whole = fs::read_to_string(env.path("work/links.csv")).unwrap();
    env.write("links.csv", whole.replace("ann@x.example", "ben@x.example"));
    std::os::unix::fs::symlink("links.csv", env.path("work/other.csv")).unwrap();
    env.run("handout other.csv -o cards.html")
        .failed(2)
        .says(&["line 2: the email address belongs to another person in this file"]);
}
