//! `schema/*.jsonl` (Kafka's message schemas, one per line) → the static tables of `schema/mod.rs`.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

/// What a file of schemas holds, as (type in the file, variant of `Kind`).
pub(crate) const FILES: &[(&str, &[(&str, &str)])] = &[
    (
        "rpc.jsonl",
        &[("request", "Request"), ("response", "Response"), ("header", "Header"), ("data", "Data")],
    ),
    ("storage-data.jsonl", &[("data", "Data")]),
    ("remote-log-metadata-records.jsonl", &[("metadata", "RemoteLogRecord")]),
    ("metadata-records.jsonl", &[("metadata", "MetadataRecord")]),
    (
        "group-coordinator-records.jsonl",
        &[("coordinator-key", "GroupKey"), ("coordinator-value", "GroupValue")],
    ),
    (
        "transaction-coordinator-records.jsonl",
        &[("coordinator-key", "TransactionKey"), ("coordinator-value", "TransactionValue")],
    ),
    (
        "share-coordinator-records.jsonl",
        &[("coordinator-key", "ShareKey"), ("coordinator-value", "ShareValue")],
    ),
];

#[derive(Default)]
struct Output {
    statics: String,
    messages: String,
    message_count: usize,
    struct_count: usize,
    requests: BTreeMap<i64, usize>,
    responses: BTreeMap<i64, usize>,
}

pub(crate) fn generate(read: impl Fn(&str) -> String) -> String {
    let mut output = Output::default();
    for (file, kinds) in FILES {
        for line in read(file).lines().filter(|line| !line.is_empty()) {
            let schema: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"));
            let kind = text(&schema, "type");
            let (_, kind) = kinds.iter().find(|(name, _)| *name == kind).expect("a known kind of schema");
            output.message(&schema, kind);
        }
    }
    let mut code = output.statics;
    write!(code, "static MESSAGES: [Message; {}] = [\n{}];\n", output.message_count, output.messages)
        .unwrap();
    for (name, index) in [("REQUESTS", output.requests), ("RESPONSES", output.responses)] {
        let last = *index.keys().last().unwrap();
        write!(code, "static {name}: [Option<&Message>; {}] = [", last + 1).unwrap();
        for key in 0..=last {
            match index.get(&key) {
                Some(at) => write!(code, "Some(&MESSAGES[{at}]), ").unwrap(),
                None => code.push_str("None, "),
            }
        }
        code.push_str("];\n");
    }
    code
}

/// A schema being translated.
struct Scope<'a> {
    /// Every struct of the message by name, inline or common.
    structs: BTreeMap<&'a str, &'a [Value]>,
    /// Structs already emitted: name → number and smallest size per version.
    emitted: BTreeMap<&'a str, Struct>,
    /// Structs being emitted, to notice a schema that contains itself.
    open: Vec<&'a str>,
    flexible: (i64, i64),
    last_version: i64,
}

#[derive(Clone)]
struct Struct {
    number: usize,
    /// Smallest encoding in each version from 0.
    min_sizes: Vec<u32>,
}

impl Output {
    fn message(&mut self, schema: &Value, kind: &str) {
        let versions = versions(text(schema, "validVersions"));
        if versions.0 > versions.1 {
            return; // A removed API: only its key is kept.
        }
        let name = text(schema, "name");
        let flexible = self::versions(text(schema, "flexibleVersions"));
        assert!(flexible.0 > flexible.1 || flexible.1 == MAX, "{name}: flexible versions must be open-ended");
        let fields = list(schema, "fields");
        let mut scope = Scope {
            structs: BTreeMap::new(),
            emitted: BTreeMap::new(),
            open: Vec::new(),
            flexible,
            last_version: versions.1,
        };
        for common in list(schema, "commonStructs") {
            scope.structs.insert(text(common, "name"), list(common, "fields"));
            collect_structs(list(common, "fields"), &mut scope.structs);
        }
        collect_structs(fields, &mut scope.structs);
        scope.structs.insert(name, fields);
        let root = self.structure(name, &mut scope);
        let key = schema.get("apiKey").and_then(Value::as_i64).unwrap_or(-1);
        match kind {
            "Request" => assert!(self.requests.insert(key, self.message_count).is_none()),
            "Response" => assert!(self.responses.insert(key, self.message_count).is_none()),
            _ => {}
        }
        let flexible_from = if flexible.0 > flexible.1 { MAX } else { flexible.0 };
        let stable = !schema.get("latestVersionUnstable").and_then(Value::as_bool).unwrap_or(false);
        writeln!(
            self.messages,
            "Message {{ name: {name:?}, kind: Kind::{kind}, key: {key}, versions: Versions {{ min: {}, max: {} }}, \
             flexible_from: {flexible_from}, latest_version_stable: {stable}, root: &S{} }},",
            versions.0, versions.1, root.number
        )
        .unwrap();
        self.message_count += 1;
    }

