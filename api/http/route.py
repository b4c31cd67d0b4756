"""
One request is one transaction, and one hop to a thread.

    verify the token (no database)               401
    read the body, bounded; look at its form     415 413 400
    validate                                     422, after 401 and 403 have been ruled out
    ── in one thread ──
    enter: who is it, live                       401
    may they, anywhere                           403
    was it answered before                       the stored answer
    the verb                                     404 403 428 412 409 …
    build the answer, remember it, commit
    ──
    answer

The commit comes before the answer leaves, so a 2xx is durable; and everything from entering to
committing runs in one thread, so a request that holds a connection never waits for a thread.
"""

import functools
import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import psycopg.errors
import sqlalchemy.exc
from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as DependsMarker
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from api.http import bodies, idempotency, limits, preconditions, refusals
from api.http.answers import Deferred
from api.http.exchange import Exchange
from api.http.problems import MalformedBody
from api.http.strict import StrictRequest
from tenants import auth, database, errors, reads, tokens
from tenants.auth import AccessToken
from tenants.database import Blocking, Session
from tenants.pages import Page
from tenants.reads import Question

RETRIES = 3


class Needs:
    """
    Names the permission of a route, as data; None: any log-in will do. `in_arrears`: it stays open
    to an agency whose subscription has lapsed, or that is suspended for it.
    """

    def __init__(self, permission: str | None, *, in_arrears: bool = False) -> None:
        self.permission = permission
        self.in_arrears = in_arrears

    async def __call__(self) -> None:
        """The route itself enforces it: see `Route`."""


def needs(permission: str | None, *, in_arrears: bool = False) -> Any:
    return Depends(Needs(permission, in_arrears=in_arrears))


async def _current_session(request: Request) -> Session:
    """The request's session; it takes no connection until its first SQL."""
    exchange: Exchange = request.state.exchange
    session = database.open_session(exchange.enter)
    session.info.update(exchange.info())
    return session


RequestSession = Annotated[Session, Depends(_current_session)]


def session_before(request: Request) -> Session:
    """A session to check in before something slow, which the request's own must not wait for."""
    own: Exchange = request.state.exchange
    exchange = Exchange(request, own.token, own.permission, own.in_arrears, locale=own.locale)
    session = database.open_session(exchange.enter)
    session.info.update(exchange.info())
    return session


