//! The admin client of the Kotlin binding: data classes, suspend functions, their JSON, and the same functions with futures
//! for Java.

use super::{comment, comment_of, text::camel, text::identifier};
use ottla::facade::admin::table::{self, EnumRow, Field, OperationRow, StructRow, Type};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const HEAD: &str = "// Generated from the table of the admin client's operations, do not edit: make gen.\n";

/// The struct that the binding has a class of its own for.
const TOPIC_PARTITION: &str = "TopicPartition";

/// Whether a value is as it is in JSON, or must be made from it.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// From Kotlin to JSON.
    Given,
    /// From JSON to Kotlin.
    Told,
}

fn structs() -> impl Iterator<Item = &'static StructRow> {
    table::types().into_iter().filter(|row| row.name != TOPIC_PARTITION)
}

fn is_time(value_type: &Type) -> bool {
    matches!(value_type, Type::Duration | Type::Optional(Type::Duration))
}

/// The name of a field of a class. A span of time is a number there, which any JVM language can make, and names its unit.
fn property(field: &Field) -> String {
    identifier(&format!("{}{}", camel(field.name), if is_time(&field.value_type) { "Ms" } else { "" }))
}

pub(super) fn types() -> String {
    let mut text = format!(
        "{HEAD}\npackage dev.ottla.admin\n\nimport dev.ottla.KafkaException\nimport dev.ottla.TopicPartition\n"
    );
    for row in table::enums() {
        enumeration(&mut text, row);
    }
    for row in structs() {
        structure(&mut text, row);
    }
    text
}

fn enumeration(text: &mut String, row: &EnumRow) {
    let _ = writeln!(text, "\n{}public enum class {} {{", comment("", row.doc), row.name);
    for (index, value) in row.values.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{}    {},", comment("    ", value.doc), value.name);
    }
    text.push_str("}\n");
}

fn structure(text: &mut String, row: &StructRow) {
    let has_defaults = row.is_argument && row.fields.iter().any(|field| field.default.is_some());
    let constructor = if has_defaults { " @JvmOverloads constructor" } else { "" };
    let _ = writeln!(text, "\n{}public data class {}{constructor}(", comment("", row.doc), row.name);
    for field in row.fields {
        let default = field.default.filter(|_| row.is_argument);
        let default =
            default.map_or_else(String::new, |default| format!(" = {}", literal(default, &field.value_type)));
        let _ = writeln!(
            text,
            "{}    val {}: {}{default},",
            comment("    ", field.doc),
            property(field),
            kotlin(&field.value_type, "List", "Long"),
        );
    }
    text.push_str(")\n");
}

/// A default as Kotlin writes it.
fn literal(json: &str, value_type: &Type) -> String {
    match (json, value_type) {
        ("[]", _) => "emptyList()".to_owned(),
        ("{}", _) => "emptyMap()".to_owned(),
        (word, Type::Enum(row)) => format!("{}.{}", row.name, word.trim_matches('"')),
        // `null`, truth, numbers and texts look alike in both.
        (other, _) => other.replace('$', "\\$"),
    }
}

/// A type as Kotlin writes it, with these for lists and spans of time.
fn kotlin(value_type: &Type, list: &str, time: &str) -> String {
    match value_type {
        Type::Unit => "Unit".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::I16 => "Short".to_owned(),
        Type::I32 => "Int".to_owned(),
        Type::I64 => "Long".to_owned(),
        Type::Text => "String".to_owned(),
        Type::Duration => time.to_owned(),
        Type::List(inner) => format!("{list}<{}>", kotlin(inner, "List", "Long")),
        Type::Map(inner) => format!("Map<String, {}>", kotlin(inner, "List", "Long")),
        Type::Optional(inner) => format!("{}?", kotlin(inner, list, time)),
        Type::Struct(row) => row.name.to_owned(),
        Type::Enum(row) => row.name.to_owned(),
        Type::Error => "KafkaException".to_owned(),
        // Whoever gave the items needs no map to nothing.
        Type::Results(_, Type::Unit) => "Unit".to_owned(),
        Type::Results(key, value) => {
            format!("Map<{}, {}>", kotlin(key, "List", "Long"), kotlin(value, "List", "Long"))
        }
    }
}

/// The structs that cross in one way.
fn crossing(way: Way) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for row in table::operations() {
        match way {
            Way::Given => row.parameters.iter().for_each(|field| collect(&field.value_type, &mut names)),
            Way::Told => collect(&row.result, &mut names),
        }
    }
    names
}

fn collect(value_type: &Type, names: &mut BTreeSet<&'static str>) {
    match value_type {
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => collect(inner, names),
        Type::Results(key, value) => {
            collect(key, names);
            collect(value, names);
        }
        Type::Struct(row) => {
            names.insert(row.name);
            row.fields.iter().for_each(|field| collect(&field.value_type, names));
        }
        _ => {}
    }
}

