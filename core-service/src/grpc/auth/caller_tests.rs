//! Tokens × roles × owners, as a table.

use super::*;
use crate::grpc::permissions;

const OWN: &str = "ana@example.com";
const OTHER: &str = "bea@example.com";

fn service(scopes: &str) -> Service {
    let has = |scope| scopes.split('+').any(|word| word == scope);
    let scopes = Scopes { edge: has("edge"), internal: has("internal"), admin: has("admin") };
    Service { name: "jobs".into(), scopes }
}

fn owner(email: &str) -> Owner {
    Owner::parse(email).unwrap()
}

/// One word per outcome: whose data, `all`, or why not.
fn word<T>(outcome: Result<T, Refusal>, show: impl Fn(T) -> String) -> String {
    match outcome {
        Ok(value) => show(value),
        Err(Refusal::NotRequiredRole) => "role".to_owned(),
        Err(Refusal::Validation(_)) => "invalid".to_owned(),
        Err(other) => panic!("{other:?}"),
    }
}

fn row(call: &str) -> &'static Row {
    permissions::of(&format!("/linkojob.whatsapp.v1.{call}")).unwrap()
}

fn admitted(scopes: &str, role: Option<Role>) -> Result<Caller, Refusal> {
    Caller::admit(&service(scopes), role.map(|role| (owner(OWN), role)))
}

/// What a call that reaches as far as any sees, and whom it acts for.
fn outcomes(scopes: &str, role: Option<Role>, field: &str) -> (String, String) {
    let both = |word: &str| (word.to_owned(), word.to_owned());
    let Ok(caller) = admitted(scopes, role) else { return both("denied") };
    let Some(caller) = caller.permitted(row("ClientService/GetClient")) else {
        return both("role");
    };
    let scope = word(caller.scope(field), |scope| match scope {
        Scope::All => "all".to_owned(),
        Scope::Owner(owner) => owner.to_string(),
    });
    let actor = word(caller.actor(field), |actor| {
        let by = if role.is_some() { OWN } else { "service:jobs" };
        assert_eq!(actor.by, by);
        actor.owner.to_string()
    });
    (scope, actor)
}

#[test]
fn tokens_roles_and_owners() {
    let (person, admin) = (Some(Role::User), Some(Role::SuperAdmin));
    // scopes, role, owner field, what reads see, whom acts are for
    let table = [
        ("edge", person, "", OWN, OWN),
        ("edge", person, " ANA@example.com ", OWN, OWN),
        ("edge", person, OTHER, "role", "role"),
        ("edge", person, "no address", "invalid", "invalid"),
        ("edge", Some(Role::Manager), "", OWN, OWN),
        ("edge", admin, "", "all", OWN),
        ("edge", admin, OTHER, OTHER, OTHER),
        ("edge", Some(Role::Admin), "", "all", OWN),
        ("edge", Some(Role::Talent), "", "denied", "denied"),
        ("edge", Some(Role::NoRole), "", "denied", "denied"),
        ("edge", None, "", "role", "role"),
        ("edge", None, OTHER, "role", "role"),
        ("internal", person, "", OWN, OWN),
        ("internal", person, OTHER, "role", "role"),
        ("internal", admin, "", "denied", "denied"),
        ("internal", None, "", "invalid", "invalid"),
        ("internal", None, OTHER, OTHER, OTHER),
        ("admin", person, "", OWN, OWN),
        ("admin", admin, "", "all", OWN),
        ("admin", None, "", "all", "invalid"),
        ("admin", None, OTHER, OTHER, OTHER),
        ("internal+edge", admin, "", "all", OWN),
        ("internal+edge", None, OTHER, OTHER, OTHER),
        ("internal+admin", None, "", "all", "invalid"),
    ];
    for (scopes, role, field, scope, actor) in table {
        let found = outcomes(scopes, role, field);
        assert_eq!(found, (scope.to_owned(), actor.to_owned()), "{scopes} {role:?} {field:?}");
    }
}

#[test]
fn a_call_about_one_owner_shows_nobody_everything() {
    let sees = |scopes: &str, role, field: &str| {
        let caller = admitted(scopes, role).unwrap();
        let caller = caller.permitted(row("MessageService/SendText")).unwrap();
        word(caller.scope(field), |scope| scope.owner().map_or("all".to_owned(), Owner::to_string))
    };
    assert_eq!(sees("edge", Some(Role::Admin), ""), OWN);
    assert_eq!(sees("edge", Some(Role::Admin), OTHER), OTHER);
    assert_eq!(sees("admin", None, ""), "invalid");
    assert_eq!(sees("admin", None, OTHER), OTHER);
}

#[test]
fn what_meta_signed_comes_from_the_edge_whoever_it_acts_for() {
    let deliver = row("WebhookService/Deliver");
    let may = |scopes: &str, role| {
        let caller = admitted(scopes, role).unwrap().permitted(deliver);
        // And it opens nobody's things.
        let opens = |caller: &Caller| caller.scope(OTHER).is_ok() || caller.actor(OTHER).is_ok();
        assert!(!caller.as_ref().is_some_and(opens));
        caller.is_some()
    };
    assert!(may("edge", None) && may("edge", Some(Role::User)) && may("edge+admin", None));
    assert!(!may("internal", None) && !may("admin", None));
    assert!(!may("internal+admin", Some(Role::SuperAdmin)));
}

#[test]
fn a_caller_that_passed_no_row_reaches_nothing() {
    for (scopes, role) in [("edge", Some(Role::SuperAdmin)), ("admin", None)] {
        let caller = admitted(scopes, role).unwrap();
        assert_eq!(caller.scope(OTHER), Err(Refusal::NotRequiredRole));
        assert_eq!(caller.actor(OTHER), Err(Refusal::NotRequiredRole));
    }
    assert_eq!(admitted("admin", Some(Role::User)).unwrap().service(), "jobs");
}
