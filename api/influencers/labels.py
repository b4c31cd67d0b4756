"""The labels people of the roster bear: their country, languages, categories and tags."""

import unicodedata
from functools import lru_cache
from typing import Annotated

from babel import Locale
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


@lru_cache(maxsize=1)
def _english() -> Locale:
    return Locale("en")


def known_country(code: str) -> str:
    """A country's code as it is, if there is one."""
    if code not in _english().territories:
        raise PydanticCustomError("unknown_country", "not an ISO 3166-1 country")
    return code


def _tongue(code: str) -> str:
    if code not in _english().languages:
        raise PydanticCustomError("unknown_language", "not an ISO 639-1 language")
    return code


def label_key(label: str) -> str:
    """What makes two spellings of a label the same one: neither case nor accents."""
    # Taken apart first: a letter of mathematics has no small one.
    small = unicodedata.normalize("NFKD", label).casefold()
    apart = unicodedata.normalize("NFKD", small)
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _once_each(labels: list[str]) -> list[str]:
    if len({label_key(each) for each in labels}) < len(labels):
        raise PydanticCustomError("repeated", "a label that is there twice")
    return labels


Country = Annotated[
    str,
    Field(min_length=2, max_length=2, pattern="^[A-Z]{2}$", examples=["ES"]),
    AfterValidator(known_country),
    Field(json_schema_extra={"format": "iso-3166-1"}),
]
Tongue = Annotated[
    str,
    Field(min_length=2, max_length=2, pattern="^[a-z]{2}$", examples=["es"]),
    AfterValidator(_tongue),
    Field(json_schema_extra={"format": "iso-639-1"}),
]
Category = Annotated[
    str,
    Field(max_length=40, pattern="^[a-z0-9]+(?:-[a-z0-9]+)*$", examples=["beauty"]),
]
Tag = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern="^[^\\s\\x00-\\x1f\\x7f-\\x9f:,;](?:[^\\x00-\\x1f\\x7f-\\x9f:,;]*[^\\s\\x00-\\x1f\\x7f-\\x9f:,;])?$",
        examples=["vip"],
    ),
]
Tongues = Annotated[list[Tongue], Field(max_length=20), AfterValidator(_once_each)]
Categories = Annotated[list[Category], Field(max_length=20), AfterValidator(_once_each)]
Tags = Annotated[list[Tag], Field(max_length=30), AfterValidator(_once_each)]
