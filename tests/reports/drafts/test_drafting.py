"""A draft is written by several people, for readers who are not the same, from what was before."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.reports.drafts import narratives
from api.reports.drafts.narratives import NarrativeUpdate
from api.reports.snapshot.snapshot import ReportNarrative
from tenants import auth, database, second_layer
from tests.factories import Person, Staffed, events_of
from tests.reports.writing import HEADLINE, act, begin, channel, made, october, read


def _version(agency: Staffed, report: Any) -> int:
    return int(made(agency.executive.get(f"/v1/reports/{report['id']}"), 200)["version"])


class TestAutosave:
    def test_sends_only_what_was_written(self, agency: Staffed) -> None:
        report = begin(agency, narrative={"es": {"headline": "Uno.", "learnings": ["Vídeo."]}})

        said = {"section_notes": {"kpis": "Bien.", "budget": "Justo."}, "closing": "Gracias."}
        path = f"/v1/reports/{report['id']}"
        agency.executive.patch(path, {"narrative": {"es": said}})
        changed = {"section_notes": {"budget": None, "channels": "Crece."}}
        answer = made(agency.executive.patch(path, {"narrative": {"es": changed}}), 200)

        words = answer["narrative"]["es"]
        assert (words["headline"], words["learnings"]) == ("Uno.", ["Vídeo."])
        assert words["section_notes"] == {"kpis": "Bien.", "channels": "Crece."}
        assert words["closing"] == "Gracias."

    def test_never_overwrites_what_somebody_else_wrote(self, agency: Staffed) -> None:
        """Two have the page open; the second to save reads again, and sends what is theirs."""
        report = begin(agency)
        path, seen = f"/v1/reports/{report['id']}", _version(agency, report)
        first = {"narrative": {"es": {"summary": "Lo que pasó."}}}
        second = {"narrative": {"es": {"closing": "Un abrazo."}}}

        saved = agency.executive.patch(path, first, version=seen)
        stale = agency.owner.patch(path, second, version=seen)
        again = agency.owner.patch(path, second, version=_version(agency, report))

        assert (saved.status_code, stale.status_code, again.status_code) == (200, 412, 200)
        assert stale.json()["code"] == "precondition_failed"
        assert "again" in stale.json()["detail"]
        words = again.json()["narrative"]["es"]
        assert (words["summary"], words["closing"]) == ("Lo que pasó.", "Un abrazo.")

    def test_is_refused_without_saying_what_was_seen(self, agency: Staffed) -> None:
        report = begin(agency)
        path = f"/v1/reports/{report['id']}"

        answer = agency.executive.call("PATCH", path, json={"narrative": HEADLINE})

        assert answer.status_code == 428

    def test_can_change_every_part_there_is(self) -> None:
        assert list(NarrativeUpdate.model_fields) == list(ReportNarrative.model_fields)


class TestLayout:
    def test_is_what_is_printed_in_its_order(self, agency: Staffed) -> None:
        report = begin(agency, layout=["next_steps", "kpis"])
        path = f"/v1/reports/{report['id']}"

        act(agency.executive, report, "publish", 201)
        frozen = made(agency.viewer.get(f"{path}/versions/1"), 200)
        usual = made(agency.executive.patch(path, {"layout": None}), 200)

        assert frozen["layout"] == ["next_steps", "kpis"]
        assert usual["layout"] is None

    def test_names_no_section_twice(self, agency: Staffed) -> None:
        path = f"/v1/reports/{begin(agency)['id']}"

        answer = agency.executive.patch(path, {"layout": ["kpis", "kpis"]})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "named_twice"

    def test_chooses_posts_of_this_client_only(self, agency: Staffed) -> None:
        report, path = begin(agency), "/v1/published-posts"
        body = {"channel_id": channel(agency), "published_at": "2026-10-05T10:00:00Z"}
        posts = [
            made(agency.community.post(path, {**body, "external_id": each}))["id"]
            for each in ("17990", "17991")
        ]
        place = f"/v1/reports/{report['id']}"

        chosen = agency.executive.patch(place, {"chosen_content": [posts[1], posts[0]]})
        strange = agency.executive.patch(place, {"chosen_content": [str(agency.client_id)]})

        assert made(chosen, 200)["chosen_content"] == [posts[1], posts[0]]
        assert strange.status_code == 404


class TestInternal:
    """The community manager's week, for the social media manager; no client's business."""

    def write(self, agency: Staffed, by: Person | None = None) -> Any:
        return begin(
            agency,
            by or agency.community,
            audience="internal",
            period="week",
            starts_on="2026-11-02",
        )

    def test_is_written_by_those_who_do_the_work(self, agency: Staffed) -> None:
        report = self.write(agency)
        said = {"narrative": {"es": {"threats": ["Un rumor."]}}}

        refused = agency.executive.patch(f"/v1/reports/{report['id']}", said)
        saved = agency.strategist.patch(f"/v1/reports/{report['id']}", said)

        assert (refused.status_code, saved.status_code) == (403, 200)
        body = {"client_id": str(agency.client_id), "period": "week", "starts_on": "2026-11-09"}
        theirs = agency.executive.post("/v1/reports", {**body, "audience": "internal"})
        ours = agency.community.post("/v1/reports", body)
        assert (theirs.status_code, ours.status_code) == (403, 403)

    def test_is_published_by_those_who_do_the_work(self, agency: Staffed) -> None:
        report = self.write(agency)
        for person in (agency.owner, agency.executive):
            answer = person.post(f"/v1/reports/{report['id']}/publish", {})
            assert answer.status_code == 403, person.name

        version = act(agency.community, report, "publish", 201)
        path = f"/v1/reports/{report['id']}/versions/1"

        assert version["audience"] == "internal"
        assert agency.strategist.get(path).status_code == 200
        client_report = begin(agency)
        refused = agency.community.post(f"/v1/reports/{client_report['id']}/publish", {})
        assert refused.status_code == 403
        refused = agency.executive.post(
            f"/v1/reports/{report['id']}/withdraw", {"number": 1, "reason": {"es": "No."}}
        )
        assert refused.status_code == 403

    def test_is_never_in_a_clients_sight(self, agency: Staffed) -> None:
        report = self.write(agency)
        version = act(agency.strategist, report, "publish", 201)
        listed = f"/v1/clients/{agency.client_id}/reports"

        for person in (agency.approver, agency.viewer):
            for path in (f"/v1/reports/{report['id']}/versions/1", f"{listed}/latest"):
                assert person.get(path).status_code == 404
            assert person.get(f"{listed}?audience=internal").json()["data"] == []
            assert person.get(f"/v1/jobs/{version['render_job_id']}").status_code == 404
        mine = agency.strategist.get(f"{listed}?audience=internal").json()["data"]
        assert [row["id"] for row in mine] == [version["id"]]
        assert agency.strategist.get(listed).json()["data"] == []

    def test_is_kept_from_them_by_the_database_itself(
        self, agency: Staffed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        act(agency.strategist, self.write(agency), "publish", 201)
        viewer = agency.viewer
        token = auth.AccessToken(agency.agency_id, viewer.session_id, viewer.user_id)
        monkeypatch.setattr(second_layer, "on", False)

        with database.open_session(token.enter) as session, session.begin():
            seen = session.connection().execute(text("select audience from report_versions"))
            assert seen.all() == []

    def test_is_told_to_no_client(self, agency: Staffed) -> None:
        version = act(agency.strategist, self.write(agency), "publish", 201)

        with database.agency_session(auth.system(agency.agency_id)) as session:
            told = session.connection().execute(
                text("select type, audience from events where subject_id = :id"),
                {"id": UUID(version["id"])},
            )
            assert told.all() == [("report.published", "staff")]


class TestCarryOver:
    def published(self, agency: Staffed, **words: Any) -> Any:
        narrative = {"es": {"headline": "Septiembre.", **words}}
        report = begin(agency, starts_on="2026-09-01", narrative=narrative, layout=["kpis"])
        act(agency.executive, report, "publish", 201)
        return report

    def test_brings_what_is_open_into_what_is_empty(self, agency: Staffed) -> None:
        self.published(agency, next_steps=["Grabar.", "Medir."], closing="Hasta pronto.")
        report = begin(agency)

        first = act(agency.executive, report, "carry-over")
        again = act(agency.executive, report, "carry-over")

        words = first["narrative"]["es"]
        assert words["next_steps"] == ["Grabar.", "Medir."]
        assert (words["headline"], words["closing"]) == ("Octubre, en una frase.", None)
        assert first["layout"] == ["kpis"]
        assert again["version"] == first["version"]
        assert events_of(agency, report["id"]) == ["report.created", "report.carried_over"]

    def test_overwrites_no_word(self, agency: Staffed) -> None:
        notes = {"kpis": "De septiembre.", "budget": "También."}
        self.published(agency, next_steps=["Viejo."], section_notes=notes)
        mine = {"next_steps": ["Nuevo."], "section_notes": {"kpis": "De octubre."}}
        report = begin(agency, narrative={"es": {"headline": "O.", **mine}}, layout=["budget"])

        parts = ["next_steps", "section_notes"]
        found = act(agency.executive, report, "carry-over", parts=parts)

        words = found["narrative"]["es"]
        assert words["next_steps"] == ["Nuevo."]
        assert words["section_notes"] == {"kpis": "De octubre.", "budget": "También."}
        assert found["layout"] == ["budget"]

    def test_needs_one_of_its_kind_before_it(self, agency: Staffed) -> None:
        self.published(agency)
        week = begin(agency, period="week", starts_on="2026-11-02")

        answer = agency.executive.post(f"/v1/reports/{week['id']}/carry-over", {})

        assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_carry_over")


_SAID = st.sampled_from(["", "Bien.", "Mal."])
_WORDS = st.fixed_dictionaries(
    {},
    optional={
        "summary": _SAID,
        "next_steps": st.sampled_from([[], ["Grabar."], ["Medir.", "Ver."]]),
        "section_notes": st.dictionaries(st.sampled_from("ab"), _SAID, max_size=2),
    },
)
_NARRATIVES = st.dictionaries(st.sampled_from(["es", "en"]), _WORDS, max_size=2)


class TestFilled:
    @settings(deadline=None)
    @given(mine=_NARRATIVES, brought=_NARRATIVES)
    def test_keeps_every_word_that_stood(self, mine: Any, brought: Any) -> None:
        made_of = narratives.filled(mine, brought)

        assert narratives.filled(made_of, brought) == made_of
        for locale, words in mine.items():
            for part, said in words.items():
                if isinstance(said, dict):
                    assert said.items() <= (made_of[locale].get(part) or {}).items()
                elif said:
                    assert made_of[locale][part] == said


class TestPeriod:
    def test_that_lies_ahead_cannot_be_reported(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "period": "month", "starts_on": "2199-01-01"}

        answer = agency.executive.post("/v1/reports", body)

        assert (answer.status_code, answer.json()["code"]) == (422, "period_not_begun")
        assert answer.json()["errors"][0]["pointer"] == "/starts_on"

    def test_without_any_figure_makes_a_document_all_the_same(self, agency: Staffed) -> None:
        report = begin(agency, starts_on="1999-02-01")

        page = agency.executive.get(f"/v1/reports/{report['id']}/preview?locale=es")
        act(agency.executive, report, "publish", 201)

        assert "Octubre, en una frase." in page.text
        assert agency.viewer.get(f"/v1/clients/{agency.client_id}/reports/latest").is_success

    def test_with_a_draft_without_words_is_previewed(self, agency: Staffed) -> None:
        report = begin(agency, narrative=None)

        page = agency.executive.get(f"/v1/reports/{report['id']}/preview")
        refused = agency.executive.post(f"/v1/reports/{report['id']}/publish", {})

        assert (page.status_code, refused.status_code) == (200, 409)
        assert refused.json()["locales"] == ["es"]

    def test_of_ones_own_days_is_within_a_year(self, agency: Staffed) -> None:
        body = {"client_id": str(agency.client_id), "period": "custom", "starts_on": "2026-01-10"}

        for last in (None, "2026-01-09", "2027-01-11"):
            answer = agency.executive.post("/v1/reports", {**body, "ends_on": last})
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_period"), last


def test_a_month_whole_in_its_figures_needs_no_excuse(agency: Staffed) -> None:
    read(agency, channel(agency), *october(), views=10)

    act(agency.executive, begin(agency), "publish", 201)
