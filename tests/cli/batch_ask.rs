//! `batch` at a terminal: it asks what the columns mean, shows the plan, and asks before it sends.
#![cfg(unix)]

use std::fs;

use serde_json::{Value, json};

use crate::roster::{links, statuses};
use crate::school::School;
use crate::support::TestEnv;
use crate::terminal::{Session, Terminal};

const CLASS: &str = "Class,Surname,First name,Mail,Teacher,Notes\n\
    7B Biology,Lovelace,Ada,ada@example.org,no,likes maths very much and sits in front\n\
    7B Biology,Li,Bo,bo@example.org,no,\n\
    8A Art,Curie,Marie,marie@example.org,yes,\n";

const SPACE: &str = "Which column is the class (one Space for each)?";
const NAME: &str = "Which column has the names?";
const EMAIL: &str = "Which column has each person's own email address?";
const LEADER: &str = "Which column shows who leads?";
const GUESTS: &str = "No names or email addresses chosen. Create guest links?";
const SPACE_ID: &str = "Space id (use the same id to open the same Space again): ";
const LAUNCH: &str = "Launch 3 links? [Y/n]";
const SAVE: &str = "Save these answers as class-recipe.toml for other lists like this one? [y/N]";

const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";
const CTRL_C: &str = "\u{3}";

/// A school, and an environment with this roster.
fn school_with(name: &str, roster: &str) -> (School, TestEnv) {
    let school = School::open();
    let env = school.env();
    env.write(name, roster);
    (school, env)
}

/// The bodies received, in the order of the roster.
fn bodies(school: &School) -> Vec<Value> {
    school.seen().into_iter().map(|seen| seen.body).collect()
}

