//! Refuses what another site makes a browser do: sockets and changing calls.

use axum::http::{HeaderMap, Method, Uri};

use super::single;
use crate::{
    config::Origins,
    problem::{Name, Problem},
};

/// Checks the browser's word about where a request comes from. A caller that says nothing is no
/// browser. `Sec-Fetch-Site` counts only when there is no `Origin`.
pub(super) fn check(
    allowed: &Origins,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    let origin = single(headers, "origin")?;
    let site = single(headers, "sec-fetch-site")?;
    if !is_guarded(method, uri) {
        return Ok(());
    }
    let fits = match (origin, site) {
        (Some(origin), _) => origin.to_str().is_ok_and(|origin| {
            if allowed.is_default() {
                is_own_host(origin, uri, headers)
            } else {
                allowed.contains(origin)
            }
        }),
        (None, Some(site)) => site != "cross-site",
        (None, None) => true,
    };
    if fits {
        Ok(())
    } else {
        Err(Problem::new(Name::OriginNotAllowed, Name::OriginNotAllowed.sentence()))
    }
}

/// Changing calls, and the paths where sockets are opened.
fn is_guarded(method: &Method, uri: &Uri) -> bool {
    let reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    !reading || uri.path() == "/api/ws" || uri.path().starts_with("/socket.io")
}

/// Compares host and port alone: the gateway ends TLS, so our own scheme is not known here.
fn is_own_host(origin: &str, uri: &Uri, headers: &HeaderMap) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let own = match single(headers, "host") {
        Ok(Some(value)) => value.to_str().unwrap_or_default(),
        Ok(None) => uri.authority().map_or("", |authority| authority.as_str()),
        Err(_) => return false,
    };
    let bare = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
    !own.is_empty() && bare(own) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(list: &str, method: Method, path: &str, pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("host", "app.example:8443".parse().expect("host"));
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("value"));
        }
        let origins = list.parse().expect("origins");
        check(&origins, &method, &path.parse().expect("path"), &headers).is_ok()
    }

    #[test]
    fn by_default_only_the_own_host_may_change_things() {
        for (origin, fits) in [
            ("https://app.example:8443", true),
            ("http://APP.example:8443", true),
            ("https://app.example", false),
            ("https://evil.example", false),
            ("https://app.example:8443.evil.example", false),
            ("null", false),
            ("", false),
        ] {
            let headers = [("origin", origin)];
            assert_eq!(allowed("", Method::POST, "/api/clients", &headers), fits, "{origin}");
            assert_eq!(allowed("", Method::GET, "/api/ws", &headers), fits, "{origin}");
            assert!(allowed("", Method::GET, "/api/clients", &headers), "reading: {origin}");
        }
    }

    #[test]
    fn a_list_replaces_the_default() {
        let list = "https://dash.example";
        let from = |origin| allowed(list, Method::PUT, "/x", &[("origin", origin)]);
        assert!(from("https://dash.example"));
        assert!(!from("https://app.example:8443"));
    }

    #[test]
    fn the_site_counts_only_without_an_origin() {
        let put = |headers: &[_]| allowed("", Method::PUT, "/x", headers);
        assert!(!put(&[("sec-fetch-site", "cross-site")]));
        assert!(put(&[("sec-fetch-site", "same-site")]));
        assert!(put(&[]));
        assert!(put(&[("origin", "https://app.example:8443"), ("sec-fetch-site", "cross-site")]));
        assert!(!put(&[
            ("origin", "https://app.example:8443"),
            ("origin", "https://app.example:8443")
        ]));
    }
}
