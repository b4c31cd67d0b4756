"""What a payee is told of their money, from day to day, as JSON and on paper."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest

import api.billing.statement_tasks  # noqa: F401
from billing.payable import payables
from tenants import clock
from tests.billing.creators import WORK, inside, known, owed, said
from tests.campaigns.making import done
from tests.factories import Person, Staffed
from tests.work import settle

NOON = clock.now().replace(hour=12)
FIRST, SECOND, THIRD = (NOON - timedelta(days=days) for days in (60, 30, 20))


def days(first: datetime, last: datetime) -> dict[str, Any]:
    return {"from": str(first.date()), "to": str(last.date())}


ALL = {**days(FIRST - timedelta(days=30), NOON + timedelta(days=30)), "currency": "EUR"}


def statement(by: Person, agency: Staffed, status: int = 200, **asked: Any) -> Any:
    path = f"/v1/payees/{agency.influencer_id}/statement"
    return done(by.get(path, params={**ALL, **asked}), status)


@pytest.fixture
def paid(agency: Staffed) -> Staffed:
    """Owed 500 first; then 200 is asked back, 300 more owed; and in the end all of it is paid."""
    known(agency)
    with clock.at(FIRST):
        first = owed(agency, gates=[])
    owed(agency, gates=[], amount_minor=9, currency="JPY")
    with clock.at(SECOND):
        with inside(agency) as session:
            payables.claw_back(session, WORK, first.source_id, None, 20_000, "Retirado.")
        owed(agency, gates=[], amount_minor=30_000)
    body = {"payee_id": str(agency.influencer_id), "currency": "EUR"}
    payout = done(agency.owner.post("/v1/payouts", body), 201)
    moved = {"reference": "TRF-7", "paid_on": str(THIRD.date())}
    done(agency.owner.post(f"/v1/payouts/{payout['id']}/mark-paid", moved))
    return agency


class TestStatement:
    def test_adds_up_to_what_is_owed(self, paid: Staffed) -> None:
        shown = statement(paid.owner, paid)

        assert [(e["kind"], e["amount_minor"], e["balance_minor"]) for e in shown["lines"]] == [
            ("payable.opened", 50_000, 50_000),
            ("payable.clawed_back", -20_000, 30_000),
            ("payable.opened", 30_000, 60_000),
            ("payout.paid", -60_000, 0),
        ]
        assert (shown["opening_minor"], shown["closing_minor"]) == (0, 0)
        assert shown["lines"][0]["label"] == {"es": "Trabajo: Un reel", "en": "Work: One reel"}
        assert shown["lines"][3]["label"]["es"] == "Pagado: TRF-7"
        assert shown["legal_name"] == "Marta Ríos"

    def test_begins_with_what_was_owed_before(self, paid: Staffed) -> None:
        between = days(SECOND - timedelta(days=1), SECOND + timedelta(days=1))
        shown = statement(paid.owner, paid, **between)

        assert (shown["opening_minor"], shown["closing_minor"]) == (50_000, 60_000)
        assert len(shown["lines"]) == 2

    def test_is_of_one_currency(self, paid: Staffed) -> None:
        assert statement(paid.owner, paid, currency="JPY")["closing_minor"] == 9

    def test_is_theirs_to_read(self, paid: Staffed) -> None:
        assert statement(paid.influencer, paid) == statement(paid.owner, paid)
        statement(paid.other_influencer, paid, 404)
        statement(paid.executive, paid, 403)

    def test_ends_after_it_begins(self, paid: Staffed) -> None:
        refused = statement(paid.owner, paid, 422, **days(SECOND, FIRST))

        assert refused["code"] == "statement_backwards"

    def test_is_theirs_on_paper(self, paid: Staffed) -> None:
        path = f"/v1/payees/{paid.influencer_id}/statement/document"
        waiting = paid.influencer.get(path, params=ALL)
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
        # They follow no jobs: they look again where they asked.
        assert waiting.headers["Location"].startswith(f"{path}?from={ALL['from']}&")
        assert paid.owner.get(path, params=ALL).json() == waiting.json()
        settle()

        answer = paid.influencer.get(path, params=ALL)

        assert answer.status_code == 200, answer.text
        assert answer.content == paid.owner.get(path, params=ALL).content
        for name, status in (("other_influencer", 404), ("executive", 403), ("approver", 403)):
            assert paid.people[name].get(path, params=ALL).status_code == status
        backwards = {**ALL, **days(SECOND, FIRST)}
        assert paid.influencer.get(path, params=backwards).json()["code"] == "statement_backwards"

    def test_is_rendered_once_whoever_asks_at_once(self, paid: Staffed) -> None:
        path = f"/v1/payees/{paid.influencer_id}/statement/document"

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda by: by.get(path, params=ALL), [paid.owner] * 8))

        assert {each.status_code for each in answers} == {202}
        assert len({each.json()["job_id"] for each in answers}) == 1

    def test_is_rendered_when_it_is_again_what_it_was(self, paid: Staffed) -> None:
        """Its figures changed before its turn came, and came back."""
        path = f"/v1/payees/{paid.influencer_id}/statement/document"
        assert paid.owner.get(path, params=ALL).status_code == 202
        said(paid, legal_name="Otra Persona")
        settle()
        said(paid)
        assert paid.owner.get(path, params=ALL).status_code == 202
        settle()

        assert paid.owner.get(path, params=ALL).status_code == 200

    @pytest.mark.parametrize(("language", "title"), [("es", "Extracto"), ("en", "Statement")])
    def test_is_a_paper_in_both_languages(self, language: str, title: str, paid: Staffed) -> None:
        path = f"/v1/payees/{paid.influencer_id}/statement/document"
        asked = {"params": ALL, "headers": {"Accept-Language": language}}
        waiting = paid.owner.get(path, **asked)
        assert waiting.status_code == 202
        assert paid.owner.get(path, **asked).json() == waiting.json()
        settle()

        answer = paid.owner.get(path, **asked)

        assert answer.status_code == 200, answer.text
        with pikepdf.open(BytesIO(answer.content)) as document:
            assert str(document.docinfo["/Title"]).startswith(title)
            assert str(document.Root.Lang) == language
        known_already = {**asked["headers"], "If-None-Match": answer.headers["ETag"]}
        again = paid.owner.get(path, params=ALL, headers=known_already)
        assert again.status_code == 304
