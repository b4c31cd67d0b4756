"""The book balances, whoever writes in it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from billing import ledger
from billing.ledger import Posting
from tenants.ids import new_id
from tests.billing.creators import broken, inside
from tests.factories import Staffed

TODAY = date(2026, 11, 30)


def _post(agency: Staffed, amounts: list[int], source: Any = None, **values: Any) -> Any:
    sides = [Posting(f"account_{n}", each) for n, each in enumerate(amounts)]
    with inside(agency) as session:
        source_id = source or new_id()
        currency = values.get("currency", "EUR")
        ledger.post(session, "test.done", "tests", source_id, sides, currency, TODAY)
        query = text("select id from ledger_transactions where source_id = :id")
        return session.connection().execute(query, {"id": source_id}).scalar_one()


def _count(agency: Staffed, table: str) -> int:
    with inside(agency) as session:
        return int(session.connection().execute(text(f"select count(*) from {table}")).scalar_one())


class TestPost:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        amounts=st.lists(
            st.integers(-(2**53) + 1, 2**53 - 1).filter(bool), min_size=1, max_size=6
        ).filter(sum)
    )
    def test_keeps_what_balances(self, amounts: list[int], agency: Staffed) -> None:
        sides = [*amounts, -sum(amounts)]

        made = _post(agency, sides)

        with inside(agency) as session:
            query = (
                "select amount_minor, after_minor from ledger_entries"
                " where transaction_id = :id order by position"
            )
            rows = session.connection().execute(text(query), {"id": made}).all()
        assert [row[0] for row in rows] == sides
        assert rows[-1][1] == 0

    def test_enters_one_source_once(self, agency: Staffed) -> None:
        source = new_id()

        first, second = _post(agency, [5, -5], source), _post(agency, [7, -7], source)

        assert first == second
        assert _count(agency, "ledger_entries") == 2

    @pytest.mark.parametrize("amounts", [[], [5], [5, 0], [5, -4], [0, 0]])
    def test_refuses_what_does_not_balance(self, amounts: list[int], agency: Staffed) -> None:
        with pytest.raises(ValueError, match="does not balance"):
            _post(agency, amounts)

        assert _count(agency, "ledger_transactions") == 0


# What somebody might write past `post`, with a good transaction of two entries beside it.
_ADD = """
with t as (
    insert into ledger_transactions (agency_id, id, created_at, kind, source_type, source_id,
        currency, booked_on, entry_count, left_minor)
    values (:agency, :id, now(), 'test.forged', 'tests', :id, 'EUR', '2026-11-30', {count}, 0)
    returning *
)
insert into ledger_entries (agency_id, id, created_at, transaction_id, position, entry_count,
    previous, account, amount_minor, currency, before_minor, after_minor, kind, source_type,
    source_id, booked_on)
select :agency, gen_random_uuid(), now(), :id, v.*, t.kind, t.source_type, t.source_id, t.booked_on
from t,
    (values {rows}) v(position, entry_count, previous, account, amount, currency, before, after)
"""
FORGED = {
    "a side alone": (2, "(1, 2, null::int, 'a', 5, 'EUR', 0, 5)"),
    "sides that leave something": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -4, 'EUR', 5, 1)",
    ),
    "sums that are not": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -4, 'EUR', 5, 0)",
    ),
    "a beginning out of nowhere": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -4, 'EUR', 4, 0)",
    ),
    "two currencies": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -5, 'USD', 5, 0)",
    ),
    "more sides than it says": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -5, 'EUR', 5, 0),"
        " (3, 3, 2, 'c', 5, 'EUR', 0, 5)",
    ),
    "a second side in one place": (
        2,
        "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -5, 'EUR', 5, 0),"
        " (2, 2, 1, 'b', -4, 'EUR', 5, 1)",
    ),
    "fewer sides than two": (1, "(1, 1, null::int, 'a', 0, 'EUR', 0, 0)"),
}


def _forge(agency: Staffed, statement: str) -> None:
    with inside(agency) as session:
        ids = {"agency": agency.agency_id, "id": new_id()}
        session.connection().execute(text(statement), ids)


class TestDatabase:
    @pytest.mark.parametrize("what", FORGED)
    def test_refuses(self, what: str, agency: Staffed) -> None:
        count, rows = FORGED[what]
        with pytest.raises(DBAPIError) as refused:
            _forge(agency, _ADD.format(count=count, rows=rows))

        assert getattr(refused.value.orig, "sqlstate", None) in ("23503", "23505", "23514")
        assert _count(agency, "ledger_transactions") == 0

    def test_refuses_a_transaction_of_nothing(self, agency: Staffed) -> None:
        alone = _ADD.split("returning *")[0].split("with t as (")[1].format(count=2)
        with pytest.raises(DBAPIError, match="last_entry"):
            _forge(agency, alone)

    def test_takes_what_balances(self, agency: Staffed) -> None:
        """The same statement, without a fault: it is the fault that is refused above."""
        rows = "(1, 2, null::int, 'a', 5, 'EUR', 0, 5), (2, 2, 1, 'b', -5, 'EUR', 5, 0)"
        _forge(agency, _ADD.format(count=2, rows=rows))

        assert _count(agency, "ledger_entries") == 2
        assert broken(agency) == {}

    @pytest.mark.parametrize(
        "change",
        [
            "update ledger_entries set amount_minor = 1",
            "delete from ledger_entries",
            "update ledger_transactions set booked_on = '2026-01-01'",
            "delete from ledger_transactions",
            "truncate ledger_entries",
        ],
    )
    def test_lets_nobody_change_it(self, change: str, agency: Staffed) -> None:
        _post(agency, [5, -5])

        with pytest.raises(DBAPIError, match="permission denied"), inside(agency) as session:
            session.connection().execute(text(change))

        assert _count(agency, "ledger_entries") == 2
