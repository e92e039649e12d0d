"""
The reader: session by session, each client against their own earlier answers.

A fold: what is remembered after a session, and the session's reading, follow from what
was remembered before it and from the session alone. Reading on is therefore the same
as reading everything again, and no reading ever depends on a later session.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from services.feedback.alliance.domain.baseline import baseline_of
from services.feedback.alliance.domain.episodes import (
    BY_ENDING,
    BY_PERSON,
    THERAPY_ENDED,
    Episode,
    follow,
    open_episode,
    opens,
)
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.sentences import NextStep, Sentence, say
from services.feedback.alliance.domain.series import (
    SILENT,
    Decision,
    DecisionKind,
    Mirror,
    Missing,
    Point,
    Series,
    Session,
    State,
)
from services.feedback.alliance.domain.signals import Known, Signal, signals
from services.feedback.alliance.domain.states import Moment, calm_state, sentence_of, silent_sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What one session says, with the unrounded numbers it went by.

    n, m, s and z are of the client's own baseline; `usual` is the range in points;
    `frozen` means that the baseline stands still because an episode was open before.
    """

    session: int
    state: State
    sentence: Sentence
    signals: tuple[Signal, ...]
    total: float | None
    missing: Missing | None
    too_early: bool
    n: int
    m: float | None
    s: float | None
    z: float | None
    usual: tuple[float, float] | None
    frozen: bool
    episode: int | None  # the number of the session that opened it


_NOT_STARTED = Sentence("not_started")


class Memory(NamedTuple):
    """What the reader remembers between two sessions; a tuple, because one is made several times a session."""

    state: State = State.STEADY
    sentence: Sentence = _NOT_STARTED
    base: tuple[Point, ...] = ()
    waiting: tuple[Point, ...] = ()  # strained sessions: in the baseline once a steady one follows
    valid: tuple[Point, ...] = ()
    mirrors: tuple[Point, ...] = ()
    episode: Episode | None = None
    past: tuple[Episode, ...] = ()
    returned: int = 0
    silent_run: int = 0
    gap: tuple[Missing, ...] = ()
    strained: int | None = None  # the session before this one, if it was strained


@dataclass(frozen=True, slots=True)
class CourseReading:
    """A whole course, read: one reading per session, the episodes, and how things stand at its end."""

    readings: tuple[Reading, ...]
    episodes: tuple[Episode, ...]
    state: State
    sentence: Sentence
    too_early: bool


def read(series: Series, rules: ReaderRules) -> CourseReading:
    """Read a whole series; sessions in ascending order of their number."""
    memory, readings = Memory(), []
    decisions = sorted(series.decisions, key=lambda d: d.before)
    for session in series.sessions:
        while decisions and decisions[0].before <= session.number:
            memory = decide(memory, decisions.pop(0))
        memory, reading = advance(memory, session, rules)
        readings.append(reading)
    for decision in decisions:
        memory = decide(memory, decision)
    episodes = (*memory.past, memory.episode) if memory.episode else memory.past
    too_early = memory.state is State.STEADY and len(memory.base) < 2 and rules.sigma0 is not None
    return CourseReading(tuple(readings), episodes, memory.state, memory.sentence, too_early)


def advance(before: Memory, session: Session, rules: ReaderRules) -> tuple[Memory, Reading]:
    valid, silent_run = before.valid, before.silent_run
    if session.total is not None:
        valid = (*valid, Point(session.number, session.total))
    if session.missing in SILENT:
        silent_run += 1
    base = baseline_of(before.base, rules)
    known = Known(
        session=session,
        baseline=base,
        usual=None if base is None else base.usual(rules),
        z=None if base is None or session.total is None else base.z(session.total),
        points=before.base,
        valid=valid,
        mirrors=before.mirrors,
        returned_before=before.returned,
        silent_run=silent_run,
    )
    found = signals(known, rules)
    returned = session.returned
    after = before._replace(
        valid=valid[-rules.drift_max_n :],
        returned=before.returned + returned,
        silent_run=0 if returned else silent_run,
    )
    after = _take_answers(after, known, found, rules) if session.says_something else _say_nothing(after, session, rules)
    if session.mirror is not None:
        after = after._replace(mirrors=_mirrors(after, session.mirror, session.number, rules))
    return after, _reading(before, after, known, found, rules)


