"""Money in a snapshot: what was put in and what came back, ads, the budget, the contract."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from api.reports.snapshot.figures import (
    Count,
    Frozen,
    Label,
    MissingReason,
    ReportRate,
    Text,
    Whole,
    Words,
)

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class ReportPaidMedia(Frozen):
    """What advertising cost and brought."""

    spend_minor: Count
    impressions: Count | None = None
    clicks: Count | None = None
    conversions: Count | None = None


class ReportBudgetLine(Frozen):
    """`unfunded_minor` was spent beyond the line, on top of `spent_minor`: still uncovered."""

    label: Label
    category: Literal[
        "paid_media",
        "production",
        "influencers",
        "tools",
        "fees",
        "contingency",
        "events",
        "prizes",
        "travel",
        "other",
    ]
    paid_by: Literal["client", "agency"] = "agency"
    allocated_minor: Count
    committed_minor: Count = 0
    spent_minor: Count = 0
    unfunded_minor: Count = 0
    note: Text | None = None

    @property
    def available_minor(self) -> int:
        return self.allocated_minor - self.committed_minor - self.spent_minor

    @model_validator(mode="after")
    def _holds_what_was_allocated(self) -> Self:
        if self.available_minor < 0:
            raise ValueError("committed and spent are within the allocation; the rest is unfunded")
        return self


class ReportBudgetTotals(Frozen):
    """The sums of the budget's lines."""

    allocated_minor: Count
    committed_minor: Count
    spent_minor: Count
    unfunded_minor: Count
    available_minor: Count


class ReportFees(Frozen):
    """What the agency charges beside the budget."""

    amount_minor: Count
    note: Text | None = None


class ReportBudget(Frozen):
    """The money agreed for the period, line by line."""

    currency: Currency
    lines: Annotated[tuple[ReportBudgetLine, ...], Field(min_length=1)]
    totals: ReportBudgetTotals
    fees: ReportFees | None = None

    @model_validator(mode="after")
    def _closes(self) -> Self:
        for name in ReportBudgetTotals.model_fields:
            if getattr(self.totals, name) != sum(getattr(line, name) for line in self.lines):
                raise ValueError(f"budget: {name} is not the sum of its lines")
        return self


class ReportInvestment(Frozen):
    """Everything the period cost, whoever paid it, and what came back."""

    fee_minor: Count = 0
    media_minor: Count = 0
    production_minor: Count = 0
    other_minor: Count = 0
    total_minor: Count
    revenue_minor: Count | None = None
    roi: ReportRate | None = None
    roi_missing_reason: MissingReason | Text | None = None

    @model_validator(mode="after")
    def _closes(self) -> Self:
        parts = (self.fee_minor, self.media_minor, self.production_minor, self.other_minor)
        if sum(parts) != self.total_minor:
            raise ValueError("investment: the total is not the sum of its parts")
        if self.roi is None and self.roi_missing_reason is None:
            raise ValueError("investment: a return is there or says why not")
        if self.roi is not None and self.revenue_minor is None:
            raise ValueError("investment: a return needs revenue")
        if self.roi is not None and self.revenue_minor is not None:
            gain = self.revenue_minor - self.total_minor
            if (self.roi.numerator, self.roi.denominator) != (gain, self.total_minor):
                raise ValueError("investment: the return is (revenue − total) ÷ total")
        return self


class ReportGift(Frozen):
    """Units given beyond what was sold; `value_minor` is what they cost by the list, if known."""

    label: Label
    units: Annotated[int, Field(strict=True, ge=1)]
    value_minor: Count | None = None


class ReportRetainer(Frozen):
    """
    What of a line that renews was there, was used and is left at the period's end, in its units.
    `remaining` is granted + carried − deducted − used; what expired is not carried.
    """

    label: Label
    measure: Literal["piece", "service_period", "hours", "milestone", "pass_through"]
    granted: Count
    carried: Whole = 0
    deducted: Count = 0
    used: Count = 0
    over: Count = 0
    expired: Count = 0
    remaining: Whole
    rolls_over: bool = False
    expires_on: dt.date | None = None

    @model_validator(mode="after")
    def _closes(self) -> Self:
        left = self.granted + self.carried - self.deducted - self.used - self.expired
        if left != self.remaining:
            raise ValueError("retainer: what is left is not what was there less what was used")
        return self


class ReportAgreement(Frozen):
    """One contract in force: until when, and when it is time to speak."""

    title: Words
    renews_on: dt.date | None = None
    notice_by: dt.date | None = None
    ends_on: dt.date | None = None


class ReportContract(Frozen):
    """What the client has of its contract at the period's end."""

    agreements: tuple[ReportAgreement, ...] = ()
    retainers: tuple[ReportRetainer, ...] = ()
    gifts: tuple[ReportGift, ...] = ()
    gifts_minor: Count | None = None

    @model_validator(mode="after")
    def _closes(self) -> Self:
        values = [gift.value_minor for gift in self.gifts if gift.value_minor is not None]
        if self.gifts_minor != (sum(values) if values else None):
            raise ValueError("contract: the value given is not the sum of its lines")
        return self
