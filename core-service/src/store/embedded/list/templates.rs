//! Templates by name and language.

use rusqlite::{Connection, params};

use super::bounds;
use crate::{
    domain::{
        actor::Scope,
        page::{Page, TemplatePlace, TemplateQuery},
        template::Template,
    },
    store::{
        StoreError,
        embedded::{columns, put::template::purpose as purpose_column},
    },
};

const OF_OWNER: &str = "SELECT body FROM templates \
    WHERE owner = ?7 AND (name, language, id) > (?1, ?2, ?3) \
    AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR purpose = ?5) \
    ORDER BY name, language, id LIMIT ?6";
const OF_ALL: &str = "SELECT body FROM templates \
    WHERE (name, language, id) > (?1, ?2, ?3) \
    AND (?4 IS NULL OR status = ?4) AND (?5 IS NULL OR purpose = ?5) \
    ORDER BY name, language, id LIMIT ?6";

/// One page.
pub(in crate::store::embedded) fn list(
    conn: &Connection,
    query: &TemplateQuery,
) -> Result<Page<Template>, StoreError> {
    let TemplateQuery { scope, status, purpose, after, limit } = query;
    let (limit, ask) = bounds(*limit);
    let (name, language, id) = match after {
        Some(TemplatePlace { name, language, id }) => {
            (name.as_str(), language.as_str(), id.uuid().into_bytes().to_vec())
        }
        None => ("", "", Vec::new()),
    };
    let purpose = purpose.map(purpose_column);
    let rows = match scope {
        Scope::Owner(owner) => columns::many(
            conn,
            OF_OWNER,
            params![name, language, id, status, purpose, ask, owner.as_str()],
        )?,
        Scope::All => {
            columns::many(conn, OF_ALL, params![name, language, id, status, purpose, ask])?
        }
    };
    Ok(Page::cut(rows, limit))
}
