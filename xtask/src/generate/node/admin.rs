//! The admin client's operations: data for the methods, and their types.

use super::{camel, comment, head};
use ottla::facade::admin::table::{
    Field, OperationRow, StructRow, Type, enums, operations, types as structs,
};
use std::fmt::Write as _;

const FROM: &str = "the table of the admin client's operations";

/// The struct that the consumer has, too.
const TOPIC_PARTITION: &str = "TopicPartition";

/// A field's name; a span of time is a number of milliseconds and says so.
fn name(field: &Field) -> String {
    let is_time = matches!(field.value_type, Type::Duration | Type::Optional(Type::Duration));
    format!("{}{}", camel(field.name), if is_time { "Ms" } else { "" })
}

pub(super) fn source() -> String {
    let mut text = head(FROM);
    text.push_str("'use strict';\n\nexports.STRUCTS = {\n");
    for row in structs() {
        let _ = writeln!(text, "  {}: [", row.name);
        for field in row.fields {
            let _ = writeln!(text, "    {{ {} }},", field_data(field));
        }
        text.push_str("  ],\n");
    }
    text.push_str("};\n\nexports.OPERATIONS = [\n");
    for row in operations() {
        let _ =
            writeln!(text, "  {{\n    name: '{}', method: '{}', parameters: [", row.name, camel(row.name));
        for field in row.parameters {
            let _ =
                writeln!(text, "      {{ {}, required: {} }},", field_data(field), field.default.is_none());
        }
        let _ = writeln!(text, "    ],\n    result: {},\n  }},", type_data(&row.result));
    }
    text.push_str("];\n");
    text
}

fn field_data(field: &Field) -> String {
    format!("name: '{}', js: '{}', type: {}", field.name, name(field), type_data(&field.value_type))
}

fn type_data(value_type: &Type) -> String {
    match value_type {
        Type::Unit => "['unit']".to_owned(),
        Type::I64 => "['i64']".to_owned(),
        Type::List(inner) => format!("['list', {}]", type_data(inner)),
        Type::Map(inner) => format!("['map', {}]", type_data(inner)),
        Type::Optional(inner) => format!("['optional', {}]", type_data(inner)),
        Type::Struct(row) => format!("['struct', '{}']", row.name),
        Type::Error => "['error']".to_owned(),
        Type::Results(key, value) => format!("['results', {}, {}]", type_data(key), type_data(value)),
        Type::Bool | Type::I16 | Type::I32 | Type::Text | Type::Duration | Type::Enum(_) => {
            "['plain']".to_owned()
        }
    }
}

pub(super) fn types() -> String {
    let mut text = head(FROM);
    text.push_str("import { KafkaError } from '../errors';\n");
    text.push_str("import { CallOptions, ItemResult, TopicPartition } from '../common';\n");
    for row in enums() {
        let words: Vec<_> = row.values.iter().map(|value| format!("'{}'", value.name)).collect();
        let meanings: Vec<_> =
            row.values.iter().map(|value| format!("- `{}`: {}", value.name, value.doc)).collect();
        let mut lines = vec![row.doc];
        lines.extend(meanings.iter().map(String::as_str));
        let _ = write!(text, "\n{}export type {} = {};\n", comment("", &lines), row.name, words.join(" | "));
    }
    for row in structs().into_iter().filter(|row| row.name != TOPIC_PARTITION) {
        let comes_back = comes_in_results(row);
        if comes_back || !row.is_argument {
            interface(&mut text, row, false);
        }
        if row.is_argument && (!comes_back || is_looser_as_argument(row)) {
            interface(&mut text, row, true);
        }
    }
    text.push_str("\n/** The operations of the admin client. */\nexport interface AdminOperations {\n");
    for row in operations() {
        method(&mut text, row);
    }
    text.push_str("}\n");
    text
}

