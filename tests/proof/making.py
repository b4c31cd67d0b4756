"""Live posts for tests: accepted pieces, published, and looked up on a network of our own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

import api.proof.tasks  # noqa: F401
from api.proof import looks
from api.proof.looking import LookOutcome, Seen, Wanted
from billing.payable.payable_models import GateWord
from tenants import auth, clock, database, worker
from tenants.jobs import Job, JobState
from tests.collaborations import making
from tests.factories import Staffed

DAY = timedelta(days=1)
CAPTION = "#publicidad El café de Aurora me despierta."


@dataclass
class Network:
    """What a look finds, and what somebody else does meanwhile."""

    outcome: LookOutcome = LookOutcome.live
    evidence: dict[str, Any] = field(default_factory=lambda: {"status": 200})
    looked: list[Wanted] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def look(self, wanted: Wanted) -> Seen:
        self.looked.append(wanted)
        self.meanwhile()
        return Seen(self.outcome, dict(self.evidence))


def approved(agency: Staffed, *, days: int = 30, pieces: int = 1, **values: Any) -> dict[str, Any]:
    """A collaboration whose pieces may be published, and shall stay so many days."""
    made = [making.piece(placement="post") for _ in range(pieces)]
    return making.approved(agency, min_live_days=days, deliverables=made, **values)


def body(piece_id: str, **values: Any) -> dict[str, Any]:
    return {
        "deliverable_id": piece_id,
        "url": f"https://www.instagram.com/p/{piece_id}/",
        "published_at": clock.now().isoformat(),
        "caption": {"caption": CAPTION},
        **values,
    }


def bound(agency: Staffed, piece_id: str, **values: Any) -> dict[str, Any]:
    answer = agency.executive.post("/v1/live-posts", body(piece_id, **values))
    return dict(making.done(answer, 201))


def published(agency: Staffed, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A collaboration with one piece that is out, and its post; nobody has looked yet."""
    made = approved(agency, **values)
    piece = making.pieces_of(agency.executive, made)[0]
    return made, bound(agency, piece["id"])


def read(agency: Staffed, post: dict[str, Any]) -> dict[str, Any]:
    return dict(making.done(agency.executive.get(f"/v1/live-posts/{post['id']}")))


def confirm(agency: Staffed, post: dict[str, Any], outcome: str, **values: Any) -> Any:
    said = {"outcome": outcome, "note": "Captura del lunes.", **values}
    return agency.executive.post(f"/v1/live-posts/{post['id']}/confirm", said)


def look(agency: Staffed) -> int:
    """Run every look that is due."""
    with database.agency_session(auth.system(agency.agency_id)) as session:
        due = select(Job.id).where(
            col(Job.kind) == looks.LOOK,
            col(Job.state) == JobState.queued,
            col(Job.due_at) <= clock.now(),
        )
        found = list(session.exec(due))
    for each in found:
        worker.run_job(agency.agency_id, each)
    return len(found)


@contextmanager
def later(**time: float) -> Iterator[None]:
    with clock.at(clock.now() + timedelta(**time)):
        yield


def words(agency: Staffed, made: dict[str, Any]) -> list[tuple[str, bool, UUID | None]]:
    """Every word that was said of a collaboration's gates by proof, in order."""
    codes = ("live_verified", "disclosure_valid", "min_live_days")
    with database.agency_session(auth.system(agency.agency_id)) as session:
        query = select(GateWord).where(
            col(GateWord.source_id) == UUID(made["id"]), col(GateWord.code).in_(codes)
        )
        found = session.exec(query.order_by(col(GateWord.code), col(GateWord.number)))
        return [(each.code, each.satisfied, each.part) for each in found]


def open_gates(agency: Staffed, made: dict[str, Any]) -> list[list[str]]:
    return [sorted(each.open_gates) for each in making.payables_of(agency, made)]
