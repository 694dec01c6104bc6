//! Words and lines as Python has them.

/// `unknown_topic` as `UnknownTopic`.
pub(super) fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

/// Text in lines of at most `width` characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line from the start on");
        if !last.is_empty() && last.len() + 1 + word.len() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// Rust's links are for its own documentation.
pub(super) fn plain(text: &str) -> String {
    text.replace("[`", "`").replace("`]", "`").replace('\\', "\\\\").replace("\"\"\"", "'''")
}

/// A docstring; paragraphs are separated by empty lines.
pub(super) fn docstring(indent: &str, text: &str) -> String {
    let paragraphs: Vec<String> = plain(text)
        .split("\n\n")
        .map(|paragraph| wrapped(paragraph, 112 - indent.len()).join(&format!("\n{indent}")))
        .collect();
    let body = paragraphs.join(&format!("\n\n{indent}"));
    // A docstring may not end in what would end it early.
    let body = if body.ends_with('"') { body + " " } else { body };
    if body.contains('\n') {
        format!("{indent}\"\"\"{body}\n{indent}\"\"\"\n").trim_end_matches('\n').to_owned() + "\n"
    } else {
        format!("{indent}\"\"\"{body}\"\"\"\n")
    }
}
