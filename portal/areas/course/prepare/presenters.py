"""The next session in words: the wish first, then how things stand; two minutes are enough to read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.clients.feedback.course import Absence, Course, Point, Signal
from portal.clients.feedback.follow_up import Preparation, StrainAnswers
from portal.kit.charts.course_words import points_of
from portal.kit.charts.figure import Figure
from portal.kit.charts.glance import glance_chart
from portal.kit.components.episode import EpisodeLine, present_episode, present_owner
from portal.kit.components.signal import SignalLine
from portal.kit.components.wish import WishLine, present_wish
from portal.kit.wording.codes import word
from portal.kit.wording.follow_up import NOT_YET, SHARING, TRIED
from portal.kit.wording.sentences import SAID, VERDICTS, next_step, sentence
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import short_day

FEWEST = 2  # check-ins, to make a line
_ABSENCES = {"missed": "They did not come on", "cancelled": "Called off:"}


@dataclass(frozen=True, slots=True)
class PreparationPage:
    """What the page says, in its order."""

    title: str
    wish: WishLine | None
    previous_wish: WishLine | None
    tag: Tag
    sentence: str
    next_step: str
    said: str
    kept_back: str
    signals: tuple[SignalLine, ...]
    unseen: tuple[SignalLine, ...]
    episode: EpisodeLine | None
    figure: Figure | None
    numbers: tuple[tuple[str, str], ...]
    absences: tuple[str, ...]
    outcome: tuple[str, ...]
    tried: tuple[tuple[str, str, str], ...]
    not_yet: tuple[tuple[str, str], ...]


def present_preparation(
    told: Preparation, *, staff: Mapping[UUID, str], now: datetime, zone: ZoneInfo
) -> PreparationPage:
    main = sentence(told.reading.template, told.reading.params)
    return PreparationPage(
        title=f"Before session {told.next_session}",
        wish=present_wish(told.wish) if told.wish else None,
        previous_wish=present_wish(told.previous_wish) if told.previous_wish else None,
        tag=course_tag(None if told.reading.template == "not_started" else told.reading.state),
        sentence=main,
        next_step=next_step(told.reading.next_step),
        said=_said(told.said),
        kept_back=SHARING.get(told.kept_back or "", ""),
        signals=tuple(line for line in map(_signal, told.signals) if line.sentence != main),
        unseen=tuple(map(_signal, told.unseen)),
        episode=_episode(told, staff, now, zone),
        figure=_figure(told),
        numbers=_numbers(told.last, told.measure.max),
        absences=tuple(map(_absence, told.absences)),
        outcome=tuple(sentence(line.template, line.params) for line in told.outcome),
        tried=tuple((f"tried_{code}", word(TRIED, code), "") for code in told.tried_prompts),
        not_yet=tuple((code, word(NOT_YET, code)) for code in told.not_yet_prompts),
    )


def _episode(told: Preparation, staff: Mapping[UUID, str], now: datetime, zone: ZoneInfo) -> EpisodeLine | None:
    if told.episode is None:
        return None
    owner = present_owner(told.episode, told.practitioner_id, staff=staff, lead=None)
    return present_episode(told.episode, owner, now, zone)


def _signal(signal: Signal) -> SignalLine:
    return SignalLine(sentence(signal.template, signal.params), next_step(signal.next_step), signal.code)


def _said(said: StrainAnswers | None) -> str:
    if said is None or said.said not in SAID:
        return ""
    told = f"After session {said.session_number} they said there was {SAID[said.said]}"
    return f"{told}; {VERDICTS[said.talked]}." if said.talked in VERDICTS else f"{told}."


def _figure(told: Preparation) -> Figure | None:
    """The latest sessions; a single point is said in numbers and needs no picture."""
    if sum(point.client_total is not None for point in told.recent) < FEWEST:
        return None
    return glance_chart(
        Course(
            client_id=told.client_id,
            spoken_code=told.spoken_code,
            practitioner_id=told.practitioner_id,
            course_id=None,
            measure=told.measure,
            rules_version="",
            points=told.recent,
            restarts=told.restarts,
        )
    )


def _numbers(last: Point | None, most: float) -> tuple[tuple[str, str], ...]:
    if last is None:
        return ()
    facts = [(f"Last check-in, session {last.session_number}", f"{points_of(last.client_total)} of {points_of(most)}")]
    if last.usual:
        facts.append(("Usual for them", f"{points_of(last.usual.low)} to {points_of(last.usual.high)}"))
    return tuple(facts)


def _absence(absence: Absence) -> str:
    return f"{_ABSENCES.get(absence.kind, 'No session on')} {short_day(absence.date)}"
