"""Staff accounts and the one-time code that makes the first of them. Names are sealed."""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import errors

from shared.database import Row, Tx
from shared.security.sealing import Place, Sealed

SETUP_CODE_LIVES = timedelta(minutes=30)
FIRST_PASSWORD_LIVES = timedelta(days=3)
_CREDENTIALS = "SELECT id, password_hash, first_password_until FROM staff"


class UsernameTaken(Exception):
    """Another account has this user name."""


class SetupCodeRefused(Exception):
    """The code is unknown, used or older than half an hour."""


class StaffUnknown(Exception):
    """No account has this id."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is checked against; `first_password_until` where somebody else gave it."""

    staff_id: UUID
    password_hash: str
    first_password_until: datetime | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here; their id is also the practitioner's id in scheduling."""

    id: UUID
    username: str
    display_name: str
    roles: tuple[str, ...]
    is_active: bool
    version: int
    is_demo: bool = False

    def has(self, *roles: str) -> bool:
        """Tell whether they have at least one of these roles."""
        return not set(self.roles).isdisjoint(roles)


def add_staff(
    tx: Tx,
    *,
    staff_id: UUID,
    username: str,
    display_name: str,
    roles: Iterable[str],
    password_hash: str,
    now: datetime,
    first_password: bool = False,
    is_demo: bool = False,
) -> Staff:
    """
    Make an account.

    Args:
        tx: The portal's.
        staff_id: New.
        username: Unique; case does not matter.
        display_name: As colleagues see it.
        roles: At least one.
        password_hash: Made before the transaction: hashing is slow.
        now: Aware, UTC.
        first_password: The password was chosen by somebody else: it opens one sign-in, which begins with a new one.
        is_demo: Of the fictional demo clinic, which comes in without a second step; never of a real one.

    Raises:
        UsernameTaken: the name belongs to another account.
    """
    wanted = tuple(sorted(set(roles)))
    kept = username.strip()
    try:
        with tx.savepoint():
            tx.execute(
                "INSERT INTO staff (id, username_blind, username, display_name, password_hash, first_password_until, "
                "roles, is_demo, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    staff_id,
                    username_blind(tx, kept),
                    tx.vault.seal(tx, staff_id, Place("staff", "username", staff_id), kept),
                    tx.vault.seal(tx, staff_id, Place("staff", "display_name", staff_id), display_name.strip()),
                    password_hash,
                    now + FIRST_PASSWORD_LIVES if first_password else None,
                    list(wanted),
                    is_demo,
                    now,
                    now,
                ),
            )
    except errors.UniqueViolation as error:
        raise UsernameTaken(f"the account {staff_id} cannot have this user name") from error
    return Staff(staff_id, kept, display_name.strip(), wanted, is_active=True, version=1, is_demo=is_demo)


def username_blind(tx: Tx, username: str) -> bytes:
    """The blind index of a user name; case does not matter."""
    return tx.vault.blind("staff.username", username)


def credentials_of(tx: Tx, username: str) -> Credentials | None:
    """What the active account with this name signs in with."""
    row = tx.row(f"{_CREDENTIALS} WHERE username_blind = %s AND is_active", (username_blind(tx, username),))
    return None if row is None else Credentials(row["id"], row["password_hash"], row["first_password_until"])


def own_credentials(tx: Tx, staff_id: UUID, *, lock: bool = False) -> Credentials | None:
    """The same by id; with `lock` it stays so until the transaction ends."""
    row = tx.row(f"{_CREDENTIALS} WHERE id = %s AND is_active{' FOR UPDATE' if lock else ''}", (staff_id,))
    return None if row is None else Credentials(row["id"], row["password_hash"], row["first_password_until"])


def username_is_taken(tx: Tx, username: str) -> bool:
    """Tell whether an account, open or closed, has this name."""
    return bool(
        tx.value("SELECT EXISTS (SELECT 1 FROM staff WHERE username_blind = %s)", (username_blind(tx, username),))
    )


def all_staff(tx: Tx) -> list[Staff]:
    """Every account, by name; a clinic's staff fit on one page."""
    return sorted(_opened(tx, tx.rows("SELECT * FROM staff")), key=lambda s: s.display_name.casefold())


def get_staff(tx: Tx, staff_id: UUID) -> Staff:
    """One account; raises StaffUnknown."""
    found = _opened(tx, tx.rows("SELECT * FROM staff WHERE id = %s", (staff_id,)))
    if not found:
        raise StaffUnknown(f"no account {staff_id}")
    return found[0]


def staff_of(tx: Tx, row: Row) -> Staff:
    """The account of a row that holds all columns of `staff`."""
    return _opened(tx, [row])[0]


