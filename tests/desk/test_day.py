"""Everybody's day: what waits for them, and nothing of anybody else's."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import clock
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed

DAY = "/v1/me/day"


def day(person: Person) -> dict[str, list[str]]:
    """The ids in each section that has any."""
    read = done(person.get(DAY))
    return {name: [item["id"] for item in items] for name, items in read.items() if items}


def promise(agency: Staffed, kind: str, days: int, **values: Any) -> Any:
    due = (clock.now() + timedelta(days=days)).date().isoformat()
    body = {
        "client_id": str(agency.client_id),
        "text": {"es": "El logotipo en vectores"},
        "owner_name": "Lola",
        "due_on": due,
        "subject_kind": "file",
        **values,
    }
    return done(agency.executive.post(f"/v1/{kind}", body), 201)


def planned(agency: Staffed, days: int, **values: Any) -> Any:
    (line,) = making.accepted(agency)["lines"]
    due = (clock.now() + timedelta(days=days)).date().isoformat()
    mine = {"assignee_id": str(agency.community.membership_id)}
    return making.deliverable(agency, line["id"], due_on=due, **(mine | values))


class TestDay:
    def test_of_who_makes_things(self, agency: Staffed) -> None:
        late, soon, far, others = (
            planned(agency, days, **values)
            for days, values in (
                (-2, {}),
                (3, {}),
                (30, {}),
                (1, {"assignee_id": str(agency.strategist.membership_id)}),
            )
        )
        again, held_up, waits = (planned(agency, 20) for _ in range(3))
        making.in_client_review(agency, again)
        approval = done(agency.owner.get(f"/v1/deliverables/{again['id']}"))["approval_id"]
        decide = {"outcome": "changes_requested", "reason": "Más luz"}
        done(agency.approver.post(f"/v1/approvals/{approval}/decide", decide))
        for row, cause in ((held_up, "third_party"), (waits, "client")):
            done(making.move(agency.community, row, "block", {"cause": cause}))

        mine = day(agency.community)

        assert mine["do"] == [late["id"], soon["id"]]
        assert (mine["redo"], mine["held_up"]) == ([again["id"]], [held_up["id"]])
        assert mine["clients_owe"] == [waits["id"]]
        assert day(agency.strategist)["do"] == [others["id"]]
        assert far["id"] not in str(mine)
        items = done(agency.community.get(DAY))["do"]
        assert [(item["kind"], item["late"]) for item in items] == [
            ("deliverable", True),
            ("deliverable", False),
        ]

    def test_of_who_decides(self, agency: Staffed) -> None:
        scope = making.submitted(agency)
        made = planned(agency, 5)
        done(making.move(agency.community, made, "start"))
        done(making.move(agency.community, made, "submit", {"url": "https://drive.example/1"}))
        review = done(agency.owner.get(f"/v1/deliverables/{made['id']}"))["approval_id"]

        assert day(agency.approver)["decide"] == [scope["approval_id"]]
        assert day(agency.strategist)["decide"] == [review]
        assert "decide" not in day(agency.community)
        assert day(agency.executive)["clients_owe"] == [scope["approval_id"]]

    def test_of_the_lead(self, agency: Staffed) -> None:
        mine = promise(
            agency, "commitments", -1, owner_membership_id=str(agency.executive.membership_id)
        )
        promise(agency, "commitments", 2)
        owed = promise(agency, "client-requests", 4)

        read = day(agency.executive)

        assert (read["do"], read["clients_owe"]) == ([mine["id"]], [owed["id"]])
        assert day(agency.viewer)["clients_owe"] == [owed["id"]]

    def test_shows_nobody_what_they_may_not_see(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        making.submitted(agency)
        promise(agency, "client-requests", 1)
        planned(agency, 1)

        strangers = (agency.stranger, agency.other_executive, agency.other_contact)
        for person in (*strangers, other_agency.owner, other_agency.executive):
            assert day(person) == {}
        assert "decide" not in day(agency.viewer)


class TestOverview:
    def test_counts_how_a_client_stands(self, agency: Staffed) -> None:
        making.submitted(agency)
        late, blocked = planned(agency, -3), planned(agency, 3)
        done(making.move(agency.community, blocked, "block", {"cause": "client"}))
        promise(agency, "client-requests", -1)
        promise(agency, "commitments", 4)

        clients = done(agency.owner.get("/v1/overview"))["clients"]

        assert {each["client_id"] for each in clients} == {
            str(agency.client_id),
            str(agency.other_client_id),
        }
        (one,) = [each for each in clients if each["client_id"] == str(agency.client_id)]
        assert late["status"] == "planned"
        assert (
            one["deliverables_open"],
            one["deliverables_late"],
            one["deliverables_blocked"],
        ) == (2, 1, 1)
        assert (one["decisions_by_us"], one["decisions_by_client"]) == (0, 1)
        assert (one["requests_open"], one["requests_late"]) == (1, 1)
        assert (one["commitments_open"], one["commitments_late"]) == (1, 0)
        assert one["gaps"] == []
        (two,) = [each for each in clients if each is not one]
        assert two["gaps"] == ["social_media_manager"]

    @pytest.mark.parametrize("person", ["approver", "viewer", "other_contact", "stranger"])
    def test_is_the_staffs(self, agency: Staffed, person: str) -> None:
        assert getattr(agency, person).get("/v1/overview").status_code == 403

    def test_shows_each_their_clients(self, agency: Staffed, other_agency: Staffed) -> None:
        seen = done(agency.strategist.get("/v1/overview"))["clients"]
        foreign = done(other_agency.owner.get("/v1/overview"))["clients"]

        assert [each["client_id"] for each in seen] == [str(agency.client_id)]
        assert str(agency.client_id) not in str(foreign)
