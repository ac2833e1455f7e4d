//! Histories: what candidates and Meta do, as elements of deliveries.

use std::fmt;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::number;

/// When histories begin, in seconds: long past, as what is of the future counts as now.
const BEGIN: i64 = 1_790_000_000;

/// One thing that happened, in Meta's words.
#[derive(Clone)]
pub struct Happening {
    /// `messages`, `statuses`, `message_echoes`, `user_preferences`.
    list: &'static str,
    contact: Option<Value>,
    element: Value,
}

impl fmt::Debug for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{} {}", self.list, self.element)
    }
}

/// Somebody who writes: with a number, with a user id, or now this and now that.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    name: &'static str,
    phone: Option<&'static str>,
    user: Option<&'static str>,
}

/// When Dora gets another number, and with it another id.
const MOVES_AT: u8 = 20;
const DORA: Candidate =
    Candidate { name: "Dora", phone: Some("4915110000004"), user: Some("DE.4004") };
const DORA_AFTERWARDS: Candidate =
    Candidate { name: "Dora", phone: Some("4915110000044"), user: Some("DE.4044") };

const CANDIDATES: [Candidate; 4] = [
    Candidate { name: "Ana", phone: Some("4915110000001"), user: None },
    Candidate { name: "Bea", phone: None, user: Some("DE.2002") },
    Candidate { name: "Cleo", phone: Some("4915110000003"), user: Some("DE.3003") },
    DORA,
];

impl Candidate {
    /// What Meta tells of them this time. Dora's id is always told: a number alone, told late, is
    /// whoever's it is by then.
    fn seen(self, hides: Hides, second: u8) -> Self {
        let is_dora = self.name == DORA.name;
        if is_dora && second > MOVES_AT {
            return DORA_AFTERWARDS.seen(hides, 0);
        }
        match hides {
            Hides::User if is_dora => self,
            Hides::Phone if self.user.is_some() => Self { phone: None, ..self },
            Hides::User if self.phone.is_some() => Self { user: None, ..self },
            Hides::Nothing | Hides::Phone | Hides::User => self,
        }
    }
}

/// What of a candidate is not told.
#[derive(Debug, Clone, Copy)]
enum Hides {
    Nothing,
    Phone,
    User,
}

/// What a candidate or Meta does; numbers name messages.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Write(u8),
    Reply(u8, u8),
    React(u8, u8),
    Edit(u8, u8),
    Revoke(u8, u8),
    Echo(u8),
    Report(u8, &'static str),
    Choose(bool),
    Move(u8),
}

fn message(n: u8) -> String {
    format!("wamid.in{n}")
}

fn echo(n: u8) -> String {
    format!("wamid.out{n}")
}

/// What happens at a second of the history.
fn happening(who: Candidate, hides: Hides, deed: Deed, second: u8) -> Happening {
    // What names a message is told once and for ever, so it depends on the message alone.
    let (hides, second) = match deed {
        Deed::Write(n) | Deed::Echo(n) => {
            ([Hides::Nothing, Hides::Phone, Hides::User][usize::from(n % 3)], second)
        }
        Deed::Move(_) => (Hides::Nothing, MOVES_AT),
        Deed::Reply(..)
        | Deed::React(..)
        | Deed::Edit(..)
        | Deed::Revoke(..)
        | Deed::Report(..)
        | Deed::Choose(_) => (hides, second),
    };
    let seen = who.seen(hides, second);
    let (list, mut element, keys) = element(deed);
    named(&mut element, seen, keys);
    element["timestamp"] = json!((BEGIN + i64::from(second)).to_string());
    let mut contact = json!({"profile": {"name": who.name}});
    named(&mut contact, seen, ["wa_id", "user_id"]);
    Happening { list, contact: Some(contact), element }
}

/// Puts a candidate's identifiers under their keys.
fn named(value: &mut Value, who: Candidate, keys: [&str; 2]) {
    for (key, identifier) in keys.into_iter().zip([who.phone, who.user]) {
        if let Some(identifier) = identifier {
            value[key] = json!(identifier);
        }
    }
}

