"""
Where money goes: account numbers, checked as far as they can be without asking a bank.

IBAN: ISO 13616, its length by country and its check digits by ISO 7064 (mod 97-10). BIC: ISO 9362.
"""

import hmac
import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from tenants import settings

_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "FK", "FO", "GL", "NL", "SD"), 18),
    **dict.fromkeys(("MK", "SI"), 19),
    **dict.fromkeys(("AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK"), 20),
    **dict.fromkeys(("CH", "CR", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "BH", "DE", "GB", "GE", "IE", "ME", "RS", "VA"), 22),
    **dict.fromkeys(("AE", "GI", "IL", "IQ", "OM", "SO", "TL"), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"), 24),
    **dict.fromkeys(("LY", "PT", "ST"), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("BI", "DJ", "FR", "GR", "IT", "MC", "MR", "SM"), 27),
    **dict.fromkeys(("AL", "AZ", "BY", "CY", "DO", "GT", "HN", "HU", "LB", "NI", "PL", "SV"), 28),
    **dict.fromkeys(("BR", "EG", "PS", "QA", "UA"), 29),
    **dict.fromkeys(("JO", "KW", "MU", "YE"), 30),
    **dict.fromkeys(("MT", "SC"), 31),
    **dict.fromkeys(("LC",), 32),
    **dict.fromkeys(("RU",), 33),
}
# Where a credit transfer in euros reaches (EPC409-09).
SEPA = frozenset(
    re.findall(
        "..",
        "ADALATBEBGCHCYCZDEDKEEESFIFRGBGIGRHRHUIEISITLILTLULVMCMDMEMKMTNLNOPLPTRORSSESISKSMVA",
    )
)
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def is_iban(value: str) -> bool:
    """Whether an account number in capitals and without blanks is an IBAN."""
    if not _IBAN.fullmatch(value) or _LENGTHS.get(value[:2]) != len(value):
        return False
    digits = "".join(str(int(letter, 36)) for letter in value[4:] + value[:4])
    return int(digits) % 97 == 1


def _together(value: Any) -> Any:
    """People write account numbers in groups of four."""
    return re.sub("[ -]", "", value).upper() if isinstance(value, str) else value


def _iban(value: str) -> str:
    if not is_iban(value):
        raise PydanticCustomError("not_an_iban", "not an IBAN")
    return value


Iban = Annotated[
    str,
    BeforeValidator(_together),
    Field(min_length=15, max_length=34, pattern="^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"),
    AfterValidator(_iban),
    Field(examples=["ES9121000418450200051332"], json_schema_extra={"format": "iban"}),
]
Bic = Annotated[
    str,
    Field(
        min_length=8,
        max_length=11,
        pattern="^[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$",
        examples=["CAIXESBBXXX"],
    ),
]
AccountNumber = Annotated[
    str, Field(min_length=4, max_length=34, pattern="^[A-Z0-9]+$", examples=["0123456789"])
]
Country = Annotated[str, Field(min_length=2, max_length=2, pattern="^[A-Z]{2}$", examples=["ES"])]


def fingerprint(details: dict[str, Any]) -> str:
    """
    What tells one destination from another, and gives neither away: a hash under the server's own
    secret, for account numbers are few enough to try.
    """
    named = ("legal_name", "country", "method", "iban", "account_number", "bic", "instructions")
    said = json.dumps([str(details[name] or "") for name in named]).encode()
    return hmac.digest(settings.get().secret_key, b"destination " + said, "sha256").hex()


def masked(number: str | None) -> str | None:
    """An account number as people may see it in passing: its country and its last four."""
    if number is None:
        return None
    return f"{number[:2] if is_iban(number) else ''}••••{number[-4:]}"
