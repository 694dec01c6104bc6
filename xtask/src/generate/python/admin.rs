//! The admin client of the Python binding: a dataclass for each struct, a method for each operation, twice: for threads and
//! for coroutines.

use super::head;
use super::text::{docstring, plain, wrapped};
use ottla::facade::admin::table::{self, Field, OperationRow, StructRow, Type};
use std::fmt::Write as _;

/// The struct that the package has as a named tuple of its own.
const TOPIC_PARTITION: &str = "TopicPartition";

pub(super) fn types() -> String {
    let mut text = head("Types that the admin client takes and gives.");
    text += "from collections.abc import Mapping, Sequence\nfrom dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import Any\n\n";
    text += "from ._errors import KafkaError\nfrom ._json import error_of, results_of\nfrom ._types import TopicPartition\n\n__all__ = [\n";
    let mut names: Vec<&str> =
        table::enums().iter().map(|row| row.name).chain(structs().map(|row| row.name)).collect();
    names.sort_unstable();
    for name in names {
        let _ = writeln!(text, "    \"{name}\",");
    }
    text += "]\n";
    for row in table::enums() {
        let _ = write!(text, "\n\nclass {}(str, Enum):\n{}\n", row.name, docstring("    ", row.doc));
        for value in row.values {
            comment(&mut text, value.doc);
            let _ = writeln!(text, "    {} = \"{}\"", value.name, value.name);
        }
    }
    for row in structs() {
        structure(&mut text, row);
    }
    text
}

fn structs() -> impl Iterator<Item = &'static StructRow> {
    table::types().into_iter().filter(|row| row.name != TOPIC_PARTITION)
}

fn comment(text: &mut String, doc: &str) {
    for line in wrapped(&plain(doc), 110) {
        let _ = writeln!(text, "    #: {line}");
    }
}

fn structure(text: &mut String, row: &StructRow) {
    let _ =
        write!(text, "\n\n@dataclass(frozen=True)\nclass {}:\n{}\n", row.name, docstring("    ", row.doc));
    for field in row.fields {
        comment(text, field.doc);
        let default = field
            .default
            .map_or_else(String::new, |default| format!(" = {}", literal(default, &field.value_type)));
        let _ =
            writeln!(text, "    {}: {}{default}", field.name, annotation(&field.value_type, row.is_argument));
    }
    let _ = write!(
        text,
        "\n    @classmethod\n    def _of(cls, json: Mapping[str, Any]) -> {}:\n        return cls(\n",
        row.name
    );
    for field in row.fields {
        let json = format!("json[\"{}\"]", field.name);
        let mut line = format!("            {}={},", field.name, decoded(&field.value_type, &json));
        if line.len() > 118 {
            line =
                line.replace(" if json", "\n            if json").replace(" else [", "\n            else [");
        }
        let _ = writeln!(text, "{line}");
    }
    text.push_str("        )\n");
}

/// A default in a dataclass.
fn literal(json: &str, value_type: &Type) -> String {
    match (json, value_type) {
        ("null", _) => "None".to_owned(),
        ("true", _) => "True".to_owned(),
        ("false", _) => "False".to_owned(),
        ("[]", _) => "()".to_owned(),
        ("{}", _) => "field(default_factory=dict)".to_owned(),
        (word, Type::Enum(row)) => format!("{}.{}", row.name, word.trim_matches('"')),
        (other, _) => other.to_owned(),
    }
}

/// A type as Python writes it. What callers give may be any sequence.
fn annotation(value_type: &Type, given: bool) -> String {
    match value_type {
        Type::Unit => "None".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::I16 | Type::I32 | Type::I64 => "int".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Duration => "float".to_owned(),
        Type::List(inner) if given => format!("Sequence[{}]", annotation(inner, given)),
        Type::List(inner) => format!("list[{}]", annotation(inner, given)),
        Type::Map(inner) if given => format!("Mapping[str, {}]", annotation(inner, given)),
        Type::Map(inner) => format!("dict[str, {}]", annotation(inner, given)),
        Type::Optional(inner) => format!("{} | None", annotation(inner, given)),
        Type::Struct(row) if row.name == TOPIC_PARTITION && given => "tuple[str, int]".to_owned(),
        Type::Struct(row) => row.name.to_owned(),
        Type::Enum(row) => row.name.to_owned(),
        Type::Error => "KafkaError".to_owned(),
        Type::Results(key, value) => {
            format!("dict[{}, {}]", annotation(key, false), annotation(value, false))
        }
    }
}

