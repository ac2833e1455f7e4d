//! `TemplateService`.

use linkojob_proto::v1::{
    ListTemplatesRequest, ListTemplatesResponse, SetTemplatePurposeRequest,
    SetTemplatePurposeResponse, SyncTemplatesRequest, SyncTemplatesResponse,
    template_service_server::TemplateService,
};
use tonic::{Request, Response, Status, async_trait};

use super::{
    api::{Api, open},
    convert, parse,
    status::{of, of_refusal},
};
use crate::{
    domain::{
        page::{Page, TemplatePlace, TemplateQuery},
        template::Template,
    },
    flows::templates::Synced,
};

/// The list in page tokens.
const LIST: &str = "templates";

#[async_trait]
impl TemplateService for Api {
    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let (caller, request) = open(request)?;
        let ListTemplatesRequest { owner, status, purpose, page_size, page_token } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let query = TemplateQuery {
            scope: scope.clone(),
            status: parse::status(status).map_err(of_refusal)?,
            purpose: parse::purpose(purpose).map_err(of_refusal)?,
            limit: parse::limit(page_size).map_err(of_refusal)?,
            after: self.core.read_page_token(LIST, &scope, &page_token).map_err(of_refusal)?,
        };
        let Page { rows, more } = self.core.list_templates(query).await.map_err(of)?;
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| self.core.page_token(LIST, &scope, &place(last)));
        Ok(Response::new(ListTemplatesResponse {
            templates: rows.into_iter().map(convert::template).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn sync_templates(
        &self,
        request: Request<SyncTemplatesRequest>,
    ) -> Result<Response<SyncTemplatesResponse>, Status> {
        let (caller, SyncTemplatesRequest { owner }) = open(request)?;
        let actor = caller.actor(&owner).map_err(of_refusal)?;
        let Synced { total, changed } =
            self.run(|core| async move { core.sync_templates(&actor).await }).await?;
        Ok(Response::new(SyncTemplatesResponse { total: count(total), changed: count(changed) }))
    }

    async fn set_template_purpose(
        &self,
        request: Request<SetTemplatePurposeRequest>,
    ) -> Result<Response<SetTemplatePurposeResponse>, Status> {
        let (caller, request) = open(request)?;
        let SetTemplatePurposeRequest { owner, template_id, purpose } = request;
        let scope = caller.scope(&owner).map_err(of_refusal)?;
        let id = parse::template_id(&template_id).map_err(of_refusal)?;
        let purpose = parse::purpose(purpose).map_err(of_refusal)?;
        let template =
            self.run(|core| async move { core.set_purpose(&scope, id, purpose).await }).await?;
        let template = Some(convert::template(template));
        Ok(Response::new(SetTemplatePurposeResponse { template }))
    }
}

fn place(row: &Template) -> TemplatePlace {
    TemplatePlace {
        name: row.definition.name.clone(),
        language: row.definition.language.clone(),
        id: row.id,
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
