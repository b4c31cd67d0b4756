"""
Accounts at Stripe under the platform's: the agency's, where clients pay it, and those of payees.

    not_started → onboarding → pending → ready
                                       ↘ restricted · rejected (and back, as Stripe learns more)

The onboarding is Stripe's own pages. Coming back from them means nothing: what counts is what
Stripe says of the account, asked for after each of its events.
"""

from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from billing.payable import payees
from billing.payable.payable_models import Payee
from billing.provider import operations
from billing.provider.gateway import AccountSnapshot
from billing.provider.stripe_models import (
    AccountState,
    ConnectAccount,
    Operation,
    OperationState,
)
from tenants import database, outbox
from tenants.errors import Conflict

_FIELDS = (
    "charges_enabled",
    "payouts_enabled",
    "transfers_enabled",
    "details_submitted",
    "disabled_reason",
    "default_currency",
)


class AccountNotReady(Conflict):
    """The account at Stripe cannot do this yet; `account_state` says where its onboarding is."""


def find(session: Session, payee_id: UUID | None = None) -> ConnectAccount | None:
    """The agency's own account, or a payee's."""
    who = col(ConnectAccount.payee_id)
    condition = who.is_(None) if payee_id is None else who == payee_id
    return session.exec(select(ConnectAccount).where(condition)).first()


def not_started() -> ConnectAccount:
    """The account that there is not, as it would be read."""
    return ConnectAccount(stripe_id="", state=AccountState.not_started)


def ready(session: Session, payee_id: UUID | None = None) -> ConnectAccount:
    """The account, able to take payments (the agency's) or to be paid (a payee's); or why not."""
    row = find(session, payee_id)
    able = row is not None and (row.charges_enabled if payee_id is None else row.transfers_enabled)
    if row is None or not able:
        state = row.state if row else AccountState.not_started
        raise AccountNotReady(extra={"account_state": str(state)})
    return row


def plan(session: Session, country: str, payee_id: UUID | None = None) -> Operation:
    """Have an account made: one of the agency, and one of each payee."""
    agency_id = cast(database.Session, session).sight.agency_id
    subject = payee_id or agency_id
    request = {
        "reference": str(subject),
        "role": "payee" if payee_id else "agency",
        "country": country,
    }
    known = operations.last(session, "connect_account", subject)
    if known is not None and known.state is not OperationState.failed:
        return known  # asked for again, perhaps with another country: there is one account
    attempt = 1 if known is None else known.attempt + 1
    return operations.plan(session, "connect_account", subject, request, attempt=attempt)


@operations.settles("connect_account")
def keep(session: database.Session, operation: Operation) -> None:
    """The account is there: nothing is known of it yet."""
    if operation.stripe_id is None or find(session, _payee_of(operation)):
        return
    row = ConnectAccount(payee_id=_payee_of(operation), stripe_id=operation.stripe_id)
    database.add(session, row)
    outbox.emit(session, "connect_account.created", row, audience="internal")


def _payee_of(operation: Operation) -> UUID | None:
    return operation.subject_id if operation.request["role"] == "payee" else None


def mirror(
    session: database.Session, row: ConnectAccount, found: AccountSnapshot | None
) -> ConnectAccount:
    """Take over what Stripe says of an account now; None: it is no longer there."""
    before: dict[str, Any] = row.model_dump()
    if found is None:
        row.charges_enabled = row.payouts_enabled = row.transfers_enabled = False
        row.disabled_reason = "gone"
    else:
        for name in _FIELDS:
            setattr(row, name, getattr(found, name))
        row.currently_due = list(found.currently_due)
    row.state = state_of(row)
    if row.model_dump() != before:
        _tell_payee(session, row)
        outbox.emit(session, "connect_account.updated", row, audience="internal")
    return row


def _tell_payee(session: database.Session, row: ConnectAccount) -> None:
    """Whether a creator can be paid there is one of the gates of what they are owed."""
    if row.payee_id is None or session.get(Payee, (row.agency_id, row.payee_id)) is None:
        return
    said = {"account_state": str(row.state), "currently_due": row.currently_due}
    ready = row.state is AccountState.ready
    payees.connect(session, row.payee_id, row.stripe_id, ready=ready, evidence=said)


def state_of(row: ConnectAccount) -> AccountState:
    """Where the onboarding is: what Stripe says, in one word."""
    reason = row.disabled_reason or ""
    if reason.startswith("rejected") or reason == "gone":
        return AccountState.rejected
    able = row.charges_enabled if row.payee_id is None else row.transfers_enabled
    if able and row.payouts_enabled:
        return AccountState.ready
    if not row.details_submitted:
        return AccountState.onboarding
    return AccountState.restricted if row.currently_due or reason else AccountState.pending
