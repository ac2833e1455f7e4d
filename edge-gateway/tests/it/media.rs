//! Files as browsers get them: as what, under which name, whole and in parts.

use reqwest::{Method, Response, header::HeaderMap};
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::{
    fake::media::{DIGEST, File},
    harness::{Edge, problem},
};

const PATH: &str = "/api/messages/m1/media";
/// Files that an edge hands over at a time.
const PLACES: usize = 128;
/// To one caller.
const OF_ONE: usize = 8;

async fn with(edge: &Edge, headers: &[(&str, &str)]) -> Response {
    let request = edge.request(Method::GET, PATH);
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().expect("ascii"))
}

#[tokio::test]
async fn a_file_is_handed_over_and_never_shown() {
    let edge = Edge::start().await;
    let answer = edge.get(PATH).await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers().clone();
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "200000"),
        ("content-disposition", "attachment; filename=\"cv.pdf\""),
        ("etag", "\"00ff\""),
        ("accept-ranges", "bytes"),
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("cross-origin-resource-policy", "same-site"),
    ] {
        assert_eq!(said(&headers, name), value, "{name}");
    }
    assert!(!headers.contains_key("content-range"));
    assert_eq!(answer.bytes().await.expect("a body"), File::default().bytes);

    let seen = edge.core.calls("download_media").pop().expect("a call");
    assert_eq!(seen.email.as_deref(), Some("recruiter@linkojob.test"));
    assert!(seen.request.contains("message_id: \"m1\""), "{}", seen.request);
}

#[tokio::test]
async fn parts_are_served_as_http_counts_them() {
    let edge = Edge::start().await;
    let whole = File::default().bytes;
    for (range, content_range, from, to) in [
        ("bytes=0-9", "bytes 0-9/200000", 0, 10),
        ("bytes=100000-", "bytes 100000-199999/200000", 100_000, 200_000),
        ("bytes=-5", "bytes 199995-199999/200000", 199_995, 200_000),
        ("bytes=199999-999999", "bytes 199999-199999/200000", 199_999, 200_000),
    ] {
        let answer = with(&edge, &[("range", range)]).await;
        assert_eq!(answer.status(), 206, "{range}");
        assert_eq!(said(answer.headers(), "content-range"), content_range);
        assert_eq!(said(answer.headers(), "content-length"), (to - from).to_string());
        assert_eq!(answer.bytes().await.expect("a body"), whole[from..to]);
    }
    for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=5-2", "bytes=0-199999", "nonsense"] {
        let answer = with(&edge, &[("range", range)]).await;
        assert_eq!(answer.status(), 200, "{range}");
        assert_eq!(answer.bytes().await.expect("a body").len(), whole.len());
    }
}

#[tokio::test]
async fn a_part_that_there_is_not_is_416_and_tells_the_size() {
    let edge = Edge::start().await;
    for range in ["bytes=200000-", "bytes=999999999999999999999-"] {
        let answer = with(&edge, &[("range", range)]).await;
        assert_eq!(said(answer.headers(), "content-range"), "bytes */200000");
        assert_eq!(said(answer.headers(), "content-disposition"), "");
        let (status, name, _) = problem(answer).await;
        assert_eq!((status, name.as_str()), (416, "RANGE_NOT_SATISFIABLE"));
    }
}

