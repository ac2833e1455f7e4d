//! Messages and their lives.

use linkojob_proto::v1 as pb;

use super::{content::content, revision, template::purpose, time::time};
use crate::domain::{
    context::{Context, Product, Referral},
    message::{Direction, Message},
    pricing::Pricing,
    status::{Failure, Life, Status, Step},
};

/// A message as callers see it.
pub(in crate::grpc) fn message(message: Message) -> pb::Message {
    let Message {
        id,
        owner,
        conversation_id,
        client_id: _,
        phone_number_id: _,
        direction: written_by,
        wamid,
        kind,
        content: said,
        life,
        purpose: picked_for,
        reply_to,
        retry_of,
        sent_by,
        at,
        edited_at,
        edited_by: _,
        revoked_at,
        context: refers_to,
        referral: came_by,
        pricing: costs,
        raw: _,
        fetch: _,
        idempotency: _,
        outbox: _,
        revision: number,
        created_at,
    } = message;
    pb::Message {
        id: id.to_string(),
        conversation_id: conversation_id.to_string(),
        direction: direction(written_by).into(),
        wamid: wamid.map(|wamid| wamid.to_string()),
        r#type: kind.as_str().to_owned(),
        content: Some(content(said)),
        status: status(life.status()).into(),
        status_history: history(&life),
        template_purpose: purpose(picked_for).into(),
        reply_to: reply_to.map(|id| id.to_string()),
        retry_of: retry_of.map(|id| id.to_string()),
        sent_by,
        at: Some(time(at)),
        edited_at: edited_at.map(time),
        revoked_at: revoked_at.map(time),
        revision: revision(number),
        created_at: Some(time(created_at)),
        error: life.failure().cloned().map(failure),
        owner: owner.to_string(),
        context: refers_to.map(|context| self::context(*context)),
        referral: came_by.map(|referral| self::referral(*referral)),
        pricing: costs.map(pricing),
    }
}

fn context(context: Context) -> pb::MessageContext {
    let Context { wamid, forwarded, frequently_forwarded, product } = context;
    let product = product.map(|product| {
        let Product { catalog_id, product_retailer_id } = product;
        pb::ReferredProduct { catalog_id, product_retailer_id }
    });
    let wamid = wamid.map(|wamid| wamid.to_string());
    pb::MessageContext { wamid, forwarded, frequently_forwarded, product }
}

fn referral(referral: Referral) -> pb::Referral {
    let Referral {
        source_type,
        source_id,
        source_url,
        headline,
        body,
        media_type,
        media_url,
        thumbnail_url,
        click_id,
        welcome_text,
    } = referral;
    pb::Referral {
        source_type,
        source_id,
        source_url,
        headline,
        body,
        media_type,
        media_url,
        thumbnail_url,
        click_id,
        welcome_text,
    }
}

fn pricing(pricing: Pricing) -> pb::Pricing {
    let Pricing { model, kind, category, billable } = pricing;
    pb::Pricing { model, r#type: kind, category, billable }
}

fn history(life: &Life) -> Vec<pb::StatusEntry> {
    let entry = |Step { status: reached, at, error }: &Step| pb::StatusEntry {
        status: status(*reached).into(),
        at: Some(time(*at)),
        error: error.clone().map(failure),
    };
    life.history().iter().map(entry).collect()
}

pub(super) fn failure(failure: Failure) -> pb::MessageError {
    let Failure { code, name, details, subcode: _, fbtrace_id: _ } = failure;
    pb::MessageError { code, name, details }
}

pub(super) const fn direction(direction: Direction) -> pb::Direction {
    match direction {
        Direction::Inbound => pb::Direction::Inbound,
        Direction::Outbound => pb::Direction::Outbound,
    }
}

pub(super) const fn status(status: Status) -> pb::MessageStatus {
    match status {
        Status::Received => pb::MessageStatus::Received,
        Status::Queued => pb::MessageStatus::Queued,
        Status::Sending => pb::MessageStatus::Sending,
        Status::Unknown => pb::MessageStatus::Unknown,
        Status::Accepted => pb::MessageStatus::Accepted,
        Status::Sent => pb::MessageStatus::Sent,
        Status::Failed => pb::MessageStatus::Failed,
        Status::Delivered => pb::MessageStatus::Delivered,
        Status::Read => pb::MessageStatus::Read,
    }
}
