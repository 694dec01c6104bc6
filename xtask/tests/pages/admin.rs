//! The page of the admin client's operations.

use super::{MADE, cell, settle};
use ottla::facade::admin::table::{self, Field, OperationRow, Type};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
Python, Node.js, C and Kotlin have these operations, with the same parameters and results; Rust has them as methods of `ottla::admin::Admin`.
Names are in snake case here: `create_topics` is `createTopics` in Node.js and Kotlin and `ottla_admin_create_topics()` in C.

A *duration* is in milliseconds in Node.js and C, whose names for it end in `Ms` and `_ms`, and in seconds in Python; Kotlin's functions take a
`Duration`, its classes have milliseconds.
*Results by item* tell of each item what became of it: a value or an error. One that fails does not hide the others: the call fails with the
first error, which has the results of all. *Nothing* is the language's own: `None`, `null`, `NULL`.

Every call is over by its timeout. It follows moving leaders, coordinators and controllers until then. A change whose outcome is not known when
time is up says so in its error. Beside the errors named here, any call may end with `Timeout`, `Network`, `Authentication`, `Closed`, or
`InvalidArgument` for an argument that cannot be, whose path the error tells (`topics[0].name`).

";

#[test]
fn admin_operations() {
    let mut page = format!(
        "# Operations of the admin client\n\n{MADE}{INTRODUCTION}| operation | what it does |\n|---|---|\n"
    );
    let operations = table::operations();
    for row in &operations {
        let first = row.doc.split_once(". ").map_or(row.doc, |(first, _)| first).trim_end_matches('.');
        let _ = writeln!(page, "| [`{0}`](#{0}) | {1} |", row.name, cell(first));
    }
    page.push_str("\n## Each operation\n\n");
    for row in operations {
        operation(&mut page, row);
    }
    page.push_str("## Types\n\n");
    for row in table::types() {
        let _ = write!(page, "### {}\n\n{}\n\n", row.name, row.doc);
        fields(&mut page, "field", row.fields, row.is_argument);
    }
    page.push_str("## Words\n\n");
    for row in table::enums() {
        let _ = write!(page, "### {}\n\n{}\n\n| word | meaning |\n|---|---|\n", row.name, row.doc);
        for value in row.values {
            let _ = writeln!(page, "| `{}` | {} |", value.name, cell(value.doc));
        }
        page.push('\n');
    }
    settle("admin.md", &format!("{}\n", page.trim_end()));
}

fn operation(page: &mut String, row: &OperationRow) {
    let _ = write!(page, "### {}\n\n{}\n\n", row.name, row.doc);
    fields(page, "parameter", row.parameters, true);
    let gives = match row.result {
        Type::Unit => "nothing".to_owned(),
        ref result => type_text(result),
    };
    let _ = write!(page, "Gives: {gives}.\n\nErrors: {}\n\nSource: {}.\n\n", row.errors, row.source);
}

fn fields(page: &mut String, what: &str, fields: &[Field], with_defaults: bool) {
    // A table without defaults has no column for them.
    let (head, line) = if with_defaults { (" default |", "---|") } else { ("", "") };
    let _ = write!(page, "| {what} | type |{head} meaning |\n|---|---|{line}---|\n");
    for field in fields {
        let default = match field.default {
            _ if !with_defaults => String::new(),
            None => " must be given |".to_owned(),
            Some("null") => " nothing |".to_owned(),
            Some("[]" | "{}" | "\"\"") => " empty |".to_owned(),
            Some(json) => format!(" `{}` |", json.trim_matches('"')),
        };
        let of_type = type_text(&field.value_type);
        let _ = writeln!(page, "| `{}` | {of_type} |{default} {} |", field.name, cell(field.doc));
    }
    page.push('\n');
}

fn type_text(value_type: &Type) -> String {
    match value_type {
        Type::Unit => "nothing".to_owned(),
        Type::Bool => "`true` or `false`".to_owned(),
        Type::I16 => "number, 16 bits".to_owned(),
        Type::I32 => "number, 32 bits".to_owned(),
        Type::I64 => "number, 64 bits".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Error => "error".to_owned(),
        Type::List(inner) => format!("list of {}", type_text(inner)),
        Type::Map(inner) => format!("map of names to {}", type_text(inner)),
        Type::Optional(inner) => format!("{} or nothing", type_text(inner)),
        Type::Struct(row) => link(row.name),
        Type::Enum(row) => link(row.name),
        Type::Results(key, value) => match value {
            Type::Unit => format!("results by {} (no value)", type_text(key)),
            value => format!("results by {}: {}", type_text(key), type_text(value)),
        },
    }
}

fn link(name: &str) -> String {
    format!("[`{name}`](#{})", name.to_lowercase())
}
