//! Where each language declares its surface, and how a declaration looks there.
#![allow(clippy::disallowed_methods)] // It reads the files of the repository.

use super::braces::declarations;
use super::python::Classes;
use super::{Surface, TYPES, identifier, snake};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A language and how its surface is read from the repository's root.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&Path) -> Surface,
}

/// All of them. Rust is the client the others are bindings of.
pub(crate) const LANGUAGES: &[Language] = &[
    Language { name: "rust", read: rust },
    Language { name: "python", read: python },
    Language { name: "python.aio", read: python_aio },
    Language { name: "node", read: node },
    Language { name: "c", read: c },
    Language { name: "c++", read: cpp },
    Language { name: "kotlin", read: kotlin },
    Language { name: "java", read: java },
];

/// A file of the repository; one that is not there declares nothing, which the test's minimum counts notice.
pub(crate) fn text(root: &Path, path: &str) -> String {
    fs::read_to_string(root.join(path)).unwrap_or_default()
}

/// The text of all files with this ending, in and below a folder, one after the other.
pub(crate) fn all_text(root: &Path, folder: &str, ending: &str) -> String {
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect()
}

fn of_types(members: impl Fn(&'static str) -> BTreeSet<String>) -> Surface {
    TYPES.into_iter().map(|name| (name, members(name))).collect()
}

/// Public functions in `impl` blocks, but for those that exist for bindings only. The facade has types of the same names,
/// which are no API of Rust's.
fn rust(root: &Path) -> Surface {
    let client = ["producer", "consumer", "admin"]
        .map(|part| all_text(root, &format!("client-core/src/{part}"), ".rs"));
    let client = client.concat();
    let broker = all_text(root, "testing/src", ".rs");
    of_types(|name| {
        let text = if name == "TestBroker" { &broker } else { &client };
        let header = format!("impl {name} ");
        declarations(text, &|line| line.starts_with(&header))
            .iter()
            .filter_map(|line| rust_member(line))
            .collect()
    })
}

fn rust_member(line: &str) -> Option<String> {
    let hidden = line.contains("#[cfg(feature = \"\")]") || line.contains("#[doc(hidden)]");
    let rest = line.split_once("pub ").filter(|_| !hidden)?.1;
    let rest = rest.trim_start_matches("const ").trim_start_matches("async ");
    // What makes a client is its constructor, whatever its name.
    let name = identifier(rest.strip_prefix("fn ")?)?;
    (!["builder", "from_config", "new"].contains(&name)).then(|| name.to_owned())
}

fn python_classes(root: &Path) -> Classes {
    let mut classes = Classes::default();
    for module in ["_admin_base", "_admin", "_consumer", "testing", "_sync"] {
        classes.read(&text(root, &format!("bindings-python/python/ottla/{module}.py")));
    }
    classes
}

fn python(root: &Path) -> Surface {
    let classes = python_classes(root);
    of_types(|name| classes.members(name))
}

fn python_aio(root: &Path) -> Surface {
    let mut classes = python_classes(root);
    classes.read(&text(root, "bindings-python/python/ottla/aio.py"));
    of_types(|name| classes.members(if name == "Admin" { "AsyncAdmin" } else { name }))
}

/// The members of the declaration files' classes and of the interfaces they extend.
fn node(root: &Path) -> Surface {
    let mut all = text(root, "bindings-node/lib/index.d.ts");
    all.push_str(&text(root, "bindings-node/lib/testing.d.ts"));
    all.push_str(&text(root, "bindings-node/lib/generated/admin.d.ts"));
    of_types(|name| {
        let base = format!("{name}Operations");
        let opens = |line: &str| {
            let rest = line.strip_prefix("export ").unwrap_or_default();
            let rest = rest.strip_prefix("class ").or_else(|| rest.strip_prefix("interface "));
            rest.and_then(identifier).is_some_and(|found| found == name || found == base)
        };
        declarations(&all, &opens).iter().filter_map(|line| node_member(line)).collect()
    })
}

fn node_member(line: &str) -> Option<String> {
    if line.starts_with("private ") || line.starts_with("constructor") {
        return None;
    }
    let line = line.trim_start_matches("static ").trim_start_matches("readonly ").trim_start_matches("get ");
    let name = identifier(line)?;
    line[name.len()..].starts_with(['(', ':', '<', '?']).then(|| snake(name))
}

/// Functions of the header by their prefix. Making and freeing are no operations.
fn c(root: &Path) -> Surface {
    let header = super::braces::without_comments(&text(root, "bindings-c/include/ottla.h"));
    of_types(|name| {
        let prefix = format!("ottla_{}_", snake(name));
        let calls = header.match_indices(&prefix).filter_map(|(index, _)| {
            let rest = &header[index + prefix.len()..];
            let operation = identifier(rest)?;
            let is_function = rest[operation.len()..].starts_with('(');
            let handles = header[..index].ends_with(|letter: char| letter.is_whitespace() || letter == '*');
            (is_function && handles).then_some(operation)
        });
        let result = |operation: &str| operation == "result_free" || operation.ends_with("_result_free");
        calls.filter(|name| !["new", "free"].contains(name) && !result(name)).map(str::to_owned).collect()
    })
}

/// Public functions of the C++ header's classes.
fn cpp(root: &Path) -> Surface {
    let header = all_text(root, "bindings-c/include", ".hpp");
    let namespace =
        format!("{}\n", header.replace("namespace ottla {", "").replace("}  // namespace ottla", ""));
    of_types(|name| {
        let class = format!("class {name} ");
        let mut is_public = false;
        let mut found = BTreeSet::new();
        for line in declarations(&namespace, &|line| line.starts_with(&class)) {
            match line.as_str() {
                "public:" => is_public = true,
                "private:" => is_public = false,
                _ => found.extend(cpp_member(&line, name).filter(|_| is_public)),
            }
        }
        found
    })
}

fn cpp_member(line: &str, class: &str) -> Option<String> {
    let before = line.split_once('(')?.0;
    let start =
        before.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
    let name = identifier(&before[start..])?;
    let is_function =
        start > 0 && !before.contains("operator") && !before.contains('=') && !before.contains('~');
    (is_function && name != class && name != "get").then(|| name.to_owned())
}

fn kotlin(root: &Path) -> Surface {
    jvm(
        root,
        &["bindings-kotlin/src/main/kotlin/dev/ottla", "bindings-kotlin/src/main/kotlin/dev/ottla/testing"],
    )
}

fn java(root: &Path) -> Surface {
    jvm(
        root,
        &[
            "bindings-kotlin/src/main/kotlin/dev/ottla/java",
            "bindings-kotlin/src/main/kotlin/dev/ottla/testing",
        ],
    )
}

/// Public functions and properties of the classes in these folders (not below), of the abstract classes they extend, and of
/// their companions.
fn jvm(root: &Path, folders: &[&str]) -> Surface {
    let mut all = String::new();
    for folder in folders {
        let mut files: Vec<_> =
            fs::read_dir(root.join(folder)).into_iter().flatten().flatten().map(|file| file.path()).collect();
        files.sort();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "kt"));
        all.extend(files.iter().filter_map(|path| fs::read_to_string(path).ok()));
    }
    // A companion's members are called as if they were the class's.
    let all = flatten_companions(&all);
    of_types(|name| {
        let base = format!("{name}Operations");
        let opens = |line: &str| {
            let class = line.split_once("class ").filter(|(before, _)| before.starts_with("public"));
            class.and_then(|(_, rest)| identifier(rest)).is_some_and(|found| found == name || found == base)
        };
        // What is internal is so in a subclass that says `override` alone.
        let found = declarations(&all, &opens);
        let internal: Vec<_> =
            found.iter().filter_map(|line| line.strip_prefix("internal abstract ")).collect();
        let is_internal = |line: &str| {
            let declared = line.strip_prefix("override ").and_then(|line| line.split(['(', ':', '=']).next());
            declared.is_some_and(|declared| internal.iter().any(|line| line.starts_with(declared.trim_end())))
        };
        found.iter().filter(|line| !is_internal(line)).filter_map(|line| kotlin_member(line)).collect()
    })
}

