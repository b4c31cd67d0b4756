"""Community figures for tests, told through the API."""

from typing import Any

from tests.factories import Person, Staffed

PATH = "/v1/community-figures"


def tell(person: Person, agency: Staffed, *figures: dict[str, Any]) -> Any:
    """What telling figures of client one answers."""
    body = {"client_id": str(agency.client_id), "figures": list(figures)}
    return person.post(PATH, body)


def told(agency: Staffed, *figures: dict[str, Any]) -> Any:
    answer = tell(agency.community, agency, *figures)
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(agency: Staffed, first: str = "2026-11-02", last: str = "2026-11-08") -> Any:
    """The client's community in a week of November."""
    asked = {"from": first, "to": last}
    answer = agency.community.get(f"/v1/clients/{agency.client_id}/community", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def totals(agency: Staffed, *days: str) -> Any:
    return read(agency, *days)["totals"]


def channel(agency: Staffed, handle: str = "aurora") -> str:
    body = {"client_id": str(agency.client_id), "network": "instagram", "handle": handle}
    answer = agency.executive.post("/v1/channels", {**body, "name": handle})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def items(needing: int, answered: int, moderated: int | None = None) -> dict[str, Any]:
    return {"needing_answer": needing, "answered": answered, "moderated": moderated}


def times(buckets: list[int], sum_seconds: int, **given: int) -> dict[str, Any]:
    size = sum(buckets)
    return {"sample_size": size, "sum_seconds": sum_seconds, "buckets": buckets, **given}


def sla(hit: int, missed: int, running_missed: int = 0, still_open: int = 0) -> dict[str, int]:
    return {"hit": hit, "missed": missed, "running_missed": running_missed, "open": still_open}
