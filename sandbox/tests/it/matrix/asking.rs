//! Putting a request together out of what its fields name, and asking.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    document::{Face, Field, Form, Operation, Place},
    kinds::Kind,
    things::{Own, Role, Things, may_name_others, nothing},
};

impl Things {
    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
        role: Role,
        who: &Own,
    ) -> reqwest::RequestBuilder {
        let request = self.town.at_edge(method, path);
        match role {
            None => request,
            Some(role) => request.header("email", &who.email).header("role", role),
        }
    }

    /// Asks as this person, with this in a field, and otherwise with what is their own. Administrators
    /// ask for them.
    pub async fn ask(
        &self,
        operation: &Operation,
        role: Role,
        who: &Own,
        tried: Option<(&Field, &str)>,
    ) -> Answer {
        let mut path = operation.path.clone();
        let (mut query, mut headers, mut body) = (Vec::new(), Vec::new(), json!({}));
        for (field, value) in self.values(operation, role, who, tried).await {
            match field.place {
                Place::Path => path = path.replace(&format!("{{{}}}", field.name), said(&value)),
                Place::Query => query.push((field.name, said(&value).to_owned())),
                Place::Header => headers.push((field.name, said(&value).to_owned())),
                Place::Cookie => {
                    headers.push(("cookie".to_owned(), format!("{}={}", field.name, said(&value))));
                }
                Place::Body => put(&mut body, &field.name, value),
            }
        }
        let who_asks =
            if may_name_others(role) { &nothing("root@linkojob.test", None) } else { who };
        let path = format!("{path}?{}", encoded(&query));
        let mut request = self.request(operation.method.clone(), &path, role, who_asks);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request = match operation.face {
            Face::Answer => request,
            Face::Page => request.header("accept", "text/html"),
            Face::Stream => request.header("accept", "text/event-stream"),
            Face::Socket => request
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        };
        request = match operation.body {
            None => request,
            Some(Form::Json) => request.json(&body),
            Some(Form::Urlencoded) => request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(encoded(&pairs(&body))),
        };
        let response = request.send().await.expect("an answer");
        Answer::of(response, tried.map_or("", |(_, value)| value)).await
    }

    async fn values(
        &self,
        operation: &Operation,
        role: Role,
        who: &Own,
        tried: Option<(&Field, &str)>,
    ) -> Vec<(Field, Value)> {
        let owner = Field { place: Place::Query, name: "owner".to_owned() };
        let mut values = Vec::new();
        for field in &operation.fields {
            let optional = matches!(
                field.name.as_str(),
                "replyTo"
                    | "upTo"
                    | "template.name"
                    | "after"
                    | "Last-Event-ID"
                    | "owner"
                    | "__Host-wa_oauth"
            );
            // A message goes to a number or into a conversation.
            let other = tried.is_some_and(|(tried, _)| tried.name == "to")
                && field.name == "conversationId";
            let value = match Kind::of(operation, field) {
                _ if optional || other => continue,
                Kind::Plain("") => continue,
                Kind::Plain(text) => serde_json::from_str(text).expect("JSON"),
                kind => json!(self.of(kind, operation, who).await),
            };
            if value != "" {
                values.push((field.clone(), value));
            }
        }
        // The control: administrators go on in everybody's list, where they have begun.
        let goes_on = tried.is_some_and(|(field, _)| Kind::of(operation, field) == Kind::Page);
        let everybodys = goes_on && who.email == self.bea.email;
        if may_name_others(role) && operation.fields.contains(&owner) && !everybodys {
            values.push((owner, json!(who.email)));
        }
        if let Some((field, value)) = tried {
            values.retain(|(known, _)| known != field);
            values.push((field.clone(), json!(value)));
        }
        values
    }
}

/// The text of a value that is one.
pub(super) fn said(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Pairs as queries and forms have them.
fn encoded(pairs: &[(String, String)]) -> String {
    let url = reqwest::Url::parse_with_params("http://edge", pairs).expect("an address");
    url.query().unwrap_or_default().to_owned()
}

fn pairs(body: &Value) -> Vec<(String, String)> {
    let fields = body.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), said(value).to_owned())).collect()
}

/// Puts a value at a path such as `template.name`.
fn put(body: &mut Value, path: &str, value: Value) {
    let mut place = body;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        place = &mut place[part];
    }
    *place = value;
}