pub(super) fn json() -> String {
    let mut text = format!("{HEAD}\npackage dev.ottla.internal\n\nimport dev.ottla.KafkaException\n");
    let mut names: Vec<&str> =
        table::enums().iter().map(|row| row.name).chain(structs().map(|row| row.name)).collect();
    names.sort_unstable();
    let (given, told) = (crossing(Way::Given), crossing(Way::Told));
    let mut bodies = String::new();
    for row in structs().filter(|row| told.contains(row.name)) {
        let _ = write!(bodies, "\ninternal fun read{0}(json: Any?): {0} = {0}(\n", row.name);
        for field in row.fields {
            let member = format!("json.member(\"{}\")", field.name);
            let _ = writeln!(bodies, "    {},", read(&field.value_type, &member));
        }
        bodies.push_str(")\n");
    }
    for row in structs().filter(|row| given.contains(row.name)) {
        let _ = write!(bodies, "\ninternal fun jsonOf(value: {}): Map<String, Any?> = mapOf(\n", row.name);
        for field in row.fields {
            let value = format!("value.{}", property(field));
            let _ = writeln!(bodies, "    \"{}\" to {},", field.name, write(&field.value_type, &value));
        }
        bodies.push_str(")\n");
    }
    for name in names.into_iter().filter(|name| bodies.contains(name)) {
        let _ = writeln!(text, "import dev.ottla.admin.{name}");
    }
    if !bodies.contains("KafkaException") {
        text = text.replace("import dev.ottla.KafkaException\n", "");
    }
    text + &bodies
}

/// The expression that makes a value of its JSON.
fn read(value_type: &Type, json: &str) -> String {
    match value_type {
        Type::Unit => "Unit".to_owned(),
        Type::Bool => format!("{json} as Boolean"),
        Type::I16 => format!("({json} as Long).toShort()"),
        Type::I32 => format!("({json} as Long).toInt()"),
        Type::I64 | Type::Duration => format!("{json} as Long"),
        Type::Text => format!("{json} as String"),
        Type::List(inner) => format!("({json} as List<*>).map {{ {} }}", read(inner, "it")),
        Type::Map(inner) => format!("texts({json}) {{ {} }}", read(inner, "it")),
        Type::Optional(inner) => match &**inner {
            Type::Bool => format!("{json} as Boolean?"),
            Type::I16 => format!("({json} as Long?)?.toShort()"),
            Type::I32 => format!("({json} as Long?)?.toInt()"),
            Type::I64 | Type::Duration => format!("{json} as Long?"),
            Type::Text => format!("{json} as String?"),
            inner => format!("{json}?.let {{ {} }}", read(inner, "it")),
        },
        Type::Struct(row) if row.name == TOPIC_PARTITION => format!("partitionOf({json})"),
        Type::Struct(row) => format!("read{}({json})", row.name),
        Type::Enum(row) => format!("{}.valueOf({json} as String)", row.name),
        Type::Error => format!("KafkaException.of({json})"),
        Type::Results(key, value) => {
            let each = format!("{{ {} }}, {{ {} }}", read_named(key, "key"), read_named(value, "told"));
            format!("outcomes({json}, {each})")
        }
    }
}

/// A function's body that makes a value of its argument.
fn read_named(value_type: &Type, name: &str) -> String {
    match value_type {
        Type::Unit => String::new(),
        other => format!("{name} -> {}", read(other, name)),
    }
}

/// The expression that makes JSON of a value.
fn write(value_type: &Type, value: &str) -> String {
    match value_type {
        Type::List(inner) if is_plain(inner) => value.to_owned(),
        Type::List(inner) => format!("{value}.map {{ {} }}", write(inner, "it")),
        Type::Map(inner) if is_plain(inner) => value.to_owned(),
        Type::Map(inner) => format!("{value}.mapValues {{ {} }}", write(inner, "it.value")),
        Type::Optional(inner) if is_plain(inner) => value.to_owned(),
        Type::Optional(inner) => match &**inner {
            Type::List(inner) => format!("{value}?.map {{ {} }}", write(inner, "it")),
            Type::Enum(_) => format!("{value}?.name"),
            inner => format!("{value}?.let {{ {} }}", write(inner, "it")),
        },
        Type::Struct(_) => format!("jsonOf({value})"),
        Type::Enum(_) => format!("{value}.name"),
        _ => value.to_owned(),
    }
}

fn is_plain(value_type: &Type) -> bool {
    match value_type {
        Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Text | Type::Duration => true,
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => is_plain(inner),
        _ => false,
    }
}

/// What a function says of itself.
fn documentation(row: &OperationRow) -> String {
    let mut paragraphs = vec![row.doc.to_owned()];
    if matches!(row.result, Type::Results(..)) {
        paragraphs.push(
            "Throws what the first item failed with that did; its [KafkaException.results] tell of all."
                .to_owned(),
        );
    }
    paragraphs.push(format!("Errors: {}", row.errors));
    paragraphs.push(format!("Source: {}", row.source));
    for field in row.parameters {
        paragraphs.push(format!("@param {} {}", camel(field.name), field.doc));
    }
    comment_of("    ", &paragraphs)
}

