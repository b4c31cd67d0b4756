"""Wire shapes of campaigns."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
)
from pydantic import Field as Constraint
from pydantic_core import PydanticCustomError

from api.campaigns.deliverable_models import WaitCause
from api.campaigns.models import CampaignFormat, CampaignGoal, CampaignStatus
from tenants.pages import PageQuery
from tenants.shapes import (
    Day,
    Localized,
    LongWords,
    Name,
    ReadShape,
    Shape,
)


def _no_repeats(formats: list[CampaignFormat]) -> list[CampaignFormat]:
    if len(set(formats)) != len(formats):
        raise PydanticCustomError("repeated", "the same one twice")
    return sorted(formats)


CampaignFormats = Annotated[
    list[CampaignFormat],
    Constraint(
        min_length=1, max_length=len(CampaignFormat), json_schema_extra={"uniqueItems": True}
    ),
    AfterValidator(_no_repeats),
]


class CampaignCreate(Shape):
    """A campaign to plan."""

    client_id: UUID
    name: Name
    goal: CampaignGoal
    formats: CampaignFormats
    brief: LongWords | None = None
    starts_on: Day
    ends_on: Day
    budget_id: UUID | None = None
    contract_id: UUID | None = None


class CampaignUpdate(Shape):
    """What of a draft may be changed."""

    name: Name | MISSING = MISSING
    goal: CampaignGoal | MISSING = MISSING
    formats: CampaignFormats | MISSING = MISSING
    brief: LongWords | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_on: Day | MISSING = MISSING
    budget_id: UUID | None | MISSING = MISSING
    contract_id: UUID | None | MISSING = MISSING


class CampaignPropose(Shape):
    """What is put to the same decision: a draft scope of the campaign, its draft budget."""

    scope_id: UUID | None = None
    budget_id: UUID | None = None


class CampaignPause(Shape):
    """On whose account the campaign is held."""

    cause: WaitCause


class CampaignRead(ReadShape):
    """Work for one goal. `approval_id`: the decision it waits for, or was given."""

    id: UUID
    version: int
    client_id: UUID
    name: str
    goal: CampaignGoal
    formats: list[CampaignFormat]
    brief: Localized
    starts_on: date
    ends_on: date
    paused_on: date | None
    paused_cause: WaitCause | None
    status: CampaignStatus
    budget_id: UUID | None
    contract_id: UUID | None
    approval_id: UUID | None
    created_at: datetime
    updated_at: datetime


class CampaignQuery(PageQuery):
    """Filters of the campaign list; cancelled and rejected ones only when `status` names them."""

    client_id: UUID | None = None
    status: CampaignStatus | None = None
