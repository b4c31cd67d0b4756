"""
Rate limits: per credential and per agency, said on every answer (draft-ietf-httpapi-ratelimit).

Callers without a valid credential are counted by address, so that guesses never use up somebody
else's quota. Counters live in the process, or in Valkey when `AGENCY_VALKEY_URL` is set.
"""

import hashlib
import math
import re
import time
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.storage import storage_from_string
from starlette.requests import Request

from tenants import settings, words
from tenants.auth import AccessToken
from tenants.errors import TooManyRequests


def locale(request: Request) -> str:
    """The language the caller asked for."""
    return words.accepted(request.headers.get("accept-language"))


async def charge(request: Request, token: AccessToken) -> None:
    """Count one request of a credential and of its agency."""
    configured = settings.get()
    await _count(request, "credential", configured.rate_limit, str(token.session_id))
    await _count(request, "agency", configured.agency_rate_limit, str(token.agency_id))


async def charge_address(request: Request, name: str = "address", limit: str | None = None) -> None:
    """Count one request of an address, for operations open to anyone."""
    await _count(request, name, limit or settings.get().address_rate_limit, address(request))


async def attempt(name: str, limit: str, who: str) -> None:
    """Count one try at something secret. How many are left is nobody's business."""
    policy, key = _policy(limit), _key(who)
    if not await _limiter().hit(policy, name, key):
        stats = await _limiter().get_window_stats(policy, name, key)
        raise _too_many(max(1, math.ceil(stats.reset_time - time.time())))


async def forgive(name: str, limit: str, who: str) -> None:
    """Forget the tries of somebody who succeeded."""
    await _limiter().clear(_policy(limit), name, _key(who))


def address(request: Request) -> str:
    """Where a request comes from; proxies are believed by the server's configuration alone."""
    return request.client.host if request.client else "unknown"


async def _count(request: Request, name: str, limit: str, who: str) -> None:
    policy, key = _policy(limit), _key(who)
    limiter = _limiter()
    allowed = await limiter.hit(policy, name, key)
    stats = await limiter.get_window_stats(policy, name, key)
    seconds = max(1, math.ceil(stats.reset_time - time.time()))
    note(request, name, policy, stats.remaining, seconds)
    if not allowed:
        raise _too_many(seconds)


def _key(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()[:32]


def _too_many(seconds: int) -> TooManyRequests:
    return TooManyRequests(seconds=seconds, headers={"Retry-After": str(seconds)})


def note(request: Request, name: str, policy: RateLimitItem, left: int, seconds: int) -> None:
    """Keep the scarcest limit for the answer's header fields."""
    known = request.scope.get("rate_limit")
    if known is None or left < known[2]:
        request.scope["rate_limit"] = (name, policy, left, seconds)


def fields(scope_value: tuple[str, RateLimitItem, int, int] | None) -> dict[str, str]:
    """The `RateLimit` and `RateLimit-Policy` fields of an answer."""
    if scope_value is None:
        policy = _policy(settings.get().address_rate_limit)
        scope_value = ("address", policy, policy.amount, policy.get_expiry())
    name, policy, left, seconds = scope_value
    return {
        "RateLimit": f'"{name}";r={left};t={seconds}',
        "RateLimit-Policy": f'"{name}";q={policy.amount};w={policy.get_expiry()}',
    }


@lru_cache(maxsize=64)
def _policy(limit: str) -> RateLimitItem:
    return parse(limit)


@lru_cache(maxsize=1)
def _limiter() -> FixedWindowRateLimiter:
    url = settings.get().valkey_url
    storage: Storage = MemoryStorage()
    if url is not None:
        # Redis speaks to Valkey's client; its own asynchronous one would be another dependency.
        address = re.sub("^redis", "valkey", url.get_secret_value())
        made = storage_from_string(f"async+{address}")
        assert isinstance(made, Storage)
        storage = made
    return FixedWindowRateLimiter(storage)
