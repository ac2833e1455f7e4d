//! `POST /_accounts/{waba}/departure`: the customer takes an account away from us.
//!
//! `PARTNER_APP_UNINSTALLED` (the usual): the app is removed, and all tokens of the business are
//! refused with 190, subcode 458. `PARTNER_REMOVED`: the account is not shared any more; tokens stay
//! good, but the account does not exist for them (100, subcode 33). Either way nothing is subscribed
//! to it afterwards. `tell` says by which ways our app hears of it: `webhook`, `deauthorize` and
//! `dataDeletion`; left out, by the first two, as far as the app has set an address.
//!
//! Answers `{tokens, webhook, deauthorize, dataDeletion}`: how many tokens changed, whether a webhook
//! is on its way, and what the app answered to the callbacks (`{status, body}` or `{error}`), null
//! where it was not asked.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::meta::World;
use crate::meta::account::Waba;
use crate::meta::hooks::{Disconnection, PartnerEvent, Receipt, announce_partner};
use crate::meta::oauth;

/// How the customer leaves.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Leave {
    event: Kind,
    /// Only with `PARTNER_REMOVED`.
    disconnection: Option<Disconnection>,
    tell: Option<Vec<Way>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
enum Kind {
    #[default]
    #[serde(rename = "PARTNER_APP_UNINSTALLED")]
    AppUninstalled,
    #[serde(rename = "PARTNER_REMOVED")]
    Removed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Way {
    Webhook,
    Deauthorize,
    DataDeletion,
}

pub(super) async fn depart(
    State(world): State<World>,
    Path(waba_id): Path<String>,
    leave: Option<Json<Leave>>,
) -> Result<Json<Value>, Problem> {
    let Leave { event: kind, disconnection, tell } =
        leave.map(|Json(leave)| leave).unwrap_or_default();
    let event = match (kind, disconnection) {
        (Kind::AppUninstalled, None) => PartnerEvent::AppUninstalled,
        (Kind::AppUninstalled, Some(_)) => {
            return Err(Problem::bad("disconnection belongs to PARTNER_REMOVED"));
        }
        (Kind::Removed, disconnection) => PartnerEvent::Removed(disconnection),
    };
    let (waba, tokens) = take_away(&world, &waba_id, kind)?;
    let tell = tell.unwrap_or_else(|| vec![Way::Webhook, Way::Deauthorize]);
    let webhook = tell.contains(&Way::Webhook) && announce_partner(&world, &waba, &event);
    let app = world.state().app.clone();
    let user_id = waba.user_id();
    let call = async |way: Way, url: Option<String>| match url.filter(|_| tell.contains(&way)) {
        None => Value::Null,
        Some(url) => match oauth::call_back(&world, &url, &user_id).await {
            Ok(Receipt { status, body }) => json!({"status": status, "body": body}),
            Err(error) => json!({"error": error}),
        },
    };
    Ok(Json(json!({
        "tokens": tokens,
        "webhook": webhook,
        "deauthorize": call(Way::Deauthorize, app.deauthorize_url).await,
        "dataDeletion": call(Way::DataDeletion, app.data_deletion_url).await,
    })))
}

/// Makes it true at Meta, before anybody is told; answers how many tokens changed.
fn take_away(world: &World, waba_id: &str, kind: Kind) -> Result<(Waba, usize), Problem> {
    let (waba, tokens) = {
        let mut state = world.state();
        let waba = state.wabas.get_mut(waba_id);
        let waba = waba.ok_or_else(|| Problem::missing("no such account"))?;
        waba.subscribed = false;
        let (waba, user_id) = (waba.clone(), waba.user_id());
        let tokens = match kind {
            Kind::AppUninstalled => state.on_tokens(
                |token| !token.revoked && (token.user_id == user_id || token.opens(waba_id)),
                |token| token.revoked = true,
            ),
            Kind::Removed => state.on_tokens(
                |token| token.opens(waba_id),
                |token| token.waba_ids.retain(|id| id != waba_id),
            ),
        };
        (waba, tokens)
    };
    world.mark_changed();
    Ok((waba, tokens))
}
