"""
The bare twin's writes: the statements that our verbs send, in their order, and nothing beside them.
"""

import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import TextClause, text
from stripe import WebhookSignature

from api.approvals import links
from api.metrics.figures import METRICS
from api.tracking import kept
from billing import ledger
from billing.provider import inbox
from tenants import reads, tokens
from tenants.auth import AccessToken
from tenants.ids import id_of, new_id
from tenants.pipeline import Statement
from tenants.sight import PLATFORM, SET_SIGHT, sight_parameters
from tests.bench import signals
from tests.bench.bare import Bare
from tests.bench.statements import (
    APPROVAL,
    COUNTED,
    DECIDED,
    INGEST,
    ISSUED,
    ISSUED_BEFORE,
    KEPT,
    MONTHS,
    PLANNED,
    SPENT,
    TOLD,
    TOLD_BEFORE,
)


def _sql(clause: TextClause) -> str:
    return str(clause.compile(dialect=reads._DIALECT))


class Platform:
    """The platform's way in: no agency, few tables."""

    statement = Statement(_sql(text(SET_SIGHT)), sight_parameters(PLATFORM))


_EVENT, _GUEST, _POSTED = _sql(inbox._KEEP), _sql(links._ENTER), ledger._POST
_CLAIMED = {"source": "twin", "attributed_by": "code", "rule": "last_touch", "rule_version": 1}


