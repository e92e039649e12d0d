"""Who might be glad of a few warm words, and why; each part is always shown."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.feedback.care.domain.days import local_day
from services.feedback.care.store.visibility import treats
from services.feedback.outcome.queries import OutcomeNow, outcomes_now
from services.feedback.worklists.domain.reach_out import (
    ReachReason,
    Trouble,
    is_on_the_list,
    points,
    reasons,
    rests_until,
)
from services.feedback.worklists.store import caseload
from services.feedback.worklists.store import reach_out as reaching
from services.feedback.worklists.store.caseload import CaseRow
from services.feedback.worklists.store.reach_out import KeptReachNote
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Reach:
    """One client on the list; `note` is what somebody last noted, `unread` what could not be taken into account."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    points: int
    parts: tuple[ReachReason, ...]
    resting_until: date | None
    note: KeptReachNote | None
    unread: tuple[str, ...]


def reach_out_list(tx: Tx, practitioner_id: UUID | None, *, scope: Scope, now: datetime) -> list[Reach]:
    """Everyone with five points or more among those the asker may see, most points first, resting ones included."""
    cases = caseload.everyone(tx, scope, practitioner_id)
    troubles = reaching.troubles_of(tx, scope, cases, now=now)
    notes = reaching.latest_notes(tx, scope, list(troubles))
    outcomes = outcomes_now(tx, list(troubles), scope=scope, now=now)
    read = {client_id: _with_outcome(trouble, outcomes.get(client_id)) for client_id, trouble in troubles.items()}
    found = [
        _reach(case, read[case.client_id], notes.get(case.client_id), scope, local_day(now, tx.zone)) for case in cases
    ]
    shown = [reach for reach in found if is_on_the_list(reach.parts)]
    if shown:
        about = [reach.client_id for reach in shown]
        audit.record(tx, scope, "reach_out.read", about=about, fields=["state", "signals", "hours", "outcome"], now=now)
    return sorted(shown, key=lambda reach: (-reach.points, reach.spoken_code, str(reach.client_id)))


def _with_outcome(trouble: Trouble, outcome: OutcomeNow | None) -> Trouble:
    if outcome is None:
        return trouble
    return replace(trouble, outcome_read=True, deteriorated=outcome.worse_at)


def worse_at(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> datetime | None:
    """The session whose answers say that difficulties are reliably up; None where none do."""
    known = outcomes_now(tx, [client_id], scope=scope, now=now).get(client_id)
    return known.worse_at if known else None


def _reach(case: CaseRow, trouble: Trouble, note: KeptReachNote | None, scope: Scope, today: date) -> Reach:
    if not treats(scope, case.practitioner_id):
        trouble = replace(trouble, unseen_since=None)  # where two views differ is for the treating therapist alone
    parts = reasons(trouble)
    return Reach(
        client_id=case.client_id,
        spoken_code=case.spoken_code,
        practitioner_id=case.practitioner_id,
        points=points(parts),
        parts=parts,
        resting_until=rests_until(note.as_read(trouble.zone) if note else None, parts, today),
        note=note,
        unread=() if trouble.outcome_read else ("outcome",),
    )
