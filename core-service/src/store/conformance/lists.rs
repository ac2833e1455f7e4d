//! Pages of lists.

use std::sync::Arc;

use super::samples::{Desk, Fill, at};
use crate::{
    domain::{
        actor::Scope,
        client::Client,
        conversation::Conversation,
        ids::ConversationId,
        message::{Message, Place},
        page::{
            ActivityPlace, ClientQuery, ConversationQuery, MessageQuery, Page, Shown,
            TemplatePlace, TemplateQuery,
        },
        template::{Purpose, Template},
    },
    store::Store,
};

/// All conversations of one owner, in pages of `limit`.
pub(super) fn conversations_of(desk: &Desk, limit: u32) -> ConversationQuery {
    ConversationQuery {
        scope: Scope::Owner(desk.owner.clone()),
        shown: None,
        unread: false,
        words: Vec::new(),
        after: None,
        limit,
    }
}

fn place(row: &Conversation) -> ActivityPlace {
    ActivityPlace { activity: row.activity(), id: row.id }
}

/// Walks a query to its end.
pub(super) async fn walk(store: &dyn Store, mut query: ConversationQuery) -> Vec<Conversation> {
    let mut all = Vec::new();
    loop {
        let Page { rows, more } = store.list_conversations(query.clone()).await.unwrap();
        assert!(rows.len() <= query.limit as usize);
        assert!(!more || rows.len() == query.limit as usize, "a page before the last is full");
        query.after = rows.last().map(place);
        all.extend(rows);
        if !more {
            return all;
        }
    }
}

pub(in crate::store) async fn clients_are_walked_oldest_first(store: Arc<dyn Store>) {
    let mut expected: Vec<Client> = Vec::new();
    for n in 0..7 {
        let desk = Desk::new();
        let mut client = desk.client();
        client.deleted_at = (n == 3).then(|| at(1));
        store.commit(desk.batch().put(&client)).await.unwrap();
        if n != 3 {
            expected.push(client);
        }
    }
    // Ids are minted in the order of making.
    expected.sort_by_key(|client| client.id);
    for limit in [1, 4, 6, 100] {
        let mut query = ClientQuery { scope: Scope::All, after: None, limit };
        let mut found = Vec::new();
        loop {
            let Page { rows, more } = store.list_clients(query.clone()).await.unwrap();
            query.after = rows.last().map(|client| client.id);
            found.extend(rows);
            if !more {
                break;
            }
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
    let own = Scope::Owner(expected[2].owner.clone());
    let query = ClientQuery { scope: own, after: None, limit: 10 };
    let page = store.list_clients(query).await.unwrap();
    assert_eq!(page, Page { rows: vec![expected[2].clone()], more: false });
}

pub(in crate::store) async fn all_clients_are_walked_deleted_ones_too(store: Arc<dyn Store>) {
    let mut expected: Vec<Client> = Vec::new();
    for n in 0..101 {
        let desk = Desk::new();
        let mut client = desk.client();
        client.deleted_at = (n % 3 == 0).then(|| at(1));
        // One that waits for its connection.
        client.connection = client.connection.filter(|_| n != 7);
        store.commit(desk.batch().put(&client)).await.unwrap();
        expected.push(client);
    }
    expected.sort_by_key(|client| client.id);
    for limit in [1, 50, 100, u32::MAX] {
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let Page { rows, more } = store.all_clients(after, limit).await.unwrap();
            assert!(rows.len() <= 100);
            after = rows.last().map(|client| client.id);
            found.extend(rows);
            if !more {
                break;
            }
        }
        assert_eq!(found, expected, "in pages of {limit}");
    }
}

pub(in crate::store) async fn conversations_are_walked_newest_activity_first(
    store: Arc<dyn Store>,
) {
    let (desk, other) = (Desk::new(), Desk::new());
    let mut rows: Vec<_> = (0..9).map(|n| desk.conversation(n)).collect();
    // Three of one activity: their ids decide.
    rows[4].last_message_at = rows[3].last_message_at;
    rows[5].last_message_at = rows[3].last_message_at;
    // Without a message, its beginning counts.
    rows[8].last_message_at = None;
    for row in &rows {
        store.commit(desk.batch().put(row)).await.unwrap();
    }
    store.commit(other.batch().put(other.conversation(4))).await.unwrap();
    rows.sort_by_key(|row| std::cmp::Reverse(place(row)));
    for limit in [1, 2, 5, 9, 100] {
        assert_eq!(walk(&*store, conversations_of(&desk, limit)).await, rows, "pages of {limit}");
    }
    let all = ConversationQuery { scope: Scope::All, ..conversations_of(&desk, 4) };
    assert_eq!(walk(&*store, all).await.len(), 10);
}

pub(in crate::store) async fn a_walk_meets_each_conversation_once_though_rows_move(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let mut rows: Vec<_> = (0..30).map(|n| desk.conversation(n)).collect();
    for row in &rows {
        store.commit(desk.batch().put(row)).await.unwrap();
    }
    let mut query = conversations_of(&desk, 4);
    let (mut seen, mut moved) = (Vec::new(), Vec::new());
    for step in 0.. {
        let Page { rows: page, more } = store.list_conversations(query.clone()).await.unwrap();
        query.after = page.last().map(place);
        seen.extend(page.iter().map(|row| row.id));
        if !more {
            break;
        }
        // One that was seen and one that may not have been get new activity.
        for n in [29 - step, step] {
            let row = &mut rows[n];
            row.last_message_at = Some(at(100 + i64::try_from(step).unwrap()));
            moved.push(row.id);
            store.commit(desk.batch().put(&*row)).await.unwrap();
        }
    }
    let mut once: Vec<ConversationId> = seen.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "shown twice");
    for row in rows.iter().filter(|row| !moved.contains(&row.id)) {
        assert!(once.contains(&row.id), "one without new activity was skipped");
    }
}

