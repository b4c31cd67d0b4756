"""Files for a bank, and the table: what they hold, cent by cent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as Tree

import pytest
from sqlalchemy import text

from billing.payable import payout_files, sepa
from tests.billing.creators import (
    IBAN,
    broken,
    creator,
    inside,
    known,
    owed,
    said,
    say,
    take_back,
)
from tests.campaigns.making import done
from tests.factories import Staffed

NAMES = {"p": sepa.NAMESPACE}
DEBTOR = {
    "execution_on": "2199-12-31",
    "debtor_name": "Estudio Ñorte & Cía",
    "debtor_iban": "DE89370400440532013000",
}


def approved(agency: Staffed, amount: int, payee: Any = None, **values: Any) -> Any:
    """A payout that has nothing before it."""
    payee_id = payee or agency.influencer_id
    known(agency, payee_id)
    made = owed(agency, amount_minor=amount, gates=[], payee_id=payee_id, **values)
    body = {
        "payee_id": str(payee_id),
        "currency": made.currency,
        "payable_ids": [str(made.id)],
    }
    return done(agency.owner.post("/v1/payouts", body), 201)


def make(agency: Staffed, status: int = 201, **values: Any) -> Any:
    return done(agency.owner.post("/v1/payout-files", {**DEBTOR, **values}), status)


def content(agency: Staffed, made: Any) -> Any:
    answer = agency.owner.get(f"/v1/payout-files/{made['id']}/content")
    assert answer.status_code == 200, answer.text
    return answer


def found_in(order: Tree.Element) -> Callable[[str], list[str | None]]:
    """What stands at a path, as often as it does."""
    return lambda path: [each.text for each in order.iterfind(path, NAMES)]


def left_out(said: Any) -> dict[str, str]:
    return {each["payout_id"]: each["code"] for each in said["left_out"]}


def _alter(agency: Staffed, payout: Any) -> None:
    """Let it come to something else than was approved, past every rule."""
    change = "update payouts set gross_minor = 31, amount_minor = 31 where id = :id"
    with inside(agency) as session:
        session.connection().execute(text(change), {"id": payout["id"]})


def read(agency: Staffed, payout: Any) -> Any:
    return done(agency.owner.get(f"/v1/payouts/{payout['id']}"))


class TestMakeFile:
    def test_says_what_the_bank_has_to_do(self, agency: Staffed) -> None:
        one, two = approved(agency, 123_456), approved(agency, 7, creator(agency))

        made = make(agency)

        answer = content(agency, made)
        order = Tree.fromstring(answer.content)[0]
        find = found_in(order)
        assert answer.headers["content-type"] == "application/xml"
        assert find("p:GrpHdr/p:NbOfTxs") == find("p:PmtInf/p:NbOfTxs") == ["2"]
        assert find("p:GrpHdr/p:CtrlSum") == find("p:PmtInf/p:CtrlSum") == ["1234.63"]
        assert find("p:PmtInf/p:Dbtr/p:Nm") == ["Estudio Norte . Cia"]
        assert find("p:PmtInf/p:ReqdExctnDt/p:Dt") == ["2199-12-31"]
        transfers = "p:PmtInf/p:CdtTrfTxInf/"
        assert find(f"{transfers}p:Amt/p:InstdAmt") == ["1234.56", "0.07"]
        assert find(f"{transfers}p:CdtrAcct/p:Id/p:IBAN") == [IBAN, IBAN]
        assert find(f"{transfers}p:Cdtr/p:Nm") == ["Marta Rios", "Marta Rios"]
        ids = [each["id"].replace("-", "") for each in (one, two)]
        assert find(f"{transfers}p:PmtId/p:EndToEndId") == ids
        assert [read(agency, each)["status"] for each in (one, two)] == ["queued", "queued"]
        assert (made["payout_count"], made["total_minor"]) == (2, 123_463)

    def test_is_the_same_whenever_it_is_read(self, agency: Staffed) -> None:
        payout = approved(agency, 100)
        made = make(agency)
        first = content(agency, made).content
        said(agency, iban="DE89370400440532013000", legal_name="Otra")
        path = f"/v1/payouts/{payout['id']}/mark-paid"
        done(agency.owner.post(path, {"reference": "TRF"}))

        assert content(agency, made).content == first

    def test_is_given_no_more_once_a_payout_in_it_was_called_off(self, agency: Staffed) -> None:
        """What that paid is owed again: the bank would pay it twice."""
        payout, other = approved(agency, 100), approved(agency, 200, creator(agency))
        made = make(agency)
        done(agency.owner.post(f"/v1/payouts/{payout['id']}/cancel", {"reason": "Espera."}))

        answer = agency.owner.get(f"/v1/payout-files/{made['id']}/content")

        assert (answer.status_code, answer.json()["code"]) == (409, "payout_called_off")
        assert answer.json()["payout_ids"] == [payout["id"]]
        assert read(agency, other)["status"] == "queued"

    def test_tells_when_it_is_not_what_it_was(self, agency: Staffed) -> None:
        approved(agency, 100)
        made = make(agency)
        with inside(agency) as session:
            changed = "update payee_details set iban = 'DE89370400440532013000'"
            session.connection().execute(text(changed))

        answer = agency.owner.get(f"/v1/payout-files/{made['id']}/content")

        assert (answer.status_code, answer.json()["code"]) == (500, "file_changed")

    def test_pays_once(self, agency: Staffed) -> None:
        approved(agency, 100)
        make(agency)

        assert make(agency, 409)["code"] == "nothing_to_send"

    def test_leaves_out_what_cannot_go(self, agency: Staffed) -> None:
        yen = approved(agency, 100, currency="JPY")
        abroad = creator(agency)
        said(agency, abroad, iban=None, account_number="000123456789", bic="CHASUS33")
        dollars = approved(agency, 100, abroad)
        emirates = creator(agency)
        said(agency, emirates, iban="AE070331234567890123456")
        beyond = approved(agency, 100, emirates)

        for each in (yen, dollars, beyond):
            refused = make(agency, 422, payout_ids=[each["id"]], strict=True)
            assert (refused["code"], refused["payout_id"]) == ("not_by_sepa", each["id"])
            assert read(agency, each)["status"] == "approved"
        nothing = make(agency, 409)
        assert nothing["code"] == "nothing_to_send"
        assert left_out(nothing) == {each["id"]: "not_by_sepa" for each in (dollars, beyond)}

    def test_says_what_it_leaves_out_and_takes_the_others(self, agency: Staffed) -> None:
        good, more = approved(agency, 100), approved(agency, 200)
        blocked, changed = self._blocked(agency), approved(agency, 30)
        paid = approved(agency, 5)
        done(agency.owner.post(f"/v1/payouts/{paid['id']}/mark-paid", {"reference": "TRF"}))
        _alter(agency, changed)
        why = {blocked["id"]: "gates_open", changed["id"]: "approval_void"}

        named = [each["id"] for each in (good, blocked, changed, paid)]
        first = make(agency, payout_ids=named)
        second = make(agency)

        assert left_out(first) == {**why, paid["id"]: "move_not_allowed"}
        assert left_out(second) == why
        shown = done(agency.owner.get(f"/v1/payout-files/{first['id']}"))
        assert shown["left_out"] == first["left_out"]
        for made, payout, euros in ((first, good, "1.00"), (second, more, "2.00")):
            find = found_in(Tree.fromstring(content(agency, made).content)[0])
            assert find("p:PmtInf/p:CdtTrfTxInf/p:Amt/p:InstdAmt") == [euros]
            assert (read(agency, payout)["status"], read(agency, payout)["file_id"]) == (
                "queued",
                made["id"],
            )
        for each in (blocked, changed):
            assert read(agency, each)["file_id"] is None
            assert read(agency, each)["status"] == "approved"
        assert broken(agency) == {"payouts.add_up": [UUID(changed["id"])]}

    def test_is_never_full_of_what_it_leaves_out(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(payout_files, "MOST", 1)
        blocked = self._blocked(agency)
        good, more = approved(agency, 100), approved(agency, 200)

        made = [make(agency) for _ in (good, more)]

        assert [left_out(each) for each in made] == [{blocked["id"]: "gates_open"}] * 2
        assert [each["total_minor"] for each in made] == [100, 200]

    @pytest.mark.parametrize("named", [True, False])
    def test_takes_all_or_nothing_if_asked_to(self, named: bool, agency: Staffed) -> None:
        good, blocked = approved(agency, 100), self._blocked(agency)
        ids = {"payout_ids": [good["id"], blocked["id"]]} if named else {}

        refused = make(agency, 409, strict=True, **ids)

        assert (refused["code"], refused["payout_id"]) == ("gates_open", blocked["id"])
        assert [read(agency, each)["status"] for each in (good, blocked)] == ["approved"] * 2
        assert done(agency.owner.get("/v1/payout-files"))["data"] == []
        assert make(agency)["payout_count"] == 1

    def _blocked(self, agency: Staffed) -> Any:
        """A payout of which something may not be paid any more; nobody has held it yet."""
        known(agency)
        made = owed(agency, amount_minor=10_000)
        say(agency, made, "content_accepted")
        body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
        payout = done(agency.owner.post("/v1/payouts", body), 201)
        take_back(agency, made, "content_accepted")
        return payout

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"execution_on": "2020-01-01"}, "execution_in_past"),
            ({"debtor_iban": "DE89370400440532013001"}, "invalid_request"),
            ({"debtor_name": "x" * 71}, "invalid_request"),
        ],
    )
    def test_refuses_what_no_bank_takes(
        self, values: dict[str, Any], code: str, agency: Staffed
    ) -> None:
        payout = approved(agency, 100)

        assert make(agency, 422, **values)["code"] == code
        assert read(agency, payout)["status"] == "approved"

    def test_may_fail_at_the_bank(self, agency: Staffed) -> None:
        payout = approved(agency, 100)
        make(agency)
        path = f"/v1/payouts/{payout['id']}/mark-failed"

        failed = done(agency.owner.post(path, {"reason": "AC04"}))

        assert failed["status"] == "failed"
        assert approved(agency, 5)["status"] == "approved"


class TestLatin:
    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("José Núñez", "Jose Nunez"),
            ("Straße 1/2", "Strasse 1/2"),
            ("李小龍", "..."),
            ("=cmd|x", ".cmd.x"),
            ("//", "."),
            ("a" * 80, "a" * 70),
        ],
    )
    def test_has_letters_every_bank_takes(self, name: str, written: str) -> None:
        assert sepa.latin(name, 70) == written


class TestTable:
    def test_holds_decimals_and_no_formula(self, agency: Staffed) -> None:
        said(agency, legal_name="=HYPERLINK(1)")
        approved(agency, 123_456)
        kuwait = approved(agency, 1_001, currency="KWD")

        answer = agency.owner.get("/v1/payouts.csv", headers={"Accept-Language": "es"})

        head, first, second = answer.text.splitlines()
        assert head.startswith("Liquidación,Creada el,Estado,Beneficiario,Nombre legal")
        assert "'=HYPERLINK(1)" in first
        assert ",EUR,1234.56,0.00,1234.56," in first
        assert ",KWD,1.001,0.000,1.001," in second
        assert "ES••••1332" in first
        assert IBAN not in answer.text
        assert second.startswith(kuwait["id"])
