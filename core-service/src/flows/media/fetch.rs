//! One try at a file: ask Meta where it is, and copy it as it comes.
//!
//! Invariant: a try changes no row. It may be made twice, here or by two holders of a lane: the same bytes
//! come under the same name.

use std::time::Duration;

use crate::{
    domain::{
        client::{Client, ClientStatus},
        content::Media,
        fetch::pending,
        ids::MessageId,
        message::Message,
        refusal::Refusal,
        rules::fetch::{File, Setback},
    },
    flows::{Core, Error},
    media::{LARGEST, PutError, Wanted},
    meta::{FileAtMeta, NoFile, Token},
};

/// How long the bytes of one file may take. 100 MiB at 200 KiB/s fit.
const WHOLE: Duration = Duration::from_secs(10 * 60);

/// What a try brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched {
    /// The bytes are ours.
    Stored(File),
    /// They are not.
    Failed(Setback),
    /// Meta refuses the token of this client.
    TokenRefused(Box<Client>),
}

impl From<Setback> for Fetched {
    fn from(setback: Setback) -> Self {
        Self::Failed(setback)
    }
}

impl Core {
    /// Tries to fetch the file of a message. `None` when there is nothing to fetch.
    pub async fn fetch(&self, message: &Message) -> Option<Fetched> {
        let (media, name) = pending(&message.content)?;
        let (client, token) = match self.asker(message).await {
            Ok(asker) => asker,
            Err(setback) => return Some(setback.into()),
        };
        let mut copied = self.copy(&token, message, media, name).await;
        if copied == Err(Failure::NoFile(NoFile::Expired)) {
            // It took too long, or was used up: another one is good for minutes.
            copied = self.copy(&token, message, media, name).await;
        }
        Some(match copied {
            Ok(file) => Fetched::Stored(file),
            Err(Failure::NoFile(NoFile::TokenRefused)) => Fetched::TokenRefused(Box::new(client)),
            Err(failure) => sort(failure).into(),
        })
    }

    /// Who can ask Meta for a file: the owner's client, while it has the number that the file came to.
    async fn asker(&self, message: &Message) -> Result<(Client, Token), Setback> {
        let client = match self.client_of(&message.owner).await {
            Ok(client) => client,
            Err(Error::Refused(Refusal::ClientNotFound)) => return Err(Setback::NotConnected),
            Err(error) => return Err(away(error.to_string())),
        };
        let same = client.phone_number_id() == Some(&message.phone_number_id);
        match client.status {
            // What a restricted number may not send it may well look at.
            ClientStatus::Connected | ClientStatus::Restricted if same => {}
            ClientStatus::Connected
            | ClientStatus::Restricted
            | ClientStatus::Pending
            | ClientStatus::TokenExpired
            | ClientStatus::Disconnected => return Err(Setback::NotConnected),
        }
        let token = self.token(&client).map_err(|error| {
            tracing::error!(client.id = %client.id, %error, "the access token does not open");
            Setback::NotConnected
        })?;
        Ok((client, token))
    }

    async fn copy(
        &self,
        token: &Token,
        message: &Message,
        media: &Media,
        name: &str,
    ) -> Result<File, Failure> {
        let number = &message.phone_number_id;
        let found = self.meta.look_up_file(token, name, number).await.map_err(Failure::NoFile)?;
        let FileAtMeta { url, sha256, size } = found;
        if let Some(size) = size.filter(|size| *size > LARGEST) {
            return Err(Failure::NoFile(NoFile::TooLarge(size)));
        }
        // The webhook is signed: its word is better.
        let wanted = Wanted { sha256: media.sha256.clone().or(sha256), size };
        let copying = self.pour(token, message.id, &url, &wanted);
        tokio::time::timeout(WHOLE, copying).await.unwrap_or(Err(Failure::TooSlow))
    }

    async fn pour(
        &self,
        token: &Token,
        id: MessageId,
        url: &str,
        wanted: &Wanted,
    ) -> Result<File, Failure> {
        let download = self.meta.download(token, url, LARGEST).await.map_err(Failure::NoFile)?;
        Ok(self.media.put(id, download.bytes(), wanted).await?)
    }
}

/// Why a file was not copied.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    NoFile(NoFile),
    Put(PutError<NoFile>),
    TooSlow,
}

impl From<PutError<NoFile>> for Failure {
    fn from(error: PutError<NoFile>) -> Self {
        if let PutError::Source(source) = error {
            return Self::NoFile(source);
        }
        Self::Put(error)
    }
}

fn away(why: String) -> Setback {
    Setback::Away { why, retry_after: None }
}

/// What a failure means for trying again.
fn sort(failure: Failure) -> Setback {
    match failure {
        Failure::NoFile(no) => {
            let why = no.to_string();
            match no {
                // Dead at once, twice in a row: the file is gone, or will be found later.
                NoFile::Unknown(_) | NoFile::Expired => Setback::Refused(why),
                NoFile::TooLarge(_) => Setback::Hopeless(why),
                // Somebody may have to add a host to the settings; there are days to do it.
                NoFile::Forbidden(_) => away(why),
                NoFile::Away { why, retry_after } => Setback::Away { why, retry_after },
                NoFile::TokenRefused => Setback::NotConnected,
            }
        }
        Failure::Put(error) => {
            let why = error.to_string();
            match error {
                PutError::TooLarge => Setback::Hopeless(why),
                PutError::Wrong(_) => Setback::Refused(why),
                PutError::Source(_) | PutError::Store(_) => away(why),
            }
        }
        Failure::TooSlow => away(format!("it did not come within {} s", WHOLE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::MediaError;

    #[test]
    fn an_outage_is_no_refusal_and_a_refusal_is_no_outage() {
        let no = |no: NoFile| sort(Failure::NoFile(no));
        let is_away = |setback: Setback| matches!(setback, Setback::Away { .. });
        let is_refused = |setback: Setback| matches!(setback, Setback::Refused(_));
        assert!(is_away(no(NoFile::Away { why: String::new(), retry_after: None })));
        assert!(is_away(no(NoFile::Forbidden(String::new()))));
        assert!(is_away(sort(Failure::TooSlow)));
        let full = PutError::Store(MediaError::Unavailable("disk full".to_owned()));
        assert!(is_away(sort(full.into())));
        assert!(is_refused(no(NoFile::Unknown(String::new()))) && is_refused(no(NoFile::Expired)));
        assert!(is_refused(sort(PutError::Wrong("digest").into())));
        assert!(matches!(no(NoFile::TooLarge(1)), Setback::Hopeless(_)));
        assert!(matches!(sort(PutError::TooLarge.into()), Setback::Hopeless(_)));
    }
}
