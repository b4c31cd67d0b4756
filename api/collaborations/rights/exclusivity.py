"""
For whom else an influencer may not work, across all of the agency's clients.

Accepted terms take the influencer for their work, and for what they promise beyond it. Two claims
of different clients contradict each other where they share an instant and one of them is exclusive
in the other's category, or against its brand. Claims are taken under a lock on the influencer, so
that the second of two at once finds the first; a refusal says when, and nothing of whose it is.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, col, select

from api.collaborations.rights.models import InfluencerWindow
from api.collaborations.rights.windows import Window
from api.influencers.models import Influencer
from tenants import clock, database
from tenants.errors import Conflict
from tenants.models import Client


class ExclusivityConflict(Conflict):
    """The influencer is taken at that time: `windows` says when, and of nobody else anything."""


@dataclass(frozen=True)
class Claim:
    """What one client's terms claim of an influencer: work, or that they do none for others."""

    holder: str
    brand: str
    category: str
    exclusive: bool
    window: Window
    against: frozenset[str] = frozenset()

    def contradicts(self, other: "Claim") -> bool:
        """Whether both cannot be kept."""
        if self.holder == other.holder or not self.window.overlaps(other.window):
            return False
        return self._rules_out(other) or other._rules_out(self)

    def _rules_out(self, other: "Claim") -> bool:
        return self.exclusive and (self.category == other.category or other.brand in self.against)


def conflicts(claims: Iterable[Claim], taken: Sequence[Claim]) -> list[Window]:
    """When claims contradict what is taken: the instants both are about, the earliest first."""
    shared = {
        claim.window.common(other.window)
        for claim in claims
        for other in taken
        if claim.contradicts(other)
    }
    found = [window for window in shared if window is not None]
    return sorted(found, key=lambda each: (each.starts_at, each.ends_at))


def claims_of(client: Client, terms: dict[str, Any], work: Window) -> list[Claim]:
    """What terms claim for a client: `work` in their category, and each exclusivity."""
    mine: dict[str, Any] = {
        "holder": _hash(client, client.id),
        "brand": _brand(client, client.name),
    }
    claims = [Claim(category=terms["category"], exclusive=False, window=work, **mine)]
    for each in terms["exclusivities"]:
        window = Window(*(datetime.fromisoformat(each[name]) for name in ("starts_at", "ends_at")))
        against = frozenset(_brand(client, name) for name in each["competitors"])
        claims.append(
            Claim(category=each["category"], exclusive=True, window=window, against=against, **mine)
        )
    return claims


def check(session: Session, influencer_id: UUID, claims: Sequence[Claim]) -> None:
    """That what is claimed is free now. It may be gone a moment later: `take` holds."""
    found = conflicts(claims, [_claim(row) for row in _taken(session, influencer_id)])
    if found:
        raise ExclusivityConflict(
            extra={
                "windows": [
                    {"starts_at": _written(each.starts_at), "ends_at": _written(each.ends_at)}
                    for each in found
                ]
            }
        )


def hold(session: Session, influencer_id: UUID) -> Influencer:
    """Let nobody else take the influencer until this has ended."""
    return database.get(session, Influencer, influencer_id, lock=True)


def take(session: Session, influencer_id: UUID, contract: UUID, claims: Sequence[Claim]) -> None:
    """Take the influencer, who is held."""
    check(session, influencer_id, claims)
    rows = [
        InfluencerWindow(
            influencer_id=influencer_id,
            contract=_contract(contract),
            holder=claim.holder,
            brand=claim.brand,
            against=sorted(claim.against),
            category=claim.category,
            exclusive=claim.exclusive,
            starts_at=claim.window.starts_at,
            ends_at=claim.window.ends_at,
        )
        for claim in claims
    ]
    database.add(session, *rows)


def release(session: Session, contract: UUID) -> None:
    """Let go of what a collaboration that ended had taken."""
    query = select(InfluencerWindow).where(
        col(InfluencerWindow.contract) == _contract(contract),
        col(InfluencerWindow.released_at).is_(None),
    )
    for row in session.exec(query):
        row.released_at = clock.now()


def _taken(session: Session, influencer_id: UUID) -> Sequence[InfluencerWindow]:
    query = select(InfluencerWindow).where(
        col(InfluencerWindow.agency_id) == cast(database.Session, session).sight.agency_id,
        col(InfluencerWindow.influencer_id) == influencer_id,
        col(InfluencerWindow.released_at).is_(None),
    )
    return session.exec(query.execution_options(populate_existing=True)).all()


def _claim(row: InfluencerWindow) -> Claim:
    return Claim(
        row.holder,
        row.brand,
        row.category,
        row.exclusive,
        Window(row.starts_at, row.ends_at),
        frozenset(row.against),
    )


def _brand(client: Client, name: str) -> str:
    """One hash for all ways of writing a name."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return _hash(client, *"".join(each for each in plain if each.isalnum() or each == " ").split())


def _contract(collaboration_id: UUID) -> str:
    return hashlib.sha256(f"collaboration {collaboration_id}".encode()).hexdigest()


def _hash(client: Client, *words: object) -> str:
    said = "\n".join(map(str, (client.agency_id, *words)))
    return hashlib.sha256(said.encode()).hexdigest()


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
