"""An episode as it reads, put into the words in which it is kept: sessions with their ids and times."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.courses import Course, Hour, KeptEpisode
from services.feedback.alliance.domain.episodes import Episode
from services.feedback.alliance.domain.series import State


def as_opened(
    episode_id: UUID, course: Course, episode: Episode, held: Sequence[Hour], *, noticed_at: datetime
) -> KeptEpisode:
    """The episode at its opening session; `held` are the sessions it was read from."""
    first = held[episode.opened - 1]
    return KeptEpisode(
        id=episode_id,
        version=1,
        course_id=course.id,
        client_id=course.client_id,
        practitioner_id=course.practitioner_id,
        state=str(State.RUPTURE),
        opened_session=episode.opened,
        opened_appointment=first.appointment_id,
        opened_at=first.starts_at,
        opened_by=tuple(str(code) for code in episode.opened_by),
        lead_in_session=episode.lead_in,
        m_pre=episode.m_pre,
        s_pre=episode.s_pre,
        lowest=episode.lowest,
        verdict=None,
        checkins=0,
        late=False,
        noticed_at=noticed_at,
    )


def as_read_now(old: KeptEpisode, episode: Episode, held: Sequence[Hour]) -> KeptEpisode:
    """The same kept episode after everything that was read; what people noted about it stays."""
    first = held[episode.opened - 1]
    return replace(
        old,
        state=str(episode.state),
        opened_session=episode.opened,
        opened_appointment=first.appointment_id,
        opened_at=first.starts_at,
        opened_by=tuple(str(code) for code in episode.opened_by),
        lead_in_session=episode.lead_in,
        m_pre=episode.m_pre,
        s_pre=episode.s_pre,
        lowest=episode.lowest,
        verdict=str(episode.verdict) if episode.verdict else None,
        checkins=episode.k,
        late=episode.late,
        closed_session=episode.closed,
        closed_at=episode.decided_at if episode.closed is None else held[episode.closed - 1].starts_at,
        close_reason=episode.close_reason,
        closed_by=episode.closed_by,
    )
