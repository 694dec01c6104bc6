//! Records and where they go. Knows nothing of batches, of the wire or of who sends them.

use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// A partition of a topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition's number, from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// `partition` of `topic`.
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One header of a record: a key, which may repeat within a record, and a value, which may be null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The header's key.
    pub key: String,
    /// The header's value; `None` is Kafka's null, which differs from empty.
    pub value: Option<Bytes>,
}

/// A record's headers, in order; keys may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header after the others, also when its key is there already.
    pub fn push(&mut self, key: impl Into<String>, value: Option<impl Into<Bytes>>) {
        self.0.push(Header { key: key.into(), value: value.map(Into::into) });
    }

    /// The last header of that key, which is the one that counts when keys repeat.
    pub fn last(&self, key: &str) -> Option<&Header> {
        self.0.iter().rev().find(|header| header.key == key)
    }

    /// Every header of that key, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Header> + 'a {
        self.0.iter().filter(move |header| header.key == key)
    }

    /// Removes every header of that key; returns how many there were.
    pub fn remove(&mut self, key: &str) -> usize {
        let before = self.0.len();
        self.0.retain(|header| header.key != key);
        before - self.0.len()
    }

    /// All headers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// How many headers there are, repeated keys counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<I: IntoIterator<Item = Header>>(headers: I) -> Self {
        Self(headers.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for Headers {
    type Item = Header;
    type IntoIter = std::vec::IntoIter<Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A record to send.
///
/// ```
/// use ottla::record::Record;
/// let record = Record::to("orders").key("42").value("paid").header("source", "shop");
/// assert_eq!(&*record.topic, "orders");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The topic it goes to.
    pub topic: Arc<str>,
    /// The partition it goes to; `None` lets the partitioner choose.
    pub partition: Option<i32>,
    /// Milliseconds since the Unix epoch; `None` takes the time of sending.
    pub timestamp_ms: Option<i64>,
    /// The key; records of one key keep their order and, on a compacted topic, replace each other.
    pub key: Option<Bytes>,
    /// The value; `None` is a tombstone on a compacted topic.
    pub value: Option<Bytes>,
    /// The headers.
    pub headers: Headers,
}

impl Record {
    /// An empty record for `topic`.
    pub fn to(topic: impl Into<Arc<str>>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            timestamp_ms: None,
            key: None,
            value: None,
            headers: Headers::new(),
        }
    }

    /// Sets the key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Bytes>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Bytes>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Sets the partition.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Sets the timestamp, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn timestamp_ms(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = Some(timestamp_ms);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, key: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.headers.push(key, Some(value));
        self
    }
}

/// Where a record was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMetadata {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The record's offset; `None` when the broker was not asked (`acks=0`) or did not say.
    pub offset: Option<i64>,
    /// The record's timestamp in milliseconds: the producer's, or the broker's on a topic of log-append time.
    pub timestamp_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_header_keys_are_kept_in_order() {
        let record = Record::to("t").header("a", "1").header("b", "2").header("a", "3");
        let values: Vec<_> = record.headers.all("a").filter_map(|h| h.value.clone()).collect();
        assert_eq!(values, [Bytes::from("1"), Bytes::from("3")]);
        assert_eq!(record.headers.last("a").and_then(|h| h.value.clone()), Some(Bytes::from("3")));
    }

    #[test]
    fn removing_a_key_removes_all_its_headers_only() {
        let mut headers = Headers::new();
        headers.push("a", Some("1"));
        headers.push("b", None::<Bytes>);
        headers.push("a", Some("2"));
        assert_eq!(headers.remove("a"), 2);
        assert_eq!(headers.len(), 1);
        assert_eq!(headers.iter().next().map(|h| h.key.as_str()), Some("b"));
    }
}