/// Meta's element, the list that it stands in, and under which keys its candidate is named.
fn element(deed: Deed) -> (&'static str, Value, [&'static str; 2]) {
    let inbound = |n: u8, kind: &str, part: Value| {
        let element = json!({"id": message(n), "type": kind, kind: part});
        ("messages", element, ["from", "from_user_id"])
    };
    match deed {
        Deed::Write(n) => inbound(n, "text", json!({"body": format!("text {n}")})),
        Deed::Reply(n, to) => {
            let (list, mut element, keys) = inbound(n, "text", json!({"body": "yes"}));
            element["context"] = json!({"id": message(to)});
            (list, element, keys)
        }
        Deed::React(n, to) => {
            inbound(n, "reaction", json!({"message_id": message(to), "emoji": "👍"}))
        }
        Deed::Edit(n, of) => {
            let new = json!({"type": "text", "text": {"body": format!("edit {n}")}});
            inbound(n, "edit", json!({"original_message_id": message(of), "message": new}))
        }
        Deed::Revoke(n, of) => inbound(n, "revoke", json!({"original_message_id": message(of)})),
        Deed::Move(n) => {
            let change = json!({
                "body": "changed", "type": "user_changed_number",
                "wa_id": DORA_AFTERWARDS.phone, "user_id": DORA_AFTERWARDS.user,
                "previous_user_id": DORA.user,
            });
            inbound(n, "system", change)
        }
        Deed::Echo(n) => {
            let element = json!({"from": "15550100001", "id": echo(n), "type": "text",
                "text": {"body": "echo"}});
            ("message_echoes", element, ["to", "to_user_id"])
        }
        Deed::Report(n, status) => {
            let pricing = json!({"pricing_model": "PMP", "category": "service"});
            let element = json!({"id": echo(n), "status": status, "pricing": pricing});
            ("statuses", element, ["recipient_id", "recipient_user_id"])
        }
        Deed::Choose(stop) => {
            let value = if stop { "stop" } else { "resume" };
            let element = json!({"category": "marketing_messages", "value": value});
            ("user_preferences", element, ["wa_id", "user_id"])
        }
    }
}

/// One delivery.
pub fn body(happenings: &[&Happening]) -> Vec<u8> {
    let changes: Vec<Value> = happenings
        .iter()
        .map(|Happening { list, contact, element }| {
            let field = match *list {
                "message_echoes" => "smb_message_echoes",
                "user_preferences" => "user_preferences",
                _ => "messages",
            };
            let mut value = json!({"messaging_product": "whatsapp",
                "metadata": {"phone_number_id": number().as_str()}});
            value[*list] = json!([element]);
            value["contacts"] = json!(contact.iter().collect::<Vec<_>>());
            json!({"field": field, "value": value})
        })
        .collect();
    let entry = json!([{"id": "102290129340398", "changes": changes}]);
    json!({"object": "whatsapp_business_account", "entry": entry}).to_string().into_bytes()
}

/// A history of up to thirty things. A message is one candidate's, whatever is done to it.
pub fn history() -> impl Strategy<Value = Vec<Happening>> {
    let hides = prop_oneof![
        3 => Just(Hides::Nothing),
        1 => Just(Hides::Phone),
        1 => Just(Hides::User),
    ];
    let deed = (0..8_u8, 0..6_u8, 0..4_u8);
    proptest::collection::vec((0..CANDIDATES.len(), hides, deed, 0..40_u8), 1..30).prop_map(
        |deeds| {
            let numbered = (0..30_u8).zip(deeds);
            numbered
                .map(|(n, (who, hides, (kind, of, status), second))| {
                    // Messages 0 to 5 of each candidate are what the others refer to.
                    let own = |k: u8| u8::try_from(who).unwrap() * 60 + k;
                    let new = own(10 + n);
                    let deed = match kind {
                        3 if CANDIDATES[who].name == DORA.name => Deed::Move(own(9)),
                        0 => Deed::Write(own(of)),
                        1 => Deed::Reply(new, own(of)),
                        2 => Deed::React(new, own(of)),
                        3 => Deed::Edit(new, own(of)),
                        4 => Deed::Revoke(new, own(of)),
                        5 => Deed::Echo(own(of)),
                        6 => {
                            let words = ["sent", "delivered", "read", "failed"];
                            Deed::Report(own(of), words[usize::from(status)])
                        }
                        _ => Deed::Choose(status % 2 == 0),
                    };
                    // What names a message is always of one second, as wamids are never used twice.
                    let second = match deed {
                        Deed::Write(n) | Deed::Echo(n) => n % 7,
                        _ => second,
                    };
                    (CANDIDATES[who], hides, deed, second)
                })
                .map(|(who, hides, deed, second)| happening(who, hides, deed, second))
                .collect()
        },
    )
}

/// One of each.
pub fn everything() -> Vec<Happening> {
    let [ana, bea, cleo, _] = CANDIDATES;
    let deeds = [
        (ana, Hides::Nothing, Deed::Write(1)),
        (ana, Hides::Nothing, Deed::Reply(2, 1)),
        (ana, Hides::Nothing, Deed::React(3, 2)),
        (ana, Hides::Nothing, Deed::Edit(4, 1)),
        (ana, Hides::Nothing, Deed::Edit(5, 1)),
        (ana, Hides::Nothing, Deed::Revoke(6, 2)),
        (bea, Hides::Nothing, Deed::Write(7)),
        (bea, Hides::Nothing, Deed::Choose(true)),
        (bea, Hides::Nothing, Deed::Echo(1)),
        (bea, Hides::Nothing, Deed::Report(1, "delivered")),
        (bea, Hides::Nothing, Deed::Report(1, "read")),
        (cleo, Hides::Phone, Deed::Write(8)),
        (cleo, Hides::User, Deed::Write(9)),
        (cleo, Hides::Nothing, Deed::Write(10)),
        (cleo, Hides::Nothing, Deed::Choose(true)),
        (cleo, Hides::Phone, Deed::Choose(false)),
    ];
    let timed = (1_u8..).zip(deeds);
    timed.map(|(second, (who, hides, deed))| happening(who, hides, deed, second)).collect()
}
