//! The simulated Meta lets people consent, gives tokens for codes, and lets customers leave.

mod codes;
mod consent_webhooks;
mod dialog;
mod leaving;
mod numbers;
mod twists;

use reqwest::{Url, header::CONTENT_TYPE};
use sandbox::meta::wire;
use serde_json::{Value, json};

use crate::meta_kit::{Answer, SECRET, Sim};

/// The address that our app has listed.
const BACK: &str = "https://app.test/api/auth/whatsapp/callback";

/// A simulator whose app is set up for consent.
struct Desk {
    sim: Sim,
    http: reqwest::Client,
}

impl Desk {
    async fn open() -> Self {
        let sim = Sim::start().await;
        let app = json!({"redirectUris": [BACK, "https://app.test/with?query=1"]});
        sim.control("PATCH", "/graph/_app", Some(app)).await;
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirect).build();
        Self { sim, http: http.expect("a client") }
    }

    /// Opens an account of a customer.
    async fn customer(&self, is: Value) -> Value {
        self.sim.control("POST", "/graph/_accounts", Some(is)).await
    }

    /// The customer goes through the popup.
    async fn popup(&self, account: &Value, choice: Value) -> Value {
        let path = format!("/graph/_accounts/{}/codes", text(account, "wabaId"));
        self.sim.control("POST", &path, Some(choice)).await
    }

    /// The popup, and the exchange of its code; answers the token.
    async fn connected(&self, account: &Value, choice: Value) -> String {
        let code = self.popup(account, choice).await;
        let answer = self.exchange(&text(&code, "code"), None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.json(), "access_token")
    }

    async fn exchange(&self, code: &str, redirect_uri: Option<&str>) -> Answer {
        self.try_exchange(code, redirect_uri).await.expect("an answer")
    }

    async fn try_exchange(&self, code: &str, back: Option<&str>) -> reqwest::Result<Answer> {
        let pairs = self.credentials(code, back);
        self.read(self.http.get(self.url("/v25.0/oauth/access_token", &pairs))).await
    }

    /// What our app says in an exchange.
    fn credentials<'a>(&'a self, code: &'a str, back: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
        let app = self.sim.world.app_id();
        let mut pairs = vec![("client_id", app), ("client_secret", SECRET), ("code", code)];
        pairs.extend(back.map(|uri| ("redirect_uri", uri)));
        pairs
    }

    fn url(&self, path: &str, pairs: &[(&str, &str)]) -> Url {
        let base = format!("http://{}/graph{path}", self.sim.address());
        Url::parse_with_params(&base, pairs).expect("an address")
    }

    /// Posts a form.
    async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body = self.url("", pairs).query().unwrap_or_default().to_owned();
        let request = self.http.post(self.url(path, &[]));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.read(request.body(body)).await.expect("an answer")
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    /// A Graph call with a token.
    async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        let path = format!("/graph/v25.0{path}");
        self.sim.call(method, &path, Some(token), body).await.expect("an answer")
    }

    /// What the app learns about a token.
    async fn debug(&self, token: &str) -> Value {
        let app_token = format!("{}|{SECRET}", self.sim.world.app_id());
        let answer =
            self.call("GET", &format!("/debug_token?input_token={token}"), &app_token, None).await;
        answer.json()["data"].clone()
    }

    async fn advance(&self, by: &str) {
        self.sim.control("POST", "/graph/_clock", Some(json!({"advance": by}))).await;
    }

    /// One rule about the exchange of codes, once.
    async fn on_exchange(&self, action: Value) {
        let rule = json!({"on": "any", "path": "oauth/access_token", "times": 1, "do": action});
        self.sim.script(json!([rule])).await;
    }
}

/// A field that must be text.
fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

/// `(status, error.code, error.error_subcode)`; 0 for none.
fn refusal(answer: &Answer) -> (u16, u64, u64) {
    let (status, code) = answer.refusal();
    (status, code, answer.json()["error"]["error_subcode"].as_u64().unwrap_or_default())
}

/// The last segment of a signed request, unpacked, if its signature is right.
fn unsign(signed: &str) -> Option<Value> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let (_, payload) = signed.split_once('.')?;
    let payload = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    (wire::signed_request(SECRET, &payload) == signed).then_some(payload)
}
