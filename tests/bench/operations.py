"""What is measured: the calls an agency's day is made of."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import jwt

from tests.bench.data import AGREED, BOARD, CHANGE_ORDERS, DELIVERABLES, ENTRIES, WORK
from tests.bench.links import Asked
from tests.bench.load import Call

CLIENT = "00000000-0000-7000-8002-0000000003e9"  # the first clone's: agency 1, client 1
CHANNEL = "00000000-0000-7000-8003-{number:012x}"
MONTH = "from=2026-10-01&to=2026-10-31"
YEAR = "from=2026-01-01&to=2026-12-31&group_by=channel"
BATCH = 1_000  # rows, of ten metrics each
TOLD = [
    "impressions",
    "reach",
    "views",
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "posts",
    "sessions",
]
EXPENSE = {"amount_minor": 1, "currency": "EUR", "supplier": "Imprenta Sol"}
PLAN = "00000000-0000-7000-8004-000000000001"


@dataclass(frozen=True)
class Operation:
    """One line of the table: our call, and its twin's."""

    name: str
    call: Call
    twin: Call | None = None  # a password's hash is all that a log-in costs
    reach: float | None = None  # CPU ms a request, of server and PostgreSQL
    seconds: float = 2.0
    connections: int = 16
    over_twin: bool = False  # the reach is what we may cost more than the twin
    settings: Mapping[str, str] = field(default_factory=dict)  # other ones of our server's
    afterwards: Callable[[], None] | None = None  # says whether what it did is right

    @property
    def goal(self) -> str:
        if not self.reach:
            return ""
        return f"{self.reach} ms {'over its twin' if self.over_twin else 'or 2.2x'}"


@dataclass(frozen=True)
class LogIn:
    """One of the people of the demo's agency, logged in."""

    form: dict[str, str]
    tokens: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    @property
    def claims(self) -> dict[str, str]:
        found: dict[str, str] = jwt.decode(
            self.tokens["access_token"], options={"verify_signature": False}
        )
        return found


def log_in(base: str, people: dict[str, Any], key: str = "owner") -> LogIn:
    who = next(each for each in people["people"] if each["key"] == key)
    form = {
        "grant_type": "password",
        "username": who["email"],
        "password": who["password"],
        "agency": people["agency"]["slug"],
    }
    answer = httpx2.post(f"{base}/v1/auth/token", data=form, timeout=30)
    answer.raise_for_status()
    return LogIn(form, answer.json())


