"""The agency's own record."""

import pytest

from tests.factories import Staffed, events_of


class TestGetAgency:
    def test_shows_it_to_any_staff(self, agency: Staffed) -> None:
        for person in (agency.owner, agency.executive, agency.stranger):
            read = person.get("/v1/agency").json()
            assert (read["slug"], read["currency"]) == (agency.slug, "EUR")

    def test_shows_it_to_no_contact(self, agency: Staffed) -> None:
        assert agency.approver.get("/v1/agency").status_code == 403


class TestUpdateAgency:
    def test_changes_what_is_named(self, agency: Staffed) -> None:
        change = {
            "name": "Estudio Nuevo",
            "timezone": "America/Bogota",
            "branding": {"primary": "#123456", "tagline": {"es": "Siempre cerca"}},
            "settings": {"expense_approval_threshold_minor": 50_000},
        }

        answer = agency.admin.patch("/v1/agency", change)

        assert answer.status_code == 200, answer.text
        read = agency.owner.get("/v1/agency").json()
        assert (read["name"], read["timezone"]) == ("Estudio Nuevo", "America/Bogota")
        assert read["branding"] == {
            "primary": "#123456",
            "accent": None,
            "tagline": {"es": "Siempre cerca"},
        }
        assert read["settings"]["expense_approval_threshold_minor"] == 50_000
        assert events_of(agency, agency.agency_id) == ["agency.updated"]

    def test_keeps_what_is_not_named(self, agency: Staffed) -> None:
        agency.owner.patch("/v1/agency", {"settings": {"four_eyes": "required"}})
        agency.owner.patch("/v1/agency", {"settings": {"recorded_decision_limit_minor": 1}})
        agency.owner.patch("/v1/agency", {"settings": {"recorded_decision_limit_minor": None}})

        settings = agency.owner.get("/v1/agency").json()["settings"]
        assert settings["four_eyes"] == "required"
        assert settings["recorded_decision_limit_minor"] is None

    def test_changes_once_for_one_etag(self, agency: Staffed) -> None:
        etag = agency.owner.get("/v1/agency").headers["ETag"]

        first = agency.owner.patch("/v1/agency", {"name": "Uno"}, etag)
        second = agency.admin.patch("/v1/agency", {"name": "Dos"}, etag)

        assert (first.status_code, second.status_code) == (200, 412)
        assert agency.owner.get("/v1/agency").json()["name"] == "Uno"

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"branding": {"primary": "red"}}, "/branding/primary"),
            ({"branding": {"logo": "x"}}, "/branding/logo"),
            ({"settings": {"anything": 1}}, "/settings/anything"),
            (
                {"settings": {"expense_approval_threshold_minor": -1}},
                "/settings/expense_approval_threshold_minor",
            ),
            ({"name": None}, "/name"),
            ({"status": "active"}, "/status"),
            ({"slug": "other"}, "/slug"),
        ],
    )
    def test_refuses_what_it_does_not_know(
        self, agency: Staffed, change: dict[str, object], pointer: str
    ) -> None:
        answer = agency.owner.patch("/v1/agency", change)

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        for person in (agency.executive, agency.stranger, agency.approver):
            assert person.patch("/v1/agency", {"name": "Mía"}).status_code == 403
