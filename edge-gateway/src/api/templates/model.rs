//! A template on the wire.

use linkojob_proto::v1 as pb;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::{Malformed, present, time, word};

/// A message template in one language.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    id: String,
    client_id: String,
    name: String,
    language: String,
    /// Meta's word.
    category: String,
    /// Meta's word.
    status: String,
    purpose: Option<TemplatePurpose>,
    /// `NAMED` or `POSITIONAL`.
    parameter_format: String,
    /// The body's variables in order.
    parameters: Vec<String>,
    /// Meta's components.
    #[schema(value_type = Vec<Object>)]
    components: Value,
    quality: Option<String>,
    rejected_reason: Option<String>,
    /// Only grows; ignore a lower one.
    revision: i64,
    created_at: String,
    updated_at: String,
}

/// What the pick uses a template for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TemplatePurpose {
    /// First contact.
    Initiate,
    /// Opening an expired window again.
    Reengage,
}

impl TemplatePurpose {
    /// The purpose; none when the core names none.
    pub(crate) fn from_core(purpose: pb::TemplatePurpose) -> Option<Self> {
        match purpose {
            pb::TemplatePurpose::Unspecified => None,
            pb::TemplatePurpose::Initiate => Some(Self::Initiate),
            pb::TemplatePurpose::Reengage => Some(Self::Reengage),
        }
    }

    /// Reads `INITIATE` or `REENGAGE`.
    pub(crate) fn check(value: Value) -> Result<Self, &'static str> {
        match value.as_str() {
            Some("INITIATE") => Ok(Self::Initiate),
            Some("REENGAGE") => Ok(Self::Reengage),
            _ => Err("must be INITIATE or REENGAGE"),
        }
    }
}

impl From<TemplatePurpose> for pb::TemplatePurpose {
    fn from(purpose: TemplatePurpose) -> Self {
        match purpose {
            TemplatePurpose::Initiate => Self::Initiate,
            TemplatePurpose::Reengage => Self::Reengage,
        }
    }
}

impl TryFrom<pb::Template> for Template {
    type Error = Malformed;

    fn try_from(template: pb::Template) -> Result<Self, Malformed> {
        let pb::Template {
            id,
            client_id,
            owner: _, // the caller, or the owner that an administrator named
            name,
            language,
            category,
            status,
            purpose,
            parameter_format,
            parameters,
            components,
            quality,
            rejected_reason,
            revision,
            created_at,
            updated_at,
        } = template;
        let purpose = word::<pb::TemplatePurpose>(purpose, "template.purpose")?;
        let components = serde_json::from_str(&components).ok();
        Ok(Self {
            id,
            client_id,
            name,
            language,
            category,
            status,
            purpose: TemplatePurpose::from_core(purpose),
            parameter_format,
            parameters,
            components: present(components, "template.components")?,
            quality,
            rejected_reason,
            revision,
            created_at: time(created_at, "template.created_at")?,
            updated_at: time(updated_at, "template.updated_at")?,
        })
    }
}

impl TryFrom<Option<pb::Template>> for Template {
    type Error = Malformed;

    fn try_from(template: Option<pb::Template>) -> Result<Self, Malformed> {
        present(template, "template")?.try_into()
    }
}
