"""
Nothing of one request stays on a connection for the next: few connections, many threads, and every
way a transaction can end. Behind a pooler in transaction mode the connections of the application
share those to the server, and whoever comes next may be another process.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy.exc
from sqlalchemy import text
from sqlmodel import select

from tenants import auth, database, pools
from tenants.models import Client
from tests.engines.pooler import SERVERS
from tests.factories import Staffed

THREADS, TURNS = 64, 12
SETTINGS = ("app.agency_id", "app.client_ids", "app.membership_id", "app.influencer_id")


class Planted(Exception):
    """A verb that fails."""


@pytest.fixture
def few_connections(
    urls: dict[str, str], engines: pools.Pools, pooler: str
) -> Iterator[pools.Pools]:
    """The application with a pool of two; before a pooler, with three times the pooler's."""
    pool = 2 if pooler == "session" else 3 * SERVERS
    small = pools.Pools(urls["app"], urls["platform"], pool=pool, pooler=pooler)
    pools.connect(small)
    yield small
    pools.connect(engines)
    small.dispose()


def _fine(session: database.Session) -> None:
    pass


def _fails(session: database.Session) -> None:
    raise Planted


def _is_refused_by_the_database(session: database.Session) -> None:
    session.execute(text("select 1 / 0"))


def _takes_too_long(session: database.Session) -> None:
    session.execute(text("set local statement_timeout = 1"))
    session.execute(text("select pg_sleep(1)"))


def _goes_back_to_a_savepoint(session: database.Session) -> None:
    with session.begin_nested() as nested:
        session.execute(text("select set_config('app.agency_id', '', true)"))
        nested.rollback()
    assert _ids(session)


def _acts_for_the_agency(session: database.Session) -> None:
    with database.acting_for_agency(session, _ids(session).pop()):
        pass
    raise Planted


def _loses_its_connection(session: database.Session) -> None:
    session.connection().invalidate()


ENDS = (
    _fine,
    _fine,
    _fails,
    _is_refused_by_the_database,
    _takes_too_long,
    _goes_back_to_a_savepoint,
    _acts_for_the_agency,
    _loses_its_connection,
)


def _ids(session: database.Session) -> set[Any]:
    return set(session.exec(select(Client.id)))


def _turn(agency: Staffed, end: Any) -> set[Any] | None:
    """One transaction of somebody, ended somehow; what it saw first, or None: no turn was had."""
    seen: set[Any] = set()
    try:
        with database.agency_session(auth.system(agency.agency_id)) as session:
            seen = _ids(session)
            end(session)
    except sqlalchemy.exc.TimeoutError:
        return None  # the others held every connection, as this many may
    except (Planted, sqlalchemy.exc.SQLAlchemyError):
        pass
    return seen


class TestPool:
    def test_keeps_nothing_of_the_last_request(
        self,
        few_connections: pools.Pools,
        agency: Staffed,
        other_agency: Staffed,
        pooler: str,
    ) -> None:
        expected = {
            each.agency_id: {each.client_id, each.other_client_id}
            for each in (agency, other_agency)
        }

        turns: list[bool] = []

        def work(seed: int) -> list[str]:
            chance, faults = random.Random(seed), []
            for _ in range(TURNS):
                mine = chance.choice((agency, other_agency))
                seen = _turn(mine, chance.choice(ENDS))
                turns.append(seen is not None)
                if seen not in (None, expected[mine.agency_id]):
                    faults.append(f"{mine.agency_id} saw {seen}")
            return faults

        with ThreadPoolExecutor(THREADS) as pool:
            faults = [fault for found in pool.map(work, range(THREADS)) for fault in found]

        assert faults == []
        assert sum(turns) > THREADS * TURNS / 2
        _check_bare(few_connections, 2 if pooler == "session" else SERVERS)

    def test_lets_a_bare_log_in_see_nothing(self, engines: pools.Pools) -> None:
        for table in ("clients", "events", "users", "agencies"):
            with (
                engines.app.connect() as connection,
                pytest.raises(sqlalchemy.exc.ProgrammingError),
            ):
                connection.execute(text(f"select * from {table}"))

    def test_shows_no_rows_to_a_role_without_settings(self, engines: pools.Pools) -> None:
        """Neither rows nor a cast error: the settings are absent, or empty after a transaction."""
        with engines.app.connect() as connection:
            for role in ("app_staff", "app_scoped", "app_contact"):
                connection.execute(text(f"set local role {role}"))
                assert connection.execute(text("select count(*) from clients")).scalar() == 0
                connection.rollback()

    def test_speaks_as_a_role_that_row_security_holds(self, engines: pools.Pools) -> None:
        """The suite's own connections are the application's: neither owner nor superuser."""
        query = "select current_user, rolsuper or rolbypassrls from pg_roles where rolname = user"
        for engine, login in ((engines.app, "app_login"), (engines.platform, "platform_login")):
            with engine.connect() as connection:
                assert tuple(connection.execute(text(query)).one()) == (login, False)

    def test_refuses_a_session_nobody_entered(self, engines: pools.Pools) -> None:
        with database.Session(engines.app) as session, pytest.raises(database.NoEntry):
            session.exec(select(Client)).all()


def _check_bare(engines: pools.Pools, count: int) -> None:
    """Every connection to the server, held at once: no role, no setting."""
    held = [engines.app.connect() for _ in range(count)]
    backend = text("select pg_backend_pid()")
    assert len({connection.scalar(backend) for connection in held}) == count
    for connection in held:
        role, login = connection.execute(text("select current_user, session_user")).one()
        assert role == login
        for name in SETTINGS:
            value = connection.execute(text("select current_setting(:name, true)"), {"name": name})
            assert not value.scalar()
        connection.close()
