"""What a form costs: each call to feedback is a transaction, an audit row and a wait on somebody's phone."""

import re

from tests.checkin.conftest import Desk, Line, Phone

OPENS, READS, SAVES = "POST /v1/forms/exchange", "GET /v1/forms/current", "PUT /v1/forms/current"
SAID = {1: {"b1": "8"}, 2: {"g1": "7"}, 3: {"t1": "7"}, 4: {"e1": "6"}, 5: {"o1": "8"}}


def send(phone: Phone, number: int, **fields: str) -> str:
    """Answer as a browser does, with the fields that the page has hidden in it."""
    shown = phone.get(f"/form/{number}").text
    form = shown[shown.index('id="answer"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return phone.post(f"/form/{number}", **{**hidden, "go": "next", **fields}).text


def cost(line: Line, already: int) -> list[str]:
    return line.calls[already:]


def test_a_question_costs_two_calls_one_to_save_it_and_one_for_the_next_page(
    desk: Desk, phone: Phone, line: Line
) -> None:
    phone.begin(desk.link())
    for number, fields in SAID.items():
        phone.get(f"/form/{number}")
        already = len(line.calls) + 1  # `send` looks at the page once more, for its hidden fields

        send(phone, number, **fields)

        assert cost(line, already) == [SAVES, READS]


def test_a_skipped_question_costs_two_calls_as_well(desk: Desk, phone: Phone, line: Line) -> None:
    phone.begin(desk.link())

    assert "Question 2 of 7" in send(phone, 1, go="skip")
    assert line.calls[-2:] == [SAVES, READS]


def test_an_answer_that_is_missing_saves_nothing(desk: Desk, phone: Phone, line: Line) -> None:
    phone.begin(desk.link())

    assert "Choose a number" in send(phone, 1)
    assert SAVES not in line.calls


def test_an_answer_is_read_by_the_form_that_its_page_showed_also_after_a_restart(
    desk: Desk, phone: Phone, line: Line
) -> None:
    phone.begin(desk.link())
    phone.app.extensions["checkin"].forms = {}

    assert "Question 2 of 7" in phone.answer(1, b1="8", definition="gone").text
    assert line.calls[-3:] == [READS, SAVES, READS]


def test_two_windows_of_one_form_lose_no_answer_of_each_other(desk: Desk, phone: Phone) -> None:
    phone.begin(desk.link())
    send(phone, 2, g1="7")
    send(phone, 1, b1="8")

    assert re.search(r'value="7" checked', phone.get("/form/2").text)
    assert re.search(r'value="8" checked', phone.get("/form/1").text)
