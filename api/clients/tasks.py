"""What happens to contracts by themselves: each month's fee is billed as the month begins."""

from typing import Any

from api.clients import fees
from tenants import database
from tenants.auth import Actor
from tenants.daily import daily
from tenants.jobs import Job
from tenants.worker import Beat

KIND = "clients.bill_fees"


@daily(KIND)
def bill_fees(actor: Actor, task: Job, beat: Beat) -> dict[str, Any]:
    """Every contract in force, by the day it is for its client; a month is billed once."""
    with database.agency_session(actor) as session:
        return {"billed": fees.bill_all(session)}
