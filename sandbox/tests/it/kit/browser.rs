//! A browser that goes through Meta's consent dialog: it keeps its cookie and follows nothing by itself.

use std::collections::HashMap;

use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

use super::{Account, Answer, Recruiter, Town};

/// The cookie that knows a browser again.
const COOKIE: &str = "__Host-wa_oauth";
const CALLBACK: &str = "/api/auth/whatsapp/callback";

/// A browser that was sent to Meta.
#[derive(Clone, Debug)]
pub struct Browser {
    http: reqwest::Client,
    edge: String,
    /// Where it was sent.
    pub url: Url,
    /// What it keeps.
    pub cookie: String,
}

/// What Meta sends a browser back with.
#[derive(Clone, Debug)]
pub struct Back(Vec<(String, String)>);

impl Back {
    /// One of the parameters; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The same, with another value of one parameter; an empty one takes it away.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut all: HashMap<_, _> = self.0.iter().cloned().collect();
        all.remove(name);
        if !value.is_empty() {
            all.insert(name.to_owned(), value.to_owned());
        }
        Self(all.into_iter().collect())
    }
}

impl Browser {
    /// Asks where to consent.
    pub async fn sent_by(town: &Town, recruiter: &Recruiter) -> Self {
        let answer = recruiter.get("/api/auth/whatsapp/url").await;
        let body = answer.is(200);
        assert!(body["expiresAt"].is_string(), "{body}");
        let cookie = answer.header("set-cookie").to_owned();
        let kept = cookie.strip_prefix(COOKIE).and_then(|rest| rest.strip_prefix('='));
        let kept = kept.and_then(|rest| rest.split(';').next()).expect("a cookie");
        let url = body["url"].as_str().expect("a URL");
        Self {
            http: town.meta.http().clone(),
            edge: town.edge_address().to_string(),
            url: url.parse().expect("a URL"),
            cookie: kept.to_owned(),
        }
    }

    /// The person consents to these accounts.
    pub async fn consents(&self, accounts: &[&Account]) -> Back {
        let wabas = accounts.iter().map(|account| ("waba_id", account.waba_id.as_str()));
        self.decides(&[("decision", "allow")], wabas.collect()).await
    }

    /// The person consents, but not to one of the permissions.
    pub async fn consents_without(&self, account: &Account, scope: &str) -> Back {
        let fields = vec![("waba_id", account.waba_id.as_str()), ("decline", scope)];
        self.decides(&[("decision", "allow")], fields).await
    }

    /// The person does not consent.
    pub async fn refuses(&self) -> Back {
        self.decides(&[("decision", "deny")], Vec::new()).await
    }

    async fn decides(&self, decision: &[(&str, &str)], more: Vec<(&str, &str)>) -> Back {
        let asked = self.url.query_pairs().into_owned();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let fields: Vec<(String, String)> =
            asked.chain(decision.iter().map(own)).chain(more.iter().map(own)).collect();
        let mut dialog = self.url.clone();
        // A form and a query are written the same.
        dialog.query_pairs_mut().clear().extend_pairs(&fields);
        let form = dialog.query().expect("fields").to_owned();
        dialog.set_query(None);
        let request = self.http.post(dialog).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::of(request.send().await.expect("the dialog answers")).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        let back: Url = answer.header("location").parse().expect("a URL");
        assert_eq!(back.path(), CALLBACK, "{back}");
        Back(back.query_pairs().into_owned().collect())
    }

    /// A callback with nothing but what Meta sends, not sent yet.
    pub fn callback(&self, back: &Back) -> RequestBuilder {
        let mut url: Url = format!("http://{}{CALLBACK}", self.edge).parse().expect("a URL");
        url.query_pairs_mut().extend_pairs(&back.0);
        self.http.request(Method::GET, url)
    }

    /// Comes back with its cookie.
    pub async fn returns(&self, back: &Back) -> Answer {
        self.sends(self.callback(back).header("cookie", self.jar())).await
    }

    /// Comes back without its cookie, as a person that the gateway knows.
    pub async fn returns_as(&self, back: &Back, person: &Recruiter) -> Answer {
        let email = ("email", person.email.as_str());
        let request = self.callback(back).header(email.0, email.1).header("role", "MANAGER");
        self.sends(request).await
    }

    /// Comes back as browsers do, and is sent on: gives the query of where to.
    pub async fn lands(&self, back: &Back) -> HashMap<String, String> {
        let request = self.callback(back).header("cookie", self.jar());
        let answer = self.sends(request.header("accept", "text/html,*/*;q=0.8")).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let target: Url = answer.header("location").parse().expect("a URL");
        assert_eq!(target.path(), "/settings", "{target}");
        target.query_pairs().into_owned().collect()
    }

    /// What it sends along.
    pub fn jar(&self) -> String {
        format!("other=1; {COOKIE}={}", self.cookie)
    }

    /// Sends a callback; whatever is answered, the cookie is taken back and nothing is kept or told on.
    pub async fn sends(&self, request: RequestBuilder) -> Answer {
        let answer = Answer::of(request.send().await.expect("the edge answers")).await;
        let cookie = answer.header("set-cookie");
        assert!(
            cookie.starts_with(&format!("{COOKIE}=;")) && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        answer
    }
}

/// The name of what a client's owner has to look at.
pub fn concern(client: &Value) -> &str {
    client["attention"]["name"].as_str().unwrap_or_default()
}
