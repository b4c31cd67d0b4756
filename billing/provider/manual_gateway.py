"""The gateway with nobody behind it: money is collected by hand, and whoever asks is told so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

from billing.provider.gateway import BillingNotConfigured


class ManualGateway:
    """Refuses each call by the setting that would let it be made."""

    name = "manual"

    def perform(self, kind: str, request: Mapping[str, Any], key: str) -> NoReturn:
        raise BillingNotConfigured

    def find(self, kind: str, request: Mapping[str, Any]) -> NoReturn:
        raise BillingNotConfigured

    def subscription_of(self, customer_id: str) -> NoReturn:
        raise BillingNotConfigured

    def account(self, account_id: str) -> NoReturn:
        raise BillingNotConfigured

    def invoice(self, account_id: str, invoice_id: str) -> NoReturn:
        raise BillingNotConfigured

    def signals(self, account_id: str, since: datetime, until: datetime) -> NoReturn:
        raise BillingNotConfigured

    def movements(self, account_id: str, since: datetime, until: datetime) -> NoReturn:
        raise BillingNotConfigured

    def invoice_of(self, account_id: str, payment: str) -> NoReturn:
        raise BillingNotConfigured

    def read_signal(self, endpoint: str, body: bytes, signature: str | None) -> NoReturn:
        raise BillingNotConfigured