/// The lines on the screen, without the sequences that move or hide the cursor or clear lines.
fn lines(session: &Session) -> Vec<String> {
    let mut text = String::new();
    let mut rest = session.screen.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        rest = &after[end + 1..];
    }
    text.push_str(rest);
    text.lines().map(|line| line.rsplit('\r').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_suggestion_can_be_accepted_and_the_best_one_comes_first() {
    let (school, env) = school_with("class.csv", CLASS);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal
        .wait_for(SPACE)
        .wait_for("\r\n> Class                     7B Biology\r\n  Surname                   Lovelace\r\n")
        .wait_for("  Notes                     likes maths very much and sits…\r\n")
        .wait_for("  (one Space for all rows)")
        .keys(ENTER);
    terminal
        .wait_for(&format!("{SPACE} Class\r\n"))
        .wait_for(NAME)
        .wait_for(
            "\r\n> First name + Surname  Ada Lovelace\r\n  Class                 7B Biology\r\n",
        )
        .wait_for("  (no names)\r\n  (back)")
        .keys(ENTER);
    terminal.wait_for(&format!("{NAME} First name + Surname\r\n"));
    terminal
        .wait_for(EMAIL)
        .wait_for("\r\n> Mail                  ada@example.org\r\n")
        .keys(ENTER);
    terminal.wait_for(&format!("{EMAIL} Mail\r\n"));
    terminal
        .wait_for(LEADER)
        .wait_for("\r\n> Teacher                        no\r\n")
        .wait_for("  (no one in this roster leads)")
        .keys(ENTER);
    terminal.wait_for(&format!(
        "{LEADER} Teacher\r\n\
         links file: class-links.csv\r\n\
         columns sent: Class, Surname, First name, Mail, Teacher\r\n\
         columns kept but not sent: Notes\r\n\
         7B Biology\r\n  \
           Ada Lovelace         new\r\n  \
           Bo Li                new\r\n\
         \r\n\
         8A Art\r\n  \
           Marie Curie   leads  new\r\n\
         \r\n\
         3 links in 2 Spaces\r\n\
         no leader in 1 Space: 7B Biology\r\n  to make a leader link, run: \
         lessonspace launch --id '7B Biology' --leader\r\n"
    ));
    terminal.wait_for(LAUNCH).keys(ENTER).wait_for(SAVE).keys(ENTER);
    let session = terminal.end();
    session.ended(0, &[]);
    let shown = lines(&session);
    let end = shown.iter().position(|line| line.starts_with("sent 3: ")).unwrap();
    assert_eq!(
        shown[end..],
        [
            "sent 3: 2 new Spaces, 1 link to an existing one",
            "links saved to class-links.csv (only you can read it); each link is personal",
            "to repeat this without prompts:",
            "  lessonspace batch class.csv --rate 0 --map 'id={Class}' --map 'user name={First \
             name} {Surname}' --map 'user email={Mail}' --map 'leader={Teacher}' --resume",
            "Save these answers as class-recipe.toml for other lists like this one? no",
        ],
    );
    let mut bodies = bodies(&school);
    bodies.sort_by_key(|body| body["user"]["name"].to_string());
    assert_eq!(
        bodies,
        [
            json!({"id": "7B Biology", "user": {"name": "Ada Lovelace", "email": "ada@example.org", "leader": false}}),
            json!({"id": "7B Biology", "user": {"name": "Bo Li", "email": "bo@example.org", "leader": false}}),
            json!({"id": "8A Art", "user": {"name": "Marie Curie", "email": "marie@example.org", "leader": true}}),
        ]
    );
    assert!(!env.path("work/class-recipe.toml").exists());
    // The suggested command sends nothing more and does not prompt.
    let again = env
        .cmd("batch class.csv --rate 0 --resume")
        .args(&["--map", "id={Class}", "--map", "user name={First name} {Surname}"])
        .args(&["--map", "user email={Mail}", "--map", "leader={Teacher}"])
        .run();
    again.succeeded("").says(&["nothing to send: all 3 links are still good\n"]);
}

#[test]
fn another_column_can_be_chosen_and_a_prompt_can_be_repeated() {
    let (school, env) = school_with("class.csv", CLASS);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    // Choose the notes by mistake.
    terminal.wait_for("(one Space for all rows)").keys(&DOWN.repeat(5)).keys(ENTER);
    terminal.wait_for(&format!("{SPACE} Notes\r\n")).wait_for("(back)");
    terminal.keys(&DOWN.repeat(8)).keys(ENTER);
    // The list starts with the suggestion again.
    terminal
        .wait_for(&format!("{NAME} (back)\r\n"))
        .wait_for("(one Space for all rows)")
        .keys(ENTER);
    terminal.wait_for(&format!("{SPACE} Class\r\n")).wait_for("(back)");
    // Only the first name, no addresses, no leader.
    terminal.keys(&DOWN.repeat(3)).keys(ENTER);
    terminal.wait_for(&format!("{NAME} First name\r\n")).wait_for("(back)");
    terminal.keys(&DOWN.repeat(6)).keys(ENTER);
    terminal.wait_for(&format!("{EMAIL} (no email addresses)\r\n")).wait_for("(back)");
    terminal.keys(&DOWN.repeat(6)).keys(ENTER);
    terminal.wait_for(&format!("{LEADER} (no one in this roster leads)\r\n"));
    terminal.wait_for(LAUNCH).keys("y").wait_for(SAVE).keys("n");
    terminal.end().ended(
        0,
        &["batch class.csv --rate 0 --map 'id={Class}' --map 'user name={First name}' --resume\r\n"],
    );
    let mut bodies = bodies(&school);
    bodies.sort_by_key(|body| body["user"]["name"].to_string());
    assert_eq!(
        bodies,
        [
            json!({"id": "7B Biology", "user": {"name": "Ada"}}),
            json!({"id": "7B Biology", "user": {"name": "Bo"}}),
            json!({"id": "8A Art", "user": {"name": "Marie"}}),
        ]
    );
}

#[test]
fn one_space_for_all_rows_comes_first_if_no_column_looks_like_a_class() {
    let roster =
        "Pupil,Mail\nAda Lovelace,ada@example.org\nBo Li,bo@example.org\nCem,cem@example.org\n";
    let (school, env) = school_with("class.csv", roster);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("\r\n> (one Space for all rows)\r\n  Pupil ").wait_for("Mail ").keys(ENTER);
    terminal.wait_for(SPACE_ID).line("").wait_for(SPACE_ID).line("'bio7b'");
    terminal.wait_for("warning: the Space id has quotation marks around it: 'bio7b'; write bio7b");
    terminal.wait_for(SPACE_ID).line("bio {7b}");
    terminal.wait_for(NAME).wait_for("\r\n> Pupil ").wait_for("(back)").keys(ENTER);
    terminal.wait_for(EMAIL).wait_for("\r\n> Mail ").wait_for("(back)").keys(ENTER);
    terminal.wait_for(LEADER).wait_for("\r\n> (no one in this roster leads)").keys(ENTER);
    terminal.wait_for("\r\nbio {7b}\r\n  Ada Lovelace  new\r\n").wait_for(LAUNCH).keys("y");
    terminal.wait_for(SAVE).keys("n");
    terminal
        .end()
        .ended(0, &["--map 'id=bio {{7b}}' --map 'user name={Pupil}' --map 'user email={Mail}'"]);
    assert!(school.seen().iter().all(|seen| seen.id == "bio {7b}"));
    assert_eq!(school.count(), 3);
}

#[test]
fn a_roster_without_people_prompts_for_guest_links() {
    let (school, env) = school_with("class.csv", "Room,Seats\na,2\nb,3\nc,4\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    let accept_nothing = |terminal: &mut Terminal| {
        terminal.wait_for(NAME).wait_for("\r\n> (no names)").wait_for("(back)").keys(ENTER);
        terminal.wait_for(EMAIL).wait_for("\r\n> (no email").wait_for("(back)").keys(ENTER);
        terminal.wait_for(LEADER).wait_for("\r\n> (no one").wait_for("(back)").keys(ENTER);
        terminal.wait_for(GUESTS).wait_for("\r\n> no, choose the columns again\r\n");
        terminal.wait_for("  yes, guest links");
    };
    terminal.wait_for("> Room ").wait_for("(one Space for all rows)").keys(ENTER);
    accept_nothing(&mut terminal);
    // Answering no returns to the names; the second time, answer yes.
    terminal.keys(ENTER);
    accept_nothing(&mut terminal);
    terminal.keys(DOWN).keys(ENTER).wait_for(LAUNCH).keys("y").wait_for(SAVE).keys("y");
    terminal.end().ended(0, &["batch class.csv --rate 0 --map 'id={Room}' --guest --resume\r\n"]);
    assert_eq!(bodies(&school).len(), 3);
    assert!(bodies(&school).iter().all(|body| body.get("user").is_none()));
    let recipe = fs::read_to_string(env.path("work/class-recipe.toml")).unwrap();
    assert_eq!(recipe, "guest = true\n\n[map]\nid = \"{Room}\"\n");
}

#[test]
fn ctrl_c_and_signals_end_every_prompt_and_nothing_is_sent() {
    // How far the run gets before it is interrupted.
    for stage in 0..5 {
        for (signal, code) in
            [(None, 130), (Some("INT"), 130), (Some("TERM"), 143), (Some("HUP"), 129)]
        {
            let (school, env) = school_with("class.csv", CLASS);
            let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
            for question in 0..stage {
                let last = if question == 0 { "(one Space for all rows)" } else { "(back)" };
                terminal.wait_for(last).keys(ENTER).wait_for("? ");
            }
            terminal.wait_for(match stage {
                0 => "(one Space for all rows)",
                4 => LAUNCH,
                _ => "(back)",
            });
            match signal {
                None => terminal.keys(CTRL_C),
                Some(signal) => terminal.signal(signal),
            };
            terminal.end().ended(code, &["\r\nerror: interrupted\r\n"]);
            assert_eq!(school.count(), 0);
            assert!(!env.path("work/class-links.csv").exists());
        }
    }
    // While typing the id of the single Space, and at the prompts before and after a run.
    let (_school, env) = school_with("class.csv", CLASS);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv"));
    terminal.wait_for("(one Space for all rows)").keys(&DOWN.repeat(6)).keys(ENTER);
    terminal.wait_for(SPACE_ID).keys("bio").keys(CTRL_C);
    terminal.end().ended(130, &["\r\nerror: interrupted\r\n"]);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    accept_all(&mut terminal);
    terminal.wait_for(SAVE).keys(CTRL_C);
    terminal.end().ended(130, &["sent 3: ", "\r\nerror: interrupted\r\n"]);
    assert_eq!(statuses(&env, "class-links.csv").len(), 3);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("Update class-links.csv? [Y/n]").keys(CTRL_C);
    terminal.end().ended(130, &["\r\nerror: interrupted\r\n"]).without(&["nothing to send"]);
}

/// Accepts every suggestion, and launches.
fn accept_all(terminal: &mut Terminal) {
    terminal.wait_for("(one Space for all rows)").keys(ENTER);
    for question in [NAME, EMAIL, LEADER] {
        terminal.wait_for(question).wait_for("(back)").keys(ENTER);
    }
    terminal.wait_for("links? [Y/n]").keys(ENTER);
}

#[test]
fn known_columns_are_not_prompted_for_and_answering_no_sends_nothing() {
    let roster = "id,user name\na,Ann\na,Bob\nb,Cem\n";
    let (school, env) = school_with("class.csv", roster);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for(LAUNCH).keys("n");
    let session = terminal.end();
    session
        .ended(0, &["Launch 3 links? no\r\n", "nothing was sent\r\n"])
        .without(&["Which column", "Save"]);
    let left: Vec<_> = fs::read_dir(env.path("work")).unwrap().collect();
    assert_eq!((school.count(), left.len()), (0, 1), "{left:?}");
    // Without a links file, the prompt is the same again.
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for(LAUNCH).keys("y");
    terminal.end().ended(0, &["sent 3: "]).without(&["Which column", "Save", "without prompts"]);
    assert_eq!(school.count(), 3);
}

#[test]
fn errors_are_reported_before_any_prompt() {
    let (_school, env) = school_with("class.csv", CLASS);
    let error = "error: --rate: expected a number such as 4, or 0 for no limit, not \"fast\"";
    let terminal = Terminal::start(&env.cmd("batch class.csv --rate fast"));
    terminal.end().ended(2, &["--rate: expected a number"]).without(&["Which column"]);
    env.write("class.csv", "id,user name\na,Ann\n");
    let terminal = Terminal::start(&env.cmd("batch class.csv --rate fast"));
    terminal.end().ended(2, &[error]).without(&["Launch"]);
}

#[test]
fn the_prompt_for_a_single_link_is_in_the_singular() {
    let (school, env) = school_with("class.csv", "id,user name\na,Ann\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv"));
    terminal.wait_for("Launch 1 link? [Y/n]").keys("y");
    terminal.end().ended(0, &["sent 1: 1 new Space\r\n"]);
    assert_eq!(school.count(), 1);
}

