"""What Stripe lists and no event told: found each hour and each night, from where it was left."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from billing.provider import missed, reconcile, stripe_gateway
from billing.provider.stripe_models import StripeEvent, StripePayment
from tenants import auth, clock, database
from tests.billing.creators import inside
from tests.billing.invoicing import done, equipped, issued, line
from tests.billing.stripe_lives import Paid
from tests.billing.stripe_steps import Stripe, account_of, onboard
from tests.factories import Staffed
from tests.work import settle


@pytest.fixture
def account(stripe: Stripe, agency: Staffed) -> str:
    equipped(agency)
    return onboard(stripe, agency)


@pytest.fixture
def paid(stripe: Stripe, agency: Staffed, account: str) -> Paid:
    put = Paid(stripe, agency, account, issued(agency, line(1000_00)))
    put.pay()
    return put


def reconciled(agency: Staffed, **how: Any) -> dict[str, int]:
    found = reconcile.agency(auth.system(agency.agency_id), **how)
    settle()
    return found


def kept(agency: Staffed) -> list[int]:
    with inside(agency) as session:
        query = select(StripePayment.amount_minor).order_by(StripePayment.id)  # type: ignore[arg-type]
        return list(session.exec(query))


class TestEvents:
    def test_that_never_arrived_are_found(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        """Of an invoice that is paid nothing else is asked for each hour."""
        paid.tells = False
        paid.give_back(300_00)
        stripe.deliver(lose=1)
        assert kept(agency) == [1000_00]

        found = reconciled(agency)

        assert found["missed"] == 1
        assert kept(agency) == [1000_00, -300_00]
        assert paid.stands == ("partly_paid", 700_00, 300_00)
        assert reconciled(agency)["missed"] == 0

    def test_are_paged(
        self, stripe: Stripe, agency: Staffed, paid: Paid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stripe_gateway, "PAGE", 5)
        paid.tells = False
        for _ in range(13):
            paid.give_back(1_00)
        stripe.deliver(lose=1)

        assert reconciled(agency)["missed"] == 13

        pages = -(-len(stripe.world.every("event", paid.account)) // 5)
        asked = [tuple(each) for each in stripe.world.control("asked")]
        assert asked.count(("get", "/v1/events")) == pages >= 3
        assert sum(kept(agency)) == 987_00

    def test_that_nobody_looks_into_are_left(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        before = _events()
        stripe.change(stripe.world.every("customer", paid.account)[0]["id"], paid.account)
        stripe.deliver(lose=1)
        assert reconciled(agency)["missed"] == 0
        assert _events() == before

    def test_are_read_from_where_they_were(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        reconciled(agency)
        before = account_of(agency)
        assert before.events_until is not None
        paid.tells = False
        paid.give_back(300_00)
        stripe.deliver(lose=1)

        seen: list[int] = []
        with clock.at(clock.now() + timedelta(days=3, hours=1)):
            spans = [
                (since, until)
                for _, since, until in missed._spans(
                    auth.system(agency.agency_id),
                    "events_until",
                    lambda place, _: seen.append(place),
                )
            ]

        assert spans[0][0] == before.events_until - missed.OVERLAP
        assert [until for _, until in spans[:-1]] == [since for since, _ in spans[1:]]
        assert seen == [0, 1, 2, 3]
        after = account_of(agency)
        assert after.events_until == spans[-1][1]
        assert after.version == before.version

    def test_go_on_where_somebody_was_killed(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        """Of five days and an hour two are read, and the third is not; an hour is read again."""
        actor = auth.system(agency.agency_id)
        places: list[int] = []
        with clock.at(clock.now() + timedelta(days=5)):
            killed = missed._spans(actor, "events_until", lambda place, total: None)
            for _ in range(3):
                next(killed)
            missed.events(actor, lambda place, _: places.append(place))
        assert places == [0, 1, 2, 3]


class TestMovements:
    def test_find_a_refund_of_an_old_invoice(
        self, stripe: Stripe, agency: Staffed, paid: Paid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reconcile, "OPEN_SINCE", timedelta(0))
        monkeypatch.setattr(missed, "events", lambda actor, beat: 0)
        paid.tells = False
        paid.give_back(300_00)
        stripe.deliver(lose=1)
        assert reconciled(agency)["different"] == 0

        found = reconciled(agency, whole=True)

        assert (found["compared"], found["different"], found["unlike"]) == (2, 1, 0)
        assert found["unbooked"] == 0
        assert kept(agency) == [1000_00, -300_00]

    def test_find_a_payment_of_an_old_invoice(
        self, stripe: Stripe, agency: Staffed, account: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reconcile, "OPEN_SINCE", timedelta(0))
        monkeypatch.setattr(missed, "events", lambda actor, beat: 0)
        put = Paid(stripe, agency, account, issued(agency, line(1000_00)))
        put.tells = False
        stripe.change(put.there, account, status="uncollectible")
        stripe.deliver()
        put.pay()
        stripe.deliver(lose=1)

        found = reconciled(agency, whole=True)

        assert (found["compared"], found["different"], found["unlike"]) == (1, 1, 0)
        assert kept(agency) == [1000_00]

    def test_of_others_are_not_ours(self, stripe: Stripe, agency: Staffed, paid: Paid) -> None:
        """The agency sells other things on its account: nobody asks for each of them."""
        asked = {"account": paid.account, "amount": 500, "currency": "eur"}
        stripe.world.control("sell", **asked)
        found = reconciled(agency, whole=True)
        assert (found["compared"], found["different"], found["unlike"]) == (2, 0, 0)

    def test_tell_what_is_not_kept_so(
        self, agency: Staffed, paid: Paid, caplog: pytest.LogCaptureFixture
    ) -> None:
        refund = paid.give_back(300_00, pending=True)
        found = reconciled(agency, whole=True)
        assert (found["different"], found["unlike"]) == (0, 1)
        assert f"{refund} is not kept as Stripe has it" in caplog.text
        assert kept(agency) == [1000_00]

    def test_miss_nothing_of_a_refund_that_never_went_through(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        """The balance moved there and back; nothing did here, and all of it is known."""
        paid.end_refund(paid.give_back(300_00, pending=True), "failed")
        found = reconciled(agency, whole=True)
        assert (found["compared"], found["different"]) == (3, 0)
        assert (found["unlike"], found["unbooked"]) == (0, 0)

    def test_tell_what_is_not_in_the_books(
        self, stripe: Stripe, agency: Staffed, account: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It was paid while it became void here: a person gives it back."""
        put = Paid(stripe, agency, account, issued(agency, line(1000_00)))
        path = f"/v1/invoices/{put.made['id']}/void"
        done(agency.owner.post(path, {"reason": "Duplicada."}))
        put.pay()

        found = reconciled(agency, whole=True)

        assert (found["different"], found["unlike"], found["unbooked"]) == (0, 0, 1)
        assert f"{put.intent} is not all in the books" in caplog.text


class TestAgency:
    def test_goes_on_where_somebody_was_killed(
        self, stripe: Stripe, agency: Staffed, paid: Paid
    ) -> None:
        began = clock.now()
        asked = reconciled(agency, since=began)["asked"]
        assert asked == reconciled(agency)["asked"] == 1
        assert reconciled(agency, since=began)["asked"] == 0

    def test_says_how_far_it_is(self, stripe: Stripe, agency: Staffed, paid: Paid) -> None:
        told: list[tuple[int, int | None]] = []
        reconciled(agency, whole=True, beat=lambda place, total: told.append((place, total)))
        assert told[:2] == [(0, 2), (1, 2)]  # the account and the invoice
        assert len(told) == 4


def _events() -> int:
    with database.platform_session() as session:
        return len(session.exec(select(StripeEvent.id)).all())
