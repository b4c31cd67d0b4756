"""What the stories of writing a report have in common."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tenants import clock
from tests.factories import Person, Staffed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEADLINE = {"es": {"headline": "Octubre, en una frase."}}


def made(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def begin(agency: Staffed, by: Person | None = None, **values: Any) -> Any:
    """A draft of October for client one."""
    body = {
        "client_id": str(agency.client_id),
        "period": "month",
        "starts_on": "2026-10-15",
        "narrative": HEADLINE,
        **values,
    }
    return made((by or agency.executive).post("/v1/reports", body))


def act(by: Person, report: Any, verb: str, status: int = 200, **body: Any) -> Any:
    return made(by.post(f"/v1/reports/{report['id']}/{verb}", body), status)


def template(agency: Staffed, by: Person | None = None, **values: Any) -> Any:
    body = {"name": "Mensual", "period": "month", "locales": ["es"], **values}
    return made((by or agency.owner).post("/v1/report-templates", body))


def channel(agency: Staffed, name: str = "Instagram") -> str:
    body = {"network": "instagram", "handle": name.lower(), "name": name}
    made_one = agency.community.post("/v1/channels", {"client_id": str(agency.client_id), **body})
    return str(made(made_one)["id"])


def read(agency: Staffed, channel_id: str, *days: str, **metrics: int) -> None:
    """Readings of single days, captured a moment ago."""
    at = (clock.now() - timedelta(seconds=1)).isoformat()
    readings = [{"date": day, "channel": channel_id, "captured_at": at, **metrics} for day in days]
    answer = agency.community.post("/v1/metrics/daily", {"readings": readings})
    assert answer.status_code in (200, 201, 207), answer.text


def october(but: tuple[int, ...] = ()) -> list[str]:
    return [f"2026-10-{day:02}" for day in range(1, 32) if day not in but]


def budget_line(agency: Staffed) -> Any:
    """A line of an approved budget of 1,000 EUR, from October on."""
    lines = [{"category": "paid_media", "label": {"es": "Pauta"}, "planned_minor": 100_000}]
    body = {
        "client_id": str(agency.client_id),
        "name": "Octubre",
        "currency": "EUR",
        "period_start": "2026-10-01",
        "period_end": "2026-12-31",
        "lines": lines,
    }
    budget = made(agency.executive.post("/v1/budgets", body))
    proposed = made(agency.executive.post(f"/v1/budgets/{budget['id']}/propose", {}), 200)
    decision = f"/v1/approvals/{proposed['approval_id']}/decide"
    made(agency.approver.post(decision, {"outcome": "approved"}), 200)
    return budget["lines"][0]["id"]


def spend(agency: Staffed, line: Any, amount: int, **values: Any) -> Any:
    body = {"line_id": line, "amount_minor": amount, "currency": "EUR", "supplier": "Red Sol"}
    body |= values
    return made(agency.strategist.post("/v1/expenses", body))
