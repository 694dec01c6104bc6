//! The published schemas describe what is really there: every case of the catalogue and the protocol's examples.

use ottla_conformance::assets;
use serde_json::{Value, json};

/// As much of JSON Schema as the two schemas use.
fn check(root: &Value, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).ok_or("a reference to nothing")?;
        return check(root, target, value, path);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let errors: Vec<_> =
            choices.iter().filter_map(|choice| check(root, choice, value, path).err()).collect();
        return if errors.len() < choices.len() { Ok(()) } else { Err(errors.join(" / ")) };
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        return Err(format!("{path}: {value} is none of {choices:?}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![kind],
    };
    if !kinds.contains(&kind) {
        return Err(format!("{path}: {value} is no {kinds:?}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            return Err(format!("{path}: no {name}"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        match known {
            Some(Value::Bool(false)) => return Err(format!("{path}: {name} is not known")),
            Some(known) => check(root, known, inner, &format!("{path}.{name}"))?,
            None => {}
        }
    }
    if let Some(items) = schema.get("items") {
        for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
            check(root, items, inner, &format!("{path}[{index}]"))?;
        }
    }
    Ok(())
}

fn schema(name: &str) -> Value {
    let text = assets::text(&format!("schema/{name}.json")).expect("the schema is embedded");
    serde_json::from_str(text).expect("the schema is JSON")
}

#[test]
fn every_case_follows_the_published_schema() {
    let schema = schema("case-v1");
    let mut count = 0;
    for (name, text) in assets::under("cases") {
        let case: Value = serde_yaml_ng::from_str(text).expect(name);
        check(&schema, &schema, &case, "").expect(name);
        count += 1;
    }
    assert!(count >= 60, "{count} cases");
    assert!(check(&schema, &schema, &json!({"id": "a.b"}), "").is_err());
}

#[test]
fn examples_of_the_protocol_follow_its_schema() {
    let schema = schema("driver-v1");
    let document = include_str!("../PROTOCOL.md");
    let examples: Vec<_> = document
        .lines()
        .filter_map(|line| line.strip_prefix("→ ").or_else(|| line.strip_prefix("← ")))
        .map(|line| line.replace(", …", ""))
        .collect();
    assert!(examples.len() >= 6);
    for example in examples {
        let message: Value = serde_json::from_str(&example).expect(&example);
        check(&schema, &schema, &message, "").expect(&example);
    }
    assert!(check(&schema, &schema, &json!({"id": 1, "error": {"code": "x"}}), "").is_err());
}
