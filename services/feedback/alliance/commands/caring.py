"""What people do about an episode: talk about it, close it with a reason, begin the usual range anew."""

from datetime import date, datetime
from uuid import UUID

from services.feedback.alliance.commands.episodes import kept_episode, lock_with_episode, note_episode
from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Decided, KeptEpisode
from services.feedback.alliance.domain.episode_notes import EpisodeNote
from services.feedback.alliance.domain.episodes import PERSONS_REASONS
from services.feedback.alliance.domain.series import State
from services.feedback.alliance.store import courses, episodes
from services.feedback.domain.refusals import ClientUnknown, EpisodeClosed, EpisodeNotReady, EpisodeOpen
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


def hold_conversation(
    tx: Tx, episode_id: UUID, held_on: date, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """Note that the two of them talked about it, and on which day; raises as `note_episode`."""
    note = EpisodeNote(held_on=held_on)
    return note_episode(tx, episode_id, note, expected_version=expected_version, scope=scope, now=now)


def close_episode(
    tx: Tx, episode_id: UUID, reason: str, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """
    Close an episode that stayed unrepaired, with a reason; a new usual range is learnt from here on.

    Raises:
        EpisodeUnknown, EpisodeChanged, EpisodeClosed. EpisodeNotReady: it is still being followed.
    """
    course, episode = lock_with_episode(tx, episode_id, expected_version, scope)
    if episode.close_reason is not None:
        raise EpisodeClosed("This episode is closed already.")
    if episode.state != State.UNREPAIRED or reason not in PERSONS_REASONS:
        raise EpisodeNotReady("Only an episode that reads as unrepaired is closed by a person.")
    audit.record(tx, scope, "episode.closed", about=[episode.client_id], fields=["close_reason"], now=now)
    decided = Decided(now, "closed", reason, _role(scope))
    courses.add_decision(tx, uuid7(), course.id, decided, scope.actor)
    reread(tx, course, now=now)
    return kept_episode(tx, episode_id)


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


def _role(scope: Scope) -> str:
    return next((role for role in ("clinical_lead", "therapist") if scope.has(role)), "staff")
