//! Templates: listing, pulling them from Meta, and what each is used for.
//!
//! Invariant: after a sync our templates are exactly Meta's; a purpose survives it.

use super::{Core, Error};
use crate::{
    domain::{
        actor::{Actor, Scope},
        client::Client,
        event::News,
        ids::TemplateId,
        page::{Page, TemplateQuery},
        refusal::Refusal,
        rules::{
            account::templates_read,
            templates::{merge_definition, move_purpose, retire},
        },
        template::{Purpose, Template, TemplateDefinition},
        time::Timestamp,
    },
    store::Footprint,
};

/// How many templates are written in one commit.
const CHUNK: usize = 200;

/// What a sync found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synced {
    /// Templates at Meta.
    pub total: u32,
    /// New, different or gone since before.
    pub changed: u32,
}

impl Core {
    /// Lists templates by name and language.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn list_templates(&self, query: TemplateQuery) -> Result<Page<Template>, Error> {
        Ok(self.store.list_templates(query).await?)
    }

    /// Pulls all templates of the owner's client from Meta.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_NOT_CONNECTED`, or what Meta said.
    pub async fn sync_templates(&self, actor: &Actor) -> Result<Synced, Error> {
        let client = self.client_of(&actor.owner).await?;
        let connection = client.usable().ok_or(Refusal::ClientNotConnected)?;
        let token = self.token(&client)?;
        let asked = self.clock.now();
        let definitions = self.meta.templates(&token, &connection.waba_id).await?;
        self.take_templates(&client, definitions, asked).await
    }

    /// Makes our templates those that Meta had when it was asked, but for what it said of them since.
    pub(super) async fn take_templates(
        &self,
        client: &Client,
        definitions: Vec<TemplateDefinition>,
        asked: Timestamp,
    ) -> Result<Synced, Error> {
        let now = self.clock.now();
        let total = u32::try_from(definitions.len()).unwrap_or(u32::MAX);
        let mut changed = 0;
        let footprint = || Footprint {
            clients: vec![client.id],
            templates_of: Some(client.id),
            ..Footprint::default()
        };
        for chunk in definitions.chunks(CHUNK) {
            let ids: Vec<TemplateId> = chunk.iter().map(|_| self.ids.template(now)).collect();
            changed += self
                .decide(&client.owner, footprint(), |set| {
                    let merged = chunk.iter().zip(&ids);
                    let changes =
                        merged.map(|(new, id)| merge_definition(set, client.id, new, asked, *id));
                    Ok(changes.filter(|changed| *changed).count())
                })
                .await?;
        }
        changed += self
            .decide(&client.owner, footprint(), |set| {
                let gone = retire(set, &definitions);
                if let Some(client) = set.client(client.id).cloned() {
                    templates_read(set, &client, asked);
                }
                Ok(gone)
            })
            .await?;
        Ok(Synced { total, changed: u32::try_from(changed).unwrap_or(u32::MAX) })
    }

    /// Gives a purpose to a template's name, taking it from another name; `None` takes it away.
    ///
    /// # Errors
    /// `TEMPLATE_NOT_FOUND` when it does not exist or is not the caller's.
    pub async fn set_purpose(
        &self,
        scope: &Scope,
        id: TemplateId,
        purpose: Option<Purpose>,
    ) -> Result<Template, Error> {
        let template = self.see_template(scope, id).await?.ok_or(Refusal::TemplateNotFound)?;
        let footprint = Footprint {
            clients: vec![template.client_id],
            templates_of: Some(template.client_id),
            ..Footprint::default()
        };
        self.decide(&template.owner, footprint, |set| {
            for template in move_purpose(set, id, purpose)? {
                set.tell(News::TemplateUpdated { template });
            }
            let row = set.templates().find(|row| row.id == id);
            row.cloned().ok_or(Refusal::TemplateNotFound)
        })
        .await
    }
}
