"""
The words an influencer is found by, and what the roster's filters ask.

Under row security only plain comparisons use an index, so what is looked for stands in a table of
words in the order of their letters: a word is found by its beginning, a label (`tag:vip`) as a
whole. Nobody types a colon into a word, for words are letters and digits.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from api.influencers.account_shapes import MILLION
from api.influencers.labels import label_key
from api.influencers.models import (
    Influencer,
    InfluencerAccount,
    InfluencerRate,
    InfluencerStatus,
    InfluencerWord,
)
from api.influencers.shapes import InfluencerFilter
from tenants.errors import Unprocessable

LONGEST = 60  # letters of a word
MOST_ASKED = 6  # words in one question
_END = "\U0010ffff"  # behind every letter there is
# A query asks for each of them once. Made beforehand: making them is most of what a query costs.
_LABELS = {
    kind: aliased(InfluencerWord) for kind in ("network", "category", "language", "country", "tag")
}
_OTHER_WORDS = [aliased(InfluencerWord) for _ in range(MOST_ASKED - 1)]
_EARLIER: Any = aliased(InfluencerWord)


class RateWithoutCurrency(Unprocessable):
    """`rate_max_minor` and `rate_currency` go together: two currencies do not compare."""


class NothingToLookFor(Unprocessable):
    """`q` holds no letter and no digit."""


def words_in(text: str) -> list[str]:
    """The words of a text as they are kept: without case and accents, letters and digits alone."""
    return [each[:LONGEST] for each in re.findall(r"[^\W_]+", label_key(text))]


def words_of(
    influencer: Influencer, accounts: Iterable[InfluencerAccount], tags: Iterable[str]
) -> set[str]:
    """Everything an influencer is found by."""
    accounts = list(accounts)
    found = set(words_in(influencer.name))
    for account in accounts:
        found.update(words_in(account.handle))
    labels = [
        *(("network", account.network.value) for account in accounts),
        *(("category", each) for each in influencer.categories),
        *(("language", each) for each in influencer.languages),
        *(("country", each) for each in (influencer.country,) if each),
        *(("tag", each) for each in tags),
    ]
    return found | {label(kind, value) for kind, value in labels}


def label(kind: str, value: str) -> str:
    return f"{kind}:{label_key(value)}"[:80]


def keep(session: Session, influencer: Influencer, words: set[str]) -> None:
    """Make an influencer's words these, and no others."""
    query = select(InfluencerWord.word).where(col(InfluencerWord.id) == influencer.id)
    known = set(session.exec(query))
    if gone := known - words:
        mine = col(InfluencerWord.id) == influencer.id
        session.exec(
            delete(InfluencerWord)
            .where(mine, col(InfluencerWord.word).in_(sorted(gone)))
            .execution_options(synchronize_session=False)
        )
    session.add_all(InfluencerWord(id=influencer.id, word=word) for word in sorted(words - known))
    session.flush()


def chosen(wanted: InfluencerFilter) -> Any:
    """
    The query of the roster's filters: of influencers, or, where words are looked for, of the first
    word by which each is found.
    """
    if wanted.q is None:
        found: Any = Influencer
        query = select(Influencer)
    else:
        found = InfluencerWord
        first, *others = asked(wanted.q)
        query = _by_word(first)
        for word, each in zip(_OTHER_WORDS, others, strict=False):
            query = query.where(exists().where(*_same(word, found), *_begins(word, each)))
    for kind, word in _LABELS.items():
        if value := getattr(wanted, kind):
            query = query.where(*_same(word, found), word.word == label(kind, value))
    return query.where(*_conditions(wanted, found))


def asked(q: str) -> list[str]:
    """The words that are looked for, the longest first: it finds the fewest."""
    found = sorted(set(words_in(q)), key=lambda each: (-len(each), each))
    if not found:
        raise NothingToLookFor(pointer="/q")
    return found[:MOST_ASKED]


def _by_word(beginning: str) -> Any:
    """Each influencer by the first of their words that begins so."""
    before = exists().where(
        *_same(_EARLIER, InfluencerWord),
        _EARLIER.word >= beginning,
        _EARLIER.word < col(InfluencerWord.word),
    )
    return select(InfluencerWord).where(
        *_same(Influencer, InfluencerWord), *_begins(InfluencerWord, beginning), ~before
    )


def _same(one: Any, other: Any) -> tuple[Any, Any]:
    """That two rows are of the same influencer."""
    return one.agency_id == other.agency_id, _whose(one) == _whose(other)


def _whose(model: Any) -> Any:
    return model.influencer_id if hasattr(model, "influencer_id") else model.id


def _begins(word: Any, beginning: str) -> tuple[Any, Any]:
    return word.word >= beginning, word.word < beginning + _END


def _conditions(wanted: InfluencerFilter, found: Any) -> Iterator[Any]:
    if wanted.status:
        yield col(Influencer.status) == wanted.status
    else:
        yield col(Influencer.status) != InfluencerStatus.archived
    if wanted.network:
        yield from _on_network(wanted, found)
    else:
        yield from _ranges(Influencer.audience_size, Influencer.engagement_millionths, wanted)
    yield from _priced(wanted, found)


def _on_network(wanted: InfluencerFilter, found: Any) -> Iterator[Any]:
    account: Any = InfluencerAccount
    ranges = list(_ranges(account.followers, account.engagement_millionths, wanted))
    if ranges:
        yield exists().where(*_same(account, found), account.network == wanted.network, *ranges)


def _ranges(audience: Any, engagement: Any, wanted: InfluencerFilter) -> Iterator[Any]:
    if wanted.audience_min is not None:
        yield audience >= wanted.audience_min
    if wanted.audience_max is not None:
        yield audience <= wanted.audience_max
    if wanted.engagement_min is not None:
        yield engagement >= round(wanted.engagement_min * MILLION)


def _priced(wanted: InfluencerFilter, found: Any) -> Iterator[Any]:
    if (wanted.rate_max_minor is None) != (wanted.rate_currency is None):
        raise RateWithoutCurrency(pointer="/rate_currency")
    if wanted.placement is None and wanted.rate_currency is None:
        return
    rate: Any = InfluencerRate
    terms = [*_same(rate, found)]
    if wanted.rate_currency is not None:
        terms += [rate.currency == wanted.rate_currency, rate.amount_minor <= wanted.rate_max_minor]
    if wanted.placement:
        terms.append(rate.placement == wanted.placement)
    if wanted.network:
        terms.append(rate.network == wanted.network)
    yield exists().where(*terms)
