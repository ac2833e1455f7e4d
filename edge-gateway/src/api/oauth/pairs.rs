//! Names and values of addresses and forms that others may add to: what is not known here is passed
//! over, what is known must stand at most once.

use axum::{
    body::{Body, Bytes},
    extract::{Form, FromRequest as _, Query, Request},
    http::{Uri, header::CONTENT_TYPE},
};

/// The type of a form without files.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Names and values as they came. They may be secrets, so there is no `Debug`.
pub(super) struct Pairs(Vec<(String, String)>);

/// What cannot be read, or stands twice.
pub(super) struct Unclear;

impl Pairs {
    /// Those of an address.
    pub(super) fn of_query(uri: &Uri) -> Result<Self, Unclear> {
        Query::try_from_uri(uri).map(|Query(pairs)| Self(pairs)).map_err(|_| Unclear)
    }

    /// Those of a form.
    pub(super) async fn of_form(body: Bytes) -> Result<Self, Unclear> {
        let request = Request::post("/").header(CONTENT_TYPE, FORM).body(Body::from(body));
        let form = Form::from_request(request.map_err(|_| Unclear)?, &()).await;
        form.map(|Form(pairs)| Self(pairs)).map_err(|_| Unclear)
    }

    /// The value under a name; empty when it is absent.
    pub(super) fn take(&mut self, name: &str) -> Result<String, Unclear> {
        let mut values = self.0.iter_mut().filter(|(key, _)| key == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(std::mem::take).unwrap_or_default()),
            (_, Some(_)) => Err(Unclear),
        }
    }
}
