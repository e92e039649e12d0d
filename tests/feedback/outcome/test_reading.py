"""What is said of a measure, and that it follows from the instrument and this client's totals alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.alliance.domain.sentences import NextStep
from services.feedback.measures.domain.evidence import Evidence, Mark, ReliableChange
from services.feedback.outcome.domain.expected import Curve, NoCurve, StartBand, WhyNone
from services.feedback.outcome.domain.nhs import Paired, nhs_outcome
from services.feedback.outcome.domain.points import Scored
from services.feedback.outcome.domain.reading import OutcomeReading, read_outcome, said_of_curve, said_of_pair
from tests.feedback.outcome.measures import ORS, PHQ_9, UNKNOWN


def read(evidence: Evidence, *totals: float) -> OutcomeReading:
    return read_outcome("it", [Scored(number, total) for number, total in enumerate(totals, 1)], evidence)


@pytest.mark.parametrize(
    ("totals", "status", "template", "params"),
    [
        ((), "no_score", "outcome_no_score", {"measure": "it"}),
        ((15,), "one_score", "outcome_one_score", {"measure": "it", "x": 15}),
        ((15, 8), "recovered", "outcome_recovered", {"measure": "it", "first": 15, "last": 8}),
        ((20, 13), "improved", "outcome_improved", {"measure": "it", "diff": 7, "rc": 6, "confidence": 95}),
        ((15, 14), "unchanged", "outcome_unchanged", {"measure": "it", "first": 15, "last": 14, "rc": 6}),
        ((15, 21), "deteriorated", "outcome_deteriorated", {"measure": "it", "first": 15, "last": 21}),
    ],
)
def test_each_status_has_its_sentence(
    totals: tuple[float, ...], status: str, template: str, params: dict[str, object]
) -> None:
    reading = read(PHQ_9, *totals)

    assert (reading.status, reading.sentence.template, reading.sentence.params) == (status, template, params)


def test_worse_is_lower_where_higher_is_better() -> None:
    assert read(ORS, 25, 18).sentence.template == "outcome_deteriorated_lower"


def test_a_confidence_that_nobody_published_is_not_said() -> None:
    measure = replace(PHQ_9, reliable_change=ReliableChange(6, None, "", Mark.EXPERT))

    assert read(measure, 20, 13).sentence.template == "outcome_improved_confidence_unknown"


def test_where_no_reliable_change_is_known_none_is_claimed() -> None:
    reading = read(UNKNOWN, 20, 2)

    assert (reading.status, reading.sentence.template) == ("no_threshold", "outcome_no_threshold")


def test_flags_are_further_lines_and_change_nothing_in_the_status() -> None:
    harmed, crossed = read(PHQ_9, 5, 14), read(PHQ_9, 12, 8)

    assert (harmed.status, [s.template for s in harmed.further]) == ("deteriorated", ["outcome_harmed"])
    assert (crossed.status, [s.template for s in crossed.further]) == ("unchanged", ["outcome_non_reliably_recovered"])


def test_the_open_checkpoint_is_a_further_line() -> None:
    assert [s.template for s in read(ORS, 18, 18, 18).further] == ["outcome_checkpoint_3"]
    assert [s.template for s in read(ORS, 18, 18, 18, 18, 18, 18).further] == ["outcome_checkpoint_6"]
    assert read(ORS, 18, 18, 18, 24.5).further == ()


def test_a_deterioration_suggests_a_review() -> None:
    assert read(PHQ_9, 15, 21).sentence.next_step is NextStep.REVIEW_GOALS


@given(st.lists(st.integers(0, 27), max_size=8), st.sampled_from([PHQ_9, ORS, UNKNOWN]))
def test_whatever_the_totals_something_can_be_said(totals: list[int], evidence: Evidence) -> None:
    reading = read(evidence, *totals)

    assert reading.sentence.template.startswith("outcome_")
    assert (reading.change is None) == (reading.status in ("no_score", "one_score", "no_threshold"))


@given(st.lists(st.integers(0, 27), min_size=2, max_size=8))
def test_only_the_ends_decide_the_status(totals: list[int]) -> None:
    assert read(PHQ_9, *totals).status == read(PHQ_9, totals[0], totals[-1]).status


def test_a_total_beyond_the_curve_is_said_by_its_direction_and_one_within_it_not_at_all() -> None:
    curve = Curve(StartBand(10, 15), 50, PHQ_9.better, (Scored(3, 12),))

    above, within = said_of_curve("it", Scored(3, 13), curve), said_of_curve("it", Scored(3, 12), curve)
    below = said_of_curve("it", Scored(3, 11), replace(curve, better=ORS.better))

    assert above is not None
    assert below is not None
    assert (above.template, above.params) == ("off_local_curve", {"n": 50})
    assert (below.template, below.params) == ("off_local_curve_lower", {"measure": "it", "n": 50})
    assert within is None


@pytest.mark.parametrize(("why", "template"), [(WhyNone.TOO_FEW, "no_curve"), (WhyNone.NO_BANDS, "no_curve_no_bands")])
def test_where_there_is_no_curve_it_says_why(why: WhyNone, template: str) -> None:
    said = said_of_curve("it", Scored(3, 13), NoCurve(12, why))

    assert said is not None
    assert said.template == template


@pytest.mark.parametrize(
    ("phq", "gad", "template"),
    [
        ((16, 8), (10, 7), "outcome_nhs_reliable_recovery"),
        ((10, 9), (5, 5), "outcome_nhs_recovery"),
        ((16, 10), (10, 14), "outcome_mixed"),
        ((16, 16), (10, 10), None),
    ],
)
def test_two_measures_together(phq: tuple[int, int], gad: tuple[int, int], template: str | None) -> None:
    said = said_of_pair(["PHQ-9", "GAD-7"], nhs_outcome(Paired(*phq), Paired(*gad)))

    assert (said.template if said else None) == template
