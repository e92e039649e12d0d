"""The registry of measures in a browser: the list, one measure, bringing its words; also without JavaScript."""

import json

import pytest

from tests.cast import CHRIS
from tests.clinic import Clinic
from tests.journeys.conftest import Browse
from tests.journeys.visitor import DESK, PHONE

pytestmark = pytest.mark.browser
WORDS = {
    "title": "Test words",
    "answers": {str(n): f"answer {n}" for n in range(1, 8)},
    "items": {f"q{n}": {"text": f"A question of our own, number {n}"} for n in range(1, 6)},
}


@pytest.mark.parametrize(("size", "scripts"), [(DESK, True), (PHONE, False)])
def test_from_the_list_to_words_of_ones_own(open_clinic: Clinic, browse: Browse, size: object, scripts: bool) -> None:
    chris = browse(size, scripts=scripts)
    chris.signs_in(CHRIS)
    chris.opens("/clinic")
    chris.follows("Measures")
    chris.sees("Import and confirm its use")
    chris.the_page_is_accessible()
    chris.the_page_does_not_scroll_sideways()
    chris.opens("/clinic/measures/core-10")
    chris.sees("question 6 is told to the clinic at once")
    chris.the_page_is_accessible()
    chris.opens("/clinic/measures/arm-5")
    chris.the_page_is_accessible()
    chris.the_page_does_not_scroll_sideways()
    chris.chooses("What you use it for", "Clinical work, not for profit")
    chris.types("Wording file", "{")
    chris.presses("Import the words")
    chris.sees_error("words", "This is not JSON: see line 1, column 2")
    chris.sees_error("licence_held", "Confirm that your clinic may use these words")
    chris.the_page_is_accessible()
    chris.types("Wording file", json.dumps(WORDS))
    chris.ticks("Our clinic may use these words")
    chris.presses("Import the words")
    chris.sees("The words are in. Forms show them from now on.")
    chris.sees("A question of our own, number 5")
    chris.the_page_is_accessible()
