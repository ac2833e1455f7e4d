//! Whom we go to for a file, and with what: a table of addresses, and real connections.

use std::{collections::HashMap, net::SocketAddr, str::FromStr as _, sync::Arc};

use futures_util::TryStreamExt as _;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use super::{
    super::Token,
    resolve::{Checked, Inside},
    *,
};

const GRAPH: &str = "http://127.0.0.1:8000/graph";
/// An address of Meta's.
const WORLD: &str = "157.240.1.60";

/// A name server that says what it is told to.
struct Fake(HashMap<&'static str, Vec<&'static str>>);

impl Resolve for Fake {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.get(name.as_str()).cloned().unwrap_or_else(|| vec![WORLD]);
        let found: Vec<SocketAddr> =
            found.into_iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    }
}

fn names() -> Fake {
    let inside = [
        ("ten.fbsbx.com", "10.0.0.1"),
        ("loop.fbsbx.com", "127.0.0.1"),
        ("zero.fbsbx.com", "0.0.0.0"),
        ("link.fbsbx.com", "169.254.169.254"),
        ("private.fbsbx.com", "192.168.1.1"),
        ("b.fbsbx.com", "172.20.0.1"),
        ("cgnat.fbsbx.com", "100.64.3.3"),
        ("multi.fbsbx.com", "224.0.0.251"),
        ("broad.fbsbx.com", "255.255.255.255"),
        ("bench.fbsbx.com", "198.18.0.1"),
        ("loop6.fbsbx.com", "::1"),
        ("none6.fbsbx.com", "::"),
        ("mapped.fbsbx.com", "::ffff:10.0.0.1"),
        ("mappedworld.fbsbx.com", "::ffff:157.240.1.60"),
        ("ula.fbsbx.com", "fd00::1"),
        ("link6.fbsbx.com", "fe80::1"),
        ("multi6.fbsbx.com", "ff02::1"),
        ("nat64.fbsbx.com", "64:ff9b::a9fe:a9fe"),
        ("sixtofour.fbsbx.com", "2002:7f00:1::1"),
        ("doc6.fbsbx.com", "2001:db8::1"),
        ("teredo.fbsbx.com", "2001::1"),
    ];
    let mut names: HashMap<_, _> = inside.into_iter().map(|(name, ip)| (name, vec![ip])).collect();
    // One good address does not make up for a bad one.
    names.insert("both.fbsbx.com", vec![WORLD, "127.0.0.1"]);
    names.insert("world6.fbsbx.com", vec!["2a03:2880:f12d:83::1"]);
    names.insert("world64.fbsbx.com", vec!["64:ff9b::9df0:13c"]);
    Fake(names)
}

/// Where we go.
const GOOD: &[&str] = &[
    "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=A",
    "https://LOOKASIDE.FBSBX.COM/x",
    "https://lookaside.fbsbx.com:443/x",
    "https://a.b.fbsbx.com/x",
    "https://scontent.whatsapp.net/v/x",
    "https://mmg.whatsapp.net/",
    "https://graph.facebook.com/v25.0/1",
    "https://world6.fbsbx.com/x",
    "https://world64.fbsbx.com/x",
    "https://lookaside.fbsbx.com/../../x",
    "https://lookaside.fbsbx.com/@127.0.0.1",
    "https://lookaside.fbsbx.com/?u=http://127.0.0.1",
    "https://lookaside.fbsbx.com/#@127.0.0.1",
    "https:\\\\lookaside.fbsbx.com\\x",
    " https://lookaside.fbsbx.com/x ",
    "https://look\naside.fbsbx.com/x",
    // The simulator's own place, and nothing beside it.
    "http://127.0.0.1:8000/graph/_media/1",
    "http://127.0.0.1:8000/",
    "http://127.1:8000/graph",
    "http://0x7f000001:8000/graph",
];

