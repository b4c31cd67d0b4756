"""
What the worker and the relay know how to do: every table, and every module that registers a job, a
handler of events or a chore. Importing this is enough; `api.cli` runs them.
"""

# ruff: noqa: F401

from sqlalchemy import delete
from sqlmodel import col

import api.approvals.tasks
import api.billing.statement_tasks
import api.billing.tasks
import api.budgets.invariants
import api.budgets.tasks
import api.campaigns.invariants
import api.campaigns.tasks
import api.clients.tasks
import api.collaborations.invariants
import api.collaborations.tasks
import api.costs.rules
import api.identity.tasks
import api.imports.tasks
import api.influencers.tasks
import api.proof.tasks
import api.reports.delivery.tasks
import api.reports.schedules.tasks
import api.reports.tasks
import api.returns.telling
import api.tables
import api.tracking.invariants
import api.tracking.tasks
import billing.invariants
import billing.payable.payout_sending
import billing.payable.payout_tasks
import billing.provider.collection
import billing.receivable.invoice_invariants
import billing.tasks
import tenants.invariants
from api.http.idempotency import IdempotencyRecord
from tenants import clock
from tenants.database import platform_session
from tenants.worker import every


@every(300)
def forget_answers() -> None:
    """Idempotency keys are kept for a day."""
    with platform_session() as session:
        session.exec(
            delete(IdempotencyRecord).where(col(IdempotencyRecord.expires_at) < clock.now())
        )
