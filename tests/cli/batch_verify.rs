//! The right link on the right row: proven errors stop the run, other differences are warnings.

use serde_json::{Value, json};

use crate::batch_resume::{RESUME, RUN};
use crate::mock::{ROOM, link_with_claims};
use crate::roster::{links, people, statuses};
use crate::school::{Call, Reply, School, room};
use crate::support::TestEnv;

const HINT: &str = "hint: a caching proxy may be repeating responses; ask your network administrator, then run it again with --resume\n";

/// A response with these claims, this room and a unique link.
fn answer(call: &Call, claims: &Value, room: &str) -> Reply {
    let mut claims = claims.clone();
    claims["serial"] = call.number.into();
    let url = link_with_claims(&claims.to_string()).replace(ROOM, room);
    let status = if call.number == 0 { "201 Created" } else { "200 OK" };
    Reply::Status(status, &[], json!({"client_url": url, "room_id": room}).to_string())
}

/// The run stops at the second row with this message and discards its response. It can be resumed
/// once the responses are right.
#[track_caller]
fn stops(env: &TestEnv, school: &School, line: &str, message: &str) {
    let output = env.run(line);
    output.failed(6).says(&[
        "to finish, run: lessonspace batch roster.csv",
        &format!("error: {message}\n  this response was not saved\n{HINT}"),
    ]);
    assert_eq!(statuses(env, "links.csv")[1], "pending", "{output}");
    let journal = std::fs::read_to_string(env.path("work/links.csv.journal")).unwrap();
    assert_eq!(journal.matches("client_url").count(), 1, "{journal}");
    let before = school.count();
    assert_eq!(before, 2, "the run stops at once");
}

/// Two rows in one Space each. The script gives the second response; all others are right.
fn second_answer(reply: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> School {
    School::script(move |call| if call.number == 1 { reply(call) } else { Reply::Link })
}

#[test]
fn a_server_that_repeats_its_first_response_stops_the_run() {
    for (roster, who) in [
        // Another person in the Space, another Space, the same person at another time.
        ("id,user id,user name\na,p0,Ann\na,p1,Ben\n", "Ben (line 3)"),
        ("id,user id,user name\na,p0,Ann\nb,p0,Ann\n", "Ann (line 3)"),
        ("id,user name,not after\na,Ann,\na,Ann,2099-12-01T10:00:00Z\n", "Ann (line 3)"),
    ] {
        let kept = std::sync::Mutex::new(None);
        let school = School::script(move |call| {
            if call.number > 1 {
                return Reply::Link;
            }
            let mut kept = kept.lock().unwrap();
            let first = kept.get_or_insert_with(|| {
                let url = link_with_claims("{\"exp\":4099798800}").replace(ROOM, "room-of-a");
                json!({"client_url": url, "room_id": "room-of-a"}).to_string()
            });
            Reply::Status("201 Created", &[], first.clone())
        });
        let env = school.env();
        env.write("roster.csv", roster.replace("2099-12-01T10", &soon()));
        let message = format!("the response for {who} contains another row's link (Space a)");
        stops(&env, &school, "batch roster.csv -o links.csv --rate 20", &message);
        env.run(RESUME).succeeded("");
        let rows = links(&env, "links.csv");
        assert_ne!(rows[0]["client_url"], rows[1]["client_url"]);
        assert_eq!(statuses(&env, "links.csv")[0], "created");
        assert_eq!(school.count(), 3);
    }
}

/// The hour 24 hours from now, as `YYYY-MM-DDTHH`.
fn soon() -> String {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    soon.to_string()[..13].to_owned()
}

#[test]
fn a_link_from_an_earlier_run_is_recognised_from_the_journal() {
    let school = School::open();
    let env = school.env();
    env.write("roster.csv", people(1, 1));
    env.run(RUN).succeeded("");
    let first = links(&env, "links.csv")[0].clone();
    let kept = first.clone();
    let again = School::script(move |call| {
        let (url, room) = (kept["client_url"].clone(), kept["room_id"].clone());
        match call.number {
            0 => Reply::Status("200 OK", &[], json!({"client_url": url}).to_string()),
            // A new link to the first Space's room, named only in its URL.
            1 => {
                let url = link_with_claims("{\"exp\":4099798800,\"n\":1}").replace(ROOM, &room);
                Reply::Status("201 Created", &[], json!({"client_url": url}).to_string())
            }
            _ => Reply::Link,
        }
    });
    env.write("roster.csv", people(2, 2));
    // The same API on another port.
    let journal = env.path("work/links.csv.journal");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replace(&school.url(), &again.url())).unwrap();
    env.set("LESSONSPACE_API_URL", again.url());
    for what in ["another row's link (Space space-0)", "the room of another Space, space-0"] {
        let message = format!("error: the response for Person 1 (line 3) contains {what}\n");
        env.run(RESUME).failed(6).says(&[&message]);
        assert_eq!(statuses(&env, "links.csv"), ["created", "pending"]);
        assert_eq!(links(&env, "links.csv")[0], first);
    }
    env.run(RESUME).succeeded("");
    assert_eq!(again.count(), 3);
}

