"""A client's earlier courses with other therapists: how it went, session by session, without anybody's words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.details import CoursePoint
from services.feedback.alliance.domain.episodes import SUPERSEDED
from services.feedback.alliance.domain.kept_episodes import KeptEpisode
from services.feedback.alliance.store import courses, episodes, readings
from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.measures.domain import Measure
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class EarlierCourse:
    """One earlier course; read-only, and no part of what is usual now."""

    course_id: UUID
    practitioner_id: UUID
    measure: Measure
    ended_at: datetime | None
    points: list[CoursePoint]
    episodes: list[KeptEpisode]


def history_of(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> list[EarlierCourse]:
    """
    The courses before the present one, oldest first.

    Told are totals, usual range and states, and what became of each episode. Not told: wishes,
    answers, what was noted or tried, and the former therapist's own impressions (docs/adr/0012).

    Raises:
        ClientUnknown: also for a colleague's client.
    """
    standing = courses.standing_of(tx, scope, client_id)
    if standing is None:
        raise ClientUnknown("There is no such client.")
    audit.record(tx, scope, "history.read", about=[client_id], fields=["totals", "episodes"], now=now)
    return [
        EarlierCourse(
            course_id=row.id,
            practitioner_id=row.practitioner_id,
            measure=definitions.measure(row.measure_id, row.measure_version),
            ended_at=row.ended_at,
            points=readings.points(tx, scope, row.id),
            episodes=[e for e in episodes.episodes_of(tx, scope, row.id) if e.close_reason != SUPERSEDED],
        )
        for row in courses.earlier_courses(tx, scope, client_id, standing.practitioner_id)
    ]
