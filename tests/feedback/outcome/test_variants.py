"""Other forms of the index, by hand-worked numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.outcome.domain.points import Scored
from services.feedback.outcome.domain.variants import Method, Population, en, gln, ha, hll, hlm, nk, variants_of
from tests.feedback.outcome.measures import JT, PHQ_9

# The example of Jacobson & Truax: mean 40, spread 7.5, reliability .80, from 32.5 to 47.5.
PRE, POST, GROUP = 32.5, 47.5, {"m": 40.0, "sd": 7.5, "r": 0.80}


def test_each_form_by_hand() -> None:
    assert gln(PRE, POST, **GROUP) == pytest.approx((7.5 + 6) / 4.5)
    assert hll(PRE, POST, **GROUP, m_post=45.0) == pytest.approx((2.5 + 6) / 4.5)
    assert en(PRE, POST, **GROUP) == pytest.approx((47.5 - 34) / math.sqrt(11.25))
    assert nk(PRE, POST, **GROUP, r_post=0.80) == pytest.approx(13.5 / math.sqrt(0.64 * 11.25 + 11.25))
    # r_dd = (45 + 45 - 67.5) / (112.5 - 67.5) = 0.5
    before, after = (40.0, 7.5, 0.80), (45.0, 7.5, 0.80)
    assert ha(PRE, POST, before=before, after=after, r12=0.6) == pytest.approx(
        (15 * 0.5 + 5 * 0.5) / (math.sqrt(0.5) * math.sqrt(2) * math.sqrt(11.25))
    )


def test_a_perfectly_shared_variance_leaves_no_difference_to_measure() -> None:
    with pytest.raises(ValueError, match="measure nothing"):
        ha(PRE, POST, before=(40.0, 7.5, 0.80), after=(45.0, 7.5, 0.80), r12=0.8)


def test_a_slope_is_drawn_towards_that_of_many() -> None:
    many = Population(start=20, slope=0, var_start=25, var_slope=1, covariance=0, residual=4)
    falling = [Scored(number, 20 - 2 * (number - 1)) for number in range(1, 7)]

    assert hlm(falling, many) < -1.96
    assert hlm(falling[:1], many) == 0  # one total says nothing of a slope
    assert abs(hlm(falling[:2], many)) < 1.96


def test_with_a_wide_prior_the_slope_is_that_of_the_points() -> None:
    wide = Population(start=0, slope=0, var_start=1e9, var_slope=1e9, covariance=0, residual=4)
    falling = [Scored(number, 20 - 2 * (number - 1)) for number in range(1, 7)]
    squares = sum((t - 2.5) ** 2 for t in range(6))

    assert hlm(falling, wide) == pytest.approx(-2 / math.sqrt(4 / squares), rel=1e-4)


def test_what_cannot_be_computed_from_published_numbers_is_listed_without_one() -> None:
    detail = {variant.method: variant for variant in variants_of(PRE, POST, JT)}

    assert list(detail) == list(Method)
    assert {method for method, variant in detail.items() if variant.index is None} == {"hll", "nk", "ha", "hlm"}
    assert detail[Method.JT].index == pytest.approx(3.1623, abs=5e-5)
    assert (detail[Method.JT].reliable, detail[Method.HA].reliable) == (True, None)
    assert [variant.index for variant in variants_of(16, 9, PHQ_9)] == [None] * len(Method)


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_the_sign_turns_with_the_scale(pre: float, post: float) -> None:
    for form in (gln, en):
        assert form(pre, post, m=0, sd=7.5, r=0.8) == pytest.approx(-form(-pre, -post, m=0, sd=7.5, r=0.8))
