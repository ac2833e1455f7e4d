//! `OnboardingService`.

use linkojob_proto::v1::{
    BeginConsentRequest, BeginConsentResponse, CompleteConsentRequest, CompleteConsentResponse,
    DeauthorizeRequest, DeauthorizeResponse, DisconnectReport, DisconnectRequest,
    DisconnectResponse, ExchangeCodeRequest, ExchangeCodeResponse, GetOnboardingSettingsRequest,
    GetOnboardingSettingsResponse, RegisterNumberRequest, RegisterNumberResponse,
    ResumeOnboardingRequest, ResumeOnboardingResponse,
    onboarding_service_server::OnboardingService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::of_refusal,
};
use crate::flows::onboard::{Begun, Forgotten, Report};

#[async_trait]
impl OnboardingService for Api {
    async fn begin_consent(
        &self,
        request: Request<BeginConsentRequest>,
    ) -> Result<Response<BeginConsentResponse>, Status> {
        let (caller, BeginConsentRequest { owner }) = open(request)?;
        let actor = caller.actor(&owner).map_err(of_refusal)?;
        let begun = self.run(|core| async move { core.begin_consent(&actor).await }).await?;
        let Begun { url, expires_at, browser_secret } = begun;
        Ok(Response::new(BeginConsentResponse {
            url,
            expires_at: Some(convert::time(expires_at)),
            browser_secret: browser_secret.expose().to_owned(),
        }))
    }

    async fn complete_consent(
        &self,
        request: Request<CompleteConsentRequest>,
    ) -> Result<Response<CompleteConsentResponse>, Status> {
        let (caller, request) = open(request)?;
        let person = caller.person().map(str::to_owned);
        let returned = parse::returned(request, person);
        let client = self.run(|core| async move { core.complete_consent(returned).await }).await?;
        Ok(Response::new(CompleteConsentResponse { client: Some(convert::client(client)) }))
    }

    async fn exchange_code(
        &self,
        request: Request<ExchangeCodeRequest>,
    ) -> Result<Response<ExchangeCodeResponse>, Status> {
        let (caller, request) = open(request)?;
        let actor = caller.actor(&request.owner).map_err(of_refusal)?;
        let (code, wanted) = parse::exchange(request).map_err(of_refusal)?;
        let client =
            self.run(|core| async move { core.exchange_code(&actor, code, wanted).await }).await?;
        Ok(Response::new(ExchangeCodeResponse { client: Some(convert::client(client)) }))
    }

    async fn resume_onboarding(
        &self,
        request: Request<ResumeOnboardingRequest>,
    ) -> Result<Response<ResumeOnboardingResponse>, Status> {
        let (caller, request) = open(request)?;
        let actor = caller.actor(&request.owner).map_err(of_refusal)?;
        let wanted = parse::wanted(request).map_err(of_refusal)?;
        let client =
            self.run(|core| async move { core.resume_onboarding(&actor, wanted).await }).await?;
        Ok(Response::new(ResumeOnboardingResponse { client: Some(convert::client(client)) }))
    }

    async fn register_number(
        &self,
        request: Request<RegisterNumberRequest>,
    ) -> Result<Response<RegisterNumberResponse>, Status> {
        let (caller, RegisterNumberRequest { owner, pin }) = open(request)?;
        let actor = caller.actor(&owner).map_err(of_refusal)?;
        let pin = parse::pin(pin).map_err(of_refusal)?;
        let client =
            self.run(|core| async move { core.register_number(&actor, pin).await }).await?;
        Ok(Response::new(RegisterNumberResponse { client: Some(convert::client(client)) }))
    }

    async fn disconnect(
        &self,
        request: Request<DisconnectRequest>,
    ) -> Result<Response<DisconnectResponse>, Status> {
        let (caller, DisconnectRequest { owner }) = open(request)?;
        let actor = caller.actor(&owner).map_err(of_refusal)?;
        let (client, report) =
            self.run(|core| async move { core.disconnect(&actor).await }).await?;
        let Report { unsubscribed, revoked, problems } = report;
        Ok(Response::new(DisconnectResponse {
            client: Some(convert::client(client)),
            report: Some(DisconnectReport { unsubscribed, revoked, problems }),
        }))
    }

    async fn deauthorize(
        &self,
        request: Request<DeauthorizeRequest>,
    ) -> Result<Response<DeauthorizeResponse>, Status> {
        let (_, request) = open(request)?;
        let withdrawal = parse::withdrawal(request).map_err(of_refusal)?;
        let forgotten = self.run(|core| async move { core.deauthorize(withdrawal).await }).await?;
        let Forgotten { confirmation_code, status_url } = forgotten;
        Ok(Response::new(DeauthorizeResponse {
            confirmation_code,
            status_url: status_url.unwrap_or_default(),
        }))
    }

    async fn get_onboarding_settings(
        &self,
        request: Request<GetOnboardingSettingsRequest>,
    ) -> Result<Response<GetOnboardingSettingsResponse>, Status> {
        let (_, GetOnboardingSettingsRequest {}) = open(request)?;
        let return_url = self.core.oauth.return_url.clone().unwrap_or_default();
        Ok(Response::new(GetOnboardingSettingsResponse { return_url }))
    }
}
