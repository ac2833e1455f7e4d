//! `WebhookService`.

use linkojob_proto::v1::{
    DeliverRequest, DeliverResponse, GetDeliveryRequest, GetDeliveryResponse,
    ListDeliveriesRequest, ListDeliveriesResponse, ReplayDeliveriesRequest,
    ReplayDeliveriesResponse, webhook_service_server::WebhookService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::{of, of_refusal},
};
use crate::{
    domain::{
        journal::{Kept, Replayed},
        refusal::Refusal,
    },
    flows::journal::{Found, Shown},
};

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

    async fn list_deliveries(
        &self,
        request: Request<ListDeliveriesRequest>,
    ) -> Result<Response<ListDeliveriesResponse>, Status> {
        let (_, request) = open(request)?;
        let oldest_first = request.oldest_first;
        let limit = parse::limit(request.page_size).map_err(of_refusal)?;
        let part = parse::part_of_journal(&request).map_err(of_refusal)?;
        let found = self.core.look_into_journal(part, !oldest_first, limit).await;
        let Found { rows, rest } = found.map_err(of)?;
        let next = rest.map(|rest| if oldest_first { rest.from } else { rest.to });
        Ok(Response::new(ListDeliveriesResponse {
            deliveries: rows.into_iter().map(convert::delivery).collect(),
            next_id: next.map(|id| id.0),
        }))
    }

    async fn get_delivery(
        &self,
        request: Request<GetDeliveryRequest>,
    ) -> Result<Response<GetDeliveryResponse>, Status> {
        let (caller, GetDeliveryRequest { id, with_body }) = open(request)?;
        let id = parse::delivery_id("id", id).map_err(of_refusal)?;
        let Some(Shown { kept: Kept { entry, body }, pieces }) =
            self.core.show_delivery(id).await.map_err(of)?
        else {
            return Ok(Response::new(GetDeliveryResponse::default()));
        };
        if with_body {
            let by = caller.by();
            tracing::info!(by, delivery.id = id.0, "{by} looked at the body of delivery {}", id.0);
        }
        Ok(Response::new(GetDeliveryResponse {
            delivery: Some(convert::delivery(entry)),
            elements: pieces.into_iter().map(convert::piece).collect(),
            body: if with_body { body.into() } else { Vec::new() },
        }))
    }

    async fn replay_deliveries(
        &self,
        request: Request<ReplayDeliveriesRequest>,
    ) -> Result<Response<ReplayDeliveriesResponse>, Status> {
        let (caller, ReplayDeliveriesRequest { from_id, to_id, only_failed }) = open(request)?;
        let range = parse::range(from_id, to_id).map_err(of_refusal)?;
        let by = caller.by();
        let asked =
            self.run(move |core| async move { core.ask_again(range, only_failed, &by).await });
        let Replayed { asked, last } = asked.await?;
        let rest = last.and_then(|last| range.above(last));
        Ok(Response::new(ReplayDeliveriesResponse {
            asked: i32::try_from(asked).unwrap_or(i32::MAX),
            next_id: rest.map(|rest| rest.from.0),
        }))
    }
}
