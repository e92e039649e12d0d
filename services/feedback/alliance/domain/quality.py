"""How good the data behind a reading are: said beside it, worked out anew whenever it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from services.feedback.alliance.domain.sentences import Sentence, say
from services.feedback.alliance.domain.series import KEPT_BACK, Missing
from services.feedback.care.domain.days import local_day

LATE_AFTER = timedelta(days=4)  # ours: a form is open for three days after the session


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One session's reading with what is known of how it came about.

    `corrected`: it replaces one that went by other answers. `blind` is the therapist's
    impression's, None without one. `restarted` is why the usual range began anew here.
    """

    starts_at: datetime
    n: int
    total: float | None
    answered: int
    items: int
    missing: Missing | None
    recorded_at: datetime | None = None
    corrected: bool = False
    blind: bool | None = None
    restarted: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Sessions in the baseline, sessions so far that nobody answered, and sentences on the rest."""

    n: int
    gaps: int
    late_entry: bool
    notes: tuple[Sentence, ...]


def qualities(facts: Sequence[Fact], *, is_their_therapist: bool, zone: tzinfo) -> list[Quality]:
    """
    The quality of each reading of a course, in order.

    A form that is still out is no gap, and neither are answers that the client keeps back.
    An entry is late when the next session had begun before it, or four days had passed.
    `zone`: of the days that are named. What concerns the therapist's own impression is for the therapist alone.
    """
    found, gaps = [], 0
    for place, fact in enumerate(facts):
        gaps += fact.missing is not None and fact.missing is not Missing.AWAITED and fact.missing not in KEPT_BACK
        following = facts[place + 1].starts_at if place + 1 < len(facts) else None
        late = _is_late(fact, following)
        found.append(Quality(fact.n, gaps, late, _notes(fact, late=late, theirs=is_their_therapist, zone=zone)))
    return found


def _is_late(fact: Fact, following: datetime | None) -> bool:
    if fact.recorded_at is None or fact.missing is not None:
        return False
    until = fact.starts_at + LATE_AFTER
    return fact.recorded_at > (until if following is None else min(until, following))


def _notes(fact: Fact, *, late: bool, theirs: bool, zone: tzinfo) -> tuple[Sentence, ...]:
    notes = []
    if fact.restarted is not None:
        notes.append(say("baseline_restarted", date=_day(fact.starts_at, zone), reason=fact.restarted))
    if fact.total is not None and fact.answered < fact.items:
        notes.append(say("prorated", answered=fact.answered, items=fact.items))
    if late and fact.recorded_at is not None:
        notes.append(say("late_entry", entered=_day(fact.recorded_at, zone), session=_day(fact.starts_at, zone)))
    if fact.corrected:
        notes.append(say("superseded"))
    if theirs and fact.blind is False:
        notes.append(say("not_blind"))
    return tuple(notes)


def _day(moment: datetime, zone: tzinfo) -> str:
    return local_day(moment, zone).isoformat()
