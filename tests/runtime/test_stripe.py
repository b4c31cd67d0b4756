"""Stripe's events through real workers: shuffled, doubled, lost; and a worker killed at it."""

import contextlib
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tenants import auth, database, jobs, settings
from tests.billing.conftest import stripe, stripe_double  # noqa: F401  (fixtures)
from tests.billing.invoicing import equipped
from tests.billing.stripe_lives import Life
from tests.billing.stripe_steps import Stripe, checkout, mirrored, onboard
from tests.factories import Staffed
from tests.runtime.conftest import Crew, eventually

pytestmark = pytest.mark.deep


@pytest.fixture
def stripe_crew(
    stripe: Stripe,  # noqa: F811
    urls: dict[str, str],
    home: Path,
    broker: str,
    quick_start: dict[str, str],
    tmp_path: Path,
) -> Iterator[Crew]:
    """Two relays and a worker that have the same Stripe as the test."""
    configured = settings.get()
    named = {
        "AGENCY_HOME": str(home),
        "AGENCY_OWNER_DATABASE_URL": urls["owner"],
        "AGENCY_DATABASE_URL": urls["app"],
        "AGENCY_PLATFORM_DATABASE_URL": urls["platform"],
        "AGENCY_BROKER_URL": broker,
        "AGENCY_BILLING_PROVIDER": "stripe",
        "AGENCY_STRIPE_SECRET_KEY": stripe.world.key,
        "AGENCY_STRIPE_ACCOUNT_WEBHOOK_SECRETS": "whsec_account_double",
        "AGENCY_STRIPE_CONNECT_WEBHOOK_SECRETS": "whsec_connect_double",
        "AGENCY_STRIPE_API_URL": str(configured.stripe_api_url),
    }
    made = Crew({**quick_start, **named}, tmp_path / "log")
    yield made
    for child in made.children:
        child.stop(15)


@pytest.fixture
def life(stripe: Stripe, agency: Staffed) -> Life:  # noqa: F811
    """It has begun before any worker is there."""
    equipped(agency)
    return Life(stripe, agency, onboard(stripe, agency), seed=1)


def is_right(life: Life) -> bool:
    with contextlib.suppress(AssertionError):
        life.check()
        return True
    return False


def is_at(agency: Staffed, status: str) -> bool:
    return mirrored(agency).status == status


class TestWorker:
    def test_ends_where_stripe_is(
        self,
        stripe: Stripe,  # noqa: F811
        agency: Staffed,
        stripe_crew: Crew,
    ) -> None:
        page = checkout(agency).json()["url"].rpartition("/")[2]
        bought = stripe.world.control("complete", session=page)
        self.send(stripe)
        assert eventually(lambda: mirrored(agency).stripe_id == bought["id"], 60)

        for turn in range(5):
            for status in ("past_due", "active", "unpaid", "trialing"):
                stripe.change(bought["id"], status=status)
            last = stripe.change(bought["id"], status=("paused", "active")[turn % 2])
            self.send(stripe, shuffle=True, duplicate=0.5, seed=turn)
            if turn == 2:
                os.kill(stripe_crew.worker.pid, signal.SIGKILL)
                stripe_crew.start_worker()
            assert eventually(partial(is_at, agency, last["status"]), 60), turn

    def test_books_what_came_and_went(
        self,
        stripe: Stripe,  # noqa: F811
        agency: Staffed,
        life: Life,
        stripe_crew: Crew,
    ) -> None:
        """A third of the events never come; the hour's look finds them."""
        for turn in range(5):
            life.turn()
            self.send(stripe, shuffle=True, duplicate=0.4, lose=0.3, seed=turn)
            with database.agency_session(auth.system(agency.agency_id)) as session:
                jobs.enqueue(session, "billing.reconcile")
            assert eventually(partial(is_right, life), 60), turn

    @staticmethod
    def send(stripe: Stripe, **how: object) -> None:  # noqa: F811
        for each in stripe.world.deliveries(**how):
            assert stripe.send(each).status_code == 200
