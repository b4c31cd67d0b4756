"""Time, rates and closed books for tests, made through the API."""

from typing import Any

from tests.factories import Person, Staffed


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def enter(person: Person, agency: Staffed, minutes: int = 60, **values: Any) -> Any:
    """What entering time of client one answers."""
    body = {
        "client_id": str(agency.client_id),
        "minutes": minutes,
        "activity": "content",
        "worked_on": "2026-11-02",
        **values,
    }
    return person.post("/v1/time-entries", body)


def entry(person: Person, agency: Staffed, minutes: int = 60, **values: Any) -> Any:
    return done(enter(person, agency, minutes, **values), 201)


def set_rate(agency: Staffed, person: Person, starts_on: str, hourly: int, **values: Any) -> Any:
    """What setting a rate answers."""
    body = {
        "membership_id": str(person.membership_id),
        "starts_on": starts_on,
        "hourly": {"amount_minor": hourly, "currency": "EUR", **values},
    }
    return agency.owner.post("/v1/cost-rates", body)


def rate(agency: Staffed, person: Person, starts_on: str, hourly: int, **values: Any) -> Any:
    return done(set_rate(agency, person, starts_on, hourly, **values), 201)


def close(agency: Staffed, day: str | None, reason: str | None = None) -> Any:
    """What closing the books through a day answers."""
    return agency.owner.put("/v1/books", {"closed_through": day, "reason": reason})


def ids(answer: Any) -> set[str]:
    return {each["id"] for each in done(answer)["data"]}
