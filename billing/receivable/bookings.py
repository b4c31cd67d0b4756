"""
What invoices post to the ledger. Assets above zero, what is owed and earned below it:

    finalised     receivable / revenue, tax payable, deposits (a deposit), withheld tax
    paid          bank / receivable, and client credit for what was too much
    credited      revenue, tax / receivable, and client credit for what was paid already
    applied       client credit / receivable
    refunded      client credit / bank
    written off   bad debts / receivable; back again when money comes all the same

So what is receivable is what invoices say is open, in every currency: an invariant.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from billing import ledger
from billing.receivable.invoice_models import Invoice, InvoiceKind
from billing.receivable.issuer_models import TaxKind, TaxRate
from billing.receivable.taxes import Sums
from tenants.ids import new_id

RECEIVABLE, REVENUE = "receivable", "revenue"
TAX_PAYABLE, TAX_WITHHELD = "tax_payable", "tax_withheld"
DEPOSITS, CREDIT, BAD_DEBTS = "client_deposits", "client_credit", "bad_debts"


@dataclass(frozen=True)
class Earned:
    """What a document says was earned: its sums, and how much of its net a deposit covered."""

    sums: Sums
    rates: Mapping[str, TaxRate]
    deducted_minor: int  # above zero

    def accounts(self, kind: InvoiceKind) -> dict[str, int]:
        """Account → amount, with the sign in which it was earned: below zero."""
        moved: Counter[str] = Counter()
        for group in self.sums.groups:
            withheld = self.rates[group.rate_id].kind is TaxKind.withheld
            moved[TAX_WITHHELD if withheld else TAX_PAYABLE] -= group.tax_minor
        moved[DEPOSITS if kind is InvoiceKind.deposit else REVENUE] -= (
            self.sums.net_minor + self.deducted_minor
        )
        moved[DEPOSITS] += self.deducted_minor
        return moved


def finalised(session: Session, invoice: Invoice, earned: Earned, on: date) -> None:
    moved = {**earned.accounts(invoice.kind), RECEIVABLE: earned.sums.total_minor}
    _post(session, invoice, "invoice_finalised", ("invoices", invoice.id), moved, on)


def voided(session: Session, invoice: Invoice, earned: Earned, on: date) -> None:
    moved = {**earned.accounts(invoice.kind), RECEIVABLE: earned.sums.total_minor}
    back = {account: -amount for account, amount in moved.items()}
    _post(session, invoice, "invoice_voided", ("invoices", invoice.id), back, on)


def credited(
    session: Session,
    invoice: Invoice,
    note_id: UUID,
    earned: Earned,
    applied_minor: int,
    on: date,
) -> None:
    """A credit note takes back what was earned; `applied_minor` of it was still open."""
    moved = {account: -amount for account, amount in earned.accounts(invoice.kind).items()}
    moved[RECEIVABLE] = -applied_minor
    moved[CREDIT] = applied_minor - earned.sums.total_minor
    _post(session, invoice, "credit_note_issued", ("credit_notes", note_id), moved, on)


def paid(
    session: Session, invoice: Invoice, payment_id: UUID, applied: int, excess: int, on: date
) -> None:
    """Money that came; below zero, that went back."""
    moved = {ledger.BANK: applied + excess, RECEIVABLE: -applied, CREDIT: -excess}
    _post(session, invoice, "invoice_paid", ("payments", payment_id), moved, on)


def applied(session: Session, invoice: Invoice, use_id: UUID, amount: int, on: date) -> None:
    moved = {CREDIT: amount, RECEIVABLE: -amount}
    _post(session, invoice, "credit_applied", ("credit_uses", use_id), moved, on)


def refunded(session: Session, invoice: Invoice, payment_id: UUID, amount: int, on: date) -> None:
    moved = {CREDIT: amount, ledger.BANK: -amount}
    _post(session, invoice, "credit_refunded", ("payments", payment_id), moved, on)


def written_off(session: Session, invoice: Invoice, amount: int, on: date) -> None:
    """What nobody will pay; below zero, what somebody will after all."""
    kind = "invoice_written_off" if amount > 0 else "write_off_reversed"
    moved = {BAD_DEBTS: amount, RECEIVABLE: -amount}
    _post(session, invoice, kind, ("invoice_write_offs", new_id()), moved, on)


def _post(
    session: Session,
    invoice: Invoice,
    kind: str,
    source: tuple[str, UUID],
    moved: Mapping[str, int],
    on: date,
) -> None:
    postings: Sequence[ledger.Posting] = [
        ledger.Posting(account, amount, invoice.client_id, None)
        for account, amount in sorted(moved.items())
        if amount
    ]
    if postings:  # a deposit that covers all of an invoice leaves its revenue and deposits
        ledger.post(session, kind, *source, postings, invoice.currency, on)
