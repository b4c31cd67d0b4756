"""Calendar feeds: what their owner sees at that moment, read by a library that did not write it."""

import logging
from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import col, update

from api.desk import feeds
from tenants import auth, clock, database, tokens
from tenants.models import Membership, MembershipStatus
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, events_of

FEEDS = "/v1/calendar-feeds"
TITLE = "Reels; uno, dos\\tres — “ñandú” 🎬 " + "muy largo " * 12


def feed(person: Person, **values: Any) -> str:
    """The path of a new feed."""
    address = done(person.post(FEEDS, values), 201)["address"]
    return "/calendar/" + str(address).rpartition("/calendar/")[2]


def events(person: Person, path: str) -> dict[str, Any]:
    """UID → event of what a calendar program finds there."""
    answer = person.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["uid"]): event for event in found}


@pytest.fixture
def made(agency: Staffed) -> Any:
    (line,) = making.accepted(agency)["lines"]
    label = {"es": TITLE.strip(), "en": "In English"}
    return making.deliverable(agency, line["id"], due_on="2026-12-10", label=label)


class TestReadFeed:
    def test_has_a_whole_day_for_what_is_due(self, agency: Staffed, made: Any) -> None:
        path = feed(agency.community)

        event = events(agency.community, path)[made["id"]]

        assert event["dtstart"].dt == date(2026, 12, 10)
        assert event["dtstart"].params["VALUE"] == "DATE"
        assert str(event["summary"]) == "Café Aurora: In English"
        assert event["sequence"] == made["version"]
        assert event["last-modified"].dt.isoformat() <= clock.now().isoformat()
        assert events_of(agency, done(agency.community.get(FEEDS))["data"][0]["id"]) == [
            "calendar_feed.created"
        ]

    def test_escapes_and_folds_what_people_write(self, agency: Staffed, made: Any) -> None:
        with database.platform_session() as session:
            session.connection().exec_driver_sql(
                "update users set locale = 'es-ES' where id = %s", (agency.viewer.user_id,)
            )
        path = feed(agency.viewer)

        body = agency.viewer.client.get(path).content
        event = events(agency.viewer, path)[made["id"]]

        assert str(event["summary"]) == f"Café Aurora: {TITLE.strip()}"
        assert str(event["description"]) == "Planificado"
        assert all(len(line) <= 75 for line in body.split(b"\r\n"))
        assert b"\n" not in body.replace(b"\r\n", b"")
        assert b"uno\\, dos" in body.replace(b"\r\n ", b"")

    def test_keeps_its_uid_and_counts_changes(self, agency: Staffed, made: Any) -> None:
        path = feed(agency.community)
        before = events(agency.community, path)[made["id"]]
        later = {"due_on": "2026-12-20", "cause": "client", "reason": "Fotos"}
        done(making.move(agency.community, made, "redate", later))

        after = events(agency.community, path)[made["id"]]

        assert after["sequence"] > before["sequence"]
        assert after["dtstart"].dt == date(2026, 12, 20)
        assert after["last-modified"].dt >= before["last-modified"].dt

    def test_drops_what_was_called_off(self, agency: Staffed, made: Any) -> None:
        path = feed(agency.community)
        done(making.move(agency.community, made, "cancel"))

        assert events(agency.community, path) == {}

    def test_is_not_sent_twice(self, agency: Staffed, made: Any) -> None:
        http, path = agency.owner.client, feed(agency.owner)
        tag = http.get(path).headers["etag"]

        same = http.get(path, headers={"If-None-Match": tag})
        done(making.move(agency.community, made, "start"))
        other = http.get(path, headers={"If-None-Match": tag})

        assert (same.status_code, same.content, other.status_code) == (304, b"", 200)
        assert other.headers["etag"] != tag


