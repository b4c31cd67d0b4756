"""What collaborations are said to have brought: told, never overwritten, missing is not zero."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import clock
from tests.budgets.documents import upload
from tests.collaborations import making
from tests.collaborations.handing_in import handed_in
from tests.factories import Staffed, events_of


@pytest.fixture
def made(agency: Staffed) -> dict[str, Any]:
    return making.started(agency)


def tell(agency: Staffed, made: dict[str, Any], **values: Any) -> Any:
    body = {"source": "instagram", **values}
    return agency.executive.post(f"/v1/collaborations/{made['id']}/results", body)


def figures(agency: Staffed, made: dict[str, Any]) -> dict[str, Any]:
    answer = agency.executive.get(f"/v1/collaborations/{made['id']}/results")
    return {each["metric"]: each for each in making.done(answer)["figures"]}


class TestRecordResults:
    def test_lets_the_newest_word_count(self, agency: Staffed, made: dict[str, Any]) -> None:
        now = clock.now()
        for hours, views in ((2, 300), (3, 100), (1, 200)):
            at = (now - timedelta(hours=hours)).isoformat()
            told = {"views": {"value": views, "quality": "actual"}}
            making.done(tell(agency, made, captured_at=at, metrics=told))
        found = figures(agency, made)["views"]
        assert (found["value"], found["quality"], found["source"]) == (200, "actual", "instagram")

    def test_is_once_when_told_twice(self, agency: Staffed, made: dict[str, Any]) -> None:
        said = {"captured_at": clock.now().isoformat(), "metrics": {"views": {"value": 7}}}
        making.done(tell(agency, made, **said))
        assert making.done(tell(agency, made, **said)) == {
            "received": 1,
            "stored": 0,
            "unchanged": 1,
        }
        told = [each for each in events_of(agency, made["id"]) if "results" in each]
        assert told == ["collaboration_results.recorded"]

    def test_refuses_another_word_of_one_instant(
        self, agency: Staffed, made: dict[str, Any]
    ) -> None:
        at = clock.now().isoformat()
        making.done(tell(agency, made, captured_at=at, metrics={"views": {"value": 7}}))
        other = {"likes": {"value": 1}, "views": {"value": 8}}
        answer = tell(agency, made, captured_at=at, metrics=other)
        assert (answer.status_code, answer.json()["code"]) == (409, "result_differs")
        assert figures(agency, made)["likes"]["value"] is None

    def test_tells_missing_from_zero(self, agency: Staffed, made: dict[str, Any]) -> None:
        said = {"reach": {"missing": "not_offered"}, "views": {"value": 0}}
        making.done(tell(agency, made, metrics=said))
        found = figures(agency, made)
        assert (found["reach"]["value"], found["reach"]["reason"]) == (None, "not_offered")
        assert (found["views"]["value"], found["views"]["reason"]) == (0, None)
        assert found["likes"]["reason"] == "not_recorded"

    def test_adds_up_pieces_and_only_estimates_their_reach(self, agency: Staffed) -> None:
        made = making.started(agency, deliverables=[making.piece(), making.piece()])
        for each in making.pieces_of(agency.executive, made):
            told = {name: {"value": 10, "quality": "actual"} for name in ("reach", "views")}
            making.done(tell(agency, made, deliverable_id=each["id"], metrics=told))
        found = figures(agency, made)
        assert (found["views"]["value"], found["views"]["quality"]) == (20, "actual")
        assert (found["reach"]["value"], found["reach"]["quality"]) == (20, "estimated")

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"metrics": {"views": {"value": -1}}}, "invalid_request"),
            ({"metrics": {"views": {"missing": "because"}}}, "invalid_request"),
            ({"metrics": {"followers": {"value": 1}}}, "invalid_request"),
            ({"metrics": {}}, "invalid_request"),
            ({"metrics": {"revenue_minor": {"value": 1}}}, "result_currency_differs"),
            (
                {"currency": "USD", "metrics": {"revenue_minor": {"value": 1}}},
                "result_currency_differs",
            ),
            (
                {"captured_at": "2199-01-01T00:00:00Z", "metrics": {"views": {"value": 1}}},
                "result_from_the_future",
            ),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, made: dict[str, Any], values: Any, code: str
    ) -> None:
        answer = tell(agency, made, **values)
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_shows_them_by_files_of_the_client(self, agency: Staffed, made: dict[str, Any]) -> None:
        """The staff's own, or what the influencer handed in; the same way as the influencer's."""
        own = upload(agency.executive, agency.client_id)
        theirs = handed_in(agency, made)["id"]
        said = {"captured_at": clock.now().isoformat(), "metrics": {"views": {"value": 7}}}
        making.done(tell(agency, made, **said, file_ids=[own, theirs]))
        assert figures(agency, made)["views"]["file_ids"] == [own, theirs]
        again = making.done(tell(agency, made, **said, file_ids=[own, theirs]))
        assert (again["stored"], again["unchanged"]) == (0, 1)
        other = tell(agency, made, **said, file_ids=[own])
        assert making.done(other, 409)["code"] == "result_differs"

    def test_refuses_files_of_another(self, agency: Staffed, made: dict[str, Any]) -> None:
        other = making.contracted(agency)
        strange = upload(agency.owner, agency.other_client_id)
        for file_id in (handed_in(agency, other)["id"], strange, made["id"]):
            answer = tell(agency, made, metrics={"views": {"value": 1}}, file_ids=[file_id])
            assert making.done(answer, 404)["code"] == "not_found"
        assert figures(agency, made)["views"]["value"] is None

    def test_refuses_a_piece_of_another(self, agency: Staffed, made: dict[str, Any]) -> None:
        other = making.started(agency)
        piece = making.pieces_of(agency.executive, other)[0]
        answer = tell(agency, made, deliverable_id=piece["id"], metrics={"views": {"value": 1}})
        assert answer.status_code == 404
