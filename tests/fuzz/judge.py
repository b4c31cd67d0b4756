"""
Schemathesis judges the API against its own document, as one person.

All of its checks and phases run in this process, against the application behind its edge:
examples, coverage (the bounds of every schema), fuzzing, and stateful (walks along the links
between operations). What it holds against the API is a finding; what is let pass stands in
`exclusions.py`, with its reason, and is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from schemathesis import openapi
from schemathesis.auths import AuthContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, StopReason, events, from_schema
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.hooks import HookContext
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.wfc.escalation import EscalatingAuthProvider

from api.app import with_edge
from tests.factories import Person
from tests.fuzz import exclusions, formats
from tests.fuzz.effort import Effort
from tests.fuzz.exclusions import AnyCase, problem_of
from tests.fuzz.seeds import Seeds, operation_of
from tests.operations import operations
from tests.spec import app, document

formats.register()


@dataclass
class Verdict:
    """What one person's run came to."""

    name: str
    findings: dict[str, str] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    unmade: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def reached(self) -> set[str]:
        """The operations that answered 2xx at least once."""
        return {name for name, seen in self.answers.items() if any(s // 100 == 2 for s in seen)}

    @property
    def missed(self) -> list[str]:
        return sorted({each.id for each in operations()} - self.reached)

    @property
    def share(self) -> float:
        return len(self.reached) / len(operations())

    def summary(self) -> str:
        """What a run that found nothing has to say."""
        sent = ", ".join(f"{phase} {count}" for phase, count in self.requests.items())
        return "\n  ".join(
            (
                f"{self.name}: {sum(self.requests.values())} requests ({sent});"
                f" {len(self.reached)} of {len(operations())} operations reached 2xx",
                *([f"never 2xx: {', '.join(self.missed)}"] if self.missed else []),
                *(f"let pass {times} times: {why}" for why, times in self.excluded.items()),
                *(f"not made {times} times: {what}" for what, times in self.unmade.items()),
            )
        )

    def __str__(self) -> str:
        found = (f"{where}\n{what}" for where, what in self.findings.items())
        return "\n\n".join((self.summary(), *found))


def judge(
    seeds: Seeds, effort: Effort, *, only: str = "", around: Callable[[Any], Any] | None = None
) -> Verdict:
    """
    Let everything be tried as `seeds.person`; without one, as nobody.

    `only`: a pattern of the paths; `around` puts something in front of the application. Both are
    for judging the judge.
    """
    verdict = Verdict(seeds.person.name if seeds.person else "anonymous", unmade=seeds.unmade)
    schema = _schema(effort, only)
    application = with_edge(app())
    schema.app = around(application) if around else application
    _speak_as(schema, seeds)
    seeds.hook(schema)

    @schema.hooks.hook
    def filter_failure(_: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
        why = exclusions.reason(failure, case, response)
        if why is not None:
            verdict.excluded[why] += 1
        return why is None

    if not effort.every_type:
        _try_one_wrong_type(schema)

    for event in from_schema(schema).execute():
        _note(verdict, event)
    return verdict


def _schema(effort: Effort, only: str) -> OpenApiSchema:
    every = "all" if effort.bounds == "none" else effort.bounds
    config = SchemathesisConfig.from_dict(
        {
            "seed": effort.seed,
            "cache": {"enabled": False},
            "warnings": False,
            "continue-on-failure": True,
            "suppress-health-check": ["all"],
            "checks": exclusions.CHECKS,
            "generation": {
                "deterministic": True,
                "database": "none",
                "max-examples": effort.examples,
            },
            "phases": {
                "coverage": {"enabled": effort.bounds != "none", "generation": {"mode": every}},
                "stateful": {"generation": {"max-examples": effort.walks}},
            },
        }
    )
    schema = openapi.from_dict(document(), config=config).include(path_regex=only or ".")
    assert isinstance(schema, OpenApiSchema)
    return schema


def _try_one_wrong_type(schema: OpenApiSchema) -> None:
    """A number where there is a text is refused by what refuses a list there."""
    tried = set()

    @schema.hooks.hook
    def filter_case(context: HookContext, case: AnyCase) -> bool:
        bound = case.meta.phase.data if case.meta else None
        if not isinstance(bound, CoveragePhaseData):
            return True
        if bound.scenario is not CoverageScenario.INCORRECT_TYPE:
            return True
        value = (case.operation.label, bound.parameter_location, bound.parameter, bound.location)
        is_first = value not in tried
        tried.add(value)
        return is_first


class _Speaker:
    """Puts somebody's access token on a request, fresh each time: a log-in may end in between."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get(self, case: AnyCase, context: AuthContext) -> dict[str, str]:
        return {} if operation_of(context.operation).is_open else self.person.headers

    def set(self, case: AnyCase, data: dict[str, str], context: AuthContext) -> None:
        case.headers.update(data)


def _speak_as(schema: OpenApiSchema, seeds: Seeds) -> None:
    """The owner of another agency is the peer that `object_level_authorization` sends after us."""
    if seeds.person is None:
        return
    names = [seeds.person.name, "another agency's owner"]
    provider = EscalatingAuthProvider(
        [_Speaker(seeds.person), _Speaker(seeds.elsewhere.agency.owner)],
        names,
        peers=tuple(names),
        pinned=names[0],
    )
    schema.auth.providers.append(provider)


def _note(verdict: Verdict, event: events.EngineEvent) -> None:
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.NonFatalError):
        verdict.findings[f"error: {event.label}"] = event.info.format()
    elif isinstance(event, events.ScenarioFinished):
        _note_answers(verdict, event)
        _note_failures(verdict, event)
    elif isinstance(event, events.EngineFinished):
        if event.stop_reason is not StopReason.COMPLETED:
            verdict.findings["the run"] = f"stopped early: {event.stop_reason}"
        verdict.findings.update({each.title: str(each) for each in event.failures})


def _note_answers(verdict: Verdict, event: events.ScenarioFinished) -> None:
    for case_id, interaction in event.recorder.interactions.items():
        case, response = event.recorder.cases[case_id].value, interaction.response
        verdict.requests[event.phase.value] += 1
        ours = case.auth_identity in (None, verdict.name)
        wanted = operation_of(case.operation)
        if response is not None and ours and case.method == wanted.method:
            verdict.answers[wanted.id][response.status_code] += 1


def _note_failures(verdict: Verdict, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for case_id, checks in recorder.checks.items():
        for check in (each for each in checks if each.status is not Status.SUCCESS):
            case, answer = recorder.cases[case_id].value, recorder.interactions[case_id].response
            info = check.failure_info
            what = f"{info.failure}\n{info.code_sample}" if info else "the check itself failed"
            where = f"{check.name} · {case.operation.label} · {event.phase.value}"
            verdict.findings.setdefault(f"{where} · {_told(answer)}", f"{what}\n{_shown(answer)}")


def _told(answer: Response | None) -> str:
    """What tells one answer from another: its status, a problem's code and its pointers."""
    if answer is None:
        return "no answer"
    problem = problem_of(answer)
    faults = {f"{each['pointer']} {each['code']}" for each in problem.get("errors", [])}
    return " ".join((str(answer.status_code), problem.get("code", ""), *sorted(faults)[:4]))


def _shown(answer: Response | None) -> str:
    return answer.content[:600].decode("utf-8", "replace") if answer is not None else ""