class TestFeedSight:
    def test_is_its_owners_and_nobody_elses(
        self, agency: Staffed, other_agency: Staffed, made: Any
    ) -> None:
        seen = {
            name: made["id"] in events(person, feed(person))
            for name, person in agency.people.items()
        }

        others = ("stranger", "other_executive", "other_contact", "influencer", "other_influencer")
        assert seen == {name: name not in others for name in agency.people}
        assert events(other_agency.owner, feed(other_agency.owner)) == {}

    def test_ends_with_the_assignment(self, agency: Staffed, made: Any) -> None:
        path = feed(agency.community)
        assert made["id"] in events(agency.community, path)
        listed = done(agency.owner.get(f"/v1/clients/{agency.client_id}/assignments"))["data"]
        mine = str(agency.community.membership_id)
        (held,) = [each for each in listed if each["membership_id"] == mine]
        ended = {"ends_on": "2026-01-01"}
        held_at = f"/v1/clients/{agency.client_id}/assignments/{held['id']}"
        done(agency.owner.patch(held_at, ended))

        assert events(agency.community, path) == {}

    def test_ends_with_the_membership(self, agency: Staffed, made: Any) -> None:
        path = feed(agency.community)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            suspended = update(Membership).where(
                col(Membership.agency_id) == agency.agency_id,
                col(Membership.id) == agency.community.membership_id,
            )
            session.connection().execute(suspended.values(status=MembershipStatus.suspended.value))

        answer = agency.owner.client.get(path)

        assert (answer.status_code, answer.json()["code"]) == (404, "calendar_feed_closed")

    def test_is_of_one_client_or_of_one_duty(self, agency: Staffed, made: Any) -> None:
        mine, other = str(agency.client_id), str(agency.other_client_id)

        shown = {
            name: made["id"] in events(agency.executive, feed(agency.executive, **values))
            for name, values in {
                "this client": {"client_id": mine},
                "the other": {"client_id": other},
                "executive": {"duty": "account_executive"},
                "manager": {"duty": "community_manager"},
                "both": {"client_id": mine, "duty": "community_manager"},
            }.items()
        }

        assert [name for name, seen in shown.items() if seen] == ["this client", "executive"]
        answer = agency.community.post(FEEDS, {"client_id": other})
        assert answer.status_code == 404

    def test_can_write_nothing(self, agency: Staffed) -> None:
        token = feed(agency.owner).removeprefix("/calendar/").removesuffix(".ics")

        with feeds._opened(token) as (session, _):
            shown = session.connection().exec_driver_sql("show transaction_read_only")
            assert shown.scalar_one() == "on"


class TestManageFeeds:
    def test_shows_the_address_once(self, agency: Staffed) -> None:
        made = done(agency.viewer.post(FEEDS, {}), 201)

        (listed,) = done(agency.viewer.get(FEEDS))["data"]

        assert "address" not in listed
        assert "secret" not in str(listed)
        assert (listed["id"], done(agency.approver.get(FEEDS))["data"]) == (made["id"], [])

    def test_ends_an_address_at_once(self, agency: Staffed) -> None:
        path = feed(agency.community)
        (listed,) = done(agency.community.get(FEEDS))["data"]
        foreign = agency.owner.delete(f"{FEEDS}/{listed['id']}")

        ended = agency.community.delete(f"{FEEDS}/{listed['id']}")

        assert (foreign.status_code, ended.status_code) == (404, 204)
        assert agency.community.client.get(path).status_code == 404
        assert "calendar_feed.revoked" in events_of(agency, listed["id"])

    def test_makes_twenty_at_most(self, agency: Staffed) -> None:
        for _ in range(feeds.MOST):
            feed(agency.viewer)

        answer = agency.viewer.post(FEEDS, {})

        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_feeds")

    def test_opens_nothing_without_the_secret(
        self, agency: Staffed, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = feed(agency.owner)
        token = path.removeprefix("/calendar/").removesuffix(".ics")
        parts = tokens.read_opaque(feeds.PREFIX, token)
        assert parts is not None
        guessed = tokens.write_opaque(feeds.PREFIX, parts.agency_id, parts.id, tokens.new_secret())
        other = tokens.write_opaque("share", parts.agency_id, parts.id, parts.secret)
        caplog.set_level(logging.DEBUG)

        for wrong in (guessed, other, token[:-1], "x"):
            answer = agency.owner.client.get(f"/calendar/{wrong}.ics")
            assert (answer.status_code, answer.json()["code"]) == (404, "calendar_feed_closed")
            assert wrong == "x" or wrong not in answer.text
        assert agency.owner.client.get(path).status_code == 200
        ours = [each for each in caplog.records if each.name.startswith("agency")]
        assert parts.secret not in str([each.getMessage() for each in ours])