def all_of(base: str, people: dict[str, Any], owner: LogIn, deciding: Asked) -> list[Operation]:
    """The operations, for whoever owns the demo's agency."""
    ids, form = people["ids"], owner.form
    mine = owner.headers
    with httpx2.Client(base_url=base, timeout=30) as http:
        campaign = ids["campaign"]
        deliverable = http.get(f"/v1/deliverables/{PLAN}", headers=mine).json()
        latest = f"/v1/clients/{people['client']['id']}/reports/latest"
        report = http.get(latest, headers=mine | {"Accept": "application/json"})
        report.raise_for_status()
        etag = report.headers["etag"]
        line = _line(http, mine, deliverable)
        account = _account(http, mine, ids["budget"])
    sold = f"/v1/clients/{people['client']['id']}/scope"
    statement = f"/v1/clients/{people['client']['id']}/statement"
    tokens = {"refresh_token": owner.tokens["refresh_token"]}

    def refreshing(number: int) -> bytes:
        query = {"grant_type": "refresh_token", **tokens}
        return str(httpx2.QueryParams(query)).encode()

    def rotated(body: bytes) -> None:
        tokens["refresh_token"] = json.loads(body)["refresh_token"]

    typed = {"Content-Type": "application/json"}
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    credentials = httpx2.QueryParams(form)
    accept = {"Accept": "application/json"}
    plan = json.dumps({"line_id": line, "due_on": "2027-02-01"}).encode()
    spent = json.dumps({**EXPENSE, "line_id": account}).encode()
    return [
        Operation(
            "one campaign",
            Call("GET", f"/v1/campaigns/{campaign}", mine),
            Call("GET", f"/campaign/{campaign}", {}),
            reach=0.8,
        ),
        Operation(
            f"50 of {DELIVERABLES} deliverables by status",
            Call("GET", f"/v1/deliverables?campaign_id={campaign}&status=planned", mine),
            Call("GET", f"/deliverables/{campaign}", {}),
            reach=1.2,
        ),
        Operation(
            "a month's performance",
            Call("GET", f"/v1/clients/{CLIENT}/performance?{MONTH}", mine),
            Call("GET", f"/performance/{CLIENT}", {}),
            reach=1.4,
        ),
        Operation(
            "a year's performance",
            Call("GET", f"/v1/clients/{CLIENT}/performance?{YEAR}", mine),
            Call("GET", f"/year/{CLIENT}", {}),
            reach=4.0,
        ),
        Operation(
            "every client's, worst first",
            Call("GET", f"/v1/performance?{MONTH}", mine),
            Call("GET", "/overview/all", {}),
            reach=6.0,
        ),
        Operation(
            "the published report",
            Call("GET", latest, mine | accept),
            Call("GET", f"/report/{people['client']['id']}", {}),
            reach=0.7,
        ),
        Operation(
            "the published report as a page",
            Call("GET", latest, mine | {"Accept": "text/html", "Accept-Language": "es"}),
            Call("GET", f"/page/{people['client']['id']}", {}),
            reach=0.8,
        ),
        Operation(
            "the report, unchanged (304)",
            Call("GET", latest, mine | accept | {"If-None-Match": etag}, expect=304),
            Call("GET", f"/report/{people['client']['id']}", {"If-None-Match": etag}, expect=304),
            reach=0.5,
        ),
        Operation(
            "plan a deliverable",
            Call("POST", "/v1/deliverables", mine | typed, lambda _: plan, expect=201, unique=True),
            Call("POST", "/deliverables", typed, lambda _: plan, expect=201, unique=True),
            reach=2.2,
        ),
        Operation(
            "an expense on one hot line",
            Call("POST", "/v1/expenses", mine | typed, lambda _: spent, expect=201, unique=True),
            Call("POST", "/expenses", typed, lambda _: spent, expect=201, unique=True),
            reach=4.0,
            connections=32,
        ),
        Operation(
            "10,000 readings",
            Call("POST", "/v1/metrics/daily", mine | typed, _readings, expect=200),
            Call("POST", "/readings", typed, _readings, expect=200),
            connections=1,
            seconds=4.0,
        ),
        Operation(
            f"a scope after {CHANGE_ORDERS} change orders",
            Call("GET", f"/v1/campaigns/{AGREED}/scope", mine),
            Call("GET", f"/scope/{AGREED}", {}),
            reach=1.0,
        ),
        Operation(
            f"its consumption by {WORK:,} deliverables",
            Call("GET", f"{sold}?campaign_id={AGREED}", mine),
            Call("GET", f"/consumption/{people['client']['id']}", {}),
            reach=3.0,
        ),
        Operation(
            f"a client's statement over {ENTRIES:,} entries",
            Call("GET", f"{statement}?from=2026-01-01&to=2026-12-31", mine),
            Call("GET", f"/statement/{people['client']['id']}", {}),
            reach=15.0,
        ),
        Operation(
            "what a client has left of all it bought",
            Call("GET", f"/v1/clients/{people['client']['id']}/balance", mine),
            Call("GET", f"/balance/{people['client']['id']}", {}),
            reach=2.0,
        ),
        Operation(
            f"a board of {DELIVERABLES}",
            Call("GET", f"/v1/deliverables/board?campaign_id={BOARD}", mine),
            Call("GET", f"/board/{BOARD}", {}),
            reach=4.0,
        ),
        Operation(
            "decide by link",
            Call("POST", "", urlencoded, lambda _: deciding.form, expect=303, paths=deciding.ours),
            Call("POST", "", urlencoded, lambda _: deciding.form, expect=303, paths=deciding.twins),
            connections=4,
            seconds=1.0,
            reach=3.0,
        ),
        Operation(
            "log in",
            Call("POST", "/v1/auth/token", urlencoded, lambda _: str(credentials).encode()),
            connections=4,
        ),
        Operation(
            "refresh",
            Call("POST", "/v1/auth/token", urlencoded, refreshing, heard=rotated),
            connections=1,
        ),
    ]


def _line(http: httpx2.Client, mine: dict[str, str], deliverable: Any) -> str:
    scope = http.get(f"/v1/campaigns/{deliverable['campaign_id']}/scope", headers=mine).json()
    return str(next(each["id"] for each in scope["lines"] if each["measure"] == "piece"))


def _account(http: httpx2.Client, mine: dict[str, str], budget: str) -> str:
    """The line with the most money left of those that nothing is billed on for."""
    lines = http.get(f"/v1/budgets/{budget}", headers=mine).json()["lines"]
    own = (each for each in lines if not each["pass_through"])
    return str(max(own, key=lambda each: each["available_minor"])["id"])


def _readings(number: int) -> bytes:
    """A thousand rows of ten metrics, told anew each time: what a collector sends in the night."""
    told = int(time.time())
    rows = [
        {
            "channel": CHANNEL.format(number=(1000 + 1 + row // 250) * 10 + 1),
            "date": f"2026-{1 + row % 250 // 28:02d}-{1 + row % 250 % 28:02d}",
            **dict.fromkeys(TOLD, (row * 7 + told + number) % 5000),
        }
        for row in range(BATCH)
    ]
    return json.dumps({"readings": rows}).encode()
