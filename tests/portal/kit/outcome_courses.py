"""Outcome measures to draw, made of a line of numbers each; fictional, dates fixed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from portal.clients.feedback.course import Sentence
from portal.clients.feedback.forms import FormOption
from portal.clients.feedback.outcome import (
    BoundaryPoint,
    Change,
    Correction,
    Curve,
    MeasureOutcome,
    OutcomeMeasure,
    OutcomePoint,
    ScoredItem,
    Threshold,
    Variant,
)
from tests.cast import ANA, BEN
from tests.feedback.conftest import NOW
from tests.portal.kit.chart_courses import session_day

WORDED = tuple(FormOption(str(n), words) for n, words in enumerate(("Not at all", "Several days", "Nearly every day")))
PHQ_9 = OutcomeMeasure(
    "phq-9",
    1,
    "Patient Health Questionnaire 9",
    "PHQ-9",
    0,
    27,
    "lower",
    label="A published questionnaire.",
    items=(
        ScoredItem("q1", text="Little interest", options=WORDED),
        ScoredItem("q2", text="Feeling down", options=WORDED),
    ),
)
ORS = OutcomeMeasure(
    "ors", 1, "Outcome Rating Scale", "ORS", 0, 40, "higher", items=(ScoredItem("q1", part="individual"),)
)


def outcome_point(number: int, total: float | None, **more: Any) -> OutcomePoint:
    return OutcomePoint(
        session_number=number,
        appointment_id=UUID(int=number),
        date=session_day(number),
        practitioner_id=more.pop("practitioner_id", ANA.id),
        measure_version=more.pop("measure_version", 1),
        total=total,
        missing_reason=None if total is not None else more.pop("reason", "no_answer"),
        **more,
    )


def measured(measure: OutcomeMeasure, totals: Sequence[float | None], status: str = "unchanged") -> MeasureOutcome:
    """The measure as the service tells it, its sentence being the one of its status."""
    scored = [total for total in totals if total is not None]
    ends = {"measure": measure.short_name, "first": scored[0], "last": scored[-1], "rc": 6.0} if scored else {}
    lower = measure.better == "lower"
    return MeasureOutcome(
        measure=measure,
        status=status,
        sentence=Sentence(f"outcome_{status}", ends | {"measure": measure.short_name}, "ask_what_helped"),
        change=Change(scored[0], scored[-1], scored[0] - scored[-1]) if len(scored) > 1 else None,
        reliable_change=Threshold(6, "NHS manual", "stated", 95),
        cut_off=Threshold(10 if lower else 25, "NHS manual", "expert", code="caseness"),
        points=tuple(outcome_point(number, total) for number, total in enumerate(totals, 1)),
    )


def recovered() -> MeasureOutcome:
    """Eight sessions, one without an answer, one estimated, one corrected; a curve to compare with."""
    found = measured(PHQ_9, [18, 17, None, 14, 12.9, 11, 8, 6], "recovered")
    points = list(found.points)
    points[0] = replace(points[0], answers={"q1": 2, "q2": 1})
    points[4] = replace(points[4], prorated=True, answered=1, items=2, answers={"q1": 1})
    points[6] = replace(points[6], corrections=(Correction(1, "typing_error", NOW, 18),))
    return replace(
        found,
        points=tuple(points),
        variants=(Variant("jt", 1.96, 3.21, reliable=True), Variant("hll", 1.96)),
        curve=Curve(64, tuple(BoundaryPoint(n, 20 - n) for n in range(1, 8))),
    )


def change_of_therapist() -> MeasureOutcome:
    """The measure follows the client: Ana's hours, then Ben's."""
    found = measured(ORS, [18.2, 17.5, 21, 22.4, 19.9], "unchanged")
    return replace(
        found, points=tuple(replace(p, practitioner_id=BEN.id) if n > 2 else p for n, p in enumerate(found.points))
    )


def new_version() -> MeasureOutcome:
    """From session 3 on another version of the measure."""
    found = measured(replace(PHQ_9, version=2), [18, 17, 12, 11], "unchanged")
    return replace(
        found, points=tuple(replace(p, measure_version=2) if n > 1 else p for n, p in enumerate(found.points))
    )


OUTCOMES = {
    "nothing-yet": measured(PHQ_9, [None], "no_score"),
    "one-total": measured(PHQ_9, [18], "one_score"),
    "recovered": recovered(),
    "change-of-therapist": change_of_therapist(),
    "new-version": new_version(),
}
