//! Every call × every field that names something × every caller: somebody else's is like nobody's.
//!
//! Calls and fields come from the descriptors, so that a new one is tried as soon as it exists, or fails
//! for not being covered.

mod answer;
mod api;
mod caller;
mod house;
mod kinds;
mod things;

use tonic::Code;

use self::{
    answer::Answer,
    api::{Call, Field, Values},
    caller::{Caller, Standing},
    house::{House, Who},
    kinds::Kind,
    things::{Things, position},
};

/// Calls that are about nobody's things: what Meta has signed, and what the edge itself needs.
const OF_THE_EDGE: [&str; 4] = [
    "WebhookService/Deliver",
    "OnboardingService/CompleteConsent",
    "OnboardingService/Deauthorize",
    "OnboardingService/GetOnboardingSettings",
];

/// Calls that are about everybody's things at once: what Meta delivered.
const OF_OPERATORS: [&str; 3] = [
    "WebhookService/ListDeliveries",
    "WebhookService/GetDelivery",
    "WebhookService/ReplayDeliveries",
];

/// Whether a caller may make a call at all.
fn may(caller: Caller, call: &Call) -> Result<(), Code> {
    let of_the_edge = OF_THE_EDGE.contains(&call.name.as_str());
    let of_operators = OF_OPERATORS.contains(&call.name.as_str());
    let sees_all = caller.role.is_some() || caller.scope == Some("admin");
    match caller.standing() {
        Standing::Anybody if of_operators && sees_all => Ok(()),
        Standing::Edge | Standing::Company | Standing::Anybody if of_operators => {
            Err(Code::PermissionDenied)
        }
        Standing::Stranger => Err(Code::Unauthenticated),
        Standing::Refused => Err(Code::PermissionDenied),
        Standing::Edge if of_the_edge => Ok(()),
        Standing::Company | Standing::Anybody if of_the_edge && caller.scope == Some("edge") => {
            Ok(())
        }
        Standing::Company | Standing::Anybody if !of_the_edge => Ok(()),
        Standing::Edge | Standing::Company | Standing::Anybody => Err(Code::PermissionDenied),
    }
}

/// Asks with this in a field, and otherwise with what is this person's own.
async fn with(
    (house, things): (&House, &Things),
    call: &Call,
    (caller, who): (Caller, Who),
    (field, value): (&Field, &str),
) -> Answer {
    let mut values: Values = things.base(house, call, caller, who).await;
    if Kind::of(field) == Kind::PageToken && who == Who::Bea {
        // The control: administrators go on in everybody's list, where they have begun.
        values.remove("owner");
    }
    values.insert(field.path.clone(), (true, value.to_owned()));
    let bytes = house.api.encode(&call.input, &values);
    house.ask(call, caller, who, bytes).await.0.without(value)
}

#[tokio::test]
async fn a_call_is_made_by_whom_the_table_names_and_nobody_else() {
    let house = House::open().await;
    let things = Things::settle(&house, 0).await;
    let (calls, callers) = (house.api.calls.clone(), Caller::all());
    for call in &calls {
        for caller in &callers {
            let values = things.base(&house, call, *caller, Who::Cleo).await;
            let bytes = house.api.encode(&call.input, &values);
            let (answer, _) = house.ask(call, *caller, Who::Cleo, bytes).await;
            let admitted = match answer.code {
                code @ (Code::Unauthenticated | Code::PermissionDenied) => Err(code),
                _ => Ok(()),
            };
            assert_eq!(admitted, may(*caller, call), "{} {caller:?}: {answer:?}", call.name);
        }
    }
    let cells = calls.len() * callers.len();
    println!("permissions: {} calls × {} callers = {cells}", calls.len(), callers.len());
}

#[tokio::test]
async fn what_is_somebody_elses_is_like_what_does_not_exist() {
    let house = House::open().await;
    let (calls, callers) = (house.api.calls.clone(), Caller::all());
    let all_fields = || calls.iter().flat_map(|call| call.fields.iter().map(move |f| (call, f)));
    let tried: Vec<_> = all_fields().filter(|(_, field)| Kind::of(field).is_tried()).collect();
    let used_up = |kind| tried.iter().filter(|(_, field)| Kind::of(field) == kind).count();
    let tries = used_up(Kind::Key).max(used_up(Kind::Candidate)) * callers.len();
    let mut things = Things::settle(&house, tries).await;

    let before = position(&house, Who::Bea).await;
    let (mut compared, mut by_right, mut told) = (0, 0, Vec::new());
    for (call, field) in &tried {
        let kind = Kind::of(field);
        for caller in &callers {
            if kind == Kind::Owner && caller.standing() == Standing::Anybody {
                by_right += 1;
                continue;
            }
            let hers = things.hers(&house, kind, call).await;
            let nobodys = things.nobodys(kind, &hers);
            let (all, ana) = ((&house, &things), (*caller, Who::Ana));
            let foreign = with(all, call, ana, (field, &hers)).await;
            let unknown = with(all, call, ana, (field, &nobodys)).await;
            if foreign != unknown {
                let (name, path) = (&call.name, &field.path);
                told.push(format!("{name} {path} {caller:?}\n  {foreign:?}\n  {unknown:?}"));
            }
            compared += 1;
        }
    }
    let (fields, callers) = (tried.len(), callers.len());
    println!(
        "isolation: {} calls, {fields} fields × {callers} callers: {compared} compared with what \
         does not exist, {by_right} name another owner by right",
        calls.len()
    );
    assert_eq!(compared + by_right, fields * callers);
    assert!(told.is_empty(), "{} told apart:\n{}", told.len(), told.join("\n"));
    assert_eq!(position(&house, Who::Bea).await, before, "something was done to her");
}

/// The control: to whom it belongs, what exists is not like what does not.
#[tokio::test]
async fn what_is_ones_own_is_not_like_what_does_not_exist() {
    let house = House::open().await;
    let mut things = Things::settle(&house, 8).await;
    let mut calls = house.api.calls.clone();
    // Those that end something come last.
    let last = ["DeleteConversation", "Disconnect", "DeleteClient"];
    calls.sort_by_key(|call| last.iter().position(|end| call.name.ends_with(end)));
    let mut controls = 0;
    for call in &calls {
        // Whose it is comes last: by that alone a call already ends something.
        for field in call.fields.iter().rev().filter(|field| is_controlled(field)) {
            let kind = Kind::of(field);
            let caller = match kind {
                Kind::PageToken => things.page_token(&house, call, Who::Bea).await.1,
                _ => Caller::edge("USER"),
            };
            let hers = things.hers(&house, kind, call).await;
            let nobodys = things.nobodys(kind, &hers);
            let (all, bea) = ((&house, &things), (caller, Who::Bea));
            let unknown = with(all, call, bea, (field, &nobodys)).await;
            let own = with(all, call, bea, (field, &hers)).await;
            assert_ne!(own, unknown, "{} {}", call.name, field.path);
            controls += 1;
        }
    }
    println!("isolation: {controls} controls");
}

/// Whether one's own makes a difference that can be seen: not in ids that a caller mints, nor in what
/// is Meta's and is asked of Meta first.
fn is_controlled(field: &Field) -> bool {
    let kind = Kind::of(field);
    let unseen = [Kind::Minted, Kind::Number, Kind::Account, Kind::BrowserSecret];
    kind.is_tried() && !unseen.contains(&kind)
}
