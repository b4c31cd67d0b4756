"""Channels and readings, dull and valid."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from tenants import auth, database
from tenants.ids import new_id
from tests.factories import Staffed

DAILY = "/v1/metrics/daily"


def channel_of(agency: Staffed, **values: Any) -> str:
    """A channel of client one; its id."""
    body = {
        "client_id": str(agency.client_id),
        "network": "instagram",
        "handle": f"h{new_id().hex}",
        "name": "Instagram",
        **values,
    }
    answer = agency.owner.post("/v1/channels", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def reading(channel: str, date: str = "2026-10-01", **values: Any) -> dict[str, Any]:
    return {"date": date, "channel": channel, **values}


def record(agency: Staffed, *readings: dict[str, Any], person: str = "community") -> Any:
    return getattr(agency, person).post(DAILY, {"readings": list(readings)})


def counts(answer: Any) -> tuple[int, int, int]:
    """Stored, unchanged, rejected; which close."""
    assert answer.status_code in (200, 207), answer.text
    made = answer.json()
    assert made["received"] == made["stored"] + made["unchanged"] + made["rejected"]
    assert (answer.status_code == 207) == bool(made["rejected"]) == bool(made["errors"])
    return made["stored"], made["unchanged"], made["rejected"]


def current(agency: Staffed, channel: str, date: str = "2026-10-01") -> Any:
    """The current row of a channel's day."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return (
            session.execute(
                text(
                    "select * from metric_current where agency_id = :agency"
                    " and subject_id = :channel and basis = 'day' and period_start = :day"
                ),
                {"agency": agency.agency_id, "channel": UUID(channel), "day": date},
            )
            .mappings()
            .one_or_none()
        )


def stored(agency: Staffed, channel: str) -> int:
    """How many readings of a channel there are."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return int(
            session.execute(
                text(
                    "select count(*) from metric_readings where agency_id = :agency"
                    " and subject_id = :channel"
                ),
                {"agency": agency.agency_id, "channel": UUID(channel)},
            ).scalar_one()
        )


def target_of(agency: Staffed, **values: Any) -> Any:
    """October's target of client one: 3,100 views, or what is said."""
    body = {
        "client_id": str(agency.client_id),
        "kpi": "views",
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
        "value": 3_100,
        **values,
    }
    answer = agency.owner.post("/v1/kpi-targets", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def performance(agency: Staffed, person: str = "executive", **query: str) -> Any:
    asked = {"from": "2026-10-01", "to": "2026-10-31", **query}
    return getattr(agency, person).get(f"/v1/clients/{agency.client_id}/performance", params=asked)


def campaign_of(agency: Staffed) -> str:
    """A campaign of client one; its id."""
    body = {
        "client_id": str(agency.client_id),
        "name": "Otoño",
        "goal": "awareness",
        "formats": ["launch"],
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-31",
    }
    answer = agency.executive.post("/v1/campaigns", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def post_of(agency: Staffed, channel: str, **values: Any) -> Any:
    """The answer to noting a post of a channel."""
    body = {
        "channel_id": channel,
        "external_id": "1799",
        "published_at": "2026-10-02T10:00:00Z",
        **values,
    }
    return agency.community.post("/v1/published-posts", body)


def fault_of(answer: Any) -> tuple[int, str, str]:
    """What is wrong with the first reading of which something is: its row, where, and what."""
    fault = answer.json()["errors"][0]
    return fault["row"], fault["pointer"], fault["code"]
