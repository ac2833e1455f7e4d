//! `POST /phone/{number}/read`: the person opens the chats.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::number;
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::control::Problem;
use crate::meta::hooks::{Sent, announce_read};
use crate::meta::phone::{Direction, Progress};

pub(super) async fn read(
    State(world): State<World>,
    Path(text): Path<String>,
) -> Result<Json<Value>, Problem> {
    let number = number(&text)?;
    let (read, accounts) = {
        let mut state = world.state();
        let mut read: Vec<(String, Sent)> = Vec::new();
        if state.phones.get(&number).is_some() {
            state.on_phone(&number, |phone| {
                let person = phone.owner();
                for message in &mut phone.messages {
                    if message.direction == Direction::Out || message.progress == Progress::Read {
                        continue;
                    }
                    message.progress = Progress::Read;
                    let sent = Sent {
                        wamid: message.wamid.clone(),
                        person: person.clone(),
                        opaque: message.opaque.clone(),
                        category: message.category.clone(),
                        by_user_id: message.by_user_id,
                        failure: None,
                    };
                    read.push((message.phone_number_id.clone(), sent));
                }
            });
        }
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        for (id, _) in &read {
            if !accounts.contains_key(id)
                && let Some(account) = state.account(id)
            {
                accounts.insert(id.clone(), account);
            }
        }
        (read, accounts)
    };
    for (id, sent) in &read {
        if let Some(account) = accounts.get(id) {
            announce_read(&world, account, sent);
        }
    }
    world.mark_changed();
    Ok(Json(json!({"read": read.len()})))
}
