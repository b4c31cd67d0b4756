"""How reports come to be written: templates, schedules, review, and what a draft shows."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import isolate

revision = "report_drafting"
down_revision = "benchmarks"
branch_labels = None
depends_on = None

FORMER = ("agency_id", "client_id", "audience", "kind", "starts_on", "ends_on")
FORMER_NAME = "uq_reports_agency_id_client_id_audience_kind_starts_on_ends_on"


def upgrade() -> None:
    _templates()
    _schedules()
    _drafts()


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40
    )


def _resource() -> list[Any]:
    return [
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
    ]


def _member(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agency_id", column],
        ["memberships.agency_id", "memberships.id"],
        name=op.f(f"fk_{table}_agency_id_{column}"),
    )


def _templates() -> None:
    op.create_table(
        "report_templates",
        *_resource(),
        sa.Column("of_client_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("audience", _known("audience", "client", "internal"), nullable=False),
        sa.Column(
            "kind",
            _known("reportkind", "periodic", "campaign_close", "incident", "business_review"),
            nullable=False,
        ),
        sa.Column(
            "period", _known("periodkind", "week", "month", "quarter", "custom"), nullable=False
        ),
        sa.Column("sections", JSONB(), nullable=True),
        sa.Column("locales", JSONB(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column(
            "compare",
            _known("compare", "previous_period", "previous_month", "previous_year", "none"),
            nullable=False,
        ),
        sa.Column("data_lag_days", sa.Integer(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("status", _known("templatestatus", "active", "archived"), nullable=False),
        sa.CheckConstraint(
            "data_lag_days between 0 and 60", name=op.f("ck_report_templates_lag_is_days")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_report_templates_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "of_client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_templates_agency_id_of_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_templates")),
    )
    op.create_index(
        op.f("ix_report_templates_agency_id_of_client_id_id"),
        "report_templates",
        ["agency_id", "of_client_id", "id"],
        unique=False,
    )
    isolate("report_templates", "agency")


def _schedules() -> None:
    op.create_table(
        "report_schedules",
        *_resource(),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("author_membership_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_membership_id", sa.Uuid(), nullable=True),
        sa.Column("data_lag_days", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("next_starts_on", sa.Date(), nullable=False),
        sa.Column("next_opens_on", sa.Date(), nullable=False),
        sa.Column("status", _known("schedulestatus", "active", "paused"), nullable=False),
        sa.CheckConstraint(
            "data_lag_days between 0 and 60", name=op.f("ck_report_schedules_lag_is_days")
        ),
        sa.CheckConstraint(
            "due_days between 0 and 60", name=op.f("ck_report_schedules_due_is_days")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_schedules_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "template_id"],
            ["report_templates.agency_id", "report_templates.id"],
            name=op.f("fk_report_schedules_agency_id_template_id"),
        ),
        _member("report_schedules", "author_membership_id"),
        _member("report_schedules", "reviewer_membership_id"),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_schedules")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_report_schedules_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "template_id",
            name=op.f("uq_report_schedules_agency_id_client_id_template_id"),
        ),
    )
    op.create_index(
        op.f("ix_report_schedules_agency_id_status_next_opens_on"),
        "report_schedules",
        ["agency_id", "status", "next_opens_on"],
        unique=False,
    )
    isolate("report_schedules", "client_internal")


def _drafts() -> None:
    nullable: dict[str, Any] = {
        "template_id": sa.Uuid(),
        "approved_by_membership_id": sa.Uuid(),
        "approved_at": sa.DateTime(timezone=True),
        "return_reason": sa.String(4000),
        "layout": JSONB(),
        "chosen_content": JSONB(),
    }
    for name, kind in nullable.items():
        op.add_column("reports", sa.Column(name, kind, nullable=True))
    op.add_column("reports", sa.Column("reminder", sa.String(40), nullable=True))
    op.create_check_constraint(
        op.f("ck_reports_reminder_known"), "reports", "reminder in ('due_soon', 'overdue')"
    )
    for name, kind, usual in (
        ("needs_review", sa.Boolean(), "false"),
        ("data_lag_days", sa.Integer(), "0"),
    ):
        op.add_column("reports", sa.Column(name, kind, nullable=False, server_default=usual))
        op.alter_column("reports", name, server_default=None)
    op.execute("update reports set due_on = ends_on + 5 where due_on is null")
    op.alter_column("reports", "due_on", nullable=False)
    op.drop_constraint(op.f("ck_reports_reportstatus_known"), "reports")
    op.create_check_constraint(
        op.f("ck_reports_reportstatus_known"),
        "reports",
        "status in ('draft', 'in_review', 'approved')",
    )
    op.create_check_constraint(
        op.f("ck_reports_approved_says_when"),
        "reports",
        "(status = 'approved') = (approved_at is not null)",
    )
    op.create_foreign_key(
        op.f("fk_reports_agency_id_template_id"),
        "reports",
        "report_templates",
        ["agency_id", "template_id"],
        ["agency_id", "id"],
    )
    op.create_foreign_key(
        op.f("fk_reports_agency_id_approved_by_membership_id"),
        "reports",
        "memberships",
        ["agency_id", "approved_by_membership_id"],
        ["agency_id", "id"],
    )
    op.drop_constraint(op.f(FORMER_NAME), "reports")
    op.create_unique_constraint(
        "uq_reports_period",
        "reports",
        [*FORMER, "template_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_index(
        op.f("ix_reports_agency_id_due_on_id"),
        "reports",
        ["agency_id", "due_on", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_reports_agency_id_due_on_id"), "reports")
    op.drop_constraint("uq_reports_period", "reports")
    op.create_unique_constraint(op.f(FORMER_NAME), "reports", list(FORMER))
    op.drop_constraint(op.f("fk_reports_agency_id_approved_by_membership_id"), "reports")
    op.drop_constraint(op.f("fk_reports_agency_id_template_id"), "reports")
    op.drop_constraint(op.f("ck_reports_approved_says_when"), "reports")
    op.execute("update reports set status = 'draft' where status = 'approved'")
    op.drop_constraint(op.f("ck_reports_reportstatus_known"), "reports")
    op.create_check_constraint(
        op.f("ck_reports_reportstatus_known"), "reports", "status in ('draft', 'in_review')"
    )
    op.alter_column("reports", "due_on", nullable=True)
    for name in (
        *("data_lag_days", "needs_review", "reminder", "chosen_content", "layout"),
        *("return_reason", "approved_at", "approved_by_membership_id", "template_id"),
    ):
        op.drop_column("reports", name)
    op.drop_table("report_schedules")
    op.drop_table("report_templates")
