"""Supervision is arranged, and what comes of it is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.feedback.supervision import store
from services.feedback.supervision.domain.packs import OwnSupervision, PackUnknown
from services.feedback.supervision.domain.weeks import Week, WeekNotBegun, week_of
from services.feedback.supervision.store import NewPoint, Supervision
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


def set_supervisors(
    tx: Tx, practitioner_id: UUID, supervisor_ids: Sequence[UUID], *, scope: Scope, now: datetime
) -> list[Supervision]:
    """
    These and no others supervise this therapist from now on; whoever no longer does reads nothing more, at once.

    Raises:
        OwnSupervision.
    """
    wanted = list(dict.fromkeys(supervisor_ids))
    if practitioner_id in wanted:
        raise OwnSupervision("Nobody supervises their own work.")
    audit.record(tx, scope, "supervision.arranged", about=[practitioner_id, *wanted], fields=["supervisor"], now=now)
    store.set_supervisors(tx, practitioner_id, wanted, by=scope.actor, now=now)
    return store.supervisions(tx, scope, practitioner_id=practitioner_id, ended=False)


def note_point(
    tx: Tx,
    practitioner_id: UUID,
    client_id: UUID,
    week: Week,
    code: str,
    words: str | None,
    *,
    scope: Scope,
    now: datetime,
) -> NewPoint:
    """
    Note what supervisor and therapist agreed on about one client; the two of them can read it.

    Raises:
        PackUnknown: no such pack for the asker, the pack is their own, or this client cannot be in it.
        WeekNotBegun.
    """
    supervisor_id = scope.actor
    if supervisor_id is None or practitioner_id == supervisor_id:
        raise PackUnknown("There is no such pack.")
    if not store.may_hold(tx, scope, practitioner_id, client_id):
        raise PackUnknown("There is no such client in this pack.")
    if week > week_of(now, tx.zone):
        raise WeekNotBegun("This week has not begun.")
    point = NewPoint(uuid7(), supervisor_id, practitioner_id, client_id, str(week), code, now)
    audit.record(tx, scope, "supervision.point_noted", about=[client_id], fields=["code", "words"], now=now)
    store.add_point(tx, point, words)
    return point
