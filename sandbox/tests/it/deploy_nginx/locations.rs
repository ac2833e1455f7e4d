//! The locations of the shipped configuration, read from its file, and an address within each.

use std::fs;

use super::gateway::shipped;

/// Whom a location says the caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Who is signed in; nobody else gets in.
    Person,
    /// Nobody, whoever is signed in.
    Nobody,
    /// Who is signed in, else nobody.
    Either,
}

/// Every location, with a path in it. One that is missing here fails the test of the table.
pub const LOCATIONS: [(&str, &str, Caller); 12] = [
    ("/", "/api/conversations", Caller::Person),
    ("= /api/ws", "/api/ws", Caller::Person),
    ("/socket.io/", "/socket.io/?EIO=4&transport=polling", Caller::Person),
    ("= /api/events", "/api/events", Caller::Person),
    ("= /api/media", "/api/media", Caller::Person),
    ("= /api/webhooks", "/api/webhooks", Caller::Nobody),
    ("= /api/auth/whatsapp/callback", "/api/auth/whatsapp/callback?code=a&state=b", Caller::Either),
    ("= /api/auth/whatsapp/deauthorize", "/api/auth/whatsapp/deauthorize", Caller::Nobody),
    ("= /api/auth/whatsapp/data-deletion", "/api/auth/whatsapp/data-deletion", Caller::Nobody),
    ("/api-docs", "/api-docs/openapi.json", Caller::Nobody),
    ("/health/", "/health/live", Caller::Nobody),
    ("/supervision/", "/supervision/health", Caller::Person),
];

/// The location that a caller of [`Caller::Either`] without a session ends in.
const INNER: &str = "@callback_as_nobody";

/// The table above and the file must name the same locations, and each must decide who the caller is.
pub fn check() {
    let text = fs::read_to_string(shipped().join("whatsapp/locations.conf")).expect("the file");
    let mut found = Vec::new();
    for block in text.split("\nlocation ").skip(1) {
        let (name, body) = block.split_once(" {").expect("a block");
        let body = body.split("\n}").next().expect("a body");
        let as_person = body.contains("include whatsapp/as_person.conf;");
        let as_nobody = body.contains("include whatsapp/as_nobody.conf;");
        assert!(as_person != as_nobody, "{name} does not say who the caller is");
        assert!(!body.contains("proxy_set_header"), "{name} would lose what is included");
        found.push(name.to_owned());
    }
    let mut known: Vec<_> = LOCATIONS.iter().map(|(name, _, _)| (*name).to_owned()).collect();
    known.push(INNER.to_owned());
    found.sort();
    known.sort();
    assert_eq!(found, known, "the table of locations is not the file's");
}
