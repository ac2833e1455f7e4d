//! What is asked of the journal.

use linkojob_proto::v1::{DeliveryFilter, ListDeliveriesRequest};

use crate::{
    domain::{
        delivery::DeliveryId,
        journal::{Range, Which},
        refusal::Refusal,
        time::Timestamp,
    },
    flows::journal::Part,
};

/// A number of a delivery.
pub(in crate::grpc) fn delivery_id(field: &str, id: i64) -> Result<DeliveryId, Refusal> {
    let wrong = || Refusal::field(field, "must be the number of a delivery");
    (id >= 0).then_some(DeliveryId(id)).ok_or_else(wrong)
}

/// A range of numbers.
pub(in crate::grpc) fn range(from: i64, to: i64) -> Result<Range, Refusal> {
    let (from, to) = (delivery_id("from_id", from)?, delivery_id("to_id", to)?);
    if from > to {
        return Err(Refusal::field("to_id", "must not be below from_id"));
    }
    Ok(Range { from, to })
}

/// A part of the journal.
pub(in crate::grpc) fn part_of_journal(request: &ListDeliveriesRequest) -> Result<Part, Refusal> {
    let ListDeliveriesRequest {
        filter: _,
        from_id,
        to_id,
        since,
        until,
        oldest_first: _,
        page_size: _,
    } = *request;
    let which = match request.filter() {
        DeliveryFilter::Unspecified => Which::Every,
        DeliveryFilter::Waiting => Which::Waiting,
        DeliveryFilter::Applied => Which::Applied,
        DeliveryFilter::Failed => Which::Failed,
    };
    let range = range(from_id.unwrap_or(Range::ALL.from.0), to_id.unwrap_or(Range::ALL.to.0))?;
    Ok(Part { which, range, since: since.map(time), until: until.map(time) })
}

fn time(time: prost_types::Timestamp) -> Timestamp {
    let prost_types::Timestamp { seconds, nanos } = time;
    let millis = seconds.saturating_mul(1_000).saturating_add(i64::from(nanos / 1_000_000));
    Timestamp::from_millis(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_in_order() {
        assert_eq!(range(3, 3), Ok(Range::one(DeliveryId(3))));
        assert!(range(4, 3).is_err() && range(-1, 3).is_err() && range(0, -1).is_err());
    }

    #[test]
    fn a_filter_that_is_not_known_is_all() {
        let request = ListDeliveriesRequest { filter: 99, ..ListDeliveriesRequest::default() };
        let part = part_of_journal(&request).unwrap();
        assert_eq!((part.which, part.range), (Which::Every, Range::ALL));
    }
}
