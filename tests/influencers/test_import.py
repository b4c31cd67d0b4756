"""The roster as a table: taken whole or not at all, and written so that nothing is a formula."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from api.influencers import roster
from api.influencers.shapes import InfluencerCreate
from tenants import auth, database
from tests.factories import Staffed, events_of
from tests.influencers.making import body, done, found, influencer, refused
from tests.work import until_somebody_waits

HEAD = "name,email,network,handle,followers,placement,price,currency,tags,notes\n"


def sent(agency: Staffed, table: str | bytes, **query: Any) -> Any:
    body = table.encode() if isinstance(table, str) else table
    return agency.executive.call(
        "POST",
        "/v1/influencers/import",
        content=body,
        params=query,
        headers={"Content-Type": "text/csv"},
    )


class TestImportInfluencers:
    def test_takes_people_with_their_accounts_and_rates(self, agency: Staffed) -> None:
        table = (
            HEAD
            + "Ana Ruiz,ana@people.example,instagram,@ana.ruiz,12000,reel,250.00,"
            + "EUR,VIP|norte,=1+1\n"
            + "Ana Ruiz,ana@people.example,tiktok,anar,3000,,,,,\n"
            + "Leo Sanz,,x,leo,,post,7,JPY,,\n"
        )
        outcome = done(sent(agency, table))
        assert outcome == {"rows": 3, "people": 2, "stored": 2, "faults": []}
        (ana,) = done(agency.owner.get("/v1/influencers", params={"q": "ruiz"}))["data"]
        ana = done(agency.owner.get(f"/v1/influencers/{ana['id']}"))
        assert [each["network"] for each in ana["accounts"]] == ["instagram", "tiktok"]
        assert (ana["audience_size"], ana["tags"]) == (15_000, ["VIP", "norte"])
        assert ana["rates"][0]["price"] == {"amount_minor": 25_000, "currency": "EUR"}
        assert ana["notes"] == "=1+1"
        assert events_of(agency, ana["id"]) == ["influencer.created"]
        assert found(agency.owner, tag="vip") == ["Ana Ruiz"]
        (leo,) = done(agency.owner.get("/v1/influencers", params={"q": "leo"}))["data"]
        rate = done(agency.owner.get(f"/v1/influencers/{leo['id']}"))["rates"][0]
        assert rate["price"] == {"amount_minor": 7, "currency": "JPY"}

    def test_stores_nothing_of_a_table_with_a_fault(self, agency: Staffed) -> None:
        influencer(agency, accounts=[{"network": "x", "handle": "taken"}])
        before = found(agency.owner)
        table = (
            HEAD
            + "Good One,,x,good.one,10,,,,,\n"
            + "No Number,,x,n.n,many,,,,,\n"
            + "Too Cheap,,x,cheap,1,post,-5.00,EUR,,\n"
            + "Odd Money,,x,odd,1,post,5.001,EUR,,\n"
            + ",,x,nameless,1,,,,,\n"
            + "Taken,,x,@Taken,1,,,,,\n"
            + "Twice,,x,good.one,1,,,,,\n"
            + "Short,,x\n"
            + "Mail,nowhere,x,mail,1,,,,,\n"
            + "No Handle,,x,,,,,,,\n"
            + "Tagged,,x,tagged,,,,,VIP|vip,\n"
            + "Where,,,here,,,,,,\n"
        )
        tried = done(sent(agency, table, dry_run=True))
        problem = refused(sent(agency, table), 422, "rows_refused")
        assert problem["faults"] == tried["faults"]
        assert [(each["row"], each["column"]) for each in tried["faults"]] == [
            (3, "followers"),
            (4, "price"),
            (5, "price"),
            (6, "name"),
            (7, "handle"),
            (8, "handle"),
            (9, None),
            (10, "email"),
            (11, "handle"),
            (12, "tags"),
            (13, "network"),
        ]
        assert all(each["detail"] for each in tried["faults"])
        assert (tried["rows"], tried["stored"]) == (12, 0)
        assert found(agency.owner) == before

    def test_says_what_is_wrong_in_the_readers_language(self, agency: Staffed) -> None:
        table = HEAD + "Ana,,x,ana,1,,,,a|A,\nLeo,,nowhere,leo,1,,,,,\n"
        answer = agency.executive.call(
            "POST",
            "/v1/influencers/import",
            content=table.encode(),
            headers={"Content-Type": "text/csv", "Accept-Language": "es"},
        )
        tags, network = refused(answer, 422, "rows_refused")["faults"]
        assert (tags["code"], tags["detail"]) == ("repeated", "El mismo aparece dos veces.")
        assert network["detail"].startswith("Uno de: 'instagram', ")
        assert network["detail"].endswith("'podcast' o 'other'.")

    def test_leaves_nothing_of_a_table_that_another_came_before(
        self, agency: Staffed, owner: Engine
    ) -> None:
        """Both find nobody on the roster, and both have the last of their people."""
        before = found(agency.owner)
        with ThreadPoolExecutor(1) as pool:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                has = [{"network": "x", "handle": "leo"}]
                said = InfluencerCreate.model_validate(body(name="Leo", accounts=has))
                roster.create(session, **said.model_dump())
                table = HEAD + "Ana,,x,ana,1,,,,,\nLeo,,x,leo,1,,,,,\n"
                second = pool.submit(sent, agency, table)
                until_somebody_waits(owner)
            refused(second.result(), 409, "on_the_roster_already")
        assert found(agency.owner) == ["Leo", *before]

    def test_only_says_what_would_come_of_a_dry_run(self, agency: Staffed) -> None:
        before = found(agency.owner)
        outcome = done(sent(agency, HEAD + "Ana,,x,ana,1,,,,,\n", dry_run=True))
        assert outcome == {"rows": 1, "people": 1, "stored": 0, "faults": []}
        assert found(agency.owner) == before

    @pytest.mark.parametrize(
        ("table", "status", "code"),
        [
            ("nombre,red\nAna,x\n", 422, "sheet_columns"),
            ("name,name\nAna,x\n", 422, "sheet_columns"),
            ("network,handle\nx,ana\n", 422, "sheet_columns"),
            ("", 422, "sheet_columns"),
            (b"name\n\xff\xfe\n", 400, "sheet_unreadable"),
            ('name\n"Ana\n', 400, "sheet_unreadable"),
            ("name\n" + "Ana\n" * 10_001, 422, "sheet_too_long"),
            ("name,bio\nAna," + "x" * 200_000 + "\n", 400, "sheet_unreadable"),
        ],
    )
    def test_refuses_what_is_no_table(
        self, agency: Staffed, table: str | bytes, status: int, code: str
    ) -> None:
        refused(sent(agency, table), status, code)

    def test_takes_a_spreadsheets_semicolons_and_mark(self, agency: Staffed) -> None:
        done(sent(agency, "\ufeffname;network;handle\nÁngel Óscar;x;angel\n"))
        assert found(agency.owner, q="angel oscar") == ["Ángel Óscar"]

    @pytest.mark.parametrize(
        ("price", "currency", "minor"),
        [("450,50", "EUR", 45_050), ("450.5", "EUR", 45_050), ("7", "EUR", 700)],
    )
    def test_takes_decimals_as_spreadsheets_write_them(
        self, agency: Staffed, price: str, currency: str, minor: int
    ) -> None:
        head = "name;network;handle;engagement_rate;engagement_basis;engagement_on;placement"
        row = f"Ana;x;ana;0,035;reach;2026-10-01;post;{price};{currency}"
        done(sent(agency, f"{head};price;currency\n{row}\n"))
        (ana,) = done(agency.owner.get("/v1/influencers", params={"q": "ana"}))["data"]
        assert ana["engagement_rate"] == 0.035
        rate = done(agency.owner.get(f"/v1/influencers/{ana['id']}"))["rates"][0]
        assert rate["price"] == {"amount_minor": minor, "currency": currency}

    @pytest.mark.parametrize(
        "price", ["1.000", "1,000", "1.000,50", "1e3", "450,505", "12 €", "NaN"]
    )
    def test_takes_no_amount_that_may_be_another(self, agency: Staffed, price: str) -> None:
        answer = sent(agency, f"name;network;placement;price;currency\nAna;x;post;{price};EUR\n")
        (fault,) = refused(answer, 422, "rows_refused")["faults"]
        assert (fault["row"], fault["column"], fault["code"]) == (2, "price", "amount_unreadable")

    def test_is_not_for_a_community_manager(self, agency: Staffed) -> None:
        answer = agency.community.call(
            "POST",
            "/v1/influencers/import",
            content=b"name\nAna\n",
            headers={"Content-Type": "text/csv"},
        )
        refused(answer, 403, "forbidden")


class TestExportInfluencers:
    def test_is_what_an_import_takes(self, agency: Staffed, other_agency: Staffed) -> None:
        influencer(
            agency,
            name="=HYPERLINK(1)",
            accounts=[
                {
                    "network": "instagram",
                    "handle": "-a",
                    "followers": 5,
                    "engagement": {"rate": 0.01, "basis": "reach", "measured_on": "2026-10-01"},
                }
            ],
        )
        answer = agency.community.get("/v1/influencers/export", params={"q": "hyperlink"})
        assert answer.status_code == 200, answer.text
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [each["name"] for each in rows] == ["'=HYPERLINK(1)"]
        assert (rows[0]["handle"], rows[0]["price"]) == ("'-a", "250.00")

        done(sent(other_agency, answer.content))
        (card,) = done(other_agency.owner.get("/v1/influencers", params={"q": "hyperlink"}))["data"]
        assert (card["name"], card["accounts"][0]["handle"]) == ("=HYPERLINK(1)", "-a")
        assert card["engagement_rate"] == 0.01

    def test_leaves_no_account_and_no_rate_out(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        """Two rates of one network, one where there is no account, and an account without any."""
        sold = [("x", "post"), ("x", "video"), ("tiktok", "video")]
        price = {"amount_minor": 7_00, "currency": "EUR"}
        influencer(
            agency,
            name="Olalla",
            accounts=[{"network": name, "handle": "olalla"} for name in ("x", "instagram")],
            rates=[{"network": on, "placement": what, "price": price} for on, what in sold],
        )
        answer = agency.community.get("/v1/influencers/export", params={"q": "olalla"})
        done(sent(other_agency, answer.content))
        (card,) = done(other_agency.owner.get("/v1/influencers", params={"q": "olalla"}))["data"]
        taken = done(other_agency.owner.get(f"/v1/influencers/{card['id']}"))
        assert sorted(each["network"] for each in taken["accounts"]) == ["instagram", "x"]
        kept = [(each["network"], each["placement"]) for each in taken["rates"]]
        assert sorted(kept) == sorted(sold)
