"""
Sign-ins: what a browser has. Opaque 256-bit ids, kept as SHA-256 in a table, so that
signing out, closing an account and a change of roles count from the next request.

A sign-in has a stage: before it is in, it opens the one page that is asked for next and nothing else.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.security.account_events import remember, remember_unknown_name
from portal.security.accounts import (
    Credentials,
    Staff,
    credentials_of,
    own_credentials,
    spend_first_password,
    staff_of,
    username_blind,
)
from portal.security.attempts import count_try, counters_of, succeeded
from portal.security.origin import Origin
from portal.security.passwords import hash_password, needs_renewal, password_is_right
from portal.security.second_step import methods_of, spend_recovery_code
from shared.database import Database, Row, Tx
from shared.ids import uuid7
from shared.security.sealing import Place

IDLE = timedelta(minutes=15)  # what the clinic may set otherwise
ABSOLUTE = timedelta(hours=12)
HELD = timedelta(minutes=15)  # how long a form that came too early is still meant
FRESH = timedelta(minutes=10)  # how long a proof is enough for what asks for one
_TOUCH = timedelta(seconds=30)  # noting every single request would only make work


class WrongPassword(Exception):
    """User name and password do not belong together; which of them is wrong is not said."""


class FirstPasswordOver(Exception):
    """The password is right, but it was handed over for one sign-in, and that was it or comes too late."""


class Stage(StrEnum):
    """How far a sign-in has come."""

    SECOND_STEP = "second_step"
    NEW_PASSWORD = "new_password"  # noqa: S105 - the stage in which one is chosen
    ENROL = "enrol"
    LOCKED = "locked"
    IN = "in"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A browser that has signed in, and how far."""

    id: UUID
    staff: Staff
    stage: Stage
    form_secret: str
    started_at: datetime
    proved_at: datetime | None
    has_second_step: bool

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether its owner proved to be there a moment ago."""
        return self.proved_at is not None and abs(now - self.proved_at) < FRESH


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form as it was sent: where to, and all that was typed into it."""

    path: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """One of a person's sign-ins, as they may recognise it."""

    id: UUID
    network: str
    device: str
    started_at: datetime
    last_seen_at: datetime


def hashed(token: str) -> bytes:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).digest()


def sign_in(
    database: Database,
    username: str,
    password: str,
    device: str | None,
    now: datetime,
    origin: Origin,
    recovery_code: str = "",
) -> tuple[str, str]:
    """
    Check a password and begin a sign-in.

    The slow hash runs outside of transactions.

    Args:
        database: The portal's.
        username: As typed; case does not matter.
        password: As typed.
        device: The token of a browser that has signed in before, if it sent one.
        now: Aware, UTC.
        origin: Where the browser is.
        recovery_code: Cannot be guessed, so that with one nobody waits; it is spent, and is the second step too.

    Returns:
        The new sign-in's id and the browser's device token, both for cookies.

    Raises:
        WrongPassword, WaitBeforeTrying, FirstPasswordOver, TooManySignIns.
    """
    with database.transaction() as tx:
        found = credentials_of(tx, username)
        name = username_blind(tx, username)
        known = known_device(tx, found.staff_id if found else None, device)
        counters = counters_of("password", name, known, origin)
        recovers = bool(found and recovery_code and spend_recovery_code(tx, found.staff_id, recovery_code, now))
        if not recovers:
            count_try(tx, counters, now)
    if not password_is_right(found.password_hash if found else None, password) or found is None:
        with database.transaction() as tx:
            _remember_failure(tx, found, name, origin, now)
        raise WrongPassword("the user name or the password is wrong")
    renewed = hash_password(password) if needs_renewal(found.password_hash) else None
    with database.transaction() as tx:
        # Checking took a while: meanwhile the account may have been closed, or given another password.
        still = own_credentials(tx, found.staff_id, lock=True)
        if still is None or still.password_hash != found.password_hash:
            raise WrongPassword("the account was changed while the password was checked")
        if not recovers:
            succeeded(tx, counters, now)
        _spend(tx, still, now)
        if renewed:
            tx.execute("UPDATE staff SET password_hash = %s WHERE id = %s", (renewed, found.staff_id))
        token = device if known and device else secrets.token_urlsafe(32)
        if recovers:
            remember(tx, "second_step.recovery_code_used", found.staff_id, origin=origin, now=now)
        if recovers or not methods_of(tx, found.staff_id).any:
            know_device(tx, found.staff_id, token, now)
        return begin(tx, found.staff_id, now, origin, second_step=recovers), token