class Route(APIRoute):
    """A route of the contract: authenticated, authorised, transactional."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.needs = _named(options.pop("dependencies", None) or [])
        options["responses"] = refusals.both(
            refusals.always(options), options.get("responses") or {}
        )
        # Ours to enforce: the framework's own limit answers in plain text.
        self.body_limit: int | None = options.pop("max_body_size", None)
        reads_only = options.get("methods") == {"GET"} or options.get("methods") == ["GET"]
        wrap = self._reading if reads_only else self._transactional
        super().__init__(path, wrap(endpoint), **options)
        model = self.response_model
        self.answer: TypeAdapter[Any] | None = TypeAdapter(model) if model else None
        self.shape = _shown(model)
        # Routes declare no headers and no cookies: what is not in the path is in the query.
        names = {parameter.alias for parameter in get_flat_params(self.dependant)}
        self.query_names = names - set(self.param_convertors)
        self.takes_form = bool(self.body_field and isinstance(self.body_field.field_info, Form))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(plain: Request) -> Response:
            request = StrictRequest(plain.scope, plain.receive)
            request.body_limit = self.body_limit
            token, locale = _bearer(request), limits.locale(request)
            needed = self.needs
            exchange = Exchange(request, token, needed.permission, needed.in_arrears, locale=locale)
            request.state.exchange = exchange
            await limits.charge(request, token)
            try:
                self._check_form(request)
                if self.takes_form:
                    request.check_length()  # its parser would find other faults first
                    bodies.check_fields(await request.form(**(self.form_limits or {})))
                exchange.attempt = await self._attempt(request)
                return await handle(request)
            except Exception as failure:
                if _is_form(failure):
                    await to_thread.run_sync(_authorise, exchange)
                raise
            finally:
                await request.close()

        return guarded

    def _check_form(self, request: Request) -> None:
        """The parts of the request that no model sees: parameter names, Content-Type."""
        names = [name for name, _ in request.query_params.multi_items()]
        if len(names) != len(set(names)) or not set(names) <= self.query_names:
            raise refusals.UnknownParameter
        if self.body_field is None or not bodies.has_body(request):
            return
        sent = request.headers.get("content-type", "").lower()
        kind, _, parameters = sent.partition(";")
        if kind.strip() not in self._media_types() or not bodies.is_utf8(parameters):
            raise errors.UnsupportedMedia

    def _media_types(self) -> set[str]:
        extra = (self.openapi_extra or {}).get("requestBody", {}).get("content", {})
        plain = "multipart/form-data" if self.takes_form else "application/json"
        return set(extra) or {plain}

    async def _attempt(self, request: Request) -> idempotency.Attempt | None:
        header = request.headers.get("idempotency-key")
        if request.method != "POST" or header is None:
            return None
        media_type = request.headers.get("content-type", "")
        path = hashlib.sha256(str(request.url.path).encode()).hexdigest()[:16]
        route = f"{self.name}:{path}"
        if self.takes_form:
            # Two forms that say the same differ in what stands between their parts.
            said = await to_thread.run_sync(bodies.said_by, await request.form())
            return idempotency.attempt(route, header, said, "multipart/form-data")
        return idempotency.attempt(route, header, await request.body(), media_type)

    def _transactional(self, endpoint: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(endpoint)
        def call(**arguments: Any) -> Response:
            session = _session(arguments)
            with session:
                made = self._try(session, endpoint, arguments)
            return made.build() if isinstance(made, Deferred) else made

        return call

    def _reading(self, endpoint: Callable[..., Any]) -> Callable[..., Any]:
        """What asks one question needs no thread to wait in; what asks by itself gets one."""
        call = self._transactional(endpoint)

        @functools.wraps(endpoint)
        async def read(**arguments: Any) -> Response:
            session = _session(arguments)
            session.info["on_loop"] = True
            exchange: Exchange = session.info["exchange"]
            try:
                result = self._shaped(session, endpoint(**arguments))
                if reads.is_question(result):
                    made = await self._ask(exchange, result)
                    if isinstance(made, Deferred):
                        return await to_thread.run_sync(made.build)
                    return made
            except Blocking:
                pass
            except errors.ApiError:
                if not exchange.entered:  # 401 and 403 come before a fault of the question
                    await to_thread.run_sync(_authorise, exchange)
                raise
            del session.info["on_loop"]
            return await to_thread.run_sync(lambda: call(**arguments))

        return read

    async def _ask(self, exchange: Exchange, question: Question) -> Response | Deferred:
        assert exchange.token is not None
        asked = reads.ask(exchange.token, question, exchange.permission, exchange.permit)
        return self._build(*await asked, exchange)

    def _shaped(self, session: Session, result: Any) -> Any:
        """What was found without looking, as JSON where its shape is plain, else as rows."""
        if not reads.is_lazy(result):
            return result
        if self.shape is not None and reads.is_plain(result.model, self.shape):
            return result.as_json(self.shape)
        return result.as_rows(session)

    def _try(
        self, session: Session, verb: Callable[..., Any], arguments: Any
    ) -> Response | Deferred:
        """Deadlocks and serialisation failures are the database's to report and ours to retry."""
        exchange: Exchange = session.info["exchange"]
        for left in reversed(range(RETRIES)):
            try:
                with session.begin():
                    return self._once(session, exchange, verb, arguments)
            except sqlalchemy.exc.OperationalError as failure:
                if left == 0 or not _worth_retrying(failure):
                    raise
                session.expunge_all()
                session.info.clear()
                session.info.update(exchange.info())
        raise AssertionError("unreachable")

    def _once(
        self, session: Session, exchange: Exchange, verb: Callable[..., Any], arguments: Any
    ) -> Response | Deferred:
        session.sight  # noqa: B018 - enters: who they are comes before anything they ask
        if exchange.attempt:
            stored = exchange.attempt.replay(session, exchange.found)
            if stored is not None:
                headers = {**stored.headers, "Idempotent-Replayed": "true"}
                return Response(stored.body, stored.status, headers)
        result = self._shaped(session, verb(**arguments))
        if reads.is_question(result):
            result = reads.ask_within(session, result)
        session.put_down()  # what is answered is what was counted
        response = self._build(session.sight, result, exchange)
        if isinstance(response, Deferred):
            return response
        if exchange.attempt and response.status_code < 300:
            exchange.attempt.remember(session, _answer(response))
        return response

    def _build(self, sight: Any, result: Any, exchange: Exchange) -> Response | Deferred:
        if isinstance(result, Response | Deferred):
            return result
        status = self.status_code or 200
        headers = {"Cache-Control": "no-store", **exchange.headers}
        headers["Vary"] = "Authorization, Accept, Accept-Language"
        if (version := getattr(result, "version", None)) is not None:
            projection = "c" if sight.is_contact else "s"
            headers["ETag"] = f'"{version}.{projection}.{exchange.locale}"'
        if preconditions.is_unchanged(exchange.request, headers.get("ETag")):
            return Response(status_code=304, headers=headers)
        if isinstance(result, reads.Answer):
            return Response(result.body, status, headers, "application/json")
        if self.answer is None or result is None:
            return Response(status_code=status, headers=headers)
        value = self.answer.validate_python(result, from_attributes=True)
        body = self.answer.dump_json(value, by_alias=True)
        return Response(body, status, headers, "application/json")


