//! URLs, proofs and waits, without a network.

use super::*;

fn graph(url: &str, secret: Option<&str>) -> Graph {
    let secret = secret.map(|text| Secret::new(text.to_owned()));
    Graph::new(url, "v25.0", secret, super::super::TIMEOUT).unwrap()
}

fn token() -> Token {
    Token::parse("EAAtest".to_owned()).unwrap()
}

#[test]
fn a_path_under_the_root_is_kept_and_the_version_follows() {
    for root in ["http://127.0.0.1:8000/graph", "http://127.0.0.1:8000/graph/"] {
        let url = graph(root, None).url(Some(&token()), &["123", "messages"], &[]);
        assert_eq!(url.as_str(), "http://127.0.0.1:8000/graph/v25.0/123/messages");
    }
}

#[test]
fn a_part_of_the_path_cannot_leave_its_segment() {
    let url =
        graph("https://graph.test", None).url(Some(&token()), &["1/../2?a=b#c"], &[("f", "&x=1")]);
    assert_eq!(url.as_str(), "https://graph.test/v25.0/1%2F..%2F2%3Fa=b%23c?f=%26x%3D1");
}

#[test]
fn the_first_secret_proves_the_token() {
    let url = graph("https://graph.test", Some("app-secret")).url(Some(&token()), &["1"], &[]);
    // printf EAAtest | openssl dgst -sha256 -hmac app-secret
    let proof = "2b1c5ac80d04360c6d4a6eca59ce64f093223f273d9e6bd7cd46d5b614aeeaac";
    assert_eq!(url.query(), Some(format!("appsecret_proof={proof}").as_str()));
}

#[test]
fn wrong_settings_are_named() {
    let wrong = [
        ("nowhere", "v25.0"),
        ("ftp://graph.test", "v25.0"),
        ("data:text/plain,x", "v25.0"),
        ("https://graph.test", "25.0"),
        ("https://graph.test", "v"),
        ("https://graph.test", "v25/../x"),
    ];
    for (url, version) in wrong {
        assert!(Graph::new(url, version, None, CONNECT).is_err(), "{url} {version}");
    }
}

#[test]
fn the_wait_comes_from_the_headers_of_a_refusal() {
    let usage = r#"{"1":[{"estimated_time_to_regain_access":0}],"2":[{"type":"whatsapp",
        "estimated_time_to_regain_access":7}]}"#
        .replace('\n', "");
    let headers = |name: &'static str, value: &str| {
        HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )])
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let refused = StatusCode::BAD_REQUEST;
    assert_eq!(wait(refused, &headers("retry-after", "3")), seconds(3));
    assert_eq!(wait(refused, &headers("x-business-use-case-usage", &usage)), seconds(420));
    for nonsense in
        ["", "{}", "[]", "{\"1\":{}}", "{\"1\":[{\"estimated_time_to_regain_access\":0}]}"]
    {
        assert_eq!(wait(refused, &headers("x-business-use-case-usage", nonsense)), None);
    }
    assert_eq!(wait(StatusCode::OK, &headers("retry-after", "3")), None);
}

#[tokio::test]
async fn a_refused_connection_is_surely_no_request() {
    // Bound and dropped: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let lost = graph(&url, None).call(&token(), Call::get(&["1"], &[])).await.unwrap_err();
    let Lost::NotConnected(why) = lost else { panic!("{lost:?}") };
    assert!(!why.contains("v25.0") && !why.contains("EAA"), "{why}");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_request_leaves_it_open() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cut = tokio::spawn(async move {
        use tokio::io::AsyncReadExt as _;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
    });
    let body = serde_json::json!({"a": "b"});
    let lost = graph(&url, None).call(&token(), Call::post(&["1"], Some(&body))).await.unwrap_err();
    cut.await.unwrap();
    assert!(matches!(lost, Lost::NoAnswer(_)), "{lost:?}");
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_the_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let endless = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        // Ends with an error once the reader has had enough.
        while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
    });
    let lost = graph(&url, None).call(&token(), Call::get(&["1"], &[])).await.unwrap_err();
    endless.await.unwrap();
    assert_eq!(lost, Lost::NoAnswer(format!("an answer of more than {SMALL} bytes")));
}

#[tokio::test]
async fn a_call_that_is_never_answered_ends_with_its_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let graph = Graph::new(&url, "v25.0", None, Duration::from_millis(200)).unwrap();
    let body = serde_json::json!({"a": "b"});
    let token = token();
    let call = graph.call(&token, Call::post(&["1"], Some(&body)));
    // Accepted and held open until the call has ended.
    let (lost, accepted) = tokio::join!(call, listener.accept());
    assert!(matches!(lost, Err(Lost::NoAnswer(_))), "{lost:?}");
    drop(accepted);
}
