"""
What can be entered in the book: a transaction of two sides or more, once for its kind and source.

A correction is another transaction. The application may add and nothing else, and what it adds is
held by the database (`ledger_models`), so that no mistake of ours leaves the book out of balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import cast
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from billing.ledger_models import LedgerEntry
from tenants import clock, database
from tenants.ids import new_id
from tenants.pipeline import Statement

# What creators cost and are owed: the accounts of payables and payouts. Other parts of billing
# name their own.
CREATOR_COSTS = "creator_costs"  # what their work costs, by client
CREATORS_PAYABLE = "creators_payable"  # what they are owed, below zero
CREATOR_RECEIVABLES = "creator_receivables"  # what they owe back
BANK = "bank"  # what has left and come back
WRITE_OFFS = "write_offs"  # what nobody will pay back


@dataclass(frozen=True)
class Posting:
    """One side: minor units, above zero for debit and below it for credit."""

    account: str
    amount_minor: int
    client_id: UUID | None = None
    payee_id: UUID | None = None

    def __neg__(self) -> "Posting":
        return replace(self, amount_minor=-self.amount_minor)


def post(
    session: Session,
    kind: str,
    source_type: str,
    source_id: UUID,
    postings: Sequence[Posting],
    currency: str,
    booked_on: date,
) -> None:
    """
    Enter a transaction. One source is entered once for a kind, however often it says so: the first
    word stands. Sides of nothing are left out; what is left must sum to zero.
    """
    sides = [each for each in postings if each.amount_minor != 0]
    if len(sides) < 2 or sum(each.amount_minor for each in sides) != 0:
        raise ValueError(f"{kind} of {source_type} does not balance: {sides}")
    sight = cast(database.Session, session).sight
    added = {
        "agency": sight.agency_id,
        "kind": kind,
        "source_type": source_type,
        "source_id": source_id,
        "currency": currency,
        "id": new_id(),
        "now": clock.now(),
        "booked_on": booked_on,
        "entries": len(sides),
        "entered_by": sight.membership_id,
        "request_id": session.info.get("request_id"),
        "ids": [new_id() for _ in sides],
        "accounts": [each.account for each in sides],
        "amounts": [each.amount_minor for each in sides],
        "after": list(accumulate(each.amount_minor for each in sides)),
        "clients": [each.client_id for each in sides],
        "payees": [each.payee_id for each in sides],
    }
    database.say(session, Statement(_POST, added))


# One statement: the transaction and its entries point at each other.
_POST = """
with added as (
    insert into ledger_transactions (agency_id, id, created_at, kind, source_type, source_id,
        currency, booked_on, entry_count, left_minor, entered_by, request_id)
    values (%(agency)s, %(id)s, %(now)s, %(kind)s, %(source_type)s, %(source_id)s, %(currency)s,
        %(booked_on)s, %(entries)s, 0, %(entered_by)s, %(request_id)s)
    on conflict (agency_id, kind, source_type, source_id) do nothing
    returning *
)
insert into ledger_entries (agency_id, id, created_at, transaction_id, position, entry_count,
    previous, account, amount_minor, currency, before_minor, after_minor, client_id, payee_id,
    kind, source_type, source_id, booked_on)
select a.agency_id, e.id, a.created_at, a.id, e.position, a.entry_count,
    nullif(e.position - 1, 0), e.account, e.amount, a.currency, e.after - e.amount, e.after,
    e.client, e.payee, a.kind, a.source_type, a.source_id, a.booked_on
from added a, unnest(cast(%(ids)s as uuid[]), cast(%(accounts)s as text[]),
    cast(%(amounts)s as bigint[]), cast(%(after)s as bigint[]), cast(%(clients)s as uuid[]),
    cast(%(payees)s as uuid[])) with ordinality
    as e(id, account, amount, after, client, payee, position)
"""


def of_source(session: Session, kind: str, source_type: str, source_id: UUID) -> list[Posting]:
    """What was entered for a source, in order; nothing when nothing was."""
    query = (
        select(LedgerEntry)
        .where(
            col(LedgerEntry.kind) == kind,
            col(LedgerEntry.source_type) == source_type,
            col(LedgerEntry.source_id) == source_id,
        )
        .order_by(col(LedgerEntry.position))
    )
    return [
        Posting(each.account, each.amount_minor, each.client_id, each.payee_id)
        for each in session.exec(query)
    ]


def balance(session: Session, account: str, currency: str, **of: UUID) -> int:
    """What an account comes to in a currency, of a `client_id` or `payee_id` where one is named."""
    query = select(func.coalesce(func.sum(col(LedgerEntry.amount_minor)), 0)).where(
        col(LedgerEntry.account) == account, col(LedgerEntry.currency) == currency
    )
    for name, wanted in of.items():
        query = query.where(getattr(LedgerEntry, name) == wanted)
    return int(session.exec(query).one())
