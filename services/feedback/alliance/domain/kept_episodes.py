"""An episode as it reads, put into the words in which it is kept: sessions with their ids and times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.feedback.alliance.domain.courses import Course, HeldSession
from services.feedback.alliance.domain.episodes import Episode
from services.feedback.alliance.domain.series import State

TRIED = (
    "asked_openly",
    "named_own_part",
    "slowed_down",
    "clarified_a_misunderstanding",
    "went_back_to_goals",
    "changed_the_way_of_working",
    "apologised",
    "brought_to_supervision",
    "nothing_yet",
)
NOTHING_YET = "nothing_yet"
NOT_YET_REASONS = (
    "not_met_since",
    "another_matter_came_first",
    "client_would_rather_not",
    "supervision_first",
    "unsure_how",
)
WITHIN = timedelta(days=1)  # a note can be taken back; ours


class NoteRefused(ValueError):
    """A note says nothing, or two things that cannot both be true."""


@dataclass(frozen=True, slots=True)
class EpisodeNote:
    """One note: the day it was talked about, or why not yet, and what was tried; any of them may be missing."""

    held_on: date | None = None
    not_yet: str | None = None
    tried: tuple[str, ...] = ()


def check_note(note: EpisodeNote) -> None:
    """Refuse a note that says nothing or contradicts itself; raises NoteRefused."""
    if note.held_on is None and note.not_yet is None and not note.tried:
        raise NoteRefused("Say on which day you talked about it, why not yet, or what was tried.")
    if note.held_on is not None and note.not_yet is not None:
        raise NoteRefused("It was talked about on a day, or not yet: only one of the two.")
    if NOTHING_YET in note.tried and len(set(note.tried)) > 1:
        raise NoteRefused("Something was tried, or nothing yet: only one of the two.")


def noted(notes: Sequence[EpisodeNote]) -> EpisodeNote:
    """
    What the notes say together; oldest first, withdrawn ones left out.

    The latest day counts; "not yet" counts until a day is given; what was tried adds up.
    """
    held_on: date | None = None
    not_yet: str | None = None
    tried: set[str] = set()
    for note in notes:
        if note.held_on is not None:
            held_on, not_yet = note.held_on, None
        elif note.not_yet is not None and held_on is None:
            not_yet = note.not_yet
        tried |= set(note.tried)
    return EpisodeNote(held_on, not_yet, in_order(tried))


def in_order(tried: Iterable[str]) -> tuple[str, ...]:
    """As the prompt list has them; "nothing yet" only while nothing was tried."""
    found = set(tried)
    if len(found) > 1:
        found.discard(NOTHING_YET)
    return tuple(code for code in TRIED if code in found)


def may_withdraw(noted_at: datetime, now: datetime) -> bool:
    """A note can be taken back within a day."""
    return now <= noted_at + WITHIN


@dataclass(frozen=True, slots=True)
class KeptEpisode:
    """
    An episode as it is kept. Times are those of its sessions; `version` counts its changes, `told` its events.

    `owner_id` is who follows it through, None for the practitioner; `last_noted_at` the latest
    note that stands; `closed_by_id` the person who closed it, where a person did.
    """

    id: UUID
    version: int
    course_id: UUID
    client_id: UUID
    practitioner_id: UUID
    state: str
    opened_session: int
    opened_appointment: UUID
    opened_at: datetime
    opened_by: tuple[str, ...]
    lead_in_session: int | None
    m_pre: float | None
    s_pre: float | None
    lowest: float | None
    verdict: str | None
    checkins: int
    late: bool
    noticed_at: datetime
    told: int = 1
    closed_session: int | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    conversation_held_on: date | None = None
    conversation_noted_by: UUID | None = None
    owner_id: UUID | None = None
    not_yet: str | None = None
    tried: tuple[str, ...] = ()
    last_noted_at: datetime | None = None
    closed_by: str | None = None
    closed_by_id: UUID | None = None

    @property
    def followed_by(self) -> UUID:
        return self.owner_id or self.practitioner_id

    @property
    def undo_until(self) -> datetime | None:
        """Until when its last note can be taken back; None without a note."""
        return None if self.last_noted_at is None else self.last_noted_at + WITHIN


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """An episode and whose it is."""

    spoken_code: str
    episode: KeptEpisode


def as_opened(
    episode_id: UUID, course: Course, episode: Episode, held: Sequence[HeldSession], *, noticed_at: datetime
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


def as_read_now(old: KeptEpisode, episode: Episode, held: Sequence[HeldSession]) -> KeptEpisode:
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


class EpisodeUnknown(Exception):
    """There is no such episode, or not for the one who asks."""


class EpisodeClosed(Exception):
    """The episode is closed already."""


class EpisodeNotReady(Exception):
    """Only an episode that reads as unrepaired can be closed by a person; until then it is followed."""


class EpisodeOpen(Exception):
    """An episode is open: close it with its reason, and the usual range begins anew."""


class EpisodeChanged(Exception):
    """The episode changed since it was read; read it again and decide anew."""


class DateNotPossible(Exception):
    """The conversation cannot have been held on that day."""


class NoteNotYours(Exception):
    """A colleague made this note; they or the clinical lead can take it back."""


class NothingToWithdraw(Exception):
    """No note stands here that could still be taken back."""


class NotAnOwner(Exception):
    """Whoever follows an episode through must be able to see it."""