/// Where we do not go.
const BAD: &[&str] = &[
    "",
    "/",
    "//lookaside.fbsbx.com/x",
    "lookaside.fbsbx.com/x",
    "https:",
    "https://",
    "https:///",
    "https://[",
    "https://[::1",
    "https://a b.fbsbx.com/",
    "https://fbsbx.com%2f.evil.example/",
    "https://%00.fbsbx.com/",
    "about:blank",
    "data:text/plain,x",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "ftp://lookaside.fbsbx.com/x",
    "gopher://lookaside.fbsbx.com:70/_x",
    "ws://lookaside.fbsbx.com/x",
    "wss://lookaside.fbsbx.com/x",
    "unix:///var/run/docker.sock",
    "http://lookaside.fbsbx.com/x",
    "HTTP://lookaside.fbsbx.com/x",
    "http://127.0.0.1/",
    "http://127.0.0.1:80/",
    "http://127.0.0.1:8001/",
    "http://127.0.0.2:8000/",
    "http://localhost:8000/graph",
    "http://[::1]:8000/graph",
    "http://[::ffff:127.0.0.1]:8000/graph",
    "https://127.0.0.1:8000/graph",
    "https://127.0.0.1/",
    "http://user@127.0.0.1:8000/graph",
    "http://:secret@127.0.0.1:8000/graph",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://127.1/",
    "https://157.240.1.60/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[2a03:2880:f12d:83::1]/",
    "https://①②⑦.⓪.⓪.①/",
    "https://user@lookaside.fbsbx.com/x",
    "https://user:pw@lookaside.fbsbx.com/x",
    "https://:pw@lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com@evil.example/x",
    "https://lookaside.fbsbx.com:443@evil.example/x",
    "https://lookaside.fbsbx.com%40evil.example/x",
    "https://lookaside.fbsbx.com:8443/x",
    "https://lookaside.fbsbx.com:80/x",
    "https://lookaside.fbsbx.com:22/x",
    "https://lookaside.fbsbx.com:99999/x",
    "https://fbsbx.com/x",
    "https://.fbsbx.com/x",
    "https://evilfbsbx.com/x",
    "https://fbsbx.com.evil.example/x",
    "https://lookaside.fbsbx.com.evil.example/x",
    "https://lookaside.fbsbx.com./x",
    "https://lookaside.fbsbx.co/x",
    "https://lookaside-fbsbx.com/x",
    "https://evil.example/lookaside.fbsbx.com",
    "https://evil.example/?https://lookaside.fbsbx.com",
    "https://evil.example#lookaside.fbsbx.com",
    "https://evil.example\\.fbsbx.com/",
    "https://whatsapp.net/x",
    "https://facebook.com/x",
    "https://localhost/x",
    "https://localhost.localdomain/x",
    "https://core-1:50051/",
    "https://metadata.google.internal/",
    "https://kubernetes.default.svc/",
    "https://lookaside.fbsbx.com\u{3002}evil.example/x",
    "https://lооkaside.fbsbx.com.ru/x",
    "https://ten.fbsbx.com/",
    "https://loop.fbsbx.com/",
    "https://zero.fbsbx.com/",
    "https://link.fbsbx.com/",
    "https://private.fbsbx.com/",
    "https://b.fbsbx.com/",
    "https://cgnat.fbsbx.com/",
    "https://multi.fbsbx.com/",
    "https://broad.fbsbx.com/",
    "https://bench.fbsbx.com/",
    "https://loop6.fbsbx.com/",
    "https://none6.fbsbx.com/",
    "https://mapped.fbsbx.com/",
    "https://mappedworld.fbsbx.com/",
    "https://ula.fbsbx.com/",
    "https://link6.fbsbx.com/",
    "https://multi6.fbsbx.com/",
    "https://nat64.fbsbx.com/",
    "https://sixtofour.fbsbx.com/",
    "https://doc6.fbsbx.com/",
    "https://teredo.fbsbx.com/",
    "https://both.fbsbx.com/",
];

#[tokio::test]
async fn we_go_to_meta_and_to_nobody_else() {
    let guard = Guard::new(GRAPH, MediaHosts::default()).unwrap();
    let resolver = Checked::new(Arc::new(names()), guard.trusted_host());
    let goes = async |text: &str| {
        let url = guard.read(None, text).map_err(|error| error.to_string())?;
        let host = url.host_str().unwrap();
        if host.parse::<std::net::IpAddr>().is_ok() {
            // Nobody is asked for what a number stands for.
            return Ok(());
        }
        let found = resolver.resolve(Name::from_str(host).unwrap()).await;
        found.map(drop).map_err(|error| error.to_string())
    };
    for url in GOOD {
        assert_eq!(goes(url).await, Ok(()), "{url:?}");
    }
    for url in BAD {
        assert!(goes(url).await.is_err(), "{url:?}");
        // Nor when a redirect says so. One without a name of its own stays where it is.
        let from = Url::parse("https://lookaside.fbsbx.com/x").unwrap();
        let stays = !url.contains("//") && !url.contains(':') || url.starts_with("//look");
        let goes = match guard.read(Some(&from), url) {
            Ok(to) if stays => to.host_str() != Some("lookaside.fbsbx.com"),
            Ok(to) => goes(to.as_str()).await.is_ok() && to.host_str() != from.host_str(),
            Err(_) => false,
        };
        assert!(!goes, "redirected to {url:?}");
    }
    println!("addresses of files: {} good, {} bad", GOOD.len(), BAD.len());
    assert!(GOOD.len() + BAD.len() >= 100);
}

