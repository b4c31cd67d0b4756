"""Dull, valid people for the roster, and what is asked of it."""

from itertools import count
from typing import Any

from tests.factories import Person, Staffed

_numbers = count(1)


def body(**values: Any) -> dict[str, Any]:
    """Somebody with one account and one rate."""
    number = next(_numbers)
    price = {"amount_minor": 25_000, "currency": "EUR"}
    return {
        "name": "Ana García",
        "country": "ES",
        "languages": ["es"],
        "categories": ["beauty"],
        "accounts": [{"network": "instagram", "handle": f"ana.{number}", "followers": 12_000}],
        "rates": [{"network": "instagram", "placement": "reel", "price": price}],
        "tags": ["VIP"],
        **values,
    }


def influencer(agency: Staffed, **values: Any) -> Any:
    return done(agency.executive.post("/v1/influencers", body(**values)), 201)


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


def found(by: Person, **filters: Any) -> list[str]:
    """The names that a search finds, in its order."""
    page = done(by.get("/v1/influencers", params=filters))
    return [each["name"] for each in page["data"]]
