//! Templates by name and language.

use mongodb::bson::{Bson, Document, doc};

use super::{
    super::{
        commit::purpose as purpose_field,
        db::{Db, Find},
        field::{self, TEMPLATES},
    },
    bodies, bounds,
};
use crate::{
    domain::{
        actor::Scope,
        page::{Page, TemplatePlace, TemplateQuery},
        template::Template,
    },
    store::StoreError,
};

/// One page.
pub(in super::super) async fn list(
    db: &Db,
    query: &TemplateQuery,
) -> Result<Page<Template>, StoreError> {
    let TemplateQuery { scope, status, purpose, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let mut filter = Document::new();
    let mut sort = doc! { "name": 1, "language": 1, "_id": 1 };
    let hint = match scope {
        Scope::Owner(owner) => {
            filter.insert("owner", owner.as_str());
            sort = doc! { "owner": 1, "name": 1, "language": 1, "_id": 1 };
            "name"
        }
        Scope::All => "name_all",
    };
    if let Some(status) = status {
        filter.insert("status", status.as_str());
    }
    if let Some(purpose) = purpose {
        filter.insert("purpose", purpose_field(*purpose));
    }
    let (mut min, mut max) = (Document::new(), Document::new());
    if let Some(after) = after {
        // The range begins with its first place, which was shown already.
        filter.insert("_id", doc! { "$ne": field::uuid(after.id.uuid()) });
        (min, max) = from(scope, after);
    }
    let walk = Find::all(TEMPLATES, filter);
    let find = Find { sort, limit: ask, hint: Some(hint), min, max, ..walk };
    Ok(Page::cut(bodies(db, find).await?, limit))
}

/// The part of the index that begins at a place.
fn from(scope: &Scope, place: &TemplatePlace) -> (Document, Document) {
    let TemplatePlace { name, language, id } = place;
    let (mut min, mut max) = (Document::new(), Document::new());
    if let Scope::Owner(owner) = scope {
        min.insert("owner", owner.as_str());
        max.insert("owner", owner.as_str());
    }
    min.extend(doc! {
        "name": name.as_str(), "language": language.as_str(), "_id": field::uuid(id.uuid()),
    });
    max.extend(doc! { "name": Bson::MaxKey, "language": Bson::MaxKey, "_id": Bson::MaxKey });
    (min, max)
}
