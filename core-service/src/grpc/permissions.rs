//! Who may make which call.
//!
//! Invariant: a call that has no row here is made by nobody. A test holds the table against the
//! descriptors, so that a new call does not go out without its row.

use super::auth::{Caller, Kind};

/// Everybody who acts for an owner, on what [`Caller::scope`] and [`Caller::actor`] leave to them.
const ACTING: &[Kind] = &[Kind::Person, Kind::Administrator, Kind::Service];
/// Only who has checked Meta's signature.
const EDGE: &[Kind] = &[Kind::Edge];

/// One call and who may make it.
pub(super) struct Row {
    path: &'static str,
    who: &'static [Kind],
}

impl Row {
    /// True when the caller is of a kind that may make the call.
    pub(super) fn admits(&self, caller: &Caller) -> bool {
        self.who.iter().any(|kind| caller.is(*kind))
    }
}

/// The row of a call, by the path of its request.
pub(super) fn of(path: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.path == path)
}

macro_rules! table {
    ($($service:literal { $($call:literal $who:ident,)+ })+) => {
        const TABLE: &[Row] = &[$($(Row {
            path: concat!("/linkojob.whatsapp.v1.", $service, "/", $call),
            who: $who,
        },)+)+];
    };
}

table! {
    "ClientService" {
        "CreateClient" ACTING,
        "GetClient" ACTING,
        "ListClients" ACTING,
        "UpdateClient" ACTING,
        "DeleteClient" ACTING,
    }
    "OnboardingService" {
        "RegisterNumber" ACTING,
    }
    "TemplateService" {
        "ListTemplates" ACTING,
        "SyncTemplates" ACTING,
        "SetTemplatePurpose" ACTING,
    }
    "MessageService" {
        "SendText" ACTING,
        "SendTemplate" ACTING,
        "GetMessage" ACTING,
    }
    "ConversationService" {
        "ListConversations" ACTING,
        "GetConversation" ACTING,
        "DeleteConversation" ACTING,
        "ListMessages" ACTING,
        "MarkRead" ACTING,
        "GetWindow" ACTING,
    }
    "WebhookService" {
        "Deliver" EDGE,
    }
    "EventService" {
        "Subscribe" ACTING,
        "ListEvents" ACTING,
        "GetPosition" ACTING,
    }
    "PresenceService" {
        "SignalTyping" ACTING,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn the_table_has_every_call_of_the_descriptors_once_and_no_other() {
        let set = FileDescriptorSet::decode(linkojob_proto::DESCRIPTORS).unwrap();
        let ours = set.file.iter().filter(|file| file.package() == "linkojob.whatsapp.v1");
        let services = ours.flat_map(|file| &file.service);
        let declared: BTreeSet<String> = services
            .flat_map(|service| {
                let path = |call: &str| format!("/linkojob.whatsapp.v1.{}/{call}", service.name());
                service.method.iter().map(move |method| path(method.name()))
            })
            .collect();
        let permitted: BTreeSet<String> = TABLE.iter().map(|row| row.path.to_owned()).collect();
        assert_eq!(permitted, declared);
        assert_eq!(TABLE.len(), permitted.len(), "a call stands twice");
    }

    #[test]
    fn a_path_is_matched_whole() {
        assert!(of("/linkojob.whatsapp.v1.WebhookService/Deliver").is_some());
        for wrong in ["", "/", "/linkojob.whatsapp.v1.WebhookService/deliver", "Deliver"] {
            assert!(of(wrong).is_none(), "{wrong}");
        }
    }
}
