//! The head of the API document, and the pages that show it. Paths and schemas come from the
//! handlers themselves.

use axum::Router;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

use crate::problem::ProblemBody;

/// What the document says before its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "LinkoJob's WhatsApp service",
        description = "Recruiters talk to candidates over the WhatsApp Business Platform. Identity comes from the gateway in the headers `email` and `role`. Administrators may name another owner with `?owner=` on every call.",
        license(name = "MIT", identifier = "MIT"),
    ),
    components(schemas(ProblemBody)),
    modifiers(&Gateway),
    security(("email" = [], "role" = [])),
    tags(
        (name = "clients", description = "A recruiter's WhatsApp Business connection"),
        (name = "oauth", description = "Connecting by Meta's Embedded Signup, and Meta's own callbacks"),
        (name = "messages", description = "Sending and reading messages"),
        (name = "conversations", description = "Threads with candidates"),
        (name = "templates", description = "Message templates"),
        (name = "events", description = "What happened, in order, resumable"),
        (name = "webhooks", description = "Meta's deliveries"),
        (name = "operations", description = "Health"),
    )
)]
pub struct ApiDocument;

/// The headers that the gateway sets.
struct Gateway;

impl Modify for Gateway {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        for header in ["email", "role"] {
            let key = ApiKey::Header(ApiKeyValue::new(header));
            components.add_security_scheme(header, SecurityScheme::ApiKey(key));
        }
    }
}

/// Swagger UI at `/api-docs`, the document at `/api-docs/openapi.json`.
pub(crate) fn ui<S: Clone + Send + Sync + 'static>(document: Document) -> Router<S> {
    SwaggerUi::new("/api-docs").url("/api-docs/openapi.json", document).into()
}
