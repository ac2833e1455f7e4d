//! Requests of the load, written out before they are timed.

use std::{fmt::Write as _, net::SocketAddr};

use bytes::Bytes;

/// Writes requests to one address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form(SocketAddr);

/// A header.
pub(super) type Header<'a> = (&'static str, &'a str);

/// The headers by which the edge knows an owner.
pub(super) fn identity(owner: &str) -> [Header<'_>; 2] {
    [("email", owner), ("role", "MANAGER")]
}

impl Form {
    pub(super) const fn new(address: SocketAddr) -> Self {
        Self(address)
    }

    /// Whom they go to.
    pub(super) const fn address(self) -> SocketAddr {
        self.0
    }

    /// A request without a body; `target` is the path with its query.
    pub(super) fn get(self, target: &str, headers: &[Header<'_>]) -> Bytes {
        Bytes::from(self.head("GET", target, headers) + "\r\n")
    }

    /// A request with a JSON body.
    pub(super) fn post(self, target: &str, headers: &[Header<'_>], body: &str) -> Bytes {
        let mut text = self.head("POST", target, headers);
        text.reserve(body.len() + 64);
        // Writing into a String cannot fail.
        let _ =
            write!(text, "content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        text.push_str("\r\n");
        text.push_str(body);
        Bytes::from(text)
    }

    fn head(self, method: &str, target: &str, headers: &[Header<'_>]) -> String {
        let mut text = format!("{method} {target} HTTP/1.1\r\nhost: {}\r\n", self.0);
        for (name, value) in headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_the_protocol_says() {
        let form = Form::new("127.0.0.1:80".parse().expect("an address"));
        let get = form.get("/a?b=c", &identity("x@y.z"));
        assert_eq!(
            get,
            "GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:80\r\nemail: x@y.z\r\nrole: MANAGER\r\n\r\n"
        );
        let post = form.post("/a", &[], "{\"t\":\"\u{e9}\"}");
        assert!(post.ends_with("content-length: 10\r\n\r\n{\"t\":\"\u{e9}\"}".as_bytes()));
    }
}
