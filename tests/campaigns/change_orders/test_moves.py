"""Every walk through scopes and their changes, alone and two steps at once, against a model."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Staffed

ORDERS = "/v1/change-orders"
SOLD = 5
LINES = 2
Step = tuple[str, int, int]


@dataclass(frozen=True)
class Order:
    """A change of one line by some units, and how many it held when it was submitted."""

    line: int
    units: int
    status: str = "draft"
    shown: int = 0


@dataclass(frozen=True)
class Model:
    """What should be so: what is sold and at work on each line, and what was asked for."""

    sold: tuple[int, ...] = (SOLD,) * LINES
    reserved: tuple[int, ...] = (0,) * LINES
    version: int = 1
    orders: tuple[Order, ...] = ()

    def after(self, step: Step, seen: int) -> tuple["Model", int]:
        """Where a step leads and what it answers, to who has read the version `seen`."""
        verb, place, units = step
        if verb == "plan":
            free = self.sold[place] - self.reserved[place] >= units and seen == self.version
            return (replace(self, reserved=_put(self.reserved, place, units)) if free else self), (
                201 if free else 409
            )
        if verb == "draft":
            if self.sold[place] + units <= 0:
                return self, 409
            return replace(self, orders=(*self.orders, Order(place, units))), 201
        return self._decided(verb, place)

    def _decided(self, verb: str, place: int) -> tuple["Model", int]:
        order = self.orders[place]
        if order.status == "draft" and verb in ("accept", "reject"):
            return self, 404  # a client sees no drafts
        if order.status != ("draft" if verb == "submit" else "submitted"):
            return self, 409
        if verb == "withdraw":
            return self._with(place, status="withdrawn"), 200
        if verb == "reject":  # whatever became of the line since
            return self._with(place, status="rejected"), 200
        if self.sold[order.line] + order.units <= 0:
            return self, 409
        if verb == "submit":
            return self._with(place, status="submitted", shown=self.sold[order.line]), 200
        return self._answered(verb, place)

    def _answered(self, verb: str, place: int) -> tuple["Model", int]:
        """By the client, who has seen what the line held when it was submitted."""
        order = self.orders[place]
        if order.shown != self.sold[order.line]:
            return self, 412
        if self.sold[order.line] + order.units < self.reserved[order.line]:
            return self, 409
        made = self._with(place, status="accepted")
        sold = _put(self.sold, order.line, order.units)
        return replace(made, sold=sold, version=self.version + 1), 200

    def _with(self, place: int, **values: Any) -> "Model":
        order = replace(self.orders[place], **values)
        return replace(self, orders=(*self.orders[:place], order, *self.orders[place + 1 :]))


def _put(counts: tuple[int, ...], place: int, units: int) -> tuple[int, ...]:
    return (*counts[:place], counts[place] + units, *counts[place + 1 :])


class Studio:
    """The same over HTTP."""

    def __init__(self, agency: Staffed) -> None:
        self.agency = agency
        self.campaign = making.campaign(agency)["id"]
        kinds = ("reel", "story")[:LINES]
        lines = [making.line(kind=kind, quantity=SOLD) for kind in kinds]
        making.accepted(agency, *lines, campaign_id=self.campaign)
        self.orders: list[str] = []
        self.read()

    def read(self) -> Any:
        path = f"/v1/campaigns/{self.campaign}/scope"
        self.scope = done(self.agency.executive.get(path))
        return self.scope

    def do(self, step: Step) -> Any:
        verb, place, units = step
        if verb == "plan":
            body = {"line_id": self.scope["lines"][place]["id"], "units": units}
            return self.agency.community.post("/v1/deliverables", body)
        if verb == "draft":
            return self._draft(self.scope["lines"][place]["id"], units)
        who = self.agency.approver if verb in ("accept", "reject") else self.agency.executive
        said = {"reason": "Not now"} if verb == "reject" else None
        return who.post(f"{ORDERS}/{self.orders[place]}/{verb}", said)

    def _draft(self, line_id: str, units: int) -> Any:
        change = {"action": "alter", "line_id": line_id, "quantity_delta": units}
        body = {"scope_id": self.scope["id"], "title": "Change", "lines": [change]}
        answer = self.agency.executive.post(ORDERS, {**body, "reason": {"en": "They asked"}})
        if answer.status_code == 201:
            self.orders.append(answer.json()["id"])
        return answer

    def agrees(self, model: Model) -> bool:
        scope = self.read()
        read = [done(self.agency.executive.get(f"{ORDERS}/{id}")) for id in self.orders]
        path = f"/v1/clients/{self.agency.client_id}/scope?campaign_id={self.campaign}"
        counted = done(self.agency.executive.get(path))["lines"]
        return (
            tuple(line["quantity"] for line in scope["lines"]) == model.sold
            and scope["version_number"] == model.version
            and [each["status"] for each in read] == [order.status for order in model.orders]
            and tuple(line["planned"] for line in counted) == model.reserved
        )


LINE = st.integers(0, LINES - 1)
UNITS = st.integers(-3, 3).filter(bool)
DECIDING = st.sampled_from(["submit", "accept", "accept", "reject", "withdraw"])
STEPS = st.one_of(
    st.tuples(st.just("draft"), LINE, UNITS),
    st.tuples(st.just("plan"), LINE, st.integers(1, 3)),
    st.tuples(DECIDING, st.integers(0, 3), st.just(0)),
)
# Two at once never draft: which of two drafts is which, only their order says.
MOVES = st.tuples(st.sampled_from(["accept", "accept", "withdraw", "reject"]), st.integers(0, 3))
PAIRS = st.tuples(
    MOVES.map(lambda move: (*move, 0)),
    st.one_of(
        MOVES.map(lambda move: (*move, 0)), st.tuples(st.just("plan"), LINE, st.integers(1, 3))
    ),
)


class TestChangeOrderMoves:
    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        opening=st.lists(st.tuples(LINE, UNITS), min_size=2, max_size=4),
        walk=st.lists(st.one_of(STEPS, PAIRS), min_size=6, max_size=16),
    )
    def test_follow_the_model_alone_and_at_once(
        self, agency: Staffed, opening: list[tuple[int, int]], walk: list[Any]
    ) -> None:
        studio, model = Studio(agency), Model()
        for place, (line, units) in enumerate(opening):
            for step in (("draft", line, units), ("submit", place, 0)):
                model = self._one(studio, model, step)
        for step in walk:
            if not _exists(model, step):
                continue
            alone = isinstance(step[0], str)
            model = self._one(studio, model, step) if alone else self._two(studio, model, step)
        assert studio.agrees(model)

    def _one(self, studio: Studio, model: Model, step: Step) -> Model:
        after, status = model.after(step, model.version)
        answer = studio.do(step)
        assert answer.status_code == status, (step, model, answer.text)
        studio.read()
        return after

    def _two(self, studio: Studio, model: Model, steps: tuple[Step, Step]) -> Model:
        """Both at once come out as one after the other would, in one of the two orders."""
        with ThreadPoolExecutor(2) as pool:
            got = tuple(answer.status_code for answer in pool.map(studio.do, steps))
        possible = [_in_order(model, steps, order) for order in ((0, 1), (1, 0))]
        for after, statuses in possible:
            if statuses == got and studio.agrees(after):
                return after
        raise AssertionError((steps, got, model, possible))


def _in_order(
    model: Model, steps: tuple[Step, Step], order: tuple[int, int]
) -> tuple[Model, tuple[int, ...]]:
    statuses, seen = [0, 0], model.version
    for place in order:
        model, statuses[place] = model.after(steps[place], seen)
    return model, tuple(statuses)


def _exists(model: Model, step: Any) -> bool:
    steps = [step] if isinstance(step[0], str) else step
    return all(verb in ("draft", "plan") or place < len(model.orders) for verb, place, _ in steps)
