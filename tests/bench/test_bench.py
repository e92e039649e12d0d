"""The benchmarks say what they measured; how fast anything is decides no test."""

from types import ModuleType

import pytest

from bench import measurements
from bench.booking import APART, PAIRS
from bench.figures import Better, Figure, Side, limit, percentile
from bench.load import request
from bench.measurements.api_write import OLD_STATEMENTS, SCRIPT
from bench.page import COLUMNS, Part, aim_of, number, page, table

US, THEM = Side("us", (90.0, 110.0, 100.0)), Side("them", (400.0, 200.0, 200.0))
FASTER = Figure("Sums", "sums/s", US, THEM, aim=0.4)
SOONER = Figure("Answer", "ms", Side("us", (4.0, 9.0, 5.0)), limit(4.0), Better.LESS, aim=1.0)
SHOWN = Figure("Memory", "MB", Side("us", (150.0,)), limit(300.0), Better.LESS)


@pytest.mark.parametrize("name", measurements.NAMES)
def test_every_measurement_can_be_loaded_and_says_how_it_measures(name: str) -> None:
    module: ModuleType = measurements.find(name)

    assert callable(module.measure)
    assert len((module.__doc__ or "").split()) > 30


def test_a_ratio_is_ours_through_theirs_by_the_median_runs() -> None:
    assert FASTER.ratio == 0.5
    assert SOONER.ratio == 1.25


def test_the_slowest_run_is_the_worst_one_whichever_way_is_good() -> None:
    assert (FASTER.slowest, SOONER.slowest) == (90.0, 9.0)


def test_an_aim_is_a_floor_where_more_is_better_and_a_ceiling_where_less_is() -> None:
    assert FASTER.met is True
    assert SOONER.met is False
    assert SHOWN.met is None
    assert [aim_of(one) for one in (FASTER, SOONER, SHOWN)] == ["≥ 0.4", "≤ 1", ""]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([7.0], 0.5) == 7.0


@pytest.mark.parametrize(("value", "said"), [(12345.6, "12,300"), (999.9, "1,000"), (0.04567, "0.0457"), (3.0, "3")])
def test_numbers_have_three_figures(value: float, said: str) -> None:
    assert number(value) == said


def test_the_table_has_a_row_for_each_figure_and_marks_a_missed_aim() -> None:
    lines = table([FASTER, SOONER, SHOWN]).splitlines()

    assert [line.count("|") for line in lines] == [len(COLUMNS) + 1] * 5
    assert len({len(line) for line in lines}) == 1
    assert "| 0.50" in lines[2]
    assert "met" in lines[2]
    assert "**missed**" in lines[3]


def test_the_page_names_the_machine_the_day_and_what_was_missed() -> None:
    text = page([Part("Sums", "Adds numbers.", (FASTER, SOONER), 2.0)], machine=[("Python", "3.11")], day="2026-11-23")

    assert "Measured on 2026-11-23:" in text
    assert "- Python: 3.11" in text
    assert "- Answer: 1.25 instead of ≤ 1, beside limit." in text
    assert "- Sums, sums/s: us 90 · 110 · 100; them 400 · 200 · 200." in text


def test_a_page_without_a_missed_aim_says_so() -> None:
    assert "All aims were met" in page([Part("Sums", "", (FASTER,), 1.0)], machine=[], day="2026-11-23")


def test_a_prepared_request_is_whole() -> None:
    sent = request("POST", "/v1/x", b"{}", {"Idempotency-Key": "k"})

    assert sent.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert sent.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_the_pair_apart_belongs_to_neither_side() -> None:
    assert APART >= 2 * PAIRS


def test_the_script_of_an_earlier_release_is_kept_as_it_was() -> None:
    statements = [line for line in SCRIPT.read_text().splitlines() if line and not line.startswith(("--", "\\"))]

    assert len(statements) == OLD_STATEMENTS
    assert sum("audit_head FOR UPDATE" in line for line in statements) == 1
