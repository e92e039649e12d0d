"""The clinic's figures in the portal: each number with what it counts, or why it is not told."""

import doctest
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from portal.areas.clinic.figures import outcome
from portal.areas.clinic.figures.outcome import present_outcome
from portal.areas.clinic.figures.presenters import choices, present_figures
from portal.clients.feedback.figures import (
    Alliance,
    Clients,
    ClinicFigures,
    Completion,
    FigurePart,
    MeasureFigures,
    NhsFigures,
    Number,
    OutcomeFigures,
)
from portal.kit.charts.bars import Bar, bars_chart
from portal.kit.wording.figures import DEFINITIONS, TITLES, WHY, why_not
from portal.kit.wording.outcome_figures import CATEGORIES, NHS_SHARES, NO_THRESHOLD, SHARES
from services.feedback.measures.store.definitions import measures
from services.feedback.outcome.domain.change import Category
from services.feedback.outcome.domain.nhs import Paired
from services.feedback.reporting.domain.disclosure_control import Withheld
from services.feedback.reporting.domain.figures import Span
from services.feedback.reporting.domain.outcome_figures import FinishedTreatment, measure_figures, nhs_figures
from services.feedback.reporting.domain.periods import period
from tests.cast import CHRIS, DANA, LEAD
from tests.clinic import Clinic
from tests.portal.browser import Browser

GOLDEN = Path(__file__).parent / "golden"
BARS = [
    Bar("came back by link", 0.75, "75%", 36),
    Bar("no answer", 0.2, "20%", 10, is_open=True),
    Bar("declined or technical", 0.05, "5%", 2, is_open=True),
]


def told(**more: Number) -> ClinicFigures:
    numbers = {"repair": Number(18, 2 / 3), "days_to_repair": Number(12, 21.0), "talked_about": Number(18, 0.5)} | more
    missing = FigurePart(("declined", "technical"), 10, 0.2)
    forms = Completion("client", "after", Number(50, 0.8), (FigurePart(("link",), 40, 0.8),), (missing,))
    return ClinicFigures(date(2026, 9, 30), True, Clients(45, 5), (forms,), Alliance(**numbers))


def test_every_number_stands_with_its_n_and_what_it_counts() -> None:
    page = present_figures(told())

    assert [(card.value, card.n) for card in page.alliance] == [
        ("67%", "n = 18"),
        ("50%", "n = 18"),
        ("21 days", "n = 12"),
    ]
    assert [card.value for card in page.operation] == ["80% came back", "about 45"]
    assert all(card.definition and not card.why for card in [*page.alliance, *page.operation])


@pytest.mark.parametrize("why", list(Withheld))
def test_a_number_that_is_not_told_says_why(why: Withheld) -> None:
    [card, *_] = present_figures(told(repair=Number(None, None, why))).alliance

    assert (card.value, card.n, card.why) == ("", "", why_not(why, None))
    assert card.why
    assert card.figure is None


def test_a_share_of_which_few_are_left_over_is_told_as_at_least_so_much() -> None:
    [card, *_] = present_figures(told(repair=Number(20, 0.8, at_least=True))).alliance

    assert (card.value, card.n, card.figure) == ("at least 80%", "n = 20", None)


def measured(**more: Any) -> MeasureFigures:
    told: dict[str, Any] = {
        "n": 30,
        "shares": (Number(30, 0.7, code="improvement"), Number(30, None, "too_few", code="deterioration")),
        "parts": (FigurePart(("recovered", "improved"), 21, 0.7), FigurePart(("unchanged", "deteriorated"), 9, 0.3)),
        "effect_size": Number(30, -0.314),
    }
    return MeasureFigures("phq-9", 1, "PHQ-9", **(told | more))


def test_how_treatments_end_is_told_by_measure_with_what_cannot_be_told_and_why() -> None:
    [card] = present_outcome(OutcomeFigures((measured(),)))

    assert (card.title, card.n, card.why) == ("PHQ-9", "n = 30", "")
    assert [(line.label, line.value, line.n) for line in card.lines] == [
        ("Reliably better", "70%", "n = 30"),
        ("Reliably worse", "", "n = 30"),
        ("Effect size", "\u22120.31", "n = 30"),
    ]
    assert [line.why for line in card.lines] == ["", why_not("too_few", None), ""]
    assert all(line.definition for line in card.lines)
    assert card.figure is not None
    assert [row[0] for row in card.figure.rows] == [
        "recovered or reliably better",
        "no reliable change or reliably worse",
    ]


