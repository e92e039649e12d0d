"""The course of one client's check-ins as the feedback service tells it; charts and presenters read these."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Measure:
    """The instrument; totals lie between `min` and `max`, up is better. `cut` is None where there is no cut-off."""

    id: str
    version: str | int
    name_code: str
    min: float
    max: float
    validated: bool
    cut: float | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """The range that is usual for this client, in points of the measure."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StrainReported:
    """What each side said about strain: yes, a_little, no, not_said, or None without an answer."""

    client: str | None = None
    therapist: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule that fired, with its numbers and the sentence it asks for."""

    code: str
    template: str
    rule_version: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence by template id and parameters; some come with a suggested next step."""

    template: str
    params: dict[str, Any] = field(default_factory=dict)
    next_step: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the data behind a reading are."""

    n: int = 0
    gaps: int = 0
    late_entry: bool = False
    notes: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """The individuals chart of this client's sessions; a second view that changes nothing."""

    n: int
    center: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Point:
    """One session of the course. A total is None where there is none; then `missing_reason` says why."""

    session_number: int
    appointment_id: UUID
    date: date
    state: str
    client_total: float | None = None
    therapist_total: float | None = None
    missing_reason: str | None = None
    usual: Usual | None = None
    frozen: bool = False
    said_so: StrainReported = StrainReported()
    signals: tuple[Signal, ...] = ()
    quality: Quality = Quality()


@dataclass(frozen=True, slots=True)
class Episode:
    """A rupture and what became of it; `days` and `sessions` count from its opening."""

    id: UUID
    state: str
    opened_session: int
    opened_at: datetime
    version: int = 1
    closed_session: int | None = None
    closed_at: datetime | None = None
    opened_by: tuple[str, ...] = ()
    m_pre: float | None = None
    lowest: float | None = None
    verdict: str | None = None
    conversation_held_on: date | None = None
    close_reason: str | None = None
    closed_by: str | None = None
    owner_id: UUID | None = None
    not_yet: str | None = None
    tried: tuple[str, ...] = ()
    undo_until: datetime | None = None
    sessions: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """An hour that did not take place: `missed` or `cancelled`."""

    date: date
    kind: str


@dataclass(frozen=True, slots=True)
class Restart:
    """From this session on the usual range is learnt anew."""

    session_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The latest reading: one sentence by template id and parameters, and a suggested next step."""

    state: str | None
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    next_step: str | None = None
    too_early: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish of the client; `text` is None when it is not shared with the reader, `word` their last word on it."""

    id: UUID
    text: str | None = None
    word: str = "open"
    from_session: int | None = None
    asked_again: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """Check-ins of one client with one therapist over time, session by session."""

    client_id: UUID
    spoken_code: str
    practitioner_id: UUID
    course_id: UUID | None
    measure: Measure
    rules_version: str
    reading: Reading | None = None
    points: tuple[Point, ...] = ()
    episodes: tuple[Episode, ...] = ()
    absences: tuple[Absence, ...] = ()
    restarts: tuple[Restart, ...] = ()
    limits: Limits | None = None
    notes: tuple[Sentence, ...] = ()
    wish: Wish | None = None
    wishes: tuple[Wish, ...] = ()
    allocated_at: datetime | None = None
    earlier_courses: int = 0


def answered_sessions(course: Course) -> list[UUID]:
    """The sessions whose answers by the client are on the page, for the access log."""
    return [p.appointment_id for p in course.points if p.client_total is not None or p.said_so.client]
