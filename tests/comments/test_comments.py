"""Comments, over HTTP: what is said, to whom, and what becomes of it."""

from typing import Any

import pytest
from sqlmodel import select

from api.comments import subjects
from api.comments.models import SubjectType
from tenants import auth, database
from tenants.ids import new_id
from tenants.outbox import Event
from tests.campaigns import making
from tests.factories import Person, Staffed, events_of
from tests.files.samples import PDF, PNG
from tests.operations import Place


@pytest.fixture
def work(agency: Staffed) -> Any:
    """A deliverable of client one."""
    line = making.accepted(agency)["lines"][0]
    return making.deliverable(agency, line["id"])


def _say(by: Person, work: Any, audience: str = "client", **values: Any) -> Any:
    body = {
        "subject_type": "deliverables",
        "subject_id": work["id"],
        "audience": audience,
        "body": "El logo, más grande.",
        **values,
    }
    return by.post("/v1/comments", body)


def _said(by: Person, work: Any, audience: str = "client", **values: Any) -> Any:
    return making.done(_say(by, work, audience, **values), 201)


def _list(by: Person, work: Any, **query: Any) -> Any:
    about = {"subject_type": "deliverables", "subject_id": work["id"]}
    return by.get("/v1/comments", params={**about, **query})


def _heard(by: Person, work: Any) -> list[str]:
    return [each["id"] for each in making.done(_list(by, work))["data"]]


def _file(agency: Staffed, audience: str, content: bytes = PNG) -> str:
    answer = agency.community.call(
        "POST",
        "/v1/files",
        data={"client_id": str(agency.client_id), "audience": audience},
        files={"file": ("a", content)},
    )
    return str(making.done(answer, 201)["id"])


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestCreateComment:
    def test_is_heard_by_those_it_is_for(self, agency: Staffed, work: Any) -> None:
        inside = _said(agency.community, work, "internal")
        asked = _said(agency.community, work)
        answer = _said(agency.approver, work, parent_id=asked["id"], body="Así está bien.")

        assert _heard(agency.strategist, work) == [inside["id"], asked["id"], answer["id"]]
        assert _heard(agency.approver, work) == [asked["id"], answer["id"]]
        assert (answer["author_name"], answer["parent_id"]) == ("Approver", asked["id"])
        assert events_of(agency, asked["id"]) == ["comment.created"]

    def test_says_in_its_event_whom_it_is_for(self, agency: Staffed, work: Any) -> None:
        inside, shown = _said(agency.community, work, "internal"), _said(agency.community, work)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            told = {
                str(row.subject_id): row
                for row in session.exec(select(Event).where(Event.type == "comment.created"))
            }
            assert told[inside["id"]].audience == "staff"
            assert told[shown["id"]].audience == "client"
            assert "body" not in told[shown["id"]].changed  # what people write is personal

    @pytest.mark.parametrize("kind", list(SubjectType))
    def test_is_about_any_subject(self, agency: Staffed, kind: SubjectType) -> None:
        subject = Place("here", agency, agency.client_id, "one").of(kind.removesuffix("s"))
        about = {"subject_type": kind, "subject_id": subject}
        said = agency.owner.post("/v1/comments", {**about, "audience": "internal", "body": "Ojo."})
        nobody = {**about, "subject_id": str(new_id())}
        nothing = agency.owner.post("/v1/comments", {**nobody, "audience": "client", "body": "x"})
        assert making.done(said, 201)["subject_type"] == kind
        assert _code(nothing) == (404, "not_found")
        assert subjects._subjects.keys() == set(SubjectType)

    def test_of_a_contact_is_for_both(self, agency: Staffed, work: Any) -> None:
        assert _code(_say(agency.approver, work, "internal")) == (403, "forbidden")

    def test_answers_the_first_of_its_thread(self, agency: Staffed, work: Any) -> None:
        first = _said(agency.community, work)
        inside = _said(agency.community, work, "internal")
        reply = _said(agency.community, work, parent_id=first["id"])
        line = making.accepted(agency)["lines"][0]
        other = _said(agency.community, making.deliverable(agency, line["id"]))

        for parent, audience in (
            (reply, "client"),
            (other, "client"),
            (inside, "client"),
            (first, "internal"),
        ):
            answer = _say(agency.community, work, audience, parent_id=parent["id"])
            assert _code(answer) == (422, "reply_out_of_thread")

    def test_mentions_those_who_hear_it(self, agency: Staffed, work: Any) -> None:
        strategist, approver = agency.strategist.membership_id, agency.approver.membership_id
        both = [str(strategist), str(approver), str(strategist)]
        assert _said(agency.community, work, mentions=both)["mentions"] == both[:2]
        assert _said(agency.approver, work, mentions=both)["mentions"] == both[:2]
        for audience, member in (
            ("internal", approver),
            ("client", agency.other_contact.membership_id),
            ("internal", agency.stranger.membership_id),
            ("client", new_id()),
        ):
            answer = _say(agency.community, work, audience, mentions=[str(member)])
            assert _code(answer) == (422, "mention_not_possible")

    def test_shows_the_client_no_file_that_is_not_for_it(self, agency: Staffed, work: Any) -> None:
        inside, shown = _file(agency, "internal"), _file(agency, "client", PDF)

        both = _said(agency.community, work, "internal", file_ids=[inside, shown])
        hidden = _say(agency.community, work, file_ids=[shown, inside])
        theirs = _said(agency.approver, work, file_ids=[shown])

        assert both["file_ids"] == [inside, shown]
        assert _code(hidden) == (422, "file_not_for_client")
        # To a contact it is a file that never was: in a new comment, and in one being edited.
        assert _code(_say(agency.approver, work, file_ids=[inside])) == (404, "not_found")
        edited = agency.approver.patch(f"/v1/comments/{theirs['id']}", {"file_ids": [inside]})
        assert _code(edited) == (404, "not_found")


