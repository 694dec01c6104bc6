//! Sources of the Node.js binding that are written from the tables in the code: classes of errors, types of options, and
//! the admin client's operations.

mod admin;
mod config;
mod errors;

use super::Generated;
use std::fmt::Write as _;

pub(crate) fn files() -> Vec<Generated> {
    [
        ("errors.js", errors::source()),
        ("errors.mjs", errors::module()),
        ("errors.d.ts", errors::types()),
        ("config.d.ts", config::types()),
        ("admin.js", admin::source()),
        ("admin.d.ts", admin::types()),
    ]
    .map(|(name, text)| Generated::new(format!("bindings-node/lib/generated/{name}"), text))
    .into()
}

/// The first lines of a file.
fn head(of: &str) -> String {
    format!("// Generated from {of}, do not edit: `make gen`.\n\n")
}

/// A name in camel case: `createTopics` of `create_topics`.
fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// A comment of TSDoc, in lines that are not too long.
fn comment(indent: &str, paragraphs: &[&str]) -> String {
    const WIDTH: usize = 110;
    let mut text = format!("{indent}/**\n");
    for (index, paragraph) in paragraphs.iter().filter(|text| !text.is_empty()).enumerate() {
        if index > 0 {
            let _ = writeln!(text, "{indent} *");
        }
        // A comment must not end within the text, nor a tag begin.
        let paragraph = paragraph.replace("*/", "*\u{200b}/");
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() + indent.len() > WIDTH {
                let _ = writeln!(text, "{indent} * {line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(text, "{indent} * {line}");
    }
    let _ = writeln!(text, "{indent} */");
    text
}
