//! Sample objects of the core.

use linkojob_proto::v1 as pb;
use prost_types::Timestamp;

pub const AT: Timestamp = Timestamp { seconds: 1_700_000_000, nanos: 123_000_000 };

pub fn client() -> pb::Client {
    pb::Client {
        id: "client-1".to_owned(),
        owner: "recruiter@linkojob.test".to_owned(),
        label: "Main".to_owned(),
        status: pb::ClientStatus::Connected.into(),
        phone_number_id: Some("1001".to_owned()),
        waba_id: Some("2001".to_owned()),
        display_phone_number: Some("+1 415 555 0100".to_owned()),
        verified_name: Some("LinkoJob".to_owned()),
        quality_rating: None,
        messaging_limit: None,
        token_expires_at: None,
        settings: Some(pb::ClientSettings {
            send_read_receipts: true,
            forward_typing: true,
            template_language: None,
        }),
        revision: 3,
        created_at: Some(AT),
        created_by: "recruiter@linkojob.test".to_owned(),
        updated_at: Some(AT),
        updated_by: "recruiter@linkojob.test".to_owned(),
        onboarding: None,
        attention: None,
    }
}

pub fn conversation() -> pb::Conversation {
    pb::Conversation {
        id: "conversation-1".to_owned(),
        client_id: "client-1".to_owned(),
        owner: "recruiter@linkojob.test".to_owned(),
        candidate: Some(pb::Candidate {
            wa_id: Some("14155550123".to_owned()),
            user_id: None,
            phone_number: Some("+14155550123".to_owned()),
            name: Some("Ana".to_owned()),
            username: None,
            marketing_stopped: false,
        }),
        last_message: None,
        last_message_at: Some(AT),
        unread_count: 2,
        window_expires_at: Some(AT),
        in_window: false,
        hidden: false,
        merged_into: None,
        revision: 7,
        created_at: Some(AT),
        updated_at: Some(AT),
    }
}

pub fn message(status: pb::MessageStatus, text: String) -> pb::Message {
    let entry = pb::StatusEntry { status: status.into(), at: Some(AT), error: None };
    pb::Message {
        id: "message-1".to_owned(),
        conversation_id: "conversation-1".to_owned(),
        direction: pb::Direction::Outbound.into(),
        wamid: Some("wamid.AAAA".to_owned()),
        r#type: "text".to_owned(),
        content: Some(pb::Content {
            form: Some(pb::content::Form::Text(pb::TextContent { text, preview_url: false })),
        }),
        status: status.into(),
        status_history: vec![entry],
        template_purpose: pb::TemplatePurpose::Unspecified.into(),
        reply_to: None,
        retry_of: None,
        sent_by: Some("recruiter@linkojob.test".to_owned()),
        at: Some(AT),
        edited_at: None,
        revoked_at: None,
        revision: 1,
        created_at: Some(AT),
        error: None,
        owner: "recruiter@linkojob.test".to_owned(),
        context: None,
        referral: None,
        pricing: None,
    }
}

pub fn template() -> pb::Template {
    pb::Template {
        id: "template-1".to_owned(),
        client_id: "client-1".to_owned(),
        owner: "recruiter@linkojob.test".to_owned(),
        name: "initiate".to_owned(),
        language: "en_US".to_owned(),
        category: "MARKETING".to_owned(),
        status: "APPROVED".to_owned(),
        purpose: pb::TemplatePurpose::Initiate.into(),
        parameter_format: "POSITIONAL".to_owned(),
        parameters: vec!["1".to_owned()],
        components: r#"[{"type":"BODY","text":"Hi {{1}}"}]"#.to_owned(),
        quality: None,
        rejected_reason: None,
        revision: 1,
        created_at: Some(AT),
        updated_at: Some(AT),
    }
}

pub fn event(cursor: &str, size: usize) -> pb::Event {
    let message = message(pb::MessageStatus::Accepted, "x".repeat(size));
    let change = pb::MessageEvent { conversation: Some(conversation()), message: Some(message) };
    pb::Event {
        cursor: cursor.to_owned(),
        owner: "recruiter@linkojob.test".to_owned(),
        at: Some(AT),
        data: Some(pb::event::Data::MessageIncoming(change)),
    }
}