#[test]
fn a_room_that_is_not_in_the_url_is_recognised_from_the_journal() {
    let school = School::script(|call| {
        if call.number == 2 {
            return Reply::Link;
        }
        let claims = json!({"exp": 4_099_798_800_i64, "serial": call.number}).to_string();
        let url = link_with_claims(&claims).replace(&format!("&room={ROOM}"), "");
        let body = json!({"client_url": url, "room_id": "room-of-space-0"});
        Reply::Status("201 Created", &[], body.to_string())
    });
    let env = school.env();
    env.write("roster.csv", people(1, 1));
    env.run(RUN).succeeded("");
    env.write("roster.csv", people(2, 2));
    let message =
        "error: the response for Person 1 (line 3) contains the room of another Space, space-0\n";
    env.run(RESUME).failed(6).says(&[message]);
    assert_eq!(statuses(&env, "links.csv"), ["created", "pending"]);
    env.run(RESUME).succeeded("");
    assert_eq!(school.count(), 3);
}

#[test]
fn the_same_room_for_two_ids_stops_the_run() {
    let school = second_answer(|call| answer(call, &json!({"id": call.person}), &room("space-0")));
    let env = school.env();
    env.write("roster.csv", people(2, 2));
    let message = "the response for Person 1 (line 3) contains the room of another Space, space-0";
    stops(&env, &school, "batch roster.csv -o links.csv --rate 20", message);
    env.run(RESUME).succeeded("");
    assert_eq!(statuses(&env, "links.csv"), ["created", "created"]);
}

#[test]
fn a_token_for_another_person_in_the_roster_stops_the_run() {
    let roster = "id,user id,user name,user email,display name\n\
                  a,p0,Ann Lee,ann@example.org,\n\
                  a,p1,Ben,ben@example.org,Benny\n\
                  a,p2,Ann Lee,ann2@example.org,\n";
    for (claims, other) in [
        (json!({"meta": {"name": "Ann Lee"}}), "Ann Lee"),
        (json!({"meta": {"name": "  ANN   lee "}}), "  ANN   lee "),
        (json!({"meta": {"displayName": "Ann Lee"}, "id": "p1"}), "Ann Lee"),
        (json!({"name": "Ann Lee"}), "Ann Lee"),
        (json!({"meta": {"email": "ANN@example.org"}}), "ann@example.org"),
        (json!({"id": "p2"}), "p2"),
    ] {
        // The first response shows that tokens contain the roster's ids.
        let school = School::script(move |call| match call.number {
            0 => answer(call, &json!({"id": call.person, "meta": {"name": "Ann Lee"}}), "r"),
            1 => answer(call, &claims, "r"),
            _ => answer(call, &json!({"id": call.person}), "r"),
        });
        let env = school.env();
        env.write("roster.csv", roster);
        let message = format!(
            "the response for Ben (line 3) contains a link for someone else in the roster: {other}"
        );
        stops(&env, &school, "batch roster.csv -o links.csv --rate 20", &message);
        env.run(RESUME).succeeded("");
        assert_eq!(school.count(), 4);
    }
}

