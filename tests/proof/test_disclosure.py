"""Captions and what the packs say of them; versions; and what no wording changes."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.proof import disclosure
from api.proof.disclosure import Judgement, Reason, Relation, judge

HERE = Path(__file__).parent
LONG = "El café de la mañana se tuesta despacio, con paciencia y a fuego lento. " * 3
TODAY = date(2026, 11, 30)
COUNTRIES = {"es": "es", "mx": "es", "us": "en"}


def _cases() -> list[Any]:
    found = []
    for country, language in COUNTRIES.items():
        told = tomllib.loads((HERE / "captions" / f"{country}.toml").read_text("utf-8"))["cases"]
        found += [
            pytest.param(country.upper(), language, *case, id=f"{country}-{number}")
            for number, case in enumerate(told)
        ]
    return found


def _asked(language: str, differs: str) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "language": language,
        "network": "instagram",
        "placement": "post",
        "relation": Relation.paid,
        "on_date": TODAY,
        "label": False,
    }
    for word in differs.split():
        if word == "label":
            asked["label"] = True
        elif word[:2] == "20":
            asked["on_date"] = date.fromisoformat(word)
        elif word in set(Relation):
            asked["relation"] = Relation(word)
        elif len(word.partition("-")[0]) == 2:
            asked["language"] = word
        else:
            asked["placement" if word in ("video", "text") else "network"] = word
    return asked


class TestJudge:
    @pytest.mark.parametrize(
        ("country", "language", "caption", "reasons", "differs"),
        [
            pytest.param(*case.values, *[""] * (5 - len(case.values)), id=case.id)
            for case in _cases()
        ],
    )
    def test_judges_a_caption(
        self, country: str, language: str, caption: str, reasons: str, differs: str
    ) -> None:
        asked = _asked(language, differs)
        label = asked.pop("label")
        verdict = judge(caption.replace("{long}", LONG), country, *asked.values(), label=label)
        assert "+".join(verdict.reasons) == reasons
        good = reasons in ("tag", "label")
        expected = Judgement.valid if good else Judgement.invalid
        assert verdict.judgement is (Judgement.unknown if reasons == "no_rule" else expected)

    @pytest.mark.parametrize("country", COUNTRIES)
    def test_is_held_to_sixty_captions_a_pack(self, country: str) -> None:
        told = tomllib.loads((HERE / "captions" / f"{country}.toml").read_text("utf-8"))["cases"]
        assert len(told) >= 60
        assert {"tag", "short_form", "below_fold", "among_hashtags", "wrong_language"} <= {
            case[1] for case in told
        }

    def test_knows_no_rule_of_a_country_without_a_pack(self) -> None:
        verdict = judge("#ad", "FR", "fr", "instagram", "post", Relation.paid, TODAY)
        assert verdict.judgement is Judgement.unknown
        assert verdict.rule is None
        assert verdict.reasons == (Reason.no_rule,)

    def test_names_the_version_in_force_on_the_day(self) -> None:
        versions = [
            judge("#publi", "ES", "es", "x", "text", Relation.paid, day).version
            for day in (date(2025, 9, 30), date(2025, 10, 1))
        ]
        assert versions == [1, 2]

    def test_advises_what_a_caption_cannot_show(self) -> None:
        verdict = judge("#ad", "US", "en", "tiktok", "video", Relation.paid, TODAY)
        assert verdict.advice == ("say_in_video",)

    @given(st.text(max_size=400), st.sampled_from(["ES", "MX", "US", "FR"]))
    def test_answers_whatever_it_is_given(self, caption: str, country: str) -> None:
        verdict = judge(caption, country, "es", "instagram", "post", Relation.paid, TODAY)
        assert verdict.reasons
        again = judge(caption, country, "es", "instagram", "post", Relation.paid, TODAY)
        assert again == verdict

    @given(st.text(max_size=200))
    def test_words_that_come_first_are_never_undone_by_what_follows(self, rest: str) -> None:
        said = f"#publicidad. {rest}"
        verdict = judge(said, "ES", "es", "instagram", "post", Relation.paid, TODAY)
        assert verdict.judgement is Judgement.valid


class TestPacks:
    def test_say_that_a_lawyer_should_look(self) -> None:
        assert {rule.country for rule in disclosure.rules()} == {"ES", "MX", "US"}
        for rule in disclosure.rules():
            assert "legal review" in rule.review
            assert rule.sources

    def test_have_versions_that_follow_each_other(self) -> None:
        by_country: dict[str, list[Any]] = {}
        for rule in disclosure.rules():
            by_country.setdefault(rule.country, []).append(rule)
        for held in by_country.values():
            assert [rule.version for rule in held] == list(range(1, len(held) + 1))
            assert sorted(rule.starts_on for rule in held) == [rule.starts_on for rule in held]
