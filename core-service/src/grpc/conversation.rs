//! `ConversationService`.

use linkojob_proto::v1::{
    DeleteConversationRequest, DeleteConversationResponse, GetConversationRequest,
    GetConversationResponse, GetWindowRequest, GetWindowResponse, ListConversationsRequest,
    ListConversationsResponse, ListMessagesRequest, ListMessagesResponse, MarkReadRequest,
    MarkReadResponse, conversation_service_server::ConversationService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::{of, of_refusal},
};
use crate::domain::page::{ActivityPlace, ConversationQuery, Page};

/// The list in page tokens.
const LIST: &str = "conversations";

#[async_trait]
impl ConversationService for Api {
    async fn list_conversations(
        &self,
        request: Request<ListConversationsRequest>,
    ) -> Result<Response<ListConversationsResponse>, Status> {
        let (caller, request) = open(request)?;
        let ListConversationsRequest { owner, page_size, page_token, unread, search } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let limit = parse::limit(page_size).map_err(of_refusal)?;
        let words = parse::search(search).map_err(of_refusal)?;
        let after = self.core.read_page_token(LIST, &scope, &page_token).map_err(of_refusal)?;
        let Some(words) = words else {
            return Ok(Response::new(ListConversationsResponse::default()));
        };
        // What is shown of it is the flow's business.
        let shown = None;
        let query = ConversationQuery { scope: scope.clone(), shown, unread, words, after, limit };
        let Page { rows, more } = self.core.list_conversations(query).await.map_err(of)?;
        let place = rows.last().map(|row| ActivityPlace { activity: row.activity(), id: row.id });
        let place = place.filter(|_| more);
        let next = place.map(|place| self.core.page_token(LIST, &scope, &place));
        let now = self.core.clock.now();
        Ok(Response::new(ListConversationsResponse {
            conversations: rows.into_iter().map(|row| convert::conversation(row, now)).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<GetConversationResponse>, Status> {
        let (caller, GetConversationRequest { owner, conversation_id }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        let row = self.core.conversation(&scope, id).await.map_err(of)?;
        let conversation = Some(convert::conversation(row, self.core.clock.now()));
        Ok(Response::new(GetConversationResponse { conversation }))
    }

    async fn delete_conversation(
        &self,
        request: Request<DeleteConversationRequest>,
    ) -> Result<Response<DeleteConversationResponse>, Status> {
        let (caller, DeleteConversationRequest { owner, conversation_id }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        self.run(|core| async move { core.delete_conversation(&scope, id).await }).await?;
        Ok(Response::new(DeleteConversationResponse {}))
    }

    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let (caller, request) = open(request)?;
        let ListMessagesRequest { owner, conversation_id, page_size, page_token } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        let limit = parse::limit(page_size).map_err(of_refusal)?;
        let list = format!("messages/{id}");
        let before = self.core.read_page_token(&list, &scope, &page_token).map_err(of_refusal)?;
        let page = self.core.list_messages(&scope, id, before, limit).await.map_err(of)?;
        let Page { rows, more } = page;
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| self.core.page_token(&list, &scope, &last.place()));
        Ok(Response::new(ListMessagesResponse {
            messages: rows.into_iter().map(convert::message).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn mark_read(
        &self,
        request: Request<MarkReadRequest>,
    ) -> Result<Response<MarkReadResponse>, Status> {
        let (caller, MarkReadRequest { owner, conversation_id, up_to }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        let up_to = (!up_to.is_empty()).then(|| parse::message_id(&up_to)).transpose();
        let up_to = up_to.map_err(of_refusal)?;
        let row = self.run(|core| async move { core.mark_read(&scope, id, up_to).await }).await?;
        let conversation = Some(convert::conversation(row, self.core.clock.now()));
        Ok(Response::new(MarkReadResponse { conversation }))
    }

    async fn get_window(
        &self,
        request: Request<GetWindowRequest>,
    ) -> Result<Response<GetWindowResponse>, Status> {
        let (caller, GetWindowRequest { owner, conversation_id }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::conversation_id(&conversation_id).map_err(of_refusal)?;
        let window = self.core.window(&scope, id).await.map_err(of)?;
        Ok(Response::new(convert::window(window)))
    }
}