#[test]
fn pupils_with_the_same_name_are_distinguished_by_their_ids() {
    let school = School::script(|call| {
        let id = if call.number == 1 { "p0" } else { &call.person };
        answer(call, &json!({"id": id, "meta": {"name": "Anna Berg"}}), "r")
    });
    let env = school.env();
    env.write("roster.csv", "id,user id,user name\na,p0,Anna Berg\na,p1,Anna Berg\n");
    let message =
        "the response for Anna Berg (line 3) contains a link for someone else in the roster: p0";
    stops(&env, &school, "batch roster.csv -o links.csv --rate 20", message);
}

#[test]
fn other_differences_are_counted_and_cause_warnings_with_the_row() {
    let roster = "id,user id,user name,leader\n\
                  a,1,Ann,yes\na,2,Ben,\na,3,Cleo,\na,4,Dan,\na,5,Eve,yes\n";
    let school = School::script(|call| {
        let claims = match call.person.as_str() {
            "1" => json!({"canLead": false}),
            "2" => json!({"canLead": true, "meta": {"name": "Somebody"}}),
            "3" => json!({"meta": {"name": "Cléo"}}),
            "4" => json!({"canLead": false, "meta": {"name": "Dan"}}),
            _ => json!({"canLead": true, "meta": {"name": "Eve"}}),
        };
        answer(call, &claims, "r")
    });
    let env = school.env();
    env.write("roster.csv", roster);
    let output = env.run("batch roster.csv -o links.csv --rate 0");
    output.succeeded("");
    let warnings: Vec<_> =
        output.stderr.lines().filter(|line| line.starts_with("warning: line ")).collect();
    let mut sorted = warnings.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "warning: line 2 (id \"a\"): requested a leader link, but got one that is not for a leader",
            "warning: line 3 (id \"a\"): did not request a leader link, but got one; keep it private",
            "warning: line 3 (id \"a\"): requested a link for Ben, but got one for Somebody; do not \
             share it",
            "warning: line 4 (id \"a\"): requested a link for Cleo, but got one for Cléo; do not share \
             it",
        ],
        "{output}"
    );
    output
        .says(&["sent 5: 1 new Space, 4 links to existing ones; 3 links differ from their rows\n"]);
    let summary = env.run("batch roster.csv -o links.csv --rate 0 --force --json");
    assert_eq!((summary.code, &summary.json()["contradicted"]), (Some(0), &json!(3)), "{summary}");
    env.write("roster.csv", "id,user id,user name,leader\na,1,Ann,yes\n");
    env.run("batch roster.csv -o links.csv --rate 0 --force -q")
        .succeeded("")
        .says(&["warning: line 2 (id \"a\"): requested a leader link"]);
}

#[test]
fn a_class_does_not_fail_if_a_claim_is_missing_or_has_another_name_or_form() {
    for claims in [
        |_: &str| json!({}),
        |_: &str| json!({"meta": null, "canLead": null, "id": null}),
        // Lessonspace's own ids, which happen to look like the roster's.
        |person: &str| json!({"id": (person.parse::<u32>().unwrap() + 1) % 4}),
        |person: &str| json!({"id": person.parse::<u32>().unwrap()}),
        |_: &str| json!({"id": "Teacher_1", "user": {"fullName": "Person 3"}, "leads": true}),
        |_: &str| json!({"meta": {"name": ""}, "canLead": "maybe"}),
        |_: &str| json!({"meta": "Person 2"}),
    ] {
        let school =
            School::script(move |call| answer(call, &claims(&call.person), &room(&call.id)));
        let env = school.env();
        env.write("roster.csv", people(4, 2).replace(",p", ","));
        let output = env.run("batch roster.csv -o links.csv --rate 0 --leader");
        output.succeeded("").says(&["sent 4: "]).does_not_say(&["contradict", "requested"]);
        assert_eq!(school.count(), 4);
    }
    // No token, no room, and different hosts.
    let school = School::script(|call| {
        let url = format!("https://{}.example/join", call.person);
        Reply::Status("200 OK", &[], json!({"client_url": url}).to_string())
    });
    let env = school.env();
    env.write("roster.csv", people(4, 2));
    env.run(RUN).succeeded("").does_not_say(&["contradict"]);
}

