"""Requests that succeed without a log-in: `tests/recipes` speaks only of those with one."""

from collections.abc import Callable
from typing import Any

from sqlmodel import col, select

import api.worker  # noqa: F401  (what `settle` runs)
from tenants import database, mail_proofs, settings
from tenants.models import MailProof
from tests.identity import steps
from tests.operations import Call, NoRecipe, Place
from tests.work import settle


def _sign_up(place: Place) -> Call:
    return Call("POST", "/v1/agencies", {"json": steps.new_agency()})


def _log_in(place: Place) -> Call:
    made = steps.sign_up(place.agency.owner.client)
    form = {"grant_type": "password", "username": made.email, "password": made.password}
    return Call("POST", "/v1/auth/token", {"data": form})


def _log_out(place: Place) -> Call:
    made = steps.sign_up(place.agency.owner.client)
    return Call("POST", "/v1/auth/revoke", {"data": {"token": made.owner.refresh_token}})


def _come_in(place: Place) -> Call:
    invited = place.do("create_invitation").json()
    body = {"token": invited["token"], "name": "Lola Ruiz", "password": steps.PASSWORD}
    return Call("POST", "/v1/invitations/accept", {"json": body})


def _share(place: Place) -> str:
    made = place.do("create_share_link", {"report": place.of("published_report")}).json()
    return str(made["address"]).partition("#")[2]


def _exchange(place: Place) -> Call:
    return Call("POST", "/shared/reports", {"json": {"token": _share(place)}})


def _view(place: Place) -> Call:
    token = _share(place)
    settle()
    client = place.agency.owner.client
    answer = client.post("/shared/reports", json={"token": token})
    cookie = answer.cookies["shared_report"]
    client.cookies.clear()
    return Call("GET", "/shared/reports/view", {"cookies": {"shared_report": cookie}})


def _open_file(place: Place) -> Call:
    made = place.do("create_file_link", {"file": place.of("file")}).json()
    return Call("GET", str(made["address"]).partition("8000")[2], {})


def _mailed(place: Place, ask: Callable[[Any, str], Any]) -> str:
    """A token, as the letter carries it."""
    made = steps.sign_up(place.agency.owner.client)
    ask(made.owner, made.email)
    mail_proofs.settle()
    with database.platform_session() as session:
        query = select(MailProof.id).where(col(MailProof.email) == made.email)
        written = mail_proofs.to_mail(session.exec(query).one())
    assert written is not None
    return written.token


def _ask_reset(place: Place) -> Call:
    return Call("POST", "/v1/auth/password-resets", {"json": {"email": steps.fresh_email()}})


def _reset(place: Place) -> Call:
    token = _mailed(place, lambda owner, email: mail_proofs.ask_reset(email))
    body = {"token": token, "password": "otra frase muy distinta"}
    return Call("POST", "/v1/auth/password-resets/complete", {"json": body})


def _verify(place: Place) -> Call:
    token = _mailed(place, lambda owner, email: owner.post("/v1/me/email-verifications", None))
    return Call("POST", "/v1/me/email-verifications/complete", {"json": {"token": token}})


def _decision(place: Place) -> Call:
    """An address that opens an approval, and the form of its page."""
    approval = place.fresh("approval")
    made = place.do("create_approval_link", {"approval": approval}).json()
    path = str(made["address"])[len(settings.get().public_address) :]
    read = place.holder("approvals:read").get(f"/v1/approvals/{approval}").json()
    form = {"outcome": "approved", "content_sha256": read["content_sha256"]}
    return Call("POST", path, {"data": form})


def _open_decision(place: Place) -> Call:
    return Call("GET", _decision(place).path, {})


def _answer(place: Place) -> Call:
    """An address at which an invitation into a program is answered, and the form of its page."""
    candidate = place.fresh("candidate")
    read = place.agency.owner.get(f"/v1/candidates/{candidate}").json()
    program = place.agency.owner.get(f"/v1/programs/{read['program_id']}").json()
    if program["status"] != "active":
        place.do("activate_program", {"program": program["id"]})
    made = place.do("invite_candidate", {"candidate": candidate}).json()
    path = str(made["address"])[len(settings.get().public_address) :]
    return Call("POST", path, {"data": {"answer": "accepted"}})


def _open_invitation(place: Place) -> Call:
    return Call("GET", _answer(place).path, {})


def _terms(place: Place) -> Call:
    """An address at which terms are answered, and the form of its page."""
    given = {"collaboration": place.fresh("collaboration")}
    offered = place.do("offer_terms", given).json()
    made = place.do("create_collaboration_link", given).json()
    path = str(made["address"])[len(settings.get().public_address) :]
    form = {"answer": "accepted", "content_sha256": offered["content_sha256"]}
    return Call("POST", path, {"data": form})


def _open_terms(place: Place) -> Call:
    return Call("GET", _terms(place).path, {})


def _follow(place: Place) -> Call:
    made = place.do("create_tracking_link").json()
    return Call("GET", f"/t/{made['code']}", {})


def _without_stripe(place: Place) -> Call:
    raise NoRecipe("what Stripe sends is taken where Stripe is set up: tests/billing")


def _plain(path: str) -> Callable[[Place], Call]:
    return lambda _: Call("GET", path, {})


def _calendar(place: Place) -> Call:
    made = place.do("create_calendar_feed").json()
    return Call("GET", str(made["address"])[len(settings.get().public_address) :], {})


OPENINGS: dict[str, Callable[[Place], Call]] = {
    "accept_invitation": _come_in,
    "answer_by_link": _terms,
    "answer_invitation": _answer,
    "ask_for_password_reset": _ask_reset,
    "complete_email_verification": _verify,
    "complete_password_reset": _reset,
    "create_agency": _sign_up,
    "create_token": _log_in,
    "decide_by_link": _decision,
    "exchange_share_token": _exchange,
    "follow_tracking_link": _follow,
    "get_liveness": _plain("/healthz"),
    "get_readiness": _plain("/readyz"),
    "list_signing_keys": _plain("/.well-known/jwks.json"),
    "open_file_link": _open_file,
    "open_decision": _open_decision,
    "open_invitation": _open_invitation,
    "open_share_link": _plain("/shared/reports"),
    "open_terms": _open_terms,
    "read_calendar_feed": _calendar,
    "receive_account_event": _without_stripe,
    "receive_connect_event": _without_stripe,
    "revoke_token": _log_out,
    "view_shared_report": _view,
}
