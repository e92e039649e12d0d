"""The benchmarks say what they measured; how fast anything is decides no test."""

from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from bench import measurements
from bench.booking import CAPTURED, PAIRS
from bench.figures import Better, Figure, Side, limit, percentile
from bench.load import request
from bench.page import COLUMNS, Part, aim_of, number, page, table
from bench.replay import NotReplayable, literal, script

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


class Kind(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Kind.ONE, "'one'"),
        (True, "true"),
        (-3, "-3"),
        ("it's", "'it''s'"),
        (b"\x01", "'\\x01'::bytea"),
        ([], "ARRAY[]::text[]"),
        (datetime(2026, 11, 23, 9, tzinfo=UTC), "E'2026-11-23T09\\x3a00\\x3a00+00\\x3a00'::timestamptz"),
    ],
)
def test_a_replayed_parameter_holds_no_colon_that_pgbench_would_read(value: object, said: str) -> None:
    assert literal(value, {}, {}) == said


def test_a_replayed_transaction_makes_up_the_ids_that_the_request_made_up() -> None:
    made, given = UUID(int=1 << 100), UUID(int=2 << 100)
    seen: list[tuple[str, list[Any]]] = [
        ("INSERT INTO a (x, y) VALUES (%s, %s)", [(made, given), (made, 1)]),
        ("SELECT no FROM head WHERE x = %(x)s", [{"x": str(made)}]),
    ]

    lines = script(seen, {given: ":given"}, before=["\\set n 1"], fetched={"SELECT no": "head_"}).splitlines()

    fresh = "('018f0000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))"
    assert lines == [
        "\\set n 1",
        "BEGIN;",
        "\\startpipeline",
        f"INSERT INTO a (x, y) VALUES ({fresh}::uuid, :given);",
        f"INSERT INTO a (x, y) VALUES ({fresh}::uuid, 1);",
        "\\endpipeline",
        f"SELECT no FROM head WHERE x = {fresh} \\gset head_",
        "COMMIT;",
    ]


def test_what_cannot_be_replayed_is_refused() -> None:
    with pytest.raises(NotReplayable):
        literal(object(), {}, {})
    with pytest.raises(NotReplayable):
        script([("SELECT %s, %s", [(1,)])], {}, before=[], fetched={})


def test_a_prepared_request_is_whole() -> None:
    sent = request("POST", "/v1/x", b"{}", {"Idempotency-Key": "k"})

    assert sent.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert sent.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_the_captured_pair_belongs_to_neither_side() -> None:
    assert CAPTURED >= 2 * PAIRS
