//! Message bodies as JSON: from a case to bytes along the schema, and back.
//!
//! Fields have Kafka's names. In answers, error codes are shown by name and records as decoded batches.

use super::records;
use crate::base64;
use crate::bytes_form;
use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::schema::value::{self, StructValue, Value as Tree};
use ottla_wire::schema::{Message, Struct, Type};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Unknown tagged fields of a struct, `{"<tag>": "<hex>"}`.
const UNKNOWN_TAGS: &str = "_tags";

/// Encodes a request body written as JSON; fields left out take their defaults.
pub(crate) fn encode(message: &'static Message, version: i16, body: &Value) -> Result<Bytes, String> {
    let tree = structure(message.root, version, body)?;
    value::encode(message, version, &tree).map_err(|error| error.to_string())
}

/// Decodes a body; every byte must belong to it.
pub(crate) fn decode(message: &'static Message, version: i16, body: &Bytes) -> Result<Value, String> {
    let tree = value::decode(message, version, body).map_err(|error| error.to_string())?;
    let Tree::Struct(fields) = &tree else { return Err("a message is a struct".to_owned()) };
    Ok(show_struct(message.root, fields))
}

fn structure(schema: &'static Struct, version: i16, json: &Value) -> Result<StructValue, String> {
    let Some(fields) = json.as_object() else {
        return Err(format!("{} takes a map, not {json}", schema.name));
    };
    let mut tree = StructValue::new();
    for (name, json) in fields {
        if name == UNKNOWN_TAGS {
            for (tag, bytes) in json.as_object().into_iter().flatten() {
                let tag = tag.parse().map_err(|_| format!("{tag:?} is no tag"))?;
                let bytes = bytes_form::written(bytes)?.unwrap_or_default();
                tree.unknown_tagged_fields.push((tag, Bytes::from(bytes)));
            }
            continue;
        }
        let field = schema
            .fields
            .iter()
            .find(|field| field.name == name)
            .ok_or_else(|| format!("{} has no field {name}", schema.name))?;
        tree.set(field.name, parse(&field.kind, version, json).map_err(|error| format!("{name}: {error}"))?);
    }
    Ok(tree)
}

fn parse(kind: &Type, version: i16, json: &Value) -> Result<Tree, String> {
    let wrong = || format!("{json} is no {kind:?}");
    if json.is_null() {
        return Ok(Tree::Null);
    }
    Ok(match kind {
        Type::Bool => Tree::Bool(json.as_bool().ok_or_else(wrong)?),
        Type::Int8 | Type::Int16 | Type::Uint16 | Type::Int32 | Type::Uint32 | Type::Int64 => {
            Tree::Int(json.as_i64().ok_or_else(wrong)?)
        }
        Type::Float64 => Tree::Float(json.as_f64().ok_or_else(wrong)?),
        Type::Uuid => Tree::Uuid(json.as_str().and_then(uuid_from_text).ok_or_else(wrong)?),
        Type::String => {
            let text = json.as_str().ok_or_else(wrong)?.to_owned();
            Tree::String(ottla_wire::protocol::StrBytes::from_string(text))
        }
        Type::Bytes => match bytes_form::written(json)? {
            Some(bytes) => Tree::Bytes(Bytes::from(bytes)),
            None => Tree::Null,
        },
        Type::Records => Tree::Bytes(records::build(json)?),
        Type::Struct(schema) => Tree::Struct(structure(schema, version, json)?),
        Type::Array(element) => {
            let elements = json.as_array().ok_or_else(wrong)?;
            Tree::Array(elements.iter().map(|json| parse(element, version, json)).collect::<Result<_, _>>()?)
        }
    })
}

fn show_struct(schema: &'static Struct, tree: &StructValue) -> Value {
    let mut json = Map::new();
    for field in schema.fields {
        let Some(value) = tree.get(field.name) else { continue };
        let shown = match value.as_int() {
            Some(code) if field.name == "errorCode" || field.name.ends_with("ErrorCode") => {
                i16::try_from(code).map_or(Value::Null, |code| ErrorCode(code).name().into())
            }
            _ => show(&field.kind, value),
        };
        json.insert(field.name.to_owned(), shown);
    }
    if !tree.unknown_tagged_fields.is_empty() {
        let tags = tree.unknown_tagged_fields.iter();
        let tags = tags.map(|(tag, bytes)| (tag.to_string(), bytes_form::hex(bytes).into())).collect();
        json.insert(UNKNOWN_TAGS.to_owned(), Value::Object(tags));
    }
    Value::Object(json)
}

fn show(kind: &Type, tree: &Tree) -> Value {
    match (kind, tree) {
        (_, Tree::Null) => Value::Null,
        (_, Tree::Bool(value)) => (*value).into(),
        (_, Tree::Int(value)) => (*value).into(),
        (_, Tree::Float(value)) => (*value).into(),
        (_, Tree::Uuid(value)) => uuid_text(*value).into(),
        (_, Tree::String(text)) => text.as_str().into(),
        (Type::Records, Tree::Bytes(bytes)) => records::show(bytes),
        (_, Tree::Bytes(bytes)) => bytes_form::show(bytes),
        (Type::Array(element), Tree::Array(values)) => {
            values.iter().map(|value| show(element, value)).collect::<Vec<_>>().into()
        }
        (Type::Struct(schema), Tree::Struct(fields)) => show_struct(schema, fields),
        (_, Tree::Array(_) | Tree::Struct(_)) => Value::Null,
    }
}

/// Kafka's text form of a uuid: base64 of the URL alphabet, without padding.
fn uuid_text(uuid: Uuid) -> String {
    base64::encode(uuid.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

fn uuid_from_text(text: &str) -> Option<Uuid> {
    let bytes = base64::decode(&format!("{}==", text.replace('-', "+").replace('_', "/")))?;
    Uuid::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::schema;
    use serde_json::json;

    #[test]
    fn body_goes_both_ways_with_tags_and_error_names() {
        let request = schema::by_name("MetadataRequest").expect("the schema");
        let body = json!({"topics": [{"name": "t"}], "_tags": {"100": {"hex": "00ff"}}});
        let bytes = encode(request, 12, &body).expect("it encodes");
        let shown = decode(request, 12, &bytes).expect("it decodes");
        assert_eq!(shown["topics"][0]["name"], "t");
        assert_eq!(shown["_tags"]["100"], "00ff");

        let response = schema::by_name("HeartbeatResponse").expect("the schema");
        let bytes = encode(response, 4, &json!({"errorCode": 25})).expect("it encodes");
        assert_eq!(decode(response, 4, &bytes).expect("it decodes")["errorCode"], "UNKNOWN_MEMBER_ID");
    }

    #[test]
    fn misspelt_field_is_refused() {
        let request = schema::by_name("MetadataRequest").expect("the schema");
        assert!(encode(request, 12, &json!({"topic": []})).is_err());
        assert!(encode(request, 12, &json!({"topics": [{"name": 1}]})).is_err());
    }
}
