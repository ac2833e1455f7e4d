//! Lists that come in pages.
//!
//! Invariant: a list is whole or an error. Part of one would look as if the rest had been deleted.

use serde_json::Value;

use super::{
    client::{Call, Graph, LARGE},
    error::MetaError,
    peek,
    token::Token,
};

/// How many elements are asked for at once; the most that every list of Meta's allows.
const PAGE: &str = "100";
/// The most pages of one list.
const PAGES: usize = 256;

impl Graph {
    /// Reads all pages of a list, at most `most` elements.
    pub(super) async fn list(
        &self,
        token: &Token,
        path: &[&str],
        fields: &str,
        most: usize,
    ) -> Result<Vec<Value>, MetaError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..PAGES {
            let mut query = vec![("fields", fields), ("limit", PAGE)];
            query.extend(after.as_deref().map(|after| ("after", after)));
            let call = Call { limit: LARGE, ..Call::get(path, &query) };
            let mut page = self.ask(token, call).await?;
            let next = next(&page);
            let Some(data) = page.get_mut("data").and_then(Value::as_array_mut) else {
                return Err(MetaError::Unavailable("a page without a list".to_owned()));
            };
            all.append(data);
            if all.len() > most {
                return Err(MetaError::Unavailable(format!("a list of more than {most}")));
            }
            match next {
                None => return Ok(all),
                Some(next) => after = Some(next),
            }
        }
        Err(MetaError::Unavailable(format!("a list of more than {PAGES} pages")))
    }
}

/// Where the next page begins. The last page has a cursor too, but no `next`; the address there is
/// not followed, as it has the token in it.
fn next(page: &Value) -> Option<String> {
    let paging = page.get("paging")?;
    peek::text(paging, "next")?;
    peek::text(paging.get("cursors")?, "after")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_page_that_names_a_next_one_has_one() {
        let cursors = json!({"before": "a", "after": "b"});
        let middle = json!({"data": [], "paging": {"cursors": cursors, "next": "https://x"}});
        assert_eq!(next(&middle), Some("b".to_owned()));
        for last in [
            json!({"data": [], "paging": {"cursors": cursors}}),
            json!({"data": [], "paging": {"next": "https://x"}}),
            json!({"data": []}),
        ] {
            assert_eq!(next(&last), None, "{last}");
        }
    }
}
