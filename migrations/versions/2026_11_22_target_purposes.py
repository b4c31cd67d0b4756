"""What a target is for: an objective; and of what: the client, or one campaign."""

import sqlalchemy as sa
from alembic import op

revision = "target_purposes"
down_revision = "competitors"
branch_labels = None
depends_on = None

FORMER = ("agency_id", "client_id", "kpi", "starts_on", "ends_on")
FORMER_NAME = "uq_kpi_targets_agency_id_client_id_kpi_starts_on_ends_on"


def upgrade() -> None:
    for name, table in (("objective_id", "objectives"), ("campaign_id", "campaigns")):
        op.add_column("kpi_targets", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_kpi_targets_agency_id_client_id_{name}"),
            "kpi_targets",
            table,
            ["agency_id", "client_id", name],
            ["agency_id", "client_id", "id"],
        )
        op.create_index(
            op.f(f"ix_kpi_targets_agency_id_client_id_{name}"),
            "kpi_targets",
            ["agency_id", "client_id", name],
        )
    op.drop_constraint(op.f(FORMER_NAME), "kpi_targets", type_="unique")
    op.create_unique_constraint(
        op.f("uq_kpi_targets_kpi_period_campaign"),
        "kpi_targets",
        [*FORMER, "campaign_id"],
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_constraint(op.f("uq_kpi_targets_kpi_period_campaign"), "kpi_targets", type_="unique")
    op.create_unique_constraint(op.f(FORMER_NAME), "kpi_targets", list(FORMER))
    for name in ("campaign_id", "objective_id"):
        op.drop_index(op.f(f"ix_kpi_targets_agency_id_client_id_{name}"), "kpi_targets")
        op.drop_constraint(
            op.f(f"fk_kpi_targets_agency_id_client_id_{name}"), "kpi_targets", type_="foreignkey"
        )
        op.drop_column("kpi_targets", name)
