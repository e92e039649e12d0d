"""Noting that somebody reached out, or decided not to for now; both can be taken back."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.domain.days import local_day
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection.store import offers
from services.feedback.worklists.domain.reach_out import RESTS, ReachNoteRefused, ReachNoteUnknown, reasons
from services.feedback.worklists.store import caseload
from services.feedback.worklists.store import reach_out as reaching
from services.feedback.worklists.store.reach_out import KeptReachNote
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


def note_reach_out(
    tx: Tx,
    client_id: UUID,
    *,
    reached_on: date | None,
    reason: str | None,
    worse_at: datetime | None,
    scope: Scope,
    now: datetime,
) -> KeptReachNote:
    """
    Somebody reached out on a day, or decided not to for now: the client rests from the list for two weeks.

    All parts that stand now are kept with it, also those that not every reader sees, so that
    only a new one brings the client back before. `worse_at`: the session whose answers say that
    difficulties are reliably up.

    Raises:
        ClientUnknown. ReachNoteRefused: both or neither of day and reason, or a day that cannot be.
    """
    if not offers.opens_client(tx, scope, client_id):
        raise ClientUnknown("There is no such client.")
    if (reached_on is None) == (reason is None):
        raise ReachNoteRefused("Say on which day somebody reached out, or why not now: one of the two.")
    today = local_day(now, tx.zone)
    if reached_on is not None and not today - RESTS <= reached_on <= today:
        raise ReachNoteRefused("The day lies in the future, or more than two weeks back.")
    audit.record(
        tx, scope, "reach_out.noted", about=[client_id], fields=["reached_on" if reached_on else "reason"], now=now
    )
    cases = caseload.everyone(tx, THIS_SERVICE, None, client_id=client_id)
    trouble = reaching.troubles_of(tx, THIS_SERVICE, cases, now=now).get(client_id)
    note = KeptReachNote(
        id=uuid7(),
        client_id=client_id,
        kind="reached_out" if reached_on else "not_now",
        reached_on=reached_on,
        reason=reason,
        parts={part.part: part.since for part in reasons(replace(trouble, deteriorated=worse_at))} if trouble else {},
        noted_by=scope.actor,
        noted_at=now,
    )
    reaching.add_note(tx, note)
    return note


def withdraw_reach_out(tx: Tx, client_id: UUID, note_id: UUID, *, scope: Scope, now: datetime) -> None:
    """The note no longer counts; the client stands on the list again. Raises ReachNoteUnknown."""
    if not reaching.withdraw_note(tx, scope, client_id, note_id, now=now):
        raise ReachNoteUnknown("There is no such note.")
    audit.record(tx, scope, "reach_out.withdrawn", about=[client_id], now=now)
