//! `__Host-wa_oauth`: by it the browser that was sent to Meta is known again.
//!
//! The prefix makes browsers take it from this host alone, over TLS alone; `Lax` lets it come along
//! when Meta sends the person back.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, InvalidHeaderValue},
};

use crate::api::Malformed;

const NAME: &str = "__Host-wa_oauth";
/// The longest secret that is handed on.
const LONGEST: usize = 4096;

/// Gives the browser its secret, for as long as the state is good.
pub(super) fn set(secret: &str) -> Result<HeaderValue, Malformed> {
    let malformed = Malformed("browser_secret");
    if !is_value(secret.as_bytes()) {
        return Err(malformed);
    }
    let text = format!("{NAME}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    let made: Result<HeaderValue, InvalidHeaderValue> = text.try_into();
    let mut value = made.map_err(|_| malformed)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Takes it back.
pub(super) fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-wa_oauth=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// What the browser kept; empty when it kept nothing. Of two, nobody knows which one is ours.
pub(super) fn get(headers: &HeaderMap) -> String {
    let pairs =
        headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|b| *b == b';'));
    let mut values = pairs
        .filter_map(|pair| pair.trim_ascii().strip_prefix(NAME.as_bytes())?.strip_prefix(b"="));
    match (values.next(), values.next()) {
        (Some(value), None) if is_value(value) => String::from_utf8_lossy(value).into_owned(),
        _ => String::new(),
    }
}

/// Visible ASCII without what ends or quotes a value.
fn is_value(value: &[u8]) -> bool {
    (1..=LONGEST).contains(&value.len())
        && value.iter().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).expect("value"));
        }
        get(&headers)
    }

    #[test]
    fn the_cookie_is_found_among_others_and_only_when_it_is_one() {
        assert_eq!(kept(&[b"__Host-wa_oauth=abc"]), "abc");
        assert_eq!(kept(&[b"a=1; __Host-wa_oauth=a=b ;c=2"]), "a=b");
        assert_eq!(kept(&[b"a=\xff", b"__Host-wa_oauth=abc"]), "abc");
        let unfit: &[&[&[u8]]] = &[
            &[],
            &[b"__Host-wa_oauth="],
            &[b"__Host-wa_oauth"],
            &[b"__host-wa_oauth=abc"],
            &[b"x__Host-wa_oauth=abc"],
            &[b"__Host-wa_oauth2=abc"],
            &[b"__Host-wa_oauth=a b"],
            &[b"__Host-wa_oauth=\"abc\""],
            &[b"__Host-wa_oauth=\xff"],
            &[b"__Host-wa_oauth=abc; __Host-wa_oauth=abc"],
            &[b"__Host-wa_oauth=abc", b"__Host-wa_oauth=def"],
            &[b"__Host-wa_oauth=abc; __Host-wa_oauth="],
        ];
        for none in unfit {
            assert_eq!(kept(none), "", "{none:?}");
        }
        assert_eq!(kept(&[format!("{NAME}={}", "a".repeat(4097)).as_bytes()]), "");
    }

    #[test]
    fn a_secret_that_would_be_more_than_a_value_is_not_set() {
        for wrong in ["", "a; Domain=evil.example", "a\r\nset-cookie: b=c", "ü"] {
            assert!(set(wrong).is_err(), "{wrong}");
        }
    }
}
