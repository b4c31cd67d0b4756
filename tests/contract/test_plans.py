"""
What the database would do at size: every list and every read, planned as the application's role.

What the API asks is explained under row security, by a planner that takes an index wherever one
can serve: each tenant table must be entered by an index whose condition names the agency. One
that is not gets slower with every agency that signs up.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text
from sqlmodel import SQLModel

from tests.operations import Operation, Place, guarded, operation

Asked = tuple[str, Any]

reads = pytest.mark.parametrize("operation", [e for e in guarded() if e.method == "GET"], ids=str)

# Filters that ask more than a column of the list's own.
FILTERED = [
    ("list_budgets", {"state": "at_risk"}),
    ("list_expenses", {"from": "2026-10-01", "to": "2026-10-31"}),
    ("export_expenses", {"from": "2026-10-01", "to": "2026-10-31"}),
]

# What is answered without asking the database.
FROM_CODE = {
    "get_billing_status",
    "list_attribution_rules",
    "list_disclosure_rules",
    "list_kpis",
    "list_plans",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What the application sends to the database, from now on."""
    found: list[Asked] = []
    for kind in (psycopg.Cursor, psycopg.AsyncCursor):
        monkeypatch.setattr(kind, "execute", _noting(found, kind.execute))
    return found


def _noting(found: list[Asked], execute: Any) -> Any:
    def noted(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        found.append((str(query), params))
        return execute(cursor, query, params, **options)

    return noted


class TestPlans:
    @reads
    def test_scan_no_whole_table(
        self,
        operation: Operation,
        place: Place,
        owner: Engine,
        asked: list[Asked],
    ) -> None:
        assert _scans(operation, {}, place, owner, asked) == set()

    @pytest.mark.parametrize(("id", "filters"), FILTERED)
    def test_scan_no_whole_table_for_a_filter(
        self, id: str, filters: dict[str, str], place: Place, owner: Engine, asked: list[Asked]
    ) -> None:
        assert _scans(operation(id), filters, place, owner, asked) == set()

    def test_see_a_scan_where_there_is_one(self, place: Place, owner: Engine) -> None:
        """The owner has no wall to lead it into an index."""
        sql = "select id from deliverables where rounds_used = 7"
        assert _scanned(owner, "app_owner", place, sql, None) == {"deliverables"}


def _scans(
    wanted: Operation, filters: dict[str, str], place: Place, owner: Engine, asked: list[Asked]
) -> set[str]:
    """What a request makes the database scan."""
    call, by = place.ready(wanted)
    call.options["params"] = {**call.options.get("params", {}), **filters}
    asked.clear()
    answer = call.send(by)
    assert answer.status_code < 400, answer.text
    sent = [(sql, values) for sql, values in asked if _is_read(sql)]
    assert sent or wanted.id in FROM_CODE
    return {
        f"{table}: {sql[:600]}"
        for role in ("app_staff", "app_scoped")
        for sql, values in sent
        for table in _scanned(owner, role, place, sql, values)
    }


def _is_read(sql: str) -> bool:
    first = sql.lstrip().lower()
    return first.startswith(("select", "with")) and "sight_of_" not in sql and "pg_try_" not in sql


def _scanned(owner: Engine, role: str, place: Place, sql: str, values: Any) -> set[str]:
    """The tenant tables that are not entered by an index on their agency."""
    with owner.connect() as connection:
        _enter(connection, role, place)
        raw: Any = connection.connection.driver_connection
        raw.execute("set local enable_seqscan = off")
        try:
            ((plan,),) = raw.execute(f"explain (format json) {sql}", values).fetchall()
        except psycopg.errors.InsufficientPrivilege:  # it was the platform that asked
            connection.rollback()
            if role == "app_platform":  # nobody asks it but who sees every client
                return set()
            return _scanned(owner, "app_platform", place, sql, values)
        connection.rollback()
    return set(_unled(plan[0]["Plan"], ""))


def _tenant_tables() -> set[str]:
    return {name for name, table in SQLModel.metadata.tables.items() if "agency_id" in table.c}


def _enter(connection: Connection, role: str, place: Place) -> None:
    values = {
        "agency": str(place.agency.agency_id),
        "clients": f"{{{place.client_id}}}",
        "member": str(place.agency.owner.membership_id),
        "role": role,
    }
    connection.execute(
        text(
            "select set_config('app.agency_id', :agency, true),"
            " set_config('app.client_ids', :clients, true),"
            " set_config('app.membership_id', :member, true), set_config('role', :role, true)"
        ),
        values,
    )


def _unled(plan: dict[str, Any], table: str) -> Iterator[str]:
    table = plan.get("Relation Name", table)
    children = plan.get("Plans", ())
    scans = plan["Node Type"].endswith("Scan") and table in _tenant_tables() and not children
    if scans and "agency_id" not in plan.get("Index Cond", ""):
        yield table
    for child in children:
        yield from _unled(child, table)
