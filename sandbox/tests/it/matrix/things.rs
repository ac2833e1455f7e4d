//! What there is to try: everybody's own, somebody else's, and what nobody has.

use reqwest::Method;
use serde_json::{Value, json};

use super::{asking::said, document::Operation, kinds::Kind};
use crate::kit::{Account, Recruiter, Socket, Town};

/// Whoever calls: the role in the gateway's word, or nobody.
pub type Role = Option<&'static str>;

/// Everybody who may knock.
pub const ROLES: [Role; 7] = [
    None,
    Some("MANAGER"),
    Some("USER"),
    Some("SUPER_ADMIN"),
    Some("ADMIN"),
    Some("TALENT"),
    Some("NO_ROLE"),
];

/// True for whoever may name any owner.
pub const fn may_name_others(role: Role) -> bool {
    matches!(role, Some(word) if matches!(word.as_bytes(), b"ADMIN" | b"SUPER_ADMIN"))
}

/// Somebody with things of their own, or with nothing.
#[derive(Debug, Default)]
pub struct Own {
    pub email: String,
    client: String,
    template: String,
    /// A conversation with an open window and one with a closed one, each with a message in it.
    open: (String, String),
    closed: (String, String),
    account: Option<Account>,
}

/// Everything.
pub struct Things {
    pub(super) town: Town,
    /// Who tries.
    pub ana: Own,
    /// Whose things are tried.
    pub bea: Own,
    /// Who tries to connect.
    pub cleo: Own,
    /// Keys that Bea has used, and candidates that she talks to: one for each try, as whoever tries one
    /// that is good for them too has it as their own from then on.
    keys: Vec<String>,
    candidates: Vec<String>,
    cursor: String,
    made_up: u64,
}

impl Things {
    /// Starts a town and fills it; `tries` is how often a key or a candidate of hers may be tried.
    pub async fn settle(town: Town, tries: usize) -> Self {
        let (ana, bea) =
            tokio::join!(town.connected("ana@linkojob.test"), town.connected("bea@linkojob.test"),);
        let template = json!({"name": "hers"});
        town.meta.template(bea.account(), "hers", "en_US", template).await;
        bea.post("/api/templates/sync", json!({})).await.is(200);
        let closed = (
            thread(&town, &ana, "4915500000001").await,
            thread(&town, &bea, "4915500000001").await,
        );
        town.clock("25h").await;
        let open = (
            thread(&town, &ana, "4915500000002").await,
            thread(&town, &bea, "4915500000002").await,
        );
        let candidates: Vec<_> = (0..tries).map(|n| format!("49177{n:07}")).collect();
        let (keys, cursor) = hers(&town, &bea, &open.1.0, &candidates).await;
        let account = town.meta.account().await;
        Self {
            ana: own(&ana, open.0, closed.0).await,
            bea: own(&bea, open.1, closed.1).await,
            cleo: nothing("cleo@linkojob.test", Some(account)),
            town,
            keys,
            candidates,
            cursor,
            made_up: 0,
        }
    }

    /// A town in which nobody has anything.
    pub fn none(town: Town) -> Self {
        let nobody = || nothing("dora@linkojob.test", None);
        let (keys, candidates, cursor) = (Vec::new(), Vec::new(), String::new());
        Self {
            town,
            ana: nobody(),
            bea: nobody(),
            cleo: nobody(),
            keys,
            candidates,
            cursor,
            made_up: 0,
        }
    }

    /// This person's own; empty when a request does well without.
    pub(super) async fn of(&self, kind: Kind, operation: &Operation, own: &Own) -> String {
        let is_template = operation.path.ends_with("/template");
        let (conversation, message) = if is_template { &own.closed } else { &own.open };
        let account = |part: fn(&Account) -> &String| {
            own.account.as_ref().map(part).cloned().unwrap_or_default()
        };
        match kind {
            Kind::Owner => own.email.clone(),
            Kind::Client => own.client.clone(),
            Kind::Conversation => conversation.clone(),
            Kind::Message => message.clone(),
            Kind::Template => own.template.clone(),
            Kind::TemplateName => "hers".to_owned(),
            Kind::Cursor => self.cursor.clone(),
            Kind::Number => account(|account| &account.phone_number_id),
            Kind::Account => account(|account| &account.waba_id),
            Kind::Token => account(|account| &account.access_token),
            Kind::Code => match &own.account {
                Some(account) => self.town.meta.popup(account, json!({})).await.0,
                None => "code".to_owned(),
            },
            Kind::State => self.consent(own).await.0,
            Kind::BrowserSecret => self.consent(own).await.1,
            Kind::Candidate | Kind::Page | Kind::Key | Kind::Plain(_) | Kind::Signed => {
                String::new()
            }
        }
    }

    /// Something of Bea's.
    pub async fn hers(&mut self, kind: Kind, operation: &Operation) -> String {
        match kind {
            Kind::Key => self.keys.pop().expect("enough keys"),
            Kind::Candidate => self.candidates.pop().expect("enough candidates"),
            Kind::Page => self.page(operation).await.0,
            kind => self.of(kind, operation, &self.bea).await,
        }
    }

