//! Stored forms: pinned, kept readable, and the same after a round trip.

use std::{fs, path::PathBuf};

use proptest::prelude::*;

use super::{Form, decode, encode, sample_contents, samples};
use crate::{
    domain::{
        change::Orphan,
        client::Client,
        consent::Consent,
        content::{Content, MessageType, Reaction, Text, Unsupported},
        conversation::Conversation,
        delivery::Outcome,
        event::Event,
        ids::Wamid,
        message::Message,
        status::{Failure, Status, Step},
        template::Template,
        time::Timestamp,
    },
    store::StoreError,
};

/// Every sample as `<kind>[-<variant>]` and its stored bytes.
fn stored_samples() -> Vec<(String, Vec<u8>)> {
    let mut all = vec![
        ("client".to_owned(), encode(&samples::client()).unwrap()),
        ("conversation".to_owned(), encode(&samples::conversation()).unwrap()),
        ("template".to_owned(), encode(&samples::template()).unwrap()),
        ("message-fetching".to_owned(), encode(&samples::fetching()).unwrap()),
        ("orphan".to_owned(), encode(&samples::orphan()).unwrap()),
        ("consent".to_owned(), encode(&samples::consent()).unwrap()),
    ];
    for (name, kind, content) in sample_contents::contents() {
        all.push((format!("message-{name}"), encode(&samples::message(kind, content)).unwrap()));
    }
    for (name, event) in samples::events() {
        all.push((format!("event-{name}"), encode(&event).unwrap()));
    }
    for (name, outcome) in samples::outcomes() {
        all.push((format!("outcome-{name}"), encode(&outcome).unwrap()));
    }
    all
}

#[test]
fn every_form_is_pinned() {
    for (name, bytes) in stored_samples() {
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&json).unwrap());
    }
}

/// Loads a document by the kind in its name and writes it again.
fn load(kind: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    fn again<T: Form>(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        encode(&decode::<T>(bytes)?)
    }
    match kind {
        "client" => again::<Client>(bytes),
        "conversation" => again::<Conversation>(bytes),
        "message" => again::<Message>(bytes),
        "template" => again::<Template>(bytes),
        "orphan" => again::<Orphan>(bytes),
        "event" => again::<Event>(bytes),
        "consent" => again::<Consent>(bytes),
        "outcome" => again::<Outcome>(bytes),
        other => panic!("no stored form is called {other}"),
    }
}

#[test]
fn documents_of_older_versions_still_load() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store/form/older");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let kind = name.split(['-', '.']).next().unwrap();
        let written =
            load(kind, &fs::read(&path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(load(kind, &written).unwrap(), written, "{name} changes when written twice");
        seen += 1;
    }
    assert!(seen >= stored_samples().len(), "only {seen} documents of older versions");
}

#[test]
fn a_newer_version_is_refused_by_name() {
    for body in [r#"{"v":2,"row":{"unheard":"of"}}"#, r#"{"v":0,"row":{}}"#] {
        let Err(StoreError::Corrupt(why)) = decode::<Client>(body.as_bytes()) else {
            panic!("{body} was read");
        };
        assert!(why.contains("client") && why.contains("reads 1 to 1"), "{why}");
    }
}

#[test]
fn a_reason_never_quotes_the_row() {
    let Err(StoreError::Corrupt(why)) = decode::<Client>(br#"{"v":1,"row":{"id":"Ana's secret"}}"#)
    else {
        panic!("nonsense was read");
    };
    assert!(!why.contains("Ana"), "{why}");
}

fn steps() -> impl Strategy<Value = Step> {
    let status = prop::sample::select(vec![
        Status::Queued,
        Status::Sending,
        Status::Unknown,
        Status::Accepted,
        Status::Sent,
        Status::Failed,
        Status::Delivered,
        Status::Read,
    ]);
    (status, any::<i64>(), prop::option::of((any::<i32>(), ".*"))).prop_map(
        |(status, at, error)| Step {
            status,
            at: Timestamp::from_millis(at),
            error: error.map(|(code, details)| Failure {
                code,
                name: details.clone(),
                details,
                subcode: None,
                fbtrace_id: None,
            }),
        },
    )
}

fn contents() -> impl Strategy<Value = (MessageType, Content)> {
    let wamid = Wamid::parse("wamid.X").unwrap();
    prop_oneof![
        (".*", any::<bool>()).prop_map(|(text, preview_url)| {
            (MessageType::Text, Content::Text(Text { text, preview_url }))
        }),
        (".*", ".*").prop_map(|(reason, raw)| {
            (MessageType::Unsupported, Content::Unsupported(Unsupported { reason, raw }))
        }),
        "\\PC*".prop_map(move |emoji| {
            let wamid = wamid.clone();
            (MessageType::Reaction, Content::Reaction(Reaction { message_id: None, wamid, emoji }))
        }),
        prop::sample::select(sample_contents::contents())
            .prop_map(|(_, kind, content)| (kind, content)),
    ]
}

proptest! {
    #[test]
    fn a_message_is_the_same_after_a_round_trip(
        (kind, content) in contents(),
        steps in prop::collection::vec(steps(), 0..20),
        at in any::<i64>(),
        revision in any::<u64>(),
        sent_by in prop::option::of(".*"),
        bare in any::<bool>(),
    ) {
        let mut message = samples::message(kind, content);
        for step in steps {
            message.life.merge(step);
        }
        message.at = Timestamp::from_millis(at);
        message.revision = revision;
        message.sent_by = sent_by;
        if bare {
            message.outbox = None;
            message.idempotency = None;
            message.wamid = None;
        }
        let bytes = encode(&message).unwrap();
        prop_assert_eq!(decode::<Message>(&bytes).unwrap(), message);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<Conversation>(&bytes);
    }
}
