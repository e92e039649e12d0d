"""The picture of an outcome measure: honest about its direction, its gaps and what chance could bring."""

import doctest
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from portal.areas.people.person.outcome import present_outcome
from portal.clients.feedback.outcome import MeasureOutcome, Outcome
from portal.kit.charts import outcome_words
from portal.kit.charts.figure import Figure
from portal.kit.charts.outcome import outcome_chart
from tests.portal.kit.chart_courses import NOBODY
from tests.portal.kit.outcome_courses import OUTCOMES, PHQ_9, change_of_therapist, measured, new_version, recovered
from tests.portal.kit.test_charts import SVG, drawing, marked, words

GOLDEN = Path(__file__).parent / "golden"


def drawn(found: MeasureOutcome) -> Figure:
    figure = outcome_chart(found, of="K-1042")
    assert figure is not None
    return figure


def height_of(figure: Figure, session: int) -> float:
    spot = next(
        one for one in marked(figure.svg, "pt", "client") if len(one) and f"Session {session}," in (one[0].text or "")
    )
    return float(spot.get("cy") or 0)


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_picture_is_the_one_we_looked_at_and_liked(name: str) -> None:
    kept = GOLDEN / f"outcome-{name}.svg"
    svg = str(drawn(OUTCOMES[name]).svg).replace("><", ">\n<") + "\n"
    if os.environ.get("RAPPORT_GOLDEN") == "write":
        kept.write_text(svg)

    assert svg == kept.read_text(), "look at it, then run once with RAPPORT_GOLDEN=write"


@pytest.mark.parametrize("name", OUTCOMES)
def test_a_picture_needs_no_style_and_speaks_to_assistive_technology(name: str) -> None:
    figure = drawn(OUTCOMES[name])
    root = drawing(figure.svg)
    ids = [one.get("id") for one in root.iter() if one.get("id")]

    assert "style=" not in figure.svg
    assert root.get("role") == "img"
    assert len(ids) == len(set(ids))
    assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
    assert (root[0].text, root[1].text) == (figure.title, figure.description)
    assert all(float(one.get("font-size") or 0) >= 12 for one in root.iter(f"{SVG}text"))


def test_the_examples_in_the_words_are_true() -> None:
    result = doctest.testmod(outcome_words)

    assert (result.failed, bool(result.attempted)) == (0, True)


def test_where_fewer_is_better_the_line_falls_and_the_axis_says_so() -> None:
    figure = drawn(recovered())

    assert height_of(figure, 8) > height_of(figure, 1)  # lower on the page
    assert "\u2193 better" in words(figure.svg)
    assert "fewer is better" in figure.caption


def test_where_more_is_better_the_axis_points_up() -> None:
    figure = drawn(change_of_therapist())

    assert "\u2191 better" in words(figure.svg)
    assert "more is better" in figure.caption


def test_sessions_that_did_not_ask_are_no_gaps_and_those_without_an_answer_are() -> None:
    asked = measured(PHQ_9, [18, 12, None, 9])
    planned = replace(asked.points[2], missing_reason="not_offered")

    def lines(found: MeasureOutcome) -> int:
        return len(marked(drawn(found).svg, "line", "client"))

    by_plan = replace(asked, points=(*asked.points[:2], planned, asked.points[3]))

    assert "no answer" in words(drawn(asked).svg)
    assert not re.search("not offered|no answer|too few", " ".join(words(drawn(by_plan).svg)))
    assert (len(marked(drawn(asked).svg, "missing")), len(marked(drawn(by_plan).svg, "missing"))) == (1, 0)
    assert lines(by_plan) == lines(asked) + 1


def test_the_band_is_what_chance_could_make_of_the_first_total() -> None:
    assert "chance 12\u201324" in words(drawn(recovered()).svg)
    assert "chance 0\u20139" in words(drawn(measured(PHQ_9, [3, 4])).svg)  # not beyond the scale
    assert marked(drawn(replace(recovered(), reliable_change=None)).svg, "band") == []


def test_a_measure_without_a_cut_off_has_no_line() -> None:
    assert marked(drawn(replace(recovered(), cut_off=None)).svg, "cut") == []
    assert "cut-off 10" in words(drawn(recovered()).svg)


def test_a_gap_is_not_bridged_and_has_its_reason() -> None:
    figure = drawn(recovered())

    assert [line.get("d", "").count("L") for line in marked(figure.svg, "line", "client")] == [1, 4]
    assert figure.rows[2] == ("3", "27 Jan 2026", "none", "", "no answer")


def test_the_line_goes_on_across_a_change_of_therapist_and_names_it() -> None:
    figure = drawn(change_of_therapist())

    assert len(marked(figure.svg, "line", "client")) == 1
    assert words(figure.svg).count("new therapist") == 1


def test_no_line_runs_from_one_version_of_a_measure_to_another() -> None:
    figure = drawn(new_version())

    assert [line.get("d", "").count("L") for line in marked(figure.svg, "line", "client")] == [1, 1]
    assert [row[3] for row in figure.rows] == ["", "", "0", "\u22121"]
    assert "earlier version" in figure.rows[0][-1]


def test_the_table_says_what_was_estimated_and_what_was_corrected() -> None:
    rows = drawn(recovered()).rows

    assert rows[4][2:] == ("12.9", "\u22125.1", "estimated from 1 of 2 answers")
    assert rows[6][-1] == "corrected, before: 18 (typing error)"


def test_the_panel_shows_answers_item_by_item_and_says_what_was_left_open() -> None:
    panel = present_outcome(Outcome(NOBODY, "K-1042", measures=(recovered(),)))

    items = panel.measures[0].items
    assert items is not None
    assert items.sessions == ("Session 1", "Session 5")
    assert items.rows == (("1. Little interest", ("2", "1")), ("2. Feeling down", ("1", "left open")))
    assert items.legend == "0 not at all, 1 several days, 2 nearly every day"


def test_where_words_of_others_are_shown_their_line_stands_below() -> None:
    found = recovered()
    theirs = replace(found, measure=replace(found.measure, attribution="(c) Somebody"))

    items = present_outcome(Outcome(NOBODY, "K-1042", measures=(theirs,))).measures[0].items

    assert items is not None
    assert items.attribution == "(c) Somebody"


def test_items_whose_words_are_not_here_go_by_their_number() -> None:
    found = change_of_therapist()
    answered = replace(found, points=(replace(found.points[0], answers={"q1": 4.5}),))

    items = present_outcome(Outcome(NOBODY, "K-1042", measures=(answered,))).measures[0].items

    assert items is not None
    assert items.rows == (("Item 1 (individual)", ("4.5",)),)


def test_the_panel_says_how_it_is_read_and_how_well_the_numbers_are_known() -> None:
    part = present_outcome(Outcome(NOBODY, "K-1042", measures=(recovered(),))).measures[0]

    assert part.constants == (
        "Reliable change: 6 points, 95% confidence (NHS manual).",
        "Cut-off: 10 (NHS manual; expert knowledge, not verified).",
    )
    assert part.variants == (
        "Jacobson & Truax: 3.21, beyond 1.96.",
        "Not computed, because the numbers they need are not published for this measure: Hsu, Linn & Lord.",
    )


@pytest.mark.parametrize("name", OUTCOMES)
def test_the_table_has_every_total_of_the_picture(name: str) -> None:
    figure = drawn(OUTCOMES[name])

    shown = re.findall(r"<title>Session (\d+), client: ([\d.]+)</title>", figure.svg)
    assert shown == [row[0:3:2] for row in figure.rows if row[2] != "none"]
