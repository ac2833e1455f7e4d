//! What every call looks like on the wire, and what becomes of its answer. The other side is a socket
//! with its answers written down before; how Meta behaves is the simulator's subject.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;
use crate::domain::{
    content::{Content, MessageType, Text},
    identity::{Identity, PhoneNumber},
    ids::{PhoneNumberId, WabaId, Wamid},
};

/// A request as it came.
#[derive(Debug, PartialEq)]
struct Request {
    line: String,
    authorization: Option<String>,
    body: Value,
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let head = loop {
        bytes.push(stream.read_u8().await.unwrap());
        if bytes.ends_with(b"\r\n\r\n") {
            break String::from_utf8(std::mem::take(&mut bytes)).unwrap();
        }
    };
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    bytes.resize(length, 0);
    stream.read_exact(&mut bytes).await.unwrap();
    Request {
        line: head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned(),
        authorization: header("authorization"),
        body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    }
}

/// Answers one request after another; ends with what was asked.
async fn other_side(answers: Vec<(u16, Value)>) -> (Meta, JoinHandle<Vec<Request>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let meta = Meta::new(MetaConfig {
        graph_url: format!("http://{}/graph", listener.local_addr().unwrap()),
        version: "v25.0".to_owned(),
        dialog_url: "https://dialog.test".to_owned(),
        config_id: None,
        app_id: Some("670".to_owned()),
        app_secrets: vec![Secret::new("app-secret".to_owned()), Secret::new("older".to_owned())],
        media_hosts: MediaHosts::default(),
        timeout: TIMEOUT,
    });
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            asked.push(read(&mut stream).await);
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
        asked
    });
    (meta.unwrap(), asked)
}

fn token() -> Token {
    Token::parse("EAAtest".to_owned()).unwrap()
}

fn number() -> PhoneNumberId {
    PhoneNumberId::parse("106").unwrap()
}

fn waba() -> WabaId {
    WabaId::parse("102").unwrap()
}

const PROOF: &str = "2b1c5ac80d04360c6d4a6eca59ce64f093223f273d9e6bd7cd46d5b614aeeaac";

fn request(line: &str, body: Value) -> Request {
    let line = format!("{line}appsecret_proof={PROOF}");
    Request { line, authorization: Some("Bearer EAAtest".to_owned()), body }
}

