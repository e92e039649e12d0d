"""Sudden gains and losses, looking back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.measures.domain.evidence import Better
from services.feedback.outcome.domain.sudden import Sudden, sudden_changes

totals = st.lists(st.none() | st.integers(0, 40).map(float), max_size=12)


def test_a_large_lasting_step_is_a_sudden_gain() -> None:
    assert sudden_changes([20, 21, 20, 10, 9, 10], reliable=6, better=Better.LOWER) == [Sudden(3, 10)]


def test_a_sudden_loss_has_to_be_a_quarter_of_the_total_before() -> None:
    # Seven points more of 30 are reliable and lasting, and less than a quarter.
    assert sudden_changes([30, 30, 30, 37, 37, 38], reliable=6, better=Better.LOWER) == []
    assert sudden_changes([24, 24, 24, 31, 31, 32], reliable=6, better=Better.LOWER) == [Sudden(3, -7)]


def test_a_gain_has_to_be_a_quarter_of_the_total_before() -> None:
    assert sudden_changes([30, 30, 30, 23, 23, 22], reliable=6, better=Better.LOWER) == []


def test_a_step_that_does_not_last_is_none() -> None:
    assert sudden_changes([20, 20, 20, 10, 20, 20], reliable=6, better=Better.LOWER) == []


def test_fewer_than_six_sessions_are_not_read() -> None:
    assert sudden_changes([20, 20, 20, 5, 5], reliable=6, better=Better.LOWER) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([None, 21, 20], [10, 9, 10], True),
        ([None, 21, 20], [10, None, 10], True),
        ([None, None, 20], [10, 9, 10], False),
        ([20, 21, None], [10, 9, 10], False),
    ],
)
def test_one_total_may_be_missing_on_each_side_but_not_beside_the_step(
    before: list[float | None], after: list[float | None], found: bool
) -> None:
    assert bool(sudden_changes([*before, *after], reliable=6, better=Better.LOWER)) is found


def test_with_fewer_totals_the_difference_has_to_be_clearer() -> None:
    full: list[float | None] = [23, 17, 20, 10, 13, 7]
    sparse: list[float | None] = [23, None, 17, 10, None, 7]

    assert sudden_changes(full, reliable=6, better=Better.LOWER) == [Sudden(3, 10)]
    assert sudden_changes(sparse, reliable=6, better=Better.LOWER) == []


@given(totals)
def test_gains_and_losses_are_alike_in_size(course: list[float | None]) -> None:
    gains = sudden_changes(course, reliable=6, better=Better.LOWER)
    losses = sudden_changes(course, reliable=6, better=Better.HIGHER)

    assert [(step.number, -step.gain) for step in gains] == [(step.number, step.gain) for step in losses]
