"""Numbers without a gap: from many at once, through what fails, year after year."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

import billing.receivable.invoice_invariants  # noqa: F401
from billing.receivable import bookings, issuing, numbering
from tenants import auth, clock, database
from tests.billing.invoicing import (
    SETTINGS,
    approved,
    broken,
    credit,
    done,
    equipped,
    finalize,
    issued,
    numbers,
    read,
)
from tests.factories import Staffed

THREADS, INVOICES = 12, 60


def many(agency: Staffed, wanted: int) -> list[str]:
    """Approved invoices: one through the API, the others copied from it."""
    first = approved(agency)
    with database.agency_session(auth.system(agency.agency_id)) as session:
        for table, key in (("invoices", "id"), ("invoice_lines", "invoice_id")):
            columns = [
                row[0]
                for row in session.connection().execute(
                    text(
                        "select attname from pg_attribute where attrelid = cast(:t as regclass)"
                        " and attnum > 0 and not attisdropped"
                    ),
                    {"t": table},
                )
            ]
            made = "md5(c.id::text || n)::uuid"
            own = {"id": made, "invoice_id": "md5(c.invoice_id::text || n)::uuid"}
            chosen = ", ".join(own.get(name, f"c.{name}") for name in columns)
            session.connection().execute(
                text(
                    f"insert into {table} ({', '.join(columns)}) select {chosen} from {table} c,"
                    f" generate_series(2, :wanted) n where c.agency_id = :agency and c.{key} = :id"
                ),
                {"agency": agency.agency_id, "id": first["id"], "wanted": wanted},
            )
        found = session.connection().execute(
            text("select id from invoices where agency_id = :agency and status = 'approved'"),
            {"agency": agency.agency_id},
        )
        return [str(row[0]) for row in found]


class TestNumbers:
    def test_leave_no_gap_from_many_threads(self, agency: Staffed) -> None:
        equipped(agency)
        ids = many(agency, INVOICES)

        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(lambda id: finalize(agency, {"id": id}), ids))

        assert {answer.status_code for answer in answers} == {200}
        taken = [int(number.rpartition("-")[2]) for number in numbers(agency)]
        assert taken == list(range(1, INVOICES + 1))
        assert broken(agency) == {}

    def test_take_one_when_it_is_finalised_twice_at_once(self, agency: Staffed) -> None:
        equipped(agency)
        made = approved(agency)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: finalize(agency, made), range(8)))

        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
        assert len(numbers(agency)) == 1
        assert broken(agency) == {}

    @pytest.mark.parametrize(
        ("module", "name"),
        [(numbering, "take"), (issuing, "write"), (bookings, "finalised"), (issuing, "_number")],
    )
    def test_are_not_used_up_by_what_fails(
        self, module: Any, name: str, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Wherever it ends before the commit, nothing is half done and nothing is skipped."""
        equipped(agency)
        made = approved(agency)
        genuine = getattr(module, name)

        def dies(*given: Any, **named: Any) -> Any:
            genuine(*given, **named)
            raise RuntimeError

        with monkeypatch.context() as patched:
            patched.setattr(module, name, dies)
            failed = finalize(agency, made)
        before = read(agency, made)

        assert failed.status_code == 500
        assert (before["status"], before["number"], numbers(agency)) == ("approved", None, [])
        assert done(finalize(agency, made))["number"].endswith("-0001")
        assert broken(agency) == {}

    def test_wait_for_a_transaction_that_is_killed(self, agency: Staffed, urls: Any) -> None:
        """A backend that is killed while it holds the next number has taken none."""
        equipped(agency)
        made, other = approved(agency), approved(agency)
        session = database.open_session(auth.SystemEntry(auth.system(agency.agency_id)))
        with session:
            taken = issuing.finalise(session, UUID(made["id"])).number
            pid = session.connection().execute(text("select pg_backend_pid()")).scalar()
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(finalize, agency, other)
                _terminate(urls["owner"], pid)
                answer = waiting.result(timeout=20)
            with pytest.raises(DBAPIError):
                session.commit()

        assert taken == done(answer)["number"]
        assert done(finalize(agency, made))["number"].endswith("-0002")
        assert len(numbers(agency)) == 2
        assert broken(agency) == {}

    def test_begin_anew_with_the_year_where_the_agency_is(self, agency: Staffed) -> None:
        """Madrid's new year comes an hour before UTC's."""
        equipped(agency)
        ids = many(agency, 2)
        moments = (datetime(2027, 12, 31, 22, 30, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))

        for id, moment in zip(ids, moments, strict=True):
            with (
                clock.at(moment),
                database.agency_session(auth.system(agency.agency_id)) as session,
            ):
                issuing.finalise(session, UUID(id))

        old, new = (read(agency, {"id": id}) for id in ids)
        assert (old["number"], old["issued_on"]) == ("F-2027-0001", "2027-12-31")
        assert (new["number"], new["issued_on"]) == ("F-2028-0001", "2028-01-01")
        assert broken(agency) == {}

    def test_run_on_without_a_year_and_in_each_series_apart(self, agency: Staffed) -> None:
        equipped(agency, number_format="{series}/{number}", number_digits=3)
        made = issued(agency)
        done(credit(agency, made), 201)
        issued(agency, series="EXP")
        done(agency.owner.put("/v1/invoice-settings", {**SETTINGS, "invoice_series": "G"}))
        later = issued(agency)

        assert numbers(agency)[:3] == ["EXP/001", "F/001", later["number"]]
        assert broken(agency) == {}


def _terminate(url: str, pid: Any) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    engine.dispose()
