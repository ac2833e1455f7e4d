//! Who may make which call, and whose things it reaches: one table, call × caller.
//!
//! Invariant: a call that has no row here is made by nobody. A test holds the table against the
//! descriptors, so that a new call does not go out without its row.

use super::auth::Reach::{self, Everybody, Named, No, Nobody, Own};

/// One call, and how far each kind of caller reaches in it.
#[derive(Debug)]
pub(super) struct Row {
    /// The path of its request.
    pub(super) path: &'static str,
    /// Company roles.
    pub(super) person: Reach,
    /// System administrators.
    pub(super) administrator: Reach,
    /// Services as themselves, by the scope `internal`.
    pub(super) internal: Reach,
    /// Services as themselves, by the scope `admin`.
    pub(super) admin: Reach,
    /// Holders of the scope `edge`, whoever they act for: they have checked what Meta signed.
    pub(super) edge: Reach,
}

/// The row of a call, by the path of its request.
pub(super) fn of(path: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.path == path)
}

macro_rules! table {
    ($($service:literal {
        $($call:literal $person:ident $administrator:ident $internal:ident $admin:ident $edge:ident,)+
    })+) => {
        const TABLE: &[Row] = &[$($(Row {
            path: concat!("/linkojob.whatsapp.v1.", $service, "/", $call),
            person: $person,
            administrator: $administrator,
            internal: $internal,
            admin: $admin,
            edge: $edge,
        },)+)+];
    };
}

table! {
    // call                     person administrator internal admin  edge
    "ClientService" {
        "CreateClient"          Own    Named      Named  Named      No,
        "GetClient"             Own    Everybody  Named  Everybody  No,
        "ListClients"           Own    Everybody  Named  Everybody  No,
        "UpdateClient"          Own    Named      Named  Named      No,
        "DeleteClient"          Own    Named      Named  Named      No,
    }
    "OnboardingService" {
        "BeginConsent"          Own    Named      Named  Named      No,
        "CompleteConsent"       No     No         No     No         Nobody,
        "ExchangeCode"          Own    Named      Named  Named      No,
        "ResumeOnboarding"      Own    Named      Named  Named      No,
        "RegisterNumber"        Own    Named      Named  Named      No,
        "Disconnect"            Own    Named      Named  Named      No,
        "Deauthorize"           No     No         No     No         Nobody,
        "GetOnboardingSettings" No     No         No     No         Nobody,
    }
    "TemplateService" {
        "ListTemplates"         Own    Everybody  Named  Everybody  No,
        "SyncTemplates"         Own    Named      Named  Named      No,
        "SetTemplatePurpose"    Own    Everybody  Named  Everybody  No,
    }
    "MessageService" {
        "SendText"              Own    Named      Named  Named      No,
        "SendTemplate"          Own    Named      Named  Named      No,
        "GetMessage"            Own    Everybody  Named  Everybody  No,
    }
    "MediaService" {
        "DownloadMedia"         Own    Everybody  Named  Everybody  No,
    }
    "ConversationService" {
        "ListConversations"     Own    Everybody  Named  Everybody  No,
        "GetConversation"       Own    Everybody  Named  Everybody  No,
        "DeleteConversation"    Own    Everybody  Named  Everybody  No,
        "ListMessages"          Own    Everybody  Named  Everybody  No,
        "MarkRead"              Own    Everybody  Named  Everybody  No,
        "GetWindow"             Own    Everybody  Named  Everybody  No,
    }
    "WebhookService" {
        "Deliver"               No     No         No     No         Nobody,
        "ListDeliveries"        No     Nobody     No     Nobody     No,
        "GetDelivery"           No     Nobody     No     Nobody     No,
        "ReplayDeliveries"      No     Nobody     No     Nobody     No,
    }
    "EventService" {
        "Subscribe"             Own    Named      Named  Named      No,
        "ListEvents"            Own    Named      Named  Named      No,
        "GetPosition"           Own    Named      Named  Named      No,
    }
    "PresenceService" {
        "SignalTyping"          Own    Everybody  Named  Everybody  No,
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
    fn nobody_reaches_further_than_its_kind_ever_may() {
        for row in TABLE {
            let Row { path, person, administrator, internal, admin, edge } = row;
            assert!(matches!(person, No | Own), "{path}: a company role is for its own");
            assert!(matches!(administrator, No | Nobody | Named | Everybody), "{path}");
            assert!(matches!(internal, No | Named), "{path}: the scope names its owner");
            assert!(matches!(admin, No | Nobody | Named | Everybody), "{path}");
            // Of everybody's things at once: for administrators and the scope `admin`, and no owner is named.
            if [administrator, admin].contains(&&Nobody) {
                let others = [person, internal, edge].into_iter().all(|reach| *reach == No);
                assert!(administrator == admin && others, "{path}: it is for those who see all");
                continue;
            }
            assert!(matches!(edge, No | Nobody), "{path}: the edge alone acts for nobody");
            let acting = [person, administrator, internal, admin];
            let open = acting.iter().filter(|reach| ***reach != No).count();
            assert!(open == 0 || open == 4, "{path}: whoever acts for an owner may make the call");
            assert!((open == 0) == (*edge == Nobody), "{path}: about an owner, or about nobody");
        }
    }

    #[test]
    fn a_path_is_matched_whole() {
        assert!(of("/linkojob.whatsapp.v1.WebhookService/Deliver").is_some());
        for wrong in ["", "/", "/linkojob.whatsapp.v1.WebhookService/deliver", "Deliver"] {
            assert!(of(wrong).is_none(), "{wrong}");
        }
    }
}
