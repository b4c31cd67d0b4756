"""
Every mutant of a check inside the code turns a test red: a test that asks over HTTP, and knows
nothing of where the check stands.

A run of pytest of its own for each: the tests of the module's folder, until the first is red.
"""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.mutants import guards, run, tally
from tests.mutants.guards import Mutant

_MATRIX = "tests/isolation/test_matrix.py"
_NAMED = "tests/isolation/test_references.py"
_READS = "tests/tenants/test_reads.py"
_LAYERS = ("tests/isolation/test_layers.py",)
# The beginning of a module's name → where to look, the likeliest first; the longest one counts.
TESTS: dict[str, tuple[str, ...]] = {
    "": (_MATRIX, _NAMED),
    "api.approvals": (
        "tests/approvals",
        "tests/campaigns/test_deliverables.py",
        "tests/budgets",
        _MATRIX,
    ),
    "api.approvals.links": ("tests/mail/links", _MATRIX),
    "api.benchmarks": ("tests/benchmarks",),
    "api.budgets": ("tests/budgets/test_expenses.py", "tests/budgets", _READS),
    "api.campaigns": (_NAMED, _READS, "tests/campaigns"),
    "api.billing": ("tests/billing", _MATRIX),
    "api.clients": ("tests/clients/test_promises.py", "tests/clients/test_contracts.py", _NAMED),
    "api.collaborations": ("tests/collaborations", "tests/influencers", _MATRIX),
    "api.comments": ("tests/comments",),
    "api.community": ("tests/community",),
    "api.costs": ("tests/costs",),
    "api.desk": ("tests/desk",),
    "api.files": ("tests/files",),
    "api.http": ("tests/identity/test_access_tokens.py", _MATRIX),
    "api.identity": ("tests/identity",),
    "api.imports": ("tests/imports",),
    "api.influencers": ("tests/influencers", _MATRIX),
    "api.listening": ("tests/listening",),
    "api.metrics": ("tests/metrics",),
    "api.proof": ("tests/proof", _MATRIX),
    "api.reports": ("tests/reports/test_reports.py", _MATRIX),
    "api.statements": ("tests/statements", _READS),
    "api.strategy": ("tests/strategy",),
    "api.tracking": ("tests/tracking", _MATRIX),
    "tenants.agencies": ("tests/identity/test_agency.py",),
    "tenants.assignments": ("tests/identity/test_assignments.py",),
    "tenants.auth": ("tests/identity/test_access_tokens.py",),
    "tenants.database": (*_LAYERS, _MATRIX, _NAMED),
    "tenants.invitations": ("tests/identity/test_invitations.py",),
    "tenants.memberships": ("tests/identity/test_members.py", "tests/identity"),
    "tenants.reads": (_READS, _MATRIX, _NAMED),
    "tenants.sessions": ("tests/identity/test_sessions.py", _MATRIX),
    "tenants.tokens": ("tests/identity/test_access_tokens.py",),
    "tenants.users": ("tests/identity/test_me.py",),
}


def _where(mutant: Mutant) -> tuple[str, ...]:
    if mutant.kind in guards.LAYER:
        return _LAYERS
    return TESTS[max(filter(mutant.module.startswith, TESTS), key=len)]


def _is_red(number: int | None, tests: tuple[str, ...], urls: dict[str, str], folder: Path) -> bool:
    said = folder / "said"
    server = make_url(urls["owner"]).set(drivername="postgresql")
    # A fork of a process that has imported everything, and begun nothing.
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["tests.mutants.run"])
    process = forking.Process(
        target=run.against, args=(number, tests, server.render_as_string(False), said)
    )
    process.start()
    process.join()
    assert process.exitcode in (run.GREEN, run.RED), said.read_text(encoding="utf-8")
    return process.exitcode == run.RED


class TestMutants:
    """A handful, so that what runs them stays true."""

    def test_have_each_a_name(self) -> None:
        assert guards.doubles() == []

    def test_stand_against_a_run_that_is_green_without_one(
        self, urls: dict[str, str], tmp_path: Path
    ) -> None:
        assert not _is_red(None, TESTS["tenants.agencies"], urls, tmp_path)

    def test_are_seen(self, urls: dict[str, str], tmp_path: Path) -> None:
        number = next(n for n, m in enumerate(guards.found()) if m.module == "tenants.agencies")
        assert _is_red(number, TESTS["tenants.agencies"], urls, tmp_path)


@pytest.mark.deep
class TestEveryMutant:
    @pytest.mark.parametrize("number", range(len(guards.found())))
    def test_of_a_check_is_seen(self, number: int, urls: dict[str, str], tmp_path: Path) -> None:
        mutant = guards.found()[number]
        felt = _is_red(number, _where(mutant), urls, tmp_path)
        assert tally.note(mutant.kind, mutant.name, recorded=False, felt=felt) is None
