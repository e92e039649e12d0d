"""The words and the table of an outcome measure's picture: observation and arithmetic, no verdict."""

from collections.abc import Sequence

from portal.clients.feedback.outcome import MeasureOutcome, OutcomePoint
from portal.kit.charts.course_table import day
from portal.kit.charts.course_words import MISSING, points_of, spoken
from portal.kit.wording.times import count

HEADER = ("Session", "Date", "Total", "Since the start", "Note")


def within_chance(found: MeasureOutcome) -> tuple[float, float] | None:
    """The totals that chance could make of the first one, clipped to the scale; None where nobody knows."""
    first, ends = _first(found), found.measure.ends
    if first is None or ends is None or found.reliable_change is None:
        return None
    reach = found.reliable_change.points
    return max(ends[0], first - reach), min(ends[1], first + reach)


def caption(found: MeasureOutcome, low: float, high: float) -> str:
    """How to read the picture of totals from `low` to `high`."""
    measure = found.measure
    better = "more is better" if measure.better == "higher" else "fewer is better"
    parts = [f"Points from {points_of(low)} to {points_of(high)}; {better}."]
    if within_chance(found) is not None and found.reliable_change is not None:
        points = points_of(found.reliable_change.points)
        parts.append(f"Shaded: less than {points} points from the first total, within what chance could bring.")
    if found.cut_off is not None:
        side = "below" if measure.better == "higher" else "at or above"
        parts.append(f"Dotted: {points_of(found.cut_off.points)}; {side} it lies the range of people in treatment.")
    if found.curve is not None and len(found.curve.boundary) > 1:
        parts.append(f"Dashed: nine in ten of {found.curve.n} finished cases with a similar start were no worse.")
    return " ".join(parts)


def description(found: MeasureOutcome) -> str:
    """The picture in words for those who do not see it."""
    scored = [point for point in found.points if point.total is not None]
    if not scored:
        return "No totals yet."
    gaps = len(found.points) - len(scored)
    told = f"{count(len(scored), 'total')} in {count(len(found.points), 'session')}"
    ends = f"first {points_of(scored[0].total)}, latest {points_of(scored[-1].total)}"
    return f"{told}, {count(gaps, 'gap') if gaps else 'no gaps'}; {ends}."


def table(found: MeasureOutcome) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and rows, one a session."""
    first = _first(found)
    return HEADER, tuple(_row(found, point, first) for point in found.points)


def _row(found: MeasureOutcome, point: OutcomePoint, first: float | None) -> tuple[str, ...]:
    same = point.measure_version == found.measure.version
    moved = "" if point.total is None or first is None or not same else _signed(point.total - first)
    total = points_of(point.total) or "none"
    return str(point.session_number), day(point.date), total, moved, ", ".join(_notes(found, point))


def _notes(found: MeasureOutcome, point: OutcomePoint) -> Sequence[str]:
    notes = []
    if point.total is None and point.missing_reason:
        notes.append(MISSING.get(point.missing_reason, spoken(point.missing_reason)))
    if point.prorated:
        notes.append(f"estimated from {point.answered} of {point.items} answers")
    if point.typed:
        notes.append("total from paper")
    notes += [
        f"corrected, before: {points_of(one.total) or 'none'} ({spoken(one.reason)})" for one in point.corrections
    ]
    if point.total is not None and point.measure_version != found.measure.version:
        notes.append("an earlier version of the measure, not compared")
    return notes


def _signed(value: float) -> str:
    """
    A difference with its sign; a minus of the width of a plus.

    >>> _signed(2.5), _signed(0.0)
    ('+2.5', '0')
    """
    if points_of(abs(value)) == "0":
        return "0"
    return f"{'+' if value > 0 else chr(0x2212)}{points_of(abs(value))}"


def _first(found: MeasureOutcome) -> float | None:
    """The first total of the version in force."""
    return next(
        (
            point.total
            for point in found.points
            if point.total is not None and point.measure_version == found.measure.version
        ),
        None,
    )
