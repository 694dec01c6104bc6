//! The reference of the Kotlin binding, written from its sources: every public declaration with its comment.
//!
//! The compiler insists on `public` in front of whatever is public, so that lines tell what belongs there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bindings-kotlin/src/main/kotlin/dev/ottla");

/// Packages in the order to show them: folder, name, what it is.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("", "dev.ottla", "The clients and what they take and give."),
    ("admin", "dev.ottla.admin", "Types of the admin client."),
    ("java", "dev.ottla.java", "The clients for Java: futures in place of `suspend` functions."),
    ("testing", "dev.ottla.testing", "A broker for tests."),
];

/// Files that only repeat another page.
const LEFT_OUT: &[&str] = &["Options.kt"];

#[allow(clippy::disallowed_methods)] // Reads the sources of the repository.
pub(super) fn page() -> String {
    let mut page = "# Reference\n\n<!-- Written by `make gen` from the comments in the sources. -->\n\nNames of options are constants of \
                    `dev.ottla.Options`; [client options](../../docs/client-options.md) says what each means. In Java, properties \
                    are getters: `record.getOffset()`.\n"
        .to_owned();
    for (folder, package, doc) in PACKAGES {
        let _ = write!(page, "\n## {package}\n\n{doc}\n");
        let mut files: Vec<_> = fs::read_dir(Path::new(ROOT).join(folder))
            .map(|files| files.filter_map(Result::ok).map(|file| file.path()).collect())
            .unwrap_or_default();
        files.sort();
        for file in files {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".kt") && !LEFT_OUT.contains(&name.as_str()) {
                page += &declarations(&fs::read_to_string(&file).unwrap_or_default());
            }
        }
    }
    page
}

/// Whether a line begins something public: a declaration, or an entry or property of what stands around it.
fn is_public(line: &str) -> bool {
    let word = line.trim_start();
    word.starts_with("public ") || word.starts_with("override ")
}

fn declarations(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let (mut page, mut doc, mut index) = (String::new(), Vec::<String>::new(), 0);
    // Deeper lines belong to something that is not public.
    let mut hidden: Option<usize> = None;
    while index < lines.len() {
        let line = lines[index];
        let (indent, word) = (line.len() - line.trim_start().len(), line.trim());
        index += 1;
        if hidden.is_some_and(|depth| indent > depth || word.is_empty()) {
            continue;
        }
        if hidden.take().is_some() && matches!(word, "}" | ")" | "},") {
            continue;
        }
        if word.starts_with("/**") {
            doc = comment(word, &lines, &mut index);
        } else if is_public(line) && !word.contains(" internal constructor(detail: ErrorDetail)")
            || is_exception(word)
        {
            if word.starts_with("override ") && doc.is_empty() {
                continue;
            }
            let (text, end) = signature(&lines, index - 1);
            index = end;
            if indent == 0 {
                let _ = write!(page, "\n### {}\n\n```kotlin\n{text}\n```\n", name(word));
            } else {
                let _ = write!(page, "\n```kotlin\n{text}\n```\n");
            }
            page += &paragraphs(&doc);
            doc.clear();
        } else if is_entry(word) && indent == 4 && (!doc.is_empty() || word.ends_with(',')) {
            // Entries make one list.
            let last = page.trim_end_matches('\n').lines().last().unwrap_or_default();
            let gap = if last.starts_with("- `") { "" } else { "\n" };
            let meaning =
                if doc.is_empty() { String::new() } else { format!(": {}", unlinked(&doc.join(" "))) };
            let _ = writeln!(page, "{gap}- `{}`{meaning}", word.trim_end_matches(','));
            doc.clear();
        } else if ["private ", "internal ", "init ", "companion "].iter().any(|start| word.starts_with(start))
        {
            doc.clear();
            if !word.starts_with("companion ") && (word.ends_with('{') || word.ends_with('(')) {
                hidden = Some(indent);
            }
        } else if !word.starts_with('@') {
            doc.clear();
        }
    }
    page
}

/// One of the generated exceptions: its constructor says nothing to users.
fn is_exception(word: &str) -> bool {
    word.starts_with("public class ") && word.contains(" internal constructor(detail: ErrorDetail)")
}

/// A constant of an enumeration, or a property among a constructor's.
fn is_entry(word: &str) -> bool {
    let entry = word.trim_end_matches(',');
    let is_constant = !entry.is_empty()
        && entry
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter == '_' || letter.is_ascii_digit());
    is_constant || word.starts_with("val ") || word.starts_with("vararg ")
}