fn parameters(row: &OperationRow, time: &str) -> String {
    row.parameters.iter().fold(String::new(), |mut text, field| {
        let default = field
            .default
            .map_or_else(String::new, |default| format!(" = {}", literal(default, &field.value_type)));
        let name = identifier(&camel(field.name));
        let _ = writeln!(text, "        {name}: {}{default},", kotlin(&field.value_type, "Collection", time));
        text
    })
}

/// Lines that import what the code mentions.
fn imports(body: &str, always: &[&str]) -> String {
    let mut lines: Vec<String> = always.iter().map(|name| (*name).to_owned()).collect();
    for name in table::enums().iter().map(|row| row.name).chain(structs().map(|row| row.name)) {
        if mentions(body, name) {
            lines.push(format!("dev.ottla.admin.{name}"));
        }
    }
    if mentions(body, TOPIC_PARTITION) {
        lines.push("dev.ottla.TopicPartition".to_owned());
    }
    lines.sort_unstable();
    lines.iter().map(|name| format!("import {name}\n")).collect()
}

/// Whether code has a name as a word of its own.
fn mentions(code: &str, name: &str) -> bool {
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    code.match_indices(name).any(|(at, _)| {
        !is_part(code[..at].chars().next_back()) && !is_part(code[at + name.len()..].chars().next())
    })
}

pub(super) fn operations() -> String {
    let mut body = String::new();
    for row in table::operations() {
        let result = kotlin(&row.result, "List", "Long");
        let result = if result == "Unit" { String::new() } else { format!(": {result}") };
        let _ = write!(
            body,
            "\n{}    public suspend fun {}(\n{}    ){result} {{\n",
            documentation(row),
            camel(row.name),
            parameters(row, "Duration"),
        );
        let _ = writeln!(body, "        val arguments = mapOf(");
        for field in row.parameters {
            let name = identifier(&camel(field.name));
            let value = match &field.value_type {
                Type::Duration => format!("{name}.wholeMilliseconds"),
                Type::Optional(Type::Duration) => format!("{name}?.wholeMilliseconds"),
                other => write(other, &name),
            };
            let _ = writeln!(body, "            \"{}\" to {value},", field.name);
        }
        body.push_str("        )\n");
        let call = format!("call(\"{}\", arguments)", row.name);
        let _ = match row.result {
            Type::Unit => writeln!(body, "        {call}"),
            Type::Results(_, Type::Unit) => writeln!(body, "        {}", read(&row.result, &call)),
            _ => writeln!(body, "        return {}", read(&row.result, &format!("({call})"))),
        };
        body.push_str("    }\n");
    }
    let always: &[&str] = &["dev.ottla.internal.*", "kotlin.time.Duration"];
    format!(
        "{HEAD}\npackage dev.ottla\n\n{}\n{}public abstract class AdminOperations internal constructor() {{\n    \
         /** Does an operation: JSON in, JSON out. */\n    internal abstract suspend fun call(operation: String, arguments: Map<String, Any?>): Any?\n{body}}}\n",
        imports(&body, always).replace("import dev.ottla.TopicPartition\n", ""),
        comment("", "The operations of [Admin]. A call without `timeout` ends by `default.api.timeout.ms`."),
    )
}

pub(super) fn futures() -> String {
    let mut body = String::new();
    for row in table::operations() {
        let result = match kotlin(&row.result, "List", "Long").as_str() {
            "Unit" => "Void?".to_owned(),
            other => other.to_owned(),
        };
        let names: Vec<String> = row
            .parameters
            .iter()
            .map(|field| {
                let name = identifier(&camel(field.name));
                match &field.value_type {
                    Type::Duration => format!("{name}.toKotlinDuration()"),
                    Type::Optional(Type::Duration) => format!("{name}?.toKotlinDuration()"),
                    _ => name,
                }
            })
            .collect();
        let call = format!("admin.{}({})", camel(row.name), names.join(", "));
        let answer =
            if result == "Void?" { format!("done {{ {call} }}") } else { format!("future {{ {call} }}") };
        let _ = write!(
            body,
            "\n{}    @JvmOverloads\n    public fun {}(\n{}    ): CompletableFuture<{result}> =\n        {answer}\n",
            documentation(row),
            camel(row.name),
            parameters(row, "Duration"),
        );
    }
    let always: &[&str] = &[
        "dev.ottla.KafkaException",
        "dev.ottla.internal.done",
        "dev.ottla.internal.future",
        "java.time.Duration",
        "java.util.concurrent.CompletableFuture",
        "kotlin.time.toKotlinDuration",
    ];
    format!(
        "{HEAD}\npackage dev.ottla.java\n\n{}\n{}public abstract class AdminOperations internal constructor() {{\n    \
         internal abstract val admin: dev.ottla.Admin\n{body}}}\n",
        imports(&body, always),
        comment("", "The operations of [Admin]. A call without `timeout` ends by `default.api.timeout.ms`."),
    )
}
