//! Templates: what lists are narrowed by, and purposes.

use linkojob_proto::v1 as pb;

use super::{given, text};
use crate::domain::{refusal::Refusal, template::Purpose};

/// The status that a list is narrowed to.
pub(in crate::grpc) fn status(status: String) -> Result<Option<String>, Refusal> {
    let word = given(status).map(text::word).transpose();
    word.map_err(|message| Refusal::field("status", message))
}

/// A purpose; "unspecified" is none.
pub(in crate::grpc) fn purpose(number: i32) -> Result<Option<Purpose>, Refusal> {
    match pb::TemplatePurpose::try_from(number) {
        Ok(pb::TemplatePurpose::Unspecified) => Ok(None),
        Ok(pb::TemplatePurpose::Initiate) => Ok(Some(Purpose::Initiate)),
        Ok(pb::TemplatePurpose::Reengage) => Ok(Some(Purpose::Reengage)),
        Err(_) => Err(Refusal::field("purpose", "must be one of the known purposes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_names_no_purpose_is_not_taken_for_none() {
        assert_eq!(purpose(0), Ok(None));
        assert_eq!(purpose(2), Ok(Some(Purpose::Reengage)));
        assert!(purpose(3).is_err());
        assert!(purpose(-1).is_err());
    }

    #[test]
    fn a_status_is_a_word_of_metas() {
        assert_eq!(status(String::new()), Ok(None));
        assert_eq!(status("PAUSED".to_owned()), Ok(Some("PAUSED".to_owned())));
        assert!(status("paused;".to_owned()).is_err());
    }
}