class TestInternalComment:
    """What is said inside leaves no trace that a client can see."""

    def test_is_to_the_client_as_if_it_never_was(self, agency: Staffed, work: Any) -> None:
        shown = _said(agency.community, work)
        path = f"/v1/comments/{shown['id']}"
        before = _outward(agency.approver, work, path)
        own = _said(agency.community, work, "internal", mentions=[])
        _said(agency.strategist, work, "internal", parent_id=own["id"])
        making.done(agency.strategist.post(f"/v1/comments/{own['id']}/resolve"))

        assert _outward(agency.approver, work, path) == before
        for verb in ("resolve", "reopen"):
            answer = agency.approver.post(f"/v1/comments/{own['id']}/{verb}")
            assert _code(answer) == (404, "not_found")
        for answer in (
            agency.approver.get(f"/v1/comments/{own['id']}"),
            agency.approver.patch(f"/v1/comments/{own['id']}", {"body": "x"}),
            agency.approver.delete(f"/v1/comments/{own['id']}"),
            _say(agency.approver, work, parent_id=own["id"]),
        ):
            assert _code(answer) == (404, "not_found")

    def test_keeps_no_place_of_a_deleted_comment(self, agency: Staffed, work: Any) -> None:
        """Only an answer the client can see leaves a place; none other can be given."""
        shown = _said(agency.community, work)
        refused = _say(agency.strategist, work, "internal", parent_id=shown["id"])
        assert _code(refused) == (422, "reply_out_of_thread")
        assert agency.community.delete(f"/v1/comments/{shown['id']}").status_code == 204
        assert _heard(agency.approver, work) == []


def _outward(by: Person, work: Any, path: str) -> Any:
    """All that a contact is told about a subject's comments."""
    listed, one, subject = (
        _list(by, work, include="total", limit=1),
        by.get(path),
        by.get(f"/v1/deliverables/{work['id']}"),
    )
    return [(each.json(), each.headers.get("etag")) for each in (listed, one, subject)]


