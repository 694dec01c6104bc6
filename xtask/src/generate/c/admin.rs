//! The admin client of the C binding, from the client's table of operations: a struct for each type, a function for each
//! operation, and the way of each through JSON.
//!
//! Lists, maps, results and optional numbers are structs of their own (`items` and `count`, `is_set` and `value`), named
//! by what they hold. All zero is "left out" everywhere.

use ottla::facade::admin::table::{self, EnumRow, Field, OperationRow, StructRow, Type};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Structs that the binding has already, with the same fields.
const AT_HOME: &[&str] = &["TopicPartition"];

pub(super) fn source() -> String {
    let mut text = "//! The admin client's types and operations.
//!
//! Generated from the client's table of operations, do not edit: `make gen`.
// Written by a program: what is shorter, or not needed, for one field is not so for another.
#![allow(clippy::style, clippy::complexity, clippy::needless_pass_by_ref_mut)]

use crate::admin::*;
use crate::boundary::enter_any;
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use ottla::Error;
use serde_json::{Map, Value};
use std::ffi::c_char;\n"
        .to_owned();
    if table::types().iter().any(|row| AT_HOME.contains(&row.name)) {
        text.push_str("use crate::partitions::ottla_topic_partition_t;\n");
    }
    for row in table::enums() {
        enumeration(&mut text, row);
    }
    let mut composites = BTreeMap::new();
    for row in table::types() {
        structure(&mut text, row);
        row.fields.iter().for_each(|field| collect(&in_c(field), &mut composites));
    }
    for row in table::operations() {
        row.parameters.iter().for_each(|field| collect(&in_c(field), &mut composites));
        collect(&row.result, &mut composites);
    }
    for (name, value_type) in &composites {
        composite(&mut text, name, value_type);
    }
    for row in table::operations() {
        operation(&mut text, row);
    }
    text
}

/// The enumerations' names in C, which no signature names: fields are numbers, since C may put anything there.
pub(super) fn enum_names() -> impl Iterator<Item = String> {
    table::enums().into_iter().map(|row| format!("ottla_{}_t", snake(row.name)))
}

fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}

/// What a default is that all-zero stands for.
fn is_zero(default: &str) -> bool {
    matches!(default, "null" | "[]" | "{}" | "false" | "0" | "\"\"")
}

/// A field's type in C: one whose default is not all zero can be left out.
fn in_c(field: &Field) -> Type {
    match (field.value_type, field.default) {
        (Type::Optional(_) | Type::Enum(_), _) | (_, None) => field.value_type,
        (_, Some(default)) if is_zero(default) => field.value_type,
        (other, Some(_)) => Type::Optional(Box::leak(Box::new(other))),
    }
}

/// What a type is called inside the names of others.
fn word(value_type: &Type) -> String {
    match value_type {
        Type::Unit => "done".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I16 => "int16".to_owned(),
        Type::I32 | Type::Enum(_) => "int32".to_owned(),
        Type::I64 | Type::Duration => "int64".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Error => "error".to_owned(),
        Type::Struct(row) => snake(row.name),
        Type::List(inner) => format!("{}_list", word(inner)),
        Type::Map(inner) => format!("{}_map", word(inner)),
        Type::Results(key, value) => format!("{}_by_{}", word(value), word(key)),
        Type::Optional(inner) => match inner {
            Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration => {
                format!("optional_{}", word(inner))
            }
            Type::Struct(_) => format!("{}_pointer", word(inner)),
            _ => word(inner),
        },
    }
}

/// A type's name in Rust, which is also C's.
fn rust(value_type: &Type) -> String {
    match value_type {
        Type::Unit => "()".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I16 => "i16".to_owned(),
        Type::I32 | Type::Enum(_) => "i32".to_owned(),
        Type::I64 | Type::Duration => "i64".to_owned(),
        Type::Text => "*const c_char".to_owned(),
        Type::Error => "*const ottla_error_t".to_owned(),
        Type::Optional(inner) => match inner {
            Type::Struct(row) => format!("*const ottla_{}_t", snake(row.name)),
            Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration => {
                format!("ottla_{}_t", word(value_type))
            }
            _ => rust(inner),
        },
        Type::Struct(_) | Type::List(_) | Type::Map(_) | Type::Results(..) => {
            format!("ottla_{}_t", word(value_type))
        }
    }
}