def decide(before: Memory, decision: Decision) -> Memory:
    """Take a decision between two sessions into account; the usual range is learnt anew after each of them."""
    fresh = before._replace(base=(), waiting=(), valid=(), mirrors=(), strained=None)
    if decision.kind is DecisionKind.RESTARTED:
        return fresh._replace(sentence=say("baseline_restarted", date=decision.on.isoformat(), reason=decision.reason))
    if before.episode is None:
        return fresh if decision.kind is DecisionKind.ENDED else before
    if decision.kind is DecisionKind.ENDED:
        state = State.UNREPAIRED
        ending = replace(
            before.episode,
            state=state,
            close_reason=decision.reason or THERAPY_ENDED,
            closed_by=BY_ENDING,
            decided_at=decision.at,
        )
        sentence = say("unrepaired_ended", NextStep.WARM_CLOSING_WORD)
    else:
        state = State.STEADY
        ending = replace(before.episode, close_reason=decision.reason, closed_by=BY_PERSON, decided_at=decision.at)
        sentence = say("closed_by_person", role=decision.role, date=decision.on.isoformat(), reason=decision.reason)
    return fresh._replace(state=state, sentence=sentence, episode=None, past=(*before.past, ending))


def _say_nothing(memory: Memory, session: Session, rules: ReaderRules) -> Memory:
    if session.missing is Missing.AWAITED:
        return memory  # the form is still out: nothing is known, not even that nothing comes
    gap = (*memory.gap, session.missing) if session.missing else ()
    if memory.episode is not None:
        return memory._replace(gap=gap)  # a form that did not come back takes nothing from a rupture that is open
    return memory._replace(gap=gap, sentence=silent_sentence(session, gap, rules))


def _take_answers(memory: Memory, known: Known, found: tuple[Signal, ...], rules: ReaderRules) -> Memory:
    session = known.session
    if memory.episode is not None:
        episode = follow(memory.episode, session, rules)
        moment = Moment(known, found, episode.state, episode, opening=False)
        memory = memory._replace(state=episode.state, sentence=sentence_of(moment, rules), episode=episode, gap=())
        return memory if episode.is_open else _join(_close(memory, episode), session, rules)
    by = opens(found)
    if by:
        episode = open_episode(session, by, known.baseline, memory.strained)
        moment = Moment(known, found, State.RUPTURE, episode, opening=True)
        return memory._replace(
            state=State.RUPTURE,
            sentence=sentence_of(moment, rules),
            episode=episode,
            waiting=(),
            strained=None,
            gap=(),
        )
    state = calm_state(found)
    sentence = sentence_of(Moment(known, found, state, None, opening=False), rules)
    memory = memory._replace(state=state, sentence=sentence, gap=())
    return _wait(memory, session) if state is State.STRAINED else _join(memory, session, rules)


def _close(memory: Memory, episode: Episode) -> Memory:
    return memory._replace(episode=None, past=(*memory.past, episode))


def _wait(memory: Memory, session: Session) -> Memory:
    waiting = memory.waiting if session.total is None else (*memory.waiting, Point(session.number, session.total))
    return memory._replace(waiting=waiting, strained=session.number)


def _join(memory: Memory, session: Session, rules: ReaderRules) -> Memory:
    own = () if session.total is None else (Point(session.number, session.total),)
    base = (*memory.base, *memory.waiting, *own)[-rules.base_len :]
    return memory._replace(base=base, waiting=(), strained=None)


def _mirrors(after: Memory, mirror: Mirror, number: int, rules: ReaderRules) -> tuple[Point, ...]:
    """The therapist's own earlier impressions; they stand still with the client's baseline."""
    if after.episode is not None or not mirror.blind or mirror.total is None:
        return after.mirrors
    return (*after.mirrors, Point(number, mirror.total))[-rules.base_len :]


def _reading(before: Memory, after: Memory, known: Known, found: tuple[Signal, ...], rules: ReaderRules) -> Reading:
    session, base = known.session, known.baseline
    closed_here = after.past[-1] if len(after.past) > len(before.past) else None
    episode = after.episode or closed_here
    return Reading(
        session=session.number,
        state=after.state,
        sentence=after.sentence if session.says_something else silent_sentence(session, after.gap, rules),
        signals=found,
        total=session.total,
        missing=session.missing,
        too_early=after.state is State.STEADY and (base is None or base.n < 2) and rules.sigma0 is not None,
        n=base.n if base else 0,
        m=base.m if base else None,
        s=base.s if base else None,
        z=known.z,
        usual=known.usual,
        frozen=before.episode is not None,
        episode=episode.opened if episode else None,
    )
