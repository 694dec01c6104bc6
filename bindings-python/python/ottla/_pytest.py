"""Fixtures of :mod:`ottla.testing` for pytest; loaded by it when the package is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .testing import TestBroker


@pytest.fixture
def ottla_broker() -> Iterator[TestBroker]:
    """A broker for this test alone."""
    with TestBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def ottla_broker_session() -> Iterator[TestBroker]:
    """One broker for the whole run: tests use topics of their own."""
    with TestBroker() as broker:
        yield broker
