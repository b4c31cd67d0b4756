"""Every module that declares tables, in one import, for migrations and the processes."""

# ruff: noqa: F401

import api.http.idempotency
import tenants.jobs
import tenants.models
import tenants.outbox
import tenants.storage
