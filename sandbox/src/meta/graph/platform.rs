//! What the platform does around every Graph call: version, scripted faults, usage headers.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::auth::{self, Caller};
use super::faults::{self, Line};
use crate::meta::error::GraphError;
use crate::meta::ids;
use crate::meta::script::{Call, Occasion, On, TokenTwist};
use crate::meta::{World, wire};

/// The oldest version that is still alive; calls to older ones are upgraded to it silently.
const OLDEST: (u32, u32) = (21, 0);
const NEWEST: (u32, u32) = (26, 0);

/// What a script says about the token that a call mints, if it mints one.
#[derive(Clone, Debug)]
pub(super) struct Twist(pub(super) Option<TokenTwist>);

pub(super) async fn platform(
    State(world): State<World>,
    line: Line,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let sends = path.ends_with("/messages");
    let query = auth::query(request.uri());
    let caller =
        auth::token(request.headers(), &query).and_then(|token| auth::judge(&world, &token).ok());
    let version = version(&path);
    let mut response = match version {
        None => GraphError::of(2500)
            .with_message(format!("Unknown path components: {path}"))
            .into_response(),
        // Sends know more about themselves, and strike on their own.
        Some(_) if sends => next.run(request).await,
        Some(_) => {
            let call = Some(Call { method: request.method().as_str(), path: &path });
            let occasion = Occasion { on: On::Any, to: None, phone_number_id: None, call };
            let effects = world.script().strike(occasion);
            request.extensions_mut().insert(Twist(effects.twist.clone()));
            match faults::instead(&effects, &line) {
                Some(response) => response,
                None => faults::afterwards(&effects, &line, next.run(request).await).await,
            }
        }
    };
    decorate(response.headers_mut(), version, caller.as_ref(), sends);
    response
}

fn version(path: &str) -> Option<(u32, u32)> {
    let first = path.trim_start_matches('/').split('/').next()?;
    let (major, minor) = first.strip_prefix('v')?.split_once('.')?;
    let asked = (major.parse().ok()?, minor.parse().ok()?);
    (asked <= NEWEST).then_some(asked)
}

fn decorate(
    headers: &mut HeaderMap,
    version: Option<(u32, u32)>,
    caller: Option<&Caller>,
    sends: bool,
) {
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-fb-trace-id", ids::trace_id());
    set("x-app-usage", String::from(r#"{"call_count":0,"total_cputime":0,"total_time":0}"#));
    if let Some(asked) = version {
        let (major, minor) = asked.max(OLDEST);
        set("facebook-api-version", format!("v{major}.{minor}"));
        if asked < OLDEST {
            let (from, to) = (asked.0, OLDEST.0);
            set(
                "x-ad-api-version-warning",
                format!("The call has been auto-upgraded from v{from}.0 to v{to}.0"),
            );
        }
    }
    if let Some(Caller::Business(token)) = caller
        && let Some(waba_id) = token.waba_ids.first()
    {
        let kind = if sends { "whatsapp" } else { "whatsapp_business_management" };
        let usage = json!({waba_id: [{
            "type": kind, "call_count": 1, "total_cputime": 1, "total_time": 1,
            "estimated_time_to_regain_access": 0,
        }]});
        set("x-business-use-case-usage", wire::to_json(&usage));
    }
}
