//! A delivery as Meta makes it: its bytes, and the signature over exactly these.

use bytes::Bytes;
use reqwest::{RequestBuilder, header::CONTENT_TYPE};
use serde_json::Value;

use super::{form::Form, http::Http, loopback::Loopback};
use crate::{meta::wire, secrets::APP_SECRET};

/// Where deliveries go.
pub(super) const PATH: &str = "/api/webhooks";
/// What the signature stands in.
const SIGNATURE: &str = "x-hub-signature-256";

/// The bytes with their signature.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    body: String,
    signature: String,
}

impl Signed {
    pub(super) fn new(body: &Value) -> Self {
        let body = wire::to_json(body);
        let signature = wire::signature(APP_SECRET, body.as_bytes());
        Self { body, signature }
    }

    /// As one request of a load.
    pub(super) fn written(&self, form: Form) -> Bytes {
        form.post(PATH, &[(SIGNATURE, &self.signature)], &self.body)
    }

    /// As a request outside of a load.
    pub(super) fn request(self, http: &Http, edge: &Loopback) -> RequestBuilder {
        http.post(edge.at(PATH))
            .header(CONTENT_TYPE, "application/json")
            .header(SIGNATURE, self.signature)
            .body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_signed_is_what_is_sent() {
        let signed = Signed::new(&json!({"t": "caf\u{e9} @ 3/11"}));
        assert_eq!(signed.body, r#"{"t":"caf\u00e9 \u0040 3\/11"}"#);
        assert_eq!(signed.signature, wire::signature(APP_SECRET, signed.body.as_bytes()));
        let form = Form::new("127.0.0.1:80".parse().expect("an address"));
        let written = String::from_utf8(signed.written(form).to_vec()).expect("text");
        assert!(written.starts_with("POST /api/webhooks HTTP/1.1\r\n"), "{written}");
        assert!(written.contains(&format!("\r\nx-hub-signature-256: {}\r\n", signed.signature)));
        assert!(written.ends_with(&format!("\r\n\r\n{}", signed.body)), "{written}");
    }
}
