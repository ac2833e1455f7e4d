//! What is shown of a message does not depend on the order or the number of reports.

use core_service::domain::{
    status::{Failure, Life, Status, Step},
    time::Timestamp,
};
use proptest::prelude::*;

use crate::kit::NOON;

fn step(status: Status, second: i64) -> Step {
    let error = (status == Status::Failed).then(|| Failure {
        code: 131_026,
        ..Failure::ours("META_REJECTED", "cannot be delivered")
    });
    Step { status, at: Timestamp::from_seconds(1_800_000_000 + second), error }
}

fn shown(steps: &[Step]) -> Life {
    let mut life = Life::queued(NOON);
    for step in steps {
        life.merge(step.clone());
    }
    life
}

#[test]
fn the_strongest_evidence_is_shown() {
    use Status::{Accepted, Delivered, Failed, Read, Sent, Unknown};
    let table: &[(&[Status], Status)] = &[
        (&[Read, Delivered, Sent], Read),
        (&[Read], Read),
        (&[Failed, Delivered], Delivered),
        (&[Sent, Failed], Failed),
        (&[Failed, Sent], Failed),
        (&[Unknown, Sent], Sent),
        (&[Sent, Unknown], Sent),
        (&[Unknown], Unknown),
        (&[Accepted], Accepted),
    ];
    for (statuses, expected) in table {
        let steps: Vec<Step> = (1..).zip(*statuses).map(|(n, status)| step(*status, n)).collect();
        let life = shown(&steps);
        assert_eq!(life.status(), *expected, "{statuses:?}");
        // Every time is kept, with the one of being queued.
        assert_eq!(life.history().len(), statuses.len() + 1, "{statuses:?}");
    }
}

#[test]
fn a_failure_that_was_overridden_is_no_longer_the_message_s_error_but_stays_in_its_history() {
    let life = shown(&[step(Status::Failed, 1), step(Status::Delivered, 2)]);
    assert_eq!(life.failure(), None);
    assert!(life.history().iter().any(|step| step.error.is_some()));
}

fn evidence() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        Just(Status::Accepted),
        Just(Status::Sent),
        Just(Status::Delivered),
        Just(Status::Read),
        Just(Status::Failed),
    ];
    (status, 0_i64..4).prop_map(|(status, second)| step(status, second))
}

proptest! {
    #[test]
    fn reports_commute_and_repeat_harmlessly(
        (steps, shuffled) in prop::collection::vec(evidence(), 1..8)
            .prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle())),
        repeats in prop::collection::vec(0_usize..8, 0..8),
    ) {
        let mut again = shuffled;
        again.extend(repeats.iter().map(|n| steps[n % steps.len()].clone()));
        prop_assert_eq!(shown(&steps), shown(&again));
    }

    #[test]
    fn what_is_shown_never_falls_back(steps in prop::collection::vec(evidence(), 1..8)) {
        let rank = |status| match status {
            Status::Received | Status::Queued | Status::Sending | Status::Unknown => 0,
            Status::Accepted => 1,
            Status::Sent => 2,
            Status::Failed => 3,
            Status::Delivered => 4,
            Status::Read => 5,
        };
        let mut life = Life::queued(NOON);
        for step in steps {
            let before = rank(life.status());
            life.merge(step);
            prop_assert!(rank(life.status()) >= before);
        }
    }
}
