//! The controls of the simulated Meta: accounts, misbehaviour, time, and the ledger.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, PATIENCE};

/// One customer's account at Meta.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its WABA.
    pub waba_id: String,
    /// Its number.
    pub phone_number_id: String,
    /// The token that opens it.
    pub access_token: String,
}

impl Account {
    fn read(value: &Value) -> Self {
        let text = |field: &str| value[field].as_str().expect("a field of an account").to_owned();
        Self {
            waba_id: text("wabaId"),
            phone_number_id: text("phoneNumberId"),
            access_token: text("accessToken"),
        }
    }

    /// What a recruiter types in to connect it.
    pub fn credentials(&self) -> Value {
        let Self { waba_id, phone_number_id, access_token } = self;
        json!({"wabaId": waba_id, "phoneNumberId": phone_number_id, "accessToken": access_token})
    }
}

/// The simulated platform, seen from behind.
#[derive(Clone, Debug)]
pub struct Meta {
    http: reqwest::Client,
    base: String,
}

impl Meta {
    pub(super) fn new(http: reqwest::Client, base: String) -> Self {
        Self { http, base }
    }

    /// Tells where webhooks go.
    pub(super) async fn calls_back(&self, url: &str) {
        self.control(Method::PUT, "/graph/_webhooks", Some(json!({"url": url}))).await;
    }

