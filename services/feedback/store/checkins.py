"""Check-ins: answers as they were given; a correction is a new one, never a change."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.domain.answers import Answer
from services.feedback.domain.measures import Side
from services.feedback.domain.scoring import Score
from services.feedback.store.scoping import VISIBLE, clinical
from shared.database import Row, Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class NewCheckin:
    """A filled-in form on its way in; `answers` without free text."""

    offer_id: UUID
    client_id: UUID
    side: Side
    channel: str
    entered_by: UUID | None
    answers: Mapping[str, Answer]
    score: Score
    said: str | None
    talked: str | None
    sharing: str
    visible_from: datetime | None
    shown: bool
    blind: bool
    recorded_at: datetime


def add_checkin(tx: Tx, new: NewCheckin) -> None:
    """Keep one filled-in form."""
    tx.execute(
        "INSERT INTO checkin (offer_id, client_id, side, channel, entered_by, answers, total, answered, scoring_rule, "
        "said, talked, sharing, visible_from, shown, blind, recorded_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            new.offer_id,
            new.client_id,
            new.side,
            new.channel,
            new.entered_by,
            Jsonb(dict(new.answers)),
            new.score.total,
            new.score.answered,
            new.score.rule_id,
            new.said,
            new.talked,
            new.sharing,
            new.visible_from,
            new.shown,
            new.blind,
            new.recorded_at,
        ),
    )


def checkin_of(tx: Tx, scope: Scope, offer_id: UUID) -> Row | None:
    """What decides about showing one check-in; locked."""
    return tx.row(
        "SELECT t.offer_id, t.client_id, t.side, t.sharing, t.visible_from, t.shown, t.answers "
        f"FROM checkin t WHERE t.offer_id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": offer_id, **clinical(scope)},
    )


def waiting_to_be_shown(tx: Tx, scope: Scope, *, now: datetime, limit: int) -> list[Row]:
    """Check-ins whose hour to be shown has come; for this service's own work."""
    return tx.rows(
        "SELECT t.offer_id, o.course_id FROM checkin t JOIN offer o ON o.id = t.offer_id "
        "WHERE NOT t.shown AND t.visible_from <= %s AND %s ORDER BY t.visible_from, t.offer_id LIMIT %s",
        (now, scope.is_system, limit),
    )


def mark_shown(tx: Tx, offer_id: UUID) -> None:
    """From here on the course is read with it."""
    tx.execute("UPDATE checkin SET shown = true WHERE offer_id = %s", (offer_id,))


def keep_release(tx: Tx, offer_id: UUID, *, released_by: UUID | None, now: datetime) -> None:
    """The client changed their mind: the therapist may see it from now on."""
    tx.execute(
        "UPDATE checkin SET visible_from = %s, shown = true, released_at = %s, released_by = %s WHERE offer_id = %s",
        (now, now, released_by, offer_id),
    )


def answers_were_opened(tx: Tx, scope: Scope, appointment_id: UUID, client_id: UUID) -> bool:
    """
    Tell whether the asker has looked at the course since the client's answers about this session could be seen.

    The audit trail knows: no reading of a course goes unrecorded.
    """
    found = tx.value(
        "SELECT true FROM offer o JOIN checkin c ON c.offer_id = o.id "
        "WHERE o.appointment_id = %(appointment)s AND o.side = 'client' AND c.visible_from IS NOT NULL AND EXISTS ("
        "  SELECT 1 FROM audit t WHERE t.about @> ARRAY[%(client)s::uuid] AND t.action = 'course.read' "
        "  AND t.actor = %(actor)s AND t.at >= c.visible_from)",
        {"appointment": appointment_id, "client": client_id, "actor": str(scope.actor)},
    )
    return bool(found)
