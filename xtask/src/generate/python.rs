//! Sources of the Python binding that are written from the tables in the code: exceptions, options, the admin client.

mod admin;
mod text;

use super::Generated;
use ottla::ErrorKind;
use ottla::config::ClientKind;
use ottla::config::table::{self, DefaultValue, OptionRow, Support, ValueType};
use std::fmt::Write as _;
use text::{docstring, pascal};

const PACKAGE: &str = "bindings-python/python/ottla";

pub(crate) fn files() -> Vec<Generated> {
    let file = |name: &str, text: String| Generated::new(format!("{PACKAGE}/{name}"), text);
    vec![
        file("_errors.py", errors()),
        file("_options.py", options()),
        file("_admin_types.py", admin::types()),
        file("_admin.py", admin::clients()),
    ]
}

/// The head of a generated module.
fn head(doc: &str) -> String {
    format!(
        "\"\"\"{doc}\"\"\"\n# Generated from the tables in the code, do not edit: make gen.\n\nfrom __future__ import annotations\n\n"
    )
}

/// The exception of a kind.
fn class_of(kind: ErrorKind) -> String {
    let name = pascal(kind.name());
    if name.ends_with("Error") { name } else { format!("{name}Error") }
}

/// The built-in exception that a kind is one of, so that code that knows nothing of Kafka catches it, too.
fn builtin(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::Timeout => Some("builtins.TimeoutError"),
        ErrorKind::Config | ErrorKind::InvalidArgument => Some("ValueError"),
        ErrorKind::Network => Some("ConnectionError"),
        ErrorKind::Authorization | ErrorKind::Authentication => Some("PermissionError"),
        _ => None,
    }
}

fn errors() -> String {
    let mut text = head("One exception for each kind of error.");
    text += "import builtins\nfrom collections.abc import Mapping\nfrom typing import Any\n\nfrom ._errors_base import KafkaError\n\n";
    text += "__all__ = [\n    \"KafkaError\",\n";
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "    \"{}\",", class_of(*kind));
    }
    text += "]\n";
    for kind in ErrorKind::ALL {
        let bases =
            builtin(*kind).map_or_else(|| "KafkaError".to_owned(), |base| format!("KafkaError, {base}"));
        let _ = write!(
            text,
            "\n\nclass {}({bases}):\n{}\n    kind = \"{}\"\n",
            class_of(*kind),
            docstring("    ", kind.doc()),
            kind.name()
        );
    }
    text += "\n\n_BY_KIND: Mapping[str, type[KafkaError]] = {\n";
    for kind in ErrorKind::ALL {
        let _ = writeln!(text, "    \"{}\": {},", kind.name(), class_of(*kind));
    }
    text += "}\n\n\ndef _make(*, kind: str, message: str, **facts: Any) -> KafkaError:\n    \"\"\"The exception the library's error is.\"\"\"\n";
    text += "    return _BY_KIND.get(kind, KafkaError)(message, **facts)\n";
    text
}

fn options() -> String {
    let mut text = head("Options of the clients by Kafka's names, for type checkers and editors.");
    text += "from typing import Literal, TypedDict\n\n__all__ = [\"AdminOptions\", \"ConsumerOptions\", \"ProducerOptions\"]\n";
    for (kind, name) in [
        (ClientKind::Producer, "ProducerOptions"),
        (ClientKind::Consumer, "ConsumerOptions"),
        (ClientKind::Admin, "AdminOptions"),
    ] {
        let _ = write!(text, "\n\n{name} = TypedDict(\n    \"{name}\",\n    {{\n");
        let taken = |row: &&OptionRow| row.kinds.contains(kind) && matches!(row.support, Support::Used);
        for row in table::rows().iter().filter(taken) {
            for line in text::wrapped(&format!("{} {}", row.doc, default(row.default, kind)), 112) {
                let _ = writeln!(text, "        # {line}");
            }
            let _ = writeln!(text, "        \"{}\": {},", row.name, option_type(row.value_type));
        }
        text += "    },\n    total=False,\n)\n";
    }
    text
}

fn default(value: DefaultValue, kind: ClientKind) -> String {
    match (value, value.for_kind(kind)) {
        (DefaultValue::Required, _) => "Must be given.".to_owned(),
        (_, Some("")) => "Default: empty.".to_owned(),
        (_, Some(text)) => format!("Default: {text}."),
        (_, None) => "Not set by default.".to_owned(),
    }
}

/// Text is taken everywhere, as from files and environments.
fn option_type(value_type: ValueType) -> String {
    match value_type {
        ValueType::Boolean => "bool | str".to_owned(),
        ValueType::Int { .. } => "int | str".to_owned(),
        ValueType::Float { .. } => "float | str".to_owned(),
        ValueType::Text | ValueType::NonEmptyText => "str".to_owned(),
        ValueType::List => "str | list[str]".to_owned(),
        ValueType::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!("Literal[{}]", words.join(", "))
        }
    }
}
