//! What stands beside a message's own words: what it refers to, what brought the candidate, what it costs.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

/// What an inbound message refers to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    /// Meta's id of the message that it answers; `replyTo` is null when we never saw that one.
    wamid: Option<String>,
    forwarded: bool,
    /// Forwarded many times.
    frequently_forwarded: bool,
    product: Option<ReferredProduct>,
}

/// A product of a catalog.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReferredProduct {
    catalog_id: String,
    product_retailer_id: String,
}

/// The ad or post that brought a candidate; on their first message only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Referral {
    /// `ad` or `post`.
    source_type: String,
    source_id: String,
    source_url: String,
    headline: Option<String>,
    body: Option<String>,
    /// `image` or `video`.
    media_type: Option<String>,
    media_url: Option<String>,
    thumbnail_url: Option<String>,
    /// Identifies the click.
    click_id: Option<String>,
    /// What the candidate was greeted with.
    welcome_text: Option<String>,
}

/// What Meta charges for a message, in Meta's words.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pricing {
    model: Option<String>,
    /// `regular`, `free_customer_service`, `free_entry_point`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// `marketing`, `utility`, `service`, …
    category: Option<String>,
    billable: Option<bool>,
}

impl From<pb::MessageContext> for Context {
    fn from(context: pb::MessageContext) -> Self {
        let pb::MessageContext { wamid, forwarded, frequently_forwarded, product } = context;
        let product = product.map(|product| {
            let pb::ReferredProduct { catalog_id, product_retailer_id } = product;
            ReferredProduct { catalog_id, product_retailer_id }
        });
        Self { wamid, forwarded, frequently_forwarded, product }
    }
}

impl From<pb::Referral> for Referral {
    fn from(referral: pb::Referral) -> Self {
        let pb::Referral {
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
        Self {
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
}

impl From<pb::Pricing> for Pricing {
    fn from(pricing: pb::Pricing) -> Self {
        let pb::Pricing { model, r#type, category, billable } = pricing;
        Self { model, kind: r#type, category, billable }
    }
}
