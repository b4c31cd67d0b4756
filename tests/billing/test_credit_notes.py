"""What is taken back of an invoice: whole or by line, before and after it was paid."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import billing.receivable.invoice_invariants  # noqa: F401
from tests.billing.invoicing import (
    broken,
    credit,
    credits,
    done,
    draft,
    equipped,
    issued,
    line,
    pay,
    rate,
    read,
    refused,
)
from tests.factories import Staffed, events_of


class TestIssue:
    def test_lowers_what_is_open_before_it_is_paid(self, agency: Staffed) -> None:
        equipped(agency)
        vat = rate(agency)
        made = issued(agency, line(100_00, vat), line(50_00, vat))

        note = done(credit(agency, made, [_part(agency, made, 0, 100_00)]), 201)

        left = read(agency, made)
        assert note["number"].startswith("R-")
        assert note["number"].endswith("-0001")
        assert (note["net_minor"], note["tax_minor"], note["applied_minor"]) == (
            100_00,
            21_00,
            121_00,
        )
        assert (left["status"], left["open_minor"]) == ("partly_paid", 60_50)
        assert events_of(agency, note["id"]) == ["credit_note.issued"]
        assert broken(agency) == {}

    @pytest.mark.parametrize("reason", [" ", "\n\t\n", "\u00a0"])
    def test_says_why(self, agency: Staffed, reason: str) -> None:
        equipped(agency)
        made = issued(agency)

        body = {"invoice_id": made["id"], "reason": reason}
        answer = agency.owner.post("/v1/credit-notes", body)

        assert refused(answer) == (422, "invalid_request")
        assert answer.json()["errors"][0]["pointer"] == "/reason"
        note = done(agency.owner.post("/v1/credit-notes", {**body, "reason": " No.\nEso. "}), 201)
        assert note["reason"] == "No.\nEso."

    def test_is_not_of_a_draft_and_says_what_is_possible(self, agency: Staffed) -> None:
        equipped(agency)
        made = draft(agency)

        for answer in (credit(agency, made), pay(agency, made, 1_00)):
            assert refused(answer) == (409, "move_not_allowed")
            assert answer.json()["allowed"] == ["in_review", "void"]

    def test_becomes_credit_after_it_was_paid(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        done(pay(agency, made, 60_00), 201)

        note = done(credit(agency, made), 201)

        (held,) = credits(agency)
        assert (note["total_minor"], note["applied_minor"]) == (100_00, 40_00)
        assert (held["kind"], held["left_minor"], held["id"]) == (
            "credit_note",
            60_00,
            note["credit_id"],
        )
        assert read(agency, made)["status"] == "paid"
        assert broken(agency) == {}

    def test_never_takes_more_than_is_left(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency, line(100), line(50))
        done(credit(agency, made, [_part(agency, made, 0, 60)]), 201)

        answers = [credit(agency, made, [_part(agency, made, 0, amount)]) for amount in (41, 0, -1)]
        twice = credit(agency, made, [_part(agency, made, 0, 30)] * 2)
        done(credit(agency, made), 201)
        nothing = credit(agency, made)

        assert {refused(each) for each in (*answers, twice, nothing)} == {
            (409, "credit_note_exceeds")
        }
        assert read(agency, made)["credited_minor"] == 150
        assert broken(agency) == {}

    def test_takes_no_discounted_line_whole(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency, line(100), line(-50))

        answer = credit(agency, made, [_part(agency, made, 0, 100)])

        assert refused(answer) == (409, "credit_note_exceeds")
        assert done(credit(agency, made), 201)["total_minor"] == 50

    @pytest.mark.parametrize("rounding", ["half_up", "half_even"])
    def test_of_every_part_adds_up_to_the_invoice(self, rounding: str, agency: Staffed) -> None:
        equipped(agency, tax_rounding=rounding)
        vat, irpf = rate(agency, "10.5"), rate(agency, "15", "withheld")
        made = issued(agency, line(73, vat, irpf), line(91, vat), line(35, irpf))

        notes = [
            done(credit(agency, made, [_part(agency, made, place, part)]), 201)
            for place, parts in enumerate([(21, 30, 22), (5, 86), (11, 11, 13)])
            for part in parts
        ]

        assert sum(note["tax_minor"] for note in notes) == made["tax_minor"]
        assert sum(note["total_minor"] for note in notes) == made["total_minor"]
        assert read(agency, made)["open_minor"] == 0
        assert broken(agency) == {}

    def test_refuses_lines_of_another_invoice(self, agency: Staffed) -> None:
        equipped(agency)
        made, other = issued(agency), issued(agency)

        answer = credit(agency, made, [_part(agency, other, 0, 1)])

        assert refused(answer) == (404, "not_found")

    def test_refuses_what_is_not_issued(self, agency: Staffed) -> None:
        equipped(agency)

        assert refused(credit(agency, draft(agency))) == (409, "move_not_allowed")

    def test_of_many_at_once_never_exceeds(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        part = _part(agency, made, 0, 40_00)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: credit(agency, made, [part]), range(6)))

        assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 4
        assert read(agency, made)["open_minor"] == 20_00
        assert broken(agency) == {}

    def test_is_shown_to_the_client(self, agency: Staffed) -> None:
        equipped(agency)
        note = done(credit(agency, issued(agency)), 201)

        (shown,) = done(agency.approver.get("/v1/credit-notes"))["data"]

        assert shown == note
        assert done(agency.other_contact.get("/v1/credit-notes"))["data"] == []


def _part(agency: Staffed, made: Any, place: int, amount: int) -> dict[str, Any]:
    return {"line_id": read(agency, made)["lines"][place]["id"], "amount_minor": amount}
