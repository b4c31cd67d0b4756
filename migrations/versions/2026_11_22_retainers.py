"""What renews: terms of lines, lots that expire and are settled, and a ledger of every unit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB

revision = "retainers"
down_revision = "costs"
branch_labels = None
depends_on = None

KINDS = ("delivery", "accrual", "reversal", "grant", "expiry", "deduction")


def upgrade() -> None:
    for table in ("scope_lines", "change_order_lines"):
        op.add_column(table, sa.Column("renewal", JSONB(), nullable=True))
    op.create_check_constraint(
        op.f("ck_scope_lines_a_renewal_is_sound"),
        "scope_lines",
        "renewal is null or (due_on is null and measure <> 'milestone')",
    )
    for name in ("expired", "deducted"):
        column = sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("scope_lots", column)
        op.alter_column("scope_lots", name, server_default=None)
    op.add_column("scope_lots", sa.Column("expires_on", sa.Date(), nullable=True))
    op.add_column("scope_lots", sa.Column("settles_on", sa.Date(), nullable=True))
    op.add_column("scope_lots", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_scope_lots_unsettled",
        "scope_lots",
        ["agency_id", "settles_on"],
        postgresql_where=text("settles_on is not null and settled_at is null"),
    )
    _entries(KINDS)
    op.add_column("unit_entries", sa.Column("part_of", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_unit_entries_agency_id_client_id_part_of"),
        "unit_entries",
        "unit_entries",
        ["agency_id", "client_id", "part_of"],
        ["agency_id", "client_id", "id"],
    )
    op.create_index(
        op.f("ix_unit_entries_agency_id_part_of"),
        "unit_entries",
        ["agency_id", "part_of"],
        postgresql_where=text("part_of is not null"),
    )
    _write_down()
    _counts(
        "reserved >= 0 and delivered >= 0 and over_serviced >= 0 and expired >= 0"
        " and deducted >= 0",
        "reserved + delivered + expired + deducted <= quantity",
    )
    op.create_check_constraint(
        op.f("ck_scope_lots_settled_when_it_is_due"),
        "scope_lots",
        "settled_at is null or settles_on is not null",
    )


def downgrade() -> None:
    op.execute("delete from unit_entries where kind in ('grant', 'expiry', 'deduction')")
    op.drop_column("unit_entries", "part_of")
    _entries(KINDS[:3])
    _counts(
        "reserved >= 0 and delivered >= 0 and over_serviced >= 0",
        "reserved + delivered <= quantity",
    )
    for name in ("settled_at", "settles_on", "expires_on", "deducted", "expired"):
        op.drop_column("scope_lots", name)
    for table in ("change_order_lines", "scope_lines"):
        op.drop_column(table, "renewal")


def _entries(kinds: tuple[str, ...]) -> None:
    op.drop_constraint("unitentrykind_known", "unit_entries", type_="check")
    known = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("unitentrykind_known", "unit_entries", f"kind in ({known})")


def _counts(positive: str, sold: str) -> None:
    for name, rule in (("counts_are_not_negative", positive), ("no_more_than_was_sold", sold)):
        op.drop_constraint(op.f(f"ck_scope_lots_{name}"), "scope_lots", type_="check")
        op.create_check_constraint(op.f(f"ck_scope_lots_{name}"), "scope_lots", rule)


def _write_down() -> None:
    """What was granted, and what was left of lots that were closed, as entries of the ledger."""
    day = "(coalesce(s.accepted_at, t.created_at) at time zone c.timezone)::date"
    write = """
        insert into unit_entries
            (agency_id, id, created_at, client_id, lot_id, kind, quantity, over_quantity, counted_on)
        select t.agency_id, gen_random_uuid(), now(), t.client_id, t.id, {kind}, {units}, 0, {day}
        from scope_lots t
        join scope_lines l on l.agency_id = t.agency_id and l.id = t.line_id
        join scopes s on s.agency_id = t.agency_id and s.id = l.scope_id
        join clients c on c.agency_id = t.agency_id and c.id = t.client_id
        where {which}"""
    lots = op.get_bind().execute(text("select count(*) from scope_lots")).scalar_one()
    granted = op.get_bind().execute(
        text(
            write.format(
                kind="'grant'",
                units="t.quantity",
                day=f"coalesce(t.starts_on, {day})",
                which="true",
            )
        )
    )
    if granted.rowcount != lots:
        raise RuntimeError(f"{granted.rowcount} grants were written for {lots} lots")
    left = "t.quantity - t.reserved - t.delivered"
    closed = f"t.closed_at is not null and {left} > 0"
    op.execute(
        write.format(
            kind="'expiry'",
            units=left,
            day="(t.closed_at at time zone c.timezone)::date",
            which=closed,
        )
    )
    op.execute(f"update scope_lots t set expired = {left} where {closed}")  # noqa: S608
