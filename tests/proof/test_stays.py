"""A stay follows the terms in force: amended while it lasts it is another, and what is over is."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.proof.looking import LookOutcome
from tests.collaborations import making
from tests.factories import Staffed, events_of
from tests.proof.making import (
    Network,
    approved,
    bound,
    confirm,
    later,
    look,
    open_gates,
    published,
    read,
)
from tests.work import settle


@pytest.fixture
def line_id(agency: Staffed) -> str:
    return making.budget_line(agency)


def amended(agency: Staffed, made: dict[str, Any], line_id: str, days: int) -> None:
    """Changed terms, accepted: so many days from when it was published."""
    said = making.terms(line_id, min_live_days=days, deliverables=[making.piece(placement="post")])
    path = f"/v1/collaborations/{made['id']}/amend"
    terms = making.done(agency.executive.post(path, said), 201)
    making.done(making.accept(agency, made, terms))


def look_daily(agency: Staffed, *days: int) -> None:
    for day in days:
        with later(days=day, seconds=10 * (day + 1)):
            look(agency)


def stays(agency: Staffed, post: dict[str, Any]) -> tuple[int, int, bool]:
    """For how many days: as the terms say, and by the clock; and whether they are over."""
    found = read(agency, post)
    from_, until = (datetime.fromisoformat(found[name]) for name in ("counted_from", "stays_until"))
    hours = (until - from_ + timedelta(hours=2)).days  # the clocks may change meanwhile
    return found["min_live_days"], hours, found["fulfilled_at"] is not None


class TestAmendedTerms:
    def test_ask_for_a_longer_stay_of_what_still_stays(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=3, line_id=line_id)
        look_daily(agency, 0, 1)
        with later(days=2):
            amended(agency, made, line_id, 5)
            settle()
            assert stays(agency, post) == (5, 5, False)
            assert events_of(agency, post["id"])[-1] == "live_post.amended"
        look_daily(agency, 2, 3, 4)
        assert "min_live_days" in open_gates(agency, made)[0]
        look_daily(agency, 5)
        assert stays(agency, post) == (5, 5, True)
        assert open_gates(agency, made) == [["payee_ready"]]

    def test_ask_for_nothing_more_of_what_has_stayed(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=2, line_id=line_id)
        look_daily(agency, 0, 1, 2)
        with later(days=3):
            amended(agency, made, line_id, 30)
            settle()
            assert stays(agency, post) == (2, 2, True)
            assert open_gates(agency, made) == [["payee_ready"]]
            path = f"/v1/collaborations/{made['id']}/complete"
            assert making.done(agency.executive.post(path))["status"] == "completed"

    def test_ask_for_nothing_more_of_what_was_not_seen_at_its_end(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=2, line_id=line_id)
        look_daily(agency, 0, 1)
        network.outcome = LookOutcome.unverifiable
        with later(days=3):
            amended(agency, made, line_id, 30)
            settle()
            assert stays(agency, post) == (2, 2, False)
            making.done(confirm(agency, post, "live"))
        assert stays(agency, post) == (2, 2, True)

    def test_end_a_stay_that_was_long_enough(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=30, line_id=line_id)
        look_daily(agency, 0, 1, 2)
        with later(days=2, hours=1):
            settle()  # nothing else is left to tell
            amended(agency, made, line_id, 2)
            settle()
        assert len(network.looked) == 3  # the last sight shows it
        assert stays(agency, post) == (2, 2, True)
        assert read(agency, post)["check_due_at"] is None
        assert open_gates(agency, made) == [["payee_ready"]]

    def test_end_no_stay_whose_end_nobody_saw(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=30, line_id=line_id)
        look_daily(agency, 0)
        network.outcome = LookOutcome.missing
        look_daily(agency, 1)
        with later(days=4):
            amended(agency, made, line_id, 2)
            settle()  # it is looked at, too: gone for good, and it was before its end
        assert stays(agency, post) == (2, 2, False)
        assert read(agency, post)["breached_at"] is not None

    def test_are_looked_up_at_their_new_end(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=30, line_id=line_id)
        look_daily(agency, 0, 1)
        with later(days=1, hours=1):
            amended(agency, made, line_id, 2)
            settle()
            found = read(agency, post)
            assert found["check_due_at"] == found["stays_until"]

    def test_that_follow_one_another_ask_for_nothing_more_either(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=30, line_id=line_id)
        look_daily(agency, 0)
        with later(days=4):
            for days in (2, 60):  # the first of them ended it
                amended(agency, made, line_id, days)
            settle()
        assert stays(agency, post)[:2] == (2, 2)

    def test_hold_for_a_look_that_comes_before_they_are_told(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made, post = published(agency, days=2, line_id=line_id)
        with later(days=1):
            amended(agency, made, line_id, 4)
        with later(days=3):
            making.done(confirm(agency, post, "live"))
            assert stays(agency, post) == (4, 4, False)

    def test_are_those_of_what_is_bound_after_them(
        self, agency: Staffed, network: Network, line_id: str
    ) -> None:
        made = approved(agency, days=2, line_id=line_id)
        amended(agency, made, line_id, 4)
        (piece,) = making.pieces_of(agency.executive, made)
        assert stays(agency, bound(agency, piece["id"])) == (4, 4, False)
