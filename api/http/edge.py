"""
The outermost layer: what every answer carries, whichever status it has and whoever made it.

Request id and trace, security headers, rate limits, HEAD, OPTIONS, and the last resort for an
exception that nothing else caught. The framework's own 404, 405 and 500 pass here as well.
"""

import re
import secrets
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import limits
from api.http.problems import MethodNotAllowed, respond, translate
from tenants.ids import new_id

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACE = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'"


class Edge:
    """Wraps the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        methods_of: Callable[[str], set[str]],
        literal: Mapping[str, set[str]],
    ) -> None:
        self.app = app
        self.methods_of = methods_of
        self.literal = literal  # path that a placeholder would take as well → its own methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get("x-request-id", "")
        scope["request_id"] = asked if _REQUEST_ID.fullmatch(asked) else str(new_id())
        scope["trace"] = _trace(headers.get("traceparent", ""))
        reply = _Reply(scope, send)
        if scope["method"] == "OPTIONS":
            await self._options(scope, reply)
            return
        own = self.literal.get(scope["path"])
        if own is not None and scope["method"] not in own:
            refusal = MethodNotAllowed(headers={"Allow": ", ".join(sorted(own))})
            await respond(Request(scope), refusal)(scope, receive, reply.send)
            return
        if scope["method"] == "HEAD":
            scope["method"], scope["head"] = "GET", True
        try:
            await self.app(scope, receive, reply.send)
        except Exception as failure:
            if reply.started:  # answered and logged by the handler for any exception
                return
            answer = respond(Request(scope), translate(failure))
            await answer(scope, receive, reply.send)

    async def _options(self, scope: Scope, reply: "_Reply") -> None:
        allowed = self.methods_of(scope["path"])
        headers = [(b"allow", ", ".join(sorted(allowed)).encode())] if allowed else []
        await reply.send(
            {"type": "http.response.start", "status": 204 if allowed else 404, "headers": headers}
        )
        await reply.send({"type": "http.response.body", "body": b""})


class _Reply:
    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self._send, self.started = scope, send, False
        self.head = scope["method"] == "HEAD"

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._dress(MutableHeaders(scope=message))
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _dress(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self.scope["request_id"]
        headers["Traceparent"] = self.scope["trace"]
        for name, value in limits.fields(self.scope.get("rate_limit")).items():
            headers.setdefault(name, value)
        for name, value in SECURITY.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", NOTHING_LOADS)
        headers.setdefault("Cache-Control", "no-store")


def _trace(sent: str) -> str:
    """Continue the caller's trace (W3C Trace Context), or begin one."""
    if _TRACE.fullmatch(sent):
        version, trace, _, flags = sent.split("-")
        return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
