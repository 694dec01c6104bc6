//! The APIs of the protocol: key, name, versions, and which versions this crate can speak.
//!
//! Generated from `tables/apis.tsv` (Kafka 4.4). Which APIs and versions a broker or client *offers* is theirs
//! to say; here stands what exists and what can be encoded.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive};

use kafka_protocol::{
    messages,
    protocol::{Message, Request},
};

/// The key of an API. May hold a key this version does not know.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKey(pub i16);

/// What the protocol says about one API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its key.
    pub key: ApiKey,
    /// Kafka's name, without `Request`.
    pub name: &'static str,
    /// Oldest version Kafka 4.4 serves.
    pub min: i16,
    /// Newest stable version Kafka 4.4 serves; below `min` for a removed API.
    pub max: i16,
    /// Newest version that has a schema, stable or not.
    pub max_with_unstable: i16,
    /// First version with compact lengths and tagged fields; `i16::MAX` for never.
    pub flexible_from: i16,
    /// Served by a broker's listeners.
    pub on_broker: bool,
    /// Served by a controller's listeners.
    pub on_controller: bool,
    /// Only for members of the cluster (`ClusterAction` on the cluster).
    pub cluster_action: bool,
    /// A broker may forward it to the controller.
    pub forwardable: bool,
}

include!(concat!(env!("OUT_DIR"), "/api_table.rs"));

impl ApiKey {
    /// The API of a request type.
    pub const fn of<R: Request>() -> ApiKey {
        ApiKey(R::KEY)
    }

    /// Its row of the table; `None` for a key never used.
    pub fn api(self) -> Option<&'static Api> {
        usize::try_from(self.0).ok().and_then(|index| TABLE.get(index))
    }

    /// Kafka's name, as in `OffsetCommit`.
    pub fn name(self) -> &'static str {
        self.api().map_or("unknown API", |api| api.name)
    }

    /// The API with Kafka's name `name`.
    pub fn from_name(name: &str) -> Option<ApiKey> {
        TABLE.iter().find(|api| api.name == name).map(|api| api.key)
    }

    /// Whether `version` has compact lengths and tagged fields. False for unknown keys.
    pub fn is_flexible(self, version: i16) -> bool {
        self.api().is_some_and(|api| version >= api.flexible_from)
    }

    /// Version of the request header: 2 for flexible versions, else 1.
    pub fn request_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// Version of the response header: 1 for flexible versions, else 0. ApiVersions always answers with 0: its
    /// response is read before the client knows what the broker speaks (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {
        if self.is_flexible(version) && self != ApiKey::API_VERSIONS { 1 } else { 0 }
    }
}

impl Api {
    /// The stable versions, empty for a removed API.
    pub fn versions(&self) -> RangeInclusive<i16> {
        self.min..=self.max
    }

    /// Whether a schema exists for `version`, stable or not.
    pub fn has_version(&self, version: i16) -> bool {
        (self.min..=self.max_with_unstable).contains(&version)
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name(), self.0)
    }
}

impl From<i16> for ApiKey {
    fn from(key: i16) -> Self {
        ApiKey(key)
    }
}

/// Every API ever given a key, in order of keys; removed ones have an empty range.
pub fn apis() -> &'static [Api] {
    TABLE
}

/// The versions of an API that this crate can encode and decode as typed messages.
pub fn supported(api_key: i16) -> Option<RangeInclusive<i16>> {
    let (min, max) = typed_versions(api_key)?;
    let api = ApiKey(api_key).api()?;
    // Both the message types and the schema guard must know a version.
    let range = min.max(api.min)..=max.min(api.max_with_unstable);
    (!range.is_empty()).then_some(range)
}

/// What request and response types both accept. The crate's own table of versions promises more than they hold.
fn typed_versions(api_key: i16) -> Option<(i16, i16)> {
    macro_rules! versions {
        ($($request:ty),* $(,)?) => {
            match api_key {
                $(<$request as Request>::KEY => {
                    let request = <$request as Message>::VERSIONS;
                    let response = <<$request as Request>::Response as Message>::VERSIONS;
                    Some((request.min.max(response.min), request.max.min(response.max)))
                })*
                _ => None,
            }
        };
    }
    crate::for_each_request!(versions)
}

