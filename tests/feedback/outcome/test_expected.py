"""The expected course from finished cases with a similar start."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.measures.domain.evidence import Better, Evidence
from services.feedback.outcome.domain.expected import (
    Curve,
    FinishedCase,
    NoCurve,
    StartBand,
    WhyNone,
    expected_course,
    is_off_curve,
    percentile,
    start_band_of,
)
from services.feedback.outcome.domain.points import Scored
from tests.feedback.outcome.measures import ORS, PHQ_9, UNKNOWN


def case(*totals: float | None) -> FinishedCase:
    points = [Scored(number, total) for number, total in enumerate(totals, 1) if total is not None]
    return FinishedCase(tuple(points), len(totals))


def falling(many: int, *, sessions: int = 6) -> list[FinishedCase]:
    """Cases that begin with 10 to 14 and fall by a point a session."""
    return [case(*(10 + n % 5 - t for t in range(sessions))) for n in range(many)]


def curve_of(first: float, finished: Sequence[FinishedCase], evidence: Evidence = PHQ_9) -> Curve:
    found = expected_course(first, finished, evidence)
    assert isinstance(found, Curve)
    return found


def test_below_fifty_cases_there_is_no_curve_and_it_says_how_many_there_are() -> None:
    assert expected_course(12, falling(49), PHQ_9) == NoCurve(49, WhyNone.TOO_FEW)
    assert isinstance(expected_course(12, falling(50), PHQ_9), Curve)


def test_only_cases_with_a_similar_start_count() -> None:
    assert expected_course(16, falling(80), PHQ_9) == NoCurve(0, WhyNone.TOO_FEW)


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, (0, 5)), (9.9, (5, 10)), (10, (10, 15)), (27, (20, None))],
)
def test_a_similar_start_is_the_same_published_band(total: float, band: tuple[float, float | None]) -> None:
    assert start_band_of(total, PHQ_9) == StartBand(*band)


def test_without_bands_the_two_sides_of_the_cut_off_are_similar() -> None:
    assert start_band_of(24.9, ORS) == StartBand(None, 25)
    assert start_band_of(25, ORS) == StartBand(25, None)


def test_without_bands_and_cut_off_nothing_is_similar() -> None:
    assert expected_course(12, falling(80), UNKNOWN) == NoCurve(0, WhyNone.NO_BANDS)


def test_the_curve_is_the_total_that_nine_in_ten_were_no_worse_than() -> None:
    curve = curve_of(12, falling(50))

    assert curve.n == 50
    assert curve.boundary == tuple(Scored(t + 1, 14 - t) for t in range(6))


def test_where_higher_is_better_the_curve_is_the_low_side() -> None:
    rising = [case(*(20 + n % 5 + t for t in range(4))) for n in range(50)]

    curve = curve_of(20, rising, ORS)

    assert curve.boundary == tuple(Scored(t + 1, 20 + t) for t in range(4))
    assert is_off_curve(Scored(2, 20.5), curve)
    assert not is_off_curve(Scored(2, 21), curve)


def test_a_total_beyond_the_curve_is_off_it_and_one_on_it_is_not() -> None:
    curve = curve_of(12, falling(50))

    assert is_off_curve(Scored(3, 12.1), curve)
    assert not is_off_curve(Scored(3, 12), curve)
    assert not is_off_curve(Scored(7, 27), curve)  # nothing is drawn there, nothing is said


def test_the_curve_stops_where_nine_in_ten_had_finished() -> None:
    short, long = falling(46, sessions=4), falling(4, sessions=20)

    assert [point.number for point in curve_of(12, short + long).boundary] == [1, 2, 3, 4]


def test_a_session_with_few_totals_has_no_point() -> None:
    gaps = [case(12, None, 10) for _ in range(31)]

    curve = curve_of(12, gaps + falling(19, sessions=3))

    assert [point.number for point in curve.boundary] == [1, 3]


@given(st.lists(st.floats(0, 27), min_size=1, max_size=60), st.floats(0, 1))
def test_a_percentile_lies_within_its_values_and_grows_with_its_share(values: list[float], share: float) -> None:
    assert min(values) <= percentile(values, share) <= max(values) + 1e-9
    assert percentile(values, 0) <= percentile(values, share) + 1e-9


@given(st.permutations(falling(52)))
def test_the_order_of_cases_does_not_matter(finished: list[FinishedCase]) -> None:
    assert curve_of(12, finished) == curve_of(12, falling(52))


def test_better_is_kept_with_the_curve() -> None:
    assert curve_of(12, falling(50)).better is Better.LOWER
