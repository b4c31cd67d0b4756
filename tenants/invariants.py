"""
What must hold between rows, whatever was done to them: each rule is a query that finds what breaks
it. All are asked for each agency every night, by `agency verify`, and at the end of the tests that
write from many sides at once.

    hold("budget_lines.balances", "A line's balances are the sums of its entries.", '''
        select l.id from budget_lines l … where l.agency_id = :agency and …''')

A rule never repairs anything: what it finds is a fault of ours, and somebody has to look at it.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from tenants import auth, database
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.models import Agency
from tenants.worker import Beat

log = logging.getLogger("agency.invariants")

KIND = "invariants.check"
NAMED = 20  # ids of one rule that are told at most


@dataclass(frozen=True)
class Invariant:
    """A rule, in a sentence, and the query for the ids of the rows that break it."""

    name: str
    says: str
    broken: str


@dataclass(frozen=True)
class Broken:
    """A rule that does not hold, and rows that show it: the first twenty."""

    invariant: Invariant
    ids: list[UUID]


class InvariantBroken(Exception):
    """Rows contradict each other; the log names the rules and the rows."""


known: dict[str, Invariant] = {}


def hold(name: str, says: str, broken: str) -> None:
    """Register a rule. `broken` selects ids, and names `:agency`."""
    known[name] = Invariant(name, says, broken)


def check(session: Session) -> list[Broken]:
    """The rules that do not hold for the agency."""
    agency = {"agency": session.sight.agency_id}  # type: ignore[attr-defined]
    found = []
    for rule in known.values():
        rows = session.connection().execute(text(f"{rule.broken} limit {NAMED}"), agency)
        if ids := [row[0] for row in rows]:
            found.append(Broken(rule, ids))
    return found


def check_agency(agency_id: UUID) -> list[Broken]:
    """The same, in a transaction of its own; what is found is logged."""
    with database.agency_session(auth.system(agency_id)) as session:
        found = check(session)
    for each in found:
        named = ", ".join(map(str, each.ids))
        log.error("agency %s breaks %s: %s", agency_id, each.invariant.name, named)
    return found


def check_all() -> Iterator[tuple[UUID, Broken]]:
    """What does not hold, agency after agency."""
    with database.platform_session() as session:
        agencies = session.exec(select(Agency.id).order_by(col(Agency.id))).all()
    for agency_id in agencies:
        for each in check_agency(agency_id):
            yield agency_id, each


@daily(KIND)
def check_tonight(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """A rule that does not hold is a job that fails: it is found where all given-up work is."""
    if check_agency(task.agency_id):
        raise InvariantBroken
    return {"rules": len(known)}
