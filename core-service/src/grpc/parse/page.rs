//! Lists: how much of them, and what is searched.

use super::text;
use crate::domain::{page, refusal::Refusal, search::words_of_question};

/// Rows of a page when the caller does not say.
const DEFAULT: u32 = 25;

/// The most rows of a page: 0 means the default.
pub(in crate::grpc) fn limit(page_size: i32) -> Result<u32, Refusal> {
    match u32::try_from(page_size) {
        Ok(0) => Ok(DEFAULT),
        Ok(size) if size <= page::MAX => Ok(size),
        Ok(_) | Err(_) => Err(Refusal::field("page_size", "must be 1 to 100, or 0 for 25")),
    }
}

/// The words of a search; `None` when there are signs but no words, which nothing can match.
pub(in crate::grpc) fn search(search: String) -> Result<Option<Vec<String>>, Refusal> {
    let text = text::search(search).map_err(|message| Refusal::field("search", message))?;
    let words = words_of_question(&text);
    Ok((!words.is_empty() || text.trim().is_empty()).then_some(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_1_to_100_rows() {
        assert_eq!((limit(0), limit(1), limit(100)), (Ok(25), Ok(1), Ok(100)));
        for wrong in [-1, 101, i32::MIN, i32::MAX] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_search_without_words_finds_nothing_and_no_search_finds_all() {
        assert_eq!(search(" ".to_owned()), Ok(Some(Vec::new())));
        assert_eq!(search("?!".to_owned()), Ok(None));
        assert_eq!(search("Ána".to_owned()), Ok(Some(vec!["ana".to_owned()])));
        assert!(search("a".repeat(129)).is_err());
    }
}
