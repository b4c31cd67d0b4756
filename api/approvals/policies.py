"""What a client's approvals ask for: the policy, and what it makes of one approval's levels."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from api.approvals.models import ApprovalPolicy, AskedLevel, Level, Quorum, Unanswered
from api.approvals.shapes import ClientTerms, InternalTerms, LevelTerms, RecordTermsSet
from tenants import database, outbox
from tenants.errors import Unprocessable
from tenants.ids import id_of
from tenants.models import ApprovalMode, Client

DEFAULTS = {
    Level.internal: InternalTerms().model_dump(mode="json"),
    Level.client: ClientTerms().model_dump(mode="json"),
}


RECORDING = RecordTermsSet().model_dump(mode="json")


class QuorumCountMismatch(Unprocessable):
    """A quorum of `n` says how many, and only that one does."""


class DeadlineMissing(Unprocessable):
    """What happens before or after a deadline needs one: say `respond_within_days`."""


def read(session: Session, client_id: UUID) -> ApprovalPolicy:
    client = database.get(session, Client, client_id)
    return of(session, client.id)


def put(session: Session, client_id: UUID, **values: Any) -> ApprovalPolicy:
    """Set a client's whole policy. What is open already keeps what it was asked with."""
    client = database.get(session, Client, client_id)
    held = select(Client.id).where(col(Client.id) == client.id).with_for_update(key_share=True)
    session.exec(held).one()
    found = _of(session, client.id)
    policy = found or _unset(client.id)
    database.check_version(session, policy)
    for level in Level:
        _check(level, values[level.value])
    if found is None:
        policy.id = id_of(client.created_at, client.id, policy.__tablename__)
        database.add(session, policy)
    policy.sqlmodel_update(values)
    database.touch(policy)  # another version than the one before, be it the one that was never set
    outbox.emit(session, "approval_policy.set", policy)
    return policy


def of(session: Session, client_id: UUID) -> ApprovalPolicy:
    """A client's policy, or what holds while it has none: version 1, in no table."""
    return _of(session, client_id) or _unset(client_id)


def _of(session: Session, client_id: UUID) -> ApprovalPolicy | None:
    query = select(ApprovalPolicy).where(col(ApprovalPolicy.client_id) == client_id)
    return session.exec(query).first()


def _unset(client_id: UUID) -> ApprovalPolicy:
    return ApprovalPolicy(
        client_id=client_id,
        internal=dict(DEFAULTS[Level.internal]),
        client=dict(DEFAULTS[Level.client]),
        record_decisions=dict(RECORDING),
    )


def mode_of(session: Session, client_id: UUID) -> ApprovalMode:
    """Who decides on the client's work before it goes out."""
    query = select(Client.approval_mode).where(col(Client.id) == client_id)
    return ApprovalMode(session.exec(query).one())


def asked(session: Session, client_id: UUID, level: Level | None) -> list[AskedLevel]:
    """
    What is to be asked, level by level, in order: of the named one, or of those that the client's
    mode and policy name; none when no decision is asked for.
    """
    policy = of(session, client_id)
    levels = [level] if level else _levels(mode_of(session, client_id), policy)
    return [_asked(policy, each, place) for place, each in enumerate(levels)]


def _asked(policy: ApprovalPolicy, level: Level, place: int) -> AskedLevel:
    terms = LevelTerms.model_validate(getattr(policy, level.value))
    return AskedLevel(client_id=policy.client_id, position=place, level=level, **terms.model_dump())


def _levels(mode: ApprovalMode, policy: ApprovalPolicy) -> list[Level]:
    if mode is ApprovalMode.none:
        return []
    if mode is ApprovalMode.internal:
        return [Level.internal]
    return [Level.internal, Level.client] if policy.internal_first else [Level.client]


def _check(level: Level, terms: dict[str, Any]) -> None:
    if (terms["quorum"] == Quorum.n) != (terms["quorum_count"] is not None):
        raise QuorumCountMismatch(pointer=f"/{level}/quorum_count")
    timed = terms["remind_before_days"] or terms["after"] != Unanswered.wait
    if timed and terms["respond_within_days"] is None:
        raise DeadlineMissing(pointer=f"/{level}/respond_within_days")
