"""Time: whose it is, what it went into, and who knows of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select, update

from tenants import auth, clock, database, invariants
from tenants.ids import new_id
from tenants.models import Client
from tenants.outbox import Event
from tests.campaigns import making
from tests.costs.making import close, done, enter, entry, ids, refused
from tests.factories import Staffed, events_of
from tests.work import settle

LIST = "/v1/time-entries"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    """A Sunday in November, in the afternoon."""
    with clock.at(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)):
        yield


def move_to(agency: Staffed, zone: str) -> None:
    with database.agency_session(auth.system(agency.agency_id)) as session:
        moved = update(Client).where(
            col(Client.agency_id) == agency.agency_id, col(Client.id) == agency.client_id
        )
        session.connection().execute(moved.values(timezone=zone))


class TestEnterTime:
    def test_keeps_it_as_ones_own(self, agency: Staffed) -> None:
        made = entry(agency.community, agency, 45, note="Respuestas del lunes")

        assert made["membership_id"] == str(agency.community.membership_id)
        assert made["entered_by"] == str(agency.community.membership_id)
        assert (made["minutes"], made["worked_on"]) == (45, "2026-11-02")
        assert (made["activity"], made["note"]) == ("content", "Respuestas del lunes")
        assert done(agency.community.get(f"{LIST}/{made['id']}")) == made
        assert events_of(agency, made["id"]) == ["time_entry.created"]

    def test_means_the_clients_today_and_no_later_day(self, agency: Staffed) -> None:
        late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)

        with clock.at(late):
            madrid = entry(agency.community, agency, worked_on=None)
            move_to(agency, "America/Los_Angeles")
            west = entry(agency.community, agency, worked_on=None)
            ahead = enter(agency.community, agency, worked_on="2026-11-01")
            same = enter(agency.community, agency, worked_on="2026-10-31")

        assert (madrid["worked_on"], west["worked_on"]) == ("2026-11-01", "2026-10-31")
        assert refused(ahead) == (422, "not_worked_yet")
        assert same.status_code == 201

    def test_is_done_for_others_by_who_runs_the_account(self, agency: Staffed) -> None:
        for_community: dict[str, Any] = {"membership_id": str(agency.community.membership_id)}

        made = entry(agency.executive, agency, **for_community)
        of_the_owner = enter(agency.admin, agency, membership_id=str(agency.owner.membership_id))
        by_a_colleague = enter(agency.strategist, agency, **for_community)

        assert made["membership_id"] == str(agency.community.membership_id)
        assert made["entered_by"] == str(agency.executive.membership_id)
        assert agency.community.get(f"{LIST}/{made['id']}").status_code == 200
        assert of_the_owner.status_code == 201
        assert refused(by_a_colleague) == (403, "forbidden")

    @pytest.mark.parametrize("name", ["stranger", "other_executive", "approver"])
    def test_refuses_whoever_does_not_serve_the_client(self, agency: Staffed, name: str) -> None:
        whose = str(agency.people[name].membership_id)

        made = enter(agency.executive, agency, membership_id=whose)
        nobody = enter(agency.executive, agency, membership_id=str(new_id()))

        assert refused(made) == refused(nobody) == (422, "not_on_the_client")

    @pytest.mark.parametrize("minutes", [0, -5, 1441, 1.5, "60", None])
    def test_refuses_what_is_no_part_of_a_day(self, agency: Staffed, minutes: Any) -> None:
        assert refused(enter(agency.community, agency, minutes)) == (422, "invalid_request")


class TestWhatTimeWentInto:
    def test_follows_from_the_deliverable(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        baseline = done(agency.executive.get(f"/v1/campaigns/{campaign['id']}/scope"))
        line_id = baseline["lines"][0]["id"]
        reel = making.deliverable(agency, line_id)

        made = entry(agency.community, agency, deliverable_id=reel["id"])
        said = entry(
            agency.community,
            agency,
            deliverable_id=reel["id"],
            scope_line_id=line_id,
            campaign_id=campaign["id"],
        )

        for each in (made, said):
            assert each["deliverable_id"] == reel["id"]
            assert (each["scope_line_id"], each["campaign_id"]) == (line_id, campaign["id"])

    def test_is_one_line_in_all_its_versions(self, agency: Staffed) -> None:
        campaign = making.active_campaign(agency)
        path = f"/v1/campaigns/{campaign['id']}/scope"
        first = done(agency.executive.get(path))
        making.accepted(agency, campaign_id=campaign["id"], copy_of=first["id"])
        line, later = first["lines"][0]["id"], done(agency.executive.get(path))["lines"][0]["id"]

        made = entry(agency.community, agency, scope_line_id=later)

        assert line != later
        assert (made["scope_line_id"], made["campaign_id"]) == (line, campaign["id"])
        for version in (line, later):
            assert ids(agency.community.get(f"{LIST}?scope_line_id={version}")) == {made["id"]}

    def test_refuses_what_does_not_belong_together(self, agency: Staffed) -> None:
        reel = making.deliverable(agency, making.accepted(agency)["lines"][0]["id"])
        other_line = making.accepted(agency, making.line(kind="story"))["lines"][0]["id"]
        campaign = making.campaign(agency)["id"]

        contradictions: list[dict[str, Any]] = [
            {"deliverable_id": reel["id"], "scope_line_id": other_line},
            {"deliverable_id": reel["id"], "campaign_id": campaign},
            {"scope_line_id": other_line, "campaign_id": campaign},
            *(
                {"client_id": str(agency.other_client_id), name: id}
                for name, id in (
                    ("deliverable_id", reel["id"]),
                    ("scope_line_id", other_line),
                    ("campaign_id", campaign),
                )
            ),
        ]

        for each in contradictions:
            answer = enter(agency.executive, agency, **each)
            assert refused(answer) == (422, "work_contradicts"), each
            assert answer.json()["errors"][0]["pointer"].strip("/") in each
        assert refused(enter(agency.executive, agency, campaign_id=str(new_id())))[0] == 404

    def test_is_no_line_of_a_draft(self, agency: Staffed) -> None:
        """It may go again; a draft of the next version of one that was agreed is that one."""
        campaign = making.active_campaign(agency)["id"]
        first = done(agency.executive.get(f"/v1/campaigns/{campaign}/scope"))
        drafted = making.scope(agency)["lines"][0]["id"]
        copied = making.scope(agency, campaign_id=campaign, copy_of=first["id"])["lines"][0]["id"]

        made = entry(agency.community, agency, scope_line_id=copied)

        assert refused(enter(agency.community, agency, scope_line_id=drafted)) == (
            409,
            "line_in_draft",
        )
        assert made["scope_line_id"] == first["lines"][0]["id"]
        assert agency.executive.delete(f"/v1/scope-lines/{drafted}").status_code == 204
        assert agency.executive.delete(f"/v1/scope-lines/{copied}").status_code == 204

    def test_changes_with_the_narrowest_that_is_named(self, agency: Staffed) -> None:
        lines = [making.accepted(agency)["lines"][0]["id"] for _ in range(2)]
        reels = [making.deliverable(agency, each)["id"] for each in lines]
        campaign = making.campaign(agency)["id"]
        made = entry(agency.community, agency, deliverable_id=reels[0])
        path = f"{LIST}/{made['id']}"

        moved = done(agency.community.patch(path, {"deliverable_id": reels[1]}))
        against = agency.community.patch(path, {"scope_line_id": lines[0]})
        wider = done(agency.community.patch(path, {"deliverable_id": None}))
        widest = done(
            agency.community.patch(path, {"scope_line_id": None, "campaign_id": campaign})
        )

        assert (moved["deliverable_id"], moved["scope_line_id"]) == (reels[1], lines[1])
        assert refused(against) == (422, "work_contradicts")
        assert (wider["deliverable_id"], wider["scope_line_id"]) == (None, lines[1])
        assert (widest["scope_line_id"], widest["campaign_id"]) == (None, campaign)


class TestOneDay:
    def test_has_1440_minutes_over_all_clients(self, agency: Staffed) -> None:
        entry(agency.executive, agency, 1000)
        entry(agency.executive, agency, 400, client_id=str(agency.other_client_id))

        over = enter(agency.executive, agency, 41)
        fits = enter(agency.executive, agency, 40)

        assert refused(over) == (409, "day_full")
        assert over.json()["left_minutes"] == 40
        assert fits.status_code == 201
        assert entry(agency.executive, agency, 1440, worked_on="2026-11-03")["minutes"] == 1440
        assert entry(agency.community, agency, 1440)["minutes"] == 1440

    def test_counts_what_is_out_of_sight_of_who_enters(self, agency: Staffed) -> None:
        """Who runs client two does not see the executive's time on client one."""
        entry(agency.executive, agency, 1400)
        theirs = {
            "client_id": str(agency.other_client_id),
            "membership_id": str(agency.executive.membership_id),
        }

        over = enter(agency.other_executive, agency, 41, **theirs)

        assert refused(over) == (409, "day_full")
        assert enter(agency.other_executive, agency, 40, **theirs).status_code == 201

    def test_gives_back_what_was_changed_or_removed(self, agency: Staffed) -> None:
        one, two = entry(agency.community, agency, 700), entry(agency.community, agency, 740)
        path = f"{LIST}/{one['id']}"

        grown = agency.community.patch(path, {"minutes": 701})
        shrunk = done(agency.community.patch(path, {"minutes": 600}))
        moved = done(agency.community.patch(f"{LIST}/{two['id']}", {"worked_on": "2026-11-03"}))
        full = entry(agency.community, agency, 840)
        back = agency.community.patch(f"{LIST}/{two['id']}", {"worked_on": "2026-11-02"})

        assert (refused(grown), grown.json()["left_minutes"]) == ((409, "day_full"), 0)
        assert (shrunk["minutes"], moved["worked_on"]) == (600, "2026-11-03")
        assert refused(back) == (409, "day_full")
        assert agency.community.delete(f"{LIST}/{full['id']}").status_code == 204
        assert enter(agency.community, agency, 840).status_code == 201
        told = ["time_entry.created", "time_entry.updated"]
        assert events_of(agency, one["id"]) == told

    def test_is_never_passed_by_many_at_once(self, agency: Staffed) -> None:
        clients = [str(agency.client_id), str(agency.other_client_id)]

        def one(number: int) -> Any:
            return enter(agency.executive, agency, 100, client_id=clients[number % 2])

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(one, range(20)))

        found = [each.status_code for each in answers]
        assert sorted(found) == [201] * 14 + [409] * 6
        shown = done(agency.owner.get(LIST))["data"]
        assert sum(each["minutes"] for each in shown) == 1400
        assert invariants.check_agency(agency.agency_id) == []


