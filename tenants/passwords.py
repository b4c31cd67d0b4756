"""
Passwords: Argon2id, and none that everybody knows.

No rules of composition (NIST SP 800-63B §3.1.1.2, ASVS 6.2): a length, a cap, a list of common
ones. Hashing is slow on purpose, so callers keep it off the threads that serve requests.
"""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenants.errors import Unprocessable

SHORTEST = 8  # characters
LONGEST = 1024  # bytes of UTF-8

# OWASP's floor for Argon2id; a rise is taken up by each person's next log-in.
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class PasswordTooCommon(Unprocessable):
    """The password is one of the first that anybody would try; choose another."""


def check(password: str, *about: str, pointer: str) -> None:
    """Refuse a new password that is common, or is what it protects: the person's name, e-mail."""
    known = password.casefold()
    if known in _common() or known in {word.casefold() for word in about}:
        raise PasswordTooCommon(pointer=pointer)


def digest(password: str) -> str:
    """The encoded hash to store."""
    return hasher.hash(_bytes(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether a password is the one stored. Nobody's password costs the same work."""
    try:
        return hasher.verify(stored or _nobodys(), _bytes(password)) and stored is not None
    except InvalidHashError:
        return verify(None, password)
    except VerificationError:
        return False


def outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return hasher.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    # One keyboard composes ñ, another sends n and a tilde.
    return unicodedata.normalize("NFC", password).encode()


@cache
def _nobodys() -> str:
    return hasher.hash(secrets.token_bytes(16))


@cache
def _common() -> frozenset[str]:
    # Megabytes of words, for those processes only in which somebody chooses a password.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)
