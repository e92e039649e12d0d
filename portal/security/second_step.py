"""
The second step: codes of an authenticator app (TOTP, RFC 6238), each once, and recovery codes for a lost phone.

Passkeys are beside it (`passkeys`). A secret lies sealed under its owner's key, a recovery code as a blind index.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from markupsafe import Markup

from portal.security.accounts import Staff, username_blind
from portal.security.attempts import count_try, counters_of, succeeded
from portal.security.origin import Origin
from shared.database import Database, Tx
from shared.security.sealing import Place

RECOVERY_CODES = 10
_STEP_SECONDS = 30
_EITHER_SIDE = 1  # steps that a phone's clock may be off (ASVS 6.5.5)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_RECOVERY_LETTERS = 12  # 59 random bits


class WrongCode(Exception):
    """Not a code of this account's app just now, used before, and none of its recovery codes."""


@dataclass(frozen=True, slots=True)
class Methods:
    """What an account has for the second step."""

    app: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Tell whether there is a second step at all."""
        return self.app or self.passkeys > 0


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs to know: the secret as text, and the same as a picture."""

    secret: str
    picture: Markup


def methods_of(tx: Tx, staff_id: UUID) -> Methods:
    """What an account has."""
    row = tx.row(
        "SELECT EXISTS (SELECT 1 FROM totp WHERE staff_id = %(staff)s AND secret IS NOT NULL) AS app, "
        "(SELECT count(*) FROM passkey WHERE staff_id = %(staff)s) AS passkeys, "
        "(SELECT count(*) FROM recovery_code WHERE staff_id = %(staff)s AND used_at IS NULL) AS recovery_codes",
        {"staff": staff_id},
    )
    return Methods(**row) if row else Methods(app=False, passkeys=0, recovery_codes=0)


def begin_app(tx: Tx, staff_id: UUID) -> None:
    """A new secret, which counts once a first code of it was right."""
    sealed = tx.vault.seal(tx, staff_id, Place("totp", "pending", staff_id), pyotp.random_base32())
    tx.execute(
        "INSERT INTO totp (staff_id, pending) VALUES (%s, %s) "
        "ON CONFLICT (staff_id) DO UPDATE SET pending = excluded.pending",
        (staff_id, sealed),
    )


def pending_app(tx: Tx, staff: Staff, clinic: str) -> Enrolment | None:
    """What to put into the app, until its first code; None when nothing waits."""
    secret = _opened(tx, staff.id, "pending")
    if secret is None:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name=f"Rapport, {clinic}")
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=4, svgclass="qr", lineclass=None, title="QR code")
    return Enrolment(" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), Markup(drawn))  # noqa: S704 - ours


def confirm_app(tx: Tx, staff_id: UUID, code: str, now: datetime) -> None:
    """From now on the new secret counts, and the one before no more; raises WrongCode."""
    secret = _opened(tx, staff_id, "pending")
    step = _step_of(secret, code, now) if secret else None
    if secret is None or step is None:
        raise WrongCode("the first code is not right")
    sealed = tx.vault.seal(tx, staff_id, Place("totp", "secret", staff_id), secret)
    tx.execute(
        "UPDATE totp SET secret = %s, pending = NULL, last_step = %s WHERE staff_id = %s", (sealed, step, staff_id)
    )


def check_code(database: Database, staff: Staff, code: str, device: bytes | None, origin: Origin, now: datetime) -> str:
    """
    Check a code of the app or a recovery code, and spend it.

    Returns:
        Which it was: "app" or "recovery".

    Raises:
        WrongCode, WaitBeforeTrying.
    """
    with database.transaction() as tx:
        counters = counters_of("code", username_blind(tx, staff.username), device, origin)
        count_try(tx, counters, now)
    with database.transaction() as tx:
        which = "app" if _spend_app_code(tx, staff.id, code, now) else ""
        which = which or ("recovery" if spend_recovery_code(tx, staff.id, code, now) else "")
        if not which:
            raise WrongCode("the code is wrong or was used")
        succeeded(tx, counters, now)
    return which


def new_recovery_codes(tx: Tx, staff_id: UUID) -> list[str]:
    """Ten codes, told this once; earlier ones end."""
    tx.execute("DELETE FROM recovery_code WHERE staff_id = %s", (staff_id,))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
    tx.many(
        "INSERT INTO recovery_code (staff_id, code_blind) VALUES (%s, %s)",
        [(staff_id, _code_blind(tx, staff_id, code)) for code in codes],
    )
    return ["-".join(code[i : i + 4] for i in range(0, _RECOVERY_LETTERS, 4)) for code in codes]


def spend_recovery_code(tx: Tx, staff_id: UUID, code: str, now: datetime) -> bool:
    """Use a recovery code, once; tells whether it was one."""
    return (
        tx.execute(
            "UPDATE recovery_code SET used_at = %s WHERE staff_id = %s AND code_blind = %s AND used_at IS NULL",
            (now, staff_id, _code_blind(tx, staff_id, code)),
        )
        == 1
    )


def remove_app(tx: Tx, staff_id: UUID) -> None:
    """The app's codes count no more."""
    tx.execute("DELETE FROM totp WHERE staff_id = %s", (staff_id,))


def remove_all(tx: Tx, staff_id: UUID) -> None:
    """Nothing of the second step is left, and every sign-in of the account ends."""
    remove_app(tx, staff_id)
    tx.execute("DELETE FROM passkey WHERE staff_id = %s", (staff_id,))
    tx.execute("DELETE FROM recovery_code WHERE staff_id = %s", (staff_id,))
    tx.execute("DELETE FROM sign_in WHERE staff_id = %s", (staff_id,))


def _spend_app_code(tx: Tx, staff_id: UUID, code: str, now: datetime) -> bool:
    secret = _opened(tx, staff_id, "secret")
    step = _step_of(secret, code, now) if secret else None
    if step is None:
        return False
    # Only forward: the same code, or an older one of a neighbouring step, never counts again.
    return (
        tx.execute("UPDATE totp SET last_step = %s WHERE staff_id = %s AND last_step < %s", (step, staff_id, step)) == 1
    )


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step of time whose code this is, around now."""
    typed = "".join(code.split()).encode()
    here = int(now.timestamp()) // _STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for step in range(here - _EITHER_SIDE, here + _EITHER_SIDE + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), typed):
            return step
    return None


def _opened(tx: Tx, staff_id: UUID, column: str) -> str | None:
    row = tx.row("SELECT secret, pending FROM totp WHERE staff_id = %s", (staff_id,))
    if row is None or row[column] is None:
        return None
    return tx.vault.open(tx, staff_id, Place("totp", column, staff_id), row[column])


def _code_blind(tx: Tx, staff_id: UUID, code: str) -> bytes:
    plain = "".join(c for c in code if c.isalnum())
    return tx.vault.blind("recovery_code", f"{staff_id}|{plain}")
