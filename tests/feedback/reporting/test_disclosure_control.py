"""No small count can be worked out from all that a year and its quarters tell."""

from collections.abc import Iterator
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.feedback.outcome.domain.caseloads import LEAST_IN_A_CELL
from services.feedback.reporting.domain.disclosure_control import Tally, Told, Withheld, parts, told

CELLS = ("returned/link", "returned/paper", "returned/portal", "missing/no_answer", "missing/declined")
THERAPISTS = frozenset(UUID(int=n) for n in range(4))
ASKED = ((0,), (1,), (2,), (3,), (0, 1, 2, 3))

quarters = st.dictionaries(st.sampled_from(CELLS), st.integers(0, 14))
years = st.lists(quarters, min_size=4, max_size=4)
running = st.one_of(st.none(), st.integers(0, 3))
Atom = tuple[int, str]


def tally(counts: dict[str, int], therapists: frozenset[UUID] = THERAPISTS) -> Tally:
    return Tally(counts, therapists if any(counts.values()) else frozenset())


def published(year: list[Tally], now_running: int | None) -> Iterator[tuple[frozenset[Atom], int]]:
    """Everything that can be asked and is told: sets of (quarter, cell) with the number of people in them."""
    for asked in ASKED:
        found = told(year, asked, running=now_running)
        if isinstance(found, Told):
            for cells, n in found.parts.items():
                yield frozenset(product(asked, cells)), n


@settings(max_examples=300, deadline=None)
@given(years, running)
def test_no_combination_of_what_is_told_gives_a_small_cell(year: list[dict[str, int]], now_running: int | None) -> None:
    table = [tally(counts) for counts in year]
    facts = list(published(table, now_running))
    count = {(q, cell): table[q].counts.get(cell, 0) for q in range(4) for cell in CELLS}

    for small, n in count.items():
        if 0 < n < LEAST_IN_A_CELL:
            # One person less here and one more there: another clinic that tells exactly the same.
            elsewhere = [
                other
                for other in count
                if other != small and all((small in atoms) == (other in atoms) for atoms, _ in facts)
            ]
            assert elsewhere or not any(small in atoms for atoms, _ in facts), (small, n)


@settings(max_examples=300, deadline=None)
@given(years, running)
def test_whatever_is_subtracted_from_whatever_is_told_is_nobody_or_enough(
    year: list[dict[str, int]], now_running: int | None
) -> None:
    facts = dict(published([tally(counts) for counts in year], now_running))
    for (atoms, n), (inner, m) in product(facts.items(), repeat=2):
        if inner < atoms:
            assert n - m == 0 or n - m >= LEAST_IN_A_CELL
        assert n == 0 or n >= LEAST_IN_A_CELL


@settings(max_examples=200, deadline=None)
@given(years)
def test_a_year_that_tells_its_quarters_is_their_sum(year: list[dict[str, int]]) -> None:
    table = [tally(counts) for counts in year]
    whole = told(table, range(4), running=None)
    single = [told(table, [q], running=None) for q in range(4)]
    totals = [one.total for one in single if isinstance(one, Told)]

    if isinstance(whole, Told) and not any(one is Withheld.BY_YEAR_ONLY for one in single):
        assert whole.total == sum(totals)


@given(st.dictionaries(st.sampled_from(CELLS), st.integers(0, 30)), st.integers(1, 2))
def test_fewer_than_three_therapists_are_told_of_by_no_number(counts: dict[str, int], therapists: int) -> None:
    few = [tally(counts, frozenset(UUID(int=n) for n in range(therapists))), *(Tally() for _ in range(3))]

    assert all(isinstance(told(few, asked, running=None), Withheld) for asked in ASKED)


def test_a_quarter_with_one_therapist_is_told_with_its_year_alone() -> None:
    alone = tally({"returned/link": 20}, frozenset({UUID(int=9)}))
    year = [tally({"returned/link": 20}), alone, Tally(), Tally()]

    assert told(year, [0], running=None) is Withheld.BY_YEAR_ONLY
    assert told(year, [1], running=None) is Withheld.BY_YEAR_ONLY
    whole = told(year, range(4), running=None)
    assert isinstance(whole, Told)
    assert whole.total == 40


def test_a_quarter_that_has_just_begun_does_not_silence_the_others() -> None:
    year = [tally({"returned/link": 20}), tally({"returned/link": 2}), Tally(), Tally()]

    assert told(year, [0], running=None) is Withheld.BY_YEAR_ONLY
    first, whole = told(year, [0], running=1), told(year, range(4), running=1)
    assert isinstance(first, Told)
    assert isinstance(whole, Told)
    assert first.total == whole.total == 20
    assert told(year, [1], running=1) is Withheld.TOO_FEW


@pytest.mark.parametrize(
    ("counts", "grouped"),
    [
        ({"a": 40, "b": 9}, [["a"], ["b"]]),
        ({"a": 40, "b": 2, "c": 9}, [["a"], ["b", "c"]]),
        ({"a": 40, "b": 2, "c": 3}, [["a"], ["b", "c"]]),
        ({"a": 40, "b": 2}, [["a", "b"]]),
        ({"x/a": 40, "x/b": 1, "y/a": 9}, [["x/a", "x/b"], ["y/a"]]),
        ({"x/a": 40, "y/a": 3}, [["x/a", "y/a"]]),
        ({"a": 0, "b": 12}, [["a"], ["b"]]),
    ],
)
def test_small_cells_are_told_with_the_next_smallest(counts: dict[str, int], grouped: list[list[str]]) -> None:
    assert sorted(sorted(cells) for cells in parts([counts])) == grouped
