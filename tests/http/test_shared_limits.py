"""Rate limits that several API processes share."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.http import limits
from tenants import settings
from tenants.embedded import Engines


@pytest.fixture
def valkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A Valkey of our own, named by the setting."""
    with Engines(tmp_path, fast=True) as engines:
        url = f"valkey+{engines.valkey_url}"
        monkeypatch.setenv("AGENCY_VALKEY_URL", url)
        settings.get.cache_clear()
        limits._limiter.cache_clear()
        yield url
    monkeypatch.undo()
    settings.get.cache_clear()
    limits._limiter.cache_clear()


async def _twice() -> list[bool]:
    """Two requests of one credential, as a process that has just started counts them."""
    limits._limiter.cache_clear()
    limiter, policy = limits._limiter(), limits._policy("3/minute")
    allowed = [await limiter.hit(policy, "credential", "one") for _ in range(2)]
    connection: Any = limiter.storage
    await connection.bridge.storage.aclose()
    return allowed


async def _in_two_processes() -> tuple[list[bool], list[bool]]:
    return await _twice(), await _twice()


def test_are_counted_together(valkey: str) -> None:
    assert asyncio.run(_in_two_processes()) == ([True, True], [True, False])
