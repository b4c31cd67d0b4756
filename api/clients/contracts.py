"""What can be done to a contract: agreed, changed, put in force, given notice, ended."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.clients import fees
from api.clients.models import Contract, ContractStatus
from api.clients.shapes import ContractQuery
from tenants import database, outbox
from tenants.errors import Conflict, MoveNotAllowed, Unprocessable
from tenants.models import Client
from tenants.pages import Listing

MOVES: dict[ContractStatus, frozenset[ContractStatus]] = {
    ContractStatus.draft: frozenset({ContractStatus.active, ContractStatus.ended}),
    ContractStatus.active: frozenset({ContractStatus.in_notice, ContractStatus.ended}),
    ContractStatus.in_notice: frozenset({ContractStatus.active, ContractStatus.ended}),
    ContractStatus.ended: frozenset(),
}

# What may change while the contract is in force: the rest is what was signed.
ADMINISTRATIVE = frozenset({"renews_on", "payer_name", "payer_tax_id", "sla_version"})


class ContractInForce(Conflict):
    """What was signed does not change while it is in force; agree another contract."""


class NoticeIsOver(Conflict):
    """The last day that the notice named is over; agree another contract."""


class ContractEndsTooEarly(Unprocessable):
    """A contract cannot end before it starts, or before its notice was given."""


def search(session: Session, page: ContractQuery) -> Listing:
    """The contracts in sight, newest first; ended ones only when asked for by name."""
    query = select(Contract)
    if page.client_id:
        query = query.where(col(Contract.client_id) == page.client_id)
    if page.status:
        query = query.where(col(Contract.status) == page.status)
    else:
        query = query.where(col(Contract.status) != ContractStatus.ended)
    if page.renews_before:
        query = query.where(col(Contract.renews_on) < page.renews_before)
    return Listing(query, Contract, page)


def create(session: Session, client_id: UUID, **values: Any) -> Contract:
    client = database.get(session, Client, client_id)
    contract = Contract(client_id=client.id, **_priced(values))
    _check_term(contract.starts_on, contract.ends_on)
    database.add(session, contract)
    outbox.emit(session, "contract.created", contract)
    return contract


def update(session: Session, contract_id: UUID, **changes: Any) -> Contract:
    contract = database.get(session, Contract, contract_id, lock=True)
    if contract.status is not ContractStatus.draft and not set(changes) <= ADMINISTRATIVE:
        raise ContractInForce
    contract.sqlmodel_update(_priced(changes))
    _check_term(contract.starts_on, contract.ends_on)
    outbox.emit(session, "contract.updated", contract)
    return contract


def activate(session: Session, contract_id: UUID) -> Contract:
    """Put it in force, or take its notice back."""
    contract = _move(session, contract_id, ContractStatus.active)
    today = fees.client_day(session, contract)
    if contract.notice_given_on is not None:
        if contract.ends_on is not None and contract.ends_on < today:
            raise NoticeIsOver
        contract.ends_on = contract.agreed_ends_on
        contract.notice_given_on = contract.agreed_ends_on = None
    contract.in_force_on = contract.in_force_on or today
    fees.bill(session, contract, today)
    outbox.emit(session, "contract.activated", contract)
    return contract


def give_notice(
    session: Session, contract_id: UUID, *, given_on: date | None, ends_on: date | None
) -> Contract:
    """Note that notice was given. It ends after the days of notice, unless agreed otherwise."""
    contract = _move(session, contract_id, ContractStatus.in_notice)
    today = fees.client_day(session, contract)
    given_on = given_on or today
    ends_on = ends_on or given_on + timedelta(days=contract.notice_days)
    _check_term(max(contract.starts_on, given_on), ends_on)
    contract.agreed_ends_on = contract.ends_on
    contract.notice_given_on, contract.ends_on = given_on, ends_on
    fees.give_back_over(session, contract, today)
    outbox.emit(session, "contract.notice_given", contract)
    return contract


def end(session: Session, contract_id: UUID) -> Contract:
    contract = _move(session, contract_id, ContractStatus.ended)
    today = max(fees.client_day(session, contract), contract.starts_on)
    contract.ends_on = min(contract.ends_on or today, today)
    fees.give_back(session, contract)
    outbox.emit(session, "contract.ended", contract)
    return contract


def _move(session: Session, contract_id: UUID, to: ContractStatus) -> Contract:
    contract = database.get(session, Contract, contract_id, lock=True)
    if to not in MOVES[contract.status]:
        raise MoveNotAllowed(contract.status, [*MOVES[contract.status]])
    contract.status = to
    return contract


def _priced(values: dict[str, Any]) -> dict[str, Any]:
    """The wire's money as the table's two columns."""
    if "monthly_fee" in values:
        fee = values.pop("monthly_fee") or {}
        values["monthly_fee_minor"] = fee.get("amount_minor")
        values["currency"] = fee.get("currency")
    return values


def _check_term(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise ContractEndsTooEarly(pointer="/ends_on")