class TestSubject:
    def test_that_is_not_seen_has_no_comments(self, agency: Staffed) -> None:
        scope = making.scope(agency)
        about = {"subject_type": "scopes", "subject_id": scope["id"]}
        said = {**about, "audience": "client", "body": "Falta el precio."}
        made = making.done(agency.executive.post("/v1/comments", said), 201)
        path = f"/v1/comments/{made['id']}"

        for answer in (
            agency.approver.get("/v1/comments", params=about),
            agency.approver.get(path),
            agency.approver.post("/v1/comments", said),
            agency.approver.post(f"{path}/resolve"),
        ):
            assert _code(answer) == (404, "not_found")

        making.done(agency.executive.post(f"/v1/scopes/{scope['id']}/submit"))
        assert making.done(agency.approver.get(path))["body"] == "Falta el precio."

    def test_of_a_report_is_seen_once_it_is_published(self, agency: Staffed) -> None:
        place = Place("here", agency, agency.client_id, "one")
        for thing, status in (("report", 404), ("published_report", 201)):
            about = {"subject_type": "reports", "subject_id": place.fresh(thing)}
            answer = agency.approver.post(
                "/v1/comments", {**about, "audience": "client", "body": "¿Y el alcance?"}
            )
            assert answer.status_code == status, answer.text

    def test_of_another_client_is_nothing(self, agency: Staffed, work: Any) -> None:
        made = _said(agency.community, work)
        for by in (agency.other_contact, agency.other_executive):
            assert _code(_list(by, work)) == (404, "not_found")
            assert _code(by.get(f"/v1/comments/{made['id']}")) == (404, "not_found")


class TestUpdateComment:
    @pytest.mark.parametrize("name", ["community", "approver"])
    def test_marks_it_and_keeps_what_it_said(self, agency: Staffed, work: Any, name: str) -> None:
        by = agency.people[name]
        made = _said(by, work)
        path = f"/v1/comments/{made['id']}"

        edited = making.done(by.patch(path, {"body": "El logo, más pequeño."}, made["version"]))

        assert (edited["body"], made["edited_at"]) == ("El logo, más pequeño.", None)
        assert edited["edited_at"] is not None
        assert edited["version"] == made["version"] + 1
        former = making.done(agency.owner.get(f"{path}/edits"))["data"]
        assert [each["former_body"] for each in former] == ["El logo, más grande."]
        assert _code(agency.approver.get(f"{path}/edits")) == (403, "forbidden")
        assert events_of(agency, made["id"]) == ["comment.created", "comment.updated"]

    def test_is_its_authors_alone(self, agency: Staffed, work: Any) -> None:
        made = _said(agency.community, work)
        path = f"/v1/comments/{made['id']}"
        for by in (agency.owner, agency.strategist, agency.approver):
            assert _code(by.patch(path, {"body": "x"})) == (403, "not_your_comment")
            assert _code(by.delete(path)) == (403, "not_your_comment")
        assert making.done(agency.owner.get(path))["body"] == made["body"]


