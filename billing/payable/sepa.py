"""
A credit transfer initiation for a bank: ISO 20022 pain.001.001.09, as the European Payments Council
narrows it (EPC132-08): euros, IBANs, shared charges, Latin letters.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree as Tree

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_UNKNOWN = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")


@dataclass(frozen=True)
class Party:
    """Whose account it is."""

    name: str
    iban: str
    bic: str | None


@dataclass(frozen=True)
class CreditTransfer:
    """One transfer: cents of a euro, the id that travels with it, and what the payee reads."""

    id: str
    creditor: Party
    amount_minor: int
    remittance: str


def written(
    id: str,
    made_at: datetime,
    execution_on: date,
    debtor: Party,
    transfers: Sequence[CreditTransfer],
) -> bytes:
    """The document: one payment instruction with every transfer in it."""
    total = _euros(sum(each.amount_minor for each in transfers))
    document = Tree.Element("Document", xmlns=NAMESPACE)
    order = Tree.SubElement(document, "CstmrCdtTrfInitn")
    head = Tree.SubElement(order, "GrpHdr")
    _say(head, "MsgId", id)
    _say(head, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _say(head, "NbOfTxs", str(len(transfers)))
    _say(head, "CtrlSum", total)
    _say(head, "InitgPty/Nm", latin(debtor.name, 70))
    payment = Tree.SubElement(order, "PmtInf")
    _say(payment, "PmtInfId", id)
    _say(payment, "PmtMtd", "TRF")
    _say(payment, "NbOfTxs", str(len(transfers)))
    _say(payment, "CtrlSum", total)
    _say(payment, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _say(payment, "ReqdExctnDt/Dt", execution_on.isoformat())
    _say(payment, "Dbtr/Nm", latin(debtor.name, 70))
    _say(payment, "DbtrAcct/Id/IBAN", debtor.iban)
    _agent(payment, "DbtrAgt", debtor.bic)
    _say(payment, "ChrgBr", "SLEV")
    for each in transfers:
        _transfer(payment, each)
    body: bytes = Tree.tostring(document, "utf-8", xml_declaration=True)
    return body


def _transfer(payment: Tree.Element, transfer: CreditTransfer) -> None:
    part = Tree.SubElement(payment, "CdtTrfTxInf")
    _say(part, "PmtId/EndToEndId", transfer.id)
    _say(part, "Amt/InstdAmt", _euros(transfer.amount_minor)).set("Ccy", "EUR")
    if transfer.creditor.bic:
        _say(part, "CdtrAgt/FinInstnId/BICFI", transfer.creditor.bic)
    _say(part, "Cdtr/Nm", latin(transfer.creditor.name, 70))
    _say(part, "CdtrAcct/Id/IBAN", transfer.creditor.iban)
    _say(part, "RmtInf/Ustrd", latin(transfer.remittance, 140))


def _agent(parent: Tree.Element, name: str, bic: str | None) -> None:
    """A bank; where only its IBAN is known, the scheme's word for that."""
    if bic:
        _say(parent, f"{name}/FinInstnId/BICFI", bic)
    else:
        _say(parent, f"{name}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _say(parent: Tree.Element, path: str, value: str) -> Tree.Element:
    for name in path.split("/"):
        parent = Tree.SubElement(parent, name)
    parent.text = value
    return parent


def _euros(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def latin(text: str, longest: int) -> str:
    """Text in the letters that every bank of the scheme takes; what has none is a point."""
    plain = unicodedata.normalize(
        "NFKD", text.replace("ß", "ss").replace("Ø", "O").replace("ø", "o")
    )
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    said = _UNKNOWN.sub(".", bare).strip(" /")[:longest].rstrip(" /")
    return said.replace("//", "/") or "."
