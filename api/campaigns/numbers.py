"""An agency's own numbers: each one once, in order, never given again."""

from typing import Any, cast

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from api.campaigns.models import NumberCounter, NumberSeries
from tenants import database


def following(session: Session, series: NumberSeries) -> int:
    """The agency's next number: whoever takes one holds the counter until the commit."""
    table: Any = NumberCounter.__table__  # type: ignore[attr-defined]
    agency_id = cast(database.Session, session).sight.agency_id
    first = insert(table).values(agency_id=agency_id, series=series, last=1)
    following = first.on_conflict_do_update(
        index_elements=[table.c.agency_id, table.c.series], set_={"last": table.c.last + 1}
    )
    return int(session.connection().execute(following.returning(table.c.last)).scalar_one())
