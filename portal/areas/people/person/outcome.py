"""Outcome in words; the pictures are drawn by portal.kit.charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.clients.feedback.outcome import MeasureOutcome, Outcome, ScoredItem, Threshold, Variant
from portal.kit.charts.course_words import points_of
from portal.kit.charts.figure import Figure
from portal.kit.charts.outcome import outcome_chart
from portal.kit.wording.numbers import number
from portal.kit.wording.outcome import MARKS, METHODS
from portal.kit.wording.sentences import next_step, sentence
from portal.kit.wording.times import count, plain_day


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Answers item by item: a column for each session with answers, a row for each item."""

    sessions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    legend: str
    attribution: str  # the rights holder's line, wherever their words are shown


@dataclass(frozen=True, slots=True)
class PartsTable:
    """The subscales of a measure without a total: a column for each session with answers, a row for each of them."""

    sessions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class MeasurePart:
    """One measure: what is said of it, its picture, and the detail behind."""

    id: str
    name: str
    full_name: str
    sentence: str
    next_step: str
    further: tuple[str, ...]
    figure: Figure | None  # none before there is a total, and for a measure that has none
    parts: PartsTable | None
    curve: str
    items: ItemTable | None
    constants: tuple[str, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomePanel:
    """Everything the page says about outcome."""

    since: str
    together: str
    measures: tuple[MeasurePart, ...]


def present_outcome(outcome: Outcome) -> OutcomePanel:
    """Measure by measure, and two measures together where the NHS definitions say something of them."""
    pair = outcome.nhs
    return OutcomePanel(
        since=f"Since {plain_day(outcome.since)}, {count(outcome.sessions, 'session')}." if outcome.since else "",
        together=sentence(pair.sentence.template, pair.sentence.params) if pair and pair.sentence else "",
        measures=tuple(_measure(found, outcome.spoken_code) for found in outcome.measures),
    )


def answered_sessions(outcome: Outcome) -> list[UUID]:
    """The sessions whose answers are on the page, for the access log."""
    found = {p.appointment_id for one in outcome.measures for p in one.points if p.total is not None or p.subscales}
    return sorted(found, key=str)


def _measure(found: MeasureOutcome, of: str) -> MeasurePart:
    curve = found.curve_sentence
    return MeasurePart(
        id=found.measure.id,
        name=found.measure.short_name,
        full_name=found.measure.name,
        sentence=sentence(found.sentence.template, found.sentence.params),
        next_step=next_step(found.sentence.next_step),
        further=tuple(sentence(line.template, line.params) for line in found.further),
        figure=outcome_chart(found, of=of) if any(point.total is not None for point in found.points) else None,
        parts=_parts(found) if found.measure.ends is None else None,
        curve=sentence(curve.template, curve.params) if curve else "",
        items=_items(found),
        constants=_constants(found),
        variants=_variants(found.variants),
    )


def _parts(found: MeasureOutcome) -> PartsTable | None:
    answered = [point for point in found.points if point.subscales]
    if not answered:
        return None
    rows = [
        (
            f"{part.called} ({points_of(part.min)} to {points_of(part.max)})",
            tuple(points_of(point.subscales.get(part.id)) or "none" for point in answered),
        )
        for part in found.measure.subscales
    ]
    return PartsTable(tuple(f"Session {p.session_number}" for p in answered), tuple(rows))


def _items(found: MeasureOutcome) -> ItemTable | None:
    answered = [point for point in found.points if point.answers]
    if not answered or not found.measure.items:
        return None
    rows = [
        (_item_name(item, place), tuple(number(point.answers.get(item.id)) or "left open" for point in answered))
        for place, item in enumerate(found.measure.items, 1)
    ]
    return ItemTable(
        tuple(f"Session {p.session_number}" for p in answered),
        tuple(rows),
        _legend(found),
        found.measure.attribution or "",
    )


def _item_name(item: ScoredItem, place: int) -> str:
    part = f" ({item.part})" if item.part and not item.text else ""
    return f"{place}. {item.text}" if item.text else f"Item {place}{part}"


def _legend(found: MeasureOutcome) -> str:
    """What the numbers mean, where all items take the same worded answers."""
    options = {item.options for item in found.measure.items}
    if len(options) != 1:
        return ""
    worded = [option for option in next(iter(options)) if option.text]
    return ", ".join(f"{option.code} {option.text.lower()}" for option in worded)


def _constants(found: MeasureOutcome) -> tuple[str, ...]:
    """The published numbers it is read with, each with where it is from."""
    lines = []
    if found.reliable_change:
        sure = f", {found.reliable_change.confidence}% confidence" if found.reliable_change.confidence else ""
        lines.append(
            _constant(f"Reliable change: {points_of(found.reliable_change.points)} points{sure}", found.reliable_change)
        )
    if found.cut_off:
        lines.append(_constant(f"Cut-off: {points_of(found.cut_off.points)}", found.cut_off))
    return tuple(lines)


def _constant(words: str, threshold: Threshold) -> str:
    return f"{words} ({'; '.join(part for part in (threshold.source, MARKS.get(threshold.mark, '')) if part)})."


def _variants(variants: Sequence[Variant]) -> tuple[str, ...]:
    """Each index that could be computed, and in one line those that could not."""
    lines = [_variant(one, one.index) for one in variants if one.index is not None]
    missing = [METHODS.get(one.method, one.method) for one in variants if one.index is None]
    if missing:
        names = "; ".join(missing)
        lines.append(f"Not computed, because the numbers they need are not published for this measure: {names}.")
    return tuple(lines)


def _variant(variant: Variant, index: float) -> str:
    verdict = "beyond" if variant.reliable else "within"
    return f"{METHODS.get(variant.method, variant.method)}: {index:.2f}, {verdict} {variant.limit:.2f}."
