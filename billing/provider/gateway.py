"""
The port to whoever collects money, and what comes over it: states, in our own words and types.

Two stand behind it: `manual`, with which everything works that needs nobody else, and `stripe`.
Every call that changes something brings the key of a stored operation, and may be made again with
it. None is made while a transaction is open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from tenants import settings
from tenants.errors import BadGateway, NotSetUp, Unavailable, Unprocessable


class BillingNotConfigured(NotSetUp):
    """This installation has no Stripe; `setting` names what would change that."""

    def __init__(self, setting: str = "AGENCY_BILLING_PROVIDER") -> None:
        super().__init__(extra={"setting": setting}, setting=setting)


class PaymentProviderRefused(BadGateway):
    """Stripe refused this; `provider_code` is its own word for why."""


class PaymentProviderUnavailable(Unavailable):
    """Stripe does not answer at the moment, and nothing is lost: try again with the same key."""


class CurrencyNotTaken(Unprocessable):
    """Stripe takes no payment in this currency on this account."""


class Refused(Exception):
    """It was not done, and will not be: the call itself is at fault."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:200]


class Unknown(Exception):
    """Nobody can say whether it was done: the answer was lost, or was a failure of theirs."""


class Busy(Exception):
    """It was not done, for now: too many calls, or the same one is being made already."""


class Gone(Exception):
    """There is no such thing there, or no longer."""


class NotASignal(Exception):
    """What came in is no event of theirs: forged, stale, of another mode, or no event at all."""


@dataclass(frozen=True)
class SubscriptionState:
    """A subscription as it stands: what is paid for by lookup key, with how many of each."""

    id: str
    status: str
    quantities: Mapping[str, int]
    items: Mapping[str, str]  # lookup key → item
    current_period_end: datetime | None
    cancel_at: datetime | None
    trial_end: datetime | None
    ended_at: datetime | None
    created: datetime


@dataclass(frozen=True)
class AccountSnapshot:
    """A connected account as it stands."""

    id: str
    charges_enabled: bool
    payouts_enabled: bool
    transfers_enabled: bool
    details_submitted: bool
    currently_due: tuple[str, ...]
    disabled_reason: str | None
    default_currency: str | None


@dataclass(frozen=True)
class PaymentSnapshot:
    """
    Money on an invoice; below zero where it went back. `of`: the payment that it gives back, or the
    refund that failed, so that it came again.
    """

    kind: str  # payment · refund · refund_failed · dispute
    id: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    of: str | None = None


@dataclass(frozen=True)
class InvoiceSnapshot:
    """An invoice as it stands, with all that was paid on it and given back."""

    id: str
    status: str
    number: str | None
    hosted_url: str | None
    currency: str
    amount_minor: int
    paid_minor: int
    remaining_minor: int
    disputed_minor: int = 0  # what the payers' banks are asked about, and nobody decided yet
    payments: tuple[PaymentSnapshot, ...] = ()


@dataclass(frozen=True)
class Movement:
    """
    What moved an account's balance: about which payment, and, where it says so for good, what is
    to be known of it here, as a `PaymentSnapshot` has it.
    """

    payment: str
    id: str | None
    amount_minor: int
    currency: str
    customer: str | None  # who paid; of a payment only


@dataclass(frozen=True)
class Made:
    """What a call made: its id, and what has to be kept of it."""

    id: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Signal:
    """An event, verified: that something about an object changed, never what it is now."""

    id: str
    type: str
    account: str | None
    object_type: str | None
    object_id: str | None
    api_version: str | None
    related: tuple[str, ...]


class PaymentGateway(Protocol):
    """Who collects money."""

    name: str

    def perform(self, kind: str, request: Mapping[str, Any], key: str) -> Made:
        """Make one call that changes something, under its key. Raises Refused, Unknown, Busy."""

    def find(self, kind: str, request: Mapping[str, Any]) -> Made | None:
        """What an operation made, found by our own id in it; None when it made nothing."""

    def subscription_of(self, customer_id: str) -> SubscriptionState | None:
        """The customer's subscription that counts; None when there never was one."""

    def account(self, account_id: str) -> AccountSnapshot: ...

    def invoice(self, account_id: str, invoice_id: str) -> InvoiceSnapshot: ...

    def signals(
        self, account_id: str, since: datetime, until: datetime
    ) -> Iterator[list[tuple[Signal, bytes]]]:
        """The account's events of some time, with what they say: page by page."""

    def movements(
        self, account_id: str, since: datetime, until: datetime
    ) -> Iterator[list[Movement]]:
        """What payments, refunds and disputes moved the account's balance by: page by page."""

    def invoice_of(self, account_id: str, payment: str) -> str | None:
        """The invoice that a payment paid; None where it paid none."""

    def read_signal(self, endpoint: str, body: bytes, signature: str | None) -> Signal:
        """The event that came in, verified by its raw bytes. Raises NotASignal."""


@lru_cache(maxsize=1)
def current() -> PaymentGateway:
    """The gateway of this process."""
    if settings.get().billing_provider == "stripe":
        from billing.provider.stripe_gateway import StripeGateway  # noqa: PLC0415  (much to load)

        return StripeGateway(settings.get())
    from billing.provider.manual_gateway import ManualGateway  # noqa: PLC0415  (the other way round)

    return ManualGateway()


def needed() -> PaymentGateway:
    """The gateway, where only Stripe will do."""
    if current().name != "stripe":
        raise BillingNotConfigured
    return current()
