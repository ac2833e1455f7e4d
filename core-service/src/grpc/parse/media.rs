//! Which part of a file is asked for.

use linkojob_proto::v1::ByteRange;

use crate::domain::{
    part::{Bytes, Part},
    refusal::Refusal,
};

/// Reads a range and the digest that it counts for.
pub(in crate::grpc) fn part(range: Option<ByteRange>, of: String) -> Result<Part, Refusal> {
    let bytes = range.map(bytes).transpose()?.flatten();
    Ok(Part { bytes, only_of: (!of.is_empty()).then_some(of) })
}

fn bytes(range: ByteRange) -> Result<Option<Bytes>, Refusal> {
    let ByteRange { first, last } = range;
    Ok(match (number("range.first", first)?, number("range.last", last)?) {
        (None, None) => None,
        (Some(first), None) => Some(Bytes::From(first)),
        (None, Some(count)) => Some(Bytes::Last(count)),
        (Some(first), Some(last)) if first <= last => Some(Bytes::Between(first, last)),
        (Some(_), Some(_)) => {
            return Err(Refusal::field("range.last", "must not be less than range.first"));
        }
    })
}

fn number(field: &str, number: Option<i64>) -> Result<Option<u64>, Refusal> {
    let read = number.map(u64::try_from).transpose();
    read.map_err(|_| Refusal::field(field, "must not be negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_http_counts() {
        let read = |first, last| {
            let range = Some(ByteRange { first, last });
            part(range, String::new()).map(|part| part.bytes)
        };
        assert_eq!(read(None, None), Ok(None));
        assert_eq!(read(Some(0), None), Ok(Some(Bytes::From(0))));
        assert_eq!(read(None, Some(5)), Ok(Some(Bytes::Last(5))));
        assert_eq!(read(Some(2), Some(2)), Ok(Some(Bytes::Between(2, 2))));
        for (first, last) in [(Some(3), Some(2)), (Some(-1), None), (None, Some(-1))] {
            assert!(matches!(read(first, last), Err(Refusal::Validation(_))), "{first:?} {last:?}");
        }
        let of = part(None, "00ff".to_owned()).unwrap();
        assert_eq!(of, Part { bytes: None, only_of: Some("00ff".to_owned()) });
        assert_eq!(part(None, String::new()), Ok(Part::default()));
    }
}
