//! An error as JSON: what every binding makes its own errors from, alone or inside results.

use crate::error::Error;
use serde_json::{Value, json};

/// All an error tells: `kind` ([`crate::ErrorKind::name`]), `code` and `code_name` (`null` when it is not a broker's),
/// `message`, `operation`, `context` (an object of texts), `hint` (or `null`), `retriable`, `fatal`, `requires_abort`,
/// `outcome_unknown`, and `text`, the whole of it as a person reads it.
pub fn error_json(error: &Error) -> Value {
    let context = error.context().map(|(name, value)| (name.to_owned(), Value::from(value)));
    json!({
        "kind": error.kind().name(),
        "code": error.code().map(|code| code.0),
        "code_name": error.code().map(|code| code.name()),
        "message": error.message(),
        "operation": error.operation(),
        "context": Value::Object(context.collect()),
        "hint": error.hint(),
        "retriable": error.is_retriable(),
        "fatal": error.is_fatal(),
        "requires_abort": error.requires_abort(),
        "outcome_unknown": error.is_outcome_unknown(),
        "text": error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottla_wire::ErrorCode;

    #[test]
    fn json_of_an_error_holds_all_it_tells() {
        let error = Error::from_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "list offsets")
            .with_context("topic", "t");
        let json = error_json(&error);
        assert_eq!(json["kind"], "unknown_topic_or_partition");
        assert_eq!((&json["code"], &json["code_name"]), (&json!(3), &json!("UNKNOWN_TOPIC_OR_PARTITION")));
        assert_eq!((&json["operation"], &json["context"]), (&json!("list offsets"), &json!({"topic": "t"})));
        assert_eq!((&json["retriable"], &json["fatal"]), (&json!(true), &json!(false)));
        assert!(json["hint"].as_str().is_some_and(|hint| hint.contains("create it")));
        assert_eq!(json["text"], error.to_string());
    }
}
