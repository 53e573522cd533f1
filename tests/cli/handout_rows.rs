//! `handout`: which cells belong to which person of a row, and how it distinguishes Spaces, people
//! and times.

use std::collections::BTreeSet;
use std::fs;

use crate::handout::{names, text};
use crate::handout_calendar::uids;
use crate::handout_names::spaces;
use crate::mock::{ROOM, link_with_claims};
use crate::support::TestEnv;

const RESULT: &str = "link_status,client_url,expires_at,room_id,link_error";

/// The page that `handout` makes from a links file.
fn handed_out(env: &TestEnv, links: &str, content: &str, more: &str) -> String {
    env.write(links, content);
    env.run(&format!("handout {links} -o {links}.html --force{more}")).succeeded("");
    text(env, &format!("{links}.html"))
}

/// A link to a Space for a person with an id, valid for an hour.
fn link(room: &str, id: &str, name: &str) -> String {
    let claims = format!(
        "{{\"id\":\"{id}\",\"nbf\":4068279600,\"exp\":4068283200,\"meta\":{{\"name\":\"{name}\"}}}}"
    );
    link_with_claims(&claims).replace("room=", &format!("room={room}&was="))
}

#[test]
fn the_shared_columns_of_a_lesson_sheet_belong_to_no_person() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.write(
        "sheet.csv",
        "Tutor ID,Student ID,Date,Start,Minutes,Tutor,Student,ID,Display name,User ID,Email,Leader\n\
         T1,S1,2099-12-01,14:00,60,Grace,Anna,Lesson 17,Anna,S1,anna@example.org,no\n",
    );
    env.write(
        "lesson.toml",
        "[map]\nid = \"{Tutor ID}_{Student ID}\"\n\"not before\" = \"{Date} {Start}\"\n\
         \"valid for\" = \"{Minutes}m\"\n[people.tutor]\n\"user name\" = \"{Tutor}\"\nleader = \"yes\"\n\
         [people.student]\n\"user name\" = \"{Student}\"\n",
    );
    for links in ["links.csv", "links.xlsx", "links.jsonl"] {
        env.run(&format!("batch sheet.csv --recipe lesson.toml -o {links} --sandbox"))
            .succeeded("");
        env.run(&format!("handout {links} -o {links}.html")).succeeded("");
        let page = text(&env, &format!("{links}.html"));
        assert_eq!(names(&page), ["Grace", "Anna"], "{links}");
        assert_eq!(page.matches("Leader link").count(), 1, "{links}");
    }
    env.run("handout links.csv -o lessons.ics").succeeded("");
    assert_eq!(uids(&text(&env, "lessons.ics")).len(), 2);
    let people = "tutor_link_status,tutor_client_url,tutor_expires_at,tutor_link_error,student_link_status,\
                  student_client_url,student_expires_at,student_link_error,room_id";
    let row = format!("17,Anna,failed,,,no such email,existing,{},,,r1", link("r1", "s", "Anna"));
    let page = handed_out(&env, "failed.csv", &format!("ID,User name,{people}\n{row}\n"), "");
    let without = "<li><strong><bdi>tutor (line 2)</bdi></strong>: <bdi>no such email</bdi></li>";
    assert!(page.contains(without), "{page}");
}

#[test]
fn an_id_from_a_map_or_recipe_identifies_the_person_under_any_name() {
    let env = TestEnv::new();
    let file = |rows: &[(&str, &str, &str)]| {
        let row = |(id, name, cell): &(&str, &str, &str)| {
            format!("{cell},{name},existing,{},,r1,\n", link("r1", id, name))
        };
        format!("SIS,Who,{RESULT}\n{}", rows.iter().map(row).collect::<String>())
    };
    let uids_of = |content: &str| {
        env.write("links.csv", content);
        env.run("handout links.csv -o lessons.ics --force").succeeded("");
        uids(&text(&env, "lessons.ics"))
    };
    let first = uids_of(&file(&[("7", "Ana Lind", "7"), ("t-1008", "Anna Lind", "1008")]));
    let corrected = uids_of(&file(&[("7", "Anna Lind", "7"), ("t-1008", "Anna Lind", "1008")]));
    assert_eq!(first, corrected, "a corrected name is the same person");
    assert_eq!(corrected.len(), 2, "namesakes are two people");
    let second = uids_of(&file(&[("t-1008", "Anna Lind", "1008")]));
    assert!(second.is_subset(&first), "and stay the two they are when one is not there");
    let by_name = uids_of(&file(&[("c0ffee07", "Anna Lind", "7")]));
    assert_eq!(
        by_name,
        uids_of(&file(&[("decade07", "Anna Lind", "7")])),
        "an id that nobody gave is another each time"
    );
    let line = format!(
        "{{\"id\":\"x\",\"user\":{{\"id\":\"7\",\"name\":\"Ana\"}},\"result\":{{\"link_status\":\"existing\",\
         \"client_url\":\"{}\",\"room_id\":\"r1\"}}}}\n",
        link("r1", "7", "Ana")
    );
    assert!(uids_of(&line).is_subset(&first), "JSON Lines name the same person");
}

