//! Sources of the Kotlin binding that are written from the tables in the code: exceptions, names of options, the admin client.

mod admin;
mod reference;
mod text;

use super::Generated;
use ottla::ErrorKind;
use ottla::config::ClientKind;
use ottla::config::table::{self, DefaultValue, OptionRow, Support};
use std::fmt::Write as _;

const FOLDER: &str = "bindings-kotlin/src/main/kotlin/dev/ottla";

pub(crate) fn files() -> Vec<Generated> {
    [
        ("KafkaExceptions.kt", exceptions()),
        ("Options.kt", options()),
        ("AdminOperations.kt", admin::operations()),
        ("admin/AdminTypes.kt", admin::types()),
        ("internal/AdminJson.kt", admin::json()),
        ("java/AdminOperations.kt", admin::futures()),
    ]
    .map(|(name, text)| Generated::new(format!("{FOLDER}/{name}"), text))
    .into()
}

/// The reference page, made from the sources that [`files`] settles.
#[allow(dead_code)] // Tests alone settle files.
pub(crate) fn reference() -> Vec<Generated> {
    vec![Generated::new("bindings-kotlin/docs/reference.md", reference::page())]
}

/// A comment of Kotlin's.
fn comment(indent: &str, text: &str) -> String {
    comment_of(indent, &[text.to_owned()])
}

/// A comment of several paragraphs, broken at 110 columns; those that begin with a tag stand together at the end.
fn comment_of(indent: &str, paragraphs: &[String]) -> String {
    let mut lines = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let is_tag = |index: usize| paragraphs[index].starts_with('@');
        if index > 0 && !(is_tag(index) && is_tag(index - 1)) {
            lines.push(String::new());
        }
        lines.push(String::new());
        for word in paragraph.replace("*/", "* /").split_whitespace() {
            let line = lines.last_mut().expect("there is always a line");
            if !line.is_empty() && indent.len() + 3 + line.len() + word.len() > 110 {
                lines.push(word.to_owned());
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
    }
    match lines.as_slice() {
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let body: String =
                lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{body}{indent} */\n")
        }
    }
}

/// The subclass for a kind.
fn exception(kind: ErrorKind) -> String {
    format!("{}Exception", kind.class_name())
}

fn exceptions() -> String {
    let mut text = "// Generated from the client's error kinds, do not edit: make gen.

package dev.ottla

/** What sort of failure it is, that is: what a caller can do about it. */
public enum class ErrorKind {\n"
        .to_owned();
    for kind in ErrorKind::ALL {
        text += &comment("    ", kind.doc());
        let _ = writeln!(text, "    {},\n", kind.name().to_uppercase());
    }
    text.pop();
    text += "}\n";
    for kind in ErrorKind::ALL {
        text.push('\n');
        text += &comment("", kind.doc());
        let _ = writeln!(
            text,
            "public class {} internal constructor(detail: ErrorDetail) : KafkaException(detail)",
            exception(*kind)
        );
    }
    text += "\n/** The exception of the class that belongs to the error's kind. */\n";
    text += "internal fun exceptionOf(detail: ErrorDetail): KafkaException = when (detail.kind) {\n";
    for kind in ErrorKind::ALL {
        let _ =
            writeln!(text, "    ErrorKind.{} -> {}(detail)", kind.name().to_uppercase(), exception(*kind));
    }
    text + "}\n"
}

fn options() -> String {
    let mut text = "// Generated from the client's table of options, do not edit: make gen.

package dev.ottla

/** Names of options: typing one wrong is an error of the compiler's. Any map of Kafka's own names will do as well. */
public object Options {\n"
        .to_owned();
    for row in table::rows().iter().filter(|row| row.support == Support::Used) {
        text += &option(row);
    }
    text.pop();
    text + "}\n"
}

fn option(row: &OptionRow) -> String {
    let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.to_string()).collect();
    let default = match row.default {
        DefaultValue::Required => "Must be set.".to_owned(),
        DefaultValue::Null => "Not set by default.".to_owned(),
        DefaultValue::Text(default) => format!("Default: `{default}`."),
        DefaultValue::PerKind(..) => {
            let each = ClientKind::ALL
                .into_iter()
                .filter(|kind| row.kinds.contains(*kind))
                .map(|kind| format!("`{}` ({kind})", row.default.for_kind(kind).unwrap_or_default()));
            format!("Default: {}.", each.collect::<Vec<_>>().join(", "))
        }
    };
    let name = row.name.to_uppercase().replace(['.', '-'], "_");
    let doc = comment("    ", &format!("For {}. {} {default}", kinds.join(", "), row.doc));
    format!("{doc}    public const val {name}: String = \"{}\"\n\n", row.name)
}
