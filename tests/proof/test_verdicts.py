"""Verdicts that are kept: on what is asked about, handed in and found live; never rewritten."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col, select

from api.proof import disclosure, tasks
from api.proof.disclosure import Relation, Rule
from api.proof.verdicts import relation_of
from tenants import auth, database
from tenants.outbox import Event
from tests.collaborations import making
from tests.factories import Staffed
from tests.proof.making import approved, bound, confirm


def _ask(agency: Staffed, piece_id: str, caption: str, **values: Any) -> Any:
    body = {"deliverable_id": piece_id, "caption": caption, **values}
    return agency.executive.post("/v1/disclosure-checks", body)


def _piece(agency: Staffed) -> str:
    return str(making.pieces_of(agency.executive, making.started(agency))[0]["id"])


class TestCreateDisclosureCheck:
    def test_judges_for_the_clients_readers(self, agency: Staffed) -> None:
        found = making.done(_ask(agency, _piece(agency), "#sp El mejor café"), 201)
        assert (found["country"], found["language"], found["relation"]) == ("ES", "es", "paid")
        assert (found["judgement"], found["reasons"]) == ("invalid", ["short_form"])
        assert (found["rule"], found["rule_version"], found["stage"]) == ("ES", 2, "draft")

    def test_judges_for_others_when_told(self, agency: Staffed) -> None:
        readers = {"country": "US", "language": "en", "on_date": "2020-06-01"}
        found = making.done(_ask(agency, _piece(agency), "#ad Coffee", **readers), 201)
        assert (found["judgement"], found["rule"], found["rule_version"]) == ("valid", "US", 1)

    def test_knows_no_rule_of_another_country(self, agency: Staffed) -> None:
        found = making.done(_ask(agency, _piece(agency), "#pub", country="FR"), 201)
        assert (found["judgement"], found["rule"], found["reasons"]) == (
            "unknown",
            None,
            ["no_rule"],
        )

    def test_takes_a_product_for_a_gift(self, agency: Staffed) -> None:
        assert relation_of({"product": "Café", "product_value_minor": 3000}) is Relation.gift
        assert relation_of({"commission_bp": 500, "product": "Café"}) is Relation.affiliate
        assert relation_of({"fixed_minor": 1, "commission_bp": 500}) is Relation.paid


class TestSubmission:
    def test_is_judged_once_as_it_is_handed_in(self, agency: Staffed) -> None:
        piece_id = _piece(agency)
        handed_in = making.done(making.submit(agency.influencer, piece_id, caption="#ad Café"), 201)
        with database.agency_session(auth.system(agency.agency_id)) as session:
            query = select(Event).where(
                col(Event.subject_id) == UUID(handed_in["id"]),
                col(Event.type) == "submission.submitted",
            )
            told = session.exec(query).one()
            for _ in range(2):
                tasks.judge_submission(session, told)
        found = agency.influencer.get("/v1/disclosure-checks").json()["data"]
        assert [(each["stage"], each["judgement"]) for each in found] == [("submission", "invalid")]
        assert found[0]["submission_id"] == handed_in["id"]


class TestKept:
    def test_is_not_rewritten_by_a_new_version(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = approved(agency)
        piece = making.pieces_of(agency.executive, made)[0]
        post = bound(agency, piece["id"])
        asked = {"params": {"live_post_id": post["id"]}}
        before = agency.executive.get("/v1/disclosure-checks", **asked).json()["data"]
        newest = disclosure.rule_of("ES", date(2026, 11, 30))
        assert newest is not None
        stricter = Rule(**{**vars(newest), "version": 3, "accepted": ()})
        monkeypatch.setattr(disclosure, "rules", lambda: (stricter,))
        making.done(confirm(agency, post, "live", caption={"caption": "#publicidad Café"}))
        after = agency.executive.get("/v1/disclosure-checks", **asked).json()["data"]
        assert after[1:] == before
        assert (after[0]["rule_version"], after[0]["judgement"]) == (3, "invalid")

    def test_can_be_changed_by_nobody(self, agency: Staffed) -> None:
        making.done(_ask(agency, _piece(agency), "#publi Café"), 201)
        changes = ("update disclosure_verdicts set judgement = 'valid'", "delete from live_checks")
        for change in changes:
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                database.agency_session(auth.system(agency.agency_id)) as session,
            ):
                session.connection().execute(text(change))


class TestListDisclosureRules:
    def test_shows_every_version(self, agency: Staffed) -> None:
        found = agency.influencer.get("/v1/disclosure-rules").json()["data"]
        assert {(each["country"], each["version"]) for each in found} == {
            ("ES", 1),
            ("ES", 2),
            ("MX", 1),
            ("US", 1),
            ("US", 2),
        }
        assert all("legal review" in each["review"] for each in found)

    def test_shows_what_was_in_force(self, agency: Staffed) -> None:
        asked = {"country": "ES", "on_date": "2024-01-01"}
        found = agency.executive.get("/v1/disclosure-rules", params=asked).json()["data"]
        assert [(each["country"], each["version"]) for each in found] == [("ES", 1)]
