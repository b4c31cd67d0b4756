"""Types that wire shapes share: text without surprises, zones, locales, days and instants."""

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    Strict,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from tenants.words import LOCALES


class Shape(BaseModel):
    """What comes in over the wire: a member that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


Flag = Annotated[bool, Strict()]  # true or false, and nothing that could be meant by it


class ReadShape(BaseModel):
    """What goes out: no defaults, no constraints; made from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


# What `_clean` and `_one_line` refuse, in the words of JSON Schema (ECMA 262).
_DIRECTIONS = "\\u202A-\\u202E\\u2066-\\u2069"
_IN_LINE = f"\\u0000-\\u001F\\u007F-\\u009F{_DIRECTIONS}"
_IN_TEXT = f"\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F{_DIRECTIONS}"
LINE_PATTERN = f"^[^{_IN_LINE}]*[^{_IN_LINE}\\s][^{_IN_LINE}]*$"
TEXT_PATTERN = f"^[^{_IN_TEXT}]*$"
REASON_PATTERN = f"^[^{_IN_TEXT}]*[^{_IN_TEXT}\\s][^{_IN_TEXT}]*$"
_FORM_PATTERN = TEXT_PATTERN.replace("\\u000B-", "\\u000B\\u000C\\u000E-")  # and CR
DAY_PATTERN = "^(?:19[0-9]{2}|2[01][0-9]{2}|2200)-"


def _clean(value: str) -> str:
    """NFC, no NUL, no half characters, no bidirectional overrides; blank ends are cut."""
    if _UNSTORABLE.search(value):
        raise PydanticCustomError("unstorable_text", "text that cannot be stored")
    return unicodedata.normalize("NFC", value)


# The categories Cc (but for new lines and tabs) and Cs, and what turns the direction of text.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


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


_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    f"{_DAY.pattern}[Tt][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}([.][0-9]+)?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?"
)


def _written_day(value: Any) -> Any:
    """A number is no day, not even in quotes, whatever pydantic would make of it."""
    if isinstance(value, date) or isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise PydanticCustomError("date_parsing", "not a day")


def _written_instant(value: Any) -> Any:
    if isinstance(value, datetime) or isinstance(value, str) and _INSTANT.fullmatch(value):
        return value
    known = "datetime_parsing" if isinstance(value, str) else "datetime_type"
    raise PydanticCustomError(known, "not an instant")


def _in_range(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("datetime_parsing", "an instant out of range")
    return value


def _day_in_range(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("date_parsing", "a day out of range")
    return value


def _typed(value: str) -> str | None:
    return re.sub("\r\n?", "\n", value).strip(" \t\n") or None


def _says(**schema: Any) -> Any:
    """What a validator enforces, said in the document."""
    return Field(json_schema_extra=schema)


def _said(value: str) -> str:
    """Blanks say nothing."""
    if not (said := _clean(value).strip()):
        raise PydanticCustomError("string_pattern_mismatch", "some words")
    return said


_ONE_LINE = AfterValidator(_one_line), _says(pattern=LINE_PATTERN)
Name = Annotated[str, Field(min_length=1, max_length=120), *_ONE_LINE]
Line = Annotated[str, Field(min_length=1, max_length=200), *_ONE_LINE]
Text = Annotated[
    str,
    Field(min_length=1, max_length=4_000),
    AfterValidator(_clean),
    _says(pattern=TEXT_PATTERN),
]
# Why something is taken back, refused or kept: what a person, or the tax office, will read.
Reason = Annotated[
    str,
    Field(min_length=1, max_length=4_000),
    AfterValidator(_said),
    _says(pattern=REASON_PATTERN),
]
# A field of a page's form: lines end with CR LF there, and what is left empty is sent all the same.
FormText = Annotated[
    Text | None,
    BeforeValidator(_typed),
    WithJsonSchema({"type": "string", "maxLength": 4_000, "pattern": _FORM_PATTERN}),
]
Slug = Annotated[
    str, Field(min_length=3, max_length=63, pattern="^[a-z0-9](?:[a-z0-9-]*[a-z0-9])$")
]
Zone = Annotated[
    str,
    Field(min_length=1, max_length=64, examples=["Europe/Madrid"]),
    AfterValidator(_zone),
    _says(format="iana-time-zone", pattern="^[A-Za-z0-9_+/-]+$"),
]
LocaleTag = Annotated[
    str,
    Field(min_length=2, max_length=35, examples=["es-ES"]),
    AfterValidator(_locale),
    _says(format="bcp-47", pattern=f"^(?:{'|'.join(LOCALES)})(?:-[A-Za-z0-9]{{2,8}})*$"),
]
Email = Annotated[EmailStr, Field(max_length=254)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_instant),
    AfterValidator(_in_range),
    _says(pattern=DAY_PATTERN),
]
Day = Annotated[
    date,
    BeforeValidator(_written_day),
    AfterValidator(_day_in_range),
    _says(pattern=DAY_PATTERN),
]
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Positive = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


Language = Literal["es", "en"]
Words = Annotated[dict[Language, Line], Field(min_length=1, max_length=2)]
LongWords = Annotated[dict[Language, Text], Field(min_length=1, max_length=2)]
Localized = dict[Language, str]  # going out


def email_key(email: str) -> str:
    """What makes two spellings of an address the same person."""
    return unicodedata.normalize("NFC", email).casefold()


class Reference(ReadShape):
    """A row named by its id."""

    id: UUID
