"""Whom the agency pays: what is said of them, and who confirms it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from billing.payable import payees, payout_making
from billing.payable.destinations import is_iban, masked
from billing.payable.payable_models import Payee, PayeeStatus
from billing.payable.payout_models import DetailsStatus, PayeeDetails, Payout
from tenants import auth, clock, database
from tenants.ids import new_id
from tests.billing.creators import IBAN, again, broken, inside, owed, said, set_rules
from tests.campaigns.making import done
from tests.factories import Staffed
from tests.work import until_somebody_waits

OTHER = "DE89370400440532013000"
BODY = {"legal_name": "Marta Ríos", "tax_id": "12345678Z", "country": "ES"}
BANK = {"method": "bank_transfer", "iban": IBAN}


def path(agency: Staffed, *more: str) -> str:
    return "/".join(("/v1/payees", str(agency.influencer_id), *more))


def status(agency: Staffed) -> str:
    return str(done(agency.owner.get(path(agency)))["status"])


class TestIban:
    @pytest.mark.parametrize(
        "number",
        [
            IBAN,
            OTHER,
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "FR1420041010050500013M02606",
        ],
    )
    def test_is_told_by_its_check_digits(self, number: str) -> None:
        assert is_iban(number)
        for place, digit in enumerate(number[4:], start=4):
            if digit.isdigit():
                wrong = f"{number[:place]}{(int(digit) + 1) % 10}{number[place + 1 :]}"
                assert not is_iban(wrong)

    @pytest.mark.parametrize(
        "number", ["", "ES91", IBAN[:-1], f"{IBAN}0", "XX9121000418450200051332", IBAN.lower()]
    )
    def test_has_its_countrys_length(self, number: str) -> None:
        assert not is_iban(number)

    def test_is_hidden_in_passing(self) -> None:
        assert masked(IBAN) == "ES••••1332"


class TestSayDetails:
    def test_makes_a_payee_ready_and_opens_their_gate(self, agency: Staffed) -> None:
        waiting = owed(agency, gates=["payee_ready"])
        assert (status(agency), waiting.status) == ("no_account", "blocked")

        said(agency, iban="es91 2100 0418 4502 0005 1332", bic="CAIXESBB")

        assert (status(agency), again(agency, waiting).status) == ("ready", "ready")
        (details,) = done(agency.admin.get(path(agency, "details")))["data"]
        assert (details["iban"], details["status"]) == (IBAN, "confirmed")
        assert owed(agency, gates=["payee_ready"]).status == "ready"
        assert broken(agency) == {}

    def test_leaves_one_incomplete_without_a_tax_id(self, agency: Staffed) -> None:
        waiting = owed(agency, gates=["payee_ready"])
        said(agency)

        said(agency, tax_id=None)

        assert (status(agency), again(agency, waiting).status) == ("incomplete", "blocked")
        assert broken(agency) == {}

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({**BANK, "iban": "ES9121000418450200051333"}, "invalid_request"),
            ({**BANK, "bic": "CAIXE"}, "invalid_request"),
            ({"method": "bank_transfer"}, "destination_does_not_fit"),
            ({**BANK, "account_number": "123456"}, "destination_does_not_fit"),
            ({"method": "bank_transfer", "account_number": "123456"}, "destination_does_not_fit"),
            ({"method": "stripe", "iban": IBAN}, "destination_does_not_fit"),
            ({**BANK, "instructions": "Bizum"}, "destination_does_not_fit"),
            ({**BANK, "country": "Spain"}, "invalid_request"),
        ],
    )
    def test_refuses_a_destination_that_is_none(
        self, values: dict[str, Any], code: str, agency: Staffed
    ) -> None:
        owed(agency)

        refused = done(agency.owner.post(path(agency, "details"), {**BODY, **values}), 422)

        assert refused["code"] == code
        assert done(agency.owner.get(path(agency, "details")))["data"] == []

    def test_takes_a_foreign_account(self, agency: Staffed) -> None:
        said(agency, country="US", iban=None, account_number="000123456789", bic="CHASUS33")

        assert status(agency) == "ready"

    def test_knows_nobody_who_is_on_no_roster(self, agency: Staffed) -> None:
        body = {**BODY, **BANK}

        assert agency.owner.post(f"/v1/payees/{agency.client_id}/details", body).status_code == 404

    @pytest.mark.parametrize("name", ["executive", "community", "approver"])
    def test_is_kept_from_everybody_else(self, name: str, agency: Staffed) -> None:
        said(agency)

        for verb in (path(agency), path(agency, "details")):
            assert agency.people[name].get(verb).status_code == 403


class TestSayDetailsWhileAPayoutIsMade:
    def test_sends_it_where_the_payee_now_wants_it(self, agency: Staffed, owner: Engine) -> None:
        said(agency)
        owed(agency, gates=[])
        with ThreadPoolExecutor(1) as pool:
            with inside(agency) as session:
                made = payout_making.create(session, agency.influencer_id, "EUR")
                second = pool.submit(said, agency, iban=OTHER)
                until_somebody_waits(owner)
            now = second.result()

        with inside(agency) as session:
            payout = session.get_one(Payout, (agency.agency_id, made.id))
        assert (str(payout.details_id), payout.status) == (now["id"], "pending")


class TestConfirmDetails:
    def test_is_somebody_elses_where_the_agency_wants_that(self, agency: Staffed) -> None:
        set_rules(agency, bank_data_four_eyes="required")
        said(agency)
        assert status(agency) == "no_account"
        refused = done(agency.owner.post(path(agency, "confirm")), 403)

        confirmed = done(agency.admin.post(path(agency, "confirm")))

        assert refused["code"] == "own_details"
        assert (confirmed["status"], confirmed["self_confirmed"]) == ("confirmed", False)
        assert status(agency) == "ready"

    def test_is_asked_of_another_destination_alone(self, agency: Staffed) -> None:
        said(agency)
        set_rules(agency, bank_data_four_eyes="when_possible")

        assert said(agency, address="Calle Mayor 1")["status"] == "confirmed"
        assert said(agency, iban=OTHER)["status"] == "proposed"

    def test_is_the_agencys_when_the_payee_says_it(self, agency: Staffed) -> None:
        said(agency)
        body = {**BODY, **BANK, "iban": OTHER}
        done(agency.influencer.post(path(agency, "details"), body), 201)
        again_said = done(agency.influencer.post(path(agency, "details"), body), 409)
        own = done(agency.influencer.post(path(agency, "confirm")), 403)

        confirmed = done(agency.owner.post(path(agency, "confirm")))

        assert (again_said["code"], own["code"]) == ("details_proposed", "forbidden")
        assert confirmed["iban"] == OTHER
        states = [e["status"] for e in done(agency.influencer.get(path(agency, "details")))["data"]]
        assert states == ["confirmed", "superseded"]

    def test_may_be_refused(self, agency: Staffed) -> None:
        said(agency)
        body = {**BODY, **BANK, "iban": OTHER}
        done(agency.influencer.post(path(agency, "details"), body), 201)

        refused = done(agency.owner.post(path(agency, "refuse"), {"reason": "No es suya."}))

        assert (refused["status"], refused["reason"]) == ("rejected", "No es suya.")
        assert done(agency.owner.post(path(agency, "confirm")), 409)["code"] == "nothing_proposed"


class TestTheirOwnWord:
    """The database takes no word of an influencer that does not wait for the agency."""

    @pytest.fixture
    def themself(self, agency: Staffed) -> Iterator[database.Session]:
        person = agency.influencer
        token = auth.AccessToken(agency.agency_id, person.session_id, person.user_id)
        with database.open_session(token.enter) as made, made.begin():
            yield made

    def details(self, agency: Staffed, **values: Any) -> PayeeDetails:
        return PayeeDetails(
            **{
                "payee_id": agency.influencer_id,
                "number": 1,
                "status": DetailsStatus.proposed,
                "legal_name": "Marta Ríos",
                "destination_sha256": "0" * 64,
                "said_by": agency.influencer.membership_id,
                **values,
            }
        )

    def test_may_be_a_proposal(self, agency: Staffed, themself: database.Session) -> None:
        payees.ensure(themself, agency.influencer_id)
        database.add(themself, self.details(agency))
        themself.flush()

    @pytest.mark.parametrize(
        "values",
        [
            {"status": DetailsStatus.confirmed, "decided_at": clock.now()},
            {"status": DetailsStatus.rejected, "decided_at": clock.now()},
            {"decided_at": clock.now()},
            {"decided_by": new_id()},
            {"self_confirmed": True},
            {"said_by": new_id()},
            {"said_by": None},
        ],
    )
    def test_is_nothing_else(
        self, values: dict[str, Any], agency: Staffed, themself: database.Session
    ) -> None:
        payees.ensure(themself, agency.influencer_id)

        database.add(themself, self.details(agency, **values))
        with pytest.raises(ProgrammingError, match="row-level security"):
            themself.flush()
        themself.rollback()

    @pytest.mark.parametrize(
        "values",
        [
            {"status": PayeeStatus.ready},
            {"provider_ready": True},
            {"provider_account": "acct_1"},
        ],
    )
    def test_makes_them_no_readier(
        self, values: dict[str, Any], agency: Staffed, themself: database.Session
    ) -> None:
        database.add(themself, Payee(id=agency.influencer_id, **values))
        with pytest.raises(ProgrammingError, match="row-level security"):
            themself.flush()
        themself.rollback()

    @pytest.mark.parametrize("table", ["payees", "payee_details"])
    def test_is_not_changed(self, table: str, agency: Staffed, themself: database.Session) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            themself.connection().execute(text(f"update {table} set updated_at = now()"))
        themself.rollback()


class TestConnect:
    def test_is_ready_when_its_provider_pays_out(self, agency: Staffed) -> None:
        waiting = owed(agency, gates=["payee_ready"])
        said(agency, method="stripe", iban=None)
        assert status(agency) == "incomplete"

        with inside(agency) as session:
            payees.connect(session, agency.influencer_id, "acct_1", ready=True, evidence={})

        assert (status(agency), again(agency, waiting).status) == ("ready", "ready")
        with inside(agency) as session:
            payees.connect(session, agency.influencer_id, "acct_1", ready=False, evidence={})
        assert again(agency, waiting).status == "blocked"
