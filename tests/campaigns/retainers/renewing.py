"""Lines that renew, in Madrid, on a day of one's choice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from api.campaigns import retainers
from api.campaigns.lot_models import ScopeLot
from tenants import auth, clock, database, worker
from tenants.jobs import Job
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed

MADRID = ZoneInfo("Europe/Madrid")


@contextmanager
def on(day: str, at: str = "09:00") -> Iterator[None]:
    """It is that day in Madrid, where the client is."""
    local = datetime.combine(date.fromisoformat(day), time.fromisoformat(at), MADRID)
    with clock.at(local.astimezone(UTC)):
        yield


def terms(rollover: str = "none", **values: Any) -> dict[str, Any]:
    return {"renews": "month", "rollover": rollover, **values}


def hours(rollover: str = "none", quantity: int = 10, **values: Any) -> dict[str, Any]:
    """Hours of a month."""
    return making.line(
        kind="hours",
        measure="hours",
        quantity=quantity,
        due_on=None,
        renewal=terms(rollover, **values),
    )


def pieces(rollover: str = "none", quantity: int = 3, **values: Any) -> dict[str, Any]:
    return making.line(quantity=quantity, due_on=None, renewal=terms(rollover, **values))


def sold(
    agency: Staffed, line: dict[str, Any], starts_on: str = "2027-01-01", **values: Any
) -> str:
    """The only line of a scope that the client accepts today."""
    scope = making.accepted(agency, line, starts_on=starts_on, **values)
    found: str = scope["lines"][0]["id"]
    return found


def accrue(
    agency: Staffed, line_id: str, units: int, day: str, reason: str | None = "Asked"
) -> Any:
    body = {"quantity": units, "counted_on": day} | ({"reason": reason} if reason else {})
    return agency.community.post(f"/v1/scope-lines/{line_id}/accruals", body)


def lots(agency: Staffed, line_id: str) -> list[ScopeLot]:
    """The lots of a line, the oldest first, as they are kept; each counts no more than it holds."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(ScopeLot).where(col(ScopeLot.line_id) == line_id)
        return list(session.exec(query.order_by(col(ScopeLot.number))))


def renewed(agency: Staffed, line_id: str) -> list[ScopeLot]:
    """The same, as the nightly job leaves them."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        retainers.renew(session, UUID(line_id))
    return lots(agency, line_id)


def todays(agency: Staffed, kind: str) -> list[Job]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        return list(session.exec(select(Job).where(col(Job.kind) == kind).order_by(col(Job.id))))


def run(agency: Staffed, kind: str) -> None:
    worker.run_job(agency.agency_id, todays(agency, kind)[-1].id)


def ledger(agency: Staffed, line_id: str) -> list[tuple[str, int, str]]:
    rows = done(agency.viewer.get(f"/v1/scope-lines/{line_id}/ledger?limit=200"))["data"]
    return [(row["kind"], row["quantity"], row["counted_on"]) for row in reversed(rows)]


def balance(agency: Staffed, day: str | None = None) -> Any:
    """What client one's viewer is told; all who may ask are told the same."""
    path = f"/v1/clients/{agency.client_id}/balance" + (f"?on={day}" if day else "")
    told = [done(person.get(path)) for person in (agency.viewer, agency.community, agency.owner)]
    assert told[0] == told[1] == told[2]
    return told[0]
