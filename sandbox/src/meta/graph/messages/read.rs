//! Read receipts and the typing indicator.

use serde_json::json;

use super::super::answer::Answer;
use super::accept::Done;
use super::request::Receipt;
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::error::GraphError;
use crate::meta::phone::{Direction, Progress};

/// The indicator vanishes by itself after this.
const TYPING_MS: i64 = 25_000;

/// Shows a message, and all before it, as read; typing implies reading.
pub(super) fn read(
    world: &World,
    account: &Account,
    receipt: &Receipt,
) -> Result<Done, GraphError> {
    let Receipt { message_id, typing } = receipt;
    let unknown =
        || GraphError::of(100).details(format!("Please check the message ID '{message_id}'"));
    let now = world.clock().now_ms();
    let mut state = world.state();
    let number = state.phones.with_message(message_id).cloned().ok_or_else(unknown)?;
    state.on_phone(&number, |phone| {
        let ours = |id: &str| *id == account.phone_number_id;
        let place = phone.messages.iter().position(|m| m.wamid == *message_id);
        let place = place.filter(|i| ours(&phone.messages[*i].phone_number_id));
        let place = place.ok_or_else(unknown)?;
        if phone.messages[place].direction == Direction::In {
            return Err(GraphError::of(100).details(format!(
                "Message ID '{message_id}' is outgoing. Please use an incoming message ID."
            )));
        }
        for message in phone.messages.iter_mut().take(place + 1) {
            if message.direction == Direction::Out && ours(&message.phone_number_id) {
                message.progress = Progress::Read;
            }
        }
        if *typing {
            phone.typing.insert(account.phone_number_id.clone(), now + TYPING_MS);
        }
        Ok(())
    })?;
    drop(state);
    world.mark_changed();
    Ok(Done { answer: Answer(json!({"success": true})), first_status: None })
}
