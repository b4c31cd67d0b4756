"""
Which word counts: of everything ever said about a metric of one day, the newest; in words of SQL.

A reading says a value, or why there is none, for some metrics; about the others it says nothing
and what was known of them stays. "Newest" is by (captured_at, source), a total order, so readings
may come in any order, and any number of times, and leave the same current row.

Each expression is about a reading and the current row of its period, side by side in one row: what
is said as `views`, `missing`, `at`, `source`, what was known as `known_views` and so on, null
where nothing was. `held` has the age of each known word that is older than the row's newest.
"""

from api.metrics.figures import METRICS, MONEY

LATER = "coalesce((at, source) > (known_at, known_source), true)"
_TOLD_AGE = "jsonb_build_array(at, source)"
_KNOWN_AGE = "jsonb_build_array(known_at, known_source)"


def _says(metric: str) -> str:
    return f"({metric} is not null or missing ? '{metric}')"


def _knew(metric: str) -> str:
    return f"(known_{metric} is not null or known_missing ? '{metric}')"


def _wins(metric: str) -> str:
    """A reading `later` than the whole row wins all it says; any other, what it is newer for."""
    held_at = f"(known_held #>> '{{{metric},0}}')::timestamptz"
    newer = f"(at, source) > ({held_at}, known_held #>> '{{{metric},1}}')"
    return f"({_says(metric)} and (later or not {_knew(metric)} or {newer}))"


def _value(metric: str) -> str:
    return f"case when {_wins(metric)} then {metric} else known_{metric} end"


def _currency(metric: str) -> str:
    """Of the value that counts; a reason brings none."""
    told = f"case when {metric} is not null then currency end"
    known = f"known_{currency_column(metric)}"
    return f"case when {_wins(metric)} then {told} else {known} end"


def _stays(metric: str) -> str:
    return f"({_knew(metric)} and not {_says(metric)})"


def _held(metric: str) -> str:
    return f"""case
        when not later and {_wins(metric)} then {_TOLD_AGE}
        when not later then known_held -> '{metric}'
        when {_stays(metric)} then coalesce(known_held -> '{metric}', {_KNOWN_AGE})
    end"""


def _object(members: dict[str, str]) -> str:
    pairs = ", ".join(f"'{name}', {value}" for name, value in members.items())
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


def currency_column(metric: str) -> str:
    return metric.removesuffix("_minor") + "_currency"


def merged() -> dict[str, str]:
    """The current row once the reading has been heard too: column → expression."""
    reasons = _object(
        {
            metric: f"case when {_wins(metric)} then missing else known_missing end -> '{metric}'"
            for metric in METRICS
        }
    )
    ages = _object({metric: _held(metric) for metric in METRICS})
    older = " or ".join(_stays(metric) for metric in METRICS)
    empty = "'{}'::jsonb"
    return {
        "captured_at": "case when later then at else known_at end",
        "source": "case when later then source else known_source end",
        "missing": f"case when missing = {empty} and known_missing = {empty} then {empty}"
        f" else {reasons} end",
        "held": f"case when later and not ({older}) then {empty} else {ages} end",
        **{currency_column(metric): _currency(metric) for metric in MONEY},
        **{metric: _value(metric) for metric in METRICS},
    }


def adds_nothing(told: str, known: str) -> str:
    """Whether the source of `told` has already said all of it; `known` is the current row."""

    def by_source(path: str) -> str:
        return f"coalesce({known}.held #>> {path}, {known}.source) = {told}.source"

    values = [
        f"({told}.{metric} is null or {_same(metric, told, known, currency_column(metric))}"
        f" and {by_source(_SOURCE.format(metric=metric))})"
        for metric in METRICS
    ]
    reasons = f"""not exists (
        select from jsonb_each_text({told}.missing) as m(metric, reason)
        where {known}.missing ->> m.metric is distinct from m.reason
        or not {by_source("array[m.metric, '1']")}
    )"""  # noqa: S608
    return " and ".join([*values, reasons])


def is_part_of(told: str, stored: str) -> str:
    """Whether a stored reading says all that `told` says."""
    values = [
        f"({told}.{metric} is null or {_same(metric, told, stored, 'currency')})"
        for metric in METRICS
    ]
    return " and ".join([*values, f"{told}.missing <@ {stored}.missing"])


_SOURCE = "'{{{metric},1}}'"


def _same(metric: str, one: str, other: str, currency: str) -> str:
    same = f"{one}.{metric} = {other}.{metric}"
    return f"{same} and {one}.currency = {other}.{currency}" if metric in MONEY else same
