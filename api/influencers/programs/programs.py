"""What can be done to programs: planned, opened, paused, closed."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.models import Campaign
from api.influencers.programs.models import Program, ProgramStatus
from api.influencers.programs.shapes import ProgramQuery
from tenants import database, outbox
from tenants.errors import MoveNotAllowed, NotFound, Unprocessable
from tenants.models import Client
from tenants.pages import Listing

MOVES: dict[ProgramStatus, frozenset[ProgramStatus]] = {
    ProgramStatus.draft: frozenset({ProgramStatus.active, ProgramStatus.closed}),
    ProgramStatus.active: frozenset({ProgramStatus.paused, ProgramStatus.closed}),
    ProgramStatus.paused: frozenset({ProgramStatus.active, ProgramStatus.closed}),
    ProgramStatus.closed: frozenset(),
}
_TOLD = {
    ProgramStatus.active: "program.activated",
    ProgramStatus.paused: "program.paused",
    ProgramStatus.closed: "program.closed",
}


class ProgramEndsFirst(Unprocessable):
    """A program cannot end before it starts."""


def search(session: Session, page: ProgramQuery) -> Listing:
    """The programs in sight, newest first; closed ones only when asked for by name."""
    query = select(Program)
    if page.status:
        query = query.where(col(Program.status) == page.status)
    else:
        query = query.where(col(Program.status) != ProgramStatus.closed)
    for name in ("client_id", "campaign_id", "kind"):
        if value := getattr(page, name):
            query = query.where(getattr(Program, name) == value)
    return Listing(query, Program, page)


def create(session: Session, client_id: UUID, **values: Any) -> Program:
    """Plan whom a client wants to work with."""
    client = database.get(session, Client, client_id)
    program = Program(client_id=client.id, **_worded(values))
    _check(session, program)
    database.add(session, program)
    outbox.emit(session, "program.created", program)
    return program


def update(session: Session, program_id: UUID, **changes: Any) -> Program:
    """Change a program that is not closed."""
    program = database.get(session, Program, program_id, lock=True)
    if program.status is ProgramStatus.closed:
        raise MoveNotAllowed(program.status)
    after = Program(**program.model_dump() | _worded(changes))
    _check(session, after)
    program.sqlmodel_update(_worded(changes))
    outbox.emit(session, "program.updated", program)
    return program


def move(session: Session, program_id: UUID, status: ProgramStatus) -> Program:
    """Open a program for invitations, pause it, or close it for good."""
    program = database.get(session, Program, program_id, lock=True)
    if status not in MOVES[program.status]:
        raise MoveNotAllowed(program.status, sorted(str(each) for each in MOVES[program.status]))
    program.status = status
    outbox.emit(session, _TOLD[status], program)
    return program


def _worded(values: dict[str, Any]) -> dict[str, Any]:
    """Words that are not there are none in any language."""
    return {
        name: {} if name in ("brief", "perks") and value is None else value
        for name, value in values.items()
    }


def _check(session: Session, program: Program) -> None:
    if program.starts_on and program.ends_on and program.ends_on < program.starts_on:
        raise ProgramEndsFirst(pointer="/ends_on")
    if program.campaign_id is None:
        return
    campaign = database.get(session, Campaign, program.campaign_id)
    if campaign.client_id != program.client_id:
        raise NotFound
