#!/usr/bin/env python3
"""Writes docs/reference.md from the comments of ottla.h and ottla.hpp; with --check, fails when the page is out of date."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
HEADER = HERE / "include" / "ottla.h"
CLASSES = HERE / "include" / "ottla.hpp"
PAGE = HERE / "docs" / "reference.md"

# Subjects in the order of the page: a title, and the beginnings of names. The first that fits counts.
SUBJECTS = [
    ("Errors", ["ottla_error", "ottla_status", "ottla_code"]),
    ("Options", ["ottla_config_t", "ottla_config_new", "ottla_config_of", "ottla_config_set", "ottla_config_copy",
                 "ottla_config_free", "OTTLA_CONFIG"]),
    ("Producer", ["ottla_producer_t", "ottla_producer_record", "ottla_producer_metrics", "ottla_producer_new",
                  "ottla_producer_send", "ottla_producer_poll", "ottla_producer_serve", "ottla_producer_event",
                  "ottla_producer_flush", "ottla_producer_close", "ottla_producer_free", "ottla_producer_partitions",
                  "ottla_delivery", "ottla_record_metadata", "ottla_report", "OTTLA_NUL"]),
    ("Consumer", ["ottla_consumer", "ottla_record_t", "ottla_records_count", "ottla_records_get", "ottla_records_event",
                  "ottla_records_free", "ottla_records_t", "ottla_header", "ottla_timestamp", "ottla_rebalance",
                  "ottla_group_metadata"]),
    ("Partitions and offsets", ["ottla_partition", "ottla_topic_partition_t", "ottla_offset_t", "ottla_offsets",
                                "ottla_texts", "OTTLA_NO_OFFSET"]),
    ("Test broker", ["ottla_test_broker"]),
    ("Log lines and version", ["ottla_log", "ottla_set_log", "ottla_poll_logs", "ottla_version"]),
    ("Admin client", [""]),
]

COMMENTED = re.compile(
    r"/\*\*(?P<comment>.*?)\*/\s*"
    r"(?P<code>#define [^\n]*(?:\\\n[^\n]*)*|typedef (?:enum|struct)[^;{]*\{.*?\n\} \w+;|[^;{}]*;)",
    re.S,
)
MEMBER = re.compile(r"/\*\*(?P<comment>.*?)\*/\s*(?P<code>[^;,}]*)[;,]?", re.S)


@dataclass
class Entry:
    name: str
    kind: str
    comment: str
    code: str
    members: list


def plain(comment: str) -> str:
    """A comment's text, a paragraph a line."""
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment.strip().splitlines()]
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def name_of(code: str) -> tuple[str, str]:
    if code.startswith("#define"):
        return re.match(r"#define (\w+)", code).group(1), "macro"
    if code.startswith("typedef"):
        pointer = re.search(r"\(\*(\w+)\)\(", code)
        if pointer:
            return pointer.group(1), "callback"
        return re.search(r"(\w+);$", code).group(1), "type"
    return re.search(r"(\w+)\(", code).group(1), "function"


def entries(header: str) -> list[Entry]:
    found = []
    for match in COMMENTED.finditer(header):
        code = match["code"].strip()
        name, kind = name_of(code)
        members = []
        if "{" in code and kind == "type":
            body = code[code.index("{") + 1 : code.rindex("}")]
            members = [(" ".join(m["code"].split()), plain(m["comment"])) for m in MEMBER.finditer(body)]
            code = ""
        found.append(Entry(name, kind, plain(match["comment"]), re.sub(r"\s*\n\s*", " ", code), members))
    return found


def linked(text: str, names: set[str]) -> str:
    """Names of the library lead to where they are told of."""
    text = text.replace("|", "\\|").replace("<", "&lt;")

    def link(match: re.Match) -> str:
        word = match.group(1)
        return f"[`{match.group(0)}`](#{word.lower()})" if word in names else f"`{match.group(0)}`"

    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        part if part.startswith("`") else re.sub(r"\b((?:ottla|OTTLA)_\w+)(?:\(\))?", link, part) for part in parts
    )


