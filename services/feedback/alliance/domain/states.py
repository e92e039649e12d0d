"""States of a course: which may follow which, and the sentence that goes with each."""

from typing import NamedTuple

from services.feedback.alliance.domain.episodes import Episode
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.sentences import NextStep, Sentence, say
from services.feedback.alliance.domain.series import KEPT_BACK, Missing, Session, State
from services.feedback.alliance.domain.signals import Code, Grade, Known, Signal

_CALM = frozenset({State.STEADY, State.STRAINED, State.RUPTURE})
_IN_EPISODE = frozenset({State.RUPTURE, State.REPAIRING, State.REPAIRED, State.UNREPAIRED})

# From one session to the next; a session without answers leaves the state as it is, and
# closing by a person or the end of a therapy begins anew at STEADY.
ALLOWED: dict[State, frozenset[State]] = {
    State.STEADY: _CALM,
    State.STRAINED: _CALM,
    State.RUPTURE: _IN_EPISODE,
    State.REPAIRING: _IN_EPISODE,
    State.REPAIRED: _CALM | {State.REPAIRED},
    State.UNREPAIRED: frozenset({State.UNREPAIRED, State.REPAIRED}),
}


class Moment(NamedTuple):
    """One session with all that bears on its sentence; `episode` is as it stands after the session."""

    known: Known
    found: tuple[Signal, ...]
    state: State
    episode: Episode | None
    opening: bool


def calm_state(found: tuple[Signal, ...]) -> State:
    """STRAINED or STEADY, when no episode is open and none opens."""
    strained = any(s.code in (Code.PERSONAL, Code.SAID_SO) and s.grade is Grade.STRAINED for s in found)
    return State.STRAINED if strained else State.STEADY


def sentence_of(moment: Moment, rules: ReaderRules) -> Sentence:
    """The one main sentence of a session with something to read."""
    if moment.episode is None:
        return _calm(moment, rules)
    if moment.opening:
        return _opening(moment)
    return _following(moment.episode, moment.known.session, rules)


def silent_sentence(session: Session, gap: tuple[Missing, ...], rules: ReaderRules) -> Sentence:
    """The sentence of a session that says nothing; `gap` ends with this session's reason."""
    if session.missing is None:
        return not_scored(session, rules)
    if session.missing is Missing.AWAITED:
        return say("awaited")
    reasons = list(dict.fromkeys(str(reason) for reason in gap))
    step = NextStep.NONE if session.missing in KEPT_BACK else NextStep.ASK_IF_THE_FORM_SUITS
    return say("gap", step, k=len(gap), reasons=reasons)


def not_scored(session: Session, rules: ReaderRules) -> Sentence:
    """A form came back, but too few items were answered for a total."""
    return say("not_scored", answered=session.answered, items=rules.items, needed=rules.needed)


def _calm(moment: Moment, rules: ReaderRules) -> Sentence:
    session, usual = moment.known.session, moment.known.usual
    x = session.total
    if _said_so(moment.found):
        return say("strained_said_so", NextStep.THANK_AND_ASK_MORE)
    if x is None:
        return not_scored(session, rules)
    if rules.sigma0 is None:
        return say("steady_not_compared", x=x, max=rules.maximum)
    if usual is None:
        return say("steady_too_early", NextStep.ASK_HOW_THE_FORM_FELT, x=x, max=rules.maximum)
    low, high = usual
    if moment.state is State.STRAINED:
        return say("strained_personal", NextStep.GENTLE_QUESTION, x=x, low=low, high=high)
    return say("steady_above" if x > high else "steady", x=x, low=low, high=high)


def _opening(moment: Moment) -> Sentence:
    """What the client said comes before what the numbers say."""
    found = {signal.code: signal for signal in moment.found}
    said, personal = found.get(Code.SAID_SO), found.get(Code.PERSONAL)
    if said is not None and said.grade is Grade.RUPTURE:
        return say("rupture_said_so", NextStep.THANK_AND_LISTEN)
    prev = moment.known.valid[-2].x
    if personal is not None and personal.grade is Grade.RUPTURE:
        numbers = personal.numbers
        return say(
            "rupture_personal",
            NextStep.ASK_HOW_WE_WORK,
            x=numbers["x"],
            low=numbers["low"],
            high=numbers["high"],
            prev=prev,
        )
    step, level = found[Code.STEP].numbers, found[Code.LEVEL].numbers
    return say(
        "rupture_step_and_level",
        NextStep.ASK_HOW_WE_WORK,
        x=step["x"],
        prev=step["prev"],
        diff=step["diff"],
        cut=level["cut"],
    )


def _following(episode: Episode, session: Session, rules: ReaderRules) -> Sentence:
    x, m_pre = session.total, episode.m_pre
    if m_pre is None:
        return _following_words(episode)
    if x is None:
        return not_scored(session, rules)
    if episode.state is State.REPAIRED:
        step = NextStep.ASK_WHAT_HELPED
        if episode.late:
            return say("repaired_late", step, x=x, m_pre=m_pre)
        return say("repaired", step, x=x, m_pre=m_pre, k=episode.k)
    return _still_open(episode, x, m_pre)


def _still_open(episode: Episode, x: float, m_pre: float) -> Sentence:
    if episode.state is State.UNREPAIRED:
        return say("unrepaired", NextStep.BRING_TO_SUPERVISION, x=x, m_pre=m_pre, k=episode.k)
    if episode.state is State.REPAIRING and episode.lowest is not None:
        return say("repairing", NextStep.KEEP_TALKING, x=x, lowest=episode.lowest, m_pre=m_pre)
    if x >= m_pre:
        # Their words, not the numbers, keep it open: "still lower" would be untrue.
        return say("rupture_continuing_unmeasured", NextStep.BEGIN_NEXT_TIME, k=episode.k)
    return say("rupture_continuing", NextStep.BEGIN_NEXT_TIME, x=x, m_pre=m_pre, k=episode.k)


def _following_words(episode: Episode) -> Sentence:
    if episode.state is State.REPAIRED:
        if episode.late:
            return say("repaired_late_unmeasured", NextStep.ASK_WHAT_HELPED)
        return say("repaired_unmeasured", NextStep.ASK_WHAT_HELPED, k=episode.k)
    if episode.state is State.UNREPAIRED:
        return say("unrepaired_unmeasured", NextStep.BRING_TO_SUPERVISION, k=episode.k)
    return say("rupture_continuing_unmeasured", NextStep.BEGIN_NEXT_TIME, k=episode.k)


def _said_so(found: tuple[Signal, ...]) -> bool:
    return any(signal.code is Code.SAID_SO for signal in found)
