"""
Sign-ins: what a browser has. Opaque 256-bit ids, kept as SHA-256 in a table, so that
signing out, closing an account and a change of roles count from the next request.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from portal.security.accounts import Staff, find_by_username, staff_of, still_opens, username_blind
from portal.security.passwords import hash_password, needs_renewal, password_is_right
from shared.database import Database, Tx
from shared.security.sealing import Place

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
_TOUCH = timedelta(seconds=30)  # noting every single request would only make work
DELAY_FROM = 5
_FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(minutes=15)
_FORGET_FAILURES = timedelta(hours=24)
_NO_DEVICE = b""


class WrongPassword(Exception):
    """User name and password do not belong together; which of them is wrong is not said."""


class WaitBeforeTrying(Exception):
    """Too many wrong passwords: not before `seconds` are over."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def hashed(token: str) -> bytes:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).digest()


def delay(failures: int) -> timedelta:
    """
    How long the next try must wait after so many failures in a row.

    >>> [int(delay(n).total_seconds()) for n in (4, 5, 6, 7, 40)]
    [0, 5, 10, 20, 900]
    """
    if failures < DELAY_FROM:
        return timedelta(0)
    doubled: int = 2 ** min(failures - DELAY_FROM, 16)
    return min(_FIRST_DELAY * doubled, LONGEST_DELAY)


def sign_in(database: Database, username: str, password: str, device: str | None, now: datetime) -> tuple[str, str]:
    """
    Check a password and begin a sign-in.

    The try is counted before the password is looked at, so that a crowd of parallel
    guesses gets no more tries than one guesser. The slow hash runs outside of transactions.

    Args:
        database: The portal's.
        username: As typed; case does not matter.
        password: As typed.
        device: The token of a browser that has signed in before, if it sent one.
        now: Aware, UTC.

    Returns:
        The new sign-in's id and the browser's device token, both for cookies.

    Raises:
        WrongPassword, WaitBeforeTrying, TooManySignIns.
    """
    with database.transaction() as tx:
        found = find_by_username(tx, username)
        name = username_blind(tx, username)
        counts_for = _device_of(tx, found[0] if found else None, device)
        seconds = _count_try(tx, name, counts_for, now)
    if seconds:
        raise WaitBeforeTrying(seconds)
    if not password_is_right(found[1] if found else None, password) or found is None:
        raise WrongPassword("the user name or the password is wrong")
    staff_id, kept = found
    renewed = hash_password(password) if needs_renewal(kept) else None
    with database.transaction() as tx:
        # Checking took a while: meanwhile the account may have been closed, or given another password.
        if not still_opens(tx, staff_id, kept):
            raise WrongPassword("the account was changed while the password was checked")
        tx.execute("DELETE FROM failed_sign_in WHERE name_blind = %s AND device_hash = %s", (name, counts_for))
        if renewed:
            tx.execute("UPDATE staff SET password_hash = %s WHERE id = %s", (renewed, staff_id))
        token = device if counts_for and device else secrets.token_urlsafe(32)
        tx.execute(
            "INSERT INTO known_device (staff_id, device_hash, seen_at) VALUES (%s, %s, %s) "
            "ON CONFLICT (staff_id, device_hash) DO UPDATE SET seen_at = excluded.seen_at",
            (staff_id, hashed(token), now),
        )
        return begin(tx, staff_id, now), token


def begin(tx: Tx, staff_id: UUID, now: datetime) -> str:
    """Begin a sign-in; the id goes into the browser's cookie and nowhere else."""
    sign_in_id = secrets.token_urlsafe(32)
    tx.execute(
        "INSERT INTO sign_in (id_hash, staff_id, started_at, last_seen_at) VALUES (%s, %s, %s, %s)",
        (hashed(sign_in_id), staff_id, now, now),
    )
    tx.execute(
        "DELETE FROM sign_in WHERE last_seen_at <= %s OR started_at <= %s",
        (now - IDLE, now - ABSOLUTE),
    )
    return sign_in_id


def resume(tx: Tx, sign_in_id: str, now: datetime) -> Staff | None:
    """Who this browser is, or None: unknown, signed out, idle for 15 minutes, older than 12 hours, account closed."""
    row = tx.row(
        "SELECT p.*, s.last_seen_at FROM sign_in s JOIN staff p ON p.id = s.staff_id AND p.is_active "
        "WHERE s.id_hash = %s AND s.last_seen_at > %s AND s.started_at > %s",
        (hashed(sign_in_id), now - IDLE, now - ABSOLUTE),
    )
    if row is None:
        return None
    if now - row["last_seen_at"] > _TOUCH:
        tx.execute("UPDATE sign_in SET last_seen_at = %s WHERE id_hash = %s", (now, hashed(sign_in_id)))
    return staff_of(tx, row)


def end(tx: Tx, sign_in_id: str) -> None:
    """Sign out."""
    tx.execute("DELETE FROM sign_in WHERE id_hash = %s", (hashed(sign_in_id),))


def keep_search(tx: Tx, sign_in_id: str, staff_id: UUID, text: str) -> None:
    """Keep what was searched for, sealed, as long as the sign-in lasts: an address must not hold it."""
    place = Place("sign_in", "search", UUID(bytes=hashed(sign_in_id)[:16]))
    sealed = tx.vault.seal(tx, staff_id, place, text)
    tx.execute("UPDATE sign_in SET search = %s WHERE id_hash = %s", (sealed, hashed(sign_in_id)))


def last_search(tx: Tx, sign_in_id: str, staff_id: UUID) -> str:
    """What was searched for last; empty when nothing was."""
    sealed = tx.value("SELECT search FROM sign_in WHERE id_hash = %s", (hashed(sign_in_id),))
    place = Place("sign_in", "search", UUID(bytes=hashed(sign_in_id)[:16]))
    return tx.vault.open(tx, staff_id, place, sealed) if sealed else ""


def _device_of(tx: Tx, staff_id: UUID | None, device: str | None) -> bytes:
    if staff_id is None or not device:
        return _NO_DEVICE
    known = tx.row("SELECT 1 FROM known_device WHERE staff_id = %s AND device_hash = %s", (staff_id, hashed(device)))
    return hashed(device) if known else _NO_DEVICE


def _count_try(tx: Tx, name: bytes, device: bytes, now: datetime) -> int:
    """Count this try as failed until it succeeds; returns the seconds to wait, 0 when it may go on."""
    tx.execute("DELETE FROM failed_sign_in WHERE last_at < %s", (now - _FORGET_FAILURES,))
    tx.execute(
        "INSERT INTO failed_sign_in (name_blind, device_hash, failures, last_at, not_before) "
        "VALUES (%s, %s, 0, %s, %s) ON CONFLICT DO NOTHING",
        (name, device, now, now),
    )
    row = tx.row(
        "SELECT failures, not_before FROM failed_sign_in WHERE name_blind = %s AND device_hash = %s FOR UPDATE",
        (name, device),
    )
    if row is None:  # a success of the same browser just now wiped the count
        return 0
    # Longer than the longest delay is no delay: the clock was ahead when it was noted.
    if now < row["not_before"] <= now + LONGEST_DELAY:
        return max(1, int((row["not_before"] - now).total_seconds()) + 1)
    failures = row["failures"] + 1
    tx.execute(
        "UPDATE failed_sign_in SET failures = %s, last_at = %s, not_before = %s "
        "WHERE name_blind = %s AND device_hash = %s",
        (failures, now, now + delay(failures), name, device),
    )
    return 0
