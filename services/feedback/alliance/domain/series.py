"""What the reader reads: the sessions of one client with one therapist on one measure, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How the relationship reads after a session."""

    STEADY = "steady"
    STRAINED = "strained"
    RUPTURE = "rupture"
    REPAIRING = "repairing"
    REPAIRED = "repaired"
    UNREPAIRED = "unrepaired"


class SaidSo(StrEnum):
    """Whether there was strain, in the person's own answer (r1, t_r1)."""

    NO = "no"
    A_LITTLE = "a_little"
    YES = "yes"
    NOT_SAID = "not_said"


class Talked(StrEnum):
    """Whether it was talked about, and how it is now (r2, t_r2)."""

    NOT_MENTIONED = "not_mentioned"
    MENTIONED = "mentioned"
    BETTER = "better"
    WORSE = "worse"


class Missing(StrEnum):
    """Why a session has no answers to read; never carried forward, never zero."""

    NOT_OFFERED = "not_offered"
    AWAITED = "awaited"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    TECHNICAL = "technical"
    UNABLE = "unable"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ABSENT = "absent"  # the client did not come
    NOT_SHARED = "not_shared"
    SHARED_LATER = "shared_later"


# A form offered and not returned; what else is missing says nothing about the person (S8).
SILENT = frozenset({Missing.DECLINED, Missing.NO_ANSWER})
# Returned, whoever may read it (S8).
KEPT_BACK = frozenset({Missing.NOT_SHARED, Missing.SHARED_LATER})


class Point(NamedTuple):
    """A total at a session; `number` is the session's, `x` in points, higher is better."""

    number: int
    x: float


@dataclass(frozen=True, slots=True)
class Mirror:
    """The therapist's impression of the same session; `blind` if given before seeing the client's answers."""

    total: float | None
    said: SaidSo | None
    blind: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One therapy hour as the reader may see it. `missing` is None exactly when a check-in may be read."""

    number: int
    total: float | None = None
    said: SaidSo | None = None
    talked: Talked | None = None
    answered: int = 0
    missing: Missing | None = None
    mirror: Mirror | None = None

    @property
    def says_something(self) -> bool:
        """True when there is a total, or an answer on strain."""
        return self.total is not None or self.said in (SaidSo.YES, SaidSo.A_LITTLE, SaidSo.NO)

    @property
    def returned(self) -> bool:
        """True when the client gave a form back, to be read or not."""
        return self.missing is None or self.missing in KEPT_BACK


class DecisionKind(StrEnum):
    """What a person, or the end of a therapy, decides about a course."""

    CLOSED = "closed"  # an episode that stayed open, with a reason
    RESTARTED = "restarted"  # the usual range begins anew
    ENDED = "ended"  # the therapy, or this pair's part of it


@dataclass(frozen=True, slots=True)
class Decision:
    """Something decided between two sessions, `on` a day: it stands before the session of number `before`."""

    before: int
    kind: DecisionKind
    reason: str
    at: datetime
    on: date
    role: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """All there is to read: sessions in order of their start, numbered from 1, and decisions between them."""

    sessions: Sequence[Session]
    decisions: Sequence[Decision] = field(default=())
