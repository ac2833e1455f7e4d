//! One small file for each case, and everything that can be made of them by breaking them.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::*;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/meta/receive").join(name)
}

/// Name and bytes of every case, in order.
pub(super) fn fixtures() -> Vec<(String, Vec<u8>)> {
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

pub(super) fn body_of(messages: &str) -> Vec<u8> {
    let head = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"106"},"messages":["#;
    format!("{head}{messages}]}}}}]}}]}}").into_bytes()
}

pub(super) fn text(n: usize) -> String {
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
