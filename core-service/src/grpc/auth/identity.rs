//! Reads the identity of a caller out of the metadata of its call.
//!
//! Invariant: metadata that stands twice is never believed, whichever of the two is right.

use tonic::codegen::http::HeaderMap;

use super::{
    caller::Caller,
    tokens::{Service, ServiceTokens},
};
use crate::domain::{
    actor::Role,
    owner::Owner,
    refusal::{FieldError, Refusal},
};

const AUTHORIZATION: &str = "authorization";
const EMAIL: &str = "x-actor-email";
const ROLE: &str = "x-actor-role";

/// Why a caller is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No token, or none that is known.
    #[error("a valid service token is required")]
    Unauthenticated,
    /// The person's address is none.
    #[error("x-actor-email is not an e-mail address")]
    InvalidEmail,
    /// The person's role is none that is known.
    #[error("x-actor-role is not a known role")]
    InvalidRole,
    /// Refused by what is known of the caller.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The caller of a call with this metadata.
pub(super) fn identify(tokens: &ServiceTokens, metadata: &HeaderMap) -> Result<Caller, Denied> {
    let service = authenticate(tokens, metadata)?;
    Ok(Caller::admit(service, person(metadata)?)?)
}

fn authenticate<'a>(
    tokens: &'a ServiceTokens,
    metadata: &HeaderMap,
) -> Result<&'a Service, Denied> {
    let Ok(Some(credentials)) = single(metadata, AUTHORIZATION) else {
        return Err(Denied::Unauthenticated);
    };
    let (scheme, token) = credentials.split_once(' ').ok_or(Denied::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Denied::Unauthenticated);
    }
    tokens.find(token).ok_or(Denied::Unauthenticated)
}

fn person(metadata: &HeaderMap) -> Result<Option<(Owner, Role)>, Denied> {
    match (single(metadata, EMAIL)?, single(metadata, ROLE)?) {
        (None, None) => Ok(None),
        (Some(email), Some(role)) => {
            let email = Owner::parse(email).map_err(|_| Denied::InvalidEmail)?;
            let role = Role::parse(role).ok_or(Denied::InvalidRole)?;
            Ok(Some((email, role)))
        }
        (Some(_), None) => Err(Refusal::field(ROLE, "must come with x-actor-email").into()),
        (None, Some(_)) => Err(Refusal::field(EMAIL, "must come with x-actor-role").into()),
    }
}

/// The only value of a name.
fn single<'a>(metadata: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Denied> {
    let wrong = |message| Refusal::Validation(vec![FieldError::new(name, message)]);
    let mut values = metadata.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(wrong("must be visible ASCII characters").into()),
        },
        (Some(_), Some(_)) => Err(wrong("must stand once").into()),
    }
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::{HeaderName, HeaderValue};

    use super::*;

    const TOKEN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const GOOD: (&str, &str) = ("authorization", "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    const ANA: (&str, &str) = ("x-actor-email", "ana@example.com");

    fn identified(headers: &[(&'static str, &str)]) -> Result<Caller, Denied> {
        let tokens = ServiceTokens::parse(&format!("edge:{TOKEN}:edge")).unwrap();
        let mut metadata = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            metadata.append(HeaderName::from_static(name), value);
        }
        identify(&tokens, &metadata)
    }

    #[test]
    fn a_token_and_a_person_are_recognised() {
        let caller = identified(&[GOOD, ANA, ("x-actor-role", "USER")]).unwrap();
        assert_eq!((caller.by(), caller.service()), ("ana@example.com".to_owned(), "edge"));
        assert_eq!(identified(&[GOOD]).unwrap().by(), "service:edge");
    }

    #[test]
    fn without_a_good_token_nothing_is_said_about_the_rest() {
        let wrong = [
            vec![],
            vec![("authorization", TOKEN)],
            vec![("authorization", "Bearer ")],
            vec![("authorization", "Bearer bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")],
            vec![("authorization", "Basic aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")],
            vec![("authorization", "Bearer é")],
            vec![GOOD, GOOD],
            vec![("x-actor-email", "wrong"), ("x-actor-role", "WRONG")],
        ];
        for headers in wrong {
            assert_eq!(identified(&headers), Err(Denied::Unauthenticated), "{headers:?}");
        }
    }

    #[test]
    fn half_a_person_or_two_are_refused() {
        let user = ("x-actor-role", "USER");
        let invalid = |headers: &[_]| {
            matches!(identified(headers), Err(Denied::Refused(Refusal::Validation(_))))
        };
        assert!(invalid(&[GOOD, ANA]));
        assert!(invalid(&[GOOD, user]));
        assert!(invalid(&[GOOD, ANA, ANA, user]));
        assert!(invalid(&[GOOD, ANA, user, user]));
        assert_eq!(identified(&[GOOD, ("x-actor-email", "ana"), user]), Err(Denied::InvalidEmail));
        for role in ["user", "ROOT", "", "USER,ADMIN"] {
            assert_eq!(identified(&[GOOD, ANA, ("x-actor-role", role)]), Err(Denied::InvalidRole));
        }
        let talent = identified(&[GOOD, ANA, ("x-actor-role", "TALENT")]);
        assert_eq!(talent, Err(Denied::Refused(Refusal::NotRequiredRole)));
    }
}