class TestDeleteComment:
    @pytest.mark.parametrize("name", ["community", "approver"])
    def test_leaves_nothing(self, agency: Staffed, work: Any, name: str) -> None:
        by = agency.people[name]
        made = _said(by, work)
        path = f"/v1/comments/{made['id']}"
        making.done(by.patch(path, {"body": "Otra cosa."}))

        assert by.delete(path).status_code == 204
        assert _code(by.get(path)) == (404, "not_found")
        assert events_of(agency, made["id"])[-1] == "comment.deleted"

    def test_leaves_its_place_once_it_was_answered(self, agency: Staffed, work: Any) -> None:
        made = _said(agency.approver, work)
        reply = _said(agency.community, work, parent_id=made["id"])
        path = f"/v1/comments/{made['id']}"
        making.done(agency.approver.patch(path, {"body": "Otra cosa."}))

        assert agency.approver.delete(path).status_code == 204
        left = making.done(agency.community.get(path))

        assert (left["body"], left["mentions"], left["file_ids"]) == (None, [], [])
        assert left["deleted_at"] is not None
        assert making.done(agency.owner.get(f"{path}/edits"))["data"] == []
        assert _heard(agency.approver, work) == [made["id"], reply["id"]]
        assert _code(agency.approver.patch(path, {"body": "x"})) == (409, "comment_deleted")
        assert _code(agency.approver.delete(path)) == (409, "comment_deleted")
        late = _say(agency.community, work, parent_id=made["id"])
        assert _code(late) == (422, "reply_out_of_thread")


class TestThread:
    def test_is_resolved_and_reopened_as_a_whole(self, agency: Staffed, work: Any) -> None:
        made = _said(agency.community, work)
        reply = _said(agency.approver, work, parent_id=made["id"])
        path = f"/v1/comments/{made['id']}"

        resolved = making.done(agency.approver.post(f"{path}/resolve"))
        assert resolved["resolved_at"] is not None
        assert resolved["resolved_by_name"] == "Approver"
        assert _code(agency.community.post(f"{path}/resolve")) == (409, "move_not_allowed")
        part = agency.community.post(f"/v1/comments/{reply['id']}/resolve")
        assert _code(part) == (409, "move_not_allowed")
        assert making.done(agency.community.post(f"{path}/reopen"))["resolved_at"] is None
        assert _code(agency.community.post(f"{path}/reopen")) == (409, "move_not_allowed")


class TestCommentsOfAClient:
    def test_are_all_that_are_for_the_reader(self, agency: Staffed, work: Any) -> None:
        both, inside = _said(agency.community, work), _said(agency.community, work, "internal")
        scope = making.submitted(agency)
        about = {"subject_type": "scopes", "subject_id": scope["id"]}
        other = _said(agency.executive, work, **about)

        seen = {
            person.name: [each["id"] for each in making.done(_of_client(person, agency))["data"]]
            for person in (agency.owner, agency.strategist, agency.approver)
        }

        everything = [other["id"], inside["id"], both["id"]]
        assert seen["owner"] == seen["strategist"] == everything
        assert seen["approver"] == [other["id"], both["id"]]
        narrower = making.done(_of_client(agency.owner, agency, audience="internal"))["data"]
        assert [each["id"] for each in narrower] == [inside["id"]]

    def test_are_not_of_what_the_client_does_not_see(self, agency: Staffed, work: Any) -> None:
        seen = _said(agency.community, work)
        draft = making.scope(agency)
        about = {"subject_type": "scopes", "subject_id": draft["id"]}
        hidden = _said(agency.executive, work, **about)

        before = making.done(_of_client(agency.approver, agency))["data"]
        making.done(agency.executive.post(f"/v1/scopes/{draft['id']}/submit"))
        after = making.done(_of_client(agency.approver, agency))["data"]

        assert [each["id"] for each in before] == [seen["id"]]
        assert [each["id"] for each in after] == [hidden["id"], seen["id"]]

    def test_are_nothing_to_others(self, agency: Staffed, other_agency: Staffed, work: Any) -> None:
        _said(agency.community, work)

        for person in (agency.other_contact, agency.other_executive, other_agency.owner):
            assert making.done(_of_client(person, agency))["data"] == []
        assert _of_client(agency.viewer, agency).status_code == 403
        for wrong in ({"subject_type": "scopes"}, {"subject_id": work["id"]}):
            assert agency.owner.get("/v1/comments", params=wrong).status_code == 422


def _of_client(by: Person, agency: Staffed, **query: Any) -> Any:
    return by.get("/v1/comments", params={"client_id": str(agency.client_id), **query})
