"""Facts that are told again: what is news, and which word counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.metrics.readings.facts import Fact, FactDiffers, FactFromTheFuture, newest, news

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
instants = st.none() | st.integers(0, 4).map(lambda n: NOW - timedelta(hours=n))
groups = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), min_size=1)
facts = st.builds(
    Fact, st.sampled_from(["monday", "tuesday"]), st.sampled_from("xy"), instants, groups
)
batches = st.lists(facts, max_size=8)


def _told(known: list[Fact], sent: list[Fact], now: datetime = NOW) -> list[Fact]:
    return [fact for _, fact in news(known, sent, now, "/facts")]


def _kept(sent: list[Fact]) -> list[Fact] | None:
    try:
        return _told([], sent)
    except FactDiffers:
        return None


def _word(kept: list[Fact], key: Any) -> dict[str, Any]:
    found = newest(fact for fact in kept if fact.key == key)
    return {name: fact.groups[name] for name, fact in found.items()}


class TestNews:
    @given(batches)
    def test_is_dated_and_told_once_for_each_instant(self, sent: list[Fact]) -> None:
        kept = _kept(sent)
        if kept is not None:
            marks = [(fact.key, fact.source, fact.at) for fact in kept]
            assert len(set(marks)) == len(marks)

    @given(st.lists(facts.filter(lambda fact: fact.captured_at is not None), max_size=8), st.data())
    def test_of_dated_facts_leaves_the_same_in_any_order(self, sent: list[Fact], data: Any) -> None:
        kept = _kept(sent)
        if kept is None:
            return
        marks = {(fact.key, fact.source, fact.at) for fact in sent}
        if len(marks) < len(sent):
            return  # a part of what was said is nothing new, the whole after its part differs
        turned = _told([], data.draw(st.permutations(sent)))
        for key in ("monday", "tuesday"):
            assert _word(turned, key) == _word(kept, key)

    @given(batches)
    def test_is_none_the_second_time(self, sent: list[Fact]) -> None:
        kept = _kept(sent)
        one_voice = len({(fact.key, fact.source) for fact in sent}) == len(sent)
        apart = len({fact.key for fact in sent}) == len(sent)
        if kept is not None and one_voice and apart:
            assert _told(kept, sent, NOW + timedelta(hours=1)) == []

    @given(batches, facts)
    def test_without_an_instant_is_the_newest_word(self, sent: list[Fact], last: Fact) -> None:
        kept = _kept(sent)
        if kept is None:
            return
        undated = Fact(last.key, last.source, None, last.groups)
        after = kept + _told(kept, [undated])
        assert _word(after, last.key).items() >= last.groups.items()

    def test_is_also_what_another_source_said_before(self) -> None:
        said = Fact("monday", "x", NOW, {"a": 1})
        assert _told([said], [Fact("monday", "x", None, {"a": 1})]) == []
        assert len(_told([said], [Fact("monday", "y", None, {"a": 1})])) == 1


class TestRefusals:
    def test_of_two_words_of_one_instant(self) -> None:
        said = Fact("monday", "x", NOW, {"a": 1})
        assert _told([said], [said]) == []
        with pytest.raises(FactDiffers):
            _told([said], [Fact("monday", "x", NOW, {"a": 2})])
        with pytest.raises(FactDiffers):
            _told([said], [Fact("monday", "x", NOW, {"a": 1, "b": 1})])
        assert len(_told([said], [Fact("monday", "y", NOW, {"a": 2})])) == 1

    def test_of_what_is_captured_in_the_future(self) -> None:
        nearly = Fact("monday", "x", NOW + timedelta(minutes=4), {"a": 1})
        later = Fact("monday", "x", NOW + timedelta(minutes=6), {"a": 1})
        assert _told([], [nearly]) == [nearly]
        with pytest.raises(FactFromTheFuture):
            _told([], [later])
