//! What messages say.

use linkojob_proto::v1::{self as pb, content::Form};

use crate::domain::{
    content::{
        Content, Location, Media, MediaKind, MediaState, Raw, Reaction, Reply, TemplateText, Text,
        Unsupported, Variable,
    },
    ids::MessageId,
};

/// A message's content as callers see it.
pub(super) fn content(content: Content) -> pb::Content {
    let form = match content {
        Content::Text(Text { text, preview_url }) => {
            Form::Text(pb::TextContent { text, preview_url })
        }
        Content::Media(file) => Form::Media(media(file)),
        Content::Template(text) => Form::Template(template(text)),
        Content::Reply(Reply { kind, id, title, description, response_json }) => {
            Form::Reply(pb::ReplyContent { kind, id, title, description, response_json })
        }
        Content::Reaction(Reaction { message_id, wamid, emoji }) => {
            let message_id = message_id.as_ref().map(MessageId::to_string);
            Form::Reaction(pb::ReactionContent { message_id, wamid: wamid.to_string(), emoji })
        }
        Content::Location(Location { latitude, longitude, name, address, url }) => {
            Form::Location(pb::LocationContent { latitude, longitude, name, address, url })
        }
        Content::Raw(Raw { json }) => Form::Raw(pb::RawContent { json }),
        Content::Unsupported(Unsupported { reason, raw }) => {
            Form::Unsupported(pb::UnsupportedContent { reason, raw })
        }
    };
    pb::Content { form: Some(form) }
}

/// Meta's id of the file stays inside: it opens the file to whoever has a token of the account.
fn media(media: Media) -> pb::MediaContent {
    let Media {
        kind,
        media_id: _,
        mime_type,
        filename,
        caption,
        size,
        sha256,
        state,
        voice,
        animated,
    } = media;
    let kind = match kind {
        MediaKind::Image => pb::MediaKind::Image,
        MediaKind::Video => pb::MediaKind::Video,
        MediaKind::Audio => pb::MediaKind::Audio,
        MediaKind::Document => pb::MediaKind::Document,
        MediaKind::Sticker => pb::MediaKind::Sticker,
    };
    let state = match state {
        MediaState::Pending => pb::MediaState::Pending,
        MediaState::Stored => pb::MediaState::Stored,
        MediaState::Lost => pb::MediaState::Lost,
    };
    pb::MediaContent {
        kind: kind.into(),
        mime_type,
        filename,
        caption,
        size,
        sha256,
        state: state.into(),
        voice,
        animated,
    }
}

fn template(template: TemplateText) -> pb::TemplateContent {
    let TemplateText { name, language, variables, named: _, text } = template;
    let variable = |Variable { name, value }| pb::TemplateVariable { name, value };
    let variables = variables.into_iter().map(variable).collect();
    pb::TemplateContent { name, language, variables, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metas_id_of_a_file_stays_inside() {
        let file = Media {
            kind: MediaKind::Audio,
            media_id: Some("canary".to_owned()),
            mime_type: "audio/ogg; codecs=opus".to_owned(),
            filename: None,
            caption: None,
            size: Some(7),
            sha256: None,
            state: MediaState::Pending,
            voice: true,
            animated: false,
        };
        let converted = content(Content::Media(file));
        assert!(!format!("{converted:?}").contains("canary"));
        let Some(Form::Media(converted)) = converted.form else { panic!("another form") };
        assert_eq!(converted.kind(), pb::MediaKind::Audio);
        assert_eq!((converted.size, converted.state()), (Some(7), pb::MediaState::Pending));
    }
}
