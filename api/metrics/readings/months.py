"""
What the days of a subject's month add up to: kept by the batch that writes the days, so that a
year is twelve rows. Weeks and months that a source reports as such are no part of it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from api.metrics.figures import FLOWS, MONEY, UNIQUES
from api.metrics.readings import newest

DAILY = (*FLOWS, *UNIQUES)
Month = tuple[str, str, str, date]  # subject type, ids of client and subject, first day
Cells = dict[str, Any]


def by_hand(metric: str) -> str:
    """Whether a metric's newest word came by hand; `held` names the source of an older one."""
    return f"coalesce(held #>> '{{{metric},1}}', source) = 'manual'"


def pairs(made: dict[str, str]) -> str:
    return "jsonb_build_object(" + ", ".join(f"'{name}', {sql}" for name, sql in made.items()) + ")"


# Of each metric: the sum, on how many days, on how many of them by hand, and a reason if any.
SUMS = pairs(
    {
        name: f"jsonb_build_array(sum({name}), count({name}),"
        f" count({name}) filter (where {by_hand(name)}), min(missing ->> '{name}'))"
        for name in DAILY
    }
    | {
        f"{name}_currency": f"jsonb_build_array(min({newest.currency_column(name)}),"
        f" max({newest.currency_column(name)}))"
        for name in MONEY
    }
)
_KEY = "agency_id, client_id, subject_type, subject_id, month"
_DAYS = """
    select {sums} from metric_current m
    where m.agency_id = :agency and m.client_id = t.client_id and m.subject_type = t.subject_type
        and m.subject_id = t.subject_id and m.basis = 'day' and m.period_start >= t.month
        and m.period_start < t.month + interval '1 month'
"""
_KEEP = """
    insert into metric_months ({key}, cells)
    select :agency, t.client_id, t.subject_type, t.subject_id, t.month, ({days})
    from ({wanted}) t
    on conflict ({key}) do update set cells = excluded.cells
"""
_TOLD = """
    select * from unnest(cast(:types as text[]), cast(:clients as uuid[]),
        cast(:subjects as uuid[]), cast(:months as date[]))
        as t(subject_type, client_id, subject_id, month)
"""
_WRITE = text(_KEEP.format(key=_KEY, days=_DAYS.format(sums=SUMS), wanted=_TOLD))
# Months that are not what their days add up to; those that nobody kept, and those without a day.
# The application deletes none: one that adds up nothing is as good as none.
_DIFFERENT = f"""
    select coalesce(d.client_id, k.client_id) as client_id,
        coalesce(d.subject_type, k.subject_type) as subject_type,
        coalesce(d.subject_id, k.subject_id) as subject_id, coalesce(d.month, k.month) as month
    from (
        select client_id, subject_type, subject_id,
            date_trunc('month', period_start)::date as month, {SUMS} as cells
        from metric_current
        where agency_id = :agency and client_id = :client and basis = 'day'
        group by client_id, subject_type, subject_id, date_trunc('month', period_start)
    ) d
    full join (
        select * from metric_months where agency_id = :agency and client_id = :client
    ) k on (k.client_id, k.subject_type, k.subject_id, k.month)
        = (d.client_id, d.subject_type, d.subject_id, d.month)
    where d.cells is distinct from k.cells
        and coalesce(d.cells, k.cells) <> (select {SUMS} from metric_current where false)
"""  # noqa: S608
_COUNT = text(f"select count(*) from ({_DIFFERENT}) different")  # noqa: S608
_REPAIR = text(_KEEP.format(key=_KEY, days=_DAYS.format(sums=SUMS), wanted=_DIFFERENT))


def keep(session: Session, months: Iterable[Month]) -> None:
    """Add up anew the months that a batch wrote days of. The caller holds their subjects."""
    if wanted := sorted(set(months)):
        types, clients, subjects, firsts = zip(*wanted, strict=True)
        values = {"types": types, "clients": clients, "subjects": subjects, "months": firsts}
        session.connection().execute(
            _WRITE,
            {"agency": session.sight.agency_id}  # type: ignore[attr-defined]
            | {name: list(column) for name, column in values.items()},
        )


def check(session: Session, client_id: UUID, *, repair: bool = False) -> int:
    """How many of a client's months are not what their days add up to."""
    values = {"agency": session.sight.agency_id, "client": client_id}  # type: ignore[attr-defined]
    different = session.connection().execute(_COUNT, values).scalar_one()
    if repair and different:
        session.connection().execute(_REPAIR, values)
    return int(different)


def added(parts: Iterable[Cells]) -> Cells:
    """What several months and days add up to, in the form of one."""
    whole: Cells = {}
    for cells in parts:
        for name, said in cells.items():
            if name not in whole:
                whole[name] = said
            elif name.endswith("_currency"):
                whole[name] = _span(whole[name], said)
            else:
                whole[name] = _sum(whole[name], said)
    return whole


def _sum(one: list[Any], other: list[Any]) -> list[Any]:
    total, days, hand, reason = one
    more, others, hands, another = other
    known = total if more is None else more if total is None else total + more
    told = min(filter(None, (reason, another)), default=None)
    return [known, days + others, hand + hands, told]


def _span(one: list[Any], other: list[Any]) -> list[Any]:
    known = [each for each in (*one, *other) if each is not None]
    return [min(known), max(known)] if known else [None, None]
