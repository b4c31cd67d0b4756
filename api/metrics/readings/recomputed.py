"""
What the newest words are, worked out anew from every reading ever stored; in words of SQL.

The statement that stores a reading keeps the current rows as it goes (`newest.py`). Here the same
rows follow from the readings alone: as they were known at an instant (`?as_of=`), and to prove that
what was kept is what was said (`agency metrics verify`).
"""

from api.metrics.figures import METRICS, MONEY
from api.metrics.readings import newest

KEY = ("agency_id", "client_id", "subject_type", "subject_id", "basis", "period_start")
COLUMNS = (*KEY, *newest.merged())


def _last(what: str, metric: str | None = None) -> str:
    """Of the readings that say the metric, what the newest has."""
    says = f" filter (where {metric} is not null or missing ? '{metric}')" if metric else ""
    return f"(array_agg({what} order by captured_at desc, source desc){says})[1]"


def _words(metric: str) -> dict[str, str]:
    said = {
        metric: _last(metric, metric),
        f"{metric}_reason": _last(f"missing -> '{metric}'", metric),
        f"{metric}_age": _last("jsonb_build_array(captured_at, source)", metric),
    }
    if metric in MONEY:
        told = f"case when {metric} is not null then currency end"
        said[newest.currency_column(metric)] = _last(told, metric)
    return said


def _object(members: dict[str, str]) -> str:
    """An object of the members that are not null. One call takes a hundred arguments at most."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in members.items())
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


def rows(where: str) -> str:
    """A query for the current rows that the readings `where` it holds make."""
    words = {name: sql for metric in METRICS for name, sql in _words(metric).items()}
    found = ", ".join(f"{sql} as {name}" for name, sql in words.items())
    made = {
        "captured_at": "captured_at",
        "source": "source",
        "missing": _object({metric: f"{metric}_reason" for metric in METRICS}),
        "held": _object(
            {
                metric: f"case when {metric}_age <> jsonb_build_array(captured_at, source)"
                f" then {metric}_age end"
                for metric in METRICS
            }
        ),
    }
    columns = ", ".join(f"{made.get(column, column)} as {column}" for column in COLUMNS)
    key = ", ".join(KEY)
    top = f"{_last('captured_at')} as captured_at, {_last('source')} as source"
    return f"""
        select {columns} from (
            select {key}, {top}, {found} from metric_readings where {where} group by {key}
        ) said
    """  # noqa: S608
