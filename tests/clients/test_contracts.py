"""Contracts and contacts, through the API."""

from typing import Any

from tests.factories import Staffed, events_of


def _new(agency: Staffed, **values: object) -> dict[str, object]:
    return {
        "client_id": str(agency.client_id),
        "title": "Gestión de redes 2026",
        "starts_on": "2026-01-01",
        "notice_days": 60,
        "monthly_fee": {"amount_minor": 320000, "currency": "EUR"},
        "payer_name": "Aurora Cafés SL",
        "payer_tax_id": "B12345678",
        **values,
    }


def _made(agency: Staffed, **values: object) -> Any:
    answer = agency.executive.post("/v1/contracts", _new(agency, **values))
    assert answer.status_code == 201, answer.text
    return answer.json()


class TestCreateContract:
    def test_drafts_it(self, agency: Staffed) -> None:
        made = _made(agency)

        assert (made["status"], made["ends_on"]) == ("draft", None)
        assert made["monthly_fee"] == {"amount_minor": 320000, "currency": "EUR"}
        assert events_of(agency, made["id"]) == ["contract.created"]

    def test_refuses_an_end_before_its_start(self, agency: Staffed) -> None:
        answer = agency.executive.post("/v1/contracts", _new(agency, ends_on="2025-12-31"))

        assert (answer.status_code, answer.json()["code"]) == (422, "contract_ends_too_early")
        assert answer.json()["errors"][0]["pointer"] == "/ends_on"

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        assert agency.strategist.post("/v1/contracts", _new(agency)).status_code == 403
        assert agency.approver.post("/v1/contracts", _new(agency)).status_code == 403

    def test_refuses_another_agencys_client(self, agency: Staffed, other_agency: Staffed) -> None:
        foreign = _new(agency, client_id=str(other_agency.client_id))

        assert agency.owner.post("/v1/contracts", foreign).status_code == 404


class TestUpdateContract:
    def test_changes_a_draft(self, agency: Staffed) -> None:
        path = f"/v1/contracts/{_made(agency)['id']}"

        answer = agency.executive.patch(path, {"monthly_fee": None, "notice_days": 15})

        assert answer.status_code == 200, answer.text
        assert (answer.json()["monthly_fee"], answer.json()["notice_days"]) == (None, 15)

    def test_keeps_what_was_signed(self, agency: Staffed) -> None:
        path = f"/v1/contracts/{_made(agency)['id']}"
        agency.executive.post(f"{path}/activate")

        kept = agency.executive.patch(path, {"notice_days": 15})
        changed = agency.executive.patch(path, {"renews_on": "2026-12-01"})

        assert (kept.status_code, kept.json()["code"]) == (409, "contract_in_force")
        assert (changed.status_code, changed.json()["renews_on"]) == (200, "2026-12-01")


class TestMoveContract:
    def test_runs_from_draft_to_its_end(self, agency: Staffed) -> None:
        made = _made(agency)
        path = f"/v1/contracts/{made['id']}"

        active = agency.executive.post(f"{path}/activate")
        notice = agency.executive.post(f"{path}/give-notice", {"given_on": "2026-03-01"})
        ended = agency.executive.post(f"{path}/end")

        assert active.json()["status"] == "active"
        assert notice.json()["status"] == "in_notice"
        assert notice.json()["ends_on"] == "2026-04-30"
        assert (ended.json()["status"], ended.json()["ends_on"]) == ("ended", "2026-04-30")
        assert events_of(agency, made["id"]) == [
            "contract.created",
            "contract.activated",
            "contract.notice_given",
            "contract.ended",
        ]

    def test_refuses_a_move_that_does_not_exist(self, agency: Staffed) -> None:
        path = f"/v1/contracts/{_made(agency)['id']}"

        answer = agency.executive.post(f"{path}/give-notice", {})

        assert (answer.status_code, answer.json()["allowed"]) == (409, ["active", "ended"])


class TestListContracts:
    def test_shows_which_renewals_come_up(self, agency: Staffed) -> None:
        soon = _made(agency, renews_on="2026-06-01")
        _made(agency, renews_on="2027-06-01")

        answer = agency.executive.get("/v1/contracts?renews_before=2026-07-01")

        assert [row["id"] for row in answer.json()["data"]] == [soon["id"]]

    def test_is_not_for_the_client(self, agency: Staffed) -> None:
        made = _made(agency)

        assert agency.approver.get(f"/v1/contracts/{made['id']}").status_code == 403
        assert agency.other_executive.get(f"/v1/contracts/{made['id']}").status_code == 404


class TestContacts:
    def test_are_noted_and_archived(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/contacts"
        person = {
            "name": "Marta Gil",
            "email": "marta@aurora.example",
            "phone": "+34 600 100 200",
            "title": {"es": "Dirección de marketing", "en": "Head of marketing"},
            "membership_id": str(agency.approver.membership_id),
        }

        made = agency.executive.post(path, person)
        contact = f"/v1/contacts/{made.json()['id']}"
        archived = agency.executive.patch(contact, {"status": "archived"})

        assert made.status_code == 201, made.text
        assert (made.json()["locale"], made.json()["name"]) == ("es-ES", "Marta Gil")
        assert archived.json()["status"] == "archived"
        assert agency.executive.get(path).json()["data"] == []
        assert len(agency.executive.get(f"{path}?status=archived").json()["data"]) == 1
        assert events_of(agency, made.json()["id"]) == ["contact.created", "contact.updated"]

    def test_refuse_staff_as_a_contact(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/contacts"
        staff = str(agency.strategist.membership_id)

        answer = agency.executive.post(path, {"name": "X", "membership_id": staff})

        assert (answer.status_code, answer.json()["code"]) == (422, "contact_not_of_client")

    def test_are_not_for_the_client(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}/contacts"

        assert agency.approver.get(path).status_code == 403
        assert agency.community.post(path, {"name": "X"}).status_code == 403
