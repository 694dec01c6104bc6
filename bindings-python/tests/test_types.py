"""What type checkers see: all of it, and nothing of it wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyright
from conftest import BINDING

#: Pyright as its package brings it: its launcher would look for newer ones.
PYRIGHT = Path(pyright.__file__).parent / "dist" / "index.js"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def test_every_public_symbol_has_a_known_type() -> None:
    command = ["node", str(PYRIGHT), "--verifytypes", "ottla", "--ignoreexternal"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=BINDING, env={**os.environ, "PATH": PATH})
    assert done.returncode == 0, done.stdout
    assert "Type completeness score: 100%" in done.stdout
    assert "ottla.aio" in done.stdout and "ottla.testing" in done.stdout
    assert "Functions without docstring: 0" in done.stdout


def test_package_examples_driver_and_tests_are_typed() -> None:
    def check(*of: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", *of],
            capture_output=True,
            text=True,
            cwd=BINDING,
            env={**os.environ, "MYPYPATH": "python:driver:tests:tools"},
        )
        assert done.returncode == 0, done.stdout

    check("python/ottla", "examples")
    check("--python-version=3.11", "tests", "tools")
    check(*sorted(str(file) for file in (BINDING / "driver").glob("*.py")))
