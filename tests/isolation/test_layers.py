"""
Two layers hold the agency's wall, and each holds it alone.

The core of the matrix, in a database whose row security is off, and then with the session's own
criteria off. What only the policies hold (what a client may not see of its own agency's tables)
is not asked of the second layer.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from sqlmodel import select
from starlette.testclient import TestClient

from migrations import run
from tenants import auth, database, jobs, pools, second_layer, tables
from tenants.auth import Actor
from tenants.jobs import Job
from tenants.models import Assignment, Client, Membership
from tests.isolation.conftest import new_world
from tests.isolation.matrix import expected, is_targeted
from tests.isolation.world import UUIDS, World, outward, twin_of
from tests.operations import Operation, guarded

# One table of each kind that the criteria know.
NARROWED = (Membership, Assignment, Job, Client)
by_operation = pytest.mark.parametrize("operation", guarded(), ids=str)


@pytest.fixture(scope="module")
def open_urls(urls: dict[str, str]) -> Iterator[dict[str, str]]:
    """A database of its own: migrated, and its row security switched off."""
    name = f"agency_open_{secrets.token_hex(4)}"
    server = create_engine(urls["owner"], isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    made = {
        who: make_url(url).set(database=name).render_as_string(hide_password=False)
        for who, url in urls.items()
    }
    run.upgrade(made["owner"], "app_login", "platform_login")
    engine = create_engine(made["owner"], poolclass=NullPool)
    with engine.begin() as connection:
        tables = connection.execute(text("select oid::regclass from pg_class where relrowsecurity"))
        for (table,) in tables.all():
            connection.execute(text(f"alter table {table} disable row level security"))
    yield made
    with server.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    server.dispose()


@pytest.fixture(scope="class")
def without_policies(
    http: TestClient, open_urls: dict[str, str], engines: pools.Pools, pooler: str
) -> Iterator[World]:
    """Two agencies where only the second layer stands."""
    there = pools.Pools(open_urls["app"], open_urls["platform"], pool=10, pooler=pooler)
    pools.connect(there)
    engine = create_engine(open_urls["owner"], pool_size=1)
    yield new_world(http, engine)
    pools.connect(engines)
    engine.dispose()
    there.dispose()


@pytest.fixture(scope="class")
def without_criteria(http: TestClient, urls: dict[str, str]) -> Iterator[World]:
    """Two agencies where only the policies stand."""
    engine = create_engine(urls["owner"], pool_size=1)
    second_layer.on = False
    yield new_world(http, engine)
    second_layer.on = True
    engine.dispose()


class TestSecondLayer:
    @by_operation
    def test_holds_alone(self, operation: Operation, without_policies: World) -> None:
        assert _faults(without_policies, operation) == []

    @pytest.mark.parametrize("model", NARROWED)
    def test_narrows_whatever_is_asked(self, model: Any, without_policies: World) -> None:
        """What a domain asks of the ORM names neither agency nor client, and need not."""
        ours, theirs = without_policies.ours, without_policies.theirs
        for agency, client_id in (
            (ours, ours.client_id),
            (ours, ours.other_client_id),
            (theirs, theirs.client_id),
        ):
            with database.agency_session(auth.system(agency.agency_id)) as session:
                jobs.enqueue(session, "tests.nothing", client_id=client_id)

        sight = Actor("system", ours.agency_id, "one", duties={ours.client_id: frozenset()})
        with database.agency_session(sight) as session:
            found = session.exec(select(model)).all()

        assert {row.agency_id for row in found} == {ours.agency_id}
        assert {tables.owner_of(row) for row in found} <= {ours.client_id, None}

    def test_is_all_that_stands_there(
        self, without_policies: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With this layer off too, everybody sees everything: the tests above prove something."""
        monkeypatch.setattr(second_layer, "on", False)
        answer = without_policies.ours.owner.get("/v1/clients?limit=200")
        assert str(without_policies.theirs.client_id) in answer.text


class TestPolicies:
    @pytest.mark.parametrize("operation", [e for e in guarded() if not e.changes], ids=str)
    def test_hold_alone(self, operation: Operation, without_criteria: World) -> None:
        assert _faults(without_criteria, operation) == []


def _faults(world: World, operation: Operation) -> list[str]:
    """What of the other agency, and of clients out of sight, comes through a layer."""
    found: list[str] = []
    seen: dict[str, set[str]] = {}
    for where, name in _cells(operation):
        status = expected(operation, name, where)
        if status == 403 or (status == 200 and operation.changes):
            continue
        call = world.at(where).call(operation)
        answer = call.send(world.ours.people[name])
        seen.setdefault(name, set()).update(UUIDS.findall(answer.text))
        if status == 404:
            twin = twin_of(call, call.ids).send(world.ours.people[name])
            if answer.is_success or outward(answer) != outward(twin):
                found.append(f"{name} at {where}: {answer.status_code} {answer.text[:200]}")
    return [*found, *world.leaks(seen)]


def _cells(operation: Operation) -> list[tuple[str, str]]:
    """Somebody of every sight on the staff, at what is theirs and at what is not."""
    if not is_targeted(operation):
        names = ("owner", "executive", "strategist", "stranger")
        return [] if operation.changes else [("one", name) for name in names]
    strangers = [("other agency", "owner"), ("two", "strategist")]
    if operation.changes:
        return strangers
    return [*strangers, ("other agency", "executive"), ("one", "other_executive"), ("one", "owner")]
