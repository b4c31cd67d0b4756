"""
What became different from one version of a report to a later one: numbers, and words.

Both snapshots are walked whole. Rows are told apart by what names them (an id, a day, a label), not
by their place, so that a channel which moved up is no change. A number that one version lacks is
null there, and there is no difference then: nothing is never 0.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import words

Key = tuple[str, ...]  # the names on the way to a value

# Not the report's figures: whose it is, which version it is, what was written.
_ABOUT = frozenset({"report", "agency", "client", "author", "narrative", "layout"})
_NAMES = ("id", "date", "day", "month", "line", "kpi", "name", "label", "text")


@dataclass(frozen=True)
class Number:
    """A number of a snapshot: its place as a JSON pointer, and what it is called."""

    pointer: str
    value: int
    label: dict[str, str]


@dataclass(frozen=True)
class Changed:
    """A number that is not what it was; null where a version lacks it."""

    key: Key
    pointer: str
    label: dict[str, str]
    before: int | None
    after: int | None

    @property
    def difference(self) -> int | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True)
class Reworded:
    """Words that are not what they were, by language."""

    pointer: str
    locale: str
    before: str | None
    after: str | None


def numbers(old: ReportSnapshot, new: ReportSnapshot) -> list[Changed]:
    """Every number that differs, in the order of the newer version."""
    before, after = _numbers_of(old), _numbers_of(new)
    return [
        Changed(key, here.pointer, here.label, _value(before, key), _value(after, key))
        for key, here in {**before, **after}.items()
        if _value(before, key) != _value(after, key)
    ]


def reworded(old: ReportSnapshot, new: ReportSnapshot) -> list[Reworded]:
    """Every text of the narratives that differs."""
    before, after = _texts_of(old), _texts_of(new)
    return [
        Reworded(pointer, pointer.split("/")[2], before.get(pointer), after.get(pointer))
        for pointer in {**before, **after}
        if before.get(pointer) != after.get(pointer)
    ]


def _value(found: dict[Key, Number], key: Key) -> int | None:
    return found[key].value if key in found else None


def _numbers_of(snapshot: ReportSnapshot) -> dict[Key, Number]:
    content = snapshot.model_dump(mode="json", exclude=set(_ABOUT))
    return {
        key: Number(pointer, value, _label(names))
        for key, pointer, names, value in _walk(content, (), "", ())
        if isinstance(value, int) and not isinstance(value, bool)
    }


def _texts_of(snapshot: ReportSnapshot) -> dict[str, str]:
    content = snapshot.model_dump(mode="json", include={"narrative"})
    return {
        pointer: value
        for _, pointer, _, value in _walk(content, (), "", ())
        if isinstance(value, str)
    }


Names = tuple[Any, ...]  # what each step is called: a member's name, or a text of its own


def _walk(
    value: Any, key: Key, pointer: str, names: Names
) -> Iterator[tuple[Key, str, Names, Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield from _walk(member, (*key, name), place, (*names, name))
    elif isinstance(value, list):
        seen: set[str] = set()
        for index, member in enumerate(value):
            name, called = _named(member, index)
            name = f"{name}#{index}" if name in seen else name
            seen.add(name)
            yield from _walk(member, (*key, name), f"{pointer}/{index}", (*names, called))
    else:
        yield key, pointer, names, value


def _named(row: Any, index: int) -> tuple[str, Any]:
    """What tells a row from its neighbours, and what it is called."""
    if not isinstance(row, dict):
        return str(index), None
    own = next((row[name] for name in _NAMES if row.get(name) is not None), index)
    told = own if isinstance(own, str) else json.dumps(own, sort_keys=True)
    category = row.get("category")
    return f"{category}:{told}" if category else told, row.get("name") or row.get("label") or own


def _label(names: Names) -> dict[str, str]:
    """The words on the way, in each language we speak: `Instagram · Views · before`."""
    return {
        locale: " · ".join(said for name in names if (said := _called(locale, name)))
        or str(names[-1])
        for locale in words.LOCALES
    }


def _called(locale: str, name: Any) -> str:
    if isinstance(name, dict):
        return str(name.get(locale) or next(iter(name.values()), ""))
    for kind in ("report_number", "kpi_names"):
        if words.knows(kind, str(name)):
            return words.say(locale, kind, str(name))
    is_member = isinstance(name, str) and name.isidentifier() and name.islower()
    return "" if name is None or is_member else str(name)
