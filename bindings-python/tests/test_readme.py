"""The README's first snippet as a new user runs it, and every example."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from conftest import BINDING, LIMIT

README = (BINDING / "README.md").read_text()
EXAMPLES = sorted((BINDING / "examples").glob("*.py"))


def snippets() -> list[str]:
    return [part.split("```", 1)[0] for part in README.split("```python\n")[1:]]


def test_the_first_snippet_is_short_and_ends_by_itself_in_two_seconds() -> None:
    code = snippets()[0]
    assert len(code.strip().splitlines()) <= 12
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "hello" in done.stdout
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example) -> None:
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout
