//! A candidate's phone.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Account, Meta, PATIENCE};

/// The phone of one candidate.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Digits alone, as Meta writes it.
    pub number: String,
    meta: Meta,
}

impl Phone {
    pub(super) fn new(meta: Meta, number: &str) -> Self {
        Self { number: number.to_owned(), meta }
    }

    /// The number as a recruiter types it.
    pub fn dialled(&self) -> String {
        format!("+{}", self.number)
    }

    /// Writes text to a business; back when our edge has acknowledged it. Gives the wamid.
    pub async fn writes(&self, to: &Account, text: &str) -> String {
        self.sends(to, json!({"text": text})).await
    }

    /// Writes any message to a business; back when our edge has acknowledged it. Gives the wamid.
    pub async fn sends(&self, to: &Account, mut message: Value) -> String {
        message["phoneNumberId"] = json!(to.phone_number_id);
        let path = format!("/phone/{}/messages?wait=true", self.number);
        let answer = self.meta.control(Method::POST, &path, Some(message)).await;
        answer["wamid"].as_str().expect("a wamid").to_owned()
    }

    /// Opens the chats, which makes Meta tell that everything was read.
    pub async fn reads(&self) {
        let path = format!("/phone/{}/read", self.number);
        self.meta.control(Method::POST, &path, Some(json!({}))).await;
    }

    /// Everything on the phone, oldest first.
    pub async fn shows(&self) -> Vec<Value> {
        let phone = self.meta.get(&format!("/phone/{}", self.number)).await;
        phone["messages"].as_array().expect("messages").clone()
    }

    /// The texts that businesses wrote, oldest first.
    pub async fn received(&self) -> Vec<String> {
        let shown = self.shows().await;
        let received = shown.iter().filter(|message| message["direction"] == "in");
        received.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until the phone shows the message of this wamid with this status.
    pub async fn shows_as(&self, wamid: &str, status: &str) {
        let mut version = 0;
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let path = format!("/phone/{}?after={version}", self.number);
                let phone = self.meta.get(&path).await;
                version = phone["version"].as_u64().expect("a version");
                let messages = phone["messages"].as_array().expect("messages");
                if messages.iter().any(|m| m["wamid"] == wamid && m["status"] == status) {
                    return;
                }
            }
        });
        waited.await.unwrap_or_else(|_| panic!("the phone never showed {wamid} as {status}"));
    }
}
