//! The dialog of the redirect flow, as a browser and its person see it.

use std::collections::HashMap;

use reqwest::Url;
use serde_json::json;

use super::{BACK, Desk, refusal, text};
use crate::meta_kit::Answer;

const DIALOG: &str = "/v25.0/dialog/oauth";
const STATE: &str = "s p&a=c/\u{e9}#";

/// What our app asks for, with some of it replaced or, if empty, left out.
fn asks<'a>(desk: &'a Desk, other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("client_id", desk.sim.world.app_id()),
        ("redirect_uri", BACK),
        ("state", STATE),
        ("response_type", "code"),
        ("config_id", "7"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| other.iter().all(|(o, _)| o != name));
    kept.chain(other.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

/// Where the browser is sent.
fn sent_to(answer: &Answer) -> Url {
    assert_eq!(answer.status, 302, "{}", answer.text);
    Url::parse(answer.headers["location"].to_str().expect("text")).expect("an address")
}

fn parameters(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_page_shows_the_accounts_and_asks_nobody_else() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({"name": "<b>Bold & Co</b>"})).await;
    let bare = desk.customer(json!({"name": "Bare", "numbers": 0})).await;
    let page = desk.read(desk.http.get(desk.url(DIALOG, &asks(&desk, &[])))).await.expect("a page");
    assert_eq!(page.status, 200);
    assert!(page.headers["content-type"].to_str().expect("text").starts_with("text/html"));
    let policy = page.headers["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    for shown in [
        &*text(&account, "wabaId"),
        &*text(&account, "displayPhoneNumber"),
        "&lt;b&gt;Bold &amp; Co&lt;/b&gt;",
        &*text(&bare, "wabaId"),
        "no number yet",
        "value=\"s p&amp;a=c/\u{e9}#\"",
    ] {
        assert!(page.text.contains(shown), "{shown} is missing");
    }
    for loads in ["<b>Bold", "src=", "href=", "http://", "@import", "<script"] {
        assert!(!page.text.contains(loads), "{loads}");
    }
}

#[tokio::test]
async fn consent_leads_back_with_a_code_for_exactly_this_address() {
    let desk = Desk::open().await;
    let account = desk.customer(json!({})).await;
    let waba = text(&account, "wabaId");
    let decided = asks(&desk, &[("decision", "allow"), ("waba_id", &waba)]);
    let target = sent_to(&desk.form(DIALOG, &decided).await);
    assert!(target.as_str().starts_with(&format!("{BACK}?code=")), "{target}");
    let parameters = parameters(&target);
    assert_eq!(parameters["state"], STATE, "it comes back as it went");
    let code = &parameters["code"];

    for wrong in
        [None, Some("https://app.test/api/auth/whatsapp/callback/"), Some("HTTPS://app.test")]
    {
        assert_eq!(refusal(&desk.exchange(code, wrong).await), (400, 100, 36_008), "{wrong:?}");
    }
    let token = desk.exchange(code, Some(BACK)).await;
    let token = text(&token.json(), "access_token");
    let data = desk.debug(&token).await;
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging", "public_profile"];
    assert_eq!(data["scopes"], json!(scopes));
    assert_eq!(data["granular_scopes"][1]["target_ids"], json!([waba]));
    assert_eq!(refusal(&desk.exchange(code, Some(BACK)).await), (400, 100, 36_009));

    let late = sent_to(&desk.form(DIALOG, &decided).await);
    desk.advance("31s").await;
    let late = late.query_pairs().next().expect("a code").1.into_owned();
    assert_eq!(refusal(&desk.exchange(&late, Some(BACK)).await), (400, 100, 36_007));
}

