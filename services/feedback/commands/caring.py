"""What people do about an episode: talk about it, close it with a reason, begin the usual range anew."""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.feedback.commands.rereading import READER, reread
from services.feedback.domain.courses import Course, Decided, KeptEpisode
from services.feedback.domain.episodes import PERSONS_REASONS
from services.feedback.domain.refusals import (
    ClientUnknown,
    DateNotPossible,
    EpisodeChanged,
    EpisodeClosed,
    EpisodeNotReady,
    EpisodeOpen,
    EpisodeUnknown,
)
from services.feedback.domain.series import State
from services.feedback.store import courses, episodes
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


def hold_conversation(
    tx: Tx, episode_id: UUID, held_on: date, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """
    Note that the two of them talked about it, and on which day.

    Raises:
        EpisodeUnknown, EpisodeChanged. DateNotPossible: in the future, or before the
            session with which it opened.
    """
    _, episode = _lock(tx, episode_id, expected_version, scope)
    # A day's grace either way: the clinic's calendar day is not always UTC's.
    grace = timedelta(days=1)
    if not episode.opened_at.date() - grace <= held_on <= now.date() + grace:
        raise DateNotPossible("The conversation lies in the future, or before the session it is about.")
    audit.record(
        tx, scope, "episode.conversation_noted", about=[episode.client_id], fields=["conversation_held_on"], now=now
    )
    episodes.note_conversation(tx, episode_id, held_on=held_on, noted_by=scope.actor)
    return _kept(tx, episode_id)


def close_episode(
    tx: Tx, episode_id: UUID, reason: str, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """
    Close an episode that stayed unrepaired, with a reason; a new usual range is learnt from here on.

    Raises:
        EpisodeUnknown, EpisodeChanged, EpisodeClosed. EpisodeNotReady: it is still being followed.
    """
    course, episode = _lock(tx, episode_id, expected_version, scope)
    if episode.close_reason is not None:
        raise EpisodeClosed("This episode is closed already.")
    if episode.state != State.UNREPAIRED or reason not in PERSONS_REASONS:
        raise EpisodeNotReady("Only an episode that reads as unrepaired is closed by a person.")
    audit.record(tx, scope, "episode.closed", about=[episode.client_id], fields=["close_reason"], now=now)
    decided = Decided(now, "closed", reason, _role(scope))
    courses.add_decision(tx, uuid7(), course.id, decided, scope.actor)
    reread(tx, course, now=now)
    return _kept(tx, episode_id)


def restart_usual_range(tx: Tx, client_id: UUID, reason: str, *, scope: Scope, now: datetime) -> None:
    """
    Begin the usual range anew from here on, as when sessions move to video; the history stays.

    Raises:
        ClientUnknown. EpisodeOpen: close it first, which begins the range anew too.
    """
    standing = courses.standing_of(tx, scope, client_id)
    course = courses.lock_course(tx, scope, standing["course_id"]) if standing and standing["course_id"] else None
    if course is None:
        raise ClientUnknown("There is no course of such a client.")
    if any(episode.close_reason is None for episode in episodes.episodes_of(tx, scope, course.id)):
        raise EpisodeOpen("An episode is open: close it with its reason, and the usual range begins anew.")
    audit.record(tx, scope, "course.restarted", about=[client_id], fields=["reason"], now=now)
    courses.add_decision(tx, uuid7(), course.id, Decided(now, "restarted", reason, _role(scope)), scope.actor)
    reread(tx, course, now=now)


def _lock(tx: Tx, episode_id: UUID, expected_version: int, scope: Scope) -> tuple[Course, KeptEpisode]:
    course_id = episodes.course_of_episode(tx, scope, episode_id)
    course = courses.lock_course(tx, scope, course_id) if course_id else None
    episode = episodes.lock_episode(tx, scope, episode_id) if course else None
    if course is None or episode is None:
        raise EpisodeUnknown("There is no such episode.")
    if episode.version != expected_version:
        raise EpisodeChanged("The episode changed since it was read; read it again and decide anew.")
    return course, episode


def _kept(tx: Tx, episode_id: UUID) -> KeptEpisode:
    episode = episodes.lock_episode(tx, READER, episode_id)
    assert episode is not None  # locked above
    return episode


def _role(scope: Scope) -> str:
    return next((role for role in ("clinical_lead", "therapist") if scope.has(role)), "staff")
