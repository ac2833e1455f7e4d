//! Every code that Meta documents, and every way not to get one.

use serde_json::json;

use super::*;

/// A short word for an outcome, to read the tables below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Accepted,
    Not(NotTaken),
    Refused(Refused),
    Unknown,
}

use NotTaken::{
    AccessLost, Limited, NotConnected, PairThrottled, Paused, Throttled, TokenRefused, Unavailable,
};
use Refused::{OptedOut, Permanent, WindowClosed};
use Word::{Accepted, Not, Unknown};

fn word(outcome: &SendOutcome) -> Word {
    match outcome {
        SendOutcome::Accepted { wamid: _, wa_id: _ } => Accepted,
        SendOutcome::NotTaken { why, reason: _, retry_after: _ } => Not(*why),
        SendOutcome::Refused { class, reason: _ } => Word::Refused(*class),
        SendOutcome::Unknown { reason: _ } => Unknown,
    }
}

fn answered(status: u16, body: &str) -> SendOutcome {
    outcome(Ok(Answer { status, retry_after: None, body: body.as_bytes().to_vec() }))
}

fn coded(status: u16, code: i32, subcode: Option<i32>) -> SendOutcome {
    let error = json!({"error": {"message": "m", "code": code, "error_subcode": subcode}});
    answered(status, &error.to_string())
}

#[test]
fn every_documented_code() {
    let table: &[(&[i32], Word)] = &[
        (&[0, 190, 102, 104], Not(TokenRefused)),
        (&[3, 10, 33, 200, 210, 299, 131_005], Not(AccessLost)),
        (&[4, 17, 32, 613, 80_007, 80_008, 130_429, 132_069], Not(Throttled)),
        (&[131_056], Not(PairThrottled)),
        (&[131_048], Not(Limited)),
        (&[2, 131_016, 131_057, 133_004], Not(Unavailable)),
        (&[132_015], Not(Paused)),
        (&[1, 131_000], Unknown),
        (&[131_047], Word::Refused(WindowClosed)),
        (&[131_050], Word::Refused(OptedOut)),
        (&[100, 131_008, 131_009, 131_021, 131_030, 131_051, 131_055, 131_062], PERMANENT),
        (&[368, 130_497, 131_031, 131_037, 131_042, 131_045, 131_063, 131_064], PERMANENT),
        (&[130_403, 130_472, 130_501, 131_026, 131_049, 131_052, 131_053], PERMANENT),
        (&[132_000, 132_001, 132_005, 132_007, 132_008, 132_012, 132_016], PERMANENT),
        (&[132_018, 132_068], PERMANENT),
        (&[133_000, 133_005, 133_006, 133_008, 133_009, 133_010, 133_015, 133_016], PERMANENT),
        (&[134_011, 134_100, 135_000, 136_024, 136_025, 137_000], PERMANENT),
        (&[138_000, 138_999, 139_000, 139_004, 139_100, 139_103, 147_001, 147_005], PERMANENT),
        (&[131_020, 131_041, 131_059, 131_200, 131_299], PERMANENT),
    ];
    for (codes, expected) in table {
        for code in *codes {
            // The status of HTTP is no part of the decision.
            for status in [200, 400, 401, 403, 404, 429, 500, 503] {
                let outcome = coded(status, *code, None);
                assert_eq!(word(&outcome), *expected, "code {code}, HTTP {status}");
            }
        }
    }
}

const PERMANENT: Word = Word::Refused(Permanent);

#[test]
fn a_missing_object_is_lost_access() {
    assert_eq!(word(&coded(400, 100, Some(33))), Not(AccessLost));
    assert_eq!(word(&coded(400, 100, Some(2_593_002))), PERMANENT);
}

#[test]
fn an_unlisted_code_proves_a_refusal_only_with_a_status_that_blames_the_request() {
    for (status, expected) in [
        (400, PERMANENT),
        (404, PERMANENT),
        (429, Not(Throttled)),
        (200, Unknown),
        (302, Unknown),
        (500, Unknown),
        (503, Unknown),
    ] {
        assert_eq!(word(&coded(status, 777_777, None)), expected, "HTTP {status}");
    }
}

#[test]
fn an_answer_that_is_not_metas_proves_nothing() {
    let html = "<html><h1>502 Bad Gateway</h1></html>";
    for body in [html, "", "{", "[]", "null", r#"{"error":"a text"}"#, r#"{"error":{}}"#] {
        for status in [400, 403, 408, 500, 502, 503, 504] {
            assert_eq!(word(&answered(status, body)), Unknown, "HTTP {status} {body}");
        }
        assert_eq!(word(&answered(429, body)), Not(Throttled), "{body}");
        assert_eq!(word(&answered(200, body)), Unknown, "{body}");
    }
}

#[test]
fn only_a_connection_that_never_was_is_proof() {
    let refused = outcome(Err(Lost::NotConnected("refused".to_owned())));
    assert_eq!(word(&refused), Not(NotConnected));
    assert_eq!(word(&outcome(Err(Lost::NoAnswer("reset".to_owned())))), Unknown);
}

#[test]
fn an_accepted_message_has_an_id() {
    let answer = |wa_id: &str| {
        let body = json!({"messaging_product": "whatsapp",
            "contacts": [{"input": "+5511987654321", "wa_id": wa_id}],
            "messages": [{"id": "wamid.HBgLX", "message_status": "accepted"}]});
        answered(200, &body.to_string())
    };
    let wamid = Wamid::parse("wamid.HBgLX").unwrap();
    let number = PhoneNumber::from_digits("551187654321").ok();
    assert_eq!(
        answer("551187654321"),
        SendOutcome::Accepted { wamid: wamid.clone(), wa_id: number }
    );
    assert_eq!(answer("BR.15025"), SendOutcome::Accepted { wamid: wamid.clone(), wa_id: None });
    let bare = r#"{"messages":[{"id":"wamid.HBgLX"}]}"#;
    assert_eq!(answered(200, bare), SendOutcome::Accepted { wamid, wa_id: None });
    for nothing in [r#"{"messages":[]}"#, r#"{"messages":[{"id":""}]}"#, r#"{"messages":{}}"#, "{}"]
    {
        assert_eq!(word(&answered(200, nothing)), Unknown, "{nothing}");
    }
}

#[test]
fn the_wait_is_metas_or_that_of_the_rule() {
    let throttled = |code: i32, wait: Option<u64>| {
        let body = json!({"error": {"code": code}}).to_string().into_bytes();
        let retry_after = wait.map(Duration::from_secs);
        let outcome = outcome(Ok(Answer { status: 400, retry_after, body }));
        let SendOutcome::NotTaken { retry_after, .. } = outcome else { panic!("{outcome:?}") };
        retry_after
    };
    assert_eq!(throttled(130_429, Some(7)), Some(Duration::from_secs(7)));
    assert_eq!(throttled(130_429, None), None);
    assert_eq!(throttled(131_048, None), Some(LIMITED));
    assert_eq!(throttled(190, Some(7)), None);
}