fn flatten_companions(text: &str) -> String {
    let mut out = String::new();
    let mut closing: Option<String> = None;
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim() == "public companion object {" {
            closing = Some(format!("{indent}}}"));
        } else if closing.as_deref() == Some(line) {
            closing = None;
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn kotlin_member(line: &str) -> Option<String> {
    let mut words = line.split(' ').skip_while(|word| word.starts_with('@')).peekable();
    let is_public = words.peek().is_some_and(|word| ["public", "override"].contains(word));
    let mut rest = words.skip_while(|word| {
        ["public", "override", "suspend", "open", "abstract", "final", "inline"].contains(word)
    });
    let kind = rest.next().filter(|word| is_public && ["fun", "val", "var"].contains(word))?;
    let declared = rest.collect::<Vec<_>>().join(" ");
    let declared = if declared.starts_with('<') { declared.split_once("> ")?.1.to_owned() } else { declared };
    let name = identifier(&declared)?;
    (kind != "fun" || !["toString", "equals", "hashCode"].contains(&name)).then(|| snake(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_of_each_language_are_understood() {
        assert_eq!(rust_member("pub async fn flush(&self)").as_deref(), Some("flush"));
        assert_eq!(rust_member("#[cfg(feature = \"\")] pub fn append_tagged("), None);
        assert_eq!(rust_member("pub(crate) fn inner(&self)"), None);
        assert_eq!(rust_member("#[allow(x)] pub fn try_send(").as_deref(), Some("try_send"));
        assert_eq!(node_member("readonly pendingCount: number;").as_deref(), Some("pending_count"));
        assert_eq!(node_member("send(record: ProducerRecord): void;").as_deref(), Some("send"));
        assert_eq!(node_member("private constructor();"), None);
        assert_eq!(node_member("[Symbol.asyncDispose](): Promise<void>;"), None);
        assert_eq!(
            cpp_member("std::size_t send_many(const int *records,", "Producer").as_deref(),
            Some("send_many")
        );
        assert_eq!(cpp_member("explicit Producer(const Config &config) {", "Producer"), None);
        assert_eq!(kotlin_member("public suspend fun sendAll(records: X): Y =").as_deref(), Some("send_all"));
        assert_eq!(
            kotlin_member("@JvmOverloads public fun <T> poll(timeout: D): T =").as_deref(),
            Some("poll")
        );
        assert_eq!(kotlin_member("private fun inner() {"), None);
        assert_eq!(kotlin_member("internal abstract suspend fun call("), None);
    }

    #[test]
    fn members_of_a_companion_count_as_the_classs_own() {
        let text = "public class A {\n    public companion object {\n        public fun start() {}\n    }\n    public val b: Int = 1\n}\n";
        let found = declarations(&flatten_companions(text), &|line| line.starts_with("public class A"));
        assert_eq!(found, ["public fun start() {}", "public val b: Int = 1"]);
    }
}
