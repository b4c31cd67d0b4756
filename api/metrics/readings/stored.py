"""
Readings as they are stored: one statement looks at what is known of their periods, appends those
that say something new and keeps the current rows. Its callers hold the channels locked.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from api.metrics.figures import METRICS, MONEY
from api.metrics.readings import months, newest

Key = tuple[str, str, str, str, date]  # subject type, ids of client and subject, basis, first day


@dataclass(slots=True)
class Told:
    """One reading, told by one row of the batch or by several that agree."""

    key: Key
    source: str
    captured_at: datetime | None
    currency: str | None
    values: dict[str, int]
    missing: dict[str, str]
    rows: list[int]


_TYPES = {
    "subject_type": "text",
    "client_id": "uuid",
    "subject_id": "uuid",
    "basis": "text",
    "period_start": "date",
    "source": "text",
    "captured_at": "timestamptz",
    "currency": "text",
    "missing": "jsonb",
    **dict.fromkeys(METRICS, "bigint"),
}
_KEY = ("subject_type", "client_id", "subject_id", "basis", "period_start")
_KNOWN = ("source", "held", *(newest.currency_column(metric) for metric in MONEY), *METRICS)


def _listed(pieces: Iterable[str]) -> str:
    return ", ".join(pieces)


def _of_period(table: str) -> str:
    """The row of the period that `r` is of; its limit has it looked up, never joined by a scan."""
    columns = {"agency_id": ":agency"} | {column: f"r.{column}" for column in _KEY}
    same = " and ".join(f"m.{column} = {value}" for column, value in columns.items())
    return f"select * from {table} m where {same}"  # noqa: S608


def _insert(table: str, columns: dict[str, str]) -> str:
    """An INSERT of the readings that are to be stored: column → expression."""
    columns = {"agency_id": ":agency"} | {column: column for column in _KEY} | columns
    return (
        f"insert into {table} ({_listed(columns)})"  # noqa: S608
        f" select {_listed(columns.values())} from told where state is null"
    )


_MERGED = newest.merged()
_TELL = text(
    f"""
    with sent as materialized (
        select n, {_listed(c for c in _TYPES if c != "missing")},
            coalesce(missing, '{{}}') as missing
        from unnest({_listed(f"cast(:{column} as {kind}[])" for column, kind in _TYPES.items())})
            with ordinality as r({_listed(_TYPES)}, n)
    ), beside as materialized (
        select r.*, c.captured_at as known_at, coalesce(c.missing, '{{}}') as known_missing,
            {_listed(f"c.{column} as known_{column}" for column in _KNOWN)},
            coalesce(r.captured_at, greatest(:now, c.captured_at + interval '1 us')) as at,
            case
                when b.source is not null and ({newest.is_part_of("r", "b")}) then 'unchanged'
                when b.source is not null then 'differs'
                when r.captured_at is null and ({newest.adds_nothing("r", "c")}) then 'unchanged'
            end as state
        from sent r
        left join lateral ({_of_period("metric_current")} limit 1) c on true
        left join lateral (
            {_of_period("metric_readings")} and m.source = r.source
            and m.captured_at = r.captured_at limit 1
        ) b on true
    ), told as materialized (
        select *, {newest.LATER} as later from beside
    ), stored as (
        {
        _insert(
            "metric_readings",
            {"captured_at": "at", "received_at": ":now", "recorded_by": ":by"}
            | {column: column for column in ("source", "currency", "missing", *METRICS)},
        )
    }
    ), kept as (
        {_insert("metric_current", _MERGED)}
        on conflict (agency_id, {_listed(_KEY)})
        do update set {_listed(f"{column} = excluded.{column}" for column in _MERGED)}
    )
    select n, state from told where state is not null
    """  # noqa: S608
)


def tell(session: Any, told: Sequence[Told], now: datetime) -> dict[int, str]:
    """
    Store readings, at most one of a period, and merge them into what is known. Those that were not
    stored, by their place: `unchanged`, said before, or `differs` from what was.
    """
    values = {
        "agency": session.sight.agency_id,
        "now": now,
        "by": session.sight.membership_id,
    }
    session.flush()
    found = session.execute(_TELL, values | _columns(told))
    states = {place - 1: state for place, state in found}
    days = (each.key for place, each in enumerate(told) if place not in states)
    months.keep(session, (_month(key) for key in days if key[3] == "day"))
    return states


def _month(key: Key) -> months.Month:
    type, client_id, subject_id, _, day = key
    return type, client_id, subject_id, day.replace(day=1)


def _columns(told: Sequence[Told]) -> dict[str, str]:
    """
    The readings by column, as literals of arrays: text is made and read in a fraction of the time
    that lists of parameters take. What nobody tells is an empty array, and null in each row.
    """
    types, clients, subjects, bases, starts = zip(*(each.key for each in told), strict=True)
    texts: dict[str, Iterable[Any]] = {
        "subject_type": types,
        "client_id": clients,
        "subject_id": subjects,
        "basis": bases,
        "period_start": starts,
        "source": (each.source for each in told),
        "captured_at": (each.captured_at for each in told),
        "currency": (each.currency for each in told),
        "missing": (json.dumps(each.missing) if each.missing else None for each in told),
    }
    made = {name: _array(_texts(column)) for name, column in texts.items()}
    for metric in METRICS:
        values = [each.values.get(metric) for each in told]
        made[metric] = _array(["null" if value is None else str(value) for value in values])
    return made


def _array(members: list[str]) -> str:
    """A PostgreSQL array's literal (section 8.15.2 of its manual)."""
    return "{" + ",".join(members) + "}" if set(members) != {"null"} else "{}"


def _texts(column: Iterable[Any]) -> list[str]:
    """The members of a column that says the same many times over: each is written once."""
    column = list(column)
    written = {value: _text(value) for value in set(column)}
    return [written[value] for value in column]


def _text(value: Any) -> str:
    if value is None:
        return "null"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
