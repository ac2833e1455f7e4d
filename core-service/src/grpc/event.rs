//! `EventService`.

use linkojob_proto::v1::{
    GetPositionRequest, GetPositionResponse, ListEventsRequest, ListEventsResponse,
    SubscribeRequest, event_service_server::EventService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::{of, of_refusal},
    subscribe::{Frames, frames},
};
use crate::{
    domain::{owner::Owner, refusal::Refusal},
    flows::{cursor::After, follow::EventPage},
};

#[async_trait]
impl EventService for Api {
    type SubscribeStream = Frames;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Frames>, Status> {
        let (caller, SubscribeRequest { subscriptions }) = open(request)?;
        let frames = frames(&self.core, &caller, subscriptions, &self.stop).map_err(of_refusal)?;
        Ok(Response::new(frames))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        let (caller, ListEventsRequest { owner, after, page_size }) = open(request)?;
        let owner = caller.actor(&owner).map_err(of_refusal)?.owner;
        let limit = parse::limit(page_size).map_err(of_refusal)?;
        let after = self.after(&owner, &after).map_err(of_refusal)?;
        let page = self.core.list_events(&owner, after, limit).await.map_err(of)?;
        let EventPage { events, next, reset, more } = page;
        let now = self.core.clock.now();
        let event = |entry: crate::domain::event::Logged| {
            let cursor = self.core.event_cursor(&entry.owner, entry.position);
            convert::event(entry, cursor, now)
        };
        Ok(Response::new(ListEventsResponse {
            events: events.into_iter().map(event).collect(),
            next_cursor: self.core.event_cursor(&owner, next),
            reset,
            more,
        }))
    }

    async fn get_position(
        &self,
        request: Request<GetPositionRequest>,
    ) -> Result<Response<GetPositionResponse>, Status> {
        let (caller, GetPositionRequest { owner, after }) = open(request)?;
        let owner = caller.actor(&owner).map_err(of_refusal)?.owner;
        let resumable = match self.after(&owner, &after).map_err(of_refusal)? {
            Some(after) => self.core.can_resume(&owner, after).await.map_err(of)?,
            None => true,
        };
        let end = self.core.position(&owner).await.map_err(of)?.position;
        let cursor = self.core.event_cursor(&owner, end);
        Ok(Response::new(GetPositionResponse { cursor, reset: !resumable }))
    }
}

impl Api {
    /// Reads the cursor that a caller brought; an empty one is none.
    fn after(&self, owner: &Owner, text: &str) -> Result<Option<After>, Refusal> {
        (!text.is_empty()).then(|| self.core.read_event_cursor(owner, text)).transpose()
    }
}
