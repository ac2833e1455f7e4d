//! The workflow of a recruiter and a candidate, step by step.

use serde_json::json;

use crate::kit::{Store, Town, ids, of_type, on_both_stores};

on_both_stores! {
    the_five_steps_of_the_workflow,
}

const ANA: &str = "4915112345678";

async fn the_five_steps_of_the_workflow(store: Store) {
    let town = Town::start(store).await;
    let mut maria = town.recruiter("maria@linkojob.test");
    let ana = town.phone(ANA);
    let mut socket = maria.socket().await;

    // 1. The recruiter connects the company's number.
    let client = maria.connect().await;
    assert_eq!(client["status"], "CONNECTED");
    assert_eq!(client["phoneNumberId"], maria.account().phone_number_id);
    let told = socket.expect("client:updated").await;
    assert_eq!(told["client"]["status"], "CONNECTED");

    // 2. First contact: the template is picked by itself, and the candidate reads it.
    let first = maria.send_template(&ana, "Ana").await.is(201);
    assert_eq!(first["templatePurpose"], "INITIATE");
    assert_eq!(first["content"]["name"], "initiate");
    assert_eq!(first["sentBy"], "maria@linkojob.test");
    let sent = socket.expect("message:sent").await;
    assert_eq!(sent["message"]["id"], first["id"]);
    assert_eq!(sent["message"]["status"], "QUEUED");
    assert_eq!(sent["conversation"]["candidate"]["name"], "Ana");
    for status in ["ACCEPTED", "SENT", "DELIVERED"] {
        socket.message_is(&first["id"], status).await;
    }
    let letter = "Hi Ana, thank you for your application. May we talk here?\nLinkoJob";
    assert_eq!(ana.received().await, [letter]);
    ana.reads().await;
    socket.message_is(&first["id"], "READ").await;

    // 3. The candidate answers: the window opens.
    ana.writes(maria.account(), "Yes, gladly!").await;
    let heard = socket.hears("Yes, gladly!").await;
    assert_eq!(heard["conversation"]["id"], first["conversationId"]);
    assert_eq!(heard["conversation"]["inWindow"], true);
    assert_eq!(heard["conversation"]["unreadCount"], 1);
    assert_eq!(heard["message"]["direction"], "INBOUND");
    assert_eq!(heard["message"]["status"], "RECEIVED");

    // 4. Inside the window they talk freely.
    let text = maria.send_text(&ana, "When can you start?").await.is(201);
    assert_eq!(text["templatePurpose"], json!(null));
    socket.message_is(&text["id"], "DELIVERED").await;
    assert_eq!(ana.received().await, [letter, "When can you start?"]);

    // 5. A day later it is closed: text is refused, another template opens it again.
    town.clock("25h").await;
    maria.send_text(&ana, "Hello?").await.refused(400, "WINDOW_CLOSED");
    let window = maria.window(&first["conversationId"]).await;
    assert_eq!((&window["open"], &window["nextTemplate"]), (&json!(false), &json!("REENGAGE")));
    let again = maria.send_template(&ana, "Ana").await.is(201);
    assert_eq!(again["templatePurpose"], "REENGAGE");
    assert_eq!(again["content"]["name"], "reengage");
    socket.message_is(&again["id"], "DELIVERED").await;
    ana.reads().await;
    socket.message_is(&again["id"], "READ").await;
    socket.message_is(&text["id"], "READ").await;

    // The history tells every step, and the log tells each event once.
    let read = maria.message(&again["id"]).await;
    let history = read["statusHistory"].as_array().expect("steps");
    let mut history: Vec<_> = history.iter().filter_map(|step| step["status"].as_str()).collect();
    // By time, where Meta counts in whole seconds and we do not.
    history.sort_unstable();
    assert_eq!(history, ["ACCEPTED", "DELIVERED", "QUEUED", "READ", "SENDING", "SENT"]);
    let log = maria.events(None).await;
    assert_eq!(ids(&log)[..socket.seen.len()], ids(&socket.seen));
    assert_eq!(of_type(&log, "message:sent").len(), 3);
    assert_eq!(of_type(&log, "message:incoming").len(), 1);
    assert_eq!(town.meta.accepted_from(maria.account()).await.len(), 3);
    town.meta.accepted_nothing_twice().await;
    assert!(!town.logs().contains(&maria.account().access_token), "a token in a log");
}
