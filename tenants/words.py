"""
What people read, in Spanish and English: problem details and labels, by message id.

`tenants/locales/<locale>.toml` holds one table per kind of text; `{places}` are filled by name.
Codes and ids never change with the language.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

LOCALES = ("en", "es")
DEFAULT_LOCALE = "en"

_FOLDER = Path(__file__).parent / "locales"


def say(locale: str, kind: str, message: str, /, **places: Any) -> str:
    """The sentence or label `message` of table `kind`, in the language of a BCP 47 locale."""
    return catalogue(language(locale))[kind][message].format_map(places)


def fault(locale: str, code: str, context: Mapping[str, Any]) -> str:
    """
    What is wrong with a value, by the name pydantic or a shape has for it. A list of choices comes
    in pydantic's English: `'a', 'b' or 'c'`.
    """
    places = {key: each for key, each in context.items() if isinstance(each, int | float | str)}
    if "expected" in places:
        listed = say(locale, "validation", "or")
        places["expected"] = str(places["expected"]).replace("' or '", f"' {listed} '")
    return say(locale, "validation", code if knows("validation", code) else "invalid", **places)


def in_each(kind: str, message: str, /, **places: Any) -> dict[str, str]:
    """The same in every language we speak, as a localized text."""
    return {locale: say(locale, kind, message, **places) for locale in LOCALES}


def knows(kind: str, message: str) -> bool:
    return message in catalogue(DEFAULT_LOCALE).get(kind, {})


def language(locale: str | None) -> str:
    """The catalogue's language that serves a BCP 47 locale."""
    primary = (locale or DEFAULT_LOCALE).partition("-")[0].partition("_")[0].lower()
    return primary if primary in LOCALES else DEFAULT_LOCALE


def accepted(header: str | None, fallback: str = DEFAULT_LOCALE) -> str:
    """The language an Accept-Language header prefers among ours (RFC 9110 §12.5.4)."""
    best, weight = fallback, 0.0
    for part in (header or "").split(",")[:20]:
        tag, _, parameter = part.strip().partition(";")
        primary = tag.partition("-")[0].lower()
        quality = _quality(parameter)
        if primary in LOCALES and quality > weight:
            best, weight = primary, quality
    return best


@lru_cache(maxsize=len(LOCALES))
def catalogue(locale: str) -> dict[str, dict[str, str]]:
    text = (_FOLDER / f"{locale}.toml").read_text(encoding="utf-8")
    return cast(dict[str, dict[str, str]], tomllib.loads(text))


def _quality(parameter: str) -> float:
    if not parameter.strip():
        return 1.0
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
