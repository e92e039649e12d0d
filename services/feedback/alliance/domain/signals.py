"""Signals S1 to S9: each a small rule on what is known at one session; which of them move the state, `states` says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from services.feedback.alliance.domain.baseline import Baseline, baseline_of, theil_sen, without_largest_step
from services.feedback.alliance.domain.chart import lower_limit
from services.feedback.alliance.domain.rules import ReaderRules
from services.feedback.alliance.domain.sentences import NextStep, Plain, Sentence, say
from services.feedback.alliance.domain.series import SILENT, Mirror, Point, SaidSo, Session, Talked

RULE_VERSION = "1"
STEP_TAKEN_OUT = "2"  # of S5: a drift is more than its largest step


class Code(StrEnum):
    """The signals, in the order in which they are listed."""

    STEP = "S1"
    LEVEL = "S2"
    PERSONAL = "S3"
    CHART = "S4"
    DRIFT = "S5"
    CEILING = "S6"
    UNSEEN = "S7"
    NOTED_ALONE = "S7b"
    SILENCE = "S8"
    SAID_SO = "S9"


class Grade(StrEnum):
    """How far below usual (S3), or how much strain was said (S9)."""

    STRAINED = "strained"
    RUPTURE = "rupture"


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule that fired: the unrounded numbers it went by, and the sentence for it."""

    code: Code
    numbers: Mapping[str, Plain]
    sentence: Sentence
    grade: Grade | None = None
    rule_version: str = RULE_VERSION


class Known(NamedTuple):
    """
    What is known when a session is read; `valid` ends with the session itself if it has a total.

    `usual` and `z` are the baseline's: the range in points, and the client's total against it.
    """

    session: Session
    baseline: Baseline | None
    usual: tuple[float, float] | None
    z: float | None
    points: Sequence[Point]  # of the baseline
    valid: Sequence[Point]
    mirrors: Sequence[Point]  # the therapist's earlier impressions, outside episodes
    returned_before: int
    silent_run: int  # offers in a row not returned, this session included


def signals(known: Known, rules: ReaderRules) -> tuple[Signal, ...]:
    """Every signal of one session, in the order of their codes."""
    if rules.sigma0 is None:
        return _without_usual(known, rules)
    found: list[Signal | None] = []
    x, sigma0 = known.session.total, rules.sigma0
    if x is not None:
        found += [
            _step(x, known, rules, sigma0),
            _level(x, rules),
            _personal(x, known, rules),
            _chart(x, known, rules),
            _drift(known, rules, sigma0),
            _ceiling(known, rules),
        ]
    said = _said_so(known.session)
    client_shows = said is not None or any(s and s.code in (Code.STEP, Code.PERSONAL) for s in found)
    mirror = known.session.mirror
    if mirror is not None and mirror.blind:
        found += [_unseen(mirror, known, rules, client_shows=client_shows), _noted_alone(mirror, known.session)]
    return tuple(s for s in (*found, _silence(known, rules), said) if s)


def _without_usual(known: Known, rules: ReaderRules) -> tuple[Signal, ...]:
    """A measure without a starting value: S2, S6, S8 and S9 alone."""
    x = known.session.total
    found = [] if x is None else [_level(x, rules), _ceiling(known, rules)]
    return tuple(s for s in (*found, _silence(known, rules), _said_so(known.session)) if s)


def _step(x: float, known: Known, rules: ReaderRules, sigma0: float) -> Signal | None:
    if len(known.valid) < 2:
        return None
    previous = known.valid[-2]
    distance = known.session.number - previous.number
    if distance > rules.step_reach or x - previous.x > -rules.step_k * sigma0:
        return None
    across_gap = distance > 1
    return Signal(
        Code.STEP,
        {"x": x, "prev": previous.x, "diff": previous.x - x, "across_gap": across_gap, "sigma0": sigma0},
        say(
            "s1_step_across_gap" if across_gap else "s1_step",
            NextStep.ASK_WHAT_WAS_DIFFERENT,
            x=x,
            prev=previous.x,
            diff=previous.x - x,
        ),
    )


def _level(x: float, rules: ReaderRules) -> Signal | None:
    if rules.cut is None or x >= rules.cut:
        return None
    numbers: dict[str, Plain] = {"x": x, "cut": rules.cut}
    return Signal(Code.LEVEL, numbers, say("s2_level", NextStep.ASK_WHAT_WOULD_HELP, x=x, cut=rules.cut))


def _personal(x: float, known: Known, rules: ReaderRules) -> Signal | None:
    base, z = known.baseline, known.z
    if base is None or z is None or z > rules.z_strained:
        return None
    assert known.usual is not None  # z exists from the second session on, and so does the range
    low, high = known.usual
    rupture = z <= rules.z_rupture
    return Signal(
        Code.PERSONAL,
        {"x": x, "n": base.n, "m": base.m, "s": base.s, "z": z, "low": low, "high": high},
        say(
            "s3_personal",
            NextStep.ASK_HOW_WE_WORK if rupture else NextStep.GENTLE_QUESTION,
            x=x,
            low=low,
            high=high,
            n=base.n,
        ),
        Grade.RUPTURE if rupture else Grade.STRAINED,
    )


