//! Which template, in which language, with which variables.

use std::time::Duration;

use core_service::domain::{
    content::Variable,
    refusal::Refusal,
    rules::{
        pick::{self, Wish},
        receive,
    },
    template::Purpose,
    time::Timestamp,
};

use crate::kit::{NOON, client, inbound, minted, number, set_at, template};

fn variable(name: &str, value: &str) -> Variable {
    Variable { name: name.into(), value: value.into() }
}

#[test]
fn the_window_follows_meta_s_clock_to_the_second() {
    let day = Duration::from_secs(24 * 60 * 60);
    let table = [
        (Timestamp::from_seconds(1_799_999_999), true),
        (Timestamp::from_seconds(1_800_000_000), true),
        (Timestamp::from_seconds(1_800_000_001), false),
    ];
    for (now, open) in table {
        let mut set = set_at(NOON);
        let sent_at = NOON - day;
        receive::take_inbound(&mut set, &client(), &number(), &inbound("a", sent_at), minted(1));
        let row = set.conversation(minted(1).conversation).unwrap();
        assert_eq!(row.in_window(now), open, "{now:?}");
        assert_eq!(row.window_expires_at(), Some(NOON));
    }
}

#[test]
fn first_contact_until_something_reached_either_side() {
    assert_eq!(pick::purpose(None), Purpose::Initiate);
    let mut set = set_at(NOON);
    receive::take_inbound(&mut set, &client(), &number(), &inbound("a", NOON), minted(1));
    let mut row = set.conversation(minted(1).conversation).unwrap().clone();
    assert_eq!(pick::purpose(Some(&row)), Purpose::Reengage);
    row.last_inbound_at = None;
    assert_eq!(pick::purpose(Some(&row)), Purpose::Initiate);
    row.contacted = true;
    assert_eq!(pick::purpose(Some(&row)), Purpose::Reengage);
}

#[test]
fn the_language_is_the_wished_the_usual_or_the_only_approved_one() {
    let english = template("initiate", "en_US", Some(Purpose::Initiate));
    let german = template("initiate", "de", Some(Purpose::Initiate));
    let mut pending = template("initiate", "fr", Some(Purpose::Initiate));
    pending.definition.status = "PENDING".into();
    let rows = [english, german, pending];
    let choose = |rows: &[_], wish: Wish| {
        pick::choose(rows.iter(), Purpose::Initiate, &wish)
            .map(|row| row.definition.language.clone())
    };
    let language = |text: &str| Some(text.to_owned());

    let wish = Wish { language: language("de"), ..Wish::default() };
    assert_eq!(choose(&rows, wish).unwrap(), "de");
    let wish = Wish { usual_language: language("en-us"), ..Wish::default() };
    assert_eq!(choose(&rows, wish).unwrap(), "en_US");
    let Err(Refusal::TemplateNotConfigured(details)) = choose(&rows, Wish::default()) else {
        panic!("several approved languages are no choice");
    };
    assert!(details.contains("de, en_US"), "{details}");
    let wish = Wish { language: language("fr"), ..Wish::default() };
    assert!(matches!(choose(&rows, wish), Err(Refusal::TemplateNotApproved(_))));
    let wish = Wish { language: language("it"), ..Wish::default() };
    assert!(matches!(choose(&rows, wish), Err(Refusal::TemplateNotConfigured(_))));
    assert_eq!(choose(&rows[1..], Wish::default()).unwrap(), "de");
    assert!(matches!(choose(&rows[2..], Wish::default()), Err(Refusal::TemplateNotApproved(_))));
    assert!(matches!(choose(&[], Wish::default()), Err(Refusal::TemplateNotConfigured(_))));
    let wish = Wish { name: Some("nothing".into()), ..Wish::default() };
    assert!(matches!(choose(&rows, wish), Err(Refusal::TemplateNotFound)));
}

#[test]
fn variables_are_exactly_the_template_s_own() {
    let row = template("initiate", "en_US", None);
    let filled = pick::fill(&row, &[variable("1", "Ana {{1}}")], None).unwrap();
    assert_eq!(filled.text, "Hi Ana {{1}}, welcome");
    assert_eq!(pick::fill(&row, &[], Some("Ana")).unwrap().text, "Hi Ana, welcome");
    let wrong: &[&[Variable]] = &[
        &[],
        &[variable("2", "x")],
        &[variable("1", "x"), variable("1", "y")],
        &[variable("1", "x"), variable("2", "y")],
        &[variable("1", " ")],
        &[variable("1", "a\nb")],
        &[variable("1", "a     b")],
        &[variable("1", &"x".repeat(1025))],
    ];
    for given in wrong {
        let refused = pick::fill(&row, given, None);
        assert!(matches!(refused, Err(Refusal::TemplateParametersInvalid(_))), "{given:?}");
    }
}

#[test]
fn the_candidate_s_name_fills_only_its_own_place() {
    let mut row = template("named", "en_US", None);
    row.definition.body = "{{candidate_name}}, {{ day }}?".into();
    row.definition.parameters = vec!["candidate_name".into(), "day".into()];
    let filled = pick::fill(&row, &[variable("day", "Monday")], Some("Ana")).unwrap();
    assert_eq!(filled.text, "Ana, Monday?");
    assert!(pick::fill(&row, &[], Some("Ana")).is_err());
}
