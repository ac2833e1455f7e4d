//! Settings that are more than a word: each parses whole or not at all.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use axum::http::Uri;
use clap::ValueEnum;
use ipnet::IpNet;

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Networks whose identity headers are believed.
#[derive(Clone, Debug)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// True when the peer is in one of the networks; an IPv4 address in IPv6 dress counts as itself.
    #[must_use]
    pub fn contains(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|network| network.contains(&peer))
    }
}

impl Default for TrustedProxies {
    fn default() -> Self {
        Self(vec![
            IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8),
            IpNet::new_assert(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), 128),
        ])
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let parse = |item: &str| {
            let address = item.parse::<IpAddr>().map(IpNet::from);
            address
                .or_else(|_| item.parse::<IpNet>())
                .map_err(|error| format!("`{item}` is no network: {error}"))
        };
        items(list).map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Origins of browsers that may change things; none means the request's own host.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<String>);

impl Origins {
    /// True when no list was given.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }

    /// True when the list has the origin.
    #[must_use]
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let parse = |item: &str| {
            let origin = item.trim_end_matches('/');
            let uri: Uri = origin.parse().map_err(|_| format!("`{item}` is no origin"))?;
            let web = matches!(uri.scheme_str(), Some("http" | "https"));
            if !web || uri.host().is_none() || uri.path() != "/" || uri.query().is_some() {
                return Err(format!("`{item}` is no origin such as https://app.example.com"));
            }
            Ok(origin.to_owned())
        };
        items(list).map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Where a core listens.
#[derive(Clone, Debug)]
pub struct CoreUrl {
    text: String,
    secure: bool,
    near: bool,
}

impl CoreUrl {
    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when it is spoken to by TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// True when what is said to it can be read on the way, because it is neither protected nor on
    /// this machine.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.secure && !self.near
    }
}

impl fmt::Display for CoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for CoreUrl {
    type Err = String;

    fn from_str(item: &str) -> Result<Self, Self::Err> {
        let uri: Uri = item.parse().map_err(|_| format!("`{item}` is no URL"))?;
        let (scheme, host) = (uri.scheme_str(), uri.host());
        let (Some(scheme @ ("http" | "https")), Some(host)) = (scheme, host) else {
            return Err(format!("`{item}` is no URL such as http://127.0.0.1:50051"));
        };
        let text = item.trim_end_matches('/').to_owned();
        Ok(Self { text, secure: scheme == "https", near: is_near(host) })
    }
}

/// True for this machine. Other names are not looked up: where they lead can change.
fn is_near(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or_else(
        |_| host.eq_ignore_ascii_case("localhost"),
        |address| address.to_canonical().is_loopback(),
    )
}

/// The cores; at least one.
#[derive(Clone, Debug)]
pub struct CoreUrls(Vec<CoreUrl>);

impl CoreUrls {
    /// Every core.
    pub fn iter(&self) -> impl Iterator<Item = &CoreUrl> {
        self.0.iter()
    }
}

impl Default for CoreUrls {
    fn default() -> Self {
        Self(vec![CoreUrl { text: super::CORE_URL.to_owned(), secure: false, near: true }])
    }
}

impl FromStr for CoreUrls {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        let urls: Vec<CoreUrl> = items(list).map(CoreUrl::from_str).collect::<Result<_, _>>()?;
        if urls.is_empty() {
            return Err("must name at least one core".to_owned());
        }
        Ok(Self(urls))
    }
}

/// Reads `90s`, `30m`, `1h` or `2d`; never zero.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration such as 90s, 30m, 1h or 2d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    if count == 0 {
        return Err(wrong());
    }
    Ok(Duration::from_secs(u64::from(count) * seconds))
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_in_ipv6_dress_is_the_ipv4_address_it_is() {
        let trusted = TrustedProxies::default();
        assert!(trusted.contains("::ffff:127.0.0.1".parse().expect("address")));
        assert!(trusted.contains("::1".parse().expect("address")));
        assert!(!trusted.contains("::ffff:10.0.0.1".parse().expect("address")));
    }

    #[test]
    fn only_plain_text_to_another_machine_is_exposed() {
        for (url, exposed) in [
            ("http://127.0.0.1:50051", false),
            ("http://127.8.8.8", false),
            ("http://[::1]:50051", false),
            ("http://[::ffff:127.0.0.1]:50051", false),
            ("http://LocalHost:50051", false),
            ("https://core.example", false),
            ("http://core.example", true),
            ("http://localhost.example", true),
            ("http://10.0.0.1:50051", true),
            ("http://[fe80::1]:50051", true),
        ] {
            assert_eq!(url.parse::<CoreUrl>().expect(url).is_exposed(), exposed, "{url}");
        }
        assert!(!CoreUrls::default().iter().any(|url| url.is_exposed() || url.is_secure()));
    }

    #[test]
    fn durations_need_a_number_and_a_unit() {
        assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
        for wrong in ["", "h", "0s", "1w", "-1h", "1.5h", "1é"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_origin_has_a_scheme_and_a_host_and_nothing_else() {
        let origins: Origins = "https://App.example, http://localhost:3000/".parse().expect("two");
        assert!(origins.contains("https://app.example"));
        assert!(origins.contains("http://localhost:3000"));
        assert!(!origins.contains("https://localhost:3000"));
        for wrong in ["app.example", "https://a/b", "ftp://a", "null"] {
            assert!(wrong.parse::<Origins>().is_err(), "{wrong}");
        }
    }
}
