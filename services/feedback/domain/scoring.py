"""Totals: made by the measure's own rule, or not at all."""

from dataclasses import dataclass

from services.feedback.domain.answers import Answers
from services.feedback.domain.measures import Measure


@dataclass(frozen=True, slots=True)
class Score:
    """A total in the measure's points, None when too few items were answered; never carried forward."""

    total: float | None
    answered: int
    items: int
    needed: int
    rule_id: str

    @property
    def prorated(self) -> bool:
        """True when the total stands on fewer items than the measure has."""
        return self.total is not None and self.answered < self.items


def score(measure: Measure, answers: Answers) -> Score:
    """
    The total of one check-in: mean of the answered scored items, times the measure's factor.

    Unrounded; rounding is for display. For the project's form: 0-100 points, higher is
    better, needs 4 of 5 items.
    """
    rule = measure.scoring
    values = [value for item in rule.items if isinstance(value := answers.get(item), int)]
    total = sum(values) * rule.factor / len(values) if len(values) >= rule.needed else None
    return Score(total, len(values), len(rule.items), rule.needed, rule.rule_id)
