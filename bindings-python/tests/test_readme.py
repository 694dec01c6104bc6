"""The README as a new user reads it: its snippets run, and say what is so."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import reference
from conftest import BINDING, LIMIT

import ottla
from ottla.testing import TestBroker

README = (BINDING / "README.md").read_text()
EXAMPLES = sorted((BINDING / "examples").glob("*.py"))


def snippets() -> list[str]:
    return [part.split("```", 1)[0] for part in README.split("```python\n")[1:]]


def test_the_first_snippet_is_short_and_ends_by_itself_in_two_seconds() -> None:
    code = snippets()[0]
    assert len(code.strip().splitlines()) <= 12
    took: list[float] = []
    # The best of a few: other programs have their turn on this machine, too.
    while len(took) < 10 and (not took or min(took) >= 2):
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=LIMIT)
        took.append(time.monotonic() - started)
        assert (done.returncode, done.stderr, done.stdout) == (0, "", "b'hello'\n")
    assert min(took) < 2


async def test_the_snippet_for_coroutines_runs(broker: TestBroker, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(snippets()[1], names)  # noqa: S102: what it is there for.
    main = asyncio.create_task(names["main"](broker.bootstrap))
    out = ""
    async with asyncio.timeout(LIMIT):
        while "hello" not in out and not main.done():
            await asyncio.sleep(0.01)
            out += capsys.readouterr().out
    assert not main.done() and re.search(r"\d+\nNone b'hello'", out)
    main.cancel()
    with pytest.raises(asyncio.CancelledError):
        await main


def test_its_fixture_is_there(pytester: pytest.Pytester) -> None:
    service = """
import ottla
def run_my_service(address):
    with ottla.Producer(bootstrap_servers=address) as producer:
        assert len(producer.partitions_for("orders")) == 3
"""
    pytester.makepyfile(service + snippets()[2])
    pytester.makeconftest("pytest_plugins = ['ottla._pytest']")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(example: Path) -> None:
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=LIMIT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_links_lead_somewhere(page: str) -> None:
    path = BINDING / page
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_the_reference_is_of_this_package() -> None:
    page = reference.page()
    assert reference.PAGE.read_text() == page, "out of date: python tools/reference.py"
    for name in ottla.__all__:
        assert name.startswith("__") or f"### ottla.{name}\n" in page
