//! What tests of news need.

use serde_json::{Value, value::RawValue};

use super::{News, read};
use crate::domain::{
    account::{AccountFact, AccountNews, Said},
    fact::Element,
};

/// News of the account 900, of the seventh second.
pub(super) fn of(field: &str, value: &Value) -> Element {
    let raw = RawValue::from_string(value.to_string()).unwrap();
    let (field, entry) = (field.to_owned(), Some("900".to_owned()));
    read(&News { field, entry, time: Some(7), value: Some(&raw) })
}

/// What they say when they are understood.
pub(super) fn fact(field: &str, value: &Value) -> AccountFact {
    let element = of(field, value);
    let Element::Account(fact) = element else { panic!("{value} is {element:?}") };
    fact
}

/// The words about how the account stands.
pub(super) fn said(field: &str, value: &Value) -> Vec<Said> {
    let news = fact(field, value).news.into_iter();
    news.map(|news| {
        let AccountNews::Said(said) = news else { panic!("{value} is {news:?}") };
        *said
    })
    .collect()
}
