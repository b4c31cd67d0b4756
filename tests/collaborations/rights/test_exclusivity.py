"""For whom else an influencer may not work: the algebra of windows, and the lock behind it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from api.collaborations.rights import exclusivity, windows
from api.collaborations.rights.exclusivity import Claim
from api.collaborations.rights.windows import Window
from tenants import auth, database
from tests.collaborations.making import (
    accept,
    broken,
    budget_line,
    contracted,
    day,
    done,
    invited,
    leader,
    offer,
    offered,
    read,
    terms,
)
from tests.factories import Staffed

MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Madrid", "America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "UTC")

minutes = st.integers(-240, 240).map(lambda n: datetime(2026, 10, 25, tzinfo=UTC) + n * MINUTE)
spans = st.tuples(minutes, minutes).filter(lambda two: two[0] < two[1]).map(lambda w: Window(*w))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def _instants(window: Window) -> set[datetime]:
    """A window as the minutes in it: what the algebra is held to."""
    length = int((window.ends_at - window.starts_at) / MINUTE)
    return {window.starts_at + n * MINUTE for n in range(length)}


class TestWindow:
    @given(spans, spans)
    def test_overlaps_where_an_instant_is_in_both(self, one: Window, other: Window) -> None:
        both = _instants(one) & _instants(other)
        common = one.common(other)
        assert one.overlaps(other) == other.overlaps(one) == bool(both)
        assert both == (_instants(common) if common else set())

    @given(spans, spans)
    def test_covers_what_has_no_instant_outside(self, one: Window, other: Window) -> None:
        assert one.covers(other) == (_instants(other) <= _instants(one))

    @given(spans)
    def test_is_free_from_the_instant_on_at_which_it_ends(self, window: Window) -> None:
        assert not window.overlaps(Window(window.ends_at, window.ends_at + MINUTE))
        assert window.overlaps(Window(window.ends_at - MINUTE, window.ends_at + MINUTE))
        assert window.holds(window.starts_at)
        assert not window.holds(window.ends_at)

    @given(days, st.integers(0, 90), st.integers(0, 90), st.sampled_from(ZONES))
    def test_of_days_follow_each_other_without_a_gap(
        self, first: date, length: int, after: int, zone: str
    ) -> None:
        """Whatever the clocks do: what ends on a day and what begins on the next meet, no more."""
        last = first + timedelta(days=length)
        next_day = last + timedelta(days=1)
        one = windows.of_days(first, last, zone)
        two = windows.of_days(next_day, next_day + timedelta(days=after), zone)
        assert one.ends_at == two.starts_at
        assert not one.overlaps(two)
        assert one.overlaps(windows.of_days(last, next_day, zone))

    @given(days, st.integers(0, 90), st.sampled_from(ZONES))
    def test_of_days_hold_the_moments_that_are_on_them(
        self, first: date, length: int, zone: str
    ) -> None:
        last = first + timedelta(days=length)
        window = windows.of_days(first, last, zone)
        for day_, hour in ((first, 12), (last, 23)):
            noon = datetime(day_.year, day_.month, day_.day, hour, tzinfo=ZoneInfo(zone))
            on_it = noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date()
            assert window.holds(noon) or not first <= on_it <= last

    def test_of_the_day_the_clocks_go_back_has_25_hours(self) -> None:
        autumn, spring = date(2026, 10, 25), date(2027, 3, 28)
        for changed, hours in ((autumn, 25), (spring, 23)):
            window = windows.of_days(changed, changed, "Europe/Madrid")
            assert window.ends_at - window.starts_at == timedelta(hours=hours)


claims = st.builds(
    Claim,
    holder=st.sampled_from("AB"),
    brand=st.sampled_from(["a", "b"]),
    category=st.sampled_from(["beverages", "fashion"]),
    exclusive=st.booleans(),
    window=spans,
    against=st.sets(st.sampled_from(["a", "b"])).map(frozenset),
)


class TestContradicts:
    @given(claims, claims)
    def test_is_said_by_both_or_by_none(self, one: Claim, other: Claim) -> None:
        assert one.contradicts(other) == other.contradicts(one)

    @given(claims, claims)
    def test_needs_another_client_a_shared_instant_and_a_promise(
        self, one: Claim, other: Claim
    ) -> None:
        if one.contradicts(other):
            assert one.holder != other.holder
            assert _instants(one.window) & _instants(other.window)
            assert one.exclusive or other.exclusive
            assert one.category == other.category or (
                one.brand in other.against or other.brand in one.against
            )

    @given(st.lists(claims, max_size=3), st.lists(claims, max_size=3))
    def test_is_told_as_what_both_are_about(self, mine: list[Claim], taken: list[Claim]) -> None:
        found = exclusivity.conflicts(mine, taken)
        assert bool(found) == any(a.contradicts(b) for a in mine for b in taken)
        for window in found:
            assert any(claim.window.covers(window) for claim in mine)


def _exclusive(**values: Any) -> dict[str, Any]:
    return {"category": "beverages", "starts_on": day(0), "ends_on": day(90), **values}


def _offer_to_the_other(agency: Staffed, **values: Any) -> Any:
    made = invited(agency, "two")
    return offer(agency, made, terms(budget_line(agency, "two"), **values), "two")


class TestExclusivity:
    def test_refuses_a_second_client_and_names_nobody(self, agency: Staffed) -> None:
        first = contracted(agency, exclusivities=[_exclusive()])
        problem = done(_offer_to_the_other(agency, starts_on=day(10)), 409)
        assert problem["code"] == "exclusivity_conflict"
        (window,) = problem["windows"]
        zone = "Europe/Madrid"
        work = windows.of_days(date.fromisoformat(day(10)), date.fromisoformat(day(60)), zone)
        assert window == {
            "starts_at": work.starts_at.isoformat().replace("+00:00", "Z"),
            "ends_at": work.ends_at.isoformat().replace("+00:00", "Z"),
        }
        told = str(problem)
        for secret in (first["id"], first["client_id"], first["campaign_id"], "Aurora"):
            assert str(secret) not in told

    def test_refuses_a_promise_that_others_work_breaks_already(self, agency: Staffed) -> None:
        contracted(agency)
        answer = _offer_to_the_other(agency, exclusivities=[_exclusive()])
        assert done(answer, 409)["code"] == "exclusivity_conflict"

    def test_refuses_a_named_competitor_in_whatever_category(self, agency: Staffed) -> None:
        promise = _exclusive(category="fashion", competitors=["BODEGA  súr"])
        contracted(agency, category="fashion", exclusivities=[promise])
        answer = _offer_to_the_other(agency, category="wine")
        assert done(answer, 409)["code"] == "exclusivity_conflict"

    @pytest.mark.parametrize(
        "values",
        [
            {"category": "fashion"},
            {"starts_on": day(91), "ends_on": day(120), "deliverables": []},
        ],
        ids=["another category", "the day after"],
    )
    def test_lets_others_work_beside_it(self, agency: Staffed, values: dict[str, Any]) -> None:
        contracted(agency, exclusivities=[_exclusive()])
        if "deliverables" in values:
            piece = terms(None)["deliverables"][0]
            values = {**values, "deliverables": [{**piece, "due_on": day(95)}]}
        done(_offer_to_the_other(agency, **values), 201)

    def test_is_refused_for_a_shared_minute_and_not_for_a_shared_end(self, agency: Staffed) -> None:
        zone = ZoneInfo("Europe/Madrid")
        last = datetime.combine(date.fromisoformat(day(40)), datetime.min.time(), zone)

        def until(instant: datetime) -> dict[str, Any]:
            starts = datetime.combine(date.fromisoformat(day(0)), datetime.min.time(), zone)
            return _exclusive(
                category="wine",
                starts_on=None,
                ends_on=None,
                starts_at=starts.isoformat(),
                ends_at=instant.isoformat(),
            )

        contracted(agency, category="fashion", exclusivities=[until(last + MINUTE)])
        piece = {**terms(None)["deliverables"][0], "due_on": day(45)}
        values = {"category": "wine", "starts_on": day(40), "deliverables": [piece]}
        problem = done(_offer_to_the_other(agency, **values), 409)
        (window,) = problem["windows"]
        shared = datetime.fromisoformat(window["ends_at"]) - datetime.fromisoformat(
            window["starts_at"]
        )
        assert shared == MINUTE
        done(_offer_to_the_other(agency, **{**values, "starts_on": day(41)}), 201)

    def test_does_not_stand_between_one_clients_own(self, agency: Staffed) -> None:
        contracted(agency, exclusivities=[_exclusive()])
        assert contracted(agency, exclusivities=[_exclusive()])["status"] == "contracted"

    def test_is_let_go_of_when_it_is_called_off(self, agency: Staffed) -> None:
        made = contracted(agency, exclusivities=[_exclusive()])
        done(
            agency.executive.post(f"/v1/collaborations/{made['id']}/cancel", {"reason": "Lluvia."})
        )
        done(_offer_to_the_other(agency), 201)

    def test_is_taken_by_one_of_many_that_accept_at_once(self, agency: Staffed) -> None:
        """Both were offered while both were free: the lock on the influencer decides."""
        both = [
            (offered(agency, slot, exclusivities=[_exclusive()]), slot) for slot in ("one", "two")
        ]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda each: accept(agency, *each[0]), both))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refused.json()["code"] == "exclusivity_conflict"
        states = sorted(read(leader(agency, slot), made)["status"] for (made, _), slot in both)
        assert states == ["contracted", "terms_sent"]
        assert broken(agency) == []

    def test_is_asked_after_every_night(self, agency: Staffed) -> None:
        contracted(agency, exclusivities=[_exclusive()])
        with database.agency_session(auth.system(agency.agency_id)) as session:
            session.connection().execute(
                text(
                    "insert into influencer_windows select agency_id, gen_random_uuid(),"
                    " created_at, influencer_id, contract, 'x', 'x', against, category, exclusive,"
                    " starts_at, ends_at, released_at from influencer_windows"
                    " where agency_id = :agency and exclusive"
                ),
                {"agency": agency.agency_id},
            )
        assert broken(agency) == ["influencer_windows.free_of_conflict"]

    def test_of_other_clients_is_nothing_that_names_them(self, agency: Staffed) -> None:
        made = contracted(agency, exclusivities=[_exclusive(competitors=["Té Verde"])])
        token = auth.AccessToken(
            agency.agency_id,
            agency.other_executive.session_id,
            agency.other_executive.user_id,
        )
        with database.open_session(token.enter) as session:
            assert session.sight.client_ids
            rows = session.execute(text("select * from influencer_windows")).all()
        assert len(rows) == 2
        told = str(rows)
        for secret in (made["id"], made["client_id"], "Aurora", "Verde"):
            assert str(secret) not in told
