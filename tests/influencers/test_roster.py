"""The roster: who is on it, what changes, what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from tenants import clock
from tests.factories import Staffed, events_of
from tests.influencers.making import body, done, found, influencer, refused

AHEAD = (clock.today("UTC") + timedelta(days=2)).isoformat()
ENGAGEMENT = {"rate": 0.0345, "basis": "views", "measured_on": "2026-10-01"}


class TestCreateInfluencer:
    def test_keeps_all_that_is_said(self, agency: Staffed) -> None:
        split = {"countries": {"ES": 0.6, "MX": 0.25}, "ages": {"18-24": 0.4}, "genders": {}}
        accounts = [
            {
                "network": "tiktok",
                "handle": "@Ana.Cocina",
                "followers": 30_000,
                "measured_on": "2026-10-02",
                "audience": split,
                "engagement": ENGAGEMENT,
            },
            {"network": "youtube", "handle": "anacocina", "followers": 5_000},
        ]
        made = influencer(agency, accounts=accounts, email="ana@people.example", notes="Puntual.")

        assert (made["audience_size"], made["engagement_rate"]) == (35_000, 0.0345)
        assert made["accounts"][0] == {
            **accounts[0],
            "id": made["accounts"][0]["id"],
            "handle": "Ana.Cocina",
            "url": None,
        }
        assert made["rates"][0]["price"] == {"amount_minor": 25_000, "currency": "EUR"}
        assert (made["tags"], made["notes"], made["status"]) == (["VIP"], "Puntual.", "active")
        assert events_of(agency, made["id"]) == ["influencer.created"]
        assert done(agency.community.get(f"/v1/influencers/{made['id']}")) == made

    def test_takes_a_second_currency(self, agency: Staffed) -> None:
        rate = {"network": "instagram", "placement": "reel"}
        prices = [{"amount_minor": 9_000, "currency": each} for each in ("EUR", "USD")]
        made = influencer(agency, rates=[{**rate, "price": each} for each in prices])
        assert [each["price"] for each in made["rates"]] == prices

    def test_knows_one_person_by_a_handle(self, agency: Staffed, other_agency: Staffed) -> None:
        account = {"network": "instagram", "handle": "Única"}
        influencer(agency, accounts=[account])
        again = body(accounts=[{"network": "instagram", "handle": "@úNICA"}])
        before = found(agency.owner)
        problem = refused(agency.owner.post("/v1/influencers", again), 409, "on_the_roster_already")
        assert problem["errors"][0]["pointer"] == "/accounts/0"
        assert found(agency.owner) == before
        influencer(other_agency, accounts=[account])

    @pytest.mark.parametrize(
        ("values", "pointer"),
        [
            ({"name": "x" * 121}, "/name"),
            ({"name": "a\u202eb"}, "/name"),
            ({"notes": "x" * 4_001}, "/notes"),
            ({"country": "ZQ"}, "/country"),
            (
                {"accounts": [{"network": "x", "handle": "a", "measured_on": AHEAD}]},
                "/accounts/0/measured_on",
            ),
            (
                {
                    "accounts": [
                        {
                            "network": "x",
                            "handle": "a",
                            "engagement": {**ENGAGEMENT, "measured_on": AHEAD},
                        }
                    ]
                },
                "/accounts/0/engagement/measured_on",
            ),
            ({"languages": ["xx"]}, "/languages/0"),
            ({"tags": ["vip", "VÍP"]}, "/tags"),
            ({"categories": ["Beauty"]}, "/categories/0"),
            ({"accounts": [{"network": "x", "handle": "a b"}]}, "/accounts/0/handle"),
            ({"accounts": [{"network": "x", "handle": e} for e in ("a", "@A")]}, "/accounts"),
            (
                {"accounts": [{"network": "x", "handle": "a", "followers": -1}]},
                "/accounts/0/followers",
            ),
            (
                {
                    "accounts": [
                        {"network": "x", "handle": "a", "engagement": {**ENGAGEMENT, "rate": 1.1}}
                    ]
                },
                "/accounts/0/engagement/rate",
            ),
            (
                {
                    "accounts": [
                        {
                            "network": "x",
                            "handle": "a",
                            "audience": {"genders": {"female": 0.7, "male": 0.7}},
                        }
                    ]
                },
                "/accounts/0/audience/genders",
            ),
            (
                {
                    "rates": [
                        {
                            "network": "x",
                            "placement": "post",
                            "price": {"amount_minor": -5, "currency": "EUR"},
                        }
                    ]
                },
                "/rates/0/price/amount_minor",
            ),
            (
                {
                    "rates": [
                        {
                            "network": "x",
                            "placement": "post",
                            "price": {"amount_minor": 5, "currency": "XAU"},
                        }
                    ]
                },
                "/rates/0/price/currency",
            ),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, agency: Staffed, values: dict[str, Any], pointer: str
    ) -> None:
        before = found(agency.owner)
        answer = agency.owner.post("/v1/influencers", body(**values))
        problem = refused(answer, 422, "invalid_request")
        assert problem["errors"][0]["pointer"] == pointer, problem
        assert found(agency.owner) == before


class TestUpdateInfluencer:
    def test_replaces_a_list_and_keeps_what_stays(self, agency: Staffed) -> None:
        first = {"network": "instagram", "handle": "lola.one", "followers": 100}
        made = influencer(agency, accounts=[first])
        second = {"network": "x", "handle": "lola", "followers": 50, "engagement": ENGAGEMENT}
        path = f"/v1/influencers/{made['id']}"
        now = done(agency.strategist.patch(path, {"accounts": [first, second]}, made["version"]))

        assert now["accounts"][0]["id"] == made["accounts"][0]["id"]
        assert (now["audience_size"], now["engagement_rate"]) == (150, 0.0345)
        assert now["version"] > made["version"]
        assert now["tags"] == made["tags"]
        assert found(agency.owner, q="lola", network="x") == ["Ana García"]

        now = done(agency.strategist.patch(path, {"accounts": [], "rates": []}))
        assert (now["accounts"], now["rates"], now["audience_size"]) == ([], [], 0)
        assert found(agency.owner, q="lola") == []

    def test_leaves_nothing_of_a_list_with_a_handle_of_another(self, agency: Staffed) -> None:
        influencer(agency, accounts=[{"network": "x", "handle": "taken"}])
        made = influencer(agency)
        change = [{"network": "x", "handle": each} for each in ("free", "taken")]
        path = f"/v1/influencers/{made['id']}"
        answer = agency.owner.patch(path, {"accounts": change, "name": "Otra"})
        refused(answer, 409, "on_the_roster_already")
        assert done(agency.owner.get(path)) == made

    def test_archives_and_takes_up_again(self, agency: Staffed) -> None:
        made = influencer(agency, name="Irene Prats")
        path = f"/v1/influencers/{made['id']}"
        done(agency.executive.patch(path, {"status": "archived"}))
        assert "Irene Prats" not in found(agency.owner, q="irene")
        assert found(agency.owner, q="irene", status="archived") == ["Irene Prats"]
        problem = refused(
            agency.executive.patch(path, {"status": "paused"}), 409, "move_not_allowed"
        )
        assert problem["allowed"] == ["active"]
        done(agency.executive.patch(path, {"status": "active"}))
        assert events_of(agency, made["id"]) == [
            "influencer.created",
            "influencer.archived",
            "influencer.activated",
        ]

    def test_refuses_an_older_version(self, agency: Staffed) -> None:
        made = influencer(agency)
        path = f"/v1/influencers/{made['id']}"
        done(agency.owner.patch(path, {"city": "Vigo"}))
        answer = agency.owner.patch(path, {"city": "Lugo"}, made["version"])
        refused(answer, 412, "precondition_failed")

    def test_is_not_for_a_community_manager(self, agency: Staffed) -> None:
        made = influencer(agency)
        answer = agency.community.patch(f"/v1/influencers/{made['id']}", {"city": "Vigo"})
        refused(answer, 403, "forbidden")


class TestOwnProfile:
    def test_is_all_but_the_agencys_notes(self, agency: Staffed) -> None:
        path = f"/v1/influencers/{agency.influencer_id}"
        done(agency.owner.patch(path, {"tags": ["difícil"], "notes": "Cobra de más."}))
        own = agency.influencer.get("/v1/me/influencer-profile")
        assert done(own)["id"] == str(agency.influencer_id)
        assert "difícil" not in own.text
        assert "Cobra" not in own.text
        assert {"tags", "notes", "membership_id"}.isdisjoint(own.json())

    def test_is_theirs_to_change(self, agency: Staffed) -> None:
        price = {"amount_minor": 40_000, "currency": "EUR"}
        change = {
            "name": "Inés Flor",
            "accounts": [{"network": "tiktok", "handle": "ines.flor", "followers": 800}],
            "rates": [{"network": "tiktok", "placement": "video", "price": price}],
        }
        own = done(agency.influencer.get("/v1/me/influencer-profile"))
        now = done(agency.influencer.patch("/v1/me/influencer-profile", change, own["version"]))
        assert (now["name"], now["audience_size"]) == ("Inés Flor", 800)
        assert found(agency.owner, q="ines flor") == ["Inés Flor"]
        assert events_of(agency, agency.influencer_id) == ["influencer.updated"]
        stale = agency.influencer.patch("/v1/me/influencer-profile", change, own["version"])
        refused(stale, 412, "precondition_failed")

    @pytest.mark.parametrize("member", ["status", "tags", "notes", "membership_id"])
    def test_is_not_theirs_beyond_that(self, agency: Staffed, member: str) -> None:
        answer = agency.influencer.patch("/v1/me/influencer-profile", {member: "paused"})
        refused(answer, 422, "invalid_request")

    def test_is_nobodys_who_is_not_on_the_roster(self, agency: Staffed) -> None:
        refused(agency.owner.get("/v1/me/influencer-profile"), 403, "forbidden")

    def test_may_not_take_the_handle_of_another(self, agency: Staffed) -> None:
        influencer(agency, accounts=[{"network": "x", "handle": "taken"}])
        change = {"accounts": [{"network": "x", "handle": "Taken"}]}
        answer = agency.influencer.patch("/v1/me/influencer-profile", change)
        refused(answer, 409, "on_the_roster_already")
        assert done(agency.influencer.get("/v1/me/influencer-profile"))["accounts"] == []


class TestDocuments:
    def test_are_seen_by_whoever_sees_their_client(self, agency: Staffed) -> None:
        made = influencer(agency)
        path = f"/v1/influencers/{made['id']}/documents"
        client_id = str(agency.other_client_id)
        file = done(
            agency.other_executive.call(
                "POST",
                "/v1/files",
                data={"client_id": client_id},
                files={"file": ("kit.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")},
            ),
            201,
        )
        said = {"file_id": file["id"], "client_id": client_id, "kind": "media_kit"}
        kept = done(agency.other_executive.post(path, said), 201)
        refused(agency.other_executive.post(path, said), 409, "document_kept")
        assert [each["id"] for each in done(agency.other_executive.get(path))["data"]] == [
            kept["id"]
        ]
        assert done(agency.strategist.get(path))["data"] == []
        refused(agency.strategist.delete(f"{path}/{kept['id']}"), 404, "not_found")
        other = influencer(agency)
        elsewhere = f"/v1/influencers/{other['id']}/documents/{kept['id']}"
        refused(agency.other_executive.delete(elsewhere), 404, "not_found")
        assert agency.other_executive.delete(f"{path}/{kept['id']}").status_code == 204
        assert done(agency.owner.get(path))["data"] == []
