//! Hosts that files may come from.

use std::str::FromStr;

/// Meta's, as far as it is known to keep files.
const METAS: &str = "*.fbsbx.com,*.facebook.com,*.whatsapp.net";

/// A list entry that names no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no host such as lookaside.fbsbx.com or *.fbsbx.com")]
pub struct InvalidHost(String);

/// Names of hosts, each exact or `*.` and what it ends with. The host of the Graph API is always among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaHosts(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(String),
    /// With its leading dot.
    Suffix(String),
}

impl Default for MediaHosts {
    fn default() -> Self {
        let read = |text: &str| text.parse().ok();
        Self(METAS.split(',').filter_map(read).collect())
    }
}

impl FromStr for MediaHosts {
    type Err = InvalidHost;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self(entries.map(str::parse).collect::<Result<_, _>>()?))
    }
}

impl FromStr for Pattern {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_lowercase();
        let name = text.strip_prefix("*.").unwrap_or(&text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        // Of two labels at least, and no address: `*.com` would be almost anybody.
        let is_address = name.parse::<std::net::IpAddr>().is_ok();
        if !name.contains('.') || is_address || !name.split('.').all(label) {
            return Err(InvalidHost(text));
        }
        Ok(match text.strip_prefix('*') {
            Some(suffix) => Self::Suffix(suffix.to_owned()),
            None => Self::Exact(text),
        })
    }
}

impl MediaHosts {
    /// True when a host is on the list.
    pub(super) fn allow(&self, host: &str) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Exact(name) => host == name,
            Pattern::Suffix(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_names_and_endings() {
        let hosts: MediaHosts = " cdn.example.org, *.Example.com ,".parse().unwrap();
        for host in ["cdn.example.org", "a.example.com", "a.b.example.com"] {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["example.org", "x.cdn.example.org", "example.com", "anexample.com", ""] {
            assert!(!hosts.allow(host), "{host}");
        }
        assert_eq!(MediaHosts::default().0.len(), 3);
        assert!(!"".parse::<MediaHosts>().unwrap().allow("lookaside.fbsbx.com"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for wrong in [
            "*",
            "*.",
            "*.com",
            "com",
            "a..b",
            "https://a.b",
            "a.b/c",
            "a.b:443",
            "10.0.0.1",
            "*.*.b",
        ] {
            assert!(wrong.parse::<MediaHosts>().is_err(), "{wrong}");
        }
    }
}
