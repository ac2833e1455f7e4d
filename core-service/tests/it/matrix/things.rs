//! What there is to try: everybody's own, somebody else's, and what nobody has.

use std::collections::BTreeMap;

use linkojob_proto::v1 as pb;
use prost::Message as _;
use serde_json::json;
use tonic::Code;

use super::{
    api::{Call, Values},
    caller::{Caller, Standing},
    house::{House, Who},
    kinds::Kind,
};

/// The edge by itself.
const EDGE: Caller = Caller { scope: Some("edge"), role: None };
const USER: Caller = Caller::edge("USER");
const ADMIN: Caller = Caller::edge("ADMIN");
/// How long ago a window is surely closed.
const CLOSED: i64 = 2 * 24 * 60 * 60;

/// One person's things.
#[derive(Debug, Clone, Default)]
struct Own {
    client: String,
    template: String,
    /// By whether its window is open: a conversation, and the newest message in it.
    threads: BTreeMap<bool, (String, String)>,
}

/// Everything.
pub struct Things {
    own: BTreeMap<u128, Own>,
    /// Keys that Bea has used, and candidates that she talks to: one for each try, as whoever tries one
    /// that is good for them too has it as their own from then on.
    keys: Vec<String>,
    candidates: Vec<String>,
    made_up: u128,
}

impl Things {
    /// Fills the house; `tries` is how often a key or a candidate of hers may be tried.
    pub async fn settle(house: &House, tries: usize) -> Self {
        let mut things =
            Self { own: BTreeMap::new(), keys: Vec::new(), candidates: Vec::new(), made_up: 0 };
        for who in [Who::Ana, Who::Bea] {
            let own = settle(house, who).await;
            things.own.insert(who.number(), own);
        }
        things.candidates = (0..tries).map(|n| format!("49155{n:06}")).collect();
        deliver(house, Who::Bea, &things.candidates, 0).await;
        for n in 0..tries {
            let key = format!("hers-{n}");
            let call = house.call("MessageService/SendText");
            let mut values = things.base(house, call, USER, Who::Bea).await;
            values.insert("options.idempotency_key".to_owned(), (false, key.clone()));
            let bytes = house.api.encode(&call.input, &values);
            // A machine that has much to do may say so; the key makes it safe to ask again.
            let mut answer = house.ask(call, USER, Who::Bea, bytes.clone()).await.0;
            for _ in 0..5 {
                if answer.code != Code::Unavailable {
                    break;
                }
                answer = house.ask(call, USER, Who::Bea, bytes.clone()).await.0;
            }
            assert_eq!(answer.code, Code::Ok, "{answer:?}");
            things.keys.push(key);
        }
        things
    }

    /// What a request of this person says when nothing is tried.
    pub async fn base(&self, house: &House, call: &Call, caller: Caller, who: Who) -> Values {
        let mut values = Values::new();
        for field in &call.fields {
            let optional = matches!(field.name.as_str(), "reply_to" | "up_to");
            let value = match Kind::of(field) {
                Kind::Owner if caller.standing() == Standing::Anybody => who.email().to_owned(),
                Kind::Message if optional => String::new(),
                Kind::Owner
                | Kind::Candidate
                | Kind::PageToken
                | Kind::Cursor
                | Kind::Key
                | Kind::Minted
                | Kind::BrowserSecret => String::new(),
                Kind::Plain(text) | Kind::Signed(text) => text.to_owned(),
                kind => self.of(house, kind, call, who).await,
            };
            values.insert(field.path.clone(), (false, value));
        }
        values
    }

