//! `OnboardingService`.

use linkojob_proto::v1::{
    RegisterNumberRequest, RegisterNumberResponse, onboarding_service_server::OnboardingService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::of_refusal,
};

#[async_trait]
impl OnboardingService for Api {
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
}
