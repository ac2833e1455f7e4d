//! In whatever order, and however often, Meta says something: the end is the same.

use core_service::domain::{
    account::{Learned, Said, TemplateNews, TemplateWord},
    onboarding::Concern,
    standing::Topic,
};
use proptest::prelude::*;

use super::{
    account_rules::{after, banned, client, named, restricted, told},
    template_rules::{by_id, heard, status, template},
};
use crate::kit;

fn sayings() -> impl Strategy<Value = (u64, Said)> {
    let said = prop_oneof![
        Just(banned()),
        Just(Said::concern(Topic::Ban, Concern::AccountDisableScheduled, "Soon.")),
        Just(Said::nothing(Topic::Ban)),
        Just(Said::concern(Topic::Presence, Concern::AccountOffboarded, "Left.")),
        Just(Said::nothing(Topic::Presence)),
        Just(restricted(Topic::Starting, after(9_000))),
        Just(restricted(Topic::Starting, after(100))),
        Just(restricted(Topic::Answering, after(9_000))),
        Just(
            Said::concern(Topic::Quality, Concern::NumberFlagged, "Less.")
                .learning(Learned::Quality("RED".to_owned()))
        ),
        Just(Said::nothing(Topic::Quality).learning(Learned::Quality("GREEN".to_owned()))),
        "[ab]".prop_map(|name| named(&name)),
    ];
    (60..66_u64, said)
}

fn words() -> impl Strategy<Value = (u64, TemplateNews)> {
    let word = prop_oneof![
        prop::sample::select(vec!["APPROVED", "PAUSED", "REJECTED"]).prop_map(status),
        "[ab]".prop_map(TemplateWord::Quality),
        "[ab]".prop_map(TemplateWord::Category),
        Just(TemplateWord::Changed),
    ];
    (0..6_u64, word.prop_map(|word| by_id("1", word)))
}

/// A history, and the same in another order and with repetitions.
fn histories<T: Clone + std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Vec<T>, Vec<T>)> {
    prop::collection::vec(one, 1..12).prop_flat_map(|history| {
        let doubled: Vec<T> = history.iter().chain(&history).cloned().collect();
        (Just(history), Just(doubled).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn words_about_an_account_end_the_same((history, shuffled) in histories(sayings())) {
        let end = |words: &[(u64, Said)]| {
            let (mut row, _) = told(&client(), words);
            (row.revision, row.updated_at) = (0, kit::NOON);
            row.updated_by.clear();
            // Which of two words in one second is newer is asked where that comes up.
            row.standing.number_stale = None;
            row
        };
        prop_assert_eq!(end(&history), end(&shuffled));
    }

    #[test]
    fn news_of_a_template_end_the_same((history, shuffled) in histories(words())) {
        let end = |news: &[(u64, TemplateNews)]| {
            let row = heard(&template(), news).template.unwrap();
            (row.definition, row.heard)
        };
        prop_assert_eq!(end(&history), end(&shuffled));
    }

    #[test]
    fn there_is_an_event_exactly_when_there_is_something_new_to_see(words in prop::collection::vec(sayings(), 1..12)) {
        let mut row = client();
        for word in words {
            let before = (row.status, row.connection.clone(), row.shown_attention());
            let (next, news) = told(&row, &[word]);
            let now = (next.status, next.connection.clone(), next.shown_attention());
            prop_assert_eq!(news, usize::from(before != now));
            row = next;
        }
    }
}
