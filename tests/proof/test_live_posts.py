"""Live posts: bound once, seen every day, gone early or not, and what is owed for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.proof.looking import LookOutcome
from billing.payable import payout_making
from tenants import clock
from tests.billing import creators
from tests.collaborations import making
from tests.factories import Staffed, events_of
from tests.proof.making import (
    DAY,
    Network,
    approved,
    body,
    bound,
    confirm,
    later,
    look,
    open_gates,
    published,
    read,
)


def _status(agency: Staffed, made: dict[str, Any]) -> str:
    return str(making.read(agency.executive, made)["status"])


class TestCreateLivePost:
    def test_binds_an_accepted_piece_to_its_address(self, agency: Staffed) -> None:
        made = approved(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        post = bound(agency, piece["id"], url="HTTPS://www.Instagram.com/p/AbC/?igsh=1")
        assert post["status"] == "bound"
        assert post["url"] == "https://www.instagram.com/p/AbC/?igsh=1"
        assert post["min_live_days"] == 30
        assert post["check_due_at"] is not None
        assert _status(agency, made) == "live"
        assert events_of(agency, post["id"]) == ["live_post.bound"]

    @pytest.mark.parametrize(
        "again",
        [
            *("https://instagram.com/p/AbC", "http://m.instagram.com/p/AbC/?utm_source=x#y"),
            "https://www.instagram.com/p/AbC/?igsh=other",
        ],
    )
    def test_refuses_one_address_for_two_pieces(self, agency: Staffed, again: str) -> None:
        made = approved(agency, pieces=2)
        first, second = making.pieces_of(agency.executive, made)
        bound(agency, first["id"], url="https://www.instagram.com/p/AbC/")
        answer = agency.executive.post("/v1/live-posts", body(second["id"], url=again))
        assert (answer.status_code, answer.json()["code"]) == (409, "address_taken")
        assert _status(agency, made) == "approved"

    def test_refuses_an_address_of_another_clients_and_names_nothing(self, agency: Staffed) -> None:
        made = approved(agency)
        post = bound(agency, making.pieces_of(agency.executive, made)[0]["id"])
        with clock.at(clock.now()):
            other = making.started(agency, "two")
        piece = making.pieces_of(agency.other_executive, other)[0]
        submitted = making.done(making.submit(agency.influencer, piece["id"]), 201)
        making.done(making.decide(agency.other_contact, submitted))
        answer = agency.other_executive.post("/v1/live-posts", body(piece["id"], url=post["url"]))
        assert answer.status_code == 409
        assert post["id"] not in answer.text
        assert making.read(agency.other_executive, other)["status"] == "approved"

    def test_refuses_two_posts_for_one_piece(self, agency: Staffed) -> None:
        made = approved(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        bound(agency, piece["id"])
        other = body(piece["id"], url="https://www.instagram.com/p/Other/")
        answer = agency.executive.post("/v1/live-posts", other)
        assert answer.status_code == 409

    def test_refuses_a_piece_that_nobody_accepted(self, agency: Staffed) -> None:
        made = making.started(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        answer = agency.executive.post("/v1/live-posts", body(piece["id"]))
        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")
        listed = agency.executive.get("/v1/live-posts", params={"deliverable_id": piece["id"]})
        assert listed.json()["data"] == []

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("javascript:alert(1)", "invalid_request"),
            ("https://127.0.0.1/p/1", "address_not_allowed"),
            ("http://[::ffff:10.0.0.1]/", "address_not_allowed"),
            ("https://u:p@instagram.com/p/1", "address_not_allowed"),
            ("https://instagram.com/" + "p" * 5_000, "invalid_request"),
        ],
    )
    def test_refuses_an_address_that_is_none(self, agency: Staffed, url: str, code: str) -> None:
        made = approved(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        answer = agency.executive.post("/v1/live-posts", body(piece["id"], url=url))
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_refuses_a_post_that_is_still_to_come(self, agency: Staffed) -> None:
        made = approved(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        ahead = (clock.now() + timedelta(hours=1)).isoformat()
        answer = agency.executive.post("/v1/live-posts", body(piece["id"], published_at=ahead))
        assert answer.json()["code"] == "published_later"


class TestLook:
    def test_verifies_what_is_live(self, agency: Staffed, network: Network) -> None:
        made, post = published(agency)
        assert look(agency) == 1
        seen = read(agency, post)
        assert seen["status"] == "live"
        assert seen["first_seen_at"] is not None
        assert _status(agency, made) == "verified"
        assert open_gates(agency, made) == [["min_live_days", "payee_ready"]]
        checks = agency.executive.get(f"/v1/live-posts/{post['id']}/checks").json()["data"]
        assert [(each["method"], each["outcome"]) for each in checks] == [("http", "live")]

    def test_looks_every_day_until_the_last_instant(
        self, agency: Staffed, network: Network
    ) -> None:
        made, post = published(agency, days=3)
        counted = []
        for day in range(6):
            with later(days=day, seconds=day):
                look(agency)
                counted.append(read(agency, post)["live_days"])
        assert counted == [0, 1, 2, 3, 3, 3]
        assert len(network.looked) == 4
        end = read(agency, post)
        assert end["fulfilled_at"] is not None
        assert end["check_due_at"] is None
        assert open_gates(agency, made) == [["payee_ready"]]

    def test_proves_nothing_by_what_does_not_answer(
        self, agency: Staffed, network: Network
    ) -> None:
        made, post = published(agency)
        network.outcome = LookOutcome.unverifiable
        look(agency)
        assert read(agency, post)["status"] == "bound"
        assert "live_verified" in open_gates(agency, made)[0]

    def test_closes_the_gates_of_what_was_altered(self, agency: Staffed, network: Network) -> None:
        made, post = published(agency)
        network.evidence["text_sha256"] = "a" * 64
        look(agency)
        network.outcome = LookOutcome.altered
        with later(days=1, seconds=5):
            look(agency)
            assert read(agency, post)["status"] == "altered"
            assert {"live_verified", "disclosure_valid"} <= set(open_gates(agency, made)[0])
            assert _status(agency, made) == "live"
            making.done(confirm(agency, post, "live"))
            assert _status(agency, made) == "verified"
            assert "live_verified" not in open_gates(agency, made)[0]

    def test_looks_again_soon_at_what_is_missing(self, agency: Staffed, network: Network) -> None:
        made, post = published(agency)
        look(agency)
        network.outcome = LookOutcome.missing
        with later(days=1, seconds=5):
            look(agency)
            assert read(agency, post)["status"] == "missing"
            assert "live_verified" in open_gates(agency, made)[0]
        network.outcome = LookOutcome.live
        with later(days=1, hours=7):
            assert look(agency) == 1
            found = read(agency, post)
        assert (found["status"], found["missing_since"]) == ("live", None)
        assert _status(agency, made) == "verified"

    def test_is_done_once_by_two_jobs(self, agency: Staffed, network: Network) -> None:
        _, post = published(agency)
        look(agency)
        look(agency)
        assert len(network.looked) == 1
        checks = agency.executive.get(f"/v1/live-posts/{post['id']}/checks").json()["data"]
        assert len(checks) == 1

    def test_keeps_nothing_when_somebody_has_looked_meanwhile(
        self, agency: Staffed, network: Network
    ) -> None:
        _, post = published(agency)
        network.meanwhile = lambda: making.done(confirm(agency, post, "live"))
        network.outcome = LookOutcome.missing
        look(agency)
        checks = agency.executive.get(f"/v1/live-posts/{post['id']}/checks").json()["data"]
        assert [(each["method"], each["outcome"]) for each in checks] == [("manual", "live")]
        assert read(agency, post)["status"] == "live"


class TestGoneEarly:
    def _gone(self, agency: Staffed, network: Network, day: int) -> tuple[Any, Any]:
        made, post = published(agency)
        for each in range(day):
            with later(days=each, seconds=each):
                look(agency)
        network.outcome = LookOutcome.missing
        for hours in range(0, 31, 6):
            with later(days=day, hours=hours, minutes=30):
                look(agency)
        return made, read(agency, post)

    def test_breaks_the_promise_and_asks_the_money_back(
        self, agency: Staffed, network: Network
    ) -> None:
        made, post = self._gone(agency, network, 5)
        assert post["status"] == "removed"
        assert post["breached_at"] is not None
        assert post["live_days"] == 4
        assert _status(agency, made) == "approved"
        assert "live_post.breached" in events_of(agency, post["id"])
        part = making.instalments(agency.executive, made)[0]
        assert part["clawed_back_minor"] == part["amount_minor"] == making.FEE
        assert making.broken(agency) == []

    def test_asks_back_once(self, agency: Staffed, network: Network) -> None:
        made, post = self._gone(agency, network, 2)
        assert confirm(agency, post, "removed").status_code == 409
        part = making.instalments(agency.executive, made)[0]
        assert part["clawed_back_minor"] == making.FEE

    def test_takes_nothing_of_what_other_work_came_to(
        self, agency: Staffed, network: Network
    ) -> None:
        """What was owed for the post, and not paid yet, is what it gives back."""
        creators.known(agency)
        made, _ = self._gone(agency, network, 2)
        creators.owed(agency, gates=[], amount_minor=making.FEE)
        with creators.inside(agency) as session:
            payout = payout_making.create(session, agency.influencer_id, "EUR")
        assert (payout.amount_minor, payout.deducted_minor) == (making.FEE, 0)
        (owed,) = making.payables_of(agency, made)
        assert owed.status.value == "cancelled"
        assert making.broken(agency) == []
        assert creators.broken(agency) == {}

    def test_is_no_breach_after_the_last_instant(self, agency: Staffed, network: Network) -> None:
        made, post = published(agency, days=2)
        for each in range(3):
            with later(days=each, seconds=each):
                look(agency)
        with later(days=9):
            gone = making.done(confirm(agency, post, "removed"))
        assert gone["breached_at"] is None
        assert gone["fulfilled_at"] is not None
        part = making.instalments(agency.executive, made)[0]
        assert part["clawed_back_minor"] == 0

    def test_is_no_breach_when_nobody_knows_on_which_side_of_the_end(
        self, agency: Staffed, network: Network
    ) -> None:
        made, post = published(agency, days=2)
        look(agency)
        network.outcome = LookOutcome.unverifiable
        with later(days=2, seconds=5):
            look(agency)
            gone = making.done(confirm(agency, post, "removed"))
        assert (gone["breached_at"], gone["fulfilled_at"]) == (None, None)
        assert making.instalments(agency.executive, made)[0]["clawed_back_minor"] == 0
        assert "min_live_days" in open_gates(agency, made)[0]

    def test_may_be_published_again(self, agency: Staffed, network: Network) -> None:
        made, post = self._gone(agency, network, 2)
        again = bound(agency, post["deliverable_id"], url="https://www.instagram.com/p/Again/")
        assert again["status"] == "bound"
        assert _status(agency, made) == "live"


class TestConfirmLivePost:
    def test_keeps_what_somebody_saw(self, agency: Staffed) -> None:
        made, post = published(agency)
        making.done(confirm(agency, post, "live"))
        check = agency.influencer.get(f"/v1/live-posts/{post['id']}/checks").json()["data"][0]
        assert (check["method"], check["note"]) == ("manual", "Captura del lunes.")
        assert check["checked_by"] == str(agency.executive.membership_id)
        assert _status(agency, made) == "verified"

    def test_wants_something_that_shows_it(self, agency: Staffed) -> None:
        _, post = published(agency)
        answer = confirm(agency, post, "live", note=None)
        assert answer.json()["code"] == "evidence_missing"
        assert read(agency, post)["status"] == "bound"

    def test_says_that_one_is_gone_for_good(self, agency: Staffed) -> None:
        made, post = published(agency)
        gone = making.done(confirm(agency, post, "removed"))
        assert (gone["status"], gone["breached_at"] is not None) == ("removed", True)
        assert making.instalments(agency.executive, made)[0]["clawed_back_minor"] == making.FEE

    def test_is_not_the_clients_or_the_influencers(self, agency: Staffed) -> None:
        _, post = published(agency)
        said = {"outcome": "live", "note": "Sí."}
        for person in (agency.influencer, agency.approver):
            answer = person.post(f"/v1/live-posts/{post['id']}/confirm", said)
            assert answer.status_code == 403


class TestWithdrawLivePost:
    def test_frees_the_address_and_the_piece(self, agency: Staffed) -> None:
        made, post = published(agency)
        making.done(confirm(agency, post, "live"))
        withdrawn = making.done(
            agency.executive.post(f"/v1/live-posts/{post['id']}/withdraw", {"reason": "Otro."})
        )
        assert withdrawn["status"] == "withdrawn"
        assert _status(agency, made) == "approved"
        assert {"live_verified", "disclosure_valid"} <= set(open_gates(agency, made)[0])
        again = bound(agency, post["deliverable_id"], url=post["url"])
        assert again["id"] != post["id"]


class TestGates:
    def test_of_the_whole_open_with_the_last_piece(self, agency: Staffed) -> None:
        made = approved(agency, days=0, pieces=2)
        first, second = making.pieces_of(agency.executive, made)
        making.done(confirm(agency, bound(agency, first["id"]), "live"))
        assert {"live_verified", "disclosure_valid", "min_live_days"} <= set(
            open_gates(agency, made)[0]
        )
        making.done(confirm(agency, bound(agency, second["id"]), "live"))
        assert open_gates(agency, made) == [["payee_ready"]]

    def test_of_one_piece_open_with_it(self, agency: Staffed) -> None:
        fee = {"currency": "EUR", "per_post_minor": 40_000}
        made = approved(agency, days=0, pieces=2, fee=fee)
        first, second = making.pieces_of(agency.executive, made)
        post = bound(agency, first["id"])
        making.done(confirm(agency, post, "live"))
        ready, waiting = open_gates(agency, made)
        assert ready == ["payee_ready"]
        assert "live_verified" in waiting
        making.done(confirm(agency, post, "altered"))
        assert "live_verified" in open_gates(agency, made)[0]

    def test_stay_closed_by_a_caption_that_hides_it(self, agency: Staffed) -> None:
        made = approved(agency, days=0)
        piece = making.pieces_of(agency.executive, made)[0]
        post = bound(agency, piece["id"], caption={"caption": "#sp El mejor café"})
        making.done(confirm(agency, post, "live"))
        assert open_gates(agency, made) == [["disclosure_valid", "payee_ready"]]
        good = {"caption": "#publi El mejor café"}
        making.done(confirm(agency, post, "live", caption=good))
        assert open_gates(agency, made) == [["payee_ready"]]


class TestDays:
    def test_are_the_clients_over_a_change_of_clocks(
        self, agency: Staffed, network: Network
    ) -> None:
        with clock.at(datetime(2026, 10, 24, 16, 30, tzinfo=UTC)):  # 18:30 in Madrid
            made = approved(agency, days=1)
            post = bound(agency, making.pieces_of(agency.executive, made)[0]["id"])
        assert post["stays_until"] == "2026-10-25T17:30:00Z"
        assert datetime.fromisoformat(post["stays_until"]) - datetime.fromisoformat(
            post["published_at"]
        ) == DAY + timedelta(hours=1)


class TestCountedFrom:
    """What somebody says of the past shortens no stay by more than three days."""

    def _bound(self, agency: Staffed, *, before: int, days: int) -> tuple[Any, Any]:
        made = approved(agency, days=days)
        piece = making.pieces_of(agency.executive, made)[0]
        said = (clock.now() - before * DAY).isoformat()
        return made, bound(agency, piece["id"], published_at=said)

    def test_is_at_most_three_days_before_it_is_bound(
        self, agency: Staffed, network: Network
    ) -> None:
        with clock.at(clock.now()):
            made, post = self._bound(agency, before=400, days=5)
            look(agency)
            seen, earliest = read(agency, post), clock.now() - 3 * DAY
        assert datetime.fromisoformat(seen["counted_from"]) == earliest
        assert seen["published_at"] < seen["counted_from"] < seen["stays_until"]
        assert (seen["live_days"], seen["fulfilled_at"]) == (3, None)
        assert "min_live_days" in open_gates(agency, made)[0]
        path = f"/v1/collaborations/{made['id']}/complete"
        assert making.done(agency.executive.post(path), 409)["code"] == "live_days_left"
        with later(days=2, hours=2):
            look(agency)
            assert read(agency, post)["fulfilled_at"] is not None
            assert open_gates(agency, made) == [["payee_ready"]]

    def test_is_its_publication_where_it_is_bound_soon(self, agency: Staffed) -> None:
        _, post = self._bound(agency, before=2, days=5)
        assert post["counted_from"] == post["published_at"]

    @pytest.mark.parametrize(("after", "breaks"), [(1, True), (4, False)])
    def test_asks_nobody_to_stay_longer_than_they_promised(
        self, agency: Staffed, network: Network, after: int, breaks: bool
    ) -> None:
        """Bound ten days late: that is the agency's doing, and no promise of the influencer's."""
        made, post = self._bound(agency, before=10, days=12)
        look(agency)
        with later(days=after, minutes=5):
            gone = making.done(confirm(agency, post, "removed"))
        assert (gone["breached_at"] is not None) == breaks
        assert gone["fulfilled_at"] is None
        part = making.instalments(agency.executive, made)[0]
        assert part["clawed_back_minor"] == (making.FEE if breaks else 0)