def domain_router(tag: str) -> APIRouter:
    """A domain's router, whose routes keep the contract."""
    return APIRouter(
        prefix="/v1", tags=[tag], route_class=Route, generate_unique_id_function=operation_id
    )


def operation_id(route: APIRoute) -> str:
    """An operation is named as its function is."""
    return route.name


def _shown(model: Any) -> type[BaseModel] | None:
    """The shape of one resource, or of each on a page."""
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        return None
    return model.__pydantic_generic_metadata__["args"][0] if issubclass(model, Page) else model


def _named(dependencies: list[DependsMarker]) -> Needs:
    named = [each.dependency for each in dependencies if isinstance(each.dependency, Needs)]
    if len(named) != 1:
        raise TypeError("a route names exactly one permission: dependencies=[needs(...)]")
    return named[0]


def _bearer(request: Request) -> AccessToken:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise auth.InvalidToken
    return tokens.read_token(token.strip())


def _session(arguments: dict[str, Any]) -> Session:
    return next(each for each in arguments.values() if isinstance(each, Session))


def _authorise(exchange: Exchange) -> None:
    """Rule out 401 and 403 before a request is told that its form is wrong."""
    with database.open_session(exchange.enter) as session:
        session.sight  # noqa: B018 - enters


def _is_form(failure: Exception) -> bool:
    """Whether a failure speaks of the request's form alone: no verb has run."""
    if isinstance(failure, RequestValidationError | refusals.UnknownParameter):
        return True
    if isinstance(failure, errors.UnsupportedMedia | idempotency.InvalidIdempotencyKey):
        return True
    framework = getattr(failure, "status_code", None) in (400, 413)
    return framework or isinstance(failure, MalformedBody)


def _worth_retrying(failure: sqlalchemy.exc.OperationalError) -> bool:
    return isinstance(
        failure.orig, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected
    )


def _answer(response: Response) -> idempotency.Answer:
    kept = {"content-type", "etag", "location", "cache-control", "vary"}
    headers = {name: value for name, value in response.headers.items() if name in kept}
    return idempotency.Answer(response.status_code, headers, bytes(response.body))