fn collect(value_type: &Type, into: &mut BTreeMap<String, Type>) {
    match value_type {
        Type::List(inner) | Type::Map(inner) => {
            into.insert(word(value_type), *value_type);
            collect(inner, into);
        }
        Type::Results(key, value) => {
            into.insert(word(value_type), *value_type);
            collect(key, into);
            collect(value, into);
        }
        Type::Optional(inner) => {
            if rust(value_type).starts_with("ottla_optional") {
                into.insert(word(value_type), *value_type);
            }
            collect(inner, into);
        }
        _ => {}
    }
}

fn doc(text: &mut String, indent: &str, doc: &str) {
    for paragraph in doc.split('\n') {
        let mut line = format!("{indent}///");
        for word in paragraph.split_whitespace() {
            if line.len() + word.len() > 118 {
                let _ = writeln!(text, "{line}");
                line = format!("{indent}///");
            }
            line = format!("{line} {word}");
        }
        let _ = writeln!(text, "{line}");
    }
}

/// What a field's type leaves unsaid.
fn remark(field: &Field) -> String {
    let value_type = in_c(field);
    match (value_type, field.default) {
        (Type::Enum(row), Some(word)) => {
            let prefix = format!("OTTLA_{}", snake(row.name).to_uppercase());
            format!(" One of ottla_{}_t; 0: {prefix}_{}.", snake(row.name), word.trim_matches('"'))
        }
        (Type::Enum(row), None) => format!(" One of ottla_{}_t.", snake(row.name)),
        _ => remark_of_type(&value_type),
    }
}

fn remark_of_type(value_type: &Type) -> String {
    match value_type {
        Type::Enum(row) | Type::Optional(Type::Enum(row)) => {
            format!(" One of ottla_{}_t; 0: none.", snake(row.name))
        }
        Type::Duration => " In milliseconds.".to_owned(),
        Type::Optional(Type::Duration) => " In milliseconds.".to_owned(),
        Type::Optional(Type::Text | Type::Struct(_) | Type::Error) => " NULL: none.".to_owned(),
        Type::Optional(Type::List(_) | Type::Map(_) | Type::Results(..)) => " `items` NULL: none.".to_owned(),
        _ => String::new(),
    }
}

fn name(field: &Field) -> String {
    let name = match in_c(field) {
        Type::Duration | Type::Optional(Type::Duration) => format!("{}_ms", field.name),
        _ => field.name.to_owned(),
    };
    // What C++ or Rust would not take as a name.
    match name.as_str() {
        "type" | "operator" | "default" | "new" | "delete" | "class" | "match" | "ref" => format!("{name}_"),
        _ => name,
    }
}

fn fields(text: &mut String, fields: &[Field]) {
    for field in fields {
        let value_type = in_c(field);
        doc(text, "    ", &format!("{}{}", field.doc, remark(field)));
        let _ = writeln!(text, "    pub {}: {},", name(field), rust(&value_type));
    }
}

fn enumeration(text: &mut String, row: &EnumRow) {
    let type_name = format!("ottla_{}_t", snake(row.name));
    let prefix = format!("OTTLA_{}", snake(row.name).to_uppercase());
    text.push('\n');
    doc(text, "", row.doc);
    let _ =
        write!(text, "#[repr(C)]\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum {type_name} {{\n");
    let _ = writeln!(
        text,
        "    /// None of them, or one that this version does not know.\n    {prefix}_NONE = 0,"
    );
    for (index, value) in row.values.iter().enumerate() {
        doc(text, "    ", value.doc);
        let _ = writeln!(text, "    {prefix}_{} = {},", value.name, index + 1);
    }
    let words: Vec<_> = row.values.iter().map(|value| format!("{:?}", value.name)).collect();
    let _ = write!(text, "}}\n\nconst {}: &[&str] = &[{}];\n", words_of(row), words.join(", "));
}

fn words_of(row: &EnumRow) -> String {
    format!("WORDS_OF_{}", snake(row.name).to_uppercase())
}

