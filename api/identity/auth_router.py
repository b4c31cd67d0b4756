"""Routes that need no credential: sign-up, log-in, log-out, the public keys, coming in."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import Form, Request, Response

from api.http import limits
from api.http.open_route import open_router
from api.http.problems import InvalidRequest, problems
from api.identity.agency_shapes import AgencyCreate, AgencySignedUp
from api.identity.log_in_shapes import (
    EmailVerify,
    JwksRead,
    PasswordReset,
    PasswordResetAsk,
    RevokeForm,
    TokenForm,
    TokensRead,
)
from api.identity.oauth import TokenRoute, UnsupportedGrantType
from api.identity.proof import RequestCaller, RequestOrigin, hashed, visit, with_proof
from api.identity.shapes import Admitted, InvitationAccept
from billing.subscription import subscriptions
from tenants import agencies, auth, invitations, mail_proofs, passwords, sessions, tokens
from tenants.passwords import PasswordTooCommon
from tenants.quotas import QuotaExceeded
from tenants.sessions import Origin, Tokens
from tenants.users import InvalidGrant

router = open_router("identity", prefix="/v1")
token_router = open_router("identity", TokenRoute, prefix="/v1")
well_known_router = open_router("identity")


@router.post(
    "/agencies",
    status_code=201,
    response_model=AgencySignedUp,
    responses=problems(InvalidGrant, agencies.AgencySlugTaken, PasswordTooCommon),
)
async def create_agency(data: AgencyCreate, origin: RequestOrigin) -> Any:
    """Sign up an agency and its owner, who is logged in at once."""
    values = data.model_dump(exclude={"owner"})
    sign_up = partial(
        agencies.sign_up,
        origin=origin,
        owner_name=data.owner.name,
        opened=subscriptions.open_first,
        **values,
    )
    owner = data.owner
    made = await with_proof(owner.email, owner.password, origin, sign_up, newcomer=owner.name)
    return AgencySignedUp.model_validate(made)


@token_router.post(
    "/auth/token",
    response_model=TokensRead,
    responses=problems(InvalidGrant, UnsupportedGrantType, sessions.AgencyRequired),
)
async def create_token(form: Annotated[TokenForm, Form()], origin: RequestOrigin) -> Any:
    """Log in with a password, or spend a refresh token for the next (RFC 6749)."""
    grant = _GRANTS.get(form.grant_type)
    if grant is None:
        raise UnsupportedGrantType
    return TokensRead.model_validate(await grant(form, origin))


async def _by_password(form: TokenForm, origin: Origin) -> Tokens:
    username, password = _given(form, "username"), _given(form, "password")
    log_in = partial(sessions.log_in, slug=form.agency, origin=origin)
    return await with_proof(username, password, origin, log_in)


async def _by_refresh_token(form: TokenForm, origin: Origin) -> Tokens:
    return await visit(sessions.refresh, _given(form, "refresh_token"), origin)


_GRANTS: dict[str, Callable[[TokenForm, Origin], Awaitable[Tokens]]] = {
    "password": _by_password,
    "refresh_token": _by_refresh_token,
}


def _given(form: TokenForm, name: str) -> str:
    value: str | None = getattr(form, name)
    if value is None:
        raise InvalidRequest(pointer=f"/{name}")
    return value


@token_router.post("/auth/revoke", response_class=Response, response_model=None)
async def revoke_token(form: Annotated[RevokeForm, Form()], origin: RequestOrigin) -> Response:
    """End the log-in of a refresh token (RFC 7009); a token that is not good is no error."""
    await visit(sessions.revoke, form.token, origin)
    return Response(status_code=200)


RESETS = "30/15 minute"  # of one network address


@router.post(
    "/auth/password-resets",
    status_code=202,
    response_class=Response,
    response_model=None,
    responses={202: {"description": "If somebody has this address, they are written to."}},
)
async def ask_for_password_reset(data: PasswordResetAsk, request: Request) -> Response:
    """Have a token for a new password mailed. The answer is the same, whoever it is."""
    await limits.attempt("password_reset", RESETS, limits.address(request))
    await visit(mail_proofs.ask_reset, data.email)
    return Response(status_code=202, headers={"Location": "/v1/auth/password-resets/complete"})


@router.post(
    "/auth/password-resets/complete",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(mail_proofs.MailProofGone, PasswordTooCommon),
)
async def complete_password_reset(data: PasswordReset, origin: RequestOrigin) -> Response:
    """Choose a new password with the token that was mailed; every log-in of yours ends."""
    email, name = await visit(mail_proofs.addressee, data.token)
    passwords.check(data.password, email, name, pointer="/password")
    fresh = await hashed(data.password)
    await visit(mail_proofs.reset_password, data.token, fresh, origin)
    return Response(status_code=204)


@router.post(
    "/me/email-verifications/complete",
    status_code=204,
    response_class=Response,
    response_model=None,
    responses=problems(mail_proofs.MailProofGone),
)
async def complete_email_verification(data: EmailVerify, origin: RequestOrigin) -> Response:
    """Show with the token that was mailed that the address is yours; no log-in is needed."""
    await visit(mail_proofs.verify_email, data.token, origin)
    return Response(status_code=204)


@well_known_router.get("/.well-known/jwks.json", response_model=JwksRead)
async def list_signing_keys(response: Response) -> Any:
    """The public keys of access tokens (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return tokens.jwks()


@router.post(
    "/invitations/accept",
    status_code=201,
    response_model=Admitted,
    responses=problems(
        QuotaExceeded,
        InvalidGrant,
        PasswordTooCommon,
        auth.InvalidToken,
        invitations.AlreadyMember,
        invitations.InvitationForAnother,
        invitations.InvitationGone,
        invitations.NameRequired,
    ),
)
async def accept_invitation(
    data: InvitationAccept, caller: RequestCaller, origin: RequestOrigin
) -> Any:
    """Come in with an invitation: a new person chooses a password, a known one proves theirs."""
    email = await visit(invitations.addressee, data.token)
    accept = partial(invitations.accept, data.token, name=data.name, caller=caller, origin=origin)
    newcomer = data.name or ""
    admission = await with_proof(email, data.password, origin, accept, newcomer=newcomer)
    return Admitted.model_validate(admission)
