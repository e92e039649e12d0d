"""What feedback publishes about readings and episodes. The files in shared/contracts are the truth."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from services.feedback.alliance.domain.courses import Course
from services.feedback.alliance.domain.kept_episodes import KeptEpisode
from shared.envelope import Event
from shared.events import EventData, checked


class ReadingData(EventData):
    course_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)
    appointment_id = fields.UUID(required=True)
    session_number = fields.Integer(required=True, strict=True)
    state = fields.String(required=True)
    signals = fields.List(fields.String(), required=True)
    rules_version = fields.String(required=True)
    read_at = fields.AwareDateTime(required=True)


class _EpisodeData(EventData):
    episode_id = fields.UUID(required=True)
    client_id = fields.UUID(required=True)
    practitioner_id = fields.UUID(required=True)


class EpisodeOpenedData(_EpisodeData):
    opened_by = fields.List(fields.String(), required=True, validate=validate.Length(min=1))
    opened_at = fields.AwareDateTime(required=True)


class EpisodeChangedData(_EpisodeData):
    state = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)


class EpisodeClosedData(_EpisodeData):
    state = fields.String(required=True)
    late = fields.Boolean(required=True)
    close_reason = fields.String(required=True)
    sessions = fields.Integer(required=True, strict=True)
    closed_at = fields.AwareDateTime(required=True)


def reading_updated(
    course: Course, version: int, appointment_id: UUID, number: int, state: str, signals: Sequence[str], now: datetime
) -> Event:
    """A session was read, or reads differently now."""
    data = {
        "course_id": course.id,
        "client_id": course.client_id,
        "practitioner_id": course.practitioner_id,
        "appointment_id": appointment_id,
        "session_number": number,
        "state": state,
        "signals": list(signals),
        "rules_version": course.rules_version,
        "read_at": now,
    }
    event = Event("feedback", "reading.updated.v1", f"course/{course.id}", course.client_id, version, now, data)
    return checked(ReadingData, event)


def episode_opened(episode: KeptEpisode, *, now: datetime) -> Event:
    about = {"opened_by": list(episode.opened_by), "opened_at": episode.opened_at}
    return _about_episode("episode.opened", EpisodeOpenedData, episode, about, now)


def episode_changed(episode: KeptEpisode, *, now: datetime) -> Event:
    return _about_episode(
        "episode.changed", EpisodeChangedData, episode, {"state": episode.state, "changed_at": now}, now
    )


def episode_closed(episode: KeptEpisode, *, now: datetime) -> Event:
    about = {
        "state": episode.state,
        "late": episode.late,
        "close_reason": episode.close_reason,
        "sessions": episode.checkins,
        "closed_at": episode.closed_at,
    }
    return _about_episode("episode.closed", EpisodeClosedData, episode, about, now)


def _about_episode(
    kind: str, schema: type[Schema], episode: KeptEpisode, about: Mapping[str, Any], now: datetime
) -> Event:
    ids = {
        "episode_id": episode.id,
        "client_id": episode.client_id,
        "practitioner_id": episode.practitioner_id,
    }
    return checked(
        schema,
        Event(
            "feedback", f"{kind}.v1", f"episode/{episode.id}", episode.client_id, episode.told, now, ids | dict(about)
        ),
    )
