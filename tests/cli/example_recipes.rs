//! The recipes in `examples/recipes/`, each with a small invented export: plan, links and handout.

use std::fs;

use crate::examples::copy;
use crate::support::TestEnv;

/// The plan that `--dry-run` prints.
fn plan(name: &str) -> String {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    copy(&env);
    let line = format!("batch examples/recipes/{name}.csv --recipe examples/recipes/{name}.toml");
    let output = env.run(&format!("{line} --dry-run"));
    assert_eq!(output.code, Some(0), "{output}");
    output.stdout.clone()
}

/// Makes practice links and cards for an example, and a calendar if it has lessons.
fn hand_out(name: &str, links: usize, has_lessons: bool) {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    copy(&env);
    let line = format!("batch examples/recipes/{name}.csv --recipe examples/recipes/{name}.toml");
    let output = env.run(&format!("{line} -o links.csv --sandbox --rate 0"));
    assert_eq!(output.code, Some(0), "{output}");
    let text = fs::read_to_string(env.path("work/links.csv")).unwrap();
    assert_eq!(text.matches("https://sandbox.invalid/").count(), links, "{text}");
    let output = env.run("handout links.csv -o links.html");
    assert_eq!(output.code, Some(0), "{output}");
    output.says(&[&format!("{links} cards for 2 Spaces saved to links.html")]);
    let output = env.run("handout links.csv -o lessons.ics");
    if has_lessons {
        assert_eq!(output.code, Some(0), "{output}");
        output.says(&[&format!("{links} events for 2 Spaces saved to lessons.ics")]);
    } else {
        output.failed(2).says(&["nothing to put in a calendar"]);
    }
}

#[test]
fn calendly_gives_host_and_invitee_a_link_and_skips_cancelled_bookings() {
    assert_eq!(
        plan("calendly"),
        "\
4 links in 2 Spaces, about 1 s
left out: 1 row (--only)
lesson times are in Europe/London

calendly-ev-1  Maths lesson: Ada Okoro
  Kim Lee    leads  Tue 1 Dec 2099, 14:00 to 14:45 GMT  new
  Ada Okoro         Tue 1 Dec 2099, 14:00 to 14:45 GMT  new

calendly-ev-3  Maths lesson: Chidi Obi
  Kim Lee    leads  Wed 2 Dec 2099, 10:00 to 10:45 GMT  new
  Chidi Obi         Wed 2 Dec 2099, 10:00 to 10:45 GMT  new
"
    );
    hand_out("calendly", 4, true);
}

#[test]
fn acuity_uses_the_time_of_the_lesson_not_of_the_booking() {
    assert_eq!(
        plan("acuity"),
        "\
4 links in 2 Spaces, about 1 s
lesson times are in Europe/London

acuity-900001  Piano: Ada Okoro
  Kim Lee    leads  Tue 1 Dec 2099, 14:00 to 14:45 GMT  new
  Ada Okoro         Tue 1 Dec 2099, 14:00 to 14:45 GMT  new

acuity-900002  Piano: Ben Ruiz
  Kim Lee    leads  Wed 2 Dec 2099, 09:30 to 10:15 GMT  new
  Ben Ruiz          Wed 2 Dec 2099, 09:30 to 10:15 GMT  new
"
    );
    hand_out("acuity", 4, true);
}

#[test]
fn teachworks_gives_each_student_in_the_cell_a_link() {
    assert_eq!(
        plan("teachworks"),
        "\
5 links in 2 Spaces, about 2 s
left out: 1 row (--only)
lesson times are in Europe/London

teachworks-700  Maths
  Kim Lee    leads  Tue 1 Dec 2099, 14:00 to 14:45 GMT  new
  Ada Okoro         Tue 1 Dec 2099, 14:00 to 14:45 GMT  new
  Ben Ruiz          Tue 1 Dec 2099, 14:00 to 14:45 GMT  new

teachworks-701  Physics
  Jo Ray     leads  Wed 2 Dec 2099, 16:30 to 17:30 GMT  new
  Chidi Obi         Wed 2 Dec 2099, 16:30 to 17:30 GMT  new
"
    );
    hand_out("teachworks", 5, true);
}

#[test]
fn webuntis_has_the_surname_in_long_name() {
    assert_eq!(
        plan("webuntis"),
        "\
3 links in 2 Spaces, about 1 s
no leader in 2 Spaces: 7b and 8c
  to make a leader link, run: lessonspace launch --id 7b --leader

7b  Klasse 7b
  Ada Okoro  new
  Ben Ruiz   new

8c  Klasse 8c
  Chidi Obi  new
"
    );
    hand_out("webuntis", 3, false);
}

#[test]
fn a_google_calendar_csv_skips_all_day_events() {
    assert_eq!(
        plan("google-calendar"),
        "\
4 links in 2 Spaces, about 1 s
left out: 1 row (--only)
lesson times are in Europe/London

Maths with Ada Okoro
  Kim Lee    leads  Tue 1 Dec 2099, 14:00 to 14:45 GMT  new
  Ada Okoro         Tue 1 Dec 2099, 14:00 to 14:45 GMT  new

Maths with Ben Ruiz
  Kim Lee    leads  Tue 1 Dec 2099, 16:00 to 17:00 GMT  new
  Ben Ruiz          Tue 1 Dec 2099, 16:00 to 17:00 GMT  new
"
    );
    hand_out("google-calendar", 4, true);
}

#[test]
fn moodle_ids_belong_to_people_and_not_to_spaces() {
    assert_eq!(
        plan("moodle"),
        "\
3 links in 2 Spaces, about 1 s
left out: 1 row (--only)
no leader in 2 Spaces: 7b and 8c
  to make a leader link, run: lessonspace launch --id 7b --leader

7b  Class 7b
  Ada Okoro  new
  Ben Ruiz   new

8c  Class 8c
  Chidi Obi  new
"
    );
    hand_out("moodle", 3, false);
}

#[test]
fn the_program_writes_all_example_files_and_replaces_none() {
    let env = TestEnv::new();
    env.unset("LESSONSPACE_API_KEY");
    env.run("batch --example tryout").succeeded("");
    copy(&env);
    for folder in ["", "recipes"] {
        for entry in fs::read_dir(env.path("work/examples").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let written = env.path("work/tryout").join(folder).join(path.file_name().unwrap());
                assert_eq!(
                    fs::read(&path).unwrap(),
                    fs::read(written).unwrap(),
                    "{}",
                    path.display()
                );
            }
        }
    }
    env.run("batch --example tryout")
        .failed(2)
        .says(&["tryout already contains class.xlsx; choose another folder"]);
}
