"""Wire shapes of payees, payouts and the files that go to a bank."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Constraint

from billing.payable.destinations import AccountNumber, Bic, Country, Iban
from billing.payable.payable_models import PayeeStatus
from billing.payable.payable_shapes import PayableRead
from billing.payable.payout_models import DetailsStatus, PaymentMethod, PayoutStatus
from tenants.money import CurrencyCode, MoneyRead
from tenants.pages import PageQuery
from tenants.shapes import Day, Flag, Line, Name, ReadShape, Reason, Shape, Text

TaxId = Annotated[str, Constraint(min_length=2, max_length=40, pattern="^[A-Z0-9][A-Z0-9./ -]*$")]
PayableIds = Annotated[list[UUID], Constraint(min_length=1, max_length=200)]
PayoutIds = Annotated[list[UUID], Constraint(min_length=1, max_length=500)]
# What a bank prints of a name (EPC).
BankName = Annotated[Name, Constraint(max_length=70)]


class PayeeRead(ReadShape):
    """Somebody the agency pays, by the id of the influencer, and how far that is settled."""

    id: UUID
    version: int
    status: PayeeStatus
    provider_account: str | None
    provider_ready: bool
    created_at: datetime
    updated_at: datetime


class PayeeQuery(PageQuery):
    """Filters of the list of payees."""

    status: PayeeStatus | None = None


class PayeeDetailsCreate(Shape):
    """
    Who a payee is to the tax office, and where their money goes. A bank transfer goes to an `iban`,
    or to an `account_number` at the bank of a `bic`; by hand it goes as `instructions` say.
    """

    legal_name: Name
    tax_id: TaxId | None = None
    country: Country | None = None
    address: Text | None = None
    method: PaymentMethod | None = None
    iban: Iban | None = None
    account_number: AccountNumber | None = None
    bic: Bic | None = None
    instructions: Text | None = None


class PayeeDetailsRead(ReadShape):
    """What was said of a payee: `confirmed` is what counts. For the owner, admins and the payee."""

    id: UUID
    version: int
    payee_id: UUID
    number: int
    status: DetailsStatus
    legal_name: str
    tax_id: str | None
    country: str | None
    address: str | None
    method: PaymentMethod | None
    iban: str | None
    account_number: str | None
    bic: str | None
    instructions: str | None
    said_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    self_confirmed: bool
    reason: str | None
    created_at: datetime


class PayeeDetailsRefuse(Shape):
    """Why what was said of a payee does not count."""

    reason: Reason


class PayoutCreate(Shape):
    """
    What to pay to whom: all that is ready in a currency, or the payables that are named. What is
    asked back of the payee is deducted.
    """

    payee_id: UUID
    currency: CurrencyCode
    payable_ids: PayableIds | None = None


class PayoutPrepare(Shape):
    """A payout for everybody with something ready; in one currency, if it is named."""

    currency: CurrencyCode | None = None


class PayoutReason(Shape):
    """Why."""

    reason: Reason


class PayoutPaid(Shape):
    """By which reference money has left, and when; today unless it is said."""

    reference: Line
    paid_on: Day | None = None


class PayoutReturned(Shape):
    """Why money came back, and when; today unless it is said."""

    reason: Reason
    returned_on: Day | None = None


class PayoutRead(ReadShape):
    """Money to one payee: `gross_minor`, less `deducted_minor`, is the amount."""

    id: UUID
    version: int
    payee_id: UUID
    status: PayoutStatus
    gross_minor: int
    deducted_minor: int
    amount: MoneyRead
    requested_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    self_approved: bool
    reason: str | None
    file_id: UUID | None
    provider: str
    reference: str | None
    paid_on: date | None
    returned_on: date | None
    created_at: datetime
    updated_at: datetime


class PayoutItemRead(ReadShape):
    """A payable that a payout pays, or below zero what it deducts of a claw-back."""

    id: UUID
    payout_id: UUID
    payable_id: UUID
    amount_minor: int
    given_back: bool


class PayoutFilter(BaseModel):
    """Which payouts."""

    model_config = ConfigDict(extra="ignore")

    payee_id: UUID | None = None
    status: PayoutStatus | None = None
    currency: CurrencyCode | None = None
    file_id: UUID | None = None


class PayoutQuery(PageQuery, PayoutFilter):
    """Filters of the list of payouts."""


class PreparedPayouts(ReadShape):
    """The payouts that were made, and what comes to less than is worth a transfer."""

    payouts: list[PayoutRead]
    below_minimum: list[PayableRead]


class PayoutFileCreate(Shape):
    """
    A credit transfer initiation for the agency's bank (ISO 20022, pain.001.001.09): of all approved
    payouts in euros that go by a bank, or of those that are named, out of one account. They are
    queued with it. What cannot go is left out and named; `strict` refuses the whole file instead.
    """

    execution_on: Day
    debtor_name: BankName
    debtor_iban: Iban
    debtor_bic: Bic | None = None
    payout_ids: PayoutIds | None = None
    strict: Flag = False


class LeftOutCode(StrEnum):
    """Why a payout is not in a file: the code of what refuses it."""

    move_not_allowed = "move_not_allowed"  # it is not approved
    not_by_sepa = "not_by_sepa"
    gates_open = "gates_open"
    approval_void = "approval_void"


class LeftOutPayout(ReadShape):
    """A payout that could not go into a file, and is as it was."""

    payout_id: UUID
    code: LeftOutCode


class PayoutFileRead(ReadShape):
    """
    A file for a bank: how many payouts it holds, what they come to, and its hash; and which of
    those it was asked for it leaves out.
    """

    id: UUID
    execution_on: date
    debtor_name: str
    payout_count: int
    total_minor: int
    currency: str
    sha256: str
    left_out: list[LeftOutPayout]
    made_by: UUID | None
    created_at: datetime
