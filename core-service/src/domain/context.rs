//! What an inbound message refers to beyond its own words.
//!
//! Invariant: it is what Meta said when the message came, and nobody's decision depends on more of it
//! than the message that is answered.

use serde::{Deserialize, Serialize};

use super::ids::Wamid;

/// What a message refers to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context {
    /// Meta's id of the message that it answers, which may be one that we never saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wamid: Option<Wamid>,
    /// It was written elsewhere.
    #[serde(default, skip_serializing_if = "is_false")]
    pub forwarded: bool,
    /// It was forwarded many times.
    #[serde(default, skip_serializing_if = "is_false")]
    pub frequently_forwarded: bool,
    /// The product that the candidate asks about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
}

/// A product of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Meta's id of the catalog.
    pub catalog_id: String,
    /// The seller's id of the product.
    pub product_retailer_id: String,
}

/// The ad or post that brought a candidate, in Meta's words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Referral {
    /// `ad` or `post`.
    pub source_type: String,
    /// Meta's id of it.
    pub source_id: String,
    /// Where it stands.
    pub source_url: String,
    /// Its headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headline: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `image` or `video`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its picture or film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_url: Option<String>,
    /// A still of its film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
    /// Identifies the click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_id: Option<String>,
    /// What the candidate was greeted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub welcome_text: Option<String>,
}

/// For leaving out what is not so.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}