def staff_names(tx: Tx, staff_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The display names of some accounts, in one query."""
    wanted = list(set(staff_ids))
    if not wanted:
        return {}
    rows = tx.rows("SELECT id, display_name FROM staff WHERE id = ANY(%s)", (wanted,))
    places = [Sealed(r["id"], Place("staff", "display_name", r["id"]), r["display_name"]) for r in rows]
    return dict(zip((r["id"] for r in rows), tx.vault.open_many(tx, places), strict=True))


def change_roles(tx: Tx, staff_id: UUID, roles: Iterable[str], *, version: int, now: datetime) -> bool:
    """Set the roles, effective with the next request; False when somebody else changed the account meanwhile."""
    return (
        tx.execute(
            "UPDATE staff SET roles = %s, version = version + 1, updated_at = %s WHERE id = %s AND version = %s",
            (sorted(set(roles)), now, staff_id, version),
        )
        == 1
    )


def set_active(tx: Tx, staff_id: UUID, *, is_active: bool, version: int, now: datetime) -> bool:
    """Close or reopen an account; closing ends all its sign-ins at once. False after a change meanwhile."""
    changed = tx.execute(
        "UPDATE staff SET is_active = %s, version = version + 1, updated_at = %s WHERE id = %s AND version = %s",
        (is_active, now, staff_id, version),
    )
    if changed and not is_active:
        tx.execute("DELETE FROM sign_in WHERE staff_id = %s", (staff_id,))
    return changed == 1


def choose_password(tx: Tx, staff_id: UUID, password_hash: str, *, now: datetime) -> None:
    """The owner's own new password; raises StaffUnknown."""
    _set_password(tx, staff_id, password_hash, None, now)


def give_first_password(tx: Tx, staff_id: UUID, password_hash: str, *, now: datetime) -> None:
    """A password from somebody else, for one sign-in; every sign-in of the account ends. Raises StaffUnknown."""
    _set_password(tx, staff_id, password_hash, now + FIRST_PASSWORD_LIVES, now)
    tx.execute("DELETE FROM sign_in WHERE staff_id = %s", (staff_id,))


def spend_first_password(tx: Tx, staff_id: UUID, now: datetime) -> None:
    """It opened its one sign-in; whoever tried at the same moment is later than this."""
    tx.execute("UPDATE staff SET first_password_until = %s WHERE id = %s", (now - timedelta(minutes=1), staff_id))


def somebody_can_come_in(tx: Tx) -> bool:
    """Tell whether there is any account at all; a new house has none."""
    return bool(tx.value("SELECT EXISTS (SELECT 1 FROM staff WHERE is_active)"))


def active_managers(tx: Tx) -> int:
    """How many open accounts may manage accounts; locks them, so that two managers cannot close each other."""
    return len(tx.rows("SELECT id FROM staff WHERE is_active AND 'manager' = ANY(roles) FOR UPDATE"))


def new_setup_code(tx: Tx, now: datetime) -> str:
    """A code of 80 random bits that makes one manager's account within half an hour; older ones end."""
    tx.execute("DELETE FROM setup_code WHERE used_at IS NULL")
    plain = base64.b32encode(secrets.token_bytes(10)).decode()
    tx.execute(
        "INSERT INTO setup_code (code_hash, created_at, expires_at) VALUES (%s, %s, %s)",
        (_code_hash(plain), now, now + SETUP_CODE_LIVES),
    )
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def use_setup_code(tx: Tx, code: str, now: datetime) -> None:
    """Spend a set-up code, once, as long as nobody has an account; raises SetupCodeRefused."""
    if somebody_can_come_in(tx):
        raise SetupCodeRefused("there are accounts already")
    spent = tx.execute(
        "UPDATE setup_code SET used_at = %s WHERE code_hash = %s AND used_at IS NULL AND expires_at > %s",
        (now, _code_hash(code), now),
    )
    if spent != 1:
        raise SetupCodeRefused("the set-up code is unknown, used or too old")


def _code_hash(code: str) -> bytes:
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(b"setup-code|" + plain.encode()).digest()


def _opened(tx: Tx, rows: list[Row]) -> list[Staff]:
    sealed = [Sealed(r["id"], Place("staff", c, r["id"]), r[c]) for r in rows for c in ("username", "display_name")]
    texts = iter(tx.vault.open_many(tx, sealed))
    return [
        Staff(r["id"], next(texts), next(texts), tuple(r["roles"]), r["is_active"], r["version"], r["is_demo"])
        for r in rows
    ]


def _set_password(tx: Tx, staff_id: UUID, password_hash: str, until: datetime | None, now: datetime) -> None:
    changed = tx.execute(
        "UPDATE staff SET password_hash = %s, first_password_until = %s, updated_at = %s WHERE id = %s",
        (password_hash, until, now, staff_id),
    )
    if not changed:
        raise StaffUnknown(f"no account {staff_id}")
