"""Work with creators: finding them, links that are followed, sales that are told."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx2

from api.demo.material.creators import CODE, SHOP
from api.tracking.shapes import MOST
from tests.bench.load import Call
from tests.bench.operations import LogIn, Operation
from tests.influencers.size import SEARCHES

SEARCHED = ("two words", "a label", "labels and audience", "all of it")


def all_of(base: str, people: dict[str, Any], owner: LogIn) -> list[Operation]:
    """The operations, for whoever owns the demo's agency; makes a link to follow."""
    mine, collaboration = owner.headers, people["ids"]["lucia_collaboration"]
    asked = {"collaboration_id": collaboration, "target": SHOP}
    made = httpx2.post(f"{base}/v1/tracking-links", json=asked, headers=mine, timeout=30)
    made.raise_for_status()
    code = made.json()["code"]
    typed, sales = {"Content-Type": "application/json"}, telling(people["client"]["id"], code)
    return [
        *(_search(name, mine) for name in SEARCHED),
        Operation(
            "follow a tracking link",
            Call("GET", f"/t/{code}", {}, expect=302),
            Call("GET", f"/t/{code}", {}, expect=302),
            reach=0.4,
            over_twin=True,
        ),
        Operation(
            f"{MOST:,} conversions",
            Call("POST", "/v1/conversions", mine | typed, sales),
            Call("POST", f"/conversions/{collaboration}", typed, sales),
            reach=0.1 * MOST,
            connections=1,
            seconds=4.0,
        ),
    ]


def _search(name: str, mine: dict[str, str]) -> Operation:
    filters = urlencode(SEARCHES[name])
    return Operation(
        f"the roster: {name}",
        Call("GET", f"/v1/influencers?{filters}", mine),
        Call("GET", f"/roster/?{filters}", {}),
        reach=3.0,
    )


def telling(client: str, link: str) -> Callable[[int], bytes]:
    """A shop's batch of new sales each time, half by a code and half by a link."""

    def told(_: int) -> bytes:
        now = time.time_ns()
        return json.dumps(
            {
                "client_id": client,
                "source": "tienda",
                "conversions": [_sale(f"{now}-{row}", row, link) for row in range(MOST)],
            }
        ).encode()

    return told


def _sale(order: str, row: int, link: str) -> dict[str, Any]:
    day = f"2026-10-{1 + row % 31:02d}"
    followed = {"link": link, "clicked_at": f"{day}T09:00:00+02:00"}
    by: dict[str, Any] = {"touches": [followed]} if row % 2 else {"code": CODE["code"]}
    return {
        "kind": "sale",
        "order_id": order,
        "amount_minor": 1_000 + row,
        "currency": "EUR",
        "occurred_at": f"{day}T12:{row % 60:02d}:00+02:00",
        **by,
    }
