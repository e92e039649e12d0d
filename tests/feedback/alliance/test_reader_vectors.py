"""The worked examples of the reader: two courses on an SRS-like scale (sigma0 2.5, nu0 4, cut 36, maximum 40)."""

from dataclasses import replace

import pytest

from services.feedback.alliance.domain.chart import lower_limit, moving_ranges
from services.feedback.alliance.domain.rules import READER_2, RULES, ReaderRules, rules_for
from services.feedback.alliance.domain.series import Point
from services.feedback.measures.store import definitions
from tests.feedback.alliance.series import SRS_LIKE, codes, read_totals, states

READER_A = (38.1, 38.6, 37.9, 33.2, 35.0, 38.2, 38.4)
READER_B = (34, 35, None, 29, 30, 29.5, 30.2)


def test_reader_a_dips_and_is_repaired() -> None:
    course = read_totals(*READER_A, rules=SRS_LIKE)

    assert states(course) == ["steady", "steady", "steady", "rupture", "rupture", "repaired", "steady"]
    assert [codes(r) for r in course.readings] == [[], [], [], ["S2", "S3"], ["S2", "S3"], [], []]
    assert [r.n for r in course.readings] == [0, 1, 2, 3, 3, 3, 4]
    assert [r.frozen for r in course.readings] == [False, False, False, False, True, True, False]


@pytest.mark.parametrize(
    ("t", "m", "s", "z"),
    [
        (3, 38.35, 2.242, -0.164),
        (4, 38.2, 2.052, -2.110),
        (5, 38.2, 2.052, -1.351),
        (6, 38.2, 2.052, 0.000),
        (7, 38.2, 1.900, 0.094),
    ],
)
def test_reader_a_goes_by_these_numbers(t: int, m: float, s: float, z: float) -> None:
    reading = read_totals(*READER_A, rules=SRS_LIKE).readings[t - 1]

    assert reading.m == pytest.approx(m, abs=0.0005)
    assert reading.s == pytest.approx(s, abs=0.0005)
    assert reading.z == pytest.approx(z, abs=0.0005)


def test_reader_a_says_what_is_usual_for_this_client() -> None:
    reading = read_totals(*READER_A, rules=SRS_LIKE).readings[3]

    assert reading.sentence.template == "rupture_personal"
    assert reading.sentence.params == {"x": 33.2, "low": 33.5, "high": 40.0, "prev": 37.9}


def test_reader_a_grades_the_way_back_as_strained() -> None:
    course = read_totals(*READER_A, rules=SRS_LIKE)

    grades = [[(s.code.value, s.grade) for s in r.signals if s.grade] for r in course.readings[3:5]]
    assert grades == [[("S3", "rupture")], [("S3", "strained")]]


@pytest.mark.parametrize("rules", [SRS_LIKE, replace(SRS_LIKE, drift_rest=READER_2.drift_rest)])
def test_reader_b_falls_across_a_gap_and_stays_down(rules: ReaderRules) -> None:
    course = read_totals(*READER_B, rules=rules)

    assert states(course) == ["steady", "steady", "steady", "rupture", "rupture", "rupture", "unrepaired"]
    assert [codes(r) for r in course.readings] == [
        ["S2"],
        ["S2"],
        [],
        ["S1", "S2", "S3"],
        ["S2", "S3", "S5"],
        ["S2", "S3"],
        ["S2", "S3"],
    ]
    assert course.readings[3].signals[0].numbers["across_gap"] is True
    assert course.readings[3].signals[0].numbers["diff"] == pytest.approx(6)


@pytest.mark.parametrize(("t", "z"), [(4, -1.989), (5, -1.627), (6, -1.808), (7, -1.555)])
def test_reader_b_stands_still_at_its_baseline(t: int, z: float) -> None:
    reading = read_totals(*READER_B, rules=SRS_LIKE).readings[t - 1]

    assert (reading.n, reading.m) == (2, 34.5)
    assert reading.s == pytest.approx(2.258, abs=0.0005)
    assert reading.z == pytest.approx(z, abs=0.0005)
    assert [s.grade for s in reading.signals if s.code == "S3"] == ["strained"]


def test_three_calm_sessions_make_a_chart_that_any_dip_would_break() -> None:
    calm = [Point(1, 38.1), Point(2, 38.6), Point(3, 37.9)]

    assert moving_ranges(calm) == pytest.approx([0.5, 0.7])
    assert lower_limit(calm, robust=False) == pytest.approx(36.604, abs=0.001)


def test_no_moving_range_is_taken_across_a_gap() -> None:
    assert moving_ranges([Point(1, 38.0), Point(3, 30.0), Point(4, 31.0)]) == [1.0]


@pytest.mark.parametrize("version", RULES)
def test_the_srs_itself_is_read_by_the_numbers_of_its_examples(version: str) -> None:
    """Totals typed from licensed paper are read, too: the cut-off is published, the starting spread ours."""
    rules = rules_for(definitions.measures()["srs"], version)

    assert (rules.sigma0, rules.cut, rules.maximum) == (2.5, 36, 40)
    assert states(read_totals(*READER_A, rules=rules))[3:6] == ["rupture", "rupture", "repaired"]
    assert states(read_totals(*READER_B, rules=rules))[3:] == ["rupture", "rupture", "rupture", "unrepaired"]