#[test]
fn the_second_week_needs_only_one_prompt() {
    let (school, env) = school_with("class.csv", CLASS);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    accept_all(&mut terminal);
    terminal.wait_for(SAVE).keys("n");
    terminal.end().ended(0, &[]);
    let before = links(&env, "class-links.csv");
    // A new pupil; the columns come from the journal.
    env.write("class.csv", format!("{CLASS}8A Art,Obi,Chidi,chidi@example.org,no,\n"));
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("Update class-links.csv? [Y/n]").keys(ENTER);
    terminal
        .end()
        .ended(
            0,
            &[
                "links file: class-links.csv\r\n",
                "\r\n1 link in 1 Space\r\n3 links are still good\r\n",
                "Update class-links.csv? yes\r\n",
                "sent 1: 1 link to an existing Space; 3 links were still good\r\n",
            ],
        )
        .without(&["Which column", "Launch", "Save"]);
    let after = links(&env, "class-links.csv");
    assert_eq!(after[..3], before[..]);
    let body = &bodies(&school)[3];
    let user = json!({"name": "Chidi Obi", "email": "chidi@example.org", "leader": false});
    assert_eq!(*body, json!({"id": "8A Art", "user": user}));
    // Answering no changes nothing.
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("Update class-links.csv? [Y/n]").keys("n");
    terminal
        .end()
        .ended(0, &["nothing was sent, and class-links.csv is unchanged\r\n"])
        .without(&["Which column"]);
    assert_eq!(links(&env, "class-links.csv"), after);
    assert_eq!(school.count(), 4);
}