fn structure(text: &mut String, row: &StructRow) {
    let snake = snake(row.name);
    let type_name = format!("ottla_{snake}_t");
    if !AT_HOME.contains(&row.name) {
        text.push('\n');
        doc(text, "", row.doc);
        let _ = write!(text, "#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {type_name} {{\n");
        fields(text, row.fields);
        if row.fields.is_empty() {
            text.push_str("    /// C has no empty structs.\n    pub reserved: i32,\n");
        }
        text.push_str("}\n");
    }
    let _ = write!(
        text,
        "\n#[allow(dead_code, unused_variables)]\nfn {snake}_told(json: &Value, arena: &mut Arena) -> Result<{type_name}, Error> {{\n    Ok({type_name} {{\n"
    );
    for field in row.fields {
        let value = format!("&json[{:?}]", field.name);
        let _ = writeln!(text, "        {}: {},", name(field), told(&in_c(field), &value));
    }
    if row.fields.is_empty() {
        text.push_str("        reserved: 0,\n");
    }
    text.push_str("    })\n}\n");
    if row.is_argument {
        given_struct(text, &format!("{snake}_given"), &type_name, row.fields);
    }
}

fn given_struct(text: &mut String, function: &str, type_name: &str, fields: &[Field]) {
    let _ = write!(
        text,
        "\n#[allow(dead_code, unused_variables)]\nunsafe fn {function}(given: &{type_name}) -> Result<Value, Error> {{\n    let mut object = Map::new();\n"
    );
    for field in fields {
        let value_type = in_c(field);
        let place = format!("given.{}", name(field));
        let insert = format!(
            "object.insert({:?}.to_owned(), {});",
            field.name,
            given(&value_type, &place, field.name)
        );
        match left_out(&value_type, &place).filter(|_| field.default.is_some()) {
            Some(condition) => {
                let _ = write!(text, "    if !({condition}) {{\n        {insert}\n    }}\n");
            }
            None => {
                let _ = writeln!(text, "    {insert}");
            }
        }
    }
    text.push_str("    Ok(Value::Object(object))\n}\n");
}

/// When a value stands for "left out".
fn left_out(value_type: &Type, place: &str) -> Option<String> {
    match value_type {
        Type::Enum(_) | Type::Optional(Type::Enum(_)) => Some(format!("{place} == 0")),
        Type::Text | Type::Optional(Type::Text | Type::Struct(_)) => Some(format!("{place}.is_null()")),
        Type::List(_) | Type::Map(_) | Type::Optional(Type::List(_) | Type::Map(_)) => {
            Some(format!("{place}.items.is_null() && {place}.count == 0"))
        }
        Type::Optional(Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration) => {
            Some(format!("!{place}.is_set"))
        }
        _ => None,
    }
}

/// An expression for the JSON of a value at `place`, a place expression.
fn given(value_type: &Type, place: &str, argument: &str) -> String {
    match value_type {
        Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration => format!("Value::from({place})"),
        Type::Text => format!("given_text({place}, {argument:?})?"),
        Type::Enum(row) => format!("given_word({place}, {}, {argument:?})?", words_of(row)),
        Type::Struct(row) => format!("{}_given(&{place})?", snake(row.name)),
        Type::List(inner) => format!(
            "given_list({place}.items, {place}.count, {argument:?}, |&one| Ok({}))?",
            given(inner, "one", argument)
        ),
        Type::Map(inner) => format!(
            "given_map({place}.items, {place}.count, {argument:?}, |one| Ok((one.key, {})))?",
            given(inner, "one.value", argument)
        ),
        Type::Optional(inner) => match inner {
            Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration => {
                format!("if {place}.is_set {{ Value::from({place}.value) }} else {{ Value::Null }}")
            }
            Type::Text => format!("given_optional_text({place}, {argument:?})?"),
            Type::Enum(_) => {
                format!("if {place} == 0 {{ Value::Null }} else {{ {} }}", given(inner, place, argument))
            }
            Type::Struct(row) => format!(
                "match {place}.as_ref() {{ None => Value::Null, Some(one) => {}_given(one)? }}",
                snake(row.name)
            ),
            Type::List(_) | Type::Map(_) => format!(
                "if {place}.items.is_null() && {place}.count == 0 {{ Value::Null }} else {{ {} }}",
                given(inner, place, argument)
            ),
            other => unreachable!("no argument is of an optional {other:?}"),
        },
        other @ (Type::Unit | Type::Error | Type::Results(..)) => unreachable!("no argument is of {other:?}"),
    }
}

