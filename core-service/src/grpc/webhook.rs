//! `WebhookService`.

use linkojob_proto::v1::{DeliverRequest, DeliverResponse, webhook_service_server::WebhookService};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    status::of_refusal,
};
use crate::domain::refusal::Refusal;

/// The largest body; Meta sends up to 3 MB.
const LARGEST: usize = 4 * 1024 * 1024;

#[async_trait]
impl WebhookService for Api {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (_, DeliverRequest { body }) = open(request)?;
        if body.len() > LARGEST {
            return Err(of_refusal(Refusal::field("body", "must be at most 4 MiB")));
        }
        let duplicate = self.run(|core| async move { core.accept(body).await }).await?;
        Ok(Response::new(DeliverResponse { duplicate }))
    }
}
