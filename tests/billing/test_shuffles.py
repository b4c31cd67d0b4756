"""Events at random: shuffled, a third lost, some twice; here all ends as Stripe has it."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from billing.provider import reconcile
from tenants import auth
from tests.billing.invoicing import equipped
from tests.billing.stripe_lives import Life
from tests.billing.stripe_steps import Stripe, onboard
from tests.factories import staffed_agency
from tests.work import settle


def live(
    stripe: Stripe, http: TestClient, *, turns: int, seed: int, chaos: int | None = None
) -> Any:
    """
    Live the life of a seed; what is known of it in the end. Each turn's events come in order, or in
    that of another seed, `chaos`: then some come twice, and some are never told.
    """
    agency = staffed_agency(http)
    equipped(agency)
    life = Life(stripe, agency, onboard(stripe, agency), seed)
    actor = auth.system(agency.agency_id)
    for turn in range(turns):
        if turn % 4 == 3:
            life.begin()
        life.turn()
        if chaos is None:
            stripe.deliver()
        else:
            stripe.deliver(shuffle=True, duplicate=0.4, lose=0.3, seed=chaos * 100 + turn)
            reconcile.agency(actor)  # as each hour: it finds what never came
            settle()
        life.check()
    found = reconcile.agency(actor, whole=True)
    assert (found["different"], found["missed"]) == (0, 0)
    return life.state()


class TestOrder:
    def test_of_events_does_not_matter(self, stripe: Stripe, http: TestClient) -> None:
        in_order = live(stripe, http, turns=4, seed=0)
        assert live(stripe, http, turns=4, seed=0, chaos=1) == in_order

    @pytest.mark.deep
    @pytest.mark.parametrize("seed", range(1, 6))
    def test_of_events_never_matters(self, stripe: Stripe, http: TestClient, seed: int) -> None:
        """500 shuffles: five lives of twenty turns, each five times."""
        in_order = live(stripe, http, turns=20, seed=seed)
        for chaos in range(5):
            assert live(stripe, http, turns=20, seed=seed, chaos=chaos) == in_order
