//! Public methods and properties of Python's classes, with those of their bases in the package.

use super::identifier;
use std::collections::{BTreeMap, BTreeSet};

/// Classes of a package's modules by name.
#[derive(Default)]
pub(crate) struct Classes(BTreeMap<String, Class>);

#[derive(Default)]
struct Class {
    bases: Vec<String>,
    members: BTreeSet<String>,
}

impl Classes {
    /// Takes the classes of a module's text.
    pub(crate) fn read(&mut self, text: &str) {
        let mut current: Option<String> = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("class ") {
                let name = identifier(rest).unwrap_or_default().to_owned();
                let bases = rest[name.len()..].trim_start_matches('(').split([',', '[', ')']);
                let bases = bases.filter_map(|base| identifier(base.trim())).map(str::to_owned).collect();
                self.0.insert(name.clone(), Class { bases, members: BTreeSet::new() });
                current = Some(name);
            } else if line.starts_with(|letter: char| !letter.is_whitespace() && letter != '#') {
                current = None;
            }
            let declared = line.strip_prefix("    def ").or_else(|| line.strip_prefix("    async def "));
            let class = current.as_ref().and_then(|name| self.0.get_mut(name));
            if let (Some(class), Some(name)) = (class, declared.and_then(identifier)) {
                class.members.insert(name.to_owned());
            }
        }
    }

    /// A class's public members, inherited ones with them.
    pub(crate) fn members(&self, name: &str) -> BTreeSet<String> {
        let Some(class) = self.0.get(name) else { return BTreeSet::new() };
        let inherited = class.bases.iter().flat_map(|base| self.members(base));
        inherited.chain(class.members.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_public_and_inherited() {
        let mut classes = Classes::default();
        classes.read("class Base(Generic[T]):\n    def pause(self) -> None: ...\n    def _inner(self): ...\n\ndef loose(): ...\n");
        classes.read("class Thing(Base[Callable[[int], None]]):\n    async def poll(\n        self,\n    ): ...\n    def __enter__(self): ...\n\nx = 1\n");
        let names: Vec<_> = classes.members("Thing").into_iter().collect();
        assert_eq!(names, ["pause", "poll"]);
    }
}
