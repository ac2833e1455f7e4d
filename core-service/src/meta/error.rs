//! What Meta says when it refuses, and what is left when it says nothing.
//!
//! Invariant: an error of Meta's is whatever has a code; every other part may be absent, of another
//! type, or in another language. An answer without one is no word of Meta's.

use serde_json::Value;

use super::{
    class::{Class, failure_name, in_plain_words},
    client::{Answer, Lost},
    peek,
};
use crate::domain::{refusal::MetaReason, status::Failure};

/// The longest reason that is kept, in characters.
const LINE: usize = 500;

/// Why a call did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetaError {
    /// Meta refused, and why.
    #[error("Meta refused with code {}: {}", .0.code, .0.details)]
    Rejected(MetaReason, Class),
    /// There was no usable answer, or Meta asks to try again.
    #[error("Meta is not available: {0}")]
    Unavailable(String),
}

impl From<Lost> for MetaError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NotConnected(why) | Lost::NoAnswer(why) => Self::Unavailable(why),
        }
    }
}

/// One error object, out of an answer or out of a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Meta's code and what it adds to it.
    pub(super) reason: MetaReason,
    /// What it means to us.
    pub(super) class: Class,
}

impl Fault {
    /// Reads an error object. `None` when it has no code.
    pub(super) fn read(error: &Value) -> Option<Self> {
        let code = small(peek::integer(error, "code")?);
        // Inside the facts about a token it is called otherwise.
        let subcode = peek::integer(error, "error_subcode").or(peek::integer(error, "subcode"));
        let subcode = subcode.map(small);
        let details = details(error)
            .or_else(|| in_plain_words(code).map(str::to_owned))
            .or_else(|| peek::text(error, "message"))
            .or_else(|| peek::text(error, "title"))
            .unwrap_or_else(|| "Meta gave no reason.".to_owned());
        let reason = MetaReason {
            code,
            subcode,
            details: peek::line(&details, LINE),
            fbtrace_id: peek::text(error, "fbtrace_id").map(|id| peek::line(&id, LINE)),
        };
        Some(Self { class: Class::of(code, subcode), reason })
    }

    /// As the reason of a message that failed.
    pub(super) fn into_failure(self) -> Failure {
        let Self { reason, class: _ } = self;
        let name = failure_name(reason.code);
        Failure::of_meta(reason, name)
    }
}

/// What Meta adds in words. Old answers have a text where new ones have an object; old statuses have
/// it one level up.
fn details(error: &Value) -> Option<String> {
    let data = error.get("error_data");
    data.and_then(|data| peek::text(data, "details"))
        .or_else(|| peek::text(error, "error_data"))
        .or_else(|| peek::text(error, "details"))
}

/// Codes have six digits. One that does not fit is none that we know.
fn small(code: i64) -> i32 {
    i32::try_from(code).unwrap_or(i32::MAX)
}

/// What an answer of Meta's says.
pub(super) enum Said {
    /// JSON, and no error in it, with a status of success.
    Yes(Value),
    /// An error with a code.
    No(Fault),
    /// Nothing that Meta's API would say: a gateway's page, an empty body, half a body.
    Nothing(String),
}

impl Said {
    /// Reads an answer.
    pub(super) fn read(answer: &Answer) -> Self {
        let status = answer.status;
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Self::Nothing(format!("an answer that is no JSON, with HTTP status {status}"));
        };
        // An error decides whatever the status is: Meta's own list of statuses is not kept to.
        if let Some(fault) = body.get("error").and_then(Fault::read) {
            return Self::No(fault);
        }
        if (200..300).contains(&status) {
            Self::Yes(body)
        } else {
            Self::Nothing(format!("an answer without an error in it, with HTTP status {status}"))
        }
    }
}

/// The body of a good answer, for every call but a send.
pub(super) fn good(answer: &Answer) -> Result<Value, MetaError> {
    match Said::read(answer) {
        Said::Yes(body) => Ok(body),
        Said::No(Fault { reason, class: Class::Unavailable | Class::Unsure }) => {
            Err(MetaError::Unavailable(format!("{} (code {})", reason.details, reason.code)))
        }
        Said::No(Fault { reason, class }) => Err(MetaError::Rejected(reason, class)),
        Said::Nothing(what) => Err(MetaError::Unavailable(what)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, retry_after: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn everything_but_the_code_may_be_absent() {
        let bare = Fault::read(&json!({"code": 131_047})).unwrap();
        assert_eq!(bare.class, Class::WindowClosed);
        assert_eq!(bare.reason.details, "The 24-hour window is closed. Send a template instead.");
        assert_eq!(Fault::read(&json!({"message": "no code"})), None);
        assert_eq!(Fault::read(&json!("a text")), None);
        let unknown = Fault::read(&json!({"code": "424242"})).unwrap();
        assert_eq!((unknown.reason.code, unknown.class), (424_242, Class::Unlisted));
        assert_eq!(unknown.reason.details, "Meta gave no reason.");
        assert_eq!(Fault::read(&json!({"code": i64::MAX})).unwrap().class, Class::Unlisted);
    }

    #[test]
    fn the_details_win_wherever_they_stand() {
        let places = [
            json!({"code": 100, "message": "m", "error_data": {"details": "why"}}),
            json!({"code": 100, "message": "m", "error_data": "why"}),
            json!({"code": 100, "message": "m", "details": "why"}),
        ];
        for error in places {
            assert_eq!(Fault::read(&error).unwrap().reason.details, "why", "{error}");
        }
        let long = json!({"code": 100, "message": format!("a\nb{}", "x".repeat(2000))});
        let details = Fault::read(&long).unwrap().reason.details;
        assert_eq!((details.chars().count(), details.starts_with("a b")), (LINE, true));
    }

    #[test]
    fn a_call_other_than_a_send_is_good_rejected_or_to_be_tried_again() {
        assert_eq!(good(&answer(200, r#"{"a":1}"#)), Ok(json!({"a": 1})));
        let rejected = good(&answer(200, r#"{"error":{"code":190,"error_subcode":463}}"#));
        let Err(MetaError::Rejected(reason, Class::Token)) = rejected else {
            panic!("an error counts in an answer of success too: {rejected:?}");
        };
        assert_eq!(reason.subcode, Some(463));
        let again = [
            (503, r#"{"error":{"code":2}}"#),
            (500, r#"{"error":{"code":1}}"#),
            (502, "<html>Bad Gateway</html>"),
            (400, r#"{"error":"a text"}"#),
            (204, ""),
            (302, "{}"),
        ];
        for (status, body) in again {
            let answer = good(&answer(status, body));
            assert!(matches!(answer, Err(MetaError::Unavailable(_))), "{status} {body}");
        }
    }
}
