"""What days add up to, month by month, for all that was measured so far and from now on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.isolation import isolate

revision = "metric_months"
down_revision = "published_posts"
branch_labels = None
depends_on = None

_MONEY = ("spend_minor", "revenue_minor")
_METRICS = (
    "impressions",
    "views",
    "likes",
    "comments",
    "shares",
    "saves",
    "clicks",
    "posts",
    "sessions",
    "search_sessions",
    "leads",
    "conversions",
    *_MONEY,
    "reach",
)


def upgrade() -> None:
    op.create_table(
        "metric_months",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "channel",
                "campaign",
                "post",
                "collaboration",
                "competitor",
                name="subjecttype_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_metric_months_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id",
            "client_id",
            "subject_type",
            "subject_id",
            "month",
            name=op.f("pk_metric_months"),
        ),
    )
    isolate("metric_months", "client_internal")
    op.execute(
        f"""
        insert into metric_months
        select agency_id, client_id, subject_type, subject_id,
            date_trunc('month', period_start)::date, jsonb_build_object({", ".join(_cells())})
        from metric_current where basis = 'day'
        group by agency_id, client_id, subject_type, subject_id, date_trunc('month', period_start)
        """  # noqa: S608
    )


def _cells() -> list[str]:
    counted = [
        f"'{name}', jsonb_build_array(sum({name}), count({name}), count({name})"
        f" filter (where coalesce(held #>> '{{{name},1}}', source) = 'manual'),"
        f" min(missing ->> '{name}'))"
        for name in _METRICS
    ]
    spans = [
        f"'{name}_currency', jsonb_build_array(min({column}), max({column}))"
        for name in _MONEY
        for column in (name.removesuffix("_minor") + "_currency",)
    ]
    return counted + spans


def downgrade() -> None:
    op.drop_table("metric_months")
