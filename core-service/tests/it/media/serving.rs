//! Who gets a file, as what, and which part of it.

use bytes::Bytes;
use core_service::{
    domain::{
        actor::Scope,
        content::MediaState,
        ids::MessageId,
        owner::Owner,
        part::{self, Part},
        refusal::Refusal,
    },
    flows::{Core, Error, media::Served},
};
use futures_util::TryStreamExt as _;

use super::{
    JPEG, Office,
    meta::{Play, hex},
};
use crate::kit;

fn scope() -> Scope {
    Scope::Owner(kit::owner())
}

async fn refused(core: &Core, scope: &Scope, id: MessageId) -> Refusal {
    match core.file(scope, id, &Part::default()).await {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn bytes(core: &Core, file: &Served) -> Vec<u8> {
    let chunks: Vec<Bytes> = core.read_file(file).await.unwrap().try_collect().await.unwrap();
    chunks.concat()
}

#[tokio::test]
async fn a_stored_file_is_served_whole_and_in_parts_to_its_owner_alone() {
    let office = Office::open(JPEG).await;
    office.comes("a", "image/jpeg", None).await;
    let (core, id) = (&office.core, office.until_state(MediaState::Stored).await.id);
    let file = core.file(&scope(), id, &Part::default()).await.unwrap();
    assert_eq!((file.content_type.as_str(), file.size), ("image/jpeg", JPEG.len() as u64));
    assert_eq!((&file.sha256, bytes(core, &file).await), (&hex(JPEG), JPEG.to_vec()));
    let part = Part { bytes: Some(part::Bytes::Last(4)), only_of: None };
    let file = core.file(&scope(), id, &part).await.unwrap();
    assert_eq!(bytes(core, &file).await, JPEG[JPEG.len() - 4..]);
    let part = Part { bytes: Some(part::Bytes::From(9_999)), only_of: None };
    let file = core.file(&scope(), id, &part).await.unwrap();
    assert_eq!((&file.part, bytes(core, &file).await), (&None, Vec::new()));

    let other = Scope::Owner(Owner::parse("other@linkojob.test").unwrap());
    assert_eq!(refused(core, &other, id).await, Refusal::MessageNotFound);
    assert!(core.file(&Scope::All, id, &Part::default()).await.is_ok());
    office.close().await;
}

#[tokio::test]
async fn a_file_goes_with_the_conversation_that_was_deleted() {
    let office = Office::open(JPEG).await;
    office.comes("a", "image/jpeg", None).await;
    let message = office.until_state(MediaState::Stored).await;
    let core = &office.core;
    let file = core.file(&scope(), message.id, &Part::default()).await.unwrap();
    core.delete_conversation(&scope(), message.conversation_id).await.unwrap();
    for scope in [scope(), Scope::All] {
        assert_eq!(refused(core, &scope, message.id).await, Refusal::MessageNotFound);
    }
    // Who had begun to read it reads on.
    assert_eq!(bytes(core, &file).await, JPEG);
    office.close().await;
}

#[tokio::test]
async fn a_file_that_lies_about_its_type_is_stored_and_served_as_octets() {
    let html = b"<!DOCTYPE html><script>alert(document.cookie)</script>";
    let office = Office::open(html).await;
    office.comes("a", "image/jpeg", Some(&hex(html))).await;
    let message = office.until_state(MediaState::Stored).await;
    let file = office.core.file(&scope(), message.id, &Part::default()).await.unwrap();
    assert_eq!(file.mime_type, "image/jpeg");
    assert_eq!(file.content_type, "application/octet-stream");
    assert_eq!(bytes(&office.core, &file).await, html);
    office.close().await;
}

#[tokio::test]
async fn what_is_not_there_yet_is_told_apart_from_what_never_will_be() {
    let office = Office::open(JPEG).await;
    office.meta.lookups(Play::Status(503));
    office.comes("a", "image/jpeg", None).await;
    let due = office.until_tries(1).await.due_at.unwrap();
    let id = office.message().await.unwrap().id;
    let Refusal::FilePending { retry_after } = refused(&office.core, &scope(), id).await else {
        panic!("it is pending");
    };
    assert!(!retry_after.is_zero() && retry_after.as_secs() <= 8, "{retry_after:?}");
    office.meta.lookups(Play::Size(u64::MAX / 4));
    office.pass_to(due);
    office.until_state(MediaState::Lost).await;
    assert_eq!(refused(&office.core, &scope(), id).await, Refusal::NoFile);
    office.close().await;
}
