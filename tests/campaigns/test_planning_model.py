"""Planning and dependencies against a model: never beyond what was sold, and never round."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from api.campaigns.deliverable_models import DeliverableDependency
from api.campaigns.lot_models import ScopeLot
from tenants import auth, database
from tests.campaigns import making
from tests.campaigns.making import done, move
from tests.factories import Staffed

FEW = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SOLD = (3, 2)


def goes_round(edges: dict[Any, set[Any]]) -> bool:
    """Whether some walk comes back to where it began: all without a way out are taken away."""
    left = {each: set(others) for each, others in edges.items()}
    while ends := [each for each, others in left.items() if not others & left.keys()]:
        for each in ends:
            del left[each]
    return bool(left)


@dataclass
class Model:
    """What should be so."""

    cancelled: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    needs: dict[int, set[int]] = field(default_factory=dict)

    def waits(self, place: int) -> bool:
        return bool(self.needs.get(place, set()) - self.cancelled)


_PLACE = st.integers(0, sum(SOLD) - 1)
_NONE: st.SearchStrategy[set[int]] = st.just(set())
STEPS: st.SearchStrategy[tuple[str, int, set[int]]] = st.one_of(
    st.tuples(st.just("depend"), _PLACE, st.sets(_PLACE, max_size=3)),
    st.tuples(st.just("depend"), _PLACE, st.sets(_PLACE, max_size=3)),
    st.tuples(st.just("start"), _PLACE, _NONE),
    st.tuples(st.just("cancel"), _PLACE, _NONE),
    st.tuples(st.just("plan"), _PLACE, _NONE),
)


class TestPlanningAndDependencies:
    @FEW
    @given(steps=st.lists(STEPS, min_size=6, max_size=20))
    def test_follow_the_model(
        self, agency: Staffed, steps: list[tuple[str, int, set[int]]]
    ) -> None:
        scope = making.accepted(agency, *(making.line(quantity=sold) for sold in SOLD))
        path, model, before = f"/v1/scopes/{scope['id']}/plan", Model(), _reserved(agency)
        rows = _planned(agency, path)
        assert len(rows) == sum(SOLD)
        for verb, place, others in steps:
            if verb == "plan":
                fresh = _planned(agency, path)
                assert len(fresh) == len(model.cancelled)
                for each in fresh:
                    done(move(agency.community, each, "cancel"))
            else:
                self._step(agency, model, rows, verb, place, others)
        self._check(agency, model, rows)
        assert _reserved(agency) - before == sum(SOLD) - len(model.cancelled)

    def _step(
        self,
        agency: Staffed,
        model: Model,
        rows: list[Any],
        verb: str,
        place: int,
        others: set[int],
    ) -> None:
        if verb == "depend":
            wanted = {**model.needs, place: others}
            refused = place in model.cancelled or goes_round(wanted)
            answer = depend(agency, rows[place], [rows[other] for other in others])
            if not refused:
                model.needs = wanted
        elif verb == "start":
            refused = place in model.cancelled | model.begun or model.waits(place)
            answer = move(agency.community, rows[place], "start")
            if not refused:
                model.begun.add(place)
        else:
            refused = place in model.cancelled
            answer = move(agency.community, rows[place], "cancel")
            model.cancelled.add(place)
        assert answer.status_code == (409 if refused else 200), (verb, place, others, answer.text)

    def _check(self, agency: Staffed, model: Model, rows: list[Any]) -> None:
        for place, row in enumerate(rows):
            path = f"/v1/deliverables/{row['id']}"
            now = done(agency.community.get(path))
            assert set(now["depends_on"]) == {
                rows[each]["id"] for each in model.needs.get(place, ())
            }
            shown = done(agency.community.get(f"{path}/dependencies"))
            holding = {each["id"] for each in shown["depends_on"] if each["holds"]}
            waits = model.needs.get(place, set()) - model.cancelled
            assert holding == {rows[each]["id"] for each in waits}
        assert not goes_round(_kept(agency))

    @FEW
    @given(
        edges=st.lists(st.tuples(_PLACE, st.sets(_PLACE, max_size=2)), min_size=4, max_size=16),
        plans=st.integers(1, 4),
    )
    def test_hold_whatever_happens_at_once(
        self, agency: Staffed, edges: list[tuple[int, set[int]]], plans: int
    ) -> None:
        first = making.accepted(agency, *(making.line(quantity=sold) for sold in SOLD))
        rows = _planned(agency, f"/v1/scopes/{first['id']}/plan")
        second = making.accepted(agency, *(making.line(quantity=sold) for sold in SOLD))
        path = f"/v1/scopes/{second['id']}/plan"
        before = _reserved(agency)

        with ThreadPoolExecutor(8) as pool:
            planning = [pool.submit(agency.community.post, path, {}) for _ in range(plans)]
            singly = [
                pool.submit(agency.community.post, "/v1/deliverables", {"line_id": line["id"]})
                for line in second["lines"]
            ]
            setting = [
                pool.submit(depend, agency, rows[place], [rows[other] for other in others])
                for place, others in edges
            ]
        assert {each.result().status_code for each in planning} == {200}
        assert {each.result().status_code for each in singly} <= {201, 409}
        assert {each.result().status_code for each in setting} <= {200, 409}

        assert _reserved(agency) - before == sum(SOLD)
        assert not goes_round(_kept(agency))
        for row in rows:
            now = done(agency.community.get(f"/v1/deliverables/{row['id']}"))
            assert len(now["depends_on"]) == len(set(now["depends_on"]))


def depend(agency: Staffed, row: Any, others: Iterable[Any]) -> Any:
    body = {"depends_on": [other["id"] for other in others]}
    return agency.community.put(f"/v1/deliverables/{row['id']}/dependencies", body)


def _planned(agency: Staffed, path: str) -> list[Any]:
    """What a plan makes, in its order."""
    lines = done(agency.community.post(path, {}))["lines"]
    return [each for line in lines for each in line["deliverables"]]


def _kept(agency: Staffed) -> dict[Any, set[Any]]:
    """Every edge the agency has."""
    found: dict[Any, set[Any]] = {}
    with database.agency_session(auth.system(agency.agency_id)) as session:
        for edge in session.exec(select(DeliverableDependency)):
            found.setdefault(edge.deliverable_id, set()).add(edge.depends_on_id)
    return found


def _reserved(agency: Staffed) -> int:
    """The units at work of all lots, none of which holds more than it was sold."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        lots = session.exec(select(ScopeLot).order_by(col(ScopeLot.id))).all()
    assert all(lot.reserved + lot.delivered <= lot.quantity for lot in lots)
    return sum(lot.reserved for lot in lots)
