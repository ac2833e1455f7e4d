//! `ClientService`.

use linkojob_proto::v1::{
    CreateClientRequest, CreateClientResponse, DeleteClientRequest, DeleteClientResponse,
    GetClientRequest, GetClientResponse, ListClientsRequest, ListClientsResponse,
    UpdateClientRequest, UpdateClientResponse, client_service_server::ClientService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::{of, of_refusal},
};
use crate::domain::page::{ClientQuery, Page};

/// The list in page tokens.
const LIST: &str = "clients";

#[async_trait]
impl ClientService for Api {
    async fn create_client(
        &self,
        request: Request<CreateClientRequest>,
    ) -> Result<Response<CreateClientResponse>, Status> {
        let (caller, request) = open(request)?;
        let actor = caller.actor(&request.owner).map_err(of_refusal)?;
        let order = parse::new_client(request).map_err(of_refusal)?;
        let (client, created) =
            self.run(|core| async move { core.create_client(&actor, order).await }).await?;
        let client = Some(convert::client(client));
        Ok(Response::new(CreateClientResponse { client, created }))
    }

    async fn get_client(
        &self,
        request: Request<GetClientRequest>,
    ) -> Result<Response<GetClientResponse>, Status> {
        let (caller, GetClientRequest { owner, client_id }) = open(request)?;
        let client = if client_id.is_empty() {
            let actor = caller.actor(&owner).map_err(of_refusal)?;
            self.core.client_of(&actor.owner).await
        } else {
            let scope = caller.scope(&owner).map_err(of_refusal)?;
            let id = parse::client_id(&client_id).map_err(of_refusal)?;
            self.core.client_by_id(&scope, id).await
        };
        let client = Some(convert::client(client.map_err(of)?));
        Ok(Response::new(GetClientResponse { client }))
    }

    async fn list_clients(
        &self,
        request: Request<ListClientsRequest>,
    ) -> Result<Response<ListClientsResponse>, Status> {
        let (caller, ListClientsRequest { owner, page_size, page_token }) = open(request)?;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let limit = parse::limit(page_size).map_err(of_refusal)?;
        let after = self.core.read_page_token(LIST, &scope, &page_token).map_err(of_refusal)?;
        let query = ClientQuery { scope: scope.clone(), after, limit };
        let Page { rows, more } = self.core.list_clients(query).await.map_err(of)?;
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| self.core.page_token(LIST, &scope, &last.id));
        Ok(Response::new(ListClientsResponse {
            clients: rows.into_iter().map(convert::client).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn update_client(
        &self,
        request: Request<UpdateClientRequest>,
    ) -> Result<Response<UpdateClientResponse>, Status> {
        let (caller, request) = open(request)?;
        let actor = caller.actor(&request.owner).map_err(of_refusal)?;
        let patch = parse::patch(request).map_err(of_refusal)?;
        let client =
            self.run(|core| async move { core.update_client(&actor, patch).await }).await?;
        Ok(Response::new(UpdateClientResponse { client: Some(convert::client(client)) }))
    }

    async fn delete_client(
        &self,
        request: Request<DeleteClientRequest>,
    ) -> Result<Response<DeleteClientResponse>, Status> {
        let (caller, DeleteClientRequest { owner }) = open(request)?;
        let actor = caller.actor(&owner).map_err(of_refusal)?;
        self.run(|core| async move { core.delete_client(&actor).await }).await?;
        Ok(Response::new(DeleteClientResponse {}))
    }
}
