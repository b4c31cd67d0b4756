"""What a client's people are told: no cost and no margin, in any answer there is."""

from collections.abc import Iterator
from typing import Any

from api.costs.shapes import CostRateRead, MarginFigures
from tenants.permissions import CONTACT_DUTIES, PERMISSIONS
from tests.operations import operations
from tests.spec import document

# What a client knows of their own: what they earn by the work, and what they were given beyond.
TOLD_ELSEWHERE = {"currency", "revenue_minor", "rounds_over", "quality", "pass_through_minor"}


class TestShapesOfContacts:
    def test_know_no_cost_and_no_margin(self) -> None:
        """Not empty: absent. What a contact may call answers with no such member."""
        ours = {
            *(name for name in MarginFigures.model_fields if name not in TOLD_ELSEWHERE),
            *CostRateRead.model_fields.keys() & {"hourly"},
        }
        theirs = [
            each
            for each in operations()
            if each.permission and PERMISSIONS[each.permission] & CONTACT_DUTIES
        ]

        found = {
            (each.id, name)
            for each in theirs
            for name in _members(each.document.get("responses", {}))
            if name in ours or "margin" in name or "cost_rate" in name
        }

        assert len(theirs) > 40
        assert {"labour_cost_minor", "margin_bp", "minutes", "hourly"} <= ours
        assert found == set()


def _members(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of all members of a schema, however deep."""
    if isinstance(schema, dict):
        if ref := schema.get("$ref"):
            if ref not in seen:
                name = ref.rpartition("/")[2]
                kind = ref.split("/")[-2]
                yield from _members(document()["components"][kind][name], seen | {ref})
            return
        yield from schema.get("properties", {})
        for each in schema.values():
            yield from _members(each, seen)
    elif isinstance(schema, list):
        for each in schema:
            yield from _members(each, seen)
