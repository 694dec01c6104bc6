//! The options of each client as an interface.

use super::{comment, head};
use ottla::config::table::{ClientKind, OptionRow, Support, ValueType, rows};
use std::fmt::Write as _;

pub(super) fn types() -> String {
    let mut text = head("the table of options");
    for (kind, name) in [
        (ClientKind::Producer, "ProducerConfig"),
        (ClientKind::Consumer, "ConsumerConfig"),
        (ClientKind::Admin, "AdminConfig"),
    ] {
        let doc = format!(
            "Options of a {kind}, by Kafka's names. An unknown or impossible one is a `ConfigError`."
        );
        text.push_str(&comment("", &[&doc]));
        let _ = writeln!(text, "export interface {name} {{");
        for row in rows().iter().filter(|row| row.kinds.contains(kind) && row.support == Support::Used) {
            option(&mut text, row, kind);
        }
        text.push_str("}\n\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn option(text: &mut String, row: &OptionRow, kind: ClientKind) {
    let default = match row.default.for_kind(kind) {
        Some(default) if row.sensitive => format!("Default: set, {} characters.", default.len()),
        Some("") => "Default: empty.".to_owned(),
        Some(default) => format!("Default: `{default}`."),
        None => String::new(),
    };
    text.push_str(&comment("  ", &[row.doc, row.remark, &default]));
    let value = match row.value_type {
        ValueType::Boolean => "boolean | 'true' | 'false'".to_owned(),
        ValueType::Int { .. } | ValueType::Float { .. } => "number | string".to_owned(),
        ValueType::Text | ValueType::NonEmptyText => "string".to_owned(),
        ValueType::List => "string | readonly string[]".to_owned(),
        ValueType::Choice(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            let numeric = words.iter().any(|word| word.trim_matches('\'').parse::<i64>().is_ok());
            // Other spellings are taken as well; the words come up in editors all the same.
            format!("{}{} | (string & {{}})", words.join(" | "), if numeric { " | number" } else { "" })
        }
    };
    let required = matches!(row.default, ottla::config::table::DefaultValue::Required);
    let _ = writeln!(text, "  '{}'{}: {value};", row.name, if required { "" } else { "?" });
    for alias in row.aliases {
        let _ = writeln!(text, "  /** The same as `{}`. */\n  '{alias}'?: {value};", row.name);
    }
}
