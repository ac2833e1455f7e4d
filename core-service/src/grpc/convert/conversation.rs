//! Conversations, and their window as of now.

use linkojob_proto::v1 as pb;

use super::{
    message::{direction, status},
    revision,
    template::purpose,
    time::time,
};
use crate::{
    domain::{
        conversation::{Candidate, Conversation, LastMessage},
        time::Timestamp,
    },
    flows::converse::WindowView,
};

/// A conversation as callers see it at `now`.
pub(in crate::grpc) fn conversation(row: Conversation, now: Timestamp) -> pb::Conversation {
    let (window_expires_at, in_window) = (row.window_expires_at(), row.in_window(now));
    let Conversation {
        id,
        owner,
        client_id,
        phone_number_id: _,
        candidate: other_side,
        identities: _,
        last_message: newest,
        last_message_at,
        unread_count,
        last_inbound_at: _,
        contacted: _,
        hidden,
        hidden_before: _,
        kin,
        merged_into,
        revision: number,
        created_at,
        updated_at,
    } = row;
    pb::Conversation {
        id: id.to_string(),
        client_id: client_id.to_string(),
        owner: owner.to_string(),
        candidate: Some(candidate(other_side, kin.marketing.is_some_and(|choice| choice.stopped))),
        last_message: newest.map(last_message),
        last_message_at: last_message_at.map(time),
        unread_count: i32::try_from(unread_count).unwrap_or(i32::MAX),
        window_expires_at: window_expires_at.map(time),
        in_window,
        revision: revision(number),
        created_at: Some(time(created_at)),
        updated_at: Some(time(updated_at)),
        hidden,
        merged_into: merged_into.map(|id| id.to_string()),
    }
}

/// A window as callers see it.
pub(in crate::grpc) fn window(view: WindowView) -> pb::GetWindowResponse {
    let WindowView { conversation, open, expires_at, remaining, next } = view;
    pb::GetWindowResponse {
        conversation_id: conversation.to_string(),
        open,
        expires_at: expires_at.map(time),
        remaining_seconds: i64::try_from(remaining.as_secs()).unwrap_or(i64::MAX),
        next_template: purpose(next).into(),
    }
}

fn candidate(candidate: Candidate, marketing_stopped: bool) -> pb::Candidate {
    let Candidate { phone, user_id, name, username } = candidate;
    pb::Candidate {
        wa_id: phone.as_ref().map(|phone| phone.digits().to_owned()),
        user_id: user_id.map(|user| user.as_str().to_owned()),
        phone_number: phone.map(|phone| phone.to_string()),
        name,
        username,
        marketing_stopped,
    }
}

fn last_message(newest: LastMessage) -> pb::LastMessage {
    let LastMessage { id, direction: written_by, kind, preview, status: reached, at } = newest;
    pb::LastMessage {
        id: id.to_string(),
        direction: direction(written_by).into(),
        r#type: kind.as_str().to_owned(),
        preview,
        status: status(reached).into(),
        at: Some(time(at)),
    }
}
