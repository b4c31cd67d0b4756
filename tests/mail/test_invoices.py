"""Invoices, credit notes and reminders as they reach a client's billing contacts."""

from datetime import date, datetime, timedelta
from typing import Any

from tenants import clock
from tests import work
from tests.billing.invoicing import (
    credit,
    done,
    draft,
    equipped,
    issued,
    mailbox,
    pay,
    profile,
    refused,
)
from tests.billing.test_dunning import follow
from tests.factories import Staffed
from tests.mail.conftest import Sink, text_of


def contacts(agency: Staffed) -> list[dict[str, str]]:
    """One in Spanish, as the client is, and one in English."""
    english = {"email": mailbox(agency, "ann"), "locale": "en-GB"}
    return [{"name": "Lola", "email": mailbox(agency)}, english]


def sent(agency: Staffed, made: Any, kind: str = "invoices") -> Any:
    answer = agency.executive.post(f"/v1/{kind}/{made['id']}/send")
    work.settle()
    return answer


class TestInvoice:
    def test_reaches_each_contact_in_their_language_with_its_paper(
        self, agency: Staffed, sink: Sink
    ) -> None:
        equipped(agency)
        profile(agency, contacts=contacts(agency))
        made = issued(agency)

        answer = sent(agency, made)

        (spanish,), (english,) = (sink.to(each["email"]) for each in contacts(agency))
        assert done(answer) == {"recipients": 2}
        assert spanish["Subject"] == f"Factura {made['number']} de Estudio Norte"
        assert english["Subject"] == f"Invoice {made['number']} from Estudio Norte"
        (paper,) = english.iter_attachments()
        assert paper.get_filename() == f"{made['number']}.pdf"
        assert paper.get_content().startswith(b"%PDF-")

    def test_is_not_sent_before_it_is_issued_or_to_nobody(self, agency: Staffed) -> None:
        equipped(agency)
        made = draft(agency)
        out = issued(agency)
        profile(agency, contacts=[])

        early, nobody = sent(agency, made), sent(agency, out)

        assert refused(early) == (409, "move_not_allowed")
        assert refused(nobody) == (409, "nobody_to_send_to")

    def test_does_not_follow_who_is_no_contact_any_more(self, agency: Staffed, sink: Sink) -> None:
        equipped(agency)
        made = issued(agency)
        done(agency.executive.post(f"/v1/invoices/{made['id']}/send"))
        profile(agency, contacts=contacts(agency)[1:])

        work.settle()

        assert sink.to(mailbox(agency)) == sink.to(mailbox(agency, "ann")) == []

    def test_goes_as_a_credit_note_too(self, agency: Staffed, sink: Sink) -> None:
        equipped(agency)
        note = done(credit(agency, issued(agency)), 201)

        sent(agency, note, "credit-notes")

        (letter,) = sink.to(mailbox(agency))
        assert letter["Subject"] == f"Factura rectificativa {note['number']} de Estudio Norte"


class TestReminder:
    def test_says_what_is_still_open(self, agency: Staffed, sink: Sink) -> None:
        equipped(agency)
        made = issued(agency)
        done(pay(agency, made, 60_00), 201)

        assert follow(agency, made, 3) == 1
        with _later(made, 3):
            work.settle()

        (letter,) = sink.to(mailbox(agency))
        assert "40,00" in text_of(letter)

    def test_is_not_sent_once_it_is_paid(self, agency: Staffed, sink: Sink) -> None:
        equipped(agency)
        made = issued(agency)
        assert follow(agency, made, 3) == 1
        done(pay(agency, made, 100_00), 201)

        with _later(made, 3):
            work.settle()

        assert sink.to(mailbox(agency)) == []


def _later(made: Any, days: int) -> Any:
    day = date.fromisoformat(made["due_on"]) + timedelta(days=days)
    return clock.at(datetime.combine(day, clock.now().timetz()))
