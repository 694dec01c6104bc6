//! The columns: topic, partition, offset, timestamp, timestamp_type, key, value, headers.

use super::ffi::{Array, Buffer, Schema};
use ottla::consumer::{Records, TimestampType};
use ottla::{Error, ErrorKind};

/// The struct that [`array`] makes.
pub(super) fn schema() -> Schema {
    let field = |format, name, nullable| Schema::new(format, name, nullable, Vec::new());
    let header =
        Schema::new(c"+s", c"item", false, vec![field(c"u", c"key", false), field(c"z", c"value", true)]);
    Schema::new(
        c"+s",
        c"",
        false,
        vec![
            field(c"u", c"topic", false),
            field(c"i", c"partition", false),
            field(c"l", c"offset", false),
            field(c"tsm:UTC", c"timestamp", true),
            field(c"u", c"timestamp_type", false),
            field(c"z", c"key", true),
            field(c"z", c"value", true),
            Schema::new(c"+l", c"headers", false, vec![header]),
        ],
    )
}

/// Errors: `InvalidArgument` for a column of more than 2 GiB.
pub(super) fn array(records: &Records) -> Result<Array, Error> {
    let count = records.len();
    let mut topic = Octets::with_capacity(count);
    let mut partition = column(count);
    let mut offset = column(count);
    let mut timestamp = column(count);
    let mut has_timestamp = Validity::default();
    let mut timestamp_type = Octets::with_capacity(count);
    let mut key = Octets::with_capacity(count);
    let mut value = Octets::with_capacity(count);
    let mut headers = vec![0];
    let mut header_key = Octets::with_capacity(0);
    let mut header_value = Octets::with_capacity(0);
    for record in records.iter() {
        topic.push(Some(record.topic().as_bytes()))?;
        partition.push(record.partition());
        offset.push(record.offset());
        timestamp.push(record.timestamp_ms());
        // Kafka's word for no timestamp.
        has_timestamp.push(record.timestamp_ms() != -1);
        timestamp_type.push(Some(match record.timestamp_type() {
            TimestampType::LogAppendTime => b"log_append",
            TimestampType::CreateTime => b"create",
        }))?;
        key.push(record.key())?;
        value.push(record.value())?;
        for (name, content) in record.headers() {
            header_key.push(Some(String::from_utf8_lossy(name).as_bytes()))?;
            header_value.push(content)?;
        }
        headers.push(offset_of(header_key.len())?);
    }
    let header_count = header_key.len();
    let header =
        Array::new(header_count, 0, vec![Buffer::NONE], vec![header_key.array(), header_value.array()]);
    let (nulls, validity) = has_timestamp.buffer();
    let columns = vec![
        topic.array(),
        Array::new(count, 0, vec![Buffer::NONE, Buffer::of(partition)], Vec::new()),
        Array::new(count, 0, vec![Buffer::NONE, Buffer::of(offset)], Vec::new()),
        Array::new(count, nulls, vec![validity, Buffer::of(timestamp)], Vec::new()),
        timestamp_type.array(),
        key.array(),
        value.array(),
        Array::new(count, 0, vec![Buffer::NONE, Buffer::of(headers)], vec![header]),
    ];
    Ok(Array::new(count, 0, vec![Buffer::NONE], columns))
}

/// Never without memory: some readers take a pointer to nothing for a missing buffer.
fn column<T>(count: usize) -> Vec<T> {
    Vec::with_capacity(count.max(64))
}

fn offset_of(length: usize) -> Result<i32, Error> {
    i32::try_from(length).map_err(|_| {
        Error::new(ErrorKind::InvalidArgument, "export records to Arrow", "a column exceeds 2 GiB")
            .with_hint("poll fewer records at a time (max_records)")
    })
}

/// Which items are there: a bit each, from the lowest on.
#[derive(Default)]
struct Validity {
    bits: Vec<u8>,
    count: usize,
    null_count: usize,
}

impl Validity {
    fn push(&mut self, is_valid: bool) {
        if self.count.is_multiple_of(8) {
            self.bits.push(0);
        }
        if is_valid && let Some(last) = self.bits.last_mut() {
            *last |= 1 << (self.count % 8);
        }
        self.count += 1;
        self.null_count += usize::from(!is_valid);
    }

    fn buffer(self) -> (usize, Buffer) {
        if self.null_count == 0 { (0, Buffer::NONE) } else { (self.null_count, Buffer::of(self.bits)) }
    }
}

/// A column of texts or bytes.
struct Octets {
    validity: Validity,
    ends: Vec<i32>,
    data: Vec<u8>,
}

impl Octets {
    fn with_capacity(count: usize) -> Self {
        let mut ends = Vec::with_capacity(count + 1);
        ends.push(0);
        Self { validity: Validity::default(), ends, data: column(count) }
    }

    fn push(&mut self, value: Option<&[u8]>) -> Result<(), Error> {
        self.validity.push(value.is_some());
        self.data.extend_from_slice(value.unwrap_or_default());
        self.ends.push(offset_of(self.data.len())?);
        Ok(())
    }

    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn array(self) -> Array {
        let count = self.len();
        let (nulls, validity) = self.validity.buffer();
        Array::new(count, nulls, vec![validity, Buffer::of(self.ends), Buffer::of(self.data)], Vec::new())
    }
}