class TestWhoKnows:
    def test_of_ones_own_and_of_whose_account_one_runs(self, agency: Staffed) -> None:
        """The executive runs client one, and is one of the community managers of client two."""
        theirs: dict[str, Any] = {"client_id": str(agency.other_client_id)}
        mine = entry(agency.community, agency)["id"]
        led = entry(agency.strategist, agency)["id"]
        own = entry(agency.executive, agency, **theirs)["id"]
        hidden = entry(agency.other_executive, agency, **theirs)["id"]
        seen = {
            "owner": {mine, led, own, hidden},
            "admin": {mine, led, own, hidden},
            "executive": {mine, led, own},
            "community": {mine},
            "strategist": {led},
            "other_executive": {own, hidden},
        }

        for name, wanted in seen.items():
            person = agency.people[name]
            whole = done(person.get(f"{LIST}?include=total"))
            assert {each["id"] for each in whole["data"]} == wanted, name
            assert whole["total"] == len(wanted), name
            for each in (mine, led, own, hidden):
                one = person.get(f"{LIST}/{each}", headers={"If-None-Match": "*"})
                assert one.status_code == (304 if each in wanted else 404), (name, each)

    def test_is_not_told_by_a_filter(self, agency: Staffed) -> None:
        line = making.accepted(agency)["lines"][0]["id"]
        reel = making.deliverable(agency, line)["id"]
        entry(agency.strategist, agency, deliverable_id=reel)

        for asked in (
            f"membership_id={agency.strategist.membership_id}",
            f"client_id={agency.client_id}",
            f"deliverable_id={reel}",
            f"scope_line_id={line}",
            "activity=content",
            "worked_after=2026-11-01&worked_before=2026-11-03",
        ):
            assert len(ids(agency.executive.get(f"{LIST}?{asked}"))) == 1, asked
            told = done(agency.community.get(f"{LIST}?{asked}&include=total"))
            assert (told["data"], told["total"]) == ([], 0), asked

    def test_changes_nothing_of_others(self, agency: Staffed) -> None:
        """And a version that is right or wrong answers alike."""
        path = f"{LIST}/{entry(agency.strategist, agency)['id']}"

        for match in ('"1.s.en"', '"7.s.en"', "*"):
            sent = {"If-Match": match}
            changed = agency.community.call("PATCH", path, json={"minutes": 1}, headers=sent)
            deleted = agency.community.call("DELETE", path, headers=sent)
            assert refused(changed) == refused(deleted) == (404, "not_found")
        without = agency.community.call("PATCH", path, json={"minutes": 1})
        assert refused(without) == (404, "not_found")
        assert done(agency.executive.patch(path, {"minutes": 30}))["minutes"] == 30
        assert agency.executive.delete(path).status_code == 204

    def test_hears_no_event_of_it(self, agency: Staffed) -> None:
        made = entry(agency.strategist, agency, 77)
        done(agency.strategist.patch(f"{LIST}/{made['id']}", {"minutes": 78}))
        agency.strategist.delete(f"{LIST}/{made['id']}")
        settle()

        for name in ("executive", "strategist", "community", "other_executive"):
            told = done(agency.people[name].get(f"/v1/events?subject_id={made['id']}"))
            assert told["data"] == [], name
        told = done(agency.owner.get(f"/v1/events?subject_id={made['id']}"))["data"]
        kinds = [f"time_entry.{each}" for each in ("created", "updated", "removed")]
        assert [each["type"] for each in told] == kinds
        assert {each["audience"] for each in told} == {"internal"}
        with database.agency_session(auth.system(agency.agency_id)) as session:
            told_of = session.exec(
                select(Event.client_id).where(Event.subject_type == "time_entries")
            )
            assert set(told_of) == {None}

    def test_is_no_contact(self, agency: Staffed) -> None:
        made = entry(agency.strategist, agency)["id"]

        for person in (agency.approver, agency.viewer, agency.other_contact):
            for path in (LIST, f"{LIST}/{made}", f"{LIST}?client_id={agency.client_id}"):
                assert refused(person.get(path)) == (403, "forbidden")
            assert refused(enter(person, agency)) == (403, "forbidden")

    def test_keeps_what_somebody_did_who_left_the_client(self, agency: Staffed) -> None:
        made = entry(agency.community, agency)["id"]
        duties = f"/v1/clients/{agency.client_id}/assignments"
        (duty,) = [
            each
            for each in done(agency.owner.get(duties))["data"]
            if each["membership_id"] == str(agency.community.membership_id)
        ]
        assert agency.owner.delete(f"{duties}/{duty['id']}").status_code in (200, 204)

        assert agency.community.get(f"{LIST}/{made}").status_code in (403, 404)
        assert agency.executive.get(f"{LIST}/{made}").status_code == 200


