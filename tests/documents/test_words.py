"""Both languages say the same things, with the same values in them."""

import re
from string import Formatter

import pytest

from api.documents.words import LANGUAGES, words
from api.reports.snapshot.figures import KNOWN_KPIS


def placeholders(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name}


class TestCatalogue:
    def test_has_the_same_messages_in_every_language(self) -> None:
        assert set(words("es")) == set(words("en"))

    def test_has_the_same_values_in_every_message(self) -> None:
        spanish, english = words("es").group("tile"), words("en").group("tile")
        assert spanish.keys() == english.keys()
        for message in words("es"):
            prefix, _, rest = message.partition(".")
            pairs = [words(language).group(prefix)[rest] for language in LANGUAGES]
            assert placeholders(pairs[0]) == placeholders(pairs[1]), message

    def test_names_every_known_figure(self) -> None:
        assert all(f"kpi.{kpi}" in words("es") for kpi in KNOWN_KPIS)

    def test_counts_in_singular_and_plural(self) -> None:
        for message in words("es"):
            if message.endswith(".one"):
                assert message.removesuffix("one") + "other" in words("es")

    def test_never_breaks_a_page_with_a_quote(self) -> None:
        """The draft's word is printed inside a style sheet."""
        for language in LANGUAGES:
            assert re.fullmatch(r"\w+", words(language)("label.draft"))

    def test_refuses_a_language_it_does_not_speak(self) -> None:
        with pytest.raises(ValueError, match="no words"):
            words("fr")

    def test_refuses_an_unknown_message(self) -> None:
        with pytest.raises(KeyError):
            words("es")("label.nothing")
