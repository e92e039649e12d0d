"""The access log: which page was shown to whom and about whom, chained by hash like every trail."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.security.accounts import Staff
from shared.contracts.access import CARE
from shared.database import Tx
from shared.scope import Scope
from shared.security.audit import record

_ANSWERS = "answers:"  # before the id of a session whose answers were on the page


def note(
    tx: Tx,
    staff: Staff | None,
    action: str,
    *,
    about: Iterable[UUID] = (),
    fields: Iterable[str] = (),
    purpose: str = CARE,
    now: datetime,
) -> None:
    """Write one line, in this transaction. `fields` are names of what was shown, never values."""
    scope = Scope(
        actor=staff.id if staff else None,
        roles=frozenset(staff.roles if staff else ()),
        purpose=purpose,
        source="portal",
        trace_id=tx.trace.trace_id,
    )
    shown = sorted(set(fields))
    record(tx, scope, action, about=sorted(set(about), key=str), fields=shown, now=now)
    sessions = [UUID(field.removeprefix(_ANSWERS)) for field in shown if field.startswith(_ANSWERS)]
    if staff and sessions:
        tx.defer(
            "INSERT INTO answers_shown (staff_id, appointment_id, shown_at) "
            "SELECT %s, appointment_id, %s FROM unnest(%s::uuid[]) AS appointment_id ON CONFLICT DO NOTHING",
            (staff.id, now, sessions),
        )


def answers_shown(appointment_id: UUID) -> str:
    """The field name that says: the client's answers of this session were on the page."""
    return f"{_ANSWERS}{appointment_id}"


def has_seen_answers(tx: Tx, staff_id: UUID, appointment_id: UUID) -> bool:
    """Tell whether a page with the client's answers of this session was shown to this person before."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM answers_shown WHERE staff_id = %s AND appointment_id = %s)",
            (staff_id, appointment_id),
        )
    )