class TestClosedDays:
    def test_stay_as_they_are(self, agency: Staffed) -> None:
        closed = entry(agency.community, agency, worked_on="2026-10-31")
        still = entry(agency.community, agency, worked_on="2026-11-01")
        done(close(agency, "2026-10-31"))
        path = f"{LIST}/{closed['id']}"

        refusals = [
            enter(agency.community, agency, worked_on="2026-10-31"),
            enter(agency.owner, agency, worked_on="2026-10-30"),
            agency.community.patch(path, {"minutes": 5}),
            agency.owner.patch(path, {"note": "Otra cosa"}),
            agency.community.patch(path, {"worked_on": "2026-11-01"}),
            agency.community.patch(f"{LIST}/{still['id']}", {"worked_on": "2026-10-31"}),
            agency.community.delete(path),
        ]

        for each in refusals:
            assert refused(each) == (409, "books_closed")
            assert each.json()["closed_through"] == "2026-10-31"
        assert done(agency.community.get(path)) == closed
        assert enter(agency.community, agency, worked_on="2026-11-01").status_code == 201

    def test_are_refused_in_both_languages(self, agency: Staffed) -> None:
        done(close(agency, "2026-11-03"))

        told = [
            agency.community.post(
                LIST,
                {
                    "client_id": str(agency.client_id),
                    "minutes": 5,
                    "activity": "other",
                    "worked_on": "2026-11-03",
                },
                headers={"Accept-Language": language},
            ).json()["detail"]
            for language in ("es", "en")
        ]

        assert told[0].startswith("Los libros están cerrados hasta el 2026-11-03.")
        assert told[1].startswith("The books are closed through 2026-11-03.")