#[tokio::test]
async fn orders_are_done_or_an_error() {
    let done = (200, json!({"success": true}));
    let (meta, asked) = other_side(vec![done.clone(), done.clone(), done.clone(), done]).await;
    meta.subscribe(&token(), &waba()).await.unwrap();
    meta.unsubscribe(&token(), &waba()).await.unwrap();
    meta.register(&token(), &number(), "123456").await.unwrap();
    let wamid = Wamid::parse("wamid.IN").unwrap();
    meta.mark_read(&token(), &number(), &wamid).await.unwrap();
    let register = json!({"messaging_product": "whatsapp", "pin": "123456"});
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"});
    assert_eq!(
        asked.await.unwrap(),
        [
            request("POST /graph/v25.0/102/subscribed_apps?", Value::Null),
            request("DELETE /graph/v25.0/102/subscribed_apps?", Value::Null),
            request("POST /graph/v25.0/106/register?", register),
            request("POST /graph/v25.0/106/messages?", read),
        ]
    );
    let pin = json!({"error": {"code": 133_005, "message": "Two step verification PIN Mismatch"}});
    let (meta, _) = other_side(vec![(200, json!({})), (400, pin)]).await;
    let vague = meta.subscribe(&token(), &waba()).await;
    assert!(matches!(vague, Err(MetaError::Unavailable(_))), "{vague:?}");
    let refused = meta.register(&token(), &number(), "000000").await;
    let Err(MetaError::Rejected(reason, Class::Registration)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(reason.code, 133_005);
}

#[tokio::test]
async fn a_token_is_asked_about_in_the_name_of_the_app() {
    let facts = json!({"data": {"app_id": "670", "is_valid": true, "expires_at": 0}});
    let (meta, asked) = other_side(vec![(200, facts)]).await;
    let facts = meta.debug_token(&token()).await.unwrap().unwrap();
    assert!(facts.is_valid && facts.is_ours);
    let asked = asked.await.unwrap();
    assert!(asked[0].line.starts_with("GET /graph/v25.0/debug_token?input_token=EAAtest&"));
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer 670|app-secret"));
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_by_cursor() {
    let page = |id: &str, after: Option<&str>| {
        let mut page = json!({"data": [{"id": id}], "paging": {"cursors": {"after": "end"}}});
        if let Some(after) = after {
            page["paging"] = json!({"cursors": {"after": after}, "next": "https://elsewhere.test"});
        }
        (200, page)
    };
    let (meta, asked) = other_side(vec![page("1", Some("x&y")), page("2", None)]).await;
    let ids = meta.numbers_of(&token(), &waba()).await.unwrap();
    assert_eq!(ids.iter().map(|n| n.phone_number_id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let path = "GET /graph/v25.0/102/phone_numbers\
                ?fields=id%2Cdisplay_phone_number%2Cverified_name&limit=100&";
    assert_eq!(
        asked.await.unwrap(),
        [request(path, Value::Null), request(&format!("{path}after=x%26y&"), Value::Null)]
    );
}

#[tokio::test]
async fn part_of_a_list_is_an_error() {
    let first = json!({"data": [{"id": "1"}], "paging": {"cursors": {"after": "x"}, "next": "n"}});
    let revoked = json!({"error": {"code": 190}});
    let (meta, _) = other_side(vec![(200, first), (401, revoked)]).await;
    let lost = meta.templates(&token(), &waba()).await;
    assert!(matches!(lost, Err(MetaError::Rejected(_, Class::Token))), "{lost:?}");
}

#[tokio::test]
async fn a_send_is_one_request() {
    let answer = json!({"contacts": [{"wa_id": "4915112345678"}], "messages": [{"id": "wamid.X"}]});
    let (meta, asked) = other_side(vec![(200, answer)]).await;
    let to = Identity::Phone(PhoneNumber::from_digits("4915112345678").unwrap());
    let content = Content::Text(Text { text: "hi".to_owned(), preview_url: false });
    let message = Outgoing {
        to: &to,
        kind: MessageType::Text,
        content: &content,
        context: None,
        opaque: "o",
    };
    let outcome = meta.send(&token(), &number(), message).await;
    let wa_id = PhoneNumber::from_digits("4915112345678").ok();
    let wamid = Wamid::parse("wamid.X").unwrap();
    assert_eq!(outcome, SendOutcome::Accepted { wamid, wa_id });
    let asked = asked.await.unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].body["biz_opaque_callback_data"], "o");
    // The other side is gone now: certain that nothing was taken.
    let outcome = meta.send(&token(), &number(), message).await;
    assert!(
        matches!(outcome, SendOutcome::NotTaken { why: NotTaken::NotConnected, .. }),
        "{outcome:?}"
    );
}

#[test]
fn wrong_settings_stop_the_start() {
    let config = |app_id: &str, graph_url: &str| MetaConfig {
        graph_url: graph_url.to_owned(),
        version: "v25.0".to_owned(),
        dialog_url: "https://dialog.test".to_owned(),
        config_id: None,
        app_id: Some(app_id.to_owned()),
        app_secrets: vec![Secret::new("s".to_owned())],
        media_hosts: MediaHosts::default(),
        timeout: TIMEOUT,
    };
    assert!(Meta::new(config("670", "https://graph.test")).is_ok());
    assert!(Meta::new(config("6 7", "https://graph.test")).is_err());
    assert!(Meta::new(config("670", "graph.test")).is_err());
}