#[test]
fn a_saved_recipe_replaces_the_prompts_next_time() {
    let (school, env) = school_with("class.csv", CLASS);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    accept_all(&mut terminal);
    terminal.wait_for(SAVE).keys("y");
    terminal.end().ended(
        0,
        &["recipe saved to class-recipe.toml; to use it, add: --recipe class-recipe.toml\r\n"],
    );
    let recipe = fs::read_to_string(env.path("work/class-recipe.toml")).unwrap();
    assert_eq!(
        recipe,
        "[map]\nid = \"{Class}\"\n\"user name\" = \"{First name} {Surname}\"\n\
         \"user email\" = \"{Mail}\"\nleader = \"{Teacher}\"\n"
    );
    let before = bodies(&school);
    env.run("batch class.csv -o other.csv --rate 0 --recipe class-recipe.toml").succeeded("");
    let sorted = |bodies: &[Value]| {
        let mut bodies: Vec<String> = bodies.iter().map(ToString::to_string).collect();
        bodies.sort();
        bodies
    };
    assert_eq!(sorted(&bodies(&school)[3..]), sorted(&before));
    // At a terminal only one prompt remains, and no recipe is offered.
    let line = "batch class.csv -o third.csv --rate 0 --recipe class-recipe.toml";
    let mut terminal = Terminal::start(&env.cmd(line));
    terminal.wait_for(LAUNCH).keys("y");
    terminal.end().ended(0, &["sent 3: "]).without(&["Which column", "Save"]);
}

