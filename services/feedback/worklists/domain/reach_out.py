"""
The reach-out list: small reasons that add up to "a few warm words would do good".

The points are ours and validated by nobody. They are never a probability, and the parts are
always shown beside the sum: a person decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.domain.series import State
from services.feedback.care.domain.days import local_day


class Part(StrEnum):
    """One reason to reach out; `rupture` and `unseen_strain` are two grounds for the same points."""

    UNREPAIRED = "unrepaired"
    RUPTURE = "rupture"
    UNSEEN_STRAIN = "unseen_strain"
    SILENCE = "silence"
    MISSED = "missed"
    LATE_CANCELLATION = "late_cancellation"
    NO_NEXT = "no_next"
    DETERIORATED = "deteriorated"
    EARLY = "early"


# Ours and unvalidated: docs/sources.md.
POINTS: Mapping[Part, int] = {
    Part.UNREPAIRED: 3,
    Part.RUPTURE: 2,
    Part.UNSEEN_STRAIN: 2,
    Part.SILENCE: 2,
    Part.MISSED: 2,
    Part.LATE_CANCELLATION: 1,
    Part.NO_NEXT: 2,
    Part.DETERIORATED: 2,
    Part.EARLY: 1,
}
ON_THE_LIST = 5  # points
EARLY_SESSIONS = 4  # so far, at most
RESTS = timedelta(days=14)  # after somebody reached out, or decided not to
NOT_NOW_REASONS = ("in_contact_already", "agreed_pause", "would_rather_not", "other")


@dataclass(frozen=True, slots=True)
class Trouble:
    """
    What is known of one client on one day. Times say since when; None: it is not so.

    `state` is that of an open episode, None without one. `deteriorated` is the time of the
    answers that say so; `outcome_read` is False where no outcome measure could be read.
    `zone` is that of the days that sentences name.
    """

    state: State | None = None
    episode_since: datetime | None = None
    unseen_since: datetime | None = None
    silent_since: datetime | None = None
    missed_at: datetime | None = None
    late_cancelled_at: datetime | None = None
    has_next: bool = True
    deteriorated: datetime | None = None
    outcome_read: bool = False
    sessions: int = EARLY_SESSIONS + 1
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class ReachReason:
    """One part with its points and its sentence; `since` tells a new one from the same one."""

    part: Part
    sentence: Sentence
    since: datetime | None = None

    @property
    def points(self) -> int:
        return POINTS[self.part]


@dataclass(frozen=True, slots=True)
class ReachNote:
    """Somebody reached out on a day, or decided not to for now, when these parts stood there."""

    begins: date
    parts: Mapping[str, datetime | None]


def reasons(trouble: Trouble) -> tuple[ReachReason, ...]:
    """Every part that is so, the weightiest first."""
    found = [*_between_the_two(trouble), *_from_the_calendar(trouble)]
    if trouble.deteriorated is not None:
        found.append(ReachReason(Part.DETERIORATED, say("reach_deteriorated"), trouble.deteriorated))
    if trouble.sessions <= EARLY_SESSIONS:
        found.append(ReachReason(Part.EARLY, say("reach_early", n=trouble.sessions)))
    return tuple(sorted(found, key=lambda reason: (-reason.points, list(Part).index(reason.part))))


def points(found: Sequence[ReachReason]) -> int:
    """
    The sum.

    >>> points(reasons(Trouble(has_next=False, sessions=2)))
    3
    """
    return sum(reason.points for reason in found)


def is_on_the_list(found: Sequence[ReachReason]) -> bool:
    """True from five points on."""
    return points(found) >= ON_THE_LIST


def rests_until(note: ReachNote | None, found: Sequence[ReachReason], today: date) -> date | None:
    """
    The day until which a client rests from the list; None when they do not.

    For two weeks after a note, unless a part is there that was not there then.
    """
    if note is None or today >= note.begins + RESTS or any(_is_new(reason, note) for reason in found):
        return None
    return note.begins + RESTS


def _is_new(reason: ReachReason, note: ReachNote) -> bool:
    if reason.part not in note.parts:
        return True
    before = note.parts[reason.part]
    return reason.since is not None and (before is None or reason.since > before)


def _between_the_two(trouble: Trouble) -> list[ReachReason]:
    found = []
    if trouble.state is State.UNREPAIRED:
        found.append(ReachReason(Part.UNREPAIRED, say("reach_unrepaired"), trouble.episode_since))
    if trouble.state is State.RUPTURE:
        found.append(ReachReason(Part.RUPTURE, say("reach_rupture"), trouble.episode_since))
    elif trouble.unseen_since is not None:
        found.append(ReachReason(Part.UNSEEN_STRAIN, say("reach_unseen_strain"), trouble.unseen_since))
    if trouble.silent_since is not None:
        found.append(ReachReason(Part.SILENCE, say("reach_silence"), trouble.silent_since))
    return found


def _from_the_calendar(trouble: Trouble) -> list[ReachReason]:
    found = []
    if trouble.missed_at is not None:
        on = local_day(trouble.missed_at, trouble.zone).isoformat()
        found.append(ReachReason(Part.MISSED, say("reach_missed", date=on), trouble.missed_at))
    if trouble.late_cancelled_at is not None:
        on = local_day(trouble.late_cancelled_at, trouble.zone).isoformat()
        found.append(
            ReachReason(Part.LATE_CANCELLATION, say("reach_late_cancellation", date=on), trouble.late_cancelled_at)
        )
    if not trouble.has_next:
        found.append(ReachReason(Part.NO_NEXT, say("reach_no_next")))
    return found


class ReachNoteUnknown(Exception):
    """There is no such note, it was taken back, or not for the one who asks."""


class ReachNoteRefused(ValueError):
    """Either a day on which somebody reached out, or a reason not to for now."""
