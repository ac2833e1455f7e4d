//! What connecting a number comes to at the fake core.

use linkojob_proto::v1 as pb;
use tonic::Status;

use super::samples;

/// What the fake says of connections; a test changes it.
#[derive(Clone, Debug, Default)]
pub struct Play {
    /// What the client's owner has to look at; the client then waits, half-way.
    pub attention: Option<&'static str>,
    /// How completing a consent fails; everything else works.
    pub refusal: Option<Status>,
    /// Where browsers go; empty: nowhere.
    pub return_url: String,
    /// Where a deletion can be looked at; empty: nowhere.
    pub status_url: String,
}

impl Play {
    /// What comes of a consent.
    pub fn complete(&self) -> Result<pb::CompleteConsentResponse, Status> {
        match &self.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(pb::CompleteConsentResponse { client: Some(self.client()) }),
        }
    }

    /// The client as it comes out of connecting.
    pub fn client(&self) -> pb::Client {
        let Some(name) = self.attention else { return samples::client() };
        pb::Client {
            status: pb::ClientStatus::Pending.into(),
            onboarding: Some(half_way()),
            attention: Some(attention(name)),
            ..samples::client()
        }
    }
}

fn half_way() -> pb::Onboarding {
    pb::Onboarding {
        step: pb::OnboardingStep::Number.into(),
        waba_id: Some("2001".to_owned()),
        phone_number_id: None,
        choices: vec![pb::NumberChoice {
            waba_id: "2001".to_owned(),
            phone_number_id: "1001".to_owned(),
            display_phone_number: Some("+1 415 555 0100".to_owned()),
            verified_name: None,
        }],
        started_at: Some(samples::AT),
    }
}

fn attention(name: &str) -> pb::Attention {
    let details = "Choose one of the numbers.".to_owned();
    pb::Attention { name: name.to_owned(), details, since: Some(samples::AT), until: None }
}

/// The beginning of a consent; its secrets are easy to find again.
pub fn consent() -> pb::BeginConsentResponse {
    pb::BeginConsentResponse {
        url: "https://www.facebook.com/dialog/oauth?state=canary-state-begun".to_owned(),
        expires_at: Some(samples::AT),
        browser_secret: "canary-browser-secret".to_owned(),
    }
}

/// A connection that ended, at Meta only in part.
pub fn disconnected() -> pb::DisconnectResponse {
    let client = pb::Client { status: pb::ClientStatus::Disconnected.into(), ..samples::client() };
    let report = pb::DisconnectReport {
        unsubscribed: true,
        revoked: false,
        problems: vec!["Meta did not take the token back.".to_owned()],
    };
    pb::DisconnectResponse { client: Some(client), report: Some(report) }
}