    fn structure<'a>(&mut self, name: &'a str, scope: &mut Scope<'a>) -> Struct {
        if let Some(done) = scope.emitted.get(name) {
            return done.clone();
        }
        assert!(
            !scope.open.contains(&name),
            "{name} contains itself: the guard's recursion would have no bound"
        );
        scope.open.push(name);
        let fields = scope.structs.get(name).unwrap_or_else(|| panic!("struct {name} is not defined"));
        let mut min_sizes = vec![0_u32; usize::try_from(scope.last_version + 1).unwrap()];
        let mut code = String::new();
        for field in *fields {
            let field_name = text(field, "name");
            let tagged = field.get("taggedVersions").map(|v| versions(v.as_str().unwrap()));
            let present = field.get("versions").map(|v| versions(v.as_str().unwrap())).or(tagged);
            let present = present.expect("a field has versions");
            assert!(
                tagged.is_none_or(|tagged| tagged == present),
                "{field_name}: tagged in some versions only"
            );
            let nullable = field.get("nullableVersions").map_or(NONE, |v| versions(v.as_str().unwrap()));
            let never_flexible = field.get("flexibleVersions").is_some();
            let type_name = text(field, "type");
            let (type_code, type_size) = self.type_of(type_name, scope);
            let tag = match (tagged, field.get("tag")) {
                (Some(_), Some(tag)) => tag.as_i64().unwrap(),
                (None, None) => -1,
                _ => panic!("{field_name}: a tag without tagged versions, or the reverse"),
            };
            for (version, min_size) in min_sizes.iter_mut().enumerate() {
                let version_number = version as i64;
                if tag < 0 && contains(present, version_number) {
                    let flexible = contains(scope.flexible, version_number) && !never_flexible;
                    *min_size += match &type_size {
                        Size::Fixed(size) => *size,
                        Size::Lengthed(length) => {
                            if flexible {
                                1
                            } else {
                                *length
                            }
                        }
                        Size::Struct(_) if contains(nullable, version_number) => 1,
                        Size::Struct(sizes) => sizes[version],
                    };
                }
            }
            writeln!(
                code,
                "    Field {{ name: {:?}, versions: {}, nullable: {}, tag: {tag}, never_flexible: {never_flexible}, \
                 kind: {type_code}, default: {} }},",
                lower_first(field_name),
                versions_code(present),
                versions_code(nullable),
                default_code(field, type_name),
            )
            .unwrap();
        }
        for (version, min_size) in min_sizes.iter_mut().enumerate() {
            *min_size += u32::from(contains(scope.flexible, version as i64));
        }
        let number = self.struct_count;
        self.struct_count += 1;
        writeln!(
            self.statics,
            "static S{number}: Struct = Struct {{ name: {name:?}, min_sizes: &{min_sizes:?}, fields: &[\n{code}] }};"
        )
        .unwrap();
        scope.open.pop();
        scope.emitted.insert(name, Struct { number, min_sizes });
        scope.emitted[name].clone()
    }

    /// The code of a type and its smallest encoding.
    fn type_of<'a>(&mut self, name: &'a str, scope: &mut Scope<'a>) -> (String, Size) {
        if let Some(element) = name.strip_prefix("[]") {
            let (element, _) = self.type_of(element, scope);
            return (format!("Type::Array(&{element})"), Size::Lengthed(4));
        }
        let (code, size) = match name {
            "bool" => ("Type::Bool", Size::Fixed(1)),
            "int8" => ("Type::Int8", Size::Fixed(1)),
            "int16" => ("Type::Int16", Size::Fixed(2)),
            "uint16" => ("Type::Uint16", Size::Fixed(2)),
            "int32" => ("Type::Int32", Size::Fixed(4)),
            "uint32" => ("Type::Uint32", Size::Fixed(4)),
            "int64" => ("Type::Int64", Size::Fixed(8)),
            "float64" => ("Type::Float64", Size::Fixed(8)),
            "uuid" => ("Type::Uuid", Size::Fixed(16)),
            "string" => ("Type::String", Size::Lengthed(2)),
            "bytes" => ("Type::Bytes", Size::Lengthed(4)),
            "records" => ("Type::Records", Size::Lengthed(4)),
            name => {
                let done = self.structure(name, scope);
                return (format!("Type::Struct(&S{})", done.number), Size::Struct(done.min_sizes));
            }
        };
        (code.to_string(), size)
    }
}

enum Size {
    Fixed(u32),
    /// A length or count of so many bytes, one byte in flexible versions.
    Lengthed(u32),
    Struct(Vec<u32>),
}

fn collect_structs<'a>(fields: &'a [Value], structs: &mut BTreeMap<&'a str, &'a [Value]>) {
    for field in fields {
        if field.get("fields").is_some() {
            structs.insert(text(field, "type").trim_start_matches("[]"), list(field, "fields"));
            collect_structs(list(field, "fields"), structs);
        }
    }
}

const MAX: i64 = i16::MAX as i64;
const NONE: (i64, i64) = (0, -1);

/// `3`, `0-4`, `2+` or `none`.
fn versions(text: &str) -> (i64, i64) {
    let number = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("bad versions {text}"));
    match (text.strip_suffix('+'), text.split_once('-')) {
        _ if text == "none" => NONE,
        (Some(from), _) => (number(from), MAX),
        (None, Some((from, to))) => (number(from), number(to)),
        (None, None) => (number(text), number(text)),
    }
}

fn contains(versions: (i64, i64), version: i64) -> bool {
    versions.0 <= version && version <= versions.1
}

fn versions_code((min, max): (i64, i64)) -> String {
    format!("Versions {{ min: {min}, max: {max} }}")
}

fn default_code(field: &Value, type_name: &str) -> String {
    // Schemas write defaults as text, numbers or booleans, as they please.
    let default = match field.get("default") {
        None => return "Default::Empty".to_string(),
        Some(Value::Null) => return "Default::Null".to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if default == "null" {
        return "Default::Null".to_string();
    }
    match type_name {
        "bool" => format!("Default::Bool({})", default.to_lowercase()),
        "int8" | "int16" | "uint16" | "int32" | "int64" => {
            let value = match default.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).unwrap(),
                None => default.parse().unwrap(),
            };
            format!("Default::Int({value})")
        }
        _ => {
            assert_eq!(default, "", "{field}: a default this table cannot hold");
            "Default::Empty".to_string()
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} missing in {value}"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn lower_first(name: &str) -> String {
    name[..1].to_lowercase() + &name[1..]
}
