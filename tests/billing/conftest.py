"""An installation with Stripe: a double of it in a process of its own, and each test's own key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine
from starlette.testclient import TestClient

import billing.payable.payout_sending
import billing.provider.collection
import billing.tasks  # noqa: F401  (what follows an event, and what jobs do)
from billing.provider import gateway
from billing.provider.stripe_gateway import StripeGateway
from billing.subscription.catalog import PRICES
from tenants import settings
from tests.billing import killing
from tests.billing.killing import Nursery
from tests.billing.stripe_steps import Stripe
from tests.stripe_double.running import SECRETS, Running, double


@pytest.fixture(scope="module")
def owner(urls: dict[str, str]) -> Iterator[Engine]:
    """The database as its superuser: to look."""
    engine = create_engine(urls["owner"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def stripe_double() -> Iterator[Running]:
    with double() as running:
        yield running


@pytest.fixture(scope="session")
def nursery(urls: dict[str, str], home: Path, pooler: str) -> Iterator[Nursery]:
    with killing.nursery(urls, home, pooler) as made:
        yield made


@pytest.fixture
def stripe(
    stripe_double: Running, http: TestClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stripe]:
    """Stripe as this test has it, and an installation that is set up for it."""
    world = stripe_double.world()
    configured = settings.get()
    for name, value in {
        "billing_provider": "stripe",
        "stripe_secret_key": SecretStr(world.key),
        "stripe_account_webhook_secrets": SecretStr(SECRETS["account"]),
        "stripe_connect_webhook_secrets": SecretStr(SECRETS["connect"]),
        "stripe_api_url": stripe_double.url,
        "stripe_transfers": True,
    }.items():
        monkeypatch.setattr(configured, name, value)
    world.control("prices", keys=list(PRICES))
    gateway.current.cache_clear()
    yield Stripe(world, http)
    known = gateway.current()
    assert isinstance(known, StripeGateway)
    known.close()
    gateway.current.cache_clear()
