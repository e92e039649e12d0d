"""
Passwords: argon2id, at most as many hashes at once as the machine bears.

Parameters are an OWASP floor (Password Storage Cheat Sheet: m=47104 KiB, t=1, p=1); a hash made
with others is renewed at the next sign-in. Rules follow NIST SP 800-63B: length counts,
composition does not, nothing is cut off.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 256
_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
# Each hash takes 46 MiB: without a bound, a crowd at the sign-in page takes the machine's memory.
_AT_ONCE = threading.BoundedSemaphore(2)
_WAIT_SECONDS = 2.0
_NOBODY = _HASHER.hash("nobody has this password")
# What people choose when twelve characters are asked for.
_COMMON = frozenset(
    {
        "123456789012", "1234567890123", "password1234", "passwordpassword", "qwertyuiopas", "qwertyuiop123",
        "letmeinletmein", "administrator", "changemechangeme", "welcomewelcome", "iloveyouiloveyou",
    }
)  # fmt: skip


class TooManySignIns(Exception):
    """More passwords are being checked at once than the machine bears; try again in a moment."""


def hash_password(password: str) -> str:
    """The PHC string to keep; raises TooManySignIns."""
    with _turn():
        return _HASHER.hash(password)


def password_is_right(kept: str | None, password: str) -> bool:
    """Compare; for an unknown account (None) it takes just as long and is always wrong. Raises TooManySignIns."""
    with _turn():
        try:
            return _HASHER.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_renewal(kept: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def password_problem(password: str, username: str) -> str | None:
    """What is wrong with a new password, as a sentence for its owner; None when nothing is."""
    if len(password) < LEAST_CHARACTERS:
        return f"Use at least {LEAST_CHARACTERS} characters; a few words in a row are easiest to remember"
    if len(password) > MOST_CHARACTERS:
        return f"Use at most {MOST_CHARACTERS} characters"
    plain = password.casefold()
    if plain in _COMMON or len(set(plain)) < 4 or (len(username) > 3 and username.casefold() in plain):
        return "This password is easy to guess; choose another"
    return None


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise TooManySignIns("too many sign-ins at once")
    try:
        yield
    finally:
        _AT_ONCE.release()
