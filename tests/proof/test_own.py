"""What an influencer tells of their own work: where it is out, and what it brought."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import clock
from tests.collaborations import making
from tests.collaborations.handing_in import handed_in, reads
from tests.factories import Person, Staffed, events_of
from tests.proof.making import (
    CAPTION,
    Network,
    approved,
    body,
    bound,
    confirm,
    later,
    look,
    open_gates,
    read,
    words,
)


def bind(person: Person, piece: dict[str, Any], **values: Any) -> Any:
    url = f"https://www.instagram.com/p/{piece['id']}/"
    said = {"deliverable_id": piece["id"], "url": url, **values}
    return person.post("/v1/me/live-posts", said)


def tell(
    agency: Staffed,
    made: dict[str, Any],
    views: int = 1,
    *,
    by: Person | None = None,
    **values: Any,
) -> Any:
    """Views, unless something else is said, with a file that shows them."""
    said = {"metrics": {"views": {"value": views}}, **values}
    if "file_ids" not in said:
        said["file_ids"] = [handed_in(agency, made)["id"]]
    path = f"/v1/me/collaborations/{made['id']}/results"
    return (by or agency.influencer).post(path, said)


def figures(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    answer = person.get(f"/v1/collaborations/{made['id']}/results")
    return {each["metric"]: each for each in making.done(answer)["figures"]}


class TestBindOwnPost:
    def test_is_what_the_staff_would_have_done(self, agency: Staffed) -> None:
        told = {}
        for by in ("influencer", "executive"):
            made = approved(agency)
            (piece,) = making.pieces_of(agency.influencer, made)
            if by == "influencer":
                post = making.done(bind(agency.influencer, piece), 201)
            else:
                post = bound(agency, piece["id"], caption=None)
            assert making.read(agency.executive, made)["status"] == "live"
            told[by] = [events_of(agency, id) for id in (post["id"], piece["id"], made["id"])]
            assert making.done(agency.influencer.get(f"/v1/live-posts/{post['id']}")) == read(
                agency, post
            )
        assert told["influencer"] == told["executive"]

    def test_is_looked_up_from_when_the_agency_has_seen_it(
        self, agency: Staffed, network: Network
    ) -> None:
        (piece,) = making.pieces_of(agency.influencer, approved(agency))
        post = making.done(bind(agency.influencer, piece), 201)
        making.done(confirm(agency, post, "missing"))
        with later(days=2):
            assert look(agency) == 0
            assert read(agency, post)["check_due_at"] is None
            making.done(confirm(agency, post, "live"))
        with later(days=3):
            assert look(agency) == 1
        assert len(network.looked) == 1

    def test_opens_no_gate(self, agency: Staffed, network: Network) -> None:
        """Whatever answers at the address, and whatever the terms ask for."""
        made = approved(agency, days=0, disclosure=False)
        (piece,) = making.pieces_of(agency.influencer, made)
        before = open_gates(agency, made), words(agency, made)
        post = making.done(bind(agency.influencer, piece, url="https://mine.example/p/1"), 201)
        with later(days=10):
            look(agency)
            assert (open_gates(agency, made), words(agency, made)) == before
            making.done(confirm(agency, post, "live"))
            assert open_gates(agency, made) == [["payee_ready"]]

    def test_counts_its_days_from_when_it_is_told(self, agency: Staffed) -> None:
        made = approved(agency, days=5)
        (piece,) = making.pieces_of(agency.influencer, made)
        long_ago = (clock.now() - timedelta(days=30)).isoformat()
        said = bind(agency.influencer, piece, published_at=long_ago)
        assert (said.status_code, said.json()["code"]) == (422, "invalid_request")
        post = making.done(bind(agency.influencer, piece), 201)
        for days, open in ((0, True), (4, True), (7, False)):
            with later(days=days):
                making.done(confirm(agency, post, "live"))
            assert ("min_live_days" in str(open_gates(agency, made))) == open, days

    def test_leaves_what_is_seen_and_judged_to_the_agency(self, agency: Staffed) -> None:
        made = approved(agency)
        (piece,) = making.pieces_of(agency.influencer, made)
        said = bind(agency.influencer, piece, caption={"caption": CAPTION})
        assert (said.status_code, said.json()["code"]) == (422, "invalid_request")
        post = making.done(bind(agency.influencer, piece), 201)
        path, seen = f"/v1/live-posts/{post['id']}", {"outcome": "live", "note": "Ya está."}
        assert agency.influencer.post(f"{path}/confirm", seen).status_code == 403
        assert agency.influencer.post(f"{path}/withdraw", {"reason": "No."}).status_code == 403
        assert agency.influencer.post("/v1/live-posts", body(piece["id"])).status_code == 403
        making.done(confirm(agency, post, "live", caption={"caption": CAPTION}))
        assert "disclosure_valid" not in str(open_gates(agency, made))

    def test_is_refused_like_the_staffs(self, agency: Staffed) -> None:
        made = making.started(agency)
        (due,) = making.pieces_of(agency.influencer, made)
        assert making.done(bind(agency.influencer, due), 409)["code"] == "move_not_allowed"
        first, second = making.pieces_of(agency.influencer, approved(agency, pieces=2))
        post = making.done(bind(agency.influencer, first), 201)
        again = bind(agency.influencer, second, url=post["url"])
        assert making.done(again, 409)["code"] == "address_taken"
        other = bind(agency.influencer, first, url="https://www.instagram.com/p/Other/")
        assert making.done(other, 409)["code"] == "piece_has_post"
        inside = bind(agency.influencer, second, url="https://127.0.0.1/p/1")
        assert making.done(inside, 422)["code"] == "address_not_allowed"

    def test_is_for_ones_own_work_alone(self, agency: Staffed) -> None:
        (piece,) = making.pieces_of(agency.influencer, approved(agency))
        assert bind(agency.other_influencer, piece).status_code == 404
        for name in ("owner", "executive", "approver", "stranger"):
            assert bind(agency.people[name], piece).status_code == 403, name
        listed = agency.owner.get("/v1/live-posts", params={"deliverable_id": piece["id"]})
        assert making.done(listed)["data"] == []


class TestWithdrawOwnPost:
    def withdraw(self, person: Person, post: dict[str, Any]) -> Any:
        return person.post(f"/v1/me/live-posts/{post['id']}/withdraw", {"reason": "Una errata."})

    def test_frees_what_nobody_has_seen(self, agency: Staffed) -> None:
        made = approved(agency)
        (piece,) = making.pieces_of(agency.influencer, made)
        post = making.done(bind(agency.influencer, piece), 201)
        making.done(confirm(agency, post, "missing"))
        assert making.done(self.withdraw(agency.influencer, post))["status"] == "withdrawn"
        assert making.read(agency.executive, made)["status"] == "approved"
        assert events_of(agency, post["id"])[-1] == "live_post.withdrawn"
        making.done(bind(agency.influencer, piece), 201)

    def test_hides_nothing_that_was_seen(self, agency: Staffed) -> None:
        (piece,) = making.pieces_of(agency.influencer, approved(agency))
        post = making.done(bind(agency.influencer, piece), 201)
        making.done(confirm(agency, post, "live"))
        making.done(confirm(agency, post, "missing"))
        assert making.done(self.withdraw(agency.influencer, post), 409)["state"] == "missing"
        assert read(agency, post)["status"] == "missing"

    def test_is_for_ones_own_work_alone(self, agency: Staffed) -> None:
        (piece,) = making.pieces_of(agency.influencer, approved(agency))
        post = making.done(bind(agency.influencer, piece), 201)
        assert self.withdraw(agency.other_influencer, post).status_code == 404
        assert self.withdraw(agency.executive, post).status_code == 403


class TestRecordOwnResults:
    def test_keeps_who_says_it_and_how_well(self, agency: Staffed) -> None:
        made = making.contracted(agency)
        said = {"reach": {"value": 900, "quality": "estimated"}, "views": {"value": 1_200}}
        assert making.done(tell(agency, made, metrics=said)) == {
            "received": 2,
            "stored": 2,
            "unchanged": 0,
        }
        for person in (agency.influencer, agency.executive):
            found = figures(person, made)
            assert [
                (found[name]["value"], found[name]["quality"], found[name]["source"])
                for name in ("reach", "views")
            ] == [(900, "estimated", "influencer"), (1_200, "manual", "influencer")]
        told = [each for each in events_of(agency, made["id"]) if "results" in each]
        assert told == ["collaboration_results.recorded"]

    def test_is_once_when_told_twice(self, agency: Staffed) -> None:
        made = making.contracted(agency)
        said: dict[str, Any] = {
            "captured_at": clock.now().isoformat(),
            "file_ids": [handed_in(agency, made)["id"]],
        }
        making.done(tell(agency, made, 7, **said))
        again = making.done(tell(agency, made, 7, **said))
        assert (again["stored"], again["unchanged"]) == (0, 1)
        shown_otherwise = said | {"file_ids": [handed_in(agency, made)["id"]]}
        for other in (tell(agency, made, 8, **said), tell(agency, made, 7, **shown_otherwise)):
            assert making.done(other, 409)["code"] == "result_differs"

    def test_shows_them_by_files_of_the_collaboration(self, agency: Staffed) -> None:
        made, other = making.contracted(agency), making.contracted(agency)
        (piece,) = making.pieces_of(agency.influencer, made)
        whole, part = (handed_in(agency, made)["id"] for _ in range(2))
        making.done(tell(agency, made, 9, file_ids=[whole]))
        making.done(tell(agency, made, 8, file_ids=[part], deliverable_id=piece["id"]))
        strange = tell(agency, made, 10, file_ids=[whole, handed_in(agency, other)["id"]])
        assert making.done(strange, 404)["code"] == "not_found"
        none = tell(agency, made, 10, file_ids=[])
        assert (none.status_code, none.json()["code"]) == (422, "invalid_request")
        for person in (agency.influencer, agency.executive):
            found = making.done(person.get(f"/v1/collaborations/{made['id']}/results"))
            shown = {each["metric"]: each["file_ids"] for each in found["figures"]}
            assert (shown["views"], shown["reach"]) == ([whole], [])
            assert [each["file_ids"] for each in found["deliverables"]] == [[part]]
            assert reads(person, {"id": whole})
        assert not reads(agency.approver, {"id": whole})

    @pytest.mark.parametrize(
        "values",
        [
            {"metrics": {"revenue_minor": {"value": 1}}},
            {"metrics": {"conversions": {"value": 1}}},
            {"metrics": {"views": {"value": 1, "quality": "actual"}}},
            {"metrics": {"views": {"missing": "not_yet"}}},
            {"metrics": {"views": {"value": -1}}},
            {"metrics": {}},
            {"metrics": {"views": {"value": 1}}, "source": "instagram"},
        ],
    )
    def test_refuses_what_is_not_theirs_to_say(self, agency: Staffed, values: Any) -> None:
        answer = tell(agency, making.contracted(agency), **values)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")

    def test_is_of_work_that_was_agreed_and_of_no_day_to_come(self, agency: Staffed) -> None:
        made, said = making.offered(agency)
        early = tell(agency, made, file_ids=[made["id"]])
        assert making.done(early, 409)["code"] == "move_not_allowed"
        making.done(making.accept(agency, made, said))
        ahead = (clock.now() + timedelta(hours=1)).isoformat()
        answer = tell(agency, made, captured_at=ahead)
        assert making.done(answer, 422)["code"] == "result_from_the_future"

    def test_is_for_ones_own_work_alone(self, agency: Staffed) -> None:
        made, other = making.contracted(agency), making.contracted(agency)
        assert tell(agency, made, by=agency.other_influencer).status_code == 404
        for name in ("owner", "executive", "approver", "stranger"):
            assert tell(agency, made, by=agency.people[name]).status_code == 403, name
        (piece,) = making.pieces_of(agency.influencer, other)
        assert tell(agency, made, deliverable_id=piece["id"]).status_code == 404
        assert figures(agency.executive, made)["views"]["value"] is None


# (who tells, of what, hours ago, value) in the order of telling, and what counts in the end.
US, THEM, WHOLE, FIRST, SECOND = "executive", "influencer", None, 0, 1
CASES: list[tuple[list[tuple[str, int | None, int, int]], int]] = [
    ([(THEM, WHOLE, 2, 10)], 10),
    ([(THEM, WHOLE, 2, 10), (THEM, WHOLE, 1, 20)], 20),
    ([(THEM, WHOLE, 1, 10), (US, WHOLE, 2, 20)], 20),
    ([(US, WHOLE, 3, 20), (THEM, WHOLE, 1, 10)], 20),
    ([(US, WHOLE, 3, 20), (THEM, WHOLE, 2, 10), (US, WHOLE, 4, 5)], 20),
    ([(THEM, FIRST, 2, 10), (THEM, SECOND, 2, 5)], 15),
    ([(THEM, FIRST, 2, 10), (US, SECOND, 2, 5)], 15),
    ([(THEM, FIRST, 1, 10), (US, FIRST, 2, 7), (THEM, SECOND, 1, 5)], 12),
    ([(US, FIRST, 2, 7), (US, SECOND, 2, 4), (THEM, WHOLE, 1, 99)], 11),
    ([(THEM, FIRST, 2, 10), (THEM, SECOND, 2, 5), (THEM, WHOLE, 3, 99)], 99),
    ([(THEM, FIRST, 1, 10), (US, WHOLE, 3, 20)], 20),
]


class TestWhoseFigureCounts:
    @pytest.mark.parametrize(("told", "counts"), CASES)
    def test_is_the_agencys_where_it_has_one(
        self, agency: Staffed, told: list[tuple[str, int | None, int, int]], counts: int
    ) -> None:
        two = [making.piece(), making.piece()]
        made, now = making.contracted(agency, deliverables=two), clock.now()
        pieces = making.pieces_of(agency.executive, made)
        for who, of, hours, value in told:
            said: dict[str, Any] = {
                "captured_at": (now - timedelta(hours=hours)).isoformat(),
                "metrics": {"views": {"value": value}},
                "deliverable_id": None if of is None else pieces[of]["id"],
            }
            if who == THEM:
                making.done(tell(agency, made, **said))
            else:
                path = f"/v1/collaborations/{made['id']}/results"
                making.done(agency.executive.post(path, {**said, "source": "instagram"}))
        for person in (agency.executive, agency.influencer):
            assert figures(person, made)["views"]["value"] == counts
