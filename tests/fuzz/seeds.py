"""
Real ids, for a fuzzer that would otherwise ask for things that are not there.

Where a valid request names a thing by an id that nobody knows, it is given one that exists and is
in the state the operation needs; `tests/recipes` makes them. What was meant to be wrong stays
wrong. For each operation one example that has to succeed comes from the same recipes.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemathesis.auths import AuthContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.generation.meta import (
    CaseMetadata,
    ComponentInfo,
    GenerationInfo,
    PhaseInfo,
    TestPhase,
    build_phase_data,
)
from schemathesis.hooks import HookContext
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tenants import auth, database, tokens
from tenants.ids import new_id
from tests import recipes
from tests.factories import Person, open_login
from tests.fuzz.exclusions import AnyCase
from tests.fuzz.openings import OPENINGS
from tests.operations import EDITS, Call, NoRecipe, Operation, Place, operation, resolve
from tests.people import PEOPLE

AnyOperation = APIOperation[Any, Any, Any, Any]
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Seeds:
    """The things of one place, for one person; without one nobody is logged in."""

    def __init__(self, person: Person | None, place: Place, elsewhere: Place) -> None:
        self.person, self.place, self.elsewhere = person, place, elsewhere
        self.unmade: Counter[str] = Counter()
        self._seen: set[str] = set()
        self._ready: dict[str, Call] = {}
        self._cast = {
            str(id)
            for each in place.agency.people.values()
            for id in (each.membership_id, each.session_id)
        }

    def hook(self, schema: OpenApiSchema) -> None:
        """Take part in what Schemathesis makes and learns."""

        @schema.hooks.hook
        def before_add_examples(context: HookContext, examples: list[AnyCase]) -> None:
            assert context.operation is not None
            made = self._example(context.operation)
            if made is not None:
                examples.append(made)

        @schema.hooks.hook
        def map_case(context: HookContext, case: AnyCase) -> AnyCase:
            self._make_real(case)
            return case

        @schema.hooks.hook
        def after_call(context: HookContext, case: AnyCase, response: Response) -> None:
            self._learn(case, response)

    def _example(self, target: AnyOperation) -> AnyCase | None:
        """A request that has to succeed, where the person may make it."""
        wanted = operation_of(target)
        try:
            call = OPENINGS[wanted.id](self.place) if wanted.is_open else self._call(wanted)
        except NoRecipe as missing:
            self.unmade[f"{wanted.id}: {str(missing)[:200]}"] += 1
            return None
        self._ready.pop(wanted.id, None)
        return self._case(target, wanted, call)

    def _case(self, target: AnyOperation, wanted: Operation, call: Call) -> AnyCase:
        options = call.options
        content = {name: options[name] for name in ("json", "data") if name in options}
        files = {name: sent[1] for name, sent in options.get("files", {}).items()}
        body = {"body": next(iter(content.values()))} if content else {}
        if files:
            body = {"body": {**body["body"], **files}}
        case: AnyCase = target.Case(
            path_parameters=path_values(wanted, call.path),
            headers={**_match(wanted), **options.get("headers", {})},
            query=options.get("params", {}),
            cookies=options.get("cookies", {}),
            media_type=next(iter(media_types(wanted)), None) if content else None,
            _meta=CaseMetadata(
                generation=GenerationInfo(time=0.0, mode=GenerationMode.POSITIVE),
                components={
                    location: ComponentInfo(mode=GenerationMode.POSITIVE)
                    for location in (ParameterLocation.PATH, ParameterLocation.QUERY)
                },
                phase=PhaseInfo(
                    TestPhase.EXAMPLES, build_phase_data(TestPhase.EXAMPLES, "From the recipes")
                ),
            ),
            **body,
        )
        if self.person is not None:
            context = AuthContext(operation=target, app=target.schema.app)
            target.schema.auth.set(case, context)
        return case

    def _call(self, wanted: Operation) -> Call:
        """A request with a subject in the state it needs; the same one until it is used up."""
        if wanted.id not in self._ready:
            try:
                self._ready[wanted.id] = self._new_call(wanted)
            except NoRecipe:  # what it stands on may be used up
                self.place.standing.clear()
                self._ready[wanted.id] = self._new_call(wanted)
        return self._ready[wanted.id]

    def _new_call(self, wanted: Operation) -> Call:
        who = self.person or self.place.agency.owner
        own = {t: recipes.OWN[t](who) for t in wanted.things.values() if t in recipes.OWN}
        if wanted.id == "update_client":
            own["client"] = self._spare_client()
        return self.place.call(wanted, own, ready_for=who.name)

    def _spare_client(self) -> str:
        """A client whose end ends nothing else."""
        made = self.place.do("create_client").json()["id"]
        if self.person is not None and not PEOPLE[self.person.name].is_contact:
            duty = {"membership_id": str(self.person.membership_id), "duty": "account_executive"}
            self.place.agency.owner.post(f"/v1/clients/{made}/assignments", duty)
        return str(made)

    def _make_real(self, case: AnyCase) -> None:
        wanted, meta = operation_of(case.operation), case.meta
        if meta is None or wanted.is_open:
            return
        try:
            if not meta.is_negative_at(ParameterLocation.QUERY):
                self._make_query_real(case, wanted)
            if wanted.things and not meta.is_negative_at(ParameterLocation.PATH):
                self._make_path_real(case, wanted)
            if wanted.body is not None and not meta.is_negative_at(ParameterLocation.BODY):
                case.body = self._real_body(case, wanted, meta)
        except NoRecipe as missing:
            self.unmade[f"{wanted.id}: {str(missing)[:200]}"] += 1
        if not meta.is_negative_at(ParameterLocation.HEADER):
            _make_headers_real(case, wanted, meta)

    def _real_body(self, case: AnyCase, wanted: Operation, meta: CaseMetadata) -> Any:
        assert wanted.body is not None
        body = self._real(case.body, wanted.body, "", wanted.id)
        taken = self._call(wanted).options.get("json") if _walks(meta) else None
        if not isinstance(taken, dict) or not isinstance(body, dict):
            return body
        # A walk goes on from what was really made: a body that is taken, with the ids of this one.
        ids = {k: each for k, each in body.items() if isinstance(each, str) and each in self._seen}
        return {**taken, **ids}

    def _make_path_real(self, case: AnyCase, wanted: Operation) -> None:
        values = case.path_parameters
        strangers = [n for n in wanted.placeholders if str(values.get(n)) not in self._seen]
        if not strangers and not (wanted.changes and self._cast & set(map(str, values.values()))):
            return
        case.path_parameters = {**values, **path_values(wanted, self._call(wanted).path)}

    def _make_query_real(self, case: AnyCase, wanted: Operation) -> None:
        """A cursor comes from the page before: one that nobody gave is left out."""
        if "cursor" in case.query and wanted.is_list:
            case.query = {name: value for name, value in case.query.items() if name != "cursor"}
        for each in wanted.query:
            name, schema = each["name"], resolve(each["schema"])
            value = case.query.get(name)
            if schema.get("format") == "uuid" and value is not None and value not in self._seen:
                case.query = {**case.query, name: self._reference(name, "") or value}

    def _real(self, value: Any, schema: Mapping[str, Any], name: str, within: str) -> Any:
        """The same value, with ids that exist where it has ids."""
        schema = resolve(schema)
        if isinstance(value, dict):
            members = schema.get("properties", {})
            inside = name or within
            return {
                key: self._real(member, members[key], key, inside) if key in members else member
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self._real(each, schema.get("items", {}), name, within) for each in value]
        if schema.get("format") == "uuid" and isinstance(value, str) and value not in self._seen:
            return self._reference(name, within) or value
        return value

    def _reference(self, name: str, within: str) -> str | None:
        try:
            return self.place.reference(name, within)
        except NoRecipe:
            return None

    def _learn(self, case: AnyCase, response: Response) -> None:
        """Which ids there are, which subject is used up, and whether the log-in has ended."""
        if response.status_code // 100 == 2:
            self._seen.update(found.decode() for found in _UUID.findall(response.content))
            wanted = operation_of(case.operation)
            if wanted.changes and case.method == wanted.method:
                self._ready.pop(wanted.id, None)
        if response.status_code == 401 and self.person is not None:
            self._log_in_again(self.person, response)

    def _log_in_again(self, person: Person, response: Response) -> None:
        """It may have ended its own log-in; what was refused as it should be changes nothing."""
        sent = str(response.request.headers.get("Authorization", ""))
        try:
            token = tokens.read_token(sent.removeprefix("Bearer "))
        except auth.InvalidToken:
            return
        if token.session_id != person.session_id:
            return
        with database.platform_session() as session:
            person.session_id = open_login(
                session, person.user_id, person.agency_id, person.membership_id
            )
        self._cast.add(str(person.session_id))


def operation_of(target: AnyOperation) -> Operation:
    return operation(target.definition.raw["operationId"])


def _walks(meta: CaseMetadata) -> bool:
    return meta.phase.name is TestPhase.STATEFUL and meta.generation.mode.is_positive


def _make_headers_real(case: AnyCase, wanted: Operation, meta: CaseMetadata) -> None:
    """A key that is new, and the version that stands; one that nobody has, on a walk."""
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = new_id().hex
    if meta.phase.name not in (TestPhase.FUZZING, TestPhase.STATEFUL):
        return
    if wanted.method in EDITS and meta.generation.mode.is_positive:
        case.headers["If-Match"] = "*"
    # Without a value of ours, `ensure_resource_availability` takes the request for half a guess.
    if wanted.method == "GET" and _walks(meta):
        case.headers["If-None-Match"] = f'"{new_id().hex}"'


def _match(wanted: Operation) -> dict[str, str]:
    return {"If-Match": "*"} if wanted.method in EDITS else {}


def path_values(wanted: Operation, path: str) -> dict[str, str]:
    """What stands in the placeholders of a concrete path."""
    pairs = zip(wanted.path.split("/"), path.split("/"), strict=True)
    found = {}
    for part, value in pairs:
        if part.startswith("{"):
            name, _, ending = part[1:].partition("}")
            found[name] = value.removesuffix(ending)
    return found


def media_types(wanted: Operation) -> list[str]:
    return list(wanted.document.get("requestBody", {}).get("content", {}))
