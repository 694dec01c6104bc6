//! `ottla dump-log`: segments, indexes and producer snapshots of Kafka's on-disk format, read in place.
#![allow(clippy::disallowed_methods)] // Files of the person at the command line.

use crate::failure::Failure;
use crate::format;
use bytes::Bytes;
use ottla_wire::batch::control::ControlType;
use ottla_wire::batch::{BatchHeader, BatchView, Batches, DecompressLimits, RecordView, Scratch};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Show what is inside log segments, indexes and snapshots.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// .log, .index, .timeindex or .snapshot files, or folders of a partition
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the records, not just their batches
    #[arg(short = 'r', long)]
    records: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// What was found wrong; the files are all read before it is reported.
#[derive(Default)]
struct Damage(Vec<String>);

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut damage = Damage::default();
    for path in expand(&arguments.files)? {
        let bytes = std::fs::read(&path)
            .map_err(|error| Failure::said(format!("cannot read {}: {error}", path.display())))?;
        if !arguments.json {
            writeln!(out, "{} ({})", path.display(), format::bytes(bytes.len() as u64))?;
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("log") => dump_segment(&mut out, &path, Bytes::from(bytes), arguments, &mut damage)?,
            Some("index") => dump_entries(
                &mut out,
                &path,
                &bytes,
                8,
                arguments.json,
                |entry| json!({"relative_offset": int32(entry, 0), "position": int32(entry, 4)}),
            )?,
            Some("timeindex") => dump_entries(
                &mut out,
                &path,
                &bytes,
                12,
                arguments.json,
                |entry| json!({"timestamp_ms": int64(entry, 0), "relative_offset": int32(entry, 8)}),
            )?,
            Some("txnindex") => dump_entries(
                &mut out,
                &path,
                &bytes,
                34,
                arguments.json,
                |entry| json!({"producer_id": int64(entry, 2), "first_offset": int64(entry, 10), "last_offset": int64(entry, 18), "last_stable_offset": int64(entry, 26)}),
            )?,
            Some("snapshot") => dump_snapshot(&mut out, &path, &bytes, arguments.json, &mut damage)?,
            _ => damage.0.push(format!(
                "{}: not a .log, .index, .timeindex, .txnindex or .snapshot file",
                path.display()
            )),
        }
    }
    out.flush()?;
    if damage.0.is_empty() { Ok(()) } else { Err(Failure::said(damage.0.join("\n       "))) }
}

/// Files as they are; of a folder, the files of a partition in name order.
fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
        inside.retain(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("log" | "index" | "timeindex" | "txnindex" | "snapshot"))
        });
        if inside.is_empty() {
            return Err(Failure::said(format!(
                "{} holds no log files; name a partition's folder, such as {}",
                path.display(),
                path.join("orders-0").display()
            )));
        }
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn dump_segment(
    out: &mut impl Write,
    path: &Path,
    bytes: Bytes,
    arguments: &Arguments,
    damage: &mut Damage,
) -> Result<(), Failure> {
    let total = bytes.len();
    let mut scratch = Scratch::new();
    let mut position = 0;
    for batch in Batches::new(bytes) {
        let batch = match batch {
            Ok(batch) => batch,
            Err(error) => {
                damage.0.push(format!("{}: position {position}: {error}", path.display()));
                return Ok(());
            }
        };
        let intact = batch.verify_crc();
        if let Err(error) = &intact {
            damage.0.push(format!("{}: position {position}: {error}", path.display()));
        }
        print_line(out, arguments.json, "", &describe_batch(&batch.header, position, intact.is_ok()))?;
        if arguments.records && intact.is_ok() {
            let is_control = batch.header.is_control();
            if let Err(error) = dump_records(out, &batch, is_control, arguments.json, &mut scratch)? {
                damage.0.push(format!("{}: position {position}: {error}", path.display()));
            }
        }
        position += batch.bytes().len();
    }
    if position != total {
        damage.0.push(format!(
            "{}: {} bytes after position {position} are not a whole batch",
            path.display(),
            total - position
        ));
    }
    Ok(())
}