#[tokio::test]
async fn the_host_of_the_settings_may_stand_inside_and_no_other() {
    let names = Fake([("meta.test", vec!["10.0.0.7"]), ("other.test", vec!["10.0.0.7"])].into());
    let resolver = Checked::new(Arc::new(names), "meta.test");
    let found = async |name: &str| resolver.resolve(Name::from_str(name).unwrap()).await;
    assert_eq!(found("meta.test").await.unwrap().count(), 1);
    let refused = found("other.test").await.err().unwrap();
    assert!(refused.is::<Inside>());
}

/// The head of a request, and what to answer it with.
type Serve = fn(&str) -> String;

/// A server that answers one request per connection; gives its address and the heads that it got.
async fn serve(answer: Serve) -> (String, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::<std::sync::Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let answer = answer(&head);
            kept.lock().unwrap().push(head);
            let _gone = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, heads)
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn to(place: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n"
    )
}

async fn download(graph: &str, url: &str, most: u64) -> Result<Vec<u8>, NoFile> {
    let files = Files::new(graph, MediaHosts::default()).unwrap();
    let token = Token::parse("secret-token".to_owned()).unwrap();
    let download = files.downloads.begin(&files.guard, &token, url, most).await?;
    let chunks: Vec<bytes::Bytes> = download.bytes().try_collect().await?;
    Ok(chunks.concat())
}

#[tokio::test]
async fn bytes_come_with_the_token_and_a_few_redirects_are_followed() {
    let (graph, heads) = serve(|head| match head.split(' ').nth(1).unwrap() {
        "/1" => to("/2"),
        "/2" => to("3"),
        "/3" => to("/end"),
        "/round" => to("/round"),
        _ => ok("bytes"),
    })
    .await;
    let got = download(&graph, &format!("{graph}/1"), 5).await;
    assert_eq!(got, Ok(b"bytes".to_vec()));
    for head in heads.lock().unwrap().drain(..) {
        assert!(head.to_lowercase().contains("authorization: bearer secret-token"), "{head}");
        assert!(head.to_lowercase().contains("user-agent: linkojob-whatsapp"), "{head}");
    }
    let round = download(&graph, &format!("{graph}/round"), 5).await;
    assert!(matches!(round, Err(NoFile::Away { .. })), "{round:?}");
    assert_eq!(heads.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed_and_no_token_leaves() {
    let (inside, reached) = serve(|_| ok("secrets")).await;
    INSIDE.set(inside.clone()).unwrap();
    let (graph, _) = serve(|_| to(INSIDE.get().unwrap())).await;
    let got = download(&graph, &format!("{graph}/1"), 100).await;
    assert!(matches!(got, Err(NoFile::Forbidden(_))), "{got:?}");
    let straight = download(&graph, &inside, 100).await;
    assert!(matches!(straight, Err(NoFile::Forbidden(_))), "{straight:?}");
    assert_eq!(reached.lock().unwrap().len(), 0);
}

static INSIDE: std::sync::OnceLock<String> = std::sync::OnceLock::new();

#[tokio::test]
async fn an_answer_that_is_no_file_says_what_it_is() {
    let (graph, _) = serve(|head| {
        let status = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno")
    })
    .await;
    let got = async |status: &str| download(&graph, &format!("{graph}/{status}"), 1).await;
    for status in ["404", "410"] {
        assert_eq!(got(status).await, Err(NoFile::Expired));
    }
    for status in ["500", "503", "429", "401", "403", "204", "206", "302"] {
        let answer = got(status).await;
        let away = matches!(&answer, Err(NoFile::Away { retry_after: Some(after), .. })
            if after.as_secs() == 7);
        assert!(away, "{status}: {answer:?}");
    }
    assert_eq!(got("200").await, Err(NoFile::TooLarge(2)));
}

#[tokio::test]
async fn half_a_file_is_no_file() {
    let (graph, _) = serve(|_| ok("half").replace("content-length: 4", "content-length: 10")).await;
    let got = download(&graph, &format!("{graph}/1"), 100).await;
    assert!(matches!(got, Err(NoFile::Away { .. })), "{got:?}");
}

#[test]
fn what_meta_says_of_a_file_it_does_not_give() {
    let says = |code: i32, subcode: Option<i32>| {
        let reason = crate::domain::refusal::MetaReason { code, subcode, ..Default::default() };
        sort(MetaError::Rejected(reason, Class::of(code, subcode)), None)
    };
    assert_eq!(says(190, Some(463)), NoFile::TokenRefused);
    for (code, subcode) in [(100, Some(33)), (100, None), (131_009, None), (131_052, None)] {
        assert!(matches!(says(code, subcode), NoFile::Unknown(_)), "{code}");
    }
    for code in [1, 2, 4, 10, 80_007, 130_429, 131_016, 368, 999_999] {
        assert!(matches!(says(code, None), NoFile::Away { .. }), "{code}");
    }
}
