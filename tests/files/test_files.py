"""Files, over HTTP: what is taken, who has it, and by which address."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.files.models import LARGEST
from tenants import clock, database
from tests.factories import Person, Staffed, events_of
from tests.files import samples
from tests.files.samples import GIF, MP4, PDF, PNG


def _send(by: Person, agency: Staffed, name: str, content: bytes, **values: Any) -> Any:
    declared = values.pop("declared", "application/octet-stream")
    if "called" in values:
        values["name"] = values.pop("called")
    data = {"client_id": str(agency.client_id), **values}
    return by.call("POST", "/v1/files", data=data, files={"file": (name, content, declared)})


def _kept(agency: Staffed, content: bytes = PNG, name: str = "logo.png", **values: Any) -> Any:
    answer = _send(agency.community, agency, name, content, **values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def _link(by: Person, file: Any) -> str:
    answer = by.post(f"/v1/files/{file['id']}/link")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"]).removeprefix("http://127.0.0.1:8000")


def _bytes_of(home: Path, agency: Staffed) -> set[str]:
    """The hashes of what is stored of an agency."""
    folder = home / "files" / agency.agency_id.hex
    return {path.name for path in folder.rglob("*") if path.is_file()}


class TestUpload:
    def test_keeps_what_was_sent(self, agency: Staffed, home: Path) -> None:
        made = _kept(agency, PNG, "Logo final.png", declared="image/png")

        assert made["name"] == "Logo final.png"
        assert (made["media_type"], made["size"]) == ("image/png", len(PNG))
        assert made["sha256"] == hashlib.sha256(PNG).hexdigest()
        assert (made["audience"], made["uploaded_by_name"]) == ("internal", "Community")
        assert _bytes_of(home, agency) == {made["sha256"]}
        assert events_of(agency, made["id"]) == ["file.uploaded"]

    def test_takes_a_name_of_its_own_and_no_folders(self, agency: Staffed) -> None:
        assert _kept(agency, name="C:\\Fotos\\logo.png")["name"] == "logo.png"
        named = _send(agency.community, agency, "x.png", PNG, called="../Logo final")
        assert named.json()["name"] == "Logo final.png"

    def test_gives_a_bare_name_its_extension(self, agency: Staffed) -> None:
        assert _kept(agency, MP4, "reel")["name"] == "reel.mp4"

    def test_stores_the_same_bytes_once(self, agency: Staffed, home: Path) -> None:
        first, second = _kept(agency), _kept(agency, name="otra.png")
        assert first["id"] != second["id"]
        assert _bytes_of(home, agency) == {first["sha256"]}

    def test_is_done_once_for_a_key_whatever_stands_between_the_parts(
        self, agency: Staffed
    ) -> None:
        key = {"Idempotency-Key": "the-same"}
        send = {"data": {"client_id": str(agency.client_id)}}
        answers = [
            agency.community.call(
                "POST", "/v1/files", headers=key, files={"file": ("a.png", content)}, **send
            )
            for content in (PNG, PNG, PNG + b"\0")
        ]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["idempotent-replayed"] == "true"
        assert _code(answers[2]) == (422, "idempotency_key_reused")


class TestRefusal:
    @pytest.mark.parametrize(
        ("name", "content", "declared"),
        [
            ("invoice.pdf", PNG, "application/pdf"),
            ("invoice.pdf", PNG, "application/octet-stream"),
            ("logo.png", PNG, "application/pdf"),
            ("logo.png", PDF, "image/png"),
            ("brief.docx", samples.zipped("a.txt"), ""),
            ("table.csv", PNG, "text/csv"),
            ("setup.exe", PDF, ""),
        ],
    )
    def test_of_a_file_that_lies(
        self, agency: Staffed, home: Path, name: str, content: bytes, declared: str
    ) -> None:
        answer = _send(agency.community, agency, name, content, declared=declared)

        assert _code(answer) == (422, "file_kind_differs")
        assert _bytes_of(home, agency) == set()
        assert agency.owner.get("/v1/files").json()["data"] == []

    @pytest.mark.parametrize("name", sorted(samples.NOT_TAKEN))
    def test_of_what_a_desktop_would_run(self, agency: Staffed, home: Path, name: str) -> None:
        answer = _send(agency.community, agency, name, samples.NOT_TAKEN[name])

        assert _code(answer) == (422, "file_kind_not_taken")
        assert "image/png" in answer.json()["taken"]
        assert _bytes_of(home, agency) == set()

    def test_of_nothing_and_of_no_name(self, agency: Staffed) -> None:
        assert _code(_send(agency.community, agency, "a.txt", b"")) == (422, "file_empty")
        blank = _send(agency.community, agency, "folder/", PNG)
        assert _code(blank) == (422, "file_name_missing")

    def test_of_one_byte_too_many(self, agency: Staffed, home: Path) -> None:
        most = GIF + b"\0" * (LARGEST - len(GIF))
        assert _send(agency.community, agency, "a.gif", most).status_code == 201
        kept = _bytes_of(home, agency)

        over = _send(agency.community, agency, "a.gif", most + b"\0")
        far_over = _send(agency.community, agency, "a.gif", most + b"\0" * 100_000)

        assert _code(over) == _code(far_over) == (413, "too_large")
        assert _bytes_of(home, agency) == kept

    def test_of_a_form_of_many_parts(self, agency: Staffed) -> None:
        client = {"client_id": str(agency.client_id)}
        many = [("file", (f"{n}.png", PNG)) for n in range(10_000)]
        fields = {**client, **{f"field_{n}": "x" for n in range(100)}}
        long = {**client, "name": "x" * 100_000}
        one = {"file": ("a.png", PNG)}
        for sent in (
            {"data": client, "files": many},
            {"data": fields, "files": one},
            {"data": long, "files": one},
        ):
            answer = agency.community.call("POST", "/v1/files", **sent)
            assert _code(answer) == (400, "malformed_body")

    def test_of_an_empty_field_and_of_one_given_twice(self, agency: Staffed) -> None:
        for key, name in (("audience", "audience"), ("called", "name"), ("client_id", "client_id")):
            answer = _send(agency.community, agency, "a.png", PNG, **{key: ""})
            assert _code(answer) == (422, "invalid_request")
            assert f"/{name}" in {fault["pointer"] for fault in answer.json()["errors"]}
        twice = _send(agency.community, agency, "a.png", PNG, audience=["client", "internal"])
        assert _code(twice) == (400, "malformed_body")

    def test_of_a_form_that_is_none(self, agency: Staffed) -> None:
        for content in (b"", b"nothing of the kind", b"--x\r\n"):
            for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
                answer = agency.community.call(
                    "POST", "/v1/files", content=content, headers={"Content-Type": kind}
                )
                assert answer.status_code in (400, 422), answer.text

    def test_comes_before_a_byte_is_kept(
        self, agency: Staffed, other_agency: Staffed, home: Path
    ) -> None:
        there = str(other_agency.client_id)
        out_of_sight = str(agency.other_client_id)
        for by, client, expected in (
            (agency.viewer, str(agency.client_id), (403, "forbidden")),
            (agency.community, out_of_sight, (404, "not_found")),
            (agency.owner, there, (404, "not_found")),
        ):
            answer = _send(by, agency, "logo.png", PNG, client_id=client)
            assert _code(answer) == expected
        assert _bytes_of(home, agency) == _bytes_of(home, other_agency) == set()


class TestAudience:
    def test_of_contacts_is_what_is_for_them(self, agency: Staffed) -> None:
        inside, shown = _kept(agency), _kept(agency, PDF, "brief.pdf", audience="client")

        for by in (agency.approver, agency.viewer):
            listed = by.get("/v1/files?include=total").json()
            assert [each["id"] for each in listed["data"]] == [shown["id"]]
            assert listed["total"] == 1
            assert by.get(f"/v1/files/{shown['id']}").status_code == 200
            for path in (f"/v1/files/{inside['id']}", f"/v1/files/{inside['id']}/link"):
                answer = by.post(path) if path.endswith("link") else by.get(path)
                assert _code(answer) == (404, "not_found")
            assert _link(by, shown)
        assert agency.other_contact.get(f"/v1/files/{shown['id']}").status_code == 404
        assert agency.other_contact.get("/v1/files").json()["data"] == []

    def test_can_be_asked_for(self, agency: Staffed) -> None:
        _kept(agency)
        shown = _kept(agency, PDF, "brief.pdf", audience="client")
        found = agency.community.get("/v1/files?audience=client").json()["data"]
        assert [each["id"] for each in found] == [shown["id"]]


class TestLink:
    def test_hands_out_the_bytes_and_never_a_page(self, agency: Staffed) -> None:
        made = _kept(agency, samples.CSV, "x.csv", called='métricas "1".csv')

        answer = agency.owner.client.get(_link(agency.community, made))

        assert (answer.status_code, answer.content) == (200, samples.CSV)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == (
            'attachment; filename="m_tricas _1_.csv";'
            " filename*=UTF-8''m%C3%A9tricas%20%221%22.csv"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["cache-control"] == "private, no-store"

    def test_serves_a_range(self, agency: Staffed) -> None:
        content = GIF + bytes(range(256)) * 20
        address = _link(agency.community, _kept(agency, content, "a.gif"))
        size = len(content)
        for asked, start, end in (
            ("bytes=0-9", 0, 10),
            ("bytes=100-", 100, size),
            ("bytes=-7", size - 7, size),
            (f"bytes=10-{size * 2}", 10, size),
        ):
            answer = agency.owner.client.get(address, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, content[start:end]), asked
            assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        for odd in (f"bytes={size}-", "bytes=9-3", "bytes=-", "bytes=1-2,4-5", "lines=1-2"):
            answer = agency.owner.client.get(address, headers={"Range": odd})
            assert (answer.status_code, answer.content) == (200, content), odd

    def test_ends_after_five_minutes(self, agency: Staffed) -> None:
        address = _link(agency.community, _kept(agency))
        http = agency.owner.client
        with clock.at(clock.now() + timedelta(minutes=4, seconds=50)):
            assert http.get(address).status_code == 200
        with clock.at(clock.now() + timedelta(minutes=5, seconds=5)):
            assert _code(http.get(address)) == (410, "file_link_expired")

    def test_opens_nothing_when_it_is_forged(self, agency: Staffed) -> None:
        address = _link(agency.community, _kept(agency))
        http = agency.owner.client
        token = address.rpartition("/")[2]
        swapped = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in (5, 90)]
        for forged in (*swapped, token[:-2], token + "AA", "file_", "x", "file_" + "é" * 9):
            assert _code(http.get(f"/files/{forged}")) == (404, "not_found"), forged

    def test_opens_no_other_file_and_for_no_longer(self, agency: Staffed) -> None:
        """Whatever is put in the place of a part of the token, the signature is of the whole."""
        address, other = _link(agency.community, _kept(agency)), _kept(agency, PDF, "brief.pdf")
        token = address.removeprefix("/files/file_")
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        later = int((clock.now() + timedelta(hours=1)).timestamp()).to_bytes(8, "big")
        owner = agency.owner
        for start, part in (
            (16, UUID(other["id"]).bytes),
            (32, owner.session_id.bytes + owner.user_id.bytes),
            (64, later),
            (72, bytes(32)),
        ):
            forged = signed[:start] + part + signed[start + len(part) :]
            written = base64.urlsafe_b64encode(forged).rstrip(b"=").decode()
            answer = owner.client.get(f"/files/file_{written}")
            assert _code(answer) == (404, "not_found"), start

    def test_ends_with_the_right_to_see_the_file(self, agency: Staffed) -> None:
        made = _kept(agency, PDF, "brief.pdf", audience="client")
        http = agency.owner.client
        by_community, by_viewer = _link(agency.community, made), _link(agency.viewer, made)
        assert http.get(by_viewer).status_code == 200

        agency.community.delete("/v1/sessions/" + str(agency.community.session_id))
        assert _code(http.get(by_community)) == (404, "not_found")

        with database.platform_session() as session:
            session.connection().execute(
                text("update agencies set status = 'suspended' where id = :id"),
                {"id": agency.agency_id},
            )
        assert _code(http.get(by_viewer)) == (404, "not_found")

    def test_is_told_to_nobody(self, agency: Staffed, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        address = _link(agency.community, _kept(agency))
        agency.owner.client.get(address)
        agency.owner.client.get(address[:-2])
        ours = [each.getMessage() for each in caplog.records if not each.name.startswith("http")]
        assert [line for line in ours if address.rpartition("/")[2][:40] in line] == []


class TestDeliverable:
    """Work that is handed in for the client is work that the client can open."""

    def test_is_handed_in_with_a_file_for_the_client(self, agency: Staffed) -> None:
        made = samples.begun(agency)
        inside, shown = _kept(agency), _kept(agency, MP4, "reel.mp4", audience="client")
        path = f"/v1/deliverables/{made['id']}/submit"

        hidden = agency.community.post(path, {"file_id": inside["id"]})
        handed_in = agency.community.post(path, {"file_id": shown["id"]})

        assert _code(hidden) == (422, "file_not_for_client")
        assert handed_in.json()["work_file_id"] == shown["id"]
        assert agency.approver.get(f"/v1/files/{shown['id']}").status_code == 200


class TestUploadOfAContact:
    def test_is_for_its_own_client(self, agency: Staffed) -> None:
        answer = _send(agency.approver, agency, "logo.png", PNG, audience="client")

        made = answer.json()
        assert (answer.status_code, made["audience"]) == (201, "client")
        assert made["uploaded_by_name"] == "Approver"
        for person in (agency.community, agency.viewer):
            assert person.get(f"/v1/files/{made['id']}").status_code == 200
        assert events_of(agency, made["id"]) == ["file.uploaded"]

    def test_is_never_internal_nor_of_another(self, agency: Staffed, home: Path) -> None:
        inside = _send(agency.approver, agency, "logo.png", PNG, audience="internal")
        unsaid = _send(agency.approver, agency, "logo.png", PNG)
        other = _send(agency.other_contact, agency, "logo.png", PNG, audience="client")
        viewer = _send(agency.viewer, agency, "logo.png", PNG, audience="client")

        answers = (inside, unsaid, other, viewer)
        assert [answer.status_code for answer in answers] == [403, 403, 404, 403]
        assert _bytes_of(home, agency) == set()

    def test_has_the_same_limits(self, agency: Staffed) -> None:
        answer = _send(agency.approver, agency, "logo.png", b"MZ not an image", audience="client")

        assert answer.status_code == 422