/// The expression that makes a value of its JSON.
fn decoded(value_type: &Type, json: &str) -> String {
    // Within an item there are others.
    let each = if json == "item" { "part" } else { "item" };
    match value_type {
        Type::Unit => "None".to_owned(),
        Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Text => json.to_owned(),
        Type::Duration => format!("{json} / 1000"),
        Type::List(inner) if is_plain(inner) => json.to_owned(),
        Type::List(inner) => format!("[{} for {each} in {json}]", decoded(inner, each)),
        Type::Map(inner) if is_plain(inner) => json.to_owned(),
        Type::Map(inner) => {
            format!("{{name: {} for name, {each} in {json}.items()}}", decoded(inner, each))
        }
        Type::Optional(inner) if is_plain(inner) => json.to_owned(),
        Type::Optional(inner) => format!("None if {json} is None else {}", decoded(inner, json)),
        Type::Struct(row) if row.name == TOPIC_PARTITION => {
            format!("TopicPartition({json}[\"topic\"], {json}[\"partition\"])")
        }
        Type::Struct(row) => format!("{}._of({json})", row.name),
        Type::Enum(row) => format!("{}({json})", row.name),
        Type::Error => format!("error_of({json})"),
        Type::Results(key, value) => {
            format!(
                "results_of({json}, lambda key: {}, lambda item: {})",
                decoded(key, "key"),
                decoded(value, "item")
            )
        }
    }
}

fn is_plain(value_type: &Type) -> bool {
    match value_type {
        Type::Bool | Type::I16 | Type::I32 | Type::I64 | Type::Text => true,
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => is_plain(inner),
        _ => false,
    }
}

pub(super) fn clients() -> String {
    let mut text = head("The admin client, for threads and for coroutines.");
    text += "from collections.abc import Mapping, Sequence\nfrom typing import Any\n\nfrom ._admin_base import AdminBase\n";
    text += "from ._admin_types import (\n";
    let mut names: Vec<&str> =
        table::enums().iter().map(|row| row.name).chain(structs().map(|row| row.name)).collect();
    names.sort_unstable();
    let mut bodies = String::new();
    for (class, is_async, doc) in [
        (
            "Admin",
            false,
            "Administers a cluster: topics, configurations, groups, offsets, records. May be shared by threads.",
        ),
        (
            "AsyncAdmin",
            true,
            "Administers a cluster: topics, configurations, groups, offsets, records. For coroutines.",
        ),
    ] {
        let note = "\n\nA call about several items raises the error of the first that failed; the error's ``results`` has those of all, \
                    so that one that fails hides nothing. ``timeout`` is in seconds, ``default.api.timeout.ms`` by default.";
        let _ =
            write!(bodies, "\n\nclass {class}(AdminBase):\n{}", docstring("    ", &format!("{doc}{note}")));
        for row in table::operations() {
            method(&mut bodies, row, is_async);
        }
        bodies += &closing(is_async, class);
    }
    for name in names.into_iter().filter(|name| mentions(&bodies, name)) {
        let _ = writeln!(text, "    {name},");
    }
    text += ")\n";
    text += "from ._json import ";
    let helpers: Vec<&str> = ["error_of", "milliseconds", "plain", "results_of"]
        .into_iter()
        .filter(|name| mentions(&bodies, name))
        .collect();
    text += &helpers.join(", ");
    text += "\n";
    if mentions(&bodies, "done") {
        text += "from ._loop import done\n";
    }
    if mentions(&bodies, TOPIC_PARTITION) {
        text += "from ._types import TopicPartition\n";
    }
    text += "\n__all__ = [\"Admin\", \"AsyncAdmin\"]\n";
    text + &bodies
}

