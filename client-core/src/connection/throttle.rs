//! Where a response carries its throttle time, and from which version on the client is the one to hold back (KIP-219:
//! before, the broker delayed the answer itself). A **machine**: a table and one look at the bytes.

use ottla_wire::ApiKey;
use std::time::Duration;

/// No broker gets to silence the client for longer than this at a time.
const LONGEST: Duration = Duration::from_secs(3_600);

/// API keys whose responses start with the throttle time: (key, first version in which the client holds back).
/// Not here: ApiVersions, Produce (its throttle time comes last; the producer's sender obeys it) and the delegation tokens.
const FIRST_FIELD: &[(i16, i16)] = &[
    (1, 8),
    (2, 3),
    (3, 6),
    (8, 4),
    (9, 4),
    (10, 2),
    (11, 3),
    (12, 2),
    (13, 2),
    (14, 2),
    (15, 2),
    (16, 2),
    (19, 3),
    (20, 2),
    (21, 1),
    (22, 1),
    (23, 2),
    (24, 1),
    (25, 1),
    (26, 1),
    (28, 1),
    (29, 1),
    (30, 1),
    (31, 1),
    (32, 2),
    (33, 1),
    (34, 1),
    (35, 1),
    (37, 1),
    (42, 1),
    (43, 0),
    (44, 0),
    (45, 0),
    (46, 0),
    (48, 0),
    (49, 0),
    (50, 0),
    (51, 0),
    (57, 0),
    (60, 0),
    (61, 0),
    (64, 0),
    (65, 0),
    (66, 0),
    (68, 0),
    (69, 0),
    (71, 0),
    (72, 0),
    (74, 0),
    (75, 0),
    (76, 0),
    (77, 0),
    (78, 0),
    (79, 0),
    (90, 0),
    (91, 0),
    (92, 0),
];

/// How long the client must send nothing, from a response's body.
pub(super) fn hold_back(api: ApiKey, version: i16, body: &[u8]) -> Option<Duration> {
    let index = FIRST_FIELD.binary_search_by_key(&api.0, |(key, _)| *key).ok()?;
    if version < FIRST_FIELD[index].1 {
        return None;
    }
    let throttle_ms = i32::from_be_bytes(*body.first_chunk::<4>()?);
    let throttle_ms = u64::try_from(throttle_ms).ok().filter(|ms| *ms > 0)?;
    Some(Duration::from_millis(throttle_ms).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_for_its_search() {
        assert!(FIRST_FIELD.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn only_versions_that_leave_it_to_the_client_hold_back() {
        let body = [0, 0, 1, 0, 9, 9];
        assert_eq!(hold_back(ApiKey::FETCH, 8, &body), Some(Duration::from_millis(256)));
        assert_eq!(hold_back(ApiKey::FETCH, 7, &body), None);
        assert_eq!(hold_back(ApiKey::PRODUCE, 9, &body), None);
        assert_eq!(hold_back(ApiKey::FETCH, 12, &[0, 0]), None);
        assert_eq!(hold_back(ApiKey::FETCH, 12, &[0xff; 8]), None);
        assert_eq!(hold_back(ApiKey::FETCH, 12, &[0x7f, 0xff, 0xff, 0xff]), Some(LONGEST));
    }
}
