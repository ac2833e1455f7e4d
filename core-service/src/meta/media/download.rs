//! The bytes behind an address.
//!
//! Invariant: the access token is sent only to addresses that the guard let pass, and each redirect is
//! shown to it too; a read that brings nothing ends.

use std::{error::Error as _, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, LOCATION, RETRY_AFTER},
    redirect,
};

use super::{
    super::{
        client::{bearer, lost},
        token::Token,
    },
    NoFile,
    guard::Guard,
    resolve::{Checked, Inside, System},
};

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(30);
/// Redirects that are followed.
const REDIRECTS: u32 = 3;
/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(15);

/// The client for files. It is another one than for the Graph API: other names, no limit on a whole answer.
#[derive(Debug)]
pub(super) struct Downloads(Client);

impl Downloads {
    /// `None` when there are no TLS roots.
    pub(super) fn new(trusted: &str) -> Option<Self> {
        let resolver = Checked::new(Arc::new(System), trusted);
        let client = Client::builder()
            .user_agent(concat!("linkojob-whatsapp/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::none())
            .referer(false)
            // A proxy would resolve names by itself, and nobody would look at what they stand for.
            .no_proxy()
            .dns_resolver(Arc::new(resolver))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .pool_idle_timeout(IDLE);
        client.build().ok().map(Self)
    }

    pub(super) async fn begin(
        &self,
        guard: &Guard,
        token: &Token,
        url: &str,
        most: u64,
    ) -> Result<Download, NoFile> {
        let mut url = guard.read(None, url)?;
        for _ in 0..=REDIRECTS {
            let response = self.ask(token, url.clone()).await?;
            match target(&response) {
                Some(target) => url = guard.read(Some(&url), target)?,
                None => return take(response, most),
            }
        }
        Err(NoFile::away(format!("more than {REDIRECTS} redirects")))
    }

    async fn ask(&self, token: &Token, url: Url) -> Result<Response, NoFile> {
        let request = self.0.get(url).header(AUTHORIZATION, bearer(token)?);
        // As it is: what is counted and digested must be the file.
        let request = request.header(ACCEPT_ENCODING, "identity");
        request.send().await.map_err(|error| match is_inside(&error) {
            true => NoFile::Forbidden(Inside.to_string()),
            false => lost(error).into(),
        })
    }
}

/// Where an answer sends us, when it does.
fn target(response: &Response) -> Option<&str> {
    let status = response.status();
    let redirects = status.is_redirection() && status != StatusCode::NOT_MODIFIED;
    redirects.then(|| response.headers().get(LOCATION)?.to_str().ok()).flatten()
}

fn take(response: Response, most: u64) -> Result<Download, NoFile> {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(NoFile::Expired),
        status => {
            let why = format!("HTTP status {} instead of the file", status.as_u16());
            return Err(NoFile::Away { why, retry_after: wait(response.headers()) });
        }
    }
    match response.content_length() {
        Some(announced) if announced > most => Err(NoFile::TooLarge(announced)),
        Some(_) | None => Ok(Download(response)),
    }
}

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn is_inside(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<Inside>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// A file on its way.
#[derive(Debug)]
pub struct Download(Response);

impl Download {
    /// Its bytes as they come. How many there are is not known before the end.
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes, NoFile>> + Send + 'static {
        self.0.bytes_stream().map_err(|error| lost(error).into())
    }
}
