"""What stood out of the newest day of a channel, on everybody's own day."""

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tenants import auth, clock, database
from tenants.models import Assignment
from tenants.permissions import Duty
from tests.collaborations.making import day, done
from tests.factories import Person, Staffed
from tests.metrics.made import channel_of, counts, reading, record

LEVEL = (100, 110, 90, 100, 110, 90, 100)
STAFF = ("owner", "executive", "strategist", "community")


def spikes(person: Person) -> Any:
    return done(person.get("/v1/me/day"))["spikes"]


def tell(
    agency: Staffed, channel: str, *values: int | None, until: int = -1, metric: str = "views"
) -> None:
    """A metric's days, the last of them so many days from today; None is not told."""
    first = until - len(values) + 1
    rows = [
        reading(channel, day(first + n), **{metric: value})
        for n, value in enumerate(values)
        if value is not None
    ]
    counts(record(agency, *rows))


class TestSpikes:
    def test_are_told_with_what_they_are_made_of(self, agency: Staffed) -> None:
        channel = channel_of(agency, handle="aurora")
        tell(agency, channel, *LEVEL, 400)

        (found,) = spikes(agency.community)

        assert (found["channel_id"], found["handle"]) == (channel, "aurora")
        assert found["client_id"] == str(agency.client_id)
        assert (found["metric"], found["date"]) == ("views", day(-1))
        assert (found["value"], found["past"]) == (400, list(LEVEL))
        figure = found["spike"]
        assert (figure["id"], figure["version"], figure["value"]) == ("spike", 1, 3)
        assert (figure["numerator"], figure["denominator"]) == (2_800, 700)
        assert (figure["quality"], figure["basis"], figure["complete"]) == ("manual", "days", True)
        inputs = {"day": found["value"], "past": found["past"]}
        said = {"currency": None, "formula": "spike", "inputs": inputs, "version": 1}
        written = json.dumps(said, sort_keys=True, separators=(",", ":"))
        assert figure["inputs_digest"] == sha256(written.encode()).hexdigest()

    def test_are_beyond_three_deviations(self, agency: Staffed) -> None:
        tell(agency, channel_of(agency), *LEVEL, 120)

        assert spikes(agency.owner) == []

    @pytest.mark.parametrize("lacking", range(8))
    def test_are_never_of_missing_days(self, agency: Staffed, lacking: int) -> None:
        days: list[int | None] = [*LEVEL, 400]
        days[lacking] = None
        channel = channel_of(agency)
        tell(agency, channel, *days)
        # That there is a reading of the day, and not of this metric, is not enough.
        tell(agency, channel, *[5] * 8, metric="sessions")

        assert spikes(agency.owner) == []

    def test_are_of_a_row_of_days_without_a_gap(self, agency: Staffed) -> None:
        tell(agency, channel_of(agency), 100, *LEVEL[:3], None, *LEVEL[3:], 400)

        assert spikes(agency.owner) == []

    @pytest.mark.parametrize(("until", "told"), [(-1, 1), (-7, 1), (-8, 0), (0, 0)])
    def test_are_of_the_newest_day_that_is_over(
        self, agency: Staffed, until: int, told: int
    ) -> None:
        tell(agency, channel_of(agency), *LEVEL, 400, until=until)

        assert len(spikes(agency.owner)) == told

    def test_are_of_the_newest_day_alone(self, agency: Staffed) -> None:
        tell(agency, channel_of(agency), *LEVEL, 400, 100)

        assert spikes(agency.owner) == []

    def test_come_the_highest_first(self, agency: Staffed) -> None:
        low, high = channel_of(agency), channel_of(agency)
        tell(agency, low, *LEVEL, 300)
        tell(agency, high, *LEVEL, 900)
        tell(agency, low, *[0] * 7, 4, metric="leads")

        found = [(each["channel_id"], each["metric"]) for each in spikes(agency.owner)]

        assert found == [(low, "leads"), (high, "views"), (low, "views")]

    def test_of_money_are_in_one_currency(self, agency: Staffed) -> None:
        one, two = channel_of(agency), channel_of(agency)
        for channel, currency in ((one, "EUR"), (two, "USD")):
            tell(agency, channel, *LEVEL, until=-2, metric="spend_minor")
            counts(record(agency, reading(channel, day(-1), spend_minor=900, currency=currency)))

        (found,) = spikes(agency.owner)

        assert (found["channel_id"], found["currency"]) == (one, "EUR")
        assert found["metric"] == "spend_minor"

    def test_are_not_of_archived_channels(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        tell(agency, channel, *LEVEL, 400)
        done(agency.owner.patch(f"/v1/channels/{channel}", {"status": "archived"}))

        assert spikes(agency.owner) == []

    def test_are_not_of_clients_that_have_left(self, agency: Staffed) -> None:
        tell(agency, channel_of(agency), *LEVEL, 400)
        path = f"/v1/clients/{agency.client_id}"
        done(agency.owner.patch(path, {"status": "ended"}))

        assert spikes(agency.owner) == []

    def test_are_of_days_and_of_nothing_longer(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        tell(agency, channel, *LEVEL, 400)
        yesterday = date.fromisoformat(day(-1))
        monday = yesterday - timedelta(days=yesterday.weekday())
        counts(record(agency, reading(channel, monday.isoformat(), basis="week", views=9_000)))

        (found,) = spikes(agency.owner)

        assert found["value"] == 400

    def test_are_told_to_who_may_read_the_clients_figures(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        tell(agency, channel_of(agency), *LEVEL, 400)

        for person in STAFF:
            assert len(spikes(getattr(agency, person))) == 1
        for person in ("other_executive", "stranger", "approver", "viewer", "influencer"):
            assert spikes(getattr(agency, person)) == []
        assert spikes(other_agency.owner) == []

    def test_are_not_told_of_a_client_whose_figures_are_not_for_the_reader(
        self, agency: Staffed
    ) -> None:
        tell(agency, channel_of(agency), *LEVEL, 400)
        theirs = channel_of(agency, client_id=str(agency.other_client_id))
        rows = [reading(theirs, day(n - 8), views=value) for n, value in enumerate((*LEVEL, 900))]
        counts(record(agency, *rows, person="owner"))
        with database.agency_session(auth.system(agency.agency_id)) as session:
            looks_on = Assignment(
                client_id=agency.other_client_id,
                membership_id=agency.community.membership_id,
                duty=Duty.viewer,
                starts_on=date(2020, 1, 1),
            )
            database.add(session, looks_on)

        assert len(spikes(agency.owner)) == 2
        (found,) = spikes(agency.community)
        assert found["client_id"] == str(agency.client_id)

    def test_go_by_the_clients_calendar(self, agency: Staffed) -> None:
        midnight = clock.now().replace(hour=23, minute=30) + timedelta(days=1)
        with clock.at(midnight):  # already tomorrow in Madrid
            tell(agency, channel_of(agency), *LEVEL, 400)
            (found,) = spikes(agency.owner)

        assert found["date"] == midnight.date().isoformat()
