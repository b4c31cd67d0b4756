"""What time goes into: a deliverable, a line, a campaign, or nothing so narrow."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.campaigns.deliverable_models import Deliverable
from api.campaigns.lot_models import ScopeLot
from api.campaigns.models import Campaign, Scope, ScopeLine
from tenants import database
from tenants.errors import Conflict, Unprocessable

# The narrowest first: of each follows what stands after it.
NAMES = ("deliverable_id", "scope_line_id", "campaign_id")


class WorkContradicts(Unprocessable):
    """The deliverable, the line, the campaign and the client do not belong together."""


class LineInDraft(Conflict):
    """A line that nobody was shown yet may go again: time before that is its campaign's."""


def named(stored: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, UUID | None]:
    """What a change leaves named: under something narrow that it names, nothing wider stays."""
    found: dict[str, UUID | None] = {}
    anew = False
    for name in NAMES:
        if name in changes:
            found[name] = changes[name]
            anew = anew or changes[name] is not None
        else:
            found[name] = None if anew else stored[name]
    return found


def of(
    session: Session,
    client_id: UUID,
    *,
    deliverable_id: UUID | None,
    scope_line_id: UUID | None,
    campaign_id: UUID | None,
) -> dict[str, UUID | None]:
    """All three, with what follows from the narrowest; a line is the first of its versions."""
    line_id, in_campaign = scope_line_id, campaign_id
    if deliverable_id:
        deliverable = database.get(session, Deliverable, deliverable_id)
        _check(deliverable.client_id, client_id, "deliverable_id")
        line_id = _line_of(session, deliverable)
    if line_id:
        line = database.get(session, ScopeLine, line_id)
        _check(line.client_id, client_id, "scope_line_id")
        if scope_line_id:
            given = database.get(session, ScopeLine, scope_line_id)
            _check(given.origin_id, line.origin_id, "scope_line_id")
        line_id, in_campaign = _first(session, line), _campaign_of(session, line)
        _check(campaign_id or in_campaign, in_campaign, "campaign_id")
    elif campaign_id:
        _check(database.get(session, Campaign, campaign_id).client_id, client_id, "campaign_id")
    return {
        "deliverable_id": deliverable_id,
        "scope_line_id": line_id,
        "campaign_id": in_campaign,
    }


def _check(found: UUID | None, wanted: UUID | None, name: str) -> None:
    if found != wanted:
        raise WorkContradicts(pointer=f"/{name}")


def _line_of(session: Session, deliverable: Deliverable) -> UUID:
    query = select(ScopeLot.line_id).where(col(ScopeLot.id) == deliverable.lot_id)
    return session.exec(query).one()


def _first(session: Session, line: ScopeLine) -> UUID:
    """The line's first version, which stands for all of them and is never deleted."""
    query = select(ScopeLine.shared).where(col(ScopeLine.id) == line.origin_id)
    if not session.exec(query).one():
        raise LineInDraft(pointer="/scope_line_id")
    return line.origin_id


def _campaign_of(session: Session, line: ScopeLine) -> UUID | None:
    query = select(Scope.campaign_id).where(col(Scope.id) == line.scope_id)
    return session.exec(query).one()
