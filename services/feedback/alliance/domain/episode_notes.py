"""
What people note about an episode: talked about or not yet, what was tried, and taking a note back.

The codes of what may be tried are a prompt list in our own words; the idea of ways to resolve
a rupture is Safran & Muran's (2000), their wording is not used. Ours and unvalidated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


@dataclass(frozen=True, slots=True)
class Noted:
    """What all notes that stand say together."""

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


def noted(notes: Sequence[EpisodeNote]) -> Noted:
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
    return Noted(held_on, not_yet, in_order(tried))


def in_order(tried: Iterable[str]) -> tuple[str, ...]:
    """As the prompt list has them; "nothing yet" only while nothing was tried."""
    found = set(tried)
    if len(found) > 1:
        found.discard(NOTHING_YET)
    return tuple(code for code in TRIED if code in found)


def may_withdraw(noted_at: datetime, now: datetime) -> bool:
    """A note can be taken back within a day."""
    return now <= noted_at + WITHIN