/// A struct as callers make it, or as they get it.
fn interface(text: &mut String, row: &StructRow, given: bool) {
    let name = type_name(row, given);
    let _ = write!(text, "\n{}export interface {name} {{\n", comment("", &[row.doc]));
    for field in row.fields {
        // What comes in results is always there.
        let optional = given && field.default.is_some();
        let default = if optional { default(field) } else { String::new() };
        text.push_str(&comment("  ", &[field.doc, &default]));
        let mark = if optional { "?" } else { "" };
        let _ = writeln!(text, "  {}{mark}: {};", self::name(field), typescript(&field.value_type, given));
    }
    text.push_str("}\n");
}

/// A struct that is made by callers and comes back has two interfaces, when callers are free to write less or otherwise.
fn type_name(row: &StructRow, given: bool) -> String {
    let is_init = given && is_looser_as_argument(row) && comes_in_results(row);
    format!("{}{}", row.name, if is_init { "Init" } else { "" })
}

fn is_looser_as_argument(row: &StructRow) -> bool {
    row.fields.iter().any(|field| {
        field.default.is_some() || typescript(&field.value_type, true) != typescript(&field.value_type, false)
    })
}

fn comes_in_results(row: &StructRow) -> bool {
    operations().iter().any(|operation| has(&operation.result, row.name))
}

fn has(value_type: &Type, name: &str) -> bool {
    match value_type {
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => has(inner, name),
        Type::Results(key, value) => has(key, name) || has(value, name),
        Type::Struct(row) => row.name == name || row.fields.iter().any(|field| has(&field.value_type, name)),
        _ => false,
    }
}

fn default(field: &Field) -> String {
    match field.default {
        None | Some("null") => String::new(),
        Some(json) => format!("Default: `{json}`."),
    }
}

fn method(text: &mut String, row: &OperationRow) {
    let errors = if row.errors.is_empty() { String::new() } else { format!("Errors: {}", row.errors) };
    let fails = match row.result {
        Type::Results(..) => {
            "Rejects with the first failed item's error, which has all of them as `results`.".to_owned()
        }
        _ => String::new(),
    };
    let source = if row.source.is_empty() { String::new() } else { format!("Source: {}", row.source) };
    text.push_str(&comment("  ", &[row.doc, &errors, &fails, &source]));
    let (given, optional): (Vec<&Field>, Vec<&Field>) =
        row.parameters.iter().partition(|field| field.default.is_none());
    let mut parameters: Vec<String> = given
        .iter()
        .map(|field| format!("{}: {}", name(field), typescript(&field.value_type, true)))
        .collect();
    let mut options = String::new();
    for field in optional {
        options.push_str(&comment("    ", &[field.doc, &default(field)]));
        let _ = writeln!(options, "    {}?: {};", name(field), typescript(&field.value_type, true));
    }
    parameters.push(match options.is_empty() {
        true => "options?: CallOptions".to_owned(),
        false => format!("options?: CallOptions & {{\n{options}  }}"),
    });
    let result = typescript(&row.result, false);
    let _ = writeln!(text, "  {}({}): Promise<{result}>;", camel(row.name), parameters.join(", "));
}

/// The type as TypeScript; what callers make may be more than what they get.
fn typescript(value_type: &Type, given: bool) -> String {
    match value_type {
        Type::Unit => "void".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::I64 if given => "number | bigint".to_owned(),
        Type::I16 | Type::I32 | Type::I64 | Type::Duration => "number".to_owned(),
        Type::Text => "string".to_owned(),
        Type::List(inner) if given => format!("Iterable<{}>", typescript(inner, given)),
        Type::List(inner) => format!("Array<{}>", typescript(inner, given)),
        Type::Map(inner) => format!("Record<string, {}>", typescript(inner, given)),
        Type::Optional(inner) => format!("{} | null", typescript(inner, given)),
        Type::Struct(row) => type_name(row, given),
        Type::Enum(row) => row.name.to_owned(),
        Type::Error => "KafkaError".to_owned(),
        Type::Results(key, value) => {
            format!("Array<ItemResult<{}, {}>>", typescript(key, false), typescript(value, false))
        }
    }
}
