"""A search of a large roster, planned as the application does: by an index, and little of it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool
from starlette.testclient import TestClient

from tests.factories import Staffed, staffed_agency
from tests.influencers.making import done
from tests.influencers.size import SEARCHES, fill

PEOPLE = 20_000
MOST_READ = 2_500  # rows of any table, for a page of fifty


@pytest.fixture(scope="module")
def large(http: TestClient, urls: dict[str, str]) -> Staffed:
    agency = staffed_agency(http)
    fill(urls["owner"], agency.agency_id, PEOPLE)
    return agency


@pytest.fixture(scope="module")
def owner(urls: dict[str, str]) -> Iterator[Engine]:
    engine = create_engine(urls["owner"], poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What a search sends to the database."""
    found: list[tuple[str, Any]] = []
    execute = psycopg.AsyncCursor.execute

    def noted(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if "influencers" in str(query) or "enable_" in str(query):
            found.append((str(query), params))
        return execute(cursor, query, params, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
    return found


class TestSearchOfALargeRoster:
    @pytest.mark.parametrize("role", ["app_staff", "app_scoped"])
    @pytest.mark.parametrize("name", SEARCHES)
    def test_reads_a_page_and_little_more(
        self,
        name: str,
        role: str,
        large: Staffed,
        owner: Engine,
        asked: list[tuple[str, Any]],
    ) -> None:
        page = done(large.community.get("/v1/influencers", params=SEARCHES[name]))
        assert page["data"]
        plan = _plan(owner, role, large, *asked)
        nodes = list(_nodes(plan))
        scans = [each["Relation Name"] for each in nodes if each["Node Type"] == "Seq Scan"]
        assert scans == []
        read = max(_rows(each) for each in nodes if "Relation Name" in each)
        assert read <= MOST_READ, [
            (each["Node Type"], each.get("Index Name"), _rows(each)) for each in nodes
        ]


def _plan(owner: Engine, role: str, agency: Staffed, *asked: tuple[str, Any]) -> dict[str, Any]:
    """How the last of what a search sends is carried out, after the rest."""
    *before, (sql, values) = asked
    with owner.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute(
            "select set_config('app.agency_id', %s, true), set_config('app.client_ids', %s, true),"
            " set_config('role', %s, true)",
            (str(agency.agency_id), f"{{{agency.client_id}}}", role),
        )
        for each in before:
            raw.execute(*each)
        ((found,),) = raw.execute(f"explain (analyze, format json) {sql}", values).fetchall()
        connection.rollback()
    plan: dict[str, Any] = found[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _rows(node: dict[str, Any]) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])
