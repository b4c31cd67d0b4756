"""Requests to the client and our commitments, through the API."""

from typing import Any

import pytest

from tests.factories import Staffed, events_of
from tests.files.samples import GIF

BOTH = pytest.mark.parametrize(
    ("path", "event"),
    [("/v1/client-requests", "client_request"), ("/v1/commitments", "commitment")],
)


def _new(agency: Staffed, **values: object) -> dict[str, object]:
    return {
        "client_id": str(agency.client_id),
        "text": {"es": "Cesión de imagen de la plantilla", "en": "Image releases of the staff"},
        "owner_name": "Marta Gil",
        "due_on": "2026-11-05",
        "subject_kind": "file",
        **values,
    }


def _made(agency: Staffed, path: str, **values: object) -> Any:
    answer = agency.community.post(path, _new(agency, **values))
    assert answer.status_code == 201, answer.text
    return answer.json()


@BOTH
class TestPromise:
    def test_is_kept(self, agency: Staffed, path: str, event: str) -> None:
        made = _made(agency, path)

        done = agency.community.post(f"{path}/{made['id']}/done")
        again = agency.community.post(f"{path}/{made['id']}/drop", {"reason": "late"})

        assert (made["status"], made["settled_at"]) == ("open", None)
        assert done.json()["status"] == "done"
        assert done.json()["settled_at"] is not None
        assert (again.status_code, again.json()["allowed"]) == (409, [])
        assert events_of(agency, made["id"]) == [f"{event}.opened", f"{event}.done"]

    def test_is_dropped_for_a_reason(self, agency: Staffed, path: str, event: str) -> None:
        made = _made(agency, path)

        bare = agency.community.post(f"{path}/{made['id']}/drop", {})
        dropped = agency.community.post(f"{path}/{made['id']}/drop", {"reason": "No longer needed"})

        assert bare.status_code == 422
        assert dropped.json()["status"] == "dropped"
        assert dropped.json()["settled_reason"] == "No longer needed"
        assert events_of(agency, made["id"])[-1] == f"{event}.dropped"

    def test_changes_only_while_open(self, agency: Staffed, path: str, event: str) -> None:
        made = _made(agency, path)

        moved = agency.community.patch(f"{path}/{made['id']}", {"due_on": "2026-11-09"})
        agency.community.post(f"{path}/{made['id']}/done")
        late = agency.community.patch(f"{path}/{made['id']}", {"due_on": "2026-11-10"})

        assert (moved.status_code, moved.json()["due_on"]) == (200, "2026-11-09")
        assert late.status_code == 409

    def test_takes_its_owners_name_from_the_member(
        self, agency: Staffed, path: str, event: str
    ) -> None:
        owner = str(agency.strategist.membership_id)

        made = _made(agency, path, owner_membership_id=owner, owner_name=None)
        nobody = agency.community.post(path, _new(agency, owner_name=None))

        assert made["owner_name"] == "Strategist"
        assert (nobody.status_code, nobody.json()["code"]) == (422, "owner_missing")

    def test_is_listed_by_its_due_day(self, agency: Staffed, path: str, event: str) -> None:
        late = _made(agency, path, due_on="2026-12-01")
        soon = _made(agency, path, due_on="2026-11-01")

        every = agency.executive.get(f"{path}?client_id={agency.client_id}&status=open")
        before = agency.executive.get(f"{path}?due_before=2026-12-01")
        after = agency.executive.get(f"{path}?due_after=2026-11-01")

        assert [row["id"] for row in every.json()["data"]] == [soon["id"], late["id"]]
        assert [row["id"] for row in before.json()["data"]] == [soon["id"]]
        assert [row["id"] for row in after.json()["data"]] == [late["id"]]

    def test_is_read_by_its_client_and_nobody_elses(
        self, agency: Staffed, path: str, event: str
    ) -> None:
        one = f"{path}/{_made(agency, path)['id']}"

        assert agency.viewer.get(one).status_code == 200
        assert agency.viewer.post(f"{one}/done").status_code == 403
        assert agency.other_contact.get(one).status_code == 404
        assert agency.other_executive.get(one).status_code == 404

    def test_names_a_file_of_its_own_client_only(
        self, agency: Staffed, path: str, event: str
    ) -> None:
        own, others = (
            agency.executive.call(
                "POST",
                "/v1/files",
                data={"client_id": str(client_id), "audience": "client"},
                files={"file": ("logo.gif", GIF, "image/gif")},
            ).json()["id"]
            for client_id in (agency.client_id, agency.other_client_id)
        )

        answers = [
            agency.executive.post(path, _new(agency, subject_id=each)) for each in (own, others)
        ]

        assert [each.status_code for each in answers] == [201, 404]

    def test_refuses_a_file_that_is_not_there(self, agency: Staffed, path: str, event: str) -> None:
        nothing = str(agency.client_id)

        answer = agency.community.post(path, _new(agency, subject_id=nothing))

        assert answer.status_code == 404
