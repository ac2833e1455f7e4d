//! Who is calling: the recruiter named by `?as=`, remembered in a cookie.
//!
//! Behind NGINX a session decides this. The sandbox has no passwords, so anybody may be anybody;
//! the words are still parsed at the door, because they become header values.

use axum::extract::{Query, Request};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::paths;

const DEFAULT_EMAIL: &str = "recruiter@linkojob.test";
const DEFAULT_ROLE: &str = "MANAGER";
const ROLES: [&str; 6] = ["MANAGER", "USER", "SUPER_ADMIN", "ADMIN", "TALENT", "NO_ROLE"];

/// The longest address that mail knows.
const MAX_EMAIL: usize = 254;

/// Query parameters that speak to the front and are not forwarded.
const AS: &str = "as";
const ROLE: &str = "role";

const EMAIL_COOKIE: &str = "sandbox_as";
const ROLE_COOKIE: &str = "sandbox_role";

/// The person a request is made for; in the request's extensions of every route but Meta's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// Visible ASCII, safe as a header value and as a cookie.
    pub(super) email: String,
    /// One of the known roles.
    pub(super) role: &'static str,
}

/// Decides the caller, hands it on, and remembers a choice made in the query.
pub(super) async fn choose(mut request: Request, next: Next) -> Response {
    if paths::called_by_meta(request.uri().path()) {
        return next.run(request).await;
    }
    let choice = match Choice::of_query(request.uri()) {
        Ok(choice) => choice,
        Err(refusal) => return refusal.into_response(),
    };
    let caller = choice.clone().or_remembered(request.headers());
    // What is no address the edge refuses, this once; it must not spoil every later request.
    let cookies = (choice.is_made() && caller.email.contains('@')).then(|| remember(&caller));
    request.extensions_mut().insert(caller);

    let mut response = next.run(request).await;
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The query without the parameters that are the front's own.
pub(super) fn strip_choice(query: &str) -> String {
    let is_ours = |pair: &&str| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        name == AS || name == ROLE
    };
    query.split('&').filter(|pair| !is_ours(pair)).collect::<Vec<_>>().join("&")
}

/// What one request says about its caller.
#[derive(Clone, Default)]
struct Choice {
    email: Option<String>,
    role: Option<&'static str>,
}

/// Why a choice in the query was not understood.
struct BadEmail;

impl IntoResponse for BadEmail {
    fn into_response(self) -> Response {
        let reason = "?as= must be an email address in plain ASCII, with + written as %2B.";
        (StatusCode::BAD_REQUEST, reason).into_response()
    }
}

impl Choice {
    fn of_query(uri: &Uri) -> Result<Self, BadEmail> {
        let mut choice = Self::default();
        // A query that cannot be read as pairs is the edge's to refuse.
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_or_else(|_| Vec::new(), |Query(pairs)| pairs);
        for (name, value) in pairs {
            match name.as_str() {
                AS if !value.is_empty() => {
                    choice.email = Some(parse_email(&value).ok_or(BadEmail)?);
                }
                ROLE => choice.role = parse_role(&value),
                _ => {}
            }
        }
        Ok(choice)
    }

    fn is_made(&self) -> bool {
        self.email.is_some() || self.role.is_some()
    }

    /// Naming a person without a role means the default role, not that of the person before.
    fn or_remembered(self, headers: &HeaderMap) -> Caller {
        let remembered_role = match self.email {
            Some(_) => None,
            None => cookie(headers, ROLE_COOKIE).and_then(parse_role),
        };
        let email = self.email.or_else(|| cookie(headers, EMAIL_COOKIE).and_then(parse_email));
        Caller {
            email: email.unwrap_or_else(|| DEFAULT_EMAIL.to_owned()),
            role: self.role.or(remembered_role).unwrap_or(DEFAULT_ROLE),
        }
    }
}

fn remember(caller: &Caller) -> Vec<HeaderValue> {
    [(EMAIL_COOKIE, caller.email.as_str()), (ROLE_COOKIE, caller.role)]
        .into_iter()
        .map(|(name, value)| format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict"))
        .filter_map(|cookie| HeaderValue::try_from(cookie).ok())
        .collect()
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

/// Only what would break a header or a cookie is refused here: whether it is an address is the
/// edge's question, and its answer is worth seeing.
fn parse_email(value: &str) -> Option<String> {
    let fits = !value.is_empty() && value.len() <= MAX_EMAIL;
    let plain =
        value.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'"' | b'\\'));
    (fits && plain).then(|| value.to_owned())
}

fn parse_role(value: &str) -> Option<&'static str> {
    ROLES.into_iter().find(|role| *role == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(uri: &'static str, cookies: &'static str) -> Caller {
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookies))]);
        let choice = Choice::of_query(&Uri::from_static(uri));
        choice.unwrap_or_else(|_| panic!("{uri} was refused")).or_remembered(&headers)
    }

    fn person(email: &str, role: &'static str) -> Caller {
        Caller { email: email.to_owned(), role }
    }

    #[test]
    fn nobody_named_is_the_default_recruiter() {
        assert_eq!(caller("/", ""), person(DEFAULT_EMAIL, DEFAULT_ROLE));
    }

    #[test]
    fn the_query_beats_the_cookie_and_forgets_its_role() {
        let cookies = "other=1; sandbox_as=root@linkojob.test; sandbox_role=ADMIN";
        assert_eq!(caller("/", cookies), person("root@linkojob.test", "ADMIN"));
        assert_eq!(
            caller("/?as=ana%40linkojob.test", cookies),
            person("ana@linkojob.test", "MANAGER")
        );
        assert_eq!(caller("/?role=USER", cookies), person("root@linkojob.test", "USER"));
    }

    #[test]
    fn an_unknown_role_counts_as_none() {
        assert_eq!(caller("/?role=KING", ""), person(DEFAULT_EMAIL, DEFAULT_ROLE));
    }

    #[test]
    fn what_would_break_a_header_is_refused() {
        for bad in ["/?as=a%0d%0arole:ADMIN", "/?as=a%3Bb", "/?as=a+b"] {
            assert!(Choice::of_query(&Uri::from_static(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_fronts_own_parameters_are_stripped() {
        assert_eq!(strip_choice("limit=5&as=a%40b&role=USER&search=as"), "limit=5&search=as");
        assert_eq!(strip_choice("as=x"), "");
    }
}