    /// This person's own.
    async fn of(&self, house: &House, kind: Kind, call: &Call, who: Who) -> String {
        // A template goes where the window is closed, everything else where it is open.
        let open = call.name != "MessageService/SendTemplate";
        let nothing = Own {
            client: nobodys(0),
            template: nobodys(0),
            threads: [true, false].map(|open| (open, (nobodys(0), nobodys(0)))).into(),
        };
        let own = self.own.get(&who.number()).unwrap_or(&nothing);
        let (conversation, message) = &own.threads[&open];
        match kind {
            Kind::Owner => who.email().to_owned(),
            Kind::Client => own.client.clone(),
            Kind::Conversation => conversation.clone(),
            Kind::Message | Kind::Minted => message.clone(),
            Kind::Template => own.template.clone(),
            Kind::TemplateName if who == Who::Bea => "hers".to_owned(),
            Kind::TemplateName => "initiate".to_owned(),
            Kind::Number => who.business(),
            Kind::Account => who.account(),
            Kind::State => consent(house, who).await.0,
            Kind::BrowserSecret => consent(house, who).await.1,
            Kind::Cursor => position(house, who).await,
            Kind::PageToken => self.page_token(house, call, who).await.0,
            Kind::Key | Kind::Candidate | Kind::Plain(_) | Kind::Signed(_) => String::new(),
        }
    }

    /// Something of Bea's.
    pub async fn hers(&mut self, house: &House, kind: Kind, call: &Call) -> String {
        match kind {
            Kind::Key => self.keys.pop().expect("enough keys"),
            Kind::Candidate => self.candidates.pop().expect("enough candidates"),
            kind => self.of(house, kind, call, Who::Bea).await,
        }
    }

    /// Something of nobody's, of the same form as this.
    pub fn nobodys(&mut self, kind: Kind, like: &str) -> String {
        self.made_up += 1;
        let n = self.made_up;
        match kind {
            Kind::Owner => format!("nobody-{n}@example.com"),
            Kind::TemplateName => format!("nobodys_{n}"),
            Kind::Candidate => format!("49166{n:06}"),
            Kind::Key => format!("nobodys-{n}"),
            Kind::Number | Kind::Account => format!("999000000{n:06}"),
            Kind::Client | Kind::Conversation | Kind::Message | Kind::Template | Kind::Minted => {
                nobodys(n)
            }
            Kind::PageToken | Kind::Cursor | Kind::State | Kind::BrowserSecret => {
                let first = if like.starts_with('A') { 'B' } else { 'A' };
                format!("{first}{}", like.get(1..).unwrap_or_default())
            }
            Kind::Plain(_) | Kind::Signed(_) => panic!("nobody tries these"),
        }
    }

    /// Where a list of hers goes on, and who may go on there: she, or administrators when her list is
    /// too short.
    pub async fn page_token(&self, house: &House, call: &Call, who: Who) -> (String, Caller) {
        for caller in [USER, ADMIN] {
            let mut values = Box::pin(self.base(house, call, USER, who)).await;
            values.insert("page_size".to_owned(), (false, "1".to_owned()));
            let bytes = house.api.encode(&call.input, &values);
            let (answer, _) = house.ask(call, caller, who, bytes).await;
            let said = answer.says.iter().find_map(|said| said.strip_prefix("next_page_token="));
            if let Some(token) = said {
                return (token.to_owned(), caller);
            }
        }
        panic!("{}: nobody has more than one page", call.name)
    }
}

/// An id as ours are, of nothing.
fn nobodys(n: u128) -> String {
    uuid::Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + n).to_string()
}