fn comment(first: &str, lines: &[&str], index: &mut usize) -> Vec<String> {
    let mut doc = Vec::new();
    let mut line = first.trim_start_matches("/**").trim().to_owned();
    loop {
        let is_last = line.ends_with("*/");
        doc.push(line.trim_end_matches("*/").trim().to_owned());
        if is_last || *index >= lines.len() {
            break;
        }
        line = lines[*index].trim().trim_start_matches('*').trim_start().to_owned();
        if lines[*index].trim() == "*/" {
            *index += 1;
            break;
        }
        *index += 1;
    }
    if doc.first().is_some_and(String::is_empty) {
        doc.remove(0);
    }
    doc
}

/// A declaration without its body, and the line behind it. Properties with comments of their own are left for the list below.
fn signature(lines: &[&str], first: usize) -> (String, usize) {
    let indent = lines[first].len() - lines[first].trim_start().len();
    let mut line = lines[first].trim().to_owned();
    let mut end = first + 1;
    if line.ends_with('(') {
        let rest = &lines[end..];
        let close = rest.iter().position(|line| line.starts_with(&format!("{}{}", " ".repeat(indent), ")")));
        let close = end + close.unwrap_or_default();
        if lines[end..close].iter().any(|line| line.trim().starts_with("/**")) {
            let line =
                line.trim_end_matches('(').replace("public ", "").replace(" @JvmOverloads constructor", "");
            return (line.trim_end().to_owned() + "(…)", end);
        }
        for part in &lines[end..=close] {
            line += &format!(" {}", part.trim());
        }
        line = line.replace("( ", "(").replace(", )", ")");
        end = close + 1;
    }
    (without_constructor(&bodiless(&line.replace("public ", ""))), end)
}

/// Without constructors and properties that users do not see.
fn without_constructor(line: &str) -> String {
    let hidden = [" internal constructor(", " private constructor("];
    if let Some((head, rest)) = hidden.iter().find_map(|mark| line.split_once(mark)) {
        let above = rest.rsplit_once(") : ").map_or_else(String::new, |(_, above)| format!(" : {above}"));
        return format!("{head}{above}");
    }
    line.replace("(private val detail: ErrorDetail) : RuntimeException(detail.text)", " : RuntimeException")
        .trim_end_matches(" get()")
        .replace(" @JvmOverloads constructor", "")
}

/// Without what stands behind `{` or `=` at the end; defaults stay.
fn bodiless(line: &str) -> String {
    let mut depth = 0;
    let letters: Vec<char> = line.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            '(' | '<' => depth += 1,
            ')' => depth -= 1,
            '>' if at > 0 && letters[at - 1] != '-' => depth -= 1,
            '{' if depth == 0 => return letters[..at].iter().collect::<String>().trim_end().to_owned(),
            '=' if depth == 0 => return letters[..at].iter().collect::<String>().trim_end().to_owned(),
            _ => {}
        }
    }
    let text = line.trim_end().to_owned();
    text.split(" get() ").next().unwrap_or_default().replace(" internal constructor(detail: ErrorDetail)", "")
}

fn name(word: &str) -> String {
    let kinds = ["class ", "interface ", "object "];
    let rest = kinds.iter().find_map(|kind| word.split_once(kind)).map_or(word, |(_, rest)| rest);
    rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// The comment as paragraphs; links of KDoc's are code.
fn paragraphs(doc: &[String]) -> String {
    let mut text = String::new();
    for paragraph in doc.split(|line| line.is_empty()) {
        let mut lines = Vec::<String>::new();
        for line in paragraph {
            if let Some(tag) = line.strip_prefix("@param ") {
                let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
                lines.push(format!("- `{name}`: {rest}"));
            } else if lines.last().is_some_and(|last| last.starts_with("- `")) {
                let last = lines.last_mut().expect("there is one");
                last.push(' ');
                last.push_str(line);
            } else {
                lines.push(line.clone());
            }
        }
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{}", lines.join("\n"));
        }
    }
    unlinked(&text)
}

/// `[name]` as code.
fn unlinked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out += before;
        match after.split_once(']') {
            Some((name, behind))
                if !name.is_empty()
                    && name.chars().all(|letter| letter.is_alphanumeric() || letter == '.') =>
            {
                let _ = write!(out, "`{name}`");
                rest = behind;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}
