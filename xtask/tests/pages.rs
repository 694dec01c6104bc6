//! The reference pages in `docs/` are what the tables say. `make gen` writes them; without it a page that differs fails.

#[path = "pages/admin.rs"]
mod admin;
#[path = "../src/generate/settle.rs"]
mod settle;

use ottla::config::ClientKind;
use ottla::config::table::{self, DefaultValue, OptionRow, Support, ValueType};
use ottla_broker::reference::{self, ConfigRow, Effect};
use ottla_wire::{ErrorCode, api_version};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const MADE: &str = "<!-- Written by `make gen` from the tables in the code. -->\n\n";

/// Compares a page with what is there, or writes it when `make gen` asks.
fn settle(name: &str, text: &str) {
    let difference = settle::settle(&format!("docs/{name}"), text).err();
    assert!(difference.is_none(), "{}", difference.unwrap_or_default());
}

/// A cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn code(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { format!("`{}`", cell(text)) }
}

#[test]
fn client_options() {
    let mut page = format!(
        "# Options of producer, consumer and admin client\n\n{MADE}\
         Names are Kafka's; librdkafka's are accepted and stand in brackets. A name that is not here is an error.\n\n"
    );
    let section = |page: &mut String,
                   title: &str,
                   takes: &dyn Fn(&OptionRow) -> bool,
                   tail: &dyn Fn(&OptionRow) -> String| {
        let _ = write!(
            page,
            "## {title}\n\n| option | for | type and range | default | importance | meaning |\n|---|---|---|---|---|---|\n"
        );
        for row in table::rows().iter().filter(|row| takes(row)) {
            let aliases: Vec<_> = row.aliases.iter().map(|alias| code(alias)).collect();
            let aliases =
                if aliases.is_empty() { String::new() } else { format!(" ({})", aliases.join(", ")) };
            let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.to_string()).collect();
            let _ = writeln!(
                page,
                "| `{}`{aliases} | {} | {} | {} | {} | {}{} |",
                row.name,
                kinds.join(", "),
                value_type(row.value_type),
                default(row),
                format!("{:?}", row.importance).to_lowercase(),
                cell(row.doc),
                tail(row),
            );
        }
        page.push('\n');
    };
    section(&mut page, "Used", &|row| row.support == Support::Used, &|_| String::new());
    let only = |values: &[&str]| match values {
        [] => "Leave it out.".to_owned(),
        values => {
            let values: Vec<_> = values.iter().map(|value| code(value)).collect();
            format!("Accepted: {}.", values.join(", "))
        }
    };
    section(
        &mut page,
        "Not supported yet",
        &|row| matches!(row.support, Support::NotYet(_)),
        &|row| match row.support {
            Support::NotYet(values) => format!(" **{}**", only(values)),
            _ => String::new(),
        },
    );
    section(&mut page, "Without meaning here", &|row| matches!(row.support, Support::Refused(..)), &|row| {
        match row.support {
            Support::Refused(why, values) => format!(" **{}** Refused, because {}.", only(values), cell(why)),
            _ => String::new(),
        }
    });
    settle("client-options.md", &page);
}

fn value_type(value_type: ValueType) -> String {
    match value_type {
        ValueType::Boolean => "`true`, `false`".to_owned(),
        ValueType::Int { min, max } if max >= i64::MAX / 1_000_000 => format!("number, {min} or more"),
        ValueType::Int { min, max } if max == i64::from(i32::MAX) => format!("number, {min} to 2³¹−1"),
        ValueType::Int { min, max } => format!("number, {min} to {max}"),
        ValueType::Float { min, max } => format!("number, {min} to {max}"),
        ValueType::Text => "text".to_owned(),
        ValueType::NonEmptyText => "text, not empty".to_owned(),
        ValueType::Choice(words) => {
            let words: Vec<_> = words.iter().map(|word| code(word)).collect();
            words.join(", ")
        }
        ValueType::List => "list, comma-separated".to_owned(),
    }
}

fn default(row: &OptionRow) -> String {
    match row.default {
        DefaultValue::Required => "must be set".to_owned(),
        DefaultValue::Null => "none".to_owned(),
        DefaultValue::Text(text) => code(text),
        DefaultValue::PerKind(..) => {
            let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for kind in ClientKind::ALL.into_iter().filter(|kind| row.kinds.contains(*kind)) {
                let text = row.default.for_kind(kind).unwrap_or_default();
                kinds.entry(text).or_default().push(kind.to_string());
            }
            let each: Vec<_> =
                kinds.iter().map(|(text, kinds)| format!("{} ({})", code(text), kinds.join(", "))).collect();
            each.join(", ")
        }
    }
}