/// Gives somebody two conversations, one with an open window and one with a closed one.
async fn settle(house: &House, who: Who) -> Own {
    let mut own = Own::default();
    for (open, digit, age) in [(true, 1, 0), (false, 2, CLOSED)] {
        let number = format!("4914{digit}00000{}", who.number());
        deliver(house, who, &[number.clone(), number.clone()], age).await;
        let request = pb::ListConversationsRequest { search: number, ..Default::default() };
        let list = "ConversationService/ListConversations";
        let found = until(house, who, list, request.encode_to_vec(), |bytes| {
            pb::ListConversationsResponse::decode(bytes).unwrap().conversations.pop()
        });
        let conversation = found.await.id;
        let list = "ConversationService/ListMessages";
        let request =
            pb::ListMessagesRequest { conversation_id: conversation.clone(), ..Default::default() };
        let found = until(house, who, list, request.encode_to_vec(), |bytes| {
            let messages = pb::ListMessagesResponse::decode(bytes).unwrap().messages;
            (messages.len() == 2).then(|| messages[0].id.clone())
        });
        own.threads.insert(open, (conversation, found.await));
    }
    let client = ask(house, who, "ClientService/GetClient", Vec::new()).await;
    own.client = pb::GetClientResponse::decode(&*client).unwrap().client.unwrap().id;
    let templates = ask(house, who, "TemplateService/ListTemplates", Vec::new()).await;
    let templates = pb::ListTemplatesResponse::decode(&*templates).unwrap().templates;
    own.template = templates[0].id.clone();
    own
}

/// Candidates write to somebody, so many seconds ago.
async fn deliver(house: &House, who: Who, numbers: &[String], age: i64) {
    let call = house.call("WebhookService/Deliver");
    let Some(last) = numbers.last() else { return };
    for (part, numbers) in numbers.chunks(100).enumerate() {
        let now = core_service::clock::Clock::default().now().as_millis() / 1000;
        let message = |(n, from): (usize, &String)| {
            json!({"from": from, "id": format!("wamid.{from}.{part}.{n}"), "type": "text",
                   "timestamp": (now - age).to_string(), "text": {"body": "hello"}})
        };
        let messages: Vec<_> = numbers.iter().enumerate().map(message).collect();
        let value = json!({"messaging_product": "whatsapp", "messages": messages,
            "metadata": {"display_phone_number": "1", "phone_number_id": who.business()}});
        let entry = json!({"id": who.account(),
            "changes": [{"field": "messages", "value": value}]});
        let body = json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string();
        let request = pb::DeliverRequest { body: body.into() };
        let (answer, _) = house.ask(call, EDGE, who, request.encode_to_vec()).await;
        assert_eq!(answer.code, Code::Ok, "{answer:?}");
    }
    let request = pb::ListConversationsRequest { search: last.clone(), ..Default::default() };
    let list = "ConversationService/ListConversations";
    until(house, who, list, request.encode_to_vec(), |bytes| {
        pb::ListConversationsResponse::decode(bytes).unwrap().conversations.pop()
    })
    .await;
}

/// Asks as a person about their own.
async fn ask(house: &House, who: Who, name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let (answer, bytes) = house.ask(house.call(name), USER, who, bytes).await;
    assert_eq!(answer.code, Code::Ok, "{name}: {answer:?}");
    bytes
}

/// Asks until the answer is there. Every question is answered from the store, so that this is no spin.
async fn until<T>(
    house: &House,
    who: Who,
    name: &str,
    request: Vec<u8>,
    found: impl Fn(&[u8]) -> Option<T>,
) -> T {
    let asked = tokio::time::timeout(std::time::Duration::from_secs(20), async {
        loop {
            if let Some(found) = found(&ask(house, who, name, request.clone()).await) {
                return found;
            }
        }
    });
    asked.await.unwrap_or_else(|_| panic!("{name}: it never came"))
}

/// Where somebody's log ends.
pub async fn position(house: &House, who: Who) -> String {
    let bytes = ask(house, who, "EventService/GetPosition", Vec::new()).await;
    pb::GetPositionResponse::decode(&*bytes).unwrap().cursor
}

/// Begins a consent: its state, and what the browser keeps.
async fn consent(house: &House, who: Who) -> (String, String) {
    let bytes = ask(house, who, "OnboardingService/BeginConsent", Vec::new()).await;
    let pb::BeginConsentResponse { url, browser_secret, .. } =
        pb::BeginConsentResponse::decode(&*bytes).unwrap();
    let state = url.split(['?', '&']).find_map(|pair| pair.strip_prefix("state="));
    (state.expect("a state").to_owned(), browser_secret)
}
