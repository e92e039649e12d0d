"""Reliable and clinically significant change: the paper's example, and what holds for everybody."""

import doctest
import importlib
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.feedback.measures.domain.evidence import (
    Better,
    Evidence,
    Mark,
    Norm,
    Reliability,
    ReliableChange,
    Threshold,
)
from services.feedback.outcome.domain.change import (
    Category,
    ConstantsImpossible,
    change_index,
    change_of,
    criteria_of,
    cut_off_of,
    difference_error,
    is_clinical,
    reliable_change_of,
    reliable_points,
    standard_error,
)
from tests.feedback.outcome.measures import JT, ORS, PHQ_9, UNKNOWN

WORST_TO_BEST = [Category.DETERIORATED, Category.UNCHANGED, Category.IMPROVED, Category.RECOVERED]

totals = st.integers(0, 400).map(lambda tenths: tenths / 10)
measures = st.sampled_from([PHQ_9, ORS])


@pytest.mark.parametrize("module", ["change", "nhs", "sudden", "expected", "caseloads"])
def test_the_examples_in_the_docs_are_true(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"services.feedback.outcome.domain.{module}"))

    assert result.attempted
    assert result.failed == 0


def test_jt_hypothetical() -> None:
    criteria = criteria_of(JT.better, JT.clinical, JT.general)

    assert (criteria.a, criteria.b, criteria.c) == (55.0, 45.0, 50.0)
    assert criteria.chosen == ("c", 50.0)
    assert standard_error(7.5, 0.80) == pytest.approx(3.3541, abs=5e-5)
    assert difference_error(7.5, 0.80) == pytest.approx(4.7434, abs=5e-5)
    assert change_index(32.5, 47.5, sd=7.5, reliability=0.80) == pytest.approx(3.1623, abs=5e-5)


def test_the_client_of_the_paper_is_reliably_better_and_not_yet_recovered() -> None:
    change = change_of(32.5, 47.5, JT)

    assert change is not None
    assert (change.category, change.first_clinical, change.last_clinical) == (Category.IMPROVED, True, True)


def test_core10_rc() -> None:
    assert reliable_points(7.7, 0.90, confidence=90) == pytest.approx(5.66, abs=0.005)
    assert reliable_points(7.7, 0.90, confidence=95) == pytest.approx(6.75, abs=0.005)
    core = criteria_of(Better.LOWER, Norm(19.7, 7.7, "", Mark.STATED), Norm(4.7, 4.8, "", Mark.STATED))
    assert core.c == pytest.approx(10.46, abs=0.005)


def test_ors_rc() -> None:
    assert reliable_points(8.7, 0.93, confidence=90) == pytest.approx(5.35, abs=0.005)
    assert reliable_points(8.7, 0.93, confidence=95) == pytest.approx(6.38, abs=0.005)
    assert criteria_of(ORS.better, ORS.clinical, ORS.general).c == pytest.approx(24.3, abs=0.05)


def test_criterion_b_goes_by_the_spread_of_people_not_in_treatment() -> None:
    clinical, general = Norm(40, 10, "", Mark.STATED), Norm(60, 4, "", Mark.STATED)

    assert criteria_of(Better.HIGHER, clinical, general).b == 52  # 60 - 2 x 4, not 60 - 2 x 10
    assert criteria_of(Better.LOWER, general, clinical).b == 60  # 40 + 2 x 10, not 40 + 2 x 4


def test_b_is_taken_where_the_groups_do_not_overlap_and_a_where_only_the_clinical_norm_is_known() -> None:
    far = criteria_of(Better.HIGHER, Norm(20, 5, "", Mark.STATED), Norm(60, 5, "", Mark.STATED))
    alone = criteria_of(Better.HIGHER, Norm(20, 5, "", Mark.STATED), None)

    assert far.chosen == ("b", 50.0)
    assert alone.chosen == ("a", 30.0)
    assert criteria_of(Better.HIGHER, None, None).chosen is None


@pytest.mark.parametrize(
    ("first", "last", "category"),
    [
        (16, 9, Category.RECOVERED),
        (16, 10, Category.IMPROVED),  # ten is still a case
        (9, 3, Category.IMPROVED),  # nobody recovers who did not begin as a case
        (14, 9, Category.UNCHANGED),
        (10, 16, Category.DETERIORATED),
        (10, 15, Category.UNCHANGED),
    ],
)
def test_the_phq_9_by_its_published_points(first: float, last: float, category: Category) -> None:
    change = change_of(first, last, PHQ_9)

    assert change is not None
    assert change.category is category


def test_what_is_equal_on_paper_is_equal_here() -> None:
    change = change_of(13.3, 18.3, ORS)  # 5.000000000000002 or 4.999999999999998, as the machine pleases

    assert change is not None
    assert change.category is Category.IMPROVED
    assert all(
        change.reliable
        for tenths in range(351)
        if (change := change_of(tenths / 10, (tenths + 50) / 10, ORS)) is not None
    )


