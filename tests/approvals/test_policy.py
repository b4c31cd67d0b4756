"""A client's approval policy, and that what was asked stays as it was asked."""

from typing import Any

import pytest

from tenants.models import ApprovalMode
from tests.approvals import asking
from tests.approvals.asking import ask, decide, set_policy
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed, events_of
from tests.work import settle

TERMS: dict[str, Any] = {
    "quorum": "any",
    "quorum_count": None,
    "respond_within_days": None,
    "remind_before_days": [],
    "after": "wait",
}


def _path(agency: Staffed) -> str:
    return f"/v1/clients/{agency.client_id}/approval-policy"


class TestGetPolicy:
    def test_is_what_always_was_while_nothing_is_set(self, agency: Staffed) -> None:
        read = done(agency.strategist.get(_path(agency)))

        assert (read["version"], read["internal_first"]) == (1, False)
        assert (read["internal"], read["client"]) == (TERMS, TERMS)

    def test_is_not_for_the_client(self, agency: Staffed) -> None:
        assert agency.approver.get(_path(agency)).status_code == 403
        assert agency.other_executive.get(_path(agency)).status_code == 404


class TestSetPolicy:
    def test_replaces_the_whole_and_counts_versions(self, agency: Staffed) -> None:
        client = {"quorum": "n", "quorum_count": 2, "respond_within_days": 5}
        first = set_policy(agency, internal_first=True, client=client)
        second = set_policy(agency)

        assert first["client"] == {**TERMS, **client}
        assert (first["version"], first["internal_first"]) == (2, True)
        assert (second["version"], second["client"]) == (3, TERMS)
        assert done(agency.executive.get(_path(agency))) == second

    def test_asks_for_the_version_it_replaces(self, agency: Staffed) -> None:
        stale = {"If-Match": '"1.s.en"'}
        fresh = agency.executive.put(_path(agency), {}, headers=stale)
        again = agency.executive.put(_path(agency), {}, headers=stale)
        bare = agency.executive.call("PUT", _path(agency), json={})

        assert [each.status_code for each in (fresh, again, bare)] == [200, 412, 428]

    @pytest.mark.parametrize(
        ("level", "terms", "code", "member"),
        [
            ("client", {"quorum": "n"}, "quorum_count_mismatch", "quorum_count"),
            ("internal", {"quorum_count": 2}, "quorum_count_mismatch", "quorum_count"),
            ("client", {"after": "expire"}, "deadline_missing", "respond_within_days"),
            ("internal", {"remind_before_days": [1]}, "deadline_missing", "respond_within_days"),
        ],
    )
    def test_refuses_terms_that_do_not_fit_together(
        self, agency: Staffed, level: str, terms: Any, code: str, member: str
    ) -> None:
        answer = agency.executive.put(_path(agency), {level: terms})

        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == f"/{level}/{member}"

    def test_never_takes_the_agencys_own_silence_for_approval(self, agency: Staffed) -> None:
        terms = {"after": "deem_approved", "respond_within_days": 2}

        assert agency.executive.put(_path(agency), {"internal": terms}).status_code == 422
        assert set_policy(agency, client=terms)["client"]["after"] == "deem_approved"

    def test_is_told(self, agency: Staffed) -> None:
        refused = agency.community.put(_path(agency), {})
        set_policy(agency)
        settle()

        events = done(agency.owner.get("/v1/events"))["data"]
        told = [each for each in events if each["type"] == "approval_policy.set"]
        assert (refused.status_code, len(told)) == (403, 1)


class TestFixedWhenAsked:
    def test_keeps_the_quorum_it_was_asked_with(self, agency: Staffed) -> None:
        set_policy(agency, client={"quorum": "n", "quorum_count": 2})
        asked = ask(agency)
        set_policy(agency)

        after = done(decide(agency.approver, asked))

        assert (after["quorum"], after["quorum_count"], after["status"]) == ("n", 2, "open")

    @pytest.mark.parametrize("mode", [ApprovalMode.none, ApprovalMode.internal])
    def test_skips_no_level_when_mode_and_policy_change(
        self, agency: Staffed, mode: ApprovalMode
    ) -> None:
        set_policy(agency, internal_first=True)
        asked = ask(agency)
        set_policy(agency)
        making.set_mode(agency, mode)

        inside = done(decide(agency.strategist, asked))
        outside = done(decide(agency.approver, asked))

        assert (inside["status"], inside["level"]) == ("open", "client")
        assert outside["status"] == "approved"
        assert asked.states(agency.approver) == ["active"]

    def test_skips_no_review_of_a_deliverable_when_the_mode_changes(self, agency: Staffed) -> None:
        scope = making.accepted(agency)
        made = making.deliverable(agency, scope["lines"][0]["id"])
        done(move(agency.community, made, "start"))
        done(move(agency.community, made, "submit", {"url": "https://drive.example/reel"}))
        making.set_mode(agency, ApprovalMode.internal)

        inside = done(move(agency.strategist, made, "approve"))

        assert inside["status"] == "client_review"
        assert done(move(agency.approver, made, "approve"))["status"] == "approved"
        assert events_of(agency, made["id"])[-1] == "deliverable.approved"

    def test_asks_by_the_new_policy_from_then_on(self, agency: Staffed) -> None:
        asking.ask(agency)
        set_policy(agency, internal_first=True)

        assert ask(agency).read(agency.executive)["level"] == "internal"