/// The highest version both sides offer.
pub fn negotiate(ours: RangeInclusive<i16>, theirs: RangeInclusive<i16>) -> Option<i16> {
    let highest = *ours.end().min(theirs.end());
    (ours.contains(&highest) && theirs.contains(&highest)).then_some(highest)
}

/// The versions a peer offers, from its ApiVersions response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientVersions {
    ranges: BTreeMap<ApiKey, (i16, i16)>,
}

impl ClientVersions {
    /// No API at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the ranges of an ApiVersions response; ranges that are upside down offer nothing.
    pub fn from_response(response: &messages::ApiVersionsResponse) -> Self {
        response.api_keys.iter().map(|row| (ApiKey(row.api_key), row.min_version..=row.max_version)).collect()
    }

    /// What the peer offers of an API; `None` when it does not know the API.
    pub fn range(&self, api: ApiKey) -> Option<RangeInclusive<i16>> {
        self.ranges.get(&api).map(|&(min, max)| min..=max)
    }

    /// The highest version of `ours` that the peer offers too.
    pub fn negotiate(&self, api: ApiKey, ours: RangeInclusive<i16>) -> Option<i16> {
        negotiate(ours, self.range(api)?)
    }

    /// Every API offered, in order of keys.
    pub fn iter(&self) -> impl Iterator<Item = (ApiKey, RangeInclusive<i16>)> + '_ {
        self.ranges.iter().map(|(&api, &(min, max))| (api, min..=max))
    }

    /// True when the peer offers nothing.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

impl FromIterator<(ApiKey, RangeInclusive<i16>)> for ClientVersions {
    fn from_iter<I: IntoIterator<Item = (ApiKey, RangeInclusive<i16>)>>(ranges: I) -> Self {
        let ranges = ranges.into_iter().filter(|(_, range)| !range.is_empty());
        Self { ranges: ranges.map(|(api, range)| (api, range.into_inner())).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_know_their_name_and_range() {
        let api = ApiKey::FETCH.api().unwrap();
        assert_eq!((api.name, api.versions(), api.flexible_from), ("Fetch", 4..=18, 12));
        assert!(ApiKey(4).api().unwrap().versions().is_empty());
        assert_eq!(ApiKey(-1).api(), None);
        assert_eq!(ApiKey(1000).name(), "unknown API");
        assert_eq!(ApiKey::from_name("InitProducerId"), Some(ApiKey::INIT_PRODUCER_ID));
        assert_eq!(apis().iter().filter(|api| !api.versions().is_empty()).count(), 91);
    }

    #[test]
    fn header_versions_agree_with_the_message_types() {
        for key in messages::ApiKey::iter() {
            let ours = ApiKey(key as i16);
            for version in supported(ours.0).into_iter().flatten() {
                assert_eq!(
                    ours.request_header_version(version),
                    key.request_header_version(version),
                    "{ours}"
                );
                assert_eq!(
                    ours.response_header_version(version),
                    key.response_header_version(version),
                    "{ours}"
                );
            }
        }
    }

    #[test]
    fn negotiation_takes_the_highest_version_of_both() {
        assert_eq!(negotiate(3..=13, 0..=9), Some(9));
        assert_eq!(negotiate(3..=9, 5..=13), Some(9));
        assert_eq!(negotiate(3..=4, 5..=13), None);
        assert_eq!(negotiate(5..=13, 3..=4), None);
        #[allow(clippy::reversed_empty_ranges)]
        let empty = 0..=-1;
        assert_eq!(negotiate(0..=3, empty), None);
    }

    #[test]
    fn a_peer_that_lacks_an_api_negotiates_nothing() {
        let versions: ClientVersions = [(ApiKey::FETCH, 4..=12)].into_iter().collect();
        assert_eq!(versions.negotiate(ApiKey::FETCH, 4..=18), Some(12));
        assert_eq!(versions.negotiate(ApiKey::PRODUCE, 3..=13), None);
    }
}
