"""
Proving who one is by a password, without harming anybody else.

Hashing takes tens of milliseconds of a core and 19 MiB, so two run at a time, off the threads that
serve requests; a person nobody knows costs the same work. Guesses are counted per account and
network address, and per account over all addresses it never logged in from: an owner's own place
is judged by its own count alone, so that guessing elsewhere never locks them out.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ParamSpec, TypeVar
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from pydantic import MISSING

from api.http import limits
from api.identity.shapes import MeUpdate
from tenants import passwords, tokens, users
from tenants.auth import InvalidToken
from tenants.sessions import Origin
from tenants.shapes import email_key
from tenants.users import InvalidGrant, Known, NewPassword, Proof, StaleProof

HASHES_AT_ONCE = 2
VISITS_AT_ONCE = 8
HERE = "10/15 minute"
STRANGERS = "40/hour"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Kept per event loop: a limiter belongs to one.
_hashing: RunVar[CapacityLimiter] = RunVar("hashing")
_visiting: RunVar[CapacityLimiter] = RunVar("visiting")


def origin(request: Request) -> Origin:
    """Where a request comes from."""
    agent = request.headers.get("user-agent", "")
    shown = "".join(letter for letter in agent if letter.isprintable())[:200]
    return Origin(limits.address(request), shown, request.scope.get("request_id"))


RequestOrigin = Annotated[Origin, Depends(origin)]


def caller(request: Request) -> UUID | None:
    """Who the caller is logged in as, where a credential is welcome and not needed."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer":
        raise InvalidToken
    return tokens.read_token(token.strip()).user_id


RequestCaller = Annotated[UUID | None, Depends(caller)]


async def visit(
    verb: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run a verb that opens its own transaction, in a thread."""
    run = partial(verb, *args, **kwargs)
    return await to_thread.run_sync(run, limiter=_limiter(_visiting, VISITS_AT_ONCE))


async def with_proof(
    email: str,
    password: str,
    origin: Origin,
    verb: Callable[[Proof], Result],
    *,
    newcomer: str | None = None,
) -> Result:
    """
    Run a verb with the proof that `password` is that of `email`, made again once when the password
    changed meanwhile. `newcomer`: a person nobody knows is welcome under this name.
    """
    for _ in range(2):
        proof = await _prove(email, password, origin, newcomer)
        try:
            return await visit(verb, proof)
        except StaleProof:
            continue
    raise InvalidGrant


async def _prove(email: str, password: str, origin: Origin, newcomer: str | None) -> Proof:
    known = await visit(users.look_up, email, origin.address_hash)
    if known.user_id is None and newcomer is not None:
        local = email.partition("@")[0]
        passwords.check(password, email, local, newcomer, pointer="/password")
        return Proof(email, None, None, await _hash(passwords.digest, password))
    if not await _matches(email_key(email), known, password, origin):
        raise InvalidGrant
    assert known.password_hash is not None
    outdated = passwords.outdated(known.password_hash)
    fresh = await _hash(passwords.digest, password) if outdated else None
    return Proof(email, known.user_id, known.password_hash, fresh)


async def _matches(account: str, known: Known, password: str, origin: Origin) -> bool:
    here = f"{account} {origin.address}"
    await limits.attempt("guess_here", HERE, here)
    if not known.from_known_address:
        await limits.attempt("guess", STRANGERS, account)
    if not await _hash(passwords.verify, known.password_hash, password):
        return False
    await limits.forgive("guess_here", HERE, here)
    return True


async def new_password(data: MeUpdate, user_id: RequestCaller, origin: RequestOrigin) -> Any:
    """The change of password a person asks for, judged before their transaction begins."""
    if data.password is MISSING or user_id is None:
        return None
    known = await visit(users.look_up_caller, user_id, origin.address_hash)
    holds = await _matches(str(user_id), known, data.password.current, origin)
    fresh = await _hash(passwords.digest, data.password.new)
    return NewPassword(data.password.new, holds, known.password_hash, fresh)


PasswordChange = Annotated[NewPassword | None, Depends(new_password)]


async def hashed(password: str) -> str:
    """The hash to store of a new password."""
    return await _hash(passwords.digest, password)


async def _hash(
    work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    run = partial(work, *args, **kwargs)
    return await to_thread.run_sync(run, limiter=_limiter(_hashing, HASHES_AT_ONCE))


def _limiter(kept: RunVar[CapacityLimiter], size: int) -> CapacityLimiter:
    limiter = kept.get(None)
    if limiter is None:
        kept.set(limiter := CapacityLimiter(size))
    return limiter
