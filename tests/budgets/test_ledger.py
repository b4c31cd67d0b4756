"""Entries of a line by hand, and the promises of its book."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from api.budgets import ledger
from api.budgets.book import Moved
from api.budgets.models import BudgetLine
from api.budgets.sources import Why
from tenants import auth, clock, database
from tenants.ids import new_id
from tests.budgets.factories import (
    approved,
    balances,
    budget,
    draft,
    enter,
    expense,
    fact,
    sums,
)
from tests.budgets.test_invariants import broken
from tests.factories import Staffed, events_of

LARGEST = 2**53 - 1


class TestCommit:
    def test_sets_money_aside(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]

        answer = enter(
            agency.strategist, one, "commitment", amount_minor=700, payee="Luz", note="Reel"
        )

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["amount_minor"], made["currency"], made["funded"]) == (700, "EUR", True)
        assert made["internal"] == {"payee": "Luz", "note": "Reel"}
        assert made["entered_by"] == str(agency.strategist.membership_id)
        assert made["booked_on"] == clock.today("Europe/Madrid").isoformat()
        assert balances(agency.approver, one) == (1_000, 700, 0, 0)
        assert events_of(agency, one) == ["budget_line.committed"]

    def test_refuses_what_the_line_does_not_have(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        enter(agency.strategist, one, "commitment", amount_minor=700)

        answer = enter(agency.strategist, one, "commitment", amount_minor=301)

        assert (answer.status_code, answer.json()["code"]) == (409, "line_exceeded")
        assert answer.json()["available_minor"] == 300
        assert balances(agency.executive, one) == (1_000, 700, 0, 0)

    def test_refuses_before_the_budget_is_active(self, agency: Staffed) -> None:
        one = draft(agency, 1_000)["lines"][0]["id"]

        answer = enter(agency.strategist, one, "commitment", amount_minor=1)

        assert (answer.status_code, answer.json()["state"]) == (409, "draft")

    def test_refuses_amounts_that_are_none(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]

        for amount in (0, -1, 1.5, "1", True, None, 2**53):
            answer = enter(agency.strategist, one, "commitment", amount_minor=amount)
            assert answer.status_code == 422, amount
        assert enter(agency.strategist, one, "expense", amount_minor=1).status_code == 422

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]

        assert enter(agency.community, one, "commitment", amount_minor=1).status_code == 403
        assert enter(agency.approver, one, "commitment", amount_minor=1).status_code == 403
        assert enter(agency.other_executive, one, "commitment", amount_minor=1).status_code == 404

    def test_is_made_once_by_one_source(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        source = new_id()

        def commit() -> UUID:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                line = database.get(session, BudgetLine, UUID(one))
                return ledger.commit(session, line, Moved(600), Why("collaborations", source)).id

        first, second = commit(), commit()

        assert first == second
        assert balances(agency.executive, one) == (1_000, 600, 0, 0)
        assert events_of(agency, one) == ["budget_line.committed"]


class TestRelease:
    def test_gives_back_what_is_open(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        made = enter(agency.strategist, one, "commitment", amount_minor=700).json()
        of_it = {"commitment_id": made["id"]}

        part = enter(agency.strategist, one, "release", amount_minor=200, **of_it)
        beyond = enter(agency.strategist, one, "release", amount_minor=501, **of_it)
        rest = enter(agency.strategist, one, "release", **of_it)
        nothing = enter(agency.strategist, one, "release", **of_it)

        assert (part.status_code, part.json()["amount_minor"]) == (201, -200)
        assert (beyond.status_code, beyond.json()["open_minor"]) == (409, 500)
        assert (rest.json()["amount_minor"], rest.json()["reversal_of"]) == (-500, made["id"])
        assert (nothing.status_code, nothing.json()["code"]) == (409, "commitment_exceeded")
        assert balances(agency.executive, one) == (1_000, 0, 0, 0)

    def test_refuses_what_is_no_commitment_here(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 1_000)["lines"])
        foreign = approved(other_agency, 1_000)["lines"][0]["id"]
        elsewhere = enter(agency.strategist, two, "commitment", amount_minor=5).json()["id"]
        hidden = enter(other_agency.strategist, foreign, "commitment", amount_minor=5).json()["id"]
        opening = agency.executive.get(f"/v1/budget-lines/{one}/entries").json()["data"][0]["id"]

        def code(commitment: str) -> tuple[int, str]:
            answer = enter(agency.strategist, one, "release", commitment_id=commitment)
            return answer.status_code, answer.json()["code"]

        assert code(elsewhere) == code(opening) == (422, "not_a_commitment")
        assert code(hidden) == code(str(new_id())) == (404, "not_found")


class TestTransfer:
    def test_moves_allocation_between_lines(self, agency: Staffed) -> None:
        made = approved(agency, 1_000, 500)
        one, two = (row["id"] for row in made["lines"])

        answer = enter(agency.strategist, one, "transfer", to_line_id=two, amount_minor=400)

        assert (answer.status_code, answer.json()["amount_minor"]) == (201, -400)
        assert balances(agency.executive, one) == (600, 0, 0, 0)
        assert balances(agency.executive, two) == (900, 0, 0, 0)
        after = budget(agency.executive, made["id"])
        assert after["totals"]["allocated_minor"] == after["totals"]["planned_minor"] == 1_500
        assert after["version"] == made["version"] + 1
        assert events_of(agency, one) == events_of(agency, two) == ["budget_line.transferred"]

    def test_refuses_what_is_promised_or_elsewhere(self, agency: Staffed) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 500)["lines"])
        other = approved(agency, 100)["lines"][0]["id"]
        enter(agency.strategist, one, "commitment", amount_minor=700)

        def code(to: str, amount: int) -> tuple[int, str]:
            answer = enter(agency.strategist, one, "transfer", to_line_id=to, amount_minor=amount)
            return answer.status_code, answer.json()["code"]

        assert code(two, 301) == (409, "line_exceeded")
        assert code(other, 1) == code(one, 1) == (422, "transfer_not_possible")

    def test_covers_the_oldest_facts_first(self, agency: Staffed) -> None:
        one, two = (row["id"] for row in approved(agency, 1_000, 500)["lines"])
        fact(agency.community, one, 1_200, paid_by="client")
        fact(agency.community, one, 300)

        enter(agency.strategist, two, "transfer", to_line_id=one, amount_minor=350)

        assert balances(agency.executive, one) == (1_350, 0, 1_350, 150)
        entries = agency.executive.get(f"/v1/budget-lines/{one}/entries").json()["data"]
        covers = [row for row in entries if row["source_type"] == "cover"]
        assert [(row["amount_minor"], row["funded"], row["paid_by"]) for row in covers] == [
            (150, True, "agency"),
            (-150, False, "agency"),
            (200, True, "client"),
            (-200, False, "client"),
        ]
        assert sums(agency, one) == (1_350, 0, 1_350, 150)


class TestAllocate:
    def test_is_by_hand_only_where_nobody_approved(self, agency: Staffed) -> None:
        decided = approved(agency, 1_000)["lines"][0]["id"]
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": "none"})
        free = draft(agency, 1_000)
        agency.executive.post(f"/v1/budgets/{free['id']}/activate")
        one = free["lines"][0]["id"]

        def code(line: str, amount: int) -> Any:
            answer = enter(agency.strategist, line, "allocation", amount_minor=amount, note="Más")
            return answer.json().get("code", answer.status_code)

        assert code(decided, 1) == "allocation_approved"
        assert code(one, 500) == 201
        assert code(one, -1_501) == "line_exceeded"
        assert code(one, -300) == 201
        assert code(one, 0) == "invalid_request"
        assert balances(agency.executive, one) == (1_200, 0, 0, 0)

    def test_refuses_more_than_a_sum_can_hold(self, agency: Staffed) -> None:
        agency.owner.patch(f"/v1/clients/{agency.client_id}", {"approval_mode": "none"})
        free = draft(agency, LARGEST - 10, 10)
        agency.executive.post(f"/v1/budgets/{free['id']}/activate")
        one, two = (row["id"] for row in free["lines"])

        for line in (one, two):
            answer = enter(agency.strategist, line, "allocation", amount_minor=11, note="Más")
            assert (answer.status_code, answer.json()["code"]) == (422, "total_too_large")
        assert fact(agency.strategist, one, LARGEST).status_code == 201
        assert fact(agency.strategist, two, LARGEST).status_code == 201
        assert fact(agency.strategist, two, 1).json()["code"] == "total_too_large"


class TestReadEntries:
    def test_keeps_payees_and_notes_from_the_client(self, agency: Staffed) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        enter(agency.strategist, one, "commitment", amount_minor=5, payee="Luz", note="Secreto")
        path = f"/v1/budget-lines/{one}/entries"

        staff, client = agency.executive.get(path), agency.approver.get(path)

        assert staff.json()["data"][0]["internal"] == {"payee": "Luz", "note": "Secreto"}
        assert [row["internal"] for row in client.json()["data"]] == [None, None]
        assert "Luz" not in client.text
        assert "Secreto" not in client.text
        only = agency.approver.get(f"{path}?kind=allocation").json()["data"]
        assert [row["kind"] for row in only] == ["allocation"]


class TestFigures:
    def test_give_the_lines_of_budgets_that_touch_the_period(self, agency: Staffed) -> None:
        made = approved(agency, 1_000)
        draft(agency, 5_000)
        fact(agency.community, made["lines"][0]["id"], 1_200)

        def of(start: date, end: date) -> list[ledger.LineFigures]:
            with database.agency_session(auth.system(agency.agency_id)) as session:
                return ledger.of_client(session, agency.client_id, start, end)

        (line,) = of(date(2026, 12, 31), date(2027, 1, 31))
        assert (line.spent_minor, line.unfunded_minor, line.available_minor) == (1_000, 200, 0)
        assert line.category == "paid_media"
        assert of(date(2027, 1, 1), date(2027, 1, 31)) == []


class TestManyAtOnce:
    """No overspend: thirty-two writers on one line, and each commit looked at from outside."""

    def test_never_pass_what_is_allocated(self, agency: Staffed, urls: dict[str, str]) -> None:
        cap, writers, tries = 6_000, 32, 6
        one = approved(agency, cap)["lines"][0]["id"]
        people = (agency.executive, agency.strategist, agency.owner)

        def spend(seed: int) -> list[str]:
            random, answers = Random(seed), []
            for attempt in range(tries):
                person, amount = people[seed % 3], random.randint(1, 100)
                if attempt % 2:
                    answer = expense(person, one, amount)
                else:
                    answer = enter(person, one, "commitment", amount_minor=amount)
                answers.append(answer.json().get("code", "accepted"))
            return answers

        with ThreadPoolExecutor(writers) as pool, _Watch(urls["owner"], one) as watch:
            running = [pool.submit(spend, seed) for seed in range(writers)]
            while not all(each.done() for each in running):
                watch.look()
            answers = [answer for each in running for answer in each.result()]

        assert max(watch.seen) <= cap
        assert answers.count("accepted") + answers.count("line_exceeded") == writers * tries
        after = balances(agency.executive, one)
        assert after == sums(agency, one)
        assert cap - 100 < sum(after[1:]) <= cap
        assert _count(agency, one) == 1 + answers.count("accepted")
        assert broken(agency) == {}

    def test_cross_transfers_without_losing_a_cent(self, agency: Staffed) -> None:
        made = approved(agency, 1_000, 1_000)
        ids = [row["id"] for row in made["lines"]]

        def move(seed: int) -> set[int]:
            giver, taker = ids[seed % 2], ids[1 - seed % 2]
            return {
                enter(
                    agency.strategist, giver, "transfer", to_line_id=taker, amount_minor=amount
                ).status_code
                for amount in (300, 500, 700)
            }

        with ThreadPoolExecutor(12) as pool:
            codes = set().union(*pool.map(move, range(12)))

        assert codes <= {201, 409}
        after = [balances(agency.executive, each) for each in ids]
        assert sum(allocated for allocated, *_ in after) == 2_000
        assert after == [sums(agency, each) for each in ids]
        assert broken(agency) == {}

    def test_close_or_spend_but_not_both(self, agency: Staffed) -> None:
        for _ in range(3):
            made = approved(agency, 1_000)
            one = made["lines"][0]["id"]
            with ThreadPoolExecutor(5) as pool:
                spent = [pool.submit(expense, agency.strategist, one, 10) for _ in range(4)]
                closed = pool.submit(
                    agency.executive.post, f"/v1/budgets/{made['id']}/close"
                ).result()
                codes = [each.result().status_code for each in spent]

            assert closed.status_code == 200, closed.text
            assert set(codes) <= {201, 409}
            at_close = budget(agency.executive, made["id"])
            assert at_close["totals"]["spent_minor"] == 10 * codes.count(201)


class TestAppendOnly:
    """No role of the application may change or take away what was entered."""

    @pytest.mark.parametrize("table", ["budget_entries", "budget_entry_notes"])
    def test_nobody_edits_an_entry(self, urls: dict[str, str], table: str) -> None:
        watched = create_engine(urls["owner"])
        with watched.connect() as connection:
            held = connection.execute(
                text(
                    "select distinct grantee, privilege_type from"
                    " information_schema.role_table_grants"
                    " where table_name = :table and grantee not in ('app_owner', 'postgres')"
                ),
                {"table": table},
            ).all()
        watched.dispose()

        assert {privilege for _, privilege in held} == {"SELECT", "INSERT"}
        insert = {grantee for grantee, privilege in held if privilege == "INSERT"}
        assert insert == {"app_staff", "app_scoped"}

    def test_the_database_refuses_what_the_code_would_not_do(
        self, agency: Staffed, urls: dict[str, str]
    ) -> None:
        one = approved(agency, 1_000)["lines"][0]["id"]
        watched = create_engine(urls["owner"])

        def refusal(change: str) -> str:
            with watched.connect() as connection, pytest.raises(Exception) as refused:  # noqa: PT011
                connection.execute(text(f"update budget_lines set {change} where id = '{one}'"))
            return str(refused.value)

        assert "within_its_allocation" in refusal("spent_minor = 600, committed_minor = 401")
        assert "nothing_below_zero" in refusal("spent_minor = -1")
        assert "room_covers" in refusal("unfunded_minor = 1")
        watched.dispose()


class _Watch:
    """What is committed and spent on a line by its entries, as everybody can see it."""

    def __init__(self, url: str, line: str) -> None:
        self.engine = create_engine(url)
        self.line = line
        self.seen: list[int] = []

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self.look()
        self.engine.dispose()

    def look(self) -> None:
        query = text(
            "select coalesce(sum(amount_minor), 0) from budget_entries where line_id = :line"
            " and kind in ('commitment', 'release', 'expense', 'refund')"
        )
        with self.engine.connect() as connection:
            self.seen.append(int(connection.execute(query, {"line": self.line}).scalar_one()))


def _count(agency: Staffed, line: str) -> int:
    path = f"/v1/budget-lines/{line}/entries?include=total&limit=1"
    return int(agency.executive.get(path).json()["total"])
