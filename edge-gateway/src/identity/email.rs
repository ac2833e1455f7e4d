//! An address as identity.

use std::{fmt, sync::Arc};

/// An e-mail address: trimmed, lower case, visible ASCII, one `@` with something on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email(Arc<str>);

impl Email {
    const MAX: usize = 254;

    /// Reads an address; none when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = text.len() <= Self::MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b",;<>\"()\\".contains(&byte));
        let (local, domain) = text.split_once('@')?;
        let whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
        let dotted = !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..");
        (fits && whole && dotted).then(|| Self(text.to_ascii_lowercase().into()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn addresses_are_compared_trimmed_and_lower_case() {
        let email = Email::parse("  Recruiter@LinkoJob.Test ").expect("address");
        assert_eq!(email.as_str(), "recruiter@linkojob.test");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c.d",
            "a@b,c@d",
            "a@.b",
            "a@b.",
            "a@b..c",
            "<a@b.c>",
            "ü@b.c",
            "a\u{0}@b.c",
        ] {
            assert_eq!(Email::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Email::parse(&format!("{}@b.c", "a".repeat(251))), None);
    }
}
