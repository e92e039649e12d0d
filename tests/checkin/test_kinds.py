"""The kinds of question beside the session's own: worded ratings, places on a line, and several forms in a row."""

from typing import Any

import msgspec
import pytest

from checkin.answers import AnswerMissing, read_answers
from checkin.form import CurrentForm, Form, Item, Option, Position, ShownWhenAny
from checkin.form_flow import asked, pages_of
from checkin.presenters import QuestionPage, packet_words, review_lines

OFTEN = (Option("0", "Never"), Option("1", "Sometimes"), Option("2", "Often"))
FIRST = Item("a", "Tired?", "rating", options=OFTEN)
SECOND = Item("b", "Tense?", "rating", options=OFTEN)
HARD = Item(
    "c",
    "How hard was that?",
    "choice",
    options=(Option("not", "Not at all"), Option("very", "Very")),
    shown_when_any=ShownWhenAny(("a", "b"), 1),
)
LINE = Item("d", "And today?", "decimal", min=0, max=10, step=0.1, low_label="low", high_label="high")
FORM = Form("m", "T", "I", (FIRST, SECOND, HARD, LINE), stem="In the last weeks:")
PAGES = pages_of(FORM)


def page(item: Item) -> Any:
    return next(page for page in PAGES if page.item is item)


@pytest.mark.parametrize("code", ["0", "1", "2"])
def test_a_worded_rating_is_sent_as_its_number(code: str) -> None:
    assert read_answers(page(FIRST), {"a": code}) == {"a": int(code)}


@pytest.mark.parametrize("sent", ["", "3", "-1", "1.0", "Sometimes", "\uff11", "01"])
def test_a_rating_takes_none_but_its_own_answers(sent: str) -> None:
    with pytest.raises(AnswerMissing, match="a"):
        read_answers(page(FIRST), {"a": sent})


@pytest.mark.parametrize(("sent", "kept"), [("0", 0), ("10", 10), ("3.7", 3.7), ("3,7", 3.7), (" 10.0 ", 10)])
def test_a_place_on_a_line_may_be_typed(sent: str, kept: float) -> None:
    assert read_answers(page(LINE), {"d": sent}) == {"d": kept}


@pytest.mark.parametrize("sent", ["", "10.1", "-1", "3.75", "1e1", "nan", "inf", "\uff13", "3.", ".5", "0x1", "1_0"])
def test_what_is_no_place_on_the_line_is_never_rounded_or_guessed(sent: str) -> None:
    with pytest.raises(AnswerMissing, match="d"):
        read_answers(page(LINE), {"d": sent})


def test_how_hard_it_was_is_asked_only_after_a_difficulty() -> None:
    assert page(HARD) not in asked(PAGES, {"a": 0, "b": 0})
    assert page(HARD) not in asked(PAGES, {})
    assert page(HARD) in asked(PAGES, {"a": 0, "b": 1})


def test_the_stem_is_read_with_each_question_but_not_with_the_one_about_them_all() -> None:
    views = [QuestionPage(FORM, each, {"a": 1}, {}, {}, then_review=False) for each in PAGES]

    assert [view.stem for view in views] == ["In the last weeks:", "In the last weeks:", "", "In the last weeks:"]


def test_answers_are_shown_in_the_words_in_which_they_were_given() -> None:
    lines = review_lines(FORM, {"a": 1, "c": "very", "d": 3.7})

    assert [line.answer for line in lines] == ["Sometimes", "No answer", "Very", "3.7 of 10"]


def test_the_way_through_several_forms_is_said_in_words() -> None:
    view = QuestionPage(FORM, PAGES[0], {}, {}, {}, then_review=False, packet=Position(2, 3))

    assert view.step == "Second of three short forms: question 1 of 3"
    assert view.title == "Question 1 of 3, second of three short forms"
    assert packet_words(Position(7, 9)) == "7 of 9 short forms"


def test_what_a_form_has_to_say_before_and_on_every_page_is_read() -> None:
    item = {"id": "a", "text": "Tired?", "kind": "rating", "options": [{"code": "0", "text": "Never"}]}
    words = {
        "id": "m",
        "title": "T",
        "intro": "I",
        "items": [item],
        "stem": "S",
        "notice": "N",
        "attribution_line": "A",
    }

    said = {"state": "open", "form": words, "position": {"number": 1, "of": 2}, "risk_answered": False, "new": 1}
    current = msgspec.convert(said, CurrentForm)

    assert current.form is not None
    assert (current.form.stem, current.form.notice, current.form.attribution_line) == ("S", "N", "A")
    assert current.position == Position(1, 2)
