//! A core that takes deliveries in, and what it then knows.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use core_service::{
    domain::{
        actor::Scope,
        content::Content,
        conversation::Conversation,
        event::{News, Position},
        fact::{Element, Fact},
        ids::{MessageId, Wamid},
        message::Message,
        page::ConversationQuery,
    },
    flows::Core,
    meta::receive::parse,
};

use crate::{faulty, kit};

pub struct Office(Arc<Core>);

impl Office {
    pub async fn open() -> Self {
        let (core, _) = faulty::core().await;
        Self(core)
    }

    /// Takes a delivery in, as its lane would.
    pub async fn take(&self, body: &[u8]) {
        let facts: Vec<Fact> = parse(body)
            .elements
            .into_iter()
            .map(|element| match element {
                Element::Fact(fact) => fact,
                other => panic!("{other:?}"),
            })
            .collect();
        self.0.apply(&kit::client(), &facts, Vec::new()).await.unwrap();
    }

    fn scope() -> Scope {
        Scope::Owner(kit::owner())
    }

    /// Everything that a recruiter can see, in a form that does not depend on ids and on when it was heard.
    pub async fn state(&self) -> String {
        let query = ConversationQuery {
            scope: Self::scope(),
            shown: None,
            unread: false,
            words: Vec::new(),
            after: None,
            limit: 100,
        };
        let mut shown: Vec<String> = Vec::new();
        for row in self.0.list_conversations(query).await.unwrap().rows {
            let page = self.0.list_messages(&Self::scope(), row.id, None, 100).await.unwrap();
            assert!(!page.more);
            shown.push(conversation(&row, &page.rows));
        }
        shown.sort();
        shown.concat()
    }

    /// The log is dense, begins each message once and before anything else about it, and ends with what is
    /// so.
    pub async fn check_log(&self) {
        let log = self.0.store.events(&kit::owner(), Position(0), 10_000).await.unwrap();
        let mut last: BTreeMap<MessageId, u64> = BTreeMap::new();
        for (expected, logged) in (1..).zip(&log) {
            assert_eq!(logged.position, Position(expected));
            match &logged.event.news {
                News::MessageIncoming { message, .. } | News::MessageSent { message, .. } => {
                    assert_eq!(last.insert(message.id, message.revision), None, "begun twice");
                }
                News::MessageUpdated { message, .. } => {
                    let before = last.insert(message.id, message.revision);
                    assert!(before.is_some_and(|before| before < message.revision), "{before:?}");
                }
                News::MessageStatus { message_id, .. } => {
                    assert!(last.contains_key(message_id), "a status before its message");
                }
                News::ConversationUpdated { .. }
                | News::ClientUpdated { .. }
                | News::TemplateUpdated { .. } => {}
            }
        }
        for (id, revision) in last {
            let now = self.0.store.message(id).await.unwrap().unwrap();
            assert!(now.revision >= revision);
        }
    }
}

fn conversation(row: &Conversation, messages: &[Message]) -> String {
    let mut text = String::new();
    let last = row.last_message.as_ref().map(|last| last.at);
    writeln!(
        text,
        "{:?} {:?} unread {} inbound {:?} activity {:?} last {last:?} stopped {:?}",
        row.candidate,
        row.identities,
        row.unread_count,
        row.last_inbound_at,
        row.last_message_at,
        row.kin.marketing,
    )
    .unwrap();
    let wamids: BTreeMap<MessageId, Option<Wamid>> =
        messages.iter().map(|message| (message.id, message.wamid.clone())).collect();
    let mut lines: Vec<String> = messages.iter().map(|message| line(message, &wamids)).collect();
    lines.sort();
    text + &lines.concat()
}

fn line(message: &Message, wamids: &BTreeMap<MessageId, Option<Wamid>>) -> String {
    let named = |id: Option<MessageId>| id.map(|id| wamids.get(&id).cloned().flatten());
    let mut content = message.content.clone();
    let target = match &mut content {
        Content::Reaction(reaction) => named(reaction.message_id.take()),
        _ => None,
    };
    format!(
        "  {:?} {:?} at {:?} {content:?} on {target:?} answers {:?} edited {:?} revoked {:?} {:?} {:?}\n",
        message.direction,
        message.wamid,
        message.at,
        named(message.reply_to),
        message.edited_at,
        message.revoked_at,
        message.pricing,
        message.life,
    )
}
