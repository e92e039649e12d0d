"""Two minutes between sessions: everything for the next one, in one answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.details import CoursePoint
from services.feedback.alliance.domain.kept_episodes import NOT_YET_REASONS, TRIED, KeptEpisode
from services.feedback.alliance.domain.sentences import Sentence
from services.feedback.alliance.domain.signals import FOR_THE_THERAPIST
from services.feedback.alliance.queries.course import CourseView, course_of
from services.feedback.alliance.store.sessions import Absence
from services.feedback.outcome.queries import outcome_of
from services.feedback.wishes.queries import WishView
from shared.database import Tx
from shared.scope import Scope

_RECENT = 10  # sessions: ours, as many as are seen at a glance
_SAYS_LITTLE = frozenset({"S3", "S9"})  # the main sentence, or their words, have said it already


@dataclass(frozen=True, slots=True)
class Said:
    """The client's own words on strain, from the last session in which they were asked and answered."""

    session_number: int
    said: str | None
    talked: str | None


@dataclass(frozen=True, slots=True)
class Preparation:
    """
    What to have in mind for the next session.

    `recent` are the latest sessions, oldest first.
    `previous_wish` is the one before the open wish, or the last one if none is open; `kept_back`
    the code of why nothing is seen of the last session; `unseen` is for the treating therapist
    alone; `absences` those since the last session; `outcome` a sentence for each outcome measure.
    """

    view: CourseView
    next_session: int
    wish: WishView | None
    previous_wish: WishView | None
    said: Said | None
    episode: KeptEpisode | None
    unseen: list[dict[str, Any]]
    signals: list[dict[str, Any]]
    last: CoursePoint | None
    recent: list[CoursePoint]
    kept_back: str | None
    absences: list[Absence]
    outcome: list[Sentence]
    tried_prompts: tuple[str, ...] = TRIED
    not_yet_prompts: tuple[str, ...] = NOT_YET_REASONS


def preparation_of(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> Preparation:
    """
    Gather the preparation from the course; whoever reads it has looked at the course.

    Raises:
        ClientUnknown: also for a colleague's client.
    """
    view = course_of(tx, client_id, scope=scope, now=now)
    points = view.points
    read = [p for p in points if p.detail["missing"] != "awaited"]
    latest = read[-1].detail["signals"] if read else []
    last_at = points[-1].starts_at if points else None
    closed = [wish for wish in view.wishes if wish.state != "open"]
    return Preparation(
        view=view,
        next_session=len(points) + 1,
        wish=view.wish,
        previous_wish=closed[-1] if closed else None,
        said=_said(points),
        episode=next((e for e in view.episodes if e.close_reason is None), None),
        unseen=[signal for signal in latest if signal["code"] in FOR_THE_THERAPIST],
        signals=[s for s in latest if s["code"] not in FOR_THE_THERAPIST | _SAYS_LITTLE],
        last=next((p for p in reversed(points) if p.detail["total"] is not None), None),
        recent=points[-_RECENT:],
        kept_back=points[-1].detail["missing"] if points else None,
        outcome=_outcome(tx, client_id, scope=scope, now=now),
        absences=[a for a in view.absences if last_at is None or a.starts_at > last_at],
    )


def _outcome(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> list[Sentence]:
    """One sentence for each outcome measure that this client answers."""
    measured = outcome_of(tx, client_id, scope=scope, now=now).measures
    return [found.reading.sentence for found in measured]


def _said(points: list[CoursePoint]) -> Said | None:
    for point in reversed(points):
        detail = point.detail
        if detail["said"] is not None or detail["talked"] is not None:
            return Said(point.session_number, detail["said"], detail["talked"])
    return None
