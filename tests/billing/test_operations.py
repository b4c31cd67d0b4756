"""Calls to Stripe that change something: made once, whatever happens to whoever makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from billing import tasks
from billing.payable.transfers import Outcome
from billing.provider import gateway, operations, reconcile, stripe_transfers
from billing.provider.gateway import BillingNotConfigured
from billing.provider.operations import OperationChanged
from billing.provider.stripe_models import OperationState
from tenants import auth, clock, database, settings
from tests.billing.stripe_steps import (
    Stripe,
    open_transactions,
    operation,
    payee,
    transfer,
    verify,
)
from tests.factories import Staffed, events_of
from tests.work import settle


@contextmanager
def inside(agency: Staffed) -> Iterator[database.Session]:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        yield session


@pytest.fixture
def creator(stripe: Stripe, agency: Staffed) -> UUID:
    """Somebody who can be paid."""
    id = uuid4()
    payee(stripe, agency, id)
    return id


def plan(agency: Staffed, creator: UUID, payout: UUID, attempt: int = 1) -> UUID:
    with inside(agency) as session:
        return stripe_transfers.plan(session, transfer(creator, payout, attempt)).id


def sent(stripe: Stripe) -> list[Any]:
    return stripe.world.every("transfer")


class TestTransfer:
    def test_is_sent_once_however_often_it_is_asked_for(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        by_stripe = stripe_transfers.provider(auth.system(agency.agency_id))
        wanted = transfer(creator, uuid4())
        answers = [by_stripe(wanted) for _ in range(3)]

        assert {each.outcome for each in answers} == {Outcome.done}
        assert {each.reference for each in answers} == {sent(stripe)[0]["id"]}
        assert [each["amount"] for each in sent(stripe)] == [5000]
        planned = operation(agency, "transfer").id
        assert events_of(agency, planned) == ["stripe_operation.succeeded"]

    def test_is_off_unless_the_operator_says_so(
        self, stripe: Stripe, agency: Staffed, creator: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings.get(), "stripe_transfers", False)
        with pytest.raises(BillingNotConfigured) as refused:
            plan(agency, creator, uuid4())
        assert refused.value.extra == {"setting": "AGENCY_STRIPE_TRANSFERS"}

    def test_refuses_a_currency_that_stripe_lacks(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        by_stripe = stripe_transfers.provider(auth.system(agency.agency_id))
        for lacking in ("KPW", "ISK", "KWD"):
            answer = by_stripe(transfer(creator, uuid4(), currency=lacking))
            assert (answer.outcome, answer.reason) == (Outcome.refused, "currency_not_taken")
        assert sent(stripe) == []

    def test_that_failed_may_be_tried_again(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        account = stripe.world.every("account")[0]["id"]
        payout, by_stripe = uuid4(), stripe_transfers.provider(auth.system(agency.agency_id))
        stripe.change(account, capabilities={"transfers": "inactive"})
        failed = by_stripe(transfer(creator, payout))
        assert (failed.outcome, failed.reason) == (
            Outcome.refused,
            "insufficient_capabilities_for_transfer",
        )
        assert by_stripe(transfer(creator, payout)).outcome is Outcome.refused

        verify(stripe, account)
        assert by_stripe(transfer(creator, payout, 2)).outcome is Outcome.done
        assert len(sent(stripe)) == 1

    def test_in_other_words_is_refused(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        with inside(agency) as session:
            operations.plan(session, "transfer", creator, {"amount": 1})
            with pytest.raises(OperationChanged):
                operations.plan(session, "transfer", creator, {"amount": 2})


class TestLostAnswer:
    @pytest.mark.parametrize("how", ["drop", "500"])
    @pytest.mark.parametrize("done", [True, False])
    def test_leaves_it_unknown_and_the_same_key_settles_it(
        self, stripe: Stripe, agency: Staffed, creator: UUID, how: str, done: bool
    ) -> None:
        planned = plan(agency, creator, uuid4())
        stripe.fail(how, "/v1/transfers", times=2, done=done)
        actor = auth.system(agency.agency_id)

        assert operations.perform(actor, planned).state is OperationState.unknown
        assert len(sent(stripe)) == done

        assert operations.perform(actor, planned).state is OperationState.ok
        assert operations.perform(actor, planned).state is OperationState.ok
        assert len(sent(stripe)) == 1

    def test_after_a_day_is_looked_for_and_never_sent_with_another_key(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        planned = plan(agency, creator, uuid4())
        stripe.fail("drop", "/v1/transfers", times=2, done=True)
        actor = auth.system(agency.agency_id)
        assert operations.perform(actor, planned).state is OperationState.unknown
        stripe.world.control("forget_keys")

        with clock.at(clock.now() + timedelta(hours=25)):
            found = operations.perform(actor, planned)

        assert (found.state, found.stripe_id) == (OperationState.ok, sent(stripe)[0]["id"])
        assert len(sent(stripe)) == 1

    def test_of_what_was_never_done_is_a_failure_after_a_day(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        planned = plan(agency, creator, uuid4())
        stripe.fail("500", "/v1/transfers", times=2)
        actor = auth.system(agency.agency_id)
        operations.perform(actor, planned)
        with clock.at(clock.now() + timedelta(hours=25)):
            found = operations.perform(actor, planned)
        assert (found.state, found.error) == (OperationState.failed, "never_done")
        assert sent(stripe) == []

    def test_is_taken_up_by_the_sweeper(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        planned = plan(agency, creator, uuid4())
        actor = auth.system(agency.agency_id)
        with database.platform_session() as session:
            session.connection().exec_driver_sql(
                "update jobs set state = 'cancelled' where agency_id = %(agency)s"
                " and state = 'queued'",
                {"agency": agency.agency_id},
            )
        assert (agency.agency_id, planned) not in reconcile.unsettled()
        with clock.at(clock.now() + timedelta(minutes=5)):
            assert (agency.agency_id, planned) in reconcile.unsettled()
            tasks.sweep()
            settle()
        assert operations.perform(actor, planned).state is OperationState.ok
        assert len(sent(stripe)) == 1

    def test_of_too_many_calls_is_no_failure(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        planned = plan(agency, creator, uuid4())
        stripe.fail("429", "/v1/transfers", times=1)
        actor = auth.system(agency.agency_id)
        assert operations.perform(actor, planned).error == "busy"
        assert operations.perform(actor, planned).state is OperationState.ok
        assert len(sent(stripe)) == 1


class TestCall:
    def test_holds_no_transaction_open(
        self,
        stripe: Stripe,
        agency: Staffed,
        creator: UUID,
        urls: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        known, seen = gateway.current(), []

        class Watching:
            name = "stripe"

            def perform(self, *asked: Any) -> Any:
                seen.append(open_transactions(urls["owner"]))
                return known.perform(*asked)

        monkeypatch.setattr(gateway, "needed", Watching)
        operations.perform(auth.system(agency.agency_id), plan(agency, creator, uuid4()))
        assert seen == [0]

    def test_brings_a_key_that_is_ours(
        self, stripe: Stripe, agency: Staffed, creator: UUID
    ) -> None:
        payout = uuid4()
        plan(agency, creator, payout)
        made = operation(agency, "transfer")
        expected = f"transfer:{agency.agency_id.hex}:{payout.hex}:1"
        assert made.idempotency_key == expected
