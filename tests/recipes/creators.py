"""Recipes of influencers: collaborations, terms, pieces, programs."""

from typing import Any
from uuid import UUID

from api.collaborations.work import pieces
from tenants import auth, clock, database
from tests.factories import Person
from tests.operations import Place
from tests.recipes.making import Given, approver, made


def influencer(place: Place) -> Person:
    """Who of the roster works for this client."""
    return place.agency.people["influencer" if place.slot == "one" else "other_influencer"]


def creator_id(place: Place) -> str:
    agency = place.agency
    return str(agency.influencer_id if place.slot == "one" else agency.other_influencer_id)


def collaborating(place: Place) -> dict[str, Any]:
    return {
        "campaign_id": place.fresh("campaign"),
        "influencer_id": creator_id(place),
        "due_on": "2199-12-31",
    }


def shortlisted(place: Place) -> str:
    return made(place, "create_collaboration")


def invited_collaboration(place: Place) -> str:
    """One that its influencer sees."""
    collaboration = shortlisted(place)
    by = place.holder("collaborations:write")
    answer = by.post(f"/v1/collaborations/{collaboration}/invite")
    assert answer.status_code == 200, answer.text
    return collaboration


def agree_collaboration(place: Place, given: Given) -> None:
    """One that the client sees."""
    place.do("offer_terms", given)
    place.do("accept_collaboration", given, by=influencer(place))


def agreed(place: Place) -> str:
    collaboration = invited_collaboration(place)
    agree_collaboration(place, {"collaboration": collaboration})
    return collaboration


def collaboration_link(place: Place) -> str:
    given = {"collaboration": invited_collaboration(place)}
    place.do("offer_terms", given)
    return made(place, "create_collaboration_link", given)


def drop_collaboration(place: Place, given: Given) -> None:
    by = place.holder("collaborations:write")
    path = f"/v1/collaborations/{given['collaboration']}/drop"
    assert by.post(path, {"reason": "Demasiado caro."}).status_code == 200


def due_piece(place: Place, collaboration: str | None = None) -> str:
    """A piece that can be handed in."""
    by = place.holder("collaborations:write")
    path = f"/v1/collaborations/{collaboration or agreed(place)}"
    answer = by.post(f"{path}/start")
    assert answer.status_code == 200, answer.text
    return str(by.get(f"{path}/deliverables").json()["data"][0]["id"])


def verify_collaboration(place: Place, given: Given) -> None:
    """All that was agreed is accepted, live and verified."""
    agree_collaboration(place, given)
    piece = due_piece(place, given["collaboration"])
    body = {"deliverable_id": piece, "caption": "Café.", "url": "https://drafts.example/1"}
    handed_in = influencer(place).post("/v1/submissions", body).json()
    place.do("decide_approval", {"approval": handed_in["approval_id"]}, by=approver(place))
    with database.agency_session(auth.system(place.agency.agency_id)) as session:
        pieces.go_live(session, UUID(piece), clock.now())
        pieces.verify(session, UUID(piece))


def accepted_piece(place: Place) -> str:
    """A piece that may be published, of a collaboration of its own."""
    piece = due_piece(place)
    body = {"deliverable_id": piece, "caption": "Café.", "url": "https://drafts.example/1"}
    handed_in = influencer(place).post("/v1/submissions", body).json()
    place.do("decide_approval", {"approval": handed_in["approval_id"]}, by=approver(place))
    return piece


def handed_in_file(place: Place) -> str:
    """A file of an influencer's, named by what the client is asked about."""
    given = {"collaboration": agreed(place)}
    piece = due_piece(place, given["collaboration"])
    file = made(place, "create_own_file", given)
    body = {"deliverable_id": piece, "caption": "Café.", "file_ids": [file]}
    answer = influencer(place).post("/v1/submissions", body)
    assert answer.status_code == 201, answer.text
    return file


def usage_right(place: Place) -> str:
    collaboration = agreed(place)
    by = place.holder("usage_rights:use")
    asked = {"collaboration_id": collaboration}
    return str(by.get("/v1/usage-rights", params=asked).json()["data"][0]["id"])


def on_the_table(place: Place, given: Given) -> dict[str, Any]:
    """The hash of the terms that are to be accepted."""
    by = place.holder("collaboration_terms:read")
    answer = by.get(f"/v1/collaborations/{given['collaboration']}/terms")
    found = answer.json().get("data", [])
    return {"content_sha256": found[0]["content_sha256"] if found else "0" * 64}


TERMS = {
    "category": "beverages",
    "starts_on": "2026-01-01",
    "ends_on": "2199-12-30",
    "deliverables": [
        {
            "network": "instagram",
            "placement": "reel",
            "description": "Un reel.",
            "due_on": "2199-12-30",
        }
    ],
    "fee": {"currency": "EUR", "product": "Una cafetera"},
    "rights": [
        {
            "asset": "El reel",
            "media": ["social"],
            "territories": ["ES"],
            "uses": ["organic"],
            "starts_on": "2026-01-01",
            "ends_on": "2199-12-30",
        }
    ],
}


USE = {"medium": "social", "territory": "ES", "use": "organic"}


def open_program(place: Place, given: Given) -> None:
    """The program of a candidate takes people in."""
    candidate = place.agency.owner.get(f"/v1/candidates/{given['candidate']}").json()
    place.agency.owner.post(f"/v1/programs/{candidate['program_id']}/activate")


def invited(place: Place, given: Given) -> None:
    open_program(place, given)
    place.do("invite_candidate", given)


def document(place: Place) -> str:
    given = {"influencer": place.of("influencer")}
    return made(place, "create_influencer_document", given)
