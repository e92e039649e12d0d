"""Measures as a list and one by one: every number with who says so, every gap said aloud."""

from collections.abc import Iterable
from dataclasses import dataclass

from portal.clients.feedback.measures import Detail, Registered, RegisteredItem, Sourced
from portal.kit.wording.codes import word
from portal.kit.wording.measures import CONSTRUCTS, CONTEXTS, LICENCES, MARKS, STATUSES
from portal.kit.wording.states import Tag

_BROUGHT = {"byo_wording", "open_nd_nc"}


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure in the list."""

    id: str
    short_name: str
    name: str
    tag: Tag
    licence: str
    scoring: str


@dataclass(frozen=True, slots=True)
class Group:
    """The measures of one construct."""

    id: str
    title: str
    lines: list[MeasureRow]


@dataclass(frozen=True, slots=True)
class RegisteredQuestion:
    """One question as it is asked, or its number where there are no words."""

    text: str
    answers: str
    is_risk: bool


@dataclass(frozen=True, slots=True)
class MeasurePage:
    """One measure."""

    id: str
    short_name: str
    name: str
    tag: Tag
    label: str
    facts: list[tuple[str, str]]
    stem: str
    questions: list[RegisteredQuestion]
    count: int
    outline: str
    unknown: tuple[str, ...]
    attribution: str | None
    notice: str | None
    takes_words: bool
    asks_about_profit: bool
    imports: list[str]


def present_registry(measures: Iterable[Registered]) -> list[Group]:
    """By what they are about; what is ready comes first."""
    ready = list(STATUSES)
    groups = []
    for code, title in CONSTRUCTS.items():
        lines = [one for one in measures if one.construct == code]
        lines.sort(key=lambda one: (ready.index(one.status) if one.status in ready else len(ready), one.short_name))
        if lines:
            groups.append(Group(code, title, [_line(one) for one in lines]))
    return groups


def present_measure(measure: Detail) -> MeasurePage:
    return MeasurePage(
        id=measure.id,
        short_name=measure.short_name,
        name=measure.name,
        tag=_tag(measure.status),
        label=measure.label,
        facts=_facts(measure),
        stem=measure.stem,
        questions=[_question(item, measure) for item in measure.items if item.text],
        count=len(measure.items),
        outline="" if any(item.text for item in measure.items) else _outline(measure),
        unknown=measure.not_established,
        attribution=measure.licence.attribution_line,
        notice=measure.notice,
        takes_words=measure.licence.licence_class in _BROUGHT and bool(measure.items),
        asks_about_profit=measure.licence.confirm_commercial,
        imports=[
            f"{kept.language}, import {kept.number}: {word(CONTEXTS, kept.context).lower()}"
            for kept in measure.wordings
        ],
    )


def _line(measure: Registered) -> MeasureRow:
    return MeasureRow(
        measure.id,
        measure.short_name,
        measure.name if measure.name != measure.short_name else "",
        _tag(measure.status),
        word(LICENCES, measure.licence.licence_class),
        _points(measure),
    )


def _tag(status: str) -> Tag:
    return STATUSES.get(status, Tag(status, "info", "quiet"))


def _points(measure: Registered) -> str:
    rule = measure.scoring
    if rule.min is None or rule.max is None:
        return "Parts, no total" if measure.accepts_totals else "Not established"
    return f"{rule.min:g} to {rule.max:g}, {measure.evidence.better} is better"


def _facts(measure: Detail) -> list[tuple[str, str]]:
    rule, evidence = measure.scoring, measure.evidence
    facts = [("Asked", f"{measure.moment.capitalize()} the session, of the {measure.side}")]
    facts.append(("Points", _points(measure)))
    if rule.items:
        left = len(rule.items) - rule.needed
        says = f" {rule.missing.source} ({word(MARKS, rule.missing.mark)})." if rule.missing else ""
        facts.append(("Left out", (f"Up to {left} of {len(rule.items)} questions." if left else "None may be.") + says))
    if evidence.cut_off:
        facts.append(("Threshold", _sourced(evidence.cut_off)))
    if evidence.reliable_change:
        facts.append(("Reliable change", _sourced(evidence.reliable_change, confident=True)))
    facts.append(("Licence", f"{word(LICENCES, measure.licence.licence_class)} Holder: {measure.licence.holder}."))
    facts.append(("Read at", measure.licence.reference))
    if measure.instrument_source:
        facts.append(("From", measure.instrument_source))
    return facts


def _sourced(known: Sourced, *, confident: bool = False) -> str:
    sure = ""
    if confident:
        sure = f" ({known.confidence:g}% confidence)" if known.confidence else " (confidence not established)"
    return f"{known.points:g} points{sure}. {known.source} ({word(MARKS, known.mark)})."


def _question(item: RegisteredItem, measure: Detail) -> RegisteredQuestion:
    worded = " / ".join(option.text for option in item.options if option.text)
    return RegisteredQuestion(item.text, worded or _range(item), item.id in measure.risk_items)


def _range(item: RegisteredItem) -> str:
    return f"{item.min:g} to {item.max:g}" if item.min < item.max else ""


def _outline(measure: Detail) -> str:
    """What is to be said of questions without words."""
    if not measure.items:
        return "What its answers are is not known well enough."
    ranges = list(dict.fromkeys(_range(item) for item in measure.items if _range(item)))
    risky = [str(n) for n, item in enumerate(measure.items, 1) if item.id in measure.risk_items]
    said = f"The words are not here. Answers go from {' and '.join(ranges)}"
    if not risky:
        return f"{said}."
    which = f"questions {', '.join(risky)} are" if len(risky) > 1 else f"question {risky[0]} is"
    return f"{said}; {which} told to the clinic at once."