#[tokio::test]
async fn who_has_it_is_not_sent_it_again() {
    let edge = Edge::start().await;
    for tag in ["\"00ff\"", "W/\"00ff\"", "\"a\", \"00ff\"", "*"] {
        let answer = with(&edge, &[("if-none-match", tag), ("range", "bytes=0-1")]).await;
        assert_eq!((answer.status().as_u16(), said(answer.headers(), "etag")), (304, "\"00ff\""));
        assert!(answer.bytes().await.expect("a body").is_empty());
    }
    let answer = with(&edge, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(answer.status(), 200);
    // A range of another file is no use: then it is the whole one.
    let same = with(&edge, &[("range", "bytes=0-1"), ("if-range", "\"00ff\"")]).await;
    assert_eq!(same.status(), 206);
    for other in ["\"other\"", "W/\"00ff\"", "Sat, 01 Jan 2028 00:00:00 GMT"] {
        let answer = with(&edge, &[("range", "bytes=0-1"), ("if-range", other)]).await;
        assert_eq!(answer.status(), 200, "{other}");
    }
    assert_eq!(DIGEST, "00ff");
}

#[tokio::test]
async fn head_tells_everything_but_the_bytes() {
    let edge = Edge::start().await;
    let get = edge.get(PATH).await.headers().clone();
    let answer = edge.request(Method::HEAD, PATH).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    for name in ["content-length", "content-type", "etag", "content-disposition", "accept-ranges"] {
        assert_eq!(said(answer.headers(), name), said(&get, name), "{name}");
    }
    let seen = edge.core.calls("download_media");
    assert!(seen[1].request.contains("info_only: true"), "{}", seen[1].request);
    let method = edge.request(Method::POST, PATH).send().await.expect("an answer");
    assert_eq!(method.status(), 405);
}

#[tokio::test]
async fn an_empty_file_and_a_strange_name_are_served_too() {
    let edge = Edge::start().await;
    let name = Some("../\r\nLeb\u{e9}n\u{202e}fdp.exe".to_owned());
    *edge.core.state.file.lock().expect("lock") = File {
        bytes: Vec::new(),
        filename: name,
        content_type: "x\r\ny: z".to_owned(),
        breaks: false,
    };
    let answer = edge.get(PATH).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(said(answer.headers(), "content-length"), "0");
    assert_eq!(said(answer.headers(), "content-type"), "application/octet-stream");
    let name = "attachment; filename=\"Leb_nfdp.exe\"; filename*=UTF-8''Leb%C3%A9nfdp.exe";
    assert_eq!(said(answer.headers(), "content-disposition"), name);
    assert!(answer.bytes().await.expect("a body").is_empty());
}

#[tokio::test]
async fn a_file_that_breaks_off_is_not_taken_for_whole() {
    let edge = Edge::start().await;
    edge.core.state.file.lock().expect("lock").breaks = true;
    let answer = edge.get(PATH).await;
    assert_eq!(answer.status(), 200);
    answer.bytes().await.expect_err("half a file must not look like a whole one");
}

#[tokio::test]
async fn what_is_not_served_is_a_problem_like_any_other() {
    let edge = Edge::start().await;
    let refusal = |code, name: &str, words| {
        let mut details = ErrorDetails::with_error_info(name, "whatsapp.linkojob", []);
        details.set_retry_info(Some(std::time::Duration::from_secs(7)));
        Status::with_error_details(code, words, details)
    };
    edge.core.fail(refusal(tonic::Code::Unavailable, "SERVICE_UNAVAILABLE", "not yet"));
    let answer = edge.get(PATH).await;
    assert_eq!(said(answer.headers(), "retry-after"), "7");
    assert_eq!(said(answer.headers(), "content-disposition"), "");
    let (status, name, _) = problem(answer).await;
    assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
    edge.core.fail(refusal(
        tonic::Code::NotFound,
        "MESSAGE_NOT_FOUND",
        "There is no such message.",
    ));
    let (status, name, _) = problem(edge.get(PATH).await).await;
    assert_eq!((status, name.as_str()), (404, "MESSAGE_NOT_FOUND"));
    let (status, _, _) = problem(edge.get("/api/messages/m1/media?x=1").await).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn readers_who_do_not_read_take_their_places_and_nobody_elses_connection() {
    let file = File { bytes: vec![0; 8 * 1024 * 1024], ..File::default() };
    let edge = Edge::start().await;
    *edge.core.state.file.lock().expect("lock") = file;
    let mut idle = Vec::new();
    let of = async |caller: usize| {
        let request =
            edge.bare(Method::GET, PATH).header("email", format!("{caller}@linkojob.test"));
        request.header("role", "MANAGER").send().await.expect("an answer")
    };
    for caller in 0..PLACES / OF_ONE {
        for _ in 0..OF_ONE {
            let answer = of(caller).await;
            assert_eq!(answer.status(), 200);
            idle.push(answer);
        }
        // Others still get theirs.
        let (status, name, _) = problem(of(caller).await).await;
        assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
    }
    let (status, name, _) = problem(edge.get(PATH).await).await;
    assert_eq!((status, name.as_str()), (503, "SERVICE_UNAVAILABLE"));
    // Everything else goes on, and so does a reader who reads.
    assert_eq!(edge.get("/api/messages/m1").await.status(), 200);
    let reader = idle.pop().expect("a reader");
    assert_eq!(reader.bytes().await.expect("a whole body").len(), 8 * 1024 * 1024);
    let again = async {
        loop {
            let answer = edge.get(PATH).await;
            if answer.status() == 200 {
                break answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let again = tokio::time::timeout(crate::harness::PATIENCE, again).await.expect("a place");
    assert_eq!(again.bytes().await.expect("a whole body").len(), 8 * 1024 * 1024);
}
