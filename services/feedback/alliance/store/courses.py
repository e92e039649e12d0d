"""Courses: found or begun, locked before anything about them is written."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.alliance.domain.courses import Course, Decided
from services.feedback.care.store.visibility import VISIBLE, clinical, desk
from shared.database import Statement, Tx
from shared.scope import Scope

# The course that says how a pair gets on: on the alliance measure answered last, where there are several.
# Put after LEFT JOIN LATERAL; the pair's row must be called t.
ALLIANCE = (
    "(SELECT k.* FROM course k WHERE k.client_id = t.client_id AND k.practitioner_id = t.practitioner_id "
    "AND k.construct = 'alliance' ORDER BY (SELECT max(h.recorded_at) FROM offer o JOIN checkin h ON h.offer_id = o.id "
    "WHERE o.course_id = k.id AND h.side = 'client') DESC NULLS LAST, k.created_at, k.id LIMIT 1) c ON true "
)
_COLUMNS = "id, client_id, practitioner_id, measure_id, measure_version, rules_version, version"


def begin_course(tx: Tx, new: Course, construct: str, *, now: datetime) -> Course:
    """The course of this pair on this measure, begun if it is not there, and locked either way."""
    tx.execute(
        f"INSERT INTO course ({_COLUMNS}, construct, created_at) VALUES (%(id)s, %(client_id)s, %(practitioner_id)s, "
        "%(measure_id)s, %(measure_version)s, %(rules_version)s, 0, %(construct)s, %(now)s) "
        "ON CONFLICT (client_id, practitioner_id, measure_id) DO NOTHING",
        asdict(new) | {"construct": construct, "now": now},
    )
    course = tx.row_as(
        Course,
        f"SELECT {_COLUMNS} FROM course WHERE client_id = %s AND practitioner_id = %s AND measure_id = %s FOR UPDATE",
        (new.client_id, new.practitioner_id, new.measure_id),
    )
    assert course is not None  # inserted just now, or there before
    return course


def lock_course(tx: Tx, scope: Scope, course_id: UUID) -> Course | None:
    """One writer per course, so that readings follow one another and versions have no gap."""
    return tx.row_as(
        Course,
        f"SELECT {_COLUMNS} FROM course t WHERE t.id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": course_id, **clinical(scope)},
    )


def lock_course_for_desk(tx: Tx, scope: Scope, course_id: UUID) -> Course | None:
    """As `lock_course`, for those who may know that a form is out: which course it is says no more."""
    return tx.row_as(
        Course,
        f"SELECT {_COLUMNS} FROM course t WHERE t.id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": course_id, **desk(scope)},
    )


def read_courses_of(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID) -> list[UUID]:
    """The courses of a pair that are read session by session; for this service's own work."""
    rows = tx.rows(
        "SELECT id FROM course WHERE client_id = %s AND practitioner_id = %s AND construct = 'alliance' AND %s "
        "ORDER BY id",
        (client_id, practitioner_id, scope.is_system),
    )
    return [row["id"] for row in rows]


