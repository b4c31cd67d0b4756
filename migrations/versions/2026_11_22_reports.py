"""Reports, their frozen versions and share links."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import (
    APPEND,
    EDIT,
    READ,
    close_function,
    isolate,
    let_open_by_link,
)

revision = "reports"
down_revision = "metrics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "client",
                "internal",
                name="audience_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "periodic",
                "campaign_close",
                "incident",
                "business_review",
                name="reportkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "period",
            sa.Enum(
                "week",
                "month",
                "quarter",
                "custom",
                name="periodkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "compare",
            sa.Enum(
                "previous_period",
                "previous_month",
                "previous_year",
                "none",
                name="compare_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locales", JSONB(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "in_review",
                name="reportstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("author_membership_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_membership_id", sa.Uuid(), nullable=True),
        sa.Column("title", JSONB(), nullable=False),
        sa.Column("narrative", JSONB(), nullable=False),
        sa.Column("figures", JSONB(), nullable=False),
        sa.Column("figures_as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_reports_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["agency_id", "author_membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_reports_agency_id_author_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_reports_agency_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "reviewer_membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_reports_agency_id_reviewer_membership_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_reports")),
        sa.UniqueConstraint(
            "agency_id",
            "client_id",
            "audience",
            "kind",
            "starts_on",
            "ends_on",
            name=op.f("uq_reports_agency_id_client_id_audience_kind_starts_on_ends_on"),
        ),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_reports_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_reports_agency_id_client_id_starts_on_id"),
        "reports",
        ["agency_id", "client_id", "starts_on", "id"],
        unique=False,
    )
    op.create_table(
        "report_versions",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "client",
                "internal",
                name="audience_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "periodic",
                "campaign_close",
                "incident",
                "business_review",
                name="reportkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "period",
            sa.Enum(
                "week",
                "month",
                "quarter",
                "custom",
                name="periodkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "published",
                "superseded",
                "withdrawn",
                name="versionstatus_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("locales", JSONB(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("template_version", sa.String(20), nullable=False),
        sa.Column("render_job_id", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(120), nullable=False),
        sa.Column("reason", JSONB(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replacement_expected_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "report_id"],
            ["reports.agency_id", "reports.client_id", "reports.id"],
            name=op.f("fk_report_versions_agency_id_client_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_versions_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_versions")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_report_versions_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "report_id",
            "number",
            name=op.f("uq_report_versions_agency_id_report_id_number"),
        ),
    )
    op.create_index(
        op.f("ix_report_versions_agency_id_client_id_ends_on_published_at"),
        "report_versions",
        ["agency_id", "client_id", "ends_on", "published_at"],
        unique=False,
    )
    op.create_table(
        "share_links",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("last_opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "report_id"],
            ["reports.agency_id", "reports.client_id", "reports.id"],
            name=op.f("fk_share_links_agency_id_client_id_report_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_share_links_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_share_links")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_share_links_agency_id_client_id_id")
        ),
    )
    op.create_index(
        op.f("ix_share_links_agency_id_report_id"),
        "share_links",
        ["agency_id", "report_id"],
        unique=False,
    )
    op.create_table(
        "report_artifacts",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "client",
                "internal",
                name="audience_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(35), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "json",
                "html",
                "pdf",
                name="format_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("content_policy", sa.String(500), nullable=True),
        sa.Column("accessible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id", "version_id"],
            ["report_versions.agency_id", "report_versions.client_id", "report_versions.id"],
            name=op.f("fk_report_artifacts_agency_id_client_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id", "client_id"],
            ["clients.agency_id", "clients.id"],
            name=op.f("fk_report_artifacts_agency_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_report_artifacts")),
        sa.UniqueConstraint(
            "agency_id", "client_id", "id", name=op.f("uq_report_artifacts_agency_id_client_id_id")
        ),
        sa.UniqueConstraint(
            "agency_id",
            "version_id",
            "locale",
            "format",
            name=op.f("uq_report_artifacts_agency_id_version_id_locale_format"),
        ),
    )

    of_the_client = "audience = 'client'"
    isolate("reports", "client_internal")
    isolate("report_versions", "client", staff=EDIT, shared=of_the_client, contact=READ)
    isolate("report_artifacts", "client", staff=APPEND, shared=of_the_client, contact=READ)
    isolate("share_links", "client_internal")
    for table in ("report_versions", "report_artifacts"):
        let_open_by_link(table, f"{of_the_client} and {OF_THE_LINK}")
    op.execute(SIGHT_OF_LINK)
    close_function("sight_of_link(uuid, uuid, timestamptz)")


OF_THE_LINK = "report_id = nullif(current_setting('app.subject_id', true), '')::uuid"

# What a share link that is still good opens: one report of one client.
SIGHT_OF_LINK = """
create function sight_of_link(p_agency uuid, p_link uuid, p_now timestamptz)
returns table (client_id uuid, report_id uuid)
language sql stable security definer
set search_path = pg_catalog, public, pg_temp
as $$
    select l.client_id, l.report_id
    from share_links l
    join agencies a on a.id = l.agency_id
    where l.agency_id = p_agency
        and l.id = p_link
        and l.revoked_at is null
        and l.expires_at > p_now
        and a.status <> 'closed'
$$
"""


def downgrade() -> None:
    op.execute("drop function sight_of_link")
    for table in ("share_links", "report_artifacts", "report_versions", "reports"):
        op.drop_table(table)
