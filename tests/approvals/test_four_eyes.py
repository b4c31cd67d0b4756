"""Whoever asks does not decide inside while somebody else may."""

from tenants.models import ApprovalMode
from tests.approvals.asking import Asked, decide
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed


class TestOwnProposal:
    def test_is_decided_by_somebody_else(self, agency: Staffed) -> None:
        making.set_mode(agency, ApprovalMode.internal)
        path = f"/v1/budgets/{budgets.draft(agency, 100_000)['id']}"
        proposed = done(agency.owner.post(f"{path}/propose"))
        asked = Asked(proposed["approval_id"], [path])

        own = decide(agency.owner, asked)
        others = done(decide(agency.strategist, asked))

        assert (own.status_code, own.json()["code"]) == (403, "own_proposal")
        assert others["status"] == "approved"
        (decision,) = others["decisions"]
        assert decision["self_approved"] is False
