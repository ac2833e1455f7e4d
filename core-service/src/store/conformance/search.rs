//! Conversations by the words of their candidates.

use std::sync::Arc;

use super::{
    lists::{conversations_of, walk},
    samples::{Desk, Fill},
};
use crate::{
    domain::{
        actor::Scope, conversation::Conversation, page::ConversationQuery,
        search::words_of_question,
    },
    store::Store,
};

fn named(desk: &Desk, n: u32, name: &str) -> Conversation {
    let mut row = desk.conversation(n);
    row.candidate.name = Some(name.to_owned());
    row
}

/// What a question finds, in pages of two.
async fn find(store: &dyn Store, desk: &Desk, question: &str) -> Vec<Conversation> {
    let words = words_of_question(question);
    walk(store, ConversationQuery { words, ..conversations_of(desk, 2) }).await
}

async fn names(store: &dyn Store, desk: &Desk, question: &str) -> Vec<String> {
    find(store, desk, question).await.into_iter().filter_map(|row| row.candidate.name).collect()
}

pub(in crate::store) async fn each_word_of_the_question_begins_a_word_of_the_candidate(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let people =
        [named(&desk, 1, "Ana Lúcia"), named(&desk, 2, "Anatol"), named(&desk, 3, "Lukas")];
    for person in &people {
        store.commit(desk.batch().put(person)).await.unwrap();
    }
    for (question, expected) in [
        ("ana", vec!["Anatol", "Ana Lúcia"]),
        ("LÚ", vec!["Lukas", "Ana Lúcia"]),
        ("lu ana", vec!["Ana Lúcia"]),
        ("ana ana", vec!["Anatol", "Ana Lúcia"]),
        ("anna", vec![]),
        ("cia", vec![]),
        ("+49 15 00000003", vec!["Lukas"]),
        ("4915", vec!["Lukas", "Anatol", "Ana Lúcia"]),
    ] {
        assert_eq!(names(&*store, &desk, question).await, expected, "{question}");
    }
    // Administrators search everybody's.
    let words = words_of_question("anat");
    let query = ConversationQuery { scope: Scope::All, words, ..conversations_of(&desk, 2) };
    assert_eq!(walk(&*store, query).await, [people[1].clone()]);
}

pub(in crate::store) async fn a_search_follows_a_candidates_new_name(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let mut row = named(&desk, 1, "Ana");
    store.commit(desk.batch().put(&row)).await.unwrap();
    row.candidate.name = Some("Bea".to_owned());
    store.commit(desk.batch().put(&row)).await.unwrap();
    assert!(find(&*store, &desk, "ana").await.is_empty());
    assert_eq!(find(&*store, &desk, "bea").await, [row.clone()]);
    row.hidden = true;
    store.commit(desk.batch().put(&row)).await.unwrap();
    assert!(find(&*store, &desk, "bea").await.is_empty());
}

pub(in crate::store) async fn a_search_stays_with_its_owner(store: Arc<dyn Store>) {
    let (desk, other) = (Desk::new(), Desk::new());
    store.commit(desk.batch().put(named(&desk, 1, "Ana"))).await.unwrap();
    store.commit(other.batch().put(named(&other, 1, "Ana"))).await.unwrap();
    let found = find(&*store, &desk, "ana").await;
    assert_eq!((found.len(), &found[0].owner), (1, &desk.owner));
}

pub(in crate::store) async fn common_and_rare_words_give_the_same_order(store: Arc<dyn Store>) {
    const PEOPLE: u32 = 1_100;
    let desk = Desk::new();
    for from in (0..PEOPLE).step_by(100) {
        let mut batch = desk.batch();
        for n in from..from + 100 {
            let name = if n % 300 == 0 { "Ana Rara" } else { "Ana" };
            batch = batch.put(named(&desk, n, name));
        }
        store.commit(batch).await.unwrap();
    }
    let words = |question| words_of_question(question);
    let query = |question, limit| ConversationQuery {
        words: words(question),
        ..conversations_of(&desk, limit)
    };
    assert_eq!(walk(&*store, query("ana", 100)).await.len(), PEOPLE as usize);
    let rare = walk(&*store, query("ana rara", 3)).await;
    let numbers: Vec<_> = rare.iter().map(|row| row.activity()).collect();
    assert_eq!(rare.len(), 4);
    assert!(numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
}
