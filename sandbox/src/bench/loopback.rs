//! An address on this machine.
//!
//! Invariant: a [`Loopback`] never leads to another machine, so no flag can aim the load elsewhere.

use std::{io, net::SocketAddr, str::FromStr};

use reqwest::Url;

/// A plain HTTP address on the loopback interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loopback(Url);

impl Loopback {
    /// Where to connect to.
    pub(super) fn socket(&self) -> io::Result<SocketAddr> {
        let mut addresses = self.0.socket_addrs(|| None)?.into_iter();
        addresses.next().ok_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable))
    }

    /// This path on the same host, whatever the path of the address itself.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(None);
        url
    }

    /// This path below the address.
    pub(super) fn below(&self, path: &str) -> Url {
        self.at(&format!("{}/{path}", self.0.path().trim_end_matches('/')))
    }
}

impl FromStr for Loopback {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        // A name could be pointed anywhere, with this one exception.
        let here = match url.host_str() {
            None => false,
            Some("localhost") => true,
            Some(host) => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
            }
        };
        if url.scheme() != "http" || !here {
            return Err(String::from("must be http:// on the loopback interface"));
        }
        Ok(Self(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_a_target() {
        for good in ["http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:9/graph"] {
            assert!(good.parse::<Loopback>().is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1:8080",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "https://127.0.0.1:8080",
            "127.0.0.1:8080",
            "",
        ] {
            assert!(bad.parse::<Loopback>().is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_put_below_or_in_place_of_its_own() {
        let graph: Loopback = "http://127.0.0.1:80/graph/".parse().expect("an address");
        assert_eq!(graph.below("_ledger").as_str(), "http://127.0.0.1/graph/_ledger");
        assert_eq!(graph.at("/phone/1/read").as_str(), "http://127.0.0.1/phone/1/read");
    }
}
