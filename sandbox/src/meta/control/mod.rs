//! The controls of the simulator, beside the Graph API: what a test or a person turns.
//!
//! Bodies are JSON; fields with a `?` may be left out, and so may a body of such fields alone.
//!
//! | call | body | does |
//! |---|---|---|
//! | `GET`, `POST`, `DELETE /_script` | `{rules?, settings?}` | how the platform misbehaves |
//! | `GET`, `POST /_clock` | `{advance}` or `{advanceMs}` | business time |
//! | `GET /_ledger` | | what was accepted |
//! | `GET`, `PUT`, `POST /_webhooks` | `{url}`; `{value}` or `{raw}`, `signature?` | deliveries |
//! | `POST /_webhooks/batch` | `{updates, phoneNumberIds?, malformed?, unknown?, bytes?, firstNumber?}` | up to 1,000 updates in one delivery |
//! | `GET`, `PATCH /_app` | `{redirectUris?, configIds?, tokenSeconds?, requireProof?, businessId?, deauthorizeUrl?, dataDeletionUrl?}` | how our app is set up |
//! | `GET`, `POST /_accounts` | `{name?, phone?, registered?, pin?, numbers?}` | customers; `numbers` is how many, 0 for none |
//! | `DELETE /_accounts/{token}` | | withdraws one token |
//! | `POST /_accounts/{waba}/tokens` | `{expiresInSeconds?}` | another token, without consent |
//! | `POST /_accounts/{waba}/templates` | Meta's template object | adds or replaces one |
//! | `POST /_accounts/{waba}/numbers` | `{phone?, name?, registered?, pin?, codeVerified?, onBizApp?}` | another number |
//! | `PATCH`, `DELETE /_accounts/{waba}/numbers/{id}` | `{name?, registered?, pin?, codeVerified?, onBizApp?}` | changes or removes one |
//! | `POST /_accounts/{waba}/numbers/{id}/echo` | a message, `to`, `statuses?` | the business writes on its own phone app |
//! | `POST /_accounts/{waba}/news` | `{field, value?, template?, phoneNumberId?}` | what Meta tells beside messages, and makes true |
//! | `POST /_accounts/{waba}/codes` | `{phoneNumberId?, onlyWaba?, moreWabaIds?, scopes?, expiresInSeconds?}` | the popup ends well: `{code, session}` |
//! | `POST /_accounts/{waba}/departure` | `{event?, disconnection?, tell?}` | the customer leaves |

mod accounts;
mod app;
mod batch;
mod clock;
mod codes;
mod departure;
mod echo;
mod ledger;
mod news;
mod numbers;
mod problem;
mod script;
mod webhooks;

pub(super) use problem::{Body, Params, Problem};

use axum::Router;
use axum::routing::{delete, get, patch, post};

use super::World;

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/_script", get(script::show).post(script::add).delete(script::clear))
        .route("/_clock", get(clock::show).post(clock::advance))
        .route("/_ledger", get(ledger::show))
        .route("/_webhooks", get(webhooks::show).put(webhooks::direct).post(webhooks::inject))
        .route("/_webhooks/batch", post(batch::send))
        .route("/_app", get(app::show).patch(app::change))
        .route("/_accounts", get(accounts::list).post(accounts::open))
        .route("/_accounts/{token}", delete(accounts::revoke))
        .route("/_accounts/{waba}/tokens", post(accounts::issue))
        .route("/_accounts/{waba}/templates", post(accounts::put_template))
        .route("/_accounts/{waba}/numbers", post(numbers::add))
        .route("/_accounts/{waba}/numbers/{id}", patch(numbers::change).delete(numbers::remove))
        .route("/_accounts/{waba}/numbers/{id}/echo", post(echo::echo))
        .route("/_accounts/{waba}/news", post(news::tell))
        .route("/_accounts/{waba}/codes", post(codes::mint))
        .route("/_accounts/{waba}/departure", post(departure::depart))
}
