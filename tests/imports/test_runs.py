"""How an import runs: tried first, carried on when it was killed, never twice, and seen by whom."""

import itertools
import random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.imports import running
from tenants import database, worker
from tenants.worker import JobTakenBack
from tests.factories import Staffed, events_of
from tests.imports.making import IMPORTS, ask, bring, codes, counts, figures, problem, shown, upload
from tests.metrics.made import channel_of, reading, record
from tests.work import settle

HEADER = "date,channel,views,likes\n"
_OUTCOME = (
    *("read", "stored", "unchanged", "rejected", "posts"),
    *("first_day", "last_day", "tables", "sample", "faults"),
)


def _days(channel: str, many: int, first: int = 0) -> str:
    """Lines of as many days, from 2020 on; every seventh cannot be read."""
    return "".join(
        f"{2020 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02},{channel},"
        f"{'many' if n % 7 == 3 else n},1\n"
        for n in range(first, first + many)
    )


class TestDryRun:
    def test_changes_nothing_and_says_what_would(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        record(agency, reading(channel, "2020-01-01", views=0, likes=1, source="manual"))
        before = figures(agency, channel)
        content = HEADER + _days(channel, 30) + f"2020-01-01,{channel},0,1\n"

        tried = bring(agency, content, dry_run=True)

        assert counts(tried) == (25, 2, 4)
        assert figures(agency, channel) == before
        assert events_of(agency, tried["id"]) == ["import.requested", "import.tried"]

    def test_says_what_the_run_comes_to(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "BATCH", 7)
        channel = channel_of(agency)
        twice = f"2020-01-01,{channel},0,1\n2020-01-01,{channel},8,1\n"
        content = HEADER + _days(channel, 30) + twice

        tried = bring(agency, content, dry_run=True)
        done = bring(agency, content)

        assert {name: tried[name] for name in _OUTCOME} == {name: done[name] for name in _OUTCOME}
        assert done["stored"] > 0
        assert done["unchanged"] > 0
        assert done["rejected"] > 0


class TestRun:
    def test_that_was_killed_carries_on_where_it_was(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "BATCH", 10)
        whole, killed = channel_of(agency), channel_of(agency)
        expected = bring(agency, HEADER + _days(whole, 45))
        asked = ask(agency, HEADER + _days(killed, 45)).json()
        taken, calls = running._take, itertools.count()

        def dies(*arguments: Any) -> None:
            if next(calls) == 2:
                raise KeyboardInterrupt
            taken(*arguments)

        monkeypatch.setattr(running, "_take", dies)
        with pytest.raises(KeyboardInterrupt):
            worker.run_job(agency.agency_id, UUID(asked["job_id"]))
        monkeypatch.setattr(running, "_take", taken)
        midway = shown(agency, asked["id"])
        assert (midway["state"], midway["read"]) == ("running", 20)
        _let_go(asked["job_id"])
        settle()

        done = shown(agency, asked["id"])
        same = ("read", "stored", "unchanged", "rejected", "first_day", "last_day", "tables")
        assert {name: done[name] for name in same} == {name: expected[name] for name in same}
        assert codes(done) == codes(expected)
        assert figures(agency, killed) == figures(agency, whole)
        assert events_of(agency, asked["id"]) == ["import.requested", "import.done"]

    def test_that_was_over_is_told_once(self, agency: Staffed) -> None:
        """A worker that was killed when all was stored, and its job not yet settled."""
        done = bring(agency, HEADER + _days(channel_of(agency), 10))
        _let_go(done["job_id"], "state = 'running', finished_at = null")

        settle()

        again = shown(agency, done["id"])
        assert {name: again[name] for name in _OUTCOME} == {name: done[name] for name in _OUTCOME}
        assert events_of(agency, done["id"]) == ["import.requested", "import.done"]

    def test_of_two_workers_counts_each_batch_once(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker that was thought dead finds that another has got further, and stops."""
        monkeypatch.setattr(running, "BATCH", 10)
        channel = channel_of(agency)
        asked = ask(agency, HEADER + _days(channel, 30)).json()
        job = UUID(asked["job_id"])
        taken, calls = running._take, itertools.count()

        def overtaken(*arguments: Any) -> None:
            taken(*arguments)
            if next(calls) == 0:
                arguments[1].items += 10

        monkeypatch.setattr(running, "_take", overtaken)
        seen: list[type[BaseException]] = []

        def settled(*arguments: Any) -> Any:
            try:
                return running_store(*arguments)
            except JobTakenBack as lost:
                seen.append(type(lost))
                raise

        running_store = running._store
        monkeypatch.setattr(running, "_store", settled)
        worker.run_job(agency.agency_id, job)

        assert seen == [JobTakenBack]
        assert shown(agency, asked["id"])["read"] == 10

    @given(st.randoms(use_true_random=False))
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    def test_in_parts_and_in_any_order_comes_to_the_same(
        self, agency: Staffed, chance: random.Random
    ) -> None:
        whole, parts = channel_of(agency), channel_of(agency)
        bring(agency, HEADER + _days(whole, 40))
        lines = _days(parts, 40).splitlines(keepends=True)
        lines += chance.sample(lines, 5)
        chance.shuffle(lines)
        cut = chance.randint(0, len(lines))

        for part in (lines[:cut], lines[cut:]):
            bring(agency, HEADER + "".join(part))

        assert figures(agency, parts) == figures(agency, whole)

    def test_of_the_same_file_twice_adds_nothing(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        content = HEADER + _days(channel, 40)
        first = bring(agency, content)
        again = bring(agency, content)
        assert (first["stored"], again["stored"]) == (34, 0)
        assert (again["unchanged"], again["rejected"]) == (34, 6)

    def test_shows_a_hundred_faults_and_counts_them_all(self, agency: Staffed) -> None:
        channel = channel_of(agency)
        bad = "".join(f"2020-01-{n % 28 + 1:02},{channel},x,1\n" for n in range(300))
        good = "".join(f"2021-{n // 28 + 1:02}-{n % 28 + 1:02},{channel},1,1\n" for n in range(300))

        made = bring(agency, HEADER + bad + good)

        assert counts(made) == (300, 0, 300)
        assert len(made["faults"]) == 100
        assert made["faults"][0]["row"] == 2

    def test_that_is_called_off_says_so(self, agency: Staffed) -> None:
        asked = ask(agency, HEADER + _days(channel_of(agency), 5)).json()
        agency.community.post(f"/v1/jobs/{asked['job_id']}/cancel")
        settle()
        assert shown(agency, asked["id"])["state"] == "cancelled"

    def test_that_fails_tells_why_in_the_readers_language(self, agency: Staffed) -> None:
        made = bring(agency, "Jour;Vues\n01/10/2026;5\n")

        assert problem(made) == "format_unknown"
        looked_for = made["problem"]["looked_for"]
        assert looked_for["instagram_posts"][:2] == ["post id", "permalink"]
        assert made["problem"]["headers"] == ["jour", "vues"]
        spanish = shown(agency, made["id"], headers={"Accept-Language": "es"})["problem"]
        assert "correspondencia" in spanish["detail"]
        assert events_of(agency, made["id"]) == ["import.requested", "import.failed"]
        job = agency.community.get(f"/v1/jobs/{made['job_id']}").json()
        assert job["problem"]["code"] == "format_unknown"


class TestWalls:
    def test_a_file_never_writes_another_clients_figures(self, agency: Staffed) -> None:
        """Not even one that the owner brings, who sees both."""
        theirs = channel_of(agency, handle="bodega", client_id=str(agency.other_client_id))
        mine = channel_of(agency)
        lines = f"2020-01-01,{theirs},1,1\n2020-01-01,instagram:bodega,1,1\n2020-01-01,{mine},1,1\n"

        made = bring(agency, HEADER + lines, person="owner")

        assert counts(made) == (1, 0, 2)
        assert [code for _, _, code in codes(made)] == ["unknown_channel", "unknown_channel"]
        assert figures(agency, theirs) == {}

    @pytest.mark.parametrize("person", ["approver", "viewer", "stranger"])
    def test_contacts_neither_import_nor_see_imports(self, agency: Staffed, person: str) -> None:
        made = bring(agency, HEADER + _days(channel_of(agency), 3))
        somebody = getattr(agency, person)
        body = {"client_id": str(agency.client_id), "file_id": made["file_id"]}
        for answer in (
            somebody.post(IMPORTS, body),
            somebody.get(IMPORTS),
            somebody.get(f"{IMPORTS}/{made['id']}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_what_another_client_has_is_not_there(self, agency: Staffed) -> None:
        kept = upload(agency, HEADER).json()
        other = str(agency.other_client_id)
        channel = channel_of(agency, client_id=other)
        mine = {"client_id": str(agency.client_id), "file_id": kept["id"]}
        for body in (mine | {"client_id": other}, mine | {"channel_id": channel}):
            answer = agency.owner.post(IMPORTS, body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def _let_go(job_id: str, also: str = "state = 'running'") -> None:
    """The lease of a job whose worker is gone has run out."""
    with database.platform_session() as session:
        session.connection().execute(
            text(
                f"update jobs set lease_until = now() - interval '1 second', {also} where id = :id"
            ),
            {"id": job_id},
        )
