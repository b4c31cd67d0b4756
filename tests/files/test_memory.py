"""What large files and batches cost a server, over real HTTP: a few megabytes, whatever comes."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.files.models import LARGEST
from api.processes import Platform
from tenants.ids import new_id
from tests.faults.stage import Studio, sign_up
from tests.files.samples import GIF

MOST = 20 * 1024  # kB that a request may add

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells a process's peak")


@pytest.fixture(scope="module")
def platform(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def studio(platform: Platform) -> Studio:
    return sign_up(platform.base_url)


@pytest.fixture(scope="module")
def owner(studio: Studio) -> Iterator[httpx2.Client]:
    """The owner of an agency."""
    with studio.client() as http:
        yield http


@pytest.fixture(scope="module")
def client_id(studio: Studio, owner: httpx2.Client) -> str:
    body = {"name": "Café Aurora", "lead_membership_id": studio.membership_id}
    return str(owner.post("/v1/clients", json=body).raise_for_status().json()["id"])


def _added(platform: Platform, request: Any) -> tuple[Any, int]:
    """The answer to a request, and how far above its rest the server's memory went, in kB."""
    child = platform.members["api"].child
    assert child is not None
    process = Path(f"/proc/{child.pid}")
    process.joinpath("clear_refs").write_text("5")  # the peak counts from here (proc(5))
    before = _kilobytes(process, "VmHWM")
    answer = request()
    return answer, _kilobytes(process, "VmHWM") - before


def _kilobytes(process: Path, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", process.joinpath("status").read_text())
    assert found is not None
    return int(found[1])


class TestMemory:
    def test_of_an_upload_and_a_download_is_not_the_files(
        self, platform: Platform, owner: httpx2.Client, client_id: str
    ) -> None:
        content = GIF + bytes(LARGEST - len(GIF))
        parts: dict[str, Any] = {
            "data": {"client_id": client_id},
            "files": {"file": ("a.gif", content)},
        }
        key = {"Idempotency-Key": f"key-{new_id().hex}"}

        first, by_upload = _added(platform, lambda: owner.post("/v1/files", **parts))
        again, by_key = _added(platform, lambda: owner.post("/v1/files", headers=key, **parts))
        link = owner.post(f"/v1/files/{again.json()['id']}/link").json()["address"]
        path = httpx2.URL(link).path
        had, by_download = _added(platform, lambda: owner.get(path))

        assert (first.status_code, again.status_code, had.status_code) == (201, 201, 200)
        assert had.content == content
        assert max(by_upload, by_key, by_download) < MOST

    @pytest.mark.parametrize("name", ['name="name"', 'name="file"; filename="a.gif"'])
    def test_of_what_never_ends_is_nothing(
        self, platform: Platform, owner: httpx2.Client, name: str
    ) -> None:
        """A part without a file name is cut at 4 kB, one with a name at the limit of a file."""

        def endless() -> Iterator[bytes]:
            yield f"--x\r\nContent-Disposition: form-data; {name}\r\n\r\n".encode()
            for _ in range(4 * LARGEST // 1_048_576):
                yield bytes(1_048_576)

        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer, added = _added(
            platform, lambda: owner.post("/v1/files", content=endless(), headers=headers)
        )

        assert answer.status_code in (400, 413)
        assert added < MOST
        assert list((platform.home / "incoming").iterdir()) == []

    @pytest.mark.parametrize("kind", ["text/csv", "application/json", "application/x-ndjson"])
    def test_of_figures_in_a_line_that_never_ends_is_their_limit(
        self, platform: Platform, owner: httpx2.Client, kind: str
    ) -> None:
        def endless() -> Iterator[bytes]:
            for _ in range(4 * LARGEST // 1_048_576):
                yield b"x" * 1_048_576

        headers = {"Content-Type": kind}
        answer, added = _added(
            platform, lambda: owner.post("/v1/metrics/daily", content=endless(), headers=headers)
        )

        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert added < MOST