pub(in crate::store) async fn hidden_and_read_conversations_are_left_out_on_demand(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let mut rows: Vec<_> = (0..6).map(|n| desk.conversation(n)).collect();
    rows[1].hidden = true;
    rows[2].unread_count = 2;
    rows[4].unread_count = 1;
    rows[5].unread_count = 1;
    rows[5].hidden = true;
    for row in &rows {
        store.commit(desk.batch().put(row)).await.unwrap();
    }
    let ids = |rows: Vec<Conversation>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let shown = ids(walk(&*store, conversations_of(&desk, 2)).await);
    assert_eq!(shown, [4, 3, 2, 0].map(|n| rows[n].id));
    for scope in [Scope::Owner(desk.owner.clone()), Scope::All] {
        let unread = ConversationQuery { scope, unread: true, ..conversations_of(&desk, 1) };
        assert_eq!(ids(walk(&*store, unread).await), [4, 2].map(|n| rows[n].id));
    }
    // Read, and opened again.
    rows[4].unread_count = 0;
    rows[5].hidden = false;
    store.commit(desk.batch().put(&rows[4]).put(&rows[5])).await.unwrap();
    let unread = ConversationQuery { unread: true, ..conversations_of(&desk, 1) };
    assert_eq!(ids(walk(&*store, unread).await), [5, 2].map(|n| rows[n].id));
}

pub(in crate::store) async fn a_client_shows_its_own_and_its_numbers_conversations(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    // An earlier client of the same number, and an earlier number of the same client.
    let earlier = Desk { client: Desk::new().client, ..desk.clone() };
    let elsewhere = Desk { number: Desk::new().number, ..desk.clone() };
    let stranger = Desk { owner: desk.owner.clone(), ..Desk::new() };
    let rows = [
        desk.conversation(1),
        earlier.conversation(2),
        elsewhere.conversation(3),
        stranger.conversation(4),
    ];
    for row in &rows {
        store.commit(desk.batch().put(row)).await.unwrap();
    }
    let numbered = Shown { client: desk.client, number: Some(desk.number.clone()) };
    let pending = Shown { client: desk.client, number: None };
    for (shown, expected) in
        [(None, vec![3, 2, 1, 0]), (Some(numbered), vec![2, 1, 0]), (Some(pending), vec![2, 0])]
    {
        let query = ConversationQuery { shown, ..conversations_of(&desk, 2) };
        let found: Vec<_> = walk(&*store, query.clone()).await.iter().map(|row| row.id).collect();
        let expected: Vec<_> = expected.iter().map(|n: &usize| rows[*n].id).collect();
        assert_eq!(found, expected, "{:?}", query.shown);
        let words = vec!["4915".to_owned()];
        let found = walk(&*store, ConversationQuery { words, ..query }).await;
        assert_eq!(found.len(), expected.len(), "a search has the same bounds");
    }
}

