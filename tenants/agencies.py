"""The agency itself: signed up with its first owner, then changed by whoever runs it."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlmodel import Session, col, select

from tenants import database, outbox, sessions, users
from tenants.errors import Conflict, Forbidden
from tenants.models import Agency, Membership, MembershipKind
from tenants.permissions import AgencyRole
from tenants.sessions import Origin, Tokens
from tenants.users import Proof


class AgencySlugTaken(Conflict):
    """Another agency has this slug; choose another."""


@dataclass(frozen=True)
class SignUp:
    """A new agency, and its owner's first log-in."""

    agency: Agency
    tokens: Tokens


def sign_up(
    proof: Proof,
    origin: Origin,
    *,
    owner_name: str,
    opened: Callable[[database.Session, Agency], None],
    **values: Any,
) -> SignUp:
    """
    Make an agency and its owner, who may be known from another agency. `opened` adds, in the same
    transaction, what the floors above keep of every agency.
    """
    with database.platform_session(origin.request_id) as session:
        user = users.settle(session, proof, name=owner_name, locale=values["locale"])
        agency = _make(session, **values)
        owner = Membership(
            agency_id=agency.id,
            user_id=user.id,
            name=owner_name,
            email=user.email,
            kind=MembershipKind.staff,
            role=AgencyRole.owner,
        )
        database.add(session, owner)
        database.speak_as(session, sessions.person(user, owner, agency))
        opened(session, agency)
        outbox.emit(session, "agency.created", agency)
        outbox.emit(session, "member.joined", owner)
        return SignUp(agency, sessions.open_session(session, user, owner, agency, origin))


def _make(session: Session, *, slug: str | None, name: str, **values: Any) -> Agency:
    slug = slug or _free_slug(session, name)
    agency = Agency(name=name, slug=slug, **values)
    with database.refusing_twice("uq_agencies_slug", AgencySlugTaken(pointer="/slug")):
        session.add(agency)
        session.flush()
    return agency


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    made = made if len(made) >= 3 else f"agency-{made}".strip("-")
    taken = session.exec(select(Agency.id).where(col(Agency.slug) == made)).first()
    return f"{made}-{secrets.token_hex(4)}" if taken else made


def current(session: Session) -> Agency:
    """The caller's agency, for its staff."""
    actor = cast(database.Session, session).sight
    if actor.membership is not MembershipKind.staff:
        raise Forbidden
    return session.exec(select(Agency).where(col(Agency.id) == actor.agency_id)).one()


def update(session: Session, **changes: Any) -> Agency:
    """Change the agency; `branding` and `settings` change only in the members that are named."""
    agency_id = cast(database.Session, session).sight.agency_id
    held = select(Agency).where(col(Agency.id) == agency_id).with_for_update(key_share=True)
    agency = session.exec(held).one()
    database.check_version(session, agency)
    for name in ("branding", "settings"):
        if name in changes:
            changes[name] = {**getattr(agency, name), **changes[name]}
    agency.sqlmodel_update(changes)
    agency.version += 1
    outbox.emit(session, "agency.updated", agency)
    return agency