fn dump_records(
    out: &mut impl Write,
    batch: &BatchView,
    is_control: bool,
    as_json: bool,
    scratch: &mut Scratch,
) -> Result<Result<(), ottla_wire::batch::BatchError>, Failure> {
    let records = match batch.records(&DecompressLimits::default(), scratch) {
        Ok(records) => records,
        Err(error) => return Ok(Err(error)),
    };
    for record in records {
        match record {
            Ok(record) => print_line(out, as_json, "  ", &describe_record(&record, is_control))?,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}

fn describe_batch(header: &BatchHeader, position: usize, is_valid: bool) -> Value {
    json!({
        "base_offset": header.base_offset,
        "last_offset": header.last_offset(),
        "count": header.records_count,
        "base_sequence": header.base_sequence,
        "producer_id": header.producer_id,
        "producer_epoch": header.producer_epoch,
        "partition_leader_epoch": header.partition_leader_epoch,
        "is_transactional": header.is_transactional(),
        "is_control": header.is_control(),
        "position": position,
        "max_timestamp_ms": header.max_timestamp,
        "size_bytes": header.size_bytes(),
        "magic": header.magic,
        "compression": format!("{:?}", header.compression()).to_lowercase(),
        "crc": header.crc,
        "is_valid": is_valid,
    })
}

fn describe_record(record: &RecordView<'_>, is_control: bool) -> Value {
    let mut described = Map::new();
    described.insert("offset".into(), record.offset.into());
    described.insert("timestamp_ms".into(), record.timestamp_ms.into());
    if is_control {
        let kind = record.key.map(ControlType::decode_key);
        described.insert(
            "control".into(),
            match kind {
                Some(Ok(kind)) => format!("{kind:?}").into(),
                _ => "unreadable".into(),
            },
        );
        return Value::Object(described);
    }
    described.insert("key".into(), text(record.key));
    described.insert("value".into(), text(record.value));
    let headers: Vec<Value> = record
        .headers
        .iter()
        .map(|(key, value)| json!([String::from_utf8_lossy(key), text(value)]))
        .collect();
    if !headers.is_empty() {
        described.insert("headers".into(), headers.into());
    }
    Value::Object(described)
}

/// UTF-8 as text, anything else as `0x…`.
fn text(bytes: Option<&[u8]>) -> Value {
    match bytes.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
        None => Value::Null,
        Some((Ok(text), _)) => text.into(),
        Some((Err(_), bytes)) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("0x{hex}").into()
        }
    }
}

fn dump_entries(
    out: &mut impl Write,
    path: &Path,
    bytes: &[u8],
    entry_bytes: usize,
    as_json: bool,
    describe: impl Fn(&[u8]) -> Value,
) -> Result<(), Failure> {
    // An index is allocated ahead and filled from the front: an entry of zeros behind the first one is room, not data.
    for (index, entry) in bytes.chunks_exact(entry_bytes).enumerate() {
        if index > 0 && entry.iter().all(|byte| *byte == 0) {
            break;
        }
        print_line(out, as_json, "  ", &describe(entry))?;
    }
    if !bytes.len().is_multiple_of(entry_bytes) && !as_json {
        writeln!(out, "  {}: not a whole number of entries", path.display())?;
    }
    Ok(())
}

/// A producer snapshot: version, CRC-32C of what follows, count, entries of 46 bytes.
fn dump_snapshot(
    out: &mut impl Write,
    path: &Path,
    bytes: &[u8],
    as_json: bool,
    damage: &mut Damage,
) -> Result<(), Failure> {
    const HEAD_BYTES: usize = 10;
    const ENTRY_BYTES: usize = 46;
    if bytes.len() < HEAD_BYTES || !(bytes.len() - HEAD_BYTES).is_multiple_of(ENTRY_BYTES) {
        damage.0.push(format!("{}: {} bytes are not a producer snapshot", path.display(), bytes.len()));
        return Ok(());
    }
    let stored = int32(bytes, 2) as u32;
    if stored != ottla_wire::crc32c::crc32c(&bytes[6..]) {
        damage.0.push(format!("{}: the checksum does not fit its content", path.display()));
    }
    for entry in bytes[HEAD_BYTES..].chunks_exact(ENTRY_BYTES) {
        let described = json!({
            "producer_id": int64(entry, 0),
            "producer_epoch": i16::from_be_bytes([entry[8], entry[9]]),
            "last_sequence": int32(entry, 10),
            "last_offset": int64(entry, 14),
            "offset_delta": int32(entry, 22),
            "timestamp_ms": int64(entry, 26),
            "coordinator_epoch": int32(entry, 34),
            "current_transaction_first_offset": int64(entry, 38),
        });
        print_line(out, as_json, "  ", &described)?;
    }
    Ok(())
}

fn print_line(out: &mut impl Write, as_json: bool, indent: &str, value: &Value) -> Result<(), Failure> {
    if as_json {
        serde_json::to_writer(&mut *out, value)?;
        out.write_all(b"\n")?;
        return Ok(());
    }
    write!(out, "{indent}")?;
    for (index, (name, value)) in value.as_object().into_iter().flatten().enumerate() {
        let gap = if index == 0 { "" } else { "  " };
        match value {
            Value::String(text) => write!(out, "{gap}{name}: {text}")?,
            other => write!(out, "{gap}{name}: {other}")?,
        }
    }
    writeln!(out)?;
    Ok(())
}

fn int32(bytes: &[u8], at: usize) -> i32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(-1, i32::from_be_bytes)
}

fn int64(bytes: &[u8], at: usize) -> i64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(-1, i64::from_be_bytes)
}
