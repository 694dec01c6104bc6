//! Between the driver protocol and what people write and read: bytes as text, errors by Kafka's names.

use crate::base64;
use crate::bytes_form;
use crate::driver::Answer;
use crate::error::Error;
use ottla_wire::ErrorCode;
use serde_json::{Map, Value};

/// Makes an answer readable: bytes as text, errors by Kafka's name.
pub(crate) fn readable(op: &str, mut answer: Answer) -> Result<Answer, Error> {
    if let Ok(result) = &mut answer {
        name_errors(result);
        if op == "consumer.poll" {
            for record in result["records"].as_array_mut().into_iter().flatten() {
                decode_record(record)?;
            }
        }
    }
    Ok(answer)
}

pub(crate) fn encode_records(fields: &mut Map<String, Value>) -> Result<(), String> {
    for record in fields.get_mut("records").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(record) = record.as_object_mut() else { return Err("a record is a map".to_owned()) };
        for name in ["key", "value"] {
            if let Some(value) = record.get_mut(name) {
                *value = encode_bytes(value)?;
            }
        }
        for header in record.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(value) = header.get_mut("value") {
                *value = encode_bytes(value)?;
            }
        }
    }
    Ok(())
}

fn encode_bytes(value: &Value) -> Result<Value, String> {
    Ok(bytes_form::written(value)?.map_or(Value::Null, |bytes| base64::encode(&bytes).into()))
}

fn decode_record(record: &mut Value) -> Result<(), Error> {
    for name in ["key", "value"] {
        decode_bytes(&mut record[name])?;
    }
    for header in record["headers"].as_array_mut().into_iter().flatten() {
        decode_bytes(&mut header["value"])?;
    }
    Ok(())
}

fn decode_bytes(value: &mut Value) -> Result<(), Error> {
    if let Some(text) = value.as_str() {
        let bytes =
            base64::decode(text).ok_or_else(|| Error::new("a driver sends bytes that are not base64"))?;
        *value = bytes_form::show(&bytes);
    }
    Ok(())
}

/// Gives every error object with a code Kafka's name for it, whatever the driver calls it.
pub(crate) fn name_errors(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let code = fields.get("code").and_then(Value::as_i64).and_then(|code| i16::try_from(code).ok());
            if let (Some(code), true) = (code, fields.contains_key("name")) {
                fields.insert("name".to_owned(), ErrorCode(code).name().into());
            }
            fields.values_mut().for_each(name_errors);
        }
        Value::Array(elements) => elements.iter_mut().for_each(name_errors),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_go_to_base64_and_come_back_as_text() {
        let mut fields = json!({"records": [{"key": "k", "value": {"hex": "ff"}, "headers": [{"key": "h", "value": null}]}]});
        let map = fields.as_object_mut().expect("a map");
        encode_records(map).expect("it encodes");
        assert_eq!(map["records"][0]["key"], "aw==");
        let answer = readable("consumer.poll", Ok(fields)).expect("base64").expect("an answer");
        assert_eq!(
            answer["records"][0],
            json!({"key": "k", "value": {"hex": "ff"}, "headers": [{"key": "h", "value": null}]})
        );
    }

    #[test]
    fn errors_are_named_by_their_code_wherever_they_stand() {
        let mut value = json!({"results": [{"error": {"code": 3, "name": "UNKNOWN_TOPIC_OR_PART"}}, {"error": {"code": null, "name": "TIMEOUT"}}]});
        name_errors(&mut value);
        assert_eq!(value["results"][0]["error"]["name"], "UNKNOWN_TOPIC_OR_PARTITION");
        assert_eq!(value["results"][1]["error"]["name"], "TIMEOUT");
    }
}
