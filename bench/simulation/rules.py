"""
The rules that are compared: each says in which sessions of a course it would speak up.

The simple ones look at totals alone. Reference is the mean of all earlier totals; the spread is the person's
own (from two earlier totals on), that pooled over all clients, which is given to it exactly although no clinic
knows it, or the larger of both. Charts begin at five earlier totals, on the mean moving range.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from bench.simulation.model import SD_TYPICAL
from services.feedback.alliance.domain.chart import moving_ranges
from services.feedback.alliance.domain.reader import Reading, read
from services.feedback.alliance.domain.rules import RULES, ReaderRules
from services.feedback.alliance.domain.series import Point, SaidSo, Series, Session, State

Speaks = Callable[[Sequence[Session]], frozenset[int]]

ONE_POINT = 2.5  # 1 of 40, on 0..100
CUT = 90.0  # 36 of 40
POOLED_SD = SD_TYPICAL * 1.063  # the mean spread of the model's clients: exp(0.35 ** 2 / 2) times the median
CHART_FROM = 5
OPEN = frozenset({State.RUPTURE, State.REPAIRING, State.UNREPAIRED})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its name in the table; `ours` for the reader."""

    name: str
    speaks: Speaks
    ours: bool = False


def _reader(rules: ReaderRules, states: frozenset[State], *, asked: bool, drift: bool = False) -> Speaks:
    def speaks(sessions: Sequence[Session]) -> frozenset[int]:
        seen = sessions if asked else [replace(s, said=None, talked=None) for s in sessions]
        return frozenset(r.session for r in read(Series(seen), rules).readings if _loud(r, states, drift=drift))

    return speaks


def _loud(reading: Reading, states: frozenset[State], *, drift: bool) -> bool:
    if reading.missing is not None:
        return False
    return reading.state in states or (drift and any(signal.code == "S5" for signal in reading.signals))


def _points(sessions: Sequence[Session]) -> list[Point]:
    return [Point(s.number, s.total) for s in sessions if s.total is not None]


def _each(rule: Callable[[Sequence[Point], Point], bool]) -> Speaks:
    def speaks(sessions: Sequence[Session]) -> frozenset[int]:
        points = _points(sessions)
        return frozenset(p.number for n, p in enumerate(points) if rule(points[:n], p))

    return speaks


def one_point_drop(before: Sequence[Point], now: Point) -> bool:
    """Lower than last time by a point of the scale it was published for."""
    return bool(before) and now.x - before[-1].x <= -ONE_POINT


def below_cut(before: Sequence[Point], now: Point) -> bool:
    """Below a fixed value."""
    del before
    return now.x < CUT


def deviation(k: float, *, own: bool, pooled: bool) -> Callable[[Sequence[Point], Point], bool]:
    """At least k standard deviations below the mean so far."""

    def rule(before: Sequence[Point], now: Point) -> bool:
        if len(before) < 2:
            return False
        totals = [p.x for p in before]
        sd = max(stdev(totals) if own else 0.0, POOLED_SD if pooled else 0.0)
        return now.x < fmean(totals) and now.x <= fmean(totals) - k * sd

    return rule


def chart(k: float) -> Callable[[Sequence[Point], Point], bool]:
    """Below the lower limit of the individuals chart."""

    def rule(before: Sequence[Point], now: Point) -> bool:
        ranges = moving_ranges(before)
        if len(before) < CHART_FROM or not ranges:
            return False
        return now.x < fmean(p.x for p in before) - k * fmean(ranges) / 1.128

    return rule


def _or_said(speaks: Speaks) -> Speaks:
    def either(sessions: Sequence[Session]) -> frozenset[int]:
        said = {s.number for s in sessions if s.missing is None and s.said is SaidSo.YES}
        return speaks(sessions) | said

    return either


_STRAINED = OPEN | {State.STRAINED}
RULES_COMPARED: tuple[Rule, ...] = (
    Rule("reader-2: rupture, from numbers alone", _reader(RULES["reader-2"], OPEN, asked=False), ours=True),
    Rule("reader-2: rupture, with the question asked", _reader(RULES["reader-2"], OPEN, asked=True), ours=True),
    Rule("reader-2: strained too, from numbers alone", _reader(RULES["reader-2"], _STRAINED, asked=False), ours=True),
    Rule(
        "reader-2: strained too, with the question asked", _reader(RULES["reader-2"], _STRAINED, asked=True), ours=True
    ),
    Rule(
        "reader-2: strained or drift, with the question asked",
        _reader(RULES["reader-2"], _STRAINED, asked=True, drift=True),
        ours=True,
    ),
    Rule(
        "reader-1: strained or drift, with the question asked",
        _reader(RULES["reader-1"], _STRAINED, asked=True, drift=True),
        ours=True,
    ),
    Rule("one-point drop", _each(one_point_drop)),
    Rule("fixed cut-off", _each(below_cut)),
    Rule("1 SD, own", _each(deviation(1, own=True, pooled=False))),
    Rule("1 SD, pooled", _each(deviation(1, own=False, pooled=True))),
    Rule("1 SD, larger of both", _each(deviation(1, own=True, pooled=True))),
    Rule("2 SD, own", _each(deviation(2, own=True, pooled=False))),
    Rule("2 SD, pooled", _each(deviation(2, own=False, pooled=True))),
    Rule("2 SD, larger of both", _each(deviation(2, own=True, pooled=True))),
    Rule("2 SD, larger of both, with the question asked", _or_said(_each(deviation(2, own=True, pooled=True)))),
    Rule("individuals chart, 3 sigma", _each(chart(3))),
    Rule("individuals chart, 2 sigma", _each(chart(2))),
)
