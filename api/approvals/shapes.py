"""What comes in and goes out over the wire about approvals."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field as Constraint
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from api.approvals.models import ApprovalStatus, Level, Outcome, Quorum, Unanswered
from tenants.money import LARGEST
from tenants.pages import PageQuery
from tenants.shapes import Email, Flag, FormText, Name, ReadShape, Shape, Text


class SubjectRead(ReadShape):
    """One thing an approval covers."""

    subject_type: str
    subject_id: UUID
    content_sha256: str


class DecisionRead(ReadShape):
    """
    What somebody decided. `recorded_by`: given to the agency, which kept the evidence, and open to
    being contested until `contest_until`; `link_id`: given without an account, by whom the link
    was for; `deemed`: nobody answered in time, and the client's policy says that this approves.
    `decided_from` is the address it came from, `content_sha256` the hash of what was decided on,
    `pdf_sha256` of its PDF where they were served that too.
    """

    id: UUID
    level: Level
    outcome: Outcome
    reason: str | None
    content_sha256: str
    pdf_sha256: str | None
    decided_by_name: str
    decided_by_email: str | None
    decided_from: str | None
    link_id: UUID | None
    recorded_by: UUID | None
    evidence_file_id: UUID | None
    contest_until: datetime | None
    self_approved: bool
    deemed: bool
    created_at: datetime


class ContestRead(ReadShape):
    """What the client says of a decision that was recorded in its name."""

    id: UUID
    reason: str
    contested_by_name: str
    created_at: datetime


class ApprovalRead(ReadShape):
    """
    A request for a decision. `document` is what is decided on, `content_sha256` its hash, and
    `pdf_sha256` that of its PDF once somebody has asked for one; `after` says what happens when
    nobody has answered by `respond_by`.
    """

    id: UUID
    version: int
    client_id: UUID
    level: Level
    quorum: Quorum
    quorum_count: int | None
    after: Unanswered
    status: ApprovalStatus
    title: str
    document: dict[str, Any]
    content_sha256: str
    pdf_sha256: str | None
    subjects: list[SubjectRead]
    decisions: list[DecisionRead]
    contests: list[ContestRead]
    respond_by: datetime | None
    decided_at: datetime | None
    created_at: datetime


class ApprovalSummary(ReadShape):
    """A request for a decision, as lists show it."""

    id: UUID
    version: int
    client_id: UUID
    level: Level
    status: ApprovalStatus
    title: str
    respond_by: datetime | None
    decided_at: datetime | None
    created_at: datetime


QuorumCount = Annotated[int, Constraint(strict=True, ge=1, le=50)]
BusinessDays = Annotated[int, Constraint(strict=True, ge=1, le=260)]
Reminders = Annotated[
    list[Annotated[int, Constraint(strict=True, ge=0, le=260)]], Constraint(max_length=5)
]


class InternalTerms(Shape):
    """
    What is asked of the agency's own level. Days are business days, Monday to Friday in the
    client's zone, each to its end; without `respond_within_days` there is no deadline.
    """

    quorum: Quorum = Quorum.any
    quorum_count: QuorumCount | None = None
    respond_within_days: BusinessDays | None = None
    remind_before_days: Reminders = []
    after: Literal[Unanswered.wait, Unanswered.expire] = Unanswered.wait


class ClientTerms(Shape):
    """What is asked of the client: as of the agency, but that its silence may count as approval."""

    quorum: Quorum = Quorum.any
    quorum_count: QuorumCount | None = None
    respond_within_days: BusinessDays | None = None
    remind_before_days: Reminders = []
    after: Unanswered = Unanswered.wait


class RecordTermsSet(Shape):
    """
    Whether the client's lead may record decisions that the client gave by phone or mail, up to how
    much money (minor units of the client's currency; null: any), and how many days it can contest.
    """

    allowed: Flag = True
    limit_minor: Annotated[int, Constraint(strict=True, ge=0, le=LARGEST)] | None = None
    contest_days: Annotated[int, Constraint(strict=True, ge=1, le=90)] = 10


class ApprovalPolicySet(Shape):
    """A client's whole policy; what is left out has its default. `internal_first`: see the read."""

    internal_first: Flag = False
    internal: InternalTerms = InternalTerms()
    client: ClientTerms = ClientTerms()
    record_decisions: RecordTermsSet = RecordTermsSet()


class LevelTerms(ReadShape):
    """What is asked of a level, and when; days are business days."""

    quorum: Quorum
    quorum_count: int | None
    respond_within_days: int | None
    remind_before_days: list[int]
    after: Unanswered


class RecordTerms(ReadShape):
    """What may be recorded for the client; `limit_minor` is in the client's currency."""

    allowed: bool
    limit_minor: int | None
    contest_days: int


class ApprovalPolicyRead(ReadShape):
    """
    How a client's approvals are asked for; version 1 while nothing was set. `internal_first`: where
    the client decides, its documents are decided on inside first. Approvals that are open keep what
    they were asked with.
    """

    version: int
    client_id: UUID
    internal_first: bool
    internal: LevelTerms
    client: LevelTerms
    record_decisions: RecordTerms


class ApprovalDecide(Shape):
    """A decision. `content_sha256` says what was seen: any other content is out of date."""

    outcome: Outcome
    reason: Text | None = None
    content_sha256: Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)] | None = (
        None
    )


class DecisionRecord(Shape):
    """
    A client's decision that was given to the agency: who gave it, and the evidence: words, a file
    that the client may see, or both.
    """

    outcome: Outcome
    reason: Text | None = None
    given_by: Name
    evidence: Text | None = None
    evidence_file_id: UUID | None = None

    @model_validator(mode="after")
    def _has_evidence(self) -> Self:
        if self.evidence is None and self.evidence_file_id is None:
            raise PydanticCustomError("evidence_missing", "a recorded decision has evidence")
        return self


class ApprovalContest(Shape):
    """Why what was recorded is not what the client decided."""

    reason: Text


class ApprovalLinkCreate(Shape):
    """Who of the client decides without an account, and how many days they have."""

    name: Name
    email: Email
    days: Annotated[int, Constraint(ge=1, le=60)] = 14


class ApprovalLinkRead(ReadShape):
    """A link. Its address was shown once, when it was made, and mailed."""

    id: UUID
    version: int
    client_id: UUID
    approval_id: UUID
    name: str
    email: str
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


class ApprovalLinkMade(ReadShape):
    """A new link with its address, which is never shown again."""

    id: UUID
    version: int
    approval_id: UUID
    name: str
    email: str
    expires_at: datetime
    address: str


class ApprovalLinkQuery(PageQuery):
    """Filters of the list of links."""

    client_id: UUID | None = None
    approval_id: UUID | None = None


class DecisionForm(Shape):
    """What the page of a link sends: a decision, and the hash of what was shown."""

    outcome: Outcome
    reason: FormText = None
    content_sha256: Annotated[str, Constraint(pattern="^[0-9a-f]{64}$", max_length=64)]


class ApprovalQuery(PageQuery):
    """Filters of the approval list; `waiting_on=me` shows what the caller can decide now."""

    client_id: UUID | None = None
    status: ApprovalStatus | None = None
    waiting_on: Literal["me"] | None = None
