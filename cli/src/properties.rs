//! Properties files, as Java writes them.

use std::collections::BTreeMap;

/// Java's properties format as far as configuration files use it: comments, `=` or `:`, a backslash at the end of a line.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let mut properties = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while line.ends_with('\\') {
            line.pop();
            match lines.next() {
                Some(next) => line.push_str(next.trim_start()),
                None => break,
            }
        }
        let (key, value) = line.split_once(['=', ':']).unwrap_or((&line, ""));
        properties.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_file_with_comments_and_continuations_is_read() {
        let text = "# a node\nnode.id=7\n  listeners = PLAINTEXT://127.0.0.1:0,\\\n    PLAINTEXT://[::1]:0\n! no\nlog.dirs: /data\n";
        let properties = parse(text);
        assert_eq!(properties["node.id"], "7");
        assert_eq!(properties["listeners"], "PLAINTEXT://127.0.0.1:0,PLAINTEXT://[::1]:0");
        assert_eq!(properties["log.dirs"], "/data");
        assert_eq!(properties.len(), 3);
    }
}