def test_one_reason_for_all_numbers_stands_there_once() -> None:
    few = Number(9, None, "suppressed_small_n", code="recovery")
    both = NhsFigures(9, None, (few, replace(few, code="caseness")))
    nobody = measured(n=None, why="too_few_therapists", parts=())

    [nhs, phq] = present_outcome(OutcomeFigures((nobody,), both))

    assert (nhs.why, nhs.lines) == ("Too few cases (9) for a number that would mean something.", ())
    assert (phq.why, phq.lines) == (WHY["too_few_therapists"], ())


def test_a_measure_without_a_published_change_says_so_and_versions_are_told_apart() -> None:
    [one, other] = present_outcome(OutcomeFigures((measured(shares=(), parts=()), replace(measured(), version=2))))

    assert (one.note, one.figure) == (NO_THRESHOLD, None)
    assert (one.title, other.title) == ("PHQ-9, version 1", "PHQ-9, version 2")


def test_every_share_the_service_tells_has_its_words() -> None:
    pairs = {("phq-9", 1): Paired(18, 8), ("gad-7", 1): Paired(14, 6)}
    treatments = [FinishedTreatment(0, UUID(int=n), 2, pairs) for n in range(20)]

    told = measure_figures(measures()["phq-9"], treatments, Span(range(4), None))
    both = nhs_figures(treatments, Span(range(4), None))

    assert both is not None
    assert {share.code for share in told.shares} == set(SHARES)
    assert {share.code for share in both.shares} == set(NHS_SHARES)
    assert set(Category) == set(CATEGORIES)


def test_every_period_to_choose_is_one_the_service_knows() -> None:
    for today in (date(2026, 1, 1), date(2026, 11, 25), date(2028, 2, 29)):
        offered = choices(today)
        assert len({one.words for one in offered}) == len(offered) == 7
        assert offered[0].first <= today <= offered[0].last
        for one in offered:
            assert period(one.first, one.last).first_day == one.first


def test_titles_and_definitions_go_together() -> None:
    assert set(TITLES) <= set(DEFINITIONS)
    assert doctest.testmod(outcome).failed == 0


def test_the_bars_are_the_ones_we_looked_at_and_liked() -> None:
    figure = bars_chart("forms", "Forms", BARS, caption="", label="")

    drawn = str(figure.svg).replace("><", ">\n<") + "\n"
    assert drawn == (GOLDEN / "bars.svg").read_text(), "look at it, then write it anew"
    assert figure.rows == (
        ("came back by link", "75%", "36"),
        ("no answer", "20%", "10"),
        ("declined or technical", "5%", "2"),
    )


def test_a_bar_is_as_long_as_its_share_of_the_whole() -> None:
    drawn = ET.fromstring(str(bars_chart("x", "X", BARS, caption="", label="").svg))
    widths = [float(one.get("width", "0")) for one in drawn.iter("rect")]

    assert widths[0] / widths[1] == pytest.approx(0.75 / 0.2, rel=0.01)
    assert bars_chart("x", "X", [Bar("none", 0, "0%", 0)], caption="", label="").svg.count('width="0"') == 1


def test_a_manager_reads_how_forms_come_back_and_a_lead_what_becomes_of_ruptures(clinic: Clinic) -> None:
    pages = {}
    for one in (CHRIS, LEAD, DANA):
        browser = Browser(clinic.house.portal)
        browser.sign_in(one)
        pages[one.username] = browser.get("/clinic/figures")

    assert {name: page.status for name, page in pages.items()} == {"chris": 200, "lena": 200, "dana": 403}
    assert "What becomes of ruptures" in pages["lena"].text
    assert "Ruptures" not in pages["chris"].text
    assert "What becomes" not in pages["chris"].text
    assert "Nothing to count in this period." in pages["chris"].text
