//! A person at the dashboard: REST as NGINX would pass it on.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Account, Answer, House, Meta, Phone, Socket, Stream};

/// Somebody with an address and a role.
#[derive(Clone, Debug)]
pub struct Recruiter {
    /// Who it is.
    pub email: String,
    role: &'static str,
    meta: Meta,
    edge: String,
    account: Option<Account>,
}

impl Recruiter {
    pub(super) fn new(meta: Meta, edge: String, email: &str, role: &'static str) -> Self {
        Self { email: email.to_owned(), role, meta, edge, account: None }
    }

    /// The same person, through another edge.
    pub fn through(&self, edge: &House) -> Self {
        Self { edge: edge.address().to_string(), ..self.clone() }
    }

    /// The account that was connected.
    pub fn account(&self) -> &Account {
        self.account.as_ref().expect("this recruiter has connected")
    }

    // ----- calls

    /// A request with this person's identity, not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.edge);
        self.meta.http().request(method, url).header("email", &self.email).header("role", self.role)
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::of(request.send().await.expect("the edge answers")).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// `POST`.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `PUT`.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// `PATCH`.
    pub async fn patch(&self, path: &str, body: Option<Value>) -> Answer {
        self.call(Method::PATCH, path, body).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// `POST` with an idempotency key.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.try_post_once(key, path, body).await.expect("the edge answers")
    }

    /// `POST` with an idempotency key, which may find nobody at home.
    pub async fn try_post_once(
        &self,
        key: &str,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<Answer> {
        let request = self.request(Method::POST, path).header("idempotency-key", key).json(body);
        Ok(Answer::of(request.send().await?).await)
    }

    // ----- the connection

    /// Opens an account at Meta and connects it. Gives the client.
    pub async fn connect(&mut self) -> Value {
        let account = self.meta.account().await;
        self.connect_to(account).await.is(201)
    }

    /// Connects this account.
    pub async fn connect_to(&mut self, account: Account) -> Answer {
        let answer = self.post("/api/clients", account.credentials()).await;
        self.account = Some(account);
        answer
    }

    /// The client of this person.
    pub async fn client(&self) -> Value {
        self.get("/api/clients/me").await.is(200)
    }

    // ----- sending

    /// Sends text to a candidate.
    pub async fn send_text(&self, to: &Phone, text: &str) -> Answer {
        self.post("/api/messages/text", json!({"to": to.dialled(), "text": text})).await
    }

    /// Sends whatever template fits, with the candidate's name.
    pub async fn send_template(&self, to: &Phone, name: &str) -> Answer {
        let body = json!({"to": to.dialled(), "candidateName": name});
        self.post("/api/messages/template", body).await
    }

    /// One message.
    pub async fn message(&self, id: &Value) -> Value {
        self.get(&format!("/api/messages/{}", text(id))).await.is(200)
    }

    // ----- reading

    /// The first page of conversations, with a query such as `?limit=2`.
    pub async fn conversations(&self, query: &str) -> Value {
        self.get(&format!("/api/conversations{query}")).await.is(200)
    }

    /// One conversation.
    pub async fn conversation(&self, id: &Value) -> Value {
        self.get(&format!("/api/conversations/{}", text(id))).await.is(200)
    }

    /// The window of a conversation.
    pub async fn window(&self, id: &Value) -> Value {
        self.get(&format!("/api/conversations/{}/window", text(id))).await.is(200)
    }

    /// Every row of a list, page by page.
    pub async fn all(&self, path: &str, limit: u8) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}?limit={limit}{cursor}")).await.is(200);
            rows.extend(page["data"].as_array().expect("data").iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// Every message of a conversation, newest first.
    pub async fn messages(&self, conversation: &Value) -> Vec<Value> {
        self.all(&format!("/api/conversations/{}/messages", text(conversation)), 100).await
    }

    // ----- events

    /// The log from the oldest event on, or after a cursor.
    pub async fn events(&self, after: Option<&str>) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = after.unwrap_or_default().to_owned();
        loop {
            let page = self.get(&format!("/api/events?limit=100&after={cursor}")).await.is(200);
            let data = page["data"].as_array().expect("data");
            if data.is_empty() {
                return rows;
            }
            rows.extend(data.iter().cloned());
            cursor = text(&page["nextCursor"]).to_owned();
        }
    }

    /// Listens from now on.
    pub async fn socket(&self) -> Socket {
        Socket::open(self.clone(), None).await
    }

    /// Listens after a cursor.
    pub async fn socket_after(&self, cursor: &str) -> Socket {
        Socket::open(self.clone(), Some(cursor)).await
    }

    /// Listens by Server-Sent Events, after a `Last-Event-ID` or from now on.
    pub async fn stream(&self, last_event_id: Option<&str>) -> Stream {
        Stream::open(self, last_event_id).await
    }

    pub(super) fn edge(&self) -> &str {
        &self.edge
    }

    pub(super) const fn role(&self) -> &'static str {
        self.role
    }
}

/// The text of an id.
fn text(id: &Value) -> &str {
    id.as_str().expect("an id is a text")
}
