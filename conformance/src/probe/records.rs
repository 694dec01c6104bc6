//! Record batches as JSON, legal and illegal ones.

use crate::bytes_form;
use bytes::{Bytes, BytesMut};
use ottla_wire::batch::{
    BatchBuilder, BatchOptions, BatchView, Batches, DecompressLimits, ProducerStamp, RecordIter,
    TimestampType,
};
use ottla_wire::compression::{Codec, Compression};
use serde_json::{Map, Value, json};

/// The bytes of one batch, or of a list of them.
///
/// A batch: `records` (`key`, `value`, `headers`, `timestamp_ms`), `compression`, `producer_id`, `producer_epoch`,
/// `base_sequence`, `transactional`, `control`, and to break it: `flip_crc`, `magic`, `drop_bytes` off the end,
/// `patch` (`{"<position>": "<hex>"}`, after the CRC was computed).
pub(super) fn build(json: &Value) -> Result<Bytes, String> {
    match json {
        Value::Array(batches) => {
            let mut bytes = BytesMut::new();
            for batch in batches {
                bytes.extend_from_slice(&build_batch(batch)?);
            }
            Ok(bytes.freeze())
        }
        batch if batch.get("records").is_some() => build_batch(batch),
        raw => Ok(bytes_form::written(raw)?.unwrap_or_default().into()),
    }
}

fn build_batch(json: &Value) -> Result<Bytes, String> {
    let number = |name: &str, otherwise: i64| json.get(name).and_then(Value::as_i64).unwrap_or(otherwise);
    let flag = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or(false);
    let codec = json.get("compression").and_then(Value::as_str).unwrap_or("none");
    let codec = Codec::from_name(codec).ok_or_else(|| format!("no codec {codec:?}"))?;
    let options = BatchOptions {
        compression: Compression::with_default_level(codec),
        timestamp_type: TimestampType::CreateTime,
    };
    let mut builder = BatchBuilder::new(options, BytesMut::new());
    for record in json["records"].as_array().into_iter().flatten() {
        let field = |name: &str| bytes_form::written(record.get(name).unwrap_or(&Value::Null));
        let (key, value) = (field("key")?, field("value")?);
        let mut headers = Vec::new();
        for header in record.get("headers").and_then(Value::as_array).into_iter().flatten() {
            let key = header["key"].as_str().unwrap_or_default().as_bytes().to_vec();
            headers.push((key, bytes_form::written(&header["value"])?));
        }
        let headers: Vec<_> = headers.iter().map(|(key, value)| (key.as_slice(), value.as_deref())).collect();
        let timestamp_ms = record.get("timestamp_ms").and_then(Value::as_i64).unwrap_or(1_700_000_000_000);
        builder.append(timestamp_ms, key.as_deref(), value.as_deref(), &headers);
    }
    let narrow = "a producer field out of range";
    let stamp = ProducerStamp {
        producer_id: number("producer_id", -1),
        producer_epoch: i16::try_from(number("producer_epoch", -1)).map_err(|_| narrow)?,
        base_sequence: i32::try_from(number("base_sequence", -1)).map_err(|_| narrow)?,
        transactional: flag("transactional"),
        control: flag("control"),
    };
    let mut bytes = builder.finish(stamp).map_err(|error| error.to_string())?.to_vec();
    if flag("flip_crc") {
        bytes[17] ^= 0xff;
    }
    if let Some(magic) = json.get("magic").and_then(Value::as_u64) {
        bytes[16] = u8::try_from(magic).map_err(|_| "magic is one byte")?;
    }
    for (position, patch) in json.get("patch").and_then(Value::as_object).into_iter().flatten() {
        let position: usize = position.parse().map_err(|_| format!("{position:?} is no position"))?;
        let patch = patch.as_str().and_then(bytes_form::unhex).ok_or("a patch is hexadecimal")?;
        let place = bytes.get_mut(position..position + patch.len()).ok_or("a patch beyond the batch")?;
        place.copy_from_slice(&patch);
    }
    let dropped = usize::try_from(number("drop_bytes", 0)).map_err(|_| "drop_bytes is a count")?;
    bytes.truncate(bytes.len().saturating_sub(dropped));
    Ok(bytes.into())
}

