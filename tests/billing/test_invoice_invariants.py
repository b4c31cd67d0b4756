"""The rules of invoices hold after everything that is done, and each is seen to fire."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

import billing.receivable.invoice_invariants  # noqa: F401
from tenants import invariants
from tests.billing.invoicing import (
    billable,
    broken,
    credit,
    credits,
    done,
    draft,
    equipped,
    issue,
    issued,
    line,
    pay,
    rate,
)
from tests.factories import Staffed

NAMES = ("invoices.", "client_credits.", "issued_documents.", "invoiced_billables.")


def _used(agency: Staffed) -> dict[str, Any]:
    """Invoices to which everything has happened."""
    equipped(agency)
    vat = rate(agency)
    taken = billable(agency)
    first = issued(agency, line(100_00, vat), billable_ids=[taken])
    paid = done(pay(agency, first, 700_00), 201)
    note = done(credit(agency, first), 201)
    (held, *_) = credits(agency, kind="overpayment")
    deposit = issued(agency, kind="deposit")
    done(pay(agency, deposit, 100_00), 201)
    final = draft(agency, line(900_00, vat))
    path = "/v1/client-credits/{}/apply"
    covered = credits(agency, kind="deposit")[0]["id"]
    done(agency.executive.post(path.format(covered), {"invoice_id": final["id"]}))
    issue(agency, final)
    done(agency.executive.post(path.format(held["id"]), {"invoice_id": final["id"]}))
    return {
        "invoice": first["id"],
        "billable": taken,
        "payment": paid["id"],
        "note": note["id"],
        "credit": held["id"],
        "client": str(agency.client_id),
    }


# rule → what breaks it, by what, and the row that shows it.
VIOLATIONS = {
    "invoices.in_the_ledger": (
        "update invoices set open_minor = open_minor + 1, total_minor = total_minor + 1",
        "invoice",
        "client",
    ),
    "client_credits.in_the_ledger": (
        "update client_credits set left_minor = left_minor + 1, amount_minor = amount_minor + 1",
        "credit",
        "client",
    ),
    "client_credits.uses": (
        "update client_credits set amount_minor = amount_minor + 1",
        "credit",
        "credit",
    ),
    "invoices.paid": (
        "update payments set amount_minor = amount_minor + 1, applied_minor = applied_minor + 1",
        "payment",
        "invoice",
    ),
    "invoices.as_issued": (
        "update issued_documents set net_minor = net_minor + 1, total_minor = total_minor + 1",
        "invoice",
        "invoice",
    ),
    "issued_documents.without_gaps": (
        "update issued_documents set sequence = sequence + 70",
        "invoice",
        None,
    ),
    "invoiced_billables.on_their_invoice": ("delete from invoiced_billables", "billable", None),
}


class TestRules:
    def test_hold_whatever_was_done(self, agency: Staffed) -> None:
        _used(agency)

        assert broken(agency) == {}

    def test_are_all_tried(self) -> None:
        assert {name for name in invariants.known if name.startswith(NAMES)} == set(VIOLATIONS)

    @pytest.mark.parametrize("rule", VIOLATIONS)
    def test_find_what_breaks_them(self, rule: str, agency: Staffed, urls: dict[str, str]) -> None:
        made = _used(agency)
        change, of, shown = VIOLATIONS[rule]
        owner = create_engine(urls["owner"])

        try:
            with owner.connect() as connection:
                key = "billable_id" if of == "billable" else "id"
                connection.execute(text(f"{change} where {key} = '{made[of]}'"))
                query = f"{invariants.known[rule].broken} limit 20"
                rows = connection.execute(text(query), {"agency": agency.agency_id}).all()
                connection.rollback()
        finally:
            owner.dispose()

        assert len(rows) == 1
        assert shown is None or rows[0][0] == UUID(made[shown])
