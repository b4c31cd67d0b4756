"""Money leaves once by a provider, wherever whoever sends it is stopped."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from billing import ledger
from billing.payable import payout_making, transfers
from billing.payable.payout_checks import GatesOpen
from billing.payable.payout_models import Payout
from billing.payable.transfers import Answer, Outcome, Transfer
from tests.billing.creators import broken, inside, known, owed, take_back
from tests.factories import Staffed, system


class Killed(BaseException):
    """The process ends here."""


class Provider:
    """Moves money once for a key, and does not always get to say so."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.moved: dict[str, int] = {}

    def __call__(self, transfer: Transfer) -> Answer:
        answer = self.answers.pop(0) if self.answers else "done"
        if answer == "refused":
            return Answer(Outcome.refused, reason="No account.")
        if answer == "killed before":
            raise Killed
        self.moved.setdefault(transfer.key, transfer.amount_minor)
        if answer == "killed after":
            raise Killed
        if answer == "lost":
            return Answer(Outcome.unknown)
        return Answer(Outcome.done, f"tr_{len(self.moved)}")


@pytest.fixture
def approved(agency: Staffed) -> UUID:
    known(agency)
    owed(agency, gates=["content_accepted"])
    payable = owed(agency, gates=[])
    with inside(agency) as session:
        return payout_making.create(session, agency.influencer_id, "EUR", [payable.id]).id


def read(agency: Staffed, payout_id: UUID) -> Payout:
    with inside(agency) as session:
        return session.get_one(Payout, (agency.agency_id, payout_id))


def moved(agency: Staffed) -> int:
    with inside(agency) as session:
        return -ledger.balance(session, "bank", "EUR")


def try_until_done(agency: Staffed, payout_id: UUID, provider: Any) -> int:
    """Send again whenever it was stopped, as a worker would."""
    for tried in range(1, 10):
        try:
            if transfers.send(system(agency), payout_id, provider, "test").outcome is Outcome.done:
                return tried
        except Killed:
            continue
    raise AssertionError("never done")


class TestSend:
    @pytest.mark.parametrize(
        "answers",
        [
            (),
            ("killed before",),
            ("killed after",),
            ("lost", "lost"),
            ("killed after", "lost", "killed before"),
        ],
    )
    def test_moves_money_once(
        self, answers: tuple[str, ...], agency: Staffed, approved: UUID
    ) -> None:
        provider = Provider(*answers)

        try_until_done(agency, approved, provider)
        transfers.send(system(agency), approved, provider, "test")

        assert list(provider.moved.values()) == [50_000]
        assert (read(agency, approved).status, moved(agency)) == ("paid", 50_000)
        assert broken(agency) == {}

    @pytest.mark.parametrize("step", ["claim", "conclude"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_goes_on_where_it_was_stopped(
        self,
        step: str,
        when: str,
        agency: Staffed,
        approved: UUID,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        real: Callable[..., Any] = getattr(transfers, step)
        stopped: list[str] = []

        def stop_once(*given: Any) -> Any:
            if when == "after":
                real(*given)  # undone with its transaction
            if not stopped:
                stopped.append(step)
                raise Killed
            return real(*given)

        monkeypatch.setattr(transfers, step, stop_once)
        provider = Provider()

        with pytest.raises(Killed):
            transfers.send(system(agency), approved, provider, "test")
        monkeypatch.undo()
        try_until_done(agency, approved, provider)

        assert list(provider.moved.values()) == [50_000]
        assert (read(agency, approved).status, moved(agency)) == ("paid", 50_000)
        assert broken(agency) == {}

    def test_gives_back_what_is_refused(self, agency: Staffed, approved: UUID) -> None:
        answer = transfers.send(system(agency), approved, Provider("refused"), "test")

        assert answer.outcome is Outcome.refused
        assert (read(agency, approved).status, moved(agency)) == ("failed", 0)
        with inside(agency) as session:
            second = payout_making.create(session, agency.influencer_id, "EUR")
        provider = Provider()
        transfers.send(system(agency), second.id, provider, "test")
        assert [key.split(":")[1] for key in provider.moved] == [str(second.id)]
        assert broken(agency) == {}

    def test_sends_nothing_whose_gate_has_opened(self, agency: Staffed) -> None:
        known(agency)
        payable = owed(agency, gates=["payee_ready"])
        with inside(agency) as session:
            payout = payout_making.create(session, agency.influencer_id, "EUR")
        take_back(agency, payable, "payee_ready")
        provider = Provider()

        with pytest.raises(GatesOpen):
            transfers.send(system(agency), payout.id, provider, "test")

        assert provider.moved == {}

    def test_is_not_another_providers(self, agency: Staffed, approved: UUID) -> None:
        with pytest.raises(Killed):
            transfers.send(system(agency), approved, Provider("killed after"), "test")
        other = Provider()

        transfers.send(system(agency), approved, other, "another")

        assert other.moved == {}

    @pytest.mark.parametrize("word", ["mark-failed", "mark-returned", "mark-paid"])
    def test_is_not_ended_by_hand_while_it_may_still_move(
        self, word: str, agency: Staffed, approved: UUID
    ) -> None:
        provider = Provider("killed after")
        with pytest.raises(Killed):
            transfers.send(system(agency), approved, provider, "test")

        said = {"reference": "TRF-1"} if word == "mark-paid" else {"reason": "No salió."}
        refused = agency.owner.post(f"/v1/payouts/{approved}/{word}", said)

        assert (refused.status_code, refused.json()["code"]) == (409, "move_not_allowed")
        try_until_done(agency, approved, provider)
        assert list(provider.moved.values()) == [50_000]
        assert (read(agency, approved).status, moved(agency)) == ("paid", 50_000)
        assert broken(agency) == {}
