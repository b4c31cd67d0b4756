"""What is owed to creators: opened once, blocked by its gates, held, cancelled, asked back."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest
from sqlmodel import select

from billing import ledger
from billing.payable import gates, payables, payout_making
from billing.payable.clawbacks import ClawbackStands, ClawbackTooLarge
from billing.payable.payable_models import GateWord, Payable, PayableStatus
from billing.payable.payables import AmountNotPayable
from tenants import auth, database
from tenants.errors import MoveNotAllowed
from tenants.ids import new_id
from tests.billing.creators import (
    WORK,
    again,
    broken,
    described,
    inside,
    known,
    owed,
    say,
    take_back,
)
from tests.factories import Person, Staffed, events_of

THREE = ("contract_signed", "content_accepted", "live_verified")


class TestOpen:
    def test_blocks_until_its_gates_are_satisfied(self, agency: Staffed) -> None:
        made = owed(agency)

        assert (made.status, made.open_gates) == (PayableStatus.blocked, ["content_accepted"])
        assert events_of(agency, made.id) == ["payable.opened"]
        with inside(agency) as session:
            assert ledger.balance(session, "creators_payable", "EUR") == -50_000
            assert (
                ledger.balance(session, "creator_costs", "EUR", client_id=made.client_id) == 50_000
            )

    def test_is_ready_without_gates(self, agency: Staffed) -> None:
        assert owed(agency, gates=[]).status is PayableStatus.ready

    def test_owes_once_for_a_part_and_instalment(self, agency: Staffed) -> None:
        values = described(agency)
        with inside(agency) as session:
            one = payables.open(session, **values)
            same = payables.open(session, **{**values, "amount_minor": 1})
            part = payables.open(session, **{**values, "part": new_id()})
            second = payables.open(session, **{**values, "instalment": 2})

        assert one.id == same.id
        assert same.amount_minor == 50_000
        assert len({one.id, part.id, second.id}) == 3
        assert broken(agency) == {}

    def test_owes_once_whoever_says_it_at_once(self, agency: Staffed) -> None:
        """One acceptance, told by sixteen: one payable, one transaction."""
        values = described(agency)

        def accept(_: int) -> Any:
            with inside(agency) as session:
                made = payables.open(session, **values)
                gates.satisfy(session, WORK, values["source_id"], "content_accepted", {"by": "x"})
                return made.id

        with ThreadPoolExecutor(16) as pool:
            ids = set(pool.map(accept, range(16)))

        assert len(ids) == 1
        with inside(agency) as session:
            (row,) = session.exec(select(Payable)).all()
            assert row.status is PayableStatus.ready
            assert ledger.balance(session, "creators_payable", "EUR") == -50_000
        assert broken(agency) == {}

    @pytest.mark.parametrize("amount", [0, -1, 2**53, 10**30])
    def test_refuses_an_amount_that_is_none(self, amount: int, agency: Staffed) -> None:
        with pytest.raises(AmountNotPayable):
            owed(agency, amount_minor=amount)

    def test_counts_what_was_said_before_of_the_same_source(self, agency: Staffed) -> None:
        first = owed(agency, gates=THREE)
        say(agency, first, "contract_signed")
        say(agency, first, "content_accepted", part=new_id())

        later = owed(
            agency, gates=THREE, source_id=first.source_id, payee_id=first.payee_id, instalment=2
        )

        assert later.open_gates == ["content_accepted", "live_verified"]
        assert broken(agency) == {}

    @pytest.mark.parametrize("currency", ["JPY", "KWD"])
    def test_keeps_currencies_apart(self, currency: str, agency: Staffed) -> None:
        euro = owed(agency)
        owed(agency, payee_id=euro.payee_id, currency=currency, amount_minor=7)

        with inside(agency) as session:
            assert ledger.balance(session, "creators_payable", currency) == -7
            assert ledger.balance(session, "creators_payable", "EUR") == -50_000


class TestAccrue:
    def test_grows_once_for_each_source_until_it_is_settled(self, agency: Staffed) -> None:
        made = owed(agency, gates=[], accruing=True)
        sale = new_id()
        with inside(agency) as session:
            payables.accrue(session, made.id, "conversions", sale, 300)
            payables.accrue(session, made.id, "conversions", sale, 300)
            settled = payables.settle(session, made.id)

        assert (settled.amount_minor, settled.status) == (50_300, PayableStatus.ready)
        with pytest.raises(MoveNotAllowed), inside(agency) as session:
            payables.accrue(session, made.id, "conversions", new_id(), 300)
        assert broken(agency) == {}


class TestGates:
    @pytest.mark.parametrize("satisfied", list(product([True, False], repeat=len(THREE))))
    def test_open_it_when_all_of_them_are_satisfied(
        self, satisfied: tuple[bool, ...], agency: Staffed
    ) -> None:
        made = owed(agency, gates=THREE)
        for code, yes in zip(THREE, satisfied, strict=True):
            say(agency, made, code)
            if not yes:
                take_back(agency, made, code)

        now = again(agency, made)

        assert now.open_gates == [c for c, yes in zip(THREE, satisfied, strict=True) if not yes]
        assert now.status == ("ready" if all(satisfied) else "blocked")
        assert broken(agency) == {}

    def test_keep_every_word(self, agency: Staffed) -> None:
        made = owed(agency)
        say(agency, made, "content_accepted")
        take_back(agency, made, "content_accepted")
        say(agency, made, "content_accepted")

        with inside(agency) as session:
            words = session.exec(select(GateWord).order_by(GateWord.number)).all()  # type: ignore[arg-type]
        assert [each.satisfied for each in words] == [True, False, True]
        assert events_of(agency, made.id) == [
            "payable.opened",
            "payable.ready",
            "payable.blocked",
            "payable.ready",
        ]

    def test_of_a_part_are_that_parts(self, agency: Staffed) -> None:
        one, two = new_id(), new_id()
        first = owed(agency, part=one)
        second = owed(agency, part=two, source_id=first.source_id, payee_id=first.payee_id)

        say(agency, first, "content_accepted", part=one)

        assert again(agency, first).status is PayableStatus.ready
        assert again(agency, second).status is PayableStatus.blocked

    def test_that_are_not_asked_for_change_nothing(self, agency: Staffed) -> None:
        made = owed(agency)

        say(agency, made, "contract_signed")

        assert again(agency, made).version == made.version

    def test_go_on_being_counted_while_it_is_held(self, agency: Staffed) -> None:
        made = owed(agency)
        with inside(agency) as session:
            payables.hold(session, made.id, "Queja del cliente.")
        say(agency, made, "content_accepted")
        assert again(agency, made).status is PayableStatus.held

        with inside(agency) as session:
            released = payables.release(session, made.id, "Aclarado.")

        assert released.status is PayableStatus.ready


class TestCancel:
    def test_owes_it_no_more(self, agency: Staffed) -> None:
        made = owed(agency)

        with inside(agency) as session:
            payables.cancel(session, made.id, "Se canceló la campaña.")

        with inside(agency) as session:
            assert ledger.balance(session, "creators_payable", "EUR") == 0
        with pytest.raises(MoveNotAllowed), inside(agency) as session:
            payables.hold(session, made.id, "Tarde.")
        assert broken(agency) == {}


class TestTakeBack:
    def _less(self, agency: Staffed, made: Payable, amount: int) -> bool:
        with inside(agency) as session:
            return payables.take_back(session, made.id, amount, "Retirado.")

    def test_owes_so_much_less_of_what_is_still_owed(self, agency: Staffed) -> None:
        made = owed(agency)
        assert self._less(agency, made, 20_000)
        assert self._less(agency, made, 10_000)

        now = again(agency, made)
        assert (now.amount_minor, now.status) == (20_000, PayableStatus.blocked)
        with inside(agency) as session:
            assert ledger.balance(session, "creators_payable", "EUR") == -20_000
            assert ledger.balance(session, "creator_receivables", "EUR") == 0
        assert events_of(agency, made.id) == ["payable.opened", *["payable.reduced"] * 2]
        assert broken(agency) == {}

    @pytest.mark.parametrize("held", [True, False])
    def test_cancels_what_is_taken_back_whole(self, held: bool, agency: Staffed) -> None:
        made = owed(agency, gates=[])
        if held:
            with inside(agency) as session:
                payables.hold(session, made.id, "Queja.")
        assert self._less(agency, made, 20_000)
        assert self._less(agency, made, 30_000)
        assert again(agency, made).status is PayableStatus.cancelled
        assert self._less(agency, made, 1)  # of what is owed no more there is nothing to ask back
        assert broken(agency) == {}

    def test_leaves_as_much_as_was_asked_back(self, agency: Staffed) -> None:
        made = owed(agency)
        with inside(agency) as session:
            payables.claw_back(session, WORK, made.source_id, None, 20_000, "Retirado.")

        assert not self._less(agency, made, 30_001)
        assert self._less(agency, made, 30_000)
        assert again(agency, made).amount_minor == 20_000
        assert broken(agency) == {}

    def test_leaves_alone_what_is_in_a_payout(self, agency: Staffed) -> None:
        known(agency)
        made = owed(agency, gates=[])
        with inside(agency) as session:
            payout_making.create(session, agency.influencer_id, "EUR")

        assert not self._less(agency, made, 20_000)
        assert again(agency, made).amount_minor == 50_000
        assert broken(agency) == {}


class TestClawBack:
    def test_asks_back_once_for_a_reason(self, agency: Staffed) -> None:
        made = owed(agency)
        with inside(agency) as session:
            for _ in range(2):
                asked = payables.claw_back(session, WORK, made.source_id, None, 20_000, "Retirado.")
        assert asked.status is PayableStatus.clawback_due
        with inside(agency) as session:
            assert ledger.balance(session, "creator_receivables", "EUR") == 20_000

        with pytest.raises(ClawbackTooLarge) as refused, inside(agency) as session:
            payables.claw_back(session, WORK, made.source_id, None, 30_001, "Todo.")
        assert refused.value.extra == {"left_minor": 30_000}
        assert broken(agency) == {}

    def test_keeps_what_it_is_about_from_being_cancelled(self, agency: Staffed) -> None:
        made = owed(agency)
        with inside(agency) as session:
            payables.claw_back(session, WORK, made.source_id, None, 20_000, "Retirado.")

        with pytest.raises(ClawbackStands), inside(agency) as session:
            payables.cancel(session, made.id, "Se canceló la campaña.")

        assert again(agency, made).status is PayableStatus.blocked


class TestScoped:
    """Work is done by people who see one client, or in what follows from its decision."""

    def test_owes_and_satisfies_for_the_clients_in_sight(self, agency: Staffed) -> None:
        values = described(agency)
        with database.open_session(entry_of(agency.executive)) as session, session.begin():
            made = payables.open(session, **values)
            gates.satisfy(session, WORK, made.source_id, "content_accepted", {"by": "client"})
            payables.claw_back(session, WORK, made.source_id, None, 100, "Retirado.")

        assert again(agency, made).status is PayableStatus.ready
        assert broken(agency) == {}

    def test_reaches_no_other_clients(self, agency: Staffed) -> None:
        made = owed(agency)
        with database.open_session(entry_of(agency.other_executive)) as session, session.begin():
            said = gates.satisfy(session, WORK, made.source_id, "content_accepted", {})

        assert said == []
        assert again(agency, made).status is PayableStatus.blocked


def entry_of(person: Person) -> Any:
    """The way in of somebody who is logged in."""
    return auth.AccessToken(person.agency_id, person.session_id, person.user_id).enter