/// An expression for the value that the JSON in `json`, a reference, tells.
fn told(value_type: &Type, json: &str) -> String {
    let list = |function: &str, closure: String| {
        format!(
            "{{ let (items, count) = arena.{function}({json}, |json, arena| {{ let _ = &arena; {closure} }})?; {} {{ items, count }} }}",
            rust(value_type)
        )
    };
    match value_type {
        Type::Unit => "()".to_owned(),
        Type::Bool => format!("told_bool({json})?"),
        Type::I16 | Type::I32 | Type::I64 | Type::Duration => format!("told_number({json})?"),
        Type::Text => format!("arena.text({json})?"),
        Type::Enum(row) => format!("told_word({json}, {})", words_of(row)),
        Type::Error => format!("arena.error({json})"),
        Type::Struct(row) => format!("{}_told({json}, arena)?", snake(row.name)),
        Type::List(inner) => list("list", format!("Ok({})", told(inner, "json"))),
        Type::Map(inner) => list(
            "map",
            format!(
                "Ok({}_entry_t {{ key: std::ptr::null(), value: {} }})",
                entry(value_type),
                told(inner, "json")
            ),
        ),
        Type::Results(key, value) => list("list", results_entry(value_type, key, value)),
        Type::Optional(inner) => match inner {
            Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Duration => format!(
                "if ({json}).is_null() {{ {0} {{ is_set: false, value: Default::default() }} }} else {{ {0} {{ is_set: true, value: {1} }} }}",
                rust(value_type),
                told(inner, json)
            ),
            Type::Struct(_) => format!(
                "if ({json}).is_null() {{ std::ptr::null() }} else {{ let one = {}; arena.keep(one) }}",
                told(inner, json)
            ),
            _ => told(inner, json),
        },
    }
}

fn entry(value_type: &Type) -> String {
    format!("ottla_{}", word(value_type))
}

fn results_entry(value_type: &Type, key: &Type, value: &Type) -> String {
    let mut fields = format!("key: {}, error: arena.error(&json[\"error\"])", told(key, "&json[\"key\"]"));
    if !matches!(value, Type::Unit) {
        // SAFETY of the zeroed value: pointers, numbers and flags, all of which may be zero.
        let _ = write!(
            fields,
            ", value: if json[\"error\"].is_null() {{ {} }} else {{ zeroed() }}",
            told(value, "&json[\"value\"]")
        );
    }
    format!("Ok({}_entry_t {{ {fields} }})", entry(value_type))
}

/// A list, a map, results, or an optional number.
fn composite(text: &mut String, word: &str, value_type: &Type) {
    let struct_of = |text: &mut String, docs: &str, name: &str, fields: &[(&str, String, &str)]| {
        text.push('\n');
        doc(text, "", docs);
        let _ = write!(text, "#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {name} {{\n");
        for (field, field_type, docs) in fields {
            doc(text, "    ", docs);
            let _ = writeln!(text, "    pub {field}: {field_type},");
        }
        text.push_str("}\n");
    };
    let items = |text: &mut String, docs: &str, of: String| {
        let fields = [
            ("items", format!("*const {of}"), "`count` of them."),
            ("count", "usize".to_owned(), "How many."),
        ];
        struct_of(text, docs, &format!("ottla_{word}_t"), &fields);
    };
    let entry = format!("ottla_{word}_entry_t");
    match value_type {
        Type::List(inner) => items(text, "Any number of these.", rust(inner)),
        Type::Map(inner) => {
            let fields =
                [("key", "*const c_char".to_owned(), "The name."), ("value", rust(inner), "What it names.")];
            struct_of(text, "One of a map.", &entry, &fields);
            let _ = write!(
                text,
                "\nimpl Named for {entry} {{\n    fn set_name(&mut self, name: *const c_char) {{\n        self.key = name;\n    }}\n}}\n"
            );
            items(text, "These by name.", entry.clone());
        }
        Type::Results(key, value) => {
            let mut fields = vec![
                ("key", rust(key), "Which item."),
                ("error", "*const ottla_error_t".to_owned(), "Why it failed; NULL when it did not."),
            ];
            if !matches!(**value, Type::Unit) {
                fields.push(("value", rust(value), "What it gave; all zero when it failed."));
            }
            struct_of(text, "What became of one item.", &entry, &fields);
            items(text, "What became of each item.", entry.clone());
        }
        Type::Optional(inner) => struct_of(
            text,
            "A value or none.",
            &format!("ottla_{word}_t"),
            &[
                ("is_set", "bool".to_owned(), "Whether there is one."),
                ("value", rust(inner), "The value, with `is_set`; else 0."),
            ],
        ),
        _ => {}
    }
}

