//! Tokens × roles × owners, as a table.

use super::*;

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

fn outcomes(scopes: &str, role: Option<Role>, field: &str) -> (String, String) {
    let person = role.map(|role| (owner(OWN), role));
    let caller = match Caller::admit(&service(scopes), person) {
        Ok(caller) => caller,
        Err(_) => return ("denied".to_owned(), "denied".to_owned()),
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
fn the_scope_edge_is_told_from_whom_it_acts_for() {
    let person = Some((owner(OWN), Role::User));
    let edge = Caller::admit(&service("edge"), person.clone()).unwrap();
    assert!(edge.is(Kind::Edge) && edge.is(Kind::Person) && !edge.is(Kind::Administrator));
    let alone = Caller::admit(&service("edge"), None).unwrap();
    assert!(alone.is(Kind::Edge) && !alone.is(Kind::Service));
    let internal = Caller::admit(&service("internal"), None).unwrap();
    assert!(internal.is(Kind::Service) && !internal.is(Kind::Edge));
    assert_eq!(Caller::admit(&service("admin"), person).unwrap().service(), "jobs");
}
