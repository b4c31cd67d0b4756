"""Letters about decisions: to those who are asked, and to who asked."""

from typing import Any

from api.approvals import shown
from tests.budgets import factories as budgets
from tests.factories import Staffed
from tests.mail.conftest import Sink, text_of
from tests.work import settle


def proposed(agency: Staffed) -> dict[str, Any]:
    made = budgets.draft(agency, 100_000)
    answer = agency.executive.post(f"/v1/budgets/{made['id']}/propose")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = agency.executive.get(
        f"/v1/approvals/{answer.json()['approval_id']}"
    ).json()
    return read


class TestAsked:
    def test_goes_to_each_who_may_decide_and_nobody_else(self, agency: Staffed, sink: Sink) -> None:
        approval = proposed(agency)
        assert sink.taken == []
        settle()

        people = {name: len(sink.to(each.email)) for name, each in agency.people.items()}
        assert {name for name, letters in people.items() if letters} == {"approver"}
        (message,) = sink.to(agency.approver.email)
        assert str(message["Reply-To"]) == agency.executive.email
        assert f"https://app.agency.example/approvals/{approval['id']}" in text_of(message)
        assert approval["title"] in str(message["Subject"])

    def test_is_in_each_readers_own_language(self, agency: Staffed, sink: Sink) -> None:
        agency.approver.patch("/v1/me", {"locale": "es"})
        proposed(agency)
        settle()

        (message,) = sink.to(agency.approver.email)
        assert "tu decisión sobre" in str(message["Subject"])
        assert message["Content-Language"] == "es"

    def test_is_not_sent_of_what_was_withdrawn_meanwhile(self, agency: Staffed, sink: Sink) -> None:
        made = budgets.draft(agency, 100_000)
        agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        agency.executive.post(f"/v1/budgets/{made['id']}/withdraw")
        settle()

        assert sink.to(agency.approver.email) == []

    def test_is_not_sent_of_what_was_rolled_back(self, agency: Staffed, sink: Sink) -> None:
        """The second proposal is refused: nobody hears of it."""
        made = budgets.draft(agency, 100_000)
        agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        again = agency.executive.post(f"/v1/budgets/{made['id']}/propose")
        assert again.status_code == 409
        settle()

        assert len(sink.to(agency.approver.email)) == 1


class TestDecided:
    def test_goes_to_who_asked(self, agency: Staffed, sink: Sink) -> None:
        approval = proposed(agency)
        body = {"outcome": "rejected", "reason": "Es demasiado para octubre."}
        agency.approver.post(f"/v1/approvals/{approval['id']}/decide", body)
        settle()

        (message,) = sink.to(agency.executive.email)
        assert "Rejected" in str(message["Subject"])
        assert "Es demasiado para octubre." in text_of(message)
        assert "Approver" in text_of(message)


class TestShown:
    def test_reads_as_its_reader_writes(self, agency: Staffed) -> None:
        approval = proposed(agency)

        spanish, english = (
            list(shown.texts(shown.sections(approval["document"], locale, "Europe/Madrid")))
            for locale in ("es-ES", "en-GB")
        )
        assert {"Presupuesto", "1.000,00\xa0€", "1 oct 2026", "Pauta en medios"} <= set(spanish)
        assert [text for text in english if "2026" in text] == [
            "Otoño 2026",
            "1 Oct 2026",
            "31 Dec 2026",
        ]
        assert {"Budget", "€1,000.00", "1 Oct 2026", "Paid media"} <= set(english)
