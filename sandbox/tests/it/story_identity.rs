//! Who may come in, and through whose browser.

use reqwest::Method;
use serde_json::json;

use crate::kit::{Answer, Store, Town, on_both_stores};

on_both_stores! {
    only_known_people_with_a_company_role_come_in,
}

/// Headers of a request.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn only_known_people_with_a_company_role_come_in(store: Store) {
    let town = Town::start(store).await;
    let call = |headers: Headers<'_>| {
        let mut request = town.at_edge(Method::GET, "/api/clients");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send()
    };
    let (email, role) = (("email", "maria@linkojob.test"), ("role", "USER"));
    let cases: [(Headers<'_>, u16, &str); 12] = [
        (&[], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[role], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[("email", " "), role], 401, "EMAIL_HEADER_IS_REQUIRED"),
        (&[email], 401, "ROLE_HEADER_IS_REQUIRED"),
        (&[email, ("role", "")], 401, "ROLE_HEADER_IS_REQUIRED"),
        (&[email, ("role", "KING")], 401, "INVALID_ROLE"),
        (&[email, ("role", "manager")], 401, "INVALID_ROLE"),
        (&[email, ("role", "TALENT")], 403, "NOT_REQUIRED_ROLE"),
        (&[email, ("role", "NO_ROLE")], 403, "NOT_REQUIRED_ROLE"),
        (&[("email", "no address"), role], 400, "INVALID_EMAIL_FORMAT"),
        (&[email, email, role], 400, "VALIDATION_ERROR"),
        (&[email, role, role], 400, "VALIDATION_ERROR"),
    ];
    for (headers, status, name) in cases {
        Answer::of(call(headers).await.expect("an answer")).await.refused(status, name);
    }
    // A stranger learns nothing about which paths exist.
    let nowhere = town.at_edge(Method::GET, "/api/nothing").send().await.expect("an answer");
    Answer::of(nowhere).await.refused(401, "EMAIL_HEADER_IS_REQUIRED");
    for path in ["/health/live", "/health/ready", "/api-docs/openapi.json"] {
        let open = town.at_edge(Method::GET, path).send().await.expect("an answer");
        assert_eq!(open.status(), 200, "{path}");
    }
    for path in ["/supervision/health", "/supervision/connectivity"] {
        let maria = town.recruiter("maria@linkojob.test");
        maria.get(path).await.refused(403, "NOT_REQUIRED_ROLE");
        town.person("root@linkojob.test", "ADMIN").get(path).await.is(200);
    }

    // Another site's page may look at nothing through a browser, and change nothing.
    let maria = town.recruiter("maria@linkojob.test");
    let post = || maria.request(Method::POST, "/api/clients").json(&json!({}));
    let foreign = post().header("origin", "https://other.example").send().await;
    Answer::of(foreign.expect("an answer")).await.refused(403, "ORIGIN_NOT_ALLOWED");
    let foreign = post().header("sec-fetch-site", "cross-site").send().await;
    Answer::of(foreign.expect("an answer")).await.refused(403, "ORIGIN_NOT_ALLOWED");
    let own = post().header("origin", format!("http://{}", town.edge_address())).send().await;
    assert_eq!(own.expect("an answer").status(), 201);
}
