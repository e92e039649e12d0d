"""Looking back together before an ending: the first and the last, what was wished for, what stayed open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.details import CoursePoint
from services.feedback.alliance.domain.episodes import REPAIRED, SUPERSEDED
from services.feedback.alliance.domain.series import State
from services.feedback.alliance.queries.course import CourseView, course_of
from services.feedback.outcome.domain.measured import MeasureOutcome
from services.feedback.outcome.queries import outcome_of
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class EndingReview:
    """
    What an ending review looks at.

    `first` and `last` are sessions with a total, None before there is one; `repaired` and `stayed_open`
    count episodes; `open_episode` says that one is open now; `ended_at` is None while therapy goes on.
    `outcome` has each outcome measure of the treatment, also where there is nothing to compare.
    """

    view: CourseView
    sessions: int
    first: CoursePoint | None
    last: CoursePoint | None
    wishes_met: int
    repaired: int
    stayed_open: int
    open_episode: bool
    ended_at: datetime | None
    outcome: Sequence[MeasureOutcome]


def ending_review(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> EndingReview:
    """
    The review of a course, at any time before its end; after it for clinical leads, as every file.

    Raises:
        ClientUnknown: also for a colleague's client, and for one's own once therapy has ended.
    """
    view = course_of(tx, client_id, scope=scope, now=now)
    scored = [point for point in view.points if point.detail["total"] is not None]
    kept = [episode for episode in view.episodes if episode.close_reason != SUPERSEDED]
    return EndingReview(
        view=view,
        sessions=len(view.points),
        first=scored[0] if scored else None,
        last=scored[-1] if len(scored) > 1 else None,
        wishes_met=sum(wish.state in ("done", "better") for wish in view.wishes),
        repaired=sum(episode.close_reason == REPAIRED for episode in kept),
        stayed_open=sum(episode.close_reason is not None and episode.state == State.UNREPAIRED for episode in kept),
        open_episode=any(episode.close_reason is None for episode in kept),
        ended_at=view.ended_at,
        outcome=outcome_of(tx, client_id, scope=scope, now=now).measures,
    )
