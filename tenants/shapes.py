"""Types that wire shapes share: text without surprises, zones, locales, days and instants."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, EmailStr, Field
from pydantic_core import PydanticCustomError
from sqlmodel import SQLModel

from tenants.words import LOCALES


class Shape(SQLModel):
    """What comes in over the wire: a member that is not known is refused."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]


class ReadShape(SQLModel):
    """What goes out: no defaults, no constraints; made from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)  # type: ignore[assignment]


def _clean(value: str) -> str:
    """NFC, no NUL, no half characters, no bidirectional overrides; blank ends are cut."""
    if any(
        unicodedata.category(letter) in ("Cs", "Cc") and letter not in "\n\t" for letter in value
    ):
        raise PydanticCustomError("unstorable_text", "text that cannot be stored")
    if re.search("[\u202a-\u202e\u2066-\u2069]", value):
        raise PydanticCustomError("unstorable_text", "text that cannot be stored")
    return unicodedata.normalize("NFC", value)


def _one_line(value: str) -> str:
    value = _clean(value).strip()
    if "\n" in value or "\t" in value or not value:
        raise PydanticCustomError("string_pattern_mismatch", "one line of text")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("unknown_zone", "not an IANA time zone")
    return value


def _locale(value: str) -> str:
    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError):
        raise PydanticCustomError("unknown_locale", "not a locale") from None
    if value.partition("-")[0] not in LOCALES:
        raise PydanticCustomError("unknown_locale", "not a locale we speak")
    return value


def _only_text(value: Any) -> Any:
    """A number is no instant, whatever pydantic would make of it."""
    if isinstance(value, str | date):
        return value
    raise PydanticCustomError("datetime_type", "not an instant")


def _whole(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("int_type", "not a whole number")
    return value


def _in_range(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("datetime_parsing", "an instant out of range")
    return value


def _day_in_range(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("date_parsing", "a day out of range")
    return value


Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Text = Annotated[str, Field(min_length=1, max_length=4_000), AfterValidator(_clean)]
Slug = Annotated[
    str, Field(min_length=3, max_length=63, pattern="^[a-z0-9](?:[a-z0-9-]*[a-z0-9])$")
]
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Madrid"]), AfterValidator(_zone)]
LocaleTag = Annotated[str, Field(max_length=35, examples=["es-ES"]), AfterValidator(_locale)]
Email = Annotated[EmailStr, Field(max_length=254)]
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_in_range)]
Day = Annotated[date, BeforeValidator(_only_text), AfterValidator(_day_in_range)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_whole)]
Positive = Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(_whole)]


Language = Literal["es", "en"]
Words = Annotated[dict[Language, Line], Field(min_length=1, max_length=2)]
LongWords = Annotated[dict[Language, Text], Field(min_length=1, max_length=2)]


def email_key(email: str) -> str:
    """What makes two spellings of an address the same person."""
    return unicodedata.normalize("NFC", email).casefold()


class Reference(ReadShape):
    """A row named by its id."""

    id: UUID