#[test]
fn broker_options() {
    let mut page = format!(
        "# Options of the broker and of topics\n\n{MADE}\
         Names, types and ranges are those of Apache Kafka 4.4, and [its documentation](https://kafka.apache.org/documentation/#brokerconfigs) says\n\
         what they mean; options that begin with `ottla.` exist only here. A name that is not here is an error.\n\n\
         *Inert* options are accepted, have no effect, and are named in the log. *Refused* ones are accepted with their default only. The update mode is Kafka's.\n\n"
    );
    let (mut used, mut inert, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for row in reference::broker_configs() {
        match row.effect {
            Effect::Used => used.push(row),
            Effect::Inert => inert.push(row),
            Effect::Refused(_) => refused.push(row),
        }
    }
    configs(&mut page, "Broker: used", &used);
    configs(&mut page, "Broker: inert", &inert);
    configs(&mut page, "Broker: refused", &refused);
    configs(&mut page, "Topics", &reference::topic_configs().collect::<Vec<_>>());
    settle("broker-options.md", &page);
}

fn configs(page: &mut String, title: &str, rows: &[ConfigRow]) {
    let _ = write!(
        page,
        "## {title}\n\n| option | type and range | default | update mode | notes |\n|---|---|---|---|---|\n"
    );
    for row in rows {
        let range = if row.valid.is_empty() { String::new() } else { format!(", {}", cell(row.valid)) };
        let default = row.default.map_or_else(|| "null".to_owned(), code);
        let kafkas = match row.kafkas_default {
            None => String::new(),
            Some("(required)") => "; Kafka has none".to_owned(),
            Some(kafkas) => format!("; Kafka's: {}", code(kafkas)),
        };
        let changes = match row.update_mode {
            "" => "per topic",
            mode => mode,
        };
        let mut notes = Vec::new();
        if !row.meaning.is_empty() {
            notes.push(cell(row.meaning));
        }
        if !row.broker_synonyms.is_empty() {
            let names: Vec<_> = row.broker_synonyms.iter().map(|name| code(name)).collect();
            notes.push(format!("The broker's default: {}.", names.join(", ")));
        }
        match row.effect {
            Effect::Used => {}
            Effect::Inert if title == "Topics" => notes.push("Inert.".to_owned()),
            Effect::Inert => {}
            Effect::Refused(reason) => notes.push(format!("Refused: {}.", cell(reason))),
        }
        let _ = writeln!(
            page,
            "| `{}` | {}{range} | {default}{kafkas} | {changes} | {} |",
            row.name,
            row.value_type,
            notes.join(" ")
        );
    }
    page.push('\n');
}

#[test]
fn errors() {
    let mut page = format!(
        "# Kafka's error codes\n\n{MADE}\
         What a code means and what the client does about it. *Retriable* is Kafka's word: the same request may succeed later.\n\n\
         | code | name | meaning | retriable | metadata is asked for anew | what a client does |\n|---|---|---|---|---|---|\n"
    );
    for code in ErrorCode::all() {
        let yes = |is: bool| if is { "yes" } else { "" };
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {} | {} | {} |",
            code.0,
            code.name(),
            cell(code.message()),
            yes(code.is_retriable()),
            yes(code.refreshes_metadata()),
            cell(code.client_action()),
        );
    }
    settle("errors.md", &page);
}

#[test]
fn api_versions() {
    let served: BTreeMap<_, _> = reference::served_versions().collect();
    let mut page = format!(
        "# APIs and their versions\n\n{MADE}\
         *Apache Kafka* is what release 4.4 has released of each API. *Broker* is what this broker serves and advertises (it advertises\n\
         Produce from 0 on, as Kafka does, for librdkafka's sake). *Messages* is what client and broker can encode and decode; a client uses\n\
         the highest version that it can make use of and that the broker advertises.\n\n\
         | key | API | Apache Kafka | broker | messages |\n|---|---|---|---|---|\n"
    );
    let range = |range: Option<std::ops::RangeInclusive<i16>>| {
        range.filter(|range| !range.is_empty()).map_or_else(String::new, |range| {
            if range.start() == range.end() {
                range.start().to_string()
            } else {
                format!("{}–{}", range.start(), range.end())
            }
        })
    };
    for api in api_version::apis().iter().filter(|api| !api.versions().is_empty()) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            api.key.0,
            api.name,
            range(Some(api.versions())),
            range(served.get(&api.key).cloned()),
            range(api_version::supported(api.key.0)),
        );
    }
    settle("api-versions.md", &page);
}