def check_own_password(
    database: Database, staff_id: UUID, username: str, password: str, device: str | None, origin: Origin, now: datetime
) -> None:
    """
    Check the password of somebody who is signed in already; failures count like those at the door.

    Raises:
        WrongPassword, WaitBeforeTrying, TooManySignIns.
    """
    with database.transaction() as tx:
        found = own_credentials(tx, staff_id)
        name = username_blind(tx, username)
        counters = counters_of("password", name, known_device(tx, staff_id, device), origin)
        count_try(tx, counters, now)
    if not password_is_right(found.password_hash if found else None, password):
        with database.transaction() as tx:
            _remember_failure(tx, found, name, origin, now)
        raise WrongPassword("the password is wrong")
    with database.transaction() as tx:
        succeeded(tx, counters, now)


def known_device(tx: Tx, staff_id: UUID | None, device: str | None) -> bytes | None:
    """The hash of a browser's token, if it came in with this account before."""
    if staff_id is None or not device:
        return None
    known = tx.row("SELECT 1 FROM known_device WHERE staff_id = %s AND device_hash = %s", (staff_id, hashed(device)))
    return hashed(device) if known else None


def know_device(tx: Tx, staff_id: UUID, token: str, now: datetime) -> None:
    """Remember a browser that came in: from now on its failures count for itself."""
    tx.execute(
        "INSERT INTO known_device (staff_id, device_hash, seen_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (staff_id, device_hash) DO UPDATE SET seen_at = excluded.seen_at",
        (staff_id, hashed(token), now),
    )


def begin(tx: Tx, staff_id: UUID, now: datetime, origin: Origin, *, second_step: bool = False) -> str:
    """Begin a sign-in, with the second step passed or not; the id goes into the browser's cookie and nowhere else."""
    sign_in_id = secrets.token_urlsafe(32)
    tx.execute(
        "INSERT INTO sign_in (id_hash, id, staff_id, form_secret, network, device, started_at, last_seen_at, "
        "second_step_at, proved_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            hashed(sign_in_id),
            uuid7(),
            staff_id,
            secrets.token_urlsafe(32),
            origin.network,
            origin.device,
            now,
            now,
            now if second_step else None,
            now,
        ),
    )
    tx.execute("DELETE FROM sign_in WHERE started_at <= %s", (now - ABSOLUTE,))
    remember(tx, "sign_in.begun", staff_id, origin=origin, now=now)
    return sign_in_id


def resume(tx: Tx, sign_in_id: str, now: datetime, *, second_step_required: bool, idle: timedelta) -> SignIn | None:
    """
    Who this browser is, and how far it has come.

    Returns:
        None where it is nobody: unknown, signed out, older than 12 hours, its account closed, or idle
        before it was in. Who was in and is idle for longer than `idle` is locked.
    """
    row = tx.row(
        "SELECT p.*, s.id AS sign_in, s.form_secret, s.started_at, s.last_seen_at, s.second_step_at, s.proved_at, "
        "(EXISTS (SELECT 1 FROM totp t WHERE t.staff_id = p.id AND t.secret IS NOT NULL) "
        "OR EXISTS (SELECT 1 FROM passkey k WHERE k.staff_id = p.id)) AS has_second_step "
        "FROM sign_in s JOIN staff p ON p.id = s.staff_id AND p.is_active "
        "WHERE s.id_hash = %s AND s.started_at > %s",
        (hashed(sign_in_id), now - ABSOLUTE),
    )
    if row is None:
        return None
    stage = _stage(row, second_step_required=second_step_required)
    if now - row["last_seen_at"] >= idle:
        if stage is not Stage.IN:
            return None
        stage = Stage.LOCKED
    elif now - row["last_seen_at"] > _TOUCH:
        tx.execute("UPDATE sign_in SET last_seen_at = %s WHERE id_hash = %s", (now, hashed(sign_in_id)))
    return SignIn(
        row["sign_in"],
        staff_of(tx, row),
        stage,
        row["form_secret"],
        row["started_at"],
        row["proved_at"],
        row["has_second_step"],
    )


def prove(tx: Tx, sign_in: SignIn, now: datetime, *, second_step: bool) -> str:
    """Its owner is there, by password or by second step: it counts afresh, under a new id, and is locked no more."""
    tx.execute(
        "UPDATE sign_in SET last_seen_at = %s, second_step_at = CASE WHEN %s THEN %s ELSE second_step_at END, "
        "proved_at = CASE WHEN %s THEN %s ELSE proved_at END WHERE id = %s",
        # A password alone is no fresh proof where there is a second step.
        (now, second_step, now, second_step or not sign_in.has_second_step, now, sign_in.id),
    )
    return renew(tx, sign_in)