def test_somebody_who_began_well_and_is_reliably_worse_is_flagged() -> None:
    harmed, worse = change_of(5, 14, PHQ_9), change_of(12, 20, PHQ_9)

    assert harmed is not None
    assert worse is not None
    assert (harmed.harmed, worse.harmed) == (True, False)
    assert harmed.category is worse.category is Category.DETERIORATED


def test_crossing_the_cut_off_by_a_few_points_is_flagged_and_remains_unchanged() -> None:
    crossed, was_there = change_of(12, 8, PHQ_9), change_of(8, 7, PHQ_9)

    assert crossed is not None
    assert was_there is not None
    assert (crossed.category, crossed.non_reliably_recovered) == (Category.UNCHANGED, True)
    assert not was_there.non_reliably_recovered


def test_without_published_numbers_nothing_is_said() -> None:
    assert change_of(20, 2, UNKNOWN) is None
    assert reliable_change_of(UNKNOWN) is None
    assert cut_off_of(UNKNOWN) is None


def test_without_a_cut_off_nobody_counts_as_recovered() -> None:
    change = change_of(20, 2, replace(UNKNOWN, reliable_change=ReliableChange(8, None, "", Mark.EXPERT)))

    assert change is not None
    assert (change.category, change.first_clinical) == (Category.IMPROVED, None)


def test_published_points_go_before_computed_ones_and_computed_ones_say_so() -> None:
    published, computed = reliable_change_of(ORS), reliable_change_of(JT)

    assert published is not None
    assert computed is not None
    assert (published.points, published.confidence, published.mark) == (5, 90, Mark.EXPERT)
    assert (round(computed.points, 2), computed.confidence, computed.mark) == (9.3, 95, Mark.COMPUTED)
    cut_off = cut_off_of(JT)
    assert cut_off is not None
    assert (cut_off.code, cut_off.points, cut_off.mark) == ("criterion_c", 50, Mark.COMPUTED)


@pytest.mark.parametrize(
    ("sd", "reliability"), [(0, 0.8), (-1, 0.8), (7.5, 1), (7.5, 1.2), (7.5, -0.1), (float("nan"), 0.8)]
)
def test_impossible_constants_are_refused(sd: float, reliability: float) -> None:
    with pytest.raises(ConstantsImpossible):
        standard_error(sd, reliability)


@given(totals, totals, measures)
def test_both_directions_are_mirror_images(first: float, last: float, evidence: Evidence) -> None:
    assert evidence.cut_off is not None
    # At the cut-off itself the published rules differ: a case where lower is better, none where higher is.
    assume(evidence.cut_off.points not in (first, last))
    turned = replace(
        evidence,
        better=Better.HIGHER if evidence.better is Better.LOWER else Better.LOWER,
        cut_off=replace(evidence.cut_off, points=40 - evidence.cut_off.points),
    )

    one, other = change_of(first, last, evidence), change_of(40 - first, 40 - last, turned)

    assert one is not None
    assert other is not None
    assert (one.category, one.harmed, one.non_reliably_recovered) == (
        other.category,
        other.harmed,
        other.non_reliably_recovered,
    )


@given(totals, totals, totals, measures)
def test_a_bigger_improvement_is_never_called_worse(first: float, one: float, other: float, evidence: Evidence) -> None:
    worse, better = sorted((one, other), reverse=evidence.better is Better.LOWER)

    small, big = change_of(first, worse, evidence), change_of(first, better, evidence)

    assert small is not None
    assert big is not None
    assert WORST_TO_BEST.index(small.category) <= WORST_TO_BEST.index(big.category)


@given(totals, measures)
def test_the_same_total_twice_is_no_change(total: float, evidence: Evidence) -> None:
    change = change_of(total, total, evidence)

    assert change is not None
    assert (change.category, change.harmed, change.non_reliably_recovered) == (Category.UNCHANGED, False, False)


@given(st.floats(0.5, 30), st.floats(0, 0.99), st.floats(-50, 50), st.floats(-50, 50), st.sampled_from([90, 95]))
def test_the_index_and_the_points_agree(sd: float, r: float, first: float, last: float, confidence: int) -> None:
    limit = {90: 1.645, 95: 1.96}[confidence]
    index = abs(change_index(first, last, sd=sd, reliability=r))
    assume(abs(index - limit) > 1e-6)

    assert (index >= limit) == (abs(last - first) >= reliable_points(sd, r, confidence=confidence))


def test_the_cut_off_itself_is_a_case_where_lower_is_better_and_none_where_higher_is() -> None:
    assert is_clinical(10, Threshold("", 10, "", Mark.STATED), Better.LOWER)
    assert not is_clinical(25, Threshold("", 25, "", Mark.STATED), Better.HIGHER)


def test_a_reliability_alone_makes_no_threshold() -> None:
    assert reliable_change_of(replace(UNKNOWN, reliability=Reliability(0.9, "alpha", "", Mark.STATED))) is None
