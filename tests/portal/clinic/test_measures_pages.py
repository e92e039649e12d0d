"""The registry in the portal: what each measure needs, who says what is known of it, and bringing its words."""

import json
from html import unescape
from typing import Any

import pytest

from services.feedback.measures.store.definitions import measures
from tests.cast import ANA, CHRIS, DANA, LEAD
from tests.clinic import Clinic
from tests.portal.browser import Browser

PATH = "/clinic/measures/arm-5"
WORDS = {
    "title": "Test words",
    "stem": "A stem of our own",
    "answers": {str(n): f"answer {n}" for n in range(1, 8)},
    "items": {f"q{n}": {"text": f"Question of our own, {n}"} for n in range(1, 6)},
}


@pytest.fixture
def chris(clinic: Clinic) -> Browser:
    browser = Browser(clinic.house.portal)
    browser.sign_in(CHRIS)
    return browser


def filled(**change: Any) -> dict[str, str]:
    return {"language": "en", "context": "clinical", "licence_held": "yes", "words": json.dumps(WORDS)} | change


def test_the_list_names_every_measure_and_what_it_needs(chris: Browser) -> None:
    page = unescape(chris.get("/clinic/measures").text)

    for measure in measures().values():
        assert measure.short_name in page
    for words in ("Needs your words", "Totals from paper", "Cannot be used yet", "Ready", "Import and confirm its use"):
        assert words in page


def test_every_measure_has_a_page_that_says_who_says_so(chris: Browser) -> None:
    for measure in measures().values():
        assert chris.get(f"/clinic/measures/{measure.id}").status == 200, measure.id
    page = chris.get("/clinic/measures/core-10").text
    assert "6 points (90% confidence). Barkham et al. 2013" in page
    assert "© CORE System Trust" in page
    assert "Test-retest reliability" in page


def test_words_that_were_brought_are_shown_and_the_import_is_kept(chris: Browser) -> None:
    page = chris.send(chris.get(PATH).form(PATH), filled()).text

    assert "The words are in." in page
    assert "Question of our own, 5" in page
    assert "en, import 1: clinical work, not for profit" in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"words": "{"}, "This is not JSON: see line 1, column 2"),
        ({"words": "[]"}, "it begins with a curly bracket"),
        ({"words": ""}, "Paste the wording file"),
        ({"words": "[" * 5_000}, "nested too deep"),
        ({"words": json.dumps(WORDS | {"items": {"q1": {"text": "x"}}})}, "items.q2: Is missing."),
        ({"licence_held": ""}, "Confirm that your clinic may use these words"),
        ({"context": ""}, "Choose what you use it for"),
        ({"context": "commercial"}, "confirm that yours does"),
        ({"language": "../crisis-information"}, "Enter the language|Use at most|Enter a language"),
    ],
)
def test_what_is_wrong_with_words_is_said_at_its_field(chris: Browser, change: dict[str, str], says: str) -> None:
    answer = chris.send(chris.get(PATH).form(PATH), filled(**change))

    assert answer.status == 422
    assert any(one in answer.text for one in says.split("|"))
    assert "The words are not here." in answer.text


def test_only_those_who_run_the_clinic_open_the_registry(clinic: Clinic) -> None:
    seen = {}
    for one in (ANA, CHRIS, DANA, LEAD):
        browser = Browser(clinic.house.portal)
        browser.sign_in(one)
        seen[one.username] = browser.get("/clinic/measures").status

    assert (seen["chris"], seen["lena"]) == (200, 200)
    assert {seen["ana"], seen["dana"]} == {403}
