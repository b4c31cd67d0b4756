"""
Approvals against a model of them: whatever is asked, decided, edited, taken back or left to time,
over HTTP and in whatever order, what happens is what a few lines of plain Python say.

After every step the client sees nothing of the inside, nothing that was decided is another, and
nobody has decided twice.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from starlette.testclient import TestClient

import api.worker  # noqa: F401  (what `settle` runs)
from tenants import clock
from tenants.models import ApprovalMode
from tenants.permissions import Duty
from tests.approvals import asking
from tests.approvals.asking import Asked
from tests.campaigns import making
from tests.campaigns.making import done
from tests.factories import Person, Staffed, staffed_agency
from tests.work import settle

ZONE = ZoneInfo("Europe/Madrid")
LEVELS = ("internal", "client")
# Who decides at each level, by log-in; further people of the client have links.
MEMBERS = {"internal": ("strategist", "second_strategist"), "client": ("approver", "second")}
LINKS = ("clara@cafeaurora.example", "luis@cafeaurora.example")


def terms(level: str) -> Any:
    """What a policy may say of a level."""
    after = ["wait", "expire"] + (["deem_approved"] if level == "client" else [])
    timed = st.tuples(st.integers(1, 3), st.sampled_from(after))
    quorum = st.sampled_from([("any", None), ("all", None), ("n", 1), ("n", 2), ("n", 3)])
    return st.builds(
        lambda quorum, timed: {
            "quorum": quorum[0],
            "quorum_count": quorum[1],
            "respond_within_days": timed[0] if timed else None,
            "after": timed[1] if timed else "wait",
            "remind_before_days": [1] if timed else [],
        },
        quorum,
        st.none() | timed,
    )


POLICIES = st.builds(
    lambda first, internal, client: {
        "internal_first": first,
        "internal": internal,
        "client": client,
    },
    st.booleans(),
    terms("internal"),
    terms("client"),
)
# Mostly the newest approval.
PICKS = st.sampled_from([0, 0, 0, 0, 1, 2])
MODES = st.sampled_from([ApprovalMode.internal, ApprovalMode.internal_and_client])


@dataclass
class Model:
    """One approval as it should be."""

    asked: Asked
    levels: list[tuple[str, dict[str, Any]]]  # what is asked of each, as it was asked
    opened_on: date
    at: int = 0
    status: str = "open"
    links: dict[str, str] = field(default_factory=dict)
    given: list[tuple[str, str, str]] = field(default_factory=list)  # level, who, outcome
    kept: dict[str, Any] = field(default_factory=dict)  # decisions as they were first read

    @property
    def level(self) -> str:
        return self.levels[self.at][0]

    @property
    def terms(self) -> dict[str, Any]:
        return self.levels[self.at][1]

    @property
    def due_on(self) -> date | None:
        """Counted here by walking the calendar, once more."""
        left, day = self.terms["respond_within_days"], self.opened_on
        if left is None:
            return None
        while left:
            day += timedelta(days=1)
            left -= day.isoweekday() <= 5
        return day

    def is_over(self, now: datetime) -> bool:
        return self.due_on is not None and now.astimezone(ZONE).date() > self.due_on

    def is_refused(self, now: datetime) -> bool:
        return self.terms["after"] != "wait" and self.is_over(now)

    def has_decided(self, who: str) -> bool:
        return any(level == self.level and each == who for level, each, _ in self.given)

    def decide(self, who: str, outcome: str, now: datetime) -> bool:
        """Whether the decision is taken; what follows from it."""
        if self.status != "open" or self.is_refused(now) or self.has_decided(who):
            return False
        self.given.append((self.level, who, outcome))
        if outcome != "approved":
            self.status = outcome
        elif self._reached():
            self._conclude(now)
        return True

    def _reached(self) -> bool:
        approved = {who for level, who, _ in self.given if level == self.level}
        needed = {"any": 1, "n": self.terms["quorum_count"]}.get(self.terms["quorum"])
        return len(approved) >= needed if needed else set(MEMBERS[self.level]) <= approved

    def _conclude(self, now: datetime) -> None:
        if self.at + 1 < len(self.levels):
            self.at, self.opened_on = self.at + 1, now.astimezone(ZONE).date()
        else:
            self.status = "approved"

    def pass_time(self, now: datetime) -> None:
        if self.status == "open" and self.is_refused(now):
            if self.terms["after"] == "expire":
                self.status = "expired"
            else:
                self.given.append(("client", "policy", "approved"))
                self.status = "approved"


class Machine(RuleBasedStateMachine):
    """Drives the API and the model alike."""

    http: TestClient

    @initialize(policy=POLICIES, mode=MODES)
    def open(self, policy: dict[str, Any], mode: ApprovalMode) -> None:
        today = datetime.now(ZONE).date()
        self.now = datetime.combine(today + timedelta(days=1), time(10), ZONE).astimezone(UTC)
        self.agency: Staffed = staffed_agency(self.http)
        self.agency.people["second"] = asking.newcomer(self.agency, name="Second")
        smm = asking.newcomer(self.agency, Duty.social_media_manager, name="Third")
        self.agency.people["second_strategist"] = smm
        self.models: list[Model] = []
        self._set(policy, mode)
        self._ask()

    # What is done.

    @rule(policy=POLICIES, mode=MODES)
    def change_the_policy(self, policy: dict[str, Any], mode: ApprovalMode) -> None:
        self._set(policy, mode)

    @precondition(lambda self: all(each.status != "open" for each in self.models))
    @rule()
    def ask(self) -> None:
        self._ask()

    @precondition(lambda self: self.models)
    @rule(
        pick=PICKS,
        who=st.integers(0, 3),
        outcome=st.sampled_from(
            ["approved", "approved", "approved", "approved", "changes_requested", "rejected"]
        ),
    )
    def decide(self, pick: int, who: int, outcome: str) -> None:
        self._decide(self._at(pick), who, outcome)

    @rule(who=st.integers(0, 3))
    def approve(self, who: int) -> None:
        self._decide(self.models[-1], who, "approved")

    @rule(who=st.integers(0, 3))
    def approve_too(self, who: int) -> None:
        """Once more: most of what is asked comes to an approval, by more than one."""
        self._decide(self.models[-1], who, "approved")

    @precondition(lambda self: self.models)
    @rule(pick=PICKS, people=st.sets(st.integers(0, 3), min_size=2, max_size=3))
    def decide_at_once(self, pick: int, people: set[int]) -> None:
        """In whichever order, as many are taken as the model takes one after the other."""
        model = self._at(pick)
        known = self._people(model)
        names = sorted({known[each % len(known)] for each in people})
        level = model.level
        with clock.at(self.now), ThreadPoolExecutor(len(names)) as pool:
            for name in names:
                self._address(model, name)
            taken = Counter(pool.map(lambda name: self._give(model, name, "approved"), names))
        order = self._as_it_was(model, names)
        told = Counter(
            model.decide(name, "approved", self.now)
            for name in order
            if model.level == level or model.status != "open"
        )
        assert taken[True] == told[True]

    @precondition(lambda self: self.models)
    @rule(pick=PICKS)
    def withdraw(self, pick: int) -> None:
        model = self._at(pick)
        with clock.at(self.now):
            answer = self.agency.executive.post(f"{model.asked.paths[0]}/withdraw")
        assert answer.is_success == (model.status == "open")
        if answer.is_success:
            model.status = "withdrawn"

    @precondition(lambda self: self.models)
    @rule(pick=PICKS, shown=st.booleans())
    def edit(self, pick: int, shown: bool) -> None:
        model = self._at(pick)
        if model.status != "open":
            return
        name = f"Otoño {len(model.given)} {self.now}" if shown else "Otoño 2026"
        with clock.at(self.now):
            done(self.agency.executive.patch(model.asked.paths[0], {"name": name}))
        model.status = "superseded" if shown else "open"

    @rule(hours=st.sampled_from([15, 24, 72]), late=st.booleans())
    def pass_time(self, hours: int, late: bool) -> None:
        """`late`: nobody is at work, and what is due is done at another time."""
        start = datetime.now(UTC)
        if self.now + timedelta(hours=hours) > start + timedelta(days=25):
            return  # log-ins last thirty days
        self.now += timedelta(hours=hours)
        if not late:
            self.work()

    @rule()
    def work(self) -> None:
        with clock.at(self.now):
            settle()
        for model in self.models:
            model.pass_time(self.now)

    # What must hold.

    @invariant()
    def is_as_the_model_says(self) -> None:
        for model in getattr(self, "models", ()):
            with clock.at(self.now):
                read = self._read(model)
                client = self.agency.approver.get(model.asked.path)
                budget = done(self.agency.executive.get(model.asked.paths[0]))
                hidden = self.agency.approver.get(model.asked.paths[0])
            assert (read["status"], read["level"]) == (model.status, model.level)
            assert Counter(
                (each["level"], each["outcome"], each["deemed"]) for each in read["decisions"]
            ) == Counter((level, out, who == "policy") for level, who, out in model.given)
            state = {"open": "proposed", "approved": "active"}.get(model.status, "draft")
            assert budget["status"] == state
            self._nothing_is_edited(model, read)
            self._inside_is_unseen(model, client, hidden)

    @invariant()
    def nothing_of_the_inside_is_counted(self) -> None:
        models = getattr(self, "models", ())
        if not models:
            return
        with clock.at(self.now):
            listed = done(self.agency.approver.get("/v1/approvals?include=total"))
        seen = {model.asked.approval_id for model in models if model.level == "client"}
        assert {each["id"] for each in listed["data"]} == seen
        assert listed["total"] == len(seen)

    def _nothing_is_edited(self, model: Model, read: Any) -> None:
        now = {each["id"]: each for each in read["decisions"]}
        assert now.items() >= model.kept.items()
        model.kept = now
        twice = Counter(
            (each["level"], each["decided_by_name"], each["decided_by_email"])
            for each in read["decisions"]
        )
        assert not twice or max(twice.values()) == 1

    def _inside_is_unseen(self, model: Model, client: Any, subject: Any) -> None:
        if model.level == "internal":
            assert client.status_code == 404
        else:
            levels = {each["level"] for each in done(client)["decisions"]}
            assert levels <= {"client"}
            assert len(done(client)["subjects"]) == 1
        inside = model.level == "internal" and len(model.levels) > 1
        if inside or model.status not in ("open", "approved"):
            assert subject.status_code == 404
        else:
            assert subject.status_code == 200

    # How it is done.

    def _set(self, policy: dict[str, Any], mode: ApprovalMode) -> None:
        asking.set_policy(self.agency, **policy)
        making.set_mode(self.agency, mode)
        self.policy, self.mode = policy, mode

    def _ask(self) -> None:
        if self.mode is ApprovalMode.internal:
            levels = ["internal"]
        else:
            levels = [*LEVELS] if self.policy["internal_first"] else ["client"]
        with clock.at(self.now):
            asked = asking.ask(self.agency)
        on = self.now.astimezone(ZONE).date()
        self.models.append(Model(asked, [(each, self.policy[each]) for each in levels], on))

    def _decide(self, model: Model, who: int, outcome: str) -> None:
        name = self._people(model)[who % len(self._people(model))]
        with clock.at(self.now):
            taken = self._give(model, name, outcome)
        assert taken == model.decide(name, outcome, self.now), (name, outcome)

    def _at(self, pick: int) -> Model:
        return self.models[-1 - pick % len(self.models)]

    def _people(self, model: Model) -> list[str]:
        members = [*MEMBERS[model.level]]
        return members + [*LINKS] if model.level == "client" else members

    def _read(self, model: Model) -> Any:
        return model.asked.read(self.agency.executive)

    def _address(self, model: Model, name: str) -> None:
        """Hand an address out, while there is something to decide on."""
        if name in LINKS and name not in model.links and model.status == "open":
            made = asking.link(self.agency, model.asked, name=name.split("@")[0], email=name)
            model.links[name] = made

    def _give(self, model: Model, name: str, outcome: str) -> bool:
        """Whether somebody's decision was taken as a new one."""
        if name not in LINKS:
            person: Person = self.agency.people[name]
            return bool(asking.decide(person, model.asked, outcome).is_success)
        self._address(model, name)
        if name not in model.links:
            return False
        before = len(self._of_links(model, name))
        asking.decide_by_link(self.agency, model.asked, model.links[name], outcome)
        return len(self._of_links(model, name)) > before

    def _of_links(self, model: Model, name: str) -> list[Any]:
        decisions = self._read(model)["decisions"]
        return [each for each in decisions if each["decided_by_email"] == name]

    def _as_it_was(self, model: Model, names: list[str]) -> list[str]:
        """The names in the order in which they were taken; those refused come last."""
        kept = [
            each["decided_by_email"] or each["decided_by_name"]
            for each in self._read(model)["decisions"]
        ]
        places = {name: place for place, name in enumerate(kept)}
        people = self.agency.people

        def place(name: str) -> int:
            return places.get(name if name in LINKS else people[name].name.title(), len(kept))

        return sorted(names, key=place)


def _run(http: TestClient, examples: int, steps: int) -> None:
    machine = type("Driven", (Machine,), {"http": http})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


class TestApprovals:
    def test_do_as_the_model_says(self, http: TestClient) -> None:
        _run(http, examples=10, steps=20)

    @pytest.mark.deep
    def test_do_as_the_model_says_at_length(self, http: TestClient) -> None:
        _run(http, examples=150, steps=40)