/// Whether code has a name as a word of its own.
fn mentions(code: &str, name: &str) -> bool {
    let is_part =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    code.match_indices(name).any(|(at, _)| {
        !is_part(code[..at].chars().next_back()) && !is_part(code[at + name.len()..].chars().next())
    })
}

fn parameter(field: &Field) -> String {
    let default = field.default.map_or_else(String::new, |default| {
        let default = if default == "{}" { "None".to_owned() } else { literal(default, &field.value_type) };
        format!(" = {default}")
    });
    let mut annotation = annotation(&field.value_type, true);
    if default == " = None" && !annotation.ends_with("| None") {
        annotation += " | None";
    }
    format!("{}: {annotation}{default}", field.name)
}

fn method(text: &mut String, row: &OperationRow, is_async: bool) {
    let (keyword, result) = (if is_async { "async def" } else { "def" }, annotation(&row.result, false));
    let _ = write!(text, "\n    {keyword} {}(\n        self,\n", row.name);
    let mut is_keyword_only = false;
    for (index, field) in row.parameters.iter().enumerate() {
        if field.default.is_some() && index > 0 && !is_keyword_only {
            is_keyword_only = true;
            text.push_str("        *,\n");
        }
        let _ = writeln!(text, "        {},", parameter(field));
    }
    let _ = writeln!(text, "    ) -> {result}:");
    let mut doc = row.doc.to_owned();
    let documented: Vec<String> =
        row.parameters.iter().map(|field| format!("``{}``: {}", field.name, field.doc)).collect();
    for line in documented {
        doc += &format!("\n\n{line}");
    }
    if !row.errors.is_empty() {
        doc += &format!("\n\nRaises: {}", row.errors);
    }
    if !row.source.is_empty() {
        doc += &format!("\n\nSource: {}", row.source);
    }
    text.push_str(&docstring("        ", &doc));
    let _ = writeln!(text, "        arguments = {{");
    for field in row.parameters {
        let value = match &field.value_type {
            Type::Duration | Type::Optional(Type::Duration) => format!("milliseconds({})", field.name),
            _ => format!("plain({})", field.name),
        };
        let _ = writeln!(text, "            \"{}\": {value},", field.name);
    }
    text.push_str("        }\n");
    let call = format!("self._call(\"{}\", arguments)", row.name);
    let answer = if is_async {
        format!("self._answer(await done({call}))")
    } else {
        format!("self._answer({call}.wait())")
    };
    if matches!(row.result, Type::Unit) {
        let _ = writeln!(text, "        {answer}");
    } else {
        let _ = writeln!(text, "        answer = {answer}");
        let _ = writeln!(text, "        return {}", returned(&row.result));
    }
}

/// As [`decoded`], over several lines where one would be long.
fn returned(result: &Type) -> String {
    let line = decoded(result, "answer");
    match result {
        Type::Results(key, value) if line.len() > 100 => format!(
            "results_of(\n            answer,\n            lambda key: {},\n            lambda item: {},\n        )",
            decoded(key, "key"),
            decoded(value, "item")
        ),
        _ => line,
    }
}

fn closing(is_async: bool, class: &str) -> String {
    let doc =
        "Closes all connections, by ``timeout`` seconds. Calls under way end with :class:`ClosedError`.";
    if is_async {
        format!(
            "\n    async def close(self, timeout: float = 30.0) -> None:\n        \"\"\"{doc}\"\"\"\n        await done(self._core.close(timeout))\n\
             \n    async def __aenter__(self) -> {class}:\n        return self\n\
             \n    async def __aexit__(self, *_: object) -> None:\n        await self.close()\n"
        )
    } else {
        format!(
            "\n    def close(self, timeout: float = 30.0) -> None:\n        \"\"\"{doc}\"\"\"\n        self._core.close(timeout).wait()\n\
             \n    def __enter__(self) -> {class}:\n        return self\n\
             \n    def __exit__(self, *_: object) -> None:\n        self.close()\n"
        )
    }
}
