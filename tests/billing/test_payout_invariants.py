"""The rules of the ledger and of payouts hold, and each is seen to fire."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from billing.payable import payables
from tenants import invariants
from tests.billing.creators import WORK, broken, inside, known, owed, said
from tests.campaigns.making import done
from tests.factories import Staffed

KINDS = ("ledger", "payable", "payout")


def _used(agency: Staffed) -> dict[str, Any]:
    """A payee to whom everything has happened: paid less what was asked back, and owed more."""
    known(agency)
    first = owed(agency, gates=["payee_ready"])
    body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
    paid = {"reference": "TRF"}
    payout = done(agency.owner.post("/v1/payouts", body), 201)
    done(agency.owner.post(f"/v1/payouts/{payout['id']}/mark-paid", paid))
    with inside(agency) as session:
        clawback = payables.claw_back(session, WORK, first.source_id, None, 30_000, "Retirado.")
    owed(agency, amount_minor=20_000, gates=[])
    second = done(agency.owner.post("/v1/payouts", body), 201)
    done(agency.owner.post(f"/v1/payouts/{second['id']}/mark-paid", paid))
    waiting = owed(agency, amount_minor=500, gates=["payee_ready"])
    with inside(agency) as session:
        query = "select id from ledger_transactions where kind = 'payout.paid' order by id limit 1"
        transaction = session.connection().execute(text(query)).scalar_one()
    return {
        "payee": agency.influencer_id,
        "first": first.id,
        "waiting": waiting.id,
        "clawback": clawback.id,
        "payout": payout["id"],
        "transaction": transaction,
    }


# rule → what breaks it, past every key and check, and the row that shows it.
VIOLATIONS = {
    "ledger.balanced": (
        "update ledger_entries set amount_minor = amount_minor + 1"
        " where transaction_id = '{transaction}' and position = 1",
        "transaction",
    ),
    "ledger.owes_what_is_payable": (
        "update payables set amount_minor = amount_minor + 1 where id = '{waiting}'",
        "payee",
    ),
    "ledger.asks_back_what_is_due": (
        "update payables set recovered_minor = 1 where id = '{clawback}'",
        "payee",
    ),
    "payables.gates": (
        "update payables set open_gates = '[\"payee_ready\"]' where id = '{waiting}'",
        "waiting",
    ),
    "payables.in_their_payout": (
        "update payables set status = 'submitted' where id = '{first}'",
        "first",
    ),
    "payables.deducted": (
        "update payables set deducted_minor = 1 where id = '{clawback}'",
        "clawback",
    ),
    "payouts.add_up": (
        "update payouts set deducted_minor = deducted_minor + 1 where id = '{payout}'",
        "payout",
    ),
    "payouts.in_the_ledger": (
        "update payouts set status = 'queued' where id = '{payout}'",
        "payout",
    ),
}


class TestRules:
    def test_hold_whatever_was_done(self, agency: Staffed) -> None:
        _used(agency)
        said(agency, tax_id=None)

        assert broken(agency) == {}

    def test_are_all_tried(self) -> None:
        assert {name for name in invariants.known if name.startswith(KINDS)} == set(VIOLATIONS)

    @pytest.mark.parametrize("rule", VIOLATIONS)
    def test_find_what_breaks_them(self, rule: str, agency: Staffed, urls: dict[str, str]) -> None:
        made = _used(agency)
        change, shown = VIOLATIONS[rule]
        owner = create_engine(urls["owner"])

        try:
            with owner.connect() as connection:
                connection.execute(text("set local session_replication_role = replica"))
                for table, check in connection.execute(text(_CHECKS)).all():
                    connection.execute(text(f"alter table {table} drop constraint {check}"))
                connection.execute(text(change.format(**made)))
                query = f"{invariants.known[rule].broken} limit 20"
                rows = connection.execute(text(query), {"agency": agency.agency_id}).all()
                connection.rollback()
        finally:
            owner.dispose()

        assert [row[0] for row in rows] == [UUID(str(made[shown]))]


_CHECKS = """
select conrelid::regclass::text, conname from pg_constraint where contype = 'c'
    and conrelid::regclass::text in ('payables', 'payouts', 'payout_items', 'ledger_entries')
"""
