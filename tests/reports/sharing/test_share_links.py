"""Share links: what opens a report without an account, for whom, for how long, and who looked."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from api.reports.sharing import accesses
from tenants import auth, clock, database
from tests.factories import Staffed
from tests.reports.test_reports import WORDS, begin, publish, published, render

PASSWORD = "café con leche 7"


def make(agency: Staffed, report: Any, **values: Any) -> str:
    """The token of a new link."""
    path = f"/v1/reports/{report['id']}/share-links"
    made = agency.executive.post(path, {"days": 30, **values})
    assert made.status_code == 201, made.text
    return str(made.json()["address"]).partition("#")[2]


def links(agency: Staffed, report: Any) -> list[Any]:
    found: list[Any] = agency.executive.get(f"/v1/reports/{report['id']}/share-links").json()[
        "data"
    ]
    return found


def exchange(http: TestClient, token: str, **values: Any) -> Any:
    return http.post("/shared/reports", json={"token": token, **values})


def view(http: TestClient, token: str, query: str = "", **headers: str) -> Any:
    """What a browser sees that has given the token."""
    cookie = exchange(http, token).headers["set-cookie"].partition(";")[0]
    return http.get(f"/shared/reports/view{query}", headers={"Cookie": cookie, **headers})


class TestShareLink:
    def test_opens_one_report_for_whoever_holds_it(self, agency: Staffed, http: TestClient) -> None:
        report, version = published(agency)
        render(agency, version)
        token = make(agency, report)

        page = http.get("/shared/reports")
        exchanged = http.post("/shared/reports", json={"token": token})
        cookie = exchanged.headers["set-cookie"].partition(";")[0]
        view = http.get("/shared/reports/view", headers={"Cookie": cookie})

        assert token not in page.text
        assert exchanged.status_code == 204
        assert "HttpOnly" in exchanged.headers["set-cookie"]
        assert view.status_code == 200
        assert WORDS["headline"] in view.text
        links = agency.executive.get(f"/v1/reports/{report['id']}/share-links").json()["data"]
        assert links[0]["opened"] == 1
        assert "secret_hash" not in links[0]

    def test_ends_when_it_is_revoked(self, agency: Staffed, http: TestClient) -> None:
        report, version = published(agency)
        render(agency, version)
        token = make(agency, report)
        exchanged = http.post("/shared/reports", json={"token": token})
        cookie = exchanged.headers["set-cookie"].partition(";")[0]
        link = agency.executive.get(f"/v1/reports/{report['id']}/share-links").json()["data"][0]

        agency.executive.delete(f"/v1/reports/{report['id']}/share-links/{link['id']}")

        assert http.post("/shared/reports", json={"token": token}).status_code == 404
        view = http.get("/shared/reports/view", headers={"Cookie": cookie})
        assert (view.status_code, view.json()["code"]) == (404, "share_link_closed")

    def test_ends_by_itself(self, agency: Staffed, http: TestClient) -> None:
        report, _ = published(agency)
        token = make(agency, report)

        with clock.at(datetime.now(UTC) + timedelta(days=31)):
            answer = http.post("/shared/reports", json={"token": token})

        assert answer.status_code == 404

    def test_refuses_what_was_tampered_with(self, agency: Staffed, http: TestClient) -> None:
        report, _ = published(agency)
        token = make(agency, report)
        exchanged = http.post("/shared/reports", json={"token": token})
        name, _, value = exchanged.headers["set-cookie"].partition(";")[0].partition("=")

        changed = token[:-9] + ("0" if token[-9] != "0" else "1") + token[-8:]
        assert http.post("/shared/reports", json={"token": changed}).status_code == 404
        for cookie in (value[:-1] + "x", "x.y.1.z", ""):
            view = http.get("/shared/reports/view", headers={"Cookie": f"{name}={cookie}"})
            assert view.status_code == 404


class TestPassword:
    def test_is_asked_for_before_the_report_opens(self, agency: Staffed, http: TestClient) -> None:
        report, _ = published(agency)
        token = make(agency, report, password=PASSWORD)

        without, wrong, right = (
            exchange(http, token),
            exchange(http, token, password="something else"),
            exchange(http, token, password=PASSWORD),
        )

        assert [each.status_code for each in (without, wrong, right)] == [403, 403, 204]
        assert without.json()["code"] == "share_link_password"
        assert "set-cookie" not in wrong.headers
        (link,) = links(agency, report)
        assert (link["has_password"], link["wrong_passwords"], link["opened"]) == (True, 0, 1)
        assert "password_hash" not in link

    def test_closes_the_link_after_ten_wrong_ones(self, agency: Staffed, http: TestClient) -> None:
        report, _ = published(agency)
        token = make(agency, report, password=PASSWORD)

        tries = [exchange(http, token, password=f"wrong one {n}").status_code for n in range(10)]

        assert tries == [403] * 10
        assert links(agency, report)[0]["wrong_passwords"] == 10
        assert exchange(http, token, password=PASSWORD).status_code == 404

    def test_is_not_counted_while_none_is_given(self, agency: Staffed, http: TestClient) -> None:
        report, _ = published(agency)
        token = make(agency, report, password=PASSWORD)
        for _ in range(12):
            exchange(http, token)

        assert exchange(http, token, password=PASSWORD).status_code == 204

    def test_is_asked_by_the_page(self, http: TestClient) -> None:
        page = http.get("/shared/reports", headers={"Accept-Language": "en"})

        assert 'type="password"' in page.text
        assert "This report is behind a password." in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex"


class TestDownload:
    def test_is_not_given_where_the_link_only_shows(
        self, agency: Staffed, http: TestClient
    ) -> None:
        report, version = published(agency)
        render(agency, version)
        shows, gives = make(agency, report, can_download=False), make(agency, report)

        for kind, status in (("html", 200), ("json", 200), ("pdf", 403), ("xlsx", 403)):
            assert view(http, shows, f"?format={kind}").status_code == status
            assert view(http, gives, f"?format={kind}").status_code == 200
        refused = view(http, shows, "?format=csv").json()
        assert refused["code"] == "download_not_allowed"


class TestLanguage:
    def test_is_the_links_own(self, agency: Staffed, http: TestClient) -> None:
        words = {"es": WORDS, "en": {"headline": "October in a sentence."}}
        report = begin(agency, locales=["es", "en"], narrative=words)
        render(agency, publish(agency, report).json())
        token = make(agency, report, locale="en")

        assert "October in a sentence." in view(http, token, "?locale=es").text

    def test_is_one_of_the_reports(self, agency: Staffed) -> None:
        report, _ = published(agency)

        answer = agency.executive.post(f"/v1/reports/{report['id']}/share-links", {"locale": "en"})

        assert (answer.status_code, answer.json()["code"]) == (422, "share_link_language")


class TestAccesses:
    def test_tell_when_and_how_and_nobodys_name(self, agency: Staffed, http: TestClient) -> None:
        report, version = published(agency)
        render(agency, version)
        token = make(agency, report)
        first = view(http, token, **{"User-Agent": "Mozilla/5.0 (X11) Gecko/20100101 Firefox/140"})
        tag = first.headers["ETag"]
        again = view(http, token, "?format=html", **{"If-None-Match": tag})
        (link,) = links(agency, report)
        path = f"/v1/reports/{report['id']}/share-links/{link['id']}/accesses"

        seen = agency.executive.get(path).json()["data"]

        assert (first.status_code, again.status_code) == (200, 304)
        assert first.headers["Referrer-Policy"] == "no-referrer"
        assert [(each["format"], each["program"]) for each in seen][-1] == ("html", "Firefox")
        assert len(seen) == 2
        assert set(seen[0]) == {"id", "created_at", "format", "network", "program"}
        assert agency.viewer.get(path).status_code == 403

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("testclient", "unknown"),
        ],
    )
    def test_keep_a_network_not_an_address(self, address: str, network: str) -> None:
        assert accesses.network_of(address) == network

    @pytest.mark.parametrize(
        ("agent", "program"),
        [
            ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
            ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537", "Chrome"),
            ("Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18 Safari/604", "Safari"),
            ("Googlebot/2.1", "bot"),
            ("", "other"),
        ],
    )
    def test_keep_a_family_not_a_version(self, agent: str, program: str) -> None:
        assert accesses.program_of(agent) == program

    def test_are_forgotten_after_ninety_days(self, agency: Staffed, http: TestClient) -> None:
        report, version = published(agency)
        render(agency, version)
        view(http, make(agency, report))
        path = f"/v1/reports/{report['id']}/share-links/{links(agency, report)[0]['id']}/accesses"

        def forget(days: int) -> int:
            with (
                clock.at(datetime.now(UTC) + timedelta(days=days)),
                database.agency_session(auth.system(agency.agency_id)) as session,
            ):
                accesses.forget(session)
            return len(agency.executive.get(path).json()["data"])

        assert [forget(89), forget(91)] == [1, 0]

    def test_are_of_this_reports_link(self, agency: Staffed) -> None:
        report, _ = published(agency)
        other = begin(agency, starts_on="2026-09-01")
        make(agency, report)
        (link,) = links(agency, report)

        answer = agency.executive.get(
            f"/v1/reports/{other['id']}/share-links/{link['id']}/accesses"
        )

        assert answer.status_code == 404


def test_no_log_holds_the_token(
    agency: Staffed, http: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    report, version = published(agency)
    render(agency, version)
    with caplog.at_level(logging.DEBUG):
        token = make(agency, report)
        view(http, token)

    assert token not in caplog.text
    assert UUID(links(agency, report)[0]["id"])
