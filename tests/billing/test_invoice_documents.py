"""An invoice as a document: JSON of a fixed hash, and paper in two languages."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

import api.billing.tasks  # noqa: F401
from billing.receivable.billable_models import BillableKind
from tests import work
from tests.billing.invoicing import billable, credit, done, equipped, issued, line, rate, read
from tests.factories import Person, Staffed
from tests.reports.reading import pdf_text


def asked(by: Person, made: Any, kind: str = "invoices", **asked: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return by.get(f"/v1/{kind}/{made['id']}/document?{query}")


def paper(by: Person, made: Any, kind: str = "invoices", **values: str) -> Any:
    """The PDF; the worker is let work when it has to be made."""
    first = asked(by, made, kind, format="pdf", **values)
    if first.status_code == 202:
        work.settle()
        return asked(by, made, kind, format="pdf", **values)
    return first


class TestDocument:
    def test_has_a_hash_and_stays_what_it_is(self, agency: Staffed) -> None:
        equipped(agency)
        vat = rate(agency)
        made = issued(agency, line(100_00, vat))
        before = asked(agency.approver, made)
        equipped(agency, name="Otro nombre SL")

        after = asked(agency.approver, made)

        said = after.json()
        assert before.content == after.content
        assert after.headers["etag"] == f'"{hashlib.sha256(after.content).hexdigest()}.json"'
        assert (said["issuer"]["name"], said["buyer"]["tax_id"]) == (
            "Estudio Norte SL",
            "B87654321",
        )
        assert (said["net_minor"], said["taxes"][0]["tax_minor"]) == (100_00, 21_00)

    def test_is_none_of_a_draft(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)

        assert asked(agency.other_contact, made).status_code == 404
        assert asked(agency.strategist, made).status_code == 403

    def test_is_paper_made_once_in_each_language(self, agency: Staffed) -> None:
        equipped(agency)
        exempt = rate(agency, "0", "exempt", reason={"es": "Exenta, art. 20", "en": "Exempt"})
        made = issued(agency, line(100_00, exempt), line(7, rate(agency), quantity=3))

        spanish = paper(agency.approver, made)
        again = paper(agency.executive, made)
        english = paper(agency.approver, made, locale="en")

        assert (spanish.status_code, spanish.headers["content-type"]) == (200, "application/pdf")
        assert spanish.content.startswith(b"%PDF-")
        assert spanish.content == again.content != english.content
        assert hashlib.sha256(spanish.content).hexdigest() in spanish.headers["etag"]
        assert f"{made['number']}.pdf" in spanish.headers["content-disposition"]

    def test_reads_as_an_invoice_in_each_language(self, agency: Staffed, tmp_path: Path) -> None:
        equipped(
            agency, bank_text={"es": "IBAN ES12", "en": "Pay to ES12"}, footer={"es": "Hoja V-1"}
        )
        made = issued(agency, line(100_00, rate(agency)))

        spanish, english = (
            pdf_text(paper(agency.approver, made, locale=each).content, tmp_path)
            for each in ("es", "en")
        )

        number = made["number"]
        for words in (
            f"Factura {number}",
            "Emitida por",
            "IVA 21 % de 100,00",
            "IBAN ES12",
            "Hoja V-1",
        ):
            assert words in spanish
        for words in (
            f"Invoice {number}",
            "Issued by",
            "VAT 21% of €100.00",
            "€121.00",
            "Pay to ES12",
        ):
            assert words in english
        assert "Hoja V-1 (in Spanish only)" in english
        assert "solo en" not in spanish
        assert not [said for said in (spanish, english) if "decisi" in said]

    def test_writes_a_tax_as_its_language_does(self, agency: Staffed, tmp_path: Path) -> None:
        equipped(agency)
        made = issued(agency, line(100_00, rate(agency, "5.20"), rate(agency, "10")))

        spanish, english = (
            pdf_text(paper(agency.approver, made, locale=each).content, tmp_path)
            for each in ("es", "en")
        )

        assert "IVA 5,2 % de" in spanish
        assert "IVA 10 % de" in spanish
        assert "VAT 5.2% of" in english

    def test_tells_what_was_passed_on_at_cost(self, agency: Staffed, tmp_path: Path) -> None:
        equipped(agency)
        media = billable(agency, 300_00, kind=BillableKind.pass_through)
        made = issued(agency, line(100_00), billable_ids=[media])

        kept = [each["nature"] for each in read(agency, made)["lines"]]
        natures = [each["nature"] for each in asked(agency.approver, made).json()["lines"]]
        shown = pdf_text(paper(agency.approver, made, locale="es").content, tmp_path)

        assert natures == kept == ["service", "pass_through"]
        assert shown.count("Repercutido a coste") == 1

    @pytest.mark.parametrize(
        ("taken", "said"), [(60_00, (3, 20_00)), (33_33, (1, 33_33)), (100_00, (5, 20_00))]
    )
    def test_of_a_credit_note_comes_to_its_amounts(
        self, agency: Staffed, taken: int, said: tuple[int, int]
    ) -> None:
        """Quantity times price is the amount, of a part of a line too."""
        equipped(agency)
        made = issued(agency, line(20_00, quantity=5))
        part = {"line_id": read(agency, made)["lines"][0]["id"], "amount_minor": taken}
        note = done(credit(agency, made, [part]), 201)

        (shown,) = asked(agency.approver, note, "credit-notes").json()["lines"]

        assert (shown["quantity"], shown["unit_price_minor"]) == said
        assert shown["amount_minor"] == taken

    def test_of_a_credit_note_is_paper_too(self, agency: Staffed) -> None:
        equipped(agency)
        made = issued(agency)
        note = done(credit(agency, made), 201)

        said = asked(agency.approver, note, "credit-notes").json()
        shown = paper(agency.approver, note, "credit-notes")

        assert said["corrects"]["number"] == made["number"]
        assert shown.content.startswith(b"%PDF-")
