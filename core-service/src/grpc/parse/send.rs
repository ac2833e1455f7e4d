//! Sends: text and templates.

use linkojob_proto::v1::{self as pb, target::Target as To};

use super::{Fields, fingerprint, given, ids, text};
use crate::{
    domain::{
        content::{Text, Variable},
        identity::PhoneNumber,
        ids::MessageId,
        message::Idempotency,
        refusal::Refusal,
        rules::{
            pick::Wish,
            send::{Body, Target},
        },
    },
    flows::send::SendOrder,
};

/// The most variables of a template that are looked at.
const VARIABLES: usize = 100;

/// Reads a text send.
pub(in crate::grpc) fn send_text(request: pb::SendTextRequest) -> Result<SendOrder, Refusal> {
    let computed = fingerprint::compute(
        "SendText",
        &pb::SendTextRequest { options: fingerprint::bare(&request.options), ..request.clone() },
    );
    let pb::SendTextRequest { options, text, preview_url } = request;
    let mut fields = Fields::default();
    let options = read_options(&mut fields, options, computed)?;
    let text = fields.read("text", text::message(text));
    fields.finish(|| Some(options?.order(Body::Text(Text { text: text?, preview_url }))))
}

/// Reads a template send.
pub(in crate::grpc) fn send_template(
    request: pb::SendTemplateRequest,
) -> Result<SendOrder, Refusal> {
    let computed = fingerprint::compute(
        "SendTemplate",
        &pb::SendTemplateRequest {
            options: fingerprint::bare(&request.options),
            ..request.clone()
        },
    );
    let pb::SendTemplateRequest { options, candidate_name, variables, language, template } =
        request;
    let mut fields = Fields::default();
    let options = read_options(&mut fields, options, computed)?;
    let candidate_name = fields.read_if("candidate_name", candidate_name, text::name);
    let variables = read_variables(&mut fields, variables);
    let language = fields.read_if("language", given(language), text::language);
    let (name, own_language) = match template {
        Some(pb::TemplateChoice { name, language }) => (
            fields.read("template.name", text::template_name(name)).map(Some),
            fields.read_if("template.language", given(language), text::language),
        ),
        None => (Some(None), Some(None)),
    };
    fields.finish(|| {
        let language = own_language?.or(language?);
        let wish = Wish { name: name?, language, usual_language: None };
        let (variables, candidate_name) = (variables?, candidate_name?);
        Some(options?.order(Body::Template { wish, variables, candidate_name }))
    })
}

/// What all sends have.
struct Options {
    message: Option<MessageId>,
    target: Target,
    reply_to: Option<MessageId>,
    idempotency: Option<Idempotency>,
}

impl Options {
    fn order(self, body: Body) -> SendOrder {
        let Self { message, target, reply_to, idempotency } = self;
        SendOrder { message, target, body, reply_to, idempotency }
    }
}

fn read_options(
    fields: &mut Fields,
    options: Option<pb::SendOptions>,
    computed: String,
) -> Result<Option<Options>, Refusal> {
    let Some(options) = fields.read("options", options.ok_or("must be given")) else {
        return Ok(None);
    };
    // The owner was settled with the caller's identity.
    let pb::SendOptions { owner: _, target, idempotency_key, message_id, reply_to, fingerprint } =
        options;
    let target = read_target(fields, target)?;
    let key = fields.read_if("options.idempotency_key", given(idempotency_key), text::key);
    let message = fields.read_if("options.message_id", given(message_id), minted);
    let reply_to = given(reply_to).as_deref().map(ids::message_id).transpose()?;
    let brought = (!fingerprint.is_empty()).then_some(fingerprint);
    let brought = fields.read_if("options.fingerprint", brought, |b| fingerprint::read(&b));
    let (Some(target), Some(key), Some(message), Some(brought)) = (target, key, message, brought)
    else {
        return Ok(None);
    };
    let fingerprint = brought.unwrap_or(computed);
    let idempotency = key.map(|key| Idempotency { key, fingerprint });
    Ok(Some(Options { message, target, reply_to, idempotency }))
}

fn read_target(fields: &mut Fields, target: Option<pb::Target>) -> Result<Option<Target>, Refusal> {
    match target.and_then(|pb::Target { target }| target) {
        Some(To::To(number)) => {
            let number = fields.read("options.target.to", PhoneNumber::parse(&number));
            Ok(number.map(Target::To))
        }
        Some(To::ConversationId(id)) => Ok(Some(Target::Conversation(ids::conversation_id(&id)?))),
        None => {
            let missing: Result<Target, _> = Err("must name `to` or `conversation_id`");
            Ok(fields.read("options.target", missing))
        }
    }
}

/// An id that the caller minted: ids order by arrival, so it must be of the kind that grows.
fn minted(text: String) -> Result<MessageId, &'static str> {
    let id = MessageId::parse(&text).ok().filter(|id| id.uuid().get_version_num() == 7);
    id.ok_or("must be a UUIDv7, or empty")
}

fn read_variables(
    fields: &mut Fields,
    variables: Vec<pb::TemplateVariable>,
) -> Option<Vec<Variable>> {
    if variables.len() > VARIABLES {
        let too_many: Result<Vec<Variable>, _> = Err("must be at most 100");
        return fields.read("variables", too_many);
    }
    let numbered = variables.into_iter().enumerate();
    let read = numbered.map(|(number, pb::TemplateVariable { name, value })| {
        let name = fields.read(format!("variables[{number}].name"), text::variable_name(name));
        let value = fields.read(format!("variables[{number}].value"), text::variable_value(value));
        Some(Variable { name: name?, value: value? })
    });
    // All are read before the first wrong one decides, so that every one is reported.
    read.collect::<Vec<_>>().into_iter().collect()
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
