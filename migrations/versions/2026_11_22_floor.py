"""What every change leaves behind: events, jobs, stored files, answers given."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.isolation import APPEND, EDIT, READ, isolate, let_tell

revision = "floor"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.String(120), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("changed", JSONB(), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_events_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_events")),
    )
    op.create_index(
        op.f("ix_events_agency_id_client_id_id"),
        "events",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_events_agency_id_subject_type_subject_id_id"),
        "events",
        ["agency_id", "subject_type", "subject_id", "id"],
        unique=False,
    )
    op.create_table(
        "files",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_files_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_files")),
    )
    op.create_index(
        op.f("ix_files_agency_id_client_id_id"),
        "files",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_files_agency_id_sha256"), "files", ["agency_id", "sha256"], unique=False
    )
    op.create_table(
        "jobs",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column(
            "queue",
            sa.Enum(
                "now",
                "render",
                "bulk",
                name="queue_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("args", JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="jobstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_jobs_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "id", name=op.f("pk_jobs")),
    )
    op.create_index(
        op.f("ix_jobs_agency_id_client_id_id"),
        "jobs",
        ["agency_id", "client_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_jobs_open",
        "jobs",
        ["queue", "due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_table(
        "event_queue",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"],
            ["events.agency_id", "events.id"],
            name=op.f("fk_event_queue_agency_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "event_id", name=op.f("pk_event_queue")),
    )
    op.create_index(
        "ix_event_queue_due",
        "event_queue",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at is null"),
    )
    op.create_index(
        "ix_event_queue_unsealed",
        "event_queue",
        ["agency_id"],
        unique=False,
        postgresql_where=sa.text("position is null"),
    )
    op.create_index(
        "uq_event_queue_position",
        "event_queue",
        ["agency_id", "position"],
        unique=True,
        postgresql_where=sa.text("position is not null"),
    )
    op.create_table(
        "handled",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.String(120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "event_id"],
            ["events.agency_id", "events.id"],
            name=op.f("fk_handled_agency_id_event_id"),
        ),
        sa.PrimaryKeyConstraint("agency_id", "event_id", "handler", name=op.f("pk_handled")),
    )
    op.create_table(
        "idempotency_records",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(120), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id", "membership_id"],
            ["memberships.agency_id", "memberships.id"],
            name=op.f("fk_idempotency_records_agency_id_membership_id"),
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "membership_id", "route", "key_hash", name=op.f("pk_idempotency_records")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_records_expires_at"),
        "idempotency_records",
        ["expires_at"],
        unique=False,
    )

    isolate("events", "client_internal", staff=READ, platform=APPEND)
    let_tell("events", client="client_id")
    isolate("event_queue", "agency", staff=READ, platform=EDIT)
    let_tell("event_queue")
    isolate("handled", "agency", staff=APPEND, scoped=READ)
    isolate("jobs", "client", shared="shared", platform=EDIT)
    isolate("files", "client", staff=APPEND, shared="shared")
    isolate(
        "idempotency_records", "personal", staff="select, insert, delete", platform="select, delete"
    )


def downgrade() -> None:
    op.drop_table("idempotency_records")
    op.drop_table("handled")
    op.drop_table("event_queue")
    op.drop_table("jobs")
    op.drop_table("files")
    op.drop_table("events")
