//! Declarations of languages whose blocks have braces: what stands in a type's body, at its own level.

/// A text without comments; text in quotes stays, line breaks too.
pub(crate) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            out.extend(rest[..end].chars().filter(|letter| *letter == '\n'));
            rest = &rest[end..];
        } else if out.ends_with("r#") && letter == '"' {
            out.push_str("\"\"");
            rest = &rest[rest.find("\"#").map_or(rest.len(), |end| end + 1)..];
        } else if let Some(literal) = character(rest) {
            rest = &rest[literal..];
        } else if letter == '"' {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, inner)| {
                let ends = *inner == '"' && !escaped;
                escaped = *inner == '\\' && !escaped;
                ends
            });
            let end = end.map_or(rest.len(), |(index, _)| index + 1);
            // What is quoted declares nothing, and may hold braces.
            out.push_str("\"\"");
            rest = &rest[end..];
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

/// The length of the character literal a text begins with; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    let skipped = if inner.starts_with('\\') { 2 } else { inner.chars().next()?.len_utf8() };
    inner.get(skipped..)?.starts_with('\'').then_some(skipped + 2)
}

/// The declarations in the bodies of all blocks whose first line, trimmed, is accepted by `opens`: each a line that begins at the
/// body's own level, with the lines right before it that are attributes of it (`#[…]`, `@…`).
pub(crate) fn declarations(text: &str, opens: &dyn Fn(&str) -> bool) -> Vec<String> {
    let text = without_comments(text);
    let mut found = Vec::new();
    let mut depth = 0i32;
    // Depth inside the block that is read, once its brace is open.
    let mut body: Option<i32> = None;
    let mut is_opening = false;
    let mut attributes = String::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if body.is_none() && !is_opening && depth == 0 && opens(trimmed) {
            is_opening = true;
        } else if body == Some(depth) && !trimmed.is_empty() && trimmed != "}" {
            if trimmed.starts_with("#[") || trimmed.starts_with('@') {
                attributes.push_str(trimmed);
                attributes.push(' ');
            } else {
                found.push(format!("{}{trimmed}", std::mem::take(&mut attributes)));
            }
        }
        for letter in line.chars() {
            match letter {
                '{' | '(' => {
                    depth += 1;
                    if is_opening && letter == '{' && depth == 1 {
                        is_opening = false;
                        body = Some(1);
                    }
                }
                '}' | ')' => {
                    depth -= 1;
                    if body == Some(depth + 1) && letter == '}' {
                        body = None;
                    }
                }
                _ => {}
            }
        }
        // A declaration without a body ends on its line.
        if is_opening && depth == 0 && trimmed.ends_with(';') {
            is_opening = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_those_of_the_body_itself() {
        let text = "
            /* fn no() */
            impl Other { pub fn other(&self) {} }
            impl Thing {
                /// Not `{ this`.
                #[cfg(x)]
                pub fn one(
                    &self,
                ) -> u8 {
                    let inner = (\"}\", '{', r#\"a\"}\"#);
                }
                pub fn two(&self) {} // }
            }
            fn after() {}
        ";
        let found = declarations(text, &|line| line.starts_with("impl Thing "));
        assert_eq!(found, ["#[cfg(x)] pub fn one(", "pub fn two(&self) {} // }".trim_end_matches(" // }")]);
    }

    #[test]
    fn header_of_several_lines_opens_the_body() {
        let text = "public class Thing(\n    val a: Int,\n) : Base(), Other {\n    public fun one() {}\n}\n";
        let found = declarations(text, &|line| line.starts_with("public class Thing"));
        assert_eq!(found, ["public fun one() {}"]);
    }
}
