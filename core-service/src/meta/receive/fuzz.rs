//! Bytes and JSON that nobody would send.
//!
//! Reading catches a panic and sets the element aside, so a panic is looked for by what it leaves.
//! `PROPTEST_CASES` makes a longer campaign of it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    tests::{body_of, fixtures, text},
    *,
};

fn runs() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.max(512), ..config }
}

/// Words that Meta uses, so that shapes come close to Meta's.
const KEYS: &str = "id|from|from_user_id|to|type|timestamp|text|image|audio|errors|context|system|body|\
    edit|revoke|original_message_id|message|contacts|phones|wa_id|user_id|referral|interactive|\
    status|recipient_id|pricing|category|value|event|[a-z]{1,3}";
const WORDS: &str = "text|image|interactive|reaction|unsupported|system|edit|revoke|contacts|order|\
    user_changed_number|marketing_messages|stop|sent|failed|17638000[0-9]{2}|wamid.[a-z]{1,4}|\
    49151[0-9]{7}|DE.[0-9]{1,4}|.{0,8}";

/// Fields that say something of an account.
const FIELDS: &[&str] = &[
    "account_update",
    "account_review_update",
    "account_alerts",
    "business_capability_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "message_template_components_update",
];

/// JSON of any shape, also of shapes that Meta's have.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        WORDS.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(KEYS, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// An element that is one of these at least by its look.
fn nearly(known: Value) -> impl Strategy<Value = Value> {
    prop::collection::btree_map(KEYS, any_json(), 0..4).prop_map(move |strange| {
        let mut element = known.clone();
        strange.into_iter().for_each(|(key, value)| element[key] = value);
        element
    })
}

fn message() -> impl Strategy<Value = Value> {
    let known = json!({"from": "4915112345678", "id": "wamid.1", "timestamp": "1763800000",
        "type": "text", "text": {"body": "hi"}});
    prop_oneof![any_json(), nearly(known)]
}

fn status() -> impl Strategy<Value = Value> {
    let known = json!({"id": "wamid.1", "status": "failed", "timestamp": "1763800000",
        "recipient_id": "4915112345678", "errors": [{"code": 131_026, "title": "no"}]});
    prop_oneof![any_json(), nearly(known)]
}

/// Reads a body, and finds out whether reading any of it broke.
fn is_read(body: &[u8]) -> bool {
    route(body);
    let elements = parse(body).elements;
    !elements.is_empty()
        && elements
            .iter()
            .all(|element| !matches!(element, Element::Malformed(why) if why.contains("broke")))
}

/// A delivery with one value in a list of a field.
fn of_field(field: &str, list: &str, value: &Value) -> Vec<u8> {
    let change = json!({"field": field, "value": {
        "metadata": {"phone_number_id": "106"}, "contacts": [value], list: [value]}});
    let entry = json!({"id": "1", "time": 1_763_800_000, "changes": [change]});
    json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().into_bytes()
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(is_read(&body));
    }

    #[test]
    fn no_broken_case_breaks_it(
        case in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..8),
    ) {
        let mut cases = fixtures();
        let (_, mut body) = cases.swap_remove(case.index(cases.len()));
        for (place, byte, how) in cuts {
            if body.is_empty() {
                break;
            }
            let place = place.index(body.len());
            match how {
                0 => body[place] = byte,
                1 => body.insert(place, byte),
                _ => drop(body.remove(place)),
            }
        }
        prop_assert!(is_read(&body) || parse(&body).elements.is_empty());
    }

    #[test]
    fn whatever_an_envelope_is_it_is_read(envelope in any_json(), entry in any_json()) {
        prop_assert!(is_read(envelope.to_string().as_bytes()));
        let whole = json!({"object": "whatsapp_business_account", "entry": [entry, envelope]});
        prop_assert!(is_read(whole.to_string().as_bytes()));
    }

    #[test]
    fn whatever_one_message_is_its_neighbours_are_read(strange in message()) {
        let messages = format!("{},{strange},{}", text(1), text(2));
        prop_assert!(is_read(&body_of(&messages)));
        let elements = parse(&body_of(&messages)).elements;
        prop_assert_eq!(elements.len(), 3);
        let alone = parse(&body_of(&format!("{},{}", text(1), text(2)))).elements;
        prop_assert_eq!([&elements[0], &elements[2]], [&alone[0], &alone[1]]);
    }

    #[test]
    fn whatever_stands_in_any_list_is_read(strange in message(), report in status()) {
        for (field, list) in [
            ("messages", "statuses"),
            ("messages", "messages"),
            ("smb_message_echoes", "message_echoes"),
            ("user_preferences", "user_preferences"),
        ] {
            prop_assert!(is_read(&of_field(field, list, &strange)), "{}", list);
            prop_assert!(is_read(&of_field(field, list, &report)), "{}", list);
        }
    }

    #[test]
    fn whatever_news_of_an_account_are_they_are_read(
        field in prop::sample::select(FIELDS),
        value in nearly(json!({"event": "APPROVED", "message_template_id": 7})),
    ) {
        let entry = json!({"id": "1", "time": 7, "changes": [{"field": field, "value": value}]});
        let whole = json!({"object": "whatsapp_business_account", "entry": [entry]});
        prop_assert!(is_read(whole.to_string().as_bytes()));
    }
}
