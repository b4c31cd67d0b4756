"""
What Stripe lists of the agency's own account and nobody told us: events that never arrived, and
payments, refunds and disputes that its balance moved by.

    events      each hour: those that are not here are kept, as if they had come (`inbox`)
    movements   each night: each is compared with what is kept of it; where they differ the invoice
                is asked for again (`sync`), and what differs still is counted and logged

A list is read by spans of time, from a while before the end of the last one on, and how far it was
read is kept after each: whoever is killed goes on there. What the platform's own account tells is
of subscriptions, and those are asked for each hour anyway.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlmodel import Session, col, select, update

from billing.provider import accounts, gateway, inbox, sync
from billing.provider.gateway import Movement
from billing.provider.stripe_models import ConnectAccount, MoneyKind, StripeInvoice, StripePayment
from tenants import clock, database
from tenants.auth import Actor

log = logging.getLogger("agency.stripe")

OVERLAP = timedelta(hours=1)
KEPT = timedelta(days=30)  # how long Stripe lists an event
SPAN = timedelta(days=1)

Beat = Callable[[int, int | None], None]
Mark = Literal["events_until", "movements_until"]


def events(actor: Actor, beat: Beat) -> int:
    """Keep the events of the agency's account that never arrived; how many."""
    missed = 0
    for account, since, until in _spans(actor, "events_until", beat):
        for page in gateway.needed().signals(account, since, until):
            missed += inbox.keep_missed(page)
    if missed:
        log.warning("agency %s: %s events of Stripe never arrived", actor.agency_id, missed)
    return missed


def movements(actor: Actor, beat: Beat) -> dict[str, int]:
    """
    Compare what the balance moved by with what is kept. How many movements there were, how many
    invoices were not as Stripe has them, and how many movements are not kept so now either: a
    refund that has not gone through yet, or something that a person may want to look at; and how
    many are kept, but not or not all in the books.
    """
    found = {"compared": 0, "different": 0, "unlike": 0, "unbooked": 0}
    for account, since, until in _spans(actor, "movements_until", beat):
        for page in gateway.needed().movements(account, since, until):
            for name, count in _compare(actor, account, page).items():
                found[name] += count
    return found


def _spans(actor: Actor, mark: Mark, beat: Beat) -> Iterator[tuple[str, datetime, datetime]]:
    """The account, and each span that was not read yet; it is, once the next is asked for."""
    with database.agency_session(actor) as session:
        row = accounts.find(session)
    if row is None:
        return
    now = clock.now()
    since = max((getattr(row, mark) or row.created_at) - OVERLAP, now - KEPT)
    spans = -((since - now) // SPAN)
    for place in range(spans):
        until = min(since + SPAN, now)
        beat(place, spans)
        yield row.stripe_id, since, until
        _keep(actor, row, mark, until)
        since = until


def _keep(actor: Actor, row: ConnectAccount, mark: Mark, until: datetime) -> None:
    """Past the version, which is of what Stripe says of the account."""
    mine = update(ConnectAccount).where(
        col(ConnectAccount.agency_id) == row.agency_id, col(ConnectAccount.id) == row.id
    )
    kept = mine.values(
        {mark: until, "version": ConnectAccount.version, "updated_at": ConnectAccount.updated_at}
    )
    with database.agency_session(actor) as session:
        session.exec(kept, execution_options={"synchronize_session": False})


def _compare(actor: Actor, account: str, page: Sequence[Movement]) -> dict[str, int]:
    with database.agency_session(actor) as session:
        unlike = _unlike(session, page)
        known = _invoices_of(session, unlike)
        customers = _customers(session, account, unlike)
    asked = {
        each.payment: gateway.needed().invoice_of(account, each.payment)
        for each in unlike
        if each.payment not in known and each.customer in customers
    }
    about = dict.fromkeys(filter(None, (*known.values(), *asked.values())))
    different = sum(sync.invoice(actor, invoice) for invoice in about)
    with database.agency_session(actor) as session:
        ours = _invoices_of(session, unlike)
        mine = [each for each in unlike if each.payment in ours]
        left = [each.id for each in _unlike(session, mine) if each.id is not None]
        unbooked = _unbooked(session, page)
    for id in left:
        log.warning("agency %s: %s is not kept as Stripe has it", actor.agency_id, id)
    for id in unbooked:
        log.warning("agency %s: %s is not all in the books", actor.agency_id, id)
    return {
        "compared": len(page),
        "different": different,
        "unlike": len(left),
        "unbooked": len(unbooked),
    }


def _unlike(session: Session, page: Sequence[Movement]) -> list[Movement]:
    """What is not kept so; of a dispute, whose end is not said here, that is not known."""
    query = select(
        StripePayment.external_id, StripePayment.amount_minor, StripePayment.currency
    ).where(col(StripePayment.external_id).in_([each.id for each in page if each.id]))
    kept = {id: (amount, currency) for id, amount, currency in session.exec(query)}
    return [
        each
        for each in page
        if each.id is None or kept.get(each.id) != (each.amount_minor, each.currency)
    ]


def _unbooked(session: Session, page: Sequence[Movement]) -> Sequence[str]:
    """
    What is kept, and of which the books have no place for all. As much as is booked of a refund
    that failed is booked of its coming back: of the two together nothing is missing.
    """
    ids = [each.id for each in page if each.id]
    failed = select(StripePayment.of).where(
        col(StripePayment.kind) == MoneyKind.refund_failed, col(StripePayment.of).in_(ids)
    )
    query = select(StripePayment.external_id).where(
        col(StripePayment.external_id).in_(ids),
        col(StripePayment.external_id).not_in(failed),
        col(StripePayment.kind) != MoneyKind.refund_failed,
        col(StripePayment.booked_minor) != col(StripePayment.amount_minor),
    )
    return session.exec(query).all()


def _invoices_of(session: Session, page: Sequence[Movement]) -> dict[str, str]:
    """Payment → the invoice at Stripe that it is kept of."""
    query = (
        select(StripePayment.external_id, StripeInvoice.stripe_id)
        .join(
            StripeInvoice,
            (col(StripeInvoice.agency_id) == col(StripePayment.agency_id))
            & (col(StripeInvoice.id) == col(StripePayment.invoice_row_id)),
        )
        .where(col(StripePayment.external_id).in_([each.payment for each in page]))
    )
    return dict(session.exec(query).all())


def _customers(session: Session, account: str, page: Sequence[Movement]) -> set[str]:
    """Those of the movements' customers whom we billed on the account: others are not ours."""
    query = select(StripeInvoice.customer_id).where(
        col(StripeInvoice.account) == account,
        col(StripeInvoice.customer_id).in_([each.customer for each in page if each.customer]),
    )
    return set(session.exec(query))
