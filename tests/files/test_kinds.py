"""Kinds of file, by their bytes."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.files import kinds
from tests.files.samples import NOT_TAKEN, PDF, TAKEN, zipped


class TestKind:
    @pytest.mark.parametrize("name", TAKEN)
    def test_is_told_by_the_bytes(self, name: str) -> None:
        kind, content = TAKEN[name]
        assert kinds.of(io.BytesIO(content), name, "") == kind
        assert kinds.of(io.BytesIO(content), name, kind) == kind

    @pytest.mark.parametrize("name", TAKEN)
    def test_is_not_what_another_name_says(self, name: str) -> None:
        kind, content = TAKEN[name]
        others = {each: ends[0] for each, ends in kinds.EXTENSIONS.items() if each != kind}
        taken_for = {
            other
            for other, ending in others.items()
            if _is_taken(content, f"file.{ending}", "") or _is_taken(content, "file", other)
        }
        # A document is a ZIP too; text may be read as either, and to Windows a CSV is a workbook;
        # sound may be pictures without any.
        texts = {"text/csv", "text/plain"}
        workbook = {"application/vnd.ms-excel"} if kind in texts else set()
        assert taken_for <= {"application/zip", "video/mp4"} | texts | workbook | (
            {f for f, _ in TAKEN.values() if f.startswith("application/vnd")}
            if name == "brief.zip"
            else set()
        )

    @pytest.mark.parametrize("name", NOT_TAKEN)
    def test_of_what_is_not_taken_is_none(self, name: str) -> None:
        assert kinds.recognised(io.BytesIO(NOT_TAKEN[name])) == set()

    def test_is_the_first_of_a_file_that_is_two(self) -> None:
        assert kinds.recognised(io.BytesIO(PDF + zipped("a.txt"))) == {"application/pdf"}

    @given(st.binary(max_size=300))
    def test_of_any_bytes_is_known_or_none(self, content: bytes) -> None:
        for begin in (b"", b"PK\x03\x04", b"\0\0\0\x20ftyp"):
            assert kinds.recognised(io.BytesIO(begin + content)) <= kinds.EXTENSIONS.keys()


def _is_taken(content: bytes, name: str, declared: str) -> bool:
    try:
        kinds.of(io.BytesIO(content), name, declared)
    except kinds.FileKindDiffers:
        return False
    return True


class TestLimits:
    def test_hold_before_a_directory_is_read(self) -> None:
        """Its record says how long it is: a ZIP of a million names is never listed."""
        crowded = io.BytesIO(NOT_TAKEN["crowded.zip"])
        tracemalloc.start()
        assert kinds.recognised(crowded) == set()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 1024 * 1024
