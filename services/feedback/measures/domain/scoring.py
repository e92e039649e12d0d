"""Totals: made by the measure's own rule, or not at all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.feedback.measures.domain import Fill, Item, Measure, Method, Scoring, Subscale
from services.feedback.measures.domain.answers import Answers, lies_on_step

Numbers = dict[str, float]


class TotalsRefused(ValueError):
    """A total from paper is not one the measure can have; `problems` maps fields to sentences."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("totals refused: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Each field with its sentence, for the answer to the one who sent them."""
        return list(self.problems.items())


@dataclass(frozen=True, slots=True)
class Score:
    """
    A total in the measure's points, None when too few items were answered; never carried forward.

    `subscales` holds their points by id. `missing_risk` are risk items that were left open,
    which is not a "no"; `raised` those whose answer raises a risk event, whatever the total.
    `typed`: read from paper, so that nothing is known of the items. `maximum` is the most
    that these items can give.
    """

    total: float | None
    answered: int
    items: int
    needed: int
    rule_id: str
    subscales: Mapping[str, float | None] = field(default_factory=dict)
    missing_risk: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    maximum: float = 0.0
    typed: bool = False

    @property
    def prorated(self) -> bool:
        """True when the total stands on fewer items than the measure has."""
        return self.total is not None and self.answered < self.items


def score(measure: Measure, answers: Answers) -> Score:
    """
    The total of one check-in, and its parts.

    Unrounded; rounding is for display. What is left out is filled by the measure's own
    rule up to its own limit, and beyond it there is no total: zero never stands for missing.
    """
    rule, needed = _that_apply(measure.scoring, answers)
    numbers = _turned(measure, answers)
    answered = sum(item in numbers for item in rule.items)
    parts = {part.id: _part(part, numbers) for part in measure.subscales}
    return Score(
        total=_total(rule, needed, numbers, parts),
        answered=answered,
        items=answered if rule.fill is Fill.AS_MANY_AS_SET else len(rule.items),
        needed=needed,
        rule_id=rule.rule_id,
        subscales=parts,
        missing_risk=tuple(item for item in measure.risk_items if measure.item(item) and item not in answers),
        raised=tuple(item for item, least in measure.risk_items.items() if _number(answers.get(item), -1) >= least),
        maximum=rule.maximum,
    )


def score_total(measure: Measure, total: float | None, subscales: Mapping[str, float] | None = None) -> Score:
    """
    A total, or the totals of the subscales, as somebody read them off a paper form.

    Every risk item counts as missing: a total does not tell.

    Raises:
        TotalsRefused: the measure takes no totals or has no such subscale; a number that is
            none, is out of range or between two steps; parts that do not add up.
    """
    parts = dict(subscales or {})
    problems = _refused(measure, total, parts)
    if problems:
        raise TotalsRefused(problems)
    rule = measure.scoring
    return Score(
        total=None if total is None else float(total),
        answered=0,
        items=0,
        needed=0,
        rule_id=f"typed-from-paper:{rule.rule_id}",
        subscales={part.id: None if part.id not in parts else float(parts[part.id]) for part in measure.subscales},
        missing_risk=tuple(measure.risk_items),
        maximum=rule.maximum,
        typed=True,
    )


def turned_round(item: Item, answer: float) -> float:
    """A reversed item's points: the top of its range counts as the bottom; twice is as before."""
    return item.minimum + item.maximum - answer


def _that_apply(rule: Scoring, answers: Answers) -> tuple[Scoring, int]:
    """The rule without the item that does not apply to this person; what is left must then be complete."""
    rest = rule.leaves_out
    if rest is None or answers.get(rest.item) not in rest.any_of:
        return rule, rule.needed
    items = tuple(item for item in rule.items if item != rest.leaves_out)
    return replace(rule, items=items, maximum=rest.maximum), len(items)


def _turned(measure: Measure, answers: Answers) -> Numbers:
    numbers = {}
    for item in measure.items:
        answer = answers.get(item.id)
        if item.kind.is_number and isinstance(answer, int | float):
            numbers[item.id] = turned_round(item, answer) if item.id in measure.scoring.reversed else answer
    return numbers


def _total(rule: Scoring, needed: int, numbers: Numbers, parts: Mapping[str, float | None]) -> float | None:
    if rule.method in {Method.NONE, Method.TYPED}:
        return None
    if rule.method is Method.SUBSCALES:
        known = [value for value in parts.values() if value is not None]
        return exact_sum(known) if len(known) == len(parts) else None
    stood_in = {item: numbers[other] for item, other in rule.stand_ins.items() if other in numbers}
    values = [(stood_in | numbers)[item] for item in rule.items if item in numbers or item in stood_in]
    if len(values) < needed:
        return None
    if rule.method is Method.TABLE:
        return rule.table[int(exact_sum(values))]
    if rule.method is Method.MEAN:
        return exact_sum(values) * rule.factor / len(values)
    return exact_sum(values) * len(rule.items) / len(values)


def _part(part: Subscale, numbers: Numbers) -> float | None:
    values = [numbers[item] for item in part.items if item in numbers]
    if part.method is Method.TYPED or len(values) < part.needed:
        return None
    if part.method is Method.MEAN:
        return exact_sum(values) * part.factor / len(values)
    if part.fill is Fill.ROUNDED_MEAN and len(values) < len(part.items):
        stand_in = math.floor(exact_sum(values) / len(values) + 0.5)  # half up
        return exact_sum(values) + stand_in * (len(part.items) - len(values))
    return exact_sum(values) * len(part.items) / len(values)


def exact_sum(values: Sequence[float]) -> float:
    """The sum as it is added up on paper: 8.1 and 7.9 and 9.0 are 25, not a hair more or less."""
    return float(sum(Decimal(str(value)) for value in values))


def _refused(measure: Measure, total: float | None, parts: Mapping[str, float]) -> dict[str, str]:
    if not measure.accepts_totals:
        return {"total": "This measure is not entered as a total."}
    known = {part.id: part for part in measure.subscales}
    problems = {f"subscales.{name}": "The measure has no such subscale." for name in parts if name not in known}
    for name, value in parts.items():
        if name in known and (problem := _out_of_place(value, known[name])):
            problems[f"subscales.{name}"] = problem
    if measure.scoring.method is Method.NONE:
        if total is not None:
            problems["total"] = "This measure has no total, only subscales."
        elif not parts:
            problems["subscales"] = "Enter at least one subscale."
    elif total is None:
        problems["total"] = "Enter the total."
    elif problem := _out_of_place(total, measure.scoring):
        problems["total"] = problem
    if not problems and _do_not_add_up(measure, total, parts):
        problems["total"] = f"The subscales add up to {exact_sum(list(parts.values())):g}."
    return problems


def _out_of_place(value: object, rule: Scoring | Subscale) -> str:
    table = rule.table if isinstance(rule, Scoring) else {}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Must be a number."
    if table and value not in table.values():
        return "Is none of the points of the table; enter the total after its conversion."
    if table or lies_on_step(value, minimum=rule.minimum, maximum=rule.maximum, step=rule.step):
        return ""
    return f"Must be a number from {rule.minimum:g} to {rule.maximum:g}, in steps of {rule.step:g}."


def _do_not_add_up(measure: Measure, total: float | None, parts: Mapping[str, float]) -> bool:
    if measure.scoring.method is not Method.SUBSCALES or len(parts) < len(measure.subscales):
        return False
    return total is not None and exact_sum(list(parts.values())) != total


def _number(value: object, otherwise: float) -> float:
    return value if isinstance(value, int | float) else otherwise
