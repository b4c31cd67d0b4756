"""
Many deliverables at one glance: the board, by where or with whom they are, and the calendar, by the
day they are due. One statement each; cards are JSON that the database builds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Text, Uuid, cast, literal_column
from sqlmodel import Session, col

from api.campaigns import deliverables
from api.campaigns.deliverable_models import Deliverable, DeliverableStatus
from api.campaigns.deliverable_shapes import DeliverableQuery
from api.campaigns.deliverables import MOVES
from api.campaigns.dependencies import MEMBERS
from api.campaigns.view_shapes import BoardQuery, CalendarQuery, DeliverableCard
from tenants import clock, reads
from tenants.errors import Unprocessable
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight

MOST_CARDS = 1_000
LONGEST = timedelta(days=100)
RECENT = timedelta(days=30)  # delivered work that a board still shows
COLUMNS = tuple(str(state) for state in MOVES if state is not DeliverableStatus.cancelled)


class CalendarTooLong(Unprocessable):
    """A calendar shows from one day to a later one, 100 days at most."""


@dataclass(frozen=True)
class Cards:
    """
    Asks for cards in groups. `keys`: groups that are shown also when they are empty, in order.
    `more` are members that stand beside the groups.
    """

    query: Any
    group: Any
    name: str
    more: dict[str, Any]
    keys: Sequence[str] = ()

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        owner = literal_column(reads.owner_of(Deliverable), Uuid)
        shown = (
            reads.as_json(Deliverable, DeliverableCard, **MEMBERS),
            owner,
            cast(self.group, Text),
        )
        query = self.query.where(col(Deliverable.agency_id) == agency_id)
        query = query.order_by(self.group, col(Deliverable.due_on), col(Deliverable.id))
        limited = query.limit(MOST_CARDS + 1)
        return [reads.compiled(limited.with_only_columns(*shown, maintain_column_froms=True))]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        rows = [row for row in found[0][:MOST_CARDS] if reads.in_sight(sight, row[1])]
        groups = {
            key: [row[0] for row in cards] for key, cards in groupby(rows, lambda row: row[2])
        }
        more = {**self.more, "complete": len(found[0]) <= MOST_CARDS}
        parts = [*self._groups(groups)]
        begin = to_json(more).decode().removesuffix("}")
        return Answer(f'{begin},"{self.name}":[{",".join(parts)}]}}'.encode())

    def _groups(self, found: dict[str | None, list[str]]) -> Iterable[str]:
        for key in dict.fromkeys((*self.keys, *found)):
            cards = found.get(key, [])
            head = to_json({"key": key, "count": len(cards)}).decode().removesuffix("}")
            yield f'{head},"cards":[{",".join(cards)}]}}'


def board(session: Session, asked: BoardQuery) -> Cards:
    """The work there is, in columns; of what was delivered, the last thirty days'."""
    query = deliverables.matching(session, _filters(asked)).where(
        (col(Deliverable.delivered_on).is_(None))
        | (col(Deliverable.delivered_on) > clock.now().date() - RECENT)
    )
    by_status = asked.group_by == "status"
    group = getattr(Deliverable, "assignee_id" if asked.group_by == "assignee" else asked.group_by)
    keys = COLUMNS if by_status else ()
    return Cards(query, col(group), "columns", {"group_by": asked.group_by}, keys)


def calendar(session: Session, asked: CalendarQuery) -> Cards:
    """What is due from a day to a day, day by day."""
    if not timedelta(0) <= asked.end - asked.start <= LONGEST:
        raise CalendarTooLong(pointer="?to")
    query = deliverables.matching(session, _filters(asked)).where(
        col(Deliverable.due_on) >= asked.start, col(Deliverable.due_on) <= asked.end
    )
    more = {"from": asked.start, "to": asked.end}
    return Cards(query, col(Deliverable.due_on), "days", more)


def _filters(asked: BoardQuery | CalendarQuery) -> DeliverableQuery:
    names = ("client_id", "campaign_id", "assignee")
    return DeliverableQuery(**{name: getattr(asked, name) for name in names})
