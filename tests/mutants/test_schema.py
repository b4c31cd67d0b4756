"""
Every mutant of the schema turns a test red: a rule of the catalogue or a written record, and, for
what can be felt at all, a role that reaches what it should not.

A mutant lives in a transaction that is rolled back: nothing outside ever sees it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from tests.isolation import trespass, walls
from tests.isolation.rules import RULES
from tests.isolation.test_catalogue import SHAPE, _lines
from tests.isolation.trespass import Stage
from tests.mutants import schema, tally
from tests.mutants.schema import Mutant

Question = Callable[[Connection], object]


@pytest.fixture(scope="module")
def planter(urls: dict[str, str]) -> Iterator[Engine]:
    engine = create_engine(urls["owner"], poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def constraints(planter: Engine) -> list[str]:
    """What `test_catalogue` holds against the models, while nothing is wrong."""
    with planter.connect() as connection:
        return _lines(connection, SHAPE["constraints"])


class Judge:
    """Asks the isolation tests' own questions, the one that saw the last mutant first."""

    def __init__(self, engine: Engine, constraints: list[str]) -> None:
        self.engine = engine
        self.rules: list[Question] = [
            *RULES.values(),
            lambda connection: _lines(connection, SHAPE["constraints"]) != constraints,
        ]

    def of_table(self, table: str, wanted: Callable[[Mutant], bool]) -> list[str]:
        """What is wrong about a table's mutants."""
        with self.engine.connect() as connection:
            mutants = list(filter(wanted, schema.of_table(connection, table)))
            recorded = [
                ask(connection, mutant, lambda c: self.is_recorded(c, table)) for mutant in mutants
            ]
            connection.rollback()
            stage = Stage(connection, table)
            felt = [ask(connection, mutant, partial(_is_felt, stage, mutant)) for mutant in mutants]
            connection.rollback()
        return _noted(mutants, recorded, felt)

    def of_roles(self, wanted: Callable[[Mutant], bool]) -> list[str]:
        mutants = list(filter(wanted, schema.of_roles()))
        with self.engine.connect() as connection:
            recorded = [ask(connection, mutant, self.is_recorded) for mutant in mutants]
            felt = [
                ask(connection, mutant, partial(_is_felt_somewhere, mutant)) for mutant in mutants
            ]
            connection.rollback()
        return _noted(mutants, recorded, felt)

    def is_recorded(self, connection: Connection, table: str | None = None) -> bool:
        if table is not None and walls.line_of(connection, table) not in _written():
            return True
        for rule in self.rules:
            if rule(connection):
                self.rules.remove(rule)
                self.rules.insert(0, rule)
                return True
        return False


def ask(connection: Connection, mutant: Mutant, question: Callable[[Connection], bool]) -> bool:
    nested = connection.begin_nested()
    try:
        for statement in mutant.statements:
            connection.execute(text(statement))
        return question(connection)
    finally:
        nested.rollback()


@cache
def _written() -> list[str]:
    return walls.WRITTEN.read_text(encoding="utf-8").splitlines()


def _is_felt(stage: Stage, mutant: Mutant, connection: Connection) -> bool:
    if mutant.kind.startswith("key"):
        return trespass.references(connection, stage.table, mutant.name) != []
    return any(trespass.faults(stage, [role]) for role in mutant.roles)


def _is_felt_somewhere(mutant: Mutant, connection: Connection) -> bool:
    if trespass.logins(connection):
        return True
    stages = (Stage(connection, table) for table in ("clients", "jobs", "sessions", "users"))
    return any(trespass.faults(stage, mutant.roles) for stage in stages)


def _noted(mutants: list[Mutant], recorded: list[bool], felt: list[bool]) -> list[str]:
    notes = (
        tally.note(mutant.kind, mutant.name, recorded=is_recorded, felt=is_felt)
        for mutant, is_recorded, is_felt in zip(mutants, recorded, felt, strict=True)
    )
    return [note for note in notes if note]


@pytest.fixture(scope="module")
def judge(planter: Engine, constraints: list[str]) -> Judge:
    return Judge(planter, constraints)


def _any(mutant: Mutant) -> bool:
    return True


def _one_of_each() -> Callable[[Mutant], bool]:
    """The first mutant of each kind."""
    kinds: set[str] = set()

    def is_new(mutant: Mutant) -> bool:
        known = mutant.kind in kinds
        kinds.add(mutant.kind)
        return not known

    return is_new


class TestMutants:
    """A handful, so that what runs them stays true."""

    def test_of_a_table_are_seen(self, judge: Judge) -> None:
        assert judge.of_table("approvals", _one_of_each()) == []

    def test_of_a_role_are_seen(self, judge: Judge) -> None:
        assert judge.of_roles(_one_of_each()) == []

    @pytest.mark.parametrize("table", ["clients", "deliverables"])
    def test_that_change_nothing_are_not_seen(self, table: str, judge: Judge) -> None:
        nothing = Mutant("nothing", table, ("select 1",))
        with judge.engine.connect() as connection:
            keys = [m for m in schema.of_table(connection, table) if m.kind == "key dropped"]
            assert not ask(connection, nothing, lambda c: judge.is_recorded(c, table))
            assert not ask(connection, nothing, partial(_is_felt_somewhere, nothing))
            stage = Stage(connection, table)
            for each in (nothing, *(replace(key, statements=("select 1",)) for key in keys)):
                assert not ask(connection, nothing, partial(_is_felt, stage, each))
            connection.rollback()


@pytest.mark.deep
class TestEveryMutant:
    @pytest.mark.parametrize("table", walls.models())
    def test_of_a_table_is_seen(self, table: str, judge: Judge) -> None:
        assert judge.of_table(table, _any) == []

    def test_of_a_role_is_seen(self, judge: Judge) -> None:
        assert judge.of_roles(_any) == []
