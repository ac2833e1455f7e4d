//! Which template goes out, and when text may.

use serde_json::{Value, json};

use crate::kit::{Answer, Phone, Recruiter, Store, Town, on_both_stores};

on_both_stores! {
    the_pick_follows_what_was_ever_reached,
    the_window_ends_with_its_last_second_by_metas_clock,
    an_older_message_never_shortens_the_window_and_a_future_one_counts_as_now,
    wrong_parameters_and_names_are_found_before_sending,
    a_choice_that_is_open_must_be_made,
}

const DAY: i64 = 24 * 60 * 60;

fn picked(answer: &Answer) -> Value {
    answer.is(201)["templatePurpose"].clone()
}

async fn the_pick_follows_what_was_ever_reached(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;

    // Nobody there yet, and nobody answers: the second letter is another one.
    let ana = town.phone("4915100000001");
    assert_eq!(picked(&maria.send_template(&ana, "Ana").await), "INITIATE");
    assert_eq!(picked(&maria.send_template(&ana, "Ana").await), "REENGAGE");

    // A first contact that Meta refused was none.
    let ben = town.phone("4915100000002");
    town.meta.on_send(1, &ben.number, json!({"fail": {"code": 131_026}})).await;
    let refused = maria.send_template(&ben, "Ben").await.refused(422, "META_REJECTED");
    assert_eq!(refused["error"]["meta"]["code"], 131_026);
    assert_eq!(picked(&maria.send_template(&ben, "Ben").await), "INITIATE");

    // One that may have arrived counts as one.
    let eva = town.phone("4915100000003");
    town.meta.on_send(1, &eva.number, json!({"fail": {"code": 131_000}})).await;
    assert_eq!(maria.send_template(&eva, "Eva").await.is(202)["status"], "UNKNOWN");
    assert_eq!(picked(&maria.send_template(&eva, "Eva").await), "REENGAGE");

    // Somebody who wrote first: open, then never a stranger again.
    let leo = town.phone("4915100000004");
    leo.writes(maria.account(), "Is the job free?").await;
    let conversation = socket.hears("Is the job free?").await["conversation"]["id"].clone();
    maria.send_template(&leo, "Leo").await.refused(400, "WINDOW_OPEN");
    let named = json!({"to": leo.dialled(), "candidateName": "Leo",
                       "template": {"name": "reengage", "language": "en_US"}});
    maria.post("/api/messages/template", named).await.refused(400, "WINDOW_OPEN");
    assert_eq!(maria.window(&conversation).await["nextTemplate"], json!(null));
    maria.send_text(&leo, "It is!").await.is(201);
    town.clock("25h").await;
    maria.send_text(&leo, "Still?").await.refused(400, "WINDOW_CLOSED");
    assert_eq!(picked(&maria.send_template(&leo, "Leo").await), "REENGAGE");
    // Text to somebody who never wrote is as far outside.
    maria.send_text(&ana, "Hello").await.refused(400, "WINDOW_CLOSED");
    maria.send_text(&town.phone("4915100000005"), "Hello").await.refused(400, "WINDOW_CLOSED");
}

/// What happens in one second of business time, or nothing when the second was over too soon.
async fn in_second(
    town: &Town,
    second: i64,
    maria: &Recruiter,
    to: &Phone,
) -> Option<(Answer, Answer)> {
    town.clock_ms(second * 1000 + 20 - town.meta.now_ms().await).await;
    let template = maria.send_template(to, "Ana").await;
    let text = maria.send_text(to, "Hello").await;
    (town.meta.now_ms().await / 1000 == second).then_some((template, text))
}

async fn the_window_ends_with_its_last_second_by_metas_clock(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    town.meta.settings(json!({"windowSync": true})).await;

    for (offset, open) in [(-1, true), (0, true), (1, false)] {
        let mut told = None;
        // A slow machine may miss the second; then another candidate tries another one.
        for attempt in 0..10 {
            let candidate = town.phone(&format!("49151000010{:02}", attempt + 10 * (offset + 1)));
            let wrote_at = town.meta.now_ms().await / 1000 + 30 - DAY;
            let question = format!("{offset}.{attempt}");
            let message = json!({"text": question, "timestamp": wrote_at});
            candidate.sends(maria.account(), message).await;
            let conversation = socket.hears(&question).await["conversation"].clone();
            assert_eq!(conversation["inWindow"], true);
            told = in_second(&town, wrote_at + DAY + offset, &maria, &candidate).await;
            if told.is_some() {
                break;
            }
        }
        let (template, text) = told.expect("one of ten seconds is long enough");
        if open {
            template.refused(400, "WINDOW_OPEN");
            text.is(201);
        } else {
            assert_eq!(picked(&template), "REENGAGE", "{offset}");
            text.refused(400, "WINDOW_CLOSED");
        }
    }
    town.meta.accepted_nothing_twice().await;
}

