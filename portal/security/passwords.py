"""
Passwords: argon2id, at most as many hashes at once as the machine bears; a new one must be hard to guess.

Parameters are an OWASP floor (Password Storage Cheat Sheet: m=47104 KiB, t=1, p=1); a hash made
with others is renewed at the next sign-in. Rules follow NIST SP 800-63B-4 and OWASP ASVS 5.0 (6.2):
length counts, composition does not, nothing is cut off or changed. How hard a password is to guess
says zxcvbn (Wheeler 2016, USENIX Security 25), which knows the common ones and needs no network.
"""

import re
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

LEAST_CHARACTERS = 8  # ASVS 6.2.1, beside a second factor
ADVISED_CHARACTERS = 15
MOST_CHARACTERS = 256
_HARD_ENOUGH = 3  # of 4: more than 10^8 guesses
_LOOKED_AT = 72  # characters; what follows only makes it harder, and looking takes longer than it is worth
_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
# Each hash takes 46 MiB: without a bound, a crowd at the sign-in page takes the machine's memory.
AT_ONCE = 2
_TURNS = threading.BoundedSemaphore(AT_ONCE)
_WAIT_SECONDS = 2.0
_NOBODY = _HASHER.hash("nobody has this password")
_EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_WHY = {
    "dictionary": "it is made of words that are tried first",
    "spatial": "it follows the keys of the keyboard",
    "repeat": "it repeats itself",
    "sequence": "it goes on like abc or 123",
    "date": "it holds a date",
}


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


def first_password() -> str:
    """A password to hand over, good for one sign-in: 12 letters and figures, 59 random bits."""
    letters = [secrets.choice(_EASY_LETTERS) for _ in range(12)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, 12, 4))


def password_problem(password: str, about: Iterable[str]) -> str | None:
    """
    What is wrong with a new password, as a sentence for its owner; None when nothing is.

    Args:
        password: As typed.
        about: What everybody knows of its owner and the clinic: names, the user name.
    """
    if len(password) < LEAST_CHARACTERS:
        return (
            f"Use at least {LEAST_CHARACTERS} characters, better {ADVISED_CHARACTERS}: a few words in a row are easiest"
        )
    if len(password) > MOST_CHARACTERS:
        return f"Use at most {MOST_CHARACTERS} characters"
    known = [word for text in about for word in (text, *re.split(r"\W+", text)) if len(word) > 2]
    looked_at = password[:_LOOKED_AT]
    found = zxcvbn(looked_at, user_inputs=known, max_length=_LOOKED_AT)
    if found["score"] >= _HARD_ENOUGH:
        return None
    longest = max(found["sequence"], key=lambda part: len(part["token"]))
    why = _WHY.get(longest["pattern"], "it is short")
    if longest.get("dictionary_name") == "user_inputs":
        why = "it holds a name that others know"
    return f"This is easy to guess: {why}. Put a few more words in a row that have nothing to do with each other"


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=_WAIT_SECONDS):
        raise TooManySignIns("too many sign-ins at once")
    try:
        yield
    finally:
        _TURNS.release()