def subject_of(name: str) -> str:
    for title, beginnings in SUBJECTS:
        if any(name.startswith(beginning) for beginning in beginnings):
            return title
    raise SystemExit(f"{name} belongs nowhere")


def synopsis(body: list[str]) -> list[str]:
    """The public lines of a class without what its functions do."""
    kept, depth, is_public, is_initializing = [], 0, True, False
    for line in body:
        label = line.strip()
        if depth == 0 and label in ("public:", "private:"):
            is_public = label == "public:"
            continue
        before, depth = depth, depth + line.count("{") - line.count("}")
        if not is_public or before > 0:
            continue
        if label.startswith(":"):
            # What a constructor begins with, on lines of its own.
            kept[-1] += ";"
            is_initializing = True
        if is_initializing:
            is_initializing = "{" not in line
        elif label.startswith("///"):
            kept.append(line)
        else:
            # The body begins at a brace that gives no default value.
            declaration = re.sub(r"(?<!=) \{(?: .*)?$|(?<!=) \{\}$", ";", line.rstrip())
            kept.append(re.sub(r"\)( const)?( noexcept)? : .*;$", r")\1\2;", declaration))
    while kept and not kept[-1]:
        kept.pop()
    return kept


def classes(header: str) -> list[tuple[str, str, list[str]]]:
    """Name, comment and public lines of each class; the details of the header's own are left out."""
    lines = header[: header.index("namespace detail")].splitlines()
    lines += header[header.index("} // namespace detail") :].splitlines()
    found = []
    for at, line in enumerate(lines):
        match = re.match(r"(?:template <typename T> )?(?:class|struct) (\w+)(?: : public [\w:]+)? \{", line)
        if not match:
            continue
        comment, above = [], at - 1
        while lines[above].startswith("///"):
            comment.insert(0, lines[above][4:])
            above -= 1
        end = next(number for number in range(at, len(lines)) if lines[number] == "};")
        if comment:
            found.append((match.group(1), " ".join(comment), [line, *synopsis(lines[at + 1 : end]), "};"]))
    return found


def page(header: str, cxx: str) -> str:
    introduction = plain(re.match(r"/\*(.*?)\*/", header, re.S).group(1))
    introduction = "\n\n".join(part for part in introduction.split("\n\n") if not part.startswith("Generated"))
    found = entries(header)
    names = {entry.name for entry in found}
    lines = ["# Reference", "", "<!-- Made by bindings-c/tools/reference.py from the headers, do not edit. -->",
             "", linked(introduction, names), ""]
    lines += [f"- [{title}](#{title.lower().replace(' ', '-')})" for title, _ in SUBJECTS]
    lines += ["- [C++ classes](#c-classes)"]
    for title, _ in SUBJECTS:
        lines += ["", f"## {title}"]
        for entry in (entry for entry in found if subject_of(entry.name) == title):
            call = "()" if entry.kind == "function" else ""
            lines += ["", f'### <a id="{entry.name.lower()}"></a>{entry.name}{call}', "", linked(entry.comment, names)]
            if entry.code and not (entry.kind == "type" and not entry.members):
                lines += ["", "```c", entry.code, "```"]
            if entry.members:
                lines += ["", "| | |", "|---|---|"]
                lines += [f"| `{code}` | {linked(comment, names).replace(chr(10), ' ')} |" for code, comment in entry.members]
    lines += ["", "## C++ classes", "", "`ottla.hpp`: handles that own what they hold, and exceptions in place of statuses."]
    for name, comment, code in classes(cxx):
        lines += ["", f"### {name}", "", linked(comment, names), "", "```cpp", *code, "```"]
    return "\n".join(lines) + "\n"


def main() -> int:
    wanted = page(HEADER.read_text(encoding="utf-8"), CLASSES.read_text(encoding="utf-8"))
    if "--check" not in sys.argv:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        print(f"{PAGE} is out of date: run python3 bindings-c/tools/reference.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
