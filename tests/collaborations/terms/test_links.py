"""Terms are answered without an account, on a page that needs no script."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from tenants import clock, settings
from tenants.ids import new_id
from tests.collaborations.making import (
    accept,
    done,
    instalments,
    offered,
    payables_of,
    read,
)
from tests.factories import Staffed
from tests.mail.conftest import Sink, text_of
from tests.mail.conftest import configure as configure
from tests.mail.conftest import sink as sink
from tests.work import settle

INES = {"name": "Inés Luz", "email": "ines@creators.example"}
HALF = [{"milestone": "contract", "percent": 100}]


def _link(agency: Staffed, made: dict[str, Any], **who: str) -> tuple[str, dict[str, Any]]:
    answer = agency.executive.post(f"/v1/collaborations/{made['id']}/links", {**INES, **who})
    link = done(answer, 201)
    return str(link["address"]).removeprefix(settings.get().public_address), link


def _open(agency: Staffed, path: str) -> Any:
    return agency.owner.client.get(path)


def _answer(agency: Staffed, path: str, said: Any, answer: str = "accepted", **form: str) -> Any:
    form = {"answer": answer, "content_sha256": said["content_sha256"], **form}
    return agency.owner.client.post(path, data=form, follow_redirects=False)


class TestOpenTerms:
    def test_shows_exactly_what_is_offered_and_changes_nothing(self, agency: Staffed) -> None:
        made, said = offered(agency)
        path, _ = _link(agency, made)
        page = _open(agency, path)
        assert page.status_code == 200
        for words in ("Reel de lanzamiento", "Estudio Norte", "1.000,00", said["content_sha256"]):
            assert words in page.text
        assert "<script" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert read(agency.executive, made)["status"] == "terms_sent"

    def test_says_when_the_address_is_wrong_or_no_longer_good(self, agency: Staffed) -> None:
        made, _ = offered(agency)
        path, link = _link(agency, made)
        assert _open(agency, path[:-1]).json()["code"] == "terms_link_unknown"
        done(agency.executive.post(f"/v1/collaboration-links/{link['id']}/revoke"))
        answer = _open(agency, path)
        assert (answer.status_code, answer.json()["code"]) == (410, "terms_link_closed")

    def test_says_when_the_terms_are_over(self, agency: Staffed) -> None:
        made, said = offered(agency)
        path, _ = _link(agency, made)
        done(agency.executive.post(f"/v1/collaborations/{made['id']}/negotiate", {}))
        answer = _answer(agency, path, said)
        assert (answer.status_code, answer.json()["code"]) == (410, "terms_over")
        other, _ = offered(agency)
        path, _ = _link(agency, other)
        with clock.at(clock.now() + timedelta(days=30)):
            assert _open(agency, path).status_code == 410


class TestAnswerByLink:
    def test_accepts_in_the_name_of_whom_it_is_for(self, agency: Staffed) -> None:
        made, said = offered(agency, instalments=HALF)
        path, _ = _link(agency, made)
        assert _answer(agency, path, said).status_code == 303
        assert read(agency.executive, made)["status"] == "contracted"
        (version,) = done(agency.executive.get(f"/v1/collaborations/{made['id']}/terms"))["data"]
        assert (version["answer"], version["answered_by_name"]) == ("accepted", INES["name"])
        assert instalments(agency.executive, made)[0]["status"] == "earned"
        assert len(payables_of(agency, made)) == 1
        assert "aceptaron" in _open(agency, path).text

    def test_accepts_once_however_often_the_button_is_pressed(self, agency: Staffed) -> None:
        made, said = offered(agency, instalments=HALF)
        path, _ = _link(agency, made)
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(lambda _: _answer(agency, path, said), range(5)))
        assert [answer.status_code for answer in answers] == [303] * 5
        assert len(payables_of(agency, made)) == 1
        changed = _answer(agency, path, said, "declined", reason="No.")
        assert (changed.status_code, changed.json()["code"]) == (409, "terms_answered")

    def test_is_one_answer_with_that_of_the_log_in(self, agency: Staffed) -> None:
        made, said = offered(agency, instalments=HALF)
        path, _ = _link(agency, made)
        with ThreadPoolExecutor(2) as pool:
            by_link = pool.submit(_answer, agency, path, said)
            by_log_in = pool.submit(accept, agency, made, said)
        assert by_link.result().status_code == 303
        assert by_log_in.result().status_code in (200, 409)
        assert len(payables_of(agency, made)) == 1

    def test_declines_with_a_reason(self, agency: Staffed) -> None:
        made, said = offered(agency)
        path, _ = _link(agency, made)
        assert _answer(agency, path, said, "declined").json()["code"] == "reason_required"
        assert _answer(agency, path, said, "declined", reason="No puedo.").status_code == 303
        assert read(agency.executive, made)["status"] == "declined"
        assert "rechazaron" in _open(agency, path).text

    def test_refuses_other_terms_than_the_page_showed(self, agency: Staffed) -> None:
        made, _ = offered(agency)
        path, _ = _link(agency, made)
        answer = _answer(agency, path, {"content_sha256": "0" * 64})
        assert (answer.status_code, answer.json()["code"]) == (412, "terms_changed")
        form = {"answer": "accepted", "content_sha256": "0" * 64}
        html = {"Accept": "text/html"}
        page = agency.owner.client.post(path, data=form, headers=html, follow_redirects=False)
        assert page.status_code == 412
        assert "no se ha registrado nada" in page.text

    def test_is_not_made_for_the_staff(self, agency: Staffed) -> None:
        made, _ = offered(agency)
        body = {**INES, "email": agency.executive.email}
        answer = agency.executive.post(f"/v1/collaborations/{made['id']}/links", body)
        assert done(answer, 422)["code"] == "staff_address"


class TestLetter:
    def test_carries_the_address(self, agency: Staffed, sink: Sink) -> None:
        made, _ = offered(agency)
        email = f"ines.{new_id().hex[-12:]}@creators.example"
        path, _ = _link(agency, made, email=email)
        settle()
        (mail,) = sink.to(email)
        assert path in text_of(mail)
