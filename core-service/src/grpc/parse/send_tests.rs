//! Sends that are read, and what is said about those that are not.

use super::{super::wrong_fields, *};

const UUID7: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn to(number: &str) -> Option<pb::Target> {
    Some(pb::Target { target: Some(To::To(number.to_owned())) })
}

fn options() -> pb::SendOptions {
    pb::SendOptions { target: to("+49 151 1234567"), ..pb::SendOptions::default() }
}

fn request(options: pb::SendOptions, text: &str) -> pb::SendTextRequest {
    pb::SendTextRequest { options: Some(options), text: text.to_owned(), preview_url: false }
}

fn fingerprint_of(request: pb::SendTextRequest) -> String {
    send_text(request).unwrap().idempotency.unwrap().fingerprint
}

#[test]
fn a_text_send_is_read() {
    let order = send_text(request(options(), "Hello")).unwrap();
    let SendOrder { message, target, body, reply_to, idempotency } = order;
    assert_eq!(target, Target::To(PhoneNumber::parse("491511234567").unwrap()));
    assert!(matches!(body, Body::Text(Text { text, preview_url: false }) if text == "Hello"));
    assert_eq!((message, reply_to, idempotency), (None, None, None));
}

#[test]
fn everything_that_is_wrong_is_reported_together() {
    let wrong = pb::SendOptions {
        target: to("0151"),
        idempotency_key: "\n".to_owned(),
        message_id: "7f1d3c6e-8a0b-4c55-9d6e-0123456789ab".to_owned(),
        fingerprint: vec![1],
        ..pb::SendOptions::default()
    };
    let fields = wrong_fields(send_text(request(wrong, "")));
    assert_eq!(
        fields,
        [
            "options.target.to",
            "options.idempotency_key",
            "options.message_id",
            "options.fingerprint",
            "text"
        ]
    );
    let nothing = pb::SendTextRequest::default();
    assert_eq!(wrong_fields(send_text(nothing)), ["options", "text"]);
    let aimless = request(pb::SendOptions::default(), "Hello");
    assert_eq!(wrong_fields(send_text(aimless)), ["options.target"]);
}

#[test]
fn an_id_that_cannot_be_ours_answers_like_one_that_does_not_exist() {
    let target = pb::Target { target: Some(To::ConversationId("7".to_owned())) };
    let unknown = pb::SendOptions { target: Some(target), ..options() };
    assert_eq!(send_text(request(unknown, "a")).unwrap_err(), Refusal::ConversationNotFound);
    let unknown = pb::SendOptions { reply_to: "7".to_owned(), ..options() };
    assert_eq!(send_text(request(unknown, "a")).unwrap_err(), Refusal::MessageNotFound);
}

#[test]
fn two_attempts_of_one_send_have_one_fingerprint() {
    let keyed = pb::SendOptions { idempotency_key: "k".to_owned(), ..options() };
    let first = fingerprint_of(request(keyed.clone(), "Hello"));
    let again = pb::SendOptions {
        message_id: UUID7.to_owned(),
        owner: "ana@example.com".to_owned(),
        ..keyed.clone()
    };
    assert_eq!(fingerprint_of(request(again, "Hello")), first);
    assert_ne!(fingerprint_of(request(keyed.clone(), "Hello!")), first);
    let elsewhere = pb::SendOptions { target: to("+49 151 1234568"), ..keyed.clone() };
    assert_ne!(fingerprint_of(request(elsewhere, "Hello")), first);
    let brought = pb::SendOptions { fingerprint: vec![0xAB; 32], ..keyed };
    assert_eq!(fingerprint_of(request(brought, "Hello")), "ab".repeat(32));
}

#[test]
fn the_language_of_the_named_template_wins() {
    let choice = pb::TemplateChoice { name: "hello".to_owned(), language: "de".to_owned() };
    let request = pb::SendTemplateRequest {
        options: Some(options()),
        candidate_name: Some("Ana".to_owned()),
        language: "en_US".to_owned(),
        template: Some(choice),
        ..pb::SendTemplateRequest::default()
    };
    let Body::Template { wish, variables, candidate_name } = send_template(request).unwrap().body
    else {
        panic!("another body");
    };
    assert_eq!((wish.name.as_deref(), wish.language.as_deref()), (Some("hello"), Some("de")));
    assert_eq!((variables, candidate_name.as_deref()), (Vec::new(), Some("Ana")));
}

#[test]
fn every_wrong_variable_of_a_template_is_named() {
    let variable = |name: &str, value: &str| pb::TemplateVariable {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let request = pb::SendTemplateRequest {
        options: Some(options()),
        candidate_name: Some(String::new()),
        variables: vec![variable("1", "a"), variable("", "b"), variable("3", "\0")],
        language: "English".to_owned(),
        template: Some(pb::TemplateChoice::default()),
    };
    assert_eq!(
        wrong_fields(send_template(request)),
        ["candidate_name", "variables[1].name", "variables[2].value", "language", "template.name"]
    );
    let many = pb::SendTemplateRequest {
        options: Some(options()),
        variables: vec![variable("1", "a"); 101],
        ..pb::SendTemplateRequest::default()
    };
    assert_eq!(wrong_fields(send_template(many)), ["variables"]);
}
