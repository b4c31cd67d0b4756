"""The difference between two versions of a report, explained, for whoever may read them."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session

from api.reports import versions
from api.reports.differences import causes, differences
from api.reports.differences.arrivals import Cause
from api.reports.snapshot.snapshot import ReportSnapshot
from tenants import database
from tenants.errors import Unprocessable
from tenants.shapes import Localized, ReadShape


class VersionsOutOfOrder(Unprocessable):
    """Two versions are compared from the earlier to a later one."""


class NumberCause(ReadShape):
    """What one cause brought to a number; null where one of the versions lacks it."""

    cause: Cause
    amount: int | None


class NumberDifference(ReadShape):
    """
    A number that changed, at its place in the newer version, or in the older where it is gone.
    `difference` is after − before, and the sum of what its causes brought; null where a version
    lacks it. Money is in minor units of the report's currency.
    """

    pointer: str
    label: Localized
    before: int | None
    after: int | None
    difference: int | None
    causes: list[NumberCause]


class WordsDifference(ReadShape):
    """Words that changed; they have a place and a language, and no number."""

    pointer: str
    locale: str
    before: str | None
    after: str | None


class ReportDifferences(ReadShape):
    """Everything that changed between two versions, and why."""

    report_id: UUID
    from_version: int
    to_version: int
    from_as_of: datetime
    to_as_of: datetime
    numbers: list[NumberDifference]
    words: list[WordsDifference]


def of(session: Session, report_id: UUID, first: int, second: int) -> dict[str, Any]:
    """What changed from a version to a later one, and what came in between that explains it."""
    if first >= second:
        raise VersionsOutOfOrder(pointer="?to")
    rows = [versions.of(session, report_id, number) for number in (first, second)]
    old, new = (ReportSnapshot.model_validate_json(row.snapshot) for row in rows)
    found = _between(session, old, new, rows[0].client_id)
    return {
        "report_id": report_id,
        "from_version": first,
        "to_version": second,
        "from_as_of": old.report.as_of,
        "to_as_of": new.report.as_of,
        "numbers": [_explained(each, found) for each in differences.numbers(old, new)],
        "words": differences.reworded(old, new),
    }


def _between(
    session: Session, old: ReportSnapshot, new: ReportSnapshot, client_id: UUID
) -> causes.Between:
    """Readings are the agency's: for a contact it looks itself, within that client's walls."""
    if not cast(database.Session, session).sight.is_contact:
        return causes.between(session, old, new, client_id)
    with database.acting_for_agency(session, client_id):
        return causes.between(session, old, new, client_id)


def _explained(changed: differences.Changed, found: causes.Between) -> dict[str, Any]:
    parts = found.parts(changed)
    return {
        "pointer": changed.pointer,
        "label": changed.label,
        "before": changed.before,
        "after": changed.after,
        "difference": changed.difference,
        "causes": [{"cause": cause, "amount": amount} for cause, amount in parts.items()],
    }
