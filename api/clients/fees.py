"""
A contract's monthly fee, as it is billed: month by month, when the month begins.

Of a month that the contract is in force for only in part, the part of its days, rounded half even.
What was billed beyond the day on which the contract then ends is given back once that is final: a
notice can be taken back until the day that it names is over.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.clients.models import Contract, ContractStatus
from billing.receivable import billables
from billing.receivable.billable_models import Billable, BillableKind
from tenants import clock, database, words
from tenants.models import Client
from tenants.money import part_of

_BILLED = (ContractStatus.active, ContractStatus.in_notice)


def months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The calendar months, or parts of them, of the days from `first` to `last`."""
    while first <= last:
        end = first.replace(day=monthrange(first.year, first.month)[1])
        yield first, min(end, last)
        first = end + timedelta(days=1)


def fee_for(monthly_minor: int, first: date, last: date) -> int:
    """The fee for some days of one month."""
    days = (last - first).days + 1
    return part_of(monthly_minor, days, monthrange(first.year, first.month)[1])


def bill_all(session: Session) -> int:
    """Bill what has begun of every contract in force; how many months were new."""
    query = (
        select(Contract, Client)
        .join(
            Client,
            (col(Client.agency_id) == col(Contract.agency_id))
            & (col(Client.id) == col(Contract.client_id)),
        )
        .where(
            col(Contract.status).in_(_BILLED),
            col(Contract.monthly_fee_minor).is_not(None),
            col(Contract.in_force_on).is_not(None),
        )
    )
    new = 0
    for contract, client in session.exec(query.order_by(col(Contract.id))).all():
        today = clock.today(client.timezone)
        new += bill(session, contract, today)
        give_back_over(session, contract, today)
    return new


def bill(session: Session, contract: Contract, today: date) -> int:
    """
    Bill the months of a contract that have begun since it was put in force: what it was before
    that, somebody else has billed.
    """
    monthly = contract.monthly_fee_minor
    if monthly is None or contract.in_force_on is None:
        return 0
    since = first = max(contract.starts_on, contract.in_force_on.replace(day=1))
    begun = today.replace(day=monthrange(today.year, today.month)[1])
    until = min(contract.ends_on or begun, begun)
    if since > today:
        return 0
    # A day that was billed is never billed again, also where it was given back since.
    if billed := _billed_through(session, contract.id):
        since = max(since, billed + timedelta(days=1))
    return sum(
        _add(session, contract, period, _rest(monthly, first, *period), period[0])
        for period in months(since, until)
    )


def _rest(monthly_minor: int, since: date, first: date, last: date) -> int:
    """The fee for some days of a month, so that with its days before, `since` on, it adds up."""
    begun = max(since, first.replace(day=1))
    before = fee_for(monthly_minor, begun, first - timedelta(days=1)) if begun < first else 0
    return fee_for(monthly_minor, begun, last) - before


def _billed_through(session: Session, contract_id: UUID) -> date | None:
    query = select(func.max(col(Billable.period_end))).where(
        col(Billable.source_type) == "contracts",
        col(Billable.source_id) == contract_id,
        col(Billable.kind) == BillableKind.monthly_fee,
    )
    return session.exec(query).one()


def give_back_over(session: Session, contract: Contract, today: date) -> None:
    """Take it back if the day that a notice named is over."""
    notice = contract.status is ContractStatus.in_notice
    if notice and contract.ends_on is not None and contract.ends_on < today:
        give_back(session, contract)


def give_back(session: Session, contract: Contract) -> None:
    """Take back what was billed for days after the contract's last one."""
    last, monthly = contract.ends_on, contract.monthly_fee_minor
    if last is None or monthly is None:
        return
    for rows in _billed_since(session, contract.id, last.replace(day=1)):
        first, end = min(start for start, *_ in rows), max(end for _, end, _ in rows)
        if end <= last:
            continue
        due = fee_for(monthly, first, last) if first <= last else 0
        beyond = (max(first, last + timedelta(days=1)), end)
        _add(session, contract, beyond, due - sum(amount for *_, amount in rows), last)


def _billed_since(
    session: Session, contract_id: UUID, month: date
) -> Iterable[list[tuple[date, date, int]]]:
    """What was billed and given back of each month from this one on: days and amount."""
    query = select(Billable).where(
        col(Billable.source_type) == "contracts",
        col(Billable.source_id) == contract_id,
        col(Billable.kind) == BillableKind.monthly_fee,
        col(Billable.period_start) >= month,
    )
    found: dict[date, list[tuple[date, date, int]]] = defaultdict(list)
    for row in session.exec(query):
        assert row.period_start is not None
        assert row.period_end is not None
        days = (row.period_start, row.period_end)
        found[row.period_start.replace(day=1)].append((*days, row.amount_minor))
    return found.values()


def _add(
    session: Session,
    contract: Contract,
    period: tuple[date, date],
    amount_minor: int,
    earned_on: date,
) -> bool:
    assert contract.currency is not None
    return billables.add(
        session,
        BillableKind.monthly_fee,
        "contracts",
        contract.id,
        client_id=contract.client_id,
        label=words.in_each("billable", BillableKind.monthly_fee, title=contract.title),
        amount_minor=amount_minor,
        currency=contract.currency,
        earned_on=earned_on,
        period=period,
    )


def client_day(session: Session, contract: Contract) -> date:
    """The day it is for the contract's client."""
    return clock.today(database.get(session, Client, contract.client_id).timezone)
