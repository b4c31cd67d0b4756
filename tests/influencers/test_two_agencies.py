"""One person, two agencies: whatever they do in one, the other never learns of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from tenants import database, second_layer
from tenants.models import Membership
from tests import factories
from tests.collaborations import making
from tests.collaborations.handing_in import handed_in, send
from tests.collaborations.making import done
from tests.factories import Person, Staffed
from tests.isolation.world import UUIDS
from tests.proof.making import approved


@pytest.fixture
def there(agency: Staffed, other_agency: Staffed) -> Person:
    """The influencer of one agency, as the other knows them: on its roster too, by another row."""
    here, elsewhere = agency.influencer, other_agency.influencer
    with database.platform_session() as session:
        row = session.exec(
            select(Membership).where(col(Membership.id) == elsewhere.membership_id)
        ).one()
        row.user_id = here.user_id
        session.flush()
        login = factories.open_login(
            session, here.user_id, other_agency.agency_id, elsewhere.membership_id
        )
    person = replace(elsewhere, user_id=here.user_id, session_id=login)
    other_agency.people["influencer"] = person
    return person


class TestOnePersonOfTwoAgencies:
    def test_is_one_person(self, agency: Staffed, there: Person) -> None:
        both = [done(each.get("/v1/me")) for each in (agency.influencer, there)]
        assert len({each["user"]["id"] for each in both}) == 1
        assert len({each["membership"]["id"] for each in both}) == 2

    def test_reads_in_each_what_is_that_ones(
        self, agency: Staffed, other_agency: Staffed, there: Person
    ) -> None:
        here = agency.influencer
        for staffed in (agency, other_agency):
            making.offered(staffed)
            handed_in(staffed, making.approved(staffed))
        mine, theirs = _ids(here), _ids(there)
        assert min(len(mine), len(theirs)) > 10
        assert mine & theirs == set()

    @pytest.mark.parametrize("stands", [True, False])
    def test_reaches_nothing_of_one_by_the_other(
        self,
        agency: Staffed,
        there: Person,
        stands: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        made = approved(agency)
        (piece,) = making.pieces_of(agency.influencer, made)
        file = handed_in(agency, made)
        monkeypatch.setattr(second_layer, "on", stands)
        said = {"deliverable_id": piece["id"], "url": "https://www.instagram.com/p/There/"}
        words = {"metrics": {"views": {"value": 1}}, "file_ids": [file["id"]]}
        asked: list[Callable[[], Any]] = [
            lambda: send(there, made),
            lambda: there.post("/v1/me/live-posts", said),
            lambda: there.post(f"/v1/me/collaborations/{made['id']}/results", words),
            lambda: making.submit(there, piece["id"], file_ids=[file["id"]]),
            lambda: there.get(f"/v1/files/{file['id']}"),
            lambda: there.post(f"/v1/files/{file['id']}/link"),
        ]
        for ask in asked:
            answer = ask()
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
        assert not any(done(there.get("/v1/me/influencer-day")).values())
        assert done(there.get("/v1/files"))["data"] == []

    def test_binds_one_address_in_each(
        self, agency: Staffed, other_agency: Staffed, there: Person
    ) -> None:
        """That it is taken in one agency is no word of the other's."""
        url = "https://www.instagram.com/p/Both/"
        for staffed in (agency, other_agency):
            (piece,) = making.pieces_of(staffed.influencer, approved(staffed))
            said = {"deliverable_id": piece["id"], "url": url}
            done(staffed.influencer.post("/v1/me/live-posts", said), 201)


def _ids(person: Person) -> set[str]:
    paths = ("me/influencer-day", "me/influencer-profile", "files", "collaborations", "submissions")
    return {id for path in paths for id in UUIDS.findall(person.get(f"/v1/{path}").text)}
