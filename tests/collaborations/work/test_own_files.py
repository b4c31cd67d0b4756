"""Files that an influencer hands in: what is taken, and who has them at which moment."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import select

from api.collaborations.work import own
from tenants import auth, database, quotas, second_layer
from tenants.quotas import QuotaKind
from tenants.storage import StoredFile
from tests.approvals.asking import set_policy
from tests.collaborations.handing_in import handed_in, reads, send, submitted
from tests.collaborations.making import (
    contracted,
    decide,
    done,
    offered,
    pieces_of,
    set_mode,
    started,
    submit,
)
from tests.factories import Staffed, events_of
from tests.files.samples import PDF, PNG

STAFF = ("owner", "admin", "executive", "strategist", "community")
CLIENT = ("approver", "viewer")


def having(agency: Staffed, file: dict[str, Any]) -> set[str]:
    """Everybody of the agency who has a file."""
    return {name for name, person in agency.people.items() if _may(name) and reads(person, file)}


def _may(name: str) -> bool:
    return name != "stranger"  # who holds nothing at all


def stored_of(home: Path, agency: Staffed) -> int:
    folder = home / "files" / agency.agency_id.hex
    return sum(path.is_file() for path in folder.rglob("*"))


class TestHandInFile:
    def test_keeps_what_was_sent_for_the_collaboration(self, agency: Staffed) -> None:
        made = contracted(agency)
        file = handed_in(agency, made)
        assert (file["collaboration_id"], file["client_id"]) == (made["id"], made["client_id"])
        assert file["influencer_id"] == str(agency.influencer_id)
        assert (file["audience"], file["media_type"]) == ("internal", "image/png")
        assert file["uploaded_by"] == str(agency.influencer.membership_id)
        assert file["uploaded_by_name"] == "Influencer"
        assert events_of(agency, file["id"]) == ["file.uploaded"]
        asked = {"collaboration_id": made["id"]}
        listed = done(agency.executive.get("/v1/files", params=asked))["data"]
        assert [each["id"] for each in listed] == [file["id"]]

    def test_is_told_by_its_bytes(self, agency: Staffed) -> None:
        made = contracted(agency)
        for name, content, code in (
            ("draft.png", PDF, "file_kind_differs"),
            ("draft.png", b"MZ\x90\x00" + bytes(64), "file_kind_not_taken"),
            ("draft.png", b"", "file_empty"),
        ):
            answer = send(agency.influencer, made, name, content)
            assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
        named = done(send(agency.influencer, made, name="Reel"), 201)
        assert named["name"] == "Reel.png"

    def test_is_refused_before_the_terms_are_accepted_and_before_a_byte_is_kept(
        self, agency: Staffed, home: Path
    ) -> None:
        made, _ = offered(agency)
        problem = done(send(agency.influencer, made), 409)
        assert (problem["code"], problem["state"]) == ("move_not_allowed", "terms_sent")
        assert stored_of(home, agency) == 0

    def test_is_for_ones_own_work_alone(self, agency: Staffed, home: Path) -> None:
        made = contracted(agency)
        assert send(agency.other_influencer, made).status_code == 404
        for name in ("owner", "executive", "approver", "stranger"):
            assert send(agency.people[name], made).status_code == 403, name
        assert stored_of(home, agency) == 0

    def test_counts_towards_what_the_agency_may_store(self, agency: Staffed) -> None:
        made = contracted(agency)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            quotas.allow(session, {QuotaKind.stored_bytes: len(PNG)})
        done(send(agency.influencer, made), 201)
        answer = send(agency.influencer, made)
        assert answer.json()["code"] == "quota_exceeded", answer.text

    def test_is_so_many_times_and_no_more(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(own, "MOST", 2)
        made = contracted(agency)
        for _ in range(2):
            handed_in(agency, made)
        problem = done(send(agency.influencer, made), 409)
        assert problem["code"] == "too_many_files"

    def test_is_done_once_for_a_key(self, agency: Staffed) -> None:
        made = contracted(agency)
        path = f"/v1/me/collaborations/{made['id']}/files"
        sent = {
            "files": {"file": ("draft.png", PNG, "image/png")},
            "headers": {"Idempotency-Key": "k"},
        }
        first, again = (agency.influencer.call("POST", path, **sent) for _ in range(2))
        assert done(first, 201)["id"] == done(again, 201)["id"]


class TestWhoHasIt:
    """At each moment of its way: they and the staff, and the client from when it is asked."""

    def test_before_it_is_named_by_a_submission(self, agency: Staffed) -> None:
        assert having(agency, handed_in(agency, started(agency))) == {*STAFF, "influencer"}

    def test_once_the_client_is_asked(self, agency: Staffed) -> None:
        made = started(agency)
        file, unnamed = handed_in(agency, made), handed_in(agency, made)
        submission = submitted(agency, made, file)
        assert having(agency, file) == {*STAFF, *CLIENT, "influencer"}
        assert having(agency, unnamed) == {*STAFF, "influencer"}
        assert events_of(agency, file["id"]) == ["file.uploaded", "file.shown"]
        # What the client said yes to is what it was shown.
        assert done(decide(agency.approver, submission))["status"] == "approved"

    def test_while_the_agency_decides_first(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        made = started(agency)
        file = handed_in(agency, made)
        submission = submitted(agency, made, file)
        assert having(agency, file) == {*STAFF, "influencer"}
        done(decide(agency.strategist, submission))
        assert having(agency, file) == {*STAFF, *CLIENT, "influencer"}
        done(decide(agency.approver, submission))

    def test_where_the_agency_decides_alone(self, agency: Staffed) -> None:
        set_mode(agency, "internal")
        made = started(agency)
        file = handed_in(agency, made)
        submission = submitted(agency, made, file)
        assert having(agency, file) == {*STAFF, "influencer"}
        done(decide(agency.strategist, submission))
        assert having(agency, file) == {*STAFF, "influencer"}

    def test_is_nobody_of_another_agency(self, agency: Staffed, other_agency: Staffed) -> None:
        made = started(agency)
        file = handed_in(agency, made)
        submitted(agency, made, file)
        assert having(other_agency, file) == set()

    def test_ends_with_their_log_in(self, agency: Staffed) -> None:
        file = handed_in(agency, contracted(agency))
        link = done(agency.influencer.post(f"/v1/files/{file['id']}/link"))["address"]
        member = f"/v1/members/{agency.influencer.membership_id}"
        assert agency.owner.delete(member).status_code == 204
        address = link.removeprefix("http://127.0.0.1:8000")
        assert agency.influencer.client.get(address).status_code == 404


class TestTheirSight:
    def test_is_of_no_other_file(self, agency: Staffed) -> None:
        made = contracted(agency)
        mine = handed_in(agency, made)
        for audience in ("internal", "client"):
            data = {"client_id": made["client_id"], "audience": audience}
            files = {"file": ("logo.png", PNG, "image/png")}
            other = done(agency.executive.call("POST", "/v1/files", data=data, files=files), 201)
            assert not reads(agency.influencer, other)
        listed = done(agency.influencer.get("/v1/files"))["data"]
        assert [each["id"] for each in listed] == [mine["id"]]

    @pytest.mark.parametrize("stands", [True, False])
    def test_is_held_by_the_database(
        self, agency: Staffed, stands: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(second_layer, "on", stands)
        mine = handed_in(agency, contracted(agency))
        person = agency.influencer
        token = auth.AccessToken(person.agency_id, person.session_id, person.user_id)
        for statement in (
            "update files set audience = 'client'",
            "delete from files",
            "insert into files select * from files",
        ):
            with database.open_session(token.enter) as session, pytest.raises(ProgrammingError):
                session.execute(text(statement))
        with database.open_session(token.enter) as session:
            seen = session.exec(select(StoredFile.id)).all()
            assert [str(each) for each in seen] == [mine["id"]]
        other = agency.other_influencer
        token = auth.AccessToken(other.agency_id, other.session_id, other.user_id)
        with database.open_session(token.enter) as session:
            assert session.exec(select(StoredFile.id)).all() == []


class TestSubmission:
    def _other(self, agency: Staffed, audience: str) -> str:
        data = {"client_id": str(agency.client_id), "audience": audience}
        files = {"file": ("logo.png", PNG, "image/png")}
        answer = agency.executive.call("POST", "/v1/files", data=data, files=files)
        return str(done(answer, 201)["id"])

    def test_names_no_file_but_its_own(self, agency: Staffed) -> None:
        before, made = started(agency), started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        strange = [
            handed_in(agency, before)["id"],
            *(self._other(agency, audience) for audience in ("internal", "client")),
        ]
        for file_id in strange:
            answer = submit(agency.influencer, asked["id"], file_ids=[file_id])
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
        assert done(agency.influencer.get("/v1/submissions"))["data"] == []

    def test_of_the_staffs_names_what_the_client_may_have_too(self, agency: Staffed) -> None:
        made = started(agency)
        (asked,) = pieces_of(agency.influencer, made)
        theirs, inside = handed_in(agency, made)["id"], self._other(agency, "internal")
        answer = submit(agency.executive, asked["id"], file_ids=[inside])
        assert answer.json()["code"] == "file_not_for_client"
        both = [theirs, self._other(agency, "client")]
        assert done(submit(agency.executive, asked["id"], file_ids=both), 201)["file_ids"] == both