def hold_form(tx: Tx, sign_in: SignIn, path: str, fields: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keep a form that came too early, sealed, until its owner is back; of several the last. Never a password."""
    if any("password" in name for name, _ in fields):
        forget_form(tx, sign_in)  # an older one would be sent in its place
        return
    text = json.dumps([path, fields, now.isoformat()], ensure_ascii=False)
    sealed = tx.vault.seal(tx, sign_in.staff.id, Place("sign_in", "held", sign_in.id), text)
    tx.execute("UPDATE sign_in SET held = %s WHERE id = %s", (sealed, sign_in.id))


def held_form(tx: Tx, sign_in: SignIn, now: datetime) -> HeldForm | None:
    """The form that waits, if one does and it is not too old to be meant any more."""
    sealed = tx.value("SELECT held FROM sign_in WHERE id = %s", (sign_in.id,))
    if sealed is None:
        return None
    path, fields, at = json.loads(tx.vault.open(tx, sign_in.staff.id, Place("sign_in", "held", sign_in.id), sealed))
    if abs(now - datetime.fromisoformat(at)) > HELD:
        return None
    return HeldForm(path, tuple((name, value) for name, value in fields))


def forget_form(tx: Tx, sign_in: SignIn) -> None:
    """Nothing waits any more."""
    tx.execute("UPDATE sign_in SET held = NULL WHERE id = %s", (sign_in.id,))


def renew(tx: Tx, sign_in: SignIn) -> str:
    """Give a sign-in another id, because it is now worth more than before; the old one is worth nothing."""
    sign_in_id = secrets.token_urlsafe(32)
    tx.execute("UPDATE sign_in SET id_hash = %s WHERE id = %s", (hashed(sign_in_id), sign_in.id))
    return sign_in_id


def end(tx: Tx, sign_in_id: str) -> None:
    """Sign out."""
    tx.execute("DELETE FROM sign_in WHERE id_hash = %s", (hashed(sign_in_id),))


def end_one(tx: Tx, staff_id: UUID, sign_in: UUID) -> bool:
    """End one of a person's sign-ins, wherever it is; tells whether there was one."""
    return tx.execute("DELETE FROM sign_in WHERE staff_id = %s AND id = %s", (staff_id, sign_in)) == 1


def end_others(tx: Tx, staff_id: UUID, kept: UUID) -> int:
    """End all of a person's sign-ins but this one; how many there were."""
    return tx.execute("DELETE FROM sign_in WHERE staff_id = %s AND id <> %s", (staff_id, kept))


def open_sign_ins(tx: Tx, staff_id: UUID, now: datetime) -> list[OpenSignIn]:
    """Where a person is signed in, the latest first."""
    rows = tx.rows(
        "SELECT id, network, device, started_at, last_seen_at FROM sign_in "
        "WHERE staff_id = %s AND started_at > %s ORDER BY last_seen_at DESC, id",
        (staff_id, now - ABSOLUTE),
    )
    return [OpenSignIn(r["id"], r["network"], r["device"], r["started_at"], r["last_seen_at"]) for r in rows]


def keep_search(tx: Tx, sign_in: SignIn, text: str) -> None:
    """Keep what was searched for, sealed, as long as the sign-in lasts: an address must not hold it."""
    sealed = tx.vault.seal(tx, sign_in.staff.id, Place("sign_in", "search", sign_in.id), text)
    tx.execute("UPDATE sign_in SET search = %s WHERE id = %s", (sealed, sign_in.id))


def last_search(tx: Tx, sign_in: SignIn) -> str:
    """What was searched for last; empty when nothing was."""
    sealed = tx.value("SELECT search FROM sign_in WHERE id = %s", (sign_in.id,))
    return tx.vault.open(tx, sign_in.staff.id, Place("sign_in", "search", sign_in.id), sealed) if sealed else ""


def _stage(row: Row, *, second_step_required: bool) -> Stage:
    if row["has_second_step"] and row["second_step_at"] is None:
        return Stage.SECOND_STEP
    if row["first_password_until"] is not None:
        return Stage.NEW_PASSWORD
    if second_step_required and not row["has_second_step"] and not row["is_demo"]:
        return Stage.ENROL
    return Stage.IN


def _spend(tx: Tx, credentials: Credentials, now: datetime) -> None:
    if credentials.first_password_until is None:
        return
    if credentials.first_password_until <= now:
        raise FirstPasswordOver("the first password was used or is too old")
    spend_first_password(tx, credentials.staff_id, now)


def _remember_failure(tx: Tx, found: Credentials | None, name: bytes, origin: Origin, now: datetime) -> None:
    if found:
        remember(tx, "sign_in.failed", found.staff_id, origin=origin, now=now)
    else:
        remember_unknown_name(tx, "sign_in.failed", name, origin=origin, now=now)