    /// Something of nobody's, of the same form as this.
    pub fn nobodys(&mut self, kind: Kind, like: &str) -> String {
        self.made_up += 1;
        let n = self.made_up;
        match kind {
            Kind::Owner => format!("nobody-{n}@linkojob.test"),
            Kind::TemplateName => format!("nobodys_{n}"),
            Kind::Candidate => format!("49188{n:07}"),
            Kind::Key => format!("nobodys-{n}"),
            Kind::Number | Kind::Account => format!("999000000{n:06}"),
            Kind::Client | Kind::Conversation | Kind::Message | Kind::Template => nobodys(n),
            Kind::Page | Kind::Cursor | Kind::State | Kind::BrowserSecret => {
                let first = if like.starts_with('A') { 'B' } else { 'A' };
                format!("{first}{}", like.get(1..).unwrap_or_default())
            }
            Kind::Plain(_) | Kind::Signed | Kind::Token | Kind::Code => {
                panic!("nobody tries these")
            }
        }
    }

    /// Where a list of hers goes on, and who may go on there: she, or administrators when her list is
    /// too short.
    pub async fn page(&self, operation: &Operation) -> (String, Role) {
        for role in [Some("USER"), Some("ADMIN")] {
            let path = operation.path.replace("{id}", &self.bea.open.0);
            let request = self.request(Method::GET, &format!("{path}?limit=1"), role, &self.bea);
            let answer = crate::kit::Answer::of(request.send().await.expect("an answer")).await;
            if let Some(cursor) = answer.is(200)["nextCursor"].as_str() {
                return (cursor.to_owned(), role);
            }
        }
        panic!("{}: nobody has more than one page", operation.name())
    }

    /// Begins a consent: its state, and what the browser keeps.
    async fn consent(&self, who: &Own) -> (String, String) {
        let path = "/api/auth/whatsapp/url";
        let request = self.request(Method::GET, path, Some("USER"), who);
        let answer = crate::kit::Answer::of(request.send().await.expect("an answer")).await;
        let begun = answer.is(200);
        let url = said(&begun["url"]);
        let state = url.split(['?', '&']).find_map(|pair| pair.strip_prefix("state="));
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        let (_, secret) = cookie.split_once('=').expect("a cookie");
        (state.expect("a state").to_owned(), secret.to_owned())
    }

    /// What has happened to Bea since she was settled.
    pub async fn news_of_bea(&self) -> Vec<Value> {
        self.town.person(&self.bea.email, "USER").events(Some(&self.cursor)).await
    }
}

/// An id as ours are, of nothing.
fn nobodys(n: u64) -> String {
    format!("01990000-0000-7000-8000-{n:012x}")
}

/// Somebody who has nothing.
pub(super) fn nothing(email: &str, account: Option<Account>) -> Own {
    let thread = || (nobodys(0), nobodys(0));
    Own {
        email: email.to_owned(),
        client: nobodys(0),
        template: nobodys(0),
        open: thread(),
        closed: thread(),
        account,
    }
}

async fn own(who: &Recruiter, open: (String, String), closed: (String, String)) -> Own {
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    Own {
        email: who.email.clone(),
        client: text(&who.client().await["id"]),
        template: text(&who.get("/api/templates").await.is(200)["data"][0]["id"]),
        open,
        closed,
        account: Some(who.account().clone()),
    }
}

/// A candidate writes to somebody, twice: their conversation and the newest message in it.
async fn thread(town: &Town, who: &Recruiter, number: &str) -> (String, String) {
    let (phone, mut socket) = (town.phone(number), who.socket().await);
    phone.writes(who.account(), "Hello?").await;
    socket.hears("Hello?").await;
    let last = format!("It is {number}");
    phone.writes(who.account(), &last).await;
    let heard = socket.hears(&last).await;
    let id = |row: &Value| row["id"].as_str().expect("an id").to_owned();
    (id(&heard["conversation"]), id(&heard["message"]))
}

/// Bea uses keys and talks to candidates. Gives her keys, and where her log ends after that.
async fn hers(
    town: &Town,
    bea: &Recruiter,
    conversation: &str,
    candidates: &[String],
) -> (Vec<String>, String) {
    let mut socket: Socket = bea.socket().await;
    let texts: Vec<_> = candidates.iter().map(|number| format!("from {number}")).collect();
    let arriving: Vec<_> =
        candidates.iter().zip(&texts).map(|(from, text)| (from.as_str(), text.as_str())).collect();
    town.arrive(bea.account(), &arriving).await;
    for text in &texts {
        socket.hears(text).await;
    }
    let mut keys = Vec::new();
    for n in 0..candidates.len() {
        let key = format!("hers-{n}");
        let body = json!({"conversationId": conversation, "text": "hello"});
        let sent = bea.post_once(&key, "/api/messages/text", &body).await.is(201);
        // The candidate's phone has it, and no more is to come.
        socket.message_is(&sent["id"], "DELIVERED").await;
        keys.push(key);
    }
    (keys, socket.cursor.clone())
}
