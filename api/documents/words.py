"""The sentences a document prints, by message id, in Spanish and English.

Two TOML files beside this module: no compiling step, and a test that both say the same things.
What the agency wrote itself is never here and never translated.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("es", "en")

_FOLDER = Path(__file__).parent / "locales"


class Words:
    """The messages of one language. An unknown id is a KeyError, never a blank on a page."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._messages = messages

    def __contains__(self, message: str) -> bool:
        return message in self._messages

    def __iter__(self) -> Iterator[str]:
        return iter(self._messages)

    def __call__(self, message: str, /, **values: str) -> str:
        """The sentence with its values put in. Only the catalogue's text is a pattern."""
        pattern = self._messages[message]
        return pattern.format_map(values) if "{" in pattern else pattern

    def number(self, message: str, amount: int, /, **values: str) -> str:
        """The singular or plural of a counted message; `values` hold the amount as it prints."""
        return self(f"{message}.{'one' if amount == 1 else 'other'}", **values)

    def group(self, prefix: str) -> dict[str, str]:
        """Every message under `prefix.`, by the rest of its id."""
        start = prefix + "."
        return {
            message.removeprefix(start): text
            for message, text in self._messages.items()
            if message.startswith(start)
        }


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Words:
    """Raises ValueError for a language the catalogue does not speak."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in {language!r}")
    text = (_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return Words(dict(_flat(tomllib.loads(text))))
