//! Every operation × every field that names something × every role: somebody else's is like nobody's.
//!
//! Operations and fields come from the document that the edge serves, so that a new one is tried as soon
//! as it exists, or fails for not being covered.

mod answer;
mod asking;
mod document;
mod kinds;
mod things;

use serde_json::Value;

use self::{
    document::{Face, Field, Operation, Place},
    kinds::Kind,
    things::{ROLES, Role, Things, may_name_others},
};
use crate::kit::{Store, Town};

/// Where a person comes back from Meta.
const CALLBACK: &str = "/api/auth/whatsapp/callback";
/// Paths that Meta, probes and readers reach without identity.
const PUBLIC: [&str; 6] = [
    CALLBACK,
    "/api/auth/whatsapp/data-deletion",
    "/api/auth/whatsapp/deauthorize",
    "/api/webhooks",
    "/health/live",
    "/health/ready",
];
/// Below it, only administrators are let in.
const ADMINISTRATORS: &str = "/supervision/";
/// What the guard says.
const NOT_ADMITTED: [&str; 2] = ["EMAIL_HEADER_IS_REQUIRED", "NOT_REQUIRED_ROLE"];

/// Why a role is not let into an operation.
fn refused(operation: &Operation, role: Role) -> Option<&'static str> {
    let company = matches!(role, Some("MANAGER" | "USER"));
    match role {
        // Nobody has to say who they are there, but who says it must be somebody who is let in.
        Some("TALENT" | "NO_ROLE") if operation.path == CALLBACK => Some("NOT_REQUIRED_ROLE"),
        _ if PUBLIC.contains(&operation.path.as_str()) => None,
        None => Some("EMAIL_HEADER_IS_REQUIRED"),
        Some(_) if may_name_others(role) => None,
        Some(_) if company && !operation.path.starts_with(ADMINISTRATORS) => None,
        Some(_) => Some("NOT_REQUIRED_ROLE"),
    }
}

async fn operations(town: &Town) -> Vec<Operation> {
    let document = town.at_edge(reqwest::Method::GET, "/api-docs/openapi.json").send().await;
    let document: Value = document.expect("an answer").json().await.expect("the document");
    let mut operations = Operation::all(&document);
    // The document says of it once that it is good on every call.
    let owner = Field { place: Place::Query, name: "owner".to_owned() };
    for operation in &mut operations {
        if !PUBLIC.contains(&operation.path.as_str()) {
            operation.fields.push(owner.clone());
        }
    }
    operations
}

#[tokio::test]
async fn an_operation_is_open_to_its_roles_and_nobody_else() {
    let town = Town::start(Store::Embedded).await;
    let operations = operations(&town).await;
    let things = Things::none(town);
    for operation in &operations {
        for role in ROLES {
            let answer = things.ask(operation, role, &things.ana, None).await;
            let said = answer.name().filter(|name| NOT_ADMITTED.contains(&name.as_str()));
            let expected = refused(operation, role).map(str::to_owned);
            assert_eq!(said, expected, "{} {role:?}: {answer:?}", operation.name());
        }
    }
    let (count, roles) = (operations.len(), ROLES.len());
    println!("admission: {count} operations × {roles} roles = {}", count * roles);
}

#[tokio::test]
async fn what_is_somebody_elses_is_like_what_does_not_exist() {
    let town = Town::start(Store::Embedded).await;
    let operations = operations(&town).await;
    kinds::cover(&operations);
    let tried = tried(&operations);
    let used_up = |kind| tried.iter().filter(|(_, _, tried)| *tried == kind).count();
    let tries = used_up(Kind::Key).max(used_up(Kind::Candidate)) * ROLES.len();
    let mut things = Things::settle(town, tries).await;

    let (mut compared, mut by_right, mut told) = (0, 0, Vec::new());
    for (operation, field, kind) in &tried {
        for role in ROLES {
            if *kind == Kind::Owner && may_name_others(role) {
                by_right += 1;
                continue;
            }
            let hers = things.hers(*kind, operation).await;
            let nobodys = things.nobodys(*kind, &hers);
            // Whoever is connected is told so before anything is asked of Meta.
            let connects = matches!(kind, Kind::Number | Kind::Account);
            let who = if connects { &things.cleo } else { &things.ana };
            let foreign = things.ask(operation, role, who, Some((field, &hers))).await;
            let unknown = things.ask(operation, role, who, Some((field, &nobodys))).await;
            if foreign != unknown {
                let name = operation.name();
                told.push(format!("{name} {} {role:?}\n  {foreign:?}\n  {unknown:?}", field.name));
            }
            compared += 1;
        }
    }
    let (fields, roles) = (tried.len(), ROLES.len());
    println!(
        "isolation: {} operations, {fields} fields × {roles} roles: {compared} compared with what \
         does not exist, {by_right} name another owner by right",
        operations.len()
    );
    assert_eq!(compared + by_right, fields * roles);
    assert!(told.is_empty(), "{} told apart:\n{}", told.len(), told.join("\n"));
    let news = things.news_of_bea().await;
    assert!(news.is_empty(), "something was done to her: {news:#?}");
}

/// The control: to whom it belongs, what exists is not like what does not.
#[tokio::test]
async fn what_is_ones_own_is_not_like_what_does_not_exist() {
    let town = Town::start(Store::Embedded).await;
    let mut operations = operations(&town).await;
    // Those that end something come last, clients after all else.
    let ends = |operation: &Operation| operation.method == reqwest::Method::DELETE;
    operations.sort_by_key(|operation| (ends(operation), operation.path.contains("/clients")));
    let mut things = Things::settle(town, 8).await;
    let mut controls = 0;
    for (operation, field, kind) in tried(&operations) {
        // What is only for streams says nothing to a page, what is Meta's is asked of Meta, and who says
        // who they are needs nothing from their browser.
        let idle = field.name == "Last-Event-ID" && operation.face == Face::Answer;
        if idle || matches!(kind, Kind::Number | Kind::Account | Kind::BrowserSecret) {
            continue;
        }
        let role = match kind {
            Kind::Page => things.page(operation).await.1,
            _ if operation.path.starts_with(ADMINISTRATORS) => continue,
            _ => Some("USER"),
        };
        let hers = things.hers(kind, operation).await;
        let nobodys = things.nobodys(kind, &hers);
        let unknown = things.ask(operation, role, &things.bea, Some((field, &nobodys))).await;
        let own = things.ask(operation, role, &things.bea, Some((field, &hers))).await;
        assert_ne!(own, unknown, "{} {}", operation.name(), field.name);
        controls += 1;
    }
    println!("isolation: {controls} controls");
}

/// Every field in which somebody else's could be tried.
fn tried(operations: &[Operation]) -> Vec<(&Operation, &Field, Kind)> {
    let fields = operations.iter().flat_map(|operation| {
        operation.fields.iter().map(move |field| (operation, field, Kind::of(operation, field)))
    });
    fields.filter(|(_, _, kind)| kind.is_tried()).collect()
}
