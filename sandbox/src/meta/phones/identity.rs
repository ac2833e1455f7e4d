//! Who somebody is: what businesses may know of the owner of a phone, and how that changes.
//!
//! `PATCH /phone/{number}` says how the owner is known. `POST /phone/{number}/number` is a change of
//! number: everything moves to the new one, the user ids are new, and every business that knew the
//! person is told by a system message; the old number is free for somebody else. `POST
//! /phone/{number}/user-id` gives new user ids alone. Both take `as`, the spelling of the system
//! message: Meta has changed it more than once.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::number;
use crate::meta::account::Account;
use crate::meta::control::{Body, Problem};
use crate::meta::number::WaNumber;
use crate::meta::person::Person;
use crate::meta::phone::fresh_salt;
use crate::meta::state::State as Memory;
use crate::meta::{World, hooks, ids};

/// How somebody shall be known; what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Wanted {
    name: Option<String>,
    /// Null takes it away.
    #[serde(deserialize_with = "given")]
    username: Option<Option<String>>,
    hidden: Option<bool>,
    disguised: Option<bool>,
    parent: Option<bool>,
}

/// Tells null from absent.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

pub(super) async fn change(
    State(world): State<World>,
    Path(text): Path<String>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let Wanted { name, username, hidden, disguised, parent } = wanted;
    let person = world.state().on_phone(&number, |phone| {
        if let Some(name) = name {
            phone.name = name;
        }
        let identity = &mut phone.identity;
        if let Some(username) = username {
            identity.username = username;
        }
        identity.hidden = hidden.unwrap_or(identity.hidden);
        identity.disguised = disguised.unwrap_or(identity.disguised);
        identity.parent = parent.unwrap_or(identity.parent);
        phone.owner()
    });
    world.mark_changed();
    Ok(Json(describe(&person)))
}

/// How a change is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Spelling {
    UserChangedNumber,
    UserChangedUserId,
    CustomerChangedNumber,
    CustomerIdentityChanged,
}

impl Spelling {
    fn word(self) -> &'static str {
        match self {
            Self::UserChangedNumber => "user_changed_number",
            Self::UserChangedUserId => "user_changed_user_id",
            Self::CustomerChangedNumber => "customer_changed_number",
            Self::CustomerIdentityChanged => "customer_identity_changed",
        }
    }
}

/// The new number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    to: String,
    r#as: Option<Spelling>,
}

pub(super) async fn move_number(
    State(world): State<World>,
    Path(text): Path<String>,
    Body(Move { to, r#as }): Body<Move>,
) -> Result<Json<Value>, Problem> {
    let (from, to) = (number(&text)?, number(&to)?);
    let (change, businesses) = {
        let mut state = world.state();
        let before = state.phones.owner(&from);
        if from == to || !state.phones.move_number(&from, &to) {
            return Err(Problem::conflict("somebody else has that number"));
        }
        // Both phones are not what a watcher saw last.
        state.on_phone(&from, |_| ());
        let (after, businesses) = state.on_phone(&to, |phone| (phone.owner(), phone.businesses()));
        (Change { before, after }, accounts(&state, businesses))
    };
    world.mark_changed();
    let told = tell(&world, &change, r#as.unwrap_or(Spelling::UserChangedNumber), &businesses);
    let mut answer = describe(&change.after);
    answer["webhooks"] = json!(told);
    Ok(Json(answer))
}

/// How to tell it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Renewal {
    r#as: Option<Spelling>,
}

pub(super) async fn renew_user_id(
    State(world): State<World>,
    Path(text): Path<String>,
    renewal: Option<Json<Renewal>>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let Renewal { r#as } = renewal.map(|Json(renewal)| renewal).unwrap_or_default();
    let (change, businesses) = {
        let mut state = world.state();
        let (change, businesses) = state.on_phone(&number, |phone| {
            let before = phone.owner();
            phone.identity.salt = fresh_salt();
            (Change { before, after: phone.owner() }, phone.businesses())
        });
        (change, accounts(&state, businesses))
    };
    world.mark_changed();
    let told = tell(&world, &change, r#as.unwrap_or(Spelling::UserChangedUserId), &businesses);
    let mut answer = describe(&change.after);
    answer["webhooks"] = json!(told);
    Ok(Json(answer))
}

/// Somebody before and after.
struct Change {
    before: Person,
    after: Person,
}

fn accounts(state: &Memory, ids: impl IntoIterator<Item = String>) -> Vec<Account> {
    ids.into_iter().filter_map(|id| state.account(&id)).collect()
}

/// Tells every business; answers how many hear of it.
fn tell(world: &World, change: &Change, spelling: Spelling, businesses: &[Account]) -> usize {
    let now = world.clock().now_secs();
    let about: &WaNumber = &change.before.number;
    let told = businesses.iter().filter(|account| {
        let message = json!({
            "id": ids::inbound_wamid(about), "timestamp": now.to_string(), "type": "system",
            "system": system(change, spelling, account),
        });
        let body = hooks::inbound(account, &change.before, message);
        hooks::tell(world, account, Some(about), &body).is_some()
    });
    told.count()
}

/// The object of a system message, as its spelling has it.
fn system(change: &Change, spelling: Spelling, account: &Account) -> Value {
    let Change { before, after } = change;
    let business_id = &account.business_id;
    let (old, new) = (before.wa_id(business_id), after.wa_id(business_id));
    let shown = |wa_id: &Option<String>, person: &Person| {
        wa_id.clone().unwrap_or_else(|| person.user_id(business_id))
    };
    let body = format!(
        "User {} changed from {} to {}",
        before.name,
        shown(&old, before),
        shown(&new, after)
    );
    let mut system = json!({"body": body, "type": spelling.word()});
    match spelling {
        Spelling::UserChangedNumber | Spelling::UserChangedUserId => {
            system["user_id"] = json!(after.user_id(business_id));
            system["previous_user_id"] = json!(before.user_id(business_id));
            if let Some(new) = new {
                system["wa_id"] = json!(new);
            }
            if let (Some(new), Some(old)) = (after.parent_user_id(), before.parent_user_id()) {
                system["parent_user_id"] = json!(new);
                system["previous_parent_user_id"] = json!(old);
            }
        }
        Spelling::CustomerChangedNumber => {
            system["customer"] = json!(old);
            system["wa_id"] = json!(new);
            system["new_wa_id"] = json!(new);
        }
        Spelling::CustomerIdentityChanged => {
            system["customer"] = json!(old);
            system["identity"] = json!(after.identity.salt.to_string());
        }
    }
    system
}

/// What is known of somebody, for `GET /phone/{number}` too.
pub(super) fn describe(person: &Person) -> Value {
    let Person { number, name, identity } = person;
    json!({"number": number, "name": name, "identity": identity})
}
