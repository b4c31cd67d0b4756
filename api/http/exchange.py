"""One request on its way through its transaction: who asks, what they may, what was found."""

from dataclasses import dataclass, field
from typing import Any

import psycopg.errors
from fastapi import Request
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from api.http import idempotency, limits, preconditions
from tenants import auth, errors, pipeline
from tenants.auth import AccessToken, Actor, AgencySuspended, SubscriptionReadOnly
from tenants.models import AgencyStatus

_READS = ("GET", "HEAD")


@dataclass
class Exchange:
    """What one request brings to its transaction."""

    request: Request
    token: AccessToken | None  # None: somebody else opened the session
    permission: str | None
    in_arrears: bool = False
    attempt: idempotency.Attempt | None = None
    locale: str = "en"
    headers: dict[str, str] = field(default_factory=dict)
    entered: bool = False  # or refused at the door
    found: list[Any] = field(default_factory=list)  # of the attempt's look-up

    def enter(self, connection: Connection) -> Actor:
        """Who is it, live, and may they, anywhere."""
        assert self.token is not None
        self.entered = True
        asked = [self.token.statement]
        if self.attempt:
            asked += self.attempt.lookup(self.token.agency_id)
        try:
            entered, *self.found = pipeline.ask_together(connection, asked)
        except DBAPIError as failure:
            # Nobody came in, so there was no role to look for an earlier answer.
            if isinstance(failure.orig, psycopg.errors.InsufficientPrivilege):
                raise auth.InvalidToken from None
            raise
        actor = self.token.entered(entered)
        self.permit(actor)
        return actor

    def permit(self, actor: Any) -> None:
        self.entered = True
        if self.permission is not None:
            self._check_standing(actor.agency_status)
        if self.permission and not actor.may(self.permission):
            raise errors.Forbidden

    def _check_standing(self, status: AgencyStatus) -> None:
        """What a lapsed or suspended agency may still do: the one place that says so."""
        if status is AgencyStatus.closed:
            raise AgencySuspended
        if self.in_arrears:
            return
        if status is AgencyStatus.suspended:
            raise AgencySuspended
        if status is AgencyStatus.read_only and self.request.method not in _READS:
            raise SubscriptionReadOnly

    def info(self) -> dict[str, Any]:
        """The session's own knowledge of it; fresh for each try."""
        return {
            "exchange": self,
            "entry": self.enter,
            "permission": self.permission,
            "request_id": self.request.scope.get("request_id"),
            "address": limits.address(self.request),
            "if_match": preconditions.versions(self.request),
        }
