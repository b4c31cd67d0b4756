"""How many must approve: one, all on duty, or a number of people."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tenants.models import ApprovalMode
from tenants.permissions import Duty
from tests.approvals.asking import (
    Asked,
    ask,
    decide,
    decide_by_link,
    link,
    newcomer,
    set_policy,
)
from tests.budgets import factories as budgets
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed, events_of

TWO = {"quorum": "n", "quorum_count": 2}


class TestNumber:
    def test_is_counted_over_members_and_links(self, agency: Staffed) -> None:
        set_policy(agency, client=TWO)
        asked = ask(agency)

        first = done(decide(agency.approver, asked))
        by_link = decide_by_link(agency, asked, link(agency, asked))

        assert (first["status"], by_link.status_code) == ("open", 303)
        after = asked.read(agency.executive)
        assert (after["status"], len(after["decisions"])) == ("approved", 2)
        assert asked.states(agency.approver) == ["active"]

    def test_counts_one_person_once(self, agency: Staffed) -> None:
        """Neither twice by log-in, nor by log-in and by link."""
        set_policy(agency, client=TWO)
        asked = ask(agency)
        own = link(agency, asked, email=agency.approver.email.upper())
        done(decide(agency.approver, asked))

        again = decide(agency.approver, asked)
        by_link = decide_by_link(agency, asked, own)

        assert (again.status_code, again.json()["code"]) == (409, "already_decided")
        assert by_link.status_code == 409
        assert len(asked.read(agency.executive)["decisions"]) == 1
        mine = done(agency.approver.get("/v1/approvals?waiting_on=me"))["data"]
        assert mine == []

    def test_ends_with_the_first_who_does_not_approve(self, agency: Staffed) -> None:
        set_policy(agency, client=TWO)
        asked, other = ask(agency), newcomer(agency)
        done(decide(agency.approver, asked))

        assert done(decide(other, asked, "changes_requested"))["status"] == "changes_requested"
        assert asked.states(agency.executive) == ["draft"]

    @pytest.mark.parametrize("round", range(5))
    def test_is_exact_when_two_decide_at_once(self, agency: Staffed, round: int) -> None:
        set_policy(agency, client=TWO)
        asked, people = ask(agency), [agency.approver, newcomer(agency), newcomer(agency)]
        start = Barrier(len(people))

        def approve(person: Any) -> int:
            start.wait()
            return int(decide(person, asked).status_code)

        with ThreadPoolExecutor(len(people)) as pool:
            answers = Counter(pool.map(approve, people))

        assert answers == {200: 2, 409: 1}
        assert len(asked.read(agency.executive)["decisions"]) == 2
        assert events_of(agency, asked.approval_id).count("approval.approved") == 1

    @pytest.mark.parametrize("round", range(3))
    def test_keeps_one_of_a_persons_two_at_once(self, agency: Staffed, round: int) -> None:
        set_policy(agency, client=TWO)
        asked, start = ask(agency), Barrier(2)

        def approve(_: int) -> int:
            start.wait()
            return int(decide(agency.approver, asked).status_code)

        with ThreadPoolExecutor(2) as pool:
            assert Counter(pool.map(approve, range(2))) == {200: 1, 409: 1}
        assert asked.read(agency.executive)["status"] == "open"

    def test_is_refused_inside_where_it_is_out_of_reach(self, agency: Staffed) -> None:
        """The strategist, owner and admin may decide inside: three, and who asks is a fourth."""
        making.set_mode(agency, ApprovalMode.internal)
        set_policy(agency, internal={"quorum": "n", "quorum_count": 4})
        made = budgets.draft(agency, 100)
        refused = agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        set_policy(agency, internal={"quorum": "n", "quorum_count": 3})
        taken = agency.executive.post(f"/v1/budgets/{made['id']}/propose")

        assert (refused.status_code, refused.json()["code"]) == (409, "quorum_out_of_reach")
        assert (refused.json()["able"], refused.json()["needed"]) == (3, 4)
        asked = Asked(done(taken)["approval_id"], [])
        for person in (agency.owner, agency.admin, agency.strategist):
            assert asked.read(agency.executive)["status"] == "open"
            done(decide(person, asked))
        assert asked.read(agency.executive)["status"] == "approved"

    def test_waits_for_the_client_whom_links_can_join(self, agency: Staffed) -> None:
        set_policy(agency, client={"quorum": "n", "quorum_count": 3})
        asked = ask(agency)

        assert done(decide(agency.approver, asked))["status"] == "open"
        for email in ("clara@cafeaurora.example", "luis@cafeaurora.example"):
            assert asked.read(agency.executive)["status"] == "open"
            decide_by_link(agency, asked, link(agency, asked, email=email))
        assert asked.read(agency.executive)["status"] == "approved"


class TestAll:
    def test_is_every_member_on_duty(self, agency: Staffed) -> None:
        other = newcomer(agency)
        set_policy(agency, client={"quorum": "all"})
        asked = ask(agency)

        assert done(decide(agency.approver, asked))["status"] == "open"
        assert done(decide(other, asked))["status"] == "approved"

    def test_takes_a_members_own_link_for_the_member(self, agency: Staffed) -> None:
        other = newcomer(agency)
        set_policy(agency, client={"quorum": "all"})
        asked = ask(agency)
        done(decide(agency.approver, asked))

        decide_by_link(agency, asked, link(agency, asked, email=other.email))

        assert asked.read(agency.executive)["status"] == "approved"

    def test_does_not_wait_for_who_asked(self, agency: Staffed) -> None:
        """Somebody else must decide on what they proposed."""
        making.set_mode(agency, ApprovalMode.internal)
        set_policy(agency, internal={"quorum": "all"})
        other = newcomer(agency, Duty.social_media_manager)
        campaign = making.campaign(agency)
        path = f"/v1/campaigns/{campaign['id']}/propose"
        asked = Asked(done(agency.strategist.post(path, {}))["approval_id"], [])

        assert decide(agency.strategist, asked).status_code == 403
        assert done(decide(other, asked))["status"] == "approved"


class TestAny:
    def test_is_enough_and_closes_it(self, agency: Staffed) -> None:
        asked, other = ask(agency), newcomer(agency)

        assert done(decide(agency.approver, asked))["status"] == "approved"
        late = decide(other, asked)
        assert (late.status_code, late.json()["code"]) == (409, "move_not_allowed")