def _chart(x: float, known: Known, rules: ReaderRules) -> Signal | None:
    base = known.baseline
    if base is None or base.n < rules.chart_min_n or x >= base.m:  # the limit never lies above the mean
        return None
    lcl = lower_limit(known.points)
    # Without any movement the chart has no width, and every wobble would lie outside.
    if lcl is None or x >= lcl or len({point.x for point in known.points}) == 1:
        return None
    return Signal(
        Code.CHART,
        {"x": x, "lcl": lcl, "n": len(known.points)},
        say("s4_chart", NextStep.SECOND_VIEW, x=x, lcl=max(lcl, 0.0)),
    )


def _drift(known: Known, rules: ReaderRules, sigma0: float) -> Signal | None:
    recent = known.valid[-rules.drift_max_n :]
    if len(recent) < rules.drift_min_n:
        return None
    least = -rules.drift_k * sigma0
    slope = theil_sen(recent)
    if slope > least:
        return None
    numbers: dict[str, Plain] = {"n": len(recent), "slope": slope, "sigma0": sigma0}
    rule_version = RULE_VERSION
    if rules.drift_rest is not None:
        rest = theil_sen(without_largest_step(recent))
        if rest > rules.drift_rest * least:
            return None
        numbers["rest"], rule_version = rest, STEP_TAKEN_OUT
    sentence = say("s5_drift", NextStep.REVIEW_GOALS, n=len(recent), slope=-slope)
    return Signal(Code.DRIFT, numbers, sentence, rule_version=rule_version)


def _ceiling(known: Known, rules: ReaderRules) -> Signal | None:
    x = known.valid[-1].x
    if x < rules.ceiling_share * rules.maximum or len(known.valid) < rules.ceiling_run:
        return None
    if any(point.x != x for point in known.valid[-rules.ceiling_run :]):
        return None
    return Signal(
        Code.CEILING,
        {"x": x, "n": rules.ceiling_run},
        say("s6_flat_ceiling", NextStep.ASK_ONE_DIFFERENT_THING, x=x),
    )


def _unseen(mirror: Mirror, known: Known, rules: ReaderRules, *, client_shows: bool) -> Signal | None:
    own = baseline_of(known.mirrors, rules)
    z_therapist = own.z(mirror.total) if own is not None and mirror.total is not None else None
    apart = None if z_therapist is None or known.z is None else z_therapist - known.z
    not_noted = client_shows and mirror.said is SaidSo.NO
    far_apart = apart is not None and apart >= rules.unseen_z
    if not (not_noted or far_apart):
        return None
    numbers: dict[str, Plain] = {"z_client": known.z, "z_therapist": z_therapist, "apart": apart, "said": not_noted}
    template = "s7_unseen_strain_said" if not_noted else "s7_unseen_strain"
    return Signal(Code.UNSEEN, numbers, say(template, NextStep.STAY_CURIOUS))


def _noted_alone(mirror: Mirror, session: Session) -> Signal | None:
    if mirror.said is SaidSo.YES and session.said is SaidSo.NO:
        return Signal(Code.NOTED_ALONE, {}, say("s7b_noted_alone", NextStep.TRUST_AND_CHECK))
    return None


def _silence(known: Known, rules: ReaderRules) -> Signal | None:
    if known.session.missing not in SILENT or known.silent_run < rules.silence_run:
        return None
    if known.returned_before < rules.silence_needs:
        return None
    return Signal(
        Code.SILENCE,
        {"run": known.silent_run, "returned_before": known.returned_before},
        say("s8_silence", NextStep.ASK_IF_THE_FORM_SUITS, k=known.returned_before),
    )


def _said_so(session: Session) -> Signal | None:
    if session.said not in (SaidSo.YES, SaidSo.A_LITTLE):
        return None
    template = f"s9_{session.talked}" if session.talked else "s9_said"
    step = (
        {
            Talked.BETTER: NextStep.ASK_WHAT_HELPED,
            Talked.MENTIONED: NextStep.KEEP_TALKING,
        }.get(session.talked, NextStep.THANK_AND_LISTEN)
        if session.talked
        else NextStep.THANK_AND_LISTEN
    )
    return Signal(
        Code.SAID_SO,
        {"said": session.said, "talked": session.talked},
        say(template, step, said=session.said),
        Grade.RUPTURE if session.said is SaidSo.YES else Grade.STRAINED,
    )


# Where the two views differ is first for the therapist alone: curiosity helps more than correction.
FOR_THE_THERAPIST = frozenset({Code.UNSEEN.value, Code.NOTED_ALONE.value})


def signals_for(signals: Iterable[Mapping[str, Any]], *, is_their_therapist: bool) -> list[Mapping[str, Any]]:
    """The signals that a reader of a course may see."""
    return [signal for signal in signals if is_their_therapist or signal["code"] not in FOR_THE_THERAPIST]
