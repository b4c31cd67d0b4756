"""A collaboration with a share of what is sold, and months of sales that are closed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from api.tracking import tasks
from tenants import auth, clock
from tenants.jobs import Job
from tests.collaborations import making
from tests.factories import Staffed
from tests.tracking.making import code, refund, sale

BP, CAP = 1_000, 5_000
SHARE = {"currency": "EUR", "commission_bp": BP, "commission_cap_minor": CAP}
GATES = ["content_accepted", "disclosure_valid", "live_verified", "min_live_days"]


def month(back: int) -> date:
    """The first day of a month so many before this one."""
    today = clock.today("Europe/Madrid")
    year, before = divmod(12 * today.year + today.month - 1 - back, 12)
    return date(year, before + 1, 1)


def noon(day: date) -> str:
    return datetime.combine(day, time(12), UTC).isoformat()


def sold(order: str, amount: int, back: int = 1) -> dict[str, Any]:
    """A sale by the code, in the middle of a month so many before this one."""
    at = noon(month(back) + timedelta(days=14)) if back else clock.now().isoformat()
    return sale(order, amount, code="AURORA10", occurred_at=at)


def returned(order: str, amount: int, name: str = "r1") -> dict[str, Any]:
    return refund(order, amount, name, occurred_at=clock.now().isoformat())


def shared(agency: Staffed, fee: dict[str, Any] = SHARE, **values: Any) -> dict[str, Any]:
    """A collaboration with a tenth of what is sold by its code."""
    made = making.started(agency, fee=fee, **values)
    window = {"starts_on": making.day(-200), "ends_on": making.day(60)}
    making.done(code(agency, made, **window), 201)
    return made


def close(agency: Staffed, back: int = 1) -> None:
    """What is done on the second day after a month so many before this one."""
    on = month(back - 1) + timedelta(days=1)
    with clock.at(datetime.combine(on, time(9), UTC)):
        tasks.close_months(auth.system(agency.agency_id), Job(kind=tasks.KIND), lambda *_: None)


def parts(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Month, amount and what was taken back of each part of the commission."""
    return [
        (each["month"], each["amount_minor"], each["clawed_back_minor"])
        for each in making.instalments(agency.executive, made)
        if each["kind"] == "commission"
    ]


def owed(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, str, int]]:
    found = making.payables_of(agency, made)
    return [(each.kind.value, each.status.value, each.amount_minor) for each in found]


def first_of(back: int) -> str:
    return month(back).isoformat()
