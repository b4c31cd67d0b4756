"""What follows by itself: a payout is held when something it would pay may not be paid any more."""

from sqlmodel import Session

from billing.payable import payouts
from billing.payable.payable_models import Payable
from billing.payable.payout_models import Payout, PayoutStatus
from tenants import database
from tenants.outbox import Event
from tenants.worker import on

_LEAVING = (PayoutStatus.pending, PayoutStatus.approved)


@on("payable.gate_opened", "payable.held")
def hold_endangered(session: Session, event: Event) -> None:
    """Who released it knows why; until then its approval and its sending look at the gates too."""
    payable = database.get(session, Payable, event.subject_id)
    if payable.payout_id is None:
        return
    payout = database.get(session, Payout, payable.payout_id, lock=True)
    if payout.status in _LEAVING:
        because = payable.reason or ", ".join(payable.open_gates)
        payouts.hold(session, payout.id, because)
