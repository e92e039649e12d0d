"""What the reach-out list goes by, and what people noted about it."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.alliance.domain.series import State
from services.feedback.alliance.domain.signals import Code
from services.feedback.care.domain.days import local_day
from services.feedback.care.store.visibility import VISIBLE, clinical
from services.feedback.worklists.domain.reach_out import ReachNote, Trouble
from services.feedback.worklists.store.caseload import CaseRow
from shared.database import Row, Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class KeptReachNote:
    """A note that stands; `parts` as they stood then."""

    id: UUID
    client_id: UUID
    kind: str
    reached_on: date | None
    reason: str | None
    parts: dict[str, datetime | None]
    noted_by: UUID | None
    noted_at: datetime

    def as_read(self, zone: tzinfo) -> ReachNote:
        """The note as the domain takes it, with the day it was noted on in this zone."""
        return ReachNote(self.reached_on or local_day(self.noted_at, zone), self.parts)


@dataclass(frozen=True, slots=True)
class Calendar:
    """
    What became of a client's hours with their present therapist.

    `sessions` held; `missed_at`: the last hour that was to take place, if they did not come;
    `late_cancelled_at`: called off late since the last one held; `next_at`: booked and to come;
    `read_at`: the session that was read last.
    """

    client_id: UUID
    sessions: int
    next_at: datetime | None
    late_cancelled_at: datetime | None
    missed_at: datetime | None
    read_at: datetime | None


def calendars(tx: Tx, scope: Scope, client_ids: list[UUID], *, now: datetime) -> dict[UUID, Calendar]:
    """For each client what became of their hours."""
    rows = tx.rows(
        f"""
        SELECT t.client_id, held.sessions, next.starts_at AS next_at, late.starts_at AS late_cancelled_at,
               CASE WHEN last.status = 'missed' THEN last.starts_at END AS missed_at, last_read.starts_at AS read_at
          FROM allocation t
          JOIN LATERAL (SELECT count(*)::int AS sessions, max(starts_at) AS last_at FROM hour h
               WHERE h.client_id = t.client_id AND h.practitioner_id = t.practitioner_id AND h.status = 'held') held
               ON true
          LEFT JOIN LATERAL (SELECT status, starts_at FROM hour h
               WHERE h.client_id = t.client_id AND h.practitioner_id = t.practitioner_id
                 AND h.status IN ('held', 'missed') ORDER BY starts_at DESC LIMIT 1) last ON true
          LEFT JOIN LATERAL (SELECT max(starts_at) AS starts_at FROM hour h
               WHERE h.client_id = t.client_id AND h.practitioner_id = t.practitioner_id
                 AND h.status = 'cancelled' AND h.late
                 AND h.starts_at > coalesce(held.last_at, '-infinity')) late ON true
          LEFT JOIN LATERAL (SELECT min(starts_at) AS starts_at FROM hour h
               WHERE h.client_id = t.client_id AND h.practitioner_id = t.practitioner_id
                 AND h.status = 'booked' AND h.starts_at > %(now)s) next ON true
          LEFT JOIN LATERAL (SELECT h.starts_at FROM reading r
               JOIN course c ON c.id = r.course_id AND c.construct = 'alliance'
               JOIN hour h ON h.appointment_id = r.appointment_id
               WHERE c.client_id = t.client_id AND c.practitioner_id = t.practitioner_id AND r.superseded_at IS NULL
                 AND r.detail ->> 'missing' IS DISTINCT FROM 'awaited'
               ORDER BY h.starts_at DESC LIMIT 1) last_read ON true
         WHERE t.ended_at IS NULL AND t.client_id = ANY(%(clients)s) AND {VISIBLE}""",
        {"clients": client_ids, "now": now, **clinical(scope)},
    )
    return {row["client_id"]: Calendar(**row) for row in rows}


def troubles_of(tx: Tx, scope: Scope, cases: Sequence[CaseRow], *, now: datetime) -> dict[UUID, Trouble]:
    """What is known of each client of a caseload but for their outcome; who may see which part comes after."""
    found = calendars(tx, scope, [case.client_id for case in cases], now=now)
    return {case.client_id: _trouble(case, found[case.client_id], tx.zone) for case in cases}


def _trouble(case: CaseRow, calendar: Calendar, zone: tzinfo) -> Trouble:
    codes = {signal["code"] for signal in case.signals}
    return Trouble(
        state=State(case.state) if case.state and case.episode_id else None,
        episode_since=case.episode_opened_at,
        unseen_since=calendar.read_at if Code.UNSEEN in codes else None,
        silent_since=calendar.read_at if Code.SILENCE in codes else None,
        missed_at=calendar.missed_at,
        late_cancelled_at=calendar.late_cancelled_at,
        has_next=calendar.next_at is not None,
        sessions=calendar.sessions,
        zone=zone,
    )


def latest_notes(tx: Tx, scope: Scope, client_ids: list[UUID]) -> dict[UUID, KeptReachNote]:
    """The latest note that stands, by client."""
    rows = tx.rows(
        "SELECT DISTINCT ON (t.client_id) t.id, t.client_id, t.kind, t.reached_on, t.reason, t.parts, t.noted_by, "
        "t.noted_at FROM reach_out_note t WHERE t.client_id = ANY(%(clients)s) AND t.withdrawn_at IS NULL "
        f"AND {VISIBLE} ORDER BY t.client_id, t.noted_at DESC, t.id DESC",
        {"clients": client_ids, **clinical(scope)},
    )
    return {row["client_id"]: _note(row) for row in rows}


def add_note(tx: Tx, note: KeptReachNote) -> None:
    parts = {part: since.isoformat() if since else None for part, since in note.parts.items()}
    tx.execute(
        "INSERT INTO reach_out_note (id, client_id, kind, reached_on, reason, parts, noted_by, noted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            note.id,
            note.client_id,
            note.kind,
            note.reached_on,
            note.reason,
            Jsonb(parts),
            note.noted_by,
            note.noted_at,
        ),
    )


def withdraw_note(tx: Tx, scope: Scope, client_id: UUID, note_id: UUID, *, now: datetime) -> bool:
    """It no longer counts; False where no such note stands for this scope."""
    return (
        tx.execute(
            "UPDATE reach_out_note t SET withdrawn_by = %(by)s, withdrawn_at = %(now)s WHERE t.id = %(id)s "
            f"AND t.client_id = %(client)s AND t.withdrawn_at IS NULL AND {VISIBLE}",
            {"id": note_id, "client": client_id, "by": scope.actor, "now": now, **clinical(scope)},
        )
        > 0
    )


def _note(row: Row) -> KeptReachNote:
    parts = {part: datetime.fromisoformat(since) if since else None for part, since in row["parts"].items()}
    return KeptReachNote(**row | {"parts": parts})
