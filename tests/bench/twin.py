"""
The bare twin: ASGI and psycopg, the same statements under the same row security, nothing else.

No framework, no token, no shapes, no limits, no problems: what is left is the price of HTTP, of
the database and of the walls. Started as a process of its own: `python -m tests.bench.twin`.
"""

import argparse
import json
import socket
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

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
from api.influencers import roster
from api.influencers.shapes import InfluencerQuery
from api.metrics.performance import measured
from api.metrics.performance.overview import Overview
from api.metrics.periods import Compare, Comparison, before, period
from api.reports import serving
from api.reports.delivery import openings
from api.reports.models import Format
from api.statements.statement import Statements
from tenants import storage
from tenants.auth import AccessToken
from tenants.pipeline import Statement
from tenants.reads import Lookup
from tests.bench.data import AGREED
from tests.bench.statements import REPORT
from tests.bench.writes import Writes


class Twin(Writes):
    """What the bench asks, asked barely."""

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
        ((snapshot,),) = await self.ask(Statement(REPORT, values))
        return (200, snapshot.encode()) if snapshot else (304, b"")

    async def get_page(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        found, chosen = serving._statement("latest", Format.html), serving._chosen("latest")
        values = {"agency": self.token.agency_id, "client": UUID(id), "known": []}
        opened = Statement(chosen.sql, chosen.parameters | values)
        (row,) = await self.ask(
            Statement(found.sql, found.parameters | values),
            openings.own(opened, self.token.agency_id, Format.html, None),
        )
        page = next(each for each in row[-1] if each["locale"] == "es")
        return 200, storage.read(self.token.agency_id, page["sha256"])

    async def get_roster(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        rows = await self.ask(*_searched(scope["query_string"], self.token.agency_id), of=1)
        return 200, f'{{"data":[{",".join(row[0] for row in rows[:50])}]}}'.encode()

    async def get_t(self, scope: Any, id: str, body: bytes) -> tuple[int, bytes]:
        return 302, b""


@cache
def _searched(filters: bytes, agency_id: UUID) -> Sequence[Statement]:
    page = InfluencerQuery(**dict(parse_qsl(filters.decode())))
    return roster.search(None, page).statements(agency_id)  # type: ignore[arg-type]


YEAR = date(2026, 1, 1), date(2026, 12, 31)
MONTH = period(date(2026, 10, 1), date(2026, 10, 31))


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "platform", "agency", "session", "user"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--descriptor", type=int)
    asked = parser.parse_args()
    token = AccessToken(UUID(asked.agency), UUID(asked.session), UUID(asked.user))
    config = uvicorn.Config(
        Twin(asked.url, asked.platform, token), access_log=False, log_level="warning"
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=asked.descriptor)])


if __name__ == "__main__":
    main()