/// Batches for a report and its matchers; a cut batch at the end is left out, as a client does.
pub(super) fn show(bytes: &Bytes) -> Value {
    Batches::new(bytes.clone())
        .map(|batch| match batch {
            Ok(batch) => show_batch(&batch),
            Err(error) => json!({"broken": error.to_string()}),
        })
        .collect::<Vec<_>>()
        .into()
}

fn show_batch(batch: &BatchView) -> Value {
    let header = &batch.header;
    let records = match batch.payload(&DecompressLimits::default()) {
        Ok(payload) => RecordIter::new(header, &payload)
            .map(|record| match record {
                Ok(record) => {
                    let mut json = Map::new();
                    json.insert("offset".to_owned(), record.offset.into());
                    json.insert("timestamp_ms".to_owned(), record.timestamp_ms.into());
                    json.insert("key".to_owned(), record.key.map_or(Value::Null, bytes_form::show));
                    json.insert("value".to_owned(), record.value.map_or(Value::Null, bytes_form::show));
                    let headers = record.headers.iter().map(|(key, value)| {
                        json!({"key": bytes_form::show(key), "value": value.map_or(Value::Null, bytes_form::show)})
                    });
                    json.insert("headers".to_owned(), headers.collect::<Vec<_>>().into());
                    Value::Object(json)
                }
                Err(error) => json!({"broken": error.to_string()}),
            })
            .collect::<Vec<_>>()
            .into(),
        Err(error) => json!({"broken": error.to_string()}),
    };
    json!({
        "base_offset": header.base_offset,
        "last_offset": header.base_offset + i64::from(header.last_offset_delta),
        "leader_epoch": header.partition_leader_epoch,
        "compression": header.compression().name(),
        "log_append_time": header.timestamp_type() == TimestampType::LogAppendTime,
        "transactional": header.is_transactional(),
        "control": header.is_control(),
        "producer_id": header.producer_id,
        "producer_epoch": header.producer_epoch,
        "base_sequence": header.base_sequence,
        "max_timestamp_ms": header.max_timestamp,
        "crc_ok": batch.verify_crc().is_ok(),
        "records": records,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_batches_are_shown_as_they_were_written() {
        let json = json!({
            "compression": "gzip", "producer_id": 7, "producer_epoch": 1, "base_sequence": 3,
            "records": [{"key": "k", "value": null, "headers": [{"key": "h", "value": "v"}]}, {"value": "w"}],
        });
        let shown = show(&build(&json).expect("it builds"));
        let expected = json!([{
            "compression": "gzip", "producer_id": 7, "base_sequence": 3, "last_offset": 1, "crc_ok": true,
            "records": [{"key": "k", "value": null, "headers": [{"key": "h", "value": "v"}]}, {"value": "w"}],
        }]);
        assert_eq!(crate::expect::matches(&expected, &shown).err(), None);
    }

    #[test]
    fn broken_batches_are_broken_where_asked() {
        let whole = build(&json!({"records": [{"value": "v"}]})).expect("it builds");
        let flipped = build(&json!({"records": [{"value": "v"}], "flip_crc": true})).expect("it builds");
        assert_eq!(show(&flipped)[0]["crc_ok"], false);
        let cut = build(&json!({"records": [{"value": "v"}], "drop_bytes": 2})).expect("it builds");
        assert_eq!(cut.len(), whole.len() - 2);
        let patched = build(&json!({"records": [{"value": "v"}], "patch": {"0": "ff"}})).expect("it builds");
        assert_eq!((patched[0], whole[0]), (0xff, 0));
        assert!(build(&json!({"records": [], "patch": {"900": "ff"}})).is_err());
    }
}
