//! One small file for each case, and everything that can be made of them by breaking them.

use std::{fs, path::PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/meta/receive").join(name)
}

/// Name and bytes of every case, in order.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder("fixtures")).unwrap().map(|file| file.unwrap().path());
    let mut cases: Vec<_> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(&path).unwrap())
        })
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_case_reads_as_it_did() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (name, body) in fixtures() {
        let parsed = parse(&body);
        insta::assert_debug_snapshot!(name.as_str(), parsed.elements);
        let is_fact = |element: &Element| matches!(element, Element::Fact(_));
        if parsed.elements.iter().any(is_fact) {
            assert!(route(&body).is_some(), "{name}");
        }
    }
}

#[test]
fn the_route_is_the_first_number_that_can_be_one() {
    let change = |id: Value| json!({"field": "messages", "value": {"metadata": {"phone_number_id": id}, "messages": []}});
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"changes": [{"field": "account_update", "value": {}}]},
        "an entry that is none",
        {"changes": [change(json!("4 4")), change(json!(null)), change(json!("22"))]},
        {"changes": [change(json!("11"))]},
    ]});
    assert_eq!(route(body.to_string().as_bytes()).unwrap().as_str(), "22");
    for nothing in ["", "[]", "{}", "\u{feff}", "not json"] {
        assert_eq!(route(nothing.as_bytes()), None, "{nothing}");
    }
}

#[test]
fn a_body_that_is_nothing_of_whatsapps_is_one_malformed_element() {
    let foreign = r#"{"object":"page","entry":[{"id":"1"}]}"#.as_bytes();
    let cases: [&[u8]; 7] = [b"", b"null", b"[]", b"<html>", b"\xff\xfe", foreign, b"{\"object\":"];
    for body in cases {
        let elements = parse(body).elements;
        assert!(matches!(elements[..], [Element::Malformed(_)]), "{elements:?}");
    }
}

fn body_of(messages: &str) -> Vec<u8> {
    let head = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"106"},"messages":["#;
    format!("{head}{messages}]}}}}]}}]}}").into_bytes()
}

fn text(n: usize) -> String {
    json!({"from": "4915112345678", "id": format!("wamid.{n}"), "timestamp": "1763800000",
        "type": "text", "text": {"body": "hi"}})
    .to_string()
}

#[test]
fn depth_harms_only_the_element_that_has_it() {
    for depth in [100, 200, 100_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let elements = parse(&body_of(&format!("{deep},{}", text(1)))).elements;
        assert!(matches!(elements[..], [Element::Malformed(_), Element::Fact(_)]), "{depth}");
    }
}

#[test]
fn a_delivery_is_read_into_a_bounded_number_of_elements() {
    let many = vec!["0"; 1_000_000].join(",");
    let elements = parse(&body_of(&many)).elements;
    assert_eq!(elements.len(), ELEMENTS + 1);
    assert!(matches!(elements.last(), Some(Element::Malformed(why)) if why.contains("more")));
}

/// JSON of any shape, also of shapes that Meta's have.
fn any_json() -> impl Strategy<Value = Value> {
    let keys = "id|from|type|timestamp|text|image|errors|context|system|body|[a-z]{1,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "text|image|interactive|reaction|unsupported|17638000[0-9]{2}|.{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(!parse(&body).elements.is_empty());
        route(&body);
    }

    #[test]
    fn no_broken_case_panics(
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
        parse(&body);
        route(&body);
    }

    #[test]
    fn whatever_one_message_is_its_neighbours_are_read(strange in any_json()) {
        let messages = format!("{},{strange},{}", text(1), text(2));
        let elements = parse(&body_of(&messages)).elements;
        prop_assert_eq!(elements.len(), 3);
        let alone = parse(&body_of(&format!("{},{}", text(1), text(2)))).elements;
        prop_assert_eq!([&elements[0], &elements[2]], [&alone[0], &alone[1]]);
    }
}
