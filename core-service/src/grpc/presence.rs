//! `PresenceService`.

use linkojob_proto::v1::{
    SignalTypingRequest, SignalTypingResponse, presence_service_server::PresenceService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    parse,
    status::{of, of_refusal},
};
use crate::flows::signals::Typing;

#[async_trait]
impl PresenceService for Api {
    async fn signal_typing(
        &self,
        request: Request<SignalTypingRequest>,
    ) -> Result<Response<SignalTypingResponse>, Status> {
        let (caller, request) = open(request)?;
        let SignalTypingRequest { owner, conversation_id, typing, origin } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let origin = parse::origin(origin).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        let owner = self.core.conversation(&scope, id).await.map_err(of)?.owner;
        let email = caller.by();
        self.core.signals.send(Typing { owner, conversation: id, email, typing, origin });
        Ok(Response::new(SignalTypingResponse {}))
    }
}
