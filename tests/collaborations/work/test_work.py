"""What is handed in and decided, the pieces it is for, and rights of use."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.collaborations import moves
from api.collaborations.models import CollaborationStatus, PieceStatus
from api.collaborations.work import pieces
from tenants import clock
from tenants.errors import MoveNotAllowed
from tests.collaborations.making import (
    act,
    approved,
    broken,
    client_of,
    contracted,
    day,
    decide,
    done,
    payables_of,
    piece,
    pieces_of,
    read,
    right,
    set_mode,
    started,
    submit,
)
from tests.factories import Staffed, events_of


class TestCreateSubmission:
    def test_is_put_to_the_client(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        assert (handed_in["number"], handed_in["status"]) == (1, "in_review")
        assert read(agency.approver, made)["status"] == "in_review"
        assert done(agency.approver.get(f"/v1/submissions/{handed_in['id']}")) == handed_in
        approval = done(agency.approver.get(f"/v1/approvals/{handed_in['approval_id']}"))
        (shown,) = approval["document"]["subjects"]
        assert (shown["type"], shown["text"]) == ("submissions", handed_in["caption"])
        assert events_of(agency, handed_in["id"])[0] == "submission.submitted"

    def test_is_refused_before_the_terms_are_accepted_and_before_it_starts(
        self, agency: Staffed
    ) -> None:
        made = contracted(agency)
        (asked,) = pieces_of(agency.influencer, made)
        problem = done(submit(agency.influencer, asked["id"]), 409)
        assert (problem["code"], problem["state"]) == ("move_not_allowed", "contracted")
        assert done(agency.influencer.get("/v1/submissions"))["data"] == []

    def test_needs_something_to_look_at(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        answer = submit(agency.influencer, asked["id"], url=None)
        assert done(answer, 422)["code"] == "submission_empty"

    def test_is_once_at_a_time(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: submit(agency.influencer, asked["id"]), range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    def test_is_not_for_another_influencer(self, agency: Staffed) -> None:
        (asked,) = pieces_of(agency.influencer, started(agency))
        assert submit(agency.other_influencer, asked["id"]).status_code == 404

    def test_counts_rounds_of_changes(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        for number in (1, 2, 3):
            handed_in = done(submit(agency.influencer, asked["id"]), 201)
            assert handed_in["number"] == number
            if number < 3:
                done(decide(agency.approver, handed_in, "changes_requested"))
                assert read(agency.influencer, made)["status"] == "content_due"
        (now,) = pieces_of(agency.influencer, made)
        assert (now["rounds_used"], now["rounds_included"], now["rounds_over"]) == (2, 1, 1)
        states = [e["status"] for e in done(agency.executive.get("/v1/submissions"))["data"]]
        assert states == ["in_review", "changes_requested", "changes_requested"]

    def test_can_be_taken_back_until_it_is_decided(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        path = f"/v1/submissions/{handed_in['id']}/withdraw"
        assert done(agency.influencer.post(path))["status"] == "withdrawn"
        assert read(agency.influencer, made)["status"] == "content_due"
        assert decide(agency.approver, handed_in).status_code == 409
        assert done(agency.influencer.post(path), 409)["code"] == "move_not_allowed"

    def test_stays_inside_where_the_client_is_not_asked(self, agency: Staffed) -> None:
        set_mode(agency, "internal")
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        handed_in = done(submit(agency.influencer, asked["id"]), 201)
        assert agency.approver.get(f"/v1/submissions/{handed_in['id']}").status_code == 404
        done(decide(agency.strategist, handed_in))
        assert read(agency.executive, made)["status"] == "approved"
        assert agency.approver.get(f"/v1/submissions/{handed_in['id']}").status_code == 404

    def test_is_accepted_at_once_where_nobody_is_asked(self, agency: Staffed) -> None:
        set_mode(agency, "none")
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        assert done(submit(agency.influencer, asked["id"]), 201)["status"] == "approved"
        assert read(agency.influencer, made)["status"] == "approved"
        assert len(payables_of(agency, made)) == 1


class TestPieces:
    def test_lead_the_collaboration(self, agency: Staffed) -> None:
        made = approved(agency, deliverables=[piece(), piece()])
        first, second = (UUID(each["id"]) for each in pieces_of(agency.executive, made))
        act(agency, pieces.go_live, first, clock.now())
        assert read(agency.executive, made)["status"] == "approved"
        act(agency, pieces.go_live, second, clock.now())
        assert read(agency.executive, made)["status"] == "live"
        act(agency, pieces.verify, first)
        act(agency, pieces.verify, second)
        assert read(agency.executive, made)["status"] == "verified"
        act(agency, pieces.doubt, first)
        assert read(agency.executive, made)["status"] == "live"
        act(agency, pieces.fall, first)
        assert read(agency.executive, made)["status"] == "approved"
        assert broken(agency) == []

    def test_are_not_live_before_they_are_accepted(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.executive, made)
        with pytest.raises(MoveNotAllowed):
            act(agency, pieces.go_live, UUID(asked["id"]), clock.now())

    @given(st.lists(st.sampled_from(moves.STAGES), min_size=1, max_size=4), st.data())
    def test_move_the_collaboration_by_one_step_at_most(
        self, stages: list[PieceStatus], data: st.DataObject
    ) -> None:
        """So that each step of a piece is a move that the table of collaborations allows."""
        place = data.draw(st.integers(0, len(stages) - 1))
        onward = sorted(moves.PIECE_MOVES[stages[place]] - {PieceStatus.cancelled})
        to = data.draw(st.sampled_from(onward))
        before = min(stages, key=moves.STAGES.index)
        after = min([*stages[:place], to, *stages[place + 1 :]], key=moves.STAGES.index)
        if before is not after:
            here, then = (CollaborationStatus(each.value) for each in (before, after))
            assert then in moves.MOVES[here]


def _use(**values: Any) -> dict[str, Any]:
    return {
        "medium": "social",
        "territory": "ES",
        "use": "organic",
        "starts_on": day(0),
        "ends_on": day(1),
        **values,
    }


class TestRecordAssetUse:
    def _right(self, agency: Staffed, **values: Any) -> str:
        contracted(agency, rights=[right(**values)])
        return str(done(agency.executive.get("/v1/usage-rights"))["data"][0]["id"])

    def test_notes_what_the_right_covers(self, agency: Staffed) -> None:
        path = f"/v1/usage-rights/{self._right(agency)}/uses"
        made = done(agency.community.post(path, _use()), 201)
        assert done(agency.executive.get(path))["data"] == [made]

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"ends_on": day(91)}, "right_expired"),
            ({"starts_on": day(91), "ends_on": day(92)}, "right_expired"),
            ({"starts_on": day(-1)}, "right_expired"),
            ({"medium": "print"}, "use_not_granted"),
            ({"territory": "FR"}, "use_not_granted"),
            ({"use": "paid"}, "use_not_granted"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_refuses_what_it_does_not(
        self, agency: Staffed, values: dict[str, Any], code: str
    ) -> None:
        path = f"/v1/usage-rights/{self._right(agency)}/uses"
        assert done(agency.executive.post(path, _use(**values)), 409)["code"] == code
        assert done(agency.executive.get(path))["data"] == []

    def test_is_worldwide_where_that_was_granted(self, agency: Staffed) -> None:
        path = f"/v1/usage-rights/{self._right(agency, territories=['world'])}/uses"
        done(agency.executive.post(path, _use(territory="FR")), 201)

    def test_filters_what_ends(self, agency: Staffed) -> None:
        right_id = self._right(agency)
        soon = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def found(query: str) -> list[str]:
            answer = agency.viewer.get("/v1/usage-rights", params=dict([query.split("=")]))
            return [each["id"] for each in done(answer)["data"]]

        assert found(f"ends_after={soon}") == [right_id]
        assert found(f"ends_before={soon}") == []
        assert found(f"client_id={client_of(agency)}") == [right_id]
