//! What Meta says of an account, its numbers and its templates: one file for each kind of field.
//!
//! Invariant: a field or a word that this version does not know is left alone, and stays in the journal.
//! What people are to read of it is one line, in our words, and never longer than [`LINE`] of Meta's.

mod account;
mod alert;
mod ban;
mod capability;
mod number;
mod restriction;
mod security;
mod template;
mod text;

#[cfg(test)]
mod kit;

use serde_json::{Value, value::RawValue};

use super::Broken;
use crate::domain::{
    account::{AccountFact, AccountNews, Reach, Said},
    fact::Element,
    ids::WabaId,
    time::Timestamp,
};

/// The most characters of Meta's that are shown in a sentence.
const LINE: usize = 300;

/// News of one account, unread.
pub(super) struct News<'a> {
    /// What kind of news, in Meta's word.
    pub(super) field: String,
    /// The id of the entry.
    pub(super) entry: Option<String>,
    /// When, in seconds.
    pub(super) time: Option<i64>,
    /// What happened.
    pub(super) value: Option<&'a RawValue>,
}

/// What was understood.
struct Read {
    /// Of which account, when that is not the entry's.
    account: Option<String>,
    reach: Reach,
    news: Vec<AccountNews>,
}

impl Read {
    /// About the account of the entry as a whole.
    fn of_account(news: Vec<AccountNews>) -> Self {
        Self { account: None, reach: Reach::Account, news }
    }

    fn saying(said: Said) -> Self {
        Self::of_account(vec![AccountNews::Said(Box::new(said))])
    }
}

/// `None` when it says nothing that this version acts on.
type Outcome = Result<Option<Read>, Broken>;

/// Reads news; what this version does not act on is ignored.
pub(super) fn read(news: &News<'_>) -> Element {
    let reader: fn(&Value) -> Outcome = match news.field.as_str() {
        "account_update" => account::read,
        "account_review_update" => account::review,
        "account_alerts" => alert::read,
        "business_capability_update" => capability::read,
        "phone_number_name_update" => number::name,
        "phone_number_quality_update" => number::quality,
        "security" => security::read,
        "message_template_status_update" => template::status,
        "message_template_quality_update" => template::quality,
        "template_category_update" => template::category,
        "message_template_components_update" => template::components,
        _ => return Element::Ignored,
    };
    match fact(news, reader) {
        Ok(Some(fact)) => Element::Account(fact),
        Ok(None) => Element::Ignored,
        Err(why) => Element::Malformed(why.to_owned()),
    }
}

fn fact(news: &News<'_>, reader: fn(&Value) -> Outcome) -> Result<Option<AccountFact>, Broken> {
    let News { field: _, entry, time, value } = news;
    let value = value.and_then(|value| serde_json::from_str::<Value>(value.get()).ok());
    let value = value.filter(Value::is_object).ok_or("news of an account are no object")?;
    let Some(Read { account, reach, news }) = reader(&value)? else { return Ok(None) };
    let waba_id = account.as_ref().or(entry.as_ref()).and_then(|id| WabaId::parse(id).ok());
    Ok(Some(AccountFact {
        waba_id: waba_id.ok_or("news of an account do not say which one")?,
        reach,
        at: time.map(Timestamp::from_seconds),
        news,
    }))
}
