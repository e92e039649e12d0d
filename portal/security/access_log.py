"""The access log: which page was shown to whom and about whom, chained by hash like every trail."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.security.accounts import Staff
from shared.database import Tx
from shared.scope import Scope
from shared.security.audit import record


def note(
    tx: Tx, staff: Staff | None, action: str, *, about: Iterable[UUID] = (), fields: Iterable[str] = (), now: datetime
) -> None:
    """Write one line, in this transaction. `fields` are names of what was shown, never values."""
    scope = Scope(
        actor=staff.id if staff else None,
        roles=frozenset(staff.roles if staff else ()),
        purpose="care",
        source="portal",
        trace_id=tx.trace.trace_id,
    )
    record(tx, scope, action, about=sorted(set(about), key=str), fields=sorted(set(fields)), now=now)


def answers_shown(appointment_id: UUID) -> str:
    """The field name that says: the client's answers of this session were on the page."""
    return f"answers:{appointment_id}"


def has_seen_answers(tx: Tx, staff_id: UUID, client_id: UUID, appointment_id: UUID) -> bool:
    """Tell whether a page with the client's answers of this session was shown to this person before."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM audit WHERE about @> %s AND actor = %s AND %s = ANY(fields))",
            ([client_id], str(staff_id), answers_shown(appointment_id)),
        )
    )
