//! Templates and their purposes.

use linkojob_proto::v1 as pb;

use super::{revision, time::time};
use crate::domain::template::{Purpose, Template, TemplateDefinition};

/// A template as callers see it.
pub(in crate::grpc) fn template(template: Template) -> pb::Template {
    let Template {
        id,
        owner,
        client_id,
        definition,
        purpose: wanted,
        heard: _,
        revision: number,
        created_at,
        updated_at,
    } = template;
    let TemplateDefinition {
        meta_id: _,
        name,
        language,
        category,
        status,
        named,
        body: _,
        parameters,
        components,
        quality,
        rejected_reason,
    } = definition;
    pb::Template {
        id: id.to_string(),
        client_id: client_id.to_string(),
        owner: owner.to_string(),
        name,
        language,
        category,
        status,
        purpose: purpose(wanted).into(),
        parameter_format: if named { "NAMED" } else { "POSITIONAL" }.to_owned(),
        parameters,
        components,
        quality,
        rejected_reason,
        revision: revision(number),
        created_at: Some(time(created_at)),
        updated_at: Some(time(updated_at)),
    }
}

/// A purpose; none is "unspecified".
pub(super) const fn purpose(purpose: Option<Purpose>) -> pb::TemplatePurpose {
    match purpose {
        Some(Purpose::Initiate) => pb::TemplatePurpose::Initiate,
        Some(Purpose::Reengage) => pb::TemplatePurpose::Reengage,
        None => pb::TemplatePurpose::Unspecified,
    }
}
