//! Conversations by activity: a walk along an activity index that tests what it passes.
//!
//! Invariant: a walk shows each conversation at most once and leaves out none that did not move:
//! activity never falls, so a row that moves only moves out of the part that is still to come.

use mongodb::bson::{Bson, Document, doc};

use super::{
    super::{
        db::{Db, Find, READ, within},
        field::{self, CONVERSATIONS},
    },
    bodies, bounds, search,
};
use crate::{
    domain::{
        actor::Scope,
        conversation::Conversation,
        page::{ActivityPlace, ConversationQuery, Page, Shown},
    },
    store::StoreError,
};

/// One page.
pub(in super::super) async fn list(
    db: &Db,
    query: &ConversationQuery,
) -> Result<Page<Conversation>, StoreError> {
    let page = async {
        if let Scope::Owner(owner) = &query.scope
            && let Some(page) = search::few(db, owner, query).await?
        {
            return Ok(page);
        }
        walk(db, query).await
    };
    within(READ, page).await
}

async fn walk(db: &Db, query: &ConversationQuery) -> Result<Page<Conversation>, StoreError> {
    let ConversationQuery { scope, shown, unread, words, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let mut filter = doc! { "hidden": false };
    if *unread {
        filter.insert("unread", doc! { "$gt": 0 });
    }
    if let Some(Shown { client, number }) = shown {
        let mut either = vec![doc! { "client": field::uuid(client.uuid()) }];
        either.extend(number.iter().map(|number| doc! { "number": number.as_str() }));
        filter.insert("$or", either);
    }
    if !words.is_empty() {
        let each: Vec<_> =
            words.iter().map(|word| doc! { "words": search::begins(word) }).collect();
        filter.insert("$and", each);
    }
    let mut sort = doc! { "activity": -1, "_id": -1 };
    let hint = match scope {
        Scope::Owner(owner) => {
            filter.insert("owner", owner.as_str());
            sort = doc! { "owner": -1, "activity": -1, "_id": -1 };
            "activity"
        }
        Scope::All => "activity_all",
    };
    let (min, max) = after.map_or_else(Default::default, |after| below(scope, after));
    let walk = Find::all(CONVERSATIONS, filter);
    let find = Find { sort, limit: ask, hint: Some(hint), min, max, ..walk };
    Ok(Page::cut(bodies(db, find).await?, limit))
}

/// The part of an activity index that is below a place.
fn below(scope: &Scope, after: ActivityPlace) -> (Document, Document) {
    let ActivityPlace { activity, id } = after;
    let (mut min, mut max) = (Document::new(), Document::new());
    if let Scope::Owner(owner) = scope {
        min.insert("owner", owner.as_str());
        max.insert("owner", owner.as_str());
    }
    let below_all = doc! { "activity": Bson::MinKey, "_id": Bson::MinKey, "unread": Bson::MinKey };
    min.extend(below_all);
    max.extend(doc! {
        "activity": activity.as_millis(), "_id": field::uuid(id.uuid()), "unread": Bson::MinKey,
    });
    (min, max)
}
