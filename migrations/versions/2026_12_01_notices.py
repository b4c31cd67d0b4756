"""
A notice that is taken back gives a contract its end again, and a fee is given back beside what was
billed of the same days.
"""

import sqlalchemy as sa
from alembic import op

revision = "notices"
down_revision = "money_told"
branch_labels = None
depends_on = None

_SOURCE = ("agency_id", "source_type", "source_id", "kind", "period_start")


def upgrade() -> None:
    op.add_column("contracts", sa.Column("agreed_ends_on", sa.Date(), nullable=True))
    # Of a notice that stands: the end that the contract had been told to have before.
    op.execute(
        """update contracts c set agreed_ends_on = (
                select (e.changed ->> 'ends_on')::date from events e
                where e.agency_id = c.agency_id and e.subject_type = 'contracts'
                    and e.subject_id = c.id and e.changed ? 'ends_on'
                    and e.type <> 'contract.notice_given'
                order by e.created_at desc, e.id desc limit 1
            ) where c.status = 'in_notice'"""
    )
    _once([*_SOURCE, sa.text("(amount_minor < 0)")])


def downgrade() -> None:
    _once([*_SOURCE])
    op.drop_column("contracts", "agreed_ends_on")


def _once(key: list[str | sa.TextClause]) -> None:
    op.drop_index("uq_billables_source", "billables")
    op.create_index(
        "uq_billables_source", "billables", key, unique=True, postgresql_nulls_not_distinct=True
    )