    /// A control call that must work.
    pub async fn control(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the simulated Meta answers");
        let Answer { status, text, headers: _ } = Answer::of(response).await;
        assert!(status < 300, "{method} {path}: {status} {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.control(Method::POST, path, Some(body)).await
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.control(Method::GET, path, None).await
    }

    // ----- customers

    /// Opens an account of its own, with the usual templates.
    pub async fn account(&self) -> Account {
        self.account_that(json!({})).await
    }

    /// Opens an account that is not quite usual, such as `{"registered": false}`.
    pub async fn account_that(&self, is: Value) -> Account {
        Account::read(&self.post("/graph/_accounts", is).await)
    }

    /// Gives the same account another token.
    pub async fn another_token(&self, account: &Account) -> Account {
        let path = format!("/graph/_accounts/{}/tokens", account.waba_id);
        Account::read(&self.post(&path, json!({})).await)
    }

    /// Opens an account that may have no number; gives its WABA.
    pub async fn waba_that(&self, is: Value) -> String {
        let account = self.post("/graph/_accounts", is).await;
        account["wabaId"].as_str().expect("a WABA").to_owned()
    }

    /// Adds a number to an account; gives its id.
    pub async fn add_number(&self, waba: &str, is: Value) -> Value {
        let path = format!("/graph/_accounts/{waba}/numbers");
        self.post(&path, is).await["phoneNumberId"].clone()
    }

    /// A customer goes through the popup: a code, and what the popup tells the page.
    pub async fn popup(&self, account: &Account, choice: Value) -> (String, Value) {
        self.popup_of(&account.waba_id, choice).await
    }

    /// As [`Meta::popup`], by the WABA alone.
    pub async fn popup_of(&self, waba: &str, choice: Value) -> (String, Value) {
        let given = self.post(&format!("/graph/_accounts/{waba}/codes"), choice).await;
        (given["code"].as_str().expect("a code").to_owned(), given["session"].clone())
    }

    /// Every token that was given for an account.
    pub async fn tokens_of(&self, account: &Account) -> Vec<String> {
        let accounts = self.get("/graph/_accounts").await;
        let accounts = accounts["data"].as_array().expect("accounts");
        let found = accounts.iter().find(|found| found["wabaId"] == account.waba_id.as_str());
        let tokens = found.and_then(|found| found["tokens"].as_array()).expect("tokens");
        tokens.iter().map(|token| token.as_str().expect("a token").to_owned()).collect()
    }

    /// The customer takes the account away from us; gives what became of telling us.
    pub async fn departs(&self, account: &Account, how: Value) -> Value {
        self.post(&format!("/graph/_accounts/{}/departure", account.waba_id), how).await
    }

    /// The customer withdraws the account's token.
    pub async fn revoke(&self, account: &Account) {
        let path = format!("/graph/_accounts/{}", account.access_token);
        self.control(Method::DELETE, &path, None).await;
    }

    /// Adds a template with one body text, or replaces the one of this name and language.
    pub async fn template(&self, account: &Account, name: &str, language: &str, more: Value) {
        let mut template = json!({
            "name": name, "language": language, "parameter_format": "POSITIONAL",
            "components": [{"type": "BODY", "text": "Hi {{1}}.",
                            "example": {"body_text": [["Ana"]]}}],
        });
        for (field, value) in more.as_object().into_iter().flatten() {
            template[field] = value.clone();
        }
        self.post(&format!("/graph/_accounts/{}/templates", account.waba_id), template).await;
    }

    // ----- misbehaviour

    /// Adds one rule about sends.
    pub async fn on_send(&self, times: u32, to: &str, action: Value) {
        let rule = json!({"on": "messages", "times": times, "to": to, "do": action});
        self.post("/graph/_script", json!({"rules": [rule]})).await;
    }

    /// Adds one rule, whole.
    pub async fn rule(&self, rule: Value) {
        self.post("/graph/_script", json!({"rules": [rule]})).await;
    }

    /// Changes settings.
    pub async fn settings(&self, settings: Value) {
        self.post("/graph/_script", json!({"settings": settings})).await;
    }

    /// Forgets all rules and lets go what they held back.
    pub async fn behaves_again(&self) {
        self.control(Method::DELETE, "/graph/_script", None).await;
    }

    /// Sends any body as a webhook, rightly signed; answers the status it was given.
    pub async fn inject(&self, value: Value) -> u64 {
        let receipt = self.post("/graph/_webhooks", json!({"value": value})).await;
        receipt["status"].as_u64().expect("a status")
    }

    // ----- time

    /// Business time, in milliseconds.
    pub async fn now_ms(&self) -> i64 {
        let clock = self.get("/graph/_clock").await;
        millis(clock["now"].as_str().expect("now"))
    }

    pub(super) async fn advance(&self, by: Value) -> i64 {
        let clock = self.post("/graph/_clock", by).await;
        millis(clock["now"].as_str().expect("now"))
    }

    // ----- the ledger

    /// What Meta accepted from this account's number, oldest first.
    pub async fn accepted_from(&self, account: &Account) -> Vec<Value> {
        let path = format!("/graph/_ledger?phoneNumberId={}", account.phone_number_id);
        self.get(&path).await["data"].as_array().expect("data").clone()
    }

    /// How often Meta accepted something for this person.
    pub async fn accepted_for(&self, to: &str) -> u64 {
        let ledger = self.get(&format!("/graph/_ledger?to={to}")).await;
        ledger["count"].as_u64().expect("a count")
    }

    /// The marks of ours under which more than one message was accepted.
    pub async fn accepted_twice(&self) -> Vec<String> {
        let summary = self.get("/graph/_ledger?summary=true").await;
        assert_eq!(summary["opaque"]["missing"], 0, "sent without our mark");
        let repeated = summary["opaque"]["repeated"].as_object().expect("marks");
        repeated.keys().cloned().collect()
    }

    /// Claims that no message of ours was accepted twice, and that each said which one it is.
    pub async fn accepted_nothing_twice(&self) {
        assert_eq!(self.accepted_twice().await, Vec::<String>::new(), "sent twice");
    }

    /// Sends something again that is in the ledger, as a careless client would.
    pub async fn repeat(&self, account: &Account, entry: &Value) {
        let path = format!("{}/graph/v25.0/{}/messages", self.base, account.phone_number_id);
        let request = self.http.post(path).bearer_auth(&account.access_token).json(&entry["body"]);
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        answer.is(200);
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.http
    }
}

/// RFC 3339 as milliseconds.
pub(super) fn millis(text: &str) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(text);
    time.unwrap_or_else(|_| panic!("no time: {text}")).timestamp_millis()
}

/// An HTTP client that waits as long as a test does, and no longer.
pub(super) fn http() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
    client.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}