#[test]
fn an_existing_recipe_is_not_replaced() {
    let (_school, env) = school_with("class.csv", CLASS);
    env.write("class-recipe.toml", "[map]\nid = \"{Class}\"\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    accept_all(&mut terminal);
    terminal.end().ended(0, &["to repeat this without prompts:\r\n"]).without(&["Save"]);
    let recipe = fs::read_to_string(env.path("work/class-recipe.toml")).unwrap();
    assert_eq!(recipe, "[map]\nid = \"{Class}\"\n");
}

#[test]
fn there_are_no_prompts_with_yes_no_input_or_json_in_ci_or_without_a_terminal() {
    let error = "header: no column for the Space id in the first 20 rows; columns: Class, Surname, \
                 First name, Mail, Teacher, Notes; add --map 'id={Class}' --map 'user name={First \
                 name} {Surname}' --map 'user email={Mail}'";
    for flags in ["--yes", "--no-input"] {
        let (school, env) = school_with("class.csv", CLASS);
        let terminal = Terminal::start(&env.cmd(&format!("batch class.csv {flags}")));
        terminal.end().ended(2, &[error]).without(&["Which column"]);
        env.write("class.csv", "id,user name\na,Ann\na,Bob\nb,Cem\n");
        let line = format!("batch class.csv --rate 0 {flags}");
        let terminal = Terminal::start(&env.cmd(&line));
        terminal.end().ended(0, &["sent 3: "]).without(&["[Y/n]"]);
        // An existing links file is not updated without asking.
        let terminal = Terminal::start(&env.cmd(&line));
        terminal.end().ended(2, &["class-links.csv already exists"]).without(&["Update"]);
        assert_eq!(school.count(), 3);
    }
    let (school, env) = school_with("class.csv", CLASS);
    let run = env.cmd("batch class.csv --json");
    Terminal::start(&run).end().ended(2, &["{\"error\":"]).without(&["Which column"]);
    env.set("CI", "true");
    Terminal::start(&env.cmd("batch class.csv"))
        .end()
        .ended(2, &[error])
        .without(&["Which column"]);
    env.unset("CI");
    // One of the two streams is not a terminal.
    for redirection in ["< /dev/null", "2> errors"] {
        let terminal = Terminal::start_redirected(&env.cmd("batch class.csv"), redirection);
        terminal.end().ended(2, &[]).without(&["Which column"]);
    }
    env.run("batch class.csv").failed(2).says(&[error]);
    assert_eq!(school.count(), 0);
}

#[test]
fn several_names_in_a_cell_get_a_link_each_if_confirmed() {
    let sheet = "Group,Pupils\nPiano,\"Ada Byron, Bo Li\"\nViolin,Cem Kaya\n";
    let (school, env) = school_with("class.csv", sheet);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("Which column has the names?").keys(ENTER);
    terminal.wait_for("own email address?").keys(ENTER);
    terminal.wait_for("Which column shows who leads").keys(ENTER);
    terminal
        .wait_for("Pupils has several names in a cell, such as \"Ada Byron, Bo Li\".")
        .wait_for("Make a link for each? [Y/n]")
        .keys(ENTER);
    terminal.wait_for("Launch 3 links? [Y/n]").keys(ENTER);
    terminal.wait_for(SAVE).keys("y");
    // The next run reads the answers from the journal, so the command has no maps.
    let command =
        "to repeat this without prompts:\r\n  lessonspace batch class.csv --rate 0 --resume\r\n";
    terminal.end().ended(0, &["sent 3: ", command]);
    let names: Vec<_> = bodies(&school).iter().map(|body| body["user"]["name"].clone()).collect();
    assert_eq!(names.len(), 3);
    assert!(names.contains(&json!("Bo Li")), "{names:?}");
    let recipe = fs::read_to_string(env.path("work/class-recipe.toml")).unwrap();
    assert_eq!(
        recipe,
        "[map]\nid = \"{Group}\"\n\n[people.student]\neach = \"{Pupils}\"\n\"user name\" = \"{each}\"\n"
    );
    env.run("batch class.csv -o other.csv --rate 0 --recipe class-recipe.toml").succeeded("");
}

#[test]
fn a_column_with_braces_in_its_name_is_not_offered() {
    let (_school, env) = school_with("class.csv", "Class,Pupil},Mail\n7A,Ada,ada@x.org\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("Which column has the names?").keys(ENTER);
    terminal.wait_for("Which column has each person's own email address?").keys(ENTER);
    terminal.wait_for("Which column shows who leads").keys(ENTER);
    terminal.wait_for("Launch 1 link? [Y/n]").keys("n");
    terminal.end().ended(0, &["nothing was sent"]).without(&["  Pupil}"]);
}

#[test]
fn two_full_names_in_every_cell_are_not_suggested_as_one_flipped_name() {
    let sheet = "Group,Pupils\nPiano,\"Ada Byron, Bo Li\"\nViolin,\"Cem Kaya, Dee Fox\"\n";
    let (school, env) = school_with("class.csv", sheet);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("Pupils, given name first").keys(ENTER);
    terminal.wait_for("own email address?").keys(ENTER);
    terminal.wait_for("Which column shows who leads").keys(ENTER);
    terminal.wait_for("Make a link for each? [Y/n]").keys(ENTER);
    terminal.wait_for("Launch 4 links? [Y/n]").keys(ENTER);
    terminal.wait_for(SAVE).keys("n");
    terminal.end().ended(0, &["sent 4: "]);
    assert_eq!(bodies(&school).len(), 4);
}

#[test]
fn a_flipped_name_is_one_person_even_with_four_words() {
    let sheet = "Class,Pupil\n7A,\"Byron, Ada\"\n7A,\"De la Cruz, Ana Maria\"\n7A,\"Li, Bo\"\n";
    let (school, env) = school_with("class.csv", sheet);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("Pupil, given name first").keys(ENTER);
    terminal.wait_for("own email address?").keys(ENTER);
    terminal.wait_for("Which column shows who leads").keys(ENTER);
    terminal.wait_for("Launch 3 links? [Y/n]").keys(ENTER);
    terminal.wait_for(SAVE).keys("n");
    terminal.end().ended(0, &["sent 3: "]).without(&["several names"]);
    assert!(bodies(&school).iter().any(|body| body["user"]["name"] == "Ana Maria De la Cruz"));
}

#[test]
fn a_column_of_teachers_gives_each_teacher_one_leader_link_for_each_space() {
    let sheet = "Class,Pupil,Tutor,Lesson time,Role\n\
                 7A,\"Byron, Ada\",\"Quill, Jane\",2099-12-01 14:00-14:45,student\n\
                 7A,\"Li, Bo\",\"Quill, Jane\",2099-12-01 14:00-14:45,student\n\
                 8B,\"Ruiz, Ben\",\"Quill, Jane\",2099-12-02 14:00-14:45,student\n\
                 8B,\"Lind, Anna\",\"Ray, Jo\",2099-12-02 14:00-14:45,student\n";
    let (school, env) = school_with("class.csv", sheet);
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("Pupil, given name first").wait_for("Ada Byron").keys(ENTER);
    terminal.wait_for("own email address?").keys(ENTER);
    terminal.wait_for(LEADER).keys(&DOWN.repeat(3)).keys(ENTER);
    let question = "Tutor has names, such as \"Quill, Jane\". Make a leader link for each? [Y/n]";
    terminal.wait_for(question).keys(ENTER);
    terminal.wait_for("7 links in 2 Spaces");
    terminal.wait_for("Launch 7 links? [Y/n]").keys(ENTER);
    terminal.wait_for(SAVE).keys("y");
    terminal.end().ended(0, &["sent 7: 2 new Spaces, 5 links to existing ones"]);
    let mut sent: Vec<String> = bodies(&school)
        .iter()
        .map(|body| {
            let user = &body["user"];
            let [id, start] = [&body["id"], &body["timeouts"]["not_before"]];
            format!("{id} {start} {} {} {}", user["name"], user["role"], user["leader"])
        })
        .collect();
    sent.sort();
    assert_eq!(
        sent.join("\n").replace('"', ""),
        "7A 2099-12-01T14:00:00Z Ada Byron student null\n\
         7A 2099-12-01T14:00:00Z Bo Li student null\n\
         7A 2099-12-01T14:00:00Z Jane Quill null true\n\
         8B 2099-12-02T14:00:00Z Anna Lind student null\n\
         8B 2099-12-02T14:00:00Z Ben Ruiz student null\n\
         8B 2099-12-02T14:00:00Z Jane Quill null true\n\
         8B 2099-12-02T14:00:00Z Jo Ray null true"
    );
    assert!(
        fs::read_to_string(env.path("work/class-recipe.toml"))
            .unwrap()
            .contains("[people.teacher]\nonce = true\n")
    );
    // The next week, with the rows in another order, everyone keeps their link.
    let mut rows: Vec<&str> = sheet.lines().collect();
    rows[1..].reverse();
    env.write("class.csv", rows.join("\n"));
    env.run("batch class.csv --rate 0 --resume")
        .succeeded("")
        .says(&["all 7 links are still good"]);
    // Each teacher has one card in each Space.
    let handout = env.run("handout class-links.csv -o cards.html");
    handout.succeeded("").says(&["7 cards for 2 Spaces"]);
}

#[test]
fn a_column_that_is_not_yes_or_no_can_be_declined() {
    let (school, env) =
        school_with("class.csv", "Class,Pupil,Tutor\n7A,Ada,Ms Quill\n7A,Bo,Ms Quill\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("(one Space for each)?").keys(ENTER);
    terminal.wait_for("has the names?").keys(ENTER);
    terminal.wait_for("own email address?").keys(ENTER);
    terminal.wait_for(LEADER).keys(&DOWN.repeat(3)).keys(ENTER);
    terminal.wait_for("Make a leader link for each? [Y/n]").keys("n");
    terminal.wait_for(LEADER).keys(ENTER);
    terminal.wait_for("Launch 2 links? [Y/n]").keys(ENTER);
    terminal.wait_for(SAVE).keys("n");
    terminal.end().ended(0, &["sent 2: "]);
    assert!(bodies(&school).iter().all(|body| body["user"]["leader"].is_null()));
}

#[test]
fn the_prompt_about_excels_encoding_shows_a_sample_line() {
    let (school, env) = school_with("class.csv", "");
    env.write("class.csv", b"id;user name\r\na;Ann\r\na;J\xfcrgen M\xfcller\r\n");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal
        .wait_for("class.csv is not UTF-8. Does this line look right: \"a;Jürgen Müller\"? [Y/n]")
        .keys(ENTER);
    terminal.wait_for("Launch 2 links? [Y/n]").keys(ENTER);
    terminal.end().ended(0, &["sent 2: "]);
    assert!(bodies(&school).iter().any(|body| body["user"]["name"] == "Jürgen Müller"));
    // The next week the encoding is already known.
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
    terminal.wait_for("Update class-links.csv? [Y/n]").keys(ENTER);
    terminal.end().ended(0, &["nothing to send"]).without(&["UTF-8"]);
    // The same for a name without an extension.
    fs::copy(env.path("work/class.csv"), env.path("work/class")).unwrap();
    let mut terminal = Terminal::start(&env.cmd("batch class -o more.csv"));
    terminal.wait_for("class is not UTF-8. Does this line look right").keys("n");
    terminal.end().ended(2, &["add --encoding windows-1252"]);
    // Answering no shows the error with its fix.
    let mut terminal = Terminal::start(&env.cmd("batch class.csv -o other.csv"));
    terminal.wait_for("[Y/n]").keys("n");
    terminal.end().ended(2, &["add --encoding windows-1252"]);
}

#[test]
fn ctrl_c_at_the_prompt_leaves_no_journal_behind() {
    let (school, env) = school_with("class.csv", "id,user name\na,Ann\n");
    for _ in 0..2 {
        let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0"));
        terminal.wait_for("Launch 1 link? [Y/n]").keys("\u{3}");
        terminal.end().ended(130, &["interrupted"]);
        assert!(!env.path("work/class-links.csv.journal").exists());
    }
    // Answering no to --force keeps the earlier links.
    env.run("batch class.csv --rate 0 --yes").succeeded("");
    let mut terminal = Terminal::start(&env.cmd("batch class.csv --rate 0 --force"));
    terminal.wait_for("Launch 1 link? [Y/n]").keys("n");
    terminal.end().ended(0, &["nothing was sent"]);
    env.run("batch class.csv --rate 0 --resume").succeeded("").says(&["nothing to send"]);
    assert_eq!(school.count(), 1);
}
