"""A row read as JSON by its id: the same refusals as through the one door."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from api.campaigns.campaign_shapes import CampaignRead
from api.campaigns.models import Campaign
from tenants import auth, database, reads
from tenants.errors import Forbidden
from tenants.models import Assignment
from tenants.permissions import Duty
from tests.approvals import asking
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.factories import Staffed


@pytest.fixture
def read(agency: Staffed) -> Callable[[str], object]:
    """Read a campaign as the executive of client one, who manages client two's community."""
    person = agency.executive
    token = auth.AccessToken(agency.agency_id, person.session_id, person.user_id)

    def asked(campaign_id: str) -> object:
        with database.open_session(token.enter) as session, session.begin():
            session.connection()
            session.info["permission"] = "contracts:read"  # an account executive's alone
            question = reads.Lookup(Campaign, UUID(campaign_id)).as_json(CampaignRead)
            return reads.ask_within(session, question)

    return asked


class TestLookup:
    def test_needs_the_permission_for_that_rows_client(
        self, agency: Staffed, read: Callable[[str], object]
    ) -> None:
        ours = making.campaign(agency)["id"]
        body = {"client_id": str(agency.other_client_id), "name": "Vendimia", "goal": "sales"}
        body |= {"starts_on": "2026-10-01", "ends_on": "2026-12-31"}
        made = agency.other_executive.post("/v1/campaigns", {**body, "formats": ["launch"]})
        theirs = making.done(made, 201)["id"]

        assert isinstance(read(ours), reads.Answer)
        # It is in sight, for there is a duty on that client; only not this right.
        making.done(agency.executive.get(f"/v1/campaigns/{theirs}"))
        with pytest.raises(Forbidden):
            read(theirs)


class TestOneAnswer:
    """What is put together for one client, asked for by who holds the right for another."""

    def test_needs_the_permission_for_that_client(self, agency: Staffed) -> None:
        contact = asking.newcomer(agency, Duty.viewer, "Vera")
        approves_for(agency, contact.membership_id, agency.other_client_id)
        campaign = making.active_campaign(agency)["id"]
        budget = budgets.approved(agency, 1_000)["id"]
        asked = ("/v1/clients/{}/scope", "/v1/clients/{}/statement")

        answers = [
            *(contact.get(path.format(agency.client_id)) for path in asked),
            contact.get(f"/v1/campaigns/{campaign}/scope"),
            contact.get(f"/v1/budgets/{budget}/pace"),
        ]

        assert [each.status_code for each in answers] == [403] * 4
        for path in asked:
            making.done(contact.get(path.format(agency.other_client_id)))


def approves_for(agency: Staffed, membership_id: UUID, client_id: UUID) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        database.add(
            session,
            Assignment(
                client_id=client_id,
                membership_id=membership_id,
                duty=Duty.approver,
                starts_on=date(2020, 1, 1),
            ),
        )
