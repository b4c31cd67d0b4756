"""What is left of a retainer, the same for whoever may ask, on any day."""

from tests.campaigns import making
from tests.campaigns.making import done
from tests.campaigns.retainers.renewing import accrue, balance, hours, on, pieces, renewed, sold
from tests.factories import Staffed


class TestBalance:
    def test_adds_up_on_every_day(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("capped", rollover_cap=4))
            done(accrue(agency, line_id, 3, "2027-01-05"), 201)
        with on("2027-02-10"):
            done(accrue(agency, line_id, 12, "2027-02-09"), 201)
            done(accrue(agency, line_id, 4, "2027-02-10"), 201)

            days = [balance(agency, day)["lines"] for day in ("2027-01-04", "2027-01-31")]
            (now,) = balance(agency)["lines"]

        shown = [(line["granted"], line["used"], line["remaining"]) for (line,) in days]
        assert shown == [(10, 0, 10), (10, 3, 7)]
        assert (now["carried"], now["expired_before"], now["used"]) == (4, 3, 14)
        assert (now["over"], now["remaining"], now["lots"]) == (2, 0, [])
        assert (now["period_start"], now["period_end"]) == ("2027-02-01", "2027-02-28")

    def test_says_what_lives_until_when(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, pieces("expiring", 3, rollover_periods=1))
            making.deliverable(agency, line_id)
        with on("2027-02-05"):
            making.deliverable(agency, line_id)
            (line,) = balance(agency)["lines"]
            (past,) = balance(agency, "2027-02-04")["lines"]

        assert (line["carried"], line["granted"], line["reserved"], line["remaining"]) == (
            3,
            3,
            2,
            4,
        )
        assert line["next_expiry"] == "2027-02-28"
        assert [(each["remaining"], each["expires_on"]) for each in line["lots"]] == [
            (1, "2027-02-28"),
            (3, "2027-03-31"),
        ]
        assert (past["reserved"], past["remaining"]) == (None, 6)

    def test_shows_what_is_sold_once_too_and_nothing_that_is_over(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            making.accepted(agency, making.line(quantity=5))
            line_id = sold(agency, hours(), ends_on="2027-01-31")
            assert [line["renews"] for line in balance(agency)["lines"]] == [None, "month"]
        with on("2027-02-05"):
            renewed(agency, line_id)
            (once,) = balance(agency)["lines"]

        assert (once["granted"], once["remaining"], once["period_start"]) == (5, 5, None)

    def test_is_the_clients_own(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/balance"

        assert agency.other_contact.get(path).status_code == 404
        assert agency.stranger.get(path).status_code in (403, 404)
        assert done(agency.other_contact.get("/v1/retainers"))["data"] == []


class TestListRetainers:
    def test_shows_each_in_the_period_that_runs(self, agency: Staffed) -> None:
        with on("2027-01-05"):
            line_id = sold(agency, hours("expiring", rollover_periods=1))
            making.accepted(agency, making.line(quantity=5))
            done(accrue(agency, line_id, 3, "2027-01-05"), 201)
            ahead = sold(agency, hours(), "2027-03-01")
        with on("2027-02-05"):
            renewed(agency, line_id)
            rows = done(agency.viewer.get("/v1/retainers"))["data"]
            other = f"/v1/retainers?client_id={agency.other_client_id}"
            assert done(agency.owner.get(other))["data"] == []
            (told,) = balance(agency)["lines"][:1]

        (row,) = rows
        assert ahead != row["line_id"] == line_id
        assert (row["carried"], row["granted"], row["remaining"]) == (7, 10, 17)
        assert {name: told[name] for name in row if name in told} == {
            name: row[name] for name in row if name in told
        }
