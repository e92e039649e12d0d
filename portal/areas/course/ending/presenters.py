"""An ending review in words: the first and the last, what was met and repaired, what stayed open."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Point
from portal.clients.feedback.follow_up import Compared, EndingReview
from portal.clinic_time import local_day
from portal.kit.charts.course_words import points_of
from portal.kit.components.wish import WishLine, present_wish
from portal.kit.wording.follow_up import ENDING_REVIEW, NOT_SAID, WARM_WORD
from portal.kit.wording.sentences import sentence
from portal.kit.wording.times import count, plain_day


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One outcome measure: its first and last total, empty before there are two, and what they come to."""

    name: str
    first: str
    last: str
    sentence: str


@dataclass(frozen=True, slots=True)
class EndingPage:
    """What the page says."""

    suggestion: str
    ended: str
    first: str
    last: str
    outcome: tuple[ComparedLine, ...]
    facts: tuple[str, ...]
    wish: WishLine | None
    open_word: str
    questions: tuple[str, ...]


def present_ending(told: EndingReview, zone: ZoneInfo) -> EndingPage:
    facts = [
        count(told.sessions, "session"),
        f"{count(told.wishes_met, 'wish', 'wishes')} met or better" if told.wishes_met else "",
        f"{count(told.repaired, 'strain')} repaired" if told.repaired else "",
        f"{count(told.stayed_open, 'strain')} stayed open" if told.stayed_open else "",
    ]
    return EndingPage(
        suggestion="" if told.ended_at else ENDING_REVIEW.replace("Suggested: compare", "Compare"),
        ended=f"Therapy ended on {plain_day(local_day(told.ended_at, zone))}." if told.ended_at else "",
        first=_point(told.first, told.measure.max),
        last=_point(told.last, told.measure.max),
        outcome=tuple(map(_compared, told.outcome)),
        facts=tuple(fact for fact in facts if fact),
        wish=present_wish(told.wish) if told.wish else None,
        open_word=f"Some strain is still open between the two of you. {WARM_WORD}" if told.open_episode else "",
        questions=NOT_SAID,
    )


def _compared(measure: Compared) -> ComparedLine:
    change = measure.change
    return ComparedLine(
        name=measure.name,
        first=points_of(change.first) if change else "",
        last=points_of(change.last) if change else "",
        sentence=sentence(measure.sentence.template, measure.sentence.params),
    )


def _point(point: Point | None, most: float) -> str:
    if point is None:
        return ""
    return (
        f"Session {point.session_number}, {plain_day(point.date)}: {points_of(point.client_total)} of {points_of(most)}"
    )
