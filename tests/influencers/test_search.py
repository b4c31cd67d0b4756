"""Finding people: by words, by labels, by figures; page after page."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.influencers.finding import words_in
from tests.factories import Staffed
from tests.influencers.making import done, found, influencer, refused


@pytest.fixture
def roster(agency: Staffed) -> Staffed:
    """Three people beside the two that log in."""
    usd = {"amount_minor": 10_000, "currency": "USD"}
    eur = {"amount_minor": 50_000, "currency": "EUR"}
    engaged = {"rate": 0.08, "basis": "views", "measured_on": "2026-10-01"}
    influencer(
        agency,
        name="María José Peña",
        accounts=[
            {"network": "instagram", "handle": "mj.pena", "followers": 90_000},
            {"network": "tiktok", "handle": "mjp", "followers": 1_000, "engagement": engaged},
        ],
        rates=[{"network": "tiktok", "placement": "video", "price": usd}],
        tags=["VIP", "norte"],
    )
    influencer(
        agency,
        name="Mario Peñalver",
        country="MX",
        languages=["es", "en"],
        categories=["food", "travel"],
        accounts=[{"network": "tiktok", "handle": "mario", "followers": 20_000}],
        rates=[{"network": "tiktok", "placement": "video", "price": eur}],
        tags=[],
    )
    influencer(agency, name="Peña Peñafiel", accounts=[], rates=[], tags=["norte"])
    return agency


MARIA, MARIO, PENA = "María José Peña", "Mario Peñalver", "Peña Peñafiel"


class TestListInfluencers:
    @pytest.mark.parametrize(
        ("filters", "names"),
        [
            ({"q": "pen"}, {MARIA, MARIO, PENA}),
            ({"q": "PEÑALVER"}, {MARIO}),
            ({"q": "jose ma"}, {MARIA}),
            ({"q": "@mj.pena"}, {MARIA}),
            ({"q": "ena"}, set()),
            ({"q": "pen", "network": "tiktok"}, {MARIA, MARIO}),
            ({"tag": "vip"}, {MARIA}),
            ({"tag": "NORTE"}, {MARIA, PENA}),
            ({"tag": "nor"}, set()),
            ({"language": "en"}, {MARIO}),
            ({"country": "MX", "category": "food"}, {MARIO}),
            ({"country": "MX", "category": "beauty"}, set()),
            ({"audience_min": 20_000}, {MARIA, MARIO}),
            ({"audience_min": 20_000, "network": "tiktok"}, {MARIO}),
            ({"audience_max": 20_000, "network": "tiktok"}, {MARIA, MARIO}),
            ({"engagement_min": 0.08}, {MARIA}),
            ({"engagement_min": 0.080001}, set()),
            ({"engagement_min": 0.05, "network": "instagram"}, set()),
            ({"placement": "video"}, {MARIA, MARIO}),
            ({"rate_max_minor": 60_000, "rate_currency": "USD"}, {MARIA}),
            ({"rate_max_minor": 60_000, "rate_currency": "EUR", "placement": "video"}, {MARIO}),
            ({"rate_max_minor": 49_999, "rate_currency": "EUR"}, set()),
            ({"status": "paused"}, set()),
        ],
    )
    def test_finds(self, roster: Staffed, filters: dict[str, Any], names: set[str]) -> None:
        shown = found(roster.community, **filters)
        assert (set(shown), len(shown)) == (names, len(names))

    def test_shows_whoever_is_found_by_two_words_once_on_whatever_page(
        self, roster: Staffed
    ) -> None:
        names: list[str] = []
        cursor = None
        while cursor or not names:
            asked = {
                "q": "pe",
                "limit": 1,
                "include": "total",
                **({"cursor": cursor} if cursor else {}),
            }
            page = done(roster.owner.get("/v1/influencers", params=asked))
            names += [each["name"] for each in page["data"]]
            cursor = page["next_cursor"]
            assert page["total"] == 3
        assert sorted(names) == sorted([MARIA, MARIO, PENA])

    def test_can_begin_with_the_largest_audience(self, roster: Staffed) -> None:
        assert found(roster.owner, sort="audience")[:2] == [MARIA, MARIO]

    def test_shows_a_card(self, roster: Staffed) -> None:
        (card,) = done(roster.owner.get("/v1/influencers", params={"q": "mario"}))["data"]
        assert card["accounts"] == [
            {"network": "tiktok", "handle": "mario", "followers": 20_000, "engagement_rate": None}
        ]
        assert {"email", "notes"}.isdisjoint(card)

    def test_is_of_ones_own_agency(self, roster: Staffed, other_agency: Staffed) -> None:
        assert found(other_agency.owner, q="pen") == []

    @pytest.mark.parametrize(
        ("filters", "code"),
        [
            ({"q": "…!"}, "nothing_to_look_for"),
            ({"rate_max_minor": 5}, "rate_without_currency"),
            ({"rate_currency": "EUR"}, "rate_without_currency"),
            ({"q": "x" * 101}, "invalid_request"),
            ({"rate_max_minor": -5, "rate_currency": "EUR"}, "invalid_request"),
            ({"engagement_min": "NaN"}, "invalid_request"),
        ],
    )
    def test_refuses(self, roster: Staffed, filters: dict[str, Any], code: str) -> None:
        refused(roster.owner.get("/v1/influencers", params=filters), 422, code)


class TestWords:
    @given(some.text(max_size=200))
    def test_hold_no_label(self, text: str) -> None:
        """Whatever is typed, it asks for words, never for what is kept behind a colon."""
        assert all(each and ":" not in each and len(each) <= 60 for each in words_in(text))

    @given(some.text(max_size=50))
    def test_are_the_same_in_capitals_and_without_accents(self, text: str) -> None:
        assert words_in(text) == words_in(" ".join(words_in(text)))
