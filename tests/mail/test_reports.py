"""Reports that go out by mail: to whom, how often, with which link, and what failed."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from tenants import clock
from tests.factories import Staffed, events_of
from tests.mail.conftest import Sink, text_of
from tests.reports.test_reports import WORDS, begin, publish
from tests.reports.writing import act, made
from tests.work import settle


def contact(agency: Staffed, **values: Any) -> Any:
    body = {"name": "Ana Prieto", "email": "ana@informes.example", "locale": "es-ES", **values}
    return made(agency.executive.post(f"/v1/clients/{agency.client_id}/contacts", body))


def path_of(report: Any, number: int = 1) -> str:
    return f"/v1/reports/{report['id']}/versions/{number}"


def deliver(agency: Staffed, report: Any, number: int = 1, **body: Any) -> Any:
    return agency.executive.post(f"{path_of(report, number)}/deliveries", body)


def deliveries(agency: Staffed, report: Any, number: int = 1) -> dict[str, Any]:
    """By name."""
    answer = agency.executive.get(f"{path_of(report, number)}/deliveries")
    return {each["name"]: each for each in made(answer, 200)["data"]}


def out(agency: Staffed, **values: Any) -> Any:
    """A report that is published, in Spanish and English, and its pages made."""
    words = {"es": WORDS, "en": {"headline": "October in a sentence."}}
    report = begin(agency, locales=["es", "en"], narrative=words)
    made(publish(agency, report, **values))
    settle()
    return report


def address_in(message: Any) -> str:
    found = re.search(r"https?://\S+/shared/reports#\S+", text_of(message))
    assert found is not None, text_of(message)
    return found.group()


def opened(http: TestClient, address: str, query: str = "") -> Any:
    exchanged = http.post("/shared/reports", json={"token": address.partition("#")[2]})
    assert exchanged.status_code == 204, exchanged.text
    cookie = exchanged.headers["set-cookie"].partition(";")[0]
    return http.get(f"/shared/reports/view{query}", headers={"Cookie": cookie})


class TestPublishAndDeliver:
    def test_writes_to_all_who_receive_reports_once_the_pages_are_there(
        self, agency: Staffed, sink: Sink, http: TestClient
    ) -> None:
        contact(agency, receives_reports=True)
        contact(agency, name="No", email="no@informes.example")
        gone = contact(agency, name="Gone", email="gone@informes.example", receives_reports=True)
        agency.executive.patch(f"/v1/contacts/{gone['id']}", {"status": "archived"})
        contact(agency, name="Mute", email=None, receives_reports=True)
        report = begin(agency)

        version = made(publish(agency, report, deliver={}))
        (waiting,) = deliveries(agency, report).values()
        settle()

        assert (waiting["status"], waiting["sent_at"]) == ("queued", None)
        (message,) = sink.to("@informes.example")
        assert str(message["To"]) == "Ana Prieto <ana@informes.example>"
        assert str(message["From"]).startswith("Estudio Norte <")
        assert str(message["Reply-To"]) == agency.executive.email
        assert str(message["Subject"]) == "Café Aurora: tu informe de octubre de 2026"
        assert WORDS["headline"] in text_of(message)
        assert WORDS["headline"] in opened(http, address_in(message)).text
        (sent,) = deliveries(agency, report).values()
        assert (sent["status"], sent["by_link"], sent["times"]) == ("sent", True, 1)
        assert sent["sent_at"] is not None
        assert events_of(agency, sent["id"]) == ["report_delivery.queued", "report_delivery.sent"]
        assert version["number"] == 1

    def test_writes_to_nobody_unless_it_is_asked_to(self, agency: Staffed, sink: Sink) -> None:
        contact(agency, receives_reports=True)

        report = out(agency)

        assert sink.to("@informes.example") == []
        assert deliveries(agency, report) == {}

    def test_is_refused_whole_where_nobody_receives(self, agency: Staffed) -> None:
        contact(agency)
        report = begin(agency)

        answer = publish(agency, report, deliver={})

        assert (answer.status_code, answer.json()["code"]) == (409, "nobody_receives")
        assert agency.executive.get(f"/v1/reports/{report['id']}").json()["last_version"] == 0

    def test_says_why_it_was_corrected(self, agency: Staffed, sink: Sink) -> None:
        contact(agency, receives_reports=True)
        report = out(agency, deliver={})
        reason = {"es": "Llegaron datos tarde.", "en": "Late data."}

        made(publish(agency, report, reason=reason, deliver={}))
        settle()

        first, second = sink.to("@informes.example")
        assert "corregido" not in str(first["Subject"])
        assert "corregido" in str(second["Subject"])
        assert "Por qué: Llegaron datos tarde." in text_of(second)


class TestDeliver:
    def test_writes_to_each_in_their_language_with_a_link_of_their_own(
        self, agency: Staffed, sink: Sink, http: TestClient
    ) -> None:
        ana = contact(agency)
        ben = contact(agency, name="Ben", email="ben@informes.example", locale="en-GB")
        report = out(agency)

        answer = deliver(agency, report, contact_ids=[ana["id"], ben["id"]])
        settle()

        assert answer.status_code == 201
        (spanish,), (english,) = sink.to("ana@informes.example"), sink.to("ben@informes.example")
        assert (spanish["Content-Language"], english["Content-Language"]) == ("es", "en")
        assert str(english["Subject"]) == "Café Aurora: your report for October 2026"
        assert "October in a sentence." in text_of(english)
        assert address_in(spanish) != address_in(english)
        assert "October in a sentence." in opened(http, address_in(english)).text
        assert WORDS["headline"] in opened(http, address_in(spanish)).text

    def test_writes_once_to_a_contact_about_a_version(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)

        for _ in range(2):
            made(deliver(agency, report, contact_ids=[ana["id"], ana["id"]]))
            settle()

        assert len(sink.to("@informes.example")) == 1
        assert deliveries(agency, report)["Ana Prieto"]["times"] == 1

    def test_sends_who_can_log_in_there(self, agency: Staffed, sink: Sink) -> None:
        viewer = contact(agency, membership_id=str(agency.viewer.membership_id))
        report = out(agency)

        made(deliver(agency, report, contact_ids=[viewer["id"]]))
        settle()

        (message,) = sink.to("@informes.example")
        assert f"https://app.agency.example/reports/{report['id']}" in text_of(message)
        assert "/shared/reports#" not in text_of(message)
        assert deliveries(agency, report)["Ana Prieto"]["by_link"] is False

    @pytest.mark.parametrize(
        ("values", "status", "code"),
        [
            ({"email": None}, 422, "contact_not_reachable"),
            ({"status": "archived"}, 422, "contact_not_reachable"),
        ],
    )
    def test_refuses_whom_nobody_can_write_to(
        self, agency: Staffed, values: Any, status: int, code: str
    ) -> None:
        ana, ben = contact(agency), contact(agency, name="Ben", email="ben@informes.example")
        agency.executive.patch(f"/v1/contacts/{ana['id']}", values)
        report = out(agency)

        answer = deliver(agency, report, contact_ids=[ben["id"], ana["id"]])

        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert deliveries(agency, report) == {}

    def test_knows_no_contact_of_another_client(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.other_client_id}/contacts"
        other = made(agency.owner.post(path, {"name": "Otro", "email": "otro@else.example"}))
        report = out(agency)

        assert deliver(agency, report, contact_ids=[other["id"]]).status_code == 404

    def test_is_the_executives(self, agency: Staffed) -> None:
        ana = contact(agency)
        report = out(agency)
        body = {"contact_ids": [ana["id"]]}

        for person in (agency.strategist, agency.community, agency.viewer, agency.stranger):
            answer = person.post(f"{path_of(report)}/deliveries", body)
            assert answer.status_code in (403, 404), person.name
        assert agency.viewer.get(f"{path_of(report)}/deliveries").status_code == 403

    def test_is_never_of_an_internal_report(self, agency: Staffed) -> None:
        ana = contact(agency)
        report = made(
            agency.strategist.post(
                "/v1/reports",
                {
                    "client_id": str(agency.client_id),
                    "audience": "internal",
                    "period": "month",
                    "starts_on": "2026-10-15",
                    "narrative": {"es": WORDS},
                },
            )
        )
        body = {"accept_gaps": {"es": "Solo un día."}}
        act(agency.strategist, report, "publish", 201, **body)

        sent = agency.strategist.post(f"{path_of(report)}/deliveries", {"contact_ids": [ana["id"]]})
        shared = agency.executive.post(f"/v1/reports/{report['id']}/share-links", {})

        assert (sent.status_code, sent.json()["code"]) == (409, "internal_report")
        assert (shared.status_code, shared.json()["code"]) == (409, "internal_report")
        links = agency.executive.get(f"/v1/reports/{report['id']}/share-links").json()["data"]
        assert links == []

    def test_is_not_of_what_was_replaced(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)
        made(publish(agency, report, reason={"es": "Datos.", "en": "Data."}))

        answer = deliver(agency, report, contact_ids=[ana["id"]])

        assert (answer.status_code, answer.json()["code"]) == (409, "move_not_allowed")


class TestFailure:
    def test_is_told_when_the_address_is_refused(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)
        sink.answers = ["550 no such mailbox"]

        made(deliver(agency, report, contact_ids=[ana["id"]]))
        settle()

        failed = deliveries(agency, report)["Ana Prieto"]
        assert (failed["status"], failed["failure"]) == ("failed", "mail_refused")
        assert events_of(agency, failed["id"])[-1] == "report_delivery.failed"

    def test_is_told_when_it_is_replaced_before_it_left(self, agency: Staffed, sink: Sink) -> None:
        contact(agency, receives_reports=True)
        report = begin(agency)
        made(publish(agency, report, deliver={}))
        made(publish(agency, report, reason={"es": "Datos."}))
        settle()

        assert sink.to("@informes.example") == []
        failed = deliveries(agency, report)["Ana Prieto"]
        assert (failed["status"], failed["failure"]) == ("failed", "version_not_standing")

    def test_waits_for_a_server_that_is_away(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)
        sink.answers = ["451 later"]
        made(deliver(agency, report, contact_ids=[ana["id"]]))
        settle()
        queued = deliveries(agency, report)["Ana Prieto"]

        with clock.at(clock.now() + timedelta(minutes=1)):
            settle()

        assert queued["status"] == "queued"
        assert deliveries(agency, report)["Ana Prieto"]["status"] == "sent"
        assert len(sink.to("@informes.example")) == 1

    def test_is_told_when_the_server_stays_away(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)
        sink.answers = ["451 later"] * 9
        made(deliver(agency, report, contact_ids=[ana["id"]]))
        now = clock.now()
        for hours in range(6):
            with clock.at(now + timedelta(hours=3 * hours)):
                settle()

        failed = deliveries(agency, report)["Ana Prieto"]
        assert (failed["status"], failed["failure"]) == ("failed", "mail_gave_up")


class TestResend:
    def test_writes_to_the_address_they_have_now(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency)
        sink.answers = ["550 no such mailbox"]
        made(deliver(agency, report, contact_ids=[ana["id"]]))
        settle()
        failed = deliveries(agency, report)["Ana Prieto"]
        agency.executive.patch(f"/v1/contacts/{ana['id']}", {"email": "ana.new@informes.example"})

        path = f"{path_of(report)}/deliveries/{failed['id']}/resend"
        again = made(agency.executive.post(path, {}), 200)
        twice = agency.executive.post(path, {})
        settle()

        assert (again["status"], again["failure"], again["times"]) == ("queued", None, 2)
        assert (twice.status_code, twice.json()["code"]) == (409, "move_not_allowed")
        assert len(sink.to("ana.new@informes.example")) == 1
        assert deliveries(agency, report)["Ana Prieto"]["status"] == "sent"

    def test_makes_a_new_link_where_the_old_one_ended(
        self, agency: Staffed, sink: Sink, http: TestClient
    ) -> None:
        ana = contact(agency)
        report = out(agency)
        made(deliver(agency, report, contact_ids=[ana["id"]], days=1))
        settle()
        delivery = deliveries(agency, report)["Ana Prieto"]
        (link,) = agency.executive.get(f"/v1/reports/{report['id']}/share-links").json()["data"]
        agency.executive.delete(f"/v1/reports/{report['id']}/share-links/{link['id']}")

        path = f"{path_of(report)}/deliveries/{delivery['id']}/resend"
        made(agency.executive.post(path, {}), 200)
        settle()

        first, second = map(address_in, sink.to("@informes.example"))
        assert first != second
        assert opened(http, second).status_code == 200
        token = first.partition("#")[2]
        assert http.post("/shared/reports", json={"token": token}).status_code == 404

    def test_is_of_this_version(self, agency: Staffed, sink: Sink) -> None:
        ana = contact(agency)
        report = out(agency, deliver={"contact_ids": [ana["id"]]})
        delivery = deliveries(agency, report)["Ana Prieto"]
        other = begin(agency, starts_on="2026-09-01")
        made(publish(agency, other))

        answer = agency.executive.post(f"{path_of(other)}/deliveries/{delivery['id']}/resend", {})

        assert answer.status_code == 404


class TestOpened:
    def test_is_known_of_whom_it_was_sent_to(
        self, agency: Staffed, sink: Sink, http: TestClient
    ) -> None:
        ana = contact(agency)
        ben = contact(agency, name="Ben", email="ben@informes.example")
        report = out(agency)
        made(deliver(agency, report, contact_ids=[ana["id"], ben["id"]]))
        settle()
        address = address_in(sink.to("ana@informes.example")[0])

        opened(http, address)
        opened(http, address, "?format=pdf")

        answer = agency.executive.get(f"{path_of(report)}/readers")
        first, second = made(answer, 200)["data"]
        assert (first["name"], first["contact_id"]) == ("Ana Prieto", ana["id"])
        assert [each["format"] for each in first["formats"]] == ["html", "pdf"]
        assert first["opened_at"] is not None
        assert first["downloaded_at"] is not None
        assert first["delivery"] == second["delivery"] == "sent"
        assert (second["name"], second["opened_at"], second["formats"]) == ("Ben", None, [])
        (row,) = agency.executive.get("/v1/reports/board?shows=published").json()["data"]
        assert (row["sent"], row["opened_by"], row["downloaded_by"]) == (2, 1, 1)


def test_no_row_holds_the_token(agency: Staffed, sink: Sink) -> None:
    ana = contact(agency)
    report = out(agency)
    made(deliver(agency, report, contact_ids=[ana["id"]]))
    settle()
    token = address_in(sink.to("@informes.example")[0]).partition("#")[2]

    listed = agency.executive.get(f"/v1/reports/{report['id']}/share-links").text
    told = agency.executive.get("/v1/events?limit=200").text

    assert token not in listed + told
    assert UUID(deliveries(agency, report)["Ana Prieto"]["id"])
