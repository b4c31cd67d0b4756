"""Listening topics and mention counts for tests, made through the API."""

from typing import Any

from tests.factories import Person, Staffed

TOPICS = "/v1/listening-topics"


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def competitor(agency: Staffed, name: str = "Café Rival", **values: Any) -> str:
    body = {"client_id": str(agency.client_id), "name": name, **values}
    return str(done(agency.owner.post("/v1/competitors", body), 201)["id"])


def new_topic(agency: Staffed, *competitors: str, **values: Any) -> dict[str, Any]:
    return {
        "client_id": str(agency.client_id),
        "name": "Cafés del barrio",
        "keywords": ["café aurora", "café rival"],
        "networks": ["instagram", "x"],
        "languages": ["es", "ca"],
        "competitor_ids": list(competitors),
        **values,
    }


def topic(agency: Staffed, *competitors: str, **values: Any) -> Any:
    return done(agency.community.post(TOPICS, new_topic(agency, *competitors, **values)), 201)


def count(person: Person, topic_id: str, *counts: dict[str, Any], **values: Any) -> Any:
    """What telling counts answers."""
    body = {"topic_id": topic_id, "counts": list(counts), **values}
    return person.post("/v1/mention-counts", body)


def counted(agency: Staffed, topic_id: str, *counts: dict[str, Any], **values: Any) -> Any:
    return done(count(agency.community, topic_id, *counts, **values))


def named(day: str, mentions: int, brand: str | None = None, **values: Any) -> dict[str, Any]:
    return {"period_start": day, "mentions": mentions, "competitor_id": brand, **values}


def voice(agency: Staffed, first: str = "2026-11-02", last: str = "2026-11-03") -> Any:
    asked = {"from": first, "to": last}
    answer = agency.executive.get(f"/v1/clients/{agency.client_id}/share-of-voice", params=asked)
    return done(answer)["topics"]
