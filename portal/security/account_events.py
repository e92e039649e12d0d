"""What happened to an account, kept half a year for its owner; the access log has it too, chained and for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.security.origin import Origin
from shared.database import Tx

KEPT = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """One thing that happened; `actor` where somebody else did it."""

    at: datetime
    kind: str
    actor: UUID | None
    address: str
    device: str


def remember(tx: Tx, kind: str, staff_id: UUID, *, origin: Origin, now: datetime, actor: UUID | None = None) -> None:
    """Note what happened to an account, in this transaction."""
    _insert(tx, kind, staff_id, None, None if actor == staff_id else actor, origin, now)


def remember_unknown_name(tx: Tx, kind: str, name_blind: bytes, *, origin: Origin, now: datetime) -> None:
    """Note a try under a name that no account has: the same name gives the same bytes, which do not tell it."""
    _insert(tx, kind, None, name_blind, None, origin, now)


def events_of(tx: Tx, staff_id: UUID, *, most: int = 50) -> list[AccountEvent]:
    """The latest of an account, newest first."""
    rows = tx.rows(
        "SELECT at, kind, actor, address, device FROM account_event WHERE staff_id = %s ORDER BY no DESC LIMIT %s",
        (staff_id, most),
    )
    return [AccountEvent(r["at"], r["kind"], r["actor"], r["address"], r["device"]) for r in rows]


def _insert(
    tx: Tx,
    kind: str,
    staff_id: UUID | None,
    name_blind: bytes | None,
    actor: UUID | None,
    origin: Origin,
    now: datetime,
) -> None:
    tx.execute("DELETE FROM account_event WHERE at < %s", (now - KEPT,))
    tx.execute(
        "INSERT INTO account_event (at, staff_id, name_blind, kind, actor, address, device) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (now, staff_id, name_blind, kind, actor, origin.address, origin.device),
    )
