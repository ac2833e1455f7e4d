//! Entries of an owner's log.

use linkojob_proto::v1::{self as pb, event::Data};

use super::{
    client::client,
    conversation::conversation,
    message::{failure, message, status},
    template::template,
    time::time,
};
use crate::domain::{
    event::{Event, Logged, News},
    time::Timestamp,
};

/// An entry as callers see it at `now`; `cursor` is the one of its position.
pub(in crate::grpc) fn event(entry: Logged, cursor: String, now: Timestamp) -> pb::Event {
    let Logged { owner, position: _, event: Event { at, news } } = entry;
    pb::Event { cursor, owner: owner.to_string(), at: Some(time(at)), data: Some(data(news, now)) }
}

fn data(news: News, now: Timestamp) -> Data {
    let both = |row, about| pb::MessageEvent {
        conversation: Some(conversation(row, now)),
        message: Some(message(about)),
    };
    match news {
        News::MessageIncoming { conversation, message } => {
            Data::MessageIncoming(both(conversation, message))
        }
        News::MessageSent { conversation, message } => {
            Data::MessageSent(both(conversation, message))
        }
        News::MessageUpdated { conversation, message } => {
            Data::MessageUpdated(both(conversation, message))
        }
        News::MessageStatus { conversation_id, message_id, wamid, status: reached, at, error } => {
            Data::MessageStatus(pb::MessageStatusEvent {
                conversation_id: conversation_id.to_string(),
                message_id: message_id.to_string(),
                wamid: wamid.map(|wamid| wamid.to_string()),
                status: status(reached).into(),
                at: Some(time(at)),
                error: error.map(failure),
            })
        }
        News::ConversationUpdated { conversation: row } => {
            Data::ConversationUpdated(conversation(row, now))
        }
        News::ClientUpdated { client: row } => Data::ClientUpdated(client(row)),
        News::TemplateUpdated { template: row } => Data::TemplateUpdated(template(row)),
    }
}
