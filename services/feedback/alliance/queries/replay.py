"""A course read again by other rules: what they would have said, told like the course itself, and nothing kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.courses import Course, KeptEpisode, series_of
from services.feedback.alliance.domain.details import detail_of, plain_sentence
from services.feedback.alliance.domain.kept_episodes import as_opened, as_read_now
from services.feedback.alliance.domain.reader import read
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.store import courses
from services.feedback.alliance.store import sessions as hours
from shared.database import Row, Tx
from shared.scope import Scope

NOT_KEPT = UUID(int=0)  # an episode of a replay has no id of its own, and version 0


@dataclass(frozen=True, slots=True)
class Replay:
    """Points and episodes in the shape in which kept ones are read."""

    points: list[Row]
    episodes: list[KeptEpisode]
    state: str
    sentence: dict[str, Any]
    too_early: bool


def replay(tx: Tx, course: Course, rules: ReaderRules, *, scope: Scope, now: datetime) -> Replay:
    """Read what may be seen now by these rules."""
    held = hours.held_hours(tx, scope, course, now=now)
    series = series_of(held, courses.decided(tx, scope, course.id, course.client_id, course.practitioner_id), tx.zone)
    result = read(series, rules)
    points: list[Row] = [
        {
            "appointment_id": hour.appointment_id,
            "session_number": reading.session,
            "state": str(reading.state),
            "detail": detail_of(reading, session, rules),
            "rules_version": rules.version,
            "read_at": now,
            "starts_at": hour.starts_at,
            "recorded_at": hour.recorded_at,
            "corrected": False,
        }
        for reading, session, hour in zip(result.readings, series.sessions, held, strict=True)
    ]
    told = [
        replace(as_read_now(as_opened(NOT_KEPT, course, e, held, noticed_at=now), e, held), version=0)
        for e in result.episodes
    ]
    return Replay(points, told, str(result.state), plain_sentence(result.sentence), result.too_early)
