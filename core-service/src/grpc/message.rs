//! `MessageService`.

use std::time::Duration;

use linkojob_proto::v1::{
    GetMessageRequest, GetMessageResponse, SendOptions, SendTemplateRequest, SendTemplateResponse,
    SendTextRequest, SendTextResponse, message_service_server::MessageService,
};
use tonic::{Request, Response, Status, async_trait, metadata::MetadataMap};

use super::{
    api::{Api, open},
    auth::Caller,
    convert, deadline, parse,
    status::{of, of_refusal},
};
use crate::{
    domain::{actor::Actor, refusal::Refusal},
    flows::send::{SendOrder, Sent},
};

/// The longest that a send waits for Meta's answer, the way back to the caller included.
const LONGEST: Duration = Duration::from_secs(10);
/// The way back: without it, the caller's deadline would pass just as the answer is ready.
const MARGIN: Duration = Duration::from_millis(500);

#[async_trait]
impl MessageService for Api {
    async fn send_text(
        &self,
        request: Request<SendTextRequest>,
    ) -> Result<Response<SendTextResponse>, Status> {
        let wait = wait(request.metadata());
        let (caller, request) = open(request)?;
        let actor = actor(&caller, request.options.as_ref()).map_err(of_refusal)?;
        let order = parse::send_text(request).map_err(of_refusal)?;
        let Sent { message, replayed } = self.send(actor, order, wait).await?;
        let message = Some(convert::message(message));
        Ok(Response::new(SendTextResponse { message, replayed }))
    }

    async fn send_template(
        &self,
        request: Request<SendTemplateRequest>,
    ) -> Result<Response<SendTemplateResponse>, Status> {
        let wait = wait(request.metadata());
        let (caller, request) = open(request)?;
        let actor = actor(&caller, request.options.as_ref()).map_err(of_refusal)?;
        let order = parse::send_template(request).map_err(of_refusal)?;
        let Sent { message, replayed } = self.send(actor, order, wait).await?;
        let message = Some(convert::message(message));
        Ok(Response::new(SendTemplateResponse { message, replayed }))
    }

    async fn get_message(
        &self,
        request: Request<GetMessageRequest>,
    ) -> Result<Response<GetMessageResponse>, Status> {
        let (caller, GetMessageRequest { owner, message_id }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::message_id(&message_id).map_err(of_refusal)?;
        let message = self.core.message(&scope, id).await.map_err(of)?;
        Ok(Response::new(GetMessageResponse { message: Some(convert::message(message)) }))
    }
}

impl Api {
    async fn send(&self, actor: Actor, order: SendOrder, wait: Duration) -> Result<Sent, Status> {
        self.run(|core| async move { core.send(&actor, order, wait).await }).await
    }
}

/// Whom a send acts for; options that are missing are the parser's to report.
fn actor(caller: &Caller, options: Option<&SendOptions>) -> Result<Actor, Refusal> {
    caller.actor(options.map_or("", |options| options.owner.as_str()))
}

fn wait(metadata: &MetadataMap) -> Duration {
    deadline::of(metadata).map_or(LONGEST, |left| left.min(LONGEST)).saturating_sub(MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_answers_before_its_caller_gives_up() {
        let waits = |timeout: &str| {
            let mut metadata = MetadataMap::new();
            metadata.insert("grpc-timeout", timeout.parse().unwrap());
            wait(&metadata)
        };
        assert_eq!(wait(&MetadataMap::new()), Duration::from_millis(9_500));
        assert_eq!(waits("15S"), Duration::from_millis(9_500));
        assert_eq!(waits("3S"), Duration::from_millis(2_500));
        assert_eq!(waits("100m"), Duration::ZERO);
    }
}
