"""
What a payee was owed, asked back and paid, from one day to another, as the ledger has it.

Every amount is what it adds to what the agency owes them: `closing = opening + Σ lines`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Constraint
from sqlmodel import Session, col, func, select

from billing.ledger import CREATOR_RECEIVABLES, CREATORS_PAYABLE
from billing.ledger_models import LedgerEntry
from billing.payable import payees
from billing.payable.payable_models import Payable, Payee
from billing.payable.payout_models import DetailsStatus, Payout
from tenants import database, words
from tenants.errors import Unprocessable
from tenants.money import CurrencyCode
from tenants.shapes import Day, Localized, ReadShape

MOST = 2_000  # lines of one statement


class StatementBackwards(Unprocessable):
    """A statement is from one day to the same or a later one."""


class StatementTooLong(Unprocessable):
    """More than 2,000 lines; ask for fewer days."""


class StatementQuery(BaseModel):
    """Which days, in which currency."""

    model_config = ConfigDict(extra="ignore")

    first: Annotated[Day, Constraint(alias="from", description="First day.")]
    last: Annotated[Day, Constraint(alias="to", description="Last day, included.")]
    currency: CurrencyCode


class StatementLineRead(ReadShape):
    """One thing that happened: above zero the agency owes more, below it less."""

    booked_on: date
    kind: str
    label: Localized
    source_type: str
    source_id: UUID
    amount_minor: int
    balance_minor: int


class PayeeStatementRead(ReadShape):
    """What the agency owes a payee at first, what changed that, and what it owes in the end."""

    payee_id: UUID
    legal_name: str | None
    currency: str
    first: date
    last: date
    opening_minor: int
    lines: list[StatementLineRead]
    closing_minor: int


@dataclass(frozen=True)
class _Line:
    booked_on: date
    kind: str
    source_type: str
    source_id: UUID
    amount_minor: int


def read(session: Session, payee_id: UUID, asked: StatementQuery) -> PayeeStatementRead:
    """A payee's statement, for those who may see it."""
    if asked.last < asked.first:
        raise StatementBackwards(pointer="/to")
    payee = database.get(session, Payee, payee_id)
    details = payees.standing(session, payee.id, DetailsStatus.confirmed)
    opening = _before(session, payee.id, asked)
    lines = _lines(session, payee.id, asked)
    labels = _labels(session, lines)
    balances = accumulate((each.amount_minor for each in lines), initial=opening)
    return PayeeStatementRead(
        payee_id=payee.id,
        legal_name=details and details.legal_name,
        currency=asked.currency,
        first=asked.first,
        last=asked.last,
        opening_minor=opening,
        lines=[
            StatementLineRead(**vars(each), label=label, balance_minor=balance)
            for each, label, balance in zip(lines, labels, list(balances)[1:], strict=True)
        ],
        closing_minor=opening + sum(each.amount_minor for each in lines),
    )


def _theirs(query: Any, payee_id: UUID, currency: str) -> Any:
    return query.where(
        col(LedgerEntry.payee_id) == payee_id,
        col(LedgerEntry.currency) == currency,
        col(LedgerEntry.account).in_((CREATORS_PAYABLE, CREATOR_RECEIVABLES)),
    )


def _before(session: Session, payee_id: UUID, asked: StatementQuery) -> int:
    total = select(func.coalesce(func.sum(col(LedgerEntry.amount_minor)), 0)).where(
        col(LedgerEntry.booked_on) < asked.first
    )
    return -int(session.exec(_theirs(total, payee_id, asked.currency)).one())


def _lines(session: Session, payee_id: UUID, asked: StatementQuery) -> list[_Line]:
    query = (
        select(LedgerEntry)
        .where(col(LedgerEntry.booked_on) >= asked.first, col(LedgerEntry.booked_on) <= asked.last)
        .order_by(
            col(LedgerEntry.booked_on), col(LedgerEntry.transaction_id), col(LedgerEntry.position)
        )
        .limit(MOST + 1)
    )
    entries = session.exec(_theirs(query, payee_id, asked.currency)).all()
    if len(entries) > MOST:
        raise StatementTooLong
    together = groupby(entries, key=lambda each: each.transaction_id)
    return [_line(list(of)) for _, of in together]


def _line(entries: list[LedgerEntry]) -> _Line:
    one = entries[0]
    amount = -sum(each.amount_minor for each in entries)
    return _Line(one.booked_on, one.kind, one.source_type, one.source_id, amount)


def _labels(session: Session, lines: Iterable[_Line]) -> list[Localized]:
    """What each line says: what was done, and for which work or by which reference."""
    named: dict[UUID, dict[str, str]] = {}
    ids = [each.source_id for each in lines]
    for payable in session.exec(select(Payable).where(col(Payable.id).in_(ids))):
        named[payable.id] = payable.label
    for payout in session.exec(select(Payout).where(col(Payout.id).in_(ids))):
        named[payout.id] = dict.fromkeys(words.LOCALES, payout.reference or "")
    return [_label(each, named.get(each.source_id, {})) for each in lines]


def _label(line: _Line, of: dict[str, str]) -> Any:
    said = words.in_each("payee_statement", line.kind.replace(".", "_"))
    first = next(iter(of.values()), "")
    return {
        locale: f"{text}: {of.get(locale, first)}" if first else text
        for locale, text in said.items()
    }
