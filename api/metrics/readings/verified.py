"""
Whether what is kept of the readings is what they say: current rows and months, client by client.

Nothing is repaired unless asked: a row that differs is a fault of ours, and worth a look first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.metrics.figures import METRICS, MONEY
from api.metrics.readings import months, recomputed, subjects
from api.metrics.readings.newest import currency_column
from tenants import auth, database
from tenants.models import Agency, Client

_ROWS = recomputed.rows("agency_id = :agency and client_id = :client")
_COLUMNS = ", ".join(recomputed.COLUMNS)
_KEY = ", ".join(recomputed.KEY)
# The application deletes none of these rows: one that says nothing is as good as none.
_SAYS = f"(missing <> '{{}}' or num_nonnulls({', '.join(METRICS)}) > 0)"
_KEPT = (
    f"select {_COLUMNS} from metric_current"  # noqa: S608
    f" where agency_id = :agency and client_id = :client and {_SAYS}"
)
_DIFFERENT = f"(({_ROWS} except {_KEPT}) union all ({_KEPT} except {_ROWS}))"
_CURRENT = text(f"select count(distinct ({_KEY})) from {_DIFFERENT} different")  # noqa: S608
_SET = ", ".join(
    f"{column} = excluded.{column}" for column in recomputed.COLUMNS if column not in recomputed.KEY
)
_REBUILD = text(
    f"insert into metric_current ({_COLUMNS}) ({_ROWS} except {_KEPT})"
    f" on conflict ({_KEY}) do update set {_SET}"
)
# What no reading ever said: said no more.
_SILENCE = text(
    f"update metric_current set missing = '{{}}', held = '{{}}',"  # noqa: S608
    f" {', '.join(f'{name} = null' for name in (*METRICS, *map(currency_column, MONEY)))}"
    f" where agency_id = :agency and client_id = :client and {_SAYS} and ({_KEY}) not in ("
    f" select {_KEY} from metric_readings where agency_id = :agency and client_id = :client)"
)


@dataclass(frozen=True)
class Checked:
    """One client: how many current rows and months there are that the readings do not make."""

    agency_id: UUID
    client_id: UUID
    current: int
    months: int

    @property
    def holds(self) -> bool:
        return not self.current and not self.months


def verify(*, repair: bool = False) -> Iterator[Checked]:
    """Every client of every agency; with `repair` what differs is made anew from the readings."""
    with database.platform_session() as session:
        agencies = session.exec(select(Agency.id).order_by(col(Agency.id))).all()
    for agency_id in agencies:
        with database.agency_session(auth.system(agency_id)) as session:
            clients = session.exec(select(Client.id).order_by(col(Client.id))).all()
        for client_id in clients:
            with database.agency_session(auth.system(agency_id)) as session:
                yield check(session, client_id, repair=repair)


def check(session: Session, client_id: UUID, *, repair: bool = False) -> Checked:
    """One client's figures; with `repair` what differs is made anew from the readings."""
    agency_id: UUID = session.sight.agency_id  # type: ignore[attr-defined]
    values = {"agency": agency_id, "client": client_id}
    if repair:
        subjects.hold(session, client_id)
    connection = session.connection()
    current = connection.execute(_CURRENT, values).scalar_one()
    if repair and current:
        connection.execute(_REBUILD, values)
        connection.execute(_SILENCE, values)
    return Checked(agency_id, client_id, current, months.check(session, client_id, repair=repair))
