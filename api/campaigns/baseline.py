"""
A campaign's baseline: the version of its scope in force at an instant.

Every accepted change order made a version of its own, which holds from the instant at which the one
before does not; so what was sold, at any date, is one of them, and none has to be added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from api.campaigns.models import Scope, ScopeLine
from api.campaigns.scope_shapes import ScopeLineRead, ScopeRead
from tenants import clock, reads
from tenants.errors import NotFound
from tenants.pipeline import Statement
from tenants.reads import Answer
from tenants.sight import Sight


class NoBaseline(NotFound):
    """No scope of this campaign was in force then."""


@dataclass(frozen=True)
class Baseline:
    """Asks for the version in force, now unless said, with its lines."""

    campaign_id: UUID
    as_of: datetime | None = None

    def statements(self, agency_id: UUID) -> Sequence[Statement]:
        at = self.as_of or clock.now()
        return [Statement(_IN_FORCE, {"agency": agency_id, "campaign": self.campaign_id, "at": at})]

    def answer(self, sight: Sight, permission: str | None, found: Sequence[list[Any]]) -> Answer:
        client_id, body, version = found[0][0] if found[0] else (None, None, None)
        reads.check_client(sight, permission, client_id)
        if body is None:
            raise NoBaseline
        return Answer(body.encode(), version)


_LINES = f"""(
    select coalesce(
        json_agg({reads.members(ScopeLine, ScopeLineRead)}
            order by scope_lines.position, scope_lines.id),
        '[]')
    from scope_lines
    where scope_lines.agency_id = %(agency)s and scope_lines.scope_id = scopes.id
)"""  # noqa: S608
_IN_FORCE = f"""
select c.client_id,
    case when scopes.id is not null then {reads.members(Scope, ScopeRead, lines=_LINES)}::text end,
    scopes.version
from campaigns c
left join scopes on scopes.agency_id = %(agency)s and scopes.campaign_id = c.id
    and scopes.accepted_at <= %(at)s
    and (scopes.superseded_at is null or scopes.superseded_at > %(at)s)
where c.agency_id = %(agency)s and c.id = %(campaign)s"""  # noqa: S608