#[test]
fn spaces_without_a_room_id_are_distinguished_by_their_links() {
    let env = TestEnv::new();
    let row = |class: &str, room: &str, name: &str| {
        format!("{class},{name},existing,{},,,\n", link(room, name, name))
    };
    let rows = [row("7a", "r1", "Ann"), row("7b", "r2", "Ben"), row("7b", "r2", "Cem")].concat();
    let page = handed_out(&env, "links.csv", &format!("Class,First,{RESULT}\n{rows}"), "");
    assert_eq!(spaces(&page), ["Space 1", "Space 2"], "no column is guessed");
    env.write("links.csv.journal", "{\"maps\":[[\"id\",\"{Class}\"]]}\n");
    let page = handed_out(&env, "links.csv", &format!("Class,First,{RESULT}\n{rows}"), "");
    assert_eq!(spaces(&page), ["7a", "7b"]);
}

#[test]
fn only_complete_sets_of_columns_are_people() {
    let env = TestEnv::new();
    let row = format!("x,Ann,https://zoom.example/1,existing,{},,r1,\n", link("r1", "1", "Ann"));
    let header = format!("id,user name,zoom_link,{RESULT}").to_uppercase();
    let page = handed_out(&env, "links.csv", &format!("{header}\n{row}"), "");
    assert_eq!(names(&page), ["Ann"]);
    env.write("torn.csv", "id,tutor_client_url\nx,https://go.room.sh/?user=x\n");
    env.run("handout torn.csv -o torn.html").failed(2).says(&["tutor_link_status"]);
}

#[test]
fn an_x_marks_a_leader_if_the_token_does_not_say() {
    let env = TestEnv::new();
    let silent = link_with_claims("{}");
    for (cell, leaders) in [("x", 1), ("X", 1), ("yes", 1), ("no", 0), ("", 0)] {
        let row = format!("b,Ann,{cell},existing,{silent},,{ROOM},\n");
        let content = format!("id,user name,leader,{RESULT}\n{row}");
        let page = handed_out(&env, "links.csv", &content, "");
        assert_eq!(page.matches("Leader link").count(), leaders, "{cell:?}");
    }
}

#[test]
fn times_in_a_workbook_count_like_times_in_text() {
    let env = TestEnv::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (column, name) in (0..).zip("id,link_status,client_url,room_id,link_error".split(',')) {
        sheet.write(0, column, name).unwrap();
    }
    for (column, cell) in (0..).zip(["x", "existing", &link_with_claims("{}"), ROOM, ""]) {
        sheet.write(1, column, cell).unwrap();
    }
    sheet.write(0, 5, "expires_at").unwrap();
    let end = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 9, 13).unwrap();
    sheet.write_with_format(1, 5, end.and_hms(13, 26, 0).unwrap(), &format).unwrap();
    let book = book.save_to_buffer().unwrap();
    fs::write(env.path("work/links.xlsx"), book).unwrap();
    env.run("handout links.xlsx -o links.html --time-zone Europe/Paris")
        .succeeded("")
        .says(&["warning: 1 link has expired; to renew, run batch with --resume"]);
    let page = text(&env, "links.html");
    assert!(page.contains("<dt>Expired</dt><dd><time datetime=\"2020-09-13T11:26:00Z\">"));
}

#[test]
fn lessons_across_a_clock_change_show_both_zones() {
    let env = TestEnv::new();
    let link =
        link_with_claims("{\"nbf\":4097190600,\"exp\":4097197800,\"meta\":{\"name\":\"Ann\"}}");
    let content = format!("id,{RESULT}\nx,existing,{link},,{ROOM},\n");
    let page = handed_out(&env, "links.csv", &content, " --time-zone America/New_York");
    let times: BTreeSet<&str> =
        page.split("<time ").skip(1).filter_map(|rest| rest.split(['>', '<']).nth(1)).collect();
    assert_eq!(times, BTreeSet::from(["00:30 EDT", "01:30 EST"]), "{page}");
}

#[test]
fn links_without_times_are_omitted_for_that_reason() {
    let env = TestEnv::new();
    let silent = link_with_claims("{\"exp\":4068283200,\"meta\":{\"name\":\"Ann\"}}");
    let rows = format!("x,existing,{silent},,,\nx,existing,{},,,\n", link(ROOM, "b", "Ben"));
    env.write("links.csv", format!("id,{RESULT}\n{rows}"));
    env.cmd("handout links.csv -o lessons.ics --title")
        .arg("Art;\\ 7b, 8c")
        .run()
        .succeeded("")
        .says(&["warning: left out 1 link: no start and end time in the link"]);
    let calendar = text(&env, "lessons.ics");
    assert!(calendar.contains("\r\nNAME;VALUE=TEXT:Art\\;\\\\ 7b\\, 8c\r\n"), "{calendar}");
    assert!(calendar.contains("\r\nX-WR-CALNAME:Art\\;\\\\ 7b\\, 8c\r\n"), "{calendar}");
    env.write("silent.csv", format!("id,{RESULT}\nx,existing,{silent},,,\n"));
    env.run("handout silent.csv -o silent.ics")
        .failed(2)
        .says(&["1 link but no lessons, so nothing to put in a calendar (a lesson has a start and an end, at most 24 hours apart)"]);
}

#[test]
fn names_with_line_breaks_are_shown_on_one_line() {
    let env = TestEnv::new();
    let silent = link_with_claims("{}");
    let row = format!("\"Art\n7b\",\"Ann\r\nLind\",existing,{silent},,{ROOM},\n");
    let page = handed_out(&env, "links.csv", &format!("space name,user name,{RESULT}\n{row}"), "");
    assert_eq!(
        (names(&page), spaces(&page)),
        (vec!["Ann Lind".to_owned()], vec!["Art 7b".to_owned()])
    );
}
