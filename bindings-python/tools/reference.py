"""Writes docs/reference.md from the docstrings and annotations of the package: `python tools/reference.py`.

It reads the sources and imports nothing of them, so that it needs no native module.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path

BINDING = Path(__file__).resolve().parent.parent
PACKAGE = BINDING / "python" / "ottla"
PAGE = BINDING / "docs" / "reference.md"

HEAD = """<!-- Written from the package's docstrings by tools/reference.py; do not edit. -->

# Reference

Options of the clients have Kafka's names; [the table of options](../../docs/client-options.md) has them all. Partitions are
`(topic, partition)` tuples; `ottla.TopicPartition` is one with names. Timeouts are seconds, `math.inf` is no limit; times
of records are milliseconds since the Unix epoch. `CLOSE_TIMEOUT` is 30 seconds. A `Listener` is called with a list of
partitions; in `ottla.aio` it may be a coroutine.
"""


@dataclass
class Source:
    """A module as text and as a tree."""

    lines: list[str]
    tree: ast.Module

    @classmethod
    def of(cls, module: str) -> Source:
        stub = PACKAGE / f"{module}.pyi"
        text = (stub if stub.exists() else PACKAGE / f"{module}.py").read_text()
        return cls(text.splitlines(), ast.parse(text))

    def text(self, node: ast.AST) -> str:
        return ast.unparse(node)

    def comment(self, node: ast.stmt) -> str:
        """The lines of `#:` right above a statement."""
        found: list[str] = []
        at = node.lineno - 2
        while at >= 0 and self.lines[at].strip().startswith("#:"):
            found.insert(0, self.lines[at].strip()[2:].strip())
            at -= 1
        return " ".join(found)


class Package:
    """Names and where they are defined."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}
        self._exported: dict[str, list[str]] = {}

    def source(self, module: str) -> Source:
        if module not in self._sources:
            self._sources[module] = Source.of(module)
        return self._sources[module]

    def exported(self, module: str) -> list[str]:
        """`__all__`, with the lists of other modules it takes up."""
        if module not in self._exported:
            self._exported[module] = self._read_exported(module)
        return self._exported[module]

    def _read_exported(self, module: str) -> list[str]:
        source = self.source(module)
        lists = imported(source.tree)
        for node in source.tree.body:
            if isinstance(node, ast.Assign) and source.text(node.targets[0]) == "__all__":
                assert isinstance(node.value, ast.List)
                names: list[str] = []
                for item in node.value.elts:
                    if isinstance(item, ast.Starred):
                        names += self.exported(lists[source.text(item.value)][0])
                    else:
                        names.append(ast.literal_eval(item))
                return [name for name in names if not name.startswith("__")]
        raise AssertionError(f"{module} has no __all__")

    def find(self, module: str, name: str) -> tuple[Source, ast.stmt]:
        """Where a name that a module exports is defined."""
        source = self.source(module)
        for node in source.tree.body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name:
                return source, node
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if source.text(target) == name:
                    return source, node
        found = imported(source.tree)
        if name in found:
            return self.find(*found[name])
        for node in source.tree.body:
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and node.module:
                if name in self.exported(node.module):
                    return self.find(node.module, name)
        raise AssertionError(f"{module} has no {name}")


