"""Listening topics, and the versions of what they ask."""

from typing import Any

import pytest

from tests.factories import Staffed, events_of
from tests.listening.making import TOPICS, competitor, done, new_topic, refused, topic


def _versions(agency: Staffed, made: Any) -> list[Any]:
    found = done(agency.executive.get(f"{TOPICS}/{made['id']}/versions"))["data"]
    return [(each["number"], each["keywords"], each["competitor_ids"]) for each in found]


class TestOpenATopic:
    def test_begins_its_first_version(self, agency: Staffed) -> None:
        rival = competitor(agency)

        made = topic(agency, rival)

        assert (made["number"], made["status"]) == (1, "active")
        assert made["competitor_ids"] == [rival]
        assert _versions(agency, made) == [(1, made["keywords"], [rival])]
        assert done(agency.strategist.get(f"{TOPICS}/{made['id']}")) == made
        assert events_of(agency, made["id"]) == ["listening_topic.created"]

    @pytest.mark.parametrize(
        "values",
        [
            {"competitor_ids": []},
            {"keywords": []},
            {"keywords": ["Café", "café"]},
            {"networks": ["x", "x"]},
            {"languages": ["español"]},
            {"number": 7},
        ],
    )
    def test_refuses_what_makes_no_sense(self, agency: Staffed, values: dict[str, Any]) -> None:
        body = new_topic(agency, competitor(agency)) | values

        assert refused(agency.community.post(TOPICS, body)) == (422, "invalid_request")

    def test_takes_competitors_of_its_own_client_alone(self, agency: Staffed) -> None:
        theirs = competitor(agency, client_id=str(agency.other_client_id))

        answer = agency.owner.post(TOPICS, new_topic(agency, competitor(agency), theirs))

        assert refused(answer) == (404, "not_found")
        assert done(agency.owner.get(TOPICS))["data"] == []

    @pytest.mark.parametrize("person", ["executive", "approver", "other_executive"])
    def test_is_not_for_everybody(self, agency: Staffed, person: str) -> None:
        body = new_topic(agency, competitor(agency))
        assert agency.people[person].post(TOPICS, body).status_code in (403, 404)
        assert done(agency.owner.get(TOPICS))["data"] == []


class TestChangeATopic:
    def test_asked_otherwise_is_the_next_version(self, agency: Staffed) -> None:
        rival, other = competitor(agency), competitor(agency, "Tostadero")
        made = topic(agency, rival)
        path = f"{TOPICS}/{made['id']}"

        done(agency.community.patch(path, {"competitor_ids": [rival, other]}, 1))
        after = done(agency.community.patch(path, {"keywords": ["aurora"]}, 2))

        assert after["number"] == 3
        assert _versions(agency, made) == [
            (3, ["aurora"], [rival, other]),
            (2, made["keywords"], [rival, other]),
            (1, made["keywords"], [rival]),
        ]

    def test_by_another_name_or_order_is_the_same_question(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        path = f"{TOPICS}/{made['id']}"

        turned = {"keywords": made["keywords"][::-1], "networks": made["networks"][::-1]}
        after = done(agency.community.patch(path, {"name": "Barrio", **turned}))

        assert (after["number"], after["name"], after["version"]) == (1, "Barrio", 2)
        assert len(_versions(agency, made)) == 1

    def test_archives_it_and_takes_it_up_again(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        path = f"{TOPICS}/{made['id']}"

        done(agency.community.patch(path, {"status": "archived"}))
        assert done(agency.community.get(TOPICS))["data"] == []
        assert len(done(agency.community.get(f"{TOPICS}?status=archived"))["data"]) == 1
        done(agency.community.patch(path, {"status": "active"}))

        told = ["listening_topic.created", "listening_topic.archived", "listening_topic.activated"]
        assert events_of(agency, made["id"]) == told

    def test_is_hidden_from_the_client_and_others(self, agency: Staffed) -> None:
        made = topic(agency, competitor(agency))
        path = f"{TOPICS}/{made['id']}"

        assert agency.viewer.get(path).status_code == 403
        assert agency.other_executive.get(f"{path}/versions").status_code == 404
