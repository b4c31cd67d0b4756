"""Bad input: each is a problem that the document knows, and nothing of it is stored."""

from typing import Any

import pytest

from tests.budgets.factories import approved, budget, enter, expense
from tests.factories import Staffed

HUGE = 2**53
BAD = [0, -1, HUGE, 2**70, 1.5, "1", True, None]
INVALID = (422, "invalid_request")


def _asked(agency: Staffed, currency: str) -> dict[str, Any]:
    """Two active lines in one currency, another budget's, and one of a closed period."""
    made = approved(agency, 1_000, 1_000, currency=currency)
    other = approved(agency, 1_000, currency="USD")
    closed = approved(agency, 1_000, currency=currency)
    agency.executive.post(f"/v1/budgets/{closed['id']}/close")
    one, two = (row["id"] for row in made["lines"])
    return {
        "one": one,
        "two": two,
        "other": other["lines"][0]["id"],
        "closed": closed["lines"][0]["id"],
        "currency": currency,
    }


def _spend(line: str = "one", amount: Any = 1, **values: Any) -> Any:
    def send(agency: Staffed, made: dict[str, Any]) -> Any:
        said = {"currency": made["currency"], **values}
        return expense(agency.community, made[line], amount, **said)

    return send


def _enter(kind: str, line: str = "one", to: str | None = None, **values: Any) -> Any:
    def send(agency: Staffed, made: dict[str, Any]) -> Any:
        said = {"amount_minor": 1, **values}
        if to:
            said["to_line_id"] = made[to]
        return enter(agency.strategist, made[line], kind, **said)

    return send


# what is sent → what is answered
REFUSED = {
    **{f"an expense of {bad!r}": (_spend(amount=bad), INVALID) for bad in BAD},
    **{
        f"a commitment of {bad!r}": (_enter("commitment", amount_minor=bad), INVALID) for bad in BAD
    },
    **{
        f"a transfer of {bad!r}": (_enter("transfer", to="two", amount_minor=bad), INVALID)
        for bad in BAD
    },
    **{f"{bad!r} units": (_spend(units=bad), INVALID) for bad in (-1, HUGE, 1.5, "1", None)},
    **{f"tax of {bad!r}": (_spend(tax_minor=bad), INVALID) for bad in (-1, HUGE, 1.5, "1", None)},
    "more than there is": (_spend(amount=1_001), (409, "line_exceeded")),
    "more set aside than there is": (
        _enter("commitment", amount_minor=1_001),
        (409, "line_exceeded"),
    ),
    "more moved than there is": (
        _enter("transfer", to="two", amount_minor=1_001),
        (409, "line_exceeded"),
    ),
    "a total beyond what a number holds": (
        _spend(amount=HUGE - 1, tax_minor=1),
        (422, "invoice_too_large"),
    ),
    "another currency": (_spend(currency="GBP"), (422, "currency_differs")),
    "a currency that is none": (_spend(currency="XXX"), INVALID),
    "a transfer to oneself": (
        _enter("transfer", to="one"),
        (422, "transfer_not_possible"),
    ),
    "a transfer to another budget, in another currency": (
        _enter("transfer", to="other"),
        (422, "transfer_not_possible"),
    ),
    "a transfer to a closed period": (
        _enter("transfer", to="closed"),
        (422, "transfer_not_possible"),
    ),
    "an expense of a closed period": (_spend("closed"), (409, "budget_not_active")),
    "a fact of a closed period": (
        _spend("closed", already_spent=True, evidence="Factura"),
        (409, "budget_not_active"),
    ),
    "a commitment of a closed period": (
        _enter("commitment", "closed"),
        (409, "budget_not_active"),
    ),
    "an allocation of what was approved": (
        _enter("allocation", note="Más"),
        (409, "allocation_approved"),
    ),
    "an expense before the budget": (_spend(spent_on="2026-09-30"), (422, "before_period")),
    "a commitment before the budget": (
        _enter("commitment", booked_on="2026-09-30"),
        (422, "before_period"),
    ),
    "a day that is none": (_spend(spent_on="2026-02-30"), INVALID),
    "units of a line that has none": (_spend(units=1), (422, "unit_not_planned")),
    "a fact without evidence": (_spend(already_spent=True), (422, "evidence_required")),
    "a member that is not known": (_spend(amount_major=1), INVALID),
}


def _stored(agency: Staffed, made: dict[str, Any]) -> list[Any]:
    """All that a refused request could have left behind."""
    lines = [
        agency.executive.get(f"/v1/budget-lines/{made[name]}").json()
        for name in ("one", "two", "other", "closed")
    ]
    return [
        lines,
        [agency.executive.get(f"/v1/budget-lines/{row['id']}/entries").json() for row in lines],
        [budget(agency.executive, row["budget_id"]) for row in lines],
        agency.executive.get("/v1/expenses").json(),
        agency.executive.get("/v1/billables").json(),
    ]


class TestBadInput:
    @pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
    def test_is_refused_and_leaves_nothing_behind(self, agency: Staffed, currency: str) -> None:
        made = _asked(agency, currency)
        before = _stored(agency, made)

        answers = {what: send(agency, made) for what, (send, _) in REFUSED.items()}

        found = {
            what: (answer.status_code, answer.json().get("code"))
            for what, answer in answers.items()
        }
        assert found == {what: wanted for what, (_, wanted) in REFUSED.items()}
        assert _stored(agency, made) == before
