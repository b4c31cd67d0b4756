"""Every walk through the state machines, against a model of a few lines."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.campaigns.campaigns import MOVES as CAMPAIGN_MOVES
from api.campaigns.deliverable_models import DeliverableStatus
from api.campaigns.deliverables import MOVES, OPEN
from api.campaigns.models import CampaignStatus
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed

WALK = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SOLD = 3

# verb → who, body, and the states it leads from; to where, the model says below.
_State = DeliverableStatus
VERBS: dict[str, tuple[str, Any]] = {
    "start": ("community", None),
    "submit": ("community", {}),
    "deliver": ("community", {"url": "https://x.example/1"}),
    "cancel": ("community", None),
    "approve": ("", None),
    "changes": ("", {"outcome": "changes_requested", "reason": "Again"}),
    "block": ("community", {"cause": "agency"}),
    "unblock": ("community", None),
}
LEADS: dict[tuple[str, DeliverableStatus], DeliverableStatus] = {
    ("start", _State.planned): _State.in_progress,
    ("start", _State.changes_requested): _State.in_progress,
    ("submit", _State.in_progress): _State.internal_review,
    ("approve", _State.internal_review): _State.client_review,
    ("approve", _State.client_review): _State.approved,
    ("changes", _State.internal_review): _State.changes_requested,
    ("changes", _State.client_review): _State.changes_requested,
    ("deliver", _State.approved): _State.delivered,
    **{("cancel", state): _State.cancelled for state in OPEN},
}
HELD_BY_A_BLOCK = {"start", "submit", "deliver"}


class Model:
    """What should be so: the states, and what is left to sell."""

    def __init__(self) -> None:
        self.states: list[DeliverableStatus] = []
        self.blocked: set[int] = set()
        self.accrued = 0
        self.over = 0

    @property
    def reserved(self) -> int:
        return sum(state in OPEN for state in self.states)

    @property
    def delivered(self) -> int:
        return self.states.count(_State.delivered)

    @property
    def room(self) -> int:
        return SOLD - self.reserved - self.delivered - self.accrued

    def leads(self, verb: str, place: int) -> DeliverableStatus | None:
        """Where a verb leads; None: it is refused."""
        state, blocked = self.states[place], place in self.blocked
        if verb == "block":
            return state if state in OPEN else None
        if verb == "unblock":
            return state if blocked else None
        if blocked and verb in HELD_BY_A_BLOCK:
            return None
        return LEADS.get((verb, state))

    def move(self, verb: str, place: int, to: DeliverableStatus) -> None:
        self.states[place] = to
        if verb == "block":
            self.blocked.add(place)
        elif verb in ("unblock", "cancel"):
            self.blocked.discard(place)


STEPS = st.one_of(
    st.tuples(st.just("plan"), st.just(0)),
    st.tuples(st.just("accrue"), st.integers(1, 2)),
    st.tuples(st.sampled_from(sorted(VERBS)), st.integers(0, SOLD - 1)),
    # The way forward, more often than not: or nothing is ever delivered.
    st.tuples(st.sampled_from(["start", "submit", "approve", "deliver"]), st.just(0)),
)


def _do(agency: Staffed, row: Any, verb: str) -> Any:
    who, body = VERBS[verb]
    if verb in ("approve", "changes"):
        now = done(agency.community.get(f"/v1/deliverables/{row['id']}"))
        person = agency.approver if now["status"] == "client_review" else agency.strategist
        if verb == "approve":
            return move(person, row, "approve")
        asked = now["approval_id"] or row["id"]
        return person.post(f"/v1/approvals/{asked}/decide", body)
    return move(getattr(agency, who), row, verb, body)


class TestDeliverableMoves:
    @WALK
    @given(steps=st.lists(STEPS, min_size=8, max_size=24))
    def test_follow_the_model_and_the_lot_adds_up(
        self, agency: Staffed, steps: list[tuple[str, int]]
    ) -> None:
        scope = making.accepted(agency, making.line(quantity=SOLD))
        line = scope["lines"][0]["id"]
        model, rows = Model(), []
        for verb, number in steps:
            if verb == "plan":
                answer = agency.community.post("/v1/deliverables", {"line_id": line})
                assert answer.status_code == (201 if model.room > 0 else 409)
                if answer.status_code == 201:
                    rows.append(answer.json())
                    model.states.append(_State.planned)
            elif verb == "accrue":
                body = {"quantity": number, "counted_on": "2026-11-20", "reason": "Done"}
                extra = max(0, number - model.room)
                done(agency.community.post(f"/v1/scope-lines/{line}/accruals", body), 201)
                model.accrued += number - extra
                model.over += extra
            elif number < len(rows):
                self._step(agency, model, rows, verb, number)
        self._check(agency, scope, model)

    def _step(self, agency: Staffed, model: Model, rows: Any, verb: str, place: int) -> None:
        to = model.leads(verb, place)
        answer = _do(agency, rows[place], verb)
        if to is None:
            assert answer.status_code in (404, 409), (verb, model.states[place], answer.text)
            return
        assert answer.status_code == 200, (verb, model.states[place], answer.text)
        model.move(verb, place, to)
        now = done(agency.community.get(f"/v1/deliverables/{rows[place]['id']}"))
        assert (now["status"], now["blocked_cause"] is not None) == (to, place in model.blocked)

    def _check(self, agency: Staffed, scope: Any, model: Model) -> None:
        shown = making.lot_of(agency, scope["id"])
        assert shown["planned"] == model.reserved
        assert shown["delivered"] == model.delivered + model.accrued + model.over
        assert shown["over_serviced"] == model.over
        assert shown["delivered"] - shown["over_serviced"] + shown["planned"] <= SOLD

    def test_name_only_states_that_lead_somewhere_known(self) -> None:
        assert set(MOVES) == set(DeliverableStatus)
        assert all(to in MOVES[state] for (_, state), to in LEADS.items())


# verb → who, body, and the state each state leads to.
_At = CampaignStatus
CAMPAIGN: dict[str, tuple[str, Any, dict[CampaignStatus, CampaignStatus]]] = {
    "propose": ("executive", {}, {_At.draft: _At.proposed}),
    "approve": ("approver", None, {_At.proposed: _At.approved}),
    "withdraw": ("executive", None, {_At.proposed: _At.draft}),
    "activate": ("executive", None, {_At.approved: _At.active}),
    "pause": ("executive", {"cause": "client"}, {_At.active: _At.paused}),
    "resume": ("executive", None, {_At.paused: _At.active}),
    "complete": ("strategist", None, {_At.active: _At.completed, _At.paused: _At.completed}),
    "cancel": (
        "executive",
        None,
        {
            state: _At.cancelled
            for state in CampaignStatus
            if state not in (_At.completed, _At.cancelled)
        },
    ),
}


class TestCampaignMoves:
    @WALK
    @given(
        verbs=st.lists(
            st.one_of(
                st.sampled_from(sorted(set(CAMPAIGN) - {"cancel", "complete"})),
                st.sampled_from(sorted(CAMPAIGN)),
            ),
            min_size=6,
            max_size=14,
        )
    )
    def test_follow_the_model(self, agency: Staffed, verbs: list[str]) -> None:
        path = f"/v1/campaigns/{making.campaign(agency)['id']}"
        state = _At.draft
        for verb in verbs:
            who, body, leads = CAMPAIGN[verb]
            answer = getattr(agency, who).post(f"{path}/{verb}", body)
            if state not in leads:
                # What is a draft is not there for the client.
                assert answer.status_code in (404, 409), (verb, state, answer.text)
                continue
            assert answer.status_code == 200, (verb, state, answer.text)
            assert leads[state] in CAMPAIGN_MOVES[state]
            state = leads[state]
            assert done(agency.executive.get(path))["status"] == state
