//! Telling our app something about an account, now.

use serde_json::Value;
use tokio::sync::oneshot;

use super::{Delivery, Subject, is_subscribed};
use crate::meta::World;
use crate::meta::account::Account;
use crate::meta::number::WaNumber;
use crate::meta::wire;

/// Queues a webhook about a number, unless nobody listens; answers a receiver for its
/// acknowledgement.
pub fn tell(
    world: &World,
    account: &Account,
    about: Option<&WaNumber>,
    body: &Value,
) -> Option<oneshot::Receiver<bool>> {
    if !is_subscribed(account) {
        return None;
    }
    let subject = Subject {
        phone_number_id: Some(account.phone_number_id.clone()),
        to: about.map(WaNumber::to_string),
    };
    let delivery = Delivery::new(wire::to_json(body), subject, world.clock().now_ms());
    let told = {
        let mut queue = world.queue();
        let id = queue.push(delivery)?;
        queue.on_settled(id)
    };
    world.wake_queue();
    Some(told)
}
