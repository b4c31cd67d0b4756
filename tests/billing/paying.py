"""What tests do to pay a payee: something ready, a payout of it, what is done to that."""

from typing import Any

from billing import ledger
from billing.payable.payable_models import Payable
from tests.billing.creators import inside, known, owed
from tests.campaigns.making import done
from tests.factories import Person, Staffed

PAID: dict[str, Any] = {"reference": "TRF-1"}


def ready(agency: Staffed, amount: int = 50_000, **values: Any) -> Payable:
    """Something owed to the agency's influencer that nothing keeps from being paid."""
    known(agency, values.get("payee_id"))
    return owed(agency, amount_minor=amount, gates=["payee_ready"], **values)


def create(by: Person, agency: Staffed, status: int = 201, **values: Any) -> Any:
    body = {"payee_id": str(agency.influencer_id), "currency": "EUR", **values}
    return done(by.post("/v1/payouts", body), status)


def act(by: Person, payout: Any, verb: str, status: int = 200, **body: Any) -> Any:
    return done(by.post(f"/v1/payouts/{payout['id']}/{verb}", body or None), status)


def read(agency: Staffed, payout: Any) -> Any:
    return done(agency.owner.get(f"/v1/payouts/{payout['id']}"))


def accounts(agency: Staffed, *names: str) -> list[int]:
    with inside(agency) as session:
        return [ledger.balance(session, name, "EUR") for name in names]
