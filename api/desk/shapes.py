"""What a day and an overview look like over the wire."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.clients.networks import Network
from api.collaborations.models import Placement, SubmissionStatus
from api.metrics.performance.spike_shapes import SpikeRead
from api.proof.models import LivePostStatus
from billing.payable.payable_models import PayableStatus
from tenants.money import MoneyRead
from tenants.permissions import Duty
from tenants.shapes import Localized, ReadShape, Shape

MOST = 100  # of each kind of thing that waits
SOON = timedelta(days=7)  # what is due by then is told


class DayQuery(Shape):
    """After how many days without an answer terms on the table are told of."""

    unanswered_days: Annotated[int, Field(ge=0, le=90)] = 3


class ItemKind(StrEnum):
    """What an item of a day is; its `id` is that of one of these."""

    approval = "approval"
    change_order = "change_order"
    client_request = "client_request"
    commitment = "commitment"
    deliverable = "deliverable"
    question = "question"
    report = "report"


class DayItem(ReadShape):
    """
    Something that waits. `label` in the languages it was written in; `title` where it has but one.
    `late`: its day has passed, by the client's calendar. `waits_for`: what a deliverable depends on
    and is not approved yet; `conflicts_with_dependency`: one of them is due after it is. A question
    is the comment that begins a thread on a report; its `title` is how it begins.
    """

    kind: ItemKind
    id: UUID
    client_id: UUID
    client_name: str
    label: Localized | None
    title: str | None
    due_on: date | None
    late: bool
    waits_for: list[UUID]
    conflicts_with_dependency: bool


class MatterReason(StrEnum):
    """
    What waits in a collaboration, and of what `id` is: `terms_unanswered` terms, without an answer
    for so many days; `terms_countered` terms instead of which the influencer wants others;
    `submission_to_review` a submission that is yours to decide on; `submission_due` a deliverable
    that is to be handed in within a week; `post_…` a live post that nobody has seen yet, that says
    something else, is not there, or is gone; `disclosure_missing` a live post whose caption nobody
    judged valid; `payable_blocked` a payable with one open gate, which you can mend.
    """

    terms_unanswered = "terms_unanswered"
    terms_countered = "terms_countered"
    submission_to_review = "submission_to_review"
    submission_due = "submission_due"
    post_unseen = "post_unseen"
    post_altered = "post_altered"
    post_missing = "post_missing"
    post_removed = "post_removed"
    disclosure_missing = "disclosure_missing"
    payable_blocked = "payable_blocked"


class CollaborationMatter(ReadShape):
    """
    Something in a collaboration that waits for the agency. `due_on`: the day to answer by, to hand
    in, until which a post stays, or to pay; `gate`: the one that is open.
    """

    reason: MatterReason
    id: UUID
    client_id: UUID
    client_name: str
    collaboration_id: UUID
    title: str
    influencer_name: str
    due_on: date | None
    late: bool
    gate: str | None


class DayRead(ReadShape):
    """
    What waits for the reader: to decide, to do (late first), to do again after changes were asked
    for, held up by others, or to be dated anew because what they depend on is due later; what
    clients owe; what waits in collaborations, whoever's; and in `spikes` what stood out of the
    figures, for who may read them. 100 of each at most, and of each reason in collaborations.
    """

    decide: list[DayItem]
    do: list[DayItem]
    redo: list[DayItem]
    held_up: list[DayItem]
    redate: list[DayItem]
    clients_owe: list[DayItem]
    collaborations: list[CollaborationMatter]
    spikes: list[SpikeRead]


class TermsWaiting(ReadShape):
    """Terms that are yours to answer, until `respond_by`."""

    collaboration_id: UUID
    terms_id: UUID
    title: str
    number: int
    respond_by: datetime


class PieceWaiting(ReadShape):
    """
    A deliverable of yours; `late` by the agency's calendar. `submission_id`: what you handed in for
    it last.
    """

    collaboration_id: UUID
    deliverable_id: UUID
    title: str
    number: int
    network: Network
    placement: Placement
    description: str
    due_on: date
    late: bool
    submission_id: UUID | None
    submission_status: SubmissionStatus | None


class PostWaiting(ReadShape):
    """A live post of yours that says something else than it did, or that a look did not find."""

    collaboration_id: UUID
    deliverable_id: UUID
    live_post_id: UUID
    title: str
    url: str
    status: LivePostStatus
    missing_since: datetime | None
    stays_until: datetime


class PaymentWaiting(ReadShape):
    """What you earned, and was not paid yet."""

    collaboration_id: UUID
    payable_id: UUID
    label: Localized
    amount: MoneyRead
    status: PayableStatus
    due_on: date | None


class InfluencerDayRead(ReadShape):
    """
    What waits for an influencer, the earliest first: terms to answer, deliverables to hand in or to
    hand in again, accepted ones whose live post is to be named, posts to mend, and payments on
    their way. 100 of each at most.
    """

    answer: list[TermsWaiting]
    hand_in: list[PieceWaiting]
    redo: list[PieceWaiting]
    bind: list[PieceWaiting]
    mend: list[PostWaiting]
    payments: list[PaymentWaiting]


class BudgetTotal(ReadShape):
    """The lines of a client's active budgets in one currency."""

    allocated: MoneyRead
    committed: MoneyRead
    spent: MoneyRead
    unfunded: MoneyRead


class ClientOverview(ReadShape):
    """How a client stands. `gaps`: duties that nobody has today; late by the client's calendar."""

    client_id: UUID
    name: str
    status: str
    lead_membership_id: UUID
    gaps: list[Duty]
    deliverables_open: int
    deliverables_late: int
    deliverables_blocked: int
    deliverables_over_scope: int
    decisions_by_us: int
    decisions_by_client: int
    requests_open: int
    requests_late: int
    commitments_open: int
    commitments_late: int
    change_orders_draft: int
    reports_due: int
    budgets: list[BudgetTotal]
    renews_on: date | None


class OverviewRead(ReadShape):
    """Every client in sight that has not ended."""

    clients: list[ClientOverview]
