"""
The bare twin: ASGI and psycopg, the same statements under the same row security, nothing else.

No framework, no token, no shapes, no limits, no problems: what is left is the price of HTTP, of
the database and of the walls. Started as a process of its own: `python -m tests.bench.twin`.
"""

import argparse
import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import uvicorn

import api.tables  # noqa: F401
from api.campaigns import views
from api.campaigns.balances import Balance
from api.campaigns.baseline import Baseline
from api.campaigns.campaign_shapes import CampaignRead
from api.campaigns.consumption import Consumption
from api.campaigns.deliverable_models import DeliverableStatus
from api.campaigns.deliverable_shapes import DeliverableQuery, DeliverableRead
from api.campaigns.deliverables import search
from api.campaigns.models import Campaign
from api.campaigns.view_shapes import BoardQuery
from api.metrics import measured
from api.metrics.figures import METRICS
from api.metrics.months import SUMS
from api.metrics.overview import Overview
from api.metrics.periods import Compare, Comparison, before, period
from api.statements.statement import Statements
from tenants.auth import AccessToken
from tenants.database import Statement
from tenants.ids import new_id
from tenants.reads import Lookup
from tests.bench.data import AGREED


class Twin:
    """One connection a request, taken from those there are."""

    def __init__(self, url: str, token: AccessToken, size: int) -> None:
        self.url, self.token, self.size = url, token, size
        self.free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        kind, _, rest = scope["path"][1:].partition("/")
        status, answer = await getattr(self, f"{scope['method'].lower()}_{kind}")(scope, rest, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        for _ in range(self.size):
            self.free.put_nowait(await psycopg.AsyncConnection.connect(self.url))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        connection = await self.free.get()
        try:
            async with connection.transaction():
                entry = self.token.statement
                await connection.execute(entry.sql, entry.parameters)
                yield connection
        finally:
            self.free.put_nowait(connection)

    async def ask(self, *statements: Statement) -> list[tuple[Any, ...]]:
        """Entered, asked and ended in one round trip."""
        connection = await self.free.get()
        try:
            async with connection.pipeline():
                entry = self.token.statement
                await connection.execute(entry.sql, entry.parameters)
                asked = [await connection.execute(s.sql, s.parameters) for s in statements]
                await connection.commit()
            return await asked[0].fetchall()
        finally:
            self.free.put_nowait(connection)

    async def get_campaign(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        question = Lookup(Campaign, UUID(id)).as_json(CampaignRead)
        (row,) = await self.ask(*question.statements(self.token.agency_id))
        return 200, row[0].encode()

    async def get_deliverables(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        page = DeliverableQuery(campaign_id=UUID(id), status=DeliverableStatus.planned)
        question = search(None, page).as_json(DeliverableRead)  # type: ignore[arg-type]
        rows = await self.ask(*question.statements(self.token.agency_id))
        return 200, f'{{"data":[{",".join(row[0] for row in rows[:50])}]}}'.encode()

    async def get_performance(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        past = before(MONTH, Compare.previous_period)
        asked = measured.statement(self.token.agency_id, UUID(id), MONTH, past, None)
        (row,) = await self.ask(asked)
        return 200, json.dumps(row[0]).encode()

    async def get_year(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        span = period(*YEAR)
        past = before(span, Compare.previous_period)
        asked = measured.statement(self.token.agency_id, UUID(id), span, past, None, days=False)
        (row,) = await self.ask(asked)
        return 200, json.dumps(row[0]).encode()

    async def get_overview(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        past = before(MONTH, Compare.previous_period)
        asked = Overview(MONTH, Comparison.previous_period, past, "es")
        rows = await self.ask(*asked.statements(self.token.agency_id))
        return 200, json.dumps(rows, default=str).encode()

    async def get_scope(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        (row,) = await self.ask(*Baseline(UUID(id)).statements(self.token.agency_id))
        return 200, row[1].encode()

    async def get_consumption(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        question = Consumption(UUID(id), campaign_id=UUID(AGREED))
        rows = await self.ask(*question.statements(self.token.agency_id))
        return 200, json.dumps(rows, default=str).encode()

    async def get_statement(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        question = Statements(UUID(id), *YEAR)
        rows = await self.ask(*question.statements(self.token.agency_id))
        return 200, json.dumps(rows, default=str).encode()

    async def get_balance(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        (row,) = await self.ask(*Balance(UUID(id)).statements(self.token.agency_id))
        return 200, row[0].encode()

    async def get_board(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        question = views.board(None, BoardQuery(campaign_id=UUID(id)))  # type: ignore[arg-type]
        rows = await self.ask(*question.statements(self.token.agency_id))
        return 200, f"[{','.join(row[0] for row in rows)}]".encode()

    async def get_report(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        tag = dict(scope["headers"]).get(b"if-none-match", b"").decode().strip('"').split(".")[0]
        values = {"agency": self.token.agency_id, "client": UUID(id), "known": tag}
        ((snapshot,),) = await self.ask(Statement(_REPORT, values))
        return (200, snapshot.encode()) if snapshot else (304, b"")

    async def post_deliverables(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        asked, headers = json.loads(body), dict(scope["headers"])
        key = headers[b"idempotency-key"].decode()
        values = {
            "agency": self.token.agency_id,
            "line": UUID(asked["line_id"]),
            "due": date.fromisoformat(asked["due_on"]),
            "now": datetime.now(UTC),
            "id": new_id(),
            "event": new_id(),
            "key": key,
        }
        async with self.entered() as connection:
            cursor = await connection.execute(_PLANNED[0], values)
            (held, known), *_ = await cursor.fetchall()
            assert held and known is None
            for statement in _PLANNED[1:]:
                cursor = await connection.execute(statement, values)
            row = await cursor.fetchone()
            assert row is not None
            answer = row[0].encode()
            await connection.execute(_KEPT, {**values, "answer": answer})
        return 201, answer

    async def post_expenses(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        asked, headers = json.loads(body), dict(scope["headers"])
        values = {
            "agency": self.token.agency_id,
            "line": UUID(asked["line_id"]),
            "amount": asked["amount_minor"],
            "supplier": asked["supplier"],
            "now": datetime.now(UTC),
            "today": datetime.now(UTC).date(),
            "id": new_id(),
            "entry": new_id(),
            "event": new_id(),
            "other_event": new_id(),
            "key": headers[b"idempotency-key"].decode(),
        }
        async with self.entered() as connection:
            for statement in _SPENT:
                cursor = await connection.execute(statement, values)
            row = await cursor.fetchone()
            assert row is not None
            answer = row[0].encode()
            await connection.execute(_KEPT, {**values, "answer": answer})
        return 201, answer

    async def post_readings(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        told = datetime.now(UTC)
        rows = [(UUID(each["channel"]), each) for each in json.loads(body)["readings"]]
        async with self.entered() as connection:
            cursor = await connection.execute(
                "select id, client_id from channels where agency_id = %s and id = any(%s)"
                " order by id for no key update",
                (self.token.agency_id, list({channel for channel, _ in rows})),
            )
            clients = dict(await cursor.fetchall())
            values: dict[str, Any] = {
                "agency": self.token.agency_id,
                "now": told,
                "clients": [clients[channel] for channel, _ in rows],
                "channels": [channel for channel, _ in rows],
                "dates": [date.fromisoformat(each["date"]) for _, each in rows],
            }
            values |= {name: [each.get(name) for _, each in rows] for name in METRICS}
            await connection.execute(_INGEST, values)
            months = sorted(
                {(clients[channel], channel, f"{each['date'][:7]}-01") for channel, each in rows}
            )
            columns = zip(*months, strict=True)
            for name, column in zip(("clients", "channels", "dates"), columns, strict=True):
                values[name] = list(column)
            await connection.execute(_MONTHS, values)
        return 200, b'{"received":%d}' % len(rows)


YEAR = date(2026, 1, 1), date(2026, 12, 31)
MONTH = period(date(2026, 10, 1), date(2026, 10, 31))
_REPORT = """
select case when sha256 <> %(known)s then snapshot end from report_versions
where agency_id = %(agency)s and client_id = %(client)s and audience = 'client'
    and status <> 'superseded' order by ends_on desc, published_at desc limit 1
"""
_PLANNED = (
    """select pg_try_advisory_xact_lock(hashtextextended(%(key)s, 0)), (
        select answer from idempotency_records where agency_id = %(agency)s and membership_id =
        current_setting('app.membership_id')::uuid and route = 'twin' and key_hash = %(key)s)""",
    "select * from scope_lines where agency_id = %(agency)s and id = %(line)s",
    """select s.* from scopes s join scope_lines l on l.agency_id = s.agency_id
        and l.scope_id = s.id where l.agency_id = %(agency)s and l.id = %(line)s""",
    """select c.over_scope from clients c join scope_lines l on l.agency_id = c.agency_id
        and l.client_id = c.id where l.agency_id = %(agency)s and l.id = %(line)s""",
    """select * from scope_lots where agency_id = %(agency)s and line_id = %(line)s
        and closed_at is null order by id for no key update""",
    """update scope_lots set reserved = reserved + 1, version = version + 1, updated_at = %(now)s
        where agency_id = %(agency)s and line_id = %(line)s and closed_at is null
        and reserved + delivered < quantity""",
    """insert into events (created_at, agency_id, id, client_id, type, subject_type, subject_id,
            subject_version, actor_kind, actor_label, audience, changed)
        select %(now)s, %(agency)s, %(event)s, client_id, 'deliverable.planned', 'deliverables',
            %(id)s, 1, 'user', 'twin', 'client', '{}' from scope_lines
        where agency_id = %(agency)s and id = %(line)s""",
    """insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
        values (%(agency)s, %(event)s, %(now)s, 0, %(now)s)""",
    """insert into deliverables (agency_id, id, created_at, updated_at, version, client_id, lot_id,
            campaign_id, label, units, over_scope, status, due_on, original_due_on,
            rounds_included, rounds_used, criteria, links, file_ids, work_text, depends_on)
        select l.agency_id, %(id)s, %(now)s, %(now)s, 1, l.client_id, t.id, s.campaign_id, l.label,
            1, false, 'planned', %(due)s, %(due)s, l.revision_rounds, 0, '{}', '[]', '[]', '{}',
            '[]'
        from scope_lines l join scopes s on s.agency_id = l.agency_id and s.id = l.scope_id
            join scope_lots t on t.agency_id = l.agency_id and t.line_id = l.id
        where l.agency_id = %(agency)s and l.id = %(line)s and t.closed_at is null limit 1
        returning row_to_json(deliverables)::text""",
)
_TOLD = """
insert into events (created_at, agency_id, id, client_id, type, subject_type, subject_id,
    subject_version, actor_kind, actor_label, audience, changed)
select %(now)s, %(agency)s, {id}, client_id, '{type}', '{subject}', %(line)s, 1, 'user', 'twin',
    'staff', '{{}}'
from budget_lines where agency_id = %(agency)s and id = %(line)s
"""
_QUEUED = """
insert into event_queue (agency_id, event_id, queued_at, attempts, due_at)
values (%(agency)s, {id}, %(now)s, 0, %(now)s)
"""
_SPENT = (
    _PLANNED[0],
    "select * from budget_lines where agency_id = %(agency)s and id = %(line)s",
    """select l.*, b.period_start, c.timezone from budget_lines l
        join budgets b on b.agency_id = l.agency_id and b.id = l.budget_id
        join clients c on c.agency_id = l.agency_id and c.id = l.client_id
        where l.agency_id = %(agency)s and l.id = %(line)s for no key update of l""",
    "select currency, settings from agencies where id = %(agency)s",
    """insert into budget_entries (agency_id, id, created_at, client_id, line_id, kind,
            amount_minor, units, currency, funded, category, paid_by, booked_on, source_type,
            source_id)
        select agency_id, %(entry)s, %(now)s, client_id, id, 'expense', %(amount)s, 0, currency,
            true, category, paid_by, %(today)s, 'expenses', %(id)s
        from budget_lines where agency_id = %(agency)s and id = %(line)s""",
    """update budget_lines set spent_minor = spent_minor + %(amount)s, version = version + 1,
            updated_at = %(now)s where agency_id = %(agency)s and id = %(line)s""",
    """update budgets b set version = b.version + 1, updated_at = %(now)s from budget_lines l
        where l.agency_id = %(agency)s and l.id = %(line)s and b.agency_id = l.agency_id
        and b.id = l.budget_id""",
    """select sum(o.allocated_minor), sum(o.spent_minor), sum(o.unfunded_minor)
        from budget_lines o join budget_lines l on l.agency_id = o.agency_id
        and l.budget_id = o.budget_id where l.agency_id = %(agency)s and l.id = %(line)s""",
    *(
        statement.format(id=f"%({id})s", type=f"{subject}.spent", subject=subject)
        for id, subject in (("event", "budget_lines"), ("other_event", "expenses"))
        for statement in (_TOLD, _QUEUED)
    ),
    """insert into expenses (agency_id, id, created_at, updated_at, version, client_id, budget_id,
            line_id, status, amount_minor, tax_minor, refunded_minor, currency, units,
            refunded_units, paid_by, already_spent, spent_on, supplier, receipt_ids, self_approved)
        select agency_id, %(id)s, %(now)s, %(now)s, 1, client_id, budget_id, id, 'posted',
            %(amount)s, 0, 0, currency, 0, 0, paid_by, false, %(today)s, %(supplier)s, '[]', false
        from budget_lines where agency_id = %(agency)s and id = %(line)s
        returning row_to_json(expenses)::text""",
)
_KEPT = """
insert into idempotency_records (agency_id, membership_id, route, key_hash, body_hash, answer,
    expires_at)
values (%(agency)s, current_setting('app.membership_id')::uuid, 'twin', %(key)s, '', %(answer)s,
    %(now)s + interval '1 day')
"""
_ROW = "client_id, subject_id, period_start"
_CAST = "cast(%(clients)s as uuid[]), cast(%(channels)s as uuid[]), cast(%(dates)s as date[])"
_FIGURES = ", ".join(METRICS)
_ARRAYS = ", ".join(f"cast(%({name})s as bigint[])" for name in METRICS)
_SHARED = "%(agency)s, 'channel', 'day', 'manual', %(now)s, '{}'"
_COLUMNS = "agency_id, subject_type, basis, source, captured_at, missing"
_INGEST = f"""
with told as (
    select * from unnest({_CAST}, {_ARRAYS}) as r({_ROW}, {_FIGURES})
), stored as (
    insert into metric_readings ({_COLUMNS}, received_at, {_ROW}, {_FIGURES})
    select {_SHARED}, %(now)s, {_ROW}, {_FIGURES} from told
)
insert into metric_current ({_COLUMNS}, held, {_ROW}, {_FIGURES})
select {_SHARED}, '{{}}', {_ROW}, {_FIGURES} from told
on conflict (agency_id, client_id, subject_type, subject_id, basis, period_start) do update set
    captured_at = excluded.captured_at,
    {", ".join(f"{name} = excluded.{name}" for name in METRICS)}
"""
_MONTHS = f"""
insert into metric_months (agency_id, client_id, subject_type, subject_id, month, cells)
select %(agency)s, t.client_id, 'channel', t.subject_id, t.month, (
    select {SUMS} from metric_current m where m.agency_id = %(agency)s
        and m.client_id = t.client_id and m.subject_type = 'channel'
        and m.subject_id = t.subject_id and m.basis = 'day' and m.period_start >= t.month
        and m.period_start < t.month + interval '1 month'
) from unnest({_CAST}) as t(client_id, subject_id, month)
on conflict (agency_id, client_id, subject_type, subject_id, month)
do update set cells = excluded.cells
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "agency", "session", "user"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--descriptor", type=int)
    asked = parser.parse_args()
    token = AccessToken(UUID(asked.agency), UUID(asked.session), UUID(asked.user))
    config = uvicorn.Config(Twin(asked.url, token, 40), access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=asked.descriptor)])


if __name__ == "__main__":
    main()