fn operation(text: &mut String, row: &OperationRow) {
    let operation = row.name;
    let parameters: Vec<Field> =
        row.parameters.iter().filter(|field| field.name != "timeout").copied().collect();
    let arguments = format!("ottla_{operation}_arguments_t");
    if !parameters.is_empty() {
        let _ = write!(
            text,
            "\n/// What ottla_admin_{operation}() takes. All zero but what must be given is a valid one.\n#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {arguments} {{\n"
        );
        fields(text, &parameters);
        text.push_str("}\n");
        given_struct(text, &format!("{operation}_given"), &arguments, &parameters);
    }
    let is_unit = matches!(row.result, Type::Unit);
    // What is no struct by itself becomes one with a single field.
    let result = match row.result {
        Type::Struct(_) | Type::List(_) | Type::Map(_) | Type::Results(..) => rust(&row.result),
        _ => {
            let result = format!("ottla_{operation}_result_t");
            if !is_unit {
                let _ = write!(
                    text,
                    "\n/// What ottla_admin_{operation}() gives.\n#[repr(C)]\n#[derive(Clone, Copy, Debug)]\npub struct {result} {{\n    /// It.{}\n    pub value: {},\n}}\n",
                    remark_of_type(&row.result),
                    rust(&row.result)
                );
            }
            result
        }
    };
    text.push('\n');
    let owned = if is_unit {
        ""
    } else if matches!(row.result, Type::Results(..)) {
        " `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, \
         and `*result` tells of all: free it then, too. It is NULL when the whole call failed."
    } else {
        " `*result` is the caller's: free it with ottla_admin_result_free(); NULL on failure."
    };
    let errors = row.errors.trim_end();
    let source = row.source.trim_end_matches('.');
    doc(text, "", &format!("{}\n\nErrors: {errors} Sends {source}.{owned}", row.doc));
    let mut signature = "admin: *mut ottla_admin_t, ".to_owned();
    let (mut json, mut timed) = ("Value::Object(Map::new())".to_owned(), "None");
    if !parameters.is_empty() {
        let _ = write!(signature, "arguments: *const {arguments}, ");
        json = format!("{operation}_given(argument_struct(arguments)?)?");
    }
    signature.push_str("timeout_ms: i64, ");
    if row.parameters.iter().any(|field| field.name == "timeout") {
        timed = "Some(timeout_ms)";
    }
    if !is_unit {
        let _ = write!(signature, "result: *mut *const {result}, ");
    }
    let _ = write!(
        text,
        "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn ottla_admin_{operation}({signature}error: *mut *mut ottla_error_t) -> ottla_status_t {{\n    enter_any(error, || {{\n        "
    );
    if !is_unit {
        text.push_str("begin(result)?;\n        ");
    }
    let _ = write!(text, "let json = call(admin, {operation:?}, {json}, timeout_ms, {timed})?;\n        ");
    if is_unit {
        text.push_str("let _ = json;\n        Ok(())\n");
    } else {
        let value = match row.result {
            Type::Struct(_) | Type::List(_) | Type::Map(_) | Type::Results(..) => told(&row.result, "json"),
            _ => format!("{result} {{ value: {} }}", told(&row.result, "json")),
        };
        let first = if matches!(row.result, Type::Results(..)) { "first_failure(&json)" } else { "Ok(())" };
        let _ = write!(text, "give_result(result, &json, |json, arena| Ok({value}))?;\n        {first}\n");
    }
    text.push_str("    })\n}\n");
}
