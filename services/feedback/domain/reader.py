"""
The reader: session by session, each client against their own earlier answers.

A fold: what is remembered after a session, and the session's reading, follow from what
was remembered before it and from the session alone. Reading on is therefore the same
as reading everything again, and no reading ever depends on a later session.
"""

from dataclasses import dataclass, replace

from services.feedback.domain.baseline import baseline_of
from services.feedback.domain.episodes import BY_ENDING, BY_PERSON, THERAPY_ENDED, Episode, follow, open_episode, opens
from services.feedback.domain.rules import ReaderRules
from services.feedback.domain.sentences import NextStep, Sentence, say
from services.feedback.domain.series import (
    SILENT,
    Decision,
    DecisionKind,
    Missing,
    Point,
    Series,
    Session,
    State,
)
from services.feedback.domain.signals import Known, Signal, signals
from services.feedback.domain.states import Moment, calm_state, sentence_of, silent_sentence


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


@dataclass(frozen=True, slots=True)
class Memory:
    """What the reader remembers between two sessions."""

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
    """Read one more session."""
    point = None if session.total is None else Point(session.number, session.total)
    valid = (*before.valid, point) if point else before.valid
    silent_run = before.silent_run + 1 if session.missing in SILENT else before.silent_run
    known = Known(
        session=session,
        baseline=baseline_of(before.base, rules),
        points=before.base,
        valid=valid,
        mirrors=before.mirrors,
        returned_before=before.returned,
        silent_run=silent_run,
    )
    found = signals(known, rules)
    after = replace(
        before,
        valid=valid[-rules.drift_max_n :],
        returned=before.returned + session.returned,
        silent_run=0 if session.returned else silent_run,
    )
    after = _hear(after, known, found, rules) if session.says_something else _say_nothing(after, session, rules)
    after = replace(after, base=after.base[-rules.base_len :], mirrors=_mirrors(after, session, rules))
    return after, _reading(before, after, known, found, rules)


def decide(before: Memory, decision: Decision) -> Memory:
    """Take a decision between two sessions into account; the usual range is learnt anew after each of them."""
    fresh = replace(before, base=(), waiting=(), valid=(), mirrors=(), strained=None)
    if decision.kind is DecisionKind.RESTARTED:
        return replace(fresh, sentence=say("baseline_restarted", date=decision.on, reason=decision.reason))
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
        sentence = say("closed_by_person", role=decision.role, date=decision.on, reason=decision.reason)
    return replace(fresh, state=state, sentence=sentence, episode=None, past=(*before.past, ending))


def _say_nothing(memory: Memory, session: Session, rules: ReaderRules) -> Memory:
    if session.missing is Missing.AWAITED:
        return memory  # the form is still out: nothing is known, not even that nothing comes
    gap = (*memory.gap, session.missing) if session.missing else ()
    if memory.episode is not None:
        return replace(memory, gap=gap)  # a form that did not come back takes nothing from a rupture that is open
    return replace(memory, gap=gap, sentence=silent_sentence(session, gap, rules))


def _hear(memory: Memory, known: Known, found: tuple[Signal, ...], rules: ReaderRules) -> Memory:
    session = known.session
    memory = replace(memory, gap=())
    if memory.episode is not None:
        episode = follow(memory.episode, session, rules)
        moment = Moment(known, found, episode.state, episode, opening=False)
        memory = replace(memory, state=episode.state, sentence=sentence_of(moment, rules), episode=episode)
        return memory if episode.is_open else _join(_close(memory, episode), session)
    by = opens(found)
    if by:
        episode = open_episode(session, by, known.baseline, memory.strained)
        moment = Moment(known, found, State.RUPTURE, episode, opening=True)
        return replace(
            memory,
            state=State.RUPTURE,
            sentence=sentence_of(moment, rules),
            episode=episode,
            waiting=(),
            strained=None,
        )
    state = calm_state(found)
    memory = replace(memory, state=state, sentence=sentence_of(Moment(known, found, state, None, opening=False), rules))
    return _wait(memory, session) if state is State.STRAINED else _join(memory, session)


def _close(memory: Memory, episode: Episode) -> Memory:
    return replace(memory, episode=None, past=(*memory.past, episode))


def _wait(memory: Memory, session: Session) -> Memory:
    waiting = memory.waiting if session.total is None else (*memory.waiting, Point(session.number, session.total))
    return replace(memory, waiting=waiting, strained=session.number)


def _join(memory: Memory, session: Session) -> Memory:
    own = () if session.total is None else (Point(session.number, session.total),)
    base = (*memory.base, *memory.waiting, *own)
    return replace(memory, base=base, waiting=(), strained=None)


def _mirrors(after: Memory, session: Session, rules: ReaderRules) -> tuple[Point, ...]:
    """The therapist's own earlier impressions; they stand still with the client's baseline."""
    mirror = session.mirror
    if after.episode is not None or mirror is None or not mirror.blind or mirror.total is None:
        return after.mirrors
    return (*after.mirrors, Point(session.number, mirror.total))[-rules.base_len :]


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
        usual=base.usual(rules) if base else None,
        frozen=before.episode is not None,
        episode=episode.opened if episode else None,
    )