#[test]
fn names_replaced_by_custom_parameters_belong_to_the_row() {
    let school = School::script(|call| {
        let name = format!("Pupil {}", call.person);
        answer(call, &json!({"canLead": true, "meta": {"name": name}}), &room(&call.id))
    });
    let env = school.env();
    env.write(
        "roster.csv",
        "id,user id,user name,user.custom_jwt_parameters.meta.name,\
         user.custom_jwt_parameters.canLead\n\
         a,1,Pupil 2,Pupil 1,true\na,2,Pupil 1,Pupil 2,true\n",
    );
    env.run(RUN).succeeded("").does_not_say(&["requested", "contradict"]);
}

#[test]
fn a_row_may_get_its_own_link_again() {
    let school = School::script(|call| {
        let claims = json!({"exp": 4_099_798_800_i64, "id": call.person}).to_string();
        let url = link_with_claims(&claims).replace(ROOM, &room(&call.id));
        Reply::Status("200 OK", &[], json!({"client_url": url}).to_string())
    });
    let env = school.env();
    env.write("roster.csv", people(3, 1));
    env.run(RUN).succeeded("");
    // Edited rows are new launches for the same people.
    env.write("roster.csv", people(3, 1).replace("Person", "Pupil"));
    env.run(RESUME).succeeded("").says(&["sent 3: "]);
    assert_eq!(school.count(), 6);
}

#[test]
fn a_token_with_only_the_id_of_another_person_stops_the_run() {
    // The first response is already wrong, so nothing has shown whose ids tokens contain.
    let school = School::script(|call| {
        let other = if call.person == "s1" { "s2" } else { "s1" };
        if call.number == 0 {
            answer(call, &json!({"id": other}), "room-of-a")
        } else {
            Reply::Link
        }
    });
    let env = school.env();
    env.write("roster.csv", "id,user id,user name\na,s1,Ann\na,s2,Ben\n");
    env.run("batch roster.csv -o links.csv --rate 20").failed(6).says(&[
        "error: the response for Ann (line 2) contains a link for someone else in the roster: s2\n",
    ]);
    // A number may be one of Lessonspace's own ids.
    let school = School::script(|call| answer(call, &json!({"id": "2"}), "room-of-a"));
    let env = school.env();
    env.write("roster.csv", "id,user id,user name\na,1,Ann\na,2,Ben\na,3,Cem\n");
    env.run("batch roster.csv -o links.csv --rate 20").failed(6);
    assert_eq!(statuses(&env, "links.csv"), ["created", "existing", "pending"]);
}

#[test]
fn a_space_that_changes_its_room_causes_a_warning_with_the_row() {
    let school = School::script(|call| answer(call, &json!({}), &format!("room-{}", call.number)));
    let env = school.env();
    env.write("roster.csv", people(2, 1));
    env.run("batch roster.csv -o links.csv --rate 20").succeeded("").says(&[
        "warning: line 3 (id \"space-0\"): the link does not lead to the same room as earlier links for this Space; check the API key\n",
        "; 1 link differs from its row\n",
    ]);
}

#[test]
fn a_link_to_another_room_than_in_the_response_causes_a_warning() {
    let school = School::script(|call| {
        let url = link_with_claims("{}").replace(ROOM, "room-x");
        let body = json!({"client_url": url, "room_id": format!("room-{}", call.number)});
        Reply::Status("201 Created", &[], body.to_string())
    });
    let env = school.env();
    let warning = "the link leads to a different room from the one in the response\n";
    env.run("launch --id a --user-name Ann").says(&[&format!("warning: {warning}")]);
    env.write("roster.csv", people(1, 1));
    env.run("batch roster.csv -o links.csv").succeeded("").says(&[warning]);
    assert_eq!(links(&env, "links.csv")[0]["room_id"], "room-1", "as the response says");
}
