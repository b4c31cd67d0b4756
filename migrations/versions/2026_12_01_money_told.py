"""
What went back at Stripe and how far its lists were read, and what an invoice says of its issuer in
each language and of what its lines are for.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "money_told"
down_revision = "own_files"
branch_labels = None
depends_on = None

SIGNED = (
    "case kind when 'payment' then amount_minor > 0 and reversal_of is null"
    " when 'reversal' then amount_minor < 0 and reversal_of is not null"
    " else amount_minor < 0 and {refund} end"
)
LOCALISED = ("bank_text", "footer")


def upgrade() -> None:
    _sign_payments("(credit_id is not null or reversal_of is not null)")
    op.drop_index(op.f("ix_payments_agency_id_reversal_of"), "payments")
    op.create_index(
        op.f("ix_payments_agency_id_reversal_of"), "payments", ["agency_id", "reversal_of"]
    )
    op.create_index(
        "uq_payments_reversed_once",
        "payments",
        ["agency_id", "reversal_of"],
        unique=True,
        postgresql_where=sa.text("kind = 'reversal'"),
    )

    for table, column in (
        ("stripe_invoices", "disputed_minor"),
        ("stripe_payments", "booked_minor"),
    ):
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column(table, column, server_default=None)
    op.add_column("stripe_payments", sa.Column("of", sa.String(255), nullable=True))
    op.add_column(
        "stripe_payments",
        sa.Column(
            "kind",
            _known("moneykind", "payment", "refund", "refund_failed", "dispute"),
            nullable=False,
            server_default="payment",
        ),
    )
    op.alter_column("stripe_payments", "kind", server_default=None)
    # Until now payments alone were booked, under Stripe's id, and nobody kept what a refund was of.
    op.execute("update stripe_payments set kind = 'refund', of = 'unknown' where amount_minor < 0")
    op.execute(
        """update stripe_payments s set booked_minor = s.amount_minor from payments p
            where p.agency_id = s.agency_id and p.external_id = s.external_id"""
    )
    op.create_check_constraint(
        op.f("ck_stripe_payments_booked_at_most_once"),
        "stripe_payments",
        "booked_minor between least(amount_minor, 0) and greatest(amount_minor, 0)",
    )
    op.create_check_constraint(
        op.f("ck_stripe_payments_signed_by_its_kind"),
        "stripe_payments",
        "(kind = 'payment') = (of is null)"
        " and (kind in ('payment', 'refund_failed')) = (amount_minor > 0)",
    )
    for column in ("events_until", "movements_until"):
        op.add_column(
            "connect_accounts", sa.Column(column, sa.DateTime(timezone=True), nullable=True)
        )

    # What was said in one language was said in the agency's own.
    for column in LOCALISED:
        op.add_column(
            "invoice_settings", sa.Column(f"{column}_new", postgresql.JSONB(), nullable=True)
        )
        op.execute(
            f"""update invoice_settings s set {column}_new = jsonb_build_object(
                case when a.locale like 'es%' then 'es' else 'en' end, s.{column})
                from agencies a where a.id = s.agency_id and s.{column} is not null"""  # noqa: S608
        )
        op.drop_column("invoice_settings", column)
        op.alter_column("invoice_settings", f"{column}_new", new_column_name=column)

    op.add_column(
        "invoice_lines",
        sa.Column(
            "nature",
            _known("linenature", "service", "pass_through", "deposit"),
            nullable=False,
            server_default="service",
        ),
    )
    op.alter_column("invoice_lines", "nature", server_default=None)
    op.execute("update invoice_lines set nature = 'deposit' where credit_id is not null")
    op.execute(
        """update invoice_lines l set nature = 'pass_through' from billables b
            where b.agency_id = l.agency_id and b.id = l.billable_id and b.kind = 'pass_through'"""
    )
    op.create_index(
        "ix_invoice_lines_billed",
        "invoice_lines",
        ["agency_id", "billable_id"],
        postgresql_where=sa.text("billable_id is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_lines_billed", "invoice_lines")
    op.drop_column("invoice_lines", "nature")
    for column in LOCALISED:
        op.add_column(
            "invoice_settings", sa.Column(f"{column}_old", sa.String(4000), nullable=True)
        )
        op.execute(
            f"""update invoice_settings set
                {column}_old = coalesce({column} ->> 'es', {column} ->> 'en')"""  # noqa: S608
        )
        op.drop_column("invoice_settings", column)
        op.alter_column("invoice_settings", f"{column}_old", new_column_name=column)
    for column in ("movements_until", "events_until"):
        op.drop_column("connect_accounts", column)
    for column in ("booked_minor", "of", "kind"):
        op.drop_column("stripe_payments", column)
    op.drop_column("stripe_invoices", "disputed_minor")
    op.drop_index("uq_payments_reversed_once", "payments")
    op.drop_index(op.f("ix_payments_agency_id_reversal_of"), "payments")
    op.create_index(
        op.f("ix_payments_agency_id_reversal_of"),
        "payments",
        ["agency_id", "reversal_of"],
        unique=True,
    )
    _sign_payments("credit_id is not null")


def _sign_payments(refund: str) -> None:
    name = op.f("ck_payments_signed_by_its_kind")
    op.drop_constraint(name, "payments")
    op.create_check_constraint(name, "payments", SIGNED.format(refund=refund))


def _known(name: str, *values: str) -> sa.Enum:
    return sa.Enum(
        *values, name=f"{name}_known", native_enum=False, create_constraint=True, length=40
    )