def keep_standing(
    tx: Tx, course: Course, *, state: str, sentence: Mapping[str, Any], too_early: bool, sessions: int
) -> None:
    """Keep how a course stands after it was read, and the number of its events."""
    tx.execute(
        "UPDATE course SET version = %(version)s, rules_version = %(rules)s, state = %(state)s, "
        "sentence = %(sentence)s, too_early = %(too_early)s, sessions = %(sessions)s WHERE id = %(id)s",
        {
            "state": state,
            "sentence": Jsonb(sentence),
            "too_early": too_early,
            "sessions": sessions,
            "id": course.id,
            "version": course.version,
            "rules": course.rules_version,
        },
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A client, whose client they are, and their course as it stands; without one yet, what is about it is None."""

    client_id: UUID
    spoken_code: str | None
    practitioner_id: UUID
    course_id: UUID | None
    measure_id: str | None
    measure_version: int | None
    rules_version: str | None
    state: str | None
    sentence: dict[str, Any] | None
    too_early: bool | None
    sessions: int
    allocated_at: datetime
    ended_at: datetime | None

    @property
    def course(self) -> Course | None:
        """The course, not locked; None before the first form."""
        if self.course_id is None or self.measure_id is None or self.measure_version is None:
            return None
        return Course(
            id=self.course_id,
            client_id=self.client_id,
            practitioner_id=self.practitioner_id,
            measure_id=self.measure_id,
            measure_version=self.measure_version,
            rules_version=self.rules_version or "",
            version=0,
        )


@dataclass(frozen=True, slots=True)
class PastCourse:
    """A course with another therapist than the present one; `ended_at` is when the pair's work ended."""

    id: UUID
    practitioner_id: UUID
    measure_id: str
    measure_version: int
    ended_at: datetime | None


def standing_of(tx: Tx, scope: Scope, client_id: UUID) -> Standing | None:
    """
    The client, whose client they are, and the course with that therapist as it stands.

    None when the scope does not open this client.
    """
    return tx.row_as(
        Standing,
        f"SELECT t.client_id, k.spoken_code, t.practitioner_id, c.id AS course_id, c.measure_id, c.measure_version, "
        "c.rules_version, c.state, c.sentence, c.too_early, coalesce(c.sessions, 0) AS sessions, "
        "t.allocated_at, t.ended_at "
        "FROM (SELECT client_id, practitioner_id, allocated_at, ended_at FROM allocation WHERE client_id = %(client)s "
        "      ORDER BY ended_at DESC NULLS FIRST, allocated_at DESC LIMIT 1) t "
        "LEFT JOIN client k ON k.client_id = t.client_id "
        f"LEFT JOIN LATERAL {ALLIANCE}"
        f"WHERE {VISIBLE}",
        {"client": client_id, **clinical(scope)},
    )


def earlier_courses(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID) -> list[PastCourse]:
    """The client's courses with others than this therapist that have sessions, and when the pair's work ended."""
    return tx.rows_as(
        PastCourse,
        "SELECT t.id, t.practitioner_id, t.measure_id, t.measure_version, "
        "(SELECT max(a.ended_at) FROM allocation a "
        " WHERE a.client_id = t.client_id AND a.practitioner_id = t.practitioner_id) AS ended_at "
        "FROM course t WHERE t.client_id = %(client)s AND t.practitioner_id <> %(practitioner)s "
        f"AND t.construct = 'alliance' AND t.sessions > 0 AND {VISIBLE} ORDER BY t.created_at, t.id",
        {"client": client_id, "practitioner": practitioner_id, **clinical(scope)},
    )


def add_decision(tx: Tx, decision_id: UUID, course_id: UUID, decided: Decided, decided_by: UUID | None) -> None:
    tx.execute(
        "INSERT INTO decision (id, course_id, kind, reason, role, decided_by, decided_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (decision_id, course_id, decided.kind, decided.reason, decided.role, decided_by, decided.at),
    )


def decided(tx: Tx, scope: Scope, course: Course) -> list[Decided]:
    """What persons decided about a course, and every end of this pair's work; oldest first."""
    return tx.rows_as(Decided, *decided_query(scope, course))


def decided_query(scope: Scope, course: Course) -> Statement:
    return (
        (
            "SELECT d.decided_at AS at, d.kind, d.reason, d.role FROM decision d JOIN course t ON t.id = d.course_id "
            f"WHERE d.course_id = %(course)s AND {VISIBLE} "
            "UNION ALL SELECT t.ended_at, 'ended', t.end_reason, '' FROM allocation t "
            "WHERE t.client_id = %(client)s AND t.practitioner_id = %(practitioner)s AND t.ended_at IS NOT NULL "
            f"AND {VISIBLE} ORDER BY at"
        ),
        {
            "course": course.id,
            "client": course.client_id,
            "practitioner": course.practitioner_id,
            **clinical(scope),
        },
    )