class Writes(Bare):
    """What changes something. What Stripe tells comes in by the platform's way."""

    def __init__(self, url: str, platform_url: str, token: AccessToken) -> None:
        super().__init__(url, token, 36)
        self.token, self.platform = token, Bare(platform_url, Platform(), 8)

    async def open(self) -> None:
        await super().open()
        await self.platform.open()

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
            cursor = await connection.execute(PLANNED[0], values)
            (held, known), *_ = await cursor.fetchall()
            assert held and known is None
            for statement in PLANNED[1:]:
                cursor = await connection.execute(statement, values)
            row = await cursor.fetchone()
            assert row is not None
            answer = row[0].encode()
            await connection.execute(KEPT, {**values, "answer": answer})
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
            for statement in SPENT:
                cursor = await connection.execute(statement, values)
            row = await cursor.fetchone()
            assert row is not None
            answer = row[0].encode()
            await connection.execute(KEPT, {**values, "answer": answer})
        return 201, answer

    async def post_decide(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        token = tokens.read_opaque(links.PREFIX, id)
        assert token
        secret = tokens.hash_secret(token.secret)
        values = {"agency": token.agency_id, "link": token.id, "secret": secret, "id": new_id()}
        values |= {"now": datetime.now(UTC), "type": "approved", "kind": "link"}
        async with self.entered(Statement(_GUEST, values)) as connection:
            held = await connection.execute(APPROVAL, values)
            ((values["approval"], values["client"], *_),) = await held.fetchall()
            values["subject"] = values["approval"]
            for statement in DECIDED:
                await connection.execute(statement, values)
            for subject in ("deliverables", "approvals"):
                told = {**values, "event": new_id(), "subject_type": subject}
                await connection.execute(TOLD, told)
        return 303, b""

    async def post_invoices(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        now = datetime.now(UTC)
        values = {
            "agency": self.token.agency_id,
            "id": UUID(id),
            "now": now,
            "today": now.date(),
            "due": now.date() + timedelta(days=30),
            "key": dict(scope["headers"])[b"idempotency-key"].decode(),
            "year": now.year,
            "counter": new_id(),
            "sha256": hashlib.sha256(id.encode()).hexdigest(),
        }
        async with self.entered() as connection:
            for statement in ISSUED_BEFORE:
                found = await connection.execute(statement, values)
            ((values["client"], net, tax, total),) = await found.fetchall()
            ((number,),) = await (await connection.execute(COUNTED, values)).fetchall()
            values |= {"sequence": number, "number": f"F-{now.year}-{number:04}"}
            for statement in ISSUED:
                found = await connection.execute(statement, values)
            ((answer,),) = await found.fetchall()
            await connection.execute(_POSTED, values | _posting(values, net, tax, total))
            told = {"event": new_id(), "type": "finalised", "kind": "user"}
            told |= {"subject_type": "invoices", "subject": values["id"]}
            await connection.execute(TOLD, values | told)
            await connection.execute(KEPT, {**values, "answer": answer.encode()})
        return 200, answer.encode()

    async def post_conversions(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        asked, now = json.loads(body), datetime.now(UTC)
        told, client = asked["conversions"], UUID(asked["client_id"])
        days = Counter(each["occurred_at"][:10] for each in told)
        facts = [{**each, **_CLAIMED, "id": str(new_id()), "collaboration_id": id} for each in told]
        orders = [
            {
                **each,
                "id": str(new_id()),
                "collaboration_id": id,
                "sold_at": each["occurred_at"],
                "sold_on": each["occurred_at"][:10],
                "sale_minor": each["amount_minor"],
                "refunded_minor": 0,
                "commission_bp": 0,
            }
            for each in told
        ]
        sums = [{**_place(id, day), "conversions": count} for day, count in sorted(days.items())]
        values = {"agency": self.token.agency_id, "client": client, "now": now, "currency": "EUR"}
        values |= {"ids": [each["order_id"] for each in told], "collaboration": id}
        written = {kept._FACTS: facts, kept._ORDERS: orders, kept._DAYS: sums}
        async with self.entered() as connection:
            for statement in TOLD_BEFORE:
                found = await (await connection.execute(statement, values)).fetchall()
            for each in sums:
                each["influencer_id"] = str(found[0][0])
            for statement, rows in written.items():
                await connection.execute(statement, {**values, "rows": json.dumps(rows)})
        return 200, b'{"received":%d}' % len(told)

    async def post_event(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        signature = dict(scope["headers"])[b"stripe-signature"].decode()
        WebhookSignature.verify_header(body, signature, signals.SECRET, 300)
        said, now = json.loads(body), datetime.now(UTC)
        names = [said["data"]["object"][name] for name in ("id", "customer")]
        values = {
            "id": new_id(),
            "job": new_id(),
            "now": now,
            "later": now + inbox.PATIENCE,
            "endpoint": "account",
            "event_id": said["id"],
            "type": said["type"],
            "account": None,
            "object_type": said["data"]["object"]["object"],
            "object_id": names[0],
            "api_version": said["api_version"],
            "related": Jsonb(names),
            "names": names,
            "raw": body,
            "looked_into": True,
        }
        await self.platform.ask(Statement(_EVENT, values))
        return 200, b""

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
            await connection.execute(INGEST, values)
            months = sorted(
                {(clients[channel], channel, f"{each['date'][:7]}-01") for channel, each in rows}
            )
            columns = zip(*months, strict=True)
            for name, column in zip(("clients", "channels", "dates"), columns, strict=True):
                values[name] = list(column)
            await connection.execute(MONTHS, values)
        return 200, b'{"received":%d}' % len(rows)


def _posting(values: dict[str, Any], net: int, tax: int, total: int) -> dict[str, Any]:
    """An invoice's transaction: owed by the client, earned, and owed to the tax office."""
    return {
        "id": new_id(),
        "kind": "invoice_finalised",
        "source_type": "invoices",
        "source_id": values["id"],
        "currency": "EUR",
        "booked_on": values["today"],
        "entries": 3,
        "entered_by": None,
        "request_id": None,
        "ids": [new_id() for _ in range(3)],
        "accounts": ["receivable", "revenue", "tax_payable"],
        "amounts": [total, -net, -tax],
        "after": [total, tax, 0],
        "clients": [values["client"]] * 3,
        "payees": [None] * 3,
    }


def _place(collaboration: str, day: str) -> dict[str, Any]:
    """A day of a collaboration's sales, with nothing sold."""
    began = datetime.combine(date.fromisoformat(day), time(), UTC)
    return {
        "id": str(id_of(began, UUID(collaboration), "sales")),
        "collaboration_id": collaboration,
        "day": day,
        **dict.fromkeys(kept._SUMS, 0),
    }