async fn an_older_message_never_shortens_the_window_and_a_future_one_counts_as_now(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let mut socket = maria.socket().await;
    let ana = town.phone("4915100002001");
    let now = town.meta.now_ms().await / 1000;

    ana.writes(maria.account(), "new").await;
    let fresh = socket.hears("new").await["conversation"].clone();
    ana.sends(maria.account(), json!({"text": "old", "timestamp": now - 3600})).await;
    let late = socket.hears("old").await["conversation"].clone();
    assert_eq!(late["windowExpiresAt"], fresh["windowExpiresAt"]);
    assert_eq!(late["lastMessage"]["preview"], "new", "an older one is not the newest");
    assert_eq!(late["lastMessageAt"], fresh["lastMessageAt"]);

    let ben = town.phone("4915100002002");
    ben.sends(maria.account(), json!({"text": "soon", "timestamp": now + 7200})).await;
    let early = socket.hears("soon").await["conversation"].clone();
    let window = maria.window(&early["id"]).await;
    let left = window["remainingSeconds"].as_i64().expect("seconds");
    assert!((DAY - 60..=DAY).contains(&left), "{window}");
}

async fn wrong_parameters_and_names_are_found_before_sending(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let (ana, send) = (town.phone("4915100003001"), "/api/messages/template");
    let to = ana.dialled();

    // What connecting has synced.
    let templates = maria.all("/api/templates", 2).await;
    let purpose = |name: &str| {
        let found = templates.iter().find(|template| template["name"] == name);
        found.unwrap_or_else(|| panic!("{name} was not synced"))["purpose"].clone()
    };
    assert_eq!(purpose("initiate"), "INITIATE");
    assert_eq!(purpose("reengage"), "REENGAGE");
    assert_eq!(purpose("interview_reminder"), json!(null));

    // Parameters are checked before anything is sent.
    let wrong = [
        json!({"to": to}),
        json!({"to": to, "variables": {"2": "Ana"}}),
        json!({"to": to, "variables": ["Ana", "Ben"]}),
        json!({"to": to, "variables": ["two\nlines"]}),
        json!({"to": to, "variables": ["five     spaces"]}),
        json!({"to": to, "template": {"name": "interview_reminder", "language": "en_US"},
               "candidateName": "Ana"}),
    ];
    for body in wrong {
        let answer = maria.post(send, body).await;
        answer.refused(400, "TEMPLATE_PARAMETERS_INVALID");
    }
    let unknown = json!({"to": to, "candidateName": "Ana", "template": {"name": "no_such"}});
    maria.post(send, unknown).await.refused(404, "TEMPLATE_NOT_FOUND");
    let pending = json!({"to": to, "candidateName": "Ana", "template": {"name": "offer_details"}});
    maria.post(send, pending).await.refused(409, "TEMPLATE_NOT_APPROVED");
    let missing = json!({"to": to, "candidateName": "Ana", "language": "de"});
    let refused = maria.post(send, missing).await.refused(409, "TEMPLATE_NOT_CONFIGURED");
    assert!(refused["detail"].as_str().expect("detail").contains("en_US"), "names the choices");
    assert_eq!(town.meta.accepted_from(maria.account()).await.len(), 0);
}

async fn a_choice_that_is_open_must_be_made(store: Store) {
    let town = Town::start(store).await;
    let maria = town.connected("maria@linkojob.test").await;
    let send = "/api/messages/template";
    let to = "+4915100003001";

    // Two approved languages: one must be named, by the request or by the setting.
    town.meta.template(maria.account(), "initiate", "de", json!({})).await;
    maria.post("/api/templates/sync", json!({})).await.is(200);
    let open = json!({"to": to, "candidateName": "Ana"});
    let refused = maria.post(send, open.clone()).await.refused(409, "TEMPLATE_NOT_CONFIGURED");
    let choices = refused["detail"].as_str().expect("detail");
    assert!(choices.contains("de") && choices.contains("en_US"), "{choices}");
    let named = json!({"to": to, "variables": {"1": "Ana"}, "language": "de"});
    let sent = maria.post(send, named).await.is(201);
    assert_eq!(sent["content"]["language"], "de");
    assert_eq!(sent["content"]["text"], "Hi Ana.");
    maria.put("/api/clients/me", json!({"settings": {"templateLanguage": "en_US"}})).await.is(200);
    let ben = json!({"to": "+4915100003002", "candidateName": "Ben"});
    assert_eq!(maria.post(send, ben).await.is(201)["content"]["language"], "en_US");

    // Named variables, and a purpose that moves to another name.
    let reminder = json!({"to": "+49 151 0000-3003", "candidateName": "Eva",
        "variables": {"interview_date": "Monday"}, "template": {"name": "interview_reminder"}});
    let sent = maria.post(send, reminder).await.is(201);
    assert_eq!(sent["content"]["text"], "Hi Eva, we meet on Monday.");
    assert_eq!(sent["content"]["variables"]["candidate_name"], "Eva");
    town.meta.template(maria.account(), "welcome", "en_US", json!({})).await;
    maria.post("/api/templates/sync", json!({})).await.is(200);
    let all = maria.all("/api/templates", 100).await;
    let welcome = all.iter().find(|template| template["name"] == "welcome").expect("synced");
    let path = format!("/api/templates/{}/purpose", welcome["id"].as_str().expect("an id"));
    maria.put(&path, json!({"purpose": "INITIATE"})).await.is(200);
    let leo = maria.send_template(&town.phone("4915100003004"), "Leo").await.is(201);
    assert_eq!(leo["content"]["name"], "welcome");
    let with_purpose = maria.get("/api/templates?purpose=INITIATE").await.is(200);
    let names: Vec<_> =
        with_purpose["data"].as_array().expect("data").iter().map(|t| &t["name"]).collect();
    assert_eq!(names, ["welcome"], "one name per purpose");
}
