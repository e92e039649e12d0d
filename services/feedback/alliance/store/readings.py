"""Readings: superseded when a session reads differently, never erased."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.alliance.domain.courses import Course, Decided, HeldSession
from services.feedback.alliance.domain.details import CoursePoint
from services.feedback.alliance.domain.kept_episodes import KeptEpisode
from services.feedback.alliance.store import courses, episodes, rules, sessions
from services.feedback.care.store.visibility import VISIBLE, clinical
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class KeptReading:
    """The reading of one session with all numbers it went by, as plain JSON in `detail`."""

    id: UUID
    appointment_id: UUID
    session_number: int
    state: str
    signals: list[str]
    detail: dict[str, Any]
    rules_version: str


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a course is read from, and how it read before: the rules in force, its sessions, what was decided."""

    rules_version: str
    held: list[HeldSession]
    decided: list[Decided]
    readings: dict[UUID, KeptReading]
    episodes: list[KeptEpisode]


def material_of(tx: Tx, scope: Scope, course: Course, *, now: datetime) -> Material:
    """All that a course is read from, in one round trip; readings in force by appointment."""
    switches, held, decided, kept, opened = tx.together(
        rules.in_force_query(scope),
        sessions.held_query(scope, course, now=now),
        courses.decided_query(scope, course),
        (
            (
                "SELECT r.id, r.appointment_id, r.session_number, r.state, r.signals, r.detail, r.rules_version "
                "FROM reading r JOIN course t ON t.id = r.course_id "
                f"WHERE r.course_id = %(course)s AND r.superseded_at IS NULL AND {VISIBLE}"
            ),
            {"course": course.id, **clinical(scope)},
        ),
        episodes.episodes_query(scope, course.id),
    )
    return Material(
        rules_version=switches[0]["version"] if switches else rules.AS_NEW.version,
        held=[HeldSession(**row) for row in held],
        decided=[Decided(**row) for row in decided],
        readings={row["appointment_id"]: KeptReading(**row) for row in kept},
        episodes=[episodes.as_kept(**row) for row in opened],
    )


def supersede(tx: Tx, reading_ids: list[UUID], *, now: datetime) -> None:
    """These no longer hold; they stay readable."""
    tx.execute("UPDATE reading SET superseded_at = %s WHERE id = ANY(%s)", (now, reading_ids))


def add_readings(tx: Tx, course_id: UUID, readings: list[KeptReading], *, now: datetime) -> None:
    tx.many(
        "INSERT INTO reading (id, course_id, appointment_id, session_number, state, signals, detail, rules_version, "
        "read_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (
                r.id,
                course_id,
                r.appointment_id,
                r.session_number,
                r.state,
                r.signals,
                Jsonb(r.detail),
                r.rules_version,
                now,
            )
            for r in readings
        ],
    )


def points(tx: Tx, scope: Scope, course_id: UUID) -> list[CoursePoint]:
    """The readings in force, in the order of their sessions."""
    return tx.rows_as(
        CoursePoint,
        "SELECT r.appointment_id, r.session_number, r.state, r.detail, r.rules_version, r.read_at, h.starts_at, "
        "(SELECT max(c.recorded_at) FROM offer o JOIN checkin c ON c.offer_id = o.id AND c.side = 'client' AND c.shown "
        "  WHERE o.course_id = r.course_id AND o.appointment_id = r.appointment_id) AS recorded_at, "
        "EXISTS (SELECT 1 FROM reading old WHERE old.course_id = r.course_id "
        "  AND old.appointment_id = r.appointment_id AND old.superseded_at IS NOT NULL "
        "  AND old.rules_version = r.rules_version "
        "  AND coalesce(old.detail ->> 'missing', '') NOT IN ('awaited', 'shared_later', 'not_shared') "
        "  AND (old.session_number, old.detail -> 'total', old.detail -> 'm', old.detail -> 'said') IS DISTINCT FROM "
        "      (r.session_number, r.detail -> 'total', r.detail -> 'm', r.detail -> 'said')) AS corrected "
        "FROM reading r JOIN course t ON t.id = r.course_id JOIN hour h ON h.appointment_id = r.appointment_id "
        f"WHERE r.course_id = %(course)s AND r.superseded_at IS NULL AND {VISIBLE} ORDER BY r.session_number",
        {"course": course_id, **clinical(scope)},
    )
