"""
Statements that travel together: one round trip to the database for as many as need no answer first.

What SQLAlchemy does not do, psycopg's pipeline does, on the connection that SQLAlchemy holds.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from tenants import rows


@contextmanager
def driver(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's own connection, for a pipeline; a lost one is told as SQLAlchemy tells it."""
    raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        yield raw
    except psycopg.OperationalError as failure:
        if raw.closed:
            connection.invalidate(failure)
            connection.engine.dispose()  # the others are lost with it
        raise OperationalError("pipeline", None, failure) from failure
    except psycopg.DatabaseError as failure:
        raise DBAPIError.instance("pipeline", None, failure, psycopg.Error) from failure


@dataclass(frozen=True)
class Statement:
    """SQL as the driver takes it, with its parameters by name."""

    sql: str
    parameters: dict[str, Any]


def ask_together(connection: Connection, statements: Sequence[Statement]) -> list[list[Any]]:
    """The rows of some statements that travel together, with the BEGIN if they are the first."""
    with driver(connection) as raw:
        # One that goes alone is cheaper without a pipeline.
        alone = len(statements) == 1 and raw.info.transaction_status is TransactionStatus.INTRANS
        with nullcontext() if alone else raw.pipeline():
            asked = [raw.execute(each.sql, each.parameters) for each in statements]
        return [each.fetchall() if each.description else [] for each in asked]


def write_together(
    connection: Connection,
    written: Sequence[rows.Written],
    last: Sequence[Statement] = (),
    *,
    commit: bool = False,
) -> None:
    """
    Write rows, and what is said after them, in one round trip. With `commit` that is the end, but
    for a change that may have come too late: whoever opened the transaction ends that.
    """
    with driver(connection) as raw:
        with raw.pipeline():
            told = [raw.execute(each.sql, each.parameters) for each in written]
            for said in last:
                raw.execute(said.sql, said.parameters)
            if commit and not any(each.based_on for each in written):
                raw.commit()
        for row, cursor in zip(written, told, strict=True):
            if row.based_on and cursor.rowcount != 1:
                raise StaleDataError
