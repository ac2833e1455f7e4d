//! The service tokens of `CORE_SERVICE_TOKENS`: `name:token:scopes`, comma-separated.
//!
//! Invariant: tokens are kept as digests only, and looking one up takes the same time whichever it is.

use std::{fmt, sync::Arc};

use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

/// The shortest token that is taken.
const SHORTEST: usize = 32;
/// The longest token, and the longest text that is looked up.
const LONGEST: usize = 512;
/// The longest name of a service.
const NAME: usize = 64;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes {
    /// Acts for any person, and delivers webhooks.
    pub edge: bool,
    /// Acts for company roles, and as itself for the owner that it names.
    pub internal: bool,
    /// Acts for any person, and as itself for everybody.
    pub admin: bool,
}

/// A service that was recognised by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: Arc<str>,
    pub(super) scopes: Scopes,
}

struct Entry {
    digest: [u8; 32],
    service: Service,
}

/// Every token that is good.
pub struct ServiceTokens(Vec<Entry>);

/// Why the tokens are refused. Entries are counted from 1; no token is ever in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTokens {
    /// There is none, so nobody could call.
    #[error("no token is given; `name:token:scopes` with scopes out of edge, internal, admin")]
    Empty,
    /// An entry has another form.
    #[error("entry {0} is not `name:token:scopes`")]
    Malformed(usize),
    /// A name is empty, too long, or has other characters.
    #[error("entry {0}: a name is 1 to 64 characters of A-Z a-z 0-9 _ -")]
    Name(usize),
    /// A token is too short, too long, or has other characters.
    #[error("entry {0}: a token is 32 to 512 characters of A-Z a-z 0-9 _ -")]
    Token(usize),
    /// A scope is not known.
    #[error("entry {0}: scopes are edge, internal and admin, joined by +")]
    Scopes(usize),
    /// The same token stands twice.
    #[error("entry {0} repeats the token of an earlier entry")]
    Repeated(usize),
}

impl ServiceTokens {
    /// Reads the setting. A name may stand twice, so that a token can be replaced without a pause.
    ///
    /// # Errors
    /// [`InvalidTokens`] names the entry that is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidTokens> {
        let mut entries: Vec<Entry> = Vec::new();
        let written = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        for (number, entry) in written.enumerate().map(|(index, entry)| (index + 1, entry)) {
            let entry = parse_entry(number, entry)?;
            if entries.iter().any(|earlier| earlier.digest == entry.digest) {
                return Err(InvalidTokens::Repeated(number));
            }
            entries.push(entry);
        }
        if entries.is_empty() { Err(InvalidTokens::Empty) } else { Ok(Self(entries)) }
    }

    /// The service of a token. Every entry is compared, wherever the match is.
    pub(super) fn find(&self, token: &str) -> Option<&Service> {
        if token.len() > LONGEST {
            return None;
        }
        let digest = digest(token);
        let mut found = 0_u32;
        for (number, entry) in (1_u32..).zip(&self.0) {
            found.conditional_assign(&number, digest.ct_eq(&entry.digest));
        }
        let index = usize::try_from(found).ok()?.checked_sub(1)?;
        self.0.get(index).map(|entry| &entry.service)
    }
}

impl fmt::Debug for ServiceTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|entry| &entry.service)).finish()
    }
}

fn parse_entry(number: usize, text: &str) -> Result<Entry, InvalidTokens> {
    let mut parts = text.split(':').map(str::trim);
    let (Some(name), Some(token), Some(scopes), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(InvalidTokens::Malformed(number));
    };
    if !(1..=NAME).contains(&name.len()) || !is_plain(name) {
        return Err(InvalidTokens::Name(number));
    }
    if !(SHORTEST..=LONGEST).contains(&token.len()) || !is_plain(token) {
        return Err(InvalidTokens::Token(number));
    }
    let scopes = parse_scopes(scopes).ok_or(InvalidTokens::Scopes(number))?;
    Ok(Entry { digest: digest(token), service: Service { name: name.into(), scopes } })
}

fn parse_scopes(text: &str) -> Option<Scopes> {
    let mut scopes = Scopes::default();
    for word in text.split('+') {
        match word {
            "edge" => scopes.edge = true,
            "internal" => scopes.internal = true,
            "admin" => scopes.admin = true,
            _ => return None,
        }
    }
    Some(scopes)
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    #[test]
    fn a_token_is_found_and_says_what_it_is_good_for() {
        let tokens =
            ServiceTokens::parse(&format!("edge:{A}:edge, jobs:{B}:internal+admin,")).unwrap();
        let edge = tokens.find(A).unwrap();
        assert_eq!(&*edge.name, "edge");
        assert_eq!(edge.scopes, Scopes { edge: true, ..Scopes::default() });
        let jobs = tokens.find(B).unwrap();
        assert_eq!(jobs.scopes, Scopes { edge: false, internal: true, admin: true });
        for wrong in ["", &A[1..], &format!("{A}a"), &A.to_uppercase(), &"a".repeat(600)] {
            assert_eq!(tokens.find(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_may_stand_twice_so_that_its_token_can_be_replaced() {
        let tokens = ServiceTokens::parse(&format!("edge:{A}:edge,edge:{B}:edge")).unwrap();
        assert!(tokens.find(A).is_some() && tokens.find(B).is_some());
    }

    #[test]
    fn a_wrong_entry_is_named_and_no_token_is_shown() {
        let cases = [
            (" , ".to_owned(), InvalidTokens::Empty),
            (format!("edge:{A}"), InvalidTokens::Malformed(1)),
            (format!("edge:{A}:edge:x"), InvalidTokens::Malformed(1)),
            (format!("edge:{A}:edge,:{B}:edge"), InvalidTokens::Name(2)),
            (format!("an edge:{A}:edge"), InvalidTokens::Name(1)),
            (format!("edge:{}:edge", &A[1..]), InvalidTokens::Token(1)),
            (format!("edge:{A}!:edge"), InvalidTokens::Token(1)),
            (format!("edge:{A}:"), InvalidTokens::Scopes(1)),
            (format!("edge:{A}:edge+root"), InvalidTokens::Scopes(1)),
            (format!("edge:{A}:edge,jobs:{A}:admin"), InvalidTokens::Repeated(2)),
        ];
        for (text, expected) in cases {
            let error = ServiceTokens::parse(&text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            let line = error.to_string();
            assert!(!line.contains(A) && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn debug_shows_names_only() {
        let tokens = ServiceTokens::parse(&format!("edge:{A}:edge")).unwrap();
        assert!(!format!("{tokens:?}").contains(A));
    }
}
