"""
Slows guessing down, without locking the right person out.

A lock is a tool for whoever wants a colleague to stand outside. So nothing is locked; after some
failures the next try has to wait, twice as long each time, a quarter of an hour at most, and what
counts is *who* fails: a browser that came in before counts for itself, every other one together with
its network. A stranger elsewhere delays nobody here. Whoever guesses from the clinic's own network
delays new browsers there, and these still have ways in that cannot be guessed, which do not wait:
a passkey, or a recovery code beside the password.

Counts are in the database: every process of the portal sees them, and a restart forgets none.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.security.origin import Origin
from shared.database import Tx

FREE_TRIES = 5
FREE_TRIES_OF_A_NETWORK = 50
# An account that so many failures of a day went to, from wherever, grants no network five quick tries any more.
UNDER_ATTACK = 100
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=24)
_NO_ACCOUNT = b""


class WaitBeforeTrying(Exception):
    """Too many failed tries: not before `seconds` are over."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Counter:
    """What failures are counted for, and how many of them cost no time."""

    key: bytes
    account: bytes
    free: int


def delay(failures: int, free: int = FREE_TRIES) -> timedelta:
    """
    How long the next try must wait after so many failures.

    >>> [int(delay(n).total_seconds()) for n in (4, 5, 6, 7, 40)]
    [0, 5, 10, 20, 900]
    >>> [int(delay(n, FREE_TRIES_OF_A_NETWORK).total_seconds()) for n in (49, 50, 51)]
    [0, 5, 10]
    """
    if failures < free:
        return timedelta(0)
    doubled: int = 2 ** min(failures - free, 16)
    return min(FIRST_DELAY * doubled, LONGEST_DELAY)


def counters_of(what: str, account: bytes, device: bytes | None, origin: Origin) -> list[Counter]:
    """
    What a try counts for.

    Args:
        what: What is being guessed, such as "password".
        account: Blind index of the user name, whether or not there is such an account.
        device: Hash of a device token that belongs to this account, if the browser has one.
        origin: Where the try comes from.
    """
    if device is not None:
        return [Counter(_key(what, account, device), account, FREE_TRIES)]
    network = origin.network.encode()
    return [
        Counter(_key(what, account, network), account, FREE_TRIES),
        Counter(_key(what, _NO_ACCOUNT, network), _NO_ACCOUNT, FREE_TRIES_OF_A_NETWORK),
    ]


def count_try(tx: Tx, counters: Sequence[Counter], now: datetime) -> None:
    """
    Count a try as failed until it has succeeded, so that a crowd of parallel guesses gets no more than one guesser.

    Raises:
        WaitBeforeTrying: one of the counters says so; then this try counts for none.
    """
    tx.execute("DELETE FROM attempt WHERE last_at < %s", (now - _FORGOTTEN_AFTER,))
    failures = {counter.key: _failures_so_far(tx, counter, now) for counter in sorted(counters, key=lambda c: c.key)}
    for counter in counters:
        failed = failures[counter.key] + 1
        wait = delay(failed, 1 if _is_under_attack(tx, counter) else counter.free)
        tx.execute(
            "UPDATE attempt SET failures = %s, last_at = %s, not_before = %s WHERE counter = %s",
            (failed, now, now + wait, counter.key),
        )


def succeeded(tx: Tx, counters: Sequence[Counter], now: datetime) -> None:
    """The account's count ends; of a network's, in which others may be guessing, only this try is taken back."""
    for counter in sorted(counters, key=lambda c: c.key):
        if counter.account == _NO_ACCOUNT:
            tx.execute(
                "UPDATE attempt SET failures = failures - 1, not_before = %s WHERE counter = %s", (now, counter.key)
            )
        else:
            tx.execute("DELETE FROM attempt WHERE counter = %s", (counter.key,))


def _failures_so_far(tx: Tx, counter: Counter, now: datetime) -> int:
    tx.execute(
        "INSERT INTO attempt (counter, account, failures, last_at, not_before) VALUES (%s, %s, 0, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (counter.key, counter.account, now, now),
    )
    row = tx.row("SELECT failures, not_before FROM attempt WHERE counter = %s FOR UPDATE", (counter.key,))
    if row is None:  # a success of the same browser just now ended the count
        return 0
    # Longer than the longest delay is no delay: the clock was ahead when it was noted.
    if now < row["not_before"] <= now + LONGEST_DELAY:
        raise WaitBeforeTrying(max(1, int((row["not_before"] - now).total_seconds()) + 1))
    failures: int = row["failures"]
    return failures


def _is_under_attack(tx: Tx, counter: Counter) -> bool:
    if counter.account == _NO_ACCOUNT:
        return False
    failures = tx.value("SELECT coalesce(sum(failures), 0) FROM attempt WHERE account = %s", (counter.account,))
    return bool(failures >= UNDER_ATTACK)


def _key(what: str, *parts: bytes) -> bytes:
    return hashlib.sha256(b"|".join([what.encode(), *(part.hex().encode() for part in parts)])).digest()
