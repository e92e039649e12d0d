"""Figures about many courses, and when there are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.measures.domain.evidence import Better
from services.feedback.outcome.domain.caseloads import (
    adjusted_effect_size,
    effect_size,
    figure,
    hidden_cells,
    reference_of,
    residual,
    shrunken_means,
    small_sample_factor,
)

gains = st.lists(st.floats(-20, 20).map(lambda x: round(x, 1)), min_size=0, max_size=40)


def test_an_effect_size_is_in_spreads_of_the_first_totals() -> None:
    assert effect_size([10, 12, 14], [8, 10, 12], Better.LOWER) == 1.0
    assert effect_size([10, 12, 14], [8, 10, 12], Better.HIGHER) == -1.0


@pytest.mark.parametrize("firsts", [[], [12], [12, 12, 12]])
def test_one_case_or_equal_starts_make_no_effect_size(firsts: list[float]) -> None:
    assert effect_size(firsts, firsts, Better.LOWER) is None
    assert reference_of(firsts, firsts, Better.LOWER) is None


@pytest.mark.parametrize(("n", "j"), [(2, 0.0), (10, 0.9143), (20, 0.96), (1000, 0.9992)])
def test_few_cases_draw_an_effect_size_in(n: int, j: float) -> None:
    assert small_sample_factor(n) == pytest.approx(j, abs=5e-5)


def test_a_gain_is_compared_with_what_is_usual_for_its_start() -> None:
    # Half of the first total is what everybody gains here.
    firsts = [10.0, 14.0, 18.0, 22.0]
    reference = reference_of(firsts, [first / 2 for first in firsts], Better.LOWER)

    assert reference is not None
    assert reference.intercept == pytest.approx(0)
    assert reference.slope == pytest.approx(0.5)
    assert residual(20, 10, reference, Better.LOWER) == pytest.approx(0)
    assert residual(20, 7, reference, Better.LOWER) == pytest.approx(3)
    assert adjusted_effect_size(20, 10, reference, Better.LOWER) == pytest.approx(reference.effect_size)
    assert adjusted_effect_size(20, 7, reference, Better.LOWER) > reference.effect_size


def test_residuals_of_the_reference_set_add_up_to_nothing() -> None:
    firsts, lasts = [10.0, 14.0, 18.0, 25.0], [9.0, 8.0, 16.0, 11.0]
    reference = reference_of(firsts, lasts, Better.LOWER)

    assert reference is not None
    assert sum(residual(f, x, reference, Better.LOWER) for f, x in zip(firsts, lasts, strict=True)) == pytest.approx(0)


def test_below_twenty_cases_there_is_no_number() -> None:
    assert (figure(0.6, 19).value, figure(0.6, 19).is_suppressed) == (None, True)
    assert (figure(0.6, 20).value, figure(0.6, 20).is_suppressed) == (0.6, False)
    means = shrunken_means({"a": [1.0, 3.0] * 10, "b": [2.0, 4.0] * 9})
    assert means["a"].value is not None
    assert (means["b"].value, means["b"].low, means["b"].n) == (None, None, 18)


def test_means_are_drawn_together_by_the_published_weights() -> None:
    groups = {"a": [float(x % 5) for x in range(40)], "b": [4.0 + x % 5 for x in range(20)]}

    means = shrunken_means(groups)

    a, b = means["a"].value, means["b"].value
    assert a is not None
    assert b is not None
    assert 2 < a < b < 6  # between their own means and the mean of all
    assert a - 2 < 6 - b  # the smaller group moves further


def test_groups_that_differ_by_chance_alone_share_one_mean_with_an_honest_interval() -> None:
    same = [float(x % 5) for x in range(20)]

    means = shrunken_means({"a": same, "b": same, "c": same})

    assert {m.value for m in means.values()} == {2.0}
    assert means["a"].low is not None
    assert means["a"].low < 2.0


def test_one_group_has_nothing_to_be_compared_with() -> None:
    assert shrunken_means({"a": [1.0, 2.0] * 20})["a"].value is None
    assert shrunken_means({}) == {}
    assert shrunken_means({"a": [], "b": []}, least=0)["a"].value is None


@given(st.dictionaries(st.sampled_from("abcdef"), gains, max_size=6))
def test_a_shrunken_mean_lies_between_the_group_and_all_and_groups_keep_their_order(
    groups: dict[str, list[float]],
) -> None:
    means = shrunken_means(groups)

    everything = [x for values in groups.values() for x in values]
    assert list(means) == list(groups)
    for mean in means.values():
        assert (mean.value is None) or (min(everything) - 1e-9 <= mean.value <= max(everything) + 1e-9)
        assert (mean.value is None) or (mean.low is not None and mean.low <= mean.value)
        assert mean.n >= 20 or mean.value is None


def test_a_small_cell_is_hidden_with_the_next_smallest_so_that_it_cannot_be_worked_out() -> None:
    assert hidden_cells({"better": 14, "same": 6, "worse": 2}) == {"same", "worse"}
    assert hidden_cells({"better": 14, "same": 2, "worse": 2}) == {"same", "worse"}
    assert hidden_cells({"better": 14, "same": 6, "worse": 0}) == frozenset()
    assert hidden_cells({"better": 3}) == {"better"}


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30), max_size=6))
def test_no_cell_can_be_worked_out_from_a_total(counts: dict[str, int]) -> None:
    hidden = hidden_cells(counts)

    assert all(key in hidden for key, n in counts.items() if 0 < n < 5)
    assert len(hidden) != 1 or all(n == 0 for key, n in counts.items() if key not in hidden)
