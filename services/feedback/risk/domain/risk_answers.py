"""Risk answers: what somebody has to read by a time. Rules may raise; only people may lower."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.feedback.measures.domain.answers import Answer

# What came of reading it; ours. "Could not reach them" is not here: then it stays with whoever is responsible.
OUTCOMES = frozenset(
    {
        "spoken_with_client",
        "safety_plan_agreed",
        "emergency_help_called",
        "passed_on_to_colleague",
        "known_and_followed",
        "entered_by_mistake",
    }
)


# Risk items that ask about thoughts of hurting oneself and nothing else. Those of other measures ask about substances
# and about violence, too (docs/sources.md), and nothing may be said as if they did not.
_ABOUT_HURTING_ONESELF = frozenset({("phq-9", "q9"), ("core-10", "q6")})


class RiskState(StrEnum):
    """Whether somebody has read it."""

    OPEN = "open"
    OVERDUE = "overdue"
    ACKNOWLEDGED = "acknowledged"


ALLOWED: dict[RiskState, frozenset[RiskState]] = {
    RiskState.OPEN: frozenset({RiskState.OVERDUE, RiskState.ACKNOWLEDGED}),
    RiskState.OVERDUE: frozenset({RiskState.ACKNOWLEDGED}),
    RiskState.ACKNOWLEDGED: frozenset(),
}


class RiskMoveNotAllowed(Exception):
    """It was acknowledged before; that stays as it is."""


class RiskAnswerUnknown(Exception):
    """There is no such risk answer, or not for the one who asks."""


class RiskAnswerChanged(Exception):
    """The risk answer changed since it was read; read it again and decide anew."""


@dataclass(frozen=True, slots=True)
class RiskAnswer:
    """
    What one check-in says about risk, in codes and numbers.

    `raised` maps items to their answers; `unanswered` are risk items left open, which is
    not a "no". `due_at` is None where nothing was raised. `version` counts its events.
    """

    id: UUID
    version: int
    offer_id: UUID
    client_id: UUID
    practitioner_id: UUID
    measure_id: str
    measure_version: int
    raised: Mapping[str, Answer]
    unanswered: tuple[str, ...]
    state: RiskState
    raised_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
    acknowledged_role: str | None = None
    outcome: str | None = None


class RaisedItem(NamedTuple):
    """A risk question with the answer that raised it."""

    item: str
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRiskAnswer(RiskAnswer):
    """
    A risk answer as it is listed, with whose it is.

    `saw_help`: the form itself showed the client the clinic's help page. `entry_withdrawn`: staff
    have taken the entry it stands in away as a mistake; it stays until a person closes it.
    """

    spoken_code: str
    session_starts_at: datetime
    saw_help: bool
    entry_withdrawn: bool

    @property
    def items(self) -> Sequence[RaisedItem]:
        """The questions that were answered so that somebody has to read it."""
        return [RaisedItem(item, answer) for item, answer in self.raised.items()]

    @property
    def about_oneself(self) -> bool:
        """True when the items ask about thoughts of hurting oneself, all of them."""
        return asks_about_hurting_oneself(self.measure_id, self.raised or self.unanswered)

    @property
    def template(self) -> str:
        if self.state is not RiskState.OPEN:
            return f"risk_{self.state}"
        name = "risk_answer" if self.raised else "risk_unanswered"
        return name if self.about_oneself else f"{name}_other"


def move(state: RiskState, to: RiskState) -> RiskState:
    """The new state; raises RiskMoveNotAllowed."""
    if to not in ALLOWED[state]:
        raise RiskMoveNotAllowed(f"What is {state} cannot become {to}.")
    return to


def asks_about_hurting_oneself(measure_id: str, items: Iterable[str]) -> bool:
    """Tell whether these risk items ask about thoughts of hurting oneself, all of them."""
    return all((measure_id, item) in _ABOUT_HURTING_ONESELF for item in items)


def newly_said(
    raised: Mapping[str, Answer],
    unanswered: Sequence[str],
    *,
    stood: Mapping[str, Answer] | None,
    waiting: Iterable[Mapping[str, Answer]],
) -> tuple[dict[str, Answer], tuple[str, ...]]:
    """
    What somebody has to read because of these answers, who has not read it or is not about to.

    A corrected answer that is higher than the one that stood there has to be read, whatever
    was said about the lower one; one that waits to be read is not made to wait twice.

    Args:
        raised: The items whose answers raise a risk answer now.
        unanswered: The risk items that are left open now.
        stood: The answers before a correction; None for a new check-in.
        waiting: What is raised by this check-in and was not acknowledged.
    """
    if stood is None:
        return dict(raised), tuple(unanswered)
    known = [stood, *waiting]
    higher = {
        item: answer for item, answer in raised.items() if all(_is_higher(answer, one.get(item)) for one in known)
    }
    return higher, tuple(item for item in unanswered if item in stood)


def _is_higher(answer: Answer, than: Answer | None) -> bool:
    if isinstance(answer, int | float) and isinstance(than, int | float):
        return answer > than
    return than is None or answer != than


def due_at(raised: Iterable[str], *, raised_at: datetime, within_hours: int) -> datetime | None:
    """By when somebody has to have read it; None when nothing was raised. The hours are the clinic's (ours: 24)."""
    return raised_at + timedelta(hours=within_hours) if any(raised) else None
