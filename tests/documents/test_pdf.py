"""Paper under guard: what no content can stretch."""

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.documents import pdf

AT = dt.datetime(2026, 11, 4, 10, 30, tzinfo=dt.UTC)
SOON = 1  # seconds


def write(folder: Path, source: str) -> Path:
    template = folder / "a.typ"
    template.write_text(f'#set document(title: "A")\n{source}')
    return template


class TestDocument:
    def test_is_made_in_a_process_that_is_told_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AGENCY_SECRET", "hush")
        seen: list[dict[str, str]] = []
        run = subprocess.run

        def watched(*command: Any, **options: Any) -> Any:
            seen.append(options["env"])
            return run(*command, **options)

        monkeypatch.setattr(subprocess, "run", watched)

        made = pdf.document(write(tmp_path, "Hello"), {}, {}, AT)

        assert made.body.startswith(b"%PDF-")
        assert made.accessible
        assert "AGENCY_SECRET" not in seen[0]

    def test_that_never_ends_is_given_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "TIME", SOON)
        endless = "#for i in range(100000) { for j in range(100000) { let k = i * j } }"

        with pytest.raises(pdf.DocumentTooHeavy):
            pdf.document(write(tmp_path, endless), {}, {}, AT)

    def test_that_grows_without_end_is_given_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "MEMORY", 100 << 20)
        growing = "#let a = range(100000000)\n#a.len()"

        with pytest.raises(pdf.DocumentTooHeavy):
            pdf.document(write(tmp_path, growing), {}, {}, AT)

    def test_that_is_wrong_says_where(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match="unknown variable"):
            pdf.document(write(tmp_path, "#nothing"), {}, {}, AT)
