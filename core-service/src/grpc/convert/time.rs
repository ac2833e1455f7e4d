//! Times: milliseconds inside, seconds and nanoseconds on the wire.

use prost_types::Timestamp as Wire;

use crate::domain::time::Timestamp;

/// A time as the wire has it.
pub(in crate::grpc) fn time(at: Timestamp) -> Wire {
    let millis = at.as_millis();
    let rest = i32::try_from(millis.rem_euclid(1000)).unwrap_or(0);
    Wire { seconds: millis.div_euclid(1000), nanos: rest * 1_000_000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanoseconds_are_never_negative() {
        let wire = |millis| {
            let Wire { seconds, nanos } = time(Timestamp::from_millis(millis));
            (seconds, nanos)
        };
        assert_eq!(wire(1_500), (1, 500_000_000));
        assert_eq!(wire(0), (0, 0));
        assert_eq!(wire(-1), (-1, 999_000_000));
    }
}
