"""Every module that declares tables, in one import, for migrations and the processes."""

# ruff: noqa: F401

import api.approvals.models
import api.benchmarks.models
import api.budgets.models
import api.campaigns.change_models
import api.campaigns.deliverable_models
import api.campaigns.lot_models
import api.campaigns.models
import api.clients.models
import api.comments.models
import api.community.models
import api.costs.models
import api.desk.models
import api.http.idempotency
import api.imports.models
import api.listening.models
import api.metrics.models
import api.metrics.post_models
import api.reports.models
import api.reports.schedule_models
import api.reports.sharing_models
import api.reports.template_models
import api.strategy.models
import billing.models
import tenants.jobs
import tenants.models
import tenants.outbox
import tenants.storage
