"""The client record, through the API."""

from tests.factories import Staffed, events_of


def _new(agency: Staffed, **values: object) -> dict[str, object]:
    return {
        "name": "Panadería Luna",
        "lead_membership_id": str(agency.executive.membership_id),
        **values,
    }


class TestCreateClient:
    def test_takes_it_on_with_its_lead(self, agency: Staffed) -> None:
        answer = agency.owner.post("/v1/clients", _new(agency))

        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["slug"] == "panaderia-luna"
        assert (made["locale"], made["currency"]) == ("es-ES", "EUR")
        assert events_of(agency, made["id"]) == ["client.created"]
        assert agency.executive.get(f"/v1/clients/{made['id']}").status_code == 200
        assert agency.strategist.get(f"/v1/clients/{made['id']}").status_code == 404

    def test_refuses_a_slug_that_is_taken(self, agency: Staffed) -> None:
        agency.owner.post("/v1/clients", _new(agency, slug="luna"))

        answer = agency.owner.post("/v1/clients", _new(agency, slug="luna"))

        assert (answer.status_code, answer.json()["code"]) == (409, "client_slug_taken")

    def test_refuses_who_may_not(self, agency: Staffed) -> None:
        answer = agency.executive.post("/v1/clients", _new(agency))

        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")

    def test_refuses_anothers_lead(self, agency: Staffed, other_agency: Staffed) -> None:
        lead = str(other_agency.executive.membership_id)

        answer = agency.owner.post("/v1/clients", _new(agency, lead_membership_id=lead))

        assert (answer.status_code, answer.json()["code"]) == (422, "lead_not_staff")


class TestUpdateClient:
    def test_changes_it_once_for_one_etag(self, agency: Staffed) -> None:
        path = f"/v1/clients/{agency.client_id}"
        etag = agency.executive.get(path).headers["ETag"]

        first = agency.executive.patch(path, {"name": "Aurora"}, etag)
        second = agency.executive.patch(path, {"name": "Borealis"}, etag)

        assert (first.status_code, first.json()["name"]) == (200, "Aurora")
        assert (second.status_code, second.json()["code"]) == (412, "precondition_failed")
        assert agency.executive.get(path).json()["name"] == "Aurora"

    def test_refuses_null_for_what_must_be_there(self, agency: Staffed) -> None:
        answer = agency.executive.patch(f"/v1/clients/{agency.client_id}", {"name": None})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/name"

    def test_refuses_a_move_that_does_not_exist(self, agency: Staffed) -> None:
        answer = agency.executive.patch(f"/v1/clients/{agency.client_id}", {"status": "prospect"})

        assert answer.status_code == 409
        assert answer.json()["allowed"] == ["ended", "in_notice", "paused"]

    def test_refuses_who_holds_it_for_another_client_only(self, agency: Staffed) -> None:
        answer = agency.executive.patch(f"/v1/clients/{agency.other_client_id}", {"name": "X"})

        assert answer.status_code == 403


class TestListClients:
    def test_shows_what_is_in_sight(self, agency: Staffed) -> None:
        one, two = str(agency.client_id), str(agency.other_client_id)

        def seen(person: str) -> set[str]:
            answer = getattr(agency, person).get("/v1/clients")
            return {row["id"] for row in answer.json()["data"]}

        assert seen("owner") == seen("executive") == {one, two}
        assert seen("strategist") == seen("viewer") == {one}
        assert seen("stranger") == set()

    def test_goes_by_pages(self, agency: Staffed) -> None:
        first = agency.owner.get("/v1/clients?limit=1&include=total").json()
        second = agency.owner.get(f"/v1/clients?limit=1&cursor={first['next_cursor']}").json()

        assert first["total"] == 2
        assert second["next_cursor"] is None
        ids = {first["data"][0]["id"], second["data"][0]["id"]}
        assert ids == {str(agency.client_id), str(agency.other_client_id)}

    def test_refuses_a_cursor_of_another_agency(
        self, agency: Staffed, other_agency: Staffed
    ) -> None:
        cursor = other_agency.owner.get("/v1/clients?limit=1").json()["next_cursor"]

        answer = agency.owner.get(f"/v1/clients?limit=1&cursor={cursor}")

        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
