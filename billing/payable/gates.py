"""
What must be so before something owed is paid, as work tells it.

A gate is a code, opaque here but for the two that billing satisfies itself. A payable names its
gates when it is opened; what is said afterwards is said of its source. Every word is kept with what
shows it, the newest counts, and what depends on it (`blocked ⇄ ready`) follows at once.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from billing.payable import sources
from billing.payable.payable_models import GateWord, Payable, PayableStatus
from billing.payable.payable_shapes import GateList, GateRead
from billing.payable.sources import Source
from tenants import database, outbox

PAYEE_READY = "payee_ready"
NOT_DISPUTED = "not_disputed"

# Whose state is that of their gates. The others keep theirs while the gates go on being counted.
_FOLLOWING = frozenset({PayableStatus.blocked, PayableStatus.ready, PayableStatus.below_minimum})


def satisfy(
    session: Session,
    source_type: str,
    source_id: UUID,
    code: str,
    evidence: dict[str, Any],
    part: UUID | None = None,
) -> list[Payable]:
    """
    Say that a gate of a source, or of one part of it, is satisfied, and what shows it; gives the
    open payables this was about. Nothing is kept where nothing is owed yet that asks for it.
    """
    word = {"satisfied": True, "evidence": evidence, "reason": None}
    return _say(session, (source_type, source_id, part), code, word)


def unsatisfy(
    session: Session,
    source_type: str,
    source_id: UUID,
    code: str,
    reason: str,
    evidence: dict[str, Any],
    part: UUID | None = None,
) -> list[Payable]:
    """Say that a gate is not satisfied, or no longer, and why; gives the open payables of it."""
    word = {"satisfied": False, "evidence": evidence, "reason": reason}
    return _say(session, (source_type, source_id, part), code, word)


def _say(
    session: Session, source: tuple[str, UUID, UUID | None], code: str, word: dict[str, Any]
) -> list[Payable]:
    source_type, source_id, part = source
    sources.hold(session, source_type, source_id)
    about = [
        each
        for each in sources.owed(session, source_type, source_id, part)
        if each.status in sources.OPEN and code in each.gates
    ]
    if about:
        keep(session, about[0], code, part=part, **word)
    for each in about:
        count(session, each, code, word["satisfied"])
    return about


def keep(session: Session, payable: Payable | Source, code: str, **word: Any) -> GateWord:
    """Keep what was said of a gate of a source, or of a payable's source, which is held."""
    number = select(func.count()).where(
        col(GateWord.source_type) == payable.source_type,
        col(GateWord.source_id) == payable.source_id,
        col(GateWord.code) == code,
    )
    said = GateWord(
        client_id=payable.client_id,
        payee_id=payable.payee_id,
        source_type=payable.source_type,
        source_id=payable.source_id,
        code=code,
        number=session.exec(number).one() + 1,
        said_by=sources.sight_of(session).membership_id,
        **word,
    )
    database.add(session, said)
    told = "gate.satisfied" if said.satisfied else "gate.unsatisfied"
    outbox.emit(session, told, said)
    return said


def count(session: Session, payable: Payable, code: str, satisfied: bool) -> None:
    """Let a payable's state follow one of its gates."""
    if satisfied == (code not in payable.open_gates):
        return
    left = {*payable.open_gates} ^ {code}
    payable.open_gates = [each for each in payable.gates if each in left]
    if payable.status in _FOLLOWING:
        before, payable.status = payable.status, state_of(payable)
        if payable.status is not before:
            outbox.emit(session, f"payable.{payable.status}", payable)
            return
    outbox.emit(session, "payable.gate_closed" if satisfied else "payable.gate_opened", payable)


def state_of(payable: Payable) -> PayableStatus:
    """The state that a payable's gates give it, while nothing else does."""
    return PayableStatus.blocked if payable.open_gates else PayableStatus.ready


def shown(session: Session, payables: Sequence[Payable]) -> GateList:
    """The gates of payables, each with the newest word about it."""
    found = []
    for each in payables:
        source = (each.source_type, each.source_id, each.part)
        said = newest(session, *source, each.gates)
        found += [_shown(each, code, said.get(code)) for code in each.gates]
    return GateList(data=found)


def _shown(payable: Payable, code: str, word: GateWord | None) -> GateRead:
    return GateRead(
        payable_id=payable.id,
        code=code,
        satisfied=code not in payable.open_gates,
        word_id=word and word.id,
        said_at=word and word.created_at,
        reason=word and word.reason,
        evidence=word and word.evidence,
    )


def newest(
    session: Session, source_type: str, source_id: UUID, part: UUID | None, codes: Sequence[str]
) -> dict[str, GateWord]:
    """The newest word about each of some gates, as far as a part of the source is concerned."""
    query = (
        select(GateWord)
        .where(
            col(GateWord.source_type) == source_type,
            col(GateWord.source_id) == source_id,
            col(GateWord.code).in_(codes),
            col(GateWord.part).is_(None) | (col(GateWord.part) == part),
        )
        .order_by(col(GateWord.number))
    )
    return {word.code: word for word in session.exec(query)}
