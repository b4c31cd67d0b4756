"""
How a migration runs: as `app_owner`, one migrator at a time, with a short lock time-out.

The connection comes from `migrations.run`; `alembic` on the command line goes through it too.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import api.tables  # noqa: F401  (every table, for autogenerate)


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write types as migrations import them: no SQLModel, no dialect's defaults."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    if kind == "type" and isinstance(item, JSONB):
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return "JSONB()"
    return False


def chosen(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Only the tables a new revision was asked for, when it was (`config.attributes`)."""
    tables = context.config.attributes.get("tables")
    return not tables or kind != "table" or name in tables


def upgrade() -> None:
    connection = context.config.attributes["connection"]
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('agency migrations'))"))
    connection.execute(sa.text("set local role app_owner"))
    connection.execute(sa.text("set local lock_timeout = '4s'"))
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        include_object=chosen,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


upgrade()
