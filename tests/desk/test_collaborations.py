"""What waits for the staff in collaborations, and which of it is told to whom."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from api.desk.collaborations import MENDS, NEEDS
from api.desk.shapes import MatterReason
from api.proof.looking import LookOutcome
from billing.payable import payees
from billing.payable.payout_models import PaymentMethod
from tenants import clock, second_layer
from tenants.permissions import PERMISSIONS
from tests.approvals.asking import set_policy
from tests.billing.creators import IBAN
from tests.collaborations import making
from tests.collaborations.making import done
from tests.factories import Person, Staffed
from tests.proof.conftest import network as network
from tests.proof.making import Network, approved, bound, confirm, look

EVERYBODY = ("owner", "executive", "strategist", "community")
LEADS = ("owner", "executive", "strategist")
Told = dict[str, list[str]]


def matters(person: Person, **asked: Any) -> list[dict[str, Any]]:
    return list(done(person.get("/v1/me/day", params=asked))["collaborations"])


def told(person: Person, **asked: Any) -> Told:
    """The ids of each reason."""
    found: Told = {}
    for each in matters(person, **asked):
        found.setdefault(each["reason"], []).append(each["id"])
    return found


def settled(agency: Staffed) -> None:
    """It is settled how the influencer is paid."""
    making.act(
        agency,
        payees.say,
        agency.influencer_id,
        legal_name="Marta Ríos",
        tax_id="12345678Z",
        country="ES",
        address=None,
        method=PaymentMethod.bank_transfer,
        iban=IBAN,
        account_number=None,
        bic=None,
        instructions=None,
    )


def posted(agency: Staffed, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    made = approved(agency, **values)
    (piece,) = making.pieces_of(agency.executive, made)
    return made, bound(agency, piece["id"], caption=None)


def unanswered(agency: Staffed, network: Network) -> Told:
    _, said = making.offered(agency)
    return {"terms_unanswered": [said["id"]]}


def countered(agency: Staffed, network: Network) -> Told:
    made, said = making.offered(agency)
    path = f"/v1/collaborations/{made['id']}/negotiate"
    done(agency.influencer.post(path, {"reason": "Es poco."}))
    return {"terms_countered": [said["id"]]}


def taken_back(agency: Staffed, network: Network) -> Told:
    """The staff know that they talk: it was they who took their terms back."""
    made, _ = making.offered(agency)
    done(agency.executive.post(f"/v1/collaborations/{made['id']}/negotiate", {}))
    return {}


def to_review(agency: Staffed, network: Network) -> Told:
    set_policy(agency, internal_first=True)
    (piece,) = making.pieces_of(agency.influencer, making.started(agency))
    submitted = done(making.submit(agency.influencer, piece["id"]), 201)
    return {"submission_to_review": [submitted["id"]]}


def missing(agency: Staffed, network: Network) -> Told:
    _, post = posted(agency)
    done(confirm(agency, post, "live", caption={"caption": "#publicidad Café."}))
    done(confirm(agency, post, "missing"))
    return {"post_missing": [post["id"]]}


def removed(agency: Staffed, network: Network) -> Told:
    _, post = posted(agency)
    done(confirm(agency, post, "removed"))
    return {"post_removed": [post["id"]]}


def unseen(agency: Staffed, network: Network) -> Told:
    _, post = posted(agency)
    network.outcome = LookOutcome.unverifiable
    look(agency)
    return {"post_unseen": [post["id"]], "disclosure_missing": [post["id"]]}


def named(agency: Staffed, network: Network) -> Told:
    """The influencer says where it is; nobody of the agency has seen it."""
    (piece,) = making.pieces_of(agency.influencer, approved(agency))
    said = {"deliverable_id": piece["id"], "url": "https://www.instagram.com/p/Mine/"}
    post = done(agency.influencer.post("/v1/me/live-posts", said), 201)
    return {"post_unseen": [post["id"]], "disclosure_missing": [post["id"]]}


def altered(agency: Staffed, network: Network) -> Told:
    _, post = posted(agency)
    done(confirm(agency, post, "altered", caption={"caption": "#publicidad Café."}))
    return {"post_altered": [post["id"]]}


def undisclosed(agency: Staffed, network: Network) -> Told:
    _, post = posted(agency)
    done(confirm(agency, post, "live", caption={"caption": "El mejor café."}))
    return {"disclosure_missing": [post["id"]]}


def unpaid(agency: Staffed, network: Network) -> Told:
    """All is there but where to pay."""
    made, post = posted(agency, days=0)
    done(confirm(agency, post, "live", caption={"caption": "#publicidad Café."}))
    (owed,) = making.payables_of(agency, made)
    assert owed.open_gates == ["payee_ready"]
    return {"payable_blocked": [str(owed.id)]}


def unjudged(agency: Staffed, network: Network) -> Told:
    """All is there but a caption that discloses."""
    settled(agency)
    made, post = posted(agency, days=0)
    done(confirm(agency, post, "live"))
    (owed,) = making.payables_of(agency, made)
    assert owed.open_gates == ["disclosure_valid"]
    return {"disclosure_missing": [post["id"]], "payable_blocked": [str(owed.id)]}


Make = Callable[[Staffed, Network], Told]
# what makes it so → who is told which of its reasons.
CASES: list[tuple[Make, dict[str, tuple[str, ...]]]] = [
    (unanswered, {"terms_unanswered": EVERYBODY}),
    (countered, {"terms_countered": EVERYBODY}),
    (taken_back, {}),
    (to_review, {"submission_to_review": ("owner", "strategist")}),
    (missing, {"post_missing": EVERYBODY}),
    (removed, {"post_removed": EVERYBODY}),
    (unseen, {"post_unseen": EVERYBODY, "disclosure_missing": EVERYBODY}),
    (named, {"post_unseen": EVERYBODY, "disclosure_missing": EVERYBODY}),
    (altered, {"post_altered": EVERYBODY}),
    (undisclosed, {"disclosure_missing": EVERYBODY}),
    (unpaid, {"payable_blocked": ("owner",)}),
    (unjudged, {"disclosure_missing": EVERYBODY, "payable_blocked": LEADS}),
]


class TestWhatWaits:
    @pytest.mark.parametrize(("make", "who"), CASES, ids=[make.__name__ for make, _ in CASES])
    def test_is_told_to_whom_it_concerns(
        self, agency: Staffed, network: Network, make: Make, who: dict[str, tuple[str, ...]]
    ) -> None:
        found = make(agency, network)
        for name in ("owner", "executive", "strategist", "community"):
            due = {reason: ids for reason, ids in found.items() if name in who[reason]}
            assert told(agency.people[name], unanswered_days=0) == due, name
        for name in ("stranger", "other_executive", "approver", "viewer", "influencer"):
            assert matters(agency.people[name], unanswered_days=0) == [], name

    def test_is_what_is_due_within_a_week_of_the_clients_days(self, agency: Staffed) -> None:
        made = making.started(agency)
        (piece,) = making.pieces_of(agency.executive, made)
        for days, late in ((12, []), (13, [False]), (20, [False])):
            with clock.at(clock.now() + timedelta(days=days)):
                assert [each["late"] for each in matters(agency.executive)] == late, days
        with clock.at(clock.now() + timedelta(days=21)):
            (matter,) = matters(agency.executive)
        assert matter == {
            "reason": "submission_due",
            "id": piece["id"],
            "client_id": made["client_id"],
            "client_name": "Café Aurora",
            "collaboration_id": made["id"],
            "title": made["title"],
            "influencer_name": "Influencer",
            "due_on": piece["due_on"],
            "late": True,
            "gate": None,
        }

    @pytest.mark.parametrize(("days", "waits"), [(2, False), (4, True)])
    def test_is_terms_after_so_many_days(self, agency: Staffed, days: int, waits: bool) -> None:
        making.offered(agency)
        with clock.at(clock.now() + timedelta(days=days)):
            assert bool(matters(agency.executive)) == waits
            assert matters(agency.executive, unanswered_days=days - 1)
            assert not matters(agency.executive, unanswered_days=days + 1)

    @pytest.mark.parametrize("days", [-1, 91, "x"])
    def test_takes_no_other_number_of_days(self, agency: Staffed, days: Any) -> None:
        answer = agency.executive.get("/v1/me/day", params={"unanswered_days": days})
        assert answer.status_code == 422

    def test_is_a_submission_until_one_has_decided_on_it(self, agency: Staffed) -> None:
        both = {"quorum": "n", "quorum_count": 2}
        set_policy(agency, internal_first=True, internal=both)
        (piece,) = making.pieces_of(agency.executive, making.started(agency))
        submitted = done(making.submit(agency.influencer, piece["id"]), 201)
        done(making.decide(agency.strategist, submitted))
        assert told(agency.strategist) == {}
        assert told(agency.owner) == {"submission_to_review": [submitted["id"]]}
        done(making.decide(agency.owner, submitted))
        assert told(agency.owner) == {}

    def test_is_no_gone_post_that_was_published_again(self, agency: Staffed) -> None:
        made, post = posted(agency)
        done(confirm(agency, post, "removed"))
        (piece,) = making.pieces_of(agency.executive, made)
        url = "https://www.instagram.com/p/Again/"
        again = bound(agency, piece["id"], url=url, caption=None)
        assert told(agency.executive) == {"disclosure_missing": [again["id"]]}

    def test_asks_for_no_disclosure_where_the_terms_ask_for_none(self, agency: Staffed) -> None:
        _, post = posted(agency, disclosure=False)
        done(confirm(agency, post, "live"))
        assert told(agency.executive) == {}

    def test_is_time_alone_that_mends_the_days_a_post_stays(self, agency: Staffed) -> None:
        settled(agency)
        made, post = posted(agency, days=5)
        done(confirm(agency, post, "live", caption={"caption": "#publicidad Café."}))
        (owed,) = making.payables_of(agency, made)
        assert owed.open_gates == ["min_live_days"]
        assert told(agency.executive) == {}
        with clock.at(clock.now() + timedelta(days=7)):
            # Nobody has looked at its end: seeing it there opens the gate.
            assert told(agency.executive) == {"payable_blocked": [str(owed.id)]}
            done(confirm(agency, post, "live"))
            assert told(agency.executive) == {}

    @pytest.mark.parametrize("stands", [True, False])
    def test_is_of_ones_own_clients(
        self,
        agency: Staffed,
        other_agency: Staffed,
        stands: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(second_layer, "on", stands)
        (_, one), (_, two) = making.offered(agency), making.offered(agency, "two")
        for name, sees in (
            ("owner", [one["id"], two["id"]]),
            ("executive", [one["id"], two["id"]]),
            ("strategist", [one["id"]]),
            ("other_executive", [two["id"]]),
        ):
            found = told(agency.people[name], unanswered_days=0)["terms_unanswered"]
            assert sorted(found) == sorted(sees), name
        assert matters(other_agency.owner, unanswered_days=0) == []

    def test_of_one_client_is_bounded_by_ones_duties_there(self, agency: Staffed) -> None:
        """The executive of client one is client two's community manager."""
        settled(agency)
        made = making.started(agency, "two")
        (piece,) = making.pieces_of(agency.other_executive, made)
        submitted = done(making.submit(agency.influencer, piece["id"]), 201)
        done(making.decide(agency.other_contact, submitted))
        said = {
            "deliverable_id": piece["id"],
            "url": "https://www.instagram.com/p/Two/",
            "published_at": clock.now().isoformat(),
        }
        post = done(agency.other_executive.post("/v1/live-posts", said), 201)
        path = f"/v1/live-posts/{post['id']}/confirm"
        done(agency.other_executive.post(path, {"outcome": "live", "note": "Está."}))
        assert list(told(agency.other_executive)) == ["disclosure_missing", "payable_blocked"]
        assert told(agency.executive) == {"disclosure_missing": [post["id"]]}


class TestTables:
    def test_name_permissions_that_there_are(self) -> None:
        assert {*NEEDS.values(), *MENDS.values()} <= PERMISSIONS.keys()
        assert set(NEEDS) == set(MatterReason)