pub(in crate::store) async fn messages_are_walked_backwards_between_two_places(
    store: Arc<dyn Store>,
) {
    let desk = Desk::new();
    let (conversation, other) = (desk.conversation(1), desk.conversation(2));
    // Pairs of one time: their ids decide.
    let mut rows: Vec<Message> = (0..10).map(|n| desk.inbound(&conversation, n / 2)).collect();
    let mut batch = desk.batch().put(&conversation).put(&other).put(desk.inbound(&other, 3));
    for row in &rows {
        batch = batch.put(row);
    }
    store.commit(batch).await.unwrap();
    rows.sort_by_key(|row| std::cmp::Reverse(row.place()));
    let query = |hidden_before, before, limit| MessageQuery {
        conversation: conversation.id,
        hidden_before,
        before,
        limit,
    };
    for (hidden_before, expected) in [(None, &rows[..]), (Some(rows[6].place()), &rows[..6])] {
        for limit in [1, 3, 6, 10] {
            let (mut before, mut found) = (None, Vec::new());
            loop {
                let query = query(hidden_before, before, limit);
                let Page { rows, more } = store.list_messages(&desk.owner, query).await.unwrap();
                before = rows.last().map(Message::place);
                found.extend(rows);
                if !more {
                    break;
                }
            }
            assert_eq!(found, expected);
        }
    }
    let stranger = Desk::new().owner;
    let page = store.list_messages(&stranger, query(None, None, 10)).await.unwrap();
    assert_eq!(page, Page { rows: Vec::new(), more: false });
}

pub(in crate::store) async fn inbound_messages_are_counted_after_a_place(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let (conversation, other) = (desk.conversation(1), desk.conversation(2));
    let mut rows: Vec<_> = (1..=5).map(|n| desk.inbound(&conversation, n)).collect();
    rows.push(desk.queued(&conversation, 9));
    rows.push(desk.inbound(&other, 9));
    let mut batch = desk.batch().put(&conversation).put(&other);
    for row in &rows {
        batch = batch.put(row);
    }
    store.commit(batch).await.unwrap();
    let count = |place: Place| store.inbound_after(&desk.owner, conversation.id, place);
    let first = Place { at: at(0), id: rows[0].id };
    assert_eq!(count(first).await.unwrap(), 5);
    assert_eq!(count(rows[1].place()).await.unwrap(), 3);
    assert_eq!(count(rows[4].place()).await.unwrap(), 0);
    let stranger = Desk::new().owner;
    assert_eq!(store.inbound_after(&stranger, conversation.id, first).await.unwrap(), 0);
}

pub(in crate::store) async fn templates_are_walked_by_name_and_language(store: Arc<dyn Store>) {
    let (desk, other) = (Desk::new(), Desk::new());
    let names = [("reengage", "en_US"), ("initiate", "en_US"), ("initiate", "de"), ("a", "pt_BR")];
    let mut rows: Vec<Template> =
        names.iter().map(|(name, language)| desk.template(name, language)).collect();
    // Meta keeps names unique; a copy with another id must still be walked once.
    rows.push(desk.template("initiate", "de"));
    rows[0].purpose = Some(Purpose::Reengage);
    rows[1].purpose = Some(Purpose::Initiate);
    rows[3].definition.status = "PAUSED".to_owned();
    for row in &rows {
        store.commit(desk.batch().put(row)).await.unwrap();
    }
    store.commit(other.batch().put(other.template("b", "de"))).await.unwrap();
    let place = |row: &Template| TemplatePlace {
        name: row.definition.name.clone(),
        language: row.definition.language.clone(),
        id: row.id,
    };
    rows.sort_by_key(place);
    let all = TemplateQuery {
        scope: Scope::Owner(desk.owner.clone()),
        status: None,
        purpose: None,
        after: None,
        limit: 2,
    };
    let walk = async |mut query: TemplateQuery| {
        let mut found = Vec::new();
        loop {
            let Page { rows, more } = store.list_templates(query.clone()).await.unwrap();
            query.after = rows.last().map(place);
            found.extend(rows);
            if !more {
                return found;
            }
        }
    };
    assert_eq!(walk(all.clone()).await, rows);
    let approved = TemplateQuery { status: Some("APPROVED".to_owned()), ..all.clone() };
    assert_eq!(walk(approved).await, rows[1..]);
    let initiate = TemplateQuery { purpose: Some(Purpose::Initiate), ..all.clone() };
    let found = walk(initiate).await;
    assert_eq!((found.len(), found[0].purpose), (1, Some(Purpose::Initiate)));
    assert_eq!(walk(TemplateQuery { scope: Scope::All, ..all }).await.len(), 6);
}

pub(in crate::store) async fn a_page_has_at_most_100_rows(store: Arc<dyn Store>) {
    let desk = Desk::new();
    let conversation = desk.conversation(1);
    let mut batch = desk.batch().put(&conversation);
    for n in 0..101 {
        batch = batch.put(desk.inbound(&conversation, n));
    }
    for n in 2..102 {
        batch = batch.put(desk.conversation(n));
    }
    store.commit(batch).await.unwrap();
    let page = store.list_conversations(conversations_of(&desk, u32::MAX)).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (100, true));
    let query = MessageQuery {
        conversation: conversation.id,
        hidden_before: None,
        before: None,
        limit: u32::MAX,
    };
    let page = store.list_messages(&desk.owner, query).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (100, true));
}
