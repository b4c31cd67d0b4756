"""
A collaboration against a model of it: whatever is tried, in whatever order, the API does what a
few lines of plain Python say it must, tells each move once, and refuses the rest without a trace.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.collaborations.work import pieces
from tenants import clock
from tenants.errors import MoveNotAllowed
from tests.budgets.factories import balances
from tests.collaborations.making import (
    FEE,
    accept,
    act,
    broken,
    budget_line,
    decide,
    done,
    offer,
    payables_of,
    pieces_of,
    read,
    shortlisted,
    started,
    submit,
    terms,
)
from tests.factories import Staffed, events_of

# verb → where it is possible, and where it leads: the domain's words, said a second time.
MODEL: dict[str, dict[str, str]] = {
    "invite": {"shortlisted": "invited"},
    "negotiate": dict.fromkeys(("invited", "terms_sent"), "negotiating"),
    "offer": dict.fromkeys(("invited", "negotiating"), "terms_sent"),
    "accept": {"terms_sent": "contracted"},
    "decline": dict.fromkeys(("invited", "negotiating", "terms_sent"), "declined"),
    "drop": dict.fromkeys(("shortlisted", "invited", "negotiating", "terms_sent"), "dropped"),
    "start": {"contracted": "content_due"},
    "submit": {"content_due": "in_review"},
    "approve": {"in_review": "approved"},
    "ask_changes": {"in_review": "content_due"},
    "withdraw": {"in_review": "content_due"},
    "go_live": {"approved": "live"},
    "verify": {"live": "verified"},
    "doubt": {"verified": "live"},
    "fall": {"live": "approved"},
    "complete": {"verified": "completed"},
    "cancel": dict.fromkeys(("contracted", "content_due", "in_review", "approved"), "cancelled"),
    "breach": dict.fromkeys(
        ("contracted", "content_due", "in_review", "approved", "live", "verified"), "breached"
    ),
}
LIKELY = ("invite", "offer", "accept", "start", "submit", "approve", "go_live", "verify")


class Played:
    """One collaboration, and what was done to it."""

    def __init__(self, agency: Staffed, line_id: str) -> None:
        self.agency, self.line_id = agency, line_id
        self.made = shortlisted(agency)
        self.path = f"/v1/collaborations/{self.made['id']}"
        self.handed_in: dict[str, Any] = {"id": self.made["id"], "approval_id": self.made["id"]}

    def do(self, verb: str) -> bool:
        """Whether it was done; a refusal is one of the documented kind."""
        answer = getattr(self, f"_{verb}", lambda: self._plainly(verb))()
        if isinstance(answer, bool):
            return answer
        assert answer.status_code in (200, 201, 404, 409), answer.text
        return bool(answer.is_success)

    def _plainly(self, verb: str) -> Any:
        body = {"reason": "Porque sí."} if verb not in ("invite", "start", "complete") else None
        influencers = verb == "decline"
        person = self.agency.influencer if influencers else self.agency.executive
        return person.post(f"{self.path}/{verb}", body)

    def _offer(self) -> Any:
        return offer(self.agency, self.made, terms(self.line_id))

    def _accept(self) -> Any:
        found = done(self.agency.executive.get(f"{self.path}/terms"))["data"]
        return accept(self.agency, self.made, found[0] if found else {"content_sha256": "0" * 64})

    def _submit(self) -> Any:
        found = pieces_of(self.agency.executive, self.made)
        answer = submit(self.agency.influencer, found[0]["id"] if found else self.made["id"])
        if answer.is_success:
            self.handed_in = answer.json()
        return answer

    def _approve(self) -> Any:
        return decide(self.agency.approver, self.handed_in)

    def _ask_changes(self) -> Any:
        return decide(self.agency.approver, self.handed_in, "changes_requested")

    def _withdraw(self) -> Any:
        return self.agency.influencer.post(f"/v1/submissions/{self.handed_in['id']}/withdraw")

    def _go_live(self) -> bool:
        return self._seen(pieces.go_live, clock.now())

    def _verify(self) -> bool:
        return self._seen(pieces.verify)

    def _doubt(self) -> bool:
        """Of what is verified: the move back is the same as going live, from the other side."""
        if read(self.agency.executive, self.made)["status"] != "verified":
            return False
        return self._seen(pieces.doubt)

    def _fall(self) -> bool:
        if read(self.agency.executive, self.made)["status"] != "live":
            return False
        return self._seen(pieces.fall)

    def _seen(self, verb: Callable[..., Any], *more: Any) -> bool:
        found = pieces_of(self.agency.executive, self.made)
        if not found:
            return False
        try:
            act(self.agency, verb, UUID(found[0]["id"]), *more)
        except MoveNotAllowed:
            return False
        return True


class TestMachine:
    @given(
        st.lists(st.one_of(st.sampled_from(LIKELY), st.sampled_from(sorted(MODEL))), max_size=14)
    )
    @settings(
        max_examples=5,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_does_what_the_model_says(self, agency: Staffed, verbs: list[str]) -> None:
        self._play(agency, verbs)

    @pytest.mark.parametrize(
        "verbs",
        [
            (*LIKELY, "doubt", "verify", "complete", "breach", "cancel"),
            (*LIKELY[:5], "ask_changes", "submit", "withdraw", "submit", "approve", "cancel"),
            (*LIKELY[:5], "start", "ask_changes", "start", "submit"),
            (*LIKELY[:7], "fall", "go_live", "verify", "breach", "submit"),
            ("invite", "offer", "negotiate", "offer", "decline", "accept", "drop"),
        ],
        ids=["to the end", "in rounds", "begun once", "gone and back", "declined"],
    )
    def test_goes_these_ways(self, agency: Staffed, verbs: tuple[str, ...]) -> None:
        self._play(agency, list(verbs))

    def _play(self, agency: Staffed, verbs: list[str]) -> None:
        played, status, moved = Played(agency, budget_line(agency)), "shortlisted", 1
        for verb in verbs:
            then = MODEL[verb].get(status)
            assert played.do(verb) == (then is not None), f"{verb} at {status}"
            status, moved = then or status, moved + (then is not None)
            assert read(agency.executive, played.made)["status"] == status
        told = [e for e in events_of(agency, played.made["id"]) if not e.endswith("updated")]
        assert len(told) == moved
        assert told[-1] == f"collaboration.{status}"
        assert broken(agency) == []


class TestAtOnce:
    def test_a_decision_and_a_cancellation_leave_no_half(self, agency: Staffed) -> None:
        line_id = budget_line(agency)
        made = started(agency, line_id=line_id)
        (asked,) = pieces_of(agency.executive, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        path = f"/v1/collaborations/{made['id']}/cancel"
        with ThreadPoolExecutor(2) as pool:
            decided = pool.submit(decide, agency.approver, handed_in)
            called_off = pool.submit(agency.executive.post, path, {"reason": "Lluvia."})
        assert {decided.result().status_code, called_off.result().status_code} <= {200, 409}
        assert read(agency.executive, made)["status"] == "cancelled"
        spent = FEE if decided.result().is_success else 0
        assert balances(agency.executive, line_id) == (1_000_000, 0, spent, 0)
        assert len(payables_of(agency, made)) == (1 if spent else 0)
        assert broken(agency) == []
