//! Where a browser goes after Meta's dialog: the dashboard's page, told what came of it.
//!
//! Invariant: the page is the one of the settings; nothing of a request is in its address.

use axum::http::{HeaderMap, HeaderValue, header::ACCEPT};
use linkojob_proto::v1 as pb;

use crate::problem::{Name, Problem};

/// True for one who reads pages. `*/*` says nothing about that.
pub(super) fn is_browser(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        is_html && !parts.any(is_refusal)
    })
}

/// True for a quality of nought: "anything but this".
fn is_refusal(parameter: &str) -> bool {
    let quality = parameter.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("q"));
    quality.is_some_and(|(_, value)| value.parse() == Ok(0.0_f32))
}

/// The page with its query; none when there is no page.
pub(super) fn address(
    return_url: &str,
    outcome: &Result<pb::Client, Problem>,
) -> Option<HeaderValue> {
    if return_url.is_empty() {
        return None;
    }
    let (result, reason) = said(outcome);
    let query = match reason {
        Some(reason) => format!("result={result}&reason={reason}"),
        None => format!("result={result}"),
    };
    HeaderValue::try_from(format!("{return_url}?{query}")).ok()
}

fn said(outcome: &Result<pb::Client, Problem>) -> (&'static str, Option<&str>) {
    match outcome {
        Ok(client) if is_connected(client) => ("connected", None),
        Ok(client) => ("failed", Some(waits_for(client))),
        Err(problem) if problem.name() == Name::OauthDenied => {
            ("denied", Some(Name::OauthDenied.as_str()))
        }
        Err(problem) => ("failed", Some(problem.name().as_str())),
    }
}

fn is_connected(client: &pb::Client) -> bool {
    client.status == i32::from(pb::ClientStatus::Connected) && client.onboarding.is_none()
}

/// What the owner has to look at; a client that does not say is just not connected.
fn waits_for(client: &pb::Client) -> &str {
    let name = client.attention.as_ref().map(|attention| attention.name.as_str());
    name.filter(|name| is_name(name)).unwrap_or(Name::ClientNotConnected.as_str())
}

/// True for a word that needs no escape in a query.
fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asks_for_pages_is_a_browser() {
        let asks = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT, line.parse().expect("value"));
            }
            is_browser(&headers)
        };
        assert!(asks(&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]));
        assert!(asks(&["application/json", "Text/HTML;level=1; q=0.1"]));
        for no in [
            &[][..],
            &["*/*"],
            &["text/*"],
            &["application/json, text/plain, */*"],
            &["text/html;q=0"],
            &["text/html; q=0.000, application/json"],
            &["text/htmlx"],
        ] {
            assert!(!asks(no), "{no:?}");
        }
    }

    #[test]
    fn a_client_that_does_not_say_what_it_waits_for_is_not_connected() {
        let outcome = |status: pb::ClientStatus, attention: Option<&str>| {
            let named = |name: &str| pb::Attention { name: name.to_owned(), ..Default::default() };
            let client = pb::Client {
                status: status.into(),
                attention: attention.map(named),
                ..Default::default()
            };
            let address = address("https://dash.example/done", &Ok(client)).expect("address");
            address.to_str().expect("ascii").to_owned()
        };
        let page = "https://dash.example/done?result";
        let connected = outcome(pb::ClientStatus::Connected, Some("TOKEN_EXPIRES_SOON"));
        assert_eq!(connected, format!("{page}=connected"));
        for (attention, reason) in [
            (Some("PIN_REQUIRED"), "PIN_REQUIRED"),
            (Some("A&result=connected"), "CLIENT_NOT_CONNECTED"),
            (Some(""), "CLIENT_NOT_CONNECTED"),
            (None, "CLIENT_NOT_CONNECTED"),
        ] {
            let failed = outcome(pb::ClientStatus::Pending, attention);
            assert_eq!(failed, format!("{page}=failed&reason={reason}"));
        }
    }
}