def imported(tree: ast.Module) -> dict[str, tuple[str, str]]:
    """Names taken from other modules of the package, with the module and the name there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        for alias in node.names
    }


def prose(docstring: str | None) -> str:
    """A docstring as Markdown."""
    text = inspect.cleandoc(docstring or "")
    text = re.sub(r":(?:class|meth|func|mod):`~?([^`]+)`", r"`\1`", text).replace("``", "`")
    # An example in a docstring is a block of its own.
    parts = re.split(r"(?m)^((?:>>>|\.\.\.) .*(?:\n(?:>>>|\.\.\.) .*)*)", text)
    for at in range(1, len(parts), 2):
        code = "\n".join(line[4:] for line in parts[at].splitlines())
        parts[at] = f"```python\n{code}\n```"
    return "".join(parts).strip()


def parameters(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef, is_method: bool) -> list[str]:
    arguments = node.args
    named = arguments.args
    defaults: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults)) + list(arguments.defaults)

    def show(argument: ast.arg, default: ast.expr | None) -> str:
        annotation = f": {source.text(argument.annotation)}" if argument.annotation else ""
        equals = " = " if annotation else "="
        return argument.arg + annotation + (f"{equals}{source.text(default)}" if default is not None else "")

    shown = [show(*pair) for pair in zip(named, defaults, strict=True)][1 if is_method else 0 :]
    if arguments.kwonlyargs:
        shown.append("*")
        shown += [show(*pair) for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg:
        shown.append(f"**{show(arguments.kwarg, None)}")
    return shown


def signature(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> str:
    shown = parameters(source, node, owner is not None and not decorated(node, "staticmethod"))
    if node.name == "__init__":
        start, end = owner or "", ""
    else:
        start = f"{'async ' if isinstance(node, ast.AsyncFunctionDef) else ''}def {node.name}"
        end = f" -> {source.text(node.returns)}" if node.returns else ""
    line = f"{start}({', '.join(shown)}){end}"
    if len(line) <= 110:
        return line
    return f"{start}(\n" + "".join(f"    {part},\n" for part in shown) + f"){end}"


def decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(isinstance(decorator, ast.Name) and decorator.id == name for decorator in node.decorator_list)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


class Writer:
    def __init__(self) -> None:
        self.package = Package()
        self.parts = [HEAD]

    def module(self, module: str, name: str) -> None:
        docstring = ast.get_docstring(self.package.source(module).tree)
        self.parts.append(f"## {name}\n\n{prose(docstring)}\n")
        for exported in self.package.exported(module):
            self.item(module, name, exported)

    def item(self, module: str, prefix: str, name: str) -> None:
        source, node = self.package.find(module, name)
        self.parts.append(f"### {prefix}.{name}\n")
        if isinstance(node, ast.ClassDef):
            self.a_class(source, node, name)
        elif isinstance(node, ast.FunctionDef):
            self.parts += [fenced(signature(source, node, None)) + "\n", prose(ast.get_docstring(node)) + "\n"]
        elif "TypedDict(" in source.text(node):
            self.parts.append("Options of such a client by Kafka's names, as a `TypedDict`, for type checkers and editors.\n")
        else:
            self.parts += [f"{source.comment(node)}\n", fenced(source.text(node)) + "\n"]

    def a_class(self, source: Source, node: ast.ClassDef, name: str) -> None:
        bases = [base for base in map(source.text, node.bases) if "Base" not in base and base != "str"]
        if bases:
            self.parts.append(f"*{', '.join(bases)}*\n")
        self.parts.append(prose(ast.get_docstring(node)) + "\n")
        attributes: list[str] = []
        methods: list[str] = []
        for owner, member in self.members(source, node):
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.method(owner, member, name, attributes, methods)
            elif isinstance(member, ast.AnnAssign):
                default = f" = {owner.text(member.value)}" if member.value is not None else ""
                text = f"{owner.text(member.target)}: {owner.text(member.annotation)}{default}"
                attributes.append(f"- `{text}`: {prose(owner.comment(member))}")
            elif isinstance(member, ast.Assign) and not owner.text(member.targets[0]).startswith("_"):
                about = owner.comment(member)
                if about:
                    attributes.append(f"- `{owner.text(member)}`: {prose(about)}")
        if attributes:
            self.parts.append("\n".join(attributes) + "\n")
        self.parts += methods

    def method(
        self,
        source: Source,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        name: str,
        attributes: list[str],
        methods: list[str],
    ) -> None:
        docstring = prose(ast.get_docstring(node))
        if decorated(node, "property"):
            assert node.returns is not None
            attributes.append(f"- `{node.name}: {source.text(node.returns)}`: {' '.join(docstring.split())}")
        elif node.name == "__init__" and name != "KafkaError":  # Errors are made by the library.
            methods.insert(0, fenced(signature(source, node, name)) + "\n")
        elif docstring and (not node.name.startswith("_") or node.name == "__iter__" or node.name == "__aiter__"):
            methods.append(f"#### {name}.{node.name}\n\n{fenced(signature(source, node, name))}\n\n{docstring}\n")

    def members(self, source: Source, node: ast.ClassDef) -> list[tuple[Source, ast.stmt]]:
        """Those of the class, and behind them what its private bases have."""
        found: list[tuple[Source, ast.stmt]] = [(source, member) for member in node.body]
        names = {getattr(member, "name", None) for member in node.body}
        for base in node.bases:
            base_name = source.text(base).split("[")[0]
            if base_name.endswith("Base"):
                module, original = imported(source.tree)[base_name]
                base_source, base_node = self.package.find(module, original)
                assert isinstance(base_node, ast.ClassDef)
                found += [
                    (base_source, member)
                    for member in base_node.body
                    if getattr(member, "name", None) not in names or not isinstance(member, ast.FunctionDef)
                ]
        return found


def page() -> str:
    writer = Writer()
    for module, name in (("__init__", "ottla"), ("aio", "ottla.aio"), ("testing", "ottla.testing")):
        writer.module(module, name)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(writer.parts)).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE} is written\n")
