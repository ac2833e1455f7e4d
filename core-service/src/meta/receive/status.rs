//! One step of a message that we sent.

use serde_json::{Value, value::RawValue};

use super::{
    super::{class::failure_name, error::Fault, peek},
    Broken, message,
    person::{self, Contacts},
};
use crate::domain::{
    fact::{StatusReport, What},
    ids::Wamid,
    pricing::Pricing,
    status::{Failure, Status, Step},
};

/// Reads a status. `None` when it is a step that this version does not know, or one of a group.
pub(super) fn read(raw: &RawValue, contacts: &Contacts) -> Result<Option<What>, Broken> {
    let Ok(report @ Value::Object(_)) = serde_json::from_str::<Value>(raw.get()) else {
        return Err("a status is no object that can be read");
    };
    let id = peek::text(&report, "id").ok_or("a status has no id")?;
    let wamid = Wamid::parse(&id).map_err(|_| "a status has an id that is none")?;
    let word = peek::text(&report, "status").ok_or("a status does not say what it is")?;
    let at = message::time(&report).ok_or("a status has no time")?;
    let is_of_group = peek::text(&report, "recipient_type").is_some_and(|kind| kind == "group");
    let Some(status) = status(&word).filter(|_| !is_of_group) else { return Ok(None) };
    let error = (status == Status::Failed).then(|| failure(&report));
    Ok(Some(What::Status(Box::new(StatusReport {
        wamid,
        step: Step { status, at, error },
        opaque: peek::text(&report, "biz_opaque_callback_data"),
        recipient: person::recipient(&report, contacts),
        pricing: report.get("pricing").filter(|said| said.is_object()).map(pricing),
    }))))
}

fn status(word: &str) -> Option<Status> {
    match word {
        "sent" => Some(Status::Sent),
        "delivered" => Some(Status::Delivered),
        // Listening to a voice note is reading it.
        "read" | "played" => Some(Status::Read),
        "failed" => Some(Status::Failed),
        _ => None,
    }
}

fn failure(report: &Value) -> Failure {
    let fault = peek::list(report, "errors").iter().find_map(Fault::read);
    fault
        .map_or_else(|| Failure::ours(failure_name(0), "Meta gave no reason."), Fault::into_failure)
}

fn pricing(pricing: &Value) -> Pricing {
    Pricing {
        model: peek::text(pricing, "pricing_model"),
        kind: peek::text(pricing, "type"),
        category: peek::text(pricing, "category"),
        billable: peek::flag(pricing, "billable"),
    }
}
