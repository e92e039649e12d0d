"""What people note about an episode, taking a note back, and handing an episode over."""

from datetime import date, datetime, tzinfo
from uuid import UUID

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Course, Decided
from services.feedback.alliance.domain.episodes import PERSONS_REASONS, SUPERSEDED
from services.feedback.alliance.domain.kept_episodes import (
    DateNotPossible,
    EpisodeChanged,
    EpisodeClosed,
    EpisodeNote,
    EpisodeNotReady,
    EpisodeOpen,
    EpisodeUnknown,
    KeptEpisode,
    NotAnOwner,
    NoteNotYours,
    NothingToWithdraw,
    check_note,
    may_withdraw,
    noted,
)
from services.feedback.alliance.domain.series import State
from services.feedback.alliance.store import courses, episode_notes, episodes
from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.domain.days import local_day
from services.feedback.care.store.visibility import THIS_SERVICE
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


def note_episode(
    tx: Tx, episode_id: UUID, note: EpisodeNote, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """
    Note that it was talked about, or why not yet, and what was tried.

    Raises:
        EpisodeUnknown, EpisodeChanged, NoteRefused. EpisodeClosed: a correction left nothing of it.
        DateNotPossible: in the future, or before the session with which it opened.
    """
    _, episode = lock_with_episode(tx, episode_id, expected_version, scope)
    if episode.close_reason == SUPERSEDED:
        raise EpisodeClosed("A correction left nothing of this episode.")
    check_note(note)
    if note.held_on is not None:
        _check_day(note.held_on, episode, tx.zone, now)
    given = [name for name in ("held_on", "not_yet", "tried") if getattr(note, name)]
    audit.record(tx, scope, "episode.noted", about=[episode.client_id], fields=given, now=now)
    episode_notes.add_note(tx, uuid7(), episode_id, note, by=scope.actor, now=now)
    _sum_up(tx, episode_id)
    return kept_episode(tx, episode_id)


def withdraw_last_note(tx: Tx, episode_id: UUID, *, expected_version: int, scope: Scope, now: datetime) -> KeptEpisode:
    """
    Take the latest note back, within a day of it; what the notes before it said counts again.

    Raises:
        EpisodeUnknown, EpisodeChanged, NothingToWithdraw. NoteNotYours: a colleague noted it.
    """
    _, episode = lock_with_episode(tx, episode_id, expected_version, scope)
    last = next(reversed(episode_notes.notes_of(tx, episode_id)), None)
    if last is None or not may_withdraw(last.noted_at, now):
        raise NothingToWithdraw("No note of the last day stands here.")
    if scope.actor != last.noted_by and not scope.has("clinical_lead"):
        raise NoteNotYours("A colleague noted this; they or the clinical lead can take it back.")
    audit.record(tx, scope, "episode.note_withdrawn", about=[episode.client_id], now=now)
    episode_notes.withdraw_note(tx, last.id, by=scope.actor, now=now)
    _sum_up(tx, episode_id)
    return kept_episode(tx, episode_id)


def hand_over(
    tx: Tx, episode_id: UUID, owner_id: UUID, *, expected_version: int, scope: Scope, now: datetime
) -> KeptEpisode:
    """
    Give an open episode to whoever follows it through from now on.

    Owning opens no file: only those who see it already can own it, which are its practitioner
    and the clinical lead who takes it on.

    Raises:
        EpisodeUnknown, EpisodeChanged, EpisodeClosed, NotAnOwner.
    """
    _, episode = lock_with_episode(tx, episode_id, expected_version, scope)
    if episode.close_reason is not None:
        raise EpisodeClosed("This episode is closed already.")
    if owner_id not in {episode.practitioner_id, scope.actor}:
        raise NotAnOwner("An episode is followed through by its practitioner, or by the lead who takes it on.")
    audit.record(tx, scope, "episode.handed_over", about=[episode.client_id], fields=["owner_id"], now=now)
    episode_notes.keep_owner(tx, episode_id, None if owner_id == episode.practitioner_id else owner_id)
    return kept_episode(tx, episode_id)


def lock_with_episode(tx: Tx, episode_id: UUID, expected_version: int, scope: Scope) -> tuple[Course, KeptEpisode]:
    """An episode and its course, the course locked first, as everywhere; raises EpisodeUnknown, EpisodeChanged."""
    course_id = episodes.course_of_episode(tx, scope, episode_id)
    course = courses.lock_course(tx, scope, course_id) if course_id else None
    episode = episodes.lock_episode(tx, scope, episode_id) if course else None
    if course is None or episode is None:
        raise EpisodeUnknown("There is no such episode.")
    if episode.version != expected_version:
        raise EpisodeChanged("The episode changed since it was read; read it again and decide anew.")
    return course, episode


def kept_episode(tx: Tx, episode_id: UUID) -> KeptEpisode:
    """An episode that was locked before, as it is kept now."""
    episode = episodes.lock_episode(tx, THIS_SERVICE, episode_id)
    assert episode is not None  # locked above
    return episode


def _check_day(held_on: date, episode: KeptEpisode, zone: tzinfo, now: datetime) -> None:
    if not local_day(episode.opened_at, zone) <= held_on <= local_day(now, zone):
        raise DateNotPossible("The conversation lies in the future, or before the session it is about.")


def _sum_up(tx: Tx, episode_id: UUID) -> None:
    kept = episode_notes.notes_of(tx, episode_id)
    standing = noted([one.note for one in kept])
    held_by = next((one.noted_by for one in reversed(kept) if one.note.held_on is not None), None)
    episode_notes.keep_noted(tx, episode_id, standing, by=held_by)


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
    course = courses.lock_course(tx, scope, standing.course_id) if standing and standing.course_id else None
    if course is None:
        raise ClientUnknown("There is no course of such a client.")
    if any(episode.close_reason is None for episode in episodes.episodes_of(tx, scope, course.id)):
        raise EpisodeOpen("An episode is open: close it with its reason, and the usual range begins anew.")
    audit.record(tx, scope, "course.restarted", about=[client_id], fields=["reason"], now=now)
    courses.add_decision(tx, uuid7(), course.id, Decided(now, "restarted", reason, _role(scope)), scope.actor)
    reread(tx, course, now=now)


def _role(scope: Scope) -> str:
    return next((role for role in ("clinical_lead", "therapist") if scope.has(role)), "staff")