#[tokio::test]
async fn a_person_may_refuse_or_leave_something_out() {
    let desk = Desk::open().await;
    let (one, two) = (desk.customer(json!({})).await, desk.customer(json!({})).await);
    let (one, two) = (text(&one, "wabaId"), text(&two, "wabaId"));
    let target = sent_to(&desk.form(DIALOG, &asks(&desk, &[("decision", "deny")])).await);
    let refused = parameters(&target);
    assert_eq!(refused["error"], "access_denied");
    assert_eq!(refused["error_reason"], "user_denied");
    assert_eq!((&*refused["error_description"], &*refused["state"]), ("Permissions error", STATE));
    assert!(!refused.contains_key("code"));

    let (messaging, both) =
        ("whatsapp_business_messaging", [("waba_id", &*two), ("waba_id", &*one)]);
    let mut choice = vec![("decision", "allow"), ("decline", messaging)];
    choice.extend(both);
    let scope = "whatsapp_business_management,whatsapp_business_messaging business_management";
    choice.extend([("config_id", ""), ("scope", scope)]);
    choice.push(("redirect_uri", "https://app.test/with?query=1"));
    let target = sent_to(&desk.form(DIALOG, &asks(&desk, &choice)).await);
    assert!(target.as_str().starts_with("https://app.test/with?query=1&code="), "{target}");
    let code = &parameters(&target)["code"];
    let token = desk.exchange(code, Some("https://app.test/with?query=1")).await;
    let data = desk.debug(&text(&token.json(), "access_token")).await;
    let left = ["whatsapp_business_management", "business_management", "public_profile"];
    assert_eq!(data["scopes"], json!(left));
    let granted = json!([{"scope": "whatsapp_business_management", "target_ids": [two, one]}]);
    assert_eq!(data["granular_scopes"], granted);
}

#[tokio::test]
async fn a_request_that_is_wrong_leads_nowhere() {
    let desk = Desk::open().await;
    let waba = text(&desk.customer(json!({})).await, "wabaId");
    let cases: [(&[(&str, &str)], u32); 10] = [
        (&[("client_id", "1")], 101),
        (&[("client_id", "")], 101),
        (&[("redirect_uri", "https://evil.test/callback")], 191),
        (&[("redirect_uri", "https://app.test/api/auth/whatsapp/callback?x=1")], 191),
        (&[("redirect_uri", "https://app.test/API/auth/whatsapp/callback")], 191),
        (&[("redirect_uri", "")], 191),
        (&[("response_type", "token")], 100),
        (&[("config_id", "")], 100),
        (&[("config_id", ""), ("scope", "everything")], 100),
        (&[("decision", "perhaps")], 100),
    ];
    for (other, code) in cases {
        let mut pairs = asks(&desk, other);
        if !other.iter().any(|(name, _)| *name == "decision") {
            let page = desk.read(desk.http.get(desk.url(DIALOG, &pairs))).await.expect("a page");
            blocked(&page, code);
            pairs.push(("decision", "allow"));
        }
        pairs.push(("waba_id", &waba));
        blocked(&desk.form(DIALOG, &pairs).await, code);
    }
    blocked(&desk.form(DIALOG, &asks(&desk, &[("decision", "allow")])).await, 100);
    let strange = asks(&desk, &[("decision", "allow"), ("waba_id", "1")]);
    blocked(&desk.form(DIALOG, &strange).await, 100);

    let app = json!({"configIds": ["8"], "redirectUris": [BACK]});
    desk.sim.control("PATCH", "/graph/_app", Some(app)).await;
    let page = desk.read(desk.http.get(desk.url(DIALOG, &asks(&desk, &[])))).await.expect("a page");
    blocked(&page, 100);
    for bad in ["ftp://app.test/", "app.test", "https://app.test/#x"] {
        let patch = Some(json!({"redirectUris": [bad]}));
        let answer = desk.sim.call("PATCH", "/graph/_app", None, patch).await.expect("an answer");
        assert_eq!(answer.status, 400, "{bad}");
    }
}

fn blocked(page: &Answer, code: u32) {
    assert_eq!(page.status, 400, "{}", page.text);
    assert!(page.text.contains(&format!("data-code=\"{code}\"")), "not {code}: {}", page.text);
    assert!(!page.headers.contains_key("location"));
}
