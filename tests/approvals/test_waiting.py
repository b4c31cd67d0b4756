"""`waiting_on=me`: what somebody can decide now, at their level and for their clients."""

from tests.approvals.asking import ask, decide, set_policy
from tests.campaigns.making import done
from tests.factories import Person, Staffed


def waiting(person: Person) -> list[str]:
    found = done(person.get("/v1/approvals?waiting_on=me"))["data"]
    return [each["id"] for each in found]


class TestWaitingOnMe:
    def test_follows_the_level(self, agency: Staffed) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency, "scope")

        assert waiting(agency.strategist) == waiting(agency.owner) == [asked.approval_id]
        assert waiting(agency.community) == waiting(agency.approver) == []

        done(decide(agency.strategist, asked))

        assert waiting(agency.approver) == [asked.approval_id]
        # Owners may do everything in the agency, and never decide in a client's name.
        assert waiting(agency.owner) == waiting(agency.strategist) == []
        assert waiting(agency.other_contact) == []
