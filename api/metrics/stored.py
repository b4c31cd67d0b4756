"""
Readings as they are stored: what is known of some keys, what was told before, and the one statement
that appends readings and keeps the current rows. Its callers hold the channels locked.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from api.metrics import newest
from api.metrics.figures import METRICS, MONEY
from api.metrics.models import SubjectType
from api.metrics.newest import Known, Reading, Said

Key = tuple[UUID, UUID, str, date]  # client, channel, basis, first day


@dataclass
class Told:
    """One reading, told by one row of the batch or by several that agree."""

    key: Key
    source: str
    captured_at: datetime | None
    said: dict[str, Said]
    rows: list[int]

    @property
    def name(self) -> tuple[Key, str, datetime | None]:
        return self.key, self.source, self.captured_at

    @property
    def order(self) -> tuple[Key, bool, datetime, str]:
        """By key; dated ones first, for an undated one is newer than all of them."""
        undated = self.captured_at is None
        return self.key, undated, self.captured_at or datetime.min.replace(tzinfo=UTC), self.source


_KEYS = """
    from unnest(cast(:clients as uuid[]), cast(:subjects as uuid[]), cast(:bases as text[]),
        cast(:starts as date[]){more}) as k(client_id, subject_id, basis, period_start{names})
    join {table} m on m.agency_id = :agency and m.client_id = k.client_id
        and m.subject_type = :subject_type and m.subject_id = k.subject_id
        and m.basis = k.basis and m.period_start = k.period_start
"""
_KNOWN = text("select m.*" + _KEYS.format(table="metric_current", more="", names=""))
_BEFORE = text(
    "select m.*"
    + _KEYS.format(
        table="metric_readings",
        more=", cast(:sources as text[]), cast(:captured as timestamptz[])",
        names=", source, captured_at",
    )
    + "and m.source = k.source and m.captured_at = k.captured_at"
)


def known(session: Any, keys: Sequence[Key]) -> dict[Key, Known]:
    if not keys:
        return {}
    rows = session.execute(_KNOWN, _keys(session, keys)).mappings()
    return {_key(row): newest.read_known(row) for row in rows}


def before(session: Any, told: Sequence[Told]) -> dict[Any, Reading]:
    """What readings of these very names say, stored by an earlier batch."""
    if not told:
        return {}
    values = _keys(session, [each.key for each in told])
    values["sources"] = [each.source for each in told]
    values["captured"] = [each.captured_at for each in told]
    rows = session.execute(_BEFORE, values).mappings()
    return {
        (_key(row), row["source"], row["captured_at"]): newest.read_said(
            row, dict.fromkeys(MONEY, row["currency"])
        )
        for row in rows
    }


def _keys(session: Any, keys: Sequence[Key]) -> dict[str, Any]:
    clients, subjects, bases, starts = zip(*keys, strict=True)
    return {
        "agency": session.sight.agency_id,
        "subject_type": SubjectType.channel.value,
        "clients": list(clients),
        "subjects": list(subjects),
        "bases": list(bases),
        "starts": list(starts),
    }


def _key(row: Any) -> Key:
    return row["client_id"], row["subject_id"], row["basis"], row["period_start"]


_READING = ("client_id", "subject_id", "basis", "period_start", "source", "captured_at", "missing")
_CURRENT = (*_READING, "held", "spend_currency", "revenue_currency", *METRICS)
_TYPES = {
    "client_id": "uuid",
    "subject_id": "uuid",
    "period_start": "date",
    "captured_at": "timestamptz",
    "missing": "jsonb",
    "held": "jsonb",
    **dict.fromkeys(METRICS, "bigint"),
}


def _insert(table: str, columns: Sequence[str], prefix: str, more: dict[str, str]) -> str:
    """An INSERT of arrays, one a column, and of values that every row shares."""
    shared = {"agency_id": "cast(:agency as uuid)", "subject_type": "cast(:subject_type as text)"}
    shared |= more
    arrays = ", ".join(
        f"cast(:{prefix}_{column} as {_TYPES.get(column, 'text')}[])" for column in columns
    )
    names = ", ".join(columns)
    into = ", ".join((*shared, *columns))
    given = ", ".join(shared.values())
    return (
        f"insert into {table} ({into}) select {given}, {names} from unnest({arrays}) as r({names})"  # noqa: S608
    )


_WRITE = text(
    "with stored as ("
    + _insert(
        "metric_readings",
        (*_READING, "currency", *METRICS),
        "r",
        {"received_at": "cast(:now as timestamptz)", "recorded_by": "cast(:by as uuid)"},
    )
    + ") "
    + _insert("metric_current", _CURRENT, "c", {})
    + " on conflict (agency_id, client_id, subject_type, subject_id, basis, period_start)"
    + " do update set "
    + ", ".join(f"{column} = excluded.{column}" for column in _CURRENT[4:])
)


def write(session: Any, fresh: Sequence[Told], known: dict[Key, Known], now: datetime) -> None:
    """Append the readings and keep the current rows, in one statement."""
    values: dict[str, Any] = {
        "agency": session.sight.agency_id,
        "subject_type": SubjectType.channel.value,
        "now": now,
        "by": session.sight.membership_id,
    }
    values |= _arrays("r", [_reading_row(each) for each in fresh])
    values |= _arrays("c", [_current_row(key, words) for key, words in known.items()])
    session.flush()
    session.execute(_WRITE, values)


def _arrays(prefix: str, rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {f"{prefix}_{column}": [row[column] for row in rows] for column in rows[0]}


def _reading_row(told: Told) -> dict[str, Any]:
    currencies = [said.currency for said in told.said.values() if said.currency]
    missing = {metric: said.reason for metric, said in told.said.items() if said.reason}
    return {
        **_key_columns(told.key),
        "source": told.source,
        "captured_at": told.captured_at,
        "missing": json.dumps(missing) if missing else "{}",
        "currency": currencies[0] if currencies else None,
        **{metric: told.said[metric].value if metric in told.said else None for metric in METRICS},
    }


def _current_row(key: Key, known: Known) -> dict[str, Any]:
    row = newest.write_known(known)
    row |= {name: json.dumps(row[name]) if row[name] else "{}" for name in ("missing", "held")}
    return _key_columns(key) | row


def _key_columns(key: Key) -> dict[str, Any]:
    return dict(zip(_READING[:4], key, strict=True))
