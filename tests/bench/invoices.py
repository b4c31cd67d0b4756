"""Invoices to issue, each once: copies of one that was drafted, submitted and approved."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx2
import psycopg

from tests.bench.data import clone, id_of
from tests.bench.load import Call
from tests.bench.operations import LogIn, Operation, log_in

MANY = 4_000
_GAPS = """
select series, year, count(*), max(sequence) from issued_documents where agency_id = %s
group by series, year having count(*) <> max(sequence)
"""


def all_of(
    base: str, people: dict[str, Any], owner: LogIn, connection: psycopg.Connection[Any]
) -> list[Operation]:
    """Issuing them at once, all in one series. `connection` owns the tables."""

    def numbered() -> None:
        if gaps := connection.execute(_GAPS, (people["agency"]["id"],)).fetchall():
            raise SystemExit(f"invoice numbers have gaps: {gaps}")

    def addresses(path: str) -> Iterator[str]:
        """Made when they are first asked for; no two of one second are alike."""
        for id in _copies(connection, _approved(base, people)):
            yield path.format(id)

    ours, twins = addresses("/v1/invoices/{}/finalize"), addresses("/invoices/{}")
    return [
        Operation(
            "issue an invoice, one series",
            Call("POST", "", owner.headers, unique=True, paths=ours),
            Call("POST", "", {}, unique=True, paths=twins),
            reach=12.0,
            afterwards=numbered,
        )
    ]


def _copies(connection: psycopg.Connection[Any], approved: str) -> list[UUID]:
    number = f"({time.time_ns() >> 20}::bigint << 13) % (1::bigint << 47) + n"
    many, made = f"generate_series(1, {MANY}) n", id_of("0", number)
    with connection.transaction():
        connection.execute(clone("invoices", f"id = '{approved}'", many, f"'id', {made}"))
        lines = f"'id', {made}, 'invoice_id', {made}"
        connection.execute(clone("invoice_lines", f"invoice_id = '{approved}'", many, lines))
        return [id for (id,) in connection.execute(f"select {made} from {many}")]


def _approved(base: str, people: dict[str, Any]) -> str:
    line = {
        "label": {"es": "Cuota", "en": "Fee"},
        "unit_price_minor": 150_000,
        "tax_rate_ids": [people["ids"]["tax_rate"]],
    }
    asked = {"client_id": people["client"]["id"], "lines": [line]}
    owner, admin = (log_in(base, people, key).headers for key in ("owner", "admin"))
    with httpx2.Client(base_url=base, timeout=30) as http:
        draft = http.post("/v1/invoices", json=asked, headers=owner).json()
        path = f"/v1/invoices/{draft['id']}"
        http.post(f"{path}/submit", headers=owner).raise_for_status()
        http.post(f"{path}/approve", headers=admin).raise_for_status()
    return str(draft["id"])
